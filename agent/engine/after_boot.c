#include "after_boot.h"

#include <string.h>

#include "../base/num.h"

#define TOO_OFTEN 2 /* boots that lost the same change */

struct hp_boot hp_boot_of(const struct hp_facts *facts, int64_t wall_ms)
{
	const char *uptime = hp_fact_text(facts, HP_HOST, "uptime-us"),
		   *quick = hp_fact_text(facts, HP_HOST, "quick-boot");
	struct hp_boot b = {.token = hp_fact_text(facts, HP_HOST, "boot-token"),
			    .wall_ms = wall_ms,
			    .build = hp_fact_text(facts, HP_HOST, "esx.build"),
			    .quick = quick && strcmp(quick, "1") == 0};
	if (!uptime || !hp_number(hp_str(uptime), 10, UINT64_MAX, &b.uptime_us))
		b.uptime_us = 0;
	return b;
}

bool hp_booted_since(const struct hp_ledger_run *r, const struct hp_boot *b)
{
	if (!r->boot || !b->token || strcmp(r->boot, b->token) == 0 || !r->uptime_us || !b->uptime_us)
		return false;
	uint64_t passed_us = 0; /* a clock that went back proves nothing */
	if (b->wall_ms > r->wall_ms && r->wall_ms > 0)
		passed_us = (uint64_t)(b->wall_ms - r->wall_ms) * 1000;
	return b->uptime_us < r->uptime_us + passed_us;
}

/* What a finding says of the attribute that a step has set; NULL: it is no step of the BIOS, or another attribute. */
static const struct hp_bios_want *attribute_of(const struct hp_ledger_step *s, const struct hp_finding *f)
{
	const struct hp_bios_want *w = s->by == HP_SET_BIOS ? f->wanted.attributes : NULL;
	while (w && w->name && strcmp(w->name, s->setting) != 0)
		w++;
	return w && w->name ? w : NULL;
}

/* Of a check of several attributes a step counts only if it is its attribute that makes the finding what it is. */
static bool makes_it(const struct hp_ledger_step *s, const struct hp_finding *f)
{
	const struct hp_bios_want *w = attribute_of(s, f);
	if (s->by != HP_SET_BIOS)
		return true;
	if (!w || !w->now || !w->next)
		return false;
	bool right_now = strcmp(w->now, w->to) == 0, right_next = strcmp(w->next, w->to) == 0;
	return f->state == HP_PENDING_REBOOT ? right_next && !right_now : f->state == HP_PASS || !right_next;
}

static const char *wanted_by(const struct hp_finding *f, const struct hp_ledger_step *s)
{
	const struct hp_bios_want *w = attribute_of(s, f);
	return w ? w->to : f->want;
}

static const char *next_of(const struct hp_finding *f, const struct hp_ledger_step *s)
{
	const struct hp_bios_want *w = attribute_of(s, f);
	return w ? w->next : f->next;
}

static bool is_for(const struct hp_ledger_step *s, const struct hp_finding *f)
{
	for (size_t i = 0; i < s->finding_count; i++)
		if (strcmp(s->findings[i].check, f->check) == 0 && strcmp(s->findings[i].subject, f->subject) == 0)
			return makes_it(s, f);
	return false;
}

/* The latest step that wrote a finding's setting. */
static const struct hp_ledger_step *latest(const struct hp_ledger *l, const struct hp_finding *f,
					   const struct hp_ledger_run **ret_run)
{
	for (size_t i = l->count; i-- > 0;)
		for (size_t k = l->runs[i].step_count; k-- > 0;) {
			const struct hp_ledger_step *s = &l->runs[i].steps[k];
			if (!is_for(s, f) || !hp_ledger_took(s))
				continue;
			*ret_run = &l->runs[i];
			return s;
		}
	return NULL;
}

/* Boots, each before this one, in which the setting was given the value that it should still have, one after the other
 * and on this build: an update may well bring the old value back. */
static unsigned times_lost(const struct hp_ledger *l, const struct hp_finding *f, const struct hp_boot *b)
{
	unsigned times = 0;
	const char *last_boot = NULL;
	for (size_t i = l->count; i-- > 0;)
		for (size_t k = l->runs[i].step_count; k-- > 0;) {
			const struct hp_ledger_run *r = &l->runs[i];
			const struct hp_ledger_step *s = &r->steps[k];
			if (!is_for(s, f) || !hp_ledger_took(s))
				continue;
			bool same_build = r->build && b->build && strcmp(r->build, b->build) == 0;
			if (strcmp(s->to, wanted_by(f, s)) != 0 || !hp_booted_since(r, b) || !same_build)
				return times;
			times += !last_boot || strcmp(last_boot, r->boot) != 0;
			last_boot = r->boot;
		}
	return times;
}

/* A power cycle was advised for it in a boot before this one, since it was set. */
static bool cold_was_advised(const struct hp_ledger *l, const struct hp_finding *f, const struct hp_ledger_run *since,
			     const struct hp_boot *b)
{
	for (const struct hp_ledger_run *r = since; r < l->runs + l->count; r++)
		for (size_t k = 0; k < r->offer_count; k++)
			if (r->offers[k].reboot == HP_REBOOT_COLD && strcmp(r->offers[k].check, f->check) == 0 &&
			    strcmp(r->offers[k].subject, f->subject) == 0 && hp_booted_since(r, b))
				return true;
	return false;
}

static const char *quick_boot_text(const struct hp_ledger_step *s)
{
	if (s->by == HP_SET_BIOS)
		return "restarts ESX without going through firmware, so that the BMC does not apply BIOS settings";
	return s->reboot >= HP_REBOOT_FULL
		   ? "restarts ESX without a reset of the PCI devices, so that HCA settings do not load"
		   : "restarts ESX without going through firmware";
}

static const char *stronger_text(const struct hp_ledger_step *s)
{
	if (s->by == HP_SET_BIOS)
		return "A reboot has not brought it. Look into the BMC whether its job has failed (iDRAC: Maintenance, "
		       "Job Queue). If it still waits, power-cycle the server: shut down, take the power away for half "
		       "a minute, start it.";
	return s->reboot == HP_REBOOT_COLD
		   ? "mlxconfig asked for a power cycle, which a warm reboot is not. Shut down, take the power away "
		     "for half a minute, start the server."
		   : "A reboot has not brought it. Power-cycle the server: shut down, take the power away for half a "
		     "minute, start it.";
}

static const char *last_resort(const struct hp_ledger_step *s)
{
	if (s->by == HP_SET_BIOS)
		return "set it in the BIOS setup, update the BMC's firmware, or ask the maker's support";
	return s->reboot >= HP_REBOOT_FULL
		   ? "update the HCA's firmware, or ask NVIDIA's support"
		   : "look for what sets it back (boot options, a host profile, the vLCM configuration)";
}

static void still_not_in_force(struct hp_arena *a, const struct hp_ledger *l, const struct hp_ledger_run *r,
			       const struct hp_ledger_step *s, const struct hp_boot *b, struct hp_finding *f)
{
	const char *head = hp_format(a, "%s is set to %s since run %s, but not effective after reboot: in force is %s.",
				     s->setting, wanted_by(f, s), r->id, f->now ? f->now : "something else");
	f->state = HP_FAIL;
	f->wanted.by = HP_SET_NOTHING;
	f->remedy = (struct hp_remedy){.reboot = HP_REBOOT_COLD};
	f->awaits_boot = true;
	bool advised = cold_was_advised(l, f, r, b);
	const char *quick = quick_boot_text(s);
	if (b->quick && s->reboot < HP_REBOOT_COLD && !advised) {
		f->remedy.reboot = HP_REBOOT_FULL;
		f->text = hp_format(a, "%s The last boot was a Quick Boot, which %s.", head, quick);
		f->remedy.text = "Switch Quick Boot off, then reboot through firmware.";
		f->remedy.command = hp_reboot_command(HP_REBOOT_FULL);
	} else if (!advised || b->quick) {
		f->text = b->quick ? hp_format(a, "%s The last boot was a Quick Boot, which %s.", head, quick) : head;
		f->remedy.text = stronger_text(s);
		f->remedy.command = hp_reboot_command(HP_REBOOT_COLD);
	} else {
		f->awaits_boot = false;
		f->text = hp_format(a,
				    "%s A power cycle was advised before this boot and has not helped, or was not "
				    "made.",
				    head);
		f->remedy.text =
		    hp_format(a,
			      "If the server was not without power, power-cycle it. If it was, another reboot will not "
			      "help: %s.",
			      last_resort(s));
	}
}

/* Written in this boot, and known not to be archived: the next boot will bring what there was before. */
static void not_kept(struct hp_arena *a, const struct hp_ledger_run *r, const struct hp_ledger_step *s,
		     struct hp_finding *f)
{
	f->state = HP_FAIL;
	f->text =
	    hp_format(a, "%s Run %s has set it, but it would not outlive the boot: %s.", f->text, r->id, s->not_kept);
	f->remedy = (struct hp_remedy){.text = "Mend what keeps it from being archived, then run `hostprep fix` again, "
					       "before the host reboots.",
				       .command = "hostprep fix"};
}

/* Right today, and an undo of this boot has taken it back: the reboot that brings that is still to come. */
static void taken_back(struct hp_arena *a, const struct hp_ledger_run *r, const struct hp_ledger_step *s,
		       struct hp_finding *f)
{
	f->awaits_boot = true;
	f->remedy.reboot = s->reboot;
	f->text = hp_format(a, "%s Undo %s has set it back; a reboot brings that.", f->text, r->id);
}

static void lost(struct hp_arena *a, const struct hp_ledger *l, const struct hp_ledger_run *r,
		 const struct hp_ledger_step *s, const struct hp_boot *b, bool may_repeat, struct hp_finding *f)
{
	unsigned times = times_lost(l, f, b);
	if (!times)
		return;
	f->text = hp_format(a,
			    "%s Run %s has set it before this boot: it was not effective after reboot, or was "
			    "changed since.",
			    f->text, r->id);
	if (times < TOO_OFTEN || may_repeat)
		return;
	f->text = hp_format(a, "%s This has happened %u times, so hostprep fix does not repeat it.", f->text, times);
	f->wanted.by = HP_SET_NOTHING;
	f->remedy.fixable = false;
	f->remedy.text =
	    s->by == HP_SET_BIOS
		? "Look for what sets it back: a server profile, a template or another tool that sets the BIOS. "
		  "`hostprep fix --bios --override repeat` sets it once more."
		: "Look for what sets it back: /bootbank, /sbin/auto-backup.sh, a host profile, the vLCM "
		  "configuration. `hostprep fix --override repeat` sets it once more.";
}

static void judge_again(struct hp_arena *a, const struct hp_ledger *l, const struct hp_boot *b, bool may_repeat,
			struct hp_finding *f)
{
	const struct hp_ledger_run *r;
	const struct hp_ledger_step *s = f->want ? latest(l, f, &r) : NULL;
	if (!s)
		return;
	bool wanted = strcmp(s->to, wanted_by(f, s)) == 0, booted = hp_booted_since(r, b);
	const char *next = next_of(f, s);
	bool back =
	    next && (s->by == HP_SET_MAP || strcmp(s->to, next) == 0); /* a map step may bring several methods */
	if (f->state == HP_REGRESSING && r->undoes && !booted && back) {
		taken_back(a, r, s, f);
	} else if (!wanted) {
		return;
	} else if (f->state == HP_FAIL && (f->remedy.fixable || s->by == HP_SET_BIOS)) {
		lost(a, l, r, s, b, may_repeat, f);
	} else if (f->state == HP_PENDING_REBOOT && booted) {
		still_not_in_force(a, l, r, s, b, f);
	} else if ((f->state == HP_PENDING_REBOOT || f->state == HP_PASS) && s->not_kept && !booted) {
		not_kept(a, r, s, f);
	} else if (f->state == HP_PENDING_REBOOT && s->reboot > f->remedy.reboot) {
		f->remedy.reboot = s->reboot;
		f->remedy.text =
		    "Enter maintenance mode and power-cycle the server: mlxconfig asked for it, and a warm "
		    "reboot may not load the setting.";
		f->remedy.command = hp_reboot_command(s->reboot);
	}
}

void hp_after_boot(struct hp_arena *a, const struct hp_ledger *l, const struct hp_boot *b, bool may_repeat,
		   struct hp_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		judge_again(a, l, b, may_repeat, &findings->items[i]);
}

bool hp_offer_is_new(const struct hp_ledger *l, const struct hp_boot *b, const struct hp_finding *f)
{
	bool stronger = f->state == HP_FAIL && f->awaits_boot && f->remedy.reboot == HP_REBOOT_COLD;
	for (size_t i = 0; i < l->count && stronger; i++)
		for (size_t k = 0; k < l->runs[i].offer_count; k++) {
			const struct hp_ledger_offer *o = &l->runs[i].offers[k];
			bool here = l->runs[i].boot && b->token && strcmp(l->runs[i].boot, b->token) == 0;
			if (here && o->reboot == f->remedy.reboot && strcmp(o->check, f->check) == 0 &&
			    strcmp(o->subject, f->subject) == 0)
				return false;
		}
	return stronger;
}
