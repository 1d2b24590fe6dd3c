/* The ledger's writing half (ledger.h). */
#include <string.h>

#include "../base/json.h"
#include "../io/clock.h"
#include "../io/file.h"
#include "ledger.h"

static const char *path(struct hp_journal *j, const char *name)
{
	return hp_format(j->arena, "%s/%s", j->folder, name);
}

const char *hp_run_id(struct hp_arena *a, int64_t wall_ms)
{
	unsigned char random[16] = {0};
	struct hp_buf b = hp_buf(a);
	struct hp_str when = hp_str(hp_rfc3339(a, wall_ms));
	for (size_t i = 0; i < when.n; i++)
		if (when.p[i] != '-' && when.p[i] != ':')
			hp_put(&b, hp_str_sub(when, i, i + 1));
	(void)hp_random(random);
	hp_putf(&b, "-%02x%02x", random[0], random[1]);
	return hp_built_text(&b);
}

const char *hp_journal_report_name(struct hp_arena *a, const char *run)
{
	return hp_format(a, "%s.report.json", run);
}

static void drop_report(struct hp_journal *j, const struct hp_ledger_run *r)
{
	if (!strchr(r->id, '/'))
		(void)hp_file_remove(path(j, hp_journal_report_name(j->arena, r->id)));
}

static void drop_files(struct hp_journal *j, const struct hp_ledger_run *r)
{
	drop_report(j, r);
	for (size_t i = 0; i < r->step_count; i++)
		if (r->steps[i].backup && !strchr(r->steps[i].backup, '/'))
			(void)hp_file_remove(path(j, r->steps[i].backup));
}

int hp_journal_tidy(struct hp_journal *j, const struct hp_ledger *l)
{
	struct hp_str keep = l->bytes;
	size_t dropped = 0;
	while (l->cut && keep.n && keep.p[keep.n - 1] != '\n')
		keep.n--;
	if (keep.n > HP_LEDGER_BYTES)
		while (dropped + 1 < l->count && l->runs[dropped].ended &&
		       keep.n - l->runs[dropped].from > HP_LEDGER_KEPT)
			dropped++;
	if (dropped)
		keep = hp_str_sub(keep, l->runs[dropped].from, keep.n);
	for (size_t i = 0; i + HP_REPORTS_KEPT < l->count; i++)
		drop_report(j, &l->runs[i]);
	if (keep.n == l->bytes.n)
		return 0;
	int code = hp_file_renew(j->arena, j->folder, HP_LEDGER_FILE, keep);
	for (size_t i = 0; i < dropped && !code; i++)
		drop_files(j, &l->runs[i]);
	return code;
}

/* A run whose journal cannot be written stops before its next write. */
static void put_line(struct hp_journal *j, json_t *o)
{
	if (!j->trouble)
		j->trouble = hp_file_append(path(j, HP_LEDGER_FILE), hp_json_line(j->arena, o));
}

static json_t *event(struct hp_journal *j, const char *word)
{
	hp_json_use(j->arena);
	json_t *o = json_object();
	(void)json_object_set_new(o, "run", json_string(j->run));
	(void)json_object_set_new(o, "event", json_string(word));
	return o;
}

static void put(struct hp_journal *j, json_t *o, const char *key, const char *value)
{
	(void)json_object_set_new(
	    o, key, value ? json_string(hp_clean_text(j->arena, hp_str(value), 4096, NULL)) : json_null());
}

static json_t *event_of_step(struct hp_journal *j, const char *word, const struct hp_step *s)
{
	json_t *o = event(j, word);
	(void)json_object_set_new(o, "step", json_integer((json_int_t)s->number));
	return o;
}

void hp_journal_begin(struct hp_journal *j, const struct hp_journal_head *head)
{
	json_t *o = event(j, "begin");
	put(j, o, "command", head->command);
	put(j, o, "host", head->host);
	put(j, o, "scan_id", head->scan_id);
	put(j, o, "boot", head->boot);
	(void)json_object_set_new(o, "uptime_us",
				  head->uptime_us ? json_integer((json_int_t)head->uptime_us) : json_null());
	(void)json_object_set_new(o, "wall_ms", json_integer(head->wall_ms));
	put(j, o, "build", head->build);
	put(j, o, "undoes", head->undoes);
	put(j, o, "archive", head->archive);
	put_line(j, o);
}

static json_t *escaped(struct hp_journal *j, const char *line)
{
	struct hp_buf b = hp_buf(j->arena);
	if (!line)
		return json_null();
	for (const char *p = line; *p; p++) {
		unsigned char u = (unsigned char)*p;
		if (u >= 0x20 && u < 0x7f && u != '%')
			hp_put(&b, (struct hp_str){p, 1});
		else
			hp_putf(&b, "%%%02x", u);
	}
	return json_string(hp_built_text(&b));
}

void hp_journal_set(struct hp_journal *j, const struct hp_plan *plan, size_t step, const char *backup)
{
	const struct hp_step *s = &plan->steps[step];
	json_t *o = event_of_step(j, "set", s), *findings = json_array(), *edits = json_array();
	put(j, o, "by", hp_setter_word(s->by));
	put(j, o, "target", s->target);
	put(j, o, "setting", s->setting);
	put(j, o, "now", s->now);
	put(j, o, "from", s->from);
	put(j, o, "to", s->to);
	put(j, o, "reboot", hp_reboot_word(s->reboot));
	for (size_t i = 0; i < plan->change_count; i++) {
		if (plan->step_of[i] != step)
			continue;
		json_t *pair = json_array();
		(void)json_array_append_new(pair, json_string(plan->changes[i].check));
		(void)json_array_append_new(pair, json_string(plan->changes[i].subject));
		(void)json_array_append_new(findings, pair);
	}
	(void)json_object_set_new(o, "for", findings);
	for (size_t i = 0; i < s->edits.count; i++) {
		const struct hp_map_edit *e = &s->edits.items[i];
		json_t *edit = json_object();
		(void)json_object_set_new(edit, "line", json_integer((json_int_t)e->line));
		(void)json_object_set_new(edit, "before", escaped(j, e->before));
		(void)json_object_set_new(edit, "after", escaped(j, e->after));
		(void)json_array_append_new(edits, edit);
	}
	(void)json_object_set_new(o, "edits", edits);
	put(j, o, "backup", backup);
	put_line(j, o);
}

void hp_journal_answer(struct hp_journal *j, const struct hp_step *s)
{
	static const char *const said[] = {
	    [HP_SET_DONE] = "done", [HP_SET_REFUSED] = "refused", [HP_SET_BUSY] = "busy", [HP_SET_UNCLEAR] = "unclear"};
	json_t *o = event_of_step(j, "answer", s);
	put(j, o, "said", said[s->answer.end]);
	put(j, o, "reboot", hp_reboot_word(s->reboot));
	put_line(j, o);
}

void hp_journal_result(struct hp_journal *j, const struct hp_step *s)
{
	json_t *o = event_of_step(j, "result", s);
	put(j, o, "result", hp_result_word(s->result));
	put_line(j, o);
}

void hp_journal_kept(struct hp_journal *j, const struct hp_step *s, const char *why)
{
	json_t *o = event_of_step(j, "kept", s);
	(void)json_object_set_new(o, "kept", json_boolean(!why));
	put(j, o, "why", why);
	put_line(j, o);
}

void hp_journal_offer(struct hp_journal *j, const struct hp_finding *f)
{
	json_t *o = event(j, "offer");
	put(j, o, "check", f->check);
	put(j, o, "subject", f->subject);
	put(j, o, "reboot", hp_reboot_word(f->remedy.reboot));
	put_line(j, o);
}

void hp_journal_end(struct hp_journal *j, bool complete)
{
	json_t *o = event(j, "end");
	(void)json_object_set_new(o, "complete", json_boolean(complete));
	put_line(j, o);
}
