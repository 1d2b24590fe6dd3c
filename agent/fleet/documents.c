#include "documents.h"

#include <string.h>

#include "extent.h"
#include "host_names.h"
#include "index.h"
#include "window.h"

#define PREFIXED_MAX ((size_t)1 << 30) /* bytes of a file with prefixed lines: it is kept in memory */
#define HEAD ((size_t)4096)	       /* bytes in which a document says what it is */

enum layout { LAYOUT_UNKNOWN, LAYOUT_STREAM, LAYOUT_PREFIXED };

struct hp_documents {
	struct hp_arena *arena; /* its own */
	struct hp_window *w;
	enum layout layout;
	bool array, first;
	size_t line, taken; /* taken: of the document that was given last */
	struct hp_index names;
	struct hp_buf *texts; /* of each name */
	size_t next;
	const char *trouble; /* with the prefixed lines: not all were read; NULL: they were, or it has been said */
};

int hp_documents_open(struct hp_arena *a, const char *path, struct hp_documents **ret, struct hp_err *err)
{
	struct hp_arena *own = hp_scratch_begin(a, SIZE_MAX);
	struct hp_documents *d = hp_alloc(own, sizeof *d);
	d->arena = own;
	d->first = true;
	d->line = 1;
	d->names = hp_index(own);
	if (hp_window_open(own, path, &d->w, err) < 0) {
		hp_scratch_end(own);
		return -1;
	}
	*ret = d;
	return 0;
}

void hp_documents_close(struct hp_documents *d)
{
	hp_scratch_end(d->arena);
}

static void take(struct hp_documents *d, size_t n)
{
	struct hp_str bytes = hp_str_sub(hp_window_rest(d->w), 0, n);
	for (const char *p = bytes.p, *end = bytes.p + bytes.n; p < end && (p = memchr(p, '\n', (size_t)(end - p)));
	     p++)
		d->line++;
	hp_window_take(d->w, n);
}

static bool blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The first byte at or behind `from` that is no blank, and '?' for a NUL; 0: there is none; a blank: there is nothing
 * but blanks for longer than a report may be. Takes nothing; ret_at is where it is. */
static char look_behind(struct hp_documents *d, size_t from, size_t *ret_at)
{
	for (;;) {
		struct hp_str rest = hp_window_rest(d->w);
		while (from < rest.n && blank(rest.p[from]))
			from++;
		*ret_at = from;
		if (from < rest.n)
			return rest.p[from] ? rest.p[from] : '?';
		if (from > HP_REPORT_MAX)
			return ' ';
		if (!hp_window_more(d->w))
			return 0;
	}
}

static bool fill(struct hp_documents *d, size_t n)
{
	while (hp_window_rest(d->w).n < n)
		if (!hp_window_more(d->w))
			return false;
	return true;
}

/* Whether a document that says its schema first begins at p: {"schema". 1 yes, 0 no, -1 too few bytes to tell. */
static int begins_document(struct hp_str s)
{
	static const char member[] = "\"schema\"";
	size_t i = 0;
	if (s.n == 0)
		return -1;
	if (s.p[i++] != '{')
		return 0;
	while (i < s.n && blank(s.p[i]))
		i++;
	if (s.n - i < sizeof member - 1)
		return memcmp(s.p + i, member, s.n - i) == 0 ? -1 : 0;
	return memcmp(s.p + i, member, sizeof member - 1) == 0;
}

bool hp_documents_are(struct hp_documents *d, const char *schema)
{
	size_t at;
	(void)look_behind(d, 0, &at);
	(void)fill(d, at + HEAD);
	struct hp_str rest = hp_str_sub(hp_window_rest(d->w), at, at + HEAD);
	if (begins_document(rest) != 1)
		return false;
	const char *colon = memchr(rest.p, ':', rest.n);
	struct hp_str value = colon ? hp_str_trim(hp_str_sub(rest, (size_t)(colon - rest.p) + 1, rest.n)) : hp_str("");
	return hp_str_starts(value, "\"") && hp_str_starts(hp_str_sub(value, 1, value.n), schema) &&
	       hp_str_starts(hp_str_sub(value, 1 + strlen(schema), value.n), "\"");
}

/* Where, behind its first byte, another document begins within these bytes; 0: nowhere. */
static size_t next_begins(struct hp_str s)
{
	const char *p = s.p, *end = s.p + s.n;
	if (s.n == 0)
		return 0;
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		if (begins_document((struct hp_str){p, (size_t)(end - p)}) == 1)
			return (size_t)(p - s.p);
	}
	return 0;
}

/* "esx01: {" or "esx01<tab>{": the length of the name, or 0. */
static size_t prefix(struct hp_str line, size_t *ret_skip)
{
	size_t n = 0;
	while (n < line.n && line.p[n] != '\t' && !(line.p[n] == ':' && n + 1 < line.n && line.p[n + 1] == ' ') &&
	       !(line.p[n] == ':' && n + 1 == line.n))
		n++;
	if (n == line.n || !hp_host_name(hp_str_sub(line, 0, n)))
		return 0;
	*ret_skip = n + (line.p[n] == '\t' ? 1 : n + 1 == line.n ? 1 : 2);
	return n;
}

static bool is_prefixed(struct hp_documents *d)
{
	size_t skip;
	(void)fill(d, HEAD);
	struct hp_str rest = hp_str_sub(hp_window_rest(d->w), 0, HEAD), line;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) /* what a host that did not answer gave may come first */
		if (prefix(line, &skip) && hp_str_starts(hp_str_trim(hp_str_sub(line, skip, line.n)), "{"))
			return true;
	return false;
}

static void put_prefixed(struct hp_documents *d, struct hp_str line)
{
	size_t skip = 0, n = prefix(line, &skip);
	if (n == 0 && hp_str_trim(line).n == 0)
		return;
	/* A line without a name belongs to nobody: it is kept under a name that no host has. */
	uint32_t before = d->names.count, at = hp_index_add(&d->names, n ? hp_str_sub(line, 0, n) : hp_str("?"));
	d->texts = hp_index_room(&d->names, before, d->texts, sizeof *d->texts);
	if (!d->texts[at].arena)
		d->texts[at] = hp_buf(d->arena);
	hp_put(&d->texts[at], hp_str_sub(line, skip, line.n));
	hp_puts(&d->texts[at], "\n");
}

static void read_prefixed(struct hp_documents *d)
{
	size_t total = 0;
	for (;;) {
		struct hp_str rest = hp_window_rest(d->w);
		const char *newline = memchr(rest.p, '\n', rest.n);
		if (!newline && rest.n <= HP_REPORT_MAX && hp_window_more(d->w))
			continue;
		size_t n = newline ? (size_t)(newline - rest.p) : rest.n;
		total += n;
		if (total > PREFIXED_MAX)
			d->trouble = "it is larger than 1 GiB, with a name in each line: what follows was not read";
		else if (rest.n == 0)
			d->trouble = hp_window_trouble(d->w);
		if (rest.n == 0 || total > PREFIXED_MAX)
			return;
		put_prefixed(d, hp_str_sub(rest, 0, n));
		hp_window_take(d->w, n + (newline != NULL));
	}
}

static bool next_prefixed(struct hp_documents *d, struct hp_document *ret)
{
	if (d->next == d->names.count) {
		*ret = (struct hp_document){.bad = d->trouble, .line = 1};
		d->trouble = NULL;
		return ret->bad != NULL;
	}
	const char *name = d->names.texts[d->next];
	*ret = (struct hp_document){.bytes = hp_built(&d->texts[d->next]), .line = 1};
	if (strcmp(name, "?") == 0)
		ret->bad = "lines without a host's name";
	else
		ret->name = name;
	d->next++;
	return true;
}

static bool give(struct hp_documents *d, size_t from, size_t n, const char *bad, struct hp_document *ret)
{
	size_t at;
	char after = look_behind(d, from + n, &at);
	ret->bytes = hp_str_sub(hp_window_rest(d->w), from, from + n);
	ret->bad = bad ? bad : hp_window_trouble(d->w) && !after ? hp_window_trouble(d->w) : NULL;
	ret->name = NULL;
	ret->cut = false;
	ret->line = d->line;
	for (size_t i = 0; i < from; i++)
		ret->line += hp_window_rest(d->w).p[i] == '\n';
	ret->only = d->first && !d->array && !after;
	d->first = false;
	d->taken = from + n;
	return true;
}

/* What begins with no bracket: as far as the next document, or as the file goes. */
static bool give_garbage(struct hp_documents *d, size_t from, struct hp_document *ret)
{
	size_t n = 0;
	for (;;) {
		struct hp_str rest = hp_window_rest(d->w);
		n = next_begins(hp_str_sub(rest, from, rest.n));
		if (n || rest.n - from > HP_REPORT_MAX || !hp_window_more(d->w))
			break;
	}
	if (!n)
		n = hp_window_rest(d->w).n - from;
	struct hp_str shown = hp_str_sub(hp_window_rest(d->w), from, from + (n < 40 ? n : 40));
	return give(
	    d, from, n,
	    hp_format(d->arena, "it is no JSON: it begins with \"%s\"", hp_clean_text(d->arena, shown, 40, NULL)), ret);
}

/* Where the last line begins, if what begins there cannot be seen yet; else the end. */
static size_t last_line(struct hp_str s)
{
	for (size_t n = s.n; n > 0 && s.n - n < HEAD; n--)
		if (s.p[n - 1] == '\n')
			return n - 1;
	return s.n;
}

static bool next_of_stream(struct hp_documents *d, struct hp_document *ret)
{
	struct hp_extent e = {0};
	size_t from;
	char c = look_behind(d, 0, &from);
	if (d->array && (c == ',' || c == ']')) {
		d->array = c == ',';
		c = look_behind(d, from + 1, &from);
	}
	if (c == 0 && d->array) {
		d->array = false;
		d->first = false;
		return give(d, from, 0, "it is cut: the array of reports does not end", ret);
	}
	if (c == 0 && !d->first)
		return false;
	if (c == 0)
		return give(d, from, 0, hp_window_trouble(d->w) ? NULL : "it is empty", ret);
	if (c != '{' && c != '[')
		return give_garbage(d, from, ret);
	/* To its end, or to where the next one begins within it: then it is cut. A piece at a time, the first ones
	 * small: a file may be nothing but beginnings. */
	size_t next = 0, searched = 0;
	for (size_t room = 1024; !next;) {
		struct hp_str rest = hp_window_rest(d->w);
		bool all = rest.n - from <= room;
		rest = hp_str_sub(rest, from, all ? rest.n : from + room);
		bool whole = hp_extent_find(&e, rest);
		rest = hp_str_sub(rest, 0, e.n);
		size_t at = next_begins(hp_str_sub(rest, searched, rest.n));
		next = at ? searched + at : 0;
		searched = last_line(rest);
		if (whole || e.n > HP_REPORT_MAX || (all && !hp_window_more(d->w)))
			break;
		if (!all) /* else more has been read, and is looked at first */
			room *= 2;
	}
	if (next) {
		(void)give(d, from, next, NULL, ret);
		ret->bytes = hp_str_trim(ret->bytes); /* what is left of it ends there */
		ret->cut = true;
		return true;
	}
	return give(d, from, e.n, e.n > HP_REPORT_MAX ? "it is larger than 16 MiB" : NULL, ret);
}

bool hp_documents_begin(struct hp_documents *d)
{
	size_t at;
	char c = look_behind(d, 0, &at);
	return c == '{' || c == '[' || hp_window_trouble(d->w);
}

bool hp_documents_next(struct hp_documents *d, struct hp_document *ret)
{
	take(d, d->taken);
	d->taken = 0;
	if (d->layout == LAYOUT_UNKNOWN) {
		size_t at;
		char c = look_behind(d, 0, &at);
		d->layout = LAYOUT_STREAM;
		if (c == '[') {
			size_t inner;
			char begins = look_behind(d, at + 1, &inner);
			if (begins == '{' || begins == ']') {
				take(d, at + 1);
				d->array = true;
			}
		} else if (c && c != '{' && is_prefixed(d)) {
			d->layout = LAYOUT_PREFIXED;
			read_prefixed(d);
		}
	}
	return d->layout == LAYOUT_PREFIXED ? next_prefixed(d, ret) : next_of_stream(d, ret);
}
