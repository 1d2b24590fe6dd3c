/* The firmware parameters that the simulated HCAs have. */
#ifndef SIM_MLXPARAM_H
#define SIM_MLXPARAM_H

#include "hca.h"

struct sim_mlxparam {
	const char *name;
	const char *tlv;     /* in error texts */
	const char *initial; /* default, as its number or N/A */
	const char *words;   /* of an enum: "IB:1 ETH:2"; NULL: a plain number */
};

enum sim_mlxvalue { SIM_INITIAL, SIM_CURRENT, SIM_NEXT };

extern const struct sim_mlxparam sim_mlxparams[];
extern const size_t sim_mlxparam_count;

const struct sim_mlxparam *sim_mlxparam_find(const char *name);
/* As a number in text. */
const char *sim_mlxparam_get(const struct sim_state *state, const struct sim_hca *hca, const struct sim_mlxparam *param,
			     enum sim_mlxvalue which);
void sim_mlxparam_set_next(struct sim_state *state, const struct sim_hca *hca, const struct sim_mlxparam *param,
			   const char *number);
/* True(1), ETH(2), 16, N/A */
const char *sim_mlxparam_show(const struct sim_mlxparam *param, const char *number);
/* What a user may type, as a number; NULL if it is none of the values. */
const char *sim_mlxparam_parse(const struct sim_mlxparam *param, const char *text);

#endif
