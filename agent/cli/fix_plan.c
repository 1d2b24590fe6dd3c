/* Which changes a run makes (fixing.h). */
#include <string.h>

#include "../engine/undo.h"
#include "fixing.h"
#include "state_dir.h"

#define NAMES_MAX 8

/* A word as a shell takes it. */
static const char *quoted(struct hp_arena *a, const char *word)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "'");
	for (const char *p = word; *p; p++) {
		if (*p == '\'')
			hp_puts(&b, "'\\''");
		else
			hp_put(&b, (struct hp_str){p, 1});
	}
	hp_puts(&b, "'");
	return hp_built_text(&b);
}

/* The command that applies a dry run's plan: with whatever the plan depends on. */
static const char *again(struct hp_fixing *w)
{
	const struct hp_options *o = w->options;
	const struct {
		const char *name, *value;
	} parts[] = {{" --policy ", o->policy},
		     {" --only ", o->only},
		     {" --skip ", o->skip},
		     {" --tag ", o->tag},
		     {" --state-dir ", o->state_dir},
		     {" --override ", o->overrides},
		     {" --fail-on ", o->fail_on == HP_MINOR ? NULL : hp_severity_word(o->fail_on)}};
	struct hp_buf b = hp_buf(w->arena);
	hp_putf(&b, "hostprep %s%s%s", o->command->name, o->id ? " " : "", o->id ? o->id : "");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i].value)
			hp_putf(&b, "%s%s", parts[i].name, quoted(w->arena, parts[i].value));
	hp_putf(&b, "%s --plan %s", o->bios ? " --bios" : "", w->plan.digest);
	return hp_built_text(&b);
}

static const char *run_names(struct hp_fixing *w, const struct hp_ledger *l)
{
	struct hp_buf b = hp_buf(w->arena);
	for (size_t i = l->count > NAMES_MAX ? l->count - NAMES_MAX : 0; i < l->count; i++)
		hp_putf(&b, " %s", hp_clean_text(w->arena, hp_str(l->runs[i].id), 32, NULL));
	return b.n ? hp_built_text(&b) : " none";
}

/* The run that `undo RUN` names; NULL after having said that there is none. */
const struct hp_ledger_run *hp_fix_find_run(struct hp_fixing *w, const struct hp_ledger *ledger)
{
	const struct hp_ledger_run *run = hp_ledger_find(ledger, w->options->id);
	if (run)
		return run;
	hp_complain(hp_format(w->arena, "undo: the ledger %s/" HP_LEDGER_FILE " has no run \"%s\"; it has%s",
			      hp_state_dir_shown(w->arena, w->options),
			      hp_clean_text(w->arena, hp_str(w->options->id), 64, NULL), run_names(w, ledger)));
	w->session->failed = HP_EXIT_USAGE;
	return NULL;
}

static bool is_plan(const struct hp_fixing *w)
{
	const char *want = w->options->plan, *have = w->plan.digest;
	for (size_t i = 0; want && want[i]; i++)
		if (!have || hp_lower(want[i]) != have[i])
			return false;
	return true;
}

/* Something of the BIOS that --bios would set. */
static bool bios_is_left(const struct hp_fixing *w)
{
	const struct hp_session *s = w->session;
	for (size_t i = 0; i < s->findings.count && !w->options->bios; i++) {
		const struct hp_finding *f = &s->findings.items[i];
		if (f->wanted.attributes && (f->state == HP_FAIL || f->state == HP_REGRESSING) &&
		    hp_report_counts(&s->report, f))
			return true;
	}
	return false;
}

int hp_fix_make_plan(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	const struct hp_ledger_run *run = NULL;
	if (!w->undo) {
		hp_plan_make(w->arena, &s->findings, &s->gathered.facts, w->options->only, w->options->fail_on,
			     &w->plan);
	} else {
		run = w->options->id ? hp_fix_find_run(w, &s->ledger) : hp_ledger_latest(&s->ledger);
		if (!run && w->options->id)
			return -1;
		if (run)
			hp_undo_plan(w->arena, run, &s->gathered.facts, &s->policy.ask, &w->plan);
		w->undoes = run ? run->id : NULL;
	}
	if (w->undo && !w->plan.count && !w->plan.refused_count)
		s->report.note =
		    run ? hp_format(w->arena, "Nothing to undo: what run %s has changed is back already.", run->id)
			: "Nothing to undo: no run in the ledger has changed something.";
	else if (!w->undo && !w->plan.count && !w->plan.refused_count)
		s->report.note = bios_is_left(w)
				     ? "Nothing to change without --bios: `hostprep fix --bios` stages what is "
				       "wrong in the BIOS for the next reset."
				     : "Nothing to change: hostprep fix has nothing to do here.";
	s->report.undoes = w->undoes;
	if (w->options->state_dir)
		s->report.state_dir = quoted(w->arena, w->options->state_dir);
	s->report.changes = w->plan.changes;
	s->report.change_count = w->plan.change_count;
	s->report.plan = w->plan.count ? w->plan.digest : NULL;
	s->report.again = w->plan.count ? again(w) : NULL;
	for (size_t i = 0; i < w->plan.refused_count; i++)
		hp_fix_stop(w, w->plan.refused[i].where, w->plan.refused[i].text);
	if (w->plan.count && !is_plan(w))
		hp_fix_block(
		    w, "plan",
		    hp_format(w->arena,
			      "The host now gives the plan %s, not %s: it has changed since. Look at the new plan "
			      "with --dry-run.",
			      w->plan.digest, w->options->plan));
	return 0;
}

/* Entering maintenance mode may take minutes, in which somebody else may have changed what the plan rests on. */
bool hp_fix_still_the_plan(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	struct hp_fixing again_w = *w;
	if (!w->entered)
		return true;
	if (!hp_fix_read_host(w, HP_FIX_READ_MS))
		return false;
	if (!w->undo)
		hp_plan_make(w->arena, &s->findings, &s->gathered.facts, w->options->only, w->options->fail_on,
			     &again_w.plan);
	else
		hp_undo_plan(w->arena, hp_ledger_find(&s->ledger, w->undoes), &s->gathered.facts, &s->policy.ask,
			     &again_w.plan);
	if (w->plan.digest && again_w.plan.digest && strcmp(w->plan.digest, again_w.plan.digest) == 0)
		return true;
	hp_fix_block(
	    w, "plan",
	    "While the host entered maintenance mode it was changed: its plan is another one now. Run hostprep "
	    "again.");
	return false;
}
