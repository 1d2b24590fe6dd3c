#include "undo.h"

#include <string.h>

#include "inventory.h"

static const char *what(struct hp_arena *a, const struct hp_ledger_step *s)
{
	return strcmp(s->target, HP_HOST) == 0 ? s->setting : hp_format(a, "%s of %s", s->setting, s->target);
}

static void refuse(struct hp_arena *a, struct hp_plan *plan, const struct hp_ledger_step *s, const char *why)
{
	hp_plan_refuse(a, plan, "conflict", hp_format(a, "%s is left alone: %s.", what(a, s), why));
}

/* MFT's name of an HCA, looked up anew; NULL when it has none. */
static const char *device_of(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
			     const char *sbdf, uint32_t *ret_product)
{
	struct hp_inventory v;
	hp_inventory_make(a, facts, options, &v);
	for (size_t i = 0; i < v.hca_count; i++)
		if (strcmp(v.hcas[i].device->sbdf, sbdf) == 0 && v.hcas[i].mst) {
			*ret_product = (uint32_t)v.hcas[i].device->vendor << 16 | v.hcas[i].device->device;
			return v.hcas[i].mst->name;
		}
	return NULL;
}

/* The reset method of the devices that an edit was made for; NULL unless all have the same. */
static const char *method_in_force(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ledger_step *s)
{
	const char *method = NULL;
	for (size_t i = 0; i < s->finding_count; i++)
		for (size_t k = 0; k < facts->device_count; k++) {
			const struct hp_device *d = &facts->devices[k];
			if (strcmp(d->sbdf, s->findings[i].subject) != 0)
				continue;
			struct hp_value v = hp_reset_method(a, d);
			if (v.is != HP_PRESENT || (method && strcmp(method, v.text) != 0))
				return NULL;
			method = v.text;
		}
	return method;
}

static const char *in_force(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ledger_step *journal,
			    const struct hp_step *s)
{
	if (s->by == HP_SET_MAP)
		return method_in_force(a, facts, journal);
	if (s->by == HP_SET_BIOS)
		return hp_fact_text(facts, HP_HOST, hp_format(a, "bios.%s", s->setting));
	const struct hp_fact *f = s->by == HP_SET_KERNEL
				      ? hp_fact(facts, HP_HOST, hp_format(a, "kernel.%s", s->setting))
				      : hp_fact(facts, s->device, hp_format(a, "hca.%s", s->setting));
	return f->now.is == HP_PRESENT ? f->now.text : NULL;
}

static void add(struct hp_arena *a, struct hp_plan *plan, const struct hp_facts *facts, const struct hp_ledger_step *s,
		struct hp_step step)
{
	step.number = 0;
	step.from = s->to;
	step.to = s->from;
	step.now = in_force(a, facts, s, &step);
	/* What is in force is what comes back: then no reboot is needed. */
	if (step.now && strcmp(step.now, step.to) == 0)
		step.reboot = HP_REBOOT_NONE;
	else if (step.by == HP_SET_HCA || step.by == HP_SET_BIOS)
		step.reboot = HP_REBOOT_FULL;
	else
		step.reboot = HP_REBOOT_ANY;
	const char *cannot = hp_plan_describe(a, facts, &step);
	if (cannot) {
		refuse(a, plan, s, cannot);
		return;
	}
	(void)hp_plan_step(a, plan, &step);
	for (size_t i = 0; i < s->finding_count; i++)
		hp_plan_change(a, plan, s->findings[i].check, s->findings[i].subject);
}

static void undo_map(struct hp_arena *a, const struct hp_ledger_step *s, const struct hp_facts *facts,
		     struct hp_plan *plan)
{
	const struct hp_fact *file = hp_fact(facts, HP_HOST, "passthru-map");
	struct hp_step step = hp_ledger_step(s);
	struct hp_map_edits back = {.items = hp_alloc_array(a, s->edits.count + 1, sizeof *back.items)}, made;
	struct hp_str other;
	if (file->now.is != HP_PRESENT) {
		refuse(a, plan, s, file->now.why ? file->now.why : "it could not be read");
		return;
	}
	step.was = file->evidence[0].record;
	const char *why = hp_map_restore(a, step.was, &s->edits, &step.edits, &step.becomes);
	if (!why) {
		add(a, plan, facts, s, step);
		return;
	}
	for (size_t i = 0; i < s->edits.count; i++)
		back.items[back.count++] =
		    (struct hp_map_edit){s->edits.items[i].line, s->edits.items[i].after, s->edits.items[i].before};
	if (hp_map_restore(a, step.was, &back, &made, &other) != NULL)
		refuse(a, plan, s, why); /* else its lines are back already */
}

static void undo_value(struct hp_arena *a, const struct hp_ledger_step *s, const struct hp_facts *facts,
		       const struct hp_ask_options *options, struct hp_plan *plan)
{
	struct hp_step step = hp_ledger_step(s);
	struct hp_value next = hp_step_next(a, facts, options, &step);
	if (next.is != HP_PRESENT) {
		refuse(a, plan, s, next.why ? next.why : "it could not be read");
	} else if (strcmp(next.text, s->to) == 0) {
		if (step.by == HP_SET_HCA)
			step.device = device_of(a, facts, options, s->target, &step.product);
		if (step.by == HP_SET_HCA && !step.device)
			refuse(a, plan, s, "MFT does not list the HCA");
		else
			add(a, plan, facts, s, step);
	} else if (strcmp(next.text, s->from) != 0) {
		refuse(a, plan, s,
		       hp_format(a, "the run set it to %s, but the next boot brings %s: it was changed since", s->to,
				 next.text));
	}
}

void hp_undo_plan(struct hp_arena *a, const struct hp_ledger_run *run, const struct hp_facts *facts,
		  const struct hp_ask_options *options, struct hp_plan *ret)
{
	static const enum hp_setter order[] = {HP_SET_KERNEL, HP_SET_MAP, HP_SET_HCA, HP_SET_BIOS};
	memset(ret, 0, sizeof *ret);
	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
		for (size_t i = 0; i < run->step_count; i++) {
			const struct hp_ledger_step *s = &run->steps[i];
			if (s->by != order[k] || !hp_ledger_changed(s))
				continue;
			if (s->by == HP_SET_MAP)
				undo_map(a, s, facts, ret);
			else
				undo_value(a, s, facts, options, ret);
		}
	hp_plan_finish(a, ret);
}
