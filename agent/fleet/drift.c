#include "drift.h"

#include <string.h>

#include "drift_lists.h"
#include "index.h"

#define NO_STATE HP_STATES

struct base_finding {
	uint32_t check, subject, want, now, next; /* numbers of texts; HP_NO_INDEX: null */
	unsigned char state, severity;
	bool seen;
};

struct base_host {
	const char *name;
	uint32_t policy, tool; /* numbers of texts */
	size_t first, count;   /* its findings */
	bool has_report, seen;
	bool claimed; /* a host of the newer side has its UUID: nothing else is compared with it */
};

struct hp_drift {
	struct hp_arena *arena;
	struct hp_index texts, names, uuids;
	struct hp_index now;	 /* names of the newer side */
	size_t *by_uuid;	 /* a host for each UUID */
	struct base_host *hosts; /* numbered as names are */
	struct base_finding *findings;
	size_t finding_count;
	struct hp_drift_lists lists;
};

static uint32_t number(struct hp_drift *d, const char *text)
{
	return text ? hp_index_add(&d->texts, hp_str(text)) : HP_NO_INDEX;
}

static const char *text(const struct hp_drift *d, uint32_t n)
{
	return n == HP_NO_INDEX ? NULL : d->texts.texts[n];
}

static void add_uuid(struct hp_drift *d, const char *uuid, size_t host)
{
	char room[HP_UUID_ROOM];
	if (!uuid || !hp_uuid_usable(uuid))
		return;
	uint32_t before = d->uuids.count, at = hp_index_add(&d->uuids, hp_uuid_plain(uuid, room));
	d->by_uuid = hp_index_room(&d->uuids, before, d->by_uuid, sizeof *d->by_uuid);
	if (at == before)
		d->by_uuid[at] = host;
}

static void add_finding(struct hp_drift *d, const struct hp_finding *f)
{
	d->findings = hp_room(d->arena, d->findings, d->finding_count, sizeof *d->findings);
	d->findings[d->finding_count++] = (struct base_finding){.check = number(d, f->check),
								.subject = number(d, f->subject),
								.want = number(d, f->want),
								.now = number(d, f->now),
								.next = number(d, f->next),
								.state = (unsigned char)f->state,
								.severity = (unsigned char)hp_finding_weight(f)};
}

static void add_host(void *drift, struct hp_arena *scratch, const struct hp_row *row)
{
	struct hp_drift *d = drift;
	(void)scratch;
	uint32_t before = d->names.count, at = hp_index_add(&d->names, hp_str(row->name));
	if (at < before)
		return; /* a name has one row */
	d->hosts = hp_index_room(&d->names, before, d->hosts, sizeof *d->hosts);
	struct base_host *h = &d->hosts[at];
	*h = (struct base_host){.name = d->names.texts[at], .policy = HP_NO_INDEX, .tool = HP_NO_INDEX};
	if (row->state != HP_ROW_OK || !row->report)
		return;
	h->has_report = true;
	h->policy = number(d, row->report->policy.sha256);
	h->tool = number(d, row->report->tool.version);
	h->first = d->finding_count;
	h->count = row->report->finding_count;
	add_uuid(d, row->report->host.uuid, at);
	for (size_t i = 0; i < h->count; i++)
		add_finding(d, &row->report->findings[i]);
}

int hp_drift_begin(struct hp_arena *a, const char *baseline, struct hp_drift **ret, struct hp_err *err)
{
	struct hp_drift *d = hp_alloc(a, sizeof *d);
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	*d = (struct hp_drift){
	    .arena = a, .texts = hp_index(a), .names = hp_index(a), .uuids = hp_index(a), .now = hp_index(a)};
	if (hp_fleet_open(a, baseline, &fleet, &reader, err) < 0)
		return -1;
	if (hp_each_row(a, reader, add_host, d, err) < 0)
		return -1;
	hp_drift_lists_begin(&d->lists, a, &fleet);
	*ret = d;
	return 0;
}

static bool failing(unsigned state, unsigned severity)
{
	return (state == HP_FAIL || state == HP_REGRESSING) && severity != HP_INFO;
}

static struct base_host *by_uuid(const struct hp_drift *d, const char *uuid)
{
	char room[HP_UUID_ROOM];
	if (!uuid || !hp_uuid_usable(uuid))
		return NULL;
	uint32_t at = hp_index_find(&d->uuids, hp_uuid_plain(uuid, room));
	return at != HP_NO_INDEX ? &d->hosts[d->by_uuid[at]] : NULL;
}

static struct base_host *by_name(const struct hp_drift *d, const char *name)
{
	uint32_t at = hp_index_find(&d->names, hp_str(name));
	return at != HP_NO_INDEX ? &d->hosts[at] : NULL;
}

void hp_drift_expect(struct hp_drift *d, const char *name, const char *uuid)
{
	struct base_host *h = by_uuid(d, uuid);
	if (h)
		h->claimed = true;
	(void)hp_index_add(&d->now, hp_str(name));
}

static struct base_host *find_host(const struct hp_drift *d, const struct hp_row *row)
{
	struct base_host *h = by_uuid(d, row->state == HP_ROW_OK && row->report ? row->report->host.uuid : NULL);
	if (h && !h->seen)
		return h;
	h = by_name(d, row->name);
	return h && !h->seen && !h->claimed ? h : NULL;
}

/* From where the last one was found, as both sides have the same order. */
static struct base_finding *find(struct hp_drift *d, const struct base_host *h, const struct hp_finding *f, size_t *at)
{
	uint32_t check = hp_index_find(&d->texts, hp_str(f->check)),
		 subject = hp_index_find(&d->texts, hp_str(f->subject));
	if (check == HP_NO_INDEX || subject == HP_NO_INDEX)
		return NULL;
	for (size_t i = 0; i < h->count; i++) {
		struct base_finding *b = &d->findings[h->first + (*at + i) % h->count];
		if (b->check == check && b->subject == subject) {
			*at = (*at + i + 1) % h->count;
			return b;
		}
	}
	return NULL;
}

static bool base_has_check(const struct hp_drift *d, const struct base_host *h, const char *check)
{
	uint32_t id = hp_index_find(&d->texts, hp_str(check));
	for (size_t i = 0; id != HP_NO_INDEX && i < h->count; i++)
		if (d->findings[h->first + i].check == id)
			return true;
	return false;
}

static bool report_has_check(const struct hp_report *r, const char *check)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (strcmp(r->findings[i].check, check) == 0)
			return true;
	return false;
}

static bool same(const struct hp_drift *d, uint32_t n, const char *now)
{
	const char *was = text(d, n);
	return was && now ? strcmp(was, now) == 0 : !was && !now;
}

/* Which list a finding belongs to that both sides have. */
static enum hp_drift_list list_of(const struct hp_drift *d, const struct base_finding *b, const struct hp_finding *f,
				  bool policy_changed)
{
	bool was = failing(b->state, b->severity), is = failing(f->state, hp_finding_weight(f));
	bool as_it_was = same(d, b->now, f->now) && same(d, b->next, f->next);
	bool wants_other =
	    !same(d, b->want, f->want) || b->severity != (unsigned char)hp_finding_weight(f) || policy_changed;
	if (was && is)
		return HP_DRIFT_STILL_FAILING;
	if (b->state == (unsigned char)f->state && was == is)
		return HP_DRIFT_NOTHING;
	if (as_it_was && wants_other && f->state != HP_UNKNOWN && b->state != HP_UNKNOWN)
		return HP_DRIFT_POLICY;
	if (is)
		return HP_DRIFT_NEWLY_FAILING;
	if ((was || b->state == HP_PENDING_REBOOT) && (f->state == HP_PASS || f->state == HP_NOT_APPLICABLE))
		return HP_DRIFT_FIXED;
	return f->state == HP_UNKNOWN ? HP_DRIFT_NEWLY_UNKNOWN : HP_DRIFT_OTHER;
}

/* A finding that only the newer side has: a device that was added, or a check. */
static enum hp_drift_list list_of_new(const struct hp_finding *f, bool of_policy)
{
	bool is = failing(f->state, hp_finding_weight(f));
	if (!is && f->state != HP_UNKNOWN)
		return HP_DRIFT_NOTHING;
	if (of_policy)
		return HP_DRIFT_POLICY;
	return is ? HP_DRIFT_NEWLY_FAILING : HP_DRIFT_NEWLY_UNKNOWN;
}

static void compare(struct hp_drift *d, struct base_host *h, const struct hp_row *row)
{
	const struct hp_report *r = row->report;
	bool policy_changed = !same(d, h->policy, r->policy.sha256), tool_changed = !same(d, h->tool, r->tool.version);
	size_t at = 0;
	if (policy_changed)
		hp_drift_policy(&d->lists, text(d, h->policy), r->policy.sha256, row->name);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		struct base_finding *b = h->count ? find(d, h, f, &at) : NULL;
		struct hp_drift_item item = {.host = row->name,
					     .check = f->check,
					     .subject = f->subject,
					     .from = b ? (int)b->state : NO_STATE,
					     .to = (int)f->state,
					     .severity = f->severity,
					     .was = b ? text(d, b->now) : NULL,
					     .now = f->now,
					     .want = f->want};
		if (b)
			b->seen = true;
		hp_drift_add(&d->lists,
			     b ? list_of(d, b, f, policy_changed)
			       : list_of_new(f, (policy_changed || tool_changed) && !base_has_check(d, h, f->check)),
			     &item);
	}
	for (size_t i = 0; i < h->count; i++) {
		const struct base_finding *b = &d->findings[h->first + i];
		if (b->seen || (!failing(b->state, b->severity) && b->state != HP_UNKNOWN))
			continue;
		struct hp_drift_item item = {.host = row->name,
					     .check = text(d, b->check),
					     .subject = text(d, b->subject),
					     .from = (int)b->state,
					     .to = NO_STATE,
					     .severity = (enum hp_severity)b->severity,
					     .was = text(d, b->now),
					     .want = text(d, b->want)};
		bool of_policy = (policy_changed || tool_changed) && !report_has_check(r, item.check);
		hp_drift_add(&d->lists, of_policy ? HP_DRIFT_POLICY : HP_DRIFT_OTHER, &item);
	}
}

void hp_drift_row(struct hp_drift *d, const struct hp_row *row)
{
	struct base_host *h = find_host(d, row), *namesake = by_name(d, row->name);
	bool has_report = row->state == HP_ROW_OK && row->report;
	if (row->state == HP_ROW_DUPLICATE) { /* the host stands in another row */
		if (namesake && !namesake->claimed)
			namesake->seen = true;
		return;
	}
	if (!h && !has_report && namesake) { /* the host that had this name has answered under another one */
		if (namesake->has_report)
			hp_drift_host(&d->lists, HP_DRIFT_NOT_SCANNED, row->name);
		return;
	}
	if (!h) {
		hp_drift_host(&d->lists, HP_DRIFT_ADDED, row->name);
		return;
	}
	h->seen = true;
	if (strcmp(h->name, row->name) != 0 && hp_index_find(&d->now, hp_str(h->name)) == HP_NO_INDEX)
		hp_drift_renamed(&d->lists, h->name, row->name);
	if (h->has_report && !has_report)
		hp_drift_host(&d->lists, HP_DRIFT_NOT_SCANNED, row->name);
	else if (!h->has_report && has_report)
		hp_drift_host(&d->lists, HP_DRIFT_BACK, row->name);
	else if (has_report)
		compare(d, h, row);
}

static void find_gone(struct hp_drift *d)
{
	for (uint32_t i = 0; i < d->names.count; i++) {
		const struct base_host *h = &d->hosts[i];
		if (!h->seen && (h->has_report || hp_index_find(&d->now, hp_str(h->name)) == HP_NO_INDEX))
			hp_drift_host(&d->lists, HP_DRIFT_GONE, d->hosts[i].name);
		d->hosts[i].seen = true;
	}
}

const struct hp_drift_lists *hp_drift_result(struct hp_drift *d)
{
	find_gone(d);
	return &d->lists;
}

void hp_drift_put_members(struct hp_drift *d, struct hp_out *out)
{
	hp_drift_lists_put(hp_drift_result(d), out);
}

void hp_drift_put(struct hp_drift *d, struct hp_out *out)
{
	hp_out_puts(out, "{");
	hp_drift_put_members(d, out);
	hp_out_puts(out, "}");
}

struct hp_str hp_drift_text(struct hp_drift *d)
{
	struct hp_buf *b = hp_alloc(d->arena, sizeof *b);
	struct hp_err err;
	*b = hp_buf(d->arena);
	struct hp_out *out = hp_out_memory(b);
	hp_drift_put(d, out);
	(void)hp_out_close(out, &err);
	return hp_built(b);
}
