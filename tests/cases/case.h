/* A case: a capture, the policy to judge by, and what is expected (README.md). */
#ifndef TESTS_CASES_CASE_H
#define TESTS_CASES_CASE_H

#include "../../agent/cli/options.h"
#include "../../agent/engine/judge.h"
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
	struct hp_findings findings;
	struct hp_report report;
};

/* 0, or -1 and why. */
int case_read(struct hp_arena *a, struct hp_str text, const char *name, struct case_file *ret, struct hp_err *err);
/* The whole way from a capture to a report. `capture` may be another one than the case's own. */
void case_run(struct hp_arena *a, const struct case_file *c, const struct hp_capture *capture, struct case_run *ret);
/* Says on stdout what differs from what is expected; returns how much does. */
unsigned case_compare(struct hp_arena *a, const struct case_file *c, const struct case_run *run);

#endif
