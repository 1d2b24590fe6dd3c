#include "xml_write.h"

#include "../agent/base/xml.h"

void hp_xml_element(struct hp_buf *b, const char *name, const char *text)
{
	hp_putf(b, "<%s>", name);
	hp_xml_put(b, hp_str(text));
	hp_putf(b, "</%s>", name);
}

void hp_xml_put_attribute(struct hp_buf *b, const char *name, const char *text)
{
	hp_putf(b, " %s=\"", name);
	hp_xml_put(b, hp_str(text));
	hp_puts(b, "\"");
}
