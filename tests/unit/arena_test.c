#include "unit.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	struct hp_arena *a = *state;
	for (size_t size = 0; size < 300; size += 7) {
		unsigned char *p = hp_alloc(a, size);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void large_pieces_leave_the_small_ones_alone(void **state)
{
	struct hp_arena *a = *state;
	char *small = hp_alloc(a, 16);
	strcpy(small, "kept");
	char *large = hp_alloc(a, 1 << 20);
	memset(large, 'x', 1 << 20);
	char *next = hp_alloc(a, 16);
	assert_ptr_equal(next, small + 16); /* the chunk goes on being filled */
	assert_string_equal(small, "kept");
}

static void growing_keeps_what_was_there(void **state)
{
	struct hp_arena *a = *state;
	int *list = NULL;
	for (size_t n = 0; n < 1000; n++) {
		list = hp_grow(a, list, n, n + 1, sizeof *list);
		list[n] = (int)n;
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(list[n], n);
}

static jmp_buf full;

/* Whether taking `count` pieces of `size` bytes runs into the limit. */
static bool runs_full(struct hp_arena *a, size_t count, size_t size)
{
	a->on_full = &full;
	if (setjmp(full)) {
		a->on_full = NULL;
		return true;
	}
	for (size_t i = 0; i < count; i++)
		(void)hp_alloc(a, size);
	a->on_full = NULL;
	return false;
}

static void the_limit_holds(void **state)
{
	struct hp_arena *a = *state;
	hp_arena_free(a);
	hp_arena_init(a, (size_t)1 << 20, NULL);
	assert_true(runs_full(a, 1, ((size_t)1 << 20) + 1));
	assert_true(runs_full(a, 1, SIZE_MAX));
	assert_true(runs_full(a, 1, SIZE_MAX - 32));
	assert_false(runs_full(a, 10, 50000));
	assert_true(runs_full(a, 100, 50000));
	assert_true(a->taken <= a->limit);
	hp_arena_free(a);
	assert_int_equal(a->taken, 0);
	hp_arena_init(a, (size_t)1 << 20, NULL); /* and again */
	assert_false(runs_full(a, 10, 50000));
}

static void arrays_that_overflow_are_full(void **state)
{
	struct hp_arena *a = *state;
	volatile bool reached = false;
	a->on_full = &full;
	if (setjmp(full) == 0) {
		(void)hp_alloc_array(a, SIZE_MAX / 8, 16);
		reached = true;
	}
	a->on_full = NULL;
	assert_false(reached);
	assert_non_null(hp_alloc_array(a, 0, 16));
	assert_non_null(hp_alloc_array(a, 16, 0));
}

static void a_chosen_allocation_fails(void **state)
{
	struct hp_arena *a = *state;
	hp_arena_free(a);
	hp_arena_init(a, HP_ARENA_LIMIT, NULL);
	a->fail_at = 3;
	assert_false(runs_full(a, 2, 8));
	assert_true(runs_full(a, 1, 8));
	assert_int_equal(a->allocations, 3);
	assert_false(runs_full(a, 10, 8));
}

static char order[8];

static void note(void *what)
{
	char letter[2] = {*(const char *)what, 0};
	strcat(order, letter);
}

static void what_was_deferred_runs_latest_first_and_once(void **state)
{
	struct hp_arena *a = *state;
	static char letters[] = "abc";
	order[0] = 0;
	for (int i = 0; i < 3; i++)
		hp_defer(a, note, &letters[i]);
	hp_arena_free(a);
	assert_string_equal(order, "cba");
	hp_arena_free(a);
	assert_string_equal(order, "cba");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(memory_is_zeroed_and_aligned),
	    UNIT_TEST(large_pieces_leave_the_small_ones_alone),
	    UNIT_TEST(growing_keeps_what_was_there),
	    UNIT_TEST(the_limit_holds),
	    UNIT_TEST(arrays_that_overflow_are_full),
	    UNIT_TEST(a_chosen_allocation_fails),
	    UNIT_TEST(what_was_deferred_runs_latest_first_and_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
