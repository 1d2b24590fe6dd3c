/* Many reports into one fleet document. Each is read once, judged, and put aside (spill.h); about 1 KiB of each stays
 * in memory until the rows are settled:
 *
 *     an expected host of which nothing came has a row: unreachable, with the reason
 *     what is no whole report, of this major version, judged by the scan's policy: bad-output
 *     one name, several reports: the newest good one; the others are told in `errors`
 *     one UUID, several names: the newest is ok, the older ones are duplicates
 *     a file that has one expected host's name, and a report that has another's: bad-output
 *
 * Nothing that was given is dropped, and nothing of it ends the run. */
#ifndef HP_FLEET_MERGE_H
#define HP_FLEET_MERGE_H

#include "host_names.h"
#include "out.h"
#include "row.h"
#include "spill.h"

/* What the transport says of a host; in a merge of files nothing. */
struct hp_transport {
	enum hp_row_state state;
	const char *reason, *error_text;
	int rc;		     /* -1: none */
	int64_t duration_ms; /* -1: not known */
	unsigned attempts;
	const char *const *groups;
	size_t group_count;
};

struct hp_merge_row; /* merge.c */

struct hp_merge {
	struct hp_arena *arena;
	const struct hp_hosts *expected;		    /* NULL: nobody said which hosts there should be */
	struct hp_hosts *scanned;			    /* the list of the scan folders, where that is `expected` */
	const char *policy_sha256;			    /* NULL: any will do */
	bool checks_only;				    /* the scan was none to change hosts */
	int64_t asked_s;				    /* seconds since 1970: the scan began then; 0: not known */
	const char *missing;				    /* the reason of expected hosts without a report */
	const char *scan_id, *command, *started, *finished; /* NULL: made of the reports */
	struct hp_str engine;				    /* the same */
	struct hp_spill *spill;
	struct hp_odd *odd;
	struct hp_merge_row *rows;
	size_t count;
	struct hp_merge_error {
		const char *where, *text;
	} * errors;
	size_t error_count;
	size_t repeated; /* names that the list of hosts has more than once */
};

/* A document of a host, whatever it is. where: its file, for people. transport: NULL, there was none. bad: why it is
 * no document; NULL: look at it. -1: the program cannot go on (a full disk). */
int hp_merge_add(struct hp_merge *m, const char *name, const char *where, struct hp_str bytes, const char *bad,
		 const struct hp_transport *transport, struct hp_err *err);
/* A host without a document: the transport's state says why. */
void hp_merge_add_lost(struct hp_merge *m, const char *name, const char *where, const struct hp_transport *transport);
/* What has no row of its own. */
void hp_merge_tell(struct hp_merge *m, const char *where, const char *text);
/* host.name of a report, be it cut behind that; NULL: there is none. */
const char *hp_merge_host_name(struct hp_arena *a, struct hp_str bytes);

/* One row for each host, in the order of their names. */
void hp_merge_settle(struct hp_merge *m);
/* baseline: a fleet document, or NULL. ret_exit: the fleet's. */
int hp_merge_write(struct hp_merge *m, struct hp_out *out, const char *baseline, int *ret_exit, struct hp_err *err);

#endif
