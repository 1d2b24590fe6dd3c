#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 << 10)

struct hp_arena_chunk {
	struct hp_arena_chunk *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

struct hp_deferred {
	struct hp_deferred *next;
	void (*undo)(void *);
	void *what;
};

void hp_arena_init(struct hp_arena *a, size_t limit, jmp_buf *on_full)
{
	memset(a, 0, sizeof *a);
	a->limit = limit;
	a->on_full = on_full;
}

void hp_arena_free(struct hp_arena *a)
{
	while (a->deferred) {
		struct hp_deferred *d = a->deferred;
		a->deferred = d->next;
		d->undo(d->what);
	}
	while (a->chunks) {
		struct hp_arena_chunk *c = a->chunks;
		a->chunks = c->next;
		free(c);
	}
	a->taken = 0;
}

static void full(struct hp_arena *a)
{
	if (!a->on_full)
		abort();
	longjmp(*a->on_full, 1);
}

static struct hp_arena_chunk *chunk_new(struct hp_arena *a, size_t size)
{
	if (a->limit - a->taken < size || size > SIZE_MAX - sizeof(struct hp_arena_chunk))
		return NULL;
	struct hp_arena_chunk *c = malloc(sizeof *c + size);
	if (!c)
		return NULL;
	c->size = size;
	c->used = 0;
	a->taken += size;
	return c;
}

void hp_arena_reserve(struct hp_arena *a, size_t size)
{
	struct hp_arena_chunk *fresh = chunk_new(a, size);
	if (!fresh) {
		full(a);
		return; /* not reached: full() does not return */
	}
	fresh->next = a->chunks;
	a->chunks = fresh;
}

void *hp_alloc(struct hp_arena *a, size_t size)
{
	struct hp_arena *outermost = a;
	while (outermost->outer)
		outermost = outermost->outer;
	outermost->allocations++;
	if (outermost->allocations == outermost->fail_at || size > a->limit)
		full(a);
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct hp_arena_chunk *c = a->chunks;
	if (!c || c->size - c->used < size) {
		struct hp_arena_chunk *fresh = chunk_new(a, size > CHUNK / 4 ? size : CHUNK);
		if (!fresh) {
			full(a);
			return NULL; /* not reached: full() does not return */
		}
		if (c && size > CHUNK / 4) { /* a chunk of its own: the current one goes on being filled */
			fresh->next = c->next;
			c->next = fresh;
		} else {
			fresh->next = c;
			a->chunks = fresh;
		}
		c = fresh;
	}
	void *p = c->bytes + c->used;
	c->used += size;
	memset(p, 0, size);
	return p;
}

void *hp_alloc_array(struct hp_arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 2 / size)
		full(a);
	return hp_alloc(a, count * size);
}

void *hp_grow(struct hp_arena *a, const void *old, size_t used, size_t wanted, size_t size)
{
	void *p = hp_alloc_array(a, wanted, size);
	if (used)
		memcpy(p, old, used * size);
	return p;
}

void *hp_room(struct hp_arena *a, void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items;
	return hp_grow(a, items, count, count ? 2 * count : 1, size);
}

void hp_defer(struct hp_arena *a, void (*undo)(void *), void *what)
{
	struct hp_deferred *d = hp_alloc(a, sizeof *d);
	d->undo = undo;
	d->what = what;
	d->next = a->deferred;
	a->deferred = d;
}

static void free_scratch(void *what)
{
	hp_arena_free(what);
}

struct hp_arena *hp_scratch_begin(struct hp_arena *a, size_t limit)
{
	struct hp_arena *scratch = hp_alloc(a, sizeof *scratch);
	size_t left = a->limit - a->taken;
	hp_arena_init(scratch, limit < left ? limit : left, a->on_full);
	hp_defer(a, free_scratch, scratch);
	scratch->outer = a;
	return scratch;
}

void hp_scratch_end(struct hp_arena *scratch)
{
	hp_arena_free(scratch);
}
