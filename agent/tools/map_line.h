/* Lines of passthru.map: private to passthru_map.c and map_edit.c. */
#ifndef HP_TOOLS_MAP_LINE_H
#define HP_TOOLS_MAP_LINE_H

#include "passthru_map.h"

/* False for a blank line or a comment. The number is the caller's. */
bool hp_map_line_read(struct hp_str line, struct hp_map_line *ret);
bool hp_map_line_clear(const struct hp_map_line *line); /* understood, and its method is one that is known */
bool hp_map_known_method(struct hp_str s);

#endif
