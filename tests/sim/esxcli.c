#include "esxcli.h"

#include "plugin.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const struct sim_command *commands;
	const size_t *count;
} tables[] = {
    {sim_hardware_commands, &sim_hardware_command_count},
    {sim_network_commands, &sim_network_command_count},
    {sim_software_commands, &sim_software_command_count},
    {sim_system_commands, &sim_system_command_count},
};

/* Commands of extensions, behind all others. */
static const struct sim_plugins *plugins;

static const char usage[] = "Usage: esxcli [options] {namespace}+ {cmd} [cmd options]\n";

const char *sim_esx_option(const struct sim_esx *esx, const char *name)
{
	for (size_t i = 0; i < SIM_MAX_OPTIONS && esx->command->options[i].name != NULL; i++) {
		if (sim_eq(esx->command->options[i].name, name)) {
			return esx->values[i];
		}
	}
	return NULL;
}

int sim_esx_print(struct sim_esx *esx, struct sim_doc *doc)
{
	doc->fields = esx->fields;
	doc->screen_width = esx->screen_width;
	return sim_emit(esx->out, doc, esx->format) ? 0 : 1;
}

int sim_esx_scalar(struct sim_esx *esx, enum sim_kind kind, const char *value)
{
	sim_emit_scalar(esx->out, kind, value, esx->format);
	return 0;
}

int sim_esx_fail(struct sim_esx *esx, const char *text)
{
	sim_buf_printf(esx->out, "%s\n", text);
	return 1;
}

/* ---- finding the command ---- */

static const struct sim_command *command_at(size_t index)
{
	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
		if (index < *tables[t].count) {
			return &tables[t].commands[index];
		}
		index -= *tables[t].count;
	}
	return plugins != NULL && index < plugins->command_count ? &plugins->commands[index].command : NULL;
}

/* True if path is words, or begins with words and a blank. */
static bool begins(const char *path, const char *words, bool *ret_whole)
{
	const size_t len = strlen(words);

	if (strncmp(path, words, len) != 0 || (path[len] != '\0' && path[len] != ' ' && len > 0)) {
		return false;
	}
	*ret_whole = path[len] == '\0';
	return true;
}

/* What a namespace is for. */
static const char *namespace_brief(const char *words)
{
	for (size_t i = 0; plugins != NULL && i < plugins->namespace_count; i++) {
		if (sim_eq(plugins->namespaces[2 * i], words)) {
			return plugins->namespaces[2 * i + 1];
		}
	}
	return "Commands of this kind";
}

/* Lists what comes after words, each next word once. */
static void print_help(struct sim_esx *esx, const char *words)
{
	const char *heads[] = {"Available Namespaces:", "Available Commands:"};
	const size_t len = strlen(words);

	if (len == 0) {
		sim_buf_printf(
		    esx->out,
		    "%s\nOptions:\n"
		    "  --formatter=FORMATTER\n"
		    "                        How to print the result. Available formatter: keyvalue, xml, csv\n"
		    "  --screen-width=SCREENWIDTH\n"
		    "                        Width of text output\n"
		    "  --debug               Enable debug or internal use options\n"
		    "  --version             Print the version and exit\n"
		    "  -?, --help            Print this text and exit\n\n",
		    usage);
	} else {
		sim_buf_printf(esx->out, "Usage: esxcli %s {cmd} [cmd options]\n\n", words);
	}
	for (size_t kind = 0; kind < 2; kind++) {
		const char *previous = "";
		bool headed = false;
		const struct sim_command *command;

		for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
			bool whole;

			if (!begins(command->path, words, &whole) || whole) {
				continue;
			}
			const char *next = command->path + len + (len > 0);
			const size_t next_len = strcspn(next, " ");
			const bool is_command = next[next_len] == '\0';
			const char *word = sim_copy(next, next_len);
			if (is_command != (kind == 1) || sim_eq(word, previous)) {
				continue;
			}
			if (!headed) {
				sim_buf_printf(esx->out, "%s\n", heads[kind]);
				headed = true;
			}
			sim_buf_text(esx->out, "  ");
			sim_buf_left(esx->out, word, 20);
			sim_buf_printf(esx->out, "  %s\n",
				       is_command ? command->brief
						  : namespace_brief(len == 0 ? word : sim_fmt("%s %s", words, word)));
			previous = word;
		}
		sim_buf_text(esx->out, headed ? "\n" : "");
	}
}

static void print_command_help(struct sim_esx *esx)
{
	sim_buf_printf(esx->out, "Usage: esxcli %s [cmd options]\n\nDescription:\n  %s\n\nCmd options:\n",
		       esx->command->path, esx->command->brief);
	for (size_t i = 0; i < SIM_MAX_OPTIONS && esx->command->options[i].name != NULL; i++) {
		const struct sim_option *option = &esx->command->options[i];

		if (option->letter != 0) {
			sim_buf_printf(esx->out, "  -%c|--%s%s\n", option->letter, option->name,
				       option->has_value ? "=<value>" : "");
		} else {
			sim_buf_printf(esx->out, "  --%s%s\n", option->name, option->has_value ? "=<value>" : "");
		}
	}
}

/* ---- options ---- */

/* If arg is --name=value, or --name with the value after it, moves *at past it. */
static const char *global_value(const struct sim_call *call, int *at, const char *name)
{
	const char *arg = call->argv[*at];
	const size_t len = strlen(name);

	if (strncmp(arg, name, len) != 0) {
		return NULL;
	}
	if (arg[len] == '=') {
		return arg + len + 1;
	}
	if (arg[len] == '\0' && *at + 1 < call->argc) {
		return call->argv[++*at];
	}
	return NULL;
}

static bool set_format(struct sim_esx *esx, const char *name, bool debug)
{
	static const struct {
		const char *name;
		enum sim_format format;
	} formats[] = {{"keyvalue", SIM_KEYVALUE}, {"csv", SIM_CSV}, {"xml", SIM_XML}};

	if (esx->local) {
		esx->format = SIM_LOCALCLI_JSON;
		return sim_eq(name, "json");
	}
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (sim_eq(formats[i].name, name)) {
			esx->format = formats[i].format;
			return true;
		}
	}
	if (debug || !sim_get_bool(esx->state, "esxcli.json_needs_debug", true)) {
		if (sim_eq(name, "json")) {
			esx->format = SIM_JSON;
			return true;
		}
		if (sim_eq(name, "table") || sim_eq(name, "simple")) {
			return true;
		}
	}
	return false;
}

/* --format-param=fields=="A,B" and fields=A,B */
static void set_param(struct sim_esx *esx, const char *value)
{
	if (!sim_starts(value, "fields=")) {
		return;
	}
	value += strlen("fields=");
	value += *value == '=';
	struct sim_buf plain = {0};
	for (; *value != '\0'; value++) {
		if (*value != '"') {
			sim_buf_bytes(&plain, value, 1);
		}
	}
	sim_buf_text(&plain, "");
	esx->fields = plain.data;
}

static const struct sim_option *find_option(const struct sim_command *command, const char *arg, size_t *ret_index)
{
	for (size_t i = 0; i < SIM_MAX_OPTIONS && command->options[i].name != NULL; i++) {
		const struct sim_option *option = &command->options[i];
		const size_t len = strlen(option->name);

		*ret_index = i;
		if (arg[1] == '-' && strncmp(arg + 2, option->name, len) == 0 &&
		    (arg[2 + len] == '\0' || arg[2 + len] == '=')) {
			return option;
		}
		if (arg[1] != '-' && arg[1] != '\0' && arg[1] == option->letter) {
			return option;
		}
	}
	return NULL;
}

/* Options of the command from argv[at] on; false with an error printed. */
static bool read_options(struct sim_esx *esx, int at)
{
	const struct sim_call *call = esx->call;
	size_t index = 0;

	for (; at < call->argc; at++) {
		const char *arg = call->argv[at];
		const struct sim_option *option = arg[0] == '-' ? find_option(esx->command, arg, &index) : NULL;

		if (option == NULL) {
			const size_t len = strcspn(arg, "=");

			sim_buf_printf(esx->out, "Error: Invalid option %.*s\n\n", (int)len, arg);
			return false;
		}
		if (!option->has_value) {
			esx->values[index] = "";
			continue;
		}
		const char *equal = arg[1] == '-' ? strchr(arg, '=') : NULL;
		if (equal != NULL) {
			esx->values[index] = equal + 1;
		} else if (arg[1] != '-' && arg[2] != '\0') {
			esx->values[index] = arg + 2 + (arg[2] == '=');
		} else if (at + 1 < call->argc) {
			esx->values[index] = call->argv[++at];
		} else {
			sim_buf_printf(esx->out, "Error: Missing value for option %s\n\n", arg);
			return false;
		}
	}
	for (size_t i = 0; i < SIM_MAX_OPTIONS && esx->command->options[i].name != NULL; i++) {
		const struct sim_option *option = &esx->command->options[i];

		if (option->required && esx->values[i] == NULL) {
			sim_buf_printf(esx->out, "Error: Missing required parameter -%c|--%s\n\n", option->letter,
				       option->name);
			print_command_help(esx);
			return false;
		}
	}
	return true;
}

/* ---- the front ends ---- */

static int run(struct sim_call *call, bool local)
{
	struct sim_esx esx = {.call = call, .state = call->state, .out = &call->out, .local = local};
	const char *formatter = NULL;
	const char *words = "";
	bool debug = false;
	bool help = false;
	int at = 1;

	esx.screen_width = (size_t)sim_get_num(call->state, "esxcli.screen_width", 120);
	for (; at < call->argc && call->argv[at][0] == '-'; at++) {
		const char *value;
		uint64_t width;

		if ((value = global_value(call, &at, "--formatter")) != NULL) {
			formatter = value;
		} else if ((value = global_value(call, &at, "--format-param")) != NULL) {
			set_param(&esx, value);
		} else if ((value = global_value(call, &at, "--screen-width")) != NULL) {
			esx.screen_width =
			    sim_number(value, &width) && width < 10000 ? (size_t)width : esx.screen_width;
		} else if (local && (value = global_value(call, &at, "--plugin-dir")) != NULL) {
			continue;
		} else if (sim_eq(call->argv[at], "--debug") && !local) {
			debug = true;
		} else if (sim_eq(call->argv[at], "--version")) {
			sim_buf_printf(esx.out, "Script '%s' version: %s\n", local ? "localcli" : "esxcli",
				       sim_get(call->state, "esx.version", "9.0.0"));
			return 0;
		} else if (sim_eq(call->argv[at], "--help") || sim_eq(call->argv[at], "-?") ||
			   sim_eq(call->argv[at], "-h")) {
			help = true;
		} else {
			sim_buf_printf(esx.out, "%s\nesxcli: error: no such option: %s\n", usage, call->argv[at]);
			return 1;
		}
	}
	if (formatter != NULL && !set_format(&esx, formatter, debug)) {
		sim_buf_printf(esx.out, "Unable to find requested formatter: %s\n", formatter);
		return 1;
	}
	if (!local && !sim_eq(sim_get(call->state, "hostd", "up"), "up")) {
		sim_buf_text(esx.out, "Connect to localhost failed: Connection failure.\n");
		return 1;
	}
	plugins = sim_plugins_load(call->state, local);
	while (at < call->argc && call->argv[at][0] != '-') {
		const struct sim_command *command;
		bool known = false;

		words = *words == '\0' ? call->argv[at] : sim_fmt("%s %s", words, call->argv[at]);
		at++;
		for (size_t i = 0; (command = command_at(i)) != NULL && !known; i++) {
			bool whole;

			known = begins(command->path, words, &whole);
			if (known && whole) {
				esx.command = command;
			}
		}
		if (!known) {
			for (; at < call->argc && call->argv[at][0] != '-'; at++) {
				words = sim_fmt("%s %s", words, call->argv[at]);
			}
			sim_buf_printf(esx.out, "Error: Unknown command or namespace %s\n\n", words);
			return 1;
		}
		if (esx.command != NULL) {
			break;
		}
	}
	if (esx.command == NULL) { /* an incomplete path is answered with help and success */
		print_help(&esx, words);
		return 0;
	}
	if (help || (at < call->argc && (sim_eq(call->argv[at], "--help") || sim_eq(call->argv[at], "-?")))) {
		print_command_help(&esx);
		return 0;
	}
	if (!read_options(&esx, at)) {
		return 1;
	}
	for (size_t i = 0; i < plugins->command_count; i++) {
		if (esx.command == &plugins->commands[i].command) {
			return sim_plugin_run(&esx, plugins->commands[i].xml);
		}
	}
	return esx.command->run(&esx);
}

int sim_esxcli(struct sim_call *call)
{
	return run(call, false);
}

int sim_localcli(struct sim_call *call)
{
	return run(call, true);
}

/* The command's words, then the names of its long flags: fault.esxcli.software.vib.list.rebooting-image. */
size_t sim_esxcli_words(int argc, char **argv, const char **words)
{
	size_t count = 0;
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		at += sim_eq(argv[at], "--formatter") || sim_eq(argv[at], "--format-param") ||
		      sim_eq(argv[at], "--screen-width");
	}
	for (; at < argc && argv[at][0] != '-' && count < SIM_MAX_WORDS; at++) {
		words[count++] = argv[at];
	}
	for (; at < argc && count < SIM_MAX_WORDS; at++) {
		if (sim_starts(argv[at], "--")) {
			words[count++] = sim_copy(argv[at] + 2, strcspn(argv[at] + 2, "="));
		}
	}
	return count;
}
