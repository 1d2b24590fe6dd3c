/* Asking without an engine: what an ask submits is kept, and the test gives the replies. */
#ifndef TESTS_UNIT_ASKING_H
#define TESTS_UNIT_ASKING_H

#include "../../agent/tools/asks.h"
#include "unit.h"

struct unit_asking {
	struct hp_asking asking; /* first */
	struct hp_facts facts;
	struct hp_ask_options options;
	const struct hp_call *calls[16];
	int tags[16];
	size_t count;
};

static inline void unit_submit(struct hp_asking *asking, const struct hp_call *call, int tag)
{
	struct unit_asking *u = (struct unit_asking *)asking;
	assert_true(u->count < 16);
	u->calls[u->count] = call;
	u->tags[u->count++] = tag;
}

static inline struct unit_asking *unit_ask(struct hp_arena *a, const struct hp_ask *ask)
{
	static const uint32_t ids[] = {0x15b31021};
	struct unit_asking *u = hp_alloc(a, sizeof *u);
	hp_facts_init(&u->facts, a);
	u->options = (struct hp_ask_options){.mft_query = HP_MFT_ALWAYS, .hca_ids = ids, .hca_id_count = 1};
	u->asking = (struct hp_asking){
	    .ask = ask, .arena = a, .facts = &u->facts, .options = &u->options, .submit = unit_submit};
	return u;
}

/* Answers the call that was submitted as number `at`. */
static inline void unit_answer(struct unit_asking *u, size_t at, enum hp_end end, int code, const char *out)
{
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(out), .size = strlen(out)};
	assert_true(at < u->count);
	u->asking.ask->read(&u->asking, u->calls[at], u->tags[at], &reply);
}

/* Puts the ask and answers whatever it asks, again and again, with the same. */
static inline struct unit_asking *unit_asked(struct hp_arena *a, const struct hp_ask *ask, enum hp_end end, int code,
					     const char *out)
{
	struct unit_asking *u = unit_ask(a, ask);
	ask->put(&u->asking);
	for (size_t i = 0; i < u->count; i++)
		unit_answer(u, i, end, code, out);
	return u;
}

#endif
