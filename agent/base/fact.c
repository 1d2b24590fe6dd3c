#include "fact.h"

#include <string.h>

struct hp_value hp_present(const char *text)
{
	return (struct hp_value){.is = HP_PRESENT, .text = text};
}

struct hp_value hp_absent(const char *why)
{
	return (struct hp_value){.is = HP_ABSENT, .why = why};
}

struct hp_value hp_no_data(const char *why, const char *hint)
{
	return (struct hp_value){.is = HP_NO_DATA, .why = why, .hint = hint};
}

void hp_facts_init(struct hp_facts *f, struct hp_arena *a)
{
	memset(f, 0, sizeof *f);
	f->arena = a;
}

/* FNV-1a over subject and name. */
static size_t hash(const char *subject, const char *name)
{
	uint64_t h = 14695981039346656037u;
	for (const char *p = subject; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	h = (h ^ 1) * 1099511628211u;
	for (const char *p = name; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return (size_t)h;
}

static size_t *slot_of(const struct hp_facts *f, const char *subject, const char *name)
{
	size_t at = hash(subject, name) & (f->slots - 1);
	while (f->index[at]) {
		const struct hp_fact *fact = f->facts[f->index[at] - 1];
		if (strcmp(fact->subject, subject) == 0 && strcmp(fact->name, name) == 0)
			break;
		at = (at + 1) & (f->slots - 1);
	}
	return &f->index[at];
}

static void enlarge(struct hp_facts *f)
{
	size_t room = f->room ? f->room * 2 : 64;
	f->facts = hp_grow(f->arena, f->facts, f->count, room, sizeof(struct hp_fact *));
	f->room = room;
	f->slots = room * 4;
	f->index = hp_alloc_array(f->arena, f->slots, sizeof *f->index);
	for (size_t i = 0; i < f->count; i++)
		*slot_of(f, f->facts[i]->subject, f->facts[i]->name) = i + 1;
}

struct hp_fact *hp_fact_put(struct hp_facts *f, const char *subject, const char *name)
{
	if (f->count == f->room)
		enlarge(f);
	size_t *slot = slot_of(f, subject, name);
	if (*slot)
		return f->facts[*slot - 1];
	struct hp_fact *fact = hp_alloc(f->arena, sizeof *fact);
	fact->subject = subject;
	fact->name = name;
	f->facts[f->count++] = fact;
	*slot = f->count;
	return fact;
}

const struct hp_fact *hp_fact_find(const struct hp_facts *f, const char *subject, const char *name)
{
	if (!f->slots)
		return NULL;
	size_t found = *slot_of(f, subject, name);
	return found ? f->facts[found - 1] : NULL;
}

const struct hp_fact *hp_fact(const struct hp_facts *f, const char *subject, const char *name)
{
	static const struct hp_fact none = {.now = {.why = "It was not looked at"},
					    .next = {.why = "It was not looked at"}};
	const struct hp_fact *fact = hp_fact_find(f, subject, name);
	return fact ? fact : &none;
}

const char *hp_fact_text(const struct hp_facts *f, const char *subject, const char *name)
{
	const struct hp_fact *fact = hp_fact(f, subject, name);
	return fact->now.is == HP_PRESENT ? fact->now.text : NULL;
}

struct hp_device *hp_device_add(struct hp_facts *f)
{
	if (f->device_count == f->device_room) {
		f->device_room = f->device_room ? f->device_room * 2 : 64;
		f->devices = hp_grow(f->arena, f->devices, f->device_count, f->device_room, sizeof *f->devices);
	}
	return &f->devices[f->device_count++];
}

struct hp_mst_device *hp_mst_add(struct hp_facts *f)
{
	if (f->mst_count == f->mst_room) {
		f->mst_room = f->mst_room ? f->mst_room * 2 : 16;
		f->mst = hp_grow(f->arena, f->mst, f->mst_count, f->mst_room, sizeof *f->mst);
	}
	return &f->mst[f->mst_count++];
}
