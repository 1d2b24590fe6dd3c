/* JSON in pieces: what is taken, what is refused, and where. */
#include <stdio.h>
#include <string.h>

#include "../../agent/fleet/json_pull.h"
#include "unit.h"

static void strings_are_decoded(void **state)
{
	static const struct {
		const char *json, *means; /* NULL: refused */
	} cases[] = {
	    {"\"\"", ""},
	    {"\"plain\"", "plain"},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	    {"\"a\\u0041\\u00e9\\u20ac\"", "aA\xc3\xa9\xe2\x82\xac"},
	    {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
	    {"\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80"},
	    {"\"\\ud83d\"", NULL},	  /* half of a pair */
	    {"\"\\ude00\\ud83d\"", NULL}, /* the halves exchanged */
	    {"\"\\u00g0\"", NULL},
	    {"\"\\x\"", NULL},
	    {"\"a\nb\"", NULL},		/* a control character as it is */
	    {"\"\\u0000\"", NULL},	/* would end a text early */
	    {"\"\xc0\xaf\"", NULL},	/* overlong */
	    {"\"\xed\xa0\x80\"", NULL}, /* a surrogate in UTF-8 */
	    {"\"\xff\"", NULL},
	    {"'a'", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_pull j = hp_pull(*state, hp_str(cases[i].json));
		struct hp_str s;
		bool good = hp_pull_string(&j, &s) && hp_pull_end(&j);
		if (good != (cases[i].means != NULL))
			fail_msg("%s: %s", cases[i].json, good ? "taken" : j.trouble);
		if (good && !hp_str_eq(s, cases[i].means))
			fail_msg("%s is not %s", cases[i].json, cases[i].means);
	}
}

static void only_whole_numbers_are_numbers(void **state)
{
	static const struct {
		const char *json;
		bool good;
		int64_t value;
	} cases[] = {
	    {"0", true, 0},	{"-1", true, -1},  {"9007199254740993", true, 9007199254740993},
	    {"1.0", false, 0},	{"1e3", false, 0}, {"01", false, 0},
	    {"+1", false, 0},	{"-", false, 0},   {"99999999999999999999", false, 0},
	    {"true", false, 0}, {"NaN", false, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_pull j = hp_pull(*state, hp_str(cases[i].json));
		int64_t n = 0;
		bool good = hp_pull_number(&j, &n) && hp_pull_end(&j);
		if (good != cases[i].good || (good && n != cases[i].value))
			fail_msg("%s", cases[i].json);
	}
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    " ",
	    "{",
	    "[",
	    "{]",
	    "[}",
	    "[1,]",
	    "[,1]",
	    "[1 2]",
	    "{\"a\"}",
	    "{\"a\":}",
	    "{\"a\":1,}",
	    "{a:1}",
	    "{1:1}",
	    "tru",
	    "nul",
	    "nulll",
	    "1 2",
	    "{} {}",
	    "[1]x",
	    "//\n1",
	    "\xef\xbb\xbf{}",
	    "{\"a\":1",
	    "[\"a",
	    "{\"a\":1 \"b\":2}",
	    "-",
	    "1.",
	    "1e",
	    ".5",
	    "\"a",
	};
	static const char *const good[] = {"{}", " [ ] ", "null", "{\"a\":[1,-2.5e+3,{\"b\":null}],\"c\":\"\"}",
					   "true"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct hp_pull j = hp_pull(*state, hp_str(bad[i]));
		struct hp_err err;
		if (hp_pull_skip(&j) && hp_pull_end(&j))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(j.trouble);
		assert_int_equal(hp_pull_fail(&j, &err), -1);
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct hp_pull j = hp_pull(*state, hp_str(good[i]));
		if (!hp_pull_skip(&j) || !hp_pull_end(&j))
			fail_msg("%s: %s", good[i], j.trouble);
	}
}

static void depth_has_a_limit(void **state)
{
	char text[2 * (HP_PULL_DEPTH + 1) + 1];
	for (unsigned depth = HP_PULL_DEPTH; depth <= HP_PULL_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		struct hp_pull j = hp_pull(*state, (struct hp_str){text, (size_t)2 * depth});
		assert_int_equal(hp_pull_skip(&j) && hp_pull_end(&j), depth == HP_PULL_DEPTH);
	}
}

static void a_member_comes_once(void **state)
{
	struct hp_pull j = hp_pull(*state, hp_str("{\"a\":1,\"b\":2,\"a\":3}"));
	struct hp_seen seen = {0};
	struct hp_str key;
	int64_t n, a = 0;
	assert_true(hp_pull_open(&j, '{'));
	while (hp_pull_member(&j, &key)) {
		if (hp_pull_is(&j, key, "a", &seen, 0)) {
			if (hp_pull_number(&j, &n))
				a = n;
		} else {
			(void)hp_pull_skip(&j);
		}
	}
	assert_int_equal(a, 1); /* the second one is not looked at */
	assert_false(hp_pull_end(&j));
}

static void trouble_stays_and_has_a_place(void **state)
{
	struct hp_pull j = hp_pull(*state, hp_str("{\n  \"a\": [1,\n    x]}"));
	struct hp_str key;
	struct hp_err err;
	assert_true(hp_pull_open(&j, '{'));
	assert_true(hp_pull_member(&j, &key));
	assert_false(hp_pull_skip(&j));
	assert_false(hp_pull_member(&j, &key));
	assert_false(hp_pull_open(&j, '['));
	assert_int_equal(hp_pull_fail(&j, &err), -1);
	assert_true(hp_str_has(hp_str(err.text), "line 3, column 5"));
	assert_false(j.cut);

	j = hp_pull(*state, hp_str("{\"a\": [1,"));
	assert_false(hp_pull_skip(&j));
	assert_true(j.cut);
}

static void null_is_no_text_that_is_needed(void **state)
{
	const char *text = "before";
	struct hp_pull j = hp_pull(*state, hp_str("null"));
	assert_true(hp_pull_text(&j, &text));
	assert_null(text);
	j = hp_pull(*state, hp_str("null"));
	assert_false(hp_pull_need(&j, &text));
}

static void blanks_go_and_what_is_in_strings_stays(void **state)
{
	struct hp_str compact =
	    hp_json_compact(*state, hp_str("{ \"a b\" : [ 1 , \"x \\\" , y\" ] ,\r\n\t\"c\" : { } }"));
	assert_true(hp_str_eq(compact, "{\"a b\":[1,\"x \\\" , y\"],\"c\":{}}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(strings_are_decoded),
	    UNIT_TEST(only_whole_numbers_are_numbers),
	    UNIT_TEST(what_is_no_json_is_refused),
	    UNIT_TEST(depth_has_a_limit),
	    UNIT_TEST(a_member_comes_once),
	    UNIT_TEST(trouble_stays_and_has_a_place),
	    UNIT_TEST(null_is_no_text_that_is_needed),
	    UNIT_TEST(blanks_go_and_what_is_in_strings_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
