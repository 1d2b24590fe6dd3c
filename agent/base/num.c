#include "num.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool hp_number(struct hp_str s, unsigned base, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)digit(s.p[i]);
		if (d >= base || n > (max - d) / base)
			return false;
		n = n * base + d;
		if (n > max)
			return false;
	}
	*ret = n;
	return true;
}

bool hp_version(struct hp_str s, struct hp_version *ret)
{
	struct hp_version v = {{0}};
	size_t part = 0, from = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] != '.')
			continue;
		uint64_t n;
		if (part == 4 || !hp_number(hp_str_sub(s, from, i), 10, UINT32_MAX, &n))
			return false;
		v.part[part++] = (uint32_t)n;
		from = i + 1;
	}
	*ret = v;
	return true;
}

int hp_version_cmp(const struct hp_version *a, const struct hp_version *b)
{
	for (int i = 0; i < 4; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

/* The part that s begins with, taken off it: 0 where nothing is left (p is NULL). */
static bool take_part(struct hp_str *s, uint64_t *ret)
{
	size_t n = 0;
	*ret = 0;
	if (!s->p)
		return true;
	while (n < s->n && s->p[n] != '.')
		n++;
	if (!hp_number(hp_str_sub(*s, 0, n), 10, UINT64_MAX, ret))
		return false;
	*s = n < s->n ? (struct hp_str){s->p + n + 1, s->n - n - 1} : (struct hp_str){NULL, 0};
	return true;
}

bool hp_version_order(struct hp_str a, struct hp_str b, int *ret)
{
	int order = 0;
	if (!a.p || !b.p)
		return false;
	while (a.p || b.p) {
		uint64_t x, y;
		if (!take_part(&a, &x) || !take_part(&b, &y))
			return false;
		if (!order && x != y)
			order = x < y ? -1 : 1;
	}
	*ret = order;
	return true;
}
