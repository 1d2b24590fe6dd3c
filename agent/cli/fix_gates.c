/* What must be true before anything is written, and --enter-maintenance (fixing.h). */
#include <string.h>

#include "../engine/gates.h"
#include "fixing.h"
#include "state_dir.h"

#define MAINTENANCE_S 300u     /* that the host is given to enter maintenance mode, at most */
#define MAINTENANCE_ENDS_S 15u /* that esxcli is given on top of it */

static void read_gates(struct hp_fixing *w, struct hp_door *door)
{
	memset(&w->gates, 0, sizeof w->gates);
	hp_facts_init(&w->gates.facts, w->arena);
	hp_gather_asks(w->arena, door, hp_gate_asks, &w->session->policy.ask, &w->gates);
	hp_progress_end(&w->line);
}

/* Why nothing can be noted in the state dir, or NULL. */
const char *hp_fix_state_trouble(struct hp_fixing *w)
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

static const char *gate_fact(const struct hp_fixing *w, const char *name)
{
	return hp_fact_text(&w->gates.facts, HP_HOST, name);
}

/* What a file of the boot bank was before the first write: its STAT line; "none"; NULL when that is not known. */
const char *hp_fix_before(const struct hp_fixing *w, const char *name)
{
	return hp_fact(&w->gates.facts, HP_HOST, name)->now.is == HP_ABSENT ? "none" : gate_fact(w, name);
}

/* Every gate but those that maintenance mode opens: where one of them is closed, asking for it would be in vain. */
static bool others_are_open(struct hp_fixing *w)
{
	const char *given = w->options->overrides;
	const char *overrides =
	    hp_format(w->arena, "%s%smaintenance-mode,running-vms", given ? given : "", given ? "," : "");
	struct hp_trouble *closed;
	return hp_gates_try(w->arena, &w->gates.facts, &w->plan, overrides, hp_fix_state_trouble(w), &closed) == 0;
}

static unsigned seconds_for_maintenance(const struct hp_fixing *w)
{
	unsigned left_s = hp_session_left_ms(w->session) / 1000;
	return left_s > MAINTENANCE_S ? MAINTENANCE_S : left_s ? left_s : 1;
}

/* Asks ESX, never while a VM runs, and never leaves maintenance mode again: that is the admin's decision. ESX gives up
 * by itself when the time is up. */
static void enter_maintenance(struct hp_fixing *w, struct hp_door *door)
{
	const char *mode = gate_fact(w, "maintenance"), *vms = gate_fact(w, "running-vms");
	const char *names = gate_fact(w, "running-vm-names");
	if (!w->options->enter_maintenance || !mode || strcmp(mode, "Disabled") != 0 || !others_are_open(w))
		return;
	if (!vms || strcmp(vms, "0") != 0) {
		hp_fix_block(
		    w, "enter-maintenance",
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
	w->session->least_ms = HP_FIX_READ_MS;
	door = hp_session_door(w->session, &w->line);
	if (!door)
		return;
	read_gates(w, door);
	mode = gate_fact(w, "maintenance");
	if (mode && strcmp(mode, "Enabled") == 0)
		return;
	const char *why = hp_reply_trouble(w->arena, call, &reply);
	hp_fix_block(w, "enter-maintenance",
		     hp_format(w->arena, "Maintenance mode was asked for and did not come%s%s. Nothing was changed.",
			       why ? ": esxcli " : "", why ? why : ""));
}

bool hp_fix_pass_gates(struct hp_fixing *w)
{
	struct hp_trouble *closed;
	w->session->least_ms = 0;
	struct hp_door *door = hp_session_door(w->session, &w->line);
	if (!door)
		return false;
	read_gates(w, door);
	enter_maintenance(w, door);
	size_t n =
	    hp_gates_try(w->arena, &w->gates.facts, &w->plan, w->options->overrides, hp_fix_state_trouble(w), &closed);
	for (size_t i = 0; i < n; i++)
		hp_fix_block(w, closed[i].where, closed[i].text);
	return !w->blocked;
}
