#include "apply_door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE (sizeof((struct apply_door *)0)->queue / sizeof(struct hp_call *))

static struct hp_reply answer(const char *out)
{
	return (struct hp_reply){.end = HP_END_EXIT, .out = hp_str(out), .size = strlen(out)};
}

static struct hp_reply answer_code(int code, const char *out)
{
	struct hp_reply r = answer(out);
	r.code = code;
	return r;
}

struct hp_recorded *apply_reply(struct apply_door *d, const char *key)
{
	for (size_t i = 0; i < d->host.count; i++)
		if (strcmp(d->host.calls[i].key, key) == 0)
			return &d->host.calls[i];
	return NULL;
}

/* Bytes `from` to `to` of a reply become others. */
static void splice(struct hp_arena *a, struct hp_reply *r, size_t from, size_t to, const char *with)
{
	struct hp_buf b = hp_buf(a);
	hp_put(&b, hp_str_sub(r->out, 0, from));
	hp_puts(&b, with);
	hp_put(&b, hp_str_sub(r->out, to, r->out.n));
	r->out = hp_built(&b);
	r->size = r->out.n;
}

/* ---- kernel settings ---- */

/* "structure[3].SettingsKernel.Configured.string=FALSE": where its value stands, for the structure whose name is
 * `name`. */
static bool configured(struct hp_str bytes, const char *name, size_t *ret_from, size_t *ret_to)
{
	struct hp_str rest = bytes, line;
	size_t from = 0, to = 0;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		const char *value = memchr(line.p, '=', line.n);
		if (!value)
			continue;
		struct hp_str key = hp_str_sub(line, 0, (size_t)(value - line.p));
		struct hp_str text = hp_str_sub(line, key.n + 1, line.n);
		if (hp_str_ends(key, ".Configured.string")) {
			from = (size_t)(text.p - bytes.p);
			to = from + text.n;
		} else if (hp_str_ends(key, ".Name.string") && hp_str_eq(text, name)) {
			*ret_from = from; /* Configured stands before Name */
			*ret_to = to;
			return from > 0;
		}
	}
	return false;
}

static struct hp_reply set_kernel(struct apply_door *d, const struct hp_call *call, bool *ret_took)
{
	struct hp_recorded *list = apply_reply(d, APPLY_KERNEL);
	size_t from, to;
	if (!list || list->reply.end != HP_END_EXIT || list->reply.code)
		return answer_code(1, "Connect to localhost failed: Connection failure.\n");
	if (!configured(list->reply.out, call->argv[6], &from, &to))
		return answer_code(1, "Invalid Key: the kernel has no such setting.\n");
	if (!d->moods.deaf) {
		splice(d->arena, &list->reply, from, to, call->argv[8]);
		*ret_took = true;
	}
	return answer("");
}

/* ---- HCAs ---- */

/* The last value of the row ATS_ENABLED. */
static bool next_boot(struct hp_str bytes, size_t *ret_from, size_t *ret_to)
{
	struct hp_str rest = bytes, line, word;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		struct hp_str words = line;
		if (!hp_str_has(line, " ATS_ENABLED "))
			continue;
		while (hp_next_word(&words, &word)) {
			*ret_from = (size_t)(word.p - bytes.p);
			*ret_to = *ret_from + word.n;
		}
		return true;
	}
	return false;
}

static const char *device_block(struct hp_arena *a, const char *device)
{
	return hp_format(a,
			 "\nDevice #1:\n----------\n\nDevice type:        ConnectX7           \n"
			 "Name:               MCX75310AAS-NEA_Ax  \n"
			 "Description:        NVIDIA ConnectX-7 HHHL Adapter card; 400GbE / NDR IB (default mode)\n"
			 "Device:             %-20s\n\n",
			 device);
}

static struct hp_reply set_hca(struct apply_door *d, const struct hp_call *call, bool *ret_took)
{
	struct hp_arena *a = d->arena;
	const char *device = call->argv[2], *value = strchr(call->argv[5], '=') + 1;
	const char *word = strcmp(value, "1") == 0 ? "True(1)" : "False(0)";
	struct hp_recorded *query =
	    apply_reply(d, hp_format(a, "run opt/mellanox/bin/mlxconfig -d %s -e query ATS_ENABLED", device));
	const char *head = device_block(a, device);
	size_t from = 0, to = 0;
	if (d->moods.busy) {
		d->moods.busy--;
		return answer_code(3, hp_format(a, "%s-E- Failed to get nv_pci_conf settings: device is busy\n", head));
	}
	if (!query || !next_boot(query->reply.out, &from, &to))
		return answer_code(3, "-E- Failed to open the device\n");
	const char *old = hp_copy(a, hp_str_sub(query->reply.out, from, to));
	if (!d->moods.deaf) {
		splice(a, &query->reply, from, to, word);
		*ret_took = true;
	}
	return answer(
	    hp_format(a,
		      "%sConfigurations:                                          Next Boot       New\n"
		      "        %-44s%-20s %-20s \n\n Apply new Configuration? (y/n) [n] : y\nApplying... Done!\n"
		      "-I- Please %s machine to load new configurations.\n",
		      head, "ATS_ENABLED", old, word, d->moods.power_cycle ? "power cycle" : "reboot"));
}

/* ---- the rest ---- */

static struct hp_reply edit(struct apply_door *d, const struct hp_call *call, bool *ret_took)
{
	struct hp_recorded *file = apply_reply(d, hp_format(d->arena, "file %s", call->path));
	if (!file || file->reply.end != HP_END_EXIT)
		return (struct hp_reply){.end = HP_END_NOT_FOUND, .code = ENOENT};
	if (d->moods.edit_fails)
		return (struct hp_reply){.end = HP_END_NOT_STARTED, .code = EROFS};
	if (!hp_str_same(file->reply.out, call->was))
		return (struct hp_reply){.end = HP_END_CHANGED};
	if (!d->moods.deaf) {
		splice(d->arena, &file->reply, 0, file->reply.out.n, hp_copy(d->arena, call->becomes));
		*ret_took = true;
	}
	return answer("");
}

static struct hp_reply auto_backup(struct apply_door *d, bool *ret_took)
{
	if (d->moods.backup_end != HP_END_EXIT || d->moods.backup_code)
		return (struct hp_reply){.end = d->moods.backup_end, .code = d->moods.backup_code};
	struct hp_recorded *state = apply_reply(d, APPLY_STATE);
	*ret_took = state && !d->moods.backup_idle;
	if (state && !d->moods.backup_idle)
		state->reply = answer(hp_format(d->arena, "file 65536 1795316%03u000000000 9 644 1\n", ++d->archives));
	return answer("");
}

static bool argv_is(const struct hp_call *call, const char *const *words)
{
	size_t i = 0;
	for (; words[i] && call->argv[i]; i++)
		if (*words[i] && strcmp(words[i], call->argv[i]) != 0)
			return false;
	return !words[i] && !call->argv[i];
}

static struct hp_reply write_to_host(struct apply_door *d, const struct hp_call *call)
{
	static const char *const kernel[] = {"bin/esxcli", "system", "settings", "kernel", "set",
					     "-s",	   "",	     "-v",	 "",	   NULL};
	static const char *const hca[] = {"opt/mellanox/bin/mlxconfig", "-d", "", "-y", "set", "", NULL};
	static const char *const backup[] = {"sbin/auto-backup.sh", NULL};
	struct apply_write w = {
	    .kind = call->kind, .text = hp_call_text(d->arena, call), .was = call->was, .becomes = call->becomes};
	struct hp_reply r = answer_code(127, "");
	if (d->moods.late) /* it was not started: no write */
		return (struct hp_reply){.end = HP_END_CANCELLED};
	if (call->kind == HP_CALL_EDIT)
		r = edit(d, call, &w.took);
	else if (argv_is(call, kernel))
		r = set_kernel(d, call, &w.took);
	else if (argv_is(call, hca))
		r = set_hca(d, call, &w.took);
	else if (argv_is(call, backup))
		r = auto_backup(d, &w.took);
	d->writes = hp_grow(d->arena, d->writes, d->count, d->count + 1, sizeof *d->writes);
	d->writes[d->count++] = w;
	return r;
}

static void door_submit(struct hp_door *door, const struct hp_call *call, unsigned id)
{
	struct apply_door *d = (struct apply_door *)door;
	if (d->given == d->submitted)
		d->given = d->submitted = 0;
	if (d->submitted == QUEUE) {
		printf("the door's queue is full\n");
		abort();
	}
	d->ids[d->submitted] = id;
	d->queue[d->submitted++] = call;
}

static bool door_wait(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret)
{
	struct apply_door *d = (struct apply_door *)door;
	if (d->given == d->submitted)
		return false;
	const struct hp_call *call = d->queue[d->given];
	*ret_id = d->ids[d->given++];
	if (call->writes || call->kind == HP_CALL_EDIT) {
		*ret = write_to_host(d, call);
		return true;
	}
	const char *key = hp_call_key(d->arena, call);
	const struct hp_recorded *found = apply_reply(d, key);
	if (call->kind == HP_CALL_RUN && strcmp(call->argv[0], "bin/logger") == 0) {
		d->logged++;
		*ret = answer("");
	} else if (d->fault.key && d->phase == d->fault.phase && strcmp(d->fault.key, key) == 0) {
		*ret = d->fault.reply;
	} else {
		*ret = found ? found->reply : (struct hp_reply){.end = HP_END_NOT_RECORDED};
	}
	return true;
}

static void add_unless(struct apply_door *d, const char *key, const char *out)
{
	struct hp_reply r = answer(out);
	if (!apply_reply(d, key))
		hp_capture_add(d->arena, &d->host, key, &r);
}

struct apply_door *apply_door(struct hp_arena *a, const struct hp_capture *c)
{
	struct apply_door *d = hp_alloc(a, sizeof *d);
	d->door = (struct hp_door){door_submit, door_wait};
	d->arena = a;
	d->host = *c;
	d->host.calls = hp_grow(a, c->calls, c->count, c->count + 16, sizeof *c->calls);
	d->host.room = c->count + 16;
	add_unless(d, APPLY_MAINTENANCE, "Enabled\n");
	add_unless(d, APPLY_VMS, "");
	add_unless(d, APPLY_IMAGE, "");
	add_unless(d, APPLY_BOOTBANK, "link /vmfs/volumes/0a1b2c3d-4e5f6071-8293-a4b5c6d7e8f9\n");
	add_unless(d, APPLY_BOOTBANK_FOLDER, "dir\n");
	add_unless(d, APPLY_MARKER, "file 0 1795316000000000000 7 1644 1\n");
	add_unless(d, APPLY_STATE, "file 65536 1795316000000000000 9 644 1\n");
	return d;
}
