/* Extensions of esxcli: files in usr/lib/vmware/esxcli/ext/ that declare namespaces and commands, which run a program.
 * hostd reads them when it starts and esxcli knows what hostd read; localcli reads them at every call. */
#ifndef SIM_PLUGIN_H
#define SIM_PLUGIN_H

#include "esxcli.h"
#include "xml.h"

struct sim_plugin_command {
	struct sim_command command;
	const struct sim_xml *xml;
};

struct sim_plugins {
	struct sim_plugin_command *commands;
	size_t command_count;
	const char **namespaces; /* words and description, in turn */
	size_t namespace_count;
};

/* What esxcli or (local) localcli knows. A file with a fault is left out as a whole, and var/log/hostd.log says why. */
const struct sim_plugins *sim_plugins_load(const struct sim_state *state, bool local);
/* hostd starts. */
void sim_plugins_read_by_hostd(const struct sim_state *state);
/* NULL, or what is wrong with the file. */
const char *sim_plugin_check(const struct sim_xml *plugin);
/* The type of the result: string, a structure, or a list of either. */
const struct sim_xml *sim_plugin_output(const struct sim_xml *command);
/* Appends a line to var/log/hostd.log. */
void sim_plugin_log(const struct sim_state *state, const char *text);
/* Runs esx->command, which is one of a plugin. */
int sim_plugin_run(struct sim_esx *esx, const struct sim_xml *command);

/* The command line with the values put in; NULL with a problem. values belong to the <parameter> elements in turn. */
const char *sim_plugin_expand(const struct sim_xml *command, const char *const *values, const char **ret_problem);

/* A program's answer as esxcli prints it. NULL, or why it is no answer. */
const char *sim_plugin_print(struct sim_esx *esx, const struct sim_xml *command, const char *text, size_t len);

#define SIM_PLUGIN_NS "http://www.vmware.com/Products/ESX/5.0/esxcli/"

#endif
