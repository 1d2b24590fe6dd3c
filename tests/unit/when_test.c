#include <time.h>

#include "../../vib/built.h"
#include "unit.h"

static void test_known(void **state)
{
	static const struct {
		const char *text;
		int64_t s;
	} known[] = {{"1970-01-01", 0},
		     {"2019-12-17T15:17:12.395670+00:00", 1576595832},
		     {"2024-03-05T14:02:31", 1709647351},
		     {"2000-02-29T23:59:59Z", 951868799},
		     {"2100-03-01", 4107542400},
		     {"9999-12-31T23:59:59", HP_WHEN_MOST}};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		int64_t s = -7;
		assert_true(hp_when_parse(hp_str(known[i].text), &s));
		assert_int_equal(s, known[i].s);
	}
	assert_string_equal(hp_when_text(*state, 1576595832), "2019-12-17T15:17:12.000000+00:00");
}

static void test_refused(void **state)
{
	static const char *const texts[] = {"",
					    "2026",
					    "2026-11",
					    "2026-11-2",
					    "2026-11-26T",
					    "2026-11-26T1",
					    "2026-11-26T14:02:3",
					    "2026-11-26T14:02:31.",
					    "2026-11-26T14:02:31.Z",
					    "2026-11-26T14:02:31+01:00",
					    "2026-11-26T14:02:31ZZ",
					    "2026-02-29",
					    "2100-02-29",
					    "2026-00-01",
					    "+026-01-01",
					    "2026-1 -01",
					    "2026-11-26t14:02:31",
					    "2026-11-26T24:00:00"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		int64_t s = -7;
		/* as long as it is: nothing behind it is read */
		size_t n = strlen(texts[i]);
		char *exact = malloc(n ? n : 1);
		assert_non_null(exact);
		memcpy(exact, texts[i], n);
		if (hp_when_parse((struct hp_str){exact, n}, &s))
			fail_msg("\"%s\" was taken", texts[i]);
		assert_int_equal(s, -7);
		free(exact);
	}
}

/* Against the C library, every 37th hour of 400 years and more. */
static void test_like_libc(void **state)
{
	for (int64_t s = 0; s < INT64_C(16000000000); s += INT64_C(37) * 3600 + 1) {
		time_t t = (time_t)s;
		struct tm tm;
		char wanted[64];
		int64_t back = -1;
		struct hp_arena a;
		(void)state;
		assert_non_null(gmtime_r(&t, &tm));
		assert_true(strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%S.000000+00:00", &tm) > 0);
		hp_arena_init(&a, 1 << 20, NULL);
		assert_string_equal(hp_when_text(&a, s), wanted);
		assert_true(hp_when_parse(hp_str(wanted), &back));
		assert_int_equal(back, s);
		hp_arena_free(&a);
		s += s > INT64_C(8000000000) ? INT64_C(31) * 86400 : 0;
	}
}

static void test_built(void **state)
{
	struct hp_err err;
	int64_t s = -7;
	(void)state;
	assert_int_equal(setenv("SOURCE_DATE_EPOCH", "12", 1), 0);
	assert_int_equal(hp_when_built(5, &s, &err), 0);
	assert_int_equal(s, 12);
	assert_int_equal(setenv("SOURCE_DATE_EPOCH", "12x", 1), 0);
	assert_int_equal(hp_when_built(5, &s, &err), -1);
	assert_int_equal(s, 12);
	assert_has(err.text, "SOURCE_DATE_EPOCH is no number of seconds: \"12x\"");
	assert_int_equal(unsetenv("SOURCE_DATE_EPOCH"), 0);
	assert_int_equal(hp_when_built(5, &s, &err), 0);
	assert_int_equal(s, 5);
	int64_t before = (int64_t)time(NULL);
	assert_int_equal(hp_when_built(-1, &s, &err), 0);
	assert_true(s >= before && s <= (int64_t)time(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(test_known), UNIT_TEST(test_refused), UNIT_TEST(test_like_libc),
					   UNIT_TEST(test_built)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
