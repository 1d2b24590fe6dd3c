/* The command line. One table of commands and one of options drive parsing, --help, the man page and the tests. */
#ifndef HP_CLI_OPTIONS_H
#define HP_CLI_OPTIONS_H

#include "../base/err.h"
#include "../base/str.h"
#include "../report/finding.h"

enum hp_format { HP_FORMAT_TEXT, HP_FORMAT_JSON, HP_FORMAT_ESXCLI, HP_FORMAT_ESXCLI_LIST };

#define HP_OUTPUTS_MAX 8

struct hp_options {
	struct hp_arena *arena;
	const struct hp_command *command;
	const char *id; /* explain: the check. undo: the run */
	const char *state_dir, *plan, *overrides;
	bool dry_run, refresh, enter_maintenance, localcli, bios;
	const char *root, *policy, *only, *skip, *tag, *record, *replay;
	enum hp_format format;
	struct {
		enum hp_format format;
		const char *path;
	} outputs[HP_OUTPUTS_MAX];
	size_t output_count;
	unsigned timeout_s, deadline_s; /* 0: not given */
	unsigned jobs;
	enum hp_severity fail_on;
	enum { HP_COLOR_AUTO, HP_COLOR_ALWAYS, HP_COLOR_NEVER } color;
	bool quiet, verbose, help;
};

/* Commands, as a set. */
enum {
	HP_FOR_CHECK = 1,
	HP_FOR_REBOOT_STATUS = 2,
	HP_FOR_CAPTURE = 4,
	HP_FOR_EXPLAIN = 8,
	HP_FOR_LIST = 16,
	HP_FOR_REPORT = 32,
	HP_FOR_VERSION = 64,
	HP_FOR_FIX = 128,
	HP_FOR_UNDO = 256,
	HP_FOR_ALL = 511
};

struct hp_command {
	const char *name, *argument, *summary;
	unsigned bit;
	int (*run)(struct hp_arena *a, const struct hp_options *options); /* returns the exit code */
};
extern const struct hp_command hp_commands[]; /* ends with a NULL name */

struct hp_option {
	const char *name;  /* without its dashes */
	const char *value; /* what follows it in the help, or NULL when it takes none */
	const char *help;
	unsigned commands;
	int (*set)(struct hp_options *options, const char *value, struct hp_err *err);
};
extern const struct hp_option hp_options_table[]; /* ends with a NULL name */

/* -1: a usage error. argv as main got it. */
int hp_options_parse(struct hp_arena *a, int argc, char **argv, struct hp_options *ret, struct hp_err *err);
/* The command and the format of a command line that is no usage error, read without memory. */
void hp_options_glance(int argc, char **argv, const struct hp_command **ret_command, enum hp_format *ret_format);

/* `command` NULL: the whole program. */
struct hp_str hp_help_text(struct hp_arena *a, const struct hp_command *command);
struct hp_str hp_man_page(struct hp_arena *a); /* mdoc */

#endif
