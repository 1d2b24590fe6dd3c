/* What the rows of a fleet add up to: for the summary, and for whoever prints a command that mends it. */
#ifndef HP_FLEET_TOTALS_H
#define HP_FLEET_TOTALS_H

#include "fleet_read.h"
#include "index.h"

/* Hosts, by their number in hp_totals.hosts. */
struct hp_host_list {
	uint32_t *items;
	size_t count;
};

struct hp_check_total {
	const char *id, *title;
	enum hp_severity severity;    /* the worst that a host's policy gives it */
	struct hp_host_list failing;  /* fail or regressing on any subject; never of severity info */
	struct hp_host_list unknown;  /* none of its subjects fails, and one could not be read */
	size_t regressing;	      /* hosts on which it is right now, and wrong after the next boot */
	struct hp_host_list fixable;  /* of the failing: those where hostprep fix brings it about */
	bool remedies_differ;	      /* not every failing host has that remedy */
	const char *remedy, *command; /* of the first host that fails, else of the first that is unknown; or NULL */
	const char *text;	      /* the same host's finding */
};

struct hp_totals {
	struct hp_arena *arena;
	struct hp_index hosts, ids;
	struct hp_check_total *checks;		 /* numbered as ids are */
	size_t rows, exits[5];			 /* by exit code: 0 2 3 4 */
	struct hp_host_list lost[HP_ROW_STATES]; /* not ok */
	const char *reasons[HP_ROW_STATES];	 /* of the first host that is so */
	size_t never_asked[HP_ROW_STATES];	 /* of the lost ones */
	struct hp_host_list no_verdict;		 /* hp_row_no_verdict */
	const char *no_verdict_text;		 /* why, of the first of them; or NULL */
	struct hp_index notes;			 /* what else there is to say of hosts that are ok, and of which */
	struct hp_host_list *noted;
	struct hp_host_list reboot[HP_REBOOTS]; /* by kind; NONE is empty */
	struct hp_host_list reboot_unknown;
	struct hp_host_list reboot_later; /* a reboot is needed, and would lose what is right now: to be fixed first */
	const char *policy;		  /* one that is not built in, by which some host was judged; NULL: none */
	size_t changes[HP_RESULTS];	  /* fix: how many of each result */
	struct hp_host_list changed, not_changed; /* fix: hosts with a change that is so; those where one failed */
	struct hp_host_list unexpected;
};

struct hp_totals hp_totals(struct hp_arena *a);
void hp_totals_row(struct hp_totals *t, const struct hp_row *row);
/* Checks that fail or are unknown somewhere: worst severity first, then most hosts, then by id. NULL-ended. */
const struct hp_check_total *const *hp_totals_order(struct hp_totals *t);
/* Reads all rows of a fleet. */
int hp_totals_read(struct hp_arena *a, struct hp_fleet_reader *r, struct hp_totals *ret, struct hp_err *err);
/* What to do about hosts that were not scanned: a sentence. */
const char *hp_row_state_hint(const struct hp_fleet *fleet, enum hp_row_state state);

#endif
