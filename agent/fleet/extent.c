#include "extent.h"

static bool in_scalar(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
	       c == '.';
}

/* Within a string: to behind its closing quote. False: the bytes end first. */
static bool over_string(struct hp_extent *e, struct hp_str rest)
{
	const char *p = rest.p + e->n, *end = rest.p + rest.n;
	if (e->escaped && p < end) {
		p++;
		e->escaped = false;
	}
	while (p < end && *p != '"') {
		if (*p == '\\') {
			e->escaped = p + 1 == end;
			p++;
		}
		p += p < end;
	}
	e->n = (size_t)(p - rest.p);
	if (p == end)
		return false;
	e->n++;
	e->in_string = false;
	return true;
}

/* Over what is neither a quote nor a bracket. */
static void over_plain(struct hp_extent *e, struct hp_str rest)
{
	const char *p = rest.p + e->n, *end = rest.p + rest.n;
	while (p < end && *p != '"' && (*p | 0x20) != '{' && (*p | 0x20) != '}')
		p++;
	e->n = (size_t)(p - rest.p);
}

static bool over_scalar(struct hp_extent *e, struct hp_str rest)
{
	while (e->n < rest.n && in_scalar(rest.p[e->n]))
		e->n++;
	return e->n < rest.n;
}

/* One byte that matters, outside a string. False: it begins a scalar. */
static bool step(struct hp_extent *e, char c)
{
	if (c == '{' || c == '[')
		e->depth++;
	else if (c == '}' || c == ']')
		e->depth -= e->depth > 0;
	else if (c == '"')
		e->in_string = true;
	else if (!e->begun)
		e->scalar = true;
	e->begun = true;
	return !e->scalar;
}

bool hp_extent_find(struct hp_extent *e, struct hp_str rest)
{
	if (e->ended)
		return true;
	if (e->scalar)
		return over_scalar(e, rest);
	while (e->n < rest.n) {
		if (e->in_string) {
			if (!over_string(e, rest))
				return false;
		} else {
			if (e->begun)
				over_plain(e, rest);
			if (e->n == rest.n)
				return false;
			if (!step(e, rest.p[e->n++]))
				return over_scalar(e, rest);
		}
		if (e->depth == 0 && !e->in_string) {
			e->ended = true;
			return true;
		}
	}
	return false;
}
