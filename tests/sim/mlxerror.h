/* hca.N.error=CLASS: at which step of mlxconfig an HCA fails, and with which text. Texts: mstflint 4.28 to 4.36. */
#ifndef SIM_MLXERROR_H
#define SIM_MLXERROR_H

#include "hca.h"

enum sim_mlxstep {
	SIM_STEP_OPEN,	 /* before the device block */
	SIM_STEP_PROBE,	 /* -e: after the block, before the heads */
	SIM_STEP_PARAM,	 /* after the heads: no such parameter */
	SIM_STEP_GET,	 /* after the heads: the value cannot be read */
	SIM_STEP_SET,	 /* after "Applying..." */
	SIM_STEP_PARTLY, /* a full query prints most of its rows */
};

extern const char sim_mlxerror_help[];

bool sim_mlxerror_known(const char *class);
/* If the HCA fails at this step, the lines for stdout (and, for a device that cannot be opened, stderr), else NULL.
 * param and tlv may be "" where they are not known yet. */
const char *sim_mlxerror(const struct sim_state *state, const struct sim_hca *hca, enum sim_mlxstep step,
			 const char *param, const char *tlv);
/* Counts one failed call of hca.N.error_times. */
void sim_mlxerror_count(struct sim_state *state, const struct sim_hca *hca);

#endif
