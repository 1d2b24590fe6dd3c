/* Blocks of text for a terminal: a head, indented sentences, hosts, commands. For summary.c and diff.c. */
#ifndef HP_FLEET_PAINT_H
#define HP_FLEET_PAINT_H

#include "out.h"

enum hp_paint { HP_PAINT_PLAIN, HP_PAINT_RED, HP_PAINT_YELLOW, HP_PAINT_GREEN, HP_PAINT_BOLD };

struct hp_painter {
	struct hp_arena *arena;
	struct hp_out *out;
	bool color;
};

/* An empty line, the word in its colour, and the rest of the line, wrapped. */
void hp_paint_head(const struct hp_painter *p, enum hp_paint color, const char *word, const char *rest);
/* A sentence or two, indented. NULL and "" are nothing. */
void hp_paint_text(const struct hp_painter *p, const char *text);
/* A command, in a line of its own however long it is. */
void hp_paint_command(const struct hp_painter *p, const char *command);
/* Names with blanks between, wrapped; at most `most` of them (0: all), then how many more there are. */
void hp_paint_names(const struct hp_painter *p, const char *const *names, size_t count, size_t most);
/* "1 host", "2 hosts" */
const char *hp_hosts_text(struct hp_arena *a, size_t count);

#endif
