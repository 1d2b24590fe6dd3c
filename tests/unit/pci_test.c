#include "unit.h"

static void addresses(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *text, *name; /* NULL: not an address */
		bool domain;
	} cases[] = {
	    {"0000:1a:00.0", "0000:1a:00.0", true},
	    {"1a:00.0", "0000:1a:00.0", false},
	    {"0001:DC:1F.7", "0001:dc:1f.7", true},
	    {"10000:01:00.0", "10000:01:00.0", true},
	    {"ffffffff:00:00.0", "ffffffff:00:00.0", true},
	    {"", NULL, false},
	    {"1a:00", NULL, false},
	    {"1a:00.8", NULL, false},
	    {"1a:20.0", NULL, false},
	    {"1a:00.00", NULL, false},
	    {"01a:00.0", NULL, false},
	    {"000:1a:00.0", NULL, false},
	    {"0000:1a:00.0 ", NULL, false},
	    {" 1a:00.0", NULL, false},
	    {"0000:0000:1a:00.0", NULL, false},
	    {"g000:1a:00.0", NULL, false},
	    {"1a-00.0", NULL, false},
	    {"1a:00:0", NULL, false},
	    {"100000000:1a:00.0", NULL, false},
	    {"00001a:00.0", NULL, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_sbdf at;
		bool good = hp_sbdf(hp_str(cases[i].text), &at);
		if (good != (cases[i].name != NULL))
			fail_msg("\"%s\"", cases[i].text);
		if (!good)
			continue;
		assert_string_equal(hp_sbdf_text(a, &at), cases[i].name);
		assert_int_equal(at.has_domain, cases[i].domain);
	}
}

static struct hp_sbdf at(const char *text)
{
	struct hp_sbdf s;
	assert_true(hp_sbdf(hp_str(text), &s));
	return s;
}

static void matching(void **state)
{
	(void)state;
	struct hp_sbdf plain = at("1a:00.0"), zero = at("0000:1a:00.0"), one = at("0001:1a:00.0"), f1 = at("1a:00.1");
	assert_true(hp_sbdf_match(&plain, &zero) && hp_sbdf_match(&one, &plain) && hp_sbdf_match(&zero, &zero));
	assert_false(hp_sbdf_match(&zero, &one) || hp_sbdf_match(&plain, &f1));
}

static void order(void **state)
{
	(void)state;
	static const char *const rising[] = {"0000:00:00.0", "0000:00:00.1", "0000:00:01.0",
					     "0000:01:00.0", "0000:ff:1f.7", "0001:00:00.0"};
	for (size_t i = 0; i < 6; i++)
		for (size_t k = 0; k < 6; k++) {
			struct hp_sbdf x = at(rising[i]), y = at(rising[k]);
			int c = hp_sbdf_cmp(&x, &y);
			assert_true(i < k ? c < 0 : i > k ? c > 0 : c == 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(addresses), UNIT_TEST(matching), UNIT_TEST(order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
