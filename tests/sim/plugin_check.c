/* What an extension file may say. */
#include "plugin.h"

#include <string.h>

static bool one_of(const char *text, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (sim_eq(text, *names)) {
			return true;
		}
	}
	return false;
}
#define ONE_OF(text, ...) one_of(text, (const char *const[]){__VA_ARGS__, NULL})

static const char *check_structure(const struct sim_xml *structure)
{
	if (structure == NULL || !sim_eq(structure->name, "structure") || structure->next != NULL ||
	    *sim_xml_attribute(structure, "typeName", "") == '\0' || structure->first == NULL) {
		return "no structure with a typeName and fields in output-spec";
	}
	for (const struct sim_xml *field = structure->first; field != NULL; field = field->next) {
		const struct sim_xml *type = field->first;

		if (!sim_eq(field->name, "field") || *sim_xml_attribute(field, "name", "") == '\0' || type == NULL ||
		    type->next != NULL || !ONE_OF(type->name, "string", "integer", "int", "boolean", "bool", "list")) {
			return "output-spec: a field needs a name and one type";
		}
		if (sim_eq(type->name, "list") && !sim_eq(sim_xml_attribute(type, "type", ""), "string")) {
			return "output-spec: a field's list is one of strings";
		}
	}
	return NULL;
}

static const char *check_output(const struct sim_xml *command)
{
	const struct sim_xml *type = sim_plugin_output(command);

	if (type == NULL || type->next != NULL) {
		return "output-spec has not one type";
	}
	if (sim_eq(type->name, "structure")) {
		return check_structure(type);
	}
	if (sim_eq(type->name, "list") && sim_eq(sim_xml_attribute(type, "type", ""), "structure")) {
		return check_structure(type->first);
	}
	return sim_eq(type->name, "string") ||
		       (sim_eq(type->name, "list") && sim_eq(sim_xml_attribute(type, "type", ""), "string"))
		   ? NULL
		   : "output-spec: neither string, structure nor list";
}

/* formatter, and format-parameter fields:TYPE, header:TYPE, show-header */
static const char *check_format(const struct sim_xml *command)
{
	const struct sim_xml *format = sim_xml_child(command, "format-parameters");
	const struct sim_xml *type = sim_plugin_output(command);
	const bool list = sim_eq(type->name, "list") && sim_eq(sim_xml_attribute(type, "type", ""), "structure");
	const struct sim_xml *structure = list ? type->first : type;
	const char *formatter = sim_xml_text(format, "formatter", "");

	if (!ONE_OF(formatter, "simple", "table") || (sim_eq(formatter, "table") && !list)) {
		return "formatter: simple, or table for a list of structures";
	}
	for (const struct sim_xml *child = format->first; child != NULL; child = child->next) {
		const char *name = sim_xml_attribute(child, "name", "");

		if (sim_eq(child->name, "formatter") || sim_eq(name, "show-header") || sim_starts(name, "header:")) {
			continue;
		}
		if (!sim_eq(child->name, "format-parameter") ||
		    !sim_eq(name, sim_fmt("fields:%s", sim_xml_attribute(structure, "typeName", "")))) {
			return sim_fmt("format-parameter %s", name);
		}
		char **fields;
		const size_t count = sim_split(sim_xml_trimmed(child), ',', &fields);
		for (size_t i = 0; i < count; i++) {
			bool known = false;

			for (const struct sim_xml *f = structure->first; f != NULL; f = f->next) {
				known = known || sim_eq(sim_xml_attribute(f, "name", ""), fields[i]);
			}
			if (!known) {
				return sim_fmt("%s: no field '%s'", name, fields[i]);
			}
		}
	}
	return NULL;
}

static const char *check_parameters(const struct sim_xml *command)
{
	const struct sim_xml *spec = sim_xml_child(command, "input-spec");
	size_t count = 0;

	for (const struct sim_xml *p = spec->first; p != NULL; p = p->next) {
		const char *letter = sim_xml_attribute(p, "shortname", "");

		if (!sim_eq(p->name, "parameter") || *sim_xml_attribute(p, "name", "") == '\0' ||
		    !ONE_OF(sim_xml_attribute(p, "type", ""), "string", "string-list", "int", "bool", "flag") ||
		    !ONE_OF(sim_xml_attribute(p, "required", "false"), "true", "false") || strlen(letter) > 1) {
			return "a parameter without name or with a type that is not known";
		}
		if (*sim_xml_text(p, "description", "") == '\0') {
			return sim_fmt("parameter %s has no description", sim_xml_attribute(p, "name", ""));
		}
		if (++count > SIM_MAX_OPTIONS) {
			return "more parameters than are simulated";
		}
	}
	return NULL;
}

static const char *check_command(const struct sim_xml *command)
{
	static const char *const once[] = {"description", "input-spec", "output-spec", "format-parameters", "execute"};
	const char *problem;

	for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
		if (sim_xml_count(command, once[i]) != 1) {
			return sim_fmt("%s is there %zu times", once[i], sim_xml_count(command, once[i]));
		}
	}
	for (const struct sim_xml *child = command->first; child != NULL; child = child->next) {
		if (!one_of(child->name,
			    (const char *const[]){once[0], once[1], once[2], once[3], once[4], "has-updates", NULL})) {
			return sim_fmt("element %s", child->name);
		}
	}
	problem = check_parameters(command);
	problem = problem != NULL ? problem : check_output(command);
	problem = problem != NULL ? problem : check_format(command);
	if (problem == NULL && *sim_xml_text(command, "execute", "") != '/') {
		problem = "execute does not begin with a full path";
	}
	if (problem == NULL) {
		(void)sim_plugin_expand(command, NULL, &problem);
	}
	return problem;
}

static bool path_allowed(const char *path)
{
	char **words;
	const size_t count = sim_split(path, '.', &words);

	for (size_t i = 0; i < count; i++) {
		if (*words[i] == '\0' ||
		    strspn(words[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
			strlen(words[i])) {
			return false;
		}
	}
	return true;
}

/* Nested namespaces are declared one by one: what comes before the last dot must be there. */
static const char *check_declared(const struct sim_xml *namespaces, const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *parent = dot == NULL ? "" : sim_copy(path, (size_t)(dot - path));

	for (const struct sim_xml *n = namespaces->first; n != NULL; n = n->next) {
		if (sim_eq(sim_xml_attribute(n, "path", ""), parent)) {
			return NULL;
		}
	}
	return dot == NULL ? NULL : sim_fmt("%s: namespace %s is not declared", path, parent);
}

const char *sim_plugin_check(const struct sim_xml *plugin)
{
	const struct sim_xml *namespaces = sim_xml_child(plugin, "namespaces");
	const struct sim_xml *commands = sim_xml_child(plugin, "commands");

	if (!sim_eq(plugin->name, "plugin") || !sim_eq(sim_xml_attribute(plugin, "xmlns", ""), SIM_PLUGIN_NS)) {
		return "no plugin element in esxcli's XML namespace";
	}
	if (*sim_xml_text(plugin, "version", "") == '\0' || namespaces == NULL || commands == NULL) {
		return "version, namespaces or commands is missing";
	}
	for (const struct sim_xml *n = namespaces->first; n != NULL; n = n->next) {
		const char *path = sim_xml_attribute(n, "path", "");
		const char *problem = check_declared(namespaces, path);

		if (!sim_eq(n->name, "namespace") || !path_allowed(path) ||
		    *sim_xml_text(n, "description", "") == '\0') {
			return sim_fmt("namespace '%s': name or description", path);
		}
		if (problem != NULL) {
			return problem;
		}
	}
	for (const struct sim_xml *c = commands->first; c != NULL; c = c->next) {
		const char *path = sim_xml_attribute(c, "path", "");
		const char *problem = check_declared(namespaces, path);

		if (!sim_eq(c->name, "command") || !path_allowed(path) || strchr(path, '.') == NULL) {
			return sim_fmt("command '%s': name", path);
		}
		for (const struct sim_xml *other = c->next; other != NULL; other = other->next) {
			if (sim_eq(sim_xml_attribute(other, "path", ""), path)) {
				return sim_fmt("command '%s' is there twice", path);
			}
		}
		problem = problem != NULL ? problem : check_command(c);
		if (problem != NULL) {
			return sim_fmt("command '%s': %s", path, problem);
		}
	}
	return NULL;
}
