/* Gates: what must be true before anything is written. Tried only when there is something to write, all of them, so
 * that an admin hears of every closed one at once. A gate is open on evidence only: what cannot be read closes it.
 * Pure.
 *
 *     esx               the release is known, and 8.x or 9.x
 *     devices           each HCA to be set is of a kind whose ATS_ENABLED has been seen (mft.md 2.5)
 *     maintenance-mode  esxcli system maintenanceMode get says Enabled
 *     running-vms       for HCAs: no VM runs. Together with maintenance-mode only: else one may start at any moment
 *     rebooting-image   no VIB change waits for a reboot: one boot, one step
 *     bootbank          /bootbank is a link into /vmfs/volumes, to a folder that is there; else it is RAM, and lost
 *     state-dir         the ledger's folder is there, on a disk, and has room (the caller finds out; no override)
 *
 * Two more names can be given to --override, which are no gates before the write but change what follows it:
 *     persistence       leave a change on the host that would not outlive the boot, instead of putting it back
 *     repeat            set once more what two boots have lost (after_boot.h)
 */
#ifndef HP_ENGINE_GATES_H
#define HP_ENGINE_GATES_H

#include "plan.h"

/* The asks whose answers the gates judge; ends with NULL. */
extern const char *const hp_gate_asks[];

/* Checks a list as given to --override. -1: a name that is none, or one that cannot be overridden. */
int hp_gates_check(const char *overrides, struct hp_err *err);
bool hp_overridden(const char *overrides, const char *gate);

/* Adds a trouble per closed gate to *ret (each has stop set); returns how many. state_dir: why the state dir cannot be
 * used, or NULL. */
size_t hp_gates_try(struct hp_arena *a, const struct hp_facts *facts, const struct hp_plan *plan, const char *overrides,
		    const char *state_dir, struct hp_trouble **ret);

#endif
