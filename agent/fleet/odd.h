/* The odd ones out: in each group of hosts (in the whole fleet, where no host has a group) the values of each check,
 * and of the release, the model and the policy. Where at least three hosts, and two thirds of all, agree, those that do
 * not are named. The value of a check of several devices is what they have, each once: "0, 1". */
#ifndef HP_FLEET_ODD_H
#define HP_FLEET_ODD_H

#include "out.h"
#include "row.h"

struct hp_odd;

struct hp_odd *hp_odd_begin(struct hp_arena *a);
/* The values of a report, when it is read. `number` is the caller's, from 0. */
void hp_odd_report(struct hp_odd *o, size_t number, const struct hp_report *report);
/* That report stands for this row. Others do not count. */
void hp_odd_row(struct hp_odd *o, size_t number, const char *name, const char *const *groups, size_t group_count);
/* When all rows were told: an array, as docs/schema/fleet.schema.json has it. */
void hp_odd_put(struct hp_odd *o, struct hp_out *out);

#endif
