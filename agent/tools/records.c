#include "records.h"

#include <stdint.h>
#include <string.h>

#include "../base/num.h"
#include "../base/json.h"

static bool letter(char c)
{
	c = hp_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *plain_name(struct hp_arena *a, struct hp_str s)
{
	char *name = hp_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (letter(s.p[i]) || digit(s.p[i]))
			name[n++] = hp_lower(s.p[i]);
	return name;
}

static struct hp_record *add_record(struct hp_arena *a, struct hp_records *all)
{
	if (all->count == all->room) {
		all->room = all->room ? all->room * 2 : 64;
		all->records = hp_grow(a, all->records, all->count, all->room, sizeof(struct hp_record *));
	}
	struct hp_record *r = hp_alloc(a, sizeof *r);
	all->records[all->count++] = r;
	return r;
}

static struct hp_field *add_field(struct hp_record *r, const char *name, struct hp_str value)
{
	if (r->count == HP_FIELDS_MAX)
		return NULL;
	r->fields[r->count] = (struct hp_field){.name = name, .value = hp_str_trim(value)};
	return &r->fields[r->count++];
}

static void extend(struct hp_record *r, struct hp_str line, bool ended)
{
	const char *end = line.p + line.n + (ended ? 1 : 0);
	if (!r->bytes.p)
		r->bytes.p = line.p;
	r->bytes.n = (size_t)(end - r->bytes.p);
}

/* ---- keyvalue ---- */

/* "structure[12]." or nothing, then TYPE.FIELD.TAG=VALUE. */
static bool keyvalue_line(struct hp_str line, bool *ret_listed, uint64_t *ret_index, struct hp_str *ret_field,
			  struct hp_str *ret_tag, struct hp_str *ret_value)
{
	*ret_listed = false;
	if (hp_str_starts(line, "structure[")) {
		size_t from = strlen("structure["), to = from;
		while (to < line.n && digit(line.p[to]))
			to++;
		if (!hp_number(hp_str_sub(line, from, to), 10, 1000000, ret_index))
			return false;
		if (to + 1 >= line.n || line.p[to] != ']' || line.p[to + 1] != '.')
			return false;
		line = hp_str_sub(line, to + 2, line.n);
		*ret_listed = true;
	}
	size_t part = 0, from = 0;
	struct hp_str parts[3];
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		if (c == '.' && part < 2) {
			parts[part++] = hp_str_sub(line, from, i);
			from = i + 1;
		} else if (c == '=' && part == 2) {
			parts[2] = hp_str_sub(line, from, i);
			*ret_field = parts[1];
			*ret_tag = parts[2];
			*ret_value = hp_str_sub(line, i + 1, line.n);
			return parts[0].n && parts[1].n && parts[2].n;
		} else if (!letter(c) && !digit(c) && c != '_' && c != '[' && c != ']' && c != '-') {
			return false;
		}
	}
	return false;
}

static const char *read_keyvalue(struct hp_arena *a, struct hp_str bytes, struct hp_records *ret)
{
	struct hp_str line, field, tag, value;
	struct hp_record *r = NULL;
	bool ended, listed;
	uint64_t index = 0, current = 0;
	while (hp_next_line(&bytes, &line, &ended)) {
		if (!keyvalue_line(line, &listed, &index, &field, &tag, &value)) {
			if (r && r->count) { /* goes on with the value before it */
				struct hp_field *f = &r->fields[r->count - 1];
				if (!f->value.p)
					f->value.p = line.p;
				f->value.n = (size_t)(line.p + line.n - f->value.p);
				f->value = hp_str_trim(f->value);
				extend(r, line, ended);
			}
			continue;
		}
		index = listed ? index : 0;
		if (!r || index != current) {
			if (index != ret->count)
				return "printed records out of order";
			r = add_record(a, ret);
			current = index;
		}
		struct hp_field *f = add_field(r, plain_name(a, field), value);
		if (!f)
			return "printed a record with too many fields";
		f->decimal = hp_str_has(tag, "int") || hp_str_eq(tag, "long") || hp_str_eq(tag, "short");
		extend(r, line, ended);
	}
	return NULL;
}

/* ---- block ---- */

static bool block_line(struct hp_str line, struct hp_str *ret_key, struct hp_str *ret_value)
{
	if (!hp_str_starts(line, "   ") || line.n < 5 || !letter(line.p[3]))
		return false;
	for (size_t i = 3; i < line.n; i++) {
		if (line.p[i] != ':')
			continue;
		if (i + 1 < line.n && line.p[i + 1] != ' ' && line.p[i + 1] != '\r')
			return false;
		*ret_key = hp_str_sub(line, 3, i);
		*ret_value = hp_str_sub(line, i + 1, line.n);
		return true;
	}
	return false;
}

static const char *read_block(struct hp_arena *a, struct hp_str bytes, struct hp_records *ret)
{
	struct hp_str line, key, value, header = {0};
	struct hp_record *r = NULL;
	bool ended;
	while (hp_next_line(&bytes, &line, &ended)) {
		if (!hp_str_trim(line).n) {
			if (r)
				extend(r, line, ended);
			continue;
		}
		if (line.p[0] != ' ') {
			if (header.p && !r)
				return "printed a header with no record below it";
			header = line;
			r = NULL;
			continue;
		}
		if (!block_line(line, &key, &value)) {
			if (!r)
				return "printed text of an unknown form";
			extend(r, line, ended); /* a value that goes on, or a list below its key */
			continue;
		}
		if (!r) {
			r = add_record(a, ret);
			r->header = hp_str_trim(header);
			r->bytes.p = header.p ? header.p : line.p;
		}
		if (!add_field(r, plain_name(a, key), value))
			return "printed a record with too many fields";
		extend(r, line, ended);
	}
	return header.p && !r ? "printed a header with no record below it" : NULL;
}

/* ---- table ---- */

struct column {
	const char *name;
	size_t from, to;
};

static bool dashes(struct hp_str line)
{
	line = hp_str_trim(line);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != '-' && line.p[i] != ' ')
			return false;
	return line.n >= 2 && line.p[0] == '-' && line.p[1] == '-';
}

static size_t columns_of(struct hp_arena *a, struct hp_str head, struct hp_str line, struct column *columns)
{
	size_t n = 0, i = 0;
	while (i < line.n && n < HP_FIELDS_MAX) {
		if (line.p[i] != '-') {
			i++;
			continue;
		}
		columns[n].from = i;
		while (i < line.n && line.p[i] == '-')
			i++;
		columns[n].to = i;
		columns[n].name = plain_name(a, hp_str_sub(head, columns[n].from, columns[n].to));
		n++;
	}
	return n;
}

/* A line that spilled over from a wrapped last column, or was cut, does not keep to the gaps between columns. */
static bool keeps_gaps(struct hp_str line, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t at = i ? columns[i - 1].to : 0; at < columns[i].from; at++)
			if (at < line.n && line.p[at] != ' ')
				return false;
	return line.n && line.p[0] != ' ';
}

static const char *read_table(struct hp_arena *a, struct hp_str head, struct hp_str line, struct hp_str bytes,
			      struct hp_records *ret)
{
	struct column columns[HP_FIELDS_MAX];
	size_t n = columns_of(a, head, line, columns);
	bool ended;
	while (hp_next_line(&bytes, &line, &ended)) {
		if (!hp_str_trim(line).n || !keeps_gaps(line, columns, n))
			continue;
		struct hp_record *r = add_record(a, ret);
		for (size_t i = 0; i < n; i++)
			(void)add_field(r, columns[i].name,
					hp_str_sub(line, columns[i].from, i + 1 == n ? line.n : columns[i].to));
		extend(r, line, ended);
	}
	return NULL;
}

/* ---- json ---- */

/* Takes the next object of a list off *rest, braces and all. The text is known to be valid JSON. */
static struct hp_str next_object(struct hp_str *rest)
{
	size_t depth = 0, from = 0;
	bool text = false;
	for (size_t i = 0; i < rest->n; i++) {
		char c = rest->p[i];
		if (text && c == '\\') {
			i++;
		} else if (c == '"') {
			text = !text;
		} else if (!text && c == '{' && depth++ == 0) {
			from = i;
		} else if (!text && c == '}' && --depth == 0) {
			struct hp_str object = hp_str_sub(*rest, from, i + 1);
			*rest = hp_str_sub(*rest, i + 1, rest->n);
			return object;
		}
	}
	return *rest;
}

static const char *read_json_object(struct hp_arena *a, json_t *object, struct hp_str bytes, struct hp_records *ret)
{
	struct hp_record *r = add_record(a, ret);
	const char *key;
	json_t *value;
	r->bytes = bytes;
	json_object_foreach (object, key, value) {
		struct hp_str text;
		if (json_is_string(value))
			text = (struct hp_str){json_string_value(value), json_string_length(value)};
		else if (json_is_integer(value))
			text = hp_str(hp_format(a, "%lld", (long long)json_integer_value(value)));
		else if (json_is_boolean(value))
			text = hp_str(json_is_true(value) ? "true" : "false");
		else
			continue;
		struct hp_field *f = add_field(r, plain_name(a, hp_str(key)), text);
		if (!f)
			return "printed a record with too many fields";
		f->decimal = json_is_integer(value);
	}
	return NULL;
}

static const char *read_json(struct hp_arena *a, struct hp_str bytes, struct hp_records *ret)
{
	json_t *root = hp_json_parse(a, bytes, NULL);
	const char *why = NULL;
	size_t i;
	json_t *item;
	if (json_is_object(root))
		return read_json_object(a, root, bytes, ret);
	if (!json_is_array(root))
		return "printed JSON that is cut off or not valid";
	json_array_foreach (root, i, item) {
		if (!why && json_is_object(item))
			why = read_json_object(a, item, next_object(&bytes), ret);
		else if (!why)
			why = "printed JSON of an unknown form";
	}
	return why;
}

/* ---- all of them ---- */

/* Every record of a list is printed with the same fields in the same order, so the last one was cut when it does not
 * end as its neighbours do. A single record has no neighbour; its reader must ask for the fields that it needs. */
static void mark_whole(struct hp_records *all)
{
	for (size_t i = 0; i < all->count; i++) {
		struct hp_record *r = all->records[i];
		const struct hp_record *near = all->records[i ? i - 1 : (all->count > 1 ? 1 : 0)];
		r->whole =
		    r->count &&
		    (i + 1 < all->count || all->count == 1 ||
		     (near->count && strcmp(r->fields[r->count - 1].name, near->fields[near->count - 1].name) == 0));
	}
}

const char *hp_records_read(struct hp_arena *a, struct hp_str bytes, struct hp_records *ret)
{
	struct hp_str rest = bytes, first = {0}, second = {0}, field, tag, value;
	struct hp_records all = {0};
	bool ended, listed;
	uint64_t index;
	const char *why = NULL;
	while (hp_next_line(&rest, &first, &ended) && !hp_str_trim(first).n)
		;
	struct hp_str body = rest;
	if (hp_next_line(&rest, &second, &ended) && dashes(second)) {
		all.table = true;
		why = read_table(a, first, second, rest, &all);
	} else if (keyvalue_line(first, &listed, &index, &field, &tag, &value)) {
		why = read_keyvalue(a, (struct hp_str){first.p, body.n + (size_t)(body.p - first.p)}, &all);
	} else if (hp_str_starts(first, "[") || hp_str_starts(first, "{")) {
		why = read_json(a, hp_str_trim(bytes), &all);
	} else if (block_line(first, &field, &value) || block_line(second, &field, &value)) {
		why = read_block(a, (struct hp_str){first.p, body.n + (size_t)(body.p - first.p)}, &all);
	} else {
		first = hp_str_trim(first);
		why = hp_format(a, "answered no data: %s", hp_clean_text(a, first, 160, NULL));
	}
	if (why)
		return why;
	if (!all.count)
		return "printed no record";
	mark_whole(&all);
	*ret = all;
	return NULL;
}

struct hp_str hp_records_bytes(const struct hp_records *all)
{
	const char *from = all->records[0]->bytes.p;
	struct hp_str last = all->records[all->count - 1]->bytes;
	return (struct hp_str){from, (size_t)(last.p + last.n - from)};
}

bool hp_record_get(const struct hp_record *r, const char *name, struct hp_str *ret)
{
	const struct hp_field *found = NULL;
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->fields[i].name, name) != 0)
			continue;
		if (found && !hp_str_same(found->value, r->fields[i].value))
			return false;
		found = &r->fields[i];
	}
	if (!found)
		return false;
	*ret = found->value;
	return true;
}

struct hp_str hp_record_place(const struct hp_record *r, const char *name)
{
	struct hp_str value, place = {NULL, 0};
	if (!hp_record_get(r, name, &value) || !value.n)
		return place;
	if (value.p >= r->bytes.p && value.p < r->bytes.p + r->bytes.n)
		return value;
	/* JSON's values are copies: they are looked for. */
	for (size_t i = 0; i + value.n <= r->bytes.n && !place.p; i++)
		if (memcmp(r->bytes.p + i, value.p, value.n) == 0)
			place = hp_str_sub(r->bytes, i, i + value.n);
	return place;
}

bool hp_record_number(const struct hp_record *r, const char *name, uint64_t max, uint64_t *ret)
{
	struct hp_str value;
	if (!hp_record_get(r, name, &value))
		return false;
	if (hp_str_starts(value, "0x") || hp_str_starts(value, "0X"))
		return hp_number(hp_str_sub(value, 2, value.n), 16, max, ret);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return hp_number(value, r->fields[i].decimal ? 10 : 16, max, ret);
	return false;
}
