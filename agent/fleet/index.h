/* Texts and their numbers, from 0 in the order in which they came: a hash table for tens of thousands of names. */
#ifndef HP_FLEET_INDEX_H
#define HP_FLEET_INDEX_H

#include <stdint.h>

#include "../base/str.h"

#define HP_NO_INDEX UINT32_MAX

struct hp_index {
	struct hp_arena *arena;
	const char **texts; /* by number */
	uint32_t count, slots;
	uint32_t *table; /* number + 1; 0: free */
};

struct hp_index hp_index(struct hp_arena *a);
uint32_t hp_index_find(const struct hp_index *i, struct hp_str text); /* HP_NO_INDEX: it is not there */
uint32_t hp_index_add(struct hp_index *i, struct hp_str text); /* the same number for the same text; keeps a copy */
/* For an array with an item for each text: room for the item of a text that was added since there were `before`. */
void *hp_index_room(const struct hp_index *i, uint32_t before, void *items, size_t size);
uint64_t hp_hash(struct hp_str bytes); /* FNV-1a, 64 bits */

#endif
