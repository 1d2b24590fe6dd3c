/* What `hostprep-report merge` is given: files, folders, standard input, scan folders, other fleet documents. */
#ifndef HP_FLEET_INPUTS_H
#define HP_FLEET_INPUTS_H

#include "merge.h"

/* path: "-", a file or a folder. A folder is gone through in the order of its names; what is in it and cannot be read
 * is told, as is everything that is no report. output: a file that is passed over, since it is what is being made;
 * NULL. -1: the path itself cannot be read, or the program cannot go on. */
int hp_inputs_add(struct hp_merge *m, const char *path, const char *output, struct hp_err *err);

/* A folder that hostprep-fleet has made: it has a scan.json (docs/guides/fleet-report.md). */
bool hp_scan_folder(struct hp_arena *a, const char *path);
/* Its head becomes that of the merge. */
int hp_scan_folder_head(struct hp_merge *m, const char *path, struct hp_err *err);
/* Its rows. A folder that is damaged has one row, as what cannot be read has. */
int hp_scan_folder_add(struct hp_merge *m, const char *path, struct hp_err *err);
/* Something that cannot be read, or not to its end. Whose it is nobody knows, and it may be a host's that fails, so it
 * has a row: bad-output, by the name of its place. */
int hp_inputs_add_unread(struct hp_merge *m, const char *path, const char *why, struct hp_err *err);

#endif
