/* vibpack: picks the command and returns its exit code. */
#include <signal.h>

#include "../agent/io/file.h"
#include "big.h"
#include "options.h"

#define ARENA_LIMIT ((size_t)2 << 30) /* bytes; large buffers are not in it (big.h) */

static int run(struct hp_arena *a, int argc, char **argv)
{
	struct hp_vib_options options;
	struct hp_err err;
	if (hp_vib_options_parse(a, argc, argv, &options, &err) < 0) {
		(void)hp_fd_write(2, hp_str(hp_format(a,
						      "vibpack: %s\nvibpack: `vibpack --help` lists commands and "
						      "options\n",
						      err.text)));
		return HP_VIB_USAGE;
	}
	if (options.help)
		return hp_fd_write(1, hp_vib_help(a, options.command)) ? HP_VIB_OK : HP_VIB_FAILED;
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
		(void)hp_fd_write(2, hp_str("vibpack: out of memory\n"));
		hp_arena_free(&arena);
		return HP_VIB_FAILED;
	}
	int code = run(&arena, argc, argv);
	hp_arena_free(&arena);
	return code;
}
