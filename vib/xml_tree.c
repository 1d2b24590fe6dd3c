#include "xml_tree.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "../agent/base/xml.h"
#include "xml_write.h"

struct level {
	struct hp_xml *node, *last; /* last: its last child */
	struct hp_buf text;
};

struct reading {
	struct hp_arena *a;
	XML_Parser parser;
	struct level levels[HP_XML_DEPTH];
	size_t depth, nodes;
	struct hp_xml *top;
	const char *refused; /* why it was stopped */
	bool full;	     /* the arena was */
};

/* What expat calls back with. */
struct event {
	const char *text;
	const char **attributes;
	size_t n;
};

static const char *copy(struct hp_arena *a, const char *text)
{
	return hp_copy(a, hp_str(text));
}

static void refuse(struct reading *r, const char *why)
{
	if (!r->refused)
		r->refused = why;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static const struct hp_xml_attribute *copy_attributes(struct hp_arena *a, const char **pairs)
{
	size_t n = 0;
	while (pairs[2 * n])
		n++;
	struct hp_xml_attribute *list = hp_alloc_array(a, n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct hp_xml_attribute){copy(a, pairs[2 * i]), copy(a, pairs[2 * i + 1])};
	return list;
}

/* Expat must return before its memory can be freed: what comes back to it is that the arena is full, not a longjmp. */
static void guard(struct reading *r, void (*work)(struct reading *r, const struct event *e), const struct event *e)
{
	jmp_buf own, *outer = r->a->on_full;
	if (r->full)
		return;
	r->a->on_full = &own;
	if (setjmp(own)) {
		r->full = true;
		(void)XML_StopParser(r->parser, XML_FALSE);
	} else {
		work(r, e);
	}
	r->a->on_full = outer;
}

static void begin_element(struct reading *r, const struct event *e)
{
	if (r->depth == HP_XML_DEPTH || ++r->nodes > HP_XML_NODES) {
		refuse(r, r->depth == HP_XML_DEPTH ? "is nested too deep" : "has too many elements");
		return;
	}
	struct hp_xml *node = hp_alloc(r->a, sizeof *node);
	node->name = copy(r->a, e->text);
	node->attributes = copy_attributes(r->a, e->attributes);
	node->line = XML_GetCurrentLineNumber(r->parser);
	if (r->depth) {
		struct level *parent = &r->levels[r->depth - 1];
		if (parent->last)
			parent->last->next = node;
		else
			parent->node->first = node;
		parent->last = node;
		node->position = parent->node->count++;
	} else {
		r->top = node;
	}
	r->levels[r->depth++] = (struct level){.node = node, .text = hp_buf(r->a)};
}

static void begin(void *context, const char *name, const char **attributes)
{
	guard(context, begin_element, &(struct event){.text = name, .attributes = attributes});
}

static void add_text(struct reading *r, const struct event *e)
{
	if (r->depth)
		hp_put(&r->levels[r->depth - 1].text, (struct hp_str){e->text, e->n});
}

static void text(void *context, const char *bytes, int n)
{
	guard(context, add_text, &(struct event){.text = bytes, .n = (size_t)n});
}

static int by_name(const void *one, const void *other)
{
	const struct hp_xml *const *a = one, *const *b = other;
	int order = strcmp((*a)->name, (*b)->name);
	return order ? order : (*a)->position < (*b)->position ? -1 : 1;
}

static const struct hp_xml *const *sort_children(struct hp_arena *a, const struct hp_xml *node)
{
	const struct hp_xml **sorted = hp_alloc_array(a, node->count, sizeof(struct hp_xml *));
	size_t n = 0;
	for (const struct hp_xml *c = node->first; c; c = c->next)
		sorted[n++] = c;
	qsort(sorted, n, sizeof sorted[0], by_name);
	return sorted;
}

static void end_element(struct reading *r, const struct event *e)
{
	(void)e;
	if (!r->depth)
		return;
	struct level *l = &r->levels[--r->depth];
	l->node->text = hp_copy(r->a, hp_str_trim(hp_built(&l->text)));
	if (l->node->count)
		l->node->by_name = sort_children(r->a, l->node);
}

static void end(void *context, const char *name)
{
	guard(context, end_element, &(struct event){.text = name});
}

static void doctype(void *context, const char *name, const char *system_id, const char *public_id, int has_internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal;
	refuse(context, "has a document type declaration, which no VIB needs");
}

static void free_parser(void *what)
{
	XML_ParserFree(*(XML_Parser *)what);
}

int hp_xml_tree(struct hp_arena *a, struct hp_str bytes, const char *name, struct hp_xml **ret, struct hp_err *err)
{
	struct reading *r = hp_alloc(a, sizeof *r);
	r->a = a;
	hp_defer(a, free_parser, &r->parser);
	r->parser = XML_ParserCreate(NULL);
	if (!r->parser)
		return hp_fail(err, "%s: out of memory", name);
	if (bytes.n > INT32_MAX)
		return hp_fail(err, "%s: is too large", name);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin, end);
	XML_SetCharacterDataHandler(r->parser, text);
	XML_SetStartDoctypeDeclHandler(r->parser, doctype);
	enum XML_Status status = XML_Parse(r->parser, bytes.n ? bytes.p : "", (int)bytes.n, XML_TRUE);
	if (r->full && a->on_full)
		longjmp(*a->on_full, 1);
	if (r->full)
		abort(); /* as the arena does */
	if (status != XML_STATUS_OK) {
		enum XML_Error code = XML_GetErrorCode(r->parser);
		return hp_fail(err, "%s:%lu:%lu: %s%s", name, (unsigned long)XML_GetCurrentLineNumber(r->parser),
			       (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1,
			       r->refused ? "the XML " : "is no well-formed XML: ",
			       r->refused ? r->refused : XML_ErrorString(code));
	}
	*ret = r->top;
	return 0;
}

const struct hp_xml *hp_xml_child(const struct hp_xml *parent, const char *name)
{
	for (const struct hp_xml *c = parent->first; c; c = c->next)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const struct hp_xml *hp_xml_again(const struct hp_xml *node)
{
	for (const struct hp_xml *c = node->next; c; c = c->next)
		if (strcmp(c->name, node->name) == 0)
			return c;
	return NULL;
}

const char *hp_xml_text(const struct hp_xml *parent, const char *child)
{
	const struct hp_xml *c = hp_xml_child(parent, child);
	return c ? c->text : NULL;
}

const char *hp_xml_attribute(const struct hp_xml *node, const char *name)
{
	for (const struct hp_xml_attribute *a = node->attributes; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a->value;
	return NULL;
}

static size_t attribute_count(const struct hp_xml *node)
{
	size_t n = 0;
	while (node->attributes[n].name)
		n++;
	return n;
}

static bool same_attributes(const struct hp_xml *one, const struct hp_xml *other)
{
	if (attribute_count(one) != attribute_count(other))
		return false;
	for (const struct hp_xml_attribute *a = one->attributes; a->name; a++) {
		const char *value = hp_xml_attribute(other, a->name);
		if (!value || strcmp(value, a->value) != 0)
			return false;
	}
	return true;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* From *at on, the next child by name that is none of these; NULL after the last. */
static const struct hp_xml *next_but(const struct hp_xml *parent, size_t *at, const char *const *but)
{
	while (*at < parent->count && is_one_of(parent->by_name[*at]->name, but))
		(*at)++;
	return *at < parent->count ? parent->by_name[(*at)++] : NULL;
}

bool hp_xml_same_but(const struct hp_xml *one, const struct hp_xml *other, const char *const *but)
{
	const struct hp_xml *c, *d;
	size_t i = 0, j = 0;
	if (strcmp(one->name, other->name) != 0 || strcmp(one->text, other->text) != 0 || !same_attributes(one, other))
		return false;
	do {
		c = next_but(one, &i, but);
		d = next_but(other, &j, but);
		if (c && d && !hp_xml_same(c, d))
			return false;
	} while (c && d);
	return !c && !d;
}

bool hp_xml_same(const struct hp_xml *one, const struct hp_xml *other)
{
	static const char *const nothing[] = {NULL};
	return hp_xml_same_but(one, other, nothing);
}

void hp_xml_write(struct hp_buf *b, const struct hp_xml *node)
{
	hp_putf(b, "<%s", node->name);
	for (const struct hp_xml_attribute *a = node->attributes; a->name; a++)
		hp_xml_put_attribute(b, a->name, a->value);
	if (!*node->text && !node->first) {
		hp_puts(b, "/>");
		return;
	}
	hp_puts(b, ">");
	hp_xml_put(b, hp_str(node->text));
	for (const struct hp_xml *c = node->first; c; c = c->next)
		hp_xml_write(b, c);
	hp_putf(b, "</%s>", node->name);
}
