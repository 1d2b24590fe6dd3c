#include "checks.h"

#include <string.h>

size_t hp_check_count(void)
{
	size_t n = 0;
	while (hp_checks[n])
		n++;
	return n;
}

const struct hp_check *hp_check_find(const char *id)
{
	for (size_t i = 0; hp_checks[i]; i++)
		if (strcmp(hp_checks[i]->id, id) == 0)
			return hp_checks[i];
	return NULL;
}

static bool has_tag(const struct hp_check *c, const char *pattern)
{
	for (size_t i = 0; i < sizeof c->tags / sizeof c->tags[0] && c->tags[i]; i++)
		if (hp_glob(pattern, c->tags[i]))
			return true;
	return false;
}

/* Sets `value` for each check that one of the patterns matches. */
static int apply(struct hp_arena *a, const char *option, const char *patterns, bool by_tag, bool value, bool *marks,
		 struct hp_err *err)
{
	struct hp_str rest = hp_str(patterns);
	while (rest.n) {
		size_t n = 0, hits = 0;
		while (n < rest.n && rest.p[n] != ',')
			n++;
		const char *pattern = hp_copy(a, hp_str_trim(hp_str_sub(rest, 0, n)));
		rest = hp_str_sub(rest, n + 1, rest.n);
		for (size_t i = 0; hp_checks[i]; i++) {
			if (!(by_tag ? has_tag(hp_checks[i], pattern) : hp_glob(pattern, hp_checks[i]->id)))
				continue;
			marks[i] = value;
			hits++;
		}
		if (!hits)
			return hp_fail(err, "%s: \"%s\" matches no check; `hostprep list` prints them", option,
				       pattern);
	}
	return 0;
}

int hp_select(struct hp_arena *a, struct hp_selection *s, struct hp_err *err)
{
	size_t n = hp_check_count(), left = 0;
	bool *tagged = hp_alloc_array(a, n + 1, sizeof *tagged);
	s->chosen = hp_alloc_array(a, n + 1, sizeof *s->chosen);
	for (size_t i = 0; i < n; i++) {
		s->chosen[i] = !s->only;
		tagged[i] = !s->tag;
	}
	if (s->only && apply(a, "--only", s->only, false, true, s->chosen, err) < 0)
		return -1;
	if (s->tag && apply(a, "--tag", s->tag, true, true, tagged, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		s->chosen[i] = s->chosen[i] && tagged[i];
	if (s->skip && apply(a, "--skip", s->skip, false, false, s->chosen, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		left += s->chosen[i];
	s->all = left == n;
	return left ? 0 : hp_fail(err, "--only, --tag and --skip together leave no check");
}
