/* A fleet for people: what fails, on which hosts, what mends it; who was not scanned and why; who must reboot. ASCII,
 * 80 columns but for commands. */
#ifndef HP_FLEET_SUMMARY_H
#define HP_FLEET_SUMMARY_H

#include "out.h"
#include "totals.h"

struct hp_summary_style {
	bool color, verbose; /* verbose: every host, not the first few */
};

void hp_summary_put(struct hp_arena *a, const struct hp_fleet *fleet, struct hp_totals *t,
		    const struct hp_summary_style *style, struct hp_out *out);

/* What has changed, alone: JSON as docs/schema/diff.schema.json has it. */
void hp_summary_put_drift(struct hp_arena *a, struct hp_str drift, const struct hp_summary_style *style,
			  struct hp_out *out);

#endif
