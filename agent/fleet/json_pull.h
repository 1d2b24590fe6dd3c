/* Reads JSON (RFC 8259) piece by piece, without making a tree of it: thousands of reports of 30 KiB are read in a
 * second, which a tree takes several for. Strict: what jansson refuses is refused here (tests/fuzz/report.c).
 *
 *     struct hp_pull j = hp_pull(a, bytes);
 *     struct hp_str key;
 *     if (hp_pull_open(&j, '{'))
 *             while (hp_pull_member(&j, &key)) {
 *                     if (hp_str_eq(key, "name"))
 *                             (void)hp_pull_text(&j, &name);
 *                     else
 *                             (void)hp_pull_skip(&j);
 *             }
 *     if (!hp_pull_end(&j))
 *             return hp_pull_fail(&j, err);
 *
 * Trouble stays: after the first one every function returns false and does nothing. A value is taken whole or not at
 * all; each member's and item's value must be taken before the next one is asked for. */
#ifndef HP_FLEET_JSON_PULL_H
#define HP_FLEET_JSON_PULL_H

#include <stdint.h>

#include "../base/err.h"
#include "../base/str.h"

#define HP_PULL_DEPTH 64u /* arrays and objects within each other; a fleet document has 7 */

struct hp_pull {
	struct hp_arena *arena; /* for texts that have escapes in them, and for copies */
	const char *start, *p, *end;
	uint64_t objects; /* a bit for each level: it is an object */
	unsigned depth;
	bool fresh;	     /* something was opened, and nothing in it was taken yet */
	bool cut;	     /* the trouble is that the bytes end too early */
	const char *trouble; /* NULL: none */
};

struct hp_pull hp_pull(struct hp_arena *a, struct hp_str bytes);
/* The first byte of the value that comes next: one of { [ " t f n, or 0 for a number. 'x' when there is none. */
char hp_pull_kind(struct hp_pull *j);
bool hp_pull_open(struct hp_pull *j, char bracket);		/* '{' or '[' */
bool hp_pull_member(struct hp_pull *j, struct hp_str *ret_key); /* false: the object ends, or trouble */
bool hp_pull_item(struct hp_pull *j);				/* false: the array ends, or trouble */
bool hp_pull_string(struct hp_pull *j, struct hp_str *ret);	/* a view where it has no escapes */
bool hp_pull_text(struct hp_pull *j, const char **ret);		/* a copy; null is NULL */
bool hp_pull_number(struct hp_pull *j, int64_t *ret);		/* a whole number */
bool hp_pull_bool(struct hp_pull *j, bool *ret);
bool hp_pull_null(struct hp_pull *j); /* takes a null if that comes next; false, without trouble, if not */
bool hp_pull_skip(struct hp_pull *j);
bool hp_pull_value(struct hp_pull *j, struct hp_str *ret); /* skips it and shows its bytes */
bool hp_pull_end(struct hp_pull *j);			   /* nothing but blanks is left, and there was no trouble */

/* Which members of an object were read, a bit each. */
struct hp_seen {
	unsigned long bits;
};
/* The key is this one; a second time is trouble. */
bool hp_pull_is(struct hp_pull *j, struct hp_str key, const char *name, struct hp_seen *seen, unsigned bit);
/* Members that are texts. A text that is `needed` is not null. */
struct hp_pull_text_member {
	const char *name;
	const char **to;
	bool needed;
};
/* The key is one of them (the bits of `seen` are their numbers), and its value was taken. */
bool hp_pull_one_of(struct hp_pull *j, struct hp_str key, const struct hp_pull_text_member *members, unsigned count,
		    struct hp_seen *seen);
/* A whole object of such members; others are passed over. `trouble`, where it is given, is what to say when one is
 * missing. */
bool hp_pull_texts(struct hp_pull *j, const struct hp_pull_text_member *members, unsigned count, const char *trouble);
/* The first `count` bits are there, or `trouble` is. */
bool hp_pull_has(struct hp_pull *j, const struct hp_seen *seen, unsigned count, const char *trouble);
bool hp_pull_need(struct hp_pull *j, const char **ret); /* a text, not null */

/* For the caller's own trouble ("verdict is not known"); returns false. */
bool hp_pull_refuse(struct hp_pull *j, const char *trouble);
/* "line 3, column 17: ...", or "it is cut at its end: ..."; returns -1. */
int hp_pull_fail(const struct hp_pull *j, struct hp_err *err);

/* The same value without blanks between its pieces; `bytes` has been read without trouble. */
struct hp_str hp_json_compact(struct hp_arena *a, struct hp_str bytes);

#endif
