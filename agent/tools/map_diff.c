/* A unified diff of two small texts. Where they differ, the nearest pair of equal lines is looked for, by how many
 * lines of both must be left out to get there; that is the least diff for what an edit of some lines makes of a file,
 * and a right one for anything. */
#include <string.h>

#include "passthru_map.h"

#define CONTEXT 3
#define LOOK_MAX 200 /* lines left out on both sides before the rest counts as different */

struct text {
	struct hp_str *lines; /* without newline */
	size_t count, room;
	bool ended;
};

/* One line of the diff: ' ', '-' or '+', and where it stands. */
struct step {
	char sign;
	size_t before, after; /* lines of both texts above it */
};

struct steps {
	struct step *items;
	size_t count, room;
};

static struct text split(struct hp_arena *a, struct hp_str bytes)
{
	struct text t = {.ended = true};
	struct hp_str line;
	while (hp_next_line(&bytes, &line, &t.ended)) {
		if (t.count == t.room) {
			t.room = t.room ? t.room * 2 : 64;
			t.lines = hp_grow(a, t.lines, t.count, t.room, sizeof *t.lines);
		}
		t.lines[t.count++] = line;
	}
	return t;
}

static bool unended(const struct text *t, size_t i)
{
	return i + 1 == t->count && !t->ended;
}

static bool same(const struct text *before, size_t i, const struct text *after, size_t j)
{
	return hp_str_same(before->lines[i], after->lines[j]) && unended(before, i) == unended(after, j);
}

static void add_step(struct hp_arena *a, struct steps *s, char sign, size_t *before, size_t *after)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 128;
		s->items = hp_grow(a, s->items, s->count, s->room, sizeof *s->items);
	}
	s->items[s->count++] = (struct step){sign, *before, *after};
	*before += sign != '+';
	*after += sign != '-';
}

/* How many lines to leave out of both until lines are equal again; everything that is left where they never are. As
 * many of one as of the other comes first: an edit replaces lines. */
static void next_same(const struct text *before, size_t i, const struct text *after, size_t j, size_t *ret_out,
		      size_t *ret_in)
{
	size_t out_max = before->count - i, in_max = after->count - j;
	for (size_t most = 1; most <= LOOK_MAX; most++)
		for (size_t less = most + 1; less-- > 0;) {
			size_t pairs[2][2] = {{most, less}, {less, most}};
			for (int k = 0; k < 2; k++) {
				size_t out = pairs[k][0], in = pairs[k][1];
				if (out >= out_max || in >= in_max || !same(before, i + out, after, j + in))
					continue;
				*ret_out = out;
				*ret_in = in;
				return;
			}
		}
	*ret_out = out_max;
	*ret_in = in_max;
}

static struct steps compare(struct hp_arena *a, const struct text *before, const struct text *after)
{
	struct steps s = {0};
	size_t i = 0, j = 0;
	while (i < before->count || j < after->count) {
		size_t out = 0, in = 0;
		if (i < before->count && j < after->count && same(before, i, after, j)) {
			add_step(a, &s, ' ', &i, &j);
			continue;
		}
		next_same(before, i, after, j, &out, &in);
		while (out--)
			add_step(a, &s, '-', &i, &j);
		while (in--)
			add_step(a, &s, '+', &i, &j);
	}
	return s;
}

/* "3,7"; a lone line is "3", and none is "2,0": the line above it. */
static void put_range(struct hp_buf *b, size_t above, size_t count)
{
	if (count == 1)
		hp_putf(b, "%zu", above + 1);
	else
		hp_putf(b, "%zu,%zu", count ? above + 1 : above, count);
}

static void put_line(struct hp_buf *b, char sign, struct hp_str line, bool no_newline)
{
	hp_put(b, (struct hp_str){&sign, 1});
	for (size_t i = 0; i < line.n; i++) {
		bool text = (line.p[i] >= 0x20 && line.p[i] <= 0x7e) || line.p[i] == '\t';
		hp_put(b, (struct hp_str){text ? line.p + i : "?", 1});
	}
	hp_puts(b, no_newline ? "\n\\ No newline at end of file\n" : "\n");
}

static void put_hunk(struct hp_buf *b, const struct steps *s, size_t from, size_t to, const struct text *before,
		     const struct text *after)
{
	size_t out = 0, in = 0;
	for (size_t i = from; i < to; i++) {
		out += s->items[i].sign != '+';
		in += s->items[i].sign != '-';
	}
	hp_puts(b, "@@ -");
	put_range(b, s->items[from].before, out);
	hp_puts(b, " +");
	put_range(b, s->items[from].after, in);
	hp_puts(b, " @@\n");
	for (size_t i = from; i < to; i++) {
		const struct step *step = &s->items[i];
		if (step->sign == '+')
			put_line(b, '+', after->lines[step->after], unended(after, step->after));
		else
			put_line(b, step->sign, before->lines[step->before], unended(before, step->before));
	}
}

/* The first step from `at` that changes something; s->count when there is none. */
static size_t next_change(const struct steps *s, size_t at)
{
	while (at < s->count && s->items[at].sign == ' ')
		at++;
	return at;
}

const char *hp_map_diff(struct hp_arena *a, struct hp_str before, struct hp_str after)
{
	struct text one = split(a, before), two = split(a, after);
	struct steps s = compare(a, &one, &two);
	struct hp_buf b = hp_buf(a);
	size_t change = next_change(&s, 0);
	if (change < s.count)
		hp_puts(&b, "--- /" HP_MAP_PATH "\n+++ /" HP_MAP_PATH "\n");
	while (change < s.count) {
		size_t from = change > CONTEXT ? change - CONTEXT : 0, last = change, next = change;
		while (next < s.count && next - last <= 2 * CONTEXT + 1) { /* nearer than both contexts: one hunk */
			last = next;
			next = next_change(&s, last + 1);
		}
		size_t to = last + 1 + CONTEXT < s.count ? last + 1 + CONTEXT : s.count;
		put_hunk(&b, &s, from, to, &one, &two);
		change = next;
	}
	return hp_built_text(&b);
}
