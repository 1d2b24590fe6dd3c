/* Progress on stderr: a line that is redrawn on a terminal, a plain line now and then elsewhere. Nothing for a run that
 * takes less than a second. */
#ifndef HP_CLI_PROGRESS_H
#define HP_CLI_PROGRESS_H

#include "../io/host.h"
#include "options.h"

struct hp_progress_line {
	struct hp_arena *arena;
	bool terminal, quiet, verbose, drawn;
	unsigned next_ms; /* when the next plain line is due */
};

void hp_progress_begin(struct hp_progress_line *line, struct hp_arena *a, const struct hp_options *o);
void hp_progress_draw(void *line, const struct hp_progress *progress);
void hp_progress_call(void *line, const struct hp_call *call, const struct hp_reply *reply);
/* What the run does now, as a line of its own (nothing with --quiet). */
void hp_progress_tell(struct hp_progress_line *line, const char *text);
void hp_progress_end(struct hp_progress_line *line);

#endif
