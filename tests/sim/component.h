/* Components: bulletins that the host remembers, each with its VIBs (keys component.NAME.version and .next, the
 * bulletin in DIR/.esxsim/components/NAME_VERSION.xml). */
#ifndef SIM_COMPONENT_H
#define SIM_COMPONENT_H

#include "depot.h"

/* The installed ones by name; of the next boot's image if next. */
size_t sim_component_list(const struct sim_state *state, bool next, struct sim_bulletin **ret_components);
/* now, or at the next boot. */
void sim_component_put(struct sim_state *state, const struct sim_bulletin *bulletin, bool now);
void sim_component_drop(struct sim_state *state, const char *name, bool now);
void sim_component_boot(struct sim_state *state);
/* Installed components of which a VIB is. */
bool sim_component_has(const struct sim_bulletin *component, const char *vib_id);

#endif
