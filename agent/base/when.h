/* Times: seconds since 1970, UTC. */
#ifndef HP_BASE_WHEN_H
#define HP_BASE_WHEN_H

#include <stdint.h>

#include "str.h"

#define HP_WHEN_MOST INT64_C(253402300799) /* the year 9999 */

/* "2026-11-26" or "2026-11-26T14:02:31", with or without fraction (which is dropped), "Z" or "+00:00". */
bool hp_when_parse(struct hp_str text, int64_t *ret_s);
/* "2026-11-26T14:02:31.000000+00:00", as official descriptors have it. */
const char *hp_when_text(struct hp_arena *a, int64_t s);

#endif
