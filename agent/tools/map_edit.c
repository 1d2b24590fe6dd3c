/* Editing passthru.map. All of it works on a list of lines; the last line's missing newline stays missing, so taking an
 * edit back gives the bytes that were there. */
#include <string.h>

#include "map_line.h"

/* Lines without their newlines. */
struct lines {
	struct hp_str *items;
	size_t count, room;
	bool ended; /* the last one has a newline */
};

static void add_line(struct hp_arena *a, struct lines *l, struct hp_str line)
{
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 64;
		l->items = hp_grow(a, l->items, l->count, l->room, sizeof *l->items);
	}
	l->items[l->count++] = line;
}

static void insert_line(struct hp_arena *a, struct lines *l, size_t at, struct hp_str line)
{
	add_line(a, l, line);
	memmove(l->items + at + 1, l->items + at, (l->count - 1 - at) * sizeof *l->items);
	l->items[at] = line;
}

static struct lines split(struct hp_arena *a, struct hp_str bytes)
{
	struct lines l = {.ended = true};
	struct hp_str line;
	while (hp_next_line(&bytes, &line, &l.ended))
		add_line(a, &l, line);
	return l;
}

static struct hp_str join(struct hp_arena *a, const struct lines *l)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < l->count; i++) {
		hp_put(&b, l->items[i]);
		if (i + 1 < l->count || l->ended)
			hp_puts(&b, "\n");
	}
	return hp_built(&b);
}

static void add_edit(struct hp_arena *a, struct hp_map_edits *edits, size_t line, const char *before, const char *after)
{
	size_t n = edits->count;
	if ((n & (n - 1)) == 0) /* full: the room is the power of two */
		edits->items = hp_grow(a, edits->items, n, n ? n * 2 : 1, sizeof *edits->items);
	edits->items[edits->count++] = (struct hp_map_edit){(unsigned)line, before, after};
}

/* For messages: a line of the file. */
static const char *shown(struct hp_arena *a, struct hp_str line)
{
	return hp_clean_text(a, hp_str_trim(line), 80, NULL);
}

/* ---- edit ---- */

static bool matches_any(const struct hp_map_line *line, const struct hp_map_device *devices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hp_map_matches(line, devices[i].vendor, devices[i].device))
			return true;
	return false;
}

static const char *with_method(struct hp_arena *a, const struct hp_map_line *line, const char *want)
{
	struct hp_buf b = hp_buf(a);
	size_t from = (size_t)(line->method.p - line->bytes.p);
	hp_put(&b, hp_str_sub(line->bytes, 0, from));
	hp_puts(&b, want);
	hp_put(&b, hp_str_sub(line->bytes, from + line->method.n, line->bytes.n));
	return hp_built_text(&b);
}

/* The first line that must be understood and is not, as a reason. */
static const char *not_understood(struct hp_arena *a, const struct hp_map *map, const struct hp_map_device *devices,
				  size_t count)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct hp_map_line *line = &map->lines[i];
		if (matches_any(line, devices, count) && !hp_map_line_clear(line))
			return hp_format(a, "Line %u of /" HP_MAP_PATH " is not understood: \"%s\"", line->number,
					 shown(a, line->bytes));
	}
	return NULL;
}

static const char *must_not(struct hp_arena *a, struct hp_str bytes, const struct hp_map *map,
			    const struct hp_map_device *devices, size_t count, const char *want)
{
	if (!hp_str_trim(bytes).n)
		return "/" HP_MAP_PATH " is empty";
	if (memchr(bytes.p, '\0', bytes.n))
		return "/" HP_MAP_PATH " holds bytes that are no text";
	if (!hp_map_known_method(hp_str(want)))
		return hp_format(a, "\"%s\" is no reset method", shown(a, hp_str(want)));
	for (size_t i = 0; i < count; i++)
		if (devices[i].vendor == HP_MAP_ANY || !devices[i].vendor) /* an added line would reach every device */
			return "A device has no vendor id";
	return not_understood(a, map, devices, count);
}

static bool has_line(const struct hp_map *map, const struct hp_map_device *device)
{
	for (size_t i = 0; i < map->count; i++)
		if (hp_map_matches(&map->lines[i], device->vendor, device->device))
			return true;
	return false;
}

/* True when a line for the vendor is to be added: devices[at] has none, and no device before it asks for the same. */
static bool needs_line(const struct hp_map *map, const struct hp_map_device *devices, size_t at)
{
	if (has_line(map, &devices[at]))
		return false;
	for (size_t i = 0; i < at; i++)
		if (devices[i].vendor == devices[at].vendor && !has_line(map, &devices[i]))
			return false;
	return true;
}

const char *hp_map_edit(struct hp_arena *a, struct hp_str bytes, const struct hp_map_device *devices, size_t count,
			const char *want, struct hp_map_edits *ret_edits, struct hp_str *ret_text)
{
	struct hp_map map;
	struct hp_map_edits edits = {0};
	hp_map_read(a, bytes, &map);
	const char *why = must_not(a, bytes, &map, devices, count, want);
	if (why)
		return why;
	struct lines lines = split(a, bytes);
	for (size_t i = 0; i < map.count; i++) {
		const struct hp_map_line *line = &map.lines[i];
		if (!matches_any(line, devices, count) || hp_str_eq(line->method, want))
			continue;
		const char *after = with_method(a, line, want);
		add_edit(a, &edits, line->number, hp_copy(a, line->bytes), after);
		lines.items[line->number - 1] = hp_str(after);
	}
	for (size_t i = 0; i < count; i++) {
		if (!needs_line(&map, devices, i))
			continue;
		/* It ends like the lines of the file do. */
		const char *cr = hp_str_has(bytes, "\r\n") ? "\r" : "";
		const char *added = hp_format(a, "%04x ffff %s false%s", (unsigned)devices[i].vendor, want, cr);
		add_line(a, &lines, hp_str(added));
		add_edit(a, &edits, lines.count, NULL, added);
	}
	*ret_edits = edits;
	*ret_text = edits.count ? join(a, &lines) : bytes;
	return NULL;
}

/* ---- restore ---- */

/* Where a line that the edits changed stands after them: its number is of the text before. */
static size_t place_after(const struct hp_map_edits *edits, size_t at)
{
	size_t number = edits->items[at].line, place = 0, next;
	if (!edits->items[at].before)
		return number; /* an added line's number is of the text after */
	for (size_t i = 0; i < edits->count; i++)
		number -= !edits->items[i].after && edits->items[i].line < edits->items[at].line;
	for (next = number; next != place;) { /* each added line above it moves it down, which may pass another one */
		place = next;
		next = number;
		for (size_t i = 0; i < edits->count; i++)
			next += !edits->items[i].before && edits->items[i].line <= place;
	}
	return place;
}

static size_t count_same(const struct lines *lines, struct hp_str text)
{
	size_t n = 0;
	for (size_t i = 0; i < lines->count; i++)
		n += hp_str_same(lines->items[i], text);
	return n;
}

static bool stands_at(const struct lines *lines, size_t place, const char *text)
{
	return place > 0 && place <= lines->count && hp_str_eq(lines->items[place - 1], text);
}

/* Edits that left the same text are looked for together: each at its number; else, when there are as many such lines
 * as edits, in their order. */
struct group {
	size_t members, rank; /* how many edits; how many of them stand before the one that is looked for */
	bool in_place;	      /* every one stands at its number */
};

static struct group group_of(const struct hp_map_edits *edits, const size_t *own, const struct lines *lines, size_t at)
{
	struct group g = {.in_place = true};
	const char *text = edits->items[at].after;
	for (size_t i = 0; i < edits->count; i++) {
		if (!edits->items[i].after || strcmp(edits->items[i].after, text) != 0)
			continue;
		g.members++;
		g.rank += own[i] < own[at] || (i < at && own[i] == own[at]);
		g.in_place = g.in_place && stands_at(lines, own[i], text);
	}
	return g;
}

/* Where the line that edits[at] left stands now, from 1; 0 and why when that is not clear. */
static size_t find_line(struct hp_arena *a, const struct hp_map_edits *edits, const size_t *own,
			const struct lines *lines, size_t at, const char **ret_why)
{
	struct hp_str text = hp_str(edits->items[at].after);
	struct group g = group_of(edits, own, lines, at);
	size_t there = count_same(lines, text), rank = 0;
	if (g.in_place)
		return own[at];
	for (size_t i = 0; i < lines->count && there == g.members; i++)
		if (hp_str_same(lines->items[i], text) && rank++ == g.rank)
			return i + 1;
	*ret_why = there ? hp_format(a, "\"%s\" stands in %zu lines of /" HP_MAP_PATH ", and not in line %zu",
				     shown(a, text), there, own[at])
			 : hp_format(a, "Line %zu of /" HP_MAP_PATH " no longer reads \"%s\"", own[at], shown(a, text));
	return 0;
}

static const char *no_edit(struct hp_arena *a, const struct hp_map_edit *e)
{
	bool whole = !(e->before && strchr(e->before, '\n')) && !(e->after && strchr(e->after, '\n'));
	if (!e->line || (!e->before && !e->after) || !whole)
		return hp_format(a, "What is noted of line %u of /" HP_MAP_PATH " is no edit", e->line);
	return NULL;
}

/* Finds the line of each edit that left one, in ret_places, and marks it as taken. */
static const char *find_lines(struct hp_arena *a, const struct hp_map_edits *edits, const struct lines *lines,
			      size_t *ret_places)
{
	bool *taken = hp_alloc_array(a, lines->count + 1, sizeof *taken);
	size_t *own = hp_alloc_array(a, edits->count + 1, sizeof *own);
	const char *why = NULL;
	for (size_t i = 0; i < edits->count && !why; i++)
		why = no_edit(a, &edits->items[i]);
	for (size_t i = 0; i < edits->count && !why; i++)
		own[i] = place_after(edits, i);
	for (size_t i = 0; i < edits->count && !why; i++) {
		const struct hp_map_edit *e = &edits->items[i];
		if (!e->after && count_same(lines, hp_str(e->before)))
			return hp_format(a, "\"%s\" stands in /" HP_MAP_PATH " again", shown(a, hp_str(e->before)));
		if (!e->after)
			continue;
		ret_places[i] = find_line(a, edits, own, lines, i, &why);
		if (taken[ret_places[i]])
			why = hp_format(a, "Line %u of /" HP_MAP_PATH " is noted twice", e->line);
		taken[ret_places[i]] = ret_places[i] > 0;
	}
	return why;
}

/* Lines that an edit took out come back at the number that they had, at most at the end; the lowest number first. */
static void put_back(struct hp_arena *a, const struct hp_map_edits *edits, struct lines *lines,
		     struct hp_map_edits *ret_edits)
{
	size_t done = 0;
	for (size_t number = 0; number != SIZE_MAX; done = number) {
		number = SIZE_MAX;
		for (size_t i = 0; i < edits->count; i++)
			if (!edits->items[i].after && edits->items[i].line > done && edits->items[i].line < number)
				number = edits->items[i].line;
		for (size_t i = 0; i < edits->count && number != SIZE_MAX; i++) {
			const struct hp_map_edit *e = &edits->items[i];
			if (e->after || e->line != number)
				continue;
			size_t at = number - 1 < lines->count ? number - 1 : lines->count;
			insert_line(a, lines, at, hp_str(e->before));
			add_edit(a, ret_edits, at + 1, NULL, e->before);
		}
	}
}

const char *hp_map_restore(struct hp_arena *a, struct hp_str bytes, const struct hp_map_edits *edits,
			   struct hp_map_edits *ret_edits, struct hp_str *ret_text)
{
	struct lines old = split(a, bytes), lines = {.ended = old.ended};
	size_t *places = hp_alloc_array(a, edits->count + 1, sizeof *places);
	const struct hp_map_edit **by_line = hp_alloc_array(a, old.count + 1, sizeof *by_line);
	struct hp_map_edits undo = {0};
	const char *why = find_lines(a, edits, &old, places);
	if (why)
		return why;
	for (size_t i = 0; i < edits->count; i++)
		if (edits->items[i].after)
			by_line[places[i]] = &edits->items[i];
	for (size_t i = 0; i < old.count; i++) {
		const struct hp_map_edit *e = by_line[i + 1];
		if (!e || e->before)
			add_line(a, &lines, e ? hp_str(e->before) : old.items[i]);
		if (e)
			add_edit(a, &undo, i + 1, e->after, e->before);
	}
	put_back(a, edits, &lines, &undo);
	if (!lines.count && undo.count)
		return "Nothing else would be left of /" HP_MAP_PATH;
	*ret_edits = undo;
	*ret_text = undo.count ? join(a, &lines) : bytes;
	return NULL;
}

bool hp_map_edit_reaches(struct hp_arena *a, const struct hp_map_edits *edits, uint16_t vendor, uint16_t device)
{
	(void)a;
	for (size_t i = 0; i < edits->count; i++) {
		const char *text = edits->items[i].after ? edits->items[i].after : edits->items[i].before;
		struct hp_map_line line;
		if (hp_map_line_read(hp_str(text), &line) && hp_map_matches(&line, vendor, device))
			return true;
	}
	return false;
}
