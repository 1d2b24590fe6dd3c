/* The report: one model, which every format prints. Pure. */
#ifndef HP_REPORT_REPORT_H
#define HP_REPORT_REPORT_H

#include "change.h"

#define HP_SCHEMA "hostprep.host"
#define HP_SCHEMA_VERSION "1.0.0"

/* Worst wins: 1, 2, 3, 4, 0. */
enum hp_exit {
	HP_EXIT_OK = 0,
	HP_EXIT_NO_VERDICT = 1,
	HP_EXIT_FAILS = 2,
	HP_EXIT_UNKNOWN = 3,
	HP_EXIT_REBOOT = 4,
	HP_EXIT_USAGE = 64,
	HP_EXIT_LOCKED = 75,
	HP_EXIT_NOT_ROOT = 77,
	HP_EXIT_POLICY = 78
};

enum hp_needed { HP_NOT_NEEDED, HP_NEEDED, HP_CANNOT_TELL };

struct hp_reason {
	const char *check, *subject, *text;
};

struct hp_trouble {
	const char *where, *text;
	bool stop; /* it kept the run from changing something (a gate, a conflict): there is a verdict all the same */
};

struct hp_report {
	const char *command, *scan_id;
	struct {
		const char *name, *version, *commit; /* commit: NULL when not known */
	} tool;
	struct {
		const char *name, *source, *sha256; /* NULL when it could not be read */
	} policy;
	struct { /* any may be NULL: not known */
		const char *name, *uuid, *vendor, *model, *serial, *product, *version, *build, *boot_id;
		int64_t uptime_s;	   /* -1: not known */
		enum hp_needed quick_boot; /* HP_NEEDED: the last boot was one */
	} host;
	const char *started, *finished;
	uint64_t duration_ms;
	int64_t age_s; /* out of a document: it was kept for so long when it was printed; -1: it was not */
	bool complete; /* every check was chosen, and nothing was ended early */
	struct {
		const char *only, *skip, *tag;
	} selection;
	enum hp_severity fail_on;
	const char *verdict;
	int exit_code;
	struct {
		enum hp_needed required;
		enum hp_reboot kind;
		struct hp_reason *reasons;
		size_t count;
		const char *since; /* when this boot's need was first seen, RFC 3339; NULL: not known */
	} reboot;
	unsigned summary[HP_STATES];
	const struct hp_finding *findings;
	size_t finding_count;
	const struct hp_change *changes; /* fix and undo, in the order in which they are made */
	size_t change_count;
	const char *plan;      /* fix and undo: the plan's digest; NULL: there is no plan */
	const char *run;       /* fix and undo that wrote: what `hostprep undo` is given; NULL: nothing was written */
	bool undoable;	       /* something that the run has written is on the host */
	const char *undoes;    /* undo: the run that it takes back */
	const char *state_dir; /* --state-dir as it was given, quoted; NULL: it was not */
	const char *note;      /* a sentence for people: that there was nothing to do; NULL: none */
	const char *again;     /* what to type to make the plan of a dry run */
	bool dry_run, undo;    /* undo: the exit code speaks of what was put back, not of the findings */
	struct hp_trouble *errors;
	size_t error_count;
};

/* A finding that is info, below --fail-on, or waived never changes the verdict. */
bool hp_report_counts(const struct hp_report *r, const struct hp_finding *f);
/* The least that the exit code is for how the changes came out. */
int hp_report_changes_exit(const struct hp_report *r);
/* Fills summary, reboot, verdict and exit_code from the findings, changes and errors. */
void hp_report_conclude(struct hp_arena *a, struct hp_report *r);
/* The program itself failed: there is no verdict. */
void hp_report_error(struct hp_arena *a, struct hp_report *r, const char *where, const char *text);
/* Something was not changed that should have been; exit code 2. */
void hp_report_stop(struct hp_arena *a, struct hp_report *r, const char *where, const char *text);
/* What an admin types to reboot in that way. */
const char *hp_reboot_command(enum hp_reboot kind);

struct json_t; /* jansson.h */
/* The member "reboot" of the document alone: what the marker reboot-required holds. */
struct json_t *hp_report_reboot_json(struct hp_arena *a, const struct hp_report *r);
/* JSON as docs/schema/host.schema.json describes it. */
struct json_t *hp_report_document(struct hp_arena *a, const struct hp_report *r);
/* The same as text; ends in a newline. */
struct hp_str hp_report_json(struct hp_arena *a, const struct hp_report *r);

struct hp_text_style {
	bool color, quiet, verbose;
};
/* For people: at most 80 columns, but for commands, which are never broken. ASCII. */
struct hp_str hp_report_text(struct hp_arena *a, const struct hp_report *r, const struct hp_text_style *style);
/* The plan, or what was made of it: part of the text of fix and undo. Nothing when there are no changes. */
void hp_report_put_changes(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r,
			   const struct hp_text_style *style);
/* What comes after a fix or an undo. */
void hp_report_put_next(struct hp_arena *a, struct hp_buf *b, const struct hp_report *r);
/* The reboot-status command's answer for people. */
struct hp_str hp_report_reboot_text(struct hp_arena *a, const struct hp_report *r);

#endif
