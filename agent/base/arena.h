/* All memory of a run comes from one arena with a limit. The program is a short batch: nothing is freed singly.
 *
 * hp_alloc never returns NULL. When the limit is reached or malloc fails, control goes back to the one place that set
 * `on_full` (the program's start, or a test), which reports one program error. Nothing has been changed on the host by
 * then that was not already finished: calls that change something take their memory before they start.
 *
 * What must be undone when the arena goes away (a child process, a library's own heap) is registered with hp_defer.
 */
#ifndef HP_BASE_ARENA_H
#define HP_BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>

#define HP_ARENA_LIMIT ((size_t)48 << 20) /* bytes; a full check of a large host needs about 2 MiB */

struct hp_arena_chunk;
struct hp_deferred;

struct hp_arena {
	size_t limit; /* bytes */
	size_t taken; /* bytes, from malloc */
	struct hp_arena_chunk *chunks;
	struct hp_deferred *deferred;
	jmp_buf *on_full;
	struct hp_arena *outer;	   /* the arena that this one is within, or NULL */
	unsigned long allocations; /* those of the arenas within it too */
	unsigned long fail_at;	   /* tests: this allocation (1 = the first) fails; 0 = none */
};

void hp_arena_init(struct hp_arena *a, size_t limit, jmp_buf *on_full);
/* Runs what was deferred, latest first, then frees everything. The arena can be used again after another init. */
void hp_arena_free(struct hp_arena *a);

/* Zeroed memory, aligned for any type. */
void *hp_alloc(struct hp_arena *a, size_t size);
/* Takes that much from malloc now, so that the next allocations, together no larger, cannot fail for want of memory. */
void hp_arena_reserve(struct hp_arena *a, size_t size);
/* Zeroed memory for `count` items of `size` bytes each; a product that overflows counts as out of memory. */
void *hp_alloc_array(struct hp_arena *a, size_t count, size_t size);
/* A larger copy of an array: `used` items of `size` bytes are kept, room is for `wanted` items. */
void *hp_grow(struct hp_arena *a, const void *old, size_t used, size_t wanted, size_t size);
/* Room for one more behind the `count` items of an array that grows by one at a time, always through this: it doubles.
 */
void *hp_room(struct hp_arena *a, void *items, size_t count, size_t size);
/* Calls undo(what) when the arena is freed. */
void hp_defer(struct hp_arena *a, void (*undo)(void *), void *what);

/* An arena within another, for what is many times as large as what comes out of it: at most `limit` bytes, and no more
 * than the outer one has left. It is full where the outer one would be, and goes away with it at the latest. */
struct hp_arena *hp_scratch_begin(struct hp_arena *a, size_t limit);
void hp_scratch_end(struct hp_arena *scratch);

#endif
