#include "ledger.h"

#include <string.h>

#include "../base/json.h"
#include "../base/num.h"

#define PREFIX_MIN 4
#define STEPS_MAX 1024

/* ---- bytes of passthru.map as text ---- */

static struct hp_str unescape(struct hp_arena *a, const char *text)
{
	struct hp_buf b = hp_buf(a);
	struct hp_str s = hp_str(text);
	for (size_t i = 0; i < s.n; i++) {
		uint64_t byte;
		if (s.p[i] != '%' || !hp_number(hp_str_sub(s, i + 1, i + 3), 16, 255, &byte)) {
			hp_put(&b, hp_str_sub(s, i, i + 1));
			continue;
		}
		char c = (char)(unsigned char)byte;
		hp_put(&b, (struct hp_str){&c, 1});
		i += 2;
	}
	return hp_built(&b);
}

/* ---- reading ---- */

static const char *text_of(struct hp_arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? hp_format(a, "%s", s) : NULL;
}

static struct hp_ledger_run *run_of(struct hp_arena *a, struct hp_ledger *l, const char *id, size_t at)
{
	for (size_t i = l->count; i-- > 0;)
		if (strcmp(l->runs[i].id, id) == 0)
			return &l->runs[i];
	l->runs = hp_grow(a, l->runs, l->count, l->count + 1, sizeof *l->runs);
	l->runs[l->count] = (struct hp_ledger_run){.id = id, .from = at};
	return &l->runs[l->count++];
}

static void read_begin(struct hp_arena *a, const json_t *o, struct hp_ledger_run *r)
{
	json_int_t uptime = json_integer_value(json_object_get(o, "uptime_us"));
	r->command = text_of(a, o, "command");
	r->host = text_of(a, o, "host");
	r->scan_id = text_of(a, o, "scan_id");
	r->boot = text_of(a, o, "boot");
	r->build = text_of(a, o, "build");
	r->undoes = text_of(a, o, "undoes");
	r->archive = text_of(a, o, "archive");
	r->uptime_us = uptime > 0 ? (uint64_t)uptime : 0;
	r->wall_ms = json_integer_value(json_object_get(o, "wall_ms"));
}

static void read_edits(struct hp_arena *a, const json_t *list, struct hp_map_edits *ret)
{
	size_t n = json_array_size(list);
	ret->items = hp_alloc_array(a, n + 1, sizeof *ret->items);
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		const char *before = text_of(a, o, "before"), *after = text_of(a, o, "after");
		json_int_t line = json_integer_value(json_object_get(o, "line"));
		ret->items[ret->count++] =
		    (struct hp_map_edit){.line = line > 0 && line < 1000000 ? (unsigned)line : 0,
					 .before = before ? hp_copy(a, unescape(a, before)) : NULL,
					 .after = after ? hp_copy(a, unescape(a, after)) : NULL};
	}
}

static struct hp_ledger_step *step_in(struct hp_ledger_run *r, const json_t *o)
{
	json_int_t number = json_integer_value(json_object_get(o, "step"));
	for (size_t i = 0; i < r->step_count; i++)
		if (r->steps[i].number == number)
			return &r->steps[i];
	return NULL;
}

static void read_set(struct hp_arena *a, const json_t *o, struct hp_ledger_run *r)
{
	struct hp_ledger_step s = {.target = text_of(a, o, "target"),
				   .setting = text_of(a, o, "setting"),
				   .now = text_of(a, o, "now"),
				   .from = text_of(a, o, "from"),
				   .to = text_of(a, o, "to"),
				   .backup = text_of(a, o, "backup")};
	const char *by = text_of(a, o, "by"), *reboot = text_of(a, o, "reboot");
	const json_t *findings = json_object_get(o, "for");
	json_int_t number = json_integer_value(json_object_get(o, "step"));
	bool known = by && hp_setter_find(hp_str(by), &s.by);
	if (!known || !s.target || !s.setting || !s.from || !s.to || number < 1 || number > STEPS_MAX || step_in(r, o))
		return;
	s.number = (unsigned)number;
	if (reboot)
		(void)hp_reboot_find(hp_str(reboot), &s.reboot);
	s.findings = hp_alloc_array(a, json_array_size(findings) + 1, sizeof *s.findings);
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *pair = json_array_get(findings, i);
		const char *check = json_string_value(json_array_get(pair, 0));
		const char *subject = json_string_value(json_array_get(pair, 1));
		if (check && subject)
			s.findings[s.finding_count++] =
			    (struct hp_ledger_for){hp_format(a, "%s", check), hp_format(a, "%s", subject)};
	}
	read_edits(a, json_object_get(o, "edits"), &s.edits);
	r->steps = hp_grow(a, r->steps, r->step_count, r->step_count + 1, sizeof *r->steps);
	r->steps[r->step_count++] = s;
}

static void read_offer(struct hp_arena *a, const json_t *o, struct hp_ledger_run *r)
{
	struct hp_ledger_offer offer = {.check = text_of(a, o, "check"), .subject = text_of(a, o, "subject")};
	const char *reboot = text_of(a, o, "reboot");
	if (!offer.check || !offer.subject || !reboot || !hp_reboot_find(hp_str(reboot), &offer.reboot))
		return;
	r->offers = hp_grow(a, r->offers, r->offer_count, r->offer_count + 1, sizeof *r->offers);
	r->offers[r->offer_count++] = offer;
}

static void read_line(struct hp_arena *a, struct hp_ledger *l, struct hp_str line, size_t at)
{
	const json_t *o = hp_json_parse(a, line, NULL);
	const char *id = o ? text_of(a, o, "run") : NULL, *event = o ? text_of(a, o, "event") : NULL;
	if (!id || !event)
		return;
	struct hp_ledger_run *r = run_of(a, l, id, at);
	struct hp_ledger_step *s = step_in(r, o);
	const char *word;
	if (strcmp(event, "begin") == 0) {
		read_begin(a, o, r);
	} else if (strcmp(event, "set") == 0) {
		read_set(a, o, r);
	} else if (strcmp(event, "answer") == 0 && s) {
		word = text_of(a, o, "reboot");
		s->answered = true;
		if (word)
			(void)hp_reboot_find(hp_str(word), &s->reboot);
	} else if (strcmp(event, "result") == 0 && s) {
		word = text_of(a, o, "result");
		s->has_result = word && hp_result_find(hp_str(word), &s->result);
	} else if (strcmp(event, "kept") == 0 && s) {
		word = text_of(a, o, "why");
		s->not_kept = json_is_false(json_object_get(o, "kept")) ? (word ? word : "it was not archived") : NULL;
	} else if (strcmp(event, "offer") == 0) {
		read_offer(a, o, r);
	} else if (strcmp(event, "end") == 0) {
		r->ended = true;
		r->complete = !json_is_false(json_object_get(o, "complete"));
	}
}

void hp_ledger_read(struct hp_arena *a, struct hp_str bytes, struct hp_ledger *ret)
{
	struct hp_ledger l = {.bytes = bytes};
	struct hp_str rest = bytes, line;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		if (!ended)
			l.cut = true;
		else if (hp_str_trim(line).n)
			read_line(a, &l, line, (size_t)(line.p - bytes.p));
	}
	*ret = l;
}

void hp_ledger_of(struct hp_arena *a, const struct hp_facts *facts, struct hp_ledger *ret)
{
	const struct hp_fact *f = hp_fact(facts, HP_HOST, "ledger");
	const char *uuid = hp_fact_text(facts, HP_HOST, "uuid");
	size_t own = 0;
	hp_ledger_read(a, f->now.is == HP_PRESENT ? f->evidence[0].record : hp_str(""), ret);
	for (size_t i = 0; i < ret->count; i++) {
		bool other = uuid && ret->runs[i].host && strcmp(uuid, ret->runs[i].host) != 0;
		ret->foreign = ret->foreign || other;
		if (!other)
			ret->runs[own++] = ret->runs[i];
	}
	ret->count = own;
}

bool hp_ledger_changed(const struct hp_ledger_step *s)
{
	return !s->has_result || (s->result != HP_FAILED && s->result != HP_PLANNED);
}

bool hp_ledger_took(const struct hp_ledger_step *s)
{
	return hp_ledger_changed(s) && (!s->has_result || s->result != HP_INEFFECTIVE);
}

static bool run_changed(const struct hp_ledger_run *r)
{
	for (size_t i = 0; i < r->step_count; i++)
		if (hp_ledger_changed(&r->steps[i]))
			return true;
	return false;
}

const struct hp_ledger_run *hp_ledger_latest(const struct hp_ledger *l)
{
	for (size_t i = l->count; i-- > 0;) {
		const struct hp_ledger_run *r = &l->runs[i];
		if (!run_changed(r))
			continue;
		bool unfinished = r->undoes && !r->complete;
		const struct hp_ledger_run *first = unfinished ? hp_ledger_find(l, r->undoes) : NULL;
		return first ? first : r;
	}
	return NULL;
}

const struct hp_ledger_run *hp_ledger_find(const struct hp_ledger *l, const char *name)
{
	const struct hp_ledger_run *found = NULL;
	for (size_t i = 0; i < l->count; i++) {
		const struct hp_ledger_run *r = &l->runs[i];
		if (strcmp(r->id, name) == 0 || (r->scan_id && strcmp(r->scan_id, name) == 0))
			return r;
		if (strlen(name) < PREFIX_MIN ||
		    !(hp_str_starts(hp_str(r->id), name) || (r->scan_id && hp_str_starts(hp_str(r->scan_id), name))))
			continue;
		if (found)
			return NULL;
		found = r;
	}
	return found;
}

struct hp_step hp_ledger_step(const struct hp_ledger_step *s)
{
	return (struct hp_step){.number = s->number,
				.by = s->by,
				.target = s->target,
				.setting = s->setting,
				.now = s->now,
				.from = s->from,
				.to = s->to,
				.reboot = s->reboot,
				.edits = s->edits};
}
