/* The YAML tree: every node has a place within the text, no map has a key twice, and plain text stands where its node
 * says that it stands. */
#include <string.h>

#include "../../agent/base/yaml.h"
#include "fuzz.h"

static unsigned nodes;

/* Where a place is in the text, in bytes of ASCII; false when other characters stand before it in its line. */
static bool offset_of(struct hp_str text, unsigned line, unsigned column, size_t *ret)
{
	size_t at = 0;
	if (!text.n || (unsigned char)text.p[0] >= 0x80 || !text.p[0])
		return false; /* a byte order mark, UTF-16 */
	for (unsigned i = 1; i < line; at++) {
		if (at >= text.n)
			return false;
		if ((unsigned char)text.p[at] >= 0x80 || text.p[at] == '\r' || !text.p[at])
			return false; /* other line ends, and wide characters */
		i += text.p[at] == '\n';
	}
	for (unsigned i = 1; i < column; i++, at++)
		if (at >= text.n || (unsigned char)text.p[at] >= 0x80 || text.p[at] == '\n')
			return false;
	*ret = at;
	return true;
}

static void judge(const struct hp_yaml *n, struct hp_str text, unsigned depth)
{
	size_t at;
	MUST(depth <= HP_YAML_DEPTH && ++nodes <= HP_YAML_NODES);
	MUST(n->line >= 1 && n->column >= 1 && n->line <= text.n + 1 && n->column <= text.n + 1);
	if (n->kind == HP_YAML_SCALAR) {
		MUST(!n->first && fuzz_utf8(n->text));
		if (!n->quoted && n->text.n && !memchr(n->text.p, ' ', n->text.n) &&
		    !memchr(n->text.p, '\n', n->text.n) && offset_of(text, n->line, n->column, &at))
			MUST(hp_str_same(hp_str_sub(text, at, at + n->text.n), n->text));
		return;
	}
	for (const struct hp_yaml *m = n->first; m; m = m->next) {
		if (n->kind == HP_YAML_MAP) {
			MUST(m->key.p && m->key_line >= 1 && m->key_column >= 1);
			for (const struct hp_yaml *k = m->next; k; k = k->next)
				MUST(!hp_str_same(m->key, k->key));
		}
		judge(m, text, depth + 1);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_err err = {""};
	struct hp_yaml *root = NULL;
	nodes = 0;
	if (hp_yaml_parse(a, input, "t", &root, &err) < 0)
		MUST(fuzz_placed(err.text, "t", true));
	else if (root)
		judge(root, input, 0);
}
