/* Times of packages: seconds since 1970, UTC. */
#ifndef HP_VIB_WHEN_H
#define HP_VIB_WHEN_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_WHEN_MOST INT64_C(253402300799) /* the year 9999 */

/* "2026-11-26" or "2026-11-26T14:02:31", with or without fraction (which is dropped), "Z" or "+00:00". */
bool hp_when_parse(struct hp_str text, int64_t *ret_s);
/* "2026-11-26T14:02:31.000000+00:00", as official descriptors have it. */
const char *hp_when_text(struct hp_arena *a, int64_t s);
/* SOURCE_DATE_EPOCH where it is set; else `given`, or now where that is negative. -1: the variable is no number. */
int hp_when_built(int64_t given, int64_t *ret_s, struct hp_err *err);

#endif
