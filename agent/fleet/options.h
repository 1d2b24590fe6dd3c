/* The command line of hostprep-report. One table of commands and one of options drive parsing, --help and the man
 * page. Exit codes are the fleet's (enum hp_exit), whatever a command makes of the document: 0 all compliant, 2 some
 * host fails, 3 some host not scanned or unknown, 4 only reboots pending; 1 failed, 64 usage. */
#ifndef HP_FLEET_OPTIONS_H
#define HP_FLEET_OPTIONS_H

#include "../base/err.h"
#include "../base/str.h"

struct hp_fleet_options {
	const struct hp_fleet_command *command;
	const char *const *files; /* what follows the command */
	size_t file_count;
	const char *hosts, *baseline, *output, *format, *when; /* when: of --color */
	bool color;					       /* as --color, NO_COLOR and the terminal say */
	bool quiet, verbose, help;
};

struct hp_fleet_command {
	const char *name, *argument, *summary;
	size_t files_least, files_most;
	const char *needed, *taken;					  /* options, by name with blanks between */
	int (*run)(struct hp_arena *a, const struct hp_fleet_options *o); /* returns the exit code */
};
extern const struct hp_fleet_command hp_fleet_commands[]; /* ends with a NULL name */

/* -1: a usage error. */
int hp_fleet_options_parse(struct hp_arena *a, int argc, char **argv, struct hp_fleet_options *ret, struct hp_err *err);
struct hp_str hp_fleet_help(struct hp_arena *a, const struct hp_fleet_command *command); /* NULL: all of them */
struct hp_str hp_fleet_man_page(struct hp_arena *a);					 /* mdoc */

/* Tells err on stderr and returns HP_EXIT_NO_VERDICT. */
int hp_fleet_failed(const struct hp_err *err);

int hp_fleet_cmd_merge(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_html(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_diff(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_summary(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_csv(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_junit(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_prometheus(struct hp_arena *a, const struct hp_fleet_options *o);
int hp_fleet_cmd_version(struct hp_arena *a, const struct hp_fleet_options *o);

#endif
