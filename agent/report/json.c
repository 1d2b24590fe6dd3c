/* The report as JSON. The shape is a promise: docs/schema/host.schema.json. */
#include "../base/json.h"

#include "report.h"

#define EXCERPT_MAX 512		     /* bytes of valid UTF-8 */
#define DIFF_MAX ((size_t)256 << 10) /* bytes */

static json_t *text(struct hp_arena *a, const char *s)
{
	return s ? json_string(hp_clean_text(a, hp_str(s), 4096, NULL)) : json_null();
}

static void set(struct hp_arena *a, json_t *object, const char *key, const char *value)
{
	(void)json_object_set_new(object, key, text(a, value));
}

static json_t *tri(enum hp_needed n)
{
	return n == HP_CANNOT_TELL ? json_null() : json_boolean(n == HP_NEEDED);
}

static json_t *host(struct hp_arena *a, const struct hp_report *r)
{
	json_t *h = json_object(), *esx = json_object(), *boot = json_object();
	set(a, h, "name", r->host.name);
	set(a, h, "uuid", r->host.uuid);
	set(a, h, "vendor", r->host.vendor);
	set(a, h, "model", r->host.model);
	set(a, h, "serial", r->host.serial);
	set(a, esx, "product", r->host.product);
	set(a, esx, "version", r->host.version);
	set(a, esx, "build", r->host.build);
	set(a, boot, "id", r->host.boot_id);
	(void)json_object_set_new(boot, "uptime_s",
				  r->host.uptime_s < 0 ? json_null() : json_integer(r->host.uptime_s));
	(void)json_object_set_new(boot, "quick_boot", tri(r->host.quick_boot));
	(void)json_object_set_new(h, "esx", esx);
	(void)json_object_set_new(h, "boot", boot);
	return h;
}

/* The start of a record, or as much around its focus as there is room for, from a line's start on. */
static struct hp_str excerpt_of(const struct hp_evidence *e)
{
	struct hp_str r = e->record;
	if (r.n <= EXCERPT_MAX || !e->focus.p || e->focus.p + e->focus.n <= r.p + EXCERPT_MAX)
		return r;
	size_t from = (size_t)(e->focus.p - r.p);
	size_t back = e->focus.n < EXCERPT_MAX / 2 ? EXCERPT_MAX / 2 : 0;
	size_t least = from > back ? from - back : 0;
	while (from > least && r.p[from - 1] != '\n')
		from--;
	for (size_t line = from; line > least;) {
		if (r.p[--line] == '\n')
			from = line + 1;
	}
	return hp_str_sub(r, from, r.n);
}

static json_t *evidence(struct hp_arena *a, const struct hp_evidence *e)
{
	bool truncated;
	json_t *o = json_object();
	struct hp_str part = excerpt_of(e);
	const char *excerpt = hp_clean_text(a, part, EXCERPT_MAX, &truncated);
	set(a, o, "source", e->source);
	set(a, o, "excerpt", excerpt);
	(void)json_object_set_new(o, "truncated", json_boolean(truncated || part.n != e->record.n));
	return o;
}

static json_t *finding(struct hp_arena *a, const struct hp_finding *f)
{
	json_t *o = json_object(), *list = json_array(), *remedy = json_object();
	set(a, o, "check", f->check);
	set(a, o, "subject", f->subject);
	set(a, o, "state", hp_state_word(f->state));
	set(a, o, "severity", hp_severity_word(f->severity));
	set(a, o, "title", f->title);
	set(a, o, "want", f->want);
	set(a, o, "now", f->now);
	set(a, o, "next", f->next);
	set(a, o, "text", f->text);
	for (size_t i = 0; i < f->evidence_count; i++)
		(void)json_array_append_new(list, evidence(a, &f->evidence[i]));
	(void)json_object_set_new(o, "evidence", list);
	set(a, remedy, "text", f->remedy.text);
	set(a, remedy, "command", f->remedy.command);
	(void)json_object_set_new(remedy, "fixable", json_boolean(f->remedy.fixable));
	set(a, remedy, "reboot", hp_reboot_word(f->remedy.reboot));
	(void)json_object_set_new(o, "remedy", remedy);
	(void)json_object_set_new(o, "waiver", json_null());
	return o;
}

json_t *hp_report_reboot_json(struct hp_arena *a, const struct hp_report *r)
{
	hp_json_use(a);
	json_t *o = json_object(), *list = json_array();
	for (size_t i = 0; i < r->reboot.count; i++) {
		json_t *reason = json_object();
		set(a, reason, "check", r->reboot.reasons[i].check);
		set(a, reason, "subject", r->reboot.reasons[i].subject);
		set(a, reason, "text", r->reboot.reasons[i].text);
		(void)json_array_append_new(list, reason);
	}
	(void)json_object_set_new(o, "required", tri(r->reboot.required));
	set(a, o, "kind", hp_reboot_word(r->reboot.kind));
	(void)json_object_set_new(o, "reasons", list);
	return o;
}

static json_t *changes(struct hp_arena *a, const struct hp_report *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->change_count; i++) {
		const struct hp_change *c = &r->changes[i];
		json_t *o = json_object();
		set(a, o, "check", c->check);
		set(a, o, "subject", c->subject);
		set(a, o, "setting", c->setting);
		set(a, o, "now", c->now);
		set(a, o, "from", c->from);
		set(a, o, "to", c->to);
		set(a, o, "command", c->command);
		(void)json_object_set_new(
		    o, "diff", c->diff ? json_string(hp_clean_text(a, hp_str(c->diff), DIFF_MAX, NULL)) : json_null());
		set(a, o, "reboot", hp_reboot_word(c->reboot));
		set(a, o, "disturbs", c->disturbs);
		set(a, o, "result", hp_result_word(c->result));
		set(a, o, "text", c->text);
		(void)json_array_append_new(list, o);
	}
	return list;
}

static json_t *names(struct hp_arena *a, const char *const *keys, const char *const *values, size_t n)
{
	json_t *o = json_object();
	for (size_t i = 0; i < n; i++)
		set(a, o, keys[i], values[i]);
	return o;
}

static json_t *summary(const struct hp_report *r)
{
	json_t *o = json_object();
	for (int i = 0; i < HP_STATES; i++)
		(void)json_object_set_new(o, hp_state_word((enum hp_state)i), json_integer(r->summary[i]));
	(void)json_object_set_new(o, "waived", json_integer(0));
	return o;
}

static json_t *errors(struct hp_arena *a, const struct hp_report *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->error_count; i++) {
		json_t *o = json_object();
		set(a, o, "where", r->errors[i].where);
		set(a, o, "text", r->errors[i].text);
		(void)json_array_append_new(list, o);
	}
	return list;
}

json_t *hp_report_document(struct hp_arena *a, const struct hp_report *r)
{
	static const char *const tool_keys[] = {"name", "version", "commit"};
	static const char *const policy_keys[] = {"name", "source", "sha256"};
	static const char *const selection_keys[] = {"only", "skip", "tag", "fail_on"};
	const char *tool[] = {r->tool.name, r->tool.version, r->tool.commit};
	const char *policy[] = {r->policy.name, r->policy.source, r->policy.sha256};
	const char *selection[] = {r->selection.only, r->selection.skip, r->selection.tag,
				   hp_severity_word(r->fail_on)};
	hp_json_use(a);
	json_t *o = json_object(), *findings = json_array();
	for (size_t i = 0; i < r->finding_count; i++)
		(void)json_array_append_new(findings, finding(a, &r->findings[i]));
	set(a, o, "schema", HP_SCHEMA);
	set(a, o, "schema_version", HP_SCHEMA_VERSION);
	set(a, o, "scan_id", r->scan_id);
	set(a, o, "command", r->command);
	(void)json_object_set_new(o, "tool", names(a, tool_keys, tool, 3));
	(void)json_object_set_new(o, "policy", names(a, policy_keys, policy, 3));
	(void)json_object_set_new(o, "host", host(a, r));
	set(a, o, "started", r->started);
	set(a, o, "finished", r->finished);
	(void)json_object_set_new(o, "duration_ms", json_integer((json_int_t)r->duration_ms));
	(void)json_object_set_new(o, "complete", json_boolean(r->complete));
	(void)json_object_set_new(o, "selection", names(a, selection_keys, selection, 4));
	set(a, o, "verdict", r->verdict);
	(void)json_object_set_new(o, "exit_code", json_integer(r->exit_code));
	(void)json_object_set_new(o, "reboot", hp_report_reboot_json(a, r));
	(void)json_object_set_new(o, "summary", summary(r));
	(void)json_object_set_new(o, "findings", findings);
	(void)json_object_set_new(o, "changes", changes(a, r));
	set(a, o, "plan", r->plan);
	set(a, o, "run", r->run);
	set(a, o, "reboot_since", r->reboot.since);
	(void)json_object_set_new(o, "errors", errors(a, r));
	return o;
}

struct hp_str hp_report_json(struct hp_arena *a, const struct hp_report *r)
{
	return hp_json_text(a, hp_report_document(a, r));
}
