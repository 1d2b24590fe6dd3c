/* A part of a large file in memory: what was read of it and not yet taken. Unpacks gzip (of any number of members) and
 * turns UTF-16 with a byte order mark, which Windows PowerShell writes, into UTF-8, as it reads. */
#ifndef HP_FLEET_WINDOW_H
#define HP_FLEET_WINDOW_H

#include "../base/err.h"
#include "../base/str.h"

struct hp_window;

/* "-": standard input. A folder, and what is no regular file and no pipe, is refused. Returns 0 or -1. */
int hp_window_open(struct hp_arena *a, const char *path, struct hp_window **ret, struct hp_err *err);
/* What is there and not yet taken. It moves when more is read. */
struct hp_str hp_window_rest(const struct hp_window *w);
/* Reads more behind it: false at the end of the file, and when it cannot be read (hp_window_trouble). */
bool hp_window_more(struct hp_window *w);
void hp_window_take(struct hp_window *w, size_t n);
/* Back to the first byte; false when that cannot be (a pipe). */
bool hp_window_rewind(struct hp_window *w);
/* Why it could not be read to its end: a sentence; NULL: it was, as far as one can tell. */
const char *hp_window_trouble(const struct hp_window *w);
/* The bytes that came before the window's first one, unpacked. */
size_t hp_window_at(const struct hp_window *w);
void hp_window_close(struct hp_window *w);

#endif
