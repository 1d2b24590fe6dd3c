/* One function per command; each returns the exit code. */
#ifndef HP_CLI_COMMANDS_H
#define HP_CLI_COMMANDS_H

#include "options.h"

int hp_cmd_check(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_fix(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_undo(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_reboot_status(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_explain(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_list(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_capture(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_report(struct hp_arena *a, const struct hp_options *o);
int hp_cmd_version(struct hp_arena *a, const struct hp_options *o);

#endif
