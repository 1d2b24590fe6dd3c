#include "unit.h"

static void lines_tell_whether_they_ended(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str rest = hp_str("one\n\nthree"), line;
	bool ended;
	assert_true(hp_next_line(&rest, &line, &ended));
	assert_str(a, line, "one");
	assert_true(ended);
	assert_true(hp_next_line(&rest, &line, &ended));
	assert_int_equal(line.n, 0);
	assert_true(ended);
	assert_true(hp_next_line(&rest, &line, &ended));
	assert_str(a, line, "three");
	assert_false(ended);
	assert_false(hp_next_line(&rest, &line, &ended));
	rest = hp_str("only\n");
	assert_true(hp_next_line(&rest, &line, &ended));
	assert_false(hp_next_line(&rest, &line, &ended));
}

static void words_are_parted_by_blanks_tabs_and_cr(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str rest = hp_str("  a\tbc \r\n d"), word;
	const char *wanted[] = {"a", "bc", "d"};
	for (int i = 0; i < 3; i++) {
		assert_true(hp_next_word(&rest, &word));
		assert_str(a, word, wanted[i]);
	}
	assert_false(hp_next_word(&rest, &word));
	rest = (struct hp_str){NULL, 0};
	assert_false(hp_next_word(&rest, &word));
}

static void views(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str s = hp_str("hello");
	assert_str(a, hp_str_sub(s, 1, 3), "el");
	assert_str(a, hp_str_sub(s, 1, 99), "ello");
	assert_int_equal(hp_str_sub(s, 3, 3).n, 0);
	assert_int_equal(hp_str_sub(s, 9, 3).n, 0);
	assert_int_equal(hp_str(NULL).n, 0);
	assert_true(hp_str_eq(s, "hello"));
	assert_false(hp_str_eq(s, "hell"));
	assert_true(hp_str_eq((struct hp_str){NULL, 0}, ""));
	assert_true(hp_str_same((struct hp_str){NULL, 0}, hp_str("")));
	assert_true(hp_str_starts(s, "he") && hp_str_ends(s, "lo") && hp_str_starts(s, ""));
	assert_false(hp_str_starts(s, "hello!") || hp_str_ends(s, "!hello"));
	assert_true(hp_str_has(s, "ll") && hp_str_has(s, "") && hp_str_has(s, "o") && hp_str_has(s, "hello"));
	assert_false(hp_str_has(s, "lll") || hp_str_has(s, "hello!") || hp_str_has((struct hp_str){NULL, 0}, "a"));
	assert_true(hp_str_has(hp_str("aaab"), "aab"));
	assert_true(hp_str_has_nocase(hp_str("The DELL Inc."), "dell") && hp_str_has_nocase(hp_str("deDell"), "dell"));
	assert_true(hp_str_has_nocase(s, "") && hp_str_has_nocase((struct hp_str){NULL, 0}, ""));
	assert_false(hp_str_has_nocase(hp_str("Del"), "dell") || hp_str_has_nocase((struct hp_str){NULL, 0}, "a"));
	assert_true(hp_str_has_byte(s, 'o'));
	assert_false(hp_str_has_byte((struct hp_str){NULL, 0}, 'o'));
	assert_str(a, hp_str_trim(hp_str(" \t\r\n a b \n")), "a b");
	assert_int_equal(hp_str_trim(hp_str(" \t ")).n, 0);
}

static void texts_grow(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf b = hp_buf(a);
	assert_string_equal(hp_built_text(&b), "");
	for (int i = 0; i < 5000; i++)
		hp_putf(&b, "%d,", i % 10);
	hp_puts(&b, "end");
	assert_int_equal(hp_built(&b).n, 10003);
	assert_string_equal(hp_built_text(&b) + 9996, "8,9,end");
	hp_puts(&b, "!"); /* after the text was taken */
	assert_string_equal(hp_built_text(&b) + 10000, "end!");
	hp_put(&b, (struct hp_str){"a\0b", 3});
	assert_int_equal(hp_built(&b).n, 10007);
	assert_string_equal(hp_format(a, "%s-%u", "x", 7u), "x-7");
	assert_string_equal(hp_copy(a, (struct hp_str){"a\0b", 3}), "a");
}

static void globs(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {{"*", "", true},
		     {"*", "abc", true},
		     {"", "", true},
		     {"", "a", false},
		     {"a?c", "abc", true},
		     {"a?c", "ac", false},
		     {"a*c", "abbbc", true},
		     {"a*c", "abbb", false},
		     {"kernel-*", "kernel-iommu", true},
		     {"*-ats*", "kernel-ats-support", true},
		     {"**a", "ba", true},
		     {"a*b*c", "aXbXbXc", true},
		     {"a*b*c", "aXc", false},
		     {"A", "a", false},
		     {"?", "", false}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (hp_glob(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("\"%s\" and \"%s\"", cases[i].pattern, cases[i].text);
}

static void clean_texts_are_utf_8(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *from, *to;
	} cases[] = {
	    {"plain\n\ttext", "plain\n\ttext"},
	    {"\xc3\xa4 \xe2\x80\x90 \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x80\x90 \xf0\x9f\x98\x80"},
	    {"\x1b[31m", "?[31m"},
	    {"\x07\x08\x7f\r", "????"},
	    {"\xff\xfe\x80", "???"},
	    {"\xc0\xaf", "??"},		  /* overlong */
	    {"\xe0\x80\xaf", "???"},	  /* overlong */
	    {"\xf0\x80\x80\x80", "????"}, /* overlong */
	    {"\xed\xa0\x80", "???"},	  /* surrogate */
	    {"\xf4\x90\x80\x80", "????"}, /* over U+10FFFF */
	    {"\xf5", "?"},
	    {"a\xe2\x80", "a??"}, /* cut */
	    {"\xe2\x28\xa1", "?(?"},
	    {"\xef\xbf\xbf\xf4\x8f\xbf\xbf", "\xef\xbf\xbf\xf4\x8f\xbf\xbf"},
	};
	bool cut;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(hp_clean_text(a, hp_str(cases[i].from), 100, &cut), cases[i].to);
		assert_false(cut);
	}
	assert_string_equal(hp_clean_text(a, (struct hp_str){"a\0b", 3}, 100, &cut), "a?b");
	assert_string_equal(hp_clean_text(a, hp_str("ab\xe2\x80\x90z"), 4, &cut), "ab"); /* not in a character */
	assert_true(cut);
	assert_string_equal(hp_clean_text(a, hp_str("ab\xe2\x80\x90z"), 5, &cut), "ab\xe2\x80\x90");
	assert_true(cut);
	assert_string_equal(hp_clean_text(a, hp_str("abc"), 0, &cut), "");
	assert_true(cut);
	assert_string_equal(hp_clean_text(a, (struct hp_str){NULL, 0}, 10, NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(lines_tell_whether_they_ended),
	    UNIT_TEST(words_are_parted_by_blanks_tabs_and_cr),
	    UNIT_TEST(views),
	    UNIT_TEST(texts_grow),
	    UNIT_TEST(globs),
	    UNIT_TEST(clean_texts_are_utf_8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
