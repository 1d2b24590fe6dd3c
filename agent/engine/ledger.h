/* The ledger: what runs have changed on this host, when, and before which boot. It is the journal of every run: a line
 * is added and synced before each write and after it, so that a run that is killed at any instant can be finished or
 * taken back by the next one, and `undo` knows the prior values.
 *
 * A file of JSON lines in the state dir, each with "run" and "event":
 *
 *     begin    command, host (uuid), scan_id, boot (token or null), uptime_us (or null), wall_ms, build, undoes (a run,
 * or null), archive (state.tgz as it was: a STAT line, "none", or null) set      step, by, target, setting, now, from,
 * to, for [[check, subject], …], edits [{line, before, after}, …], backup (a file beside the ledger, or null) before
 * the write is started answer   step, said ("done", "refused", "busy", "unclear"), reboot       after it has ended
 *     result   step, result                                                    after it was read back or put back
 *     kept     step, kept (false: it would not outlive the boot, true: it will after all), why
 *     offer    check, subject, reboot      a change of an earlier boot was seen not in force, and this was advised
 *     end      complete (false: a step was not made or did not take, or the run was killed)
 *
 * A last line without newline was cut by a crash and counts as not written; a line that cannot be read is passed over.
 * Bytes of passthru.map that are no printable ASCII stand as %XX. Reading is pure; only hp_journal_* write.
 */
#ifndef HP_ENGINE_LEDGER_H
#define HP_ENGINE_LEDGER_H

#include "plan.h"

#define HP_LEDGER_FILE "ledger"
#define HP_LEDGER_BYTES ((size_t)192 << 10) /* when it is larger, the oldest runs are dropped … */
#define HP_LEDGER_KEPT ((size_t)96 << 10)   /* … until it is no larger than this */

struct hp_ledger_for {
	const char *check, *subject;
};

struct hp_ledger_step {
	unsigned number; /* from 1 */
	enum hp_setter by;
	const char *target, *setting, *now, *from, *to;
	struct hp_ledger_for *findings;
	size_t finding_count;
	struct hp_map_edits edits;
	const char *backup;
	enum hp_reboot reboot;
	bool answered, has_result;
	const char *not_kept; /* why it would not outlive the boot; NULL: nothing says so */
	enum hp_result result;
};

struct hp_ledger_offer {
	const char *check, *subject;
	enum hp_reboot reboot;
};

struct hp_ledger_run {
	const char *id, *host, *scan_id, *command, *boot, *build, *undoes, *archive; /* NULL: not known, or none */
	uint64_t uptime_us;							     /* 0: not known */
	int64_t wall_ms;
	struct hp_ledger_step *steps;
	size_t step_count;
	struct hp_ledger_offer *offers;
	size_t offer_count;
	bool ended, complete;
	size_t from; /* where its first line stands in the file */
};

struct hp_ledger {
	struct hp_ledger_run *runs; /* oldest first */
	size_t count;
	bool cut;     /* the last line has no newline */
	bool foreign; /* it has runs of another host */
	struct hp_str bytes;
};

void hp_ledger_read(struct hp_arena *a, struct hp_str bytes, struct hp_ledger *ret);
/* From the fact "ledger"; empty where that is not there whole. Runs of another host are left out (its uuid is known,
 * and so is this one's): PCI addresses and settings are the same on all hosts of a fleet. */
void hp_ledger_of(struct hp_arena *a, const struct hp_facts *facts, struct hp_ledger *ret);
/* Whether a step of a run may have changed the host: it was begun, and nothing says that it failed. */
bool hp_ledger_changed(const struct hp_ledger_step *step);
/* Whether it says that the step took. */
bool hp_ledger_took(const struct hp_ledger_step *step);
/* The run that `undo` takes back: the latest that changed something; of an undo that did not come to its end the run
 * that it was taking back. NULL: none. */
const struct hp_ledger_run *hp_ledger_latest(const struct hp_ledger *ledger);
/* By its id, its scan_id, or the beginning of either (four characters at least) if only one run has it. */
const struct hp_ledger_run *hp_ledger_find(const struct hp_ledger *ledger, const char *name);
/* A step of the journal as one of a plan. */
struct hp_step hp_ledger_step(const struct hp_ledger_step *step);

/* ---- writing ---- */

struct hp_journal {
	struct hp_arena *arena;
	const char *folder; /* the state dir, as a path of the machine */
	const char *shown;  /* the same as messages name it: without the root */
	const char *run;
	int trouble; /* errno of the first line that could not be written; nothing is written after it */
};

struct hp_journal_head {
	const char *command, *host, *scan_id, *boot, *build, *undoes, *archive;
	uint64_t uptime_us;
	int64_t wall_ms;
};

/* "20261122T030405Z-1a2b": sorts by time, can be typed. */
const char *hp_run_id(struct hp_arena *a, int64_t wall_ms);
#define HP_REPORTS_KEPT 10 /* runs whose reports stay in the state dir */
/* Makes the ledger ready: a line that was cut is taken off, and where it has grown too large the oldest runs are
 * dropped together with their backups and reports. Returns 0 or an errno. */
int hp_journal_tidy(struct hp_journal *j, const struct hp_ledger *ledger);
void hp_journal_begin(struct hp_journal *j, const struct hp_journal_head *head);
void hp_journal_set(struct hp_journal *j, const struct hp_plan *plan, size_t step, const char *backup);
void hp_journal_answer(struct hp_journal *j, const struct hp_step *s);
void hp_journal_result(struct hp_journal *j, const struct hp_step *s);
/* why: it would not outlive the boot; NULL: it will. */
void hp_journal_kept(struct hp_journal *j, const struct hp_step *s, const char *why);
void hp_journal_offer(struct hp_journal *j, const struct hp_finding *f);
void hp_journal_end(struct hp_journal *j, bool complete);
/* "RUN.report.json" */
const char *hp_journal_report_name(struct hp_arena *a, const char *run);

#endif
