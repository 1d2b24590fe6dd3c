/* The container of a VIB: members lie inside the archive, leave no byte over and are called what their headers say;
 * what was read is written in VMware's form, and that is read again as the same, and written as the same bytes; an
 * archive whose headers are not free is one of two forms, each of which follows from names and bodies alone.
 *
 * Input: the archive's bytes. */
#include <string.h>

#include "../../vib/ar.h"
#include "fuzz.h"

static void judge(struct hp_arena *a, struct hp_str all, const struct hp_ar *ar)
{
	size_t at = 8;
	MUST(ar->count <= HP_AR_MEMBERS);
	for (size_t i = 0; i < ar->count; i++) {
		const struct hp_ar_member *m = &ar->members[i];
		size_t n = strlen(m->name);
		MUST(m->at == at && n && n <= HP_AR_NAME && fuzz_one_line(m->name) && !strpbrk(m->name, " /"));
		MUST(memcmp(all.p + at, m->name, n) == 0);
		MUST(fuzz_inside(m->body, all) && m->body.p == all.p + at + 60);
		MUST(hp_ar_find(ar, m->name) == m);
		at += 60 + m->body.n;
		if (m->body.n % 2)
			MUST(all.p[at++] == '\n');
	}
	MUST(at == all.n || !ar->count);
	MUST(!hp_ar_find(ar, "") && !hp_ar_find(ar, "no such member"));
	(void)a;
}

/* GNU's form of the same members. */
static struct hp_str gnu(struct hp_arena *a, const struct hp_ar *ar)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "!<arch>\n");
	for (size_t i = 0; i < ar->count; i++) {
		const struct hp_ar_member *m = &ar->members[i];
		hp_putf(&b, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", hp_format(a, "%s/", m->name), 0, 0, 0, "644", m->body.n);
		hp_put(&b, m->body);
		hp_puts(&b, m->body.n % 2 ? "\n" : "");
	}
	return hp_built(&b);
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_ar ar, again;
	struct hp_err err = {""};
	if (hp_ar_read(a, input, &ar, &err) < 0) {
		MUST(*err.text && fuzz_one_line(err.text));
		return;
	}
	judge(a, input, &ar);
	struct hp_str official = hp_ar_write(a, ar.members, ar.count);
	MUST(hp_ar_read(a, official, &again, &err) == 0);
	judge(a, official, &again);
	MUST(again.count == ar.count && !again.free_headers);
	for (size_t i = 0; i < ar.count; i++)
		MUST(strcmp(ar.members[i].name, again.members[i].name) == 0 &&
		     hp_str_same(ar.members[i].body, again.members[i].body));
	MUST(hp_str_same(hp_ar_write(a, again.members, again.count), official));
	if (!ar.free_headers)
		MUST(hp_str_same(input, official) || hp_str_same(input, gnu(a, &ar)));
}
