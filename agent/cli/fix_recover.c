/* Clearing up after runs that were killed (fixing.h). */
#include <string.h>

#include "../io/clock.h"
#include "../io/file.h"
#include "../engine/gates.h"
#include "fixing.h"
#include "state_dir.h"

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
static void recover_run(struct hp_fixing *w, struct hp_door *door, const struct hp_ledger_run *run,
			const struct hp_boot *boot)
{
	struct hp_journal journal = hp_fix_journal(w, run->id);
	struct hp_apply apply = {.arena = w->arena,
				 .door = door,
				 .journal = &journal,
				 .leave = hp_overridden(w->options->overrides, "persistence"),
				 .telling = hp_fix_telling,
				 .context = &w->line};
	if (hp_booted_since(run, boot)) {
		if (!run->ended)
			hp_journal_end(&journal, false);
		return;
	}
	const char *why = hp_apply_recover(&apply, run, &w->session->policy.ask);
	if (why)
		hp_fix_block(w, "recovery",
			     hp_format(w->arena,
				       "Run %s was ended in the middle, and what it has left cannot be cleared up: %s.",
				       run->id, why));
	else if (apply.put_back)
		hp_fix_stop(w, "recovery",
			    hp_format(w->arena,
				      "Run %s had left what would not outlive the boot: it was put back (%s).", run->id,
				      apply.put_back));
}

/* Runs that were killed, and changes that could not be archived: cleared up before the host is read. */
void hp_fix_recover(struct hp_fixing *w, struct hp_door *door)
{
	static const char *const asks[] = {"ledger", "boot-token", NULL};
	static const char *const more[] = {"uptime", "uuid", NULL};
	struct hp_gathered gathered = {.no_tools = false};
	struct hp_ledger ledger;
	hp_facts_init(&gathered.facts, w->arena);
	hp_gather_asks(w->arena, door, asks, &w->session->policy.ask, &gathered);
	hp_ledger_of(w->arena, &gathered.facts, &ledger);
	if (w->undo && w->options->id && !hp_fix_find_run(w, &ledger))
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
	struct hp_journal journal = hp_fix_journal(w, "");
	hp_folder_tidy(w->arena, journal.folder);
	int code = hp_journal_tidy(&journal, &ledger);
	if (code)
		hp_fix_block(
		    w, "recovery",
		    hp_format(w->arena, "%s/" HP_LEDGER_FILE " cannot be written: %s.", journal.shown, strerror(code)));
	for (size_t i = 0; i < ledger.count && !w->blocked; i++)
		if (!ledger.runs[i].ended || has_unkept(&ledger.runs[i]))
			recover_run(w, door, &ledger.runs[i], &boot);
}
