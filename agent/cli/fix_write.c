/* Journal, write, read back (fixing.h). */
#include <string.h>

#include "../engine/gates.h"
#include "../io/clock.h"
#include "../io/host.h"
#include "bmc_memory.h"
#include "fixing.h"

#define FINISH_MS 180000u	  /* for archiving what was written, or putting it back, when the time is up */
#define RESERVE ((size_t)4 << 20) /* bytes that the writing half may need: taken before it begins */

static void begin_journal(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	int64_t wall = hp_wall_ms();
	w->journal = hp_fix_journal(w, hp_run_id(w->arena, wall));
	w->journal.trouble = hp_journal_tidy(&w->journal, &s->ledger);
	struct hp_journal_head head = {.command = s->report.command,
				       .host = s->report.host.uuid,
				       .scan_id = s->report.scan_id,
				       .boot = s->boot.token,
				       .build = s->boot.build,
				       .undoes = w->undoes,
				       .archive = hp_fix_before(w, "state-tgz"),
				       .uptime_us = s->boot.uptime_us,
				       .wall_ms = wall};
	hp_journal_begin(&w->journal, &head);
}

void hp_fix_write(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	/* What is begun is also archived, or put back, however late it is by then. */
	unsigned left_ms = hp_session_left_ms(s);
	s->least_ms = left_ms + FINISH_MS;
	struct hp_door *door = hp_session_door(s, &w->line);
	struct hp_apply apply = {.arena = w->arena,
				 .door = door,
				 .journal = &w->journal,
				 .archive = hp_fix_before(w, "state-tgz"),
				 .useropts = hp_fix_before(w, "useropts-gz"),
				 .leave = hp_overridden(w->options->overrides, "persistence"),
				 .begin_until_ms = hp_now_ms() + left_ms,
				 .bmc = s->policy.ask.redfish.bmc,
				 .interrupted = hp_host_interrupted,
				 .telling = hp_fix_telling,
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
	if (apply.login_refused)
		hp_bmc_memory_refused(s);
	if (apply.stopped)
		hp_fix_stop(w, "run", apply.stopped);
	for (size_t i = 0; i < w->plan.count; i++)
		if (w->plan.steps[i].begun)
			s->report.run = w->journal.run;
}

/* A change that an earlier boot has not brought, and the advice that this run gives on it. */
void hp_fix_note_offers(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	for (size_t i = 0; i < s->findings.count; i++) {
		const struct hp_finding *f = &s->findings.items[i];
		if (!hp_offer_is_new(&s->ledger, &s->boot, f))
			continue;
		if (!w->journal.run) {
			if (hp_fix_state_trouble(w))
				return;
			begin_journal(w);
		}
		hp_journal_offer(&w->journal, f);
	}
}

void hp_fix_read_back(struct hp_fixing *w)
{
	struct hp_session *s = w->session;
	bool read = hp_fix_read_host(w, HP_FIX_READ_MS);
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
