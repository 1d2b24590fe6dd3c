#include "page_data.h"

#include <string.h>

#include "index.h"
#include "totals.h"
#include "version.h"

#define SCRATCH ((size_t)64 << 20) /* bytes: what is made of one row */

enum column {
	NAME,
	STATE,
	EXIT,
	GROUP,
	ESX,
	MODEL,
	UUID,
	POLICY,
	TOOL,
	FINISHED,
	REASON,
	STDERR,
	REBOOT,
	RC,
	ATTEMPTS,
	FINDINGS,
	CHANGES,
	CAUSES,
	COLUMNS
};

static const char *const column_names[COLUMNS] = {"name",   "state",  "exit",	  "group",    "esx",	 "model",
						  "uuid",   "policy", "tool",	  "finished", "reason",	 "stderr",
						  "reboot", "rc",     "attempts", "findings", "changes", "causes"};

struct check {
	const char *title;
	enum hp_severity severity;
	bool fixable;
	int64_t command;
};

struct hp_page_data {
	struct hp_arena *arena;
	struct hp_index strings, ids, findings, changes;
	struct check *checks; /* numbered as ids are */
	struct hp_buf columns[COLUMNS];
	struct hp_str *cells;  /* of each row: as many as there were checks by then */
	size_t rows, evidence; /* evidence: bytes of excerpts */
};

struct hp_page_data *hp_page_data(struct hp_arena *a)
{
	struct hp_page_data *d = hp_alloc(a, sizeof *d);
	d->arena = a;
	d->strings = hp_index(a);
	d->ids = hp_index(a);
	d->findings = hp_index(a);
	d->changes = hp_index(a);
	for (size_t i = 0; i < COLUMNS; i++)
		d->columns[i] = hp_buf(a);
	return d;
}

/* Numbers are most of what is put. */
static void put_number(struct hp_buf *b, int64_t n)
{
	char digits[24], *p = digits + sizeof digits;
	uint64_t rest = n < 0 ? (uint64_t)-n : (uint64_t)n;
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		*--p = '-';
	hp_put(b, (struct hp_str){p, (size_t)(digits + sizeof digits - p)});
}

static void comma(struct hp_buf *b)
{
	if (b->n > 0)
		hp_puts(b, ",");
}

static int64_t string(struct hp_page_data *d, const char *text)
{
	return text ? (int64_t)hp_index_add(&d->strings, hp_str(text)) : -1;
}

static void column(struct hp_page_data *d, enum column c, int64_t n)
{
	comma(&d->columns[c]);
	put_number(&d->columns[c], n);
}

static uint32_t check_of(struct hp_page_data *d, const struct hp_finding *f)
{
	uint32_t before = d->ids.count, at = hp_index_add(&d->ids, hp_str(f->check));
	d->checks = hp_index_room(&d->ids, before, d->checks, sizeof *d->checks);
	struct check *c = &d->checks[at];
	if (at == before)
		*c = (struct check){
		    .title = hp_copy(d->arena, hp_str(f->title)), .severity = f->severity, .command = -1};
	c->severity = f->severity < c->severity ? f->severity : c->severity;
	if (f->state == HP_FAIL || f->state == HP_REGRESSING) {
		c->fixable = c->fixable || (f->remedy.fixable && hp_finding_weight(f) != HP_INFO);
		if (c->command < 0)
			c->command = string(d, f->remedy.command);
	}
	return at;
}

static char letter_of(const struct hp_finding *f)
{
	static const char letters[HP_STATES] = {
	    [HP_PASS] = 'p',	[HP_FAIL] = 'f',	   [HP_REGRESSING] = 'r', [HP_PENDING_REBOOT] = 'b',
	    [HP_UNKNOWN] = 'u', [HP_NOT_APPLICABLE] = 'n', [HP_SKIPPED] = 's'};
	char letter = letters[f->state];
	return hp_finding_weight(f) == HP_INFO && strchr("frub", letter) ? 'i' : letter;
}

static size_t rank(char letter)
{
	static const char worst_first[] = "frubipsnx";
	const char *at = strchr(worst_first, letter);
	return at ? (size_t)(at - worst_first) : sizeof worst_first;
}

/* A fleet in which every host has evidence of its own must not make a page that no browser opens. */
static int64_t excerpt(struct hp_page_data *d, struct hp_str text)
{
	uint32_t at = hp_index_find(&d->strings, text);
	if (at != HP_NO_INDEX)
		return at;
	if (d->evidence + text.n > HP_PAGE_EVIDENCE_MAX)
		return -1;
	d->evidence += text.n;
	return hp_index_add(&d->strings, text);
}

/* The finding's number; the same one on many hosts stands there once. */
static uint32_t finding_of(struct hp_page_data *d, struct hp_arena *scratch, uint32_t check, const struct hp_finding *f)
{
	struct hp_buf b = hp_buf(scratch);
	const int64_t numbers[] = {check,
				   string(d, f->subject),
				   f->state,
				   f->severity,
				   string(d, f->now),
				   string(d, f->next),
				   string(d, f->want),
				   string(d, f->text),
				   string(d, f->remedy.text),
				   string(d, f->remedy.command),
				   f->remedy.reboot,
				   f->remedy.fixable};
	hp_puts(&b, "[");
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		put_number(&b, numbers[i]);
		hp_puts(&b, ",");
	}
	hp_puts(&b, "[");
	for (size_t i = 0; i < f->evidence_count; i++) {
		hp_puts(&b, i ? "," : "");
		put_number(&b, string(d, f->evidence[i].source));
		hp_puts(&b, ",");
		put_number(&b, excerpt(d, f->evidence[i].record));
		hp_puts(&b, f->evidence[i].focus.n ? ",1" : ",0");
	}
	hp_puts(&b, "]]");
	return hp_index_add(&d->findings, hp_built(&b));
}

static uint32_t change_of(struct hp_page_data *d, struct hp_arena *scratch, const struct hp_change *c)
{
	struct hp_buf b = hp_buf(scratch);
	const int64_t numbers[] = {string(d, c->check),
				   string(d, c->subject),
				   string(d, c->from),
				   string(d, c->to),
				   string(d, hp_result_word(c->result)),
				   string(d, c->text),
				   string(d, c->command)};
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		hp_puts(&b, i ? "," : "[");
		put_number(&b, numbers[i]);
	}
	hp_puts(&b, "]");
	return hp_index_add(&d->changes, hp_built(&b));
}

static void add_cells(struct hp_page_data *d, const char *letters, size_t n)
{
	d->cells = hp_room(d->arena, d->cells, d->rows, sizeof *d->cells);
	char *copy = hp_alloc(d->arena, n + 1);
	if (n > 0)
		memcpy(copy, letters, n);
	d->cells[d->rows++] = (struct hp_str){copy, n};
}

static void put_findings(struct hp_page_data *d, struct hp_arena *scratch, const struct hp_report *r)
{
	size_t room = d->ids.count + r->finding_count + 1;
	char *letters = hp_alloc(scratch, room);
	struct hp_buf numbers = hp_buf(scratch);
	memset(letters, 'x', room);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		uint32_t check = check_of(d, f);
		char letter = letter_of(f);
		if (rank(letter) < rank(letters[check]))
			letters[check] = letter;
		if (f->state == HP_PASS)
			continue;
		comma(&numbers);
		put_number(&numbers, finding_of(d, scratch, check, f));
	}
	comma(&d->columns[FINDINGS]);
	hp_puts(&d->columns[FINDINGS], "[");
	hp_put(&d->columns[FINDINGS], hp_built(&numbers));
	hp_puts(&d->columns[FINDINGS], "]");
	add_cells(d, letters, d->ids.count);
}

static void put_changes(struct hp_page_data *d, struct hp_arena *scratch, const struct hp_report *r)
{
	struct hp_buf changes = hp_buf(scratch), causes = hp_buf(scratch);
	const char *last = "";
	for (size_t i = 0; i < r->change_count; i++) {
		comma(&changes);
		put_number(&changes, change_of(d, scratch, &r->changes[i]));
	}
	for (size_t i = 0; i < r->reboot.count; i++) {
		if (strcmp(last, r->reboot.reasons[i].check) == 0)
			continue;
		last = r->reboot.reasons[i].check;
		comma(&causes);
		put_number(&causes, string(d, last));
	}
	for (size_t i = CHANGES; i <= CAUSES; i++) {
		comma(&d->columns[i]);
		hp_puts(&d->columns[i], "[");
		hp_put(&d->columns[i], hp_built(i == CHANGES ? &changes : &causes));
		hp_puts(&d->columns[i], "]");
	}
}

static void put_report(struct hp_page_data *d, struct hp_arena *scratch, const struct hp_report *r)
{
	const char *policy = r->policy.name;
	if (policy && r->policy.sha256)
		policy = hp_format(scratch, "%s (%.12s)", policy, r->policy.sha256);
	column(d, ESX,
	       r->host.version
		   ? string(d, hp_format(scratch, "%s build %s", r->host.version, r->host.build ? r->host.build : "?"))
		   : -1);
	column(d, MODEL, string(d, r->host.model));
	column(d, UUID, string(d, r->host.uuid));
	column(d, POLICY, string(d, policy));
	column(d, TOOL, string(d, r->tool.version));
	column(d, FINISHED, string(d, r->finished));
	column(d, REBOOT, r->reboot.required == HP_CANNOT_TELL ? HP_REBOOTS : r->reboot.kind);
	put_findings(d, scratch, r);
	put_changes(d, scratch, r);
}

static void put_nothing(struct hp_page_data *d)
{
	for (size_t i = ESX; i <= FINISHED; i++)
		column(d, (enum column)i, -1);
	column(d, REBOOT, HP_REBOOT_NONE);
	for (size_t i = FINDINGS; i <= CAUSES; i++) {
		comma(&d->columns[i]);
		hp_puts(&d->columns[i], "[]");
	}
	add_cells(d, "", 0);
}

static int64_t groups_of(struct hp_page_data *d, struct hp_arena *scratch, const struct hp_row *row)
{
	struct hp_buf b = hp_buf(scratch);
	for (size_t i = 0; i < row->group_count; i++) {
		hp_puts(&b, i ? "\n" : "");
		hp_puts(&b, row->groups[i]);
	}
	return row->group_count ? (int64_t)hp_index_add(&d->strings, hp_built(&b)) : -1;
}

static void put_json(struct hp_buf *b, const char *text);

void hp_page_row(struct hp_page_data *d, const struct hp_row *row)
{
	struct hp_arena *scratch = hp_scratch_begin(d->arena, SCRATCH);
	const struct hp_report *r = row->state == HP_ROW_OK ? row->report : NULL;
	const char *reason = row->reason;
	if (!reason && r && r->error_count > 0)
		reason = r->errors[0].text;
	comma(&d->columns[NAME]);
	put_json(&d->columns[NAME], row->name);
	column(d, STATE, row->state);
	column(d, EXIT, hp_row_exit(row));
	column(d, GROUP, groups_of(d, scratch, row));
	column(d, REASON, string(d, reason));
	column(d, STDERR, *row->error_text ? string(d, row->error_text) : -1);
	column(d, RC, row->rc);
	column(d, ATTEMPTS, row->attempts);
	if (r)
		put_report(d, scratch, r);
	else
		put_nothing(d);
	hp_scratch_end(scratch);
}

/* Bytes of JSON, so that no HTML parser and no script sees an end in them. */
static void put_safe(struct hp_buf *b, struct hp_str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool line = c == 0xe2 && i + 2 < s.n && (unsigned char)s.p[i + 1] == 0x80 &&
			    ((unsigned char)s.p[i + 2] == 0xa8 || (unsigned char)s.p[i + 2] == 0xa9);
		if (c != '<' && c != '>' && c != '&' && !line)
			continue;
		hp_put(b, hp_str_sub(s, from, i));
		if (line)
			hp_puts(b, (unsigned char)s.p[i + 2] == 0xa8 ? "\\u2028" : "\\u2029");
		else
			hp_putf(b, "\\u%04x", c);
		i += line ? 2 : 0;
		from = i + 1;
	}
	hp_put(b, hp_str_sub(s, from, s.n));
}

static void put_json(struct hp_buf *b, const char *text)
{
	if (!text) {
		hp_puts(b, "null");
		return;
	}
	hp_puts(b, "\"");
	const char *from = text, *p = text;
	for (; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		put_safe(b, (struct hp_str){from, (size_t)(p - from)});
		if (c == '"' || c == '\\')
			hp_putf(b, "\\%c", c);
		else
			hp_putf(b, "\\u%04x", c);
		from = p + 1;
	}
	put_safe(b, (struct hp_str){from, (size_t)(p - from)});
	hp_puts(b, "\"");
}

static void put_texts(struct hp_buf *b, const char *name, const struct hp_index *texts, bool as_they_are)
{
	hp_putf(b, ",\"%s\":[", name);
	for (uint32_t i = 0; i < texts->count; i++) {
		hp_puts(b, i ? "," : "");
		if (as_they_are)
			hp_puts(b, texts->texts[i]);
		else
			put_json(b, texts->texts[i]);
	}
	hp_puts(b, "]\n");
}

static void put_fleet(struct hp_buf *b, const struct hp_fleet *f)
{
	hp_puts(b, "{\"version\":\"" HP_VERSION "\",\"fleet\":{\"scan_id\":");
	put_json(b, f->scan_id);
	hp_puts(b, ",\"command\":");
	put_json(b, f->command);
	hp_puts(b, ",\"started\":");
	put_json(b, f->started);
	hp_puts(b, ",\"finished\":");
	put_json(b, f->finished);
	hp_puts(b, ",\"engine\":");
	put_safe(b, f->engine.n ? f->engine : hp_str("{\"name\":\"?\"}"));
	hp_putf(b, ",\"expected\":%zu,\"exit_code\":%d,\"counts\":{", f->expected, f->exit_code);
	for (size_t i = 0; i < HP_ROW_STATES; i++)
		hp_putf(b, "%s\"%s\":%u", i ? "," : "", hp_row_state_word((enum hp_row_state)i), f->counts[i]);
	hp_puts(b, "}},\"hints\":[");
	for (size_t i = 0; i < HP_ROW_STATES; i++) {
		hp_puts(b, i ? "," : "");
		put_json(b, hp_row_state_hint(f, (enum hp_row_state)i));
	}
	hp_puts(b, "]\n");
}

static void put_checks(const struct hp_page_data *d, struct hp_buf *b)
{
	hp_puts(b, ",\"checks\":[");
	for (uint32_t i = 0; i < d->ids.count; i++) {
		hp_puts(b, i ? ",[" : "[");
		put_json(b, d->ids.texts[i]);
		hp_puts(b, ",");
		put_json(b, d->checks[i].title);
		hp_putf(b, ",%d,%d,", (int)d->checks[i].severity, d->checks[i].fixable);
		put_number(b, d->checks[i].command);
		hp_puts(b, "]");
	}
	hp_puts(b, "],\"cells\":\"");
	for (size_t i = 0; i < d->rows; i++) {
		hp_put(b, d->cells[i]);
		for (size_t k = d->cells[i].n; k < d->ids.count; k++)
			hp_puts(b, "x");
	}
	hp_puts(b, "\"\n");
}

void hp_page_data_put(struct hp_page_data *d, const struct hp_fleet *fleet, struct hp_out *out)
{
	struct hp_buf b = hp_buf(d->arena);
	put_fleet(&b, fleet);
	put_checks(d, &b);
	hp_out_put(out, hp_built(&b));
	hp_out_puts(out, ",\"hosts\":{");
	for (size_t i = 0; i < COLUMNS; i++) {
		hp_out_putf(out, "%s\"%s\":[", i ? "]\n," : "", column_names[i]);
		hp_out_put(out, hp_built(&d->columns[i]));
	}
	b = hp_buf(d->arena);
	hp_puts(&b, "]}\n");
	put_texts(&b, "findings", &d->findings, true);
	put_texts(&b, "changes", &d->changes, true);
	put_texts(&b, "strings", &d->strings, false);
	hp_puts(&b, ",\"drift\":");
	put_safe(&b, fleet->drift.n ? fleet->drift : hp_str("null"));
	hp_puts(&b, ",\"odd\":");
	put_safe(&b, fleet->odd.n ? fleet->odd : hp_str("[]"));
	hp_puts(&b, ",\"errors\":");
	put_safe(&b, fleet->errors.n ? fleet->errors : hp_str("[]"));
	hp_puts(&b, "}");
	hp_out_put(out, hp_built(&b));
}
