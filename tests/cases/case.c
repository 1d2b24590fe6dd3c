#include "case.h"

#include <string.h>

#include "../../agent/engine/gates.h"
#include "../../agent/engine/undo.h"

bool case_word(struct hp_arena *a, struct hp_str *rest, const char **ret)
{
	struct hp_buf b = hp_buf(a);
	bool quoted = false, any = false;
	*rest = hp_str_trim(*rest);
	size_t i = 0;
	for (; i < rest->n && (quoted || rest->p[i] != ' '); i++) {
		any = true;
		if (rest->p[i] == '"')
			quoted = !quoted;
		else
			hp_put(&b, hp_str_sub(*rest, i, i + 1));
	}
	*rest = hp_str_sub(*rest, i, rest->n);
	*ret = hp_built_text(&b);
	return any;
}

static int read_options(struct hp_arena *a, const struct hp_capture *capture, struct hp_options *ret,
			struct hp_err *err)
{
	static char name[] = "hostprep", check[] = "check";
	char *argv[32] = {name, check};
	int argc = 2;
	for (size_t i = 0; i < capture->expect_count; i++) {
		struct hp_str rest = hp_str(capture->expects[i]);
		const char *word;
		if (!hp_str_starts(rest, "run "))
			continue;
		argc = 1;
		rest = hp_str_sub(rest, 4, rest.n);
		while (argc < 32 && case_word(a, &rest, &word)) {
			size_t n = strlen(word) + 1;
			argv[argc] = hp_alloc(a, n);
			memcpy(argv[argc++], word, n);
		}
	}
	return hp_options_parse(a, argc, argv, ret, err);
}

int case_read(struct hp_arena *a, struct hp_str text, const char *name, struct case_file *ret, struct hp_err *err)
{
	memset(ret, 0, sizeof *ret);
	if (hp_capture_parse(a, text, name, &ret->capture, err) < 0 || hp_policy_builtin(a, &ret->policy, err) < 0 ||
	    read_options(a, &ret->capture, &ret->options, err) < 0)
		return -1;
	if (ret->capture.policy.p && hp_policy_overlay(a, ret->capture.policy, name, &ret->policy, err) < 0)
		return -1;
	ret->selection =
	    (struct hp_selection){.only = ret->options.only, .skip = ret->options.skip, .tag = ret->options.tag};
	return hp_select(a, &ret->selection, err);
}

bool case_is_undo(const struct case_file *c)
{
	return c->options.command->bit == HP_FOR_UNDO;
}

bool case_is_fix(const struct case_file *c)
{
	return c->options.command->bit == HP_FOR_FIX || case_is_undo(c);
}

/* As hp_session_read and hp_session_judge do it, but that time stands still, as in a replay. */
void case_look(struct hp_arena *a, const struct case_file *c, struct hp_door *door, struct case_run *ret)
{
	memset(ret, 0, sizeof *ret);
	hp_gather(a, door, c->selection.chosen, &c->policy.ask, &ret->gathered);
	hp_ledger_of(a, &ret->gathered.facts, &ret->ledger);
	ret->boot = hp_boot_of(&ret->gathered.facts, 0);
	hp_judge_all(a, &ret->gathered.facts, &c->policy, &c->selection, &ret->findings);
	hp_after_boot(a, &ret->ledger, &ret->boot, hp_overridden(c->options.overrides, "repeat"), &ret->findings);
}

void case_plan(struct hp_arena *a, const struct case_file *c, struct case_run *run)
{
	const char *id = c->options.id;
	const struct hp_ledger_run *of = id ? hp_ledger_find(&run->ledger, id) : hp_ledger_latest(&run->ledger);
	if (!case_is_undo(c))
		hp_plan_make(a, &run->findings, &run->gathered.facts, c->options.only, c->options.fail_on, &run->plan);
	else if (of)
		hp_undo_plan(a, of, &run->gathered.facts, &c->policy.ask, &run->plan);
}

void case_report(struct hp_arena *a, const struct case_file *c, struct case_run *run)
{
	struct hp_report *r = &run->report;
	*r = (struct hp_report){.command = c->options.command->name,
				.tool = {.name = "hostprep"},
				.started = "2026-11-22T03:04:05Z",
				.finished = "2026-11-22T03:04:05Z",
				.complete = c->selection.all && !run->gathered.cancelled,
				.dry_run = c->options.dry_run,
				.undo = case_is_undo(c),
				.fail_on = c->options.fail_on,
				.findings = run->findings.items,
				.finding_count = run->findings.count};
	r->host.name = hp_fact_text(&run->gathered.facts, HP_HOST, "hostname");
	r->host.uptime_s = -1;
	r->host.quick_boot = HP_CANNOT_TELL;
	if (case_is_fix(c)) { /* a check says nothing of what could be changed but in its findings */
		r->changes = run->plan.changes;
		r->change_count = run->plan.change_count;
		r->plan = run->plan.count ? run->plan.digest : NULL;
		for (size_t i = 0; i < run->plan.refused_count; i++)
			hp_report_stop(a, r, run->plan.refused[i].where, run->plan.refused[i].text);
	}
	hp_report_conclude(a, r);
}

void case_run(struct hp_arena *a, const struct case_file *c, const struct hp_capture *capture, struct case_run *ret)
{
	case_look(a, c, hp_replay_door(a, capture), ret);
	case_plan(a, c, ret);
	case_report(a, c, ret);
}
