#include "judge.h"

#include <stdlib.h>
#include <string.h>

#include "inventory.h"

struct hp_finding *hp_say(struct hp_judge *j, const char *subject, enum hp_state state, const char *text)
{
	if (j->count == j->room) {
		j->room = j->room ? j->room * 2 : 32;
		j->findings = hp_grow(j->arena, j->findings, j->count, j->room, sizeof(struct hp_finding *));
	}
	struct hp_finding *f = hp_alloc(j->arena, sizeof *f);
	j->findings[j->count++] = f;
	*f = (struct hp_finding){.check = j->check->id,
				 .subject = subject,
				 .state = state,
				 .severity = j->severity,
				 .title = j->check->title,
				 .want = j->want,
				 .text = text,
				 .has_next = j->check->reboot != HP_REBOOT_NONE};
	return f;
}

void hp_cite(struct hp_finding *f, const struct hp_evidence *evidence)
{
	if (evidence->source && f->evidence_count < HP_EVIDENCE_MAX)
		f->evidence[f->evidence_count++] = *evidence;
}

void hp_remedy(struct hp_finding *f, const char *text, const char *command)
{
	const struct hp_check *check = hp_check_find(f->check);
	f->remedy.text = text;
	f->remedy.command = command;
	f->remedy.fixable = check && check->fixable && (f->state == HP_FAIL || f->state == HP_REGRESSING);
}

void hp_set_hca(struct hp_finding *f, const struct hp_hca *hca, const char *parameter)
{
	if (f->remedy.fixable)
		f->wanted = (struct hp_wanted){.by = HP_SET_HCA, .name = parameter, .device = hca->mst->name};
}

void hp_set_reset_method(struct hp_finding *f, const struct hp_device *device)
{
	if (f->remedy.fixable)
		f->wanted = (struct hp_wanted){.by = HP_SET_MAP, .vendor = device->vendor, .product = device->device};
}

enum hp_state hp_judge_pair(const char *want, const struct hp_value *now, const struct hp_value *next)
{
	if (now->is != HP_PRESENT || next->is != HP_PRESENT)
		return HP_UNKNOWN;
	bool right_now = strcmp(now->text, want) == 0, right_next = strcmp(next->text, want) == 0;
	if (right_next)
		return right_now ? HP_PASS : HP_PENDING_REBOOT;
	return right_now ? HP_REGRESSING : HP_FAIL;
}

static const char *shown(const char *text)
{
	return text && *text ? text : "empty";
}

static const char *pair_text(struct hp_arena *a, enum hp_state state, const char *what, const char *want,
			     const struct hp_fact *f)
{
	switch (state) {
	case HP_PASS:
		return hp_format(a, "%s is %s now and after the next boot.", what, shown(want));
	case HP_PENDING_REBOOT:
		return hp_format(a, "%s is %s now; the next boot brings %s.", what, shown(f->now.text),
				 shown(f->next.text));
	case HP_REGRESSING:
		return hp_format(a, "%s is %s now, but the next boot brings %s.", what, shown(f->now.text),
				 shown(f->next.text));
	default:
		if (strcmp(f->now.text, f->next.text) == 0)
			return hp_format(a, "%s is %s.", what, shown(f->now.text));
		return hp_format(a, "%s is %s now, and the next boot brings %s.", what, shown(f->now.text),
				 shown(f->next.text));
	}
}

struct hp_finding *hp_expect(struct hp_judge *j, const char *subject, const char *what, const char *want,
			     const struct hp_fact *fact)
{
	enum hp_state state = hp_judge_pair(want, &fact->now, &fact->next);
	struct hp_finding *f;
	if (state == HP_UNKNOWN) {
		const struct hp_value *missing = fact->now.is != HP_PRESENT ? &fact->now : &fact->next;
		f = hp_say_no_data(j, subject, missing);
		if (fact->next.is == HP_PRESENT)
			f->text = hp_format(j->arena, "%s Known is only that the next boot brings %s.", f->text,
					    shown(fact->next.text));
	} else {
		f = hp_say(j, subject, state, pair_text(j->arena, state, what, want, fact));
	}
	f->want = want;
	f->now = fact->now.is == HP_PRESENT ? fact->now.text : NULL;
	f->next = fact->next.is == HP_PRESENT ? fact->next.text : NULL;
	for (int i = 0; i < 2; i++)
		hp_cite(f, &fact->evidence[i]);
	return f;
}

struct hp_finding *hp_say_no_data(struct hp_judge *j, const char *subject, const struct hp_value *value)
{
	const char *why = value->why ? value->why : "It was not looked at";
	const char *dot = hp_str_ends(hp_str(why), ".") ? "" : ".";
	struct hp_finding *f = hp_say(j, subject, HP_UNKNOWN, hp_format(j->arena, "%s%s", why, dot));
	if (value->hint)
		hp_remedy(f, value->hint, NULL);
	return f;
}

const char *hp_then_reboot(const struct hp_finding *f, bool through_firmware)
{
	if (f->state == HP_REGRESSING)
		return "; it is in force already, so no reboot is needed";
	return through_firmware ? ", then reboot through firmware (Quick Boot off)" : ", then reboot";
}

unsigned hp_esx_major(const struct hp_judge *j)
{
	struct hp_version version;
	const char *text = hp_fact_text(j->facts, HP_HOST, "esx.version");
	return text && hp_version(hp_str(text), &version) ? version.part[0] : 0;
}

struct hp_finding *hp_expect_kernel(struct hp_judge *j, const char *name, const char *want, const char *absent_on_8)
{
	const struct hp_fact *list = hp_fact(j->facts, HP_HOST, "kernel");
	const struct hp_fact *fact = hp_fact_find(j->facts, HP_HOST, hp_format(j->arena, "kernel.%s", name));
	struct hp_finding *f;
	if (fact) {
		f = hp_expect(j, HP_HOST, name, want, fact);
		if (f->state == HP_FAIL || f->state == HP_REGRESSING)
			hp_remedy(f, hp_format(j->arena, "Set %s to %s%s.", name, want, hp_then_reboot(f, false)),
				  hp_format(j->arena, "esxcli system settings kernel set -s %s -v %s", name, want));
		if (f->remedy.fixable)
			f->wanted = (struct hp_wanted){.by = HP_SET_KERNEL, .name = name};
		return f;
	}
	if (list->now.is != HP_PRESENT) {
		f = hp_say_no_data(j, HP_HOST, &list->now);
	} else if (absent_on_8 && hp_esx_major(j) == 8) {
		f = hp_say(j, HP_HOST, HP_NOT_APPLICABLE, absent_on_8);
	} else {
		f = hp_say(j, HP_HOST, HP_UNKNOWN,
			   hp_format(j->arena, "This release lists no kernel setting %s.", name));
		hp_remedy(f, "Look whether the release has it under another name.",
			  hp_format(j->arena, "esxcli system settings kernel list | grep -i %s", name));
	}
	f->want = want;
	hp_cite(f, &list->evidence[0]);
	return f;
}

static int by_subject(const void *a, const void *b)
{
	const struct hp_finding *const *x = a, *const *y = b;
	return strcmp((*x)->subject, (*y)->subject);
}

static void finish(struct hp_judge *j)
{
	for (size_t i = 0; i < j->count; i++) {
		struct hp_finding *f = j->findings[i];
		struct hp_remedy *r = &f->remedy;
		if (f->state == HP_PENDING_REBOOT || f->state == HP_FAIL)
			r->reboot = j->check->reboot;
		if (f->state != HP_PENDING_REBOOT || r->text)
			continue;
		r->text =
		    j->check->reboot == HP_REBOOT_FULL
			? "Enter maintenance mode and reboot through firmware: Quick Boot does not load HCA settings."
			: "Enter maintenance mode and reboot.";
		r->command = "esxcli system shutdown reboot -d 10 -r hostprep";
	}
	/* No check says two things about one subject. */
	qsort(j->findings, j->count, sizeof(struct hp_finding *), by_subject);
}

static void add_all(struct hp_arena *a, struct hp_findings *all, const struct hp_judge *j)
{
	all->items = hp_grow(a, all->items, all->count, all->count + j->count + 1, sizeof *all->items);
	for (size_t i = 0; i < j->count; i++)
		all->items[all->count++] = *j->findings[i];
}

void hp_judge_all(struct hp_arena *a, const struct hp_facts *facts, const struct hp_policy *policy,
		  const struct hp_selection *selection, struct hp_findings *ret)
{
	struct hp_findings all = {0};
	struct hp_inventory inventory;
	hp_inventory_make(a, facts, &policy->ask, &inventory);
	for (size_t i = 0; hp_checks[i]; i++) {
		struct hp_judge j = {.check = hp_checks[i],
				     .arena = a,
				     .facts = facts,
				     .inventory = &inventory,
				     .want = policy->want[i],
				     .severity = policy->severity[i],
				     .expect_gpus = policy->gpus,
				     .expect_nvswitches = policy->nvswitches,
				     .expect_hcas = policy->hcas,
				     .accept_default = policy->accept_default,
				     .psb = &policy->psb,
				     .redfish = &policy->ask.redfish};
		if (selection->chosen[i])
			hp_checks[i]->evaluate(&j);
		else
			(void)hp_say(&j, HP_HOST, HP_SKIPPED, "Not chosen (--only, --skip, --tag).");
		finish(&j);
		add_all(a, &all, &j);
	}
	*ret = all;
}
