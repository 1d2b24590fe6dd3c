/* Where documents go: whole or not at all. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../agent/fleet/out.h"
#include "../../agent/io/file.h"
#include "unit.h"

static const char *folder(struct hp_arena *a)
{
	char *path = hp_alloc(a, 64);
	(void)snprintf(path, 64, "/tmp/fleet_out_test.XXXXXX");
	assert_non_null(mkdtemp(path));
	return path;
}

static const char *content(struct hp_arena *a, const char *path)
{
	struct hp_str bytes;
	uint64_t size;
	assert_int_equal(hp_file_read(a, path, 1 << 20, &bytes, &size), 0);
	return hp_copy(a, bytes);
}

/* How many files are in it: a temporary one that is left behind would be seen. */
static size_t files_in(struct hp_arena *a, const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	size_t n = 0;
	for (char letter = 'a'; letter <= 'f'; letter++)
		n += hp_file_exists(hp_format(a, "%s/%c", path, letter));
	return n;
}

static void close_makes_the_file_and_drop_does_not(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err;
	struct hp_out *o;
	const char *in = folder(a), *path = hp_format(a, "%s/a", in);

	assert_int_equal(hp_out_open(a, path, &o, &err), 0);
	hp_out_puts(o, "first");
	assert_false(hp_file_exists(path));
	assert_int_equal(hp_out_close(o, &err), 0);
	assert_string_equal(content(a, path), "first");

	assert_int_equal(hp_out_open(a, path, &o, &err), 0);
	hp_out_puts(o, "second");
	hp_out_drop(o);
	assert_string_equal(content(a, path), "first");

	assert_int_equal(files_in(a, in), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(in), 0); /* nothing else is left in it */
}

static void a_run_that_ends_early_leaves_the_file_as_it_was(void **state)
{
	struct hp_arena *a = *state, own;
	struct hp_err err;
	struct hp_out *o;
	const char *in = folder(a), *path = hp_format(a, "%s/a", in);

	hp_arena_init(&own, HP_ARENA_LIMIT, NULL);
	assert_int_equal(hp_out_open(&own, path, &o, &err), 0);
	hp_out_puts(o, "half");
	hp_arena_free(&own);
	assert_false(hp_file_exists(path));
	assert_int_equal(rmdir(in), 0);
}

static void a_link_stays_a_link_and_a_mode_stays(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err;
	struct hp_out *o;
	struct stat st;
	const char *in = folder(a), *path = hp_format(a, "%s/a", in), *link = hp_format(a, "%s/b", in);

	assert_int_equal(hp_out_open(a, path, &o, &err), 0);
	assert_int_equal(hp_out_close(o, &err), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(symlink("a", link), 0);
	assert_int_equal(hp_out_open(a, link, &o, &err), 0);
	hp_out_puts(o, "through the link");
	assert_int_equal(hp_out_close(o, &err), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_string_equal(content(a, path), "through the link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(in), 0);
}

static void what_cannot_be_written_is_told_by_name(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err;
	struct hp_out *o;

	assert_int_equal(hp_out_open(a, "/nowhere/at/all", &o, &err), -1);
	assert_has(err.text, "cannot write /nowhere/at/all: No such file");

	assert_int_equal(hp_out_open(a, "/dev/full", &o, &err), 0);
	for (int i = 0; i < 100000; i++)
		hp_out_puts(o, "more than fits a buffer ");
	assert_int_equal(hp_out_close(o, &err), -1);
	assert_has(err.text, "cannot write /dev/full: No space left");
}

static void long_lines_and_json(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err;
	struct hp_out *o;
	const char *in = folder(a), *path = hp_format(a, "%s/a", in);
	char longer[2000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;

	assert_int_equal(hp_out_open(a, path, &o, &err), 0);
	hp_out_putf(o, "%s|%d|", longer, 7);
	hp_out_json(o, "a\"b\\c\n\x01\x7fü");
	hp_out_json(o, NULL);
	hp_out_json(o, "");
	assert_int_equal(hp_out_close(o, &err), 0);
	assert_string_equal(content(a, path), hp_format(a, "%s|7|\"a\\\"b\\\\c\\u000a\\u0001\x7fü\"null\"\"", longer));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(in), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(close_makes_the_file_and_drop_does_not),
	    UNIT_TEST(a_run_that_ends_early_leaves_the_file_as_it_was),
	    UNIT_TEST(a_link_stays_a_link_and_a_mode_stays),
	    UNIT_TEST(what_cannot_be_written_is_told_by_name),
	    UNIT_TEST(long_lines_and_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
