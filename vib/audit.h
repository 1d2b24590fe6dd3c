/* What a look at a VIB or a bundle has brought, line by line. */
#ifndef HP_VIB_AUDIT_H
#define HP_VIB_AUDIT_H

#include "../agent/base/str.h"

enum hp_audit_kind {
	HP_AUDIT_GOOD,	/* was checked, and is right */
	HP_AUDIT_NOTE,	/* is no fault of the file, but worth knowing */
	HP_AUDIT_FREE,	/* bytes that no checksum, signature or fixed layout covers */
	HP_AUDIT_WRONG, /* verify fails */
};

struct hp_audit_line {
	enum hp_audit_kind kind;
	const char *where; /* the file, or the part of it */
	const char *text;  /* one line, clean for a terminal */
};

struct hp_audit {
	struct hp_arena *arena;
	struct hp_audit_line *lines;
	size_t count, room;
	size_t wrong; /* how many are HP_AUDIT_WRONG */
};

void hp_audit_begin(struct hp_audit *audit, struct hp_arena *a);
void hp_audit_add(struct hp_audit *audit, enum hp_audit_kind kind, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* For people: what is wrong first, then what is not covered, notes, and (verbose) what is right. */
struct hp_str hp_audit_text(const struct hp_audit *audit, bool verbose);

/* What comes from a file may hold newlines, tabs and controls: one line of valid UTF-8 without them, and not too long.
 */
const char *hp_one_line(struct hp_arena *a, const char *text);

#endif
