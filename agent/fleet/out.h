/* Where a document goes: a file, whole or not at all, or standard output. Streams: it is never in memory as a whole. */
#ifndef HP_FLEET_OUT_H
#define HP_FLEET_OUT_H

#include "../base/err.h"
#include "../base/str.h"

struct hp_out;

/* path NULL or "-": standard output. A file is written beside itself and renamed when it is finished; what stands at
 * the path and is no regular file (a device, a FIFO) is written into; a symbolic link stays one. */
int hp_out_open(struct hp_arena *a, const char *path, struct hp_out **ret, struct hp_err *err);
/* Into memory: what is put is in *to after hp_out_close, which cannot fail. */
struct hp_out *hp_out_memory(struct hp_buf *to);
/* Trouble is remembered and told by hp_out_close. */
void hp_out_put(struct hp_out *o, struct hp_str bytes);
void hp_out_puts(struct hp_out *o, const char *text);
void hp_out_putf(struct hp_out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes. */
void hp_out_json(struct hp_out *o, const char *text); /* NULL: null */
/* Flushes, syncs and puts the file in its place; -1: nothing stands there that was not there before. */
int hp_out_close(struct hp_out *o, struct hp_err *err);
/* Gives it up: the file is as it was. */
void hp_out_drop(struct hp_out *o);

#endif
