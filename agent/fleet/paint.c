#include "paint.h"

#include <string.h>

#include "../report/wrap.h"

static const char *const codes[] = {[HP_PAINT_PLAIN] = "",
				    [HP_PAINT_RED] = "\033[31m",
				    [HP_PAINT_YELLOW] = "\033[33m",
				    [HP_PAINT_GREEN] = "\033[32m",
				    [HP_PAINT_BOLD] = "\033[1m"};

#define INDENT 6u

void hp_paint_head(const struct hp_painter *p, enum hp_paint color, const char *word, const char *rest)
{
	struct hp_buf b = hp_buf(p->arena);
	hp_putf(&b, "%s%s%s", p->color ? codes[color] : "", word, p->color && *codes[color] ? "\033[0m" : "");
	bool apart = *word && *rest && *rest != ':';
	if (apart)
		hp_puts(&b, " ");
	hp_out_put(p->out, hp_built(&b));
	struct hp_buf line = hp_buf(p->arena);
	hp_wrap_from(&line, rest, INDENT, strlen(word) + apart);
	hp_out_put(p->out, hp_built(&line));
}

void hp_paint_text(const struct hp_painter *p, const char *text)
{
	struct hp_buf b = hp_buf(p->arena);
	if (!text || !*text)
		return;
	hp_wrap(&b, text, INDENT);
	hp_out_put(p->out, hp_built(&b));
}

void hp_paint_command(const struct hp_painter *p, const char *command)
{
	struct hp_buf b = hp_buf(p->arena);
	for (const char *c = command; c && *c; c++) /* what a terminal might act on is no part of a command */
		hp_putf(&b, "%c", (unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f ? *c : '?');
	if (command)
		hp_out_putf(p->out, "%*s%s\n", (int)INDENT + 2, "", hp_built_text(&b));
}

void hp_paint_names(const struct hp_painter *p, const char *const *names, size_t count, size_t most)
{
	struct hp_buf b = hp_buf(p->arena);
	size_t shown = most && most < count ? most : count;
	for (size_t i = 0; i < shown; i++)
		hp_putf(&b, "%s%s", i ? " " : "", names[i]);
	if (shown < count)
		hp_putf(&b, " and %zu more", count - shown);
	hp_paint_text(p, hp_built_text(&b));
}

const char *hp_hosts_text(struct hp_arena *a, size_t count)
{
	return hp_format(a, "%zu host%s", count, count == 1 ? "" : "s");
}
