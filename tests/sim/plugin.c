#include "plugin.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXT "usr/lib/vmware/esxcli/ext"
#define READ_BY_HOSTD ".esxsim/hostd-plugins"

enum { MAX_COMMANDS = 256 };

void sim_plugin_log(const struct sim_state *state, const char *text)
{
	const char *line = sim_fmt("%s\n", text);
	const int fd = open(sim_path(state, "var/log/hostd.log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd >= 0) {
		(void)sim_write_all(fd, line, strlen(line));
		(void)close(fd);
	}
}

const struct sim_xml *sim_plugin_output(const struct sim_xml *command)
{
	const struct sim_xml *spec = sim_xml_child(command, "output-spec");

	return spec == NULL ? NULL : spec->first;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the *.xml files in a folder of the tree, sorted. */
static size_t list_files(const struct sim_state *state, const char *folder, const char **names, size_t max)
{
	DIR *dir = opendir(sim_path(state, folder));
	size_t count = 0;

	for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
		const size_t len = strlen(entry->d_name);

		if (len > 4 && sim_eq(entry->d_name + len - 4, ".xml") && count < max) {
			names[count++] = sim_copy(entry->d_name, len);
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	qsort(names, count, sizeof *names, by_name);
	return count;
}

/* NULL, with the reason in the log, if the file is no plugin. */
static const struct sim_xml *read_plugin(const struct sim_state *state, const char *folder, const char *name)
{
	size_t len;
	const char *text = sim_file_read(sim_fmt("%s/%s/%s", state->root, folder, name), &len);
	const char *problem = "cannot be read";
	const struct sim_xml *plugin = text == NULL ? NULL : sim_xml_parse(text, len, &problem);

	problem = plugin == NULL ? problem : sim_plugin_check(plugin);
	if (problem != NULL) {
		sim_plugin_log(state, sim_fmt("esxcli plugin %s is left out: %s", name, problem));
	}
	return problem == NULL ? plugin : NULL;
}

static const char *words_of(const char *path)
{
	char *words = sim_copy(path, strlen(path));

	for (char *p = words; *p != '\0'; p++) {
		*p = *p == '.' ? ' ' : *p;
	}
	return words;
}

static int no_run(struct sim_esx *esx)
{
	return sim_esx_fail(esx, "");
}

static void add_command(struct sim_plugins *plugins, const struct sim_xml *xml)
{
	struct sim_plugin_command *command = &plugins->commands[plugins->command_count];
	const struct sim_xml *spec = sim_xml_child(xml, "input-spec");
	size_t count = 0;

	if (plugins->command_count == MAX_COMMANDS) {
		return;
	}
	command->xml = xml;
	command->command = (struct sim_command){.path = words_of(sim_xml_attribute(xml, "path", "")),
						.brief = sim_xml_text(xml, "description", ""),
						.run = no_run};
	for (const struct sim_xml *p = spec->first; p != NULL; p = p->next) {
		command->command.options[count++] =
		    (struct sim_option){.letter = *sim_xml_attribute(p, "shortname", ""),
					.name = sim_xml_attribute(p, "name", ""),
					.has_value = !sim_eq(sim_xml_attribute(p, "type", ""), "flag"),
					.required = sim_eq(sim_xml_attribute(p, "required", "false"), "true")};
	}
	plugins->command_count++;
}

const struct sim_plugins *sim_plugins_load(const struct sim_state *state, bool local)
{
	const char *folder = local ? EXT : READ_BY_HOSTD;
	struct sim_plugins *plugins = sim_alloc(sizeof *plugins);
	const char **names = sim_alloc(MAX_COMMANDS * sizeof *names);
	const size_t count = list_files(state, folder, names, MAX_COMMANDS);

	plugins->commands = sim_alloc(MAX_COMMANDS * sizeof *plugins->commands);
	plugins->namespaces = sim_alloc(2 * (size_t)MAX_COMMANDS * sizeof *plugins->namespaces);
	for (size_t i = 0; i < count; i++) {
		const struct sim_xml *plugin = read_plugin(state, folder, names[i]);

		if (plugin == NULL) {
			continue;
		}
		for (const struct sim_xml *n = sim_xml_child(plugin, "namespaces")->first; n != NULL; n = n->next) {
			if (plugins->namespace_count < MAX_COMMANDS) {
				const size_t at = 2 * plugins->namespace_count++;

				plugins->namespaces[at] = words_of(sim_xml_attribute(n, "path", ""));
				plugins->namespaces[at + 1] = sim_xml_text(n, "description", "");
			}
		}
		for (const struct sim_xml *c = sim_xml_child(plugin, "commands")->first; c != NULL; c = c->next) {
			add_command(plugins, c);
		}
	}
	return plugins;
}

void sim_plugins_read_by_hostd(const struct sim_state *state)
{
	const char **names = sim_alloc(MAX_COMMANDS * sizeof *names);
	const size_t count = list_files(state, EXT, names, MAX_COMMANDS);

	sim_rmdir_content(sim_path(state, READ_BY_HOSTD));
	if (count > 0) {
		sim_mkdirs(sim_path(state, READ_BY_HOSTD));
	}
	for (size_t i = 0; i < count; i++) {
		size_t len;
		const char *text = sim_file_read(sim_fmt("%s/%s/%s", state->root, EXT, names[i]), &len);

		if (text != NULL && read_plugin(state, EXT, names[i]) != NULL) {
			sim_file_replace(sim_fmt("%s/%s/%s", state->root, READ_BY_HOSTD, names[i]), text, len);
		}
	}
}
