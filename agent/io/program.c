#include "program.h"

#include <signal.h>

#include "file.h"

void hp_program_say(const char *name, const char *text)
{
	(void)hp_fd_write(2, hp_str(name));
	(void)hp_fd_write(2, hp_str(": "));
	(void)hp_fd_write(2, hp_str(text));
	(void)hp_fd_write(2, hp_str("\n"));
}

int hp_program(const char *name, size_t limit, int failed, int (*run)(struct hp_arena *a, int argc, char **argv),
	       int argc, char **argv)
{
	static struct hp_arena arena;
	static jmp_buf full;
	(void)signal(SIGPIPE, SIG_IGN); /* writes are looked at */
	hp_standard_fds();
	hp_arena_init(&arena, limit, &full);
	if (setjmp(full)) {
		hp_program_say(name, "out of memory");
		hp_arena_free(&arena);
		return failed;
	}
	int code = run(&arena, argc, argv);
	hp_arena_free(&arena);
	return code;
}
