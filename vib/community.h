/* Where a VIB of acceptance level community may put files. The host checks each path of the file list as a whole,
 * without leading slash; what is on no list ends in "violates extensibility rule checks".
 *
 * Source: VIB author 5.x (as copied at aznot.com/VIB and v-front.de) and vib20-extensibility.rng of ESXi 6.7. The lists
 * of 7, 8 and 9 are not public. */
#ifndef HP_VIB_COMMUNITY_H
#define HP_VIB_COMMUNITY_H

#include <stdbool.h>

bool hp_community_path(const char *path);
/* The same, and on the lists of every release that is known: safe to build for. */
bool hp_community_path_everywhere(const char *path);
/* For messages: some of the folders. */
#define HP_COMMUNITY_HINT "opt/, usr/lib/vmware/, etc/vmware/firewall/, etc/vmware/service/"

#endif
