#include "inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../io/file.h"
#include "documents.h"
#include "json_pull.h"

#define DEPTH 16u	/* folders within each other */
#define OTHERS_TOLD 20u /* of one file */
#define SCRATCH ((size_t)512 << 20)

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool cut_suffix(struct hp_str *s, const char *suffix)
{
	if (s->n <= strlen(suffix) || !hp_str_ends(*s, suffix))
		return false;
	s->n -= strlen(suffix);
	return true;
}

/* The host that a file's name speaks of: without what engines put behind it. A name's own dots stay. GNU parallel's
 * results lie in a folder with the host's name, as "stdout". ret_many: the name speaks of a collection. */
static const char *stem_of(struct hp_arena *a, const char *path, bool *ret_many)
{
	static const char *const suffixes[] = {".json", ".out", ".stdout", ".txt", ".log"};
	struct hp_str s = hp_str(base_name(path));
	if (hp_str_eq(s, "stdout") && base_name(path) > path + 1) {
		struct hp_str folder = {path, (size_t)(base_name(path) - path) - 1};
		s = hp_str(base_name(hp_copy(a, folder)));
	}
	(void)cut_suffix(&s, ".gz");
	*ret_many = cut_suffix(&s, ".ndjson") || cut_suffix(&s, ".jsonl") || strcmp(path, "-") == 0;
	for (size_t i = 0; !*ret_many && i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (cut_suffix(&s, suffixes[i]))
			break;
	return hp_copy(a, s);
}

static bool ends_with_one_of(const char *name, const char *const *suffixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hp_str_ends(hp_str(name), suffixes[i]))
			return true;
	return false;
}

static bool begins_as_json(struct hp_arena *a, const char *path)
{
	struct hp_documents *d;
	struct hp_err err;
	if (hp_documents_open(a, path, &d, &err) < 0)
		return true; /* whoever reads it says why it cannot be read */
	bool begins = hp_documents_begin(d);
	hp_documents_close(d);
	return begins;
}

/* Files that lie beside reports and are none. A suffix may be the end of a host's name too (.sh, .zip), so what the
 * file begins with decides there. */
static bool passed_over(struct hp_arena *a, const char *folder, const char *name)
{
	static const char *const other[] = {".html", ".htm", ".csv", ".xml", ".prom",	".md",
					    ".pem",  ".pub", ".key", ".py",  ".sh",	".yaml",
					    ".yml",  ".vib", ".zip", ".err", ".stderr", ".tmp"};
	if (name[0] == '.' || strcmp(base_name(folder), "stderr") == 0 || strcmp(name, "hosts.txt") == 0)
		return true;
	if (strcmp(name, "stderr") == 0 || strcmp(name, "seq") == 0) /* of GNU parallel */
		return hp_file_exists(hp_format(a, "%s/stdout", folder));
	return ends_with_one_of(name, other, sizeof other / sizeof other[0]) &&
	       !begins_as_json(a, hp_format(a, "%s/%s", folder, name));
}

/* Nobody's: the place stands for the name, so that it is seen. */
static const char *name_of_place(struct hp_arena *a, const char *path, size_t line)
{
	const char *base = strcmp(path, "-") == 0 ? "standard-input" : base_name(path);
	char *name = hp_alloc(a, 200);
	for (size_t n = 0; n < 180 && base[n]; n++) {
		char letter[] = {'x', base[n]};
		name[n] = hp_host_name((struct hp_str){letter, 2}) ? base[n] : '_';
	}
	if (name[0] == '-')
		name[0] = '_';
	return hp_format(a, "%s:%zu", name, line);
}

int hp_inputs_add_unread(struct hp_merge *m, const char *path, const char *why, struct hp_err *err)
{
	return hp_merge_add(m, name_of_place(m->arena, path, 1), path, hp_str(""), why, NULL, err);
}

/* What a fleet document has in no row: [{where, text}]. */
static void add_errors(struct hp_merge *m, struct hp_str errors)
{
	struct hp_pull j = hp_pull(m->arena, errors);
	if (!hp_pull_open(&j, '['))
		return;
	while (hp_pull_item(&j)) {
		const char *where = NULL, *text = NULL;
		const struct hp_pull_text_member texts[] = {{"where", &where, true}, {"text", &text, true}};
		if (hp_pull_texts(&j, texts, 2, "an error is not complete"))
			hp_merge_tell(m, where, text);
	}
}

/* The rows of a fleet document. Their reports are judged again. */
static int add_fleet(struct hp_merge *m, const char *path, struct hp_err *err)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct hp_row row;
	struct hp_err why;
	size_t rows = 0;
	int got;
	if (hp_fleet_open(m->arena, path, &fleet, &reader, &why) < 0)
		return hp_inputs_add_unread(m, path, why.text, err);
	do {
		struct hp_arena *scratch = hp_scratch_begin(m->arena, SCRATCH);
		got = hp_fleet_next(reader, scratch, &row, &why);
		int added = 0;
		if (got > 0) {
			rows++;
			struct hp_transport t = {.state = row.state,
						 .reason = row.state == HP_ROW_DUPLICATE ? NULL : row.reason,
						 .error_text = row.error_text,
						 .rc = row.rc,
						 .duration_ms = row.duration_ms,
						 .attempts = row.attempts,
						 .groups = row.groups,
						 .group_count = row.group_count};
			const char *where = hp_format(scratch, "%s (%s)", path, row.name);
			if (row.state == HP_ROW_OK || row.state == HP_ROW_DUPLICATE)
				added = hp_merge_add(m, row.name, where, row.document, NULL, &t, err);
			else
				hp_merge_add_lost(m, row.name, where, &t);
		}
		hp_scratch_end(scratch);
		if (added < 0)
			return -1;
	} while (got > 0);
	if (got < 0)
		return hp_inputs_add_unread(m, path, why.text, err);
	if (rows == 0)
		return hp_inputs_add_unread(m, path, "it is a fleet document without hosts", err);
	if (fleet.errors.n)
		add_errors(m, fleet.errors);
	return 0;
}

static const char *own_name(struct hp_arena *a, const char *path, const struct hp_document *document)
{
	const char *name = document->name ? document->name : hp_merge_host_name(a, document->bytes);
	return name ? name : name_of_place(a, path, document->line);
}

static int add_one(struct hp_merge *m, const char *path, const char *name, const struct hp_document *document,
		   const char *bad, struct hp_err *err)
{
	struct hp_arena *scratch = hp_scratch_begin(m->arena, SCRATCH);
	if (!bad && document->cut)
		bad = "it is cut: another document begins in the middle of it";
	const char *where = document->only ? path : hp_format(scratch, "%s line %zu", path, document->line);
	int added =
	    hp_merge_add(m, name ? name : own_name(scratch, path, document), where, document->bytes, bad, NULL, err);
	hp_scratch_end(scratch);
	return added;
}

/* What a file of several pieces turns out to be: one host's, with noise around its report, or a collection. */
struct pieces {
	struct hp_arena *arena;
	struct hp_document held; /* the only report so far; its bytes are a copy */
	struct hp_document noise;
	bool has_held, has_noise, collection;
};

static struct hp_document kept(struct pieces *p, const struct hp_document *document)
{
	struct hp_document copy = *document;
	copy.bytes.p = hp_copy(p->arena, document->bytes);
	copy.bad = document->bad ? hp_copy(p->arena, hp_str(document->bad)) : NULL;
	return copy;
}

/* There are two reports: what was held back goes under names of its own. */
static int begin_collection(struct hp_merge *m, const char *path, struct pieces *p, struct hp_err *err)
{
	p->collection = true;
	if (p->has_noise && add_one(m, path, NULL, &p->noise, p->noise.bad, err) < 0)
		return -1;
	return p->has_held ? add_one(m, path, NULL, &p->held, p->held.bad, err) : 0;
}

static int add_piece(struct hp_merge *m, const char *path, struct pieces *p, const struct hp_document *document,
		     struct hp_err *err)
{
	bool report = !document->bad || document->name;
	if (!p->collection && report && p->has_held && begin_collection(m, path, p, err) < 0)
		return -1;
	if (p->collection)
		return add_one(m, path, NULL, document, document->bad, err);
	if (report) {
		p->held = kept(p, document);
		p->has_held = true;
	} else if (!p->has_noise) {
		p->noise = kept(p, document);
		p->has_noise = true;
	}
	return 0;
}

/* The file has the name of an expected host, so all that is in it is that host's: one report and nothing else, or none.
 */
static int add_of_host(struct hp_merge *m, const char *path, const char *stem, struct hp_documents *d,
		       struct hp_err *err)
{
	struct hp_document document;
	struct hp_arena *scratch = hp_scratch_begin(m->arena, SCRATCH);
	const char *bad = NULL;
	struct hp_str bytes = hp_str("");
	size_t count = 0, others = 0;
	for (; hp_documents_next(d, &document); count++) {
		if (count == 0)
			bytes = (struct hp_str){hp_copy(scratch, document.bytes), document.bytes.n};
		if (count > 0 && ++others <= OTHERS_TOLD)
			hp_merge_tell(m, hp_format(m->arena, "%s line %zu", path, document.line),
				      "something more in a file that has a host's name; it was not taken");
		if (bad)
			continue;
		if (count > 0)
			bad =
			    hp_format(scratch, "there is more in it than one report: see its line %zu", document.line);
		else if (document.bad)
			bad = hp_copy(scratch, hp_str(document.bad));
		else if (document.name && !hp_same_host(document.name, stem))
			bad = hp_format(scratch, "its lines are those of another host, %s", document.name);
	}
	if (others > OTHERS_TOLD)
		hp_merge_tell(m, path, hp_format(m->arena, "and %zu more", others - OTHERS_TOLD));
	int added = hp_merge_add(m, stem, path, bytes, count ? bad : "it is empty", NULL, err);
	hp_scratch_end(scratch);
	return added;
}

/* One host's after all. */
static int end_pieces(struct hp_merge *m, const char *path, const char *stem, const struct pieces *p,
		      struct hp_err *err)
{
	const char *name = hp_host_name(hp_str(stem)) ? stem : NULL;
	if (p->collection || (!p->has_held && !p->has_noise))
		return 0;
	if (!p->has_noise)
		return add_one(m, path, NULL, &p->held, p->held.bad, err);
	if (!p->has_held)
		return add_one(m, path, name, &p->noise, p->noise.bad, err);
	return add_one(
	    m, path, name, &p->held,
	    hp_format(p->arena, "something besides the report is in it, in line %zu: %s", p->noise.line, p->noise.bad),
	    err);
}

static int add_documents(struct hp_merge *m, const char *path, struct hp_documents *d, struct hp_err *err)
{
	struct hp_document document;
	bool many;
	int result = 0;
	const char *stem = stem_of(m->arena, path, &many);
	if (!many && m->expected && hp_host_name(hp_str(stem)) && hp_hosts_like(m->expected, stem))
		return add_of_host(m, path, stem, d, err);
	struct pieces p = {.arena = hp_scratch_begin(m->arena, SCRATCH), .collection = many};
	while (result == 0 && hp_documents_next(d, &document)) {
		if (document.only && !many && hp_host_name(hp_str(stem)))
			result = add_one(m, path, stem, &document, document.bad, err);
		else
			result = add_piece(m, path, &p, &document, err);
	}
	if (result == 0)
		result = end_pieces(m, path, stem, &p, err);
	hp_scratch_end(p.arena);
	return result;
}

static int add_file(struct hp_merge *m, const char *path, bool given, struct hp_err *err)
{
	struct hp_documents *d;
	struct hp_err why;
	if (hp_documents_open(m->arena, path, &d, &why) < 0) {
		if (given)
			return hp_fail(err, "%s", why.text);
		bool many;
		const char *stem = stem_of(m->arena, path, &many);
		return many || !hp_host_name(hp_str(stem))
			   ? hp_inputs_add_unread(m, path, why.text, err)
			   : hp_merge_add(m, stem, path, hp_str(""), why.text, NULL, err);
	}
	if (hp_documents_are(d, HP_FLEET_SCHEMA) && strcmp(path, "-") != 0) {
		hp_documents_close(d);
		return add_fleet(m, path, err);
	}
	int result = add_documents(m, path, d, err);
	hp_documents_close(d);
	return result;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void close_folder(void *what)
{
	DIR **folder = what;
	if (*folder)
		(void)closedir(*folder);
	*folder = NULL;
}

/* The names in a folder, in order; -1 with errno. */
static int list(struct hp_arena *a, const char *path, const char ***ret, size_t *ret_count)
{
	DIR **folder = hp_alloc(a, sizeof *folder);
	const char **names = NULL;
	size_t count = 0;
	hp_defer(a, close_folder, folder);
	*folder = opendir(path);
	if (!*folder)
		return -1;
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(*folder);
		if (!entry && errno) /* what follows is not known: none of it is left out in silence */
			return -1;
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = hp_room(a, names, count, sizeof *names);
		names[count++] = hp_copy(a, hp_str(entry->d_name));
	}
	close_folder(folder);
	if (count > 1)
		qsort(names, count, sizeof *names, by_text);
	*ret = names;
	*ret_count = count;
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	return b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int add_path(struct hp_merge *m, const char *path, const char *output, unsigned depth, struct hp_err *err);

static int add_folder(struct hp_merge *m, const char *path, const char *output, unsigned depth, struct hp_err *err)
{
	const char **names;
	size_t count;
	struct hp_arena *scratch = hp_scratch_begin(m->arena, SCRATCH);
	int result = list(scratch, path, &names, &count);
	if (result < 0) {
		const char *why = strerror(errno);
		hp_scratch_end(scratch);
		if (depth == 0)
			return hp_fail(err, "cannot read %s: %s", path, why);
		return hp_inputs_add_unread(m, path, why, err);
	}
	for (size_t i = 0; result == 0 && i < count; i++) {
		const char *inner = hp_format(scratch, "%s/%s", path, names[i]);
		if (!same_file(inner, output) && !passed_over(scratch, path, names[i]))
			result = add_path(m, inner, output, depth + 1, err);
	}
	hp_scratch_end(scratch);
	return result;
}

static int add_path(struct hp_merge *m, const char *path, const char *output, unsigned depth, struct hp_err *err)
{
	struct stat st;
	if (strcmp(path, "-") == 0)
		return add_file(m, path, true, err);
	if (stat(path, &st) < 0) {
		if (depth == 0)
			return hp_fail(err, "cannot read %s: %s", path, strerror(errno));
		return hp_inputs_add_unread(m, path, strerror(errno), err);
	}
	if (!S_ISDIR(st.st_mode))
		return add_file(m, path, depth == 0, err);
	if (depth == DEPTH)
		return hp_inputs_add_unread(m, path, "folders lie too deeply within each other; it was not looked into",
					    err);
	return hp_scan_folder(m->arena, path) ? hp_scan_folder_add(m, path, err)
					      : add_folder(m, path, output, depth, err);
}

int hp_inputs_add(struct hp_merge *m, const char *path, const char *output, struct hp_err *err)
{
	return add_path(m, path, output, 0, err);
}
