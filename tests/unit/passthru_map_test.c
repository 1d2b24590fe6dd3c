#include "../../agent/tools/passthru_map.h"
#include "unit.h"

#define GPU 0x10de, 0x2330

static struct hp_map read_map(struct hp_arena *a, const char *text)
{
	struct hp_map map;
	hp_map_read(a, hp_str(text), &map);
	return map;
}

static struct hp_value method(struct hp_arena *a, const char *text, uint16_t vendor, uint16_t device, unsigned *lines)
{
	struct hp_map map = read_map(a, text);
	struct hp_str record;
	return hp_map_method(a, &map, vendor, device, "flr", lines, &record);
}

static void is_method(struct hp_arena *a, const char *text, const char *wanted, unsigned wanted_lines)
{
	unsigned lines;
	struct hp_value v = method(a, text, GPU, &lines);
	if (v.is != HP_PRESENT || strcmp(v.text, wanted) != 0 || lines != wanted_lines)
		fail_msg("\"%s\": %s, %u lines", text, v.is == HP_PRESENT ? v.text : v.why, lines);
}

static void is_unclear(struct hp_arena *a, const char *text, const char *why)
{
	unsigned lines;
	struct hp_value v = method(a, text, GPU, &lines);
	if (v.is != HP_NO_DATA)
		fail_msg("\"%s\": %s", text, v.text);
	assert_has(v.why, why);
	assert_non_null(v.hint);
}

static void lines_that_match(void **state)
{
	struct hp_arena *a = *state;
	is_method(a, "10de ffff flr false\n", "flr", 1);
	is_method(a, "10de 2330 bridge false\n", "bridge", 1);
	is_method(a, "ffff ffff link true\n", "link", 1);
	is_method(a, "10DE 2330 d3d0 default\n", "d3d0", 1); /* upper case */
	is_method(a, "10de FFFF default false\n", "default", 1);
	is_method(a, "10de\tffff\t\tflr   false\r\n", "flr", 1); /* tabs, CRLF */
	is_method(a, "  10de ffff flr false", "flr", 1);	 /* no newline at the end */
	is_method(a, "10de ffff flr false # why\n", "flr", 1);
	is_method(a, "10de ffff flr false #why\n", "flr", 1);
}

static void lines_that_do_not(void **state)
{
	struct hp_arena *a = *state;
	is_method(a, "", "default", 0);
	is_method(a, "# 10de ffff bridge false\n\n \t\n#\n", "default", 0);
	is_method(a, "# a\xe2\x80\x90hyphen \xff\n8086 1502 d3d0 default\n10de 1cb2 bridge false\n", "default", 0);
	is_method(a, "15b3 ffff bridge false\n", "default", 0);
	is_method(a, "8086 2330 whatever false\n", "default", 0); /* somebody else's trouble */
	is_method(a, "8086 2330\n", "default", 0);
}

static void lines_that_differ(void **state)
{
	struct hp_arena *a = *state;
	is_method(a, "10de ffff flr false\n10de 2330 flr true\n", "flr", 2);
	is_method(a, "10de ffff flr false\n10de 2330 bridge true\n", "bridge", 2);
	is_method(a, "10de ffff bridge false\n10de 2330 flr true\n", "bridge", 2);
	is_method(a, "10de ffff default false\n10de 2330 d3d0 true\n", "d3d0", 2);
	is_method(a, "10de ffff flr false\n10de 2330 default true\n", "default", 2);
	is_method(a, "10de ffff link false\n10de 2330 bridge true\n10de ffff flr true\n", "link", 3);
}

static void lines_that_are_not_understood(void **state)
{
	struct hp_arena *a = *state;
	is_unclear(a, "10de ffff flr\n", "ine 1 of");
	is_unclear(a, "\n10de ffff\n", "ine 2 of");
	is_unclear(a, "10de\n", "ine 1 of");
	is_unclear(a, "10de ffff flr false extra\n", "ine 1 of");
	is_unclear(a, "10de ffff flr maybe\n", "ine 1 of");
	is_unclear(a, "10de ffff FLR false\n", "ine 1 of");
	is_unclear(a, "10de ffff warp false\n", "ine 1 of");
	is_unclear(a, "0x10de ffff flr false\n", "ine 1 of");
	is_unclear(a, "10de fff flr false\n", "ine 1 of");
	is_unclear(a, "10de fffff flr false\n", "ine 1 of");
	is_unclear(a, "10de:ffff flr false\n", "ine 1 of");
	is_unclear(a,
		   "\xef\xbb\xbf"
		   "10de ffff flr false\n",
		   "ine 1 of"); /* a byte order mark */
	is_unclear(a, "10de ffff flr false\nbroken\n", "ine 2 of");
	is_unclear(a, "10de ffff \x1b[2Jflr false\n", "?[2Jflr");
}

static void places(void **state)
{
	struct hp_arena *a = *state;
	static const char text[] = "# c\n8086 1502 d3d0 default\n\n10de ffff bridge false\n";
	struct hp_map map = read_map(a, text);
	struct hp_str record;
	unsigned lines;
	assert_int_equal(map.count, 2);
	assert_int_equal(map.lines[0].number, 2);
	assert_int_equal(map.lines[1].number, 4);
	assert_str(a, map.lines[1].bytes, "10de ffff bridge false");
	assert_str(a, map.lines[1].method, "bridge");
	assert_true(map.lines[1].method.p > text && map.lines[1].method.p < text + sizeof text); /* for the edit */
	(void)hp_map_method(a, &map, GPU, "flr", &lines, &record);
	assert_str(a, record, "10de ffff bridge false");
	assert_true(hp_map_matches(&map.lines[1], GPU));
	assert_false(hp_map_matches(&map.lines[0], GPU));
}

static void the_file(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *bytes;
		size_t n;
		uint64_t size;
		bool good;
	} cases[] = {{"10de ffff flr false\n", 20, 20, true},
		     {"10de ffff flr false", 19, 19, true},
		     {"#\n", 2, 2, true},
		     {"", 0, 0, false},
		     {"\n \n", 3, 3, false},
		     {"10de ffff flr\0false\n", 20, 20, false},
		     {"10de ffff flr false\n", 20, 21, false},
		     {"10de ffff flr false\n", 20, 19, false}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_capture c = {0};
		struct hp_reply reply = {
		    .end = HP_END_EXIT, .out = {cases[i].bytes, cases[i].n}, .size = cases[i].size};
		hp_capture_add(a, &c, "file " HP_MAP_PATH, &reply);
		const struct hp_facts *f = facts_of(a, &c);
		if ((hp_fact_text(f, HP_HOST, "passthru-map") != NULL) != cases[i].good)
			fail_msg("case %zu", i);
	}
	struct hp_capture none = {0};
	says_with(a, &none, "file " HP_MAP_PATH, HP_END_NOT_FOUND, 2, "");
	assert_has(hp_fact(facts_of(a, &none), HP_HOST, "passthru-map")->now.why, "is not there");
}

/* What is wanted is the policy's: with another method wanted, a line that says flr is the one that counts. */
static void another_method_wanted(void **state)
{
	struct hp_arena *a = *state;
	struct hp_map map;
	struct hp_str record;
	unsigned lines;
	hp_map_read(a, hp_str("10de 2330 bridge false\n10de ffff flr false\n"), &map);
	assert_string_equal(hp_map_method(a, &map, 0x10de, 0x2330, "bridge", &lines, &record).text, "flr");
	assert_string_equal(hp_map_method(a, &map, 0x10de, 0x2330, "flr", &lines, &record).text, "bridge");
}

static void reset_methods_in_force(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *printed, *method;
	} cases[] = {{"Function reset", "flr"},
		     {"Bridge reset", "bridge"},
		     {"Link reset", "link"},
		     {"D3D0 reset", "d3d0"},
		     {"None", NULL},
		     {"function reset", NULL},
		     {"", NULL}};
	struct hp_device d = {0};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		d.reset_method = cases[i].printed;
		struct hp_value v = hp_reset_method(a, &d);
		assert_int_equal(v.is == HP_PRESENT, cases[i].method != NULL);
		if (cases[i].method)
			assert_string_equal(v.text, cases[i].method);
		else
			assert_has(v.why, hp_format(a, "\"%s\", which is not known", cases[i].printed));
	}
	d.reset_method = NULL;
	assert_has(hp_reset_method(a, &d).why, "prints no Reset Method");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(another_method_wanted),
	    UNIT_TEST(lines_that_match),
	    UNIT_TEST(lines_that_do_not),
	    UNIT_TEST(lines_that_differ),
	    UNIT_TEST(lines_that_are_not_understood),
	    UNIT_TEST(places),
	    UNIT_TEST(the_file),
	    UNIT_TEST(reset_methods_in_force),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
