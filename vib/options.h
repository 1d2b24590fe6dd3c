/* The command line of vibpack. One table of commands and one of options drive parsing and --help. */
#ifndef HP_VIB_OPTIONS_H
#define HP_VIB_OPTIONS_H

#include "../agent/base/err.h"
#include "../agent/base/str.h"

enum hp_vib_exit {
	HP_VIB_OK = 0,
	HP_VIB_FAILED = 1, /* something could not be read, was refused, or could not be written */
	HP_VIB_WRONG = 2,  /* verify: something is not right */
	HP_VIB_USAGE = 64
};

struct hp_vib_options {
	const struct hp_vib_command *command;
	const char *file; /* what is listed, verified or signed */
	const char *descriptor, *payload, *vib, *component, *key, *cert, *cafile, *packaged, *output;
	bool verbose, quiet, help;
};

struct hp_vib_command {
	const char *name, *summary;
	const char *file;	    /* what its argument is called, or NULL when it takes none */
	const char *needed, *taken; /* options, by name with blanks between */
	int (*run)(struct hp_arena *a, const struct hp_vib_options *o); /* returns the exit code */
};
extern const struct hp_vib_command hp_vib_commands[]; /* ends with a NULL name */

/* -1: a usage error. */
int hp_vib_options_parse(struct hp_arena *a, int argc, char **argv, struct hp_vib_options *ret, struct hp_err *err);
/* `command` NULL: all of them. */
struct hp_str hp_vib_help(struct hp_arena *a, const struct hp_vib_command *command);

int hp_vib_cmd_build(struct hp_arena *a, const struct hp_vib_options *o);
int hp_vib_cmd_bundle(struct hp_arena *a, const struct hp_vib_options *o);
int hp_vib_cmd_sign(struct hp_arena *a, const struct hp_vib_options *o);
int hp_vib_cmd_list(struct hp_arena *a, const struct hp_vib_options *o);
int hp_vib_cmd_verify(struct hp_arena *a, const struct hp_vib_options *o);
int hp_vib_cmd_version(struct hp_arena *a, const struct hp_vib_options *o);

#endif
