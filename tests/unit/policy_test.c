#include "../../agent/engine/checks.h"
#include "unit.h"

static size_t number_of(const char *id)
{
	size_t i = 0;
	while (strcmp(hp_checks[i]->id, id) != 0)
		i++;
	return i;
}

static struct hp_policy built_in(struct hp_arena *a)
{
	struct hp_policy p;
	struct hp_err err;
	if (hp_policy_builtin(a, &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

static struct hp_policy overlay(struct hp_arena *a, const char *text)
{
	struct hp_policy p = built_in(a);
	struct hp_err err;
	if (hp_policy_overlay(a, hp_str(text), "site.yaml", &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

static void the_built_in_one(void **state)
{
	struct hp_policy p = built_in(*state);
	assert_string_equal(p.name, "built-in");
	assert_string_equal(p.source, "built-in");
	assert_int_equal(strlen(p.sha256), 64);
	assert_int_equal(p.ask.hca_id_count, 1);
	assert_int_equal(p.ask.hca_ids[0], 0x15b31021);
	assert_int_equal(p.ask.mft_query, HP_MFT_ALWAYS);
	assert_int_equal(p.gpus, -1);
	assert_int_equal(p.nvswitches, -1);
	assert_int_equal(p.hcas, -1);
	assert_true(p.accept_default);
	assert_int_equal(p.call_s, 60);
	assert_int_equal(p.run_s, 600);
	for (size_t i = 0; hp_checks[i]; i++) {
		assert_ptr_equal(p.want[i], hp_checks[i]->want);
		assert_int_equal(p.severity[i], hp_checks[i]->severity);
	}
}

static void every_key(void **state)
{
	struct hp_arena *a = *state;
	struct hp_policy p = overlay(a, "name: site-a\n"
					"devices:\n  hca: [\"15b3:1021\", 15B3:1023]\n"
					"expect:\n  gpus: 8\n  nvswitches: 4\n  hcas: 0\n"
					"checks:\n"
					"  kernel-acs-check: {want: TRUE, severity: info}\n"
					"  kernel-ats-support: {want: False}\n"
					"  hca-ats: {want: 0, severity: minor}\n"
					"  gpu-reset: {want: d3d0}\n"
					"  esx-release: {want: \"9.0.1 24957456\", severity: blocker}\n"
					"  gpu-inventory: {severity: major}\n"
					"accept_default: false\n"
					"mft_query: idle\n"
					"time_limits: {call_s: 5, run_s: 86400}\n");
	assert_string_equal(p.name, "site-a");
	assert_string_equal(p.source, "site.yaml");
	assert_int_equal(p.ask.hca_id_count, 2);
	assert_int_equal(p.ask.hca_ids[1], 0x15b31023);
	assert_int_equal(p.gpus, 8);
	assert_int_equal(p.nvswitches, 4);
	assert_int_equal(p.hcas, 0);
	assert_string_equal(p.want[number_of("kernel-acs-check")], "TRUE");
	assert_int_equal(p.severity[number_of("kernel-acs-check")], HP_INFO);
	assert_string_equal(p.want[number_of("kernel-ats-support")], "FALSE");
	assert_string_equal(p.want[number_of("hca-ats")], "0");
	assert_int_equal(p.severity[number_of("hca-ats")], HP_MINOR);
	assert_string_equal(p.want[number_of("gpu-reset")], "d3d0");
	assert_string_equal(p.want[number_of("esx-release")], "9.0.1 24957456");
	assert_int_equal(p.severity[number_of("gpu-inventory")], HP_MAJOR);
	assert_false(p.accept_default);
	assert_int_equal(p.ask.mft_query, HP_MFT_IDLE);
	assert_int_equal(p.call_s, 5);
	assert_int_equal(p.run_s, 86400);
	p = overlay(a, "mft_query: never\n");
	assert_int_equal(p.ask.mft_query, HP_MFT_NEVER);
}

static void what_a_file_leaves_out_stays(void **state)
{
	struct hp_policy p = overlay(*state, "expect: {gpus: 4}\n");
	assert_int_equal(p.gpus, 4);
	assert_int_equal(p.hcas, -1);
	assert_string_equal(p.name, "site.yaml"); /* not the built-in one's: a report must not say so */
	assert_int_equal(p.ask.hca_id_count, 1);
	assert_true(p.accept_default);
	assert_int_equal(p.call_s, 60);
	assert_string_equal(p.want[number_of("hca-ats")], "1");
}

static void the_digest_is_that_of_the_file(void **state)
{
	struct hp_policy p = overlay(*state, "name: a\n"), q = overlay(*state, "name: b\n");
	/* printf 'name: a\n' | sha256sum */
	assert_string_equal(p.sha256, "1e7e5f3c45fc71cc0d92ffd6a4136ce35256118f2cb9a940b09a9e336022a571");
	assert_string_not_equal(p.sha256, q.sha256);
}

static void switch_boards(void **state)
{
	struct hp_policy p = built_in(*state);
	assert_null(p.psb.minimum); /* 4.160.3.0, for Dell's alone */
	assert_null(p.psb.version);
	assert_null(p.ask.redfish.psb_match);
	p = overlay(*state, "psb: {minimum: 4.160.3, version: 4.161.0.0, match: '*Switch*'}\n");
	assert_string_equal(p.psb.minimum, "4.160.3");
	assert_string_equal(p.psb.version, "4.161.0.0");
	assert_string_equal(p.ask.redfish.psb_match, "*Switch*");
	p = overlay(*state, "psb: {version: ''}\n"); /* no version is no answer, and no fault of the policy */
	assert_string_equal(p.psb.version, "");
	assert_null(p.psb.minimum);
}

static void what_is_refused(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *text, *place, *words;
	} cases[] = {
	    {"gpus: 8\n", "site.yaml:1:1:", "unknown key \"gpus\""},
	    {"name: a\ncheck:\n  x: 1\n", "site.yaml:2:1:", "unknown key \"check\""},
	    {"devices: {gpu: []}\n", "site.yaml:1:11:", "unknown key \"gpu\""},
	    {"expect: {gpu: 1}\n", "site.yaml:1:10:", "unknown key \"gpu\""},
	    {"time_limits: {call: 1}\n", "site.yaml:1:15:", "unknown key \"call\""},
	    {"checks:\n  no-such: {severity: info}\n", "site.yaml:2:3:", "unknown key \"no-such\""},
	    {"checks:\n  hca-ats:\n    wants: 1\n", "site.yaml:3:5:", "unknown key \"wants\""},
	    {"\"\\x1b[2Jname\": a\n", "site.yaml:1:1:", "?[2Jname"},
	    {"name: [a]\n", "site.yaml:1:7:", "wants a single value"},
	    {"name: ''\n", "site.yaml:1:7:", "1 to 80"},
	    {"devices: x\n", "site.yaml:1:10:", "wants a map"},
	    {"devices: {hca: 15b3:1021}\n", "site.yaml:1:16:", "wants a list"},
	    {"devices: {hca: []}\n", "site.yaml:1:16:", "lists no id"},
	    {"devices: {hca: [15b3-1021]}\n", "site.yaml:1:17:", "four hex digits"},
	    {"devices: {hca: [\"15b3:102\"]}\n", "site.yaml:1:17:", "four hex digits"},
	    {"devices: {hca: [\"0x15b3:1021\"]}\n", "site.yaml:1:17:", "four hex digits"},
	    {"expect: [8]\n", "site.yaml:1:9:", "wants a map"},
	    {"expect: {gpus: \"8\"}\n", "site.yaml:1:16:", "whole number"},
	    {"expect: {gpus: -1}\n", "site.yaml:1:16:", "whole number"},
	    {"expect: {gpus: 257}\n", "site.yaml:1:16:", "whole number"},
	    {"expect: {gpus: 8.0}\n", "site.yaml:1:16:", "whole number"},
	    {"expect: {gpus: }\n", "site.yaml:1:", "whole number"},
	    {"time_limits: {call_s: 0}\n", "site.yaml:1:23:", "from 1 to 86400"},
	    {"checks: {hca-ats: 1}\n", "site.yaml:1:19:", "wants a map"},
	    {"checks: {hca-ats: {want: 2}}\n", "site.yaml:1:26:", "0 or 1"},
	    {"checks: {hca-ats: {want: [1]}}\n", "site.yaml:1:26:", "wants a single value"},
	    {"checks: {kernel-iommu: {want: no}}\n", "site.yaml:1:31:", "TRUE or FALSE"},
	    {"checks: {gpu-reset: {want: default}}\n", "site.yaml:1:28:", "flr, d3d0, link, bridge"},
	    {"checks: {esx-release: {want: 9.0}}\n", "site.yaml:1:30:", "a version and a build"},
	    {"checks: {gpu-inventory: {want: 8}}\n", "site.yaml:1:32:", "takes no \"want\""},
	    {"checks: {hca-ats: {severity: high}}\n", "site.yaml:1:30:", "one of blocker"},
	    {"checks: {hca-ats: {severity: {}}}\n", "site.yaml:1:30:", "one of blocker"},
	    {"accept_default: \"true\"\n", "site.yaml:1:17:", "true or false"},
	    {"accept_default: yes\n", "site.yaml:1:17:", "true or false"},
	    {"mft_query: sometimes\n", "site.yaml:1:12:", "always, idle, never"},
	    {"mft_query: [never]\n", "site.yaml:1:12:", "always, idle, never"},
	    {"psb: 4.160.3.0\n", "site.yaml:1:6:", "wants a map"},
	    {"psb: {min: 4.160.3.0}\n", "site.yaml:1:7:", "unknown key \"min\""},
	    {"psb: {minimum: 4.160.3.x}\n", "site.yaml:1:16:", "numbers and dots"},
	    {"psb: {minimum: ''}\n", "site.yaml:1:16:", "1 to 80"},
	    {"psb: {match: ''}\n", "site.yaml:1:14:", "1 to 80"},
	    {"psb: {version: [4.161]}\n", "site.yaml:1:16:", "wants a single value"},
	    {"psb: {version: \"a\\nb\"}\n", "site.yaml:1:16:", "one line"},
	    {"name: a\nname: b\n", "site.yaml:2:1:", "twice"},
	    {"expect: {gpus: 1, gpus: 2}\n", "site.yaml:1:19:", "twice"},
	    {"- a\n", "site.yaml:1:1:", "a policy is a map"},
	    {"hello\n", "site.yaml:1:1:", "a policy is a map"},
	    {"", "site.yaml:1:1:", "the policy is empty"},
	    {"# nothing\n", "site.yaml:1:1:", "the policy is empty"},
	    {"name: &a x\n", "site.yaml:1:7:", "anchors"},
	    {"name: x\n---\nname: y\n", "site.yaml:2:1:", "second document"},
	    {"name: {a\n", "site.yaml:2:1:", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_policy p = built_in(a);
		struct hp_err err = {""};
		if (hp_policy_overlay(a, hp_str(cases[i].text), "site.yaml", &p, &err) == 0)
			fail_msg("taken: %s", cases[i].text);
		if (strncmp(err.text, cases[i].place, strlen(cases[i].place)) != 0)
			fail_msg("%s: %s, not at %s", cases[i].text, err.text, cases[i].place);
		assert_has(err.text, cases[i].words);
	}
}

static void no_bytes_at_all(void **state)
{
	struct hp_policy p = built_in(*state);
	struct hp_err err;
	assert_int_equal(hp_policy_overlay(*state, (struct hp_str){NULL, 0}, "stdin", &p, &err), -1);
	assert_has(err.text, "stdin:1:1: the policy is empty");
}

/* ---- choosing checks ---- */

static void selected(struct hp_arena *a, const char *only, const char *skip, const char *tag, const char *ids)
{
	struct hp_selection s = {.only = only, .skip = skip, .tag = tag};
	struct hp_err err;
	struct hp_buf b = hp_buf(a);
	if (hp_select(a, &s, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; hp_checks[i]; i++)
		if (s.chosen[i])
			hp_putf(&b, "%s ", hp_checks[i]->id);
	if (ids)
		assert_string_equal(hp_built_text(&b), ids);
	assert_int_equal(s.all, !only && !skip && !tag);
}

static void not_selected(struct hp_arena *a, const char *only, const char *skip, const char *tag, const char *words)
{
	struct hp_selection s = {.only = only, .skip = skip, .tag = tag};
	struct hp_err err = {""};
	assert_int_equal(hp_select(a, &s, &err), -1);
	assert_has(err.text, words);
}

static void choosing(void **state)
{
	struct hp_arena *a = *state;
	selected(a, NULL, NULL, NULL, NULL);
	selected(a, "hca-ats", NULL, NULL, "hca-ats ");
	selected(a, "hca-*, gpu-reset", NULL, NULL, "gpu-reset hca-ats hca-inventory ");
	selected(a, "hca-*", "*-inventory", NULL, "hca-ats ");
	selected(a, "kernel-*", NULL, "ats", "kernel-acs-dtp2p kernel-ats-denylist kernel-ats-support ");
	selected(a, "kernel-iommu,kernel-iommu", NULL, NULL, "kernel-iommu ");
	not_selected(a, "hca", NULL, NULL, "--only: \"hca\" matches no check");
	not_selected(a, "", NULL, NULL, "leave no check");
	not_selected(a, "hca-ats,nothing", NULL, NULL, "\"nothing\"");
	not_selected(a, NULL, "nothing*", NULL, "--skip");
	not_selected(a, NULL, NULL, "nothing", "--tag");
	not_selected(a, NULL, "*", NULL, "leave no check");
	not_selected(a, "hca-ats", NULL, "gpu", "leave no check");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_built_in_one), UNIT_TEST(every_key),
	    UNIT_TEST(choosing),	 UNIT_TEST(what_a_file_leaves_out_stays),
	    UNIT_TEST(what_is_refused),	 UNIT_TEST(the_digest_is_that_of_the_file),
	    UNIT_TEST(no_bytes_at_all),	 UNIT_TEST(switch_boards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
