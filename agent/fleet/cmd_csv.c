#include "csv.h"
#include "fleet_read.h"
#include "options.h"

static void put(void *out, struct hp_arena *scratch, const struct hp_row *row)
{
	(void)scratch;
	hp_csv_row(out, row);
}

int hp_fleet_cmd_csv(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct hp_out *out;
	struct hp_err err;
	if (hp_fleet_open(a, o->files[0], &fleet, &reader, &err) < 0 || hp_out_open(a, o->output, &out, &err) < 0)
		return hp_fleet_failed(&err);
	hp_csv_head(out);
	if (hp_each_row(a, reader, put, out, &err) < 0 || hp_out_close(out, &err) < 0)
		return hp_fleet_failed(&err);
	return fleet.exit_code;
}
