#include "str.h"

#include <stdio.h>
#include <string.h>

struct hp_str hp_str(const char *text)
{
	return (struct hp_str){text, text ? strlen(text) : 0};
}

struct hp_str hp_str_sub(struct hp_str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from >= to)
		return (struct hp_str){NULL, 0};
	return (struct hp_str){s.p + from, to - from};
}

bool hp_str_same(struct hp_str a, struct hp_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool hp_str_eq(struct hp_str s, const char *text)
{
	return hp_str_same(s, hp_str(text));
}

bool hp_str_starts(struct hp_str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool hp_str_ends(struct hp_str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

bool hp_str_has(struct hp_str s, const char *part)
{
	size_t n = strlen(part);
	for (size_t i = 0; n && i + n <= s.n; i++) {
		const char *hit = memchr(s.p + i, part[0], s.n - i - n + 1);
		if (!hit)
			return false;
		i = (size_t)(hit - s.p);
		if (memcmp(hit, part, n) == 0)
			return true;
	}
	return n == 0;
}

bool hp_str_has_nocase(struct hp_str s, const char *part)
{
	size_t n = strlen(part);
	for (size_t at = 0; at + n <= s.n; at++) {
		size_t same = 0;
		while (same < n && hp_lower(s.p[at + same]) == part[same])
			same++;
		if (same == n)
			return true;
	}
	return false;
}

bool hp_str_has_byte(struct hp_str s, char c)
{
	return s.n && memchr(s.p, c, s.n);
}

char hp_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? "abcdefghijklmnopqrstuvwxyz"[c - 'A'] : c;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct hp_str hp_str_trim(struct hp_str s)
{
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool hp_next_line(struct hp_str *rest, struct hp_str *ret_line, bool *ret_ended)
{
	if (!rest->n)
		return false;
	const char *end = memchr(rest->p, '\n', rest->n);
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	*ret_line = (struct hp_str){rest->p, n};
	*ret_ended = end != NULL;
	rest->p += n + (end ? 1 : 0);
	rest->n -= n + (end ? 1 : 0);
	return true;
}

bool hp_next_word(struct hp_str *rest, struct hp_str *ret_word)
{
	while (rest->n && blank(rest->p[0])) {
		rest->p++;
		rest->n--;
	}
	size_t n = 0;
	while (n < rest->n && !blank(rest->p[n]))
		n++;
	if (!n)
		return false;
	*ret_word = (struct hp_str){rest->p, n};
	rest->p += n;
	rest->n -= n;
	return true;
}

const char *hp_copy(struct hp_arena *a, struct hp_str s)
{
	char *p = hp_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

const char *hp_vformat(struct hp_arena *a, const char *format, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		return "";
	char *p = hp_alloc(a, (size_t)n + 1);
	(void)vsnprintf(p, (size_t)n + 1, format, ap);
	return p;
}

const char *hp_format(struct hp_arena *a, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *text = hp_vformat(a, format, ap);
	va_end(ap);
	return text;
}

struct hp_buf hp_buf(struct hp_arena *a)
{
	return (struct hp_buf){.arena = a};
}

void hp_put(struct hp_buf *b, struct hp_str s)
{
	if (b->room - b->n < s.n) {
		size_t room = b->room * 2 > b->n + s.n ? b->room * 2 : b->n + s.n + 256;
		b->p = hp_grow(b->arena, b->p, b->n, room, 1);
		b->room = room;
	}
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void hp_puts(struct hp_buf *b, const char *text)
{
	hp_put(b, hp_str(text));
}

void hp_putf(struct hp_buf *b, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	hp_puts(b, hp_vformat(b->arena, format, ap));
	va_end(ap);
}

struct hp_str hp_built(const struct hp_buf *b)
{
	return (struct hp_str){b->p, b->n};
}

const char *hp_built_text(struct hp_buf *b)
{
	hp_put(b, (struct hp_str){"", 1});
	b->n--;
	return b->p;
}

size_t hp_utf8_length(struct hp_str s)
{
	const unsigned char *u = (const unsigned char *)s.p;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t n;
	if (u[0] < 0x80)
		return 1;
	if (u[0] >= 0xc2 && u[0] <= 0xdf) {
		n = 2;
	} else if (u[0] >= 0xe0 && u[0] <= 0xef) {
		n = 3;
		lo = u[0] == 0xe0 ? 0xa0 : lo;
		hi = u[0] == 0xed ? 0x9f : hi;
	} else if (u[0] >= 0xf0 && u[0] <= 0xf4) {
		n = 4;
		lo = u[0] == 0xf0 ? 0x90 : lo;
		hi = u[0] == 0xf4 ? 0x8f : hi;
	} else {
		return 0;
	}
	if (s.n < n || u[1] < lo || u[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (u[i] < 0x80 || u[i] > 0xbf)
			return 0;
	return n;
}

const char *hp_clean_text(struct hp_arena *a, struct hp_str s, size_t max, bool *ret_truncated)
{
	char *text = hp_alloc(a, (s.n < max ? s.n : max) + 1);
	size_t used = 0, at = 0;
	while (at < s.n) {
		size_t n = hp_utf8_length(hp_str_sub(s, at, s.n));
		bool bad = n == 0 || (n == 1 && (unsigned char)s.p[at] < 0x20 && s.p[at] != '\n' && s.p[at] != '\t') ||
			   (n == 1 && s.p[at] == 0x7f);
		n = n ? n : 1;
		if (used + n > max)
			break;
		if (bad)
			text[used] = '?';
		else
			memcpy(text + used, s.p + at, n);
		used += n;
		at += n;
	}
	if (ret_truncated)
		*ret_truncated = at < s.n;
	return text;
}

bool hp_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;
	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
