#include "options.h"
#include "summary.h"

int hp_fleet_cmd_summary(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct hp_totals totals;
	struct hp_out *out;
	struct hp_err err;
	struct hp_summary_style style = {.color = o->color, .verbose = o->verbose};
	if (hp_fleet_open(a, o->files[0], &fleet, &reader, &err) < 0 || hp_totals_read(a, reader, &totals, &err) < 0 ||
	    hp_out_open(a, o->output, &out, &err) < 0)
		return hp_fleet_failed(&err);
	hp_summary_put(a, &fleet, &totals, &style, out);
	return hp_out_close(out, &err) < 0 ? hp_fleet_failed(&err) : fleet.exit_code;
}
