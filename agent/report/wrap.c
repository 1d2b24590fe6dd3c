#include "wrap.h"

/* A word; an option together with its value, so that both can be copied from one line. */
static bool next_piece(struct hp_str *rest, struct hp_str *ret)
{
	struct hp_str value, after;
	if (!hp_next_word(rest, ret))
		return false;
	after = *rest;
	if (ret->n > 2 && hp_str_starts(*ret, "--") && hp_next_word(&after, &value) && value.p == ret->p + ret->n + 1) {
		ret->n += 1 + value.n;
		*rest = after;
	}
	return true;
}

void hp_wrap_from(struct hp_buf *b, const char *text, size_t indent, size_t at)
{
	struct hp_str rest = hp_str(text), word;
	bool first = true;
	while (next_piece(&rest, &word)) {
		if (!first && at + 1 + word.n > HP_WIDTH) {
			hp_putf(b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			hp_puts(b, " ");
			at++;
		}
		for (size_t i = 0; i < word.n; i++, at++) {
			bool plain = word.p[i] >= 0x20 && word.p[i] < 0x7f;
			if (at == HP_WIDTH) { /* one word that is longer than a line */
				hp_putf(b, "\n%*s", (int)indent, "");
				at = indent;
			}
			hp_put(b, plain ? hp_str_sub(word, i, i + 1) : hp_str("?"));
		}
		first = false;
	}
	hp_puts(b, "\n");
}

void hp_wrap(struct hp_buf *b, const char *text, size_t indent)
{
	if (!*text)
		return;
	hp_putf(b, "%*s", (int)indent, "");
	hp_wrap_from(b, text, indent, indent);
}
