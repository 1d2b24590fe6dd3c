/* hostprep fix and hostprep undo: lock, read, plan, gates, write, read back, report. */
#include <errno.h>
#include <string.h>

#include "../engine/apply.h"
#include "../engine/gates.h"
#include "../engine/undo.h"
#include "../io/clock.h"
#include "../io/file.h"
#include "../io/host.h"
#include "commands.h"
#include "run_dir.h"
#include "session.h"
#include "state_dir.h"

#define MAINTENANCE_S 300u     /* that the host is given to enter maintenance mode, at most */
#define MAINTENANCE_ENDS_S 15u /* that esxcli is given on top of it */
#define READ_BACK_MS 120000u   /* at least, whatever is left of --deadline */
#define FINISH_MS 180000u      /* for archiving what was written, or putting it back, when the time is up */
#define NAMES_MAX 8
#define RESERVE ((size_t)4 << 20) /* bytes that the writing half may need: taken before it begins */

struct work {
	struct hp_arena *arena;
	const struct hp_options *options;
	struct hp_session *session;
	struct hp_progress_line line;
	struct hp_plan plan;
	struct hp_journal journal;
	struct hp_gathered gates;
	const char *undoes; /* the run */
	bool undo;
	bool entered; /* it has asked for maintenance mode */
	bool blocked; /* nothing is to be written: a gate, the lock, another plan */
};

static void stop(struct work *w, const char *where, const char *text)
{
	hp_report_stop(w->arena, &w->session->report, where, text);
}

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
static const char *again(struct work *w)
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
	hp_putf(&b, " --plan %s", w->plan.digest);
	return hp_built_text(&b);
}

static void block(struct work *w, const char *where, const char *text)
{
	w->blocked = true;
	stop(w, where, text);
}

static void no_verdict(struct work *w, int code, const char *where, const char *text)
{
	w->session->failed = code;
	hp_report_error(w->arena, &w->session->report, where, text);
}

static void telling(void *context, const char *text)
{
	hp_progress_tell(context, text);
}

/* ---- before anything is written ---- */

static void lock(struct work *w)
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
		block(w, "lock",
		      hp_format(w->arena,
				"/var/run/hostprep/lock cannot be locked: %s. Without the lock nothing is changed.",
				strerror(code)));
}

static struct hp_journal journal_of(struct work *w, const char *run)
{
	return (struct hp_journal){.arena = w->arena,
				   .folder = hp_state_dir(w->arena, w->options),
				   .shown = hp_state_dir_shown(w->arena, w->options),
				   .run = run};
}

static const char *run_names(struct work *w, const struct hp_ledger *l)
{
	struct hp_buf b = hp_buf(w->arena);
	for (size_t i = l->count > NAMES_MAX ? l->count - NAMES_MAX : 0; i < l->count; i++)
		hp_putf(&b, " %s", hp_clean_text(w->arena, hp_str(l->runs[i].id), 32, NULL));
	return b.n ? hp_built_text(&b) : " none";
}

/* The run that `undo RUN` names; NULL after having said that there is none. */
static const struct hp_ledger_run *find_run(struct work *w, const struct hp_ledger *ledger)
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

static bool has_unkept(const struct hp_ledger_run *run)
{
	for (size_t i = 0; i < run->step_count; i++)
		if (run->steps[i].not_kept && hp_ledger_took(&run->steps[i]))
			return true;
	return false;
}

static bool any_to_recover(const struct hp_ledger *ledger)
{
	for (size_t i = 0; i < ledger->count; i++)
		if (!ledger->runs[i].ended || has_unkept(&ledger->runs[i]))
			return true;
	return false;
}

/* One run. What has outlived a boot since is not touched: there is nothing left to archive, and nothing to put back. */
static void recover_run(struct work *w, struct hp_door *door, const struct hp_ledger_run *run,
			const struct hp_boot *boot)
{
	struct hp_journal journal = journal_of(w, run->id);
	struct hp_apply apply = {.arena = w->arena,
				 .door = door,
				 .journal = &journal,
				 .leave = hp_overridden(w->options->overrides, "persistence"),
				 .telling = telling,
				 .context = &w->line};
	if (hp_booted_since(run, boot)) {
		if (!run->ended)
			hp_journal_end(&journal, false);
		return;
	}
	const char *why = hp_apply_recover(&apply, run, &w->session->policy.ask);
	if (why)
		block(w, "recovery",
		      hp_format(w->arena,
				"Run %s was ended in the middle, and what it has left cannot be cleared up: %s.",
				run->id, why));
	else if (apply.put_back)
		stop(w, "recovery",
		     hp_format(w->arena, "Run %s had left what would not outlive the boot: it was put back (%s).",
			       run->id, apply.put_back));
}

/* Runs that were killed, and changes that could not be archived: cleared up before the host is read. */
static void recover(struct work *w, struct hp_door *door)
{
	static const char *const asks[] = {"ledger", "boot-token", NULL};
	static const char *const more[] = {"uptime", "uuid", NULL};
	struct hp_gathered gathered = {.no_tools = false};
	struct hp_ledger ledger;
	hp_facts_init(&gathered.facts, w->arena);
	hp_gather_asks(w->arena, door, asks, &w->session->policy.ask, &gathered);
	hp_ledger_of(w->arena, &gathered.facts, &ledger);
	if (w->undo && w->options->id && !find_run(w, &ledger))
		return;
	if (!any_to_recover(&ledger)) {
		hp_folder_tidy(w->arena, hp_state_dir(w->arena, w->options));
		return;
	}
	hp_gather_asks(w->arena, door, more, &w->session->policy.ask, &gathered);
	hp_ledger_of(w->arena, &gathered.facts, &ledger);
	if (ledger.foreign || !hp_fact_text(&gathered.facts, HP_HOST, "uuid"))
		return; /* the gate state-dir says so, if something is to be written */
	struct hp_boot boot = hp_boot_of(&gathered.facts, hp_wall_ms());
	struct hp_journal journal = journal_of(w, "");
	hp_folder_tidy(w->arena, journal.folder);
	int code = hp_journal_tidy(&journal, &ledger);
	if (code)
		block(
		    w, "recovery",
		    hp_format(w->arena, "%s/" HP_LEDGER_FILE " cannot be written: %s.", journal.shown, strerror(code)));
	for (size_t i = 0; i < ledger.count && !w->blocked; i++)
		if (!ledger.runs[i].ended || has_unkept(&ledger.runs[i]))
			recover_run(w, door, &ledger.runs[i], &boot);
}

static bool read_host(struct work *w, unsigned least_ms)
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

static bool is_plan(const struct work *w)
{
	const char *want = w->options->plan, *have = w->plan.digest;
	for (size_t i = 0; want && want[i]; i++)
		if (!have || hp_lower(want[i]) != have[i])
			return false;
	return true;
}

static int make_plan(struct work *w)
{
	struct hp_session *s = w->session;
	const struct hp_ledger_run *run = NULL;
	if (!w->undo) {
		hp_plan_make(w->arena, &s->findings, &s->gathered.facts, w->options->only, w->options->fail_on,
			     &w->plan);
	} else {
		run = w->options->id ? find_run(w, &s->ledger) : hp_ledger_latest(&s->ledger);
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
		s->report.note = "Nothing to change: hostprep fix has nothing to do here.";
	s->report.undoes = w->undoes;
	if (w->options->state_dir)
		s->report.state_dir = quoted(w->arena, w->options->state_dir);
	s->report.changes = w->plan.changes;
	s->report.change_count = w->plan.change_count;
	s->report.plan = w->plan.count ? w->plan.digest : NULL;
	s->report.again = w->plan.count ? again(w) : NULL;
	for (size_t i = 0; i < w->plan.refused_count; i++)
		stop(w, w->plan.refused[i].where, w->plan.refused[i].text);
	if (w->plan.count && !is_plan(w))
		block(w, "plan",
		      hp_format(w->arena,
				"The host now gives the plan %s, not %s: it has changed since. Look at the new plan "
				"with --dry-run.",
				w->plan.digest, w->options->plan));
	return 0;
}

/* ---- gates ---- */

static void read_gates(struct work *w, struct hp_door *door)
{
	memset(&w->gates, 0, sizeof w->gates);
	hp_facts_init(&w->gates.facts, w->arena);
	hp_gather_asks(w->arena, door, hp_gate_asks, &w->session->policy.ask, &w->gates);
	hp_progress_end(&w->line);
}

/* Why nothing can be noted in the state dir, or NULL. */
static const char *state_trouble(struct work *w)
{
	const struct hp_fact *ledger = hp_fact(&w->session->gathered.facts, HP_HOST, "ledger");
	const char *shown = hp_state_dir_shown(w->arena, w->options);
	if (ledger->now.is == HP_NO_DATA)
		return hp_format(w->arena,
				 "The ledger %s/" HP_LEDGER_FILE
				 " cannot be used: %s. Move it out of the way: `mv %s/" HP_LEDGER_FILE
				 " %s/" HP_LEDGER_FILE ".old`; undo does not know its runs then.",
				 shown, ledger->now.why ? ledger->now.why : "it was not read", shown, shown);
	if (w->session->ledger.foreign)
		return hp_format(w->arena,
				 "The ledger %s/" HP_LEDGER_FILE
				 " has runs of another host. Give each host a state dir of "
				 "its own.",
				 shown);
	return hp_state_dir_trouble(w->arena, w->options);
}

static const char *gate_fact(const struct work *w, const char *name)
{
	return hp_fact_text(&w->gates.facts, HP_HOST, name);
}

/* What a file of the boot bank was before the first write: its STAT line; "none"; NULL when that is not known. */
static const char *before(const struct work *w, const char *name)
{
	return hp_fact(&w->gates.facts, HP_HOST, name)->now.is == HP_ABSENT ? "none" : gate_fact(w, name);
}

/* Every gate but those that maintenance mode opens: where one of them is closed, asking for it would be in vain. */
static bool others_are_open(struct work *w)
{
	const char *given = w->options->overrides;
	const char *overrides =
	    hp_format(w->arena, "%s%smaintenance-mode,running-vms", given ? given : "", given ? "," : "");
	struct hp_trouble *closed;
	return hp_gates_try(w->arena, &w->gates.facts, &w->plan, overrides, state_trouble(w), &closed) == 0;
}

static unsigned seconds_for_maintenance(const struct work *w)
{
	unsigned left_s = hp_session_left_ms(w->session) / 1000;
	return left_s > MAINTENANCE_S ? MAINTENANCE_S : left_s ? left_s : 1;
}

/* Asks ESX, never while a VM runs, and never leaves maintenance mode again: that is the admin's decision. ESX gives up
 * by itself when the time is up. */
static void enter_maintenance(struct work *w, struct hp_door *door)
{
	const char *mode = gate_fact(w, "maintenance"), *vms = gate_fact(w, "running-vms");
	const char *names = gate_fact(w, "running-vm-names");
	if (!w->options->enter_maintenance || !mode || strcmp(mode, "Disabled") != 0 || !others_are_open(w))
		return;
	if (!vms || strcmp(vms, "0") != 0) {
		block(w, "enter-maintenance",
		      vms ? hp_format(w->arena,
				      "Maintenance mode was not asked for, because VMs run here: %s. VMs with fixed "
				      "passthrough devices cannot be moved: shut them down.",
				      names ? names : vms)
			  : "Maintenance mode was not asked for: it is not known whether a VM runs here.");
		return;
	}
	unsigned seconds = seconds_for_maintenance(w);
	struct hp_call *call = hp_maintenance_enter(w->arena, seconds);
	call->timeout_ms = (seconds + MAINTENANCE_ENDS_S) * 1000;
	hp_progress_tell(&w->line, hp_format(w->arena, "entering maintenance mode (at most %u s)", seconds));
	(void)hp_door_ask(door, hp_audit(w->arena, "asks for maintenance mode (--enter-maintenance)"));
	struct hp_reply reply = hp_door_ask(door, call);
	w->entered = true;
	w->session->least_ms = READ_BACK_MS;
	door = hp_session_door(w->session, &w->line);
	if (!door)
		return;
	read_gates(w, door);
	mode = gate_fact(w, "maintenance");
	if (mode && strcmp(mode, "Enabled") == 0)
		return;
	const char *why = hp_reply_trouble(w->arena, call, &reply);
	block(w, "enter-maintenance",
	      hp_format(w->arena, "Maintenance mode was asked for and did not come%s%s. Nothing was changed.",
			why ? ": esxcli " : "", why ? why : ""));
}

static bool pass_gates(struct work *w)
{
	struct hp_trouble *closed;
	w->session->least_ms = 0;
	struct hp_door *door = hp_session_door(w->session, &w->line);
	if (!door)
		return false;
	read_gates(w, door);
	enter_maintenance(w, door);
	size_t n = hp_gates_try(w->arena, &w->gates.facts, &w->plan, w->options->overrides, state_trouble(w), &closed);
	for (size_t i = 0; i < n; i++)
		block(w, closed[i].where, closed[i].text);
	return !w->blocked;
}

/* ---- writing ---- */

static void begin_journal(struct work *w)
{
	struct hp_session *s = w->session;
	int64_t wall = hp_wall_ms();
	w->journal = journal_of(w, hp_run_id(w->arena, wall));
	w->journal.trouble = hp_journal_tidy(&w->journal, &s->ledger);
	struct hp_journal_head head = {.command = s->report.command,
				       .host = s->report.host.uuid,
				       .scan_id = s->report.scan_id,
				       .boot = s->boot.token,
				       .build = s->boot.build,
				       .undoes = w->undoes,
				       .archive = before(w, "state-tgz"),
				       .uptime_us = s->boot.uptime_us,
				       .wall_ms = wall};
	hp_journal_begin(&w->journal, &head);
}

static void write_all(struct work *w)
{
	struct hp_session *s = w->session;
	/* What is begun is also archived, or put back, however late it is by then. */
	unsigned left_ms = hp_session_left_ms(s);
	s->least_ms = left_ms + FINISH_MS;
	struct hp_door *door = hp_session_door(s, &w->line);
	struct hp_apply apply = {.arena = w->arena,
				 .door = door,
				 .journal = &w->journal,
				 .archive = before(w, "state-tgz"),
				 .useropts = before(w, "useropts-gz"),
				 .leave = hp_overridden(w->options->overrides, "persistence"),
				 .begin_until_ms = hp_now_ms() + left_ms,
				 .interrupted = hp_host_interrupted,
				 .telling = telling,
				 .context = &w->line};
	if (!door)
		return;
	hp_arena_reserve(w->arena, RESERVE);
	begin_journal(w);
	if (w->journal.trouble)
		apply.stopped = hp_format(w->arena, "%s/" HP_LEDGER_FILE " cannot be written: %s.", w->journal.shown,
					  strerror(w->journal.trouble));
	else
		hp_apply_plan(&apply, &w->plan);
	hp_progress_end(&w->line);
	if (apply.stopped)
		stop(w, "run", apply.stopped);
	for (size_t i = 0; i < w->plan.count; i++)
		if (w->plan.steps[i].begun)
			s->report.run = w->journal.run;
}

/* A change that an earlier boot has not brought, and the advice that this run gives on it. */
static void note_offers(struct work *w)
{
	struct hp_session *s = w->session;
	for (size_t i = 0; i < s->findings.count; i++) {
		const struct hp_finding *f = &s->findings.items[i];
		if (!hp_offer_is_new(&s->ledger, &s->boot, f))
			continue;
		if (!w->journal.run) {
			if (state_trouble(w))
				return;
			begin_journal(w);
		}
		hp_journal_offer(&w->journal, f);
	}
}

static void read_back(struct work *w)
{
	struct hp_session *s = w->session;
	bool read = read_host(w, READ_BACK_MS);
	if (read)
		hp_plan_verify(w->arena, &s->gathered.facts, &s->policy.ask, w->undo ? HP_UNDONE : HP_VERIFIED,
			       &w->plan);
	for (size_t i = 0; i < w->plan.count && read; i++) {
		struct hp_step step = w->plan.steps[i];
		if (!step.begun)
			continue;
		if (step.not_kept)
			step.result = HP_APPLIED; /* it is on the host, so it can be undone */
		hp_journal_result(&w->journal, &step);
	}
}

/* ---- the report ---- */

/* Every step was made, and took. */
static bool is_complete(const struct work *w)
{
	for (size_t i = 0; i < w->plan.count; i++) {
		enum hp_result result = w->plan.steps[i].result;
		if (result != HP_VERIFIED && result != HP_UNDONE && result != HP_APPLIED)
			return false;
	}
	return w->plan.refused_count == 0;
}

static int finish(struct work *w)
{
	struct hp_session *s = w->session;
	const struct hp_options *o = w->options;
	for (size_t i = 0; i < w->plan.count; i++) {
		const struct hp_step *step = &w->plan.steps[i];
		bool there = step->result != HP_FAILED && step->result != HP_PLANNED;
		s->report.undoable = s->report.undoable || (step->begun && (there || step->not_kept));
	}
	if (w->journal.trouble && s->report.run)
		stop(w, "state-dir",
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

/* Entering maintenance mode may take minutes, in which somebody else may have changed what the plan rests on. */
static bool still_the_plan(struct work *w)
{
	struct hp_session *s = w->session;
	struct work again_w = *w;
	if (!w->entered)
		return true;
	if (!read_host(w, READ_BACK_MS))
		return false;
	if (!w->undo)
		hp_plan_make(w->arena, &s->findings, &s->gathered.facts, w->options->only, w->options->fail_on,
			     &again_w.plan);
	else
		hp_undo_plan(w->arena, hp_ledger_find(&s->ledger, w->undoes), &s->gathered.facts, &s->policy.ask,
			     &again_w.plan);
	if (w->plan.digest && again_w.plan.digest && strcmp(w->plan.digest, again_w.plan.digest) == 0)
		return true;
	block(w, "plan",
	      "While the host entered maintenance mode it was changed: its plan is another one now. Run hostprep "
	      "again.");
	return false;
}

static void change_host(struct work *w)
{
	if (!pass_gates(w) || !still_the_plan(w))
		return;
	write_all(w);
	if (!w->session->failed)
		read_back(w);
}

static int run(struct hp_arena *a, const struct hp_options *o, bool undo)
{
	struct work *w = hp_alloc(a, sizeof *w);
	struct hp_session *s = hp_alloc(a, sizeof *s);
	*w = (struct work){.arena = a, .options = o, .session = s, .undo = undo};
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
			recover(w, door);
		hp_host_hold_signals(false);
	}
	if (s->failed || !read_host(w, 0))
		return finish(w);
	hp_session_record(s);
	if (hp_host_interrupted())
		no_verdict(w, HP_EXIT_NO_VERDICT, "run",
			   hp_format(a, "interrupted by signal %d; no change was begun", hp_host_interrupted()));
	if (make_plan(w) < 0)
		return HP_EXIT_USAGE;
	hp_host_hold_signals(true);
	if (w->plan.count && !o->dry_run && !w->blocked && !s->failed)
		change_host(w);
	if (!o->dry_run && !s->failed && !w->blocked)
		note_offers(w);
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
