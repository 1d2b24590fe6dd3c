/* What the commands that read a host have in common: policy, door, gathering, and the report they end with. */
#ifndef HP_CLI_SESSION_H
#define HP_CLI_SESSION_H

#include "../engine/after_boot.h"
#include "../io/capture.h"
#include "../report/report.h"
#include "options.h"
#include "progress.h"

struct hp_session {
	struct hp_arena *arena;
	const struct hp_options *options;
	struct hp_report report; /* filled as far as the run has come */
	struct hp_policy policy;
	struct hp_selection selection;
	struct hp_capture capture; /* what was replayed */
	struct hp_capture recorded;
	struct hp_gathered gathered;
	struct hp_ledger ledger;
	struct hp_boot boot;
	struct hp_findings findings;
	bool outputs_done;
	uint64_t began_ms;
	unsigned least_ms; /* that the next door is given, whatever is left of --deadline */
	int failed;	   /* 0, or the exit code of a run that ends without verdict; the reason is in report.errors */
};

/* Finds and reads the policy that the options name. -1: err says why (exit 78). */
int hp_session_policy(struct hp_arena *a, const struct hp_options *o, const struct hp_capture *capture,
		      struct hp_policy *ret, struct hp_err *err);
/* Begins the report, and reads the policy and the capture. -1: it goes no further. Whatever goes wrong, here and later,
 * is in s->failed and s->report.errors; a usage error (64) has been told on stderr by then. */
int hp_session_begin(struct hp_arena *a, const struct hp_options *o, struct hp_session *s);
/* What is left of --deadline. */
unsigned hp_session_left_ms(const struct hp_session *s);
/* Opens the way to the host, or the capture. NULL when that cannot be done. */
struct hp_door *hp_session_door(struct hp_session *s, struct hp_progress_line *line);
/* Reads the host through a door. */
void hp_session_read(struct hp_session *s, struct hp_door *door);
/* Writes --record, if it was given. */
void hp_session_record(struct hp_session *s);
/* All of it: what the commands that change nothing do. */
void hp_session_gather(struct hp_arena *a, const struct hp_options *o, struct hp_session *s);
/* A run that ends before it began: tells why, as a document too where one is asked for; returns the exit code. */
int hp_session_refuse(struct hp_arena *a, const struct hp_options *o, int code, const char *where, const char *text);
/* Judges what was gathered, by the policy and the ledger. */
void hp_session_judge(struct hp_session *s);
/* Concludes the report, and keeps the marker reboot-required. */
void hp_session_conclude(struct hp_session *s);
/* Writes the --output files, once. */
void hp_session_outputs(struct hp_session *s);
/* Writes the --output files, then the report to stdout; returns the exit code. */
int hp_session_print(struct hp_session *s);

/* "hostprep: TEXT" on stderr. */
void hp_complain(const char *text);
/* Everything to stdout; false when nobody reads it. */
bool hp_print(struct hp_str bytes);
bool hp_use_color(const struct hp_options *o);

#endif
