/* The state dir: ledger and backups, kept over boots. /scratch/hostprep under the root, or what --state-dir names on
 * this machine. */
#ifndef HP_CLI_STATE_DIR_H
#define HP_CLI_STATE_DIR_H

#include "options.h"

#define HP_STATE_ROOM ((size_t)512 << 10) /* bytes that must be free before anything is changed */

/* As a path of the machine, absolute where it can be. */
const char *hp_state_dir(struct hp_arena *a, const struct hp_options *o);
/* As messages name it: as an admin on the host would. */
const char *hp_state_dir_shown(struct hp_arena *a, const struct hp_options *o);
/* Why it cannot be used: it is not there, it is RAM (lost at boot), not writable or full. NULL: it can. On the machine
 * itself it must be below /vmfs; under a root it must not lead into the tree's tmp or var, nor into a RAM file system
 * that the tree itself does not lie on. */
const char *hp_state_dir_trouble(struct hp_arena *a, const struct hp_options *o);

#endif
