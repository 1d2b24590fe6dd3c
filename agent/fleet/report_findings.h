/* The parts of a host's report that come many times, out of JSON. For report_read.c. */
#ifndef HP_FLEET_REPORT_FINDINGS_H
#define HP_FLEET_REPORT_FINDINGS_H

#include "../report/report.h"
#include "json_pull.h"

#define HP_WAIVED HP_STATES
struct hp_counts {
	int64_t n[HP_STATES + 1]; /* findings by state; last: those that are waived, which stand under no state */
};

void hp_report_findings(struct hp_pull *j, struct hp_report *r, struct hp_counts *ret_counted);
void hp_report_changes(struct hp_pull *j, struct hp_report *r);
void hp_report_reboot_kind(struct hp_pull *j, enum hp_reboot *ret);
bool hp_report_state(struct hp_str word, unsigned *ret); /* an enum hp_state */

#endif
