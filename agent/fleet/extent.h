/* Where a JSON value ends in a stream of them. Looks at brackets and quotes only: what is in between is judged by
 * whoever reads the value (json_pull.h). */
#ifndef HP_FLEET_EXTENT_H
#define HP_FLEET_EXTENT_H

#include "../base/str.h"

struct hp_extent {
	size_t n; /* bytes looked at */
	unsigned depth;
	bool in_string, escaped, scalar, begun, ended;
};

/* Goes on where it was left off: `rest` begins where the value does, and is longer than the last time. True: the
 * value's end is known, and e->n is its length. A scalar ends before what cannot be part of it. */
bool hp_extent_find(struct hp_extent *e, struct hp_str rest);

#endif
