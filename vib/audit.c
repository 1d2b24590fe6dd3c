#include "audit.h"

#include "../agent/report/wrap.h"

#define TEXT_MAX 1024u /* bytes of a line; more is cut */
#define INDENT 13u

void hp_audit_begin(struct hp_audit *audit, struct hp_arena *a)
{
	*audit = (struct hp_audit){.arena = a};
}

const char *hp_one_line(struct hp_arena *a, const char *text)
{
	const char *clean = hp_clean_text(a, hp_str(text), TEXT_MAX, NULL);
	struct hp_buf b = hp_buf(a);
	for (const char *p = clean; *p; p++)
		hp_put(&b, (struct hp_str){*p == '\n' || *p == '\t' ? " " : p, 1});
	return hp_built_text(&b);
}

void hp_audit_add(struct hp_audit *audit, enum hp_audit_kind kind, const char *where, const char *format, ...)
{
	struct hp_arena *a = audit->arena;
	va_list ap;
	va_start(ap, format);
	const char *text = hp_vformat(a, format, ap);
	va_end(ap);
	if (audit->count == audit->room) {
		audit->room = audit->room ? 2 * audit->room : 32;
		audit->lines = hp_grow(a, audit->lines, audit->count, audit->room, sizeof *audit->lines);
	}
	audit->lines[audit->count++] = (struct hp_audit_line){kind, hp_one_line(a, where), hp_one_line(a, text)};
	audit->wrong += kind == HP_AUDIT_WRONG;
}

static void put_kind(struct hp_buf *b, const struct hp_audit *audit, enum hp_audit_kind kind, const char *word)
{
	for (size_t i = 0; i < audit->count; i++) {
		const struct hp_audit_line *l = &audit->lines[i];
		if (l->kind != kind)
			continue;
		hp_putf(b, "%-13s", word);
		hp_wrap_from(b, hp_format(audit->arena, "%s: %s", l->where, l->text), INDENT, INDENT);
	}
}

struct hp_str hp_audit_text(const struct hp_audit *audit, bool verbose)
{
	struct hp_buf b = hp_buf(audit->arena);
	put_kind(&b, audit, HP_AUDIT_WRONG, "WRONG");
	put_kind(&b, audit, HP_AUDIT_FREE, "not covered");
	put_kind(&b, audit, HP_AUDIT_NOTE, "note");
	if (verbose)
		put_kind(&b, audit, HP_AUDIT_GOOD, "ok");
	return hp_built(&b);
}
