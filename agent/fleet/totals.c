#include "totals.h"

#include <stdlib.h>
#include <string.h>

struct hp_totals hp_totals(struct hp_arena *a)
{
	return (struct hp_totals){.arena = a, .hosts = hp_index(a), .ids = hp_index(a), .notes = hp_index(a)};
}

static void add(struct hp_totals *t, struct hp_host_list *list, uint32_t host)
{
	list->items = hp_room(t->arena, list->items, list->count, sizeof *list->items);
	list->items[list->count++] = host;
}

static bool has_last(const struct hp_host_list *list, uint32_t host)
{
	return list->count > 0 && list->items[list->count - 1] == host;
}

static const char *copy(struct hp_totals *t, const char *text)
{
	return text ? hp_copy(t->arena, hp_str(text)) : NULL;
}

static struct hp_check_total *total_of(struct hp_totals *t, const struct hp_finding *f)
{
	uint32_t before = t->ids.count, at = hp_index_add(&t->ids, hp_str(f->check));
	t->checks = hp_index_room(&t->ids, before, t->checks, sizeof *t->checks);
	struct hp_check_total *c = &t->checks[at];
	if (at == before)
		*c = (struct hp_check_total){
		    .id = t->ids.texts[at], .title = copy(t, f->title), .severity = f->severity};
	if (f->severity < c->severity)
		c->severity = f->severity;
	return c;
}

static void keep_remedy(struct hp_totals *t, struct hp_check_total *c, const struct hp_finding *f)
{
	c->remedy = copy(t, f->remedy.text);
	c->command = copy(t, f->remedy.command);
	c->text = copy(t, f->text);
}

static void add_finding(struct hp_totals *t, uint32_t host, const struct hp_finding *f)
{
	bool failing = f->state == HP_FAIL || f->state == HP_REGRESSING;
	if (hp_finding_weight(f) == HP_INFO || (!failing && f->state != HP_UNKNOWN))
		return;
	struct hp_check_total *c = total_of(t, f);
	if (c->failing.count == 0 && (failing || c->unknown.count == 0))
		keep_remedy(t, c, f);
	if (!failing) {
		if (!has_last(&c->failing, host) && !has_last(&c->unknown, host))
			add(t, &c->unknown, host);
		return;
	}
	if (f->remedy.fixable && !has_last(&c->fixable, host))
		add(t, &c->fixable, host);
	if (c->remedy && (!f->remedy.text || strcmp(c->remedy, f->remedy.text) != 0))
		c->remedies_differ = true;
	if (has_last(&c->unknown, host))
		c->unknown.count--;
	if (!has_last(&c->failing, host)) {
		add(t, &c->failing, host);
		c->regressing += f->state == HP_REGRESSING;
	}
}

static void add_changes(struct hp_totals *t, uint32_t host, const struct hp_report *r)
{
	for (size_t i = 0; i < r->change_count; i++) {
		enum hp_result result = r->changes[i].result;
		bool bad = result == HP_FAILED || result == HP_INEFFECTIVE;
		t->changes[result]++;
		if (bad && !has_last(&t->not_changed, host))
			add(t, &t->not_changed, host);
		else if (!bad && result != HP_PLANNED && !has_last(&t->changed, host))
			add(t, &t->changed, host);
	}
}

/* Something is right now and wrong after the next boot. */
static bool regresses(const struct hp_report *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].state == HP_REGRESSING && hp_finding_weight(&r->findings[i]) != HP_INFO)
			return true;
	return false;
}

static void add_note(struct hp_totals *t, uint32_t host, const char *text)
{
	uint32_t before = t->notes.count, at = hp_index_add(&t->notes, hp_str(text));
	t->noted = hp_index_room(&t->notes, before, t->noted, sizeof *t->noted);
	if (at == before)
		t->noted[at] = (struct hp_host_list){0};
	add(t, &t->noted[at], host);
}

void hp_totals_row(struct hp_totals *t, const struct hp_row *row)
{
	uint32_t host = hp_index_add(&t->hosts, hp_str(row->name));
	const struct hp_report *r = row->report;
	int code = hp_row_exit(row);
	t->rows++;
	t->exits[code <= HP_EXIT_REBOOT ? code : HP_EXIT_UNKNOWN]++;
	if (!row->expected)
		add(t, &t->unexpected, host);
	if (row->state != HP_ROW_OK) {
		if (!t->reasons[row->state])
			t->reasons[row->state] = copy(t, row->reason);
		add(t, &t->lost[row->state], host);
		t->never_asked[row->state] += row->attempts == 0;
		return;
	}
	if (!r)
		return;
	if (hp_row_no_verdict(row)) {
		if (!t->no_verdict_text)
			t->no_verdict_text = copy(t, r->error_count ? r->errors[0].text : row->reason);
		add(t, &t->no_verdict, host);
	} else {
		if (row->reason)
			add_note(t, host, row->reason);
		for (size_t i = 0; i < r->error_count; i++) /* what kept a fix from changing something */
			add_note(t, host, hp_format(t->arena, "%s: %s", r->errors[i].where, r->errors[i].text));
	}
	for (size_t i = 0; i < r->finding_count; i++)
		add_finding(t, host, &r->findings[i]);
	if (r->policy.source && strcmp(r->policy.source, "built-in") != 0 && !t->policy)
		t->policy = copy(t, r->policy.name ? r->policy.name : r->policy.source);
	if (r->reboot.required == HP_NEEDED && regresses(r))
		add(t, &t->reboot_later, host);
	else if (r->reboot.required == HP_NEEDED)
		add(t, &t->reboot[r->reboot.kind], host);
	else if (r->reboot.required == HP_CANNOT_TELL)
		add(t, &t->reboot_unknown, host);
	add_changes(t, host, r);
}

static int by_weight(const void *x, const void *y)
{
	const struct hp_check_total *a = *(const struct hp_check_total *const *)x,
				    *b = *(const struct hp_check_total *const *)y;
	bool a_fails = a->failing.count > 0, b_fails = b->failing.count > 0;
	if (a_fails != b_fails)
		return a_fails ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity < b->severity ? -1 : 1;
	size_t a_hosts = a_fails ? a->failing.count : a->unknown.count,
	       b_hosts = b_fails ? b->failing.count : b->unknown.count;
	if (a_hosts != b_hosts)
		return a_hosts > b_hosts ? -1 : 1;
	return strcmp(a->id, b->id);
}

const struct hp_check_total *const *hp_totals_order(struct hp_totals *t)
{
	const struct hp_check_total **order = hp_alloc_array(t->arena, t->ids.count + 1u, sizeof *order);
	for (uint32_t i = 0; i < t->ids.count; i++)
		order[i] = &t->checks[i];
	if (t->ids.count > 1)
		qsort(order, t->ids.count, sizeof *order, by_weight);
	return order;
}

static void add_row(void *totals, struct hp_arena *scratch, const struct hp_row *row)
{
	(void)scratch;
	hp_totals_row(totals, row);
}

int hp_totals_read(struct hp_arena *a, struct hp_fleet_reader *r, struct hp_totals *ret, struct hp_err *err)
{
	*ret = hp_totals(a);
	return hp_each_row(a, r, add_row, ret, err);
}

const char *hp_row_state_hint(const struct hp_fleet *fleet, enum hp_row_state state)
{
	bool scanned = fleet->engine_name && strcmp(fleet->engine_name, "hostprep-fleet") == 0; /* which can go on */
	switch (state) {
	case HP_ROW_REFUSED:
		return "SSH is off, as it is by default: enable it for the window (TSM-SSH), or scan through vCenter.";
	case HP_ROW_UNREACHABLE:
		return scanned ? "Is the host up, and is this machine allowed in its firewall ruleset sshServer? Go on "
				 "with --resume."
			       : "Give the file with its report, or scan it.";
	case HP_ROW_AUTH:
		return "Put your key into /etc/ssh/keys-root/authorized_keys; in lockdown mode the user must be an "
		       "exception.";
	case HP_ROW_HOSTKEY:
		return "Compare the key at the host's console, then change known_hosts by hand.";
	case HP_ROW_DNS:
		return "Look at the name in your list, and at your resolver.";
	case HP_ROW_TIMEOUT:
		return scanned ? "Scan it again with --resume; look whether esxcli answers on it."
			       : "Scan it again; look whether esxcli answers on it.";
	case HP_ROW_NO_AGENT:
		return "Install the VIB there.";
	case HP_ROW_BAD_OUTPUT:
		return scanned ? "What came is in the scan folder, under reports and stderr."
			       : "Look into the file; scan the host again where it is cut.";
	case HP_ROW_DUPLICATE:
		return "Two names lead to one host: take one of them out of the list.";
	case HP_ROW_OK:
	case HP_ROW_STATES:
		break;
	}
	return "";
}
