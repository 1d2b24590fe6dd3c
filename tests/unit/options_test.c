#include "../../agent/cli/options.h"
#include "unit.h"

#define WORDS_MAX 80

/* The words of a line, parted by blanks. */
static int split(struct hp_arena *a, const char *line, char **ret_argv)
{
	struct hp_str rest = hp_str(line), word;
	int argc = 0;
	while (argc < WORDS_MAX && hp_next_word(&rest, &word)) {
		ret_argv[argc] = hp_alloc(a, word.n + 1);
		memcpy(ret_argv[argc++], word.p, word.n);
	}
	return argc;
}

static int parse(struct hp_arena *a, const char *line, struct hp_options *ret, struct hp_err *err)
{
	char *argv[WORDS_MAX] = {NULL};
	return hp_options_parse(a, split(a, line, argv), argv, ret, err);
}

static struct hp_options good(struct hp_arena *a, const char *line)
{
	struct hp_options o;
	struct hp_err err;
	if (parse(a, line, &o, &err) < 0)
		fail_msg("%s: %s", line, err.text);
	return o;
}

static void usage_error(struct hp_arena *a, const char *line, const char *words)
{
	struct hp_options o;
	struct hp_err err = {""};
	if (parse(a, line, &o, &err) == 0)
		fail_msg("taken: %s", line);
	assert_has(err.text, words);
}

static void defaults(void **state)
{
	struct hp_options o = good(*state, "hostprep check");
	assert_string_equal(o.command->name, "check");
	assert_int_equal(o.jobs, 4);
	assert_int_equal(o.fail_on, HP_MINOR);
	assert_int_equal(o.format, HP_FORMAT_TEXT);
	assert_int_equal(o.color, HP_COLOR_AUTO);
	assert_int_equal(o.timeout_s, 0);
	assert_int_equal(o.deadline_s, 0);
	assert_false(o.quiet || o.verbose || o.help);
	assert_null(o.root);
}

static void every_value(void **state)
{
	struct hp_arena *a = *state;
	struct hp_options o =
	    good(a, "hostprep --root /tmp/x check --policy - --only a,b --skip c --tag d --format json "
		    "--output json:/tmp/a --output=text:/b:c --record r.gz --timeout 5 --deadline=7 "
		    "--jobs 64 --fail-on blocker --color never --quiet --verbose");
	assert_string_equal(o.root, "/tmp/x");
	assert_string_equal(o.policy, "-");
	assert_string_equal(o.only, "a,b");
	assert_string_equal(o.skip, "c");
	assert_string_equal(o.tag, "d");
	assert_int_equal(o.format, HP_FORMAT_JSON);
	assert_int_equal(o.output_count, 2);
	assert_int_equal(o.outputs[0].format, HP_FORMAT_JSON);
	assert_string_equal(o.outputs[1].path, "/b:c");
	assert_string_equal(o.record, "r.gz");
	assert_int_equal(o.timeout_s, 5);
	assert_int_equal(o.deadline_s, 7);
	assert_int_equal(o.jobs, 64);
	assert_int_equal(o.fail_on, HP_BLOCKER);
	assert_int_equal(o.color, HP_COLOR_NEVER);
	assert_true(o.quiet && o.verbose);
	assert_string_equal(good(a, "hostprep check --replay x.cap").replay, "x.cap");
	assert_int_equal(good(a, "hostprep check --fail-on major").fail_on, HP_MAJOR);
	assert_int_equal(good(a, "hostprep check --color always").color, HP_COLOR_ALWAYS);
	assert_string_equal(good(a, "hostprep explain hca-ats").id, "hca-ats");
	assert_string_equal(good(a, "hostprep explain -- -x").id, "-x");
	assert_true(good(a, "hostprep --help").help);
	assert_true(good(a, "hostprep -h").help);
	assert_true(good(a, "hostprep list --help").help);
	assert_int_equal(good(a, "hostprep check --jobs 1 --jobs 2").jobs, 2); /* the last one counts */
}

/* A value that the option takes. */
static const char *value_for(const struct hp_option *o)
{
	static const char *const values[][2] = {
	    {"format", "json"},	  {"output", "json:/x"}, {"timeout", "9"},     {"deadline", "9"},   {"jobs", "2"},
	    {"fail-on", "major"}, {"color", "always"},	 {"plan", "0123abcd"}, {"override", "esx"}, {NULL, "x"}};
	size_t i = 0;
	while (values[i][0] && strcmp(values[i][0], o->name) != 0)
		i++;
	return values[i][1];
}

static void every_option_on_every_command(void **state)
{
	struct hp_arena *a = *state;
	unsigned all = 0;
	for (const struct hp_command *c = hp_commands; c->name; c++) {
		all |= c->bit;
		for (const struct hp_option *o = hp_options_table; o->name; o++) {
			const char *value = o->value ? hp_format(a, " %s", value_for(o)) : "";
			const char *line = hp_format(a, "hostprep %s --%s%s", c->name, o->name, value);
			if (!(o->commands & c->bit)) {
				usage_error(a, line, hp_format(a, "hostprep %s takes no --%s", c->name, o->name));
				continue;
			}
			if (c->bit == HP_FOR_FIX && strcmp(o->name, "replay") == 0) {
				usage_error(a, line, "wants --dry-run");
				continue;
			}
			(void)good(a, line);
			(void)good(a, hp_format(a, "hostprep --%s%s %s", o->name, value, c->name));
			if (o->value) {
				(void)good(a, hp_format(a, "hostprep %s --%s=%s", c->name, o->name, value_for(o)));
				usage_error(a, hp_format(a, "hostprep %s --%s", c->name, o->name), "wants a value");
			} else {
				usage_error(a, hp_format(a, "hostprep %s --%s=x", c->name, o->name), "takes no value");
			}
		}
	}
	assert_int_equal(all, HP_FOR_ALL);
}

static void formats(void **state)
{
	struct hp_arena *a = *state;
	for (const struct hp_command *c = hp_commands; c->name; c++) {
		if (c->bit == HP_FOR_CAPTURE)
			continue;
		const char *line = hp_format(a, "hostprep %s --format", c->name);
		assert_int_equal(good(a, hp_format(a, "%s text", line)).format, HP_FORMAT_TEXT);
		assert_int_equal(good(a, hp_format(a, "%s=esxcli", line)).format, HP_FORMAT_ESXCLI);
		if (c->bit & (HP_FOR_LIST | HP_FOR_EXPLAIN))
			usage_error(a, hp_format(a, "%s esxcli-list", line), "known: text, json, esxcli");
		else
			assert_int_equal(good(a, hp_format(a, "%s esxcli-list", line)).format, HP_FORMAT_ESXCLI_LIST);
		usage_error(a, hp_format(a, "%s esxcli-", line), "known: text, json, esxcli");
	}
	struct hp_options o = good(a, "hostprep check --output esxcli:a --output esxcli-list:b:c --localcli");
	assert_int_equal(o.outputs[0].format, HP_FORMAT_ESXCLI);
	assert_int_equal(o.outputs[1].format, HP_FORMAT_ESXCLI_LIST);
	assert_true(o.localcli);
	usage_error(a, "hostprep fix --localcli", "takes no --localcli"); /* it only reads */
}

/* What is told of a line without memory is what the parser makes of it. */
static void a_glance(void **state)
{
	struct hp_arena *a = *state;
	static const char *const lines[] = {
	    "hostprep check",
	    "hostprep --format json check --format=esxcli-list",
	    "hostprep --policy version reboot-status --format esxcli",
	    "hostprep report --root --format --format json",
	    "hostprep --version --format esxcli-list",
	    "hostprep fix --format json --override esx --override repeat",
	};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		char *argv[WORDS_MAX] = {NULL};
		const struct hp_command *command;
		enum hp_format format;
		struct hp_options o = good(a, lines[i]);
		hp_options_glance(split(a, lines[i], argv), argv, &command, &format);
		assert_ptr_equal(command, o.command);
		assert_int_equal(format, o.format);
	}
}

static void usage_errors(void **state)
{
	struct hp_arena *a = *state;
	usage_error(a, "hostprep", "which command?");
	usage_error(a, "hostprep --quiet", "which command?");
	usage_error(a, "hostprep fly", "unknown command \"fly\"");
	usage_error(a, "hostprep topology", "unknown command");
	usage_error(a, "hostprep check --fly", "unknown option --fly");
	usage_error(a, "hostprep check --fly=1", "unknown option --fly");
	usage_error(a, "hostprep check -q", "unknown option -q");
}

static void what_fix_and_undo_take(void **state)
{
	struct hp_arena *a = *state;
	struct hp_options o =
	    good(a, "hostprep fix --dry-run --plan 0123ABCD --override esx,persistence --override repeat "
		    "--enter-maintenance --state-dir /x");
	assert_true(o.dry_run && o.enter_maintenance);
	assert_string_equal(o.plan, "0123ABCD");
	assert_string_equal(o.overrides, "esx,persistence,repeat");
	assert_string_equal(o.state_dir, "/x");
	assert_string_equal(good(a, "hostprep undo 20261122T030405Z-1a2b").id, "20261122T030405Z-1a2b");
	assert_true(good(a, "hostprep fix --replay x --dry-run").dry_run);
	usage_error(a, "hostprep fix --plan 0123456", "wants the digest");
	usage_error(a, "hostprep fix --plan 0123456g", "wants the digest");
	usage_error(a, "hostprep fix --plan 0123456789abcdef0123456789abcdef0", "wants the digest");
	usage_error(a, "hostprep fix --override all", "no gate \"all\"");
	usage_error(a, "hostprep fix --override state-dir", "cannot be overridden");
	usage_error(a, "hostprep fix --override=", "name of a gate");
	usage_error(a, "hostprep fix --state-dir=", "wants a directory");
	usage_error(a, "hostprep fix now", "unexpected argument");
	usage_error(a, "hostprep undo --only gpu-reset", "takes no --only");
}

static void usage_errors_of_values(void **state)
{
	struct hp_arena *a = *state;
	usage_error(a, "hostprep check now", "unexpected argument \"now\"");
	usage_error(a, "hostprep explain a b", "unexpected argument \"b\"");
	usage_error(a, "hostprep check -", "unexpected argument");
	usage_error(a, "hostprep check --format xml", "unknown format \"xml\"");
	usage_error(a, "hostprep check --output json", "FORMAT:PATH");
	usage_error(a, "hostprep check --output json:", "FORMAT:PATH");
	usage_error(a, "hostprep check --output xml:/x", "unknown format \"xml\"");
	usage_error(a, "hostprep check --jobs 0", "from 1 to 64");
	usage_error(a, "hostprep check --jobs 65", "from 1 to 64");
	usage_error(a, "hostprep check --jobs four", "from 1 to 64");
	usage_error(a, "hostprep check --timeout -1", "from 1 to 86400");
	usage_error(a, "hostprep check --deadline 86401", "from 1 to 86400");
	usage_error(a, "hostprep check --fail-on info", "blocker, major or minor");
	usage_error(a, "hostprep check --fail-on Blocker", "blocker, major or minor");
	usage_error(a, "hostprep check --color yes", "auto, always or never");
	usage_error(a, "hostprep check --root /a --replay b", "exclude each other");
	usage_error(a,
		    "hostprep check --output json:1 --output json:2 --output json:3 --output json:4 --output json:5 "
		    "--output json:6 --output json:7 --output json:8 --output json:9",
		    "more than 8 times");
}

static void more_options_than_anybody_types(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "hostprep check");
	for (int i = 0; i < 70; i++)
		hp_puts(&b, " --quiet");
	usage_error(a, hp_built_text(&b), "too many options");
}

static void help_and_man_page_name_everything(void **state)
{
	struct hp_arena *a = *state;
	const char *help = hp_copy(a, hp_help_text(a, NULL)), *man = hp_copy(a, hp_man_page(a));
	struct hp_str rest, line;
	bool ended;
	for (const struct hp_command *c = hp_commands; c->name; c++) {
		assert_has(help, hp_format(a, "\n  %s", c->name));
		assert_has(man, hp_format(a, ".It Cm %s", c->name));
		const char *own = hp_copy(a, hp_help_text(a, c));
		assert_has(own, hp_format(a, "hostprep %s", c->name));
		for (const struct hp_option *o = hp_options_table; o->name; o++) {
			const char *shown = hp_format(a, "\n  --%s", o->name);
			if (o->commands & c->bit)
				assert_has(own, shown);
			else
				assert_no(own, hp_format(a, "%s ", shown));
		}
		for (rest = hp_str(own); hp_next_line(&rest, &line, &ended);)
			assert_true(line.n <= 80 && ended);
	}
	for (const struct hp_option *o = hp_options_table; o->name; o++) {
		assert_has(help, hp_format(a, "--%s", o->name));
		assert_has(man, hp_format(a, ".It Fl -%s", o->name));
	}
	for (rest = hp_str(help); hp_next_line(&rest, &line, &ended);)
		assert_true(line.n <= 80 && ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(defaults),
	    UNIT_TEST(every_value),
	    UNIT_TEST(every_option_on_every_command),
	    UNIT_TEST(formats),
	    UNIT_TEST(a_glance),
	    UNIT_TEST(usage_errors),
	    UNIT_TEST(what_fix_and_undo_take),
	    UNIT_TEST(usage_errors_of_values),
	    UNIT_TEST(more_options_than_anybody_types),
	    UNIT_TEST(help_and_man_page_name_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
