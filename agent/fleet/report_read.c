#include "report_read.h"

#include <limits.h>
#include <string.h>

#include "../base/when.h"
#include "report_findings.h"
#include "row.h"

static void read_boot(struct hp_pull *j, struct hp_report *r)
{
	struct hp_str key;
	struct hp_seen seen = {0};
	bool quick;
	r->host.uptime_s = -1;
	r->host.quick_boot = HP_CANNOT_TELL;
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_is(j, key, "id", &seen, 0)) {
			(void)hp_pull_text(j, &r->host.boot_id);
		} else if (hp_pull_is(j, key, "uptime_s", &seen, 1)) {
			if (!hp_pull_null(j))
				(void)hp_pull_number(j, &r->host.uptime_s);
		} else if (hp_pull_is(j, key, "quick_boot", &seen, 2)) {
			if (!hp_pull_null(j) && hp_pull_bool(j, &quick))
				r->host.quick_boot = quick ? HP_NEEDED : HP_NOT_NEEDED;
		} else {
			(void)hp_pull_skip(j);
		}
	}
}

static void read_host(struct hp_pull *j, struct hp_report *r)
{
	const struct hp_pull_text_member texts[] = {{"name", &r->host.name, false},
						    {"uuid", &r->host.uuid, false},
						    {"vendor", &r->host.vendor, false},
						    {"model", &r->host.model, false},
						    {"serial", &r->host.serial, false}};
	const struct hp_pull_text_member esx[] = {{"product", &r->host.product, false},
						  {"version", &r->host.version, false},
						  {"build", &r->host.build, false}};
	struct hp_str key;
	struct hp_seen seen = {0};
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_one_of(j, key, texts, 5, &seen))
			continue;
		if (hp_pull_is(j, key, "esx", &seen, 5))
			(void)hp_pull_texts(j, esx, 3, NULL);
		else if (hp_pull_is(j, key, "boot", &seen, 6))
			read_boot(j, r);
		else
			(void)hp_pull_skip(j);
	}
	(void)hp_pull_has(j, &seen, 7, "the member \"host\" is not complete");
}

static void read_selection(struct hp_pull *j, struct hp_report *r)
{
	const char *fail_on = NULL;
	const struct hp_pull_text_member texts[] = {{"only", &r->selection.only, false},
						    {"skip", &r->selection.skip, false},
						    {"tag", &r->selection.tag, false},
						    {"fail_on", &fail_on, true}};
	if (hp_pull_texts(j, texts, 4, "the member \"selection\" is not complete") &&
	    !hp_severity_find(hp_str(fail_on), &r->fail_on))
		(void)hp_pull_refuse(j, "fail_on is no severity");
}

static void read_reasons(struct hp_pull *j, struct hp_report *r)
{
	if (!hp_pull_open(j, '['))
		return;
	while (hp_pull_item(j)) {
		struct hp_reason reason = {0};
		const struct hp_pull_text_member texts[] = {
		    {"check", &reason.check, true}, {"subject", &reason.subject, true}, {"text", &reason.text, true}};
		if (!hp_pull_texts(j, texts, 3, "a reason for the reboot is not complete"))
			return;
		r->reboot.reasons = hp_room(j->arena, r->reboot.reasons, r->reboot.count, sizeof reason);
		r->reboot.reasons[r->reboot.count++] = reason;
	}
}

static void read_reboot(struct hp_pull *j, struct hp_report *r)
{
	struct hp_str key;
	struct hp_seen seen = {0};
	bool required;
	r->reboot.required = HP_CANNOT_TELL;
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_is(j, key, "required", &seen, 0)) {
			if (!hp_pull_null(j) && hp_pull_bool(j, &required))
				r->reboot.required = required ? HP_NEEDED : HP_NOT_NEEDED;
		} else if (hp_pull_is(j, key, "kind", &seen, 1)) {
			hp_report_reboot_kind(j, &r->reboot.kind);
		} else if (hp_pull_is(j, key, "reasons", &seen, 2)) {
			read_reasons(j, r);
		} else {
			(void)hp_pull_skip(j);
		}
	}
	(void)hp_pull_has(j, &seen, 3, "the member \"reboot\" is not complete");
	if (!j->trouble && (r->reboot.required == HP_NEEDED) != (r->reboot.kind != HP_REBOOT_NONE))
		(void)hp_pull_refuse(j, "\"reboot\" contradicts itself");
}

static void read_summary(struct hp_pull *j, struct hp_counts *ret)
{
	struct hp_str key;
	unsigned which, seen = 0;
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (!hp_report_state(key, &which)) {
			if (!hp_str_eq(key, "waived")) {
				(void)hp_pull_skip(j);
				continue;
			}
			which = HP_WAIVED;
		}
		if (seen >> which & 1)
			(void)hp_pull_refuse(j, "a member stands there twice");
		seen |= 1u << which;
		(void)hp_pull_number(j, &ret->n[which]);
	}
	if (!j->trouble && seen != (1u << (HP_STATES + 1)) - 1)
		(void)hp_pull_refuse(j, "the member \"summary\" is not complete");
}

static void read_errors(struct hp_pull *j, struct hp_report *r)
{
	if (!hp_pull_open(j, '['))
		return;
	while (hp_pull_item(j)) {
		struct hp_trouble t = {0};
		const struct hp_pull_text_member texts[] = {{"where", &t.where, true}, {"text", &t.text, true}};
		if (!hp_pull_texts(j, texts, 2, "an error is not complete"))
			return;
		r->errors = hp_room(j->arena, r->errors, r->error_count, sizeof t);
		r->errors[r->error_count++] = t;
	}
}

/* What is read on the way and looked at when all of it is there. */
struct claims {
	const char *schema, *version;
	struct hp_counts told, counted;
	struct hp_seen seen;
};

/* The members that are needed come first: bits 0 to 15, of which the first six are texts. */
#define NEEDED 16u

static bool read_texts(struct hp_pull *j, struct hp_str key, struct hp_report *r, struct claims *c)
{
	const struct hp_pull_text_member texts[] = {
	    {"schema", &c->schema, true},    {"schema_version", &c->version, true}, {"command", &r->command, false},
	    {"started", &r->started, false}, {"finished", &r->finished, false},	    {"verdict", &r->verdict, true}};
	struct hp_seen *seen = &c->seen;
	if (hp_pull_one_of(j, key, texts, 6, seen))
		return true;
	if (hp_pull_is(j, key, "scan_id", seen, 16))
		(void)hp_pull_text(j, &r->scan_id);
	else if (hp_pull_is(j, key, "plan", seen, 17))
		(void)hp_pull_text(j, &r->plan);
	else if (hp_pull_is(j, key, "run", seen, 18))
		(void)hp_pull_text(j, &r->run);
	else if (hp_pull_is(j, key, "reboot_since", seen, 19))
		(void)hp_pull_text(j, &r->reboot.since);
	else
		return false;
	return true;
}

static bool read_parts(struct hp_pull *j, struct hp_str key, struct hp_report *r, struct claims *c)
{
	const struct hp_pull_text_member tool[] = {
	    {"name", &r->tool.name, true}, {"version", &r->tool.version, false}, {"commit", &r->tool.commit, false}};
	const struct hp_pull_text_member policy[] = {{"name", &r->policy.name, false},
						     {"source", &r->policy.source, false},
						     {"sha256", &r->policy.sha256, false}};
	struct hp_seen *seen = &c->seen;
	if (hp_pull_is(j, key, "tool", seen, 6))
		(void)hp_pull_texts(j, tool, 3, NULL);
	else if (hp_pull_is(j, key, "policy", seen, 7))
		(void)hp_pull_texts(j, policy, 3, NULL);
	else if (hp_pull_is(j, key, "host", seen, 8))
		read_host(j, r);
	else if (hp_pull_is(j, key, "reboot", seen, 9))
		read_reboot(j, r);
	else if (hp_pull_is(j, key, "summary", seen, 10))
		read_summary(j, &c->told);
	else if (hp_pull_is(j, key, "findings", seen, 11))
		hp_report_findings(j, r, &c->counted);
	else if (hp_pull_is(j, key, "changes", seen, 12))
		hp_report_changes(j, r);
	else if (hp_pull_is(j, key, "errors", seen, 13))
		read_errors(j, r);
	else if (hp_pull_is(j, key, "selection", seen, 20))
		read_selection(j, r);
	else
		return false;
	return true;
}

static void read_member(struct hp_pull *j, struct hp_str key, struct hp_report *r, struct claims *c)
{
	int64_t n = 0;
	if (read_texts(j, key, r, c) || read_parts(j, key, r, c))
		return;
	if (hp_pull_is(j, key, "exit_code", &c->seen, 14)) {
		(void)hp_pull_number(j, &n);
		r->exit_code = n >= 0 && n < INT_MAX ? (int)n : -1;
	} else if (hp_pull_is(j, key, "complete", &c->seen, 15)) {
		(void)hp_pull_bool(j, &r->complete);
	} else if (hp_pull_is(j, key, "age_s", &c->seen, 22)) {
		(void)hp_pull_number(j, &r->age_s);
	} else if (hp_pull_is(j, key, "duration_ms", &c->seen, 21)) {
		(void)hp_pull_number(j, &n);
		r->duration_ms = n > 0 ? (uint64_t)n : 0;
	} else {
		(void)hp_pull_skip(j);
	}
}

/* "1.0.0", "1.12" */
static bool of_this_major(const char *version)
{
	const char *own = HP_FLEET_SCHEMA_VERSION, *dot = strchr(own, '.');
	if (!dot || strncmp(version, own, (size_t)(dot - own) + 1) != 0)
		return false;
	const char *minor = version + (dot - own) + 1;
	return *minor >= '0' && *minor <= '9' && strspn(minor, ".0123456789") == strlen(minor);
}

/* As hostprep writes them, so that the newest is told by them: "2026-11-26T14:02:31Z". */
static int check_time(const char *name, const char *text, struct hp_err *err)
{
	int64_t s;
	size_t n = strlen(text);
	if (n == sizeof "2026-11-26T14:02:31Z" - 1 && text[n - 1] == 'Z' && hp_when_parse(hp_str(text), &s))
		return 0;
	return hp_fail(err, "its \"%s\" is no time as hostprep writes it: \"%.40s\"", name, text);
}

static int check_times(const struct hp_report *r, struct hp_err *err)
{
	bool error = strcmp(r->verdict, "error") == 0; /* memory may have run out before there was a time */
	if (!error && (!r->started || !r->finished))
		return hp_fail(err, "it does not say when it was made");
	if (r->started && check_time("started", r->started, err) < 0)
		return -1;
	return r->finished ? check_time("finished", r->finished, err) : 0;
}

/* A document of another kind says so before anything else of it is looked for. */
static int check_schema(struct hp_pull *j, const struct claims *c, struct hp_err *err)
{
	if (!c->schema)
		return hp_fail(err, "it is JSON, and no report of hostprep: it has no \"schema\"");
	if (strcmp(c->schema, HP_SCHEMA) != 0)
		return hp_fail(err, "its schema is \"%.60s\", not " HP_SCHEMA, c->schema);
	if (!c->version || !of_this_major(c->version))
		return hp_fail(err, "its schema_version is %.40s; this program reads version %u",
			       c->version ? c->version : "missing", HP_SCHEMA_MAJOR);
	return hp_pull_end(j) ? 0 : hp_pull_fail(j, err);
}

static int check_command(const struct hp_report *r, struct hp_err *err)
{
	static const char *const judging[] = {"check", "fix", "undo", "report"};
	if (!r->command) /* memory ran out on the host: there is an error that says so */
		return 0;
	for (size_t i = 0; i < sizeof judging / sizeof judging[0]; i++)
		if (strcmp(r->command, judging[i]) == 0)
			return 0;
	return hp_fail(err, "it is the report of `hostprep %.40s`, which judges no checks", r->command);
}

/* The least that a check's exit code may be for what its findings say. */
static int least_exit(const struct hp_report *r)
{
	int code = HP_EXIT_OK;
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		if (!hp_report_counts(r, f))
			continue;
		if (f->state == HP_FAIL || f->state == HP_REGRESSING)
			code = hp_worse_exit(code, HP_EXIT_FAILS);
		else if (f->state == HP_UNKNOWN)
			code = hp_worse_exit(code, HP_EXIT_UNKNOWN);
		else if (f->state == HP_PENDING_REBOOT)
			code = hp_worse_exit(code, HP_EXIT_REBOOT);
	}
	return code;
}

/* Its errors and its word on the reboot, of a report that gives a verdict. */
static int check_errors_and_reboot(const struct hp_report *r, bool check, int least, struct hp_err *err)
{
	if (r->error_count && (check || r->exit_code != HP_EXIT_FAILS))
		return hp_fail(err, "it contradicts itself: verdict %.40s, exit code %d and %zu errors: %.200s",
			       r->verdict, r->exit_code, r->error_count, r->errors[0].text);
	if (r->reboot.required == HP_NEEDED && r->exit_code == HP_EXIT_OK)
		return hp_fail(err, "it contradicts itself: exit code 0, and a reboot is required");
	if (check && least == HP_EXIT_REBOOT && r->reboot.required == HP_NOT_NEEDED)
		return hp_fail(err, "it contradicts itself: findings that wait for a reboot, and none is required");
	return 0;
}

static int check_verdict(const struct hp_report *r, struct hp_err *err)
{
	bool check = r->command && strcmp(r->command, "check") == 0, ends_early;
	bool undo = r->command && strcmp(r->command, "undo") == 0; /* its exit code speaks of what was put back */
	int code = r->exit_code;
	ends_early =
	    code == HP_EXIT_NO_VERDICT || code == HP_EXIT_LOCKED || code == HP_EXIT_NOT_ROOT || code == HP_EXIT_POLICY;
	if (strcmp(r->verdict, "error") == 0) {
		if (!ends_early || !r->error_count)
			return hp_fail(err, "it contradicts itself: verdict error, exit code %d and %zu errors", code,
				       r->error_count);
		return 0;
	}
	if (ends_early ||
	    (code != HP_EXIT_OK && code != HP_EXIT_FAILS && code != HP_EXIT_UNKNOWN && code != HP_EXIT_REBOOT))
		return hp_fail(err, "it contradicts itself: verdict %.40s with exit code %d", r->verdict, code);
	if (check && strcmp(r->verdict, hp_fleet_verdict(code)) != 0)
		return hp_fail(err, "it contradicts itself: verdict %.40s with exit code %d", r->verdict, code);
	int least = least_exit(r), verdict = hp_verdict_exit(r->verdict);
	if (!undo && hp_worse_exit(least, code) != code)
		return hp_fail(err, "it contradicts itself: exit code %d, and findings that make %d", code, least);
	int changes = hp_report_changes_exit(r);
	if (hp_worse_exit(changes, code) != code)
		return hp_fail(err, "it contradicts itself: exit code %d, and changes that make %d", code, changes);
	if (hp_worse_exit(least, verdict) != verdict)
		return hp_fail(err, "it contradicts itself: verdict %.40s, and findings that make it %s", r->verdict,
			       hp_fleet_verdict(least));
	return check_errors_and_reboot(r, check, least, err);
}

static int check_claims(const struct hp_report *r, const struct claims *c, struct hp_err *err)
{
	if (!r->verdict)
		return hp_fail(err, "it has no verdict");
	if (hp_verdict_exit(r->verdict) < 0)
		return hp_fail(err, "its verdict \"%.40s\" is not known", r->verdict);
	for (unsigned i = 0; i <= HP_STATES; i++)
		if (c->told.n[i] != c->counted.n[i])
			return hp_fail(err, "it contradicts itself: its summary says %lld %s, and there are %lld",
				       (long long)c->told.n[i],
				       i == HP_WAIVED ? "waived" : hp_state_word((enum hp_state)i),
				       (long long)c->counted.n[i]);
	return check_times(r, err) < 0 ? -1 : check_verdict(r, err);
}

int hp_report_read(struct hp_arena *a, struct hp_str bytes, struct hp_report *ret, struct hp_err *err)
{
	struct hp_pull j = hp_pull(a, bytes);
	struct hp_report r = {.fail_on = HP_MINOR, .reboot.required = HP_CANNOT_TELL, .host.uptime_s = -1, .age_s = -1};
	struct claims c = {0};
	struct hp_str key;
	if (hp_pull_kind(&j) == 'x')
		return hp_fail(err, bytes.n ? "it is no JSON" : "it is empty");
	if (hp_pull_kind(&j) != '{')
		return hp_fail(err, "it is JSON, and no report of hostprep");
	if (hp_pull_open(&j, '{'))
		while (hp_pull_member(&j, &key))
			read_member(&j, key, &r, &c);
	if (j.trouble)
		return hp_pull_fail(&j, err);
	if (check_schema(&j, &c, err) < 0)
		return -1;
	if ((c.seen.bits & ((1ul << NEEDED) - 1)) != (1ul << NEEDED) - 1)
		return hp_fail(err, "it is not complete: a member that every report has is missing");
	if (check_command(&r, err) < 0 || check_claims(&r, &c, err) < 0)
		return -1;
	for (unsigned i = 0; i < HP_STATES; i++)
		r.summary[i] = (unsigned)c.counted.n[i];
	*ret = r;
	return 0;
}
