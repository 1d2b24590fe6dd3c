/* The command line of hostprep-report, and how rows add up to a verdict. */
#include "../../agent/fleet/options.h"
#include "../../agent/fleet/row.h"
#include "unit.h"

static int parse(struct hp_arena *a, const char *line, struct hp_fleet_options *ret, struct hp_err *err)
{
	char *argv[16];
	int argc = 0;
	struct hp_str rest = hp_str(line), word;
	while (hp_next_word(&rest, &word))
		argv[argc++] = strdup(hp_copy(a, word));
	argv[argc] = NULL;
	int result = hp_fleet_options_parse(a, argc, argv, ret, err); /* argv stays in use, as main's does */
	for (int i = 0; i < argc; i++)
		hp_defer(a, free, argv[i]);
	return result;
}

static void good_lines(void **state)
{
	struct hp_arena *a = *state;
	struct hp_fleet_options o;
	struct hp_err err;
	assert_int_equal(parse(a, "p merge --hosts h -o f a b -", &o, &err), 0);
	assert_string_equal(o.command->name, "merge");
	assert_string_equal(o.hosts, "h");
	assert_string_equal(o.output, "f");
	assert_int_equal(o.file_count, 3);
	assert_string_equal(o.files[2], "-");
	assert_int_equal(parse(a, "p merge --output=f -- -odd", &o, &err), 0);
	assert_string_equal(o.output, "f");
	assert_string_equal(o.files[0], "-odd");
	assert_int_equal(parse(a, "p summary --color always f", &o, &err), 0);
	assert_true(o.color);
	assert_int_equal(parse(a, "p summary --color never f", &o, &err), 0);
	assert_false(o.color);
	assert_int_equal(parse(a, "p --help", &o, &err), 0);
	assert_true(o.help);
	assert_int_equal(parse(a, "p html --help", &o, &err), 0); /* asks for nothing that is missing */
	assert_int_equal(parse(a, "p diff --format json a b", &o, &err), 0);
	assert_string_equal(o.format, "json");
}

static void bad_lines(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *line, *says;
	} bad[] = {
	    {"p", "a command is missing"},
	    {"p frob", "unknown command \"frob\""},
	    {"p merge", "merge wants FILE|DIR..."},
	    {"p diff a", "diff wants OLD NEW"},
	    {"p diff a b c", "diff wants OLD NEW"},
	    {"p html f", "html wants --output FILE"},
	    {"p version x", "version wants nothing after it"},
	    {"p csv --hosts h f", "csv does not take --hosts"},
	    {"p merge --frob x", "unknown option --frob"},
	    {"p merge x --hosts", "--hosts wants a value: FILE"},
	    {"p merge x --hosts=", "--hosts wants a value: FILE"},
	    {"p merge x -o a -o b", "--output stands twice"},
	    {"p merge x --quiet=yes", "--quiet takes no value"},
	    {"p diff a b --format xml", "--format is text or json, not \"xml\""},
	    {"p summary a --color blue", "--color is auto, always or never, not \"blue\""},
	    {"p --quiet merge x", "the command comes first"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct hp_fleet_options o;
		struct hp_err err;
		assert_int_equal(parse(a, bad[i].line, &o, &err), -1);
		assert_has(err.text, bad[i].says);
	}
}

/* Every command and option that is taken is told, and nothing is wider than a terminal. */
static void help_tells_all(void **state)
{
	struct hp_arena *a = *state;
	const char *help = hp_copy(a, hp_fleet_help(a, NULL)), *man = hp_copy(a, hp_fleet_man_page(a));
	for (const struct hp_fleet_command *c = hp_fleet_commands; c->name; c++) {
		assert_has(help, hp_format(a, "\n  %s ", c->name));
		assert_has(man, hp_format(a, ".It Cm %s", c->name));
		struct hp_str rest = hp_str(hp_format(a, "%s %s", c->needed, c->taken)), word;
		const char *own = hp_copy(a, hp_fleet_help(a, c));
		while (hp_next_word(&rest, &word)) {
			assert_has(own, hp_format(a, "--%s", hp_copy(a, word)));
			assert_has(help, hp_format(a, "--%s", hp_copy(a, word)));
			assert_has(man, hp_format(a, "Fl -%s", hp_copy(a, word)));
		}
		struct hp_str lines = hp_str(own), line;
		bool ended;
		while (hp_next_line(&lines, &line, &ended))
			assert_true(line.n <= 80);
	}
}

static void the_worst_row_decides(void **state)
{
	static const struct {
		int a, b, worse;
	} pairs[] = {{0, 0, 0}, {0, 4, 4}, {4, 3, 3}, {3, 2, 2}, {2, 1, 1}, {1, 0, 1}};
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		assert_int_equal(hp_worse_exit(pairs[i].a, pairs[i].b), pairs[i].worse);
		assert_int_equal(hp_worse_exit(pairs[i].b, pairs[i].a), pairs[i].worse);
	}
	static const int codes[][2] = {{0, 0}, {1, 3}, {2, 2}, {3, 3}, {4, 4}, {75, 3}, {77, 3}, {78, 3}};
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		struct hp_report report = {.exit_code = codes[i][0], .summary[HP_PASS] = 1, .complete = true};
		struct hp_row row = {.state = HP_ROW_OK, .report = &report};
		assert_int_equal(hp_row_exit(&row), codes[i][1]);
		for (int lost = HP_ROW_OK + 1; lost < HP_ROW_STATES; lost++) {
			row.state = (enum hp_row_state)lost;
			assert_int_equal(hp_row_exit(&row), 3);
		}
		row.state = HP_ROW_OK;
		report.complete = false; /* ended early */
		assert_int_equal(hp_row_exit(&row), codes[i][1] ? codes[i][1] : 3);
		report.selection.only = "hca-*"; /* a part was asked for */
		assert_int_equal(hp_row_exit(&row), codes[i][1]);
		report.summary[HP_PASS] = 0; /* nothing was judged */
		assert_int_equal(hp_row_exit(&row), codes[i][1] == 2 ? 2 : 3);
	}
	struct hp_row empty = {.state = HP_ROW_OK};
	assert_int_equal(hp_row_exit(&empty), 3);
}

static void states_have_one_word_each(void **state)
{
	(void)state;
	for (int i = 0; i < HP_ROW_STATES; i++) {
		enum hp_row_state found;
		assert_true(hp_row_state_find(hp_str(hp_row_state_word((enum hp_row_state)i)), &found));
		assert_int_equal(found, i);
	}
	enum hp_row_state none;
	assert_false(hp_row_state_find(hp_str("fine"), &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(good_lines),
	    UNIT_TEST(bad_lines),
	    UNIT_TEST(help_tells_all),
	    UNIT_TEST(the_worst_row_decides),
	    UNIT_TEST(states_have_one_word_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
