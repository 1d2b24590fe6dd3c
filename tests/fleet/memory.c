/* memory FILE COMMAND ARGUMENT…: a command of hostprep-report that writes FILE, with its 1st, 2nd, 3rd … allocation
 * failed, and then each call of malloc. Each time FILE is as it was, or it is what the command writes when nothing
 * fails, and nothing else is left beside it. (sweep_step leaves gaps.) */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/fleet/options.h"
#include "../../agent/io/file.h"
#include "../../agent/report/report.h"
#include "../faults/sweep_step.h"
#ifdef HP_FAILING_MALLOC
#include "../faults/failing_malloc.h"
#else
static void malloc_fails_at(unsigned long nth)
{
	(void)nth;
}
static bool malloc_has_failed(void)
{
	return false;
}
#endif

#define LIMIT ((size_t)1 << 30) /* bytes */
#define FULL (-1)		/* the code of a run whose memory ran out */

static struct hp_arena work, kept;
static jmp_buf full;
static char folder[512]; /* FILE's */
static const char *file;
static const struct hp_str before = {"as it was\n", 10};
static struct hp_str right; /* what is written when nothing fails */
static int right_code;
static int wrong;

static int command(int argc, char **argv)
{
	struct hp_fleet_options options;
	struct hp_err err;
	if (setjmp(full))
		return FULL;
	return hp_fleet_options_parse(&work, argc, argv, &options, &err) < 0 ? HP_EXIT_USAGE
									     : options.command->run(&work, &options);
}

static int run(int argc, char **argv, bool *ret_failed)
{
	int code = command(argc, argv);
	*ret_failed = malloc_has_failed() || (work.fail_at && work.allocations >= work.fail_at);
	malloc_fails_at(0);
	hp_arena_free(&work);
	return code;
}

/* Files that are there and were not when it was asked the last time. */
static bool new_files(void)
{
	static size_t known = 1;
	DIR *dir = opendir(folder);
	size_t n = 0;
	bool more;
	if (!dir)
		exit(1);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
	(void)closedir(dir);
	more = n > known;
	known = n;
	return more;
}

static int open_files(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void expect(bool what, const char *kind, unsigned long n, int code, const char *told)
{
	if (what)
		return;
	printf("%s %lu failed, code %d: %s\n", kind, n, code, told);
	wrong++;
}

static struct hp_str there(struct hp_arena *a)
{
	struct hp_str bytes = {"", 0};
	if (hp_file_read(a, file, LIMIT, &bytes, NULL))
		return (struct hp_str){"", 0};
	return bytes;
}

/* Allocations or calls of malloc, one after the other; returns how many have failed. */
static unsigned long sweep(const char *kind, bool of_malloc, unsigned long step, int argc, char **argv)
{
	unsigned long all = 0;
	for (unsigned long n = 1;; n += step) {
		struct hp_arena a;
		bool failed;
		hp_arena_init(&a, LIMIT, NULL);
		if (!hp_file_replace(&a, file, before))
			exit(1);
		hp_arena_init(&work, LIMIT, &full);
		if (of_malloc)
			malloc_fails_at(n);
		else
			work.fail_at = n;
		int opened = open_files(), code = run(argc, argv, &failed);
		expect(open_files() == opened, kind, n, code, "a file was left open");
		struct hp_str now = there(&a);
		bool done = hp_str_same(now, right);
		bool told = code >= 0 && hp_str_has(now, "memory"); /* of a document that could not be read */
		bool none = hp_str_same(now, before);
		expect(done || told || none, kind, n, code, "the file is cut or another one");
		expect(!done || code == right_code || code == FULL || code == HP_EXIT_NO_VERDICT, kind, n, code,
		       "the file is right, the code is not");
		expect(!none || code == FULL || code == HP_EXIT_NO_VERDICT, kind, n, code, "nothing was written");
		expect(!new_files(), kind, n, code, "something was left");
		expect(failed || (done && code == right_code), kind, n, code,
		       "nothing failed, and it is another answer");
		hp_arena_free(&a);
		if (!failed)
			return all;
		all++;
	}
}

int main(int argc, char **argv)
{
	unsigned long arena, mallocs = 0;
	bool failed;
	if (argc < 3)
		return 64;
	file = argv[1];
	const char *slash = strrchr(file, '/');
	if (!slash || (size_t)(slash - file) >= sizeof folder)
		return 64;
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - file), file);
	hp_arena_init(&kept, LIMIT, NULL);
	hp_arena_init(&work, LIMIT, &full);
	right_code = run(argc - 1, argv + 1, &failed);
	right = there(&kept);
	if (right.n == 0) {
		printf("nothing was written, code %d\n", right_code);
		return 1;
	}
	arena = sweep("allocation", false, sweep_step(), argc - 1, argv + 1);
#ifdef HP_FAILING_MALLOC
	mallocs = sweep("malloc", true, 1, argc - 1, argv + 1);
#endif
	printf("%s: %lu allocations and %lu calls of malloc failed, %d wrong\n", argv[2], arena, mallocs, wrong);
	hp_arena_free(&kept);
	return wrong || arena == 0;
}
