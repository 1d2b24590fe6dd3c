#include <zlib.h>

#include "../../agent/base/gzip.h"
#include "unit.h"

#define LIMIT ((size_t)8 << 20)

/* Bytes that do not shrink to nothing. */
static struct hp_str noise(struct hp_arena *a, size_t n)
{
	char *p = hp_alloc(a, n + 1);
	uint32_t seed = 1;
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = "etaoin shrdlu\n<>"[seed >> 28];
	}
	return (struct hp_str){p, n};
}

static struct hp_str packed(struct hp_arena *a, struct hp_str bytes, int level)
{
	struct hp_str p;
	struct hp_err err;
	if (hp_gzip_pack(a, bytes, level, &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

static struct hp_str unpacked(struct hp_arena *a, struct hp_str bytes, size_t limit)
{
	struct hp_str p = {NULL, 0};
	struct hp_err err;
	if (hp_gzip_unpack(a, bytes, limit, &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

/* The bytes fill their memory, so that instruments see a read before or behind them. */
static void refused(struct hp_arena *a, struct hp_str bytes, size_t limit, const char *words)
{
	struct hp_str p = {"untouched", 9};
	struct hp_err err = {""};
	char *own = malloc(bytes.n ? bytes.n : 1);
	assert_non_null(own);
	if (bytes.n)
		memcpy(own, bytes.p, bytes.n);
	assert_int_equal(hp_gzip_unpack(a, (struct hp_str){own, bytes.n}, limit, &p, &err), -1);
	assert_has(err.text, words);
	assert_str(a, p, "untouched");
	free(own);
}

/* A copy to spoil. */
static char *copy(struct hp_arena *a, struct hp_str s)
{
	return memcpy(hp_alloc(a, s.n + 1), s.p, s.n);
}

static void there_and_back(void **state)
{
	struct hp_arena *a = *state;
	static const size_t sizes[] = {0, 1, 2, 300, 16384, 16385, 100000, (size_t)1 << 20};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (int level = 1; level <= 9; level += 4) {
			struct hp_str bytes = noise(a, sizes[i]), p = packed(a, bytes, level);
			assert_true(hp_str_same(unpacked(a, p, LIMIT), bytes));
			assert_true(hp_str_same(unpacked(a, p, sizes[i]), bytes));
			assert_true(hp_str_same(packed(a, bytes, level), p));
		}
}

static void no_name_and_no_time(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str p = packed(a, noise(a, 300), 9);
	static const char head[] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0};
	assert_memory_equal(p.p, head, sizeof head);
	struct hp_err err = {""};
	assert_int_equal(hp_gzip_pack(a, p, 10, &p, &err), -1);
}

static void cut_anywhere(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str p = packed(a, noise(a, 3000), 9);
	for (size_t n = 0; n < p.n; n++) {
		refused(a, hp_str_sub(p, 0, n), LIMIT, "is no gzip file, or was cut off");
	}
}

static void nothing_stands_around_it(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf after = hp_buf(a), twice = hp_buf(a), before = hp_buf(a);
	struct hp_str p = packed(a, noise(a, 3000), 9);
	hp_put(&after, p);
	hp_put(&after, (struct hp_str){"\0\0\0\0\0", 5});
	refused(a, hp_built(&after), LIMIT, "has 5 bytes after its gzip data");
	hp_put(&twice, p);
	hp_put(&twice, p);
	refused(a, hp_built(&twice), LIMIT, "bytes after its gzip data");
	hp_puts(&before, "x");
	hp_put(&before, p);
	refused(a, hp_built(&before), LIMIT, "no gzip file");
}

/* Free are the time, what the packer tells of itself, and the hint that it is text. */
static void every_flip_is_found_or_changes_nothing(void **state)
{
	struct hp_arena *a = *state, scratch;
	struct hp_str bytes = noise(a, 1500), p = packed(a, bytes, 6), got;
	char *spoilt = copy(a, p);
	struct hp_err err;
	for (size_t bit = 0; bit < p.n * 8; bit++) {
		bool free_bit = (bit >= 32 && bit < 80) || bit == 24;
		hp_arena_init(&scratch, HP_ARENA_LIMIT, NULL);
		spoilt[bit / 8] = (char)(spoilt[bit / 8] ^ 1 << bit % 8);
		int code = hp_gzip_unpack(&scratch, (struct hp_str){spoilt, p.n}, LIMIT, &got, &err);
		if (code == 0 && !hp_str_same(got, bytes))
			fail_msg("bit %zu changes the bytes", bit);
		if (code == 0 && !free_bit && bit / 8 != p.n - 9) /* there deflate's last byte may have spare bits */
			fail_msg("bit %zu is not missed", bit);
		spoilt[bit / 8] = (char)(spoilt[bit / 8] ^ 1 << bit % 8);
		hp_arena_free(&scratch);
	}
}

static void the_length_that_it_says_may_lie(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str bytes = noise(a, 70000), p = packed(a, bytes, 6);
	static const uint32_t lies[] = {0, 1, 69999, 70001, 140000, LIMIT, LIMIT + 1, 0x7fffffff, 0xffffffff};
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		char *spoilt = copy(a, p);
		for (size_t k = 0; k < 4; k++)
			spoilt[p.n - 4 + k] = (char)(lies[i] >> 8 * k);
		refused(a, (struct hp_str){spoilt, p.n}, LIMIT, "no gzip file");
	}
}

static void the_limit_holds(void **state)
{
	struct hp_arena *a = *state;
	char *zeros = calloc(1, LIMIT + 1);
	assert_non_null(zeros);
	struct hp_str bomb = packed(a, (struct hp_str){zeros, LIMIT + 1}, 9);
	struct hp_str small = packed(a, (struct hp_str){zeros, 1000}, 9);
	refused(a, bomb, LIMIT, "unpacks to more than 8 MiB");
	refused(a, bomb, 1000, "unpacks to more than 1000 bytes");
	refused(a, small, 999, "unpacks to more than 999 bytes");
	assert_int_equal(unpacked(a, small, 1000).n, 1000);
	assert_int_equal(unpacked(a, bomb, LIMIT + 1).n, LIMIT + 1);
	/* a bomb that says that it is small */
	char *spoilt = copy(a, bomb);
	memset(spoilt + bomb.n - 4, 0, 4);
	refused(a, (struct hp_str){spoilt, bomb.n}, LIMIT, "unpacks to more than 8 MiB");
	free(zeros);
}

/* gzip(1) writes names, and others comments and extra fields. */
static void a_header_with_all_parts(void **state)
{
	struct hp_arena *a = *state;
	unsigned char name[] = "x.tar", comment[] = "c", extra[] = {'a', 'b', 1, 0, 7}, out[400];
	gz_header head = {.text = 1, .time = 77, .os = 3, .name = name, .comment = comment, .hcrc = 1};
	z_stream z = {0};
	head.extra = extra;
	head.extra_len = sizeof extra;
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
	unsigned char in[] = "hello";
	z.next_in = in;
	z.avail_in = 5;
	z.next_out = out;
	z.avail_out = sizeof out;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	struct hp_str p = {(char *)out, z.total_out};
	assert_int_equal(deflateEnd(&z), Z_OK);
	assert_str(a, unpacked(a, p, 5), "hello");
}

static void the_arena_may_be_full(void **state)
{
	struct hp_arena *a = *state, scratch;
	static jmp_buf full;
	struct hp_str bytes = noise(a, 3000), p = packed(a, bytes, 6), got;
	struct hp_err err;
	volatile unsigned fulls = 0;
	for (volatile unsigned long n = 1; n < 100; n++) { /* what was taken is given back: LeakSanitizer looks */
		hp_arena_init(&scratch, HP_ARENA_LIMIT, &full);
		scratch.fail_at = n;
		if (setjmp(full))
			fulls++;
		else
			assert_true(hp_gzip_unpack(&scratch, p, LIMIT, &got, &err) == 0 &&
				    hp_gzip_pack(&scratch, got, 6, &got, &err) == 0);
		hp_arena_free(&scratch);
	}
	assert_in_range(fulls, 4, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(there_and_back),
	    UNIT_TEST(no_name_and_no_time),
	    UNIT_TEST(cut_anywhere),
	    UNIT_TEST(nothing_stands_around_it),
	    UNIT_TEST(every_flip_is_found_or_changes_nothing),
	    UNIT_TEST(the_length_that_it_says_may_lie),
	    UNIT_TEST(the_limit_holds),
	    UNIT_TEST(a_header_with_all_parts),
	    UNIT_TEST(the_arena_may_be_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
