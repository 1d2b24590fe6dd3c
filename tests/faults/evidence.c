/* evidence FILE.case…: the law of evidence, tried by force. Each reply of a case is replaced by every kind of trouble
 * and by cuts of itself. Whatever is left, nothing may pass, and nothing may be proposed to be changed, that does not
 * rest on a record which is there whole.
 *
 * HP_SWEEP_STEP=N tries every Nth cut only (slow instruments). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/io/file.h"
#include "../cases/case.h"
#include "oracle.h"

#define DENSE 4096u /* bytes: every cut up to here */
#define PLACES 300u /* further cuts of a longer reply */
#define SHOWN_MAX 20u

struct sweep {
	const char *path;
	struct hp_str text; /* the case file */
	struct hp_arena *base_arena;
	struct case_file file;
	struct case_run base;
	unsigned long runs, violations;
	unsigned step;
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

/* The exit code, worked out from the findings alone. */
static int exit_of(const struct case_file *c, const struct case_run *run)
{
	bool seen[HP_STATES] = {false};
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

static void look_at(struct sweep *s, const struct fault *f, const struct case_run *run)
{
	for (size_t i = 0; i < run->findings.count; i++)
		look_at_finding(s, f, run, &run->findings.items[i]);
	if (run->report.exit_code != exit_of(&s->file, run))
		violation(s, f, NULL, "the exit code does not follow from the findings");
	unsigned sum = 0;
	for (int i = 0; i < HP_STATES; i++)
		sum += run->report.summary[i];
	if (sum != run->findings.count || !run->report.verdict)
		violation(s, f, NULL, "the summary does not add up");
}

static void try(struct sweep *s, const struct fault *f)
{
	struct hp_arena arena;
	struct case_run run;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	struct hp_capture capture = s->file.capture;
	capture.calls = hp_grow(&arena, capture.calls, capture.count, capture.count + 1, sizeof *capture.calls);
	capture.calls[f->call].reply = f->reply;
	case_run(&arena, &s->file, &capture, &run);
	look_at(s, f, &run);
	if (s->runs++ % 64 == 0) {
		struct hp_text_style style = {.verbose = true};
		if (!hp_report_text(&arena, &run.report, &style).n || !hp_report_json(&arena, &run.report).n)
			violation(s, f, NULL, "no report");
	}
	hp_arena_free(&arena);
}

static void try_ends(struct sweep *s, size_t call, bool file)
{
	static const char *const garbage[] = {
	    "\x01\xff\xfe garbage \x00\n",     "garbage\n", "\n",   "Error: nothing\n",
	    "<html><body>503</body></html>\n", "[]\n",	    "{}\n", "[{}]\n",
	    "structure[0].A.B.string=x\n"};
	const struct {
		const char *what;
		enum hp_end end;
		int code;
	} ends[] = {{"not found", HP_END_NOT_FOUND, 2}, {"time-out", HP_END_TIMEOUT, 0},
		    {"signal", HP_END_SIGNAL, 11},	{"too big", HP_END_TOO_BIG, 0},
		    {"exit 1", HP_END_EXIT, 1},		{"not started", HP_END_NOT_STARTED, 13},
		    {"cancelled", HP_END_CANCELLED, 0}, {"not recorded", HP_END_NOT_RECORDED, 0}};
	struct hp_reply original = s->file.capture.calls[call].reply;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct fault f = {.call = call, .what = ends[i].what, .reply = original};
		f.reply.end = ends[i].end;
		f.reply.code = ends[i].code;
		try(s, &f); /* with what it printed until then */
		f.reply.out = f.reply.err = (struct hp_str){NULL, 0};
		f.reply.size = 0;
		try(s, &f);
	}
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		struct fault f = {.call = call, .what = "garbage", .reply = original};
		f.reply.out = i ? hp_str(garbage[i]) : (struct hp_str){garbage[i], 14};
		f.reply.size = f.reply.out.n;
		try(s, &f);
	}
	if (file) { /* an empty file that is as long as it says */
		struct fault f = {.call = call, .what = "empty", .reply = original};
		f.reply.out.n = f.reply.size = 0;
		try(s, &f);
	}
}

static void try_cut(struct sweep *s, size_t call, size_t left)
{
	struct fault f = {.call = call, .what = "cut", .left = left, .reply = s->file.capture.calls[call].reply};
	if (left >= f.reply.out.n)
		return;
	f.reply.out.n = left; /* and `size` stays */
	try(s, &f);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void try_cuts(struct sweep *s, size_t call)
{
	struct hp_str out = s->file.capture.calls[call].reply.out;
	uint32_t seed = 2463534242u;
	for (size_t i = 0; i < out.n && i <= DENSE; i += s->step)
		try_cut(s, call, i);
	for (size_t i = 0; i < out.n; i++) {
		if (out.p[i] != '\n' || (i <= DENSE && s->step == 1))
			continue;
		try_cut(s, call, i + 1); /* the line end, and one byte to each side: where cuts are hardest to see */
		if (s->step == 1) {
			try_cut(s, call, i);
			try_cut(s, call, i + 2);
		}
	}
	for (unsigned i = 0; i < PLACES / s->step && out.n > DENSE; i++)
		try_cut(s, call, next_random(&seed) % out.n);
}

static int sweep_case(const char *path, unsigned step, unsigned long *runs)
{
	struct hp_arena arena;
	struct sweep s = {.path = path, .base_arena = &arena, .step = step};
	struct hp_err err;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	if (hp_file_read(&arena, path, HP_CAPTURE_LIMIT, &s.text, NULL) ||
	    case_read(&arena, s.text, path, &s.file, &err) < 0) {
		printf("%s cannot be read\n", path);
		return 1;
	}
	case_run(&arena, &s.file, &s.file.capture, &s.base);
	for (size_t i = 0; i < s.file.capture.count; i++) {
		try_ends(&s, i, strncmp(s.file.capture.calls[i].key, "file ", 5) == 0);
		try_cuts(&s, i);
	}
	if (s.violations)
		printf("%s: %lu violations\n", path, s.violations);
	*runs += s.runs;
	hp_arena_free(&arena);
	return s.violations != 0;
}

int main(int argc, char **argv)
{
	const char *given = getenv("HP_SWEEP_STEP");
	uint64_t step = 1;
	unsigned long runs = 0;
	int bad = 0;
	if (given && !hp_number(hp_str(given), 10, 1000, &step))
		step = 1;
	for (int i = 1; i < argc; i++)
		bad += sweep_case(argv[i], (unsigned)(step ? step : 1), &runs);
	printf("%d cases, %lu runs, %d cases with violations\n", argc - 1, runs, bad);
	return argc < 2 || bad;
}
