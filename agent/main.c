/* hostprep: picks the command and returns its exit code. */
#include <signal.h>

#include "cli/commands.h"
#include "cli/document.h"
#include "cli/session.h"
#include "io/file.h"

static int run(struct hp_arena *a, int argc, char **argv)
{
	struct hp_options options;
	struct hp_err err;
	if (hp_options_parse(a, argc, argv, &options, &err) < 0) {
		hp_complain(err.text);
		hp_complain("`hostprep --help` lists commands and options");
		return HP_EXIT_USAGE;
	}
	if (options.help)
		return hp_print(hp_help_text(a, options.command)) ? HP_EXIT_OK : HP_EXIT_NO_VERDICT;
	return options.command->run(a, &options);
}

int main(int argc, char **argv)
{
	static struct hp_arena arena;
	static jmp_buf full;
	/* A closed SSH channel must not end a run; writes to it fail and are looked at. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	hp_standard_fds();
	hp_arena_init(&arena, HP_ARENA_LIMIT, &full);
	if (setjmp(full)) {
		hp_arena_free(&arena);
		return hp_no_memory(argc, argv);
	}
	int code = run(&arena, argc, argv);
	hp_arena_free(&arena);
	return code;
}
