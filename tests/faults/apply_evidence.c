/* apply_evidence FILE.case…: the law of evidence for what is written. A fix (or undo) of each case is made on a host
 * that can be changed (apply_door.h), with each reply of its first reading, of its gates and of its second reading
 * spoilt.
 *
 *     first reading    no write that the undisturbed run does not make, and none whose record is not there whole
 *     gates            no write at all
 *     second reading   nothing counts as read back that is not there whole
 *
 * The same plan is applied once only: what is written follows from the plan alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/io/file.h"
#include "applied.h"
#include "oracle.h"
#include "spoil.h"
#include "sweep_step.h"

#define DENSE 64u
#define SHOWN_MAX 12u
#define PLANS_MAX 256u

struct sweep {
	const char *path;
	struct hp_arena arena;
	struct case_file file;
	struct applied_how how;
	struct apply_door *door; /* with the writes of the undisturbed run, and the host after them */
	struct applied base;
	struct hp_step *written; /* its steps before they were read back */
	enum apply_phase phase;
	struct hp_recorded original; /* whose reply is spoilt */
	const char *seen[PLANS_MAX]; /* digests of plans that were applied */
	size_t seen_count;
	unsigned long runs, applied, violations;
};

static void violation(struct sweep *s, const struct spoilt *f, const struct hp_step *step, const char *what)
{
	static const char *const phases[] = {"first reading", "gates", "writes", "second reading"};
	if (++s->violations > SHOWN_MAX)
		return;
	printf("%s: %s, %s: %s, %zu of %zu bytes left:\n    %s%s%s%s%s\n", s->path, phases[s->phase], s->original.key,
	       f ? f->what : "nothing", f ? f->left : 0, s->original.reply.out.n, what, step ? ": " : "",
	       step ? step->target : "", step ? " " : "", step ? step->setting : "");
}

/* ---- what a step rests on in a reply ---- */

static bool line_with(struct hp_str bytes, const char *text, const char *end, size_t *ret)
{
	size_t n = strlen(text), e = strlen(end);
	for (size_t i = 0; i + n + e <= bytes.n; i++)
		if (memcmp(bytes.p + i, text, n) == 0 && memcmp(bytes.p + i + n, end, e) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

/* Whether its records are whole in the first `left` bytes of the reply. */
static bool is_whole(struct hp_arena *a, const struct hp_recorded *r, const struct hp_step *step, size_t left)
{
	struct hp_str out = r->reply.out;
	struct span span = {0, 0};
	size_t at;
	if (step->by == HP_SET_MAP)
		return strcmp(r->key, APPLY_MAP) != 0 || left >= out.n;
	if (step->by == HP_SET_KERNEL && strstr(r->key, "settings kernel list"))
		span = line_with(out, hp_format(a, "Name.string=%s", step->setting), "\n", &at)
			   ? oracle_record(r->key, out, at)
			   : (struct span){0, SIZE_MAX};
	if (step->by == HP_SET_HCA && strstr(r->key, hp_format(a, "mlxconfig -d %s ", step->device)))
		span = oracle_record(r->key, out, 0);
	if (step->by == HP_SET_HCA && strstr(r->key, "bin/mst "))
		span = line_with(out, step->device, " ", &at) ? oracle_record(r->key, out, at)
							      : (struct span){0, SIZE_MAX};
	if (step->by == HP_SET_HCA && strstr(r->key, "pci list") &&
	    !oracle_pci_device(r->key, out, step->target, &span))
		span.to = SIZE_MAX;
	return span.to <= left;
}

/* ---- first reading ---- */

static void look_at_writes(struct sweep *s, const struct spoilt *f, const struct apply_door *d)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct apply_write *w = &d->writes[i], *b = NULL;
		for (size_t k = 0; k < s->door->count && !b; k++)
			if (strcmp(s->door->writes[k].text, w->text) == 0)
				b = &s->door->writes[k];
		if (!b)
			violation(s, f, NULL, w->text);
		else if (w->kind == HP_CALL_EDIT && !hp_str_same(b->was, w->was))
			violation(s, f, NULL, "an edit of other bytes");
	}
}

static bool first_time(struct sweep *s, const char *digest)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (strcmp(s->seen[i], digest) == 0)
			return false;
	if (s->seen_count < PLANS_MAX)
		s->seen[s->seen_count++] = hp_format(&s->arena, "%s", digest);
	return true;
}

static void look_at_plan(struct sweep *s, struct hp_arena *a, const struct spoilt *f, const struct hp_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct hp_step *step = &plan->steps[i];
		if (!is_whole(a, &s->original, step, f->left))
			violation(s, f, step, "a write rests on a record that is not whole");
		if (step->by == HP_SET_MAP && !case_is_undo(&s->file) &&
		    !case_edit_is_small(step->was, step->becomes, step->to))
			violation(s, f, step, "an edit of more than methods");
	}
}

static void try_first(void *context, const struct spoilt *f)
{
	struct sweep *s = context;
	struct hp_arena arena;
	struct applied got;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	struct apply_door *d = apply_door(&arena, &s->file.capture);
	d->fault = (struct apply_fault){APPLY_FIRST, s->original.key, f->reply};
	applied_clear(s->how.folder);
	applied_plan(&arena, &s->file, d, &s->how, &got);
	look_at_plan(s, &arena, f, &got.before.plan);
	if (got.went && first_time(s, got.before.plan.digest)) {
		applied_write(&arena, &s->file, d, &s->how, &got);
		look_at_writes(s, f, d);
		s->applied++;
	} else if (d->count) {
		violation(s, f, NULL, "a write before the gates");
	}
	s->runs++;
	hp_arena_free(&arena);
}

/* ---- gates ---- */

static void try_gate(void *context, const struct spoilt *f)
{
	struct sweep *s = context;
	struct hp_arena arena;
	struct applied got;
	const struct hp_reply *was = &s->original.reply;
	/* Nothing printed, and exit 0: the same answer as before. */
	if (f->reply.end == was->end && f->reply.code == was->code && hp_str_same(f->reply.out, was->out))
		return;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	struct apply_door *d = apply_door(&arena, &s->file.capture);
	d->fault = (struct apply_fault){APPLY_GATES, s->original.key, f->reply};
	applied_clear(s->how.folder);
	applied_plan(&arena, &s->file, d, &s->how, &got);
	if (got.went)
		violation(s, f, NULL, "the gates are open");
	if (d->count || applied_ledger(&arena, s->how.folder).n != s->base.before.ledger.bytes.n)
		violation(s, f, NULL, "something was written");
	s->runs++;
	hp_arena_free(&arena);
}

/* ---- second reading ---- */

static void try_second(void *context, const struct spoilt *f)
{
	struct sweep *s = context;
	struct hp_arena arena;
	bool replaced = strcmp(f->what, "garbage") == 0 || strcmp(f->what, "empty") == 0;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	struct apply_door *d = apply_door(&arena, &s->door->host);
	struct applied got = s->base;
	struct hp_plan *plan = &got.before.plan;
	plan->steps = hp_grow(&arena, s->written, plan->count, plan->count, sizeof *plan->steps);
	plan->changes = hp_grow(&arena, plan->changes, plan->change_count, plan->change_count, sizeof *plan->changes);
	d->fault = (struct apply_fault){APPLY_SECOND, s->original.key, f->reply};
	applied_read_back(&arena, &s->file, d, &got);
	for (size_t i = 0; i < plan->count; i++) {
		const struct hp_step *step = &plan->steps[i];
		bool read = step->result == HP_VERIFIED || step->result == HP_UNDONE;
		bool other = step->result == HP_INEFFECTIVE; /* that is read back as well, and something else */
		bool map = step->by == HP_SET_MAP && replaced;
		if ((read || (other && !map)) && !is_whole(&arena, &s->original, step, f->left))
			violation(s, f, step, hp_format(&arena, "%s without its record", hp_result_word(step->result)));
		if (!read && !(other && map) && step->result != HP_APPLIED && step->result != HP_FAILED)
			violation(s, f, step, hp_result_word(step->result));
	}
	if (d->count)
		violation(s, f, NULL, "a write after the writes");
	s->runs++;
	hp_arena_free(&arena);
}

/* ---- a case ---- */

static void sweep_phase(struct sweep *s, enum apply_phase phase, const struct hp_recorded *r,
			void (*try)(void *context, const struct spoilt *f))
{
	struct spoiler spoiler = {.try = try, .context = s, .step = sweep_step(), .dense = DENSE};
	s->phase = phase;
	s->original = *r;
	spoil_ends(&spoiler, &r->reply, strncmp(r->key, "file ", 5) == 0);
	spoil_cuts(&spoiler, &r->reply);
}

static void sweep_gates(struct sweep *s)
{
	static const char *const keys[] = {"run bin/esxcli --formatter=keyvalue system version get",
					   APPLY_MAINTENANCE,
					   APPLY_IMAGE,
					   APPLY_BOOTBANK,
					   APPLY_BOOTBANK_FOLDER,
					   APPLY_VMS};
	bool hca = s->base.before.plan.steps[s->base.before.plan.count - 1].by == HP_SET_HCA;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (hca || strcmp(keys[i], APPLY_VMS) != 0) /* that gate is the HCAs' */
			sweep_phase(s, APPLY_GATES, apply_reply(s->door, keys[i]), try_gate);
}

/* The undisturbed run: everything is read back as it was wanted. */
static bool make_base(struct sweep *s)
{
	const struct hp_plan *plan = &s->base.before.plan;
	s->door = apply_door(&s->arena, &s->file.capture);
	applied_plan(&s->arena, &s->file, s->door, &s->how, &s->base);
	if (!s->base.went)
		return false;
	applied_write(&s->arena, &s->file, s->door, &s->how, &s->base);
	s->written = hp_grow(&s->arena, plan->steps, plan->count, plan->count, sizeof *s->written);
	applied_read_back(&s->arena, &s->file, s->door, &s->base);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result != (case_is_undo(&s->file) ? HP_UNDONE : HP_VERIFIED))
			violation(s, NULL, &plan->steps[i], "the undisturbed run does not bring it");
	return true;
}

static bool sweep_case(const char *path, unsigned long *runs, unsigned long *applied, unsigned long *cases)
{
	struct sweep *s = calloc(1, sizeof *s);
	struct hp_str text;
	struct hp_err err;
	if (!s)
		return false;
	s->path = path;
	hp_arena_init(&s->arena, HP_ARENA_LIMIT, NULL);
	s->how.folder = applied_folder(&s->arena);
	if (!s->how.folder || hp_file_read(&s->arena, path, HP_CAPTURE_LIMIT, &text, NULL) ||
	    case_read(&s->arena, text, path, &s->file, &err) < 0) {
		printf("%s cannot be read\n", path);
		exit(1);
	}
	if (make_base(s)) {
		++*cases;
		for (size_t i = 0; i < s->file.capture.count; i++)
			sweep_phase(s, APPLY_FIRST, &s->file.capture.calls[i], try_first);
		sweep_gates(s);
		for (size_t i = 0; i < s->file.capture.count; i++)
			sweep_phase(s, APPLY_SECOND, &s->door->host.calls[i], try_second);
	}
	if (s->violations)
		printf("%s: %lu violations\n", path, s->violations);
	bool good = !s->violations;
	*runs += s->runs;
	*applied += s->applied;
	applied_remove(s->how.folder);
	hp_arena_free(&s->arena);
	free(s);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long runs = 0, applied = 0, cases = 0;
	int bad = 0;
	for (int i = 1; i < argc; i++)
		bad += !sweep_case(argv[i], &runs, &applied, &cases);
	printf("%lu cases with something to write, %lu runs, %lu plans applied, %d cases with violations\n", cases,
	       runs, applied, bad);
	return argc < 2 || !cases || bad;
}
