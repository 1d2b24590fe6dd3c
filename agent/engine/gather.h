/* Gather: asks the host what the chosen checks need, and reads the answers into facts.
 *
 * A call starts as soon as the answers that it needs have been read; nothing waits for anything else.
 */
#ifndef HP_ENGINE_GATHER_H
#define HP_ENGINE_GATHER_H

#include "../../checks/check.h"
#include "../io/door.h"
#include "../tools/tool.h"

struct hp_gathered {
	struct hp_facts facts;
	bool no_tools;	/* neither esxcli nor localcli is there: this is no ESX host */
	bool cancelled; /* a call was ended or never made because the run's time was up, or it was interrupted */
};

/* Asks the named asks (ended by NULL), and what they come after. Adds to ret->facts, which must be initialised. */
void hp_gather_asks(struct hp_arena *a, struct hp_door *door, const char *const *names,
		    const struct hp_ask_options *options, struct hp_gathered *ret);
/* What the chosen checks need, and the report's head. chosen: per check, in the table's order; NULL chooses all. */
void hp_gather(struct hp_arena *a, struct hp_door *door, const bool *chosen, const struct hp_ask_options *options,
	       struct hp_gathered *ret);

#endif
