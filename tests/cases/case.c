#include "case.h"

#include <stdio.h>
#include <string.h>

/* ---- words: blanks part them, "…" keeps blanks in one ---- */

static bool next_expected(struct hp_arena *a, struct hp_str *rest, const char **ret)
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
		while (argc < 32 && next_expected(a, &rest, &word)) {
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

void case_run(struct hp_arena *a, const struct case_file *c, const struct hp_capture *capture, struct case_run *ret)
{
	memset(ret, 0, sizeof *ret);
	struct hp_report *r = &ret->report;
	hp_gather(a, hp_replay_door(a, capture), c->selection.chosen, &c->policy.ask, &ret->gathered);
	hp_judge_all(a, &ret->gathered.facts, &c->policy, &c->selection, &ret->findings);
	r->command = c->options.command->name;
	r->tool.name = "hostprep";
	r->started = r->finished = "2026-11-22T03:04:05Z";
	r->host.name = hp_fact_text(&ret->gathered.facts, HP_HOST, "hostname");
	r->host.uptime_s = -1;
	r->host.quick_boot = HP_CANNOT_TELL;
	r->complete = c->selection.all && !ret->gathered.cancelled;
	r->fail_on = c->options.fail_on;
	r->findings = ret->findings.items;
	r->finding_count = ret->findings.count;
	hp_report_conclude(a, r);
}

/* ---- comparing ---- */

struct comparison {
	struct hp_arena *arena;
	const struct case_run *run;
	const char *line; /* what is expected */
	bool *named;	  /* per finding */
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
	(void)next_expected(c->arena, &rest, &word);
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

/* NAME=VALUE is equal, NAME~VALUE contains, NAME!~VALUE contains not. False for a word of another form. */
static bool holds(struct hp_arena *a, const struct hp_finding *f, const char *word, bool *ret)
{
	const struct {
		const char *name, *value;
	} parts[] = {{"now", f->now},
		     {"next", f->next},
		     {"want", f->want},
		     {"text", f->text},
		     {"remedy", f->remedy.text},
		     {"command", f->remedy.command},
		     {"severity", hp_severity_word(f->severity)},
		     {"reboot", hp_reboot_word(f->remedy.reboot)}};
	if (strcmp(word, "fixable") == 0 || strcmp(word, "manual") == 0) {
		*ret = f->remedy.fixable == (word[0] == 'f');
		return true;
	}
	size_t n = strcspn(word, "=~!");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (strlen(parts[i].name) != n || strncmp(word, parts[i].name, n) != 0)
			continue;
		const char *value = parts[i].value;
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
	(void)a;
	return false;
}

static void compare_finding(struct comparison *c, const char *check, struct hp_str rest)
{
	const struct case_run *run = c->run;
	const char *subject, *state, *word;
	bool subject_given = next_expected(c->arena, &rest, &subject);
	if (!subject_given || !next_expected(c->arena, &rest, &state) || !hp_check_find(check)) {
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
	while (good && next_expected(c->arena, &rest, &word))
		if (!holds(c->arena, f, word, &good)) {
			differs(c, hp_format(c->arena, "a word that is not understood: %s", word));
			return;
		}
	if (!good)
		differs(c, finding_text(c->arena, f));
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

unsigned case_compare(struct hp_arena *a, const struct case_file *file, const struct case_run *run)
{
	struct comparison c = {.arena = a, .run = run};
	const char *word;
	c.named = hp_alloc_array(a, run->findings.count + 1, sizeof *c.named);
	for (size_t i = 0; i < file->capture.expect_count; i++) {
		c.line = file->capture.expects[i];
		struct hp_str rest = hp_str(c.line);
		if (!next_expected(a, &rest, &word) || strcmp(word, "run") == 0 || strcmp(word, "others") == 0)
			continue;
		if (strcmp(word, "exit") == 0)
			compare_text(&c, hp_copy(a, hp_str_trim(rest)), hp_format(a, "%d", run->report.exit_code));
		else if (strcmp(word, "verdict") == 0)
			compare_text(&c, hp_copy(a, hp_str_trim(rest)), run->report.verdict);
		else if (strcmp(word, "reboot") == 0)
			compare_reboot(&c, rest);
		else
			compare_finding(&c, word, rest);
	}
	for (size_t i = 0; i < file->capture.expect_count; i++) {
		c.line = file->capture.expects[i];
		if (hp_str_starts(hp_str(c.line), "others "))
			compare_others(&c, hp_str_sub(hp_str(c.line), 7, strlen(c.line)));
	}
	c.line = "a line `expect exit N`";
	bool told = false;
	for (size_t i = 0; i < file->capture.expect_count; i++)
		told = told || hp_str_starts(hp_str(file->capture.expects[i]), "exit ");
	if (!told)
		differs(&c, "none");
	return c.differences;
}
