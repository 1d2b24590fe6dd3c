#include "run_dir.h"

#include <errno.h>

#include "../base/json.h"
#include "../base/num.h"
#include "../io/clock.h"
#include "../io/file.h"

#define TOKEN_LENGTH 36
#define REPORT_LIMIT ((size_t)8 << 20)

const char *hp_uuid(struct hp_arena *a)
{
	unsigned char u[16];
	struct hp_buf b = hp_buf(a);
	if (!hp_random(u)) {
		uint64_t seed = (uint64_t)hp_wall_ms() * 6364136223846793005u + hp_now_ms();
		for (int i = 0; i < 16; i++)
			u[i] = (unsigned char)((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
	}
	u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
	u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		hp_putf(&b, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
	return hp_built_text(&b);
}

static const char *path(struct hp_arena *a, const char *root, const char *name)
{
	return hp_format(a, "%s/var/run/hostprep%s%s", root ? root : "", *name ? "/" : "", name);
}

static const char *read_token(struct hp_arena *a, const char *file)
{
	struct hp_str bytes;
	uint64_t digit;
	if (hp_file_read(a, file, 64, &bytes, NULL) != 0)
		return NULL;
	bytes = hp_str_trim(bytes);
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i] != '-' && !hp_number(hp_str_sub(bytes, i, i + 1), 16, 15, &digit))
			return NULL;
	return bytes.n == TOKEN_LENGTH ? hp_copy(a, bytes) : NULL;
}

/* Of runs that begin side by side one makes the token, and the others may find it before it is written. */
const char *hp_boot_token(struct hp_arena *a, const char *root)
{
	const char *file = path(a, root, "boot");
	const char *token = read_token(a, file);
	if (token || !hp_dir_make(path(a, root, "")))
		return token;
	const char *fresh = hp_uuid(a);
	if (hp_file_claim(file, hp_str(hp_format(a, "%s\n", fresh))))
		return fresh;
	for (int tries = 0; tries < 10 && !token; tries++) {
		hp_sleep_ms(10);
		token = read_token(a, file);
	}
	if (!token && hp_file_replace(a, file, hp_str(hp_format(a, "%s\n", fresh))))
		token = fresh; /* what stood there was damaged */
	return token;
}

void hp_last_report_save(struct hp_arena *a, const char *root, struct hp_str json, struct hp_str text)
{
	if (hp_dir_make(path(a, root, "")) && hp_file_replace(a, path(a, root, "last-report.txt"), text))
		(void)hp_file_replace(a, path(a, root, "last-report.json"), json);
}

bool hp_last_report_load(struct hp_arena *a, const char *root, struct hp_last_report *ret)
{
	const char *json = path(a, root, "last-report.json");
	ret->age_s = hp_file_age_s(json);
	return hp_file_read(a, json, REPORT_LIMIT, &ret->json, NULL) == 0 &&
	       hp_file_read(a, path(a, root, "last-report.txt"), REPORT_LIMIT, &ret->text, NULL) == 0;
}

struct marker {
	const char *since; /* NULL: there is none */
	enum hp_reboot kind;
};

static struct marker read_marker(struct hp_arena *a, const char *file)
{
	struct marker m = {.since = NULL};
	struct hp_str bytes;
	if (hp_file_read(a, file, REPORT_LIMIT, &bytes, NULL) != 0)
		return m;
	const json_t *o = hp_json_parse(a, bytes, NULL);
	const char *since = json_string_value(json_object_get(o, "since"));
	const char *kind = json_string_value(json_object_get(o, "kind"));
	if (since && kind && hp_reboot_find(hp_str(kind), &m.kind))
		m.since = hp_clean_text(a, hp_str(since), 32, NULL);
	return m;
}

const char *hp_marker_keep(struct hp_arena *a, const char *root, const struct hp_report *r)
{
	const char *file = path(a, root, "reboot-required");
	struct marker old = read_marker(a, file);
	if (r->reboot.required == HP_CANNOT_TELL)
		return old.since;
	if (r->reboot.required == HP_NOT_NEEDED) {
		/* Of a selection this says little: what was not looked at may be why the marker is there. */
		if (r->complete && hp_file_exists(file))
			(void)hp_file_remove(file);
		return NULL;
	}
	if (!r->complete && old.since && old.kind >= r->reboot.kind)
		return old.since;
	const char *since = old.since ? old.since : r->finished;
	json_t *o = hp_report_reboot_json(a, r);
	(void)json_object_set_new(o, "since", json_string(since));
	(void)json_object_set_new(o, "boot", r->host.boot_id ? json_string(r->host.boot_id) : json_null());
	(void)json_object_set_new(o, "written", json_string(r->finished));
	if (hp_dir_make(path(a, root, "")))
		(void)hp_file_replace(a, file, hp_json_text(a, o));
	return since;
}

int hp_run_lock(struct hp_arena *a, const char *root, const char *holder, const char **ret_holder)
{
	*ret_holder = NULL;
	errno = ENOENT;
	if (!hp_dir_make(path(a, root, "")))
		return errno ? errno : ENOENT;
	return hp_file_lock(a, path(a, root, "lock"), hp_str(holder), ret_holder);
}
