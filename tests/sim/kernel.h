/* The kernel (boot) settings: what this release knows, with the values of this host. */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "state.h"

struct sim_kernel {
	const char *name;
	const char *type;
	const char *initial; /* the Default column */
	const char *description;
	const char *configured; /* for the next boot */
	const char *runtime;	/* in force */
};

/* Sorted by name. */
size_t sim_kernel_list(const struct sim_state *state, struct sim_kernel **ret_settings);
/* NULL if this release has no such setting. */
const struct sim_kernel *sim_kernel_find(const struct sim_kernel *settings, size_t count, const char *name);
/* False if the value does not fit the type. */
bool sim_kernel_configure(struct sim_state *state, const struct sim_kernel *setting, const char *value);
/* What was configured comes into force. */
void sim_kernel_boot(struct sim_state *state);

#endif
