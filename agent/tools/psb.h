/* PCIe switch boards (PSB): which functions they are, and what a subsystem id tells of their firmware. */
#ifndef HP_TOOLS_PSB_H
#define HP_TOOLS_PSB_H

#include "../base/fact.h"

#define HP_PSB_MINIMUM "4.160.3.0" /* the paper, chapter 7: "version 4.160.3.0 and above" */

enum hp_psb_generation {
	HP_PSB_UNKNOWN, /* not Dell's (1028), 0000, or not in the table: no answer */
	HP_PSB_OLD,	/* older than 4.160.3.0 */
	HP_PSB_NEW	/* 4.160.3.0, or a later build that keeps the id */
};

/* What a policy says of them. */
struct hp_psb_policy {
	const char
	    *minimum; /* of any maker's boards; NULL: not given, then HP_PSB_MINIMUM for Dell's and none for others */
	const char *version; /* what the operator states that the boards have, whatever it looks like; NULL: nothing */
};

/* A bridge of a switch: 1000:c030 (PEX890xx) of class 0604, be it an upstream or a downstream port. */
bool hp_psb_is_bridge(const struct hp_device *d);
/* Of a subsystem id as facts have it: "1028:224b". */
enum hp_psb_generation hp_psb_generation(const char *ssid);

#endif
