/* After a reboot: what the ledger adds to findings. Pure.
 *
 * That a reboot is needed is read off the host (now and next differ). What the host cannot tell is whether the reboot
 * has been made already and did not help, or which reboot mlxconfig asked for. The ledger knows both.
 *
 * A run's change was made in another boot when the boot's token differs AND the host has been up for less time than has
 * passed since (esx.md 9). Where either cannot be read, or the run's is not known, nothing is concluded: a failed look
 * at the boot must not look like a reboot (ansible#83018).
 *
 *     set in this boot                          pending-reboot, of the kind that mlxconfig asked for
 *     set in this boot, and not archived        fail: the next boot would not bring it
 *     taken back by an undo in this boot        regressing, and a reboot is needed to bring it
 *     set before this boot, still not in force  fail, "not effective after reboot", with the next stronger reboot:
 *         the last boot was a Quick Boot        one through firmware
 *         else                                  a cold power cycle
 *         that was advised in an earlier boot   no reboot is asked for again: firmware and support are left
 *     set before this boot, and gone            fail as before, with a word on it; after the second time fix no longer
 *                                               repeats it (--override repeat)
 */
#ifndef HP_ENGINE_AFTER_BOOT_H
#define HP_ENGINE_AFTER_BOOT_H

#include "ledger.h"

struct hp_boot {
	const char *token;  /* NULL: not known */
	uint64_t uptime_us; /* 0: not known */
	int64_t wall_ms;    /* 0: not known (a replay) */
	const char *build;
	bool quick; /* vsish says that the last boot was a Quick Boot */
};

/* What the facts say of this boot; wall_ms is the caller's. */
struct hp_boot hp_boot_of(const struct hp_facts *facts, int64_t wall_ms);
/* True only when it is sure that the host has booted since the run. */
bool hp_booted_since(const struct hp_ledger_run *run, const struct hp_boot *boot);

void hp_after_boot(struct hp_arena *a, const struct hp_ledger *ledger, const struct hp_boot *boot, bool may_repeat,
		   struct hp_findings *findings);
/* The findings that advise a stronger reboot now, and were not yet noted in this boot: each is noted in the ledger, so
 * that the next boot does not hear the same advice. */
bool hp_offer_is_new(const struct hp_ledger *ledger, const struct hp_boot *boot, const struct hp_finding *f);

#endif
