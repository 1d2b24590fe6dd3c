#include <stdio.h>

#include "../../vib/tar.h"
#include "unit.h"

#define MTIME_S INT64_C(013576170570)

struct header {
	const char *path, *magic, *tail; /* magic, tail: 8 and 4 bytes */
	unsigned mode, size;
	char type;
};

/* By the table of tar.h's sources, not by tar_write.c. */
static char *put(char *block, struct header h)
{
	unsigned sum = 0;
	(void)snprintf(block, 100, "%s", h.path);
	(void)snprintf(block + 100, 8, "%07o", h.mode);
	(void)snprintf(block + 108, 8, "%07o", 0u);
	(void)snprintf(block + 116, 8, "%07o", 0u);
	(void)snprintf(block + 124, 12, "%011o", h.size);
	(void)snprintf(block + 136, 12, "%011llo", (unsigned long long)MTIME_S);
	block[156] = h.type;
	memcpy(block + 257, h.magic, 8);
	memcpy(block + 265, "root", 4);
	memcpy(block + 297, "root", 4);
	if (h.magic[0] == 'v') {
		memcpy(block + 329,
		       "0000000\0"
		       "0000000",
		       16);
		memcpy(block + 496, h.tail, 4);
	}
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	(void)snprintf(block + 148, 7, "%06o", sum);
	block[155] = ' ';
	return block;
}

static int read_bytes(struct hp_arena *a, const char *bytes, size_t n, struct hp_tar *ret, struct hp_err *err)
{
	return hp_tar_read(a, (struct hp_str){bytes, n}, ret, err);
}

static void refused(struct hp_arena *a, const char *bytes, size_t n, const char *why)
{
	struct hp_tar tar = {.count = 77};
	struct hp_err err = {""};
	assert_int_equal(read_bytes(a, bytes, n, &tar, &err), -1);
	assert_int_equal(tar.count, 77);
	assert_has(err.text, why);
}

/* An entry of HPE's cru: the ordinary sum of 512 bytes. */
static void test_official_sum(void **state)
{
	char *bytes = hp_alloc(*state, 1024);
	struct hp_tar tar;
	struct hp_err err;
	put(bytes, (struct header){"etc/", "visor  ", "\0\0\0", 0755, 0, '5'});
	assert_memory_equal(bytes + 148, "011606\0 ", 8);
	assert_int_equal(read_bytes(*state, bytes, 1024, &tar, &err), 0);
	assert_true(tar.visor && tar.count == 1 && tar.entries[0].type == HP_TAR_FOLDER);
	assert_string_equal(tar.entries[0].path, "etc");
	bytes[150]++;
	refused(*state, bytes, 1024, "the header's checksum is wrong");
}

static void test_writing(void **state)
{
	const struct hp_tar_entry entries[] = {{.path = "etc", .type = HP_TAR_FOLDER, .mode = 0755},
					       {.path = "etc/a", .type = HP_TAR_FILE, .mode = 0644, .body = {NULL, 5}}};
	char *wanted = hp_alloc(*state, 10240), *bodies[2];
	struct hp_str got;
	struct hp_err err;
	put(wanted, (struct header){"etc/", "ustar  ", NULL, 0755, 0, '5'});
	put(wanted + 512, (struct header){"etc/a", "ustar  ", NULL, 0644, 5, '0'});
	memcpy(wanted + 1024, "hello", 5);
	assert_int_equal(hp_tar_frame(*state, entries, 2, MTIME_S, &got, bodies, &err), 0);
	memcpy(bodies[1], "hello", 5);
	assert_int_equal(got.n, 10240);
	assert_memory_equal(got.p, wanted, 10240);
	/* a block more than ten KiB: the next ten */
	const struct hp_tar_entry large = {.path = "a", .type = HP_TAR_FILE, .body = {NULL, 10240 - 3 * 512 + 1}};
	assert_int_equal(hp_tar_frame(*state, &large, 1, 0, &got, bodies, &err), 0);
	assert_int_equal(got.n, 20480);
}

/* Two files, whose data lie where their headers say. */
static void test_visor_layout(void **state)
{
	static const struct {
		const char *one, *other; /* little endian */
		const char *why;	 /* NULL: good */
	} layouts[] = {{"\0\6\0", "\2\6\0", NULL},
		       {"\2\6\0", "\0\6\0", NULL},
		       {"\0\6\0", "\1\6\0", "lies in that of another file"},
		       {"\0\6\0", "\0\6\0", "lies in that of another file"},
		       {"\0\4\0", "\2\6\0", "lies in the headers"},
		       {"\377\5\0", "\2\6\0", "lies in the headers"},
		       {"\0\2\0", "\2\6\0", "lies in the headers"},
		       {"\0\1\0", "\2\6\0", "is not inside the file"},
		       {"\0\6\0", "\3\6\0", "is not inside the file"},
		       {"\0\6\0", "\377\377\377", "is not inside the file"}};
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		char *bytes = hp_alloc(*state, 1541);
		struct hp_tar tar;
		struct hp_err err = {""};
		put(bytes, (struct header){"a", "visor  ", layouts[i].one, 0644, 2, '0'});
		put(bytes + 512, (struct header){"b", "visor  ", layouts[i].other, 0644, 2, '7'});
		memcpy(bytes + 1536, "abcd", 4);
		if (layouts[i].why) {
			refused(*state, bytes, 1540, layouts[i].why);
			continue;
		}
		assert_int_equal(read_bytes(*state, bytes, 1540, &tar, &err), 0);
		assert_int_equal(tar.entries[0].body.n, 2);
		assert_ptr_equal(tar.entries[i].body.p, bytes + 1536);
		/* a byte that is of nobody */
		bytes[1540] = 1;
		refused(*state, bytes, 1541, "something comes after its end");
	}
}

static void test_signed_sum(void **state)
{
	char *bytes = hp_alloc(*state, 1024 + 200);
	struct hp_tar tar;
	struct hp_err err;
	int sum = 0;
	put(bytes, (struct header){"a", "visor  ", "\0\4\0", 0644, 200, '0'});
	bytes[500] = (char)0xff; /* of the part whose meaning is not known */
	memset(bytes + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (signed char)bytes[i];
	(void)snprintf(bytes + 148, 7, "%06o", (unsigned)sum);
	bytes[155] = ' ';
	assert_int_equal(read_bytes(*state, bytes, 1224, &tar, &err), 0);
	assert_int_equal(tar.entries[0].body.n, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(test_official_sum), UNIT_TEST(test_writing),
					   UNIT_TEST(test_visor_layout), UNIT_TEST(test_signed_sum)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
