#include "fuzz.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hp_arena arena;
	static jmp_buf full;
	hp_arena_init(&arena, HP_ARENA_LIMIT, &full);
	/* No input of these sizes may need that much: a parser that does has no bound. */
	if (setjmp(full) == 0)
		fuzz_one(&arena, (struct hp_str){(const char *)data, size});
	else
		MUST(size > ((size_t)32 << 10));
	hp_arena_free(&arena);
	return 0;
}

/* ---- taking inputs apart ---- */

unsigned char fuzz_byte(struct hp_str *input)
{
	if (!input->n)
		return 0;
	unsigned char byte = (unsigned char)input->p[0];
	input->p++;
	input->n--;
	return byte;
}

struct hp_str fuzz_line(struct hp_str *input)
{
	size_t n = 0;
	while (n < input->n && input->p[n] != '\n')
		n++;
	struct hp_str line = {input->p, n};
	n += n < input->n;
	input->p += n;
	input->n -= n;
	return line;
}

struct hp_reply fuzz_reply(struct hp_str input)
{
	struct hp_reply reply = {.end = HP_END_EXIT};
	unsigned char how = fuzz_byte(&input);
	reply.out = input;
	reply.size = input.n;
	switch (how) {
	case '1':
		reply.code = 1;
		break;
	case 's':
		reply.end = HP_END_SIGNAL;
		reply.code = 9;
		break;
	case 't':
		reply.end = HP_END_TIMEOUT;
		break;
	case 'b':
		reply.end = HP_END_TOO_BIG;
		break;
	case 'n':
		reply.end = HP_END_NOT_FOUND;
		break;
	case 'x':
		reply.end = HP_END_NOT_STARTED;
		reply.code = 13;
		break;
	case 'c':
		reply.end = HP_END_CANCELLED;
		break;
	case 'r':
		reply.end = HP_END_NOT_RECORDED;
		break;
	case 'f':
		reply.size++;
		break;
	default:
		break;
	}
	return reply;
}

bool fuzz_exit_0(const struct hp_reply *reply)
{
	return reply->end == HP_END_EXIT && reply->code == 0;
}

bool fuzz_ended_well(const struct hp_reply *reply)
{
	struct hp_str out = reply->out;
	if (!fuzz_exit_0(reply) || !out.n || out.p[out.n - 1] != '\n')
		return false;
	for (size_t i = 0; i < out.n; i++)
		if (!out.p[i])
			return false;
	return true;
}

/* ---- looking at what came out ---- */

bool fuzz_inside(struct hp_str view, struct hp_str all)
{
	uintptr_t from = (uintptr_t)view.p, start = (uintptr_t)all.p;
	return !view.n || (from >= start && view.n <= all.n && from - start <= all.n - view.n);
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool delimiter(struct hp_str all, size_t at)
{
	return at >= all.n || strchr(" \t\r\n\"=:,-[]{}()", all.p[at]);
}

bool fuzz_says(struct hp_str all, const char *value, size_t max)
{
	size_t n = strlen(value);
	for (size_t i = 0; i + n <= all.n; i++) {
		size_t k = 0;
		while (k < n && (value[k] == '?' || fold(value[k]) == fold(all.p[i + k])))
			k++;
		if (k == n && delimiter(all, i ? i - 1 : all.n) && (n + 4 > max || delimiter(all, i + n)))
			return true;
	}
	return false;
}

bool fuzz_utf8(struct hp_str s)
{
	size_t i = 0;
	while (i < s.n) {
		unsigned char first = (unsigned char)s.p[i];
		size_t more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
		static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
		if ((first >= 0x80 && first < 0xc0) || first > 0xf7 || s.n - i <= more)
			return false;
		uint32_t code = more ? first & (0x3fu >> more) : first;
		for (size_t k = 1; k <= more; k++) {
			unsigned char next = (unsigned char)s.p[i + k];
			if ((next & 0xc0) != 0x80)
				return false;
			code = code << 6 | (next & 0x3fu);
		}
		if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
		i += 1 + more;
	}
	return true;
}

bool fuzz_one_line(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
			return false;
	return true;
}

static bool digits(const char **text)
{
	const char *from = *text;
	while (**text >= '0' && **text <= '9')
		++*text;
	return *text > from && *from != '0';
}

bool fuzz_placed(const char *text, const char *name, bool column)
{
	size_t n = strlen(name);
	if (strncmp(text, name, n) != 0 || text[n] != ':')
		return false;
	text += n + 1;
	if (!digits(&text) || *text++ != ':')
		return false;
	if (column && (!digits(&text) || *text++ != ':'))
		return false;
	return *text == ' ' && fuzz_one_line(text + 1);
}

/* ---- mlxconfig, read by regular expressions ---- */

#define BLANK "[ \t\r]"
enum { HEADER, ROW, VALUE, DEVICE, ERROR, PATTERNS };

static const regex_t *pattern(int which)
{
	static const char *const texts[PATTERNS] = {
	    "^Configurations:(" BLANK "+(Default|Current|Next" BLANK "+Boot))+" BLANK "*$",
	    "^" BLANK "*(([*]|RO|[*]RO)" BLANK "+)*ATS_ENABLED(" BLANK "+[^ \t\r]+)+" BLANK "*$",
	    "^([^(]+[(][0-9]+[)]|[0-9]+)$", "^(PCI device|Device):", "-E-"};
	static regex_t compiled[PATTERNS];
	static bool done;
	for (int i = 0; i < PATTERNS && !done; i++)
		if (regcomp(&compiled[i], texts[i], REG_EXTENDED | REG_NOSUB))
			abort();
	done = true;
	return &compiled[which];
}

static bool matches(int which, const char *text)
{
	return regexec(pattern(which), text, 0, NULL, 0) == 0;
}

/* Into words; returns how many there are. */
static size_t split(char *line, char *words[8])
{
	size_t n = 0;
	while (*line) {
		size_t blanks = strspn(line, " \t\r");
		memset(line, 0, blanks);
		line += blanks;
		size_t length = strcspn(line, " \t\r");
		if (length && n < 8)
			words[n] = line;
		n += length > 0;
		line += length;
	}
	return n;
}

static bool number_of(const char *value, char ret[64])
{
	if (!matches(VALUE, value))
		return false;
	const char *open = strchr(value, '('), *from = open ? open + 1 : value;
	while (from[0] == '0' && from[1] >= '0' && from[1] <= '9')
		from++;
	(void)snprintf(ret, 64, "%.*s", (int)strspn(from, "0123456789"), from);
	return (strncmp(value, "True(", 5) != 0 || strcmp(ret, "1") == 0) &&
	       (strncmp(value, "False(", 6) != 0 || strcmp(ret, "0") == 0);
}

/* The two lines are the caller's copies and are written to. */
static bool pair(char *header, char *row, struct fuzz_row *ret)
{
	char *columns[8], *words[8];
	size_t head = split(header, columns), n = split(row, words), first = 0, column = 0;
	if (head > 8 || n > 8)
		return false;
	while (strcmp(words[first], "ATS_ENABLED") != 0) {
		ret->read_only = ret->read_only || strstr(words[first], "RO");
		first++;
	}
	for (size_t i = 1; i < head; i++, column++) {
		char *to = columns[i][0] == 'C' ? ret->now : columns[i][0] == 'N' ? ret->next : NULL;
		i += columns[i][0] == 'N';
		if (first + 1 + column >= n || (to && to[0]))
			return false;
		if (to && !number_of(words[first + 1 + column], to))
			to[0] = '\0';
	}
	return first + 1 + column == n;
}

/* "Device:   /dev/mst/NAME" */
static bool of_device(const char *line, const char *name)
{
	const char *said = strchr(line, ':') + 1;
	said += strspn(said, " \t\r");
	if (strncmp(said, "/dev/", 5) == 0)
		said += strncmp(said + 5, "mst/", 4) == 0 ? 9 : 5;
	size_t n = strlen(name);
	return strncmp(said, name, n) == 0 && said[n + strspn(said + n, " \t\r")] == '\0';
}

bool fuzz_mlx_row(struct hp_str out, const char *name, struct fuzz_row *ret)
{
	struct hp_str rest = out;
	char *header = NULL, *row = NULL;
	unsigned headers = 0, rows = 0, devices = 0;
	bool others = false, errors = false;
	memset(ret, 0, sizeof *ret);
	while (rest.n) {
		const char *end = memchr(rest.p, '\n', rest.n);
		if (!end)
			break;
		struct hp_str line = fuzz_line(&rest);
		char *copy = strndup(line.p, line.n);
		if (!copy)
			abort();
		others = others || (matches(DEVICE, copy) && !of_device(copy, name));
		devices += strncmp(copy, "Device #", 8) == 0;
		errors = errors || matches(ERROR, copy);
		if (strncmp(copy, "Configurations:", 15) == 0) {
			headers++;
			free(header);
			header = copy;
		} else if (headers && matches(ROW, copy)) {
			rows++;
			ret->from = (size_t)(line.p - out.p);
			ret->to = ret->from + line.n + 1;
			free(row);
			row = copy;
		} else {
			free(copy);
		}
	}
	bool good = headers == 1 && rows == 1 && devices <= 1 && !others && !errors && matches(HEADER, header) &&
		    pair(header, row, ret);
	free(header);
	free(row);
	return good;
}

/* ---- asking without an engine ---- */

static void note_call(struct hp_asking *asking, const struct hp_call *call, int tag)
{
	struct fuzz_asking *f = (struct fuzz_asking *)asking;
	if (f->submitted < sizeof f->calls / sizeof f->calls[0]) {
		f->calls[f->submitted] = call;
		f->tags[f->submitted] = tag;
	}
	f->submitted++;
}

void fuzz_ask(struct hp_arena *a, const struct hp_ask *ask, struct fuzz_asking *ret)
{
	static const uint32_t ids[] = {0x15b31021};
	memset(ret, 0, sizeof *ret);
	hp_facts_init(&ret->facts, a);
	ret->options = (struct hp_ask_options){.mft_query = HP_MFT_ALWAYS, .hca_ids = ids, .hca_id_count = 1};
	ret->asking = (struct hp_asking){
	    .ask = ask, .arena = a, .facts = &ret->facts, .options = &ret->options, .submit = note_call};
}
