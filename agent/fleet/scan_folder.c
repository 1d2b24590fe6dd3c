/* The folder that hostprep-fleet makes of a scan. */
#include <string.h>

#include "../base/when.h"
#include "../io/file.h"
#include "documents.h"
#include "inputs.h"
#include "json_pull.h"
#include "window.h"

#define HEAD_MAX ((size_t)1 << 20)  /* bytes of scan.json */
#define LINE_MOST ((size_t)1 << 20) /* bytes of a line of rows.ndjson */
#define SCRATCH ((size_t)512 << 20)

struct line {
	const char *name, *file;
	struct hp_transport transport;
};

bool hp_scan_folder(struct hp_arena *a, const char *path)
{
	return hp_file_exists(hp_format(a, "%s/scan.json", path));
}

static void read_head(struct hp_pull *j, struct hp_merge *m, const char **ret_schema)
{
	struct hp_str key, engine;
	struct hp_seen seen = {0};
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_is(j, key, "schema", &seen, 0))
			(void)hp_pull_need(j, ret_schema);
		else if (hp_pull_is(j, key, "scan_id", &seen, 1))
			(void)hp_pull_need(j, &m->scan_id);
		else if (hp_pull_is(j, key, "command", &seen, 2))
			(void)hp_pull_need(j, &m->command);
		else if (hp_pull_is(j, key, "started", &seen, 3))
			(void)hp_pull_need(j, &m->started);
		else if (hp_pull_is(j, key, "finished", &seen, 4))
			(void)hp_pull_text(j, &m->finished);
		else if (hp_pull_is(j, key, "policy_sha256", &seen, 5))
			(void)hp_pull_text(j, &m->policy_sha256);
		else if (!hp_pull_is(j, key, "engine", &seen, 6))
			(void)hp_pull_skip(j);
		else if (hp_pull_value(j, &engine))
			m->engine = hp_json_compact(m->arena, engine);
	}
	(void)hp_pull_has(j, &seen, 7, "it is not complete");
}

static int head_of(struct hp_merge *m, const char *path, struct hp_err *err)
{
	const char *file = hp_format(m->arena, "%s/scan.json", path), *schema = NULL;
	struct hp_str bytes;
	uint64_t size;
	struct hp_err why;
	int code = hp_file_read(m->arena, file, HEAD_MAX, &bytes, &size);
	if (code)
		return hp_fail(err, "cannot read %s: %s", file, strerror(code));
	struct hp_pull j = hp_pull(m->arena, bytes);
	read_head(&j, m, &schema);
	if (!hp_pull_end(&j)) {
		(void)hp_pull_fail(&j, &why);
		return hp_fail(err, "%s is not what hostprep-fleet writes: %s", file, why.text);
	}
	if (!schema || strcmp(schema, "hostprep.scan") != 0)
		return hp_fail(err, "%s is not what hostprep-fleet writes: its schema is not hostprep.scan", file);
	return 0;
}

int hp_scan_folder_head(struct hp_merge *m, const char *path, struct hp_err *err)
{
	if (head_of(m, path, err) < 0)
		return -1;
	if (!m->finished)
		m->missing = "not tried: the run was interrupted";
	return 0;
}

/* The hosts that the scan was to ask, where nobody has said otherwise. */
static int read_hosts(struct hp_merge *m, const char *path, struct hp_err *err)
{
	bool usage;
	if (m->expected && m->expected != m->scanned)
		return 0;
	if (!m->scanned)
		m->scanned = hp_alloc(m->arena, sizeof *m->scanned);
	m->expected = m->scanned;
	return hp_hosts_read(m->arena, hp_format(m->arena, "%s/hosts.txt", path), m->scanned, &usage, err);
}

static void read_line(struct hp_pull *j, struct line *line)
{
	struct hp_str key, word;
	struct hp_seen seen = {0};
	int64_t n;
	line->transport = (struct hp_transport){.rc = -1, .duration_ms = -1};
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_is(j, key, "name", &seen, 0)) {
			(void)hp_pull_need(j, &line->name);
		} else if (hp_pull_is(j, key, "state", &seen, 1)) {
			if (hp_pull_string(j, &word) && !hp_row_state_find(word, &line->transport.state))
				(void)hp_pull_refuse(j, "a state is not known");
		} else if (hp_pull_is(j, key, "reason", &seen, 2)) {
			(void)hp_pull_text(j, &line->transport.reason);
		} else if (hp_pull_is(j, key, "rc", &seen, 3)) {
			if (!hp_pull_null(j) && hp_pull_number(j, &n))
				line->transport.rc = (int)n;
		} else if (hp_pull_is(j, key, "stderr", &seen, 4)) {
			(void)hp_pull_text(j, &line->transport.error_text);
		} else if (hp_pull_is(j, key, "duration_ms", &seen, 5)) {
			if (!hp_pull_null(j))
				(void)hp_pull_number(j, &line->transport.duration_ms);
		} else if (hp_pull_is(j, key, "attempts", &seen, 6)) {
			if (hp_pull_number(j, &n))
				line->transport.attempts = (unsigned)n;
		} else if (hp_pull_is(j, key, "file", &seen, 7)) {
			(void)hp_pull_text(j, &line->file);
		} else {
			(void)hp_pull_skip(j);
		}
	}
	(void)hp_pull_has(j, &seen, 2, "a row is not complete");
}

/* The report of a host that answered. What is in the file besides is no report. */
static int add_report(struct hp_merge *m, const char *path, const struct line *line, struct hp_err *err)
{
	struct hp_documents *d;
	struct hp_document document;
	struct hp_err why;
	const char *file = line->file ? hp_format(m->arena, "%s/%s", path, line->file) : NULL;
	if (!file)
		return hp_merge_add(m, line->name, path, hp_str(""), "it is empty", &line->transport, err);
	if (hp_documents_open(m->arena, file, &d, &why) < 0)
		return hp_merge_add(m, line->name, file, hp_str(""), why.text, &line->transport, err);
	int result;
	if (!hp_documents_next(d, &document))
		result = hp_merge_add(m, line->name, file, hp_str(""), "it is empty", &line->transport, err);
	else
		result = hp_merge_add(m, line->name, file, document.bytes,
				      document.bad    ? document.bad
				      : document.only ? NULL
						      : "something comes after the report, or before it",
				      &line->transport, err);
	hp_documents_close(d);
	return result;
}

static int add_line(struct hp_merge *m, const char *path, const struct line *line, struct hp_err *err)
{
	if (line->transport.state == HP_ROW_OK)
		return add_report(m, path, line, err);
	hp_merge_add_lost(m, line->name, path, &line->transport);
	return 0;
}

struct lines {
	struct hp_index names;
	struct line *last; /* of each name */
};

static void keep_line(struct lines *lines, const struct line *line)
{
	uint32_t before = lines->names.count, at = hp_index_add(&lines->names, hp_str(line->name));
	lines->last = hp_index_room(&lines->names, before, lines->last, sizeof *lines->last);
	lines->last[at] = *line;
	lines->last[at].name = lines->names.texts[at];
}

/* One line; false: it is damaged. */
static bool take_line(struct hp_merge *m, struct lines *lines, struct hp_str bytes)
{
	struct line line = {0};
	struct hp_pull j = hp_pull(m->arena, bytes);
	read_line(&j, &line);
	if (!hp_pull_end(&j) || !hp_host_name(hp_str(line.name)))
		return false;
	keep_line(lines, &line);
	return true;
}

static void read_lines(struct hp_merge *m, const char *file, struct hp_window *w, struct lines *lines)
{
	for (size_t number = 1;; number++) {
		struct hp_str rest = hp_window_rest(w);
		const char *newline = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
		while (!newline && rest.n < LINE_MOST && hp_window_more(w)) {
			rest = hp_window_rest(w);
			newline = memchr(rest.p, '\n', rest.n);
		}
		if (rest.n == 0)
			return;
		struct hp_str line = hp_str_sub(rest, 0, newline ? (size_t)(newline - rest.p) : rest.n);
		if (!take_line(m, lines, line) && hp_str_trim(line).n > 0)
			hp_merge_tell(m, file,
				      hp_format(m->arena,
						"line %zu is damaged, as of a run that was killed; it is left out",
						number));
		hp_window_take(w, line.n + (newline != NULL));
	}
}

static int add_rows(struct hp_merge *m, const char *path, struct hp_err *err)
{
	struct lines lines = {.names = hp_index(m->arena)};
	struct hp_window *w;
	struct hp_err why;
	const char *file = hp_format(m->arena, "%s/rows.ndjson", path);
	if (read_hosts(m, path, &why) < 0 && hp_inputs_add_unread(m, path, why.text, err) < 0)
		return -1;
	if (hp_window_open(m->arena, file, &w, &why) < 0) {
		hp_merge_tell(m, file, why.text); /* no host was done yet */
		return 0;
	}
	read_lines(m, file, w, &lines);
	hp_window_close(w);
	for (uint32_t i = 0; lines.last && i < lines.names.count; i++)
		if (add_line(m, path, &lines.last[i], err) < 0)
			return -1;
	return 0;
}

int hp_scan_folder_add(struct hp_merge *m, const char *path, struct hp_err *err)
{
	struct hp_merge head = {.arena = m->arena};
	const char *policy = m->policy_sha256;
	bool checks_only = m->checks_only;
	struct hp_err why;
	if (head_of(&head, path, &why) < 0)
		return hp_inputs_add_unread(m, path, why.text, err);
	int64_t asked_s = m->asked_s;
	m->asked_s = 0;
	m->policy_sha256 = head.policy_sha256; /* the reports of this folder are held against its own policy */
	m->checks_only = head.command && strcmp(head.command, "check") == 0;
	if (m->checks_only)
		(void)hp_when_parse(hp_str(head.started), &m->asked_s);
	int result = add_rows(m, path, err);
	m->policy_sha256 = policy;
	m->checks_only = checks_only;
	m->asked_s = asked_s;
	return result;
}
