/* What the commands that read a host have in common: policy, door, gathering, and the report they end with. */
#ifndef HP_CLI_SESSION_H
#define HP_CLI_SESSION_H

#include "../engine/judge.h"
#include "../io/capture.h"
#include "../report/report.h"
#include "options.h"

struct hp_session {
	struct hp_arena *arena;
	const struct hp_options *options;
	struct hp_report report; /* filled as far as the run has come */
	struct hp_policy policy;
	struct hp_selection selection;
	struct hp_capture capture; /* what was replayed */
	struct hp_capture recorded;
	struct hp_gathered gathered;
	struct hp_findings findings;
	uint64_t began_ms;
	int failed; /* 0, or the exit code of a run that ends without verdict; the reason is in report.errors */
};

/* Finds and reads the policy that the options name. -1: err says why (exit 78). */
int hp_session_policy(struct hp_arena *a, const struct hp_options *o, const struct hp_capture *capture,
		      struct hp_policy *ret, struct hp_err *err);
/* Reads the host, or the capture. Whatever goes wrong is in s->failed and s->report.errors afterwards; a usage error
 * (64) has been told on stderr by then. */
void hp_session_gather(struct hp_arena *a, const struct hp_options *o, struct hp_session *s);
/* A run that ends before it began: tells why, as a document too where one is asked for; returns the exit code. */
int hp_session_refuse(struct hp_arena *a, const struct hp_options *o, int code, const char *where, const char *text);
/* Judges what was gathered and concludes the report. */
void hp_session_judge(struct hp_session *s);
/* Writes --output files, then the report to stdout; returns the exit code. */
int hp_session_print(struct hp_session *s);

/* "hostprep: TEXT" on stderr. */
void hp_complain(const char *text);
/* Everything to stdout; false when nobody reads it. */
bool hp_print(struct hp_str bytes);
bool hp_use_color(const struct hp_options *o);

#endif
