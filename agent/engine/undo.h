/* Undo: what a run changed, as a plan that puts it back. Pure.
 *
 * The prior values come from the ledger, never from what is usual. A setting is put back only where the host still has,
 * for the next boot, what the run wrote: where somebody has changed it since, that is a conflict, reported and left
 * alone; where it is back already there is nothing to do; where it cannot be read nothing is written. */
#ifndef HP_ENGINE_UNDO_H
#define HP_ENGINE_UNDO_H

#include "ledger.h"

/* Conflicts, and what cannot be read, are in ret->refused. */
void hp_undo_plan(struct hp_arena *a, const struct hp_ledger_run *run, const struct hp_facts *facts,
		  const struct hp_ask_options *options, struct hp_plan *ret);

#endif
