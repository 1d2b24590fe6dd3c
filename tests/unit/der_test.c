#include "../../vib/der.h"

#include <time.h>

#include "unit.h"

#define BYTES(literal) ((struct hp_str){literal, sizeof(literal) - 1})

static bool sound(struct hp_str bytes)
{
	struct hp_der der;
	struct hp_str rest = bytes;
	bool all = hp_der_sound(bytes);
	if (!hp_der_next(&rest, &der))
		assert_true(rest.p == bytes.p && rest.n == bytes.n); /* nothing was taken */
	return all;
}

static void a_value_is_read(void **state)
{
	(void)state;
	struct hp_str rest = BYTES("\x30\x05\x02\x01\x07\x05\x00\x04\x00");
	struct hp_der sequence, value;
	assert_true(hp_der_take(&rest, HP_DER_SEQUENCE, &sequence));
	assert_int_equal(sequence.whole.n, 7);
	assert_int_equal(rest.n, 2);
	assert_false(hp_der_take(&sequence.body, HP_DER_OID, &value)); /* another tag: it stays */
	assert_true(hp_der_take(&sequence.body, HP_DER_INTEGER, &value));
	assert_true(hp_str_same(value.body, BYTES("\x07")));
	assert_true(hp_der_next(&sequence.body, &value));
	assert_int_equal(value.tag, 5);
	assert_int_equal(value.body.n, 0);
	assert_false(hp_der_next(&sequence.body, &value));
	assert_true(hp_der_take(&rest, HP_DER_BYTES, &value));
	assert_int_equal(rest.n, 0);
}

static void only_der_is_sound(void **state)
{
	(void)state;
	assert_true(sound(BYTES("\x30\x03\x02\x01\x07")));
	assert_true(sound(BYTES("")));
	assert_false(sound(BYTES("\x30\x03\x02\x01\x07\x00")));	    /* behind it */
	assert_false(sound(BYTES("\x30\x04\x02\x01\x07\x00")));	    /* within it */
	assert_false(sound(BYTES("\x30\x04\x02\x01\x07")));	    /* cut */
	assert_false(sound(BYTES("\x30\x03\x02\x02\x07")));	    /* cut within */
	assert_false(sound(BYTES("\x30\x80\x02\x01\x07\x00\x00"))); /* indefinite */
	assert_false(sound(BYTES("\x30\x81\x03\x02\x01\x07")));	    /* could be short */
	assert_false(sound(BYTES("\x30\x82\x00\x03\x02\x01\x07"))); /* zero in front */
	assert_false(sound(BYTES("\x30\x85\x00\x00\x00\x00\x03\x02\x01\x07")));
	assert_false(sound(BYTES("\x30\xff\x02\x01\x07")));
	assert_false(sound(BYTES("\x24\x03\x04\x01\x07"))); /* octets in pieces */
	assert_false(sound(BYTES("\x10\x03\x02\x01\x07"))); /* a sequence without values */
	assert_false(sound(BYTES("\x00\x00")));
	assert_false(sound(BYTES("\x1f\x01\x01\x00"))); /* number of two bytes */
	assert_false(sound(BYTES("\x30")));
	assert_true(sound(BYTES("\xa0\x03\x02\x01\x07")));
	assert_true(sound(BYTES("\x80\x03\x02\x01\x07"))); /* primitive: its bytes are its own */
	assert_false(sound(BYTES("\xa0\x03\x02\x01")));
}

static void long_lengths_are_shortest(void **state)
{
	struct hp_arena *a = *state;
	static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 200000};
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		size_t n = lengths[i], shortest = n < 128 ? 0 : n < 256 ? 1 : n < 65536 ? 2 : 3;
		for (size_t k = 0; k <= 5; k++) {
			unsigned char *bytes = hp_alloc(a, n + 7);
			bytes[0] = HP_DER_BYTES;
			bytes[1] = (unsigned char)(k ? 0x80 + k : n & 0x7f);
			for (size_t j = 0; j < k; j++)
				bytes[2 + j] = (unsigned char)(j + 8 < k ? 0 : n >> (8 * (k - 1 - j)));
			if (k < shortest)
				continue;
			assert_int_equal(sound((struct hp_str){(char *)bytes, n + 2 + k}), k == shortest);
		}
	}
}

static void depth_has_a_bound(void **state)
{
	(void)state;
	char bytes[2 * 64];
	for (size_t depth = 1; depth <= 60; depth++) {
		for (size_t i = 0; i < depth; i++) {
			bytes[2 * i] = 0x30;
			bytes[2 * i + 1] = (char)(2 * (depth - 1 - i));
		}
		assert_int_equal(sound((struct hp_str){bytes, 2 * depth}), depth <= HP_DER_DEPTH);
	}
}

static bool when(unsigned char tag, const char *text, int64_t *ret)
{
	struct hp_der der = {.tag = tag, .body = hp_str(text)};
	return hp_der_time(&der, ret);
}

static void times_are_seconds_in_utc(void **state)
{
	(void)state;
	int64_t s = 0;
	assert_true(when(HP_DER_UTC_TIME, "191217151712Z", &s) && s == 1576595832);
	assert_true(when(HP_DER_TIME, "20191217151712Z", &s) && s == 1576595832);
	assert_true(when(HP_DER_UTC_TIME, "700101000000Z", &s) && s == 0);
	assert_true(when(HP_DER_UTC_TIME, "500101000000Z", &s) && s == -631152000);
	assert_true(when(HP_DER_UTC_TIME, "491231235959Z", &s) && s == 2524607999);
	assert_true(when(HP_DER_UTC_TIME, "000229000000Z", &s) && s == 951782400);
	assert_true(when(HP_DER_TIME, "99991231235959Z", &s) && s == 253402300799);
	static const char *const bad[] = {"",
					  "Z",
					  "191217151712",
					  "191217151712+0000",
					  "1912171517Z",
					  "190229000000Z",
					  "191301000000Z",
					  "190001000000Z",
					  "190100000000Z",
					  "190132000000Z",
					  "190101240000Z",
					  "190101006000Z",
					  "190101000060Z",
					  "1901010000 0Z",
					  "-90101000000Z",
					  "190101000000Z0",
					  "190101000000z"};
	s = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(when(HP_DER_UTC_TIME, bad[i], &s));
	assert_false(when(HP_DER_TIME, "19000229000000Z", &s));
	assert_false(when(HP_DER_TIME, "00000101000000Z", &s));
	assert_false(when(HP_DER_TIME, "20191217151712.5Z", &s));
	assert_false(when(HP_DER_BYTES, "191217151712Z", &s));
	assert_int_equal(s, 7);
}

/* Against the C library, a day at a time from 1950 to 2150. */
static void the_calendar_is_right(void **state)
{
	(void)state;
	for (int64_t day = -7305; day < 65745; day++) {
		time_t seconds = (time_t)(day * 86400 + 3723);
		struct tm tm;
		char text[80];
		int64_t s = 0;
		assert_non_null(gmtime_r(&seconds, &tm));
		assert_true(strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &tm));
		assert_true(when(HP_DER_TIME, text, &s));
		assert_int_equal(s, seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(a_value_is_read),	  UNIT_TEST(only_der_is_sound),	       UNIT_TEST(long_lengths_are_shortest),
	    UNIT_TEST(depth_has_a_bound), UNIT_TEST(times_are_seconds_in_utc), UNIT_TEST(the_calendar_is_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
