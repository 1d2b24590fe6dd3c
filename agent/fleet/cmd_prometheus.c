#include "options.h"
#include "prometheus.h"

int hp_fleet_cmd_prometheus(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct hp_out *out;
	struct hp_err err;
	if (hp_fleet_open(a, o->files[0], &fleet, &reader, &err) < 0 || hp_out_open(a, o->output, &out, &err) < 0 ||
	    hp_prometheus_put(a, &fleet, reader, out, &err) < 0 || hp_out_close(out, &err) < 0)
		return hp_fleet_failed(&err);
	return fleet.exit_code;
}
