/* Words for a terminal: 80 columns, ASCII. Pure. */
#ifndef HP_REPORT_WRAP_H
#define HP_REPORT_WRAP_H

#include "../base/str.h"

#define HP_WIDTH 80u

/* Words, broken at blanks to fit the width, ended by a newline; lines after the first begin at `indent`, and `at` is
 * the column where the first one begins. A byte that a terminal might act on, and what is not ASCII, is shown as '?'.
 */
void hp_wrap_from(struct hp_buf *b, const char *text, size_t indent, size_t at);
/* The same, its first line indented too; nothing for an empty text. */
void hp_wrap(struct hp_buf *b, const char *text, size_t indent);

#endif
