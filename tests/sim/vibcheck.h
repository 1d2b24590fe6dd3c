/* What a host demands of a VIB before it takes it: acceptance, signature, where its files may lie, what it depends on.
 */
#ifndef SIM_VIBCHECK_H
#define SIM_VIBCHECK_H

#include "state.h"
#include "vibfile.h"

/* All return NULL or an error text of esxcli. */
const char *sim_check_acceptance(const struct sim_state *state, const struct sim_vibfile *vib);
const char *sim_check_gunzip_sum(const struct sim_state *state, const struct sim_vibfile *vib);
const char *sim_check_signature(const struct sim_state *state, const struct sim_vibfile *vib);
const char *sim_check_extensibility(const struct sim_vibfile *vib);
/* Platforms that the VIB itself names. */
const char *sim_check_platform(const struct sim_state *state, const struct sim_vibfile *vib);

/* True if a platform version such as "8.*" includes this host. */
bool sim_platform_fits(const struct sim_state *state, const char *pattern);
/* True if among the children NAME of xml (softwarePlatform, swPlatform) is one for this host, or none at all. */
bool sim_platforms_fit(const struct sim_state *state, const struct sim_xml *xml, const char *name);

#endif
