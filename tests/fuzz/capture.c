/* Captures: what is read, written and read again is the same; what is refused is refused with its line. */
#include <string.h>

#include "../../agent/io/capture.h"
#include "fuzz.h"

static const struct hp_recorded *find(const struct hp_capture *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->calls[i].key, key) == 0)
			return &c->calls[i];
	return NULL;
}

static void judge_call(const struct hp_recorded *x, const struct hp_recorded *y)
{
	bool file = strncmp(x->key, "file ", 5) == 0;
	MUST(file || strncmp(x->key, "run ", 4) == 0 || strncmp(x->key, "stat ", 5) == 0);
	MUST(y && x->reply.end == y->reply.end && x->reply.code == y->reply.code && x->reply.ms == y->reply.ms);
	MUST(hp_str_same(x->reply.out, y->reply.out) && hp_str_same(x->reply.err, y->reply.err));
	/* The size counts for a file that was read to its end: fewer bytes mean that it was cut. */
	MUST(!file || x->reply.end != HP_END_EXIT || x->reply.size == y->reply.size);
}

/* Each reply comes back through a door as it was recorded. */
static void judge_door(struct hp_arena *a, const struct hp_capture *c)
{
	struct hp_door *door = hp_replay_door(a, c);
	struct hp_reply reply;
	unsigned id;
	for (unsigned i = 0; i < c->count && i < 20; i++) {
		struct hp_call *call = hp_alloc(a, sizeof *call);
		const char **argv = hp_alloc_array(a, 2, sizeof *argv);
		bool run = c->calls[i].key[0] == 'r', file = c->calls[i].key[0] == 'f';
		call->kind = run ? HP_CALL_RUN : file ? HP_CALL_FILE : HP_CALL_STAT;
		argv[0] = call->path = c->calls[i].key + (run ? 4 : 5);
		call->argv = argv;
		MUST(strcmp(hp_call_key(a, call), c->calls[i].key) == 0);
		door->submit(door, call, i);
		MUST(door->wait(door, &id, &reply) && id == i && reply.end == c->calls[i].reply.end);
		MUST(hp_str_same(reply.out, c->calls[i].reply.out));
		MUST(reply.end == HP_END_EXIT || hp_reply_trouble(a, call, &reply));
	}
	MUST(!door->wait(door, &id, &reply));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_capture one, two;
	struct hp_err err = {""};
	if (hp_capture_parse(a, input, "x.cap", &one, &err) < 0) {
		MUST(fuzz_placed(err.text, "x.cap", false));
		return;
	}
	struct hp_str text = hp_capture_text(a, &one);
	MUST(hp_capture_parse(a, text, "y.cap", &two, &err) == 0);
	MUST(one.count == two.count && one.expect_count == two.expect_count);
	MUST(!one.policy.p == !two.policy.p && hp_str_same(one.policy, two.policy));
	MUST(!one.made == !two.made && (!one.made || strcmp(one.made, two.made) == 0));
	for (size_t i = 0; i < one.expect_count; i++)
		MUST(strcmp(one.expects[i], two.expects[i]) == 0);
	for (size_t i = 0; i < one.count; i++)
		judge_call(&one.calls[i], find(&two, one.calls[i].key));
	MUST(hp_str_same(text, hp_capture_text(a, &two)));
	judge_door(a, &one);
}
