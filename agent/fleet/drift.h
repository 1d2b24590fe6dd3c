/* What has changed between two fleet documents: the older one, the baseline, is read first and only digests of its
 * findings are kept; then each row of the newer one is looked at as it comes.
 *
 * Hosts are matched by UUID, then by name. Failing is: fail or regressing, with a severity that is not info. A state
 * that changed although what is in force and what the next boot brings did not, while the policy did, is a change of
 * the policy; so is a finding of a check that only one of the two sides has. */
#ifndef HP_FLEET_DRIFT_H
#define HP_FLEET_DRIFT_H

#include "drift_lists.h"
#include "fleet_read.h"

struct hp_drift;

int hp_drift_begin(struct hp_arena *a, const char *baseline, struct hp_drift **ret, struct hp_err *err);
/* Of each row of the newer document, before the first hp_drift_row: a host that answers under another name must not be
 * taken for one that has its old name. uuid: of a row that is ok; NULL: none. */
void hp_drift_expect(struct hp_drift *d, const char *name, const char *uuid);
void hp_drift_row(struct hp_drift *d, const struct hp_row *row);
/* When all rows were looked at: what has changed. */
const struct hp_drift_lists *hp_drift_result(struct hp_drift *d);
/* The same as the object that docs/schema/diff.schema.json calls drift. */
void hp_drift_put(struct hp_drift *d, struct hp_out *out);
/* The same in memory. */
struct hp_str hp_drift_text(struct hp_drift *d);
/* Its members alone, without the braces. */
void hp_drift_put_members(struct hp_drift *d, struct hp_out *out);

#endif
