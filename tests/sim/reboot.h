/* What a reboot does to the host. */
#ifndef SIM_REBOOT_H
#define SIM_REBOOT_H

#include "state.h"

enum sim_boot { SIM_BOOT_WARM, SIM_BOOT_COLD, SIM_BOOT_QUICK };

/* clean: the shutdown archives /etc first, as an orderly one does. */
void sim_reboot(struct sim_state *state, enum sim_boot kind, bool clean);

/* The present uptime. */
uint64_t sim_uptime_us(const struct sim_state *state);
void sim_uptime_set(struct sim_state *state, uint64_t uptime_us);

#endif
