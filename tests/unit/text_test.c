/* The report for people: its width, its bytes, what stands in it. */
#include "../../agent/report/report.h"
#include "../../checks/check.h"
#include "unit.h"

static const struct hp_text_style plain = {.color = false};

static struct hp_report conclude(struct hp_arena *a, const struct hp_finding *findings, size_t n)
{
	struct hp_report r = {.findings = findings, .finding_count = n, .fail_on = HP_MINOR, .complete = true};
	r.command = "check";
	r.host.name = "esx01.example.org";
	r.host.vendor = "Dell Inc.";
	r.host.model = "PowerEdge XE9680";
	r.host.version = "9.0.0";
	r.host.build = "24755229";
	r.policy.name = "built-in";
	r.host.uptime_s = -1;
	hp_report_conclude(a, &r);
	return r;
}

static const char *text_of(struct hp_arena *a, const struct hp_report *r, const struct hp_text_style *style)
{
	return hp_copy(a, hp_report_text(a, r, style));
}

/* ASCII, and no wider than 80 columns but for the lines of `command`. */
static void is_tame(const char *text, const char *command, bool color)
{
	struct hp_str rest = hp_str(text), line;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		assert_true(ended);
		if (line.n > 80 && !color && !(command && hp_str_has(line, command)))
			fail_msg("%zu columns: %.*s", line.n, (int)line.n, line.p);
		if (line.n && line.p[line.n - 1] == ' ')
			fail_msg("a blank at the end: %.*s", (int)line.n, line.p);
		for (size_t i = 0; i < line.n; i++)
			if ((line.p[i] < 0x20 || line.p[i] > 0x7e) && !(color && line.p[i] == '\033'))
				fail_msg("byte %02x", (unsigned char)line.p[i]);
	}
}

static struct hp_finding hca(enum hp_state state, const char *subject, const char *now, const char *next)
{
	return (struct hp_finding){
	    .check = "hca-ats",
	    .subject = subject,
	    .state = state,
	    .severity = HP_BLOCKER,
	    .title = "ATS_ENABLED of every HCA",
	    .want = "1",
	    .now = now,
	    .next = next,
	    .has_next = true,
	    .text = "ATS_ENABLED is 0.",
	    .remedy = {.text = "Set ATS_ENABLED=1, then reboot through firmware (Quick Boot off).",
		       .command = strcmp(subject, "0000:1a:00.0")
				      ? "/opt/mellanox/bin/mlxconfig -d mt4129_pciconf1 -y set ATS_ENABLED=1"
				      : "/opt/mellanox/bin/mlxconfig -d mt4129_pciconf0 -y set ATS_ENABLED=1",
		       .fixable = true,
		       .reboot = HP_REBOOT_FULL}};
}

static void a_golden_report(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f[4] = {
	    hca(HP_FAIL, "0000:1a:00.0", "0", "0"),
	    hca(HP_FAIL, "0000:3c:00.0", "0", "0"),
	    {.check = "kernel-iommu",
	     .subject = "host",
	     .state = HP_UNKNOWN,
	     .severity = HP_MAJOR,
	     .title = "IOMMU and interrupt remapping are on",
	     .text =
		 "/bin/esxcli --formatter=keyvalue system settings kernel list ran longer than 60 s and was ended."},
	    {.check = "esx-release",
	     .subject = "host",
	     .state = HP_PASS,
	     .severity = HP_MAJOR,
	     .title = "t",
	     .text = "ok"},
	};
	struct hp_report r = conclude(a, f, 4);
	const char *text = text_of(a, &r, &plain);
	assert_string_equal(text, "NON-COMPLIANT esx01.example.org: 2 fail, 1 unknown, 1 pass\n"
				  "Dell Inc. PowerEdge XE9680, ESX 9.0.0 build 24755229, policy built-in\n"
				  "\n"
				  "FAIL hca-ats: ATS_ENABLED of every HCA (blocker)\n"
				  "      2 of 2: 0000:1a:00.0 0000:3c:00.0\n"
				  "      now 0, next boot 0, wanted 1\n"
				  "      ATS_ENABLED is 0.\n"
				  "      Set ATS_ENABLED=1, then reboot through firmware (Quick Boot off).\n"
				  "        /opt/mellanox/bin/mlxconfig -d mt4129_pciconf0 -y set ATS_ENABLED=1\n"
				  "        /opt/mellanox/bin/mlxconfig -d mt4129_pciconf1 -y set ATS_ENABLED=1\n"
				  "\n"
				  "UNKNOWN kernel-iommu: IOMMU and interrupt remapping are on (major)\n"
				  "      /bin/esxcli --formatter=keyvalue system settings kernel list ran longer\n"
				  "      than 60 s and was ended.\n"
				  "\n"
				  "1 pass, 0 not applicable, 0 skipped. --verbose shows more.\n"
				  "No reboot is pending.\n"
				  "`hostprep fix --dry-run` shows what hostprep would change here, and changes\n"
				  "nothing.\n"
				  "`hostprep explain ID` says what a check looks at and why.\n");
	is_tame(text, NULL, false);
}

static void a_golden_reboot(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f = hca(HP_PENDING_REBOOT, "0000:1a:00.0", "0", "1");
	f.text = "ATS_ENABLED is 0 now; the next boot brings 1.";
	struct hp_report r = conclude(a, &f, 1);
	assert_string_equal(hp_copy(a, hp_report_reboot_text(a, &r)),
			    "Reboot needed (full): through firmware: Quick Boot must be off.\n"
			    "  hca-ats 0000:1a:00.0: ATS_ENABLED is 0 now; the next boot brings 1.\n");
	f = hca(HP_PASS, "0000:1a:00.0", "1", "1");
	r = conclude(a, &f, 1);
	assert_string_equal(hp_copy(a, hp_report_reboot_text(a, &r)), "No reboot is pending.\n");
	f = hca(HP_UNKNOWN, "0000:1a:00.0", NULL, NULL);
	r = conclude(a, &f, 1);
	const char *text = hp_copy(a, hp_report_reboot_text(a, &r));
	assert_has(text, "cannot be told");
	assert_has(text, "hca-ats 0000:1a:00.0");
}

static void quiet_prints_everything_that_is_not_pass(void **state)
{
	struct hp_arena *a = *state;
	static const char *const checks[HP_STATES] = {"c-pass",	   "c-fail", "c-regressing", "c-pending",
						      "c-unknown", "c-na",   "c-skipped"};
	struct hp_finding f[HP_STATES];
	for (int i = 0; i < HP_STATES; i++)
		f[i] = (struct hp_finding){.check = checks[i],
					   .subject = "host",
					   .state = (enum hp_state)i,
					   .severity = i % 2 ? HP_INFO : HP_MAJOR,
					   .title = "t",
					   .text = "x"};
	struct hp_report r = conclude(a, f, HP_STATES);
	const char *quiet = text_of(a, &r, &(struct hp_text_style){.quiet = true});
	for (int i = 0; i < HP_STATES; i++) {
		if (i == HP_PASS)
			assert_no(quiet, checks[i]);
		else
			assert_has(quiet, checks[i]);
	}
	const char *verbose = text_of(a, &r, &(struct hp_text_style){.verbose = true});
	for (int i = 0; i < HP_STATES; i++)
		assert_has(verbose, checks[i]);
	const char *usual = text_of(a, &r, &plain);
	assert_has(usual, "c-fail");
	assert_no(usual, "c-pass");
	assert_has(usual, "does not count"); /* what is info says so */
	r = conclude(a, f, 1);
	assert_string_equal(text_of(a, &r, &(struct hp_text_style){.quiet = true}), "");
}

static void colour_only_when_asked(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f[2] = {hca(HP_FAIL, "0000:1a:00.0", "0", "0"), hca(HP_UNKNOWN, "0000:3c:00.0", NULL, NULL)};
	struct hp_report r = conclude(a, f, 2);
	assert_no(text_of(a, &r, &plain), "\033");
	const char *color = text_of(a, &r, &(struct hp_text_style){.color = true});
	assert_has(color, "\033[31;1mFAIL\033[0m");
	is_tame(color, NULL, true);
	struct hp_buf without = hp_buf(a); /* the same, but for the codes */
	for (const char *p = color; *p; p++) {
		if (*p == '\033')
			p = strchr(p, 'm');
		else
			hp_put(&without, (struct hp_str){p, 1});
	}
	assert_string_equal(hp_built_text(&without), text_of(a, &r, &plain));
}

static void hostile_bytes_are_shown_as_question_marks(void **state)
{
	struct hp_arena *a = *state;
	static char bytes[1200];
	static const char *const command = "esxcli one command that is quite long and never broken, so that it can be "
					   "copied from the screen as it stands";
	for (unsigned seed = 0; seed < 300; seed++) {
		hp_arena_free(a);
		hp_arena_init(a, HP_ARENA_LIMIT, NULL);
		uint32_t x = seed * 2654435761u + 1;
		size_t n = x % 1000;
		for (size_t i = 0; i < n; i++) {
			x = x * 1664525u + 1013904223u;
			bytes[i] = (char)(x >> 24 ? x >> 24 : ' ');
			if (seed % 4 == 0 && bytes[i] == ' ')
				bytes[i] = 'x'; /* one long word */
		}
		bytes[n] = 0;
		const char *text = hp_format(a, "\033[2J\033]0;title\007 %s", bytes);
		struct hp_finding f[HP_STATES];
		for (int i = 0; i < HP_STATES; i++)
			f[i] = (struct hp_finding){.check = "hca-ats",
						   .subject = seed % 2 ? "host" : text,
						   .state = (enum hp_state)i,
						   .severity = HP_MAJOR,
						   .title = text,
						   .want = text,
						   .now = text,
						   .next = text,
						   .text = text,
						   .has_next = true,
						   .remedy = {.text = text, .command = command}};
		struct hp_report r = conclude(a, f, HP_STATES);
		r.host.name = r.host.vendor = r.host.model = r.host.version = r.host.build = text;
		r.policy.name = text;
		for (int k = 0; k < 4; k++) {
			struct hp_text_style style = {.quiet = k & 1, .verbose = k & 2};
			is_tame(text_of(a, &r, &style), command, false);
		}
		is_tame(hp_copy(a, hp_report_reboot_text(a, &r)), NULL, false);
		hp_report_error(a, &r, text, text);
		is_tame(text_of(a, &r, &plain), command, false);
		is_tame(hp_copy(a, hp_report_reboot_text(a, &r)), NULL, false);
		r.finding_count = 0;
		is_tame(text_of(a, &r, &plain), NULL, false);
	}
}

static void commands_are_never_broken_and_stand_once(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f[3] = {hca(HP_FAIL, "0000:1a:00.0", "0", "0"), hca(HP_FAIL, "0000:3c:00.0", "0", "0"),
				  hca(HP_FAIL, "0000:3d:00.0", "0", "0")};
	static const char *const command =
	    "esxcli a command of more than eighty columns, that an admin will want to copy as a "
	    "whole from the screen";
	f[0].remedy.command = f[1].remedy.command = f[2].remedy.command = command;
	struct hp_report r = conclude(a, f, 3);
	const char *text = text_of(a, &r, &plain), *first = strstr(text, command);
	assert_non_null(first);
	assert_null(strstr(first + 1, command));
	assert_has(text, "3 of 3: 0000:1a:00.0 0000:3c:00.0 0000:3d:00.0");
}

static void what_is_missing_is_said(void **state)
{
	struct hp_arena *a = *state;
	struct hp_finding f = hca(HP_FAIL, "0000:1a:00.0", "", NULL);
	struct hp_report r = conclude(a, &f, 1);
	r.host.name = r.host.vendor = r.host.model = r.host.version = r.host.build = NULL;
	r.complete = false;
	const char *text = text_of(a, &r, &plain);
	assert_has(text, "this host");
	assert_has(text, "now empty, wanted 1");
	assert_has(text, "not complete");
	assert_no(text, "(null)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(a_golden_report),
	    UNIT_TEST(a_golden_reboot),
	    UNIT_TEST(quiet_prints_everything_that_is_not_pass),
	    UNIT_TEST(colour_only_when_asked),
	    UNIT_TEST(hostile_bytes_are_shown_as_question_marks),
	    UNIT_TEST(commands_are_never_broken_and_stand_once),
	    UNIT_TEST(what_is_missing_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
