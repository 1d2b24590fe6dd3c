/* The page: one HTML file that asks for nothing, under a content security policy that lets nothing in but its own style
 * and script, by their digests. The template, the style and the script are in page/, and in the program. */
#ifndef HP_FLEET_PAGE_H
#define HP_FLEET_PAGE_H

#include "page_data.h"
#include "totals.h"

/* totals: for browsers without a script, which see a summary. */
int hp_page_put(struct hp_arena *a, const struct hp_fleet *fleet, struct hp_page_data *data, struct hp_totals *totals,
		struct hp_out *out, struct hp_err *err);

#endif
