/* What the writing adapters share: private to esxcli_set.c and mlxconfig_set.c. */
#ifndef HP_TOOLS_SET_END_H
#define HP_TOOLS_SET_END_H

#include "set.h"

/* A program that changes something. */
struct hp_call *hp_set_call(struct hp_arena *a, const char *const *argv, const char *lane);
/* True when the tool ran and ended by itself, so that what it printed counts; else fills ret: REFUSED where it never
 * ran, UNCLEAR where it may have done something. `tool` begins the text. */
bool hp_set_ended(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply, const char *tool,
		  struct hp_set_answer *ret);

#endif
