/* esxcli software: what its files share. */
#ifndef SIM_SOFTWARE_H
#define SIM_SOFTWARE_H

#include "depot.h"
#include "esxcli.h"

/* -d DEPOT of the call: NULL or an error text. */
const char *sim_soft_depot(struct sim_esx *esx, struct sim_depot *ret_depot);
/* The VIBs that -v or -d and -n name: at least one, or an error text. */
const char *sim_soft_vibs(struct sim_esx *esx, struct sim_vibfile **ret_vibs, size_t *ret_count);

/* The commands that change something. */
int sim_vib_install(struct sim_esx *esx);
int sim_vib_update(struct sim_esx *esx);
int sim_vib_remove(struct sim_esx *esx);
int sim_component_apply(struct sim_esx *esx);
int sim_component_remove(struct sim_esx *esx);

#endif
