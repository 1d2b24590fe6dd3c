#include "recipe_yaml.h"

#include <string.h>

#include "big.h"

#define LINE_MOST 1000u /* bytes of a summary, a description, a link */

int hp_recipe_refuse(const struct hp_recipe_reading *r, const struct hp_yaml *node, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *text = hp_vformat(r->a, format, ap);
	va_end(ap);
	return hp_fail(r->err, "%s:%u:%u: %s", r->path, node->line, node->column, text);
}

static const char *shown_key(const struct hp_recipe_reading *r, const struct hp_yaml *node)
{
	return hp_clean_text(r->a, node->key, 60, NULL);
}

/* U+0080 to U+009F, and the two that XML cannot carry. */
static bool has_rare_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe))
			return true;
	return false;
}

bool hp_recipe_is_line(struct hp_arena *a, struct hp_str text)
{
	const char *clean = hp_clean_text(a, text, text.n, NULL);
	return hp_str_same(hp_str(clean), text) && !strpbrk(clean, "\n\t") && !has_rare_control(clean);
}

const char *hp_recipe_text(const struct hp_recipe_reading *r, const struct hp_yaml *node, size_t most)
{
	if (node->kind != HP_YAML_SCALAR || !hp_str_trim(node->text).n) {
		(void)hp_recipe_refuse(r, node, "\"%s\" wants a text", shown_key(r, node));
		return NULL;
	}
	if (node->text.n > most) {
		(void)hp_recipe_refuse(r, node, "\"%s\" is longer than %zu bytes", shown_key(r, node), most);
		return NULL;
	}
	if (!hp_recipe_is_line(r->a, node->text)) {
		(void)hp_recipe_refuse(r, node, "\"%s\" wants one line of UTF-8 without control characters",
				       shown_key(r, node));
		return NULL;
	}
	return hp_copy(r->a, node->text);
}

int hp_recipe_line(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *text = hp_recipe_text(r, node, LINE_MOST);
	*(const char **)(void *)((char *)recipe + offset) = text;
	return text ? 0 : -1;
}

int hp_recipe_flag(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	bool yes = hp_str_eq(node->text, "true");
	if (node->kind != HP_YAML_SCALAR || node->quoted || (!yes && !hp_str_eq(node->text, "false")))
		return hp_recipe_refuse(r, node, "\"%s\" wants true or false", shown_key(r, node));
	*(bool *)((char *)recipe + offset) = yes;
	return 0;
}

int hp_recipe_lines(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	size_t n = 0, *count = (size_t *)(void *)((char *)recipe + offset + sizeof(const char **));
	if (node->kind != HP_YAML_LIST)
		return hp_recipe_refuse(r, node, "\"%s\" wants a list", shown_key(r, node));
	for (const struct hp_yaml *m = node->first; m; m = m->next)
		n++;
	const char **lines = hp_alloc_array(r->a, n + 1, sizeof *lines);
	n = 0;
	for (const struct hp_yaml *m = node->first; m; m = m->next) {
		lines[n] = hp_recipe_text(r, m, LINE_MOST);
		if (!lines[n++])
			return -1;
	}
	*(const char ***)(void *)((char *)recipe + offset) = lines;
	*count = n;
	return 0;
}

static const char *known(struct hp_arena *a, const struct hp_recipe_key *keys)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; keys[i].name; i++)
		hp_putf(&b, "%s%s", i ? ", " : "", keys[i].name);
	return hp_built_text(&b);
}

static const struct hp_recipe_key *find(const struct hp_recipe_key *keys, struct hp_str name)
{
	for (size_t i = 0; keys[i].name; i++)
		if (hp_str_eq(name, keys[i].name))
			return &keys[i];
	return NULL;
}

static bool has(const struct hp_yaml *map, const char *name)
{
	for (const struct hp_yaml *m = map->first; m; m = m->next)
		if (hp_str_eq(m->key, name))
			return true;
	return false;
}

int hp_recipe_load(const struct hp_recipe_reading *r, const struct hp_recipe_key *keys, void *recipe)
{
	struct hp_str bytes;
	struct hp_yaml *top = NULL;
	if (hp_big_read(r->a, r->path, HP_RECIPE_LIMIT, &bytes, r->err) < 0 ||
	    hp_yaml_parse(r->a, bytes, r->path, &top, r->err) < 0)
		return -1;
	if (!top || top->kind != HP_YAML_MAP)
		return hp_fail(r->err, "%s: is no map of keys (known: %s)", r->path, known(r->a, keys));
	for (const struct hp_yaml *m = top->first; m; m = m->next) {
		const struct hp_recipe_key *key = find(keys, m->key);
		if (!key)
			return hp_fail(r->err, "%s:%u:%u: unknown key \"%s\" (known: %s)", r->path, m->key_line,
				       m->key_column, shown_key(r, m), known(r->a, keys));
		if (key->read(r, m, recipe, key->offset) < 0)
			return -1;
	}
	for (size_t i = 0; keys[i].name; i++)
		if (keys[i].needed && !has(top, keys[i].name))
			return hp_fail(r->err, "%s: has no \"%s\"", r->path, keys[i].name);
	return 0;
}
