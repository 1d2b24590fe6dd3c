/* etc/vmware/passthru.map, its archive in the boot bank, and what a boot makes of it. */
#ifndef SIM_MAP_H
#define SIM_MAP_H

#include "state.h"

/* The stock file, with method in the NVIDIA line ("none": without that line). */
void sim_map_write(struct sim_state *state, const char *method);
/* The marker file etc/vmware/.#passthru.map, without which no edit is archived. */
void sim_map_shadow(const struct sim_state *state, bool present);
/* What auto-backup.sh does: archives the file if it has its marker, its sticky bit and its first inode, else leaves the
 * archive as it was and says nothing. False if there is no boot bank. */
bool sim_map_archive(struct sim_state *state);
/* Puts back the archived file and sets the reset methods that follow from it. */
void sim_map_boot(struct sim_state *state);
/* The method for a device in a map's text: flr d3d0 link bridge default. */
const char *sim_map_method(const char *text, unsigned vendor, unsigned device, const char *precedence);

#endif
