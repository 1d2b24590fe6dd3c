/* The files of a host tree. */
#ifndef SIM_TREE_H
#define SIM_TREE_H

#include "state.h"

/* Directories, tools, boot bank. The state must be saved after it. */
void sim_tree_create(struct sim_state *state);
/* Makes the tools agree with the state: mft.installed, fault.TOOL=not-found. A file that a test put in a tool's place
 * stays. */
void sim_tree_sync(const struct sim_state *state);
/* Makes the link bootbank agree with the key of that name. */
void sim_tree_bootbank(const struct sim_state *state);

#endif
