/* Edits of passthru.map: nothing but the method of lines that match a device changes, all of these say what is wanted
 * afterwards, what takes an edit back gives the bytes that were there, and its diff makes of the one text the other.
 *
 * Input: a line "WANT VVVVDDDD …" (the method and devices, at most 8), then the file's bytes. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../agent/base/num.h"
#include "../../agent/tools/passthru_map.h"
#include "fuzz.h"

struct order {
	const char *want;
	struct hp_map_device devices[8];
	size_t count;
};

static struct order read_order(struct hp_arena *a, struct hp_str line)
{
	struct order o = {.want = "flr"};
	struct hp_str word;
	uint64_t n;
	if (hp_next_word(&line, &word))
		o.want = hp_copy(a, word);
	while (o.count < 8 && hp_next_word(&line, &word))
		if (hp_number(word, 16, UINT32_MAX, &n))
			o.devices[o.count++] = (struct hp_map_device){(uint16_t)(n >> 16), (uint16_t)n};
	return o;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Where word number `at` (from 0) stands in the line. */
static struct hp_str word_at(struct hp_str line, int at)
{
	size_t i = 0, from = 0;
	for (int k = 0; k <= at; k++) {
		while (i < line.n && is_blank(line.p[i]))
			i++;
		from = i;
		while (i < line.n && !is_blank(line.p[i]))
			i++;
	}
	return (struct hp_str){line.p + from, i - from};
}

static bool means(struct hp_str word, unsigned id)
{
	char text[5];
	if (word.n != 4)
		return false;
	memcpy(text, word.p, 4);
	text[4] = '\0';
	return strcasecmp(text, "ffff") == 0 || strtoul(text, NULL, 16) == id;
}

static bool matches(const struct order *o, struct hp_str line)
{
	for (size_t i = 0; i < o->count; i++)
		if (means(word_at(line, 0), o->devices[i].vendor) && means(word_at(line, 1), o->devices[i].device))
			return true;
	return false;
}

/* A changed line differs in its third word alone, and only where it matches. */
static void judge_line(const struct order *o, struct hp_str before, struct hp_str after)
{
	if (hp_str_same(before, after))
		return;
	struct hp_str old = word_at(before, 2), new = word_at(after, 2);
	size_t head = (size_t)(old.p - before.p);
	MUST(matches(o, before) && hp_str_eq(new, o->want) && !hp_str_eq(old, o->want));
	MUST(head == (size_t)(new.p - after.p) && memcmp(before.p, after.p, head) == 0);
	MUST(hp_str_same(hp_str_sub(before, head + old.n, before.n), hp_str_sub(after, head + new.n, after.n)));
}

static void judge_lines(const struct order *o, struct hp_str before, struct hp_str after, size_t edits)
{
	size_t changed = 0;
	MUST(hp_str_ends(before, "\n") == hp_str_ends(after, "\n"));
	while (before.n) {
		struct hp_str old = fuzz_line(&before), new = fuzz_line(&after);
		judge_line(o, old, new);
		changed += !hp_str_same(old, new);
	}
	while (after.n) {
		struct hp_str added = fuzz_line(&after);
		MUST(hp_str_eq(word_at(added, 1), "ffff") && hp_str_eq(word_at(added, 2), o->want));
		MUST(matches(o, added) && hp_str_ends(added, " false"));
		changed++;
	}
	MUST(changed == edits);
}

static void judge_methods(struct hp_arena *a, const struct order *o, struct hp_str text)
{
	struct hp_map map;
	hp_map_read(a, text, &map);
	for (size_t i = 0; i < o->count; i++) {
		unsigned lines;
		struct hp_str record;
		struct hp_value v =
		    hp_map_method(a, &map, o->devices[i].vendor, o->devices[i].device, o->want, &lines, &record);
		MUST(v.is == HP_PRESENT && strcmp(v.text, o->want) == 0 && lines > 0);
	}
}

static struct hp_str shown(struct hp_arena *a, struct hp_str text)
{
	char *p = hp_alloc(a, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		p[i] = c == '\n' || c == '\t' || (c >= ' ' && c <= '~') ? c : '?';
	}
	return (struct hp_str){p, text.n};
}

/* Lines of the text before, taken off it as they are. */
static void copy_lines(struct hp_buf *b, struct hp_str *before, size_t count)
{
	while (count--) {
		MUST(before->n);
		hp_put(b, fuzz_line(before));
		hp_puts(b, "\n");
	}
}

static void judge_diff(struct hp_arena *a, struct hp_str before, struct hp_str after)
{
	static const char head[] = "--- /" HP_MAP_PATH "\n+++ /" HP_MAP_PATH "\n";
	struct hp_str diff = hp_str(hp_map_diff(a, before, after)), old = shown(a, before);
	struct hp_buf b = hp_buf(a);
	size_t used = 0;
	char sign = ' ';
	MUST((diff.n == 0) == hp_str_same(before, after));
	MUST(!diff.n || (hp_str_starts(diff, head) && hp_str_ends(diff, "\n")));
	diff = hp_str_sub(diff, sizeof head - 1, diff.n);
	while (diff.n) {
		struct hp_str line = fuzz_line(&diff);
		if (hp_str_starts(line, "@@ -")) {
			char *end;
			size_t from = strtoul(line.p + 4, &end, 10);
			bool none = end[0] == ',' && end[1] == '0';
			MUST(from + none > used || (none && from == used));
			copy_lines(&b, &old, from - !none - used);
			used = from - !none;
		} else if (hp_str_starts(line, "\\")) {
			b.n -= sign != '-';
		} else {
			sign = line.p[0];
			line = hp_str_sub(line, 1, line.n);
			MUST(sign == ' ' || sign == '-' || sign == '+');
			if (sign != '+')
				MUST(hp_str_same(fuzz_line(&old), line));
			used += sign != '+';
			if (sign != '-') {
				hp_put(&b, line);
				hp_puts(&b, "\n");
			}
		}
	}
	hp_put(&b, old);
	MUST(hp_str_same(hp_built(&b), shown(a, after)));
}

/* Takes edits back, and that back again. */
static void judge_restore(struct hp_arena *a, struct hp_str text, const struct hp_map_edits *edits, bool must,
			  struct hp_str want)
{
	struct hp_map_edits undo, redo;
	struct hp_str back, again;
	const char *why = hp_map_restore(a, text, edits, &undo, &back);
	MUST(!must || !why);
	if (why) {
		MUST(fuzz_utf8(hp_str(why)) && *why);
		return;
	}
	MUST(undo.count == edits->count && (!must || hp_str_same(back, want)));
	why = hp_map_restore(a, back, &undo, &redo, &again);
	MUST(why ? !must && strstr(why, "again") : hp_str_same(again, text));
	judge_diff(a, text, back);
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct order o = read_order(a, fuzz_line(&input));
	struct hp_map_edits edits = {.count = 77}, more;
	struct hp_str text = {"untouched", 9}, none;
	struct hp_buf moved = hp_buf(a);
	const char *why = hp_map_edit(a, input, o.devices, o.count, o.want, &edits, &text);
	if (why) {
		MUST(fuzz_utf8(hp_str(why)) && *why && edits.count == 77 && hp_str_eq(text, "untouched"));
		return;
	}
	judge_lines(&o, input, text, edits.count);
	judge_methods(a, &o, text);
	MUST((edits.count == 0) == hp_str_same(input, text));
	MUST(!hp_map_edit(a, text, o.devices, o.count, o.want, &more, &none) && !more.count);
	judge_diff(a, input, text);
	judge_restore(a, text, &edits, true, input);
	/* after somebody else's line came in above, and after the first line went */
	hp_puts(&moved, "8086 1502 d3d0 default\n");
	hp_put(&moved, text);
	judge_restore(a, hp_built(&moved), &edits, false, text);
	(void)fuzz_line(&text);
	judge_restore(a, text, &edits, false, text);
}
