/* Text for XML 1.0. */
#ifndef HP_BASE_XML_H
#define HP_BASE_XML_H

#include "str.h"

/* Puts text escaped for element content and for attribute values in double quotes: & < > " ' and tab, newline and CR
 * become references, so that every parser gives them back as they were (it would make a blank of a newline in an
 * attribute, and a newline of a CR). A byte that is not part of valid UTF-8, and a character that XML 1.0 has no way
 * to carry (controls, U+FFFE, U+FFFF), becomes U+FFFD. */
void hp_xml_put(struct hp_buf *b, struct hp_str text);

#endif
