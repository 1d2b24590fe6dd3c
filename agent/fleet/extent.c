#include "extent.h"

static bool in_scalar(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
	       c == '.';
}

/* Within a string: to behind its closing quote. False: the bytes end first. */
static bool over_string(struct hp_extent *e, struct hp_str rest)
{
	size_t i = e->n;
	while (i < rest.n) {
		if (e->escaped) {
			e->escaped = false;
			i++;
			continue;
		}
		while (i < rest.n && rest.p[i] != '"' && rest.p[i] != '\\')
			i++;
		if (i == rest.n)
			break;
		e->escaped = rest.p[i] == '\\';
		if (rest.p[i++] == '"') {
			e->n = i;
			e->in_string = false;
			return true;
		}
	}
	e->n = i;
	return false;
}

static bool over_scalar(struct hp_extent *e, struct hp_str rest)
{
	while (e->n < rest.n && in_scalar(rest.p[e->n]))
		e->n++;
	return e->n < rest.n;
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
			char c = rest.p[e->n++];
			e->in_string = c == '"';
			if (c == '{' || c == '[') {
				e->depth++;
			} else if (c == '}' || c == ']') {
				e->depth -= e->depth > 0;
			} else if (!e->in_string && !e->begun) {
				e->scalar = true;
				return over_scalar(e, rest);
			}
			e->begun = true;
		}
		if (e->depth == 0 && !e->in_string) {
			e->ended = true;
			return true;
		}
	}
	return false;
}
