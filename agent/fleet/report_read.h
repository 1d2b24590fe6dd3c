/* A host's report (schema hostprep.host) back into the model that the agent printed it from. */
#ifndef HP_FLEET_REPORT_READ_H
#define HP_FLEET_REPORT_READ_H

#include "../base/err.h"
#include "../report/report.h"

#define HP_REPORT_MAX ((size_t)16 << 20) /* bytes of one host's report; a large one has 100 KiB */

/* bytes: one JSON value. Refused, with a sentence in err that says why: what is no whole JSON document, another schema,
 * another major version, and a report that contradicts itself (a verdict that does not go with its exit code, a summary
 * that does not count its findings). Members that are not known are passed over. Texts are in `a`. The members of
 * struct hp_report and hp_finding that are no part of the document stay zero. Of an evidence, `record` is the excerpt,
 * and `focus` is empty unless the host left something out of it. */
int hp_report_read(struct hp_arena *a, struct hp_str bytes, struct hp_report *ret, struct hp_err *err);

#endif
