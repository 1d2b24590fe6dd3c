/* XML read into a tree, by expat. For descriptors and the metadata of bundles: a DTD is refused (and with it entities
 * of one's own), comments and processing instructions are passed over, namespaces mean nothing. */
#ifndef HP_VIB_XML_TREE_H
#define HP_VIB_XML_TREE_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_XML_DEPTH 32u
#define HP_XML_NODES 100000u

struct hp_xml_attribute {
	const char *name, *value;
};

struct hp_xml {
	const char *name;
	const struct hp_xml_attribute *attributes; /* ends with a NULL name */
	const char *text;		     /* all of its own text, blanks and newlines off both ends; "" for none */
	struct hp_xml *first, *next;	     /* children in order */
	const struct hp_xml *const *by_name; /* the children, by name and then in order */
	size_t count, position;		     /* of children; among its parent's */
	unsigned long line;		     /* from 1 */
};

/* The document's element. Errors read "NAME:LINE:COLUMN: ...". */
int hp_xml_tree(struct hp_arena *a, struct hp_str bytes, const char *name, struct hp_xml **ret, struct hp_err *err);

/* The first child of that name, or NULL. */
const struct hp_xml *hp_xml_child(const struct hp_xml *parent, const char *name);
/* The next sibling of the same name, or NULL. */
const struct hp_xml *hp_xml_again(const struct hp_xml *node);
/* The child's text, or NULL when it is not there. */
const char *hp_xml_text(const struct hp_xml *parent, const char *child);
/* NULL when it is not there. */
const char *hp_xml_attribute(const struct hp_xml *node, const char *name);
/* The same name, attributes, text and children. Attributes may stand in any order, and so may children of different
 * names; those of one name may not. */
bool hp_xml_same(const struct hp_xml *one, const struct hp_xml *other);
/* The same, but for children of these names (ended by NULL), which only one of the two may have, or may say something
 * else. */
bool hp_xml_same_but(const struct hp_xml *one, const struct hp_xml *other, const char *const *but);
/* The tree as text in one line; what an element says comes before its children. */
void hp_xml_write(struct hp_buf *b, const struct hp_xml *node);

#endif
