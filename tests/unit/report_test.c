/* Verdict, exit code, reboot; and the JSON document. */
#include "../../agent/base/json.h"
#include "../../agent/report/report.h"
#include "../../checks/check.h"
#include "unit.h"

static struct hp_finding finding(enum hp_state state, enum hp_severity severity)
{
	return (struct hp_finding){.check = "c",
				   .subject = "host",
				   .state = state,
				   .severity = severity,
				   .title = "t",
				   .text = "x",
				   .has_next = true,
				   .remedy = {.reboot = state == HP_PENDING_REBOOT ? HP_REBOOT_ANY : HP_REBOOT_NONE}};
}

static struct hp_report conclude(struct hp_arena *a, const struct hp_finding *findings, size_t n,
				 enum hp_severity fail_on)
{
	struct hp_report r = {.findings = findings, .finding_count = n, .fail_on = fail_on, .complete = true};
	r.command = "check";
	r.started = r.finished = "2026-11-22T03:04:05Z";
	r.host.uptime_s = -1;
	hp_report_conclude(a, &r);
	return r;
}

static void the_worst_wins(void **state)
{
	struct hp_arena *a = *state;
	/* every set of states */
	for (unsigned set = 1; set < 1u << HP_STATES; set++) {
		struct hp_finding f[HP_STATES];
		size_t n = 0;
		for (int i = 0; i < HP_STATES; i++)
			if (set & 1u << i)
				f[n++] = finding((enum hp_state)i, HP_MINOR);
		struct hp_report r = conclude(a, f, n, HP_MINOR);
		int wanted = set & (1u << HP_FAIL | 1u << HP_REGRESSING) ? 2
			     : set & 1u << HP_UNKNOWN			 ? 3
			     : set & 1u << HP_PENDING_REBOOT		 ? 4
									 : 0;
		static const char *const verdicts[] = {"compliant", "", "non-compliant", "unknown", "reboot-pending"};
		assert_int_equal(r.exit_code, wanted);
		assert_string_equal(r.verdict, verdicts[wanted]);
		for (int i = 0; i < HP_STATES; i++)
			assert_int_equal(r.summary[i], (set >> i) & 1u);
	}
}

static void an_error_is_worst(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f = finding(HP_FAIL, HP_BLOCKER);
	struct hp_report r = {.findings = &f, .finding_count = 1, .fail_on = HP_MINOR};
	hp_report_error(a, &r, "one", "first");
	hp_report_error(a, &r, "two", "second");
	hp_report_conclude(a, &r);
	assert_int_equal(r.exit_code, 1);
	assert_string_equal(r.verdict, "error");
	assert_int_equal(r.error_count, 2);
	assert_string_equal(r.errors[1].where, "two");
}

static void what_does_not_count(void **state)
{
	struct hp_arena *a = *state;
	for (int severity = 0; severity < HP_SEVERITIES; severity++)
		for (int fail_on = HP_BLOCKER; fail_on <= HP_MINOR; fail_on++)
			for (int s = 0; s < HP_STATES; s++) {
				struct hp_finding f[2] = {finding(HP_PASS, HP_BLOCKER),
							  finding((enum hp_state)s, (enum hp_severity)severity)};
				struct hp_report r = conclude(a, f, 2, (enum hp_severity)fail_on);
				bool counts = severity != HP_INFO && severity <= fail_on;
				assert_int_equal(hp_report_counts(&r, &f[1]), counts);
				if (!counts) {
					assert_int_equal(r.exit_code, 0);
					assert_string_equal(r.verdict, "compliant");
					assert_int_equal(r.reboot.required, HP_NOT_NEEDED);
				}
				assert_true(r.summary[s] >= 1); /* it is counted all the same */
			}
}

static void three_hundred_failures(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding *f = hp_alloc_array(a, 300, sizeof *f);
	for (int i = 0; i < 300; i++)
		f[i] = finding(HP_FAIL, HP_BLOCKER);
	struct hp_report r = conclude(a, f, 300, HP_MINOR);
	assert_int_equal(r.exit_code, 2); /* never a count */
	assert_int_equal(r.summary[HP_FAIL], 300);
}

static void which_reboot(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f[3] = {finding(HP_PENDING_REBOOT, HP_BLOCKER), finding(HP_PENDING_REBOOT, HP_MAJOR),
				  finding(HP_UNKNOWN, HP_MAJOR)};
	struct hp_report r = conclude(a, f, 1, HP_MINOR);
	assert_int_equal(r.reboot.required, HP_NEEDED);
	assert_int_equal(r.reboot.kind, HP_REBOOT_ANY);
	assert_int_equal(r.reboot.count, 1);
	f[1].remedy.reboot = HP_REBOOT_FULL;
	r = conclude(a, f, 3, HP_MINOR);
	assert_int_equal(r.reboot.kind, HP_REBOOT_FULL);
	assert_int_equal(r.reboot.required, HP_NEEDED);
	f[0].remedy.reboot = HP_REBOOT_COLD;
	assert_int_equal(conclude(a, f, 3, HP_MINOR).reboot.kind, HP_REBOOT_COLD);
	assert_int_equal(conclude(a, &f[2], 1, HP_MINOR).reboot.required, HP_CANNOT_TELL);
	f[2].has_next = false; /* nothing that a reboot could change */
	assert_int_equal(conclude(a, &f[2], 1, HP_MINOR).reboot.required, HP_NOT_NEEDED);
	struct hp_finding fails = finding(HP_FAIL, HP_BLOCKER);
	assert_int_equal(conclude(a, &fails, 1, HP_MINOR).reboot.required, HP_NOT_NEEDED);
	assert_int_equal(conclude(a, NULL, 0, HP_MINOR).reboot.required, HP_CANNOT_TELL);
}

static void words(void **state)
{
	(void)state;
	static const char *const states[] = {"pass",	"fail",		  "regressing", "pending-reboot",
					     "unknown", "not-applicable", "skipped"};
	static const char *const severities[] = {"blocker", "major", "minor", "info"};
	static const char *const reboots[] = {"none", "any", "full", "cold"};
	enum hp_severity s;
	for (int i = 0; i < HP_STATES; i++)
		assert_string_equal(hp_state_word((enum hp_state)i), states[i]);
	for (int i = 0; i < HP_SEVERITIES; i++) {
		assert_string_equal(hp_severity_word((enum hp_severity)i), severities[i]);
		assert_true(hp_severity_find(hp_str(severities[i]), &s));
		assert_int_equal(s, i);
	}
	for (int i = 0; i < HP_REBOOTS; i++)
		assert_string_equal(hp_reboot_word((enum hp_reboot)i), reboots[i]);
	assert_false(hp_severity_find(hp_str("high"), &s));
}

/* ---- JSON ---- */

static const json_t *at(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);
	if (!value)
		fail_msg("no member %s", key);
	return value;
}

static const char *text_at(const json_t *o, const char *key)
{
	assert_true(json_is_string(at(o, key)));
	return json_string_value(at(o, key));
}

static const json_t *document(struct hp_arena *a, const struct hp_report *r)
{
	struct hp_err err;
	struct hp_str text = hp_report_json(a, r);
	assert_true(hp_str_ends(text, "}\n"));
	const json_t *root = hp_json_parse(a, text, &err);
	if (!root)
		fail_msg("%s", err.text);
	return root;
}

static void the_document(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f = finding(HP_PENDING_REBOOT, HP_BLOCKER);
	f.want = "1";
	f.now = "";
	f.next = NULL;
	f.remedy.text = "Reboot.";
	hp_cite(&f, &(struct hp_evidence){.source = "/bin/x", .record = hp_str("a\tb\n")});
	struct hp_report r = conclude(a, &f, 1, HP_MINOR);
	r.scan_id = "id";
	r.tool.name = "hostprep";
	r.host.name = "";
	r.host.uptime_s = 5;
	r.host.quick_boot = HP_NEEDED;
	const json_t *o = document(a, &r), *g = json_array_get(at(o, "findings"), 0), *e;
	assert_string_equal(text_at(o, "schema"), "hostprep.host");
	assert_string_equal(text_at(o, "schema_version"), HP_SCHEMA_VERSION);
	assert_string_equal(text_at(o, "verdict"), "reboot-pending");
	assert_int_equal(json_integer_value(at(o, "exit_code")), 4);
	assert_string_equal(text_at(at(o, "host"), "name"), ""); /* empty is not null */
	assert_true(json_is_null(at(at(o, "host"), "uuid")));
	assert_true(json_is_null(at(at(at(o, "host"), "esx"), "version")));
	assert_int_equal(json_integer_value(at(at(at(o, "host"), "boot"), "uptime_s")), 5);
	assert_true(json_is_true(at(at(at(o, "host"), "boot"), "quick_boot")));
	assert_true(json_is_true(at(at(o, "reboot"), "required")));
	assert_string_equal(text_at(at(o, "reboot"), "kind"), "any");
	assert_string_equal(text_at(json_array_get(at(at(o, "reboot"), "reasons"), 0), "check"), "c");
	assert_string_equal(text_at(g, "now"), "");
	assert_true(json_is_null(at(g, "next")));
	assert_string_equal(text_at(g, "state"), "pending-reboot");
	assert_true(json_is_null(at(g, "waiver")));
	assert_true(json_is_null(at(at(g, "remedy"), "command")));
	assert_true(json_is_false(at(at(g, "remedy"), "fixable")));
	e = json_array_get(at(g, "evidence"), 0);
	assert_string_equal(text_at(e, "excerpt"), "a\tb\n");
	assert_true(json_is_false(at(e, "truncated")));
	assert_int_equal(json_integer_value(at(at(o, "summary"), "pending-reboot")), 1);
	assert_int_equal(json_integer_value(at(at(o, "summary"), "waived")), 0);
	static const char *const members[] = {"scan_id",     "command",	 "tool",      "policy",	 "started", "finished",
					      "duration_ms", "complete", "selection", "changes", "errors"};
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		(void)at(o, members[i]);
	assert_int_equal(json_array_size(at(o, "changes")), 0);
}

static void a_report_of_errors_alone(void **state)
{
	struct hp_arena *a = *state;
	struct hp_report r = {.command = "check", .fail_on = HP_MINOR};
	r.host.quick_boot = HP_CANNOT_TELL;
	r.host.uptime_s = -1;
	hp_report_error(a, &r, "policy", "x.yaml:1:1: \x1b\xff no");
	hp_report_conclude(a, &r);
	const json_t *o = document(a, &r);
	assert_string_equal(text_at(o, "verdict"), "error");
	assert_string_equal(text_at(json_array_get(at(o, "errors"), 0), "text"), "x.yaml:1:1: ?? no");
	assert_true(json_is_null(at(at(o, "reboot"), "required")));
	assert_true(json_is_null(at(at(at(o, "host"), "boot"), "uptime_s")));
	assert_true(json_is_null(at(at(at(o, "host"), "boot"), "quick_boot")));
}

static void evidence_is_at_most_512_bytes_of_utf_8(void **state)
{
	struct hp_arena *a = *state;
	static char bytes[3000];
	for (unsigned seed = 1; seed < 400; seed++) {
		uint32_t x = seed * 2654435761u;
		size_t n = seed < 20 ? seed + 500 : x % sizeof bytes;
		for (size_t i = 0; i < n; i++) {
			x = x * 1664525u + 1013904223u;
			bytes[i] = seed % 3 ? (char)(x >> 24) : "\xe2\x80\x90"[i % 3];
		}
		struct hp_finding f = finding(HP_PASS, HP_MINOR);
		hp_cite(&f, &(struct hp_evidence){.source = "/bin/x", .record = {bytes, n}});
		struct hp_report r = conclude(a, &f, 1, HP_MINOR);
		const json_t *g = json_array_get(at(document(a, &r), "findings"), 0);
		const json_t *e = json_array_get(at(g, "evidence"), 0);
		size_t length = json_string_length(at(e, "excerpt")); /* jansson refuses what is no UTF-8 */
		assert_true(length <= 512);
		assert_int_equal(json_is_true(at(e, "truncated")), n > length);
		assert_true(n <= 512 || length > 508);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_worst_wins),
	    UNIT_TEST(an_error_is_worst),
	    UNIT_TEST(what_does_not_count),
	    UNIT_TEST(three_hundred_failures),
	    UNIT_TEST(which_reboot),
	    UNIT_TEST(words),
	    UNIT_TEST(the_document),
	    UNIT_TEST(a_report_of_errors_alone),
	    UNIT_TEST(evidence_is_at_most_512_bytes_of_utf_8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
