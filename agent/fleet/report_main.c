/* hostprep-report: picks the command and returns its exit code. */
#include <signal.h>

#include "../io/file.h"
#include "../report/report.h"
#include "options.h"

#define ARENA_LIMIT ((size_t)8 << 30) /* bytes; only what is kept of each host is in it: about 1 KiB a host */

static int run(struct hp_arena *a, int argc, char **argv)
{
	struct hp_fleet_options options;
	struct hp_err err;
	if (hp_fleet_options_parse(a, argc, argv, &options, &err) < 0) {
		(void)hp_fleet_failed(&err);
		(void)hp_fd_write(2, hp_str("hostprep-report: `hostprep-report --help` lists commands and options\n"));
		return HP_EXIT_USAGE;
	}
	if (options.help)
		return hp_fd_write(1, hp_fleet_help(a, options.command)) ? HP_EXIT_OK : HP_EXIT_NO_VERDICT;
	return options.command->run(a, &options);
}

int main(int argc, char **argv)
{
	static struct hp_arena arena;
	static jmp_buf full;
	(void)signal(SIGPIPE, SIG_IGN); /* writes are looked at */
	hp_standard_fds();
	hp_arena_init(&arena, ARENA_LIMIT, &full);
	if (setjmp(full)) {
		(void)hp_fd_write(2, hp_str("hostprep-report: out of memory\n"));
		hp_arena_free(&arena);
		return HP_EXIT_NO_VERDICT;
	}
	int code = run(&arena, argc, argv);
	hp_arena_free(&arena);
	return code;
}
