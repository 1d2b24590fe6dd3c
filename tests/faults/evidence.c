/* evidence FILE.case…: the law of evidence, tried by force. Each reply of a case is replaced by every kind of trouble
 * and by cuts of itself. Whatever is left, nothing may pass, and nothing may be proposed to be changed, that does not
 * rest on a record which is there whole; and a plan has no step that the plan of the whole replies has not.
 *
 * Of the cuts every sweep_step()th is tried, and each at a line end. */
#include <stdio.h>
#include <string.h>

#include "../../agent/io/file.h"
#include "../cases/case.h"
#include "oracle.h"
#include "spoil.h"
#include "sweep_step.h"

#define DENSE 4096u /* bytes: every cut up to here */
#define SHOWN_MAX 20u

struct sweep {
	const char *path;
	struct hp_str text; /* the case file */
	struct hp_arena *base_arena;
	struct case_file file;
	struct case_run base;
	unsigned long runs, violations;
	size_t call; /* of the capture: whose reply is spoilt */
};

/* What was done to one reply. */
struct fault {
	size_t call; /* in the capture */
	const char *what;
	size_t left; /* bytes of the original reply that are still there, from its beginning */
	struct hp_reply reply;
};

static const struct hp_recorded *faulted(const struct sweep *s, const struct fault *f)
{
	return &s->file.capture.calls[f->call];
}

static void violation(struct sweep *s, const struct fault *f, const struct hp_finding *g, const char *what)
{
	if (++s->violations > SHOWN_MAX)
		return;
	printf("%s: %s, %s, %zu of %zu bytes left:\n    %s\n", s->path, faulted(s, f)->key, f->what, f->left,
	       faulted(s, f)->reply.out.n, what);
	if (g)
		printf("    %s %s %s%s: %s\n", g->check, g->subject, hp_state_word(g->state),
		       g->remedy.fixable ? ", with a change" : "", g->text);
}

static const struct hp_finding *baseline(const struct sweep *s, const struct hp_finding *g)
{
	for (size_t i = 0; i < s->base.findings.count; i++) {
		const struct hp_finding *b = &s->base.findings.items[i];
		if (strcmp(b->check, g->check) == 0 && strcmp(b->subject, g->subject) == 0)
			return b;
	}
	return NULL;
}

static bool within(struct hp_str part, struct hp_str all)
{
	return part.p && all.p && part.p >= all.p && part.p + part.n <= all.p + all.n;
}

/* A count of devices on the host: it rests on the records that it counts, however many they are. */
static bool is_count(const struct hp_finding *g)
{
	return strcmp(g->subject, HP_HOST) == 0 &&
	       (strcmp(g->check, "gpu-inventory") == 0 || strcmp(g->check, "hca-inventory") == 0);
}

/* A way round the faulted call has supplied what it was to supply. The call's words after its options are the
 * question; the same question of another program, or in another dialect, is another source. */
static bool supplied(const struct hp_finding *g, const char *key)
{
	const char *question = strrchr(key, '=');
	question = question ? strchr(question, ' ') : NULL;
	for (size_t i = 0; question && i < g->evidence_count; i++) {
		const char *source = g->evidence[i].source + 1, *asked = key + strlen("run ");
		if (strcmp(source, asked) != 0 && hp_str_ends(hp_str(source), question))
			return true;
	}
	return false;
}

static bool pci_supplied(const struct case_run *run, const char *sbdf, const char *key)
{
	for (size_t i = 0; i < run->gathered.facts.device_count; i++) {
		const struct hp_device *d = &run->gathered.facts.devices[i];
		if (strcmp(d->sbdf, sbdf) == 0)
			return strcmp(d->evidence.source + 1, key + strlen("run ")) != 0;
	}
	return false;
}

/* The finding's own records, where they stood in the original reply. */
static bool rests_on_what_is_left(struct sweep *s, const struct fault *f, const struct case_run *run,
				  const struct hp_finding *g, const struct hp_finding *b)
{
	const struct hp_recorded *call = faulted(s, f);
	struct span span;
	bool pci = strstr(call->key, "hardware pci list") != NULL;
	for (size_t i = 0; i < b->evidence_count && !is_count(g); i++) {
		struct hp_str record = b->evidence[i].record;
		if (!within(record, call->reply.out))
			continue;
		span = oracle_record(call->key, call->reply.out, (size_t)(record.p - call->reply.out.p));
		if (span.to > f->left && !supplied(g, call->key))
			return false;
	}
	if (pci && strcmp(g->subject, HP_HOST) != 0 &&
	    (!oracle_pci_device(call->key, call->reply.out, g->subject, &span) || span.to > f->left) &&
	    !pci_supplied(run, g->subject, call->key))
		return false;
	/* What a count counts must be there whole, and be what it says. */
	for (size_t i = 0; i < run->gathered.facts.device_count && pci && is_count(g); i++) {
		const char *sbdf = run->gathered.facts.devices[i].sbdf;
		if ((!oracle_pci_device(call->key, call->reply.out, sbdf, &span) || span.to > f->left) &&
		    !pci_supplied(run, sbdf, call->key))
			return false;
	}
	return true;
}

/* The exit code, worked out from the findings and the plan alone. */
static int exit_of(const struct case_file *c, const struct case_run *run)
{
	bool seen[HP_STATES] = {false};
	if (case_is_fix(c) && (run->plan.change_count || run->plan.refused_count))
		return 2;
	if (case_is_undo(c))
		return run->report.reboot.required == HP_NEEDED ? 4 : 0;
	for (size_t i = 0; i < run->findings.count; i++) {
		const struct hp_finding *f = &run->findings.items[i];
		if (f->severity != HP_INFO && f->severity <= c->options.fail_on)
			seen[f->state] = true;
	}
	if (seen[HP_FAIL] || seen[HP_REGRESSING])
		return 2;
	return seen[HP_UNKNOWN] ? 3 : seen[HP_PENDING_REBOOT] ? 4 : 0;
}

/* Cases in which a list that was cut at a record's end is a shorter list, and nothing can tell the two apart. */
static bool cannot_be_told(const struct sweep *s, const struct fault *f, const struct hp_finding *g,
			   const struct hp_finding *b)
{
	const struct hp_recorded *call = faulted(s, f);
	/* What is held back because of what the ledger tells of earlier boots: without ledger, or without knowing this
	 * boot, the host alone speaks (after_boot.h). */
	bool of_boots = strstr(call->key, "hostprep/ledger") || strstr(call->key, "hostprep/boot") ||
			strstr(call->key, "uptime get") || strstr(call->key, "system version get");
	if (b && of_boots && hp_str_has(hp_str(b->text), "does not repeat it"))
		return true;
	/* The case is about such a cut; this one is kinder. */
	if ((!b || b->state == HP_UNKNOWN) && oracle_was_cut(call->reply.out))
		return true;
	/* Nothing printed is the answer "no VM runs". */
	if (strstr(call->key, "vm process list") && f->reply.end == HP_END_EXIT && !hp_str_trim(f->reply.out).n)
		return true;
	/* Where no policy has a count, there may be fewer devices. */
	bool pci = strstr(call->key, "hardware pci list"), mst = strstr(call->key, "bin/mst ");
	if (b && (pci || mst) && is_count(g))
		return (strcmp(g->check, "gpu-inventory") == 0 ? s->file.policy.gpus : s->file.policy.hcas) < 0;
	/* The device that made this one ambiguous is gone. */
	return b && pci && b->state == HP_UNKNOWN && strcmp(g->subject, HP_HOST) != 0;
}

static void look_at_finding(struct sweep *s, const struct fault *f, const struct case_run *run,
			    const struct hp_finding *g)
{
	bool pass = g->state == HP_PASS, change = g->remedy.fixable;
	const struct hp_finding *b = baseline(s, g);
	if (!pass && !change)
		return;
	if (b && !rests_on_what_is_left(s, f, run, g, b))
		violation(s, f, g, "its record is not whole in what is left");
	if (cannot_be_told(s, f, g, b))
		return;
	if (!b)
		violation(s, f, g, "a finding that was not there before");
	else if (pass && b->state != HP_PASS)
		violation(s, f, g, hp_format(run->gathered.facts.arena, "it was %s", hp_state_word(b->state)));
	else if (change && !b->remedy.fixable)
		violation(s, f, g, "a change that was not proposed before");
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* A step is the one that it was. Whether there may be one at all is judged by the findings, but of an undo, which does
 * not rest on them. */
static void look_at_step(struct sweep *s, const struct fault *f, const struct hp_step *step)
{
	const struct hp_step *b = NULL;
	for (size_t i = 0; i < s->base.plan.count && !b; i++) {
		const struct hp_step *other = &s->base.plan.steps[i];
		if (other->by == step->by && same_text(other->target, step->target) &&
		    same_text(other->setting, step->setting))
			b = other;
	}
	if (!b && case_is_undo(&s->file))
		violation(s, f, NULL, "a step of the undo that was not there before");
	if (!b)
		return;
	bool map = step->by == HP_SET_MAP;
	if (step->product != b->product || !same_text(step->device, b->device) || !same_text(step->to, b->to) ||
	    (!map && !same_text(step->command, b->command)))
		violation(s, f, NULL, "a step that writes something else");
	if (map && (!hp_str_same(step->was, b->was) || step->edits.count > b->edits.count))
		violation(s, f, NULL, "an edit that rests on other bytes, or does more");
}

static void look_at_plan(struct sweep *s, const struct fault *f, const struct case_run *run)
{
	const char *broken = case_broken_law(run->gathered.facts.arena, &s->file, run);
	if (broken)
		violation(s, f, NULL, broken);
	for (size_t i = 0; i < run->plan.count; i++)
		look_at_step(s, f, &run->plan.steps[i]);
}

static void look_at(struct sweep *s, const struct fault *f, const struct case_run *run)
{
	for (size_t i = 0; i < run->findings.count; i++)
		look_at_finding(s, f, run, &run->findings.items[i]);
	look_at_plan(s, f, run);
	if (run->report.exit_code != exit_of(&s->file, run))
		violation(s, f, NULL, "the exit code does not follow from the findings and the plan");
	unsigned sum = 0;
	for (int i = 0; i < HP_STATES; i++)
		sum += run->report.summary[i];
	if (sum != run->findings.count || !run->report.verdict)
		violation(s, f, NULL, "the summary does not add up");
}

/* One reply of the case is the spoilt one. */
static void try(void *context, const struct spoilt *spoilt)
{
	struct sweep *s = context;
	struct fault f = {.call = s->call, .what = spoilt->what, .left = spoilt->left, .reply = spoilt->reply};
	struct hp_arena arena;
	struct case_run run;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	struct hp_capture capture = s->file.capture;
	capture.calls = hp_grow(&arena, capture.calls, capture.count, capture.count + 1, sizeof *capture.calls);
	capture.calls[f.call].reply = f.reply;
	case_run(&arena, &s->file, &capture, &run);
	look_at(s, &f, &run);
	if (s->runs++ % 64 == 0) {
		struct hp_text_style style = {.verbose = true};
		if (!hp_report_text(&arena, &run.report, &style).n || !hp_report_json(&arena, &run.report).n)
			violation(s, &f, NULL, "no report");
	}
	hp_arena_free(&arena);
}

static int sweep_case(const char *path, unsigned step, unsigned long *runs)
{
	struct hp_arena arena;
	struct sweep s = {.path = path, .base_arena = &arena};
	struct spoiler spoiler = {.try = try, .context = &s, .step = step, .dense = DENSE};
	struct hp_err err;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	if (hp_file_read(&arena, path, HP_CAPTURE_LIMIT, &s.text, NULL) ||
	    case_read(&arena, s.text, path, &s.file, &err) < 0) {
		printf("%s cannot be read\n", path);
		return 1;
	}
	case_run(&arena, &s.file, &s.file.capture, &s.base);
	for (s.call = 0; s.call < s.file.capture.count; s.call++) {
		const struct hp_recorded *call = &s.file.capture.calls[s.call];
		spoil_ends(&spoiler, &call->reply, strncmp(call->key, "file ", 5) == 0);
		spoil_cuts(&spoiler, &call->reply);
	}
	if (s.violations)
		printf("%s: %lu violations\n", path, s.violations);
	*runs += s.runs;
	hp_arena_free(&arena);
	return s.violations != 0;
}

int main(int argc, char **argv)
{
	unsigned long runs = 0;
	int bad = 0;
	for (int i = 1; i < argc; i++)
		bad += sweep_case(argv[i], sweep_step(), &runs);
	printf("%d cases, %lu runs, %d cases with violations\n", argc - 1, runs, bad);
	return argc < 2 || bad;
}
