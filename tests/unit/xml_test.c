#include "../../agent/base/xml.h"
#include "unit.h"

static struct hp_str escaped(struct hp_arena *a, const char *bytes, size_t n)
{
	struct hp_buf b = hp_buf(a);
	hp_xml_put(&b, (struct hp_str){bytes, n});
	return hp_built(&b);
}

static void is(struct hp_arena *a, const char *text, const char *wanted)
{
	assert_str(a, escaped(a, text, strlen(text)), wanted);
}

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void what_is_escaped(void **state)
{
	struct hp_arena *a = *state;
	is(a, "", "");
	is(a, "plain text", "plain text");
	is(a, "<a b=\"c\" d='e'>&amp;", "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
	is(a, "]]>", "]]&gt;");
	is(a, "\ta\r\nb\n", "&#9;a&#13;&#10;b&#10;");
	is(a, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x84", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x84");
}

static void what_cannot_be_carried(void **state)
{
	struct hp_arena *a = *state;
	assert_str(a, escaped(a, "a\0b", 3), "a" BAD "b");
	assert_str(a, escaped(a, NULL, 0), "");
	is(a, "\x01\x1b[2J\x7f", BAD BAD "[2J\x7f");
	is(a, "\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", BAD BAD BAD);
	is(a, "\xed\xa0\x80", BAD BAD BAD);	    /* a surrogate */
	is(a, "\xc0\xbc", BAD BAD);		    /* "<", overlong */
	is(a, "\xf4\x90\x80\x80", BAD BAD BAD BAD); /* beyond U+10FFFF */
	is(a, "\xe2\x82<", BAD BAD "&lt;");	    /* cut; what follows is not swallowed */
	is(a, "a\xff\xfe\xf0\x9f\x90", "a" BAD BAD BAD BAD BAD);
}

static size_t encode(uint32_t c, char *ret)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = n; i-- > 1; c >>= 6)
		ret[i] = (char)(0x80 | (c & 0x3f));
	ret[0] = (char)(lead[n] | c);
	return n;
}

/* The production Char of XML 1.0. */
static bool carried(uint32_t c)
{
	return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c < 0xd800) || (c >= 0xe000 && c < 0xfffe) || c >= 0x10000;
}

static void every_character(void **state)
{
	struct hp_arena *a = *state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		size_t n = encode(c, bytes);
		struct hp_arena scratch;
		hp_arena_init(&scratch, HP_ARENA_LIMIT, NULL);
		struct hp_str got = escaped(&scratch, bytes, n);
		bool surrogate = c >= 0xd800 && c < 0xe000;
		bool kept = hp_str_same(got, (struct hp_str){bytes, n});
		if (!carried(c))
			assert_true(hp_str_eq(got, surrogate ? BAD BAD BAD : BAD));
		else if (c < 0x80 && strchr("&<>\"'\t\n\r", (int)c))
			assert_true(hp_str_starts(got, "&") && hp_str_ends(got, ";"));
		else
			assert_true(kept);
		hp_arena_free(&scratch);
	}
	(void)a;
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(what_is_escaped), UNIT_TEST(what_cannot_be_carried),
					   UNIT_TEST(every_character)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
