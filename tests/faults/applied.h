/* A fix from beginning to end, in the order of hostprep fix, through the door of apply_door.h: read, judge, plan,
 * gates, journal, write, read back. The journal is a real file in a folder of the machine. */
#ifndef TESTS_FAULTS_APPLIED_H
#define TESTS_FAULTS_APPLIED_H

#include "../../agent/engine/apply.h"
#include "../../agent/engine/gates.h"
#include "apply_door.h"

struct applied {
	struct case_run before, after; /* before has the plan, with what came of it */
	struct hp_gathered gates;
	struct hp_trouble *closed;
	size_t closed_count;
	struct hp_journal journal; /* run is NULL: nothing was to be written */
	const char *stopped;
	bool went; /* through the gates */
};

struct applied_how {
	const char *folder; /* the state dir */
	bool leave;	    /* --override persistence */
	int (*interrupted)(void);
};

/* As far as the gates: reads, judges, plans; ret->went tells whether anything is to be written. */
void applied_plan(struct hp_arena *a, const struct case_file *c, struct apply_door *door, const struct applied_how *how,
		  struct applied *ret);
void applied_write(struct hp_arena *a, const struct case_file *c, struct apply_door *door,
		   const struct applied_how *how, struct applied *run);
void applied_read_back(struct hp_arena *a, const struct case_file *c, struct apply_door *door, struct applied *run);
/* All of it, and the journal's end. */
void applied_run(struct hp_arena *a, const struct case_file *c, struct apply_door *door, const struct applied_how *how,
		 struct applied *ret);
/* What a fix does before anything else: clears up after runs that were killed. NULL, or what could not be. */
const char *applied_recover(struct hp_arena *a, const struct case_file *c, struct apply_door *door, const char *folder);
/* The ledger as the run's own file. */
struct hp_str applied_ledger(struct hp_arena *a, const char *folder);
/* An empty folder for a ledger, and taking it away with all files in it. */
const char *applied_folder(struct hp_arena *a);
void applied_clear(const char *folder);
void applied_remove(const char *folder);

#endif
