#include "case.h"

#include <string.h>

/* ---- an edit of passthru.map, from its bytes ---- */

/* The line's fields: where the third one stands. False where there are fewer. */
static bool method_field(struct hp_str line, size_t *ret_from, size_t *ret_to)
{
	size_t i = 0;
	for (int field = 0; field < 3; field++) {
		while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
			i++;
		*ret_from = i;
		while (i < line.n && !strchr(" \t\r#", line.p[i]))
			i++;
		*ret_to = i;
		if (*ret_from == i)
			return false;
	}
	return true;
}

static bool differs_in_method(struct hp_str was, struct hp_str becomes, const char *want)
{
	size_t from, to, new_from, new_to;
	return method_field(was, &from, &to) && method_field(becomes, &new_from, &new_to) && from == new_from &&
	       hp_str_same(hp_str_sub(was, 0, from), hp_str_sub(becomes, 0, from)) &&
	       hp_str_eq(hp_str_sub(becomes, new_from, new_to), want) &&
	       hp_str_same(hp_str_sub(was, to, was.n), hp_str_sub(becomes, new_to, becomes.n));
}

static bool is_added_line(struct hp_str line, const char *want)
{
	size_t n = strlen(want);
	return line.n == 10 + n + 6 && hp_str_eq(hp_str_sub(line, 4, 10), " ffff ") &&
	       hp_str_eq(hp_str_sub(line, 10, 10 + n), want) && hp_str_eq(hp_str_sub(line, 10 + n, line.n), " false");
}

bool case_edit_is_small(struct hp_str was, struct hp_str becomes, const char *want)
{
	struct hp_str line, edited;
	bool ended, edited_ended = true, was_ended = !was.n || was.p[was.n - 1] == '\n';
	while (hp_next_line(&was, &line, &ended)) {
		if (!hp_next_line(&becomes, &edited, &edited_ended))
			return false;
		if (!hp_str_same(line, edited) && !differs_in_method(line, edited, want))
			return false;
	}
	while (hp_next_line(&becomes, &edited, &edited_ended))
		if (!is_added_line(edited, want))
			return false;
	return edited_ended == was_ended;
}

/* ---- the plan and the findings that it is for ---- */

static const struct hp_finding *finding_of(const struct case_run *run, const struct hp_change *c)
{
	for (size_t i = 0; i < run->findings.count; i++) {
		const struct hp_finding *f = &run->findings.items[i];
		if (strcmp(f->check, c->check) == 0 && strcmp(f->subject, c->subject) == 0)
			return f;
	}
	return NULL;
}

static bool in_plan(const struct hp_plan *plan, const struct hp_finding *f)
{
	for (size_t i = 0; i < plan->change_count; i++)
		if (strcmp(plan->changes[i].check, f->check) == 0 && strcmp(plan->changes[i].subject, f->subject) == 0)
			return true;
	return false;
}

static const char *of_finding(struct hp_arena *a, const struct case_file *c, const struct case_run *run,
			      const struct hp_finding *f)
{
	bool setter = f->wanted.by != HP_SET_NOTHING, bad = f->state == HP_FAIL || f->state == HP_REGRESSING;
	if (setter != f->remedy.fixable)
		return hp_format(a, "%s %s is %s, and would be set by \"%s\"", f->check, f->subject,
				 f->remedy.fixable ? "fixable" : "not fixable",
				 setter ? hp_setter_word(f->wanted.by) : "-");
	if (setter && !bad)
		return hp_format(a, "%s %s is %s, and would be set", f->check, f->subject, hp_state_word(f->state));
	/* Nothing that counts is left out in silence. */
	if (setter && !f->wanted.by_id_only && f->severity != HP_INFO && f->severity <= c->options.fail_on &&
	    !case_is_undo(c) && !run->plan.refused_count && !in_plan(&run->plan, f))
		return hp_format(a, "%s %s is fixable, and neither in the plan nor refused", f->check, f->subject);
	return NULL;
}

static const char *of_change(struct hp_arena *a, const struct case_file *c, const struct case_run *run, size_t at)
{
	const struct hp_plan *plan = &run->plan;
	const struct hp_change *change = &plan->changes[at];
	const struct hp_finding *f = finding_of(run, change);
	bool bad = f && (f->state == HP_FAIL || f->state == HP_REGRESSING);
	if (plan->step_of[at] >= plan->count || (at && plan->step_of[at] < plan->step_of[at - 1]))
		return "the changes do not stand in the order of their steps";
	const struct hp_step *s = &plan->steps[plan->step_of[at]];
	if (change->result != HP_PLANNED || !change->command || !change->disturbs || change->to != s->to)
		return hp_format(a, "the change of %s is no change of its step", change->setting);
	if (case_is_undo(c))
		return NULL;
	if (!bad || !f->remedy.fixable || f->severity == HP_INFO || f->severity > c->options.fail_on ||
	    f->wanted.by != s->by || strcmp(f->want, s->to) != 0)
		return hp_format(a, "the change of %s for %s %s is for no finding that needs it", s->setting,
				 change->check, change->subject);
	return NULL;
}

static const char *of_step(struct hp_arena *a, const struct hp_plan *plan, size_t at)
{
	static const int order[HP_SETTERS] = {
	    [HP_SET_KERNEL] = 1, [HP_SET_MAP] = 2, [HP_SET_HCA] = 3, [HP_SET_BIOS] = 4};
	const struct hp_step *s = &plan->steps[at];
	bool any = false;
	for (size_t i = 0; i < plan->change_count; i++)
		any = any || plan->step_of[i] == at;
	if (!any || s->number != at + 1 || !order[s->by] || (at && order[s->by] < order[plan->steps[at - 1].by]))
		return hp_format(a, "step %zu (%s) is out of its order, or for nobody", at + 1, s->setting);
	if (strcmp(s->from, s->to) == 0 || s->begun || s->result != HP_PLANNED)
		return hp_format(a, "step %zu (%s) changes nothing, or was begun", at + 1, s->setting);
	if ((s->by == HP_SET_MAP) != (s->diff && *s->diff) || (s->by == HP_SET_HCA) != (s->device && s->product))
		return hp_format(a, "step %zu (%s) lacks its diff or its device", at + 1, s->setting);
	for (size_t i = 0; i < at; i++)
		if (plan->steps[i].by == s->by && strcmp(plan->steps[i].target, s->target) == 0 &&
		    strcmp(plan->steps[i].setting, s->setting) == 0)
			return hp_format(a, "steps %zu and %zu write the same thing", i + 1, at + 1);
	return NULL;
}

/* The edited text, read as the next boot reads it, brings each GPU of the plan what it is to have. */
static const char *of_edit(struct hp_arena *a, const struct case_file *c, const struct case_run *run, size_t at)
{
	const struct hp_plan *plan = &run->plan;
	const struct hp_step *s = &plan->steps[at];
	const struct hp_facts *facts = &run->gathered.facts;
	struct hp_map map = {0};
	unsigned lines;
	struct hp_str record;
	if (s->by != HP_SET_MAP || case_is_undo(c))
		return NULL;
	if (!case_edit_is_small(s->was, s->becomes, s->to))
		return "the edit changes more than methods, or adds more than its lines";
	hp_map_read(a, s->becomes, &map);
	for (size_t i = 0; i < plan->change_count; i++)
		for (size_t k = 0; k < facts->device_count && plan->step_of[i] == at; k++) {
			const struct hp_device *d = &facts->devices[k];
			if (strcmp(d->sbdf, plan->changes[i].subject) != 0)
				continue;
			struct hp_value v = hp_map_method(a, &map, d->vendor, d->device, s->to, &lines, &record);
			if (v.is != HP_PRESENT || strcmp(v.text, s->to) != 0 || !lines)
				return hp_format(a, "after the edit %s has %s", d->sbdf, v.text ? v.text : "nothing");
		}
	return NULL;
}

const char *case_broken_law(struct hp_arena *a, const struct case_file *c, const struct case_run *run)
{
	const struct hp_plan *plan = &run->plan;
	const char *why = NULL;
	for (size_t i = 0; i < run->findings.count && !why; i++)
		why = of_finding(a, c, run, &run->findings.items[i]);
	for (size_t i = 0; i < plan->count && !why; i++)
		why = of_step(a, plan, i);
	for (size_t i = 0; i < plan->change_count && !why; i++)
		why = of_change(a, c, run, i);
	for (size_t i = 0; i < plan->count && !why; i++)
		why = of_edit(a, c, run, i);
	if (!why && plan->count && (!plan->digest || strlen(plan->digest) != HP_PLAN_DIGEST))
		why = "the plan has no digest";
	return why;
}
