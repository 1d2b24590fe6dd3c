#include "index.h"

#include <string.h>

uint64_t hp_hash(struct hp_str bytes)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ (unsigned char)bytes.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

struct hp_index hp_index(struct hp_arena *a)
{
	return (struct hp_index){.arena = a};
}

/* Where the text is in the table, or where it would be. */
static uint32_t slot_of(const struct hp_index *i, struct hp_str text)
{
	uint64_t h = hp_hash(text);
	uint32_t slot = (uint32_t)(h ^ h >> 32) & (i->slots - 1);
	while (i->table[slot] && !hp_str_eq(text, i->texts[i->table[slot] - 1]))
		slot = (slot + 1) & (i->slots - 1);
	return slot;
}

uint32_t hp_index_find(const struct hp_index *i, struct hp_str text)
{
	if (!i->slots)
		return HP_NO_INDEX;
	uint32_t at = i->table[slot_of(i, text)];
	return at ? at - 1 : HP_NO_INDEX;
}

/* Twice as many slots as texts, at least. */
static void grow(struct hp_index *i)
{
	uint32_t room = i->slots ? i->slots : 32;
	i->slots = 2 * room;
	i->texts = hp_grow(i->arena, i->texts, i->count, room, sizeof *i->texts);
	i->table = hp_alloc_array(i->arena, i->slots, sizeof *i->table);
	for (uint32_t n = 0; n < i->count; n++)
		i->table[slot_of(i, hp_str(i->texts[n]))] = n + 1;
}

uint32_t hp_index_add(struct hp_index *i, struct hp_str text)
{
	if (2 * i->count >= i->slots)
		grow(i);
	uint32_t slot = slot_of(i, text);
	if (!i->table[slot]) {
		i->texts[i->count] = hp_copy(i->arena, text);
		i->table[slot] = ++i->count;
	}
	return i->table[slot] - 1;
}

void *hp_index_room(const struct hp_index *i, uint32_t before, void *items, size_t size)
{
	return i->count > before ? hp_room(i->arena, items, before, size) : items;
}
