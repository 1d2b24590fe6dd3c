/* var/run/hostprep under the root: lost at boot. Holds the boot's token, the last report, the lock and the marker
 * `reboot-required`. Everything in it but the lock is a convenience: a run that cannot write there goes on without. */
#ifndef HP_CLI_RUN_DIR_H
#define HP_CLI_RUN_DIR_H

#include <stdint.h>

#include "../report/report.h"

/* The token of this boot, made if there is none; NULL when there is no place for it. */
const char *hp_boot_token(struct hp_arena *a, const char *root);

struct hp_last_report {
	struct hp_str json, text;
	int64_t age_s;
};
void hp_last_report_save(struct hp_arena *a, const char *root, struct hp_str json, struct hp_str text);
/* False when this boot has none. */
bool hp_last_report_load(struct hp_arena *a, const char *root, struct hp_last_report *ret);
/* The marker is there while a reboot is known to be needed: {"required", "kind", "reasons", "since", "boot"}. A run
 * that finds none needed takes it away; one that cannot tell leaves it. Returns since when this boot needs one, or
 * NULL. */
const char *hp_marker_keep(struct hp_arena *a, const char *root, const struct hp_report *r);
/* Takes the lock that fix and undo hold until they end. Returns 0, EAGAIN (ret_holder: who has it) or an errno. */
int hp_run_lock(struct hp_arena *a, const char *root, const char *holder, const char **ret_holder);
/* Thirty-two hex digits as a version 4 UUID. */
const char *hp_uuid(struct hp_arena *a);

#endif
