#include "fleet_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../io/file.h"
#include "extent.h"
#include "host_names.h"
#include "index.h"
#include "json_pull.h"
#include "report_read.h"
#include "window.h"

#define HEAD_MAX ((size_t)256 << 20) /* bytes of one member beside the rows: drift grows with the fleet */
#define SCRATCH ((size_t)512 << 20)  /* bytes: a report of 16 MiB, read */
#define ROW_MAX (HP_REPORT_MAX + ((size_t)1 << 20))

struct hp_fleet_reader {
	const char *path;
	struct hp_window *w;
	size_t rows, next;  /* how many there are; which one comes */
	size_t first_at;    /* where the first one begins: bytes of the unpacked file */
	bool at_row;	    /* the window is in the array */
	int claimed, worst; /* exit codes: the head's, and that of the rows so far */
	size_t taken;	    /* of the row that was given last: it goes when the next one is asked for */
	/* What the head says, and the rows so far. */
	unsigned counts[HP_ROW_STATES], counted[HP_ROW_STATES];
	size_t expected;
	struct hp_arena *arena;
	struct hp_index names; /* of the rows so far */
};

static int fail(const struct hp_fleet_reader *r, const char *why, struct hp_err *err)
{
	const char *trouble = hp_window_trouble(r->w);
	return hp_fail(err, "%s is no whole fleet document: %s (at byte %zu)", r->path, trouble ? trouble : why,
		       hp_window_at(r->w));
}

/* The next byte that is no blank, which stays, and '?' for a NUL; 0: there is none. */
static char look(struct hp_window *w)
{
	for (;;) {
		struct hp_str rest = hp_window_rest(w);
		size_t n = 0;
		while (n < rest.n && (rest.p[n] == ' ' || rest.p[n] == '\n' || rest.p[n] == '\r' || rest.p[n] == '\t'))
			n++;
		hp_window_take(w, n);
		if (n < rest.n)
			return rest.p[n] ? rest.p[n] : '?';
		if (!hp_window_more(w))
			return 0;
	}
}

static bool take(struct hp_window *w, char c)
{
	if (look(w) != c)
		return false;
	hp_window_take(w, 1);
	return true;
}

/* The bytes of the value that comes next; they stay until something is taken or read. */
static bool value(struct hp_window *w, size_t most, struct hp_str *ret)
{
	struct hp_extent e = {0};
	char c = look(w);
	if (!c || c == ',' || c == ':' || c == '}' || c == ']')
		return false;
	while (!hp_extent_find(&e, hp_window_rest(w)))
		if (e.n > most || !hp_window_more(w))
			return false;
	*ret = hp_str_sub(hp_window_rest(w), 0, e.n);
	return e.n > 0 && e.n <= most;
}

static bool count_rows(struct hp_fleet_reader *r)
{
	struct hp_str row;
	if (!take(r->w, '['))
		return false;
	if (take(r->w, ']'))
		return true;
	do {
		if (!value(r->w, ROW_MAX, &row) || row.p[0] != '{')
			return false;
		if (!r->rows++)
			r->first_at = hp_window_at(r->w);
		hp_window_take(r->w, row.n);
	} while (take(r->w, ','));
	return take(r->w, ']');
}

/* ---- what stands around the rows ---- */

struct head {
	const char *schema, *version;
	struct hp_seen seen;
};

static void read_counts(struct hp_pull *j, struct hp_fleet *f)
{
	struct hp_str key;
	enum hp_row_state state;
	int64_t n = 0;
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (!hp_row_state_find(key, &state))
			(void)hp_pull_skip(j);
		else if (hp_pull_number(j, &n))
			f->counts[state] = n > 0 && n <= INT32_MAX ? (unsigned)n : 0;
	}
}

/* Keeps the value as it is, or nothing of a null. */
static void keep(struct hp_pull *j, struct hp_str *ret)
{
	struct hp_str bytes;
	if (hp_pull_null(j) || !hp_pull_value(j, &bytes))
		return;
	*ret = hp_json_compact(j->arena, bytes);
}

static void read_engine(struct hp_pull *j, struct hp_fleet *f)
{
	struct hp_str key;
	struct hp_seen seen = {0};
	keep(j, &f->engine);
	if (j->trouble || !f->engine.n)
		return;
	struct hp_pull e = hp_pull(j->arena, f->engine);
	if (!hp_pull_open(&e, '{'))
		return;
	while (hp_pull_member(&e, &key)) {
		if (hp_pull_is(&e, key, "name", &seen, 0) && hp_pull_kind(&e) == '"')
			(void)hp_pull_text(&e, &f->engine_name);
		else
			(void)hp_pull_skip(&e);
	}
}

static void read_text_or_skip(struct hp_pull *j, struct hp_str key, struct hp_fleet *f, struct head *h)
{
	if (hp_pull_is(j, key, "schema", &h->seen, 0))
		(void)hp_pull_need(j, &h->schema);
	else if (hp_pull_is(j, key, "schema_version", &h->seen, 1))
		(void)hp_pull_need(j, &h->version);
	else if (hp_pull_is(j, key, "scan_id", &h->seen, 2))
		(void)hp_pull_need(j, &f->scan_id);
	else if (hp_pull_is(j, key, "verdict", &h->seen, 3))
		(void)hp_pull_need(j, &f->verdict);
	else if (hp_pull_is(j, key, "command", &h->seen, 8))
		(void)hp_pull_text(j, &f->command);
	else if (hp_pull_is(j, key, "started", &h->seen, 9))
		(void)hp_pull_text(j, &f->started);
	else if (hp_pull_is(j, key, "finished", &h->seen, 10))
		(void)hp_pull_text(j, &f->finished);
	else
		(void)hp_pull_skip(j);
}

static void read_head_member(struct hp_pull *j, struct hp_str key, struct hp_fleet *f, struct head *h)
{
	int64_t n = 0;
	if (hp_pull_is(j, key, "expected", &h->seen, 4)) {
		(void)hp_pull_number(j, &n);
		f->expected = n > 0 ? (size_t)n : 0;
	} else if (hp_pull_is(j, key, "exit_code", &h->seen, 5)) {
		(void)hp_pull_number(j, &n);
		f->exit_code = n >= 0 && n <= 255 ? (int)n : HP_EXIT_NO_VERDICT;
	} else if (hp_pull_is(j, key, "counts", &h->seen, 6)) {
		read_counts(j, f);
	} else if (hp_pull_is(j, key, "engine", &h->seen, 11)) {
		read_engine(j, f);
	} else if (hp_pull_is(j, key, "drift", &h->seen, 12)) {
		keep(j, &f->drift);
	} else if (hp_pull_is(j, key, "odd", &h->seen, 13)) {
		keep(j, &f->odd);
	} else if (hp_pull_is(j, key, "errors", &h->seen, 14)) {
		keep(j, &f->errors);
	} else {
		read_text_or_skip(j, key, f, h);
	}
}

/* One member: its key and value, or the rows. */
static int read_member(struct hp_arena *a, struct hp_fleet_reader *r, struct hp_fleet *f, struct head *h,
		       struct hp_err *err)
{
	struct hp_str bytes, key;
	if (!value(r->w, HEAD_MAX, &bytes) || bytes.p[0] != '"')
		return fail(r, "a member is missing", err);
	struct hp_pull j = hp_pull(a, bytes);
	if (!hp_pull_string(&j, &key))
		return hp_fail(err, "%s is no whole fleet document: a member's name is damaged", r->path);
	const char *name = hp_copy(a, key);
	hp_window_take(r->w, bytes.n);
	if (!take(r->w, ':'))
		return fail(r, "a colon is missing", err);
	if (strcmp(name, "hosts") == 0) {
		if (h->seen.bits >> 7 & 1)
			return fail(r, "the member \"hosts\" stands there twice", err);
		h->seen.bits |= 1ul << 7;
		return count_rows(r) ? 0 : fail(r, "it ends, or is damaged, within its rows", err);
	}
	if (!value(r->w, HEAD_MAX, &bytes))
		return fail(r, "it does not end", err);
	j = hp_pull(a, bytes);
	read_head_member(&j, hp_str(name), f, h);
	(void)hp_pull_end(&j);
	struct hp_err inner;
	if (j.trouble && hp_pull_fail(&j, &inner) < 0)
		return hp_fail(err, "%s: the member \"%.60s\": %s", r->path, name, inner.text);
	hp_window_take(r->w, bytes.n);
	return 0;
}

static int read_head(struct hp_arena *a, struct hp_fleet_reader *r, struct hp_fleet *f, struct head *h,
		     struct hp_err *err)
{
	if (!take(r->w, '{'))
		return fail(r, look(r->w) ? "it does not begin with {" : "it is empty", err);
	if (!take(r->w, '}')) {
		do {
			if (read_member(a, r, f, h, err) < 0)
				return -1;
		} while (take(r->w, ','));
		if (!take(r->w, '}'))
			return fail(r, "it does not end", err);
	}
	return look(r->w) || hp_window_trouble(r->w) ? fail(r, "something comes after it", err) : 0;
}

static int check_head(const struct hp_fleet_reader *r, const struct hp_fleet *f, const struct head *h,
		      struct hp_err *err)
{
	unsigned total = 0;
	if (!h->schema || strcmp(h->schema, HP_FLEET_SCHEMA) != 0)
		return hp_fail(err, "%s is no fleet document: its schema is \"%.60s\", not " HP_FLEET_SCHEMA, r->path,
			       h->schema ? h->schema : "");
	if (!h->version || strncmp(h->version, "1.", 2) != 0)
		return hp_fail(err, "%s: its schema_version is %.40s; this program reads version %u", r->path,
			       h->version ? h->version : "missing", HP_SCHEMA_MAJOR);
	if ((h->seen.bits & 0xff) != 0xff)
		return hp_fail(err, "%s is no whole fleet document: a member that each has is missing", r->path);
	for (size_t i = 0; i < HP_ROW_STATES; i++)
		total += f->counts[i];
	if (total != r->rows)
		return hp_fail(err, "%s contradicts itself: its counts add up to %u, and there are %zu rows", r->path,
			       total, r->rows);
	if (strcmp(f->verdict, hp_fleet_verdict(f->exit_code)) != 0)
		return hp_fail(err, "%s contradicts itself: verdict %.40s with exit code %d", r->path, f->verdict,
			       f->exit_code);
	return 0;
}

/* A pipe is read twice too: by way of a file that has no name. */
static const char *copy_of_input(struct hp_arena *a, struct hp_err *err)
{
	const char *folder = getenv("TMPDIR");
	char *path = hp_alloc(a, 4096), *buffer = hp_alloc(a, 65536);
	(void)snprintf(path, 4096, "%s/hostprep-report.XXXXXX", folder && *folder ? folder : "/tmp");
	int fd = mkstemp(path);
	if (fd < 0) {
		(void)hp_fail(err, "cannot keep standard input in %s: %s", path, strerror(errno));
		return NULL;
	}
	ssize_t got;
	while ((got = read(0, buffer, 65536)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && !hp_fd_write(fd, (struct hp_str){buffer, (size_t)got})) {
			(void)hp_fail(err, "cannot keep standard input in %s: %s", path, strerror(errno));
			got = -1;
			break;
		}
	(void)close(fd);
	if (got == 0)
		return path;
	(void)unlink(path);
	return NULL;
}

int hp_fleet_open(struct hp_arena *a, const char *path, struct hp_fleet *ret, struct hp_fleet_reader **ret_reader,
		  struct hp_err *err)
{
	struct hp_fleet_reader *r = hp_alloc(a, sizeof *r);
	struct hp_fleet f = {0};
	struct head h = {0};
	bool standard = strcmp(path, "-") == 0;
	r->arena = a;
	r->path = standard ? "standard input" : path;
	(void)hp_fail(err, "cannot read %s", r->path);
	if (standard && !(path = copy_of_input(a, err)))
		return -1;
	int opened = hp_window_open(a, path, &r->w, err);
	if (standard)
		(void)unlink(path);
	if (opened < 0 || read_head(a, r, &f, &h, err) < 0 || check_head(r, &f, &h, err) < 0)
		return -1;
	r->claimed = f.exit_code;
	r->expected = f.expected;
	memcpy(r->counts, f.counts, sizeof r->counts);
	hp_fleet_rewind(r);
	*ret = f;
	*ret_reader = r;
	return 0;
}

void hp_fleet_rewind(struct hp_fleet_reader *r)
{
	r->next = 0;
	r->taken = 0;
	r->worst = HP_EXIT_OK;
	memset(r->counted, 0, sizeof r->counted);
	r->names = hp_index(r->arena);
	r->at_row = hp_window_rewind(r->w);
	while (r->at_row && hp_window_at(r->w) < r->first_at) {
		size_t left = r->first_at - hp_window_at(r->w), there = hp_window_rest(r->w).n;
		if (there == 0)
			r->at_row = hp_window_more(r->w);
		else
			hp_window_take(r->w, there < left ? there : left);
	}
}

/* ---- a row ---- */

static void read_groups(struct hp_pull *j, struct hp_row *row)
{
	const char **groups = NULL;
	if (!hp_pull_open(j, '['))
		return;
	while (hp_pull_item(j)) {
		groups = hp_room(j->arena, groups, row->group_count, sizeof *groups);
		if (hp_pull_need(j, &groups[row->group_count]))
			row->group_count++;
	}
	row->groups = groups;
}

static void read_row_state(struct hp_pull *j, struct hp_row *row)
{
	struct hp_str word;
	if (hp_pull_string(j, &word) && !hp_row_state_find(word, &row->state))
		(void)hp_pull_refuse(j, "a row's state is not known");
}

static int64_t number_or(struct hp_pull *j, int64_t none)
{
	int64_t n = none;
	if (!hp_pull_null(j))
		(void)hp_pull_number(j, &n);
	return n;
}

static void read_row_member(struct hp_pull *j, struct hp_str key, struct hp_row *row, struct hp_seen *seen)
{
	if (hp_pull_is(j, key, "name", seen, 0)) {
		(void)hp_pull_need(j, &row->name);
	} else if (hp_pull_is(j, key, "state", seen, 1)) {
		read_row_state(j, row);
	} else if (hp_pull_is(j, key, "report", seen, 2)) {
		if (!hp_pull_null(j))
			(void)hp_pull_value(j, &row->document);
	} else if (hp_pull_is(j, key, "reason", seen, 3)) {
		(void)hp_pull_text(j, &row->reason);
	} else if (hp_pull_is(j, key, "rc", seen, 4)) {
		row->rc = (int)number_or(j, -1);
	} else if (hp_pull_is(j, key, "stderr", seen, 5)) {
		(void)hp_pull_need(j, &row->error_text);
	} else if (hp_pull_is(j, key, "duration_ms", seen, 6)) {
		row->duration_ms = number_or(j, -1);
	} else if (hp_pull_is(j, key, "attempts", seen, 7)) {
		row->attempts = (unsigned)number_or(j, 0);
	} else if (hp_pull_is(j, key, "groups", seen, 8)) {
		read_groups(j, row);
	} else if (hp_pull_is(j, key, "expected", seen, 9)) {
		(void)hp_pull_bool(j, &row->expected);
	} else if (hp_pull_is(j, key, "sha256", seen, 10)) {
		(void)hp_pull_text(j, &row->sha256);
	} else {
		(void)hp_pull_skip(j);
	}
}

int hp_row_read(struct hp_arena *a, struct hp_str bytes, struct hp_row *ret, struct hp_err *err)
{
	struct hp_pull j = hp_pull(a, bytes);
	struct hp_row row = {.rc = -1, .duration_ms = -1, .error_text = "", .expected = true};
	struct hp_seen seen = {0};
	struct hp_str key;
	if (hp_pull_open(&j, '{'))
		while (hp_pull_member(&j, &key))
			read_row_member(&j, key, &row, &seen);
	(void)hp_pull_has(&j, &seen, 2, "a row is not complete");
	if (!hp_pull_end(&j))
		return hp_pull_fail(&j, err);
	struct hp_report *report = hp_alloc(a, sizeof *report);
	if (row.document.n) {
		if (hp_report_read(a, row.document, report, err) < 0)
			return -1;
		row.report = report;
	}
	if ((row.state == HP_ROW_OK || row.state == HP_ROW_DUPLICATE) && !row.report)
		return hp_fail(err, "its state is %s, and it has no report", hp_row_state_word(row.state));
	*ret = row;
	return 0;
}

/* After the last row: the head claims what the rows give. */
static int conclude(const struct hp_fleet_reader *r, struct hp_err *err)
{
	int worst = r->rows ? r->worst : HP_EXIT_UNKNOWN;
	for (size_t i = 0; i < HP_ROW_STATES; i++)
		if (r->counted[i] != r->counts[i])
			return hp_fail(err, "%s contradicts itself: it counts %u %s, and has %u", r->path, r->counts[i],
				       hp_row_state_word((enum hp_row_state)i), r->counted[i]);
	if (r->expected > r->rows)
		return hp_fail(err, "%s contradicts itself: %zu hosts were expected, and there are %zu rows", r->path,
			       r->expected, r->rows);
	if (worst == r->claimed)
		return 0;
	return hp_fail(err, "%s contradicts itself: exit code %d, and rows that make %d", r->path, r->claimed, worst);
}

int hp_fleet_next(struct hp_fleet_reader *r, struct hp_arena *scratch, struct hp_row *ret, struct hp_err *err)
{
	struct hp_str bytes;
	struct hp_err inner;
	if (r->next == r->rows)
		return conclude(r, err);
	hp_window_take(r->w, r->taken);
	r->taken = 0;
	if (!r->at_row || (r->next > 0 && !take(r->w, ',')) || !value(r->w, ROW_MAX, &bytes))
		return fail(r, "it has changed while it was read", err);
	r->next++;
	r->taken = bytes.n;
	*ret = (struct hp_row){.name = ""};
	if (hp_row_read(scratch, bytes, ret, &inner) < 0)
		return hp_fail(err, "%s: row %zu: %s", r->path, r->next, inner.text);
	if (!hp_host_name(hp_str(ret->name)))
		return hp_fail(err, "%s: row %zu: its name is none of a host", r->path, r->next);
	(void)hp_index_add(&r->names, hp_str(ret->name));
	if (r->names.count < r->next)
		return hp_fail(err, "%s: row %zu: %s has a row already", r->path, r->next, ret->name);
	r->worst = hp_worse_exit(r->worst, hp_row_exit(ret));
	r->counted[ret->state]++;
	return 1;
}

int hp_each_row(struct hp_arena *a, struct hp_fleet_reader *r,
		void (*each)(void *what, struct hp_arena *scratch, const struct hp_row *row), void *what,
		struct hp_err *err)
{
	struct hp_row row;
	int got;
	hp_fleet_rewind(r);
	do {
		struct hp_arena *scratch = hp_scratch_begin(a, SCRATCH);
		got = hp_fleet_next(r, scratch, &row, err);
		if (got > 0)
			each(what, scratch, &row);
		hp_scratch_end(scratch);
	} while (got > 0);
	return got;
}
