#include "case.h"

#include <stdio.h>
#include <string.h>

struct comparison {
	struct hp_arena *arena;
	const struct case_run *run;
	const char *line;			     /* what is expected */
	bool *named, *changes_named, *refused_named; /* per finding, change, refusal */
	unsigned differences;
};

static void differs(struct comparison *c, const char *got)
{
	printf("  expected: %s\n       got: %s\n", c->line, got);
	c->differences++;
}

static void compare_text(struct comparison *c, const char *expected, const char *got)
{
	if (strcmp(expected, got) != 0)
		differs(c, got);
}

static void compare_reboot(struct comparison *c, struct hp_str rest)
{
	static const char *const words[] = {"no", "required", "unknown"};
	const struct hp_report *r = &c->run->report;
	const char *word;
	struct hp_str all = hp_str_trim(rest);
	(void)case_word(c->arena, &rest, &word);
	const char *got = words[r->reboot.required];
	if (hp_str_trim(rest).n)
		got = hp_format(c->arena, "%s %s", got, hp_reboot_word(r->reboot.kind));
	compare_text(c, hp_copy(c->arena, all), got);
}

static const char *finding_text(struct hp_arena *a, const struct hp_finding *f)
{
	return hp_format(a,
			 "%s %s %s severity=%s want=\"%s\" now=\"%s\" next=\"%s\" %s reboot=%s text=\"%s\" "
			 "remedy=\"%s\" command=\"%s\"",
			 f->check, f->subject, hp_state_word(f->state), hp_severity_word(f->severity),
			 f->want ? f->want : "-", f->now ? f->now : "-", f->next ? f->next : "-",
			 f->remedy.fixable ? "fixable" : "manual", hp_reboot_word(f->remedy.reboot), f->text,
			 f->remedy.text ? f->remedy.text : "-", f->remedy.command ? f->remedy.command : "-");
}

static const char *change_text(struct hp_arena *a, const struct hp_change *c)
{
	return hp_format(a,
			 "change %s %s setting=%s now=\"%s\" from=\"%s\" to=\"%s\" reboot=%s result=%s command=\"%s\" "
			 "disturbs=\"%s\" text=\"%s\" diff=\"%s\"",
			 c->check, c->subject, c->setting, c->now ? c->now : "-", c->from, c->to,
			 hp_reboot_word(c->reboot), hp_result_word(c->result), c->command, c->disturbs,
			 c->text ? c->text : "-", c->diff ? c->diff : "-");
}

/* What a word can name, and what is there; ends with a NULL name. */
struct part {
	const char *name, *value;
};

/* NAME=VALUE is equal, NAME~VALUE contains, NAME!~VALUE contains not. False for a word of another form. */
static bool holds(const struct part *parts, const char *word, bool *ret)
{
	size_t n = strcspn(word, "=~!");
	while (parts->name && (strlen(parts->name) != n || strncmp(word, parts->name, n) != 0))
		parts++;
	const char *value = parts->value;
	if (!parts->name)
		return false;
	if (word[n] == '=')
		*ret = value && strcmp(value, word + n + 1) == 0;
	else if (word[n] == '~')
		*ret = value && hp_str_has(hp_str(value), word + n + 1);
	else if (word[n] == '!' && word[n + 1] == '~')
		*ret = !value || !hp_str_has(hp_str(value), word + n + 2);
	else
		return false;
	return true;
}

static bool finding_holds(const struct hp_finding *f, const char *word, bool *ret)
{
	const struct part parts[] = {{"now", f->now},
				     {"next", f->next},
				     {"want", f->want},
				     {"text", f->text},
				     {"remedy", f->remedy.text},
				     {"command", f->remedy.command},
				     {"severity", hp_severity_word(f->severity)},
				     {"reboot", hp_reboot_word(f->remedy.reboot)},
				     {NULL, NULL}};
	bool fixable = strcmp(word, "fixable") == 0;
	if (!fixable && strcmp(word, "manual") != 0)
		return holds(parts, word, ret);
	*ret = f->remedy.fixable == fixable;
	return true;
}

static bool change_holds(const struct hp_change *c, const char *word, bool *ret)
{
	const struct part parts[] = {{"setting", c->setting},
				     {"now", c->now},
				     {"from", c->from},
				     {"to", c->to},
				     {"command", c->command},
				     {"diff", c->diff},
				     {"disturbs", c->disturbs},
				     {"reboot", hp_reboot_word(c->reboot)},
				     {"result", hp_result_word(c->result)},
				     {"text", c->text},
				     {NULL, NULL}};
	return holds(parts, word, ret);
}

static void compare_finding(struct comparison *c, const char *check, struct hp_str rest)
{
	const struct case_run *run = c->run;
	const char *subject, *state, *word;
	bool subject_given = case_word(c->arena, &rest, &subject);
	if (!subject_given || !case_word(c->arena, &rest, &state) || !hp_check_find(check)) {
		differs(c, "a line that is not understood");
		return;
	}
	const struct hp_finding *f = NULL;
	for (size_t i = 0; i < run->findings.count; i++) {
		const struct hp_finding *g = &run->findings.items[i];
		if (strcmp(g->check, check) != 0 || strcmp(g->subject, subject) != 0)
			continue;
		f = g;
		c->named[i] = true;
	}
	bool absent = strcmp(state, "absent") == 0, good = true;
	if (!f || absent) {
		if (f || !absent)
			differs(c, f ? finding_text(c->arena, f) : "no such finding");
		return;
	}
	good = strcmp(hp_state_word(f->state), state) == 0;
	while (good && case_word(c->arena, &rest, &word))
		if (!finding_holds(f, word, &good)) {
			differs(c, hp_format(c->arena, "a word that is not understood: %s", word));
			return;
		}
	if (!good)
		differs(c, finding_text(c->arena, f));
}

static void compare_change(struct comparison *c, struct hp_str rest)
{
	const struct hp_plan *plan = &c->run->plan;
	const struct hp_change *found = NULL;
	const char *check, *subject, *word;
	if (!case_word(c->arena, &rest, &check) || !case_word(c->arena, &rest, &subject) || !hp_check_find(check)) {
		differs(c, "a line that is not understood");
		return;
	}
	for (size_t i = 0; i < plan->change_count; i++)
		if (strcmp(plan->changes[i].check, check) == 0 && strcmp(plan->changes[i].subject, subject) == 0) {
			found = &plan->changes[i];
			c->changes_named[i] = true;
		}
	bool absent = hp_str_eq(hp_str_trim(rest), "absent"), good = true;
	if (!found || absent) {
		if (found || !absent)
			differs(c, found ? change_text(c->arena, found) : "no such change");
		return;
	}
	while (good && case_word(c->arena, &rest, &word))
		if (!change_holds(found, word, &good)) {
			differs(c, hp_format(c->arena, "a word that is not understood: %s", word));
			return;
		}
	if (!good)
		differs(c, change_text(c->arena, found));
}

static void compare_refused(struct comparison *c, struct hp_str rest)
{
	const struct hp_plan *plan = &c->run->plan;
	const char *where, *text;
	bool given = case_word(c->arena, &rest, &where), found = false;
	text = hp_copy(c->arena, hp_str_trim(rest));
	for (size_t i = 0; i < plan->refused_count && given && *text; i++) {
		const struct hp_trouble *t = &plan->refused[i];
		if (c->refused_named[i] || strcmp(t->where, where) != 0 || !strstr(t->text, text))
			continue;
		c->refused_named[i] = found = true;
		break;
	}
	if (!found)
		differs(c, "nothing of the kind was refused");
}

/* "none", or how many steps. */
static void compare_plan(struct comparison *c, struct hp_str rest)
{
	size_t n = c->run->plan.count;
	compare_text(c, hp_copy(c->arena, hp_str_trim(rest)), n ? hp_format(c->arena, "%zu", n) : "none");
}

/* Of a fix or an undo every change and every refusal stands in the case. */
static void compare_unnamed(struct comparison *c)
{
	const struct hp_plan *plan = &c->run->plan;
	c->line = "no change but those that are named";
	for (size_t i = 0; i < plan->change_count; i++)
		if (!c->changes_named[i])
			differs(c, change_text(c->arena, &plan->changes[i]));
	c->line = "nothing refused but what is named";
	for (size_t i = 0; i < plan->refused_count; i++)
		if (!c->refused_named[i])
			differs(c, hp_format(c->arena, "%s: %s", plan->refused[i].where, plan->refused[i].text));
}

/* Every finding that no line names is in one of these states. */
static void compare_others(struct comparison *c, struct hp_str states)
{
	const char *list = hp_format(c->arena, ",%s,", hp_copy(c->arena, hp_str_trim(states)));
	for (size_t i = 0; i < c->run->findings.count; i++) {
		const struct hp_finding *f = &c->run->findings.items[i];
		if (!c->named[i] && !strstr(list, hp_format(c->arena, ",%s,", hp_state_word(f->state))))
			differs(c, finding_text(c->arena, f));
	}
}

static void compare_line(struct comparison *c)
{
	struct hp_str rest = hp_str(c->line);
	const struct hp_report *r = &c->run->report;
	const char *word;
	if (!case_word(c->arena, &rest, &word) || strcmp(word, "run") == 0 || strcmp(word, "others") == 0)
		return;
	if (strcmp(word, "exit") == 0)
		compare_text(c, hp_copy(c->arena, hp_str_trim(rest)), hp_format(c->arena, "%d", r->exit_code));
	else if (strcmp(word, "verdict") == 0)
		compare_text(c, hp_copy(c->arena, hp_str_trim(rest)), r->verdict);
	else if (strcmp(word, "reboot") == 0)
		compare_reboot(c, rest);
	else if (strcmp(word, "plan") == 0)
		compare_plan(c, rest);
	else if (strcmp(word, "change") == 0)
		compare_change(c, rest);
	else if (strcmp(word, "refused") == 0)
		compare_refused(c, rest);
	else
		compare_finding(c, word, rest);
}

unsigned case_compare(struct hp_arena *a, const struct case_file *file, const struct case_run *run)
{
	struct comparison c = {.arena = a, .run = run};
	bool told = false;
	c.named = hp_alloc_array(a, run->findings.count + 1, sizeof *c.named);
	c.changes_named = hp_alloc_array(a, run->plan.change_count + 1, sizeof *c.changes_named);
	c.refused_named = hp_alloc_array(a, run->plan.refused_count + 1, sizeof *c.refused_named);
	for (size_t i = 0; i < file->capture.expect_count; i++) {
		c.line = file->capture.expects[i];
		told = told || hp_str_starts(hp_str(c.line), "exit ");
		compare_line(&c);
	}
	for (size_t i = 0; i < file->capture.expect_count; i++) {
		c.line = file->capture.expects[i];
		if (hp_str_starts(hp_str(c.line), "others "))
			compare_others(&c, hp_str_sub(hp_str(c.line), 7, strlen(c.line)));
	}
	if (case_is_fix(file))
		compare_unnamed(&c);
	c.line = "a line `expect exit N`";
	if (!told)
		differs(&c, "none");
	return c.differences;
}
