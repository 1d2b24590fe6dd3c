/* Writes a state.tgz as a boot bank has it: a local.tgz inside, and in that one file ("tar xzf state.tgz -O local.tgz |
 * tar tz" lists it). */
#ifndef SIM_TGZ_H
#define SIM_TGZ_H

#include <stddef.h>

void sim_tgz_write(const char *path, const char *member, const char *data, size_t len);

#endif
