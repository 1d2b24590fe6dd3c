#include "summary.h"

#include <string.h>

#include "../base/json.h"
#include "paint.h"

#define NAMES_SHOWN 12u /* of a list, unless all are asked for */
#define NAMES_TYPED 20u /* in a command; more go into a file */
#define ODD_SHOWN 8u	/* blocks, unless all are asked for */
#define ERRORS_SHOWN 8u
#define NOTES_SHOWN 4u

struct printer {
	struct hp_painter p;
	struct hp_arena *arena;
	const struct hp_fleet *fleet;
	struct hp_totals *t;
	bool verbose;
};

static const char *const *names_of(const struct printer *s, const struct hp_host_list *list)
{
	const char **names = hp_alloc_array(s->arena, list->count + 1, sizeof *names);
	for (size_t i = 0; i < list->count; i++)
		names[i] = s->t->hosts.texts[list->items[i]];
	return names;
}

static void put_hosts(const struct printer *s, const struct hp_host_list *list)
{
	hp_paint_names(&s->p, names_of(s, list), list->count, s->verbose ? 0 : NAMES_SHOWN);
}

static void put_verdict(const struct printer *s)
{
	static const enum hp_paint colors[] = {HP_PAINT_GREEN, HP_PAINT_RED, HP_PAINT_RED, HP_PAINT_YELLOW,
					       HP_PAINT_YELLOW};
	static const char *const words[] = {"COMPLIANT", "ERROR", "NON-COMPLIANT", "UNKNOWN", "REBOOT PENDING"};
	const struct hp_fleet *f = s->fleet;
	struct hp_buf b = hp_buf(s->arena);
	int code = f->exit_code >= 0 && f->exit_code <= 4 ? f->exit_code : 1;
	size_t lost = s->t->rows - f->counts[HP_ROW_OK];
	hp_putf(&b, "%zu of %s compliant", s->t->exits[HP_EXIT_OK], hp_hosts_text(s->arena, s->t->rows));
	if (s->t->exits[HP_EXIT_FAILS])
		hp_putf(&b, ", %zu fail", s->t->exits[HP_EXIT_FAILS]);
	if (s->t->exits[HP_EXIT_REBOOT])
		hp_putf(&b, ", %zu to reboot", s->t->exits[HP_EXIT_REBOOT]);
	if (s->t->exits[HP_EXIT_UNKNOWN] - lost)
		hp_putf(&b, ", %zu unknown", s->t->exits[HP_EXIT_UNKNOWN] - lost);
	if (lost)
		hp_putf(&b, ", %zu not scanned", lost);
	hp_paint_head(&s->p, colors[code], words[code], hp_built_text(&b));
	b = hp_buf(s->arena);
	hp_putf(&b, "%zu expected, %u reported; %s %s", f->expected, f->counts[HP_ROW_OK],
		f->command ? f->command : "scan", f->scan_id);
	if (f->finished)
		hp_putf(&b, " of %s", f->finished);
	hp_paint_head(&s->p, HP_PAINT_PLAIN, "", hp_built_text(&b));
}

/* What hostprep-fleet is told, so that it asks these hosts. */
static const char *hosts_option(const struct printer *s, const struct hp_host_list *list)
{
	struct hp_buf b = hp_buf(s->arena);
	if (list->count > NAMES_TYPED)
		return "--hosts FILE";
	hp_puts(&b, "--nodes ");
	for (size_t i = 0; i < list->count; i++)
		hp_putf(&b, "%s%s", i ? "," : "", s->t->hosts.texts[list->items[i]]);
	return hp_built_text(&b);
}

static void put_check(const struct printer *s, const struct hp_check_total *c)
{
	bool fails = c->failing.count > 0;
	const struct hp_host_list *hosts = fails ? &c->failing : &c->unknown;
	hp_out_puts(s->p.out, "\n");
	hp_paint_head(&s->p, fails ? HP_PAINT_RED : HP_PAINT_YELLOW, fails ? "FAIL" : "UNKNOWN",
		      hp_format(s->arena, "%s: %s (%s), %s%s", c->id, c->title, hp_severity_word(c->severity),
				hp_hosts_text(s->arena, hosts->count),
				c->regressing == c->failing.count && fails ? ", after the next boot" : ""));
	put_hosts(s, hosts);
	if (!fails)
		hp_paint_text(&s->p, c->text);
	if (c->remedy)
		hp_paint_text(&s->p, hp_format(s->arena, "%s%s", c->remedies_differ ? "The first: " : "", c->remedy));
	if (fails && c->fixable.count > 0) {
		hp_paint_command(&s->p, hp_format(s->arena, "hostprep-fleet fix %s --only %s%s%s",
						  hosts_option(s, &c->fixable), c->id,
						  strncmp(c->id, "bios-", 5) == 0 ? " --bios" : "",
						  s->t->policy ? " --policy POLICY" : ""));
		if (c->fixable.count < hosts->count)
			hp_paint_text(&s->p, hp_format(s->arena,
						       "On the other %s it cannot be set by hostprep: see what "
						       "the host's own report says.",
						       hp_hosts_text(s->arena, hosts->count - c->fixable.count)));
		if (c->fixable.count > NAMES_TYPED && !s->verbose)
			hp_paint_text(&s->p, "--verbose prints all names, for FILE.");
	} else if (c->command) {
		hp_paint_command(&s->p, c->command);
	}
	if (fails && c->unknown.count > 0)
		hp_paint_text(&s->p,
			      hp_format(s->arena, "And unknown on %s: %s%s", hp_hosts_text(s->arena, c->unknown.count),
					s->t->hosts.texts[c->unknown.items[0]], c->unknown.count > 1 ? " ..." : ""));
}

static void put_lost(const struct printer *s)
{
	for (size_t i = HP_ROW_OK + 1; i < HP_ROW_STATES; i++) {
		const struct hp_host_list *list = &s->t->lost[i];
		if (list->count == 0)
			continue;
		hp_out_puts(s->p.out, "\n");
		hp_paint_head(&s->p, HP_PAINT_YELLOW, "NOT SCANNED",
			      hp_format(s->arena, "%s: %s", hp_row_state_word((enum hp_row_state)i),
					hp_hosts_text(s->arena, list->count)));
		put_hosts(s, list);
		if (s->t->reasons[i])
			hp_paint_text(&s->p, hp_format(s->arena, "%s%s.", list->count > 1 ? "The first: " : "",
						       s->t->reasons[i]));
		bool scan = s->fleet->command && strcmp(s->fleet->command, "merge") != 0;
		hp_paint_text(&s->p, scan && s->t->never_asked[i] == list->count
					 ? "Nobody has asked them: go on with --resume, once what stopped it is mended."
					 : hp_row_state_hint(s->fleet, (enum hp_row_state)i));
	}
	if (s->t->no_verdict.count > 0) {
		hp_out_puts(s->p.out, "\n");
		hp_paint_head(&s->p, HP_PAINT_YELLOW, "NO VERDICT",
			      hp_format(s->arena, ": %s", hp_hosts_text(s->arena, s->t->no_verdict.count)));
		put_hosts(s, &s->t->no_verdict);
		if (s->t->no_verdict_text)
			hp_paint_text(&s->p,
				      hp_format(s->arena, "%s%s", s->t->no_verdict.count > 1 ? "The first: " : "",
						s->t->no_verdict_text));
	}
}

static void put_notes(const struct printer *s)
{
	uint32_t count = s->t->notes.count, shown = s->verbose || count < NOTES_SHOWN ? count : NOTES_SHOWN;
	for (uint32_t i = 0; i < shown; i++) {
		hp_out_puts(s->p.out, "\n");
		hp_paint_head(&s->p, HP_PAINT_BOLD, "NOTE",
			      hp_format(s->arena, ": %s", hp_hosts_text(s->arena, s->t->noted[i].count)));
		put_hosts(s, &s->t->noted[i]);
		hp_paint_text(&s->p, s->t->notes.texts[i]);
	}
	if (shown < count)
		hp_paint_text(&s->p, hp_format(s->arena, "and %u more notes; --verbose shows all", count - shown));
}

/* What the commands above leave open. */
static void put_options(const struct printer *s)
{
	bool fixable = false;
	for (const struct hp_check_total *const *c = hp_totals_order(s->t); *c; c++)
		fixable = fixable || (*c)->fixable.count > 0;
	if (!fixable || !s->t->policy)
		return;
	hp_out_puts(s->p.out, "\n");
	hp_paint_text(&s->p, hp_format(s->arena, "POLICY is the file of the policy that judged these hosts, \"%s\".",
				       s->t->policy));
}

static void put_reboots(const struct printer *s)
{
	static const char *const how[HP_REBOOTS] = {"", "Quick Boot will do", "through firmware: Quick Boot off",
						    "power cycle"};
	for (size_t i = HP_REBOOT_ANY; i < HP_REBOOTS; i++) {
		const struct hp_host_list *list = &s->t->reboot[i];
		if (list->count == 0)
			continue;
		hp_out_puts(s->p.out, "\n");
		hp_paint_head(&s->p, HP_PAINT_YELLOW, "REBOOT",
			      hp_format(s->arena, "%s (%s): %s", hp_reboot_word((enum hp_reboot)i), how[i],
					hp_hosts_text(s->arena, list->count)));
		put_hosts(s, list);
	}
	if (s->t->reboot_later.count > 0) {
		hp_out_puts(s->p.out, "\n");
		hp_paint_head(&s->p, HP_PAINT_YELLOW, "NO REBOOT YET",
			      hp_format(s->arena, ": %s", hp_hosts_text(s->arena, s->t->reboot_later.count)));
		put_hosts(s, &s->t->reboot_later);
		hp_paint_text(&s->p, "The next boot loses what is right on them now: fix first, see above.");
	}
}

static void put_changes(const struct printer *s)
{
	struct hp_buf b = hp_buf(s->arena);
	size_t total = 0;
	for (size_t i = 0; i < HP_RESULTS; i++) {
		if (s->t->changes[i])
			hp_putf(&b, "%s%zu %s", total ? ", " : "", s->t->changes[i], hp_result_word((enum hp_result)i));
		total += s->t->changes[i];
	}
	if (total == 0)
		return;
	hp_out_puts(s->p.out, "\n");
	hp_paint_head(&s->p, HP_PAINT_BOLD, "CHANGES", hp_format(s->arena, ": %s", hp_built_text(&b)));
	if (s->t->changed.count > 0) {
		hp_paint_text(&s->p, hp_format(s->arena, "Changed: %s", hp_hosts_text(s->arena, s->t->changed.count)));
		put_hosts(s, &s->t->changed);
	}
	if (s->t->not_changed.count > 0) {
		hp_paint_text(&s->p, hp_format(s->arena, "A change did not take: %s",
					       hp_hosts_text(s->arena, s->t->not_changed.count)));
		put_hosts(s, &s->t->not_changed);
	}
}

static const char *member(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));
	return text ? text : "-";
}

/* Items of one list, by check: "hca-ats on 3 hosts" */
static void put_items(const struct printer *s, const json_t *list, const char *label, enum hp_paint color)
{
	struct hp_index checks = hp_index(s->arena), pairs = hp_index(s->arena);
	size_t *hosts = hp_alloc_array(s->arena, json_array_size(list) + 1, sizeof *hosts);
	const char **names = hp_alloc_array(s->arena, json_array_size(list) + 1, sizeof *names);
	if (json_array_size(list) == 0)
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		uint32_t at = hp_index_add(&checks, hp_str(member(item, "check"))), before = pairs.count;
		(void)hp_index_add(&pairs,
				   hp_str(hp_format(s->arena, "%s %s", member(item, "check"), member(item, "host"))));
		if (pairs.count > before && hosts[at]++ < 3)
			names[at] = names[at] ? hp_format(s->arena, "%s %s", names[at], member(item, "host"))
					      : member(item, "host");
	}
	hp_paint_head(&s->p, color, label, "");
	for (uint32_t i = 0; i < checks.count; i++)
		hp_paint_text(&s->p,
			      hp_format(s->arena, "%s on %s: %s%s", checks.texts[i], hp_hosts_text(s->arena, hosts[i]),
					names[i], hosts[i] > 3 ? " ..." : ""));
}

static void put_host_list(const struct printer *s, const json_t *list, const char *label)
{
	const char **names = hp_alloc_array(s->arena, json_array_size(list) + 1, sizeof *names);
	for (size_t i = 0; i < json_array_size(list); i++)
		names[i] =
		    json_string_value(json_array_get(list, i)) ? json_string_value(json_array_get(list, i)) : "-";
	if (json_array_size(list) == 0)
		return;
	hp_paint_head(&s->p, HP_PAINT_PLAIN, label,
		      hp_format(s->arena, "(%s)", hp_hosts_text(s->arena, json_array_size(list))));
	hp_paint_names(&s->p, names, json_array_size(list), s->verbose ? 0 : NAMES_SHOWN);
}

static void put_policy(const struct printer *s, const json_t *policy)
{
	const json_t *changes = json_object_get(policy, "changes");
	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *c = json_array_get(changes, i);
		hp_paint_head(&s->p, HP_PAINT_PLAIN, "Policy changed",
			      hp_format(s->arena, "from %.12s to %.12s on %s", member(c, "from"), member(c, "to"),
					hp_hosts_text(s->arena, json_array_size(json_object_get(c, "hosts")))));
	}
	put_items(s, json_object_get(policy, "findings"), "Changed by the policy, not by the host", HP_PAINT_PLAIN);
}

/* What failed and is not looked at any more is neither fixed nor a change. */
static void put_others(const struct printer *s, const json_t *list)
{
	json_t *unseen = json_array(), *rest = json_array(), *item;
	size_t i;
	json_array_foreach (list, i, item) {
		const char *to = json_string_value(json_object_get(item, "to"));
		(void)json_array_append(!to || strcmp(to, hp_state_word(HP_SKIPPED)) == 0 ? unseen : rest, item);
	}
	put_items(s, unseen, "No longer judged", HP_PAINT_YELLOW);
	put_items(s, rest, "Changed otherwise", HP_PAINT_PLAIN);
}

static void put_drift(const struct printer *s, const json_t *drift)
{
	const json_t *hosts = json_object_get(drift, "hosts");
	const char *finished = json_string_value(json_object_get(json_object_get(drift, "baseline"), "finished"));
	hp_paint_head(&s->p, HP_PAINT_BOLD, "SINCE",
		      hp_format(s->arena, "%s: %zu newly failing, %zu fixed, %zu still failing",
				finished ? finished : "the baseline",
				json_array_size(json_object_get(drift, "newly_failing")),
				json_array_size(json_object_get(drift, "fixed")),
				json_array_size(json_object_get(drift, "still_failing"))));
	put_items(s, json_object_get(drift, "newly_failing"), "Newly failing", HP_PAINT_RED);
	put_items(s, json_object_get(drift, "newly_unknown"), "Newly unknown", HP_PAINT_YELLOW);
	put_items(s, json_object_get(drift, "fixed"), "Fixed", HP_PAINT_GREEN);
	put_others(s, json_object_get(drift, "other"));
	if (s->verbose)
		put_items(s, json_object_get(drift, "still_failing"), "Still failing", HP_PAINT_PLAIN);
	put_host_list(s, json_object_get(hosts, "added"), "Hosts added");
	put_host_list(s, json_object_get(hosts, "gone"), "Hosts gone");
	put_host_list(s, json_object_get(hosts, "not_scanned"), "Not scanned this time");
	put_host_list(s, json_object_get(hosts, "back"), "Scanned again");
	const json_t *renamed = json_object_get(hosts, "renamed");
	for (size_t i = 0; i < json_array_size(renamed); i++)
		hp_paint_head(&s->p, HP_PAINT_PLAIN, "Renamed",
			      hp_format(s->arena, "%s to %s", member(json_array_get(renamed, i), "from"),
					member(json_array_get(renamed, i), "to")));
	put_policy(s, json_object_get(drift, "policy"));
}

void hp_summary_put_drift(struct hp_arena *a, struct hp_str drift, const struct hp_summary_style *style,
			  struct hp_out *out)
{
	struct printer s = {.p = {a, out, style->color}, .arena = a, .verbose = style->verbose};
	const json_t *read = hp_json_parse(a, drift, NULL);
	if (read)
		put_drift(&s, read);
}

static void put_odd(const struct printer *s)
{
	const json_t *odd = s->fleet->odd.n ? hp_json_parse(s->arena, s->fleet->odd, NULL) : NULL;
	size_t count = json_array_size(odd), shown = s->verbose || count < ODD_SHOWN ? count : ODD_SHOWN;
	if (count == 0)
		return;
	hp_out_puts(s->p.out, "\n");
	hp_paint_head(&s->p, HP_PAINT_BOLD, "ODD ONES OUT", "");
	for (size_t i = 0; i < shown; i++) {
		const json_t *o = json_array_get(odd, i), *values = json_object_get(o, "odd");
		const char *group = json_string_value(json_object_get(o, "group"));
		for (size_t k = 0; k < json_array_size(values); k++) {
			const json_t *v = json_array_get(values, k), *hosts = json_object_get(v, "hosts");
			const char *first = json_string_value(json_array_get(hosts, 0));
			hp_paint_text(
			    &s->p, hp_format(s->arena, "%s%s%s: %s%s has \"%s\", %lld have \"%s\"", group ? group : "",
					     group ? " " : "", member(o, "check"), first ? first : "-",
					     json_array_size(hosts) > 1
						 ? hp_format(s->arena, " and %zu more", json_array_size(hosts) - 1)
						 : "",
					     member(v, "value"),
					     (long long)json_integer_value(json_object_get(o, "usual_hosts")),
					     member(o, "usual")));
		}
	}
	if (shown < count)
		hp_paint_text(&s->p, hp_format(s->arena, "and %zu more; --verbose shows all", count - shown));
}

static void put_errors(const struct printer *s)
{
	const json_t *errors = s->fleet->errors.n ? hp_json_parse(s->arena, s->fleet->errors, NULL) : NULL;
	size_t count = json_array_size(errors), shown = s->verbose || count < ERRORS_SHOWN ? count : ERRORS_SHOWN;
	if (count == 0)
		return;
	hp_out_puts(s->p.out, "\n");
	hp_paint_head(&s->p, HP_PAINT_BOLD, "ALSO FOUND", "");
	for (size_t i = 0; i < shown; i++)
		hp_paint_text(&s->p, hp_format(s->arena, "%s: %s", member(json_array_get(errors, i), "where"),
					       member(json_array_get(errors, i), "text")));
	if (shown < count)
		hp_paint_text(&s->p, hp_format(s->arena, "and %zu more; --verbose shows all", count - shown));
}

void hp_summary_put(struct hp_arena *a, const struct hp_fleet *fleet, struct hp_totals *t,
		    const struct hp_summary_style *style, struct hp_out *out)
{
	struct printer s = {.p = {a, out, style->color}, .arena = a, .fleet = fleet, .t = t, .verbose = style->verbose};
	put_verdict(&s);
	for (const struct hp_check_total *const *c = hp_totals_order(t); *c; c++)
		put_check(&s, *c);
	put_options(&s);
	put_lost(&s);
	put_notes(&s);
	put_changes(&s);
	put_reboots(&s);
	if (fleet->drift.n) {
		hp_out_puts(out, "\n");
		hp_summary_put_drift(a, fleet->drift, style, out);
	}
	put_odd(&s);
	if (t->unexpected.count > 0) {
		hp_out_puts(out, "\n");
		hp_paint_head(&s.p, HP_PAINT_BOLD, "NOT IN THE LIST",
			      hp_format(a, ": %s", hp_hosts_text(a, t->unexpected.count)));
		put_hosts(&s, &t->unexpected);
	}
	put_errors(&s);
}
