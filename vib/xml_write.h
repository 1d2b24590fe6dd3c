/* Elements and attributes, escaped. */
#ifndef HP_VIB_XML_WRITE_H
#define HP_VIB_XML_WRITE_H

#include "../agent/base/str.h"

/* <name>text</name> */
void hp_xml_element(struct hp_buf *b, const char *name, const char *text);
/* A blank, then name="text": for within a tag. */
void hp_xml_put_attribute(struct hp_buf *b, const char *name, const char *text);

#endif
