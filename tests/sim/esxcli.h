/* esxcli and localcli: one table of commands, two front ends. */
#ifndef SIM_ESXCLI_H
#define SIM_ESXCLI_H

#include "emit.h"
#include "tool.h"

enum { SIM_MAX_OPTIONS = 12 };

struct sim_option {
	char letter; /* 0: none */
	const char *name;
	bool has_value;
	bool required;
};

struct sim_esx {
	struct sim_call *call;
	struct sim_state *state;
	struct sim_buf *out;
	const struct sim_command *command;
	enum sim_format format;
	const char *fields;
	size_t screen_width;
	bool local;			     /* localcli */
	const char *values[SIM_MAX_OPTIONS]; /* of command->options; "" for a flag that is given */
};

struct sim_command {
	const char *path; /* words separated by one blank */
	const char *brief;
	struct sim_option options[SIM_MAX_OPTIONS];
	int (*run)(struct sim_esx *esx); /* returns the exit code */
};

extern const struct sim_command sim_system_commands[];
extern const size_t sim_system_command_count;
extern const struct sim_command sim_hardware_commands[];
extern const size_t sim_hardware_command_count;
extern const struct sim_command sim_network_commands[];
extern const size_t sim_network_command_count;
extern const struct sim_command sim_software_commands[];
extern const size_t sim_software_command_count;

/* The value of an option of the command, NULL if it was not given. */
const char *sim_esx_option(const struct sim_esx *esx, const char *name);
/* Both fill in what the call asked for and return the exit code. */
int sim_esx_print(struct sim_esx *esx, struct sim_doc *doc);
int sim_esx_scalar(struct sim_esx *esx, enum sim_kind kind, const char *value);
/* Prints text and a newline, returns 1: esxcli's errors go to stdout. */
int sim_esx_fail(struct sim_esx *esx, const char *text);

#endif
