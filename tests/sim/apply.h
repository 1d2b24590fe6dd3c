/* One KEY=VALUE of "esxsim set" or of a scenario. */
#ifndef SIM_APPLY_H
#define SIM_APPLY_H

#include "state.h"

/* Ends the program with a message if the key or its value is none. A * among the numbers (hca.*.next=1) stands for
 * every device of the kind. An empty fault or error is removed. */
void sim_apply(struct sim_state *state, const char *assignment);

/* For --help: every key with its meaning. */
void sim_keys_print(struct sim_buf *out);

#endif
