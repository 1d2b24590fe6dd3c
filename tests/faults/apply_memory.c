/* apply_memory FILE.case…: a fix that runs out of memory, at each of the allocations that it makes once it has begun to
 * write. Each time:
 *
 *     no child is left; control comes back
 *     the journal can be read, to its last line, and has a line for each change that the host has
 *     passthru.map has its old or its new text
 *     the next run ends at the same host as an undisturbed one
 *
 * Every sweep_step()th, and fewer of every case but the first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../../agent/io/file.h"
#include "applied.h"
#include "sweep_step.h"

#define OTHERS_STEP 23u /* of the cases after the first */

static struct hp_arena work, host;
static jmp_buf full;
static struct applied got;

struct sweep {
	const char *path;
	struct hp_arena arena;
	struct case_file file;
	struct applied_how how;
	unsigned long first, last;  /* allocations of the writing half */
	const char *wanted;	    /* the host afterwards */
	struct hp_str was, becomes; /* of the map */
	unsigned long tried;
	unsigned violations;
};

static void violation(struct sweep *s, unsigned long at, const char *what)
{
	if (++s->violations < 10)
		printf("%s: allocation %lu failed: %s\n", s->path, at, what);
}

/* Everything of the host that a fix may change, but for the archive's time. */
static const char *host_text(struct hp_arena *a, const struct apply_door *d)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < d->host.count; i++) {
		const struct hp_recorded *r = &d->host.calls[i];
		if (strstr(r->key, "hostprep/ledger") || strcmp(r->key, APPLY_STATE) == 0)
			continue;
		hp_putf(&b, "%s\n", r->key);
		hp_put(&b, r->reply.out);
	}
	return hp_built_text(&b);
}

/* The whole way, with one allocation failed. False when it was. */
static bool attempt(struct sweep *s, struct apply_door *d, unsigned long fail_at)
{
	hp_arena_init(&work, HP_ARENA_LIMIT, &full);
	work.fail_at = fail_at;
	if (setjmp(full)) {
		hp_arena_free(&work);
		return false;
	}
	applied_plan(&work, &s->file, d, &s->how, &got);
	s->first = work.allocations + 1;
	if (got.went)
		applied_write(&work, &s->file, d, &s->how, &got);
	if (got.went)
		applied_read_back(&work, &s->file, d, &got);
	s->last = work.allocations;
	return true;
}

static bool has_step(const struct hp_ledger *l, const struct apply_write *w)
{
	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->runs[i].step_count; k++) {
			const struct hp_ledger_step *step = &l->runs[i].steps[k];
			bool edit = step->by == HP_SET_MAP && w->kind == HP_CALL_EDIT;
			if (edit || (step->by != HP_SET_MAP && strstr(w->text, step->setting)))
				return true;
		}
	return false;
}

static void look_at_journal(struct sweep *s, struct hp_arena *a, const struct apply_door *d, unsigned long at)
{
	struct hp_ledger l;
	struct hp_str bytes = applied_ledger(a, s->how.folder);
	hp_ledger_read(a, bytes, &l);
	if (l.cut)
		violation(s, at, "the journal's last line is cut");
	for (size_t i = 0; i < d->count; i++)
		if (d->writes[i].took && !hp_str_has(hp_str(d->writes[i].text), "auto-backup") &&
		    !has_step(&l, &d->writes[i]))
			violation(s, at, hp_format(a, "the journal lacks %s", d->writes[i].text));
}

static void try(struct sweep *s, unsigned long at)
{
	struct hp_arena arena;
	hp_arena_init(&host, HP_ARENA_LIMIT, NULL);
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	struct apply_door *d = apply_door(&host, &s->file.capture);
	applied_clear(s->how.folder);
	s->tried++;
	if (attempt(s, d, at))
		violation(s, at, "nothing has failed");
	if (waitpid(-1, NULL, WNOHANG) != -1)
		violation(s, at, "a child is left");
	look_at_journal(s, &arena, d, at);
	const struct hp_recorded *map = apply_reply(d, APPLY_MAP);
	if (s->was.p && !hp_str_same(map->reply.out, s->was) && !hp_str_same(map->reply.out, s->becomes))
		violation(s, at, "passthru.map has neither text");
	d->phase = APPLY_WRITES;
	d->submitted = d->given = 0; /* the next run is a new process */
	const char *why = applied_recover(&arena, &s->file, d, s->how.folder);
	if (why)
		violation(s, at, why);
	applied_run(&arena, &s->file, d, &s->how, &got);
	if (strcmp(host_text(&arena, d), s->wanted) != 0)
		violation(s, at, "the next run does not end at the same host");
	hp_arena_free(&arena);
	hp_arena_free(&host);
}

/* Reads the case and makes the undisturbed run; false when there is nothing to write. */
static bool begin(struct sweep *s)
{
	struct hp_str text;
	struct hp_err err;
	hp_arena_init(&s->arena, HP_ARENA_LIMIT, NULL);
	s->how.folder = applied_folder(&s->arena);
	if (!s->how.folder || hp_file_read(&s->arena, s->path, HP_CAPTURE_LIMIT, &text, NULL) ||
	    case_read(&s->arena, text, s->path, &s->file, &err) < 0) {
		printf("%s cannot be read\n", s->path);
		exit(1);
	}
	struct apply_door *d = apply_door(&s->arena, &s->file.capture);
	if (case_is_undo(&s->file) || !attempt(s, d, 0) || !got.went)
		return false;
	for (size_t i = 0; i < d->count; i++)
		if (d->writes[i].kind == HP_CALL_EDIT) {
			s->was = hp_str(hp_copy(&s->arena, d->writes[i].was));
			s->becomes = hp_str(hp_copy(&s->arena, d->writes[i].becomes));
		}
	s->wanted = host_text(&s->arena, d);
	hp_arena_free(&work);
	return true;
}

int main(int argc, char **argv)
{
	unsigned long tried = 0, cases = 0;
	unsigned violations = 0;
	for (int i = 1; i < argc; i++) {
		struct sweep *s = calloc(1, sizeof *s);
		if (!s)
			return 1;
		s->path = argv[i];
		if (begin(s)) {
			unsigned long first = s->first, last = s->last;
			unsigned long step = cases++ ? OTHERS_STEP * sweep_step() : sweep_step_first();
			for (unsigned long n = first; n <= last; n += step)
				try(s, n);
		} else {
			hp_arena_free(&work);
		}
		tried += s->tried;
		violations += s->violations;
		applied_remove(s->how.folder);
		hp_arena_free(&s->arena);
		free(s);
	}
	printf("%lu cases with something to write, %lu failed allocations, %u violations\n", cases, tried, violations);
	return argc < 2 || !cases || violations;
}
