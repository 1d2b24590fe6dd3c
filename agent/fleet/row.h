/* A fleet document (schema hostprep.fleet) holds one row for each host. Vocabulary of everything in this folder.
 *
 *     merge:  files -> documents -> rows -> FLEET.json           (inputs, documents, report_read, merge, fleet_write)
 *     the rest: FLEET.json -> rows, one at a time -> an emitter  (fleet_read; summary, csv, junit, ... )
 *
 * Only one host's report is in memory at a time. Everything that came from a host (its name, texts, values) is hostile
 * until it is written: a terminal, a spreadsheet and a page each have their own way of making it harmless. */
#ifndef HP_FLEET_ROW_H
#define HP_FLEET_ROW_H

#include "../report/report.h"

#define HP_FLEET_SCHEMA "hostprep.fleet"
#define HP_FLEET_SCHEMA_VERSION "1.0.0"
#define HP_SCHEMA_MAJOR 1u /* of both documents: what another major says is not understood */

/* What became of asking a host. Nine of the ten mean that there is no report to go by. */
enum hp_row_state {
	HP_ROW_OK,
	HP_ROW_REFUSED,	    /* SSH is off, or something on the way says no */
	HP_ROW_UNREACHABLE, /* also: not tried, or nothing came of it; `reason` says which */
	HP_ROW_AUTH,
	HP_ROW_HOSTKEY,
	HP_ROW_DNS,
	HP_ROW_TIMEOUT,
	HP_ROW_NO_AGENT,
	HP_ROW_BAD_OUTPUT, /* cut, garbled, foreign, of another host, of another major version, judged by another policy
			    */
	HP_ROW_DUPLICATE,  /* the host stands in another row too, with a newer report */
	HP_ROW_STATES
};

const char *hp_row_state_word(enum hp_row_state state); /* "no-agent" */
bool hp_row_state_find(struct hp_str word, enum hp_row_state *ret);

#define HP_ROW_STDERR_MAX 2048u /* bytes of UTF-8 */

struct hp_row {
	const char *name; /* the name dialled; in a merge the file's stem, else the report's host.name */
	enum hp_row_state state;
	const char *reason;	/* a sentence: why it is not ok, or what is odd about it. NULL: nothing to say */
	int rc;			/* exit code; -1: there is none */
	const char *error_text; /* what came on stderr; never NULL */
	int64_t duration_ms;	/* -1: not known */
	unsigned attempts;	/* 0: not tried, or not known */
	const char *const *groups;
	size_t group_count;
	bool expected;		/* false: nobody asked for this host */
	const char *sha256;	/* of the report as it was received; NULL: none was */
	struct hp_str document; /* the report as JSON without blanks; empty: null in the row */
	/* The same, read. NULL where there is none. A duplicate has one too: it does not count. */
	const struct hp_report *report;
};

/* The head of the document, and what follows its rows. */
struct hp_fleet {
	const char *scan_id;
	const char *command;		/* "check" or "fix": what was run on the hosts; "merge": files were merged */
	const char *started, *finished; /* RFC 3339; NULL: not known */
	struct hp_str engine;		/* {name, version, transport, ...}: JSON without blanks */
	const char *engine_name;
	size_t expected;
	unsigned counts[HP_ROW_STATES];
	const char *verdict;
	int exit_code;
	struct hp_str drift;  /* JSON without blanks; empty: null */
	struct hp_str odd;    /* the same: an array */
	struct hp_str errors; /* the same: an array of {where, text} */
};

/* The exit code that one row stands for: 0, 2, 3 or 4. Not ok is 3, whatever was on the way. Of a report it is the
 * worse of its exit code and its verdict (the exit code of an undo does not speak of the findings); and no evidence, no
 * pass: 3 at best where nothing was judged, or the run was ended early, or the command ended with another code than the
 * report names. */
int hp_row_exit(const struct hp_row *row);
/* Ok, and yet its report gives no verdict: hostprep failed there, nothing was judged, or the command ended with another
 * code than the report names. */
bool hp_row_no_verdict(const struct hp_row *row);
/* Some finding is more than skipped or not applicable. */
bool hp_report_judged(const struct hp_report *r);
/* Its severity; info where it is waived. */
enum hp_severity hp_finding_weight(const struct hp_finding *f);
/* The exit code that a verdict's word stands for; -1: it is none. */
int hp_verdict_exit(const char *verdict);
/* The worse of two: 1, 2, 3, 4, 0. */
int hp_worse_exit(int a, int b);
/* It tells one host from others: firmware that was given none says nothing but zeros, or nothing but F. */
bool hp_uuid_usable(const char *uuid);
#define HP_UUID_ROOM 64u /* bytes */
/* As UUIDs are compared: lower case, with dashes where all 32 digits are there, else without. */
struct hp_str hp_uuid_plain(const char *uuid, char room[HP_UUID_ROOM]);
const char *hp_fleet_verdict(int exit_code); /* "non-compliant" */

#endif
