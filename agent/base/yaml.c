#include "yaml.h"

#include <yaml.h>

struct builder {
	struct hp_arena *arena;
	yaml_parser_t *parser;
	const char *name;

	struct hp_err *err;
	struct hp_str bytes;
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

/* The reader tells a place in bytes only. */
static yaml_mark_t mark_of(struct hp_str bytes, size_t offset)
{
	yaml_mark_t mark = {.index = offset};
	for (size_t i = 0; i < offset && i < bytes.n; i++) {
		mark.column++;
		if (bytes.p[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* Libyaml's own memory hangs on the event. The arena is told first (an empty event may be deleted too), so that it is
 * freed whatever happens next. */
static yaml_event_t *next_event(struct builder *b)
{
	yaml_event_t *event = hp_alloc(b->arena, sizeof *event);
	hp_defer(b->arena, delete_event, event);
	if (yaml_parser_parse(b->parser, event))
		return event;
	const yaml_parser_t *p = b->parser;
	const yaml_mark_t *at = p->problem_mark.line || p->problem_mark.column ? &p->problem_mark : &p->mark;

	yaml_mark_t reader = mark_of(b->bytes, p->problem_offset);
	if (p->error == YAML_READER_ERROR)
		at = &reader;
	if (p->error == YAML_MEMORY_ERROR)
		(void)hp_fail(b->err, "%s: out of memory", b->name);
	else
		(void)refuse(b, at, p->problem ? p->problem : "this is no YAML");
	return NULL;
}

/* The node that begins with this event, or NULL. */
static struct hp_yaml *build(struct builder *b, const yaml_event_t *event, unsigned depth);

static struct hp_str scalar_text(const struct builder *b, const yaml_event_t *event)
{
	struct hp_str s = {(const char *)event->data.scalar.value, event->data.scalar.length};
	return (struct hp_str){hp_copy(b->arena, s), s.n};
}

static int build_map(struct builder *b, struct hp_yaml *map, unsigned depth)
{
	struct hp_yaml **tail = &map->first;
	for (;;) {
		const yaml_event_t *key = next_event(b);
		if (!key)
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
		const yaml_event_t *value = next_event(b);
		struct hp_yaml *member = value ? build(b, value, depth + 1) : NULL;
		if (!member)
			return -1;
		member->key = text;
		member->key_line = (unsigned)key->start_mark.line + 1;
		member->key_column = (unsigned)key->start_mark.column + 1;
		*tail = member;
		tail = &member->next;
	}
}

static int build_list(struct builder *b, struct hp_yaml *list, unsigned depth)
{
	struct hp_yaml **tail = &list->first;
	for (;;) {
		const yaml_event_t *event = next_event(b);
		if (!event)
			return -1;
		if (event->type == YAML_SEQUENCE_END_EVENT)
			return 0;
		struct hp_yaml *member = build(b, event, depth + 1);
		if (!member)
			return -1;
		*tail = member;
		tail = &member->next;
	}
}

/* What a policy has no use for, or NULL. */
static const char *unwanted(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor || (event->data.scalar.tag && !event->data.scalar.quoted_implicit)
			   ? "anchors and tags are not read here"
			   : NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor || event->data.mapping_start.tag
			   ? "anchors and tags are not read here"
			   : NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor || event->data.sequence_start.tag
			   ? "anchors and tags are not read here"
			   : NULL;
	case YAML_ALIAS_EVENT:
		return "aliases are not read here";
	default:
		return "unexpected YAML";
	}
}

static struct hp_yaml *build(struct builder *b, const yaml_event_t *event, unsigned depth)
{
	struct hp_yaml *node = hp_alloc(b->arena, sizeof *node);
	const char *trouble = unwanted(event);
	int code = 0;
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	if (depth > HP_YAML_DEPTH || ++b->nodes > HP_YAML_NODES)
		trouble = "too deep or too large for a policy";
	if (trouble) {
		(void)refuse(b, &event->start_mark, trouble);
		return NULL;
	}
	if (event->type == YAML_SCALAR_EVENT) {
		node->kind = HP_YAML_SCALAR;
		node->text = scalar_text(b, event);
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		node->kind = HP_YAML_MAP;
		code = build_map(b, node, depth);
	} else {
		node->kind = HP_YAML_LIST;
		code = build_list(b, node, depth);
	}
	return code < 0 ? NULL : node;
}

int hp_yaml_parse(struct hp_arena *a, struct hp_str bytes, const char *name, struct hp_yaml **ret, struct hp_err *err)
{
	yaml_parser_t *parser = hp_alloc(a, sizeof *parser);
	struct builder b = {.arena = a, .parser = parser, .name = name, .err = err, .bytes = bytes};
	struct hp_yaml *root = NULL;
	hp_defer(a, delete_parser, parser);
	if (!yaml_parser_initialize(parser))
		return hp_fail(err, "%s: out of memory", name);
	if (!bytes.n)
		bytes = hp_str(""); /* libyaml asserts a pointer */
	yaml_parser_set_input_string(parser, (const unsigned char *)bytes.p, bytes.n);
	const yaml_event_t *event = next_event(&b); /* the stream begins */
	event = event ? next_event(&b) : NULL;
	if (event && event->type == YAML_DOCUMENT_START_EVENT) {
		event = next_event(&b);
		root = event ? build(&b, event, 0) : NULL;
		if (!root)
			return -1;
		event = next_event(&b); /* the document ends */
		event = event ? next_event(&b) : NULL;
		if (event && event->type != YAML_STREAM_END_EVENT)
			return refuse(&b, &event->start_mark, "a second document in one file");
	}
	if (!event)
		return -1;
	*ret = root;
	return 0;
}
