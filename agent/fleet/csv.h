/* A line for each host, check and subject (RFC 4180: CRLF, quotes doubled), and one for each host without a report.
 * UTF-8 without a mark. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
#ifndef HP_FLEET_CSV_H
#define HP_FLEET_CSV_H

#include "out.h"
#include "row.h"

void hp_csv_head(struct hp_out *out);
void hp_csv_row(struct hp_out *out, const struct hp_row *row);

#endif
