/* hostprep-report: picks the command and returns its exit code. */
#include "../io/file.h"
#include "../io/program.h"
#include "../report/report.h"
#include "options.h"

#define ARENA_LIMIT ((size_t)8 << 30) /* bytes; only what is kept of each host is in it: about 1 KiB a host */

static int run(struct hp_arena *a, int argc, char **argv)
{
	struct hp_fleet_options options;
	struct hp_err err;
	if (hp_fleet_options_parse(a, argc, argv, &options, &err) < 0) {
		(void)hp_fleet_failed(&err);
		hp_program_say("hostprep-report", "`hostprep-report --help` lists commands and options");
		return HP_EXIT_USAGE;
	}
	if (options.help)
		return hp_fd_write(1, hp_fleet_help(a, options.command)) ? HP_EXIT_OK : HP_EXIT_NO_VERDICT;
	return options.command->run(a, &options);
}

int main(int argc, char **argv)
{
	return hp_program("hostprep-report", ARENA_LIMIT, HP_EXIT_NO_VERDICT, run, argc, argv);
}
