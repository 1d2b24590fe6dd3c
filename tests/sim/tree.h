/* The files of a host tree. */
#ifndef SIM_TREE_H
#define SIM_TREE_H

#include "state.h"

/* Directories, tools, boot bank. The state must be saved after it. */
void sim_tree_create(struct sim_state *state);
/* Makes the tools and marker files agree with the state: mft.installed, fault.TOOL=not-found, passthru.shadow, bootbank. */
void sim_tree_sync(const struct sim_state *state);

#endif
