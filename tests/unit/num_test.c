#include "unit.h"

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned base;
		uint64_t max;
		bool good;
		uint64_t value;
	} cases[] = {
	    {"0", 10, 9, true, 0},
	    {"9", 10, 9, true, 9},
	    {"10", 10, 9, false, 0},
	    {"", 10, 9, false, 0},
	    {"-1", 10, 9, false, 0},
	    {"+1", 10, 9, false, 0},
	    {" 1", 10, 9, false, 0},
	    {"1 ", 10, 9, false, 0},
	    {"1a", 10, 99, false, 0},
	    {"fF", 16, 255, true, 255},
	    {"100", 16, 255, false, 0},
	    {"0x1", 16, 255, false, 0},
	    {"g", 16, 255, false, 0},
	    {"8", 10, 7, false, 0},
	    {"9", 10, 0, false, 0},
	    {"0", 10, 0, true, 0},
	    {"00000000000000000000000007", 10, 7, true, 7},
	    {"18446744073709551615", 10, UINT64_MAX, true, UINT64_MAX},
	    {"18446744073709551616", 10, UINT64_MAX, false, 0},
	    {"ffffffffffffffff", 16, UINT64_MAX, true, UINT64_MAX},
	    {"10000000000000000", 16, UINT64_MAX, false, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t n = 77;
		bool good = hp_number(hp_str(cases[i].text), cases[i].base, cases[i].max, &n);
		if (good != cases[i].good || n != (good ? cases[i].value : 77))
			fail_msg("\"%s\" to base %u", cases[i].text, cases[i].base);
	}
}

static void versions(void **state)
{
	(void)state;
	static const char *const good[] = {"8", "8.0.3", "4.160.3.0", "0.0.0.0", "4294967295"};
	static const char *const bad[] = {"", ".", "8.", ".8", "8..0", "1.2.3.4.5", "8.0u3", "4294967296", "8.0.3 "};
	static const char *const rising[] = {"7.0.3", "8", "8.0.0.1", "8.0.2", "8.0.3", "8.0.10", "9.0", "10.0"};
	struct hp_version v, w;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(hp_version(hp_str(good[i]), &v));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (hp_version(hp_str(bad[i]), &v))
			fail_msg("\"%s\"", bad[i]);
	for (size_t i = 0; i < sizeof rising / sizeof rising[0]; i++)
		for (size_t k = 0; k < sizeof rising / sizeof rising[0]; k++) {
			assert_true(hp_version(hp_str(rising[i]), &v) && hp_version(hp_str(rising[k]), &w));
			int order = hp_version_cmp(&v, &w);
			assert_true(i < k ? order < 0 : i > k ? order > 0 : order == 0);
		}
	assert_true(hp_version(hp_str("8.0"), &v) && hp_version(hp_str("8.0.0.0"), &w));
	assert_int_equal(hp_version_cmp(&v, &w), 0);
}

static void versions_of_any_length(void **state)
{
	static const char *const rising[] = {
	    "0",	   "4.9",      "4.99.999", "4.160.2.9", "4.160.3.0",
	    "4.160.3.0.1", "4.160.10", "4.1000",   "10",	"18446744073709551615"};
	static const char *const bad[] = {"",
					  ".",
					  "4.",
					  "4.160.",
					  ".4",
					  "4..160",
					  "4.160.3.x",
					  "v4.160",
					  "4.160-3",
					  " 4.160",
					  "4.160 ",
					  "4,160",
					  "18446744073709551616",
					  "1.2.3.4.5.6.x"};
	int order = 7;
	(void)state;
	for (size_t i = 0; i < sizeof rising / sizeof rising[0]; i++)
		for (size_t k = 0; k < sizeof rising / sizeof rising[0]; k++) {
			assert_true(hp_version_order(hp_str(rising[i]), hp_str(rising[k]), &order));
			assert_true(i < k ? order < 0 : i > k ? order > 0 : order == 0);
		}
	assert_true(hp_version_order(hp_str("4.160.3"), hp_str("04.160.3.0.0"), &order));
	assert_int_equal(order, 0);
	order = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (hp_version_order(hp_str(bad[i]), hp_str("4.160.3.0"), &order) ||
		    hp_version_order(hp_str("4.160.3.0"), hp_str(bad[i]), &order) || order != 7)
			fail_msg("\"%s\"", bad[i]);
	assert_false(hp_version_order((struct hp_str){NULL, 0}, hp_str("1"), &order));
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(numbers), UNIT_TEST(versions), UNIT_TEST(versions_of_any_length)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
