#include "unit.h"

static const char *const argv[] = {"bin/esxcli", "--formatter=keyvalue", "system", NULL};
static const struct hp_call run = {.kind = HP_CALL_RUN, .argv = argv, .cap = 6 << 20, .timeout_ms = 60000};
static const struct hp_call may_be_empty = {.kind = HP_CALL_RUN, .argv = argv, .empty_ok = true};
static const struct hp_call file = {.kind = HP_CALL_FILE, .path = "etc/vmware/passthru.map", .cap = 1024};
static const struct hp_call outside = {.kind = HP_CALL_FILE, .path = "/tmp/x", .outside = true};
static const struct hp_call look = {.kind = HP_CALL_STAT, .path = "etc/vmware/passthru.map"};
static const struct hp_call look_outside = {.kind = HP_CALL_STAT, .path = "/bootbank", .outside = true};
static const struct hp_call edit = {.kind = HP_CALL_EDIT, .path = "etc/vmware/passthru.map"};

static void calls_as_an_admin_types_them(void **state)
{
	struct hp_arena *a = *state;
	assert_string_equal(hp_call_text(a, &run), "/bin/esxcli --formatter=keyvalue system");
	assert_string_equal(hp_call_text(a, &file), "/etc/vmware/passthru.map");
	assert_string_equal(hp_call_key(a, &run), "run bin/esxcli --formatter=keyvalue system");
	assert_string_equal(hp_call_key(a, &file), "file etc/vmware/passthru.map");
	assert_string_equal(hp_call_text(a, &look), "/etc/vmware/passthru.map");
	assert_string_equal(hp_call_key(a, &look), "stat etc/vmware/passthru.map");
	assert_string_equal(hp_call_text(a, &edit), "/etc/vmware/passthru.map");
	assert_string_equal(hp_call_text(a, &outside), "/tmp/x");
	assert_string_equal(hp_call_key(a, &outside), "file /tmp/x"); /* tmp/x below a root is another file */
	assert_string_equal(hp_call_text(a, &look_outside), "/bootbank");
	assert_string_equal(hp_call_key(a, &look_outside), "stat /bootbank");
}

static const char *trouble(struct hp_arena *a, const struct hp_call *call, enum hp_end end, int code, const char *out,
			   const char *err)
{
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(out), .err = hp_str(err), .size = strlen(out)};
	return hp_reply_trouble(a, call, &reply);
}

static void answers(void **state)
{
	struct hp_arena *a = *state;
	assert_null(trouble(a, &run, HP_END_EXIT, 0, "x\n", "a warning\n"));
	assert_null(trouble(a, &may_be_empty, HP_END_EXIT, 0, "", ""));
	assert_null(trouble(a, &file, HP_END_EXIT, 0, "no newline", ""));
	assert_null(trouble(a, &file, HP_END_EXIT, 0, "", ""));
}

static void what_is_no_answer(void **state)
{
	struct hp_arena *a = *state;
	assert_string_equal(trouble(a, &run, HP_END_EXIT, 0, "", ""), "printed nothing");
	assert_string_equal(trouble(a, &run, HP_END_EXIT, 0, "x\ny", ""), "stopped in the middle of a line");
	assert_string_equal(trouble(a, &may_be_empty, HP_END_EXIT, 0, "x", ""), "stopped in the middle of a line");
	assert_string_equal(trouble(a, &run, HP_END_EXIT, 1, "\n  Error: no\nmore\n", "e\n"),
			    "failed with exit 1: Error: no");
	assert_string_equal(trouble(a, &run, HP_END_EXIT, 2, "\n", " on stderr\n"), "failed with exit 2: on stderr");
	assert_string_equal(trouble(a, &run, HP_END_EXIT, 3, "", ""), "failed with exit 3 and printed nothing");
	assert_string_equal(trouble(a, &run, HP_END_SIGNAL, 9, "x\n", ""), "was ended by signal 9");
	assert_has(trouble(a, &run, HP_END_TIMEOUT, 60, "x\n", ""), "60 s");
	assert_has(trouble(a, &run, HP_END_TOO_BIG, 0, "x\n", ""), "more than 6144 KiB");
	assert_string_equal(trouble(a, &run, HP_END_NOT_FOUND, 2, "", ""), "is not there");
	assert_has(trouble(a, &run, HP_END_NOT_STARTED, 13, "", ""), "could not be started: Permission denied");
	assert_has(trouble(a, &file, HP_END_NOT_STARTED, 13, "", ""), "could not be read: Permission denied");
	assert_non_null(trouble(a, &run, HP_END_CANCELLED, 0, "x\n", ""));
	assert_string_equal(trouble(a, &run, HP_END_NOT_RECORDED, 0, "", ""), "is not in the capture");
}

static void what_stat_and_edit_say(void **state)
{
	struct hp_arena *a = *state;
	assert_null(trouble(a, &look, HP_END_EXIT, 0, "dir\n", ""));
	static const char *const not_one[] = {"", "\n", "dir", "dir\ndir\n", "dir\n\n", "dir\nx"};
	for (size_t i = 0; i < sizeof not_one / sizeof not_one[0]; i++)
		assert_string_equal(trouble(a, &look, HP_END_EXIT, 0, not_one[i], ""),
				    "was not described in one whole line");
	struct hp_reply zero = {.end = HP_END_EXIT, .out = {"link a\0b\n", 9}};
	assert_non_null(hp_reply_trouble(a, &look, &zero));
	assert_string_equal(trouble(a, &look, HP_END_NOT_FOUND, 2, "", ""), "is not there");
	assert_has(trouble(a, &look, HP_END_NOT_STARTED, 13, "", ""), "could not be looked at: Permission denied");
	assert_null(trouble(a, &edit, HP_END_EXIT, 0, "", ""));
	assert_has(trouble(a, &edit, HP_END_NOT_STARTED, 28, "", ""), "could not be written: No space left");
	assert_string_equal(trouble(a, &edit, HP_END_CHANGED, 0, "", ""), "was changed by somebody else meanwhile");
	assert_has(trouble(a, &edit, HP_END_DAMAGED, 5, "", ""), "nor put back as it was: Input/output error");
}

static void bytes_that_are_no_text(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply reply = {.end = HP_END_EXIT, .out = {"a\0b\n", 4}};
	assert_string_equal(hp_reply_trouble(a, &run, &reply), "printed bytes that are no text");
}

static void a_file_that_was_cut(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply reply = {.end = HP_END_EXIT, .out = hp_str("abc"), .size = 4};
	assert_has(hp_reply_trouble(a, &file, &reply), "cut off");
	reply.size = 2;
	assert_non_null(hp_reply_trouble(a, &file, &reply));
	reply.out = (struct hp_str){NULL, 0};
	assert_non_null(hp_reply_trouble(a, &file, &reply));
}

static void what_a_tool_says_is_cleaned(void **state)
{
	struct hp_arena *a = *state;
	const char *why = trouble(a, &run, HP_END_EXIT, 1, "\x1b[2J\xff gone\n", "");
	assert_string_equal(why, "failed with exit 1: ?[2J? gone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(calls_as_an_admin_types_them),
	    UNIT_TEST(answers),
	    UNIT_TEST(what_is_no_answer),
	    UNIT_TEST(what_stat_and_edit_say),
	    UNIT_TEST(bytes_that_are_no_text),
	    UNIT_TEST(a_file_that_was_cut),
	    UNIT_TEST(what_a_tool_says_is_cleaned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
