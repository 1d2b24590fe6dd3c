#include "yaml.h"

#include <yaml.h>

struct builder {
	struct hp_arena *arena;
	yaml_parser_t *parser;
	const char *name;
	struct hp_err *err;
	unsigned nodes;
};

static void delete_parser(void *what)
{
	yaml_parser_delete(what);
}

static void delete_event(void *what)
{
	yaml_event_delete(what);
}

static int refuse(const struct builder *b, const yaml_mark_t *at, const char *what)
{
	return hp_fail(b->err, "%s:%zu:%zu: %s", b->name, at->line + 1, at->column + 1, what);
}

/* Libyaml's own memory hangs on the event; the arena knows it in case that memory runs out in between. */
static int next_event(struct builder *b, yaml_event_t **ret)
{
	yaml_event_t *event = hp_alloc(b->arena, sizeof *event);
	if (!yaml_parser_parse(b->parser, event)) {
		const yaml_mark_t *at = b->parser->problem_mark.line || b->parser->problem_mark.column
					    ? &b->parser->problem_mark
					    : &b->parser->mark;
		return refuse(b, at, b->parser->problem ? b->parser->problem : "this is no YAML");
	}
	hp_defer(b->arena, delete_event, event);
	*ret = event;
	return 0;
}

static int build(struct builder *b, const yaml_event_t *event, unsigned depth, struct hp_yaml **ret);

static struct hp_str scalar_text(const struct builder *b, const yaml_event_t *event)
{
	struct hp_str s = {(const char *)event->data.scalar.value, event->data.scalar.length};
	return (struct hp_str){hp_copy(b->arena, s), s.n};
}

static int build_map(struct builder *b, struct hp_yaml *map, unsigned depth)
{
	struct hp_yaml **tail = &map->first;
	for (;;) {
		yaml_event_t *key, *value;
		if (next_event(b, &key) < 0)
			return -1;
		if (key->type == YAML_MAPPING_END_EVENT)
			return 0;
		if (key->type != YAML_SCALAR_EVENT)
			return refuse(b, &key->start_mark, "a key must be plain text");
		struct hp_str text = scalar_text(b, key);
		for (const struct hp_yaml *m = map->first; m; m = m->next)
			if (hp_str_same(m->key, text))
				return hp_fail(
				    b->err, "%s:%zu:%zu: the key \"%s\" stands here twice (first in line %u)", b->name,
				    key->start_mark.line + 1, key->start_mark.column + 1, text.p, m->key_line);
		if (next_event(b, &value) < 0 || build(b, value, depth + 1, tail) < 0)
			return -1;
		(*tail)->key = text;
		(*tail)->key_line = (unsigned)key->start_mark.line + 1;
		(*tail)->key_column = (unsigned)key->start_mark.column + 1;
		tail = &(*tail)->next;
	}
}

static int build_list(struct builder *b, struct hp_yaml *list, unsigned depth)
{
	struct hp_yaml **tail = &list->first;
	for (;;) {
		yaml_event_t *event;
		if (next_event(b, &event) < 0)
			return -1;
		if (event->type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (build(b, event, depth + 1, tail) < 0)
			return -1;
		tail = &(*tail)->next;
	}
}

static int build(struct builder *b, const yaml_event_t *event, unsigned depth, struct hp_yaml **ret)
{
	struct hp_yaml *node = hp_alloc(b->arena, sizeof *node);
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	if (depth > HP_YAML_DEPTH || ++b->nodes > HP_YAML_NODES)
		return refuse(b, &event->start_mark, "too deep or too large for a policy");
	*ret = node;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		if (event->data.scalar.anchor || (event->data.scalar.tag && !event->data.scalar.quoted_implicit))
			return refuse(b, &event->start_mark, "anchors and tags are not read here");
		node->kind = HP_YAML_SCALAR;
		node->text = scalar_text(b, event);
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		return 0;
	case YAML_MAPPING_START_EVENT:
		if (event->data.mapping_start.anchor || event->data.mapping_start.tag)
			return refuse(b, &event->start_mark, "anchors and tags are not read here");
		node->kind = HP_YAML_MAP;
		return build_map(b, node, depth);
	case YAML_SEQUENCE_START_EVENT:
		if (event->data.sequence_start.anchor || event->data.sequence_start.tag)
			return refuse(b, &event->start_mark, "anchors and tags are not read here");
		node->kind = HP_YAML_LIST;
		return build_list(b, node, depth);
	case YAML_ALIAS_EVENT:
		return refuse(b, &event->start_mark, "aliases are not read here");
	default:
		return refuse(b, &event->start_mark, "unexpected YAML");
	}
}

int hp_yaml_parse(struct hp_arena *a, struct hp_str bytes, const char *name, struct hp_yaml **ret, struct hp_err *err)
{
	yaml_parser_t *parser = hp_alloc(a, sizeof *parser);
	struct builder b = {.arena = a, .parser = parser, .name = name, .err = err};
	struct hp_yaml *root = NULL;
	yaml_event_t *event;
	if (!yaml_parser_initialize(parser))
		return hp_fail(err, "%s: out of memory", name);
	hp_defer(a, delete_parser, parser);
	yaml_parser_set_input_string(parser, (const unsigned char *)bytes.p, bytes.n);
	if (next_event(&b, &event) < 0 || next_event(&b, &event) < 0)
		return -1;
	if (event->type == YAML_DOCUMENT_START_EVENT) {
		if (next_event(&b, &event) < 0 || build(&b, event, 0, &root) < 0)
			return -1;
		if (next_event(&b, &event) < 0 || next_event(&b, &event) < 0) /* end of document, then what? */
			return -1;
		if (event->type != YAML_STREAM_END_EVENT)
			return refuse(&b, &event->start_mark, "a second document in one file");
	}
	*ret = root;
	return 0;
}
