/* vibpack: picks the command and returns its exit code. */
#include "../agent/io/file.h"
#include "../agent/io/program.h"
#include "big.h"
#include "options.h"

#define ARENA_LIMIT ((size_t)2 << 30) /* bytes; large buffers are not in it (big.h) */

static int run(struct hp_arena *a, int argc, char **argv)
{
	struct hp_vib_options options;
	struct hp_err err;
	if (hp_vib_options_parse(a, argc, argv, &options, &err) < 0) {
		hp_program_say("vibpack", err.text);
		hp_program_say("vibpack", "`vibpack --help` lists commands and options");
		return HP_VIB_USAGE;
	}
	if (options.help)
		return hp_fd_write(1, hp_vib_help(a, options.command)) ? HP_VIB_OK : HP_VIB_FAILED;
	return options.command->run(a, &options);
}

int main(int argc, char **argv)
{
	return hp_program("vibpack", ARENA_LIMIT, HP_VIB_FAILED, run, argc, argv);
}
