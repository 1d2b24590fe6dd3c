/* Where the reports of a merge wait for their turn: a file without a name, which goes when the program does. */
#ifndef HP_FLEET_SPILL_H
#define HP_FLEET_SPILL_H

#include <stdint.h>

#include "../base/err.h"
#include "../base/str.h"

struct hp_spill;

/* Beside `output`, where there must be room for all of them anyway; NULL or "-": in TMPDIR, else /tmp. */
int hp_spill_open(struct hp_arena *a, const char *output, struct hp_spill **ret, struct hp_err *err);
int hp_spill_put(struct hp_spill *s, struct hp_str bytes, uint64_t *ret_at, struct hp_err *err);
/* Into memory of `a`. */
int hp_spill_get(struct hp_spill *s, struct hp_arena *a, uint64_t at, size_t n, struct hp_str *ret, struct hp_err *err);

#endif
