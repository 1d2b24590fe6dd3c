/* Lists of records in all four dialects: every value lies within what was printed, and cutting the list at the end of a
 * line changes no record but the last one that is left. */
#include <string.h>

#include "../../agent/tools/records.h"
#include "fuzz.h"

static bool is_json(struct hp_str bytes)
{
	bytes = hp_str_trim(bytes);
	return bytes.n && (bytes.p[0] == '[' || bytes.p[0] == '{');
}

static void judge_record(const struct hp_record *r, struct hp_str bytes, bool json)
{
	MUST(r->count <= HP_FIELDS_MAX);
	MUST(fuzz_inside(r->bytes, bytes) && fuzz_inside(r->header, bytes));
	MUST(!r->whole || r->count);
	for (size_t i = 0; i < r->count; i++) {
		const struct hp_field *f = &r->fields[i];
		struct hp_str value;
		uint64_t n;
		for (const char *c = f->name; *c; c++)
			MUST((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9'));
		MUST(hp_str_same(f->value, hp_str_trim(f->value)));
		MUST(json || fuzz_inside(f->value, r->bytes));
		if (hp_record_get(r, f->name, &value))
			MUST(hp_str_same(value, f->value));
		if (hp_record_number(r, f->name, 0xffff, &n))
			MUST(n <= 0xffff && f->value.n);
	}
}

static bool same_record(const struct hp_record *x, const struct hp_record *y)
{
	if (x->count != y->count || !hp_str_same(x->header, y->header))
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (strcmp(x->fields[i].name, y->fields[i].name) != 0 ||
		    !hp_str_same(x->fields[i].value, y->fields[i].value))
			return false;
	return true;
}

/* Cut at up to 40 line ends. */
static void judge_cuts(struct hp_arena *a, struct hp_str bytes, const struct hp_records *all)
{
	unsigned cuts = 0;
	for (size_t n = 1; n < bytes.n && cuts < 40; n++) {
		struct hp_records left;
		if (bytes.p[n - 1] != '\n')
			continue;
		cuts++;
		if (hp_records_read(a, hp_str_sub(bytes, 0, n), &left))
			continue;
		MUST(left.count <= all->count);
		for (size_t i = 0; i + 1 < left.count; i++)
			MUST(same_record(left.records[i], all->records[i]));
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_records all = {0};
	bool json = is_json(input);
	const char *why = hp_records_read(a, input, &all);
	MUST(!why || (*why && !all.count));
	if (why)
		return;
	MUST(all.count);
	for (size_t i = 0; i < all.count; i++) {
		judge_record(all.records[i], input, json);
		for (size_t k = i + 1; k < all.count && k < i + 8 && !json; k++)
			MUST(all.records[i]->bytes.p + all.records[i]->bytes.n <= all.records[k]->bytes.p);
	}
	if (!json)
		judge_cuts(a, input, &all);
}
