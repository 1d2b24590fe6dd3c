/* What the page knows: columns, and each text and each finding once. Of a fleet of 5,000 hosts and 64 checks it is
 * 1 MB.
 *
 *     strings    texts; everywhere else a text is its number, and -1 is none
 *     fleet      the head of the document: scan_id, command, started, finished, engine, expected, counts, exit_code
 *     checks     [id, title, severity, fixable (0, 1: where it fails on some host), command of a remedy (text)]
 *     hosts      arrays with an entry for each row: name; state (enum hp_row_state); exit (hp_row_exit); group (text,
 *                names with newlines between); esx, model, uuid, policy, tool, finished, reason, stderr (texts);
 *                reboot (enum hp_reboot; 4: cannot be told); rc, attempts; findings (numbers of those that do not
 *                pass), changes, causes (checks that need the reboot, texts)
 *     cells      a letter for each row and check: the worst state of its findings. f fail, r regressing, u unknown,
 *                b pending-reboot, i one of these with severity info, p pass, s skipped, n not applicable, x none
 *     findings   [check, subject, state, severity, now, next, want, text, remedy, command, reboot, fixable (0, 1),
 *                evidence]; evidence: source, excerpt and whether it was cut (0, 1), again and again
 *     changes    [check, subject, from, to, result, text, command], all texts
 *     hints      for each state of a row what to do
 *     drift, odd, errors   as in the fleet document
 *
 * It stands in a script element: < > & and U+2028, U+2029 are escaped, so nothing in it can end the element. */
#ifndef HP_FLEET_PAGE_DATA_H
#define HP_FLEET_PAGE_DATA_H

#include "fleet_read.h"
#include "out.h"

#define HP_PAGE_EVIDENCE_MAX ((size_t)8 << 20) /* bytes of different excerpts */

struct hp_page_data;

struct hp_page_data *hp_page_data(struct hp_arena *a);
void hp_page_row(struct hp_page_data *d, const struct hp_row *row);
void hp_page_data_put(struct hp_page_data *d, const struct hp_fleet *fleet, struct hp_out *out);

#endif
