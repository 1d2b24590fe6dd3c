#include "json_pull.h"

#include <string.h>

struct hp_pull hp_pull(struct hp_arena *a, struct hp_str bytes)
{
	const char *p = bytes.p ? bytes.p : "";
	return (struct hp_pull){.arena = a, .start = p, .p = p, .end = p + bytes.n};
}

bool hp_pull_refuse(struct hp_pull *j, const char *trouble)
{
	if (!j->trouble)
		j->trouble = trouble;
	return false;
}

static bool refuse_here(struct hp_pull *j, const char *trouble)
{
	if (!j->trouble)
		j->cut = j->p >= j->end;
	return hp_pull_refuse(j, trouble);
}

static void blanks(struct hp_pull *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\n' || *j->p == '\r' || *j->p == '\t'))
		j->p++;
}

char hp_pull_kind(struct hp_pull *j)
{
	if (j->trouble)
		return 'x';
	blanks(j);
	if (j->p >= j->end)
		return 'x';
	char c = *j->p;
	if (c == '-' || (c >= '0' && c <= '9'))
		return 0;
	return c == '{' || c == '[' || c == '"' || c == 't' || c == 'f' || c == 'n' ? c : 'x';
}

bool hp_pull_open(struct hp_pull *j, char bracket)
{
	if (j->trouble)
		return false;
	blanks(j);
	if (j->p >= j->end || *j->p != bracket)
		return refuse_here(j, bracket == '{' ? "an object is missing" : "an array is missing");
	if (j->depth == HP_PULL_DEPTH)
		return hp_pull_refuse(j, "it is nested too deeply");
	uint64_t bit = UINT64_C(1) << j->depth++;
	j->objects = bracket == '{' ? j->objects | bit : j->objects & ~bit;
	j->p++;
	j->fresh = true;
	return true;
}

/* To the next piece of what is open: true when there is one. */
static bool advance(struct hp_pull *j, char closing)
{
	if (j->trouble)
		return false;
	blanks(j);
	if (j->p >= j->end)
		return refuse_here(j, "it does not end");
	if (*j->p == closing) {
		j->p++;
		j->depth--;
		j->fresh = false;
		return false;
	}
	if (!j->fresh) {
		if (*j->p != ',')
			return refuse_here(j, "a comma is missing");
		j->p++;
		blanks(j);
	}
	j->fresh = false;
	return true;
}

/* Four hex digits at p; -1 when they are not. */
static int hex4(const char *p, const char *end)
{
	int value = 0;
	for (int i = 0; i < 4; i++, p++) {
		if (p >= end)
			return -1;
		char c = hp_lower(*p);
		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Over one escape, p at its backslash. */
static bool skip_escape(struct hp_pull *j)
{
	const char *p = j->p + 1;
	if (p >= j->end) {
		j->p = j->end;
		return refuse_here(j, "a string does not end");
	}
	if (*p != 'u') {
		if (!*p || !strchr("\"\\/bfnrt", *p))
			return refuse_here(j, "an escape is not known");
		j->p += 2;
		return true;
	}
	int unit = hex4(p + 1, j->end);
	if (unit <= 0)
		return refuse_here(j, unit == 0 ? "a NUL in a string" : "an escape is not known");
	j->p += 6;
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return refuse_here(j, "half a surrogate pair");
	if (unit >= 0xd800 && unit <= 0xdbff) {
		int low = j->end - j->p >= 6 && j->p[0] == '\\' && j->p[1] == 'u' ? hex4(j->p + 2, j->end) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return refuse_here(j, "half a surrogate pair");
		j->p += 6;
	}
	return true;
}

/* Over a string; shows what stands between its quotes. */
static bool raw_string(struct hp_pull *j, struct hp_str *ret, bool *ret_escaped)
{
	if (j->trouble)
		return false;
	if (j->p >= j->end || *j->p != '"')
		return refuse_here(j, "a string is missing");
	const char *from = ++j->p;
	bool escaped = false;
	for (;;) {
		const char *p = j->p, *end = j->end;
		while (p < end && *p >= 0x20 && *p != '"' && *p != '\\') /* char is signed: this is ASCII */
			p++;
		j->p = p;
		if (p >= j->end)
			return refuse_here(j, "a string does not end");
		if (*p == '"')
			break;
		if (*p == '\\') {
			escaped = true;
			if (!skip_escape(j))
				return false;
		} else if ((unsigned char)*p < 0x20) {
			return refuse_here(j, "a control character in a string");
		} else {
			size_t n = hp_utf8_length((struct hp_str){p, (size_t)(j->end - p)});
			if (!n)
				return refuse_here(j, "this is not UTF-8");
			j->p += n;
		}
	}
	*ret = (struct hp_str){from, (size_t)(j->p - from)};
	*ret_escaped = escaped;
	j->p++;
	return true;
}

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* raw has been looked through: its escapes are right. What comes out is never longer. */
static size_t decode(struct hp_str raw, char *out)
{
	const char *p = raw.p, *end = raw.p + raw.n;
	char *to = out;
	while (p < end) {
		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
		if (p[1] != 'u') {
			*to++ = means[strchr(names, p[1]) - names];
			p += 2;
			continue;
		}
		unsigned c = (unsigned)hex4(p + 2, end);
		p += 6;
		if (c >= 0xd800 && c <= 0xdbff) {
			c = 0x10000 + ((c - 0xd800) << 10) + ((unsigned)hex4(p + 2, end) - 0xdc00);
			p += 6;
		}
		to = put_utf8(to, c);
	}
	return (size_t)(to - out);
}

bool hp_pull_string(struct hp_pull *j, struct hp_str *ret)
{
	struct hp_str raw = {NULL, 0};
	bool escaped = false;
	blanks(j);
	if (!raw_string(j, &raw, &escaped))
		return false;
	if (escaped) {
		char *text = hp_alloc(j->arena, raw.n);
		raw = (struct hp_str){text, decode(raw, text)};
	}
	*ret = raw;
	return true;
}

bool hp_pull_member(struct hp_pull *j, struct hp_str *ret_key)
{
	if (!advance(j, '}'))
		return false;
	if (!hp_pull_string(j, ret_key))
		return false;
	blanks(j);
	if (j->p >= j->end || *j->p != ':')
		return refuse_here(j, "a colon is missing");
	j->p++;
	return true;
}

bool hp_pull_item(struct hp_pull *j)
{
	return advance(j, ']');
}

bool hp_pull_text(struct hp_pull *j, const char **ret)
{
	struct hp_str raw;
	bool escaped = false;
	if (hp_pull_null(j)) {
		*ret = NULL;
		return true;
	}
	if (!raw_string(j, &raw, &escaped))
		return false;
	char *text = hp_alloc(j->arena, raw.n + 1);
	if (escaped)
		(void)decode(raw, text);
	else
		memcpy(text, raw.p, raw.n);
	*ret = text;
	return true;
}

static bool word(struct hp_pull *j, const char *text)
{
	size_t n = strlen(text);
	if ((size_t)(j->end - j->p) >= n && memcmp(j->p, text, n) == 0) {
		j->p += n;
		return true;
	}
	return false;
}

/* A word or number that does not end where it should ("nullx") is found by what comes after it. A word that the end of
 * the bytes cuts is told as cut. */
static bool refuse_value(struct hp_pull *j)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t left = (size_t)(j->end - j->p);
	bool cut = false;
	for (size_t i = 0; i < 3; i++)
		cut = cut || (left < strlen(words[i]) && memcmp(j->p, words[i], left) == 0);
	if (cut)
		j->p = j->end;
	return refuse_here(j, "a value is missing");
}

bool hp_pull_null(struct hp_pull *j)
{
	if (j->trouble)
		return false;
	blanks(j);
	return word(j, "null");
}

bool hp_pull_bool(struct hp_pull *j, bool *ret)
{
	if (j->trouble)
		return false;
	blanks(j);
	if (word(j, "true"))
		*ret = true;
	else if (word(j, "false"))
		*ret = false;
	else
		return refuse_here(j, "true or false is missing");
	return true;
}

static bool digits(struct hp_pull *j)
{
	const char *from = j->p;
	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return j->p > from ? true : refuse_here(j, "a digit is missing");
}

/* ret_whole: it has neither fraction nor exponent. */
static bool number(struct hp_pull *j, struct hp_str *ret, bool *ret_whole)
{
	const char *from = j->p;
	*ret_whole = true;
	if (j->p < j->end && *j->p == '-')
		j->p++;
	if (j->p < j->end && *j->p == '0')
		j->p++;
	else if (!digits(j))
		return false;
	if (j->p < j->end && *j->p == '.') {
		*ret_whole = false;
		j->p++;
		if (!digits(j))
			return false;
	}
	if (j->p < j->end && (*j->p == 'e' || *j->p == 'E')) {
		*ret_whole = false;
		j->p++;
		if (j->p < j->end && (*j->p == '+' || *j->p == '-'))
			j->p++;
		if (!digits(j))
			return false;
	}
	*ret = (struct hp_str){from, (size_t)(j->p - from)};
	return true;
}

bool hp_pull_number(struct hp_pull *j, int64_t *ret)
{
	struct hp_str text;
	bool whole;
	if (j->trouble)
		return false;
	blanks(j);
	if (!number(j, &text, &whole))
		return false;
	bool minus = text.p[0] == '-';
	int64_t value = 0;
	for (size_t i = minus; i < text.n; i++) {
		if (!whole || value > (INT64_MAX - 9) / 10)
			return hp_pull_refuse(j, "a whole number is missing");
		value = value * 10 + (text.p[i] - '0');
	}
	*ret = minus ? -value : value;
	return true;
}

static bool scalar(struct hp_pull *j)
{
	struct hp_str text;
	bool flag;
	if (j->p < j->end && *j->p == '"')
		return raw_string(j, &text, &flag);
	if (j->p < j->end && (*j->p == '-' || (*j->p >= '0' && *j->p <= '9')))
		return number(j, &text, &flag);
	return word(j, "null") || word(j, "true") || word(j, "false") ? true : refuse_value(j);
}

/* One step into or over what is open; false when the level that the value began at is reached again, or on trouble. */
static bool skip_piece(struct hp_pull *j)
{
	bool object = j->objects >> (j->depth - 1) & 1, flag;
	struct hp_str key;
	if (!advance(j, object ? '}' : ']'))
		return true;
	if (object) {
		if (!raw_string(j, &key, &flag))
			return false;
		blanks(j);
		if (j->p >= j->end || *j->p != ':')
			return refuse_here(j, "a colon is missing");
		j->p++;
		blanks(j);
	}
	if (j->p < j->end && (*j->p == '{' || *j->p == '['))
		return hp_pull_open(j, *j->p);
	return scalar(j);
}

bool hp_pull_skip(struct hp_pull *j)
{
	if (j->trouble)
		return false;
	blanks(j);
	if (j->p >= j->end || (*j->p != '{' && *j->p != '['))
		return scalar(j);
	unsigned level = j->depth;
	if (!hp_pull_open(j, *j->p))
		return false;
	while (j->depth > level)
		if (!skip_piece(j) || j->trouble)
			return false;
	return true;
}

bool hp_pull_value(struct hp_pull *j, struct hp_str *ret)
{
	if (j->trouble)
		return false;
	blanks(j);
	const char *from = j->p;
	if (!hp_pull_skip(j))
		return false;
	*ret = (struct hp_str){from, (size_t)(j->p - from)};
	return true;
}

bool hp_pull_end(struct hp_pull *j)
{
	if (j->trouble)
		return false;
	blanks(j);
	return j->p == j->end ? true : refuse_here(j, "something comes after it");
}

bool hp_pull_is(struct hp_pull *j, struct hp_str key, const char *name, struct hp_seen *seen, unsigned bit)
{
	if (key.n == 0 || key.p[0] != name[0] || !hp_str_eq(key, name)) /* most are told apart by their first letter */
		return false;
	if (seen->bits >> bit & 1)
		(void)hp_pull_refuse(j, "a member stands there twice");
	seen->bits |= 1ul << bit;
	return true;
}

bool hp_pull_has(struct hp_pull *j, const struct hp_seen *seen, unsigned count, const char *trouble)
{
	unsigned long all = (1ul << count) - 1;
	if (j->trouble || (seen->bits & all) == all)
		return !j->trouble;
	return hp_pull_refuse(j, trouble);
}

bool hp_pull_need(struct hp_pull *j, const char **ret)
{
	if (!hp_pull_text(j, ret))
		return false;
	return *ret ? true : hp_pull_refuse(j, "a text is missing");
}

bool hp_pull_one_of(struct hp_pull *j, struct hp_str key, const struct hp_pull_text_member *members, unsigned count,
		    struct hp_seen *seen)
{
	for (unsigned i = 0; i < count; i++) {
		if (hp_pull_is(j, key, members[i].name, seen, i)) {
			(void)(members[i].needed ? hp_pull_need(j, members[i].to) : hp_pull_text(j, members[i].to));
			return true;
		}
	}
	return false;
}

bool hp_pull_texts(struct hp_pull *j, const struct hp_pull_text_member *members, unsigned count, const char *trouble)
{
	struct hp_seen seen = {0};
	struct hp_str key;
	if (!hp_pull_open(j, '{'))
		return false;
	while (hp_pull_member(j, &key))
		if (!hp_pull_one_of(j, key, members, count, &seen))
			(void)hp_pull_skip(j);
	return trouble ? hp_pull_has(j, &seen, count, trouble) : !j->trouble;
}

int hp_pull_fail(const struct hp_pull *j, struct hp_err *err)
{
	size_t line = 1;
	const char *begin = j->start;
	for (const char *p = j->start; p < j->p && p < j->end; p++) {
		if (*p == '\n') {
			line++;
			begin = p + 1;
		}
	}
	const char *trouble = j->trouble ? j->trouble : "no trouble";
	if (j->cut)
		return hp_fail(err, "it is cut: it ends in line %zu, column %zu, where %s", line,
			       (size_t)(j->p - begin) + 1, trouble);
	return hp_fail(err, "line %zu, column %zu: %s", line, (size_t)(j->p - begin) + 1, trouble);
}

/* To behind a string's closing quote, from behind its opening one. */
static const char *behind_string(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	return p < end ? p + 1 : end;
}

struct hp_str hp_json_compact(struct hp_arena *a, struct hp_str bytes)
{
	char *out = hp_alloc(a, bytes.n + 1), *to = out;
	const char *p = bytes.p, *end = bytes.p + bytes.n;
	while (p < end) {
		const char *from = p;
		while (p < end && (unsigned char)*p > ' ')
			p = *p == '"' ? behind_string(p + 1, end) : p + 1;
		memcpy(to, from, (size_t)(p - from));
		to += p - from;
		while (p < end && (unsigned char)*p <= ' ')
			p++;
	}
	return (struct hp_str){out, (size_t)(to - out)};
}
