/* What VIBs put on the host: copies of the installed .vib files (DIR/.esxsim/vibs/NAME_VERSION.vib) and their files in
 * the tree. No path is followed through a symbolic link. */
#ifndef SIM_IMAGE_H
#define SIM_IMAGE_H

#include "state.h"
#include "vibfile.h"

/* False for a VIB without a file: one of the stock ones, or one that only a key names. */
bool sim_image_load(const struct sim_state *state, const char *name, const char *version, struct sim_vibfile *ret_vib);
void sim_image_store(const struct sim_state *state, const struct sim_vibfile *vib);
/* Drops the stored files of VIBs that are neither in the booted image nor in the next. */
void sim_image_tidy(const struct sim_state *state);

/* NULL, or why the files of an unpacked VIB cannot be put below the tree. */
const char *sim_image_obstacle(const struct sim_state *state, const struct sim_vibfile *vib);
/* Puts them, with mode, time and (as root) owner; those with the sticky bit that are there already stay as they are if
 * keep_sticky. */
void sim_image_put(const struct sim_state *state, const struct sim_vibfile *vib, bool keep_sticky);
/* Takes them away, and directories that are empty then. */
void sim_image_take(const struct sim_state *state, struct sim_vibfile *vib);

/* A boot: files of VIBs that are gone vanish, /opt is what the VIBs hold and nothing else. After sim_vib_boot. */
void sim_image_boot(const struct sim_state *state);

#endif
