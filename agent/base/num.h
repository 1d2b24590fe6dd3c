/* Numbers out of text: the whole text must be the number, nothing before or after it. */
#ifndef HP_BASE_NUM_H
#define HP_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* base 10 or 16 (digits only, no sign, no 0x). False: empty, another character, or greater than max. */
bool hp_number(struct hp_str s, unsigned base, uint64_t max, uint64_t *ret);
/* Release numbers such as 8.0.3: one to four numbers with dots. Missing places are 0. */
struct hp_version {
	uint32_t part[4];
};
bool hp_version(struct hp_str s, struct hp_version *ret);
/* Two versions of any number of parts, by number: 4.160.3.0 comes after 4.99 and is 4.160.3. False where one of them is
 * blank or has a part that is no number. ret: <0, 0, >0 */
bool hp_version_order(struct hp_str a, struct hp_str b, int *ret);
int hp_version_cmp(const struct hp_version *a, const struct hp_version *b); /* <0, 0, >0 */

#endif
