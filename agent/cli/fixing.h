/* What `hostprep fix` and `hostprep undo` have in common: one run that may change the host, and its steps. Each step is
 * a file of its own: fix_recover.c, fix_plan.c, fix_gates.c, fix_write.c; fix.c puts them in order. */
#ifndef HP_CLI_FIXING_H
#define HP_CLI_FIXING_H

#include "../engine/apply.h"
#include "session.h"

struct hp_fixing {
	struct hp_arena *arena;
	const struct hp_options *options;
	struct hp_session *session;
	struct hp_progress_line line;
	struct hp_plan plan;
	struct hp_journal journal;
	struct hp_gathered gates;
	const char *undoes; /* the run */
	bool undo;
	bool entered; /* it has asked for maintenance mode */
	bool blocked; /* nothing is to be written: a gate, the lock, another plan */
};

/* Something is not changed that should be: the run goes on (stop), or nothing at all is written (block). */
void hp_fix_stop(struct hp_fixing *w, const char *where, const char *text);
void hp_fix_block(struct hp_fixing *w, const char *where, const char *text);
/* Progress; context is the progress line. */
void hp_fix_telling(void *context, const char *text);
/* Reads and judges the host, with at least that much time. False when the run is over. */
bool hp_fix_read_host(struct hp_fixing *w, unsigned least_ms);
struct hp_journal hp_fix_journal(struct hp_fixing *w, const char *run);

/* fix_recover.c: runs that were killed, and changes that could not be archived: cleared up before the host is read. */
void hp_fix_recover(struct hp_fixing *w, struct hp_door *door);

/* fix_plan.c. The run that `undo RUN` names; NULL after having said that there is none (s->failed is then 64). */
const struct hp_ledger_run *hp_fix_find_run(struct hp_fixing *w, const struct hp_ledger *ledger);
/* -1: a usage error that has been told. */
int hp_fix_make_plan(struct hp_fixing *w);
/* Entering maintenance mode may take minutes, in which somebody else may have changed what the plan rests on. */
bool hp_fix_still_the_plan(struct hp_fixing *w);

/* fix_gates.c. Why nothing can be noted in the state dir, or NULL. */
const char *hp_fix_state_trouble(struct hp_fixing *w);
/* What a file of the boot bank was before the first write: its STAT line; "none"; NULL when that is not known. */
const char *hp_fix_before(const struct hp_fixing *w, const char *name);
bool hp_fix_pass_gates(struct hp_fixing *w);

/* fix_write.c: journal, write, read back. */
void hp_fix_write(struct hp_fixing *w);
void hp_fix_read_back(struct hp_fixing *w);
/* A change that an earlier boot has not brought, and the advice that this run gives on it. */
void hp_fix_note_offers(struct hp_fixing *w);

#define HP_FIX_READ_MS 120000u /* that reading back is given at least, whatever is left of --deadline */

#endif
