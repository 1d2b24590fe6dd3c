/* Time. */
#ifndef HP_IO_CLOCK_H
#define HP_IO_CLOCK_H

#include <stdint.h>

#include "../base/arena.h"

uint64_t hp_now_ms(void); /* monotonic where the kernel has it */
void hp_sleep_ms(unsigned ms);
int64_t hp_wall_ms(void);				     /* since 1970, UTC */
const char *hp_rfc3339(struct hp_arena *a, int64_t wall_ms); /* "2026-11-22T03:04:05Z" */

#endif
