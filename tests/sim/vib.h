/* The installed VIBs: the booted image and, if a change is pending, the one of the next boot. */
#ifndef SIM_VIB_H
#define SIM_VIB_H

#include "state.h"

struct sim_vib {
	const char *name;
	const char *version;
	const char *vendor;
	const char *level;
	const char *date;
	const char *platforms;
	const char *summary;
};

/* VENDOR_bootbank_NAME_VERSION */
const char *sim_vib_id(const struct sim_vib *vib);
/* Sorted by vendor, then name. */
size_t sim_vib_list(const struct sim_state *state, bool next_boot, struct sim_vib **ret_vibs);
bool sim_vib_pending(const struct sim_state *state);
void sim_vib_boot(struct sim_state *state);
/* In the booted image. */
bool sim_vib_has(const struct sim_state *state, const char *name);

#endif
