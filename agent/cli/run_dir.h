/* var/run/hostprep under the root: lost at boot. Holds the boot's token and the last report. Everything in it is a
 * convenience: a run that cannot write there goes on without. */
#ifndef HP_CLI_RUN_DIR_H
#define HP_CLI_RUN_DIR_H

#include <stdint.h>

#include "../base/str.h"

/* The token of this boot, made if there is none; NULL when there is no place for it. */
const char *hp_boot_token(struct hp_arena *a, const char *root);

struct hp_last_report {
	struct hp_str json, text;
	int64_t age_s;
};
void hp_last_report_save(struct hp_arena *a, const char *root, struct hp_str json, struct hp_str text);
/* False when this boot has none. */
bool hp_last_report_load(struct hp_arena *a, const char *root, struct hp_last_report *ret);
/* Thirty-two hex digits as a version 4 UUID. */
const char *hp_uuid(struct hp_arena *a);

#endif
