/* Apply: makes a plan's steps on the host, one after the other, and says of each what came of it.
 *
 * Each step: a line in the syslog, a line in the journal, the write, the tool's answer in the journal. After the kernel
 * settings and passthru.map: /sbin/auto-backup.sh, and a look whether what was written will outlive the boot; what
 * would not is put back (unless told to leave it) and counts as failed. HCAs keep their settings themselves, and the
 * BMC those of the BIOS; these are made last, all of them in one request (tools/bios_set.h).
 *
 * A step that fails stops nothing but itself. The journal that cannot be written stops the run before its next write.
 * An interrupted run finishes the step in hand and begins no other.
 *
 * That a step took is not said here: it is read back afterwards (hp_plan_verify). That it was put back is.
 */
#ifndef HP_ENGINE_APPLY_H
#define HP_ENGINE_APPLY_H

#include "../io/door.h"
#include "ledger.h"

#define HP_BUSY_TRIES 4 /* an HCA that is busy is asked again after 1, 3 and 9 s */

struct hp_apply {
	struct hp_arena *arena;
	struct hp_door *door;
	struct hp_journal *journal;
	const char *useropts;	  /* the same of useropts.gz */
	const char *archive;	  /* state.tgz before the first write: its STAT line, "none", or NULL: not known */
	uint64_t begin_until_ms;  /* of hp_now_ms(): no step is begun after it; 0: any time will do */
	bool leave;		  /* --override persistence */
	const struct hp_bmc *bmc; /* of the policy; BIOS */
	int (*interrupted)(void); /* the signal's number, or 0 */
	void (*telling)(void *context, const char *text); /* progress: what is being done; may be NULL */
	void *context;
	bool too_late;	      /* the run's time is up */
	bool login_refused;   /* the BMC took user and password for wrong ones */
	const char *put_back; /* hp_apply_recover: what was put back, in words; NULL: nothing */
	bool recovers;	      /* hp_apply_recover sets it */
	const char *stopped;  /* why the steps that are still `planned` were not begun; NULL: all were */
};

void hp_apply_plan(struct hp_apply *apply, struct hp_plan *plan);
/* What a run that was killed has left, or one whose changes could not be archived in this boot: its kernel settings and
 * its edit are archived, or put back, as it would have done; an edit that was torn is restored from its backup. The
 * journal is the killed run's. Returns NULL, or what could not be cleared up. */
const char *hp_apply_recover(struct hp_apply *apply, const struct hp_ledger_run *run,
			     const struct hp_ask_options *options);

/* One call, and its reply. */
struct hp_reply hp_door_ask(struct hp_door *door, const struct hp_call *call);

#endif
