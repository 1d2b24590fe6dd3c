/* What two fleets differ in, as lists. Texts are copied: they grow with what has changed, not with the fleet. */
#ifndef HP_FLEET_DRIFT_LISTS_H
#define HP_FLEET_DRIFT_LISTS_H

#include "out.h"
#include "row.h"

enum hp_drift_list {
	HP_DRIFT_NEWLY_FAILING,
	HP_DRIFT_FIXED,
	HP_DRIFT_STILL_FAILING,
	HP_DRIFT_NEWLY_UNKNOWN,
	HP_DRIFT_OTHER,
	HP_DRIFT_POLICY, /* the host is as it was: what is wanted of it changed, or which checks there are */
	HP_DRIFT_LISTS,
	HP_DRIFT_NOTHING = HP_DRIFT_LISTS
};

enum hp_drift_hosts { HP_DRIFT_ADDED, HP_DRIFT_GONE, HP_DRIFT_NOT_SCANNED, HP_DRIFT_BACK, HP_DRIFT_HOST_LISTS };

struct hp_drift_item {
	const char *host, *check, *subject;
	int from, to; /* enum hp_state; HP_STATES: the finding is not there */
	enum hp_severity severity;
	const char *was, *now, *want; /* was, now: in force; NULL: null */
};

struct hp_drift_policy_change {
	const char *from, *to; /* SHA-256; NULL: none */
	const char **hosts;
	size_t count;
};

struct hp_drift_lists {
	struct hp_arena *arena;
	const char *scan_id, *started, *finished; /* of the baseline */
	struct {
		struct hp_drift_item *items;
		size_t count;
	} lists[HP_DRIFT_LISTS];
	struct {
		const char **names;
		size_t count;
	} hosts[HP_DRIFT_HOST_LISTS];
	struct {
		const char *from, *to;
	} * renamed;
	size_t renamed_count;
	struct hp_drift_policy_change *policies;
	size_t policy_count;
};

void hp_drift_lists_begin(struct hp_drift_lists *d, struct hp_arena *a, const struct hp_fleet *baseline);
void hp_drift_add(struct hp_drift_lists *d, enum hp_drift_list list, const struct hp_drift_item *item);
void hp_drift_host(struct hp_drift_lists *d, enum hp_drift_hosts list, const char *name);
void hp_drift_renamed(struct hp_drift_lists *d, const char *from, const char *to);
void hp_drift_policy(struct hp_drift_lists *d, const char *from, const char *to, const char *host);
/* The members of docs/schema/diff.schema.json, from "baseline" to "policy". */
void hp_drift_lists_put(const struct hp_drift_lists *d, struct hp_out *out);

#endif
