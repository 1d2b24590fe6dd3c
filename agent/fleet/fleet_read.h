/* FLEET.json, row by row. The members may stand in any order, with any blanks between them (jq may have been there). */
#ifndef HP_FLEET_FLEET_READ_H
#define HP_FLEET_FLEET_READ_H

#include "../base/err.h"
#include "report_read.h"
#include "row.h"

struct hp_fleet_reader;

/* Reads the file once to its end: it is whole, a fleet document of this major, and says of itself what is so. What
 * stands around the rows is in *ret from then on; the rows are looked into as they come. gzip is unpacked, "-" is
 * standard input. -1: err names the file and the place. */
int hp_fleet_open(struct hp_arena *a, const char *path, struct hp_fleet *ret, struct hp_fleet_reader **ret_reader,
		  struct hp_err *err);
/* The next row, with its report, in the document's order. Everything of it lies in `scratch`: begin one for each row
 * (hp_scratch_begin); `document` stays until the next call. 1: a row, 0: there are no more, -1: err;
 * at the end, too, where the rows are worse than the head says. */
int hp_fleet_next(struct hp_fleet_reader *r, struct hp_arena *scratch, struct hp_row *ret, struct hp_err *err);
/* One row alone: what hp_fleet_next does with its bytes. Of a state that has no report, `report` is NULL. */
int hp_row_read(struct hp_arena *a, struct hp_str bytes, struct hp_row *ret, struct hp_err *err);
/* Calls each(what, scratch, row) for all rows, from the first on. Returns 0 or -1. */
int hp_each_row(struct hp_arena *a, struct hp_fleet_reader *r,
		void (*each)(void *what, struct hp_arena *scratch, const struct hp_row *row), void *what,
		struct hp_err *err);
/* Back to the first row. */
void hp_fleet_rewind(struct hp_fleet_reader *r);

#endif
