#include "drift_lists.h"

#include <string.h>

static const char *const list_names[HP_DRIFT_LISTS] = {"newly_failing", "fixed", "still_failing",
						       "newly_unknown", "other", "findings"};
static const char *const host_list_names[HP_DRIFT_HOST_LISTS] = {"added", "gone", "not_scanned", "back"};

void hp_drift_lists_begin(struct hp_drift_lists *d, struct hp_arena *a, const struct hp_fleet *baseline)
{
	*d = (struct hp_drift_lists){
	    .arena = a, .scan_id = baseline->scan_id, .started = baseline->started, .finished = baseline->finished};
}

static const char *copy(struct hp_drift_lists *d, const char *text)
{
	return text ? hp_copy(d->arena, hp_str(text)) : NULL;
}

void hp_drift_add(struct hp_drift_lists *d, enum hp_drift_list list, const struct hp_drift_item *item)
{
	if (list == HP_DRIFT_NOTHING)
		return;
	struct hp_drift_item i = *item;
	i.host = copy(d, i.host);
	i.check = copy(d, i.check);
	i.subject = copy(d, i.subject);
	i.was = copy(d, i.was);
	i.now = copy(d, i.now);
	i.want = copy(d, i.want);
	d->lists[list].items = hp_room(d->arena, d->lists[list].items, d->lists[list].count, sizeof i);
	d->lists[list].items[d->lists[list].count++] = i;
}

void hp_drift_host(struct hp_drift_lists *d, enum hp_drift_hosts list, const char *name)
{
	d->hosts[list].names =
	    hp_room(d->arena, d->hosts[list].names, d->hosts[list].count, sizeof *d->hosts[list].names);
	d->hosts[list].names[d->hosts[list].count++] = copy(d, name);
}

void hp_drift_renamed(struct hp_drift_lists *d, const char *from, const char *to)
{
	d->renamed = hp_room(d->arena, d->renamed, d->renamed_count, sizeof *d->renamed);
	d->renamed[d->renamed_count].from = copy(d, from);
	d->renamed[d->renamed_count++].to = copy(d, to);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

void hp_drift_policy(struct hp_drift_lists *d, const char *from, const char *to, const char *host)
{
	size_t at = 0;
	while (at < d->policy_count && !(same(d->policies[at].from, from) && same(d->policies[at].to, to)))
		at++;
	if (at == d->policy_count) {
		d->policies = hp_room(d->arena, d->policies, at, sizeof *d->policies);
		d->policies[d->policy_count++] = (struct hp_drift_policy_change){copy(d, from), copy(d, to), NULL, 0};
	}
	struct hp_drift_policy_change *c = &d->policies[at];
	c->hosts = hp_room(d->arena, c->hosts, c->count, sizeof *c->hosts);
	c->hosts[c->count++] = copy(d, host);
}

static void put_member(struct hp_out *o, const char *name, const char *value)
{
	hp_out_putf(o, "%s:", name);
	hp_out_json(o, value);
}

static void put_names(struct hp_out *o, const char *const *names, size_t count)
{
	hp_out_puts(o, "[");
	for (size_t i = 0; i < count; i++) {
		hp_out_puts(o, i ? "," : "");
		hp_out_json(o, names[i]);
	}
	hp_out_puts(o, "]");
}

static void put_state(struct hp_out *o, const char *name, int state)
{
	put_member(o, name, state == HP_STATES ? NULL : hp_state_word((enum hp_state)state));
}

static void put_list(const struct hp_drift_lists *d, enum hp_drift_list list, struct hp_out *o)
{
	hp_out_putf(o, "\"%s\":[", list_names[list]);
	for (size_t i = 0; i < d->lists[list].count; i++) {
		const struct hp_drift_item *item = &d->lists[list].items[i];
		hp_out_puts(o, i ? "," : "");
		put_member(o, "{\"host\"", item->host);
		put_member(o, ",\"check\"", item->check);
		put_member(o, ",\"subject\"", item->subject);
		put_state(o, ",\"from\"", item->from);
		put_state(o, ",\"to\"", item->to);
		put_member(o, ",\"severity\"", hp_severity_word(item->severity));
		put_member(o, ",\"was\"", item->was);
		put_member(o, ",\"now\"", item->now);
		put_member(o, ",\"want\"", item->want);
		hp_out_puts(o, "}");
	}
	hp_out_puts(o, "]");
}

void hp_drift_lists_put(const struct hp_drift_lists *d, struct hp_out *o)
{
	put_member(o, "\"baseline\":{\"scan_id\"", d->scan_id);
	put_member(o, ",\"started\"", d->started);
	put_member(o, ",\"finished\"", d->finished);
	hp_out_puts(o, "},\"hosts\":{");
	for (size_t i = 0; i < HP_DRIFT_HOST_LISTS; i++) {
		hp_out_putf(o, "\"%s\":", host_list_names[i]);
		put_names(o, d->hosts[i].names, d->hosts[i].count);
		hp_out_puts(o, ",");
	}
	hp_out_puts(o, "\"renamed\":[");
	for (size_t i = 0; i < d->renamed_count; i++) {
		put_member(o, i ? ",{\"from\"" : "{\"from\"", d->renamed[i].from);
		put_member(o, ",\"to\"", d->renamed[i].to);
		hp_out_puts(o, "}");
	}
	hp_out_puts(o, "]},");
	for (size_t i = 0; i < HP_DRIFT_POLICY; i++) {
		put_list(d, (enum hp_drift_list)i, o);
		hp_out_puts(o, ",");
	}
	hp_out_puts(o, "\"policy\":{\"changes\":[");
	for (size_t i = 0; i < d->policy_count; i++) {
		put_member(o, i ? ",{\"from\"" : "{\"from\"", d->policies[i].from);
		put_member(o, ",\"to\"", d->policies[i].to);
		hp_out_puts(o, ",\"hosts\":");
		put_names(o, d->policies[i].hosts, d->policies[i].count);
		hp_out_puts(o, "}");
	}
	hp_out_puts(o, "],");
	put_list(d, HP_DRIFT_POLICY, o);
	hp_out_puts(o, "}");
}
