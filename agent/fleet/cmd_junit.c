#include "junit.h"
#include "out.h"
#include "fleet_read.h"
#include "options.h"

static void count(void *what, struct hp_arena *scratch, const struct hp_row *row)
{
	(void)scratch;
	struct hp_junit_counts *total = what, n = hp_junit_count(row);
	total->tests += n.tests;
	total->failures += n.failures;
	total->errors += n.errors;
	total->skipped += n.skipped;
}

static void put(void *out, struct hp_arena *scratch, const struct hp_row *row)
{
	struct hp_buf b = hp_buf(scratch);
	hp_junit_row(&b, row);
	hp_out_put(out, hp_built(&b));
}

int hp_fleet_cmd_junit(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_fleet fleet;
	struct hp_fleet_reader *reader;
	struct hp_junit_counts total = {0};
	struct hp_out *out;
	struct hp_err err;
	if (hp_fleet_open(a, o->files[0], &fleet, &reader, &err) < 0 ||
	    hp_each_row(a, reader, count, &total, &err) < 0 || hp_out_open(a, o->output, &out, &err) < 0)
		return hp_fleet_failed(&err);
	struct hp_buf b = hp_buf(a);
	hp_junit_begin(&b, &fleet, &total);
	hp_out_put(out, hp_built(&b));
	if (hp_each_row(a, reader, put, out, &err) < 0)
		return hp_fleet_failed(&err);
	hp_out_puts(out, hp_junit_end);
	return hp_out_close(out, &err) < 0 ? hp_fleet_failed(&err) : fleet.exit_code;
}
