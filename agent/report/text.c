/* The report for people at 3 a.m.: the verdict in one line, what is wrong with the command to type, what is not known
 * and why, then a count of the rest. */
#include <string.h>

#include "report.h"
#include "wrap.h"

#define INDENT 6u

static const char *const verdict_words[][2] = {{"compliant", "COMPLIANT"},
					       {"non-compliant", "NON-COMPLIANT"},
					       {"unknown", "UNKNOWN"},
					       {"reboot-pending", "REBOOT PENDING"},
					       {"error", "NO VERDICT"}};

static const char *const state_heads[HP_STATES] = {"PASS", "FAIL", "REGRESSING", "REBOOT", "UNKNOWN", "N/A", "SKIPPED"};
static const char *const state_colors[HP_STATES] = {"32", "31;1", "31;1", "33;1", "33", "36", "36"};

static void paint(struct hp_buf *b, const struct hp_text_style *style, const char *color, const char *text)
{
	if (style->color)
		hp_putf(b, "\033[%sm%s\033[0m", color, text);
	else
		hp_puts(b, text);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Findings that differ in subject (and in the command that names it) only are shown as one. */
static bool alike(const struct hp_finding *a, const struct hp_finding *b)
{
	bool same_head = same(a->check, b->check) && a->state == b->state && same(a->want, b->want);
	if (a->state == HP_PASS)
		return same_head && !a->note == !b->note && (!a->note || same(a->text, b->text));
	return same_head && same(a->now, b->now) && same(a->next, b->next) && same(a->remedy.text, b->remedy.text) &&
	       same(a->text, b->text);
}

/* What fix and undo tell of a change says it all: its finding is not told again, unless the change went wrong. */
static bool told_as_change(const struct hp_report *r, const struct hp_finding *f)
{
	for (size_t i = 0; i < r->change_count; i++) {
		const struct hp_change *c = &r->changes[i];
		bool fails = f->state == HP_FAIL || f->state == HP_REGRESSING;
		if (same(c->check, f->check) && same(c->subject, f->subject))
			return c->result == HP_PLANNED || c->result == HP_UNDONE
				   ? fails || f->state == HP_PENDING_REBOOT
				   : c->result == HP_VERIFIED && f->state == HP_PENDING_REBOOT;
	}
	return false;
}

static bool shown_before(const struct hp_report *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (alike(&r->findings[k], &r->findings[i]))
			return true;
	return false;
}

/* Names the subjects of a finding and of those like it; "" for the host alone. Of devices it says how many of how many
 * are meant, if there are more than one. */
static const char *subjects(struct hp_arena *a, const struct hp_report *r, size_t at)
{
	const struct hp_finding *f = &r->findings[at];
	struct hp_buf list = hp_buf(a);
	size_t n = 0, all = 0;
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *other = &r->findings[i];
		all += same(other->check, f->check) && same(other->subject, HP_HOST) == same(f->subject, HP_HOST);
		if (!alike(other, f))
			continue;
		hp_putf(&list, "%s%s", n ? " " : "", other->subject);
		n++;
	}
	if (n == 1 && same(f->subject, HP_HOST))
		return "";
	if (all <= 1)
		return hp_built_text(&list);
	return hp_format(a, "%zu of %zu: %s", n, all < n ? n : all, hp_built_text(&list));
}

static void put_commands(struct hp_buf *b, const struct hp_report *r, size_t at)
{
	for (size_t i = at; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		bool again = false;
		for (size_t k = at; k < i; k++)
			again = again || (alike(&r->findings[k], &r->findings[at]) &&
					  same(r->findings[k].remedy.command, f->remedy.command));
		if (f->remedy.command && !again && alike(f, &r->findings[at]))
			hp_putf(b, "%*s%s\n", (int)INDENT + 2, "", f->remedy.command);
	}
}

/* Those that are shown as one may still differ in what they say: then nothing is said for all. */
static bool uniform(const struct hp_report *r, size_t at)
{
	for (size_t i = at; i < r->finding_count; i++)
		if (alike(&r->findings[i], &r->findings[at]) && !same(r->findings[i].text, r->findings[at].text))
			return false;
	return true;
}

static const char *value(const char *text)
{
	return text ? (*text ? text : "empty") : "not known";
}

static void put_finding(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r, size_t i,
			const struct hp_text_style *style)
{
	const struct hp_finding *f = &r->findings[i];
	hp_puts(b, "\n");
	paint(b, style, state_colors[f->state], state_heads[f->state]);
	hp_puts(b, " ");
	hp_wrap_from(b,
		     hp_format(a, "%s: %s (%s%s)", f->check, f->title, hp_severity_word(f->severity),
			       hp_report_counts(r, f) ? "" : ", does not count"),
		     INDENT, strlen(state_heads[f->state]) + 1);
	hp_wrap(b, subjects(a, r, i), INDENT);

	bool one = uniform(r, i), values = (f->now || f->next) && (one || f->state != HP_PASS);
	if (values && f->next)
		hp_wrap(b,
			hp_format(a, "now %s, next boot %s, wanted %s", value(f->now), value(f->next), value(f->want)),
			INDENT);
	else if (values)
		hp_wrap(b, hp_format(a, "now %s, wanted %s", value(f->now), value(f->want)), INDENT);

	if (one)
		hp_wrap(b, f->text, INDENT);
	if (f->remedy.text)
		hp_wrap(b, f->remedy.text, INDENT);
	put_commands(b, r, i);
}

static void put_states(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r,
		       const struct hp_text_style *style, enum hp_state one, enum hp_state other)
{
	for (int severity = 0; severity < HP_SEVERITIES; severity++)
		for (size_t i = 0; i < r->finding_count; i++) {
			const struct hp_finding *f = &r->findings[i];
			if ((int)f->severity == severity && (f->state == one || f->state == other) &&
			    !shown_before(r, i) && (style->verbose || !told_as_change(r, f)))
				put_finding(a, b, r, i, style);
		}
}

/* What needs no doing: a line or two each. */
static void put_briefs(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r,
		       const struct hp_text_style *style, enum hp_state state)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		const char *head = state == HP_PASS ? "NOTE" : state_heads[state], *who = subjects(a, r, i);
		if (f->state != state || (state == HP_PASS && !f->note) || shown_before(r, i))
			continue;
		paint(b, style, state_colors[HP_SKIPPED], head);
		hp_puts(b, " ");
		hp_wrap_from(b, hp_format(a, "%s%s%s: %s", f->check, *who ? " " : "", who, f->text), INDENT,
			     strlen(head) + 1);
	}
}

static const char *counts(struct hp_arena *a, const struct hp_report *r)
{
	static const enum hp_state order[] = {HP_FAIL, HP_REGRESSING, HP_PENDING_REBOOT, HP_UNKNOWN, HP_PASS};
	static const char *const words[] = {"fail", "regressing", "pending a reboot", "unknown", "pass"};
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < 5; i++)
		if (r->summary[order[i]])
			hp_putf(&b, "%s%u %s", b.n ? ", " : "", r->summary[order[i]], words[i]);
	return hp_built_text(&b);
}

static void put_verdict(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r,
			const struct hp_text_style *style)
{
	const char *word = r->verdict, *name = r->host.name ? r->host.name : "this host";
	const char *color = r->exit_code == HP_EXIT_OK ? "32;1" : r->exit_code == HP_EXIT_FAILS ? "31;1" : "33;1";
	for (size_t i = 0; i < sizeof verdict_words / sizeof verdict_words[0]; i++)
		if (same(verdict_words[i][0], r->verdict))
			word = verdict_words[i][1];
	paint(b, style, color, word);
	hp_puts(b, " ");
	hp_wrap_from(b, hp_format(a, "%s: %s", name, counts(a, r)), INDENT, strlen(word) + 1);
	struct hp_buf line = hp_buf(a);
	if (r->host.vendor || r->host.model)
		hp_putf(&line, "%s %s, ", r->host.vendor ? r->host.vendor : "", r->host.model ? r->host.model : "");
	if (r->host.version)
		hp_putf(&line, "ESX %s build %s, ", r->host.version, r->host.build ? r->host.build : "not known");
	hp_putf(&line, "policy %s", r->policy.name);
	hp_wrap(b, hp_built_text(&line), 0);
}

static const char *reboot_line(struct hp_arena *a, const struct hp_report *r)
{
	static const char *const kinds[HP_REBOOTS] = {"", "any kind will do, Quick Boot too",
						      "through firmware: Quick Boot must be off",
						      "power cycle the server"};
	bool open = false; /* something unknown may need a stronger one */
	for (size_t i = 0; i < r->finding_count; i++)
		open = open || (r->findings[i].state == HP_UNKNOWN && r->findings[i].has_next);
	if (r->reboot.required == HP_NEEDED)
		return hp_format(a, "Reboot needed (%s): %s.%s", hp_reboot_word(r->reboot.kind), kinds[r->reboot.kind],
				 open && r->reboot.kind < HP_REBOOT_COLD ? " What is unknown may need a stronger one."
									 : "");
	if (r->reboot.required == HP_NOT_NEEDED)
		return "No reboot is pending.";
	return r->complete ? "Whether a reboot is pending cannot be told: see what is unknown."
			   : "Whether a reboot is pending cannot be told: not everything was looked at.";
}

static void put_errors(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r,
		       const struct hp_text_style *style)
{
	for (size_t i = 0; i < r->error_count; i++) {
		const struct hp_trouble *e = &r->errors[i];
		if (e->stop) {
			hp_puts(b, "\n");
			paint(b, style, "31;1", "STOPPED");
			hp_puts(b, " ");
			hp_wrap_from(b, hp_format(a, "%s: %s", e->where, e->text), INDENT, strlen("STOPPED "));
		} else {
			hp_wrap(b, hp_format(a, "%s: %s", e->where, e->text), 0);
		}
	}
}

static bool can_fix(const struct hp_report *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].remedy.fixable && !r->findings[i].wanted.by_id_only)
			return true;
	return false;
}

struct hp_str hp_report_text(struct hp_arena *a, const struct hp_report *r, const struct hp_text_style *style)
{
	struct hp_buf b = hp_buf(a);
	if (!r->finding_count) {
		put_errors(a, &b, r, style);
		return hp_built(&b);
	}
	if (!style->quiet || r->exit_code != HP_EXIT_OK)
		put_verdict(a, &b, r, style);
	put_errors(a, &b, r, style);
	hp_report_put_changes(a, &b, r, style);
	put_states(a, &b, r, style, HP_FAIL, HP_REGRESSING);
	put_states(a, &b, r, style, HP_PENDING_REBOOT, HP_PENDING_REBOOT);
	put_states(a, &b, r, style, HP_UNKNOWN, HP_UNKNOWN);
	if (style->verbose)
		put_states(a, &b, r, style, HP_PASS, HP_PASS);
	struct hp_buf briefs = hp_buf(a);
	if (!style->verbose && !style->quiet)
		put_briefs(a, &briefs, r, style, HP_PASS);
	put_briefs(a, &briefs, r, style, HP_NOT_APPLICABLE);
	if (style->verbose || style->quiet)
		put_briefs(a, &briefs, r, style, HP_SKIPPED);
	if (b.n && (briefs.n || !style->quiet))
		hp_puts(&b, "\n");
	hp_put(&b, hp_built(&briefs));
	if (style->quiet)
		return hp_built(&b);
	hp_wrap(&b,
		hp_format(a, "%u pass, %u not applicable, %u skipped.%s", r->summary[HP_PASS],
			  r->summary[HP_NOT_APPLICABLE], r->summary[HP_SKIPPED],
			  style->verbose ? "" : " --verbose shows more."),
		0);
	hp_wrap(&b, reboot_line(a, r), 0);
	if (!r->complete)
		hp_wrap(&b, "This run is not complete: checks were left out, or it was ended early.", 0);
	if (!r->changes && can_fix(r))
		hp_wrap(&b, "`hostprep fix --dry-run` shows what hostprep would change here, and changes nothing.", 0);
	if (r->exit_code == HP_EXIT_FAILS || r->exit_code == HP_EXIT_UNKNOWN)
		hp_wrap(&b, "`hostprep explain ID` says what a check looks at and why.", 0);
	hp_report_put_next(a, &b, r);
	return hp_built(&b);
}

struct hp_str hp_report_reboot_text(struct hp_arena *a, const struct hp_report *r)
{
	struct hp_buf b = hp_buf(a);
	put_errors(a, &b, r, &(struct hp_text_style){.color = false});
	if (r->error_count)
		return hp_built(&b);
	hp_wrap(&b, reboot_line(a, r), 0);
	if (r->reboot.required == HP_NEEDED && r->reboot.since)
		hp_wrap(&b, hp_format(a, "Needed since %s.", r->reboot.since), 0);
	for (size_t i = 0; i < r->reboot.count; i++)
		hp_wrap(&b,
			hp_format(a, "%s %s: %s", r->reboot.reasons[i].check, r->reboot.reasons[i].subject,
				  r->reboot.reasons[i].text),
			2);
	for (size_t i = 0; i < r->finding_count && r->reboot.required == HP_CANNOT_TELL; i++)
		if (r->findings[i].state == HP_UNKNOWN && r->findings[i].has_next)
			hp_wrap(&b,
				hp_format(a, "%s %s: %s", r->findings[i].check, r->findings[i].subject,
					  r->findings[i].text),
				2);
	return hp_built(&b);
}
