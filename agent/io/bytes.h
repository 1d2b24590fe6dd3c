/* Bytes outside the arena, for what comes in while nobody may run out of memory, and for secrets: whatever leaves this
 * memory (when it grows, when it is freed) is wiped before. */
#ifndef HP_IO_BYTES_H
#define HP_IO_BYTES_H

#include "../base/str.h"

struct hp_bytes {
	char *p; /* NULL when n is 0, else with a NUL behind */
	size_t n, room;
};

/* Zeroes, in a way that no compiler leaves out. */
void hp_wipe(void *p, size_t n);
/* Adds s, at most up to `cap` bytes in all. False when it would be more or there is no memory: nothing is added then.
 */
bool hp_bytes_put(struct hp_bytes *b, struct hp_str s, size_t cap);
struct hp_str hp_bytes(const struct hp_bytes *b);
/* "" when there are none. */
const char *hp_bytes_text(const struct hp_bytes *b);
void hp_bytes_free(struct hp_bytes *b);

#endif
