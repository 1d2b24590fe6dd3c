/* Metrics in Prometheus' text format, for node_exporter's textfile collector. All samples of a metric stand together,
 * so each has a text of its own until all rows were read. */
#ifndef HP_FLEET_PROMETHEUS_H
#define HP_FLEET_PROMETHEUS_H

#include "fleet_read.h"
#include "out.h"

int hp_prometheus_put(struct hp_arena *a, const struct hp_fleet *fleet, struct hp_fleet_reader *r, struct hp_out *out,
		      struct hp_err *err);

#endif
