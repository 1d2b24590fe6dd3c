/* A case: a capture, the policy to judge by, and what is expected (README.md). */
#ifndef TESTS_CASES_CASE_H
#define TESTS_CASES_CASE_H

#include "../../agent/cli/options.h"
#include "../../agent/engine/after_boot.h"
#include "../../agent/io/capture.h"
#include "../../agent/report/report.h"

struct case_file {
	struct hp_capture capture;
	struct hp_policy policy;
	struct hp_options options; /* of the line `expect run …`, else those of a plain `check` */
	struct hp_selection selection;
};

struct case_run {
	struct hp_gathered gathered;
	struct hp_ledger ledger;
	struct hp_boot boot;
	struct hp_findings findings; /* with what the ledger adds to them */
	struct hp_plan plan;	     /* of what the findings want; undo: of what a run has changed */
	struct hp_report report;     /* with the plan's changes for fix and undo */
};

/* 0, or -1 and why. */
int case_read(struct hp_arena *a, struct hp_str text, const char *name, struct case_file *ret, struct hp_err *err);
/* The whole way from a capture to a report. `capture` may be another one than the case's own. */
void case_run(struct hp_arena *a, const struct case_file *c, const struct hp_capture *capture, struct case_run *ret);
/* Its three parts: what the program reads and judges, plans, and tells. */
void case_look(struct hp_arena *a, const struct case_file *c, struct hp_door *door, struct case_run *ret);
void case_plan(struct hp_arena *a, const struct case_file *c, struct case_run *run);
void case_report(struct hp_arena *a, const struct case_file *c, struct case_run *run);
bool case_is_undo(const struct case_file *c);
bool case_is_fix(const struct case_file *c); /* or undo */

/* Says on stdout what differs from what is expected; returns how much does. */
unsigned case_compare(struct hp_arena *a, const struct case_file *c, const struct case_run *run);
/* What holds for every host and every policy, whatever was spoilt on the way (case_law.c): the first thing that does
 * not, or NULL. */
const char *case_broken_law(struct hp_arena *a, const struct case_file *c, const struct case_run *run);
/* Whether `becomes` differs from `was` in method fields and lines added at the end alone, all of them saying `want`:
 * worked out from the bytes, with nothing of the program. */
bool case_edit_is_small(struct hp_str was, struct hp_str becomes, const char *want);
/* The next word of a line: blanks part them, "..." keeps blanks in one. */
bool case_word(struct hp_arena *a, struct hp_str *rest, const char **ret);

#endif
