/* JUnit XML, as Jenkins and GitLab read it: a suite for each host, a case for each check and subject.
 *
 *     fail, regressing                     failure, its type the severity
 *     pending-reboot                       failure of the type "pending-reboot"
 *     unknown                              error
 *     not-applicable, skipped              skipped
 *     a host that was not scanned          a suite with one case, "scan", that is an error
 *     severity info, whatever its state    passed: it never fails a run */
#ifndef HP_FLEET_JUNIT_H
#define HP_FLEET_JUNIT_H

#include "row.h"

struct hp_junit_counts {
	size_t tests, failures, errors, skipped;
};

struct hp_junit_counts hp_junit_count(const struct hp_row *row);
void hp_junit_begin(struct hp_buf *b, const struct hp_fleet *fleet, const struct hp_junit_counts *total);
void hp_junit_row(struct hp_buf *b, const struct hp_row *row);
extern const char hp_junit_end[];

#endif
