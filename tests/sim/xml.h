/* XML as a tree, read by expat. A document type is refused: nothing that a host reads has one. */
#ifndef SIM_XML_H
#define SIM_XML_H

#include "text.h"

struct sim_xml {
	const char *name;
	const char **attributes; /* name, value, name, value ..., NULL */
	const char *text;	 /* all character data directly in it */
	struct sim_xml *first;
	struct sim_xml *next;
	size_t line;
};

/* NULL with a message in *ret_problem. */
const struct sim_xml *sim_xml_parse(const char *data, size_t len, const char **ret_problem);
/* The first child of that name; NULL if there is none or xml is NULL. */
const struct sim_xml *sim_xml_child(const struct sim_xml *xml, const char *name);
size_t sim_xml_count(const struct sim_xml *xml, const char *name);
/* The text of that child without white space around it; fallback if there is no such child. */
const char *sim_xml_text(const struct sim_xml *xml, const char *name, const char *fallback);
const char *sim_xml_trimmed(const struct sim_xml *xml);
const char *sim_xml_attribute(const struct sim_xml *xml, const char *name, const char *fallback);
/* Equal but for white space around texts. */
bool sim_xml_same(const struct sim_xml *a, const struct sim_xml *b);

#endif
