#include <string.h>

#include "drift.h"
#include "options.h"
#include "summary.h"

static void expect(void *drift, struct hp_arena *scratch, const struct hp_row *row)
{
	(void)scratch;
	hp_drift_expect(drift, row->name, row->state == HP_ROW_OK && row->report ? row->report->host.uuid : NULL);
}

static void compare(void *drift, struct hp_arena *scratch, const struct hp_row *row)
{
	(void)scratch;
	hp_drift_row(drift, row);
}

int hp_fleet_cmd_diff(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct hp_drift *drift;
	struct hp_out *out;
	struct hp_err err;
	struct hp_summary_style style = {.color = o->color, .verbose = o->verbose};
	if (hp_drift_begin(a, o->files[0], &drift, &err) < 0 ||
	    hp_fleet_open(a, o->files[1], &fleet, &reader, &err) < 0 ||
	    hp_each_row(a, reader, expect, drift, &err) < 0 || hp_each_row(a, reader, compare, drift, &err) < 0 ||
	    hp_out_open(a, o->output, &out, &err) < 0)
		return hp_fleet_failed(&err);
	if (o->format && strcmp(o->format, "json") == 0) {
		hp_out_puts(out, "{\"schema\":\"hostprep.diff\",\"schema_version\":\"" HP_FLEET_SCHEMA_VERSION "\",");
		hp_drift_put_members(drift, out);
		hp_out_puts(out, "}\n");
	} else {
		hp_summary_put_drift(a, hp_drift_text(drift), &style, out);
	}
	return hp_out_close(out, &err) < 0 ? hp_fleet_failed(&err) : fleet.exit_code;
}
