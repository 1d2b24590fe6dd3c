/* hostprep fix and hostprep undo: lock, clear up, read, plan, gates, write, read back, report. */
#include <errno.h>
#include <string.h>

#include "../io/file.h"
#include "../io/host.h"
#include "commands.h"
#include "fixing.h"
#include "run_dir.h"
#include "state_dir.h"

void hp_fix_stop(struct hp_fixing *w, const char *where, const char *text)
{
	hp_report_stop(w->arena, &w->session->report, where, text);
}

void hp_fix_block(struct hp_fixing *w, const char *where, const char *text)
{
	w->blocked = true;
	hp_fix_stop(w, where, text);
}

void hp_fix_telling(void *context, const char *text)
{
	hp_progress_tell(context, text);
}

static void no_verdict(struct hp_fixing *w, int code, const char *where, const char *text)
{
	w->session->failed = code;
	hp_report_error(w->arena, &w->session->report, where, text);
}

struct hp_journal hp_fix_journal(struct hp_fixing *w, const char *run)
{
	return (struct hp_journal){.arena = w->arena,
				   .folder = hp_state_dir(w->arena, w->options),
				   .shown = hp_state_dir_shown(w->arena, w->options),
				   .run = run};
}

bool hp_fix_read_host(struct hp_fixing *w, unsigned least_ms)
{
	struct hp_session *s = w->session;
	s->least_ms = least_ms;
	struct hp_door *door = hp_session_door(s, &w->line);
	if (!door)
		return false;
	hp_session_read(s, door);
	hp_progress_end(&w->line);
	hp_session_judge(s);
	return !s->failed;
}

static void lock(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	const char *other, *holder = hp_format(w->arena, "hostprep %s since %s (%s)\n", s->report.command,
					       s->report.started, s->report.scan_id);
	int code = hp_run_lock(w->arena, w->options->root, holder, &other);
	if (code == EAGAIN)
		no_verdict(w, HP_EXIT_LOCKED, "lock",
			   hp_format(w->arena, "another run changes this host: %s. Wait until it has ended.",
				     other && *other ? hp_clean_text(w->arena, hp_str_trim(hp_str(other)), 200, NULL)
						     : "it does not say which"));
	else if (code)
		hp_fix_block(
		    w, "lock",
		    hp_format(w->arena,
			      "/var/run/hostprep/lock cannot be locked: %s. Without the lock nothing is changed.",
			      strerror(code)));
}

/* ---- the report ---- */

/* Every step was made, and took. */
static bool is_complete(const struct hp_fixing *w)
{
	for (size_t i = 0; i < w->plan.count; i++) {
		enum hp_result result = w->plan.steps[i].result;
		if (result != HP_VERIFIED && result != HP_UNDONE && result != HP_APPLIED)
			return false;
	}
	return w->plan.refused_count == 0;
}

static int finish(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	const struct hp_options *o = w->options;
	for (size_t i = 0; i < w->plan.count; i++) {
		const struct hp_step *step = &w->plan.steps[i];
		bool there = step->result != HP_FAILED && step->result != HP_PLANNED;
		s->report.undoable = s->report.undoable || (step->begun && (there || step->not_kept));
	}
	if (w->journal.trouble && s->report.run)
		hp_fix_stop(w, "state-dir",
			    hp_format(w->arena,
				      "%s/" HP_LEDGER_FILE
				      " could not be written to its end: %s. What this run has changed is "
				      "on the host; the next run will look at it once more.",
				      w->journal.shown, strerror(w->journal.trouble)));
	hp_session_conclude(s);
	if (s->report.run)
		(void)hp_file_renew(w->arena, w->journal.folder, hp_journal_report_name(w->arena, w->journal.run),
				    hp_report_json(w->arena, &s->report));
	if (s->report.complete && !s->failed && !o->replay && !o->dry_run)
		hp_last_report_save(w->arena, o->root, hp_report_json(w->arena, &s->report),
				    hp_report_text(w->arena, &s->report, &(struct hp_text_style){.color = false}));
	if (s->failed != HP_EXIT_USAGE)
		hp_session_outputs(s);
	/* The last thing that is written: a run that is killed before this line has not come to its end. */
	if (w->journal.run)
		hp_journal_end(&w->journal, is_complete(w));
	/* A reader that does not take the report must not keep others from this host. */
	hp_file_unlock();
	return hp_session_print(s);
}

static void change_host(struct hp_fixing *w)
{
	if (!hp_fix_pass_gates(w) || !hp_fix_still_the_plan(w))
		return;
	hp_fix_write(w);
	if (!w->session->failed)
		hp_fix_read_back(w);
}

static int run(struct hp_arena *a, const struct hp_options *o, bool undo)
{
	struct hp_fixing *w = hp_alloc(a, sizeof *w);
	struct hp_session *s = hp_alloc(a, sizeof *s);
	*w = (struct hp_fixing){.arena = a, .options = o, .session = s, .undo = undo};
	bool began = hp_session_begin(a, o, s) == 0;
	s->report.dry_run = o->dry_run;
	s->report.undo = undo;
	hp_progress_begin(&w->line, a, o);
	if (began && !o->dry_run)
		lock(w);
	if (!began || s->failed)
		return finish(w);
	if (!o->dry_run && !w->blocked) {
		struct hp_door *door = hp_session_door(s, &w->line);
		hp_host_hold_signals(true);
		if (door)
			hp_fix_recover(w, door);
		hp_host_hold_signals(false);
	}
	if (s->failed || !hp_fix_read_host(w, 0))
		return finish(w);
	hp_session_record(s);
	if (hp_host_interrupted())
		no_verdict(w, HP_EXIT_NO_VERDICT, "run",
			   hp_format(a, "interrupted by signal %d; no change was begun", hp_host_interrupted()));
	if (hp_fix_make_plan(w) < 0)
		return HP_EXIT_USAGE;
	hp_host_hold_signals(true);
	if (w->plan.count && !o->dry_run && !w->blocked && !s->failed)
		change_host(w);
	if (!o->dry_run && !s->failed && !w->blocked)
		hp_fix_note_offers(w);
	return finish(w);
}

int hp_cmd_fix(struct hp_arena *a, const struct hp_options *o)
{
	return run(a, o, false);
}

int hp_cmd_undo(struct hp_arena *a, const struct hp_options *o)
{
	return run(a, o, true);
}
