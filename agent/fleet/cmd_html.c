#include "options.h"
#include "page.h"

struct both {
	struct hp_page_data *data;
	struct hp_totals totals;
};

static void add(void *both, struct hp_arena *scratch, const struct hp_row *row)
{
	struct both *b = both;
	(void)scratch;
	hp_page_row(b->data, row);
	hp_totals_row(&b->totals, row);
}

int hp_fleet_cmd_html(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct both both = {.data = hp_page_data(a), .totals = hp_totals(a)};
	struct hp_out *out;
	struct hp_err err;
	if (hp_fleet_open(a, o->files[0], &fleet, &reader, &err) < 0 || hp_each_row(a, reader, add, &both, &err) < 0 ||
	    hp_out_open(a, o->output, &out, &err) < 0 ||
	    hp_page_put(a, &fleet, both.data, &both.totals, out, &err) < 0 || hp_out_close(out, &err) < 0)
		return hp_fleet_failed(&err);
	return fleet.exit_code;
}
