#include "xml.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static const char *reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

/* The production Char of XML 1.0, of a character that is valid UTF-8. */
static bool carried(struct hp_str c)
{
	return c.n == 1 ? (unsigned char)c.p[0] >= 0x20
			: !hp_str_eq(c, "\xef\xbf\xbe") && !hp_str_eq(c, "\xef\xbf\xbf");
}

void hp_xml_put(struct hp_buf *b, struct hp_str text)
{
	size_t done = 0, at = 0; /* what lies between them is put as it is */
	while (at < text.n) {
		size_t n = hp_utf8_length(hp_str_sub(text, at, text.n));
		const char *instead = reference(text.p[at]);
		if (!instead && !(n && carried(hp_str_sub(text, at, at + n))))
			instead = REPLACEMENT;
		n = n ? n : 1;
		if (instead) {
			hp_put(b, hp_str_sub(text, done, at));
			hp_puts(b, instead);
			done = at + n;
		}
		at += n;
	}
	hp_put(b, hp_str_sub(text, done, text.n));
}
