#include "odd.h"

#include <stdlib.h>
#include <string.h>

#include "index.h"

#define VALUES_MAX 64u		/* of one check on one host: its devices */
#define LEAST_USUAL 3u		/* hosts that agree */
#define VALUE_MAX ((size_t)200) /* bytes */

struct entry {
	uint32_t group, check, value, host; /* group 0: the whole fleet */
};

struct seen {
	uint32_t check, value;
	size_t number;
};

struct place {
	const char *const *groups;
	size_t group_count;
	uint32_t host;
	bool stands;
};

struct hp_odd {
	struct hp_arena *arena;
	struct hp_index groups, checks, values, hosts;
	struct seen *seen; /* of each report */
	size_t seen_count;
	struct place *places; /* of each number */
	size_t place_count;
	struct entry *entries; /* what is seen, in each group */
	size_t count;
	bool grouped; /* some host has a group: the rest of them is no group, and the fleet is none */
};

struct hp_odd *hp_odd_begin(struct hp_arena *a)
{
	struct hp_odd *o = hp_alloc(a, sizeof *o);
	*o = (struct hp_odd){
	    .arena = a, .groups = hp_index(a), .checks = hp_index(a), .values = hp_index(a), .hosts = hp_index(a)};
	(void)hp_index_add(&o->groups, hp_str(""));
	return o;
}

static void add(struct hp_odd *o, uint32_t group, uint32_t check, uint32_t value, uint32_t host)
{
	o->entries = hp_room(o->arena, o->entries, o->count, sizeof *o->entries);
	o->entries[o->count++] = (struct entry){group, check, value, host};
}

static void value_of(struct hp_odd *o, size_t number, const char *check, struct hp_str value)
{
	o->seen = hp_room(o->arena, o->seen, o->seen_count, sizeof *o->seen);
	o->seen[o->seen_count++] = (struct seen){.check = hp_index_add(&o->checks, hp_str(check)),
						 .value = hp_index_add(&o->values, hp_str_sub(value, 0, VALUE_MAX)),
						 .number = number};
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The values in force of the findings from..to, which are of one check: each once, in order. */
static void value_of_check(struct hp_odd *o, size_t number, const struct hp_report *r, size_t from, size_t to)
{
	const struct hp_finding *f = r->findings;
	const char *found[VALUES_MAX];
	char text[VALUE_MAX + 8];
	size_t n = 0, length = 0;
	for (size_t i = from; i < to && n < VALUES_MAX; i++)
		if (f[i].now)
			found[n++] = f[i].now;
	if (n == 0)
		return;
	qsort(found, n, sizeof found[0], by_text);
	for (size_t i = 0; i < n; i++) {
		size_t part = strlen(found[i]);
		if (i > 0 && strcmp(found[i], found[i - 1]) == 0)
			continue;
		if (length + part + 2 > VALUE_MAX)
			break;
		if (length > 0) {
			text[length++] = ',';
			text[length++] = ' ';
		}
		memcpy(text + length, found[i], part);
		length += part;
	}
	value_of(o, number, f[from].check, (struct hp_str){text, length});
}

void hp_odd_report(struct hp_odd *o, size_t number, const struct hp_report *r)
{
	char esx[64];
	if (r->host.version && r->host.build && strlen(r->host.version) + strlen(r->host.build) < sizeof esx - 8) {
		struct hp_arena *scratch = hp_scratch_begin(o->arena, 1 << 20);
		value_of(o, number, "host.esx",
			 hp_str(hp_format(scratch, "%s build %s", r->host.version, r->host.build)));
		hp_scratch_end(scratch);
	}
	if (r->host.model)
		value_of(o, number, "host.model", hp_str(r->host.model));
	if (r->policy.sha256 && r->policy.name)
		value_of(o, number, "policy", hp_str(r->policy.sha256));
	for (size_t from = 0, to; from < r->finding_count; from = to) {
		for (to = from + 1; to < r->finding_count; to++)
			if (strcmp(r->findings[to].check, r->findings[from].check) != 0)
				break;
		value_of_check(o, number, r, from, to);
	}
}

void hp_odd_row(struct hp_odd *o, size_t number, const char *name, const char *const *groups, size_t group_count)
{
	while (o->place_count <= number) {
		o->places = hp_room(o->arena, o->places, o->place_count, sizeof *o->places);
		o->places[o->place_count++] = (struct place){.stands = false};
	}
	o->places[number] = (struct place){groups, group_count, hp_index_add(&o->hosts, hp_str(name)), true};
	o->grouped = o->grouped || group_count > 0;
}

/* Each value in each of its host's groups; where no host has one, in the fleet. */
static void place_values(struct hp_odd *o)
{
	for (size_t i = 0; i < o->seen_count; i++) {
		const struct seen *v = &o->seen[i];
		const struct place *p = v->number < o->place_count ? &o->places[v->number] : NULL;
		if (!p || !p->stands)
			continue;
		for (size_t k = 0; k < p->group_count; k++)
			add(o, hp_index_add(&o->groups, hp_str(p->groups[k])), v->check, v->value, p->host);
		if (!o->grouped)
			add(o, 0, v->check, v->value, p->host);
	}
}

static int order(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int by_value(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int n = order(a->group, b->group);
	n = n ? n : order(a->check, b->check);
	n = n ? n : order(a->value, b->value);
	return n ? n : order(a->host, b->host);
}

static void put_odd_values(const struct hp_odd *o, struct hp_out *out, size_t from, size_t to, uint32_t usual)
{
	const char *between = "";
	for (size_t i = from; i < to;) {
		uint32_t value = o->entries[i].value;
		size_t next = i;
		if (value != usual) {
			hp_out_puts(out, between);
			hp_out_puts(out, "{\"value\":");
			hp_out_json(out, o->values.texts[value]);
			hp_out_puts(out, ",\"hosts\":[");
		}
		for (; next < to && o->entries[next].value == value; next++) {
			if (value == usual)
				continue;
			hp_out_puts(out, next > i ? "," : "");
			hp_out_json(out, o->hosts.texts[o->entries[next].host]);
		}
		if (value != usual) {
			hp_out_puts(out, "]}");
			between = ",";
		}
		i = next;
	}
}

/* One group and check: entries from..to, ordered by value. */
static bool put_one(const struct hp_odd *o, struct hp_out *out, size_t from, size_t to, bool first)
{
	size_t most = 0;
	uint32_t usual = 0;
	for (size_t i = from; i < to;) {
		size_t next = i;
		while (next < to && o->entries[next].value == o->entries[i].value)
			next++;
		if (next - i > most) {
			most = next - i;
			usual = o->entries[i].value;
		}
		i = next;
	}
	if (most < LEAST_USUAL || most == to - from || 3 * most < 2 * (to - from))
		return false;
	uint32_t group = o->entries[from].group;
	hp_out_puts(out, first ? "{\"group\":" : ",{\"group\":");
	hp_out_json(out, group ? o->groups.texts[group] : NULL);
	hp_out_puts(out, ",\"check\":");
	hp_out_json(out, o->checks.texts[o->entries[from].check]);
	hp_out_puts(out, ",\"usual\":");
	hp_out_json(out, o->values.texts[usual]);
	hp_out_putf(out, ",\"usual_hosts\":%zu,\"odd\":[", most);
	put_odd_values(o, out, from, to, usual);
	hp_out_puts(out, "]}");
	return true;
}

void hp_odd_put(struct hp_odd *o, struct hp_out *out)
{
	bool first = true;
	place_values(o);
	if (o->count > 1)
		qsort(o->entries, o->count, sizeof *o->entries, by_value);
	hp_out_puts(out, "[");
	for (size_t from = 0, to; from < o->count; from = to) {
		const struct entry *e = &o->entries[from];
		for (to = from; to < o->count && o->entries[to].group == e->group && o->entries[to].check == e->check;)
			to++;
		if (put_one(o, out, from, to, first))
			first = false;
	}
	hp_out_puts(out, "]");
}
