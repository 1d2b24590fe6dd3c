/* What every unit test has: cmocka, an arena per test, and hosts made of replies. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../agent/engine/gather.h"
#include "../../agent/engine/policy.h"
#include "../../agent/io/capture.h"

static inline int unit_begin(void **state)
{
	struct hp_arena *a = malloc(sizeof *a);
	if (!a)
		return -1;
	hp_arena_init(a, 8 * HP_ARENA_LIMIT, NULL);
	*state = a;
	return 0;
}

static inline int unit_end(void **state)
{
	hp_arena_free(*state);
	free(*state);
	return 0;
}

/* A test whose state is its arena. */
#define UNIT_TEST(f) cmocka_unit_test_setup_teardown(f, unit_begin, unit_end)

static inline void assert_str(struct hp_arena *a, struct hp_str got, const char *wanted)
{
	assert_string_equal(hp_copy(a, got), wanted);
	assert_int_equal(got.n, strlen(wanted));
}

static inline void assert_has(const char *text, const char *part)
{
	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static inline void assert_no(const char *text, const char *part)
{
	if (text && strstr(text, part))
		fail_msg("\"%s\" has \"%s\"", text, part);
}

/* ---- a host of replies ---- */

static inline void says(struct hp_arena *a, struct hp_capture *c, const char *key, const char *out)
{
	struct hp_reply reply = {.end = HP_END_EXIT, .out = hp_str(out), .size = strlen(out)};
	hp_capture_add(a, c, key, &reply);
}

static inline void says_with(struct hp_arena *a, struct hp_capture *c, const char *key, enum hp_end end, int code,
			     const char *out)
{
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(out), .size = strlen(out)};
	hp_capture_add(a, c, key, &reply);
}

/* Asks everything of that host under the built-in policy. */
static inline const struct hp_facts *facts_of(struct hp_arena *a, const struct hp_capture *c)
{
	struct hp_gathered *g = hp_alloc(a, sizeof *g);
	struct hp_policy policy;
	struct hp_err err;
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	hp_gather(a, hp_replay_door(a, c), NULL, &policy.ask, g);
	return &g->facts;
}

#endif
