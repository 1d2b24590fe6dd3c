#include "plan.h"

#include <string.h>

#include "../base/digest.h"
#include "inventory.h"

#define NVIDIA 0x10de

struct hp_step *hp_plan_step(struct hp_arena *a, struct hp_plan *plan, const struct hp_step *step)
{
	plan->steps = hp_grow(a, plan->steps, plan->count, plan->count + 1, sizeof *plan->steps);
	plan->steps[plan->count] = *step;
	return &plan->steps[plan->count++];
}

void hp_plan_change(struct hp_arena *a, struct hp_plan *plan, const char *check, const char *subject)
{
	size_t n = plan->change_count;
	plan->changes = hp_grow(a, plan->changes, n, n + 1, sizeof *plan->changes);
	plan->step_of = hp_grow(a, plan->step_of, n, n + 1, sizeof *plan->step_of);
	plan->changes[n] = (struct hp_change){.check = check, .subject = subject};
	plan->step_of[n] = plan->count - 1;
	plan->change_count++;
}

void hp_plan_refuse(struct hp_arena *a, struct hp_plan *plan, const char *where, const char *text)
{
	plan->refused = hp_grow(a, plan->refused, plan->refused_count, plan->refused_count + 1, sizeof *plan->refused);
	plan->refused[plan->refused_count++] = (struct hp_trouble){.where = where, .text = text, .stop = true};
}

void hp_plan_settle(struct hp_plan *plan)
{
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct hp_step *s = &plan->steps[plan->step_of[i]];
		struct hp_change *c = &plan->changes[i];
		c->setting = s->setting;
		c->now = s->now;
		c->from = s->from;
		c->to = s->to;
		c->command = s->command;
		c->diff = s->diff;
		c->disturbs = s->disturbs;
		c->reboot = s->reboot;
		c->result = s->result;
		c->text = s->text;
	}
}

void hp_plan_finish(struct hp_arena *a, struct hp_plan *plan)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < plan->count; i++) {
		struct hp_step *s = &plan->steps[i];
		s->number = (unsigned)i + 1;
		hp_putf(&b, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", hp_setter_word(s->by), s->target, s->setting,
			s->now ? s->now : "-", s->from, s->to, s->command, s->diff ? s->diff : "-");
	}
	const char *sum = hp_sha256(a, hp_built(&b));
	plan->digest = sum ? hp_copy(a, (struct hp_str){sum, HP_PLAN_DIGEST}) : NULL;
	hp_plan_settle(plan);
}

/* ---- what a step is, in words ---- */

/* Every device of the host that an edit's lines reach, and not only the GPUs that need it: `10de ffff` is the
 * NVSwitches' line too. */
static const char *reach(struct hp_arena *a, const struct hp_facts *facts, const struct hp_map_edits *edits)
{
	struct hp_buf gpus = hp_buf(a), switches = hp_buf(a), others = hp_buf(a);
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct hp_device *d = &facts->devices[i];
		struct hp_buf *list = &others;
		if (!hp_map_edit_reaches(a, edits, d->vendor, d->device))
			continue;
		if (d->vendor == NVIDIA && (d->class_id == 0x0300 || d->class_id == 0x0302))
			list = &gpus;
		else if (d->vendor == NVIDIA && d->class_id == 0x0680)
			list = &switches;
		hp_putf(list, " %s", d->sbdf);
	}
	return hp_format(a, "Nothing until the reboot; then it holds for the GPUs%s%s%s%s%s.",
			 gpus.n ? hp_built_text(&gpus) : " (none)", switches.n ? ", the NVSwitches" : "",
			 switches.n ? hp_built_text(&switches) : "", others.n ? " and the devices" : "",
			 others.n ? hp_built_text(&others) : "");
}

static const char *edit_text(struct hp_arena *a, const struct hp_map_edits *edits)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "edit /" HP_MAP_PATH ":");
	for (size_t i = 0; i < edits->count; i++) {
		const struct hp_map_edit *e = &edits->items[i];
		const char *comma = i ? "," : "";
		if (!e->before)
			hp_putf(&b, "%s add line %u", comma, e->line);
		else
			hp_putf(&b, "%s %s line %u", comma, e->after ? "change" : "take out", e->line);
	}
	return hp_built_text(&b);
}

static const char *describe_bios(struct hp_arena *a, const struct hp_facts *facts, struct hp_step *s)
{
	const char *why;
	s->way = hp_bios_way(a, facts);
	if (!s->way)
		return "the BMC names no settings object, so it takes no change of the BIOS";
	s->json = hp_bios_value(a, facts, s->setting, s->to, &why);
	if (!s->json)
		return why;
	s->command = hp_bios_text(a, s->way, &(struct hp_bios_setting){s->setting, s->json});
	s->disturbs = "Nothing until the BMC applies it, at the next reset through firmware.";
	return NULL;
}

const char *hp_plan_describe(struct hp_arena *a, const struct hp_facts *facts, struct hp_step *s)
{
	switch (s->by) {
	case HP_SET_KERNEL:
		s->command = hp_call_text(a, hp_kernel_set(a, s->setting, s->to)) + strlen("/bin/");
		s->disturbs = "Nothing until the reboot.";
		break;
	case HP_SET_HCA:
		s->command = hp_call_text(a, hp_mlx_set(a, s->device, s->setting, s->to));
		s->disturbs = "Nothing until the reboot; the ports of a card share the value.";
		break;
	case HP_SET_MAP:
		s->command = edit_text(a, &s->edits);
		s->disturbs = reach(a, facts, &s->edits);
		s->diff = hp_map_diff(a, s->was, s->becomes);
		break;
	case HP_SET_BIOS:
		return describe_bios(a, facts, s);
	default:
		break;
	}
	return NULL;
}

/* ---- from findings ---- */

/* --only names the check itself, and not by a pattern. */
static bool asked_by_id(const char *only, const char *id)
{
	struct hp_str rest = hp_str(only ? only : "");
	while (rest.n) {
		size_t n = 0;
		while (n < rest.n && rest.p[n] != ',')
			n++;
		if (hp_str_eq(hp_str_trim(hp_str_sub(rest, 0, n)), id))
			return true;
		rest = hp_str_sub(rest, n + 1, rest.n);
	}
	return false;
}

/* Which findings the plan is made of. */
struct choice {
	const char *only;
	enum hp_severity fail_on;
};

static bool counts(const struct hp_finding *f, const struct choice *choice)
{
	return f->severity != HP_INFO && f->severity <= choice->fail_on;
}

static bool wants_change(const struct hp_finding *f, const struct choice *choice)
{
	return f->remedy.fixable && counts(f, choice) && f->wanted.by != HP_SET_NOTHING && f->want && f->next &&
	       (!f->wanted.by_id_only || asked_by_id(choice->only, f->check));
}

static bool same_step(const struct hp_step *s, const struct hp_step *other)
{
	return s->by == other->by && strcmp(s->target, other->target) == 0 && strcmp(s->setting, other->setting) == 0;
}

static bool same_finding(const struct hp_change *c, const struct hp_finding *f)
{
	return strcmp(c->check, f->check) == 0 && strcmp(c->subject, f->subject) == 0;
}

static uint32_t product_of(const struct hp_facts *facts, const char *sbdf)
{
	for (size_t i = 0; i < facts->device_count; i++)
		if (strcmp(facts->devices[i].sbdf, sbdf) == 0)
			return (uint32_t)facts->devices[i].vendor << 16 | facts->devices[i].device;
	return 0;
}

static struct hp_step value_step(const struct hp_finding *f, const struct hp_facts *facts)
{
	bool hca = f->wanted.by == HP_SET_HCA, map = f->wanted.by == HP_SET_MAP;
	return (struct hp_step){.by = f->wanted.by,
				.target = hca ? f->subject : HP_HOST,
				.setting = map ? "/" HP_MAP_PATH : f->wanted.name,
				.device = f->wanted.device,
				.product = hca ? product_of(facts, f->subject) : 0,
				.now = f->now,
				.from = f->next,
				.to = f->want,
				.reboot = f->remedy.reboot};
}

/* An attribute that the finding has named before counts once. */
static bool named_before(const struct hp_bios_want *first, const struct hp_bios_want *w)
{
	for (; first < w; first++)
		if (strcmp(first->name, w->name) == 0 && strcmp(first->to, w->to) == 0)
			return true;
	return false;
}

/* The k-th attribute that is to be set, or NULL. */
static const struct hp_bios_want *attribute_of(const struct hp_finding *f, size_t k)
{
	for (const struct hp_bios_want *w = f->wanted.attributes; w && w->name; w++)
		if (w->next && strcmp(w->next, w->to) != 0 && !named_before(f->wanted.attributes, w) && k-- == 0)
			return w;
	return NULL;
}

static struct hp_step bios_step(struct hp_arena *a, const struct hp_finding *f, const struct hp_facts *facts,
				const struct hp_bios_want *w)
{
	return (struct hp_step){.by = HP_SET_BIOS,
				.target = HP_HOST,
				.setting = w->name,
				.now = hp_fact_text(facts, HP_HOST, hp_format(a, "bios.%s", w->name)),
				.from = w->next,
				.to = w->to,
				.reboot = f->remedy.reboot};
}

/* The k-th step for a finding; false: there is none. Only the BIOS has more than one. */
static bool step_of(struct hp_arena *a, const struct hp_finding *f, const struct hp_facts *facts, size_t k,
		    struct hp_step *ret)
{
	const struct hp_bios_want *w = f->wanted.by == HP_SET_BIOS ? attribute_of(f, k) : NULL;
	if (w)
		*ret = bios_step(a, f, facts, w);
	else if (k == 0 && f->wanted.by != HP_SET_BIOS)
		*ret = value_step(f, facts);
	else
		return false;
	return true;
}

/* What a finding wants the step's setting to be, where that is something else; NULL: nothing else. Of the BIOS also
 * what it finds right today: else one run would undo what the last one did. */
static const char *other_wish(struct hp_arena *a, const struct hp_finding *g, const struct hp_facts *facts,
			      const struct hp_step *mine, const struct choice *choice)
{
	struct hp_step other;
	const struct hp_bios_want *w = mine->by == HP_SET_BIOS && counts(g, choice) ? g->wanted.attributes : NULL;
	for (; w && w->name; w++)
		if (strcmp(w->name, mine->setting) == 0 && strcmp(w->to, mine->to) != 0)
			return w->to;
	if (mine->by != HP_SET_BIOS && wants_change(g, choice) && step_of(a, g, facts, 0, &other) &&
	    same_step(mine, &other) && strcmp(mine->to, other.to) != 0)
		return other.to;
	return NULL;
}

/* Two findings that want one setting differently: neither is followed. */
static bool in_conflict(struct hp_arena *a, const struct hp_findings *all, const struct hp_facts *facts,
			const struct hp_finding *f, const struct hp_step *mine, const struct choice *choice,
			const char **ret_text)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct hp_finding *g = &all->items[i];
		const char *wish = other_wish(a, g, facts, mine, choice);
		if (!wish)
			continue;
		*ret_text = hp_format(a, "%s %s wants %s to be %s, and %s %s wants it to be %s: it is left alone.",
				      f->check, f->subject, mine->setting, mine->to, g->check, g->subject, wish);
		return true;
	}
	return false;
}

/* Reboot, `from` and `now` of a step that several findings share: the strongest, and each value that occurs. */
static void join(struct hp_arena *a, struct hp_step *s, const struct hp_step *other)
{
	if (other->reboot > s->reboot)
		s->reboot = other->reboot;
	if (!strstr(s->from, other->from))
		s->from = hp_format(a, "%s, %s", s->from, other->from);
	if (s->now && other->now && !strstr(s->now, other->now))
		s->now = hp_format(a, "%s, %s", s->now, other->now);
}

/* The change that was added last is one of an earlier step: to where that step's changes stand. */
static void move_to_step(struct hp_plan *plan, size_t step)
{
	size_t at = plan->change_count - 1;
	struct hp_change moved = plan->changes[at];
	for (; at && plan->step_of[at - 1] > step; at--) {
		plan->changes[at] = plan->changes[at - 1];
		plan->step_of[at] = plan->step_of[at - 1];
	}
	plan->changes[at] = moved;
	plan->step_of[at] = step;
}

static void add_step(struct hp_arena *a, struct hp_plan *plan, const struct hp_finding *f, const struct hp_step *step)
{
	size_t k = 0;
	while (k < plan->count && !same_step(&plan->steps[k], step))
		k++;
	if (k < plan->count)
		join(a, &plan->steps[k], step);
	else
		(void)hp_plan_step(a, plan, step);
	hp_plan_change(a, plan, f->check, f->subject);
	move_to_step(plan, k);
}

static void add_finding(struct hp_arena *a, const struct hp_findings *all, const struct hp_facts *facts,
			const struct hp_finding *f, const struct choice *choice, struct hp_plan *plan)
{
	struct hp_step step;
	const char *why;
	for (size_t k = 0; step_of(a, f, facts, k, &step); k++) {
		const char *cannot = step.by == HP_SET_BIOS ? hp_plan_describe(a, facts, &step) : NULL;
		if (in_conflict(a, all, facts, f, &step, choice, &why))
			hp_plan_refuse(a, plan, "conflict", why);
		else if (cannot)
			hp_plan_refuse(a, plan, "bios", hp_format(a, "%s is left alone: %s.", step.setting, cannot));
		else
			add_step(a, plan, f, &step);
	}
}

static void add_findings(struct hp_arena *a, const struct hp_findings *all, const struct hp_facts *facts,
			 enum hp_setter by, const struct choice *choice, struct hp_plan *plan)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].wanted.by == by && wants_change(&all->items[i], choice))
			add_finding(a, all, facts, &all->items[i], choice, plan);
}

/* Takes the step that was added last out of the plan again, with its changes. */
static void drop_last(struct hp_plan *plan)
{
	plan->count--;
	while (plan->change_count && plan->step_of[plan->change_count - 1] == plan->count)
		plan->change_count--;
}

/* The edit of passthru.map serves every GPU that needs it. */
static void make_edit(struct hp_arena *a, const struct hp_findings *all, const struct hp_facts *facts,
		      struct hp_plan *plan)
{
	struct hp_step *s = plan->count ? &plan->steps[plan->count - 1] : NULL;
	const struct hp_fact *file = hp_fact(facts, HP_HOST, "passthru-map");
	if (!s || s->by != HP_SET_MAP)
		return;
	struct hp_map_device *devices = hp_alloc_array(a, plan->change_count + 1, sizeof *devices);
	size_t n = 0;
	for (size_t i = 0; i < plan->change_count; i++)
		for (size_t k = 0; k < all->count && plan->step_of[i] == plan->count - 1; k++)
			if (same_finding(&plan->changes[i], &all->items[k]))
				devices[n++] =
				    (struct hp_map_device){all->items[k].wanted.vendor, all->items[k].wanted.product};
	const char *why = file->now.is != HP_PRESENT ? "it could not be read" : NULL;
	if (!why) {
		s->was = file->evidence[0].record;
		why = hp_map_edit(a, s->was, devices, n, s->to, &s->edits, &s->becomes);
	}
	if (!why && !s->edits.count)
		why = "no line of it is to be changed";
	if (!why)
		return;
	hp_plan_refuse(a, plan, "passthru-map", hp_format(a, "/%s is left alone: %s.", HP_MAP_PATH, why));
	drop_last(plan);
}

void hp_plan_make(struct hp_arena *a, const struct hp_findings *findings, const struct hp_facts *facts,
		  const char *only, enum hp_severity fail_on, struct hp_plan *ret)
{
	const struct choice choice = {only, fail_on};
	memset(ret, 0, sizeof *ret);
	add_findings(a, findings, facts, HP_SET_KERNEL, &choice, ret);
	add_findings(a, findings, facts, HP_SET_MAP, &choice, ret);
	make_edit(a, findings, facts, ret);
	add_findings(a, findings, facts, HP_SET_HCA, &choice, ret);
	add_findings(a, findings, facts, HP_SET_BIOS, &choice, ret);
	for (size_t i = 0; i < ret->count; i++)
		(void)hp_plan_describe(a, facts, &ret->steps[i]);
	hp_plan_finish(a, ret);
}

/* ---- reading back ---- */

static struct hp_value map_next(const struct hp_facts *facts, const struct hp_step *s)
{
	const struct hp_fact *file = hp_fact(facts, HP_HOST, "passthru-map");
	if (file->now.is != HP_PRESENT)
		return file->now;
	if (hp_str_same(file->evidence[0].record, s->becomes))
		return hp_present(s->to);
	return hp_present(hp_str_same(file->evidence[0].record, s->was) ? s->from : "changed");
}

static struct hp_value hca_next(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
				const struct hp_step *s)
{
	struct hp_inventory v;
	hp_inventory_make(a, facts, options, &v);
	for (size_t i = 0; i < v.hca_count; i++) {
		const struct hp_hca *hca = &v.hcas[i];
		if (strcmp(hca->device->sbdf, s->target) != 0)
			continue;
		if (hca->used_by)
			return hp_no_data(hp_format(a, "VMkernel uses it: %s", hca->used_by), NULL);
		if (!hca->mst || hca->unclear)
			return hp_no_data(hca->unclear ? hca->unclear : "MFT does not list it", NULL);
		return hp_fact(facts, hca->mst->name, hp_format(a, "hca.%s", s->setting))->next;
	}
	if (v.pci.is != HP_PRESENT)
		return v.pci;
	return hp_absent("there is no HCA at this address");
}

/* A BMC may write a value in other letters. */
static struct hp_value bios_next(struct hp_arena *a, const struct hp_facts *facts, const struct hp_step *s)
{
	const struct hp_fact *read = hp_fact_find(facts, HP_HOST, "bios");
	const struct hp_fact *f = hp_fact_find(facts, HP_HOST, hp_format(a, "bios.%s", s->setting));
	if (!f && !read)
		return hp_no_data("the policy gives no access to the BMC (redfish)", NULL);
	if (!f && read->now.is != HP_PRESENT)
		return read->now;
	if (!f)
		return hp_no_data("the BIOS has no such attribute, or no rule of the policy names it", NULL);
	if (f->next.is == HP_PRESENT && hp_bios_same(f->next.text, s->to))
		return hp_present(s->to);
	if (f->next.is == HP_PRESENT && hp_bios_same(f->next.text, s->from))
		return hp_present(s->from);
	return f->next;
}

struct hp_value hp_step_next(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
			     const struct hp_step *s)
{
	if (s->by == HP_SET_MAP)
		return map_next(facts, s);
	if (s->by == HP_SET_HCA)
		return hca_next(a, facts, options, s);
	if (s->by == HP_SET_BIOS)
		return bios_next(a, facts, s);
	return hp_fact(facts, HP_HOST, hp_format(a, "kernel.%s", s->setting))->next;
}

static const char *told(struct hp_arena *a, const struct hp_step *s, const char *found)
{
	const char *why = s->answer.why, *hint = s->answer.hint;
	return hp_format(a, "%s%s%s%s%s", why ? why : "", why && found ? "; " : "", found ? found : "",
			 hint ? ". " : "", hint ? hint : "");
}

void hp_plan_verify(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
		    enum hp_result done, struct hp_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct hp_step *s = &plan->steps[i];
		bool did = s->answer.end == HP_SET_DONE || (s->answer.end == HP_SET_UNCLEAR && s->answer.exit_zero);
		if (!s->begun || s->settled)
			continue;
		struct hp_value next = hp_step_next(a, facts, options, s);
		if (next.is == HP_PRESENT && strcmp(next.text, s->to) == 0) {
			s->result = done;
			s->text = did ? NULL : told(a, s, "yet the value is there");
		} else if (next.is == HP_PRESENT) {
			s->result = did ? HP_INEFFECTIVE : HP_FAILED;
			s->text = told(a, s,
				       did ? hp_format(a, "Written, but the next boot still brings %s.", next.text)
					   : hp_format(a, "the next boot brings %s", next.text));
		} else {
			bool may_be = did || (s->by == HP_SET_BIOS && s->answer.end == HP_SET_UNCLEAR);
			s->result = may_be ? HP_APPLIED : HP_FAILED;
			s->text = told(a, s, hp_format(a, "It could not be read back: %s", next.why ? next.why : "-"));
		}
		if (s->not_kept && s->result != done && s->result != HP_APPLIED)
			s->not_kept = NULL; /* it is not on the host */
		if (s->not_kept) {
			s->result = HP_FAILED;
			s->text = hp_format(a, "It is written, but would not outlive the boot: %s.", s->not_kept);
		}
	}
	hp_plan_settle(plan);
}
