#include "policy_read.h"

#include "../base/num.h"

int hp_place_refuse(const struct hp_place *at, const struct hp_yaml *node, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *text = hp_vformat(at->arena, format, ap);
	va_end(ap);
	return hp_fail(at->err, "%s:%u:%u: %s", at->source, node->line, node->column, text);
}

int hp_place_refuse_key(const struct hp_place *at, const struct hp_yaml *node, const char *where, const char *known)
{
	return hp_fail(at->err, "%s:%u:%u: unknown key \"%s\" %s (known: %s)", at->source, node->key_line,
		       node->key_column, hp_clean_text(at->arena, node->key, 60, NULL), where, known);
}

int hp_place_kind(const struct hp_place *at, const struct hp_yaml *node, enum hp_yaml_kind kind)
{
	static const char *const names[] = {"a single value", "a map (key: value)", "a list"};
	if (node->kind == kind)
		return 0;
	return hp_place_refuse(at, node, "\"%s\" wants %s, not %s", node->key.p, names[kind], names[node->kind]);
}

int hp_place_bool(const struct hp_place *at, const struct hp_yaml *node, bool *ret)
{
	if (hp_place_kind(at, node, HP_YAML_SCALAR) < 0)
		return -1;
	bool yes = hp_str_eq(node->text, "true"), no = hp_str_eq(node->text, "false");
	if (node->quoted || (!yes && !no))
		return hp_place_refuse(at, node, "\"%s\" wants true or false", node->key.p);
	*ret = yes;
	return 0;
}

int hp_place_count(const struct hp_place *at, const struct hp_yaml *node, unsigned least, unsigned most, unsigned *ret)
{
	uint64_t n;
	if (hp_place_kind(at, node, HP_YAML_SCALAR) < 0)
		return -1;
	if (node->quoted || !hp_number(node->text, 10, most, &n) || n < least)
		return hp_place_refuse(at, node, "\"%s\" wants a whole number from %u to %u", node->key.p, least, most);
	*ret = (unsigned)n;
	return 0;
}
