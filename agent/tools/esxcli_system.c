/* esxcli: the host itself. Facts of the subject "host". */
#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"

static void put_one(struct hp_asking *asking, const char *name, struct hp_str text, const char *source,
		    struct hp_str record)
{
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, name);
	f->now = hp_present(hp_clean_text(asking->arena, text, 256, NULL));
	f->evidence[0] = hp_evidence(source, record);
}

static void no_data(struct hp_asking *asking, const char *name, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, HP_HOST, name)->now = hp_no_data(why, hint);
}

/* ---- system version get ----
 * 8.0.3 prints Product, Version, Build, Update, Patch; 9.0 adds Maintenance between Update and Patch, and still calls
 * itself "VMware ESXi" (transcript of ESX 9.0.0). All five must be there: a record that was cut lacks one. */

static const char *version_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	static const char *const needed[] = {"product", "version", "build", "update", "patch"};
	const struct hp_record *r = all->records[0];
	struct hp_str values[5], build;
	struct hp_version version;
	uint64_t n;
	if (all->count != 1)
		return "printed more than one version";
	for (size_t i = 0; i < 5; i++)
		if (!hp_record_get(r, needed[i], &values[i]) || !values[i].n)
			return hp_format(asking->arena, "printed no %s", needed[i]);
	build = values[2];
	for (size_t i = 0; i < build.n; i++)
		if (build.p[i] == '-')
			build = hp_str_sub(build, i + 1, build.n); /* "Releasebuild-24755229" */
	if (!hp_version(values[1], &version) || !hp_number(build, 10, UINT32_MAX, &n))
		return "printed a version or build that is no number";
	put_one(asking, "esx.product", values[0], source, r->bytes);
	put_one(asking, "esx.version", values[1], source, r->bytes);
	put_one(asking, "esx.build", build, source, r->bytes);
	return NULL;
}

static void version_none(struct hp_asking *asking, const char *why, const char *hint)
{
	no_data(asking, "esx.version", why, hint);
	no_data(asking, "esx.build", why, hint);
	no_data(asking, "esx.product", why, hint);
}

static const struct hp_esxcli_topic version_topic = {
    .words = {"system", "version", "get"}, .records = version_records, .none = version_none};
const struct hp_ask hp_ask_esx_version = {
    .name = "esx-version", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &version_topic};

/* ---- system hostname get ---- */

static const char *hostname_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	struct hp_str full, host;
	const struct hp_record *r = all->records[0];
	if (!hp_record_get(r, "hostname", &host) || !host.n)
		return "printed no host name";
	bool has_full = hp_record_get(r, "fullyqualifieddomainname", &full) && full.n;
	put_one(asking, "hostname", has_full ? full : host, source, r->bytes);
	return NULL;
}

static void hostname_none(struct hp_asking *asking, const char *why, const char *hint)
{
	no_data(asking, "hostname", why, hint);
}

static const struct hp_esxcli_topic hostname_topic = {
    .words = {"system", "hostname", "get"}, .records = hostname_records, .none = hostname_none};
const struct hp_ask hp_ask_hostname = {
    .name = "hostname", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &hostname_topic};

/* ---- hardware platform get ---- */

static const char *platform_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	static const struct {
		const char *field, *fact;
	} wanted[] = {{"vendorname", "vendor"}, {"productname", "model"}, {"serialnumber", "serial"}};
	const struct hp_record *r = all->records[0];
	struct hp_str value;
	size_t found = 0;
	for (size_t i = 0; i < 3; i++) {
		if (!hp_record_get(r, wanted[i].field, &value))
			continue;
		put_one(asking, wanted[i].fact, value, source, r->bytes);
		found++;
	}
	return found ? NULL : "printed no vendor, product or serial number";
}

static void platform_none(struct hp_asking *asking, const char *why, const char *hint)
{
	no_data(asking, "vendor", why, hint);
	no_data(asking, "model", why, hint);
	no_data(asking, "serial", why, hint);
}

static const struct hp_esxcli_topic platform_topic = {
    .words = {"hardware", "platform", "get"}, .records = platform_records, .none = platform_none};
const struct hp_ask hp_ask_platform = {
    .name = "platform", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &platform_topic};

/* ---- scalars: asked without a formatter ---- */

static const char *uuid_scalar(struct hp_asking *asking, struct hp_str text, const char *source)
{
	struct hp_str value = hp_str_trim(text);
	for (size_t i = 0; i < value.n; i++) {
		uint64_t n;
		if (value.p[i] != '-' && !hp_number(hp_str_sub(value, i, i + 1), 16, 15, &n))
			return "printed no UUID";
	}
	if (value.n < 32 || value.n > 40)
		return "printed no UUID";
	put_one(asking, "uuid", value, source, text);
	return NULL;
}

static void uuid_none(struct hp_asking *asking, const char *why, const char *hint)
{
	no_data(asking, "uuid", why, hint);
}

static const struct hp_esxcli_topic uuid_topic = {
    .words = {"system", "uuid", "get"}, .scalar = uuid_scalar, .none = uuid_none};
const struct hp_ask hp_ask_uuid = {
    .name = "uuid", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &uuid_topic};

/* A bare integer, microseconds (esxcli help of 8.0.1); many pages say seconds. */
static const char *uptime_scalar(struct hp_asking *asking, struct hp_str text, const char *source)
{
	struct hp_str value = hp_str_trim(text);
	uint64_t n;
	if (!hp_number(value, 10, UINT64_MAX / 10, &n))
		return "printed no number";
	put_one(asking, "uptime-us", value, source, text);
	return NULL;
}

static void uptime_none(struct hp_asking *asking, const char *why, const char *hint)
{
	no_data(asking, "uptime-us", why, hint);
}

static const struct hp_esxcli_topic uptime_topic = {
    .words = {"system", "stats", "uptime", "get"}, .scalar = uptime_scalar, .none = uptime_none};
const struct hp_ask hp_ask_uptime = {
    .name = "uptime", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &uptime_topic};

/* ---- vm process list ----
 * Empty output is an answer: no VM runs. Each VM is a block: its display name, then fields that are indented by three
 * blanks, "World ID:" and "Display Name:" among them. The answer opens a gate, so a block without its World ID, and any
 * text that is no block, makes it no data. */

#define VM_NAMES_MAX 512 /* bytes */

struct vms {
	unsigned count;
	bool open, known; /* in a block; its World ID was there */
	bool odd;	  /* something is of an unknown form */
	struct hp_str name;
	struct hp_buf names;
};

static void end_vm(struct vms *v)
{
	if (v->open && v->known) {
		hp_puts(&v->names, v->count++ ? ", " : "");
		hp_put(&v->names, v->name);
	}
	v->odd = v->odd || (v->open && !v->known);
	v->open = v->known = false;
}

static void read_vm_line(struct vms *v, struct hp_str line)
{
	static const char world[] = "   World ID: ", name[] = "   Display Name: ";
	uint64_t id;
	if (!hp_str_trim(line).n) {
		end_vm(v);
	} else if (line.p[0] != ' ') {
		end_vm(v);
		v->open = true;
		v->name = hp_str_trim(line);
	} else if (hp_str_starts(line, world)) {
		struct hp_str number = hp_str_trim(hp_str_sub(line, sizeof world - 1, line.n));
		v->odd = v->odd || !v->open || v->known || !hp_number(number, 10, UINT64_MAX / 10, &id);
		v->known = true;
	} else {
		v->odd = v->odd || !v->open || !hp_str_starts(line, "   ") || !hp_str_has_byte(line, ':');
		if (hp_str_starts(line, name))
			v->name = hp_str_trim(hp_str_sub(line, sizeof name - 1, line.n));
	}
}

static const char *vms_scalar(struct hp_asking *asking, struct hp_str text, const char *source)
{
	struct hp_arena *a = asking->arena;
	struct vms v = {.names = hp_buf(a)};
	struct hp_str rest = text, line;
	bool ended, truncated;
	while (hp_next_line(&rest, &line, &ended))
		read_vm_line(&v, line);
	end_vm(&v);
	if (v.odd || (text.n && !v.count))
		return "printed text of an unknown form";
	put_one(asking, "running-vms", hp_str(hp_format(a, "%u", v.count)), source, text);
	const char *names = hp_clean_text(a, hp_built(&v.names), VM_NAMES_MAX, &truncated);
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, "running-vm-names");
	f->now = hp_present(truncated ? hp_format(a, "%s...", names) : names);
	f->evidence[0] = hp_evidence(source, text);
	return NULL;
}

static void vms_none(struct hp_asking *asking, const char *why, const char *hint)
{
	no_data(asking, "running-vms", why, hint);
	no_data(asking, "running-vm-names", why, hint);
}

static const struct hp_esxcli_topic vms_topic = {
    .words = {"vm", "process", "list"}, .empty_ok = true, .scalar = vms_scalar, .none = vms_none};
const struct hp_ask hp_ask_running_vms = {
    .name = "running-vms", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &vms_topic};
