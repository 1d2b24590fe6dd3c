/* The main of an off-host program. */
#ifndef HP_IO_PROGRAM_H
#define HP_IO_PROGRAM_H

#include "../base/arena.h"

/* Runs it with an arena of at most `limit` bytes, and returns its exit code; `failed`, after a line on stderr, when
 * memory runs out. Writes to a reader that has gone are errors, no signal. */
int hp_program(const char *name, size_t limit, int failed, int (*run)(struct hp_arena *a, int argc, char **argv),
	       int argc, char **argv);
/* "NAME: text" on stderr. */
void hp_program_say(const char *name, const char *text);

#endif
