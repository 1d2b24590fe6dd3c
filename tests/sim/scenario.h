/* Hosts to start from. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "state.h"

struct sim_scenario {
	const char *name;
	const char *line;	     /* for "esxsim list" */
	const char *const *settings; /* KEY=VALUE, ended by NULL; "map=METHOD" writes passthru.map */
	const char *release;	     /* 8.0.3 or 9.0 */
};

extern const struct sim_scenario sim_scenarios[];
extern const size_t sim_scenario_count;

const struct sim_scenario *sim_scenario_find(const char *name);
/* Fills the state; the directory .esxsim must exist already. */
void sim_scenario_apply(struct sim_state *state, const struct sim_scenario *scenario);

#endif
