/* Bytes: a view (hp_str) that owns nothing and may hold any byte, and a builder (hp_buf) in an arena.
 * Texts that end in NUL are plain `const char *` and live in the arena.
 */
#ifndef HP_BASE_STR_H
#define HP_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct hp_str {
	const char *p; /* may be NULL only when n is 0 */
	size_t n;      /* bytes */
};

struct hp_buf {
	struct hp_arena *arena;
	char *p;
	size_t n, room;
};

struct hp_str hp_str(const char *text);
struct hp_str hp_str_sub(struct hp_str s, size_t from, size_t to); /* bounds are clipped */
bool hp_str_eq(struct hp_str s, const char *text);
bool hp_str_same(struct hp_str a, struct hp_str b);
bool hp_str_starts(struct hp_str s, const char *prefix);
bool hp_str_ends(struct hp_str s, const char *suffix);
bool hp_str_has(struct hp_str s, const char *part);
bool hp_str_has_nocase(struct hp_str s, const char *part); /* part in lower case; ASCII only */
bool hp_str_has_byte(struct hp_str s, char c);
char hp_lower(char c);			    /* ASCII only */
struct hp_str hp_str_trim(struct hp_str s); /* blanks, tabs, CR and LF off both ends */

/* Takes the next line off *rest. ret_ended tells whether a newline closed it; the line is given without it.
 * False when nothing is left. */
bool hp_next_line(struct hp_str *rest, struct hp_str *ret_line, bool *ret_ended);
/* Takes the next run of bytes that are neither blank nor tab (nor CR) off *rest; false when none is left. */
bool hp_next_word(struct hp_str *rest, struct hp_str *ret_word);

const char *hp_copy(struct hp_arena *a, struct hp_str s); /* a NUL inside ends the copy early for its reader */
const char *hp_format(struct hp_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *hp_vformat(struct hp_arena *a, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

struct hp_buf hp_buf(struct hp_arena *a);
void hp_put(struct hp_buf *b, struct hp_str s);
void hp_puts(struct hp_buf *b, const char *text);
void hp_putf(struct hp_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct hp_str hp_built(const struct hp_buf *b);
const char *hp_built_text(struct hp_buf *b);

/* Length of the valid UTF-8 character that s begins with (1 to 4), or 0. Overlong forms, surrogates and values over
 * U+10FFFF are not valid (RFC 3629). s is not empty. */
size_t hp_utf8_length(struct hp_str s);

/* At most `max` bytes of s as valid UTF-8: a byte that is not part of valid UTF-8, and a control other than newline
 * and tab, becomes '?'; a character is never cut in its middle. ret_truncated tells whether something was left out. */
const char *hp_clean_text(struct hp_arena *a, struct hp_str s, size_t max, bool *ret_truncated);

/* A shell-style pattern of '*' and '?' against a whole text. */
bool hp_glob(const char *pattern, const char *text);

#endif
