/* Names of hosts, and the list of those that are expected. */
#ifndef HP_FLEET_HOST_NAMES_H
#define HP_FLEET_HOST_NAMES_H

#include "../base/err.h"
#include "index.h"

#define HP_HOST_NAME_MAX 253u /* bytes: a name in DNS has no more */

/* Letters, digits and . _ : % -, not beginning with a dash. Names of groups are the same. */
bool hp_host_name(struct hp_str s);
/* Equal but for the case of letters. */
bool hp_same_name(const char *a, const char *b);
/* The same, or one of them has no dot and is the first label of the other: esx01 and ESX01.lab.example. */
bool hp_same_host(const char *a, const char *b);

struct hp_hosts {
	struct hp_index names;
	struct hp_group_list {
		const char **names;
		size_t count;
	} * groups;		/* of each name */
	struct hp_index labels; /* first labels of the names */
	uint32_t *by_label;	/* a name for each; HP_NO_INDEX: there are several */
	size_t repeated;	/* names that stand there more than once, and not in another group */
};

/* The name that is this one, or the only one that is the same host as it (hp_same_host); NULL: there is none. */
const char *hp_hosts_like(const struct hp_hosts *h, const char *name);

/* One name in a line; "[cl01]" begins a group for the names below it and "[]" ends it
 * (an IPv6 address stands without brackets, and is refused within). Empty lines and those that begin
 * with # are passed over. -1: a line is something else; err has file and line, and ret_usage is true; or
 * the file cannot be read. *ret is all zero, or a list to which this one is added. */
int hp_hosts_read(struct hp_arena *a, const char *path, struct hp_hosts *ret, bool *ret_usage, struct hp_err *err);

#endif
