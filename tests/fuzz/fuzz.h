/* What the fuzz targets share. A target is one file that defines fuzz_one(); fuzz.c gives it an arena and calls it for
 * each input, from libFuzzer or from replay_main.c.
 *
 * The law that most targets assert: no evidence, no pass and no change. A value counts as said by some bytes only if it
 * stands there whole, with a delimiter on both sides.
 */
#ifndef HP_TESTS_FUZZ_H
#define HP_TESTS_FUZZ_H

#include <stdint.h>

#include "../../agent/base/str.h"
#include "../../agent/io/call.h"
#include "../../agent/tools/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The target's own. Whatever it takes from the arena is gone afterwards. */
void fuzz_one(struct hp_arena *a, struct hp_str input);

/* Ends the program with a message when `holds` is false. */
#define MUST(holds) ((holds) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #holds))
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

/* ---- taking inputs apart ---- */

/* The first byte, which is taken off *input; 0 when nothing is left. */
unsigned char fuzz_byte(struct hp_str *input);
/* A line, taken off *input with its newline. */
struct hp_str fuzz_line(struct hp_str *input);
/* A reply: its first byte tells how it ended (0 exit 0, 1 exit 1, s signal, t time-out, b too big, n not found, x not
 * started, c cancelled, r not recorded, f exit 0 and one byte less than the file is long; any other: exit 0), the rest
 * is what was printed. */
struct hp_reply fuzz_reply(struct hp_str input);
/* True when it ended by itself with exit 0. */
bool fuzz_exit_0(const struct hp_reply *reply);
/* True when also what it printed is whole lines of text. */
bool fuzz_ended_well(const struct hp_reply *reply);

/* ---- looking at what came out ---- */

bool fuzz_inside(struct hp_str view, struct hp_str all);
/* True when `value` stands in `all` with a delimiter or the end before it and behind it. Case does not count, and a '?'
 * in value stands for any byte. One as long as `max`, but for one character, was shortened and may go on. */
bool fuzz_says(struct hp_str all, const char *value, size_t max);
bool fuzz_utf8(struct hp_str s);
/* True when it is one line of text for a terminal. */
bool fuzz_one_line(const char *text);
/* "NAME:LINE:COLUMN: TEXT", or "NAME:LINE: TEXT" */
bool fuzz_placed(const char *text, const char *name, bool column);

/* An independent reading of what mlxconfig printed: true when below exactly one header stands exactly one complete row
 * of ATS_ENABLED with as many values as there are columns, no line is an error and none speaks of another device than
 * `name`. The values are "" where there is no such column. */
struct fuzz_row {
	char now[64], next[64];
	bool read_only;
	size_t from, to; /* where the row stands, with its newline */
};
bool fuzz_mlx_row(struct hp_str out, const char *name, struct fuzz_row *ret);

/* ---- asking without an engine ---- */

struct fuzz_asking {
	struct hp_asking asking; /* first */
	struct hp_facts facts;
	struct hp_ask_options options;
	const struct hp_call *calls[64]; /* what was submitted; more than 64 are only counted */
	int tags[64];
	size_t submitted;
};
void fuzz_ask(struct hp_arena *a, const struct hp_ask *ask, struct fuzz_asking *ret);

#endif
