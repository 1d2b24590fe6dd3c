/* The part of the text report that only fix and undo have: what is changed, and what comes next. */
#include <string.h>

#include "report.h"
#include "wrap.h"

#define INDENT 6u

static const char *const heads[HP_RESULTS] = {"PLANNED", "APPLIED", "VERIFIED", "FAILED", "INEFFECTIVE", "UNDONE"};
static const char *const colors[HP_RESULTS] = {"36;1", "33", "32;1", "31;1", "31;1", "32;1"};
static const char *const needs[HP_REBOOTS] = {"no reboot", "a reboot", "a reboot through firmware", "a power cycle"};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Changes that differ in their subject (and the command that names it) only are shown as one. */
static bool alike(const struct hp_change *a, const struct hp_change *b)
{
	return same(a->check, b->check) && same(a->setting, b->setting) && same(a->from, b->from) &&
	       same(a->to, b->to) && same(a->now, b->now) && a->result == b->result && a->reboot == b->reboot &&
	       same(a->text, b->text) && same(a->diff, b->diff);
}

static bool shown_before(const struct hp_report *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (alike(&r->changes[k], &r->changes[i]))
			return true;
	return false;
}

static const char *subjects(struct hp_arena *a, const struct hp_report *r, const struct hp_change *c)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < r->change_count; i++)
		if (alike(&r->changes[i], c) && strcmp(r->changes[i].subject, HP_HOST) != 0)
			hp_putf(&b, "%s%s", b.n ? " " : "", r->changes[i].subject);
	return hp_built_text(&b);
}

static void put_commands(struct hp_buf *b, const struct hp_report *r, const struct hp_change *c)
{
	const char *last = NULL;
	for (size_t i = 0; i < r->change_count; i++) {
		const struct hp_change *other = &r->changes[i];
		if (!alike(other, c) || same(other->command, last))
			continue;
		last = other->command;
		hp_putf(b, "%*s%s\n", (int)INDENT + 2, "", last);
	}
}

/* A diff is shown as it is, so that it can be compared with the file. */
static void put_diff(struct hp_buf *b, const char *diff)
{
	struct hp_str rest = hp_str(diff), line;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		hp_putf(b, "%*s", (int)INDENT + 2, "");
		hp_put(b, line);
		hp_puts(b, "\n");
	}
}

static void put_change(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r, const struct hp_change *c,
		       const struct hp_text_style *style)
{
	const char *head = heads[c->result];
	bool open = c->result == HP_PLANNED || style->verbose;
	if (style->color)
		hp_putf(b, "\n\033[%sm%s\033[0m ", colors[c->result], head);
	else
		hp_putf(b, "\n%s ", head);
	hp_wrap_from(b,
		     hp_format(a, "%s: %s from %s to %s at the next boot (now %s); needs %s", c->check, c->setting,
			       *c->from ? c->from : "empty", *c->to ? c->to : "empty", c->now ? c->now : "not known",
			       needs[c->reboot]),
		     INDENT, strlen(head) + 1);
	hp_wrap(b, subjects(a, r, c), INDENT);
	if (c->text)
		hp_wrap(b, c->text, INDENT);
	if (open && c->disturbs)
		hp_wrap(b, c->disturbs, INDENT);
	if (open || c->result == HP_FAILED || c->result == HP_INEFFECTIVE)
		put_commands(b, r, c);
	if (open && c->diff)
		put_diff(b, c->diff);
}

void hp_report_put_changes(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r,
			   const struct hp_text_style *style)
{
	for (size_t i = 0; i < r->change_count; i++)
		if (!shown_before(r, i))
			put_change(a, b, r, &r->changes[i], style);
}

static void put_plan(struct hp_buf *b, const struct hp_report *r)
{
	if (r->dry_run && r->again)
		hp_putf(b, "Nothing was changed. To apply this plan, and only this one:\n  %s\n", r->again);
}

void hp_report_put_next(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r)
{
	bool stopped = false;
	for (size_t i = 0; i < r->change_count; i++)
		stopped = stopped || r->changes[i].result == HP_PLANNED;
	if (r->note)
		hp_wrap(b, r->note, 0);
	put_plan(b, r);
	if (r->dry_run || (!r->run && !r->change_count))
		return;
	if (stopped)
		hp_puts(b, "Changes that are still planned were not made; see above why.\n");
	const char *dir = r->state_dir ? hp_format(a, " --state-dir %s", r->state_dir) : "";
	if (r->undo && r->undoes && r->exit_code == HP_EXIT_FAILS)
		hp_putf(b, "Run %s is not taken back as a whole. To try the rest again:\n  hostprep undo %s%s\n",
			r->undoes, r->undoes, dir);
	else if (r->undoable)
		hp_putf(b, "This was run %s; `hostprep undo%s` takes it back.\n", r->run, dir);
	if (!r->run || r->reboot.required != HP_NEEDED)
		return;
	hp_wrap(
	    b,
	    r->reboot.kind == HP_REBOOT_COLD
		? "Next: shut the host down, take its power away for half a minute, and start it:"
	    : r->reboot.kind == HP_REBOOT_FULL
		? "Next: switch Quick Boot off (vSphere Lifecycle Manager, remediation settings), then reboot through "
		  "firmware:"
		: "Next: reboot:",
	    0);
	hp_putf(b, "  %s\n", hp_reboot_command(r->reboot.kind));
	hp_wrap(b,
		hp_format(a, "After it: `hostprep check`%s.",
			  r->exit_code == HP_EXIT_REBOOT && !r->undo ? ", which should then exit with 0" : ""),
		0);
}
