/* What a plugin's program printed: checked against the output-spec, printed as esxcli prints. */
#include "plugin.h"

#include <ctype.h>
#include <string.h>

static bool blank(const struct sim_xml *xml)
{
	return *sim_xml_trimmed(xml) == '\0';
}

/* "Health Test Name" -> HealthTestName: machine formats have names without blanks and punctuation. */
static const char *machine_name(const char *label)
{
	struct sim_buf out = {0};

	sim_buf_text(&out, "");
	for (; *label != '\0'; label++) {
		if (isalnum((unsigned char)*label)) {
			sim_buf_bytes(&out, label, 1);
		}
	}
	return out.data;
}

static enum sim_kind kind_of(const struct sim_xml *type)
{
	return sim_starts(type->name, "int")	? SIM_INTEGER
	       : sim_starts(type->name, "bool") ? SIM_BOOLEAN
	       : sim_eq(type->name, "list")	? SIM_LIST
						: SIM_STRING;
}

static const char *read_list(const struct sim_xml *list, const char *separator, const char **ret_text)
{
	struct sim_buf out = {0};

	sim_buf_text(&out, "");
	if (!sim_eq(sim_xml_attribute(list, "type", ""), "string") || !blank(list)) {
		return "not a list of strings";
	}
	for (const struct sim_xml *item = list->first; item != NULL; item = item->next) {
		if (!sim_eq(item->name, "string") || item->first != NULL) {
			return "something else than strings in a list of them";
		}
		sim_buf_printf(&out, "%s%s", item == list->first ? "" : separator, item->text);
	}
	*ret_text = out.data;
	return NULL;
}

static const char *read_value(const struct sim_xml *type, const struct sim_xml *value, const char **ret_text)
{
	const char *text = sim_xml_trimmed(value);

	if (!sim_eq(type->name, value->name)) {
		return sim_fmt("element %s, not %s", value->name, type->name);
	}
	switch (kind_of(type)) {
	case SIM_LIST:
		return read_list(value, ", ", ret_text);
	case SIM_INTEGER:
		text += *text == '-';
		if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) {
			return sim_fmt("no integer: %s", text);
		}
		*ret_text = sim_xml_trimmed(value);
		break;
	case SIM_BOOLEAN:
		if (!sim_eq(text, "true") && !sim_eq(text, "false")) {
			return sim_fmt("no boolean: %s", text);
		}
		*ret_text = text;
		break;
	case SIM_STRING:
	case SIM_HEX:
		*ret_text = value->text;
		break;
	}
	return value->first == NULL ? NULL : sim_fmt("elements inside %s", value->name);
}

/* Every field of the spec once, in any order, and no other. */
static const char *read_structure(const struct sim_xml *spec, const struct sim_xml *got, const char **cells)
{
	const char *type = sim_xml_attribute(spec, "typeName", "");
	size_t fields = 0;
	size_t index = 0;

	if (!sim_eq(got->name, "structure") || !sim_eq(sim_xml_attribute(got, "typeName", ""), type) || !blank(got)) {
		return sim_fmt("no structure %s", type);
	}
	for (const struct sim_xml *field = spec->first; field != NULL; field = field->next, index++) {
		const char *name = sim_xml_attribute(field, "name", "");
		const struct sim_xml *found = NULL;

		for (const struct sim_xml *g = got->first; g != NULL; g = g->next) {
			if (!sim_eq(g->name, "field") || !sim_eq(sim_xml_attribute(g, "name", ""), name)) {
				continue;
			}
			if (found != NULL) {
				return sim_fmt("%s has the field %s twice", type, name);
			}
			found = g;
		}
		if (found == NULL || found->first == NULL || found->first->next != NULL || !blank(found)) {
			return sim_fmt("%s has no field %s, or no single value in it", type, name);
		}
		const char *problem = read_value(field->first, found->first, &cells[index]);
		if (problem != NULL) {
			return sim_fmt("%s, field %s: %s", type, name, problem);
		}
		fields++;
	}
	for (const struct sim_xml *g = got->first; g != NULL; g = g->next) {
		if (fields-- == 0) {
			return sim_fmt("%s has fields that the output-spec has not", type);
		}
	}
	return NULL;
}

static const char *print_structures(struct sim_esx *esx, const struct sim_xml *command, const struct sim_xml *spec,
				    const struct sim_xml *got)
{
	const struct sim_xml *format = sim_xml_child(command, "format-parameters");
	const bool list = sim_eq(spec->name, "list");
	const struct sim_xml *structure = list ? spec->first : spec;
	const size_t count = sim_xml_count(structure, "field");
	struct sim_column *columns = sim_alloc(count * sizeof *columns);
	struct sim_doc doc = {.type = sim_xml_attribute(structure, "typeName", ""),
			      .columns = columns,
			      .column_count = count,
			      .style = sim_eq(sim_xml_text(format, "formatter", ""), "table") ? SIM_TABLE : SIM_BLOCKS,
			      .single = !list};
	size_t index = 0;

	for (const struct sim_xml *field = structure->first; field != NULL; field = field->next, index++) {
		columns[index].label = sim_xml_attribute(field, "name", "");
		columns[index].name = machine_name(columns[index].label);
		columns[index].kind = kind_of(field->first);
	}
	if (list &&
	    (!sim_eq(got->name, "list") || !sim_eq(sim_xml_attribute(got, "type", ""), "structure") || !blank(got))) {
		return "no list of structures";
	}
	for (const struct sim_xml *row = list ? got->first : got; row != NULL; row = list ? row->next : NULL) {
		const char *problem = read_structure(structure, row, sim_doc_row(&doc, NULL));

		if (problem != NULL) {
			return problem;
		}
	}
	for (const struct sim_xml *p = format->first; p != NULL; p = p->next) {
		if (sim_starts(sim_xml_attribute(p, "name", ""), "fields:") && esx->format == SIM_TEXT &&
		    esx->fields == NULL) {
			esx->fields = sim_xml_trimmed(p);
		}
	}
	(void)sim_esx_print(esx, &doc);
	return NULL;
}

const char *sim_plugin_print(struct sim_esx *esx, const struct sim_xml *command, const char *text, size_t len)
{
	const struct sim_xml *spec = sim_plugin_output(command);
	const char *problem = NULL;
	const char *value = "";
	const struct sim_xml *output = sim_xml_parse(text, len, &problem);

	if (output == NULL) {
		return sim_fmt("its output is no XML: %s", problem);
	}
	if (!sim_eq(output->name, "output") || !sim_eq(sim_xml_attribute(output, "xmlns", ""), SIM_PLUGIN_NS) ||
	    output->first == NULL || output->first->next != NULL || !blank(output)) {
		return "its output has no output element in esxcli's XML namespace with one result";
	}
	const bool strings = sim_eq(spec->name, "list") && sim_eq(sim_xml_attribute(spec, "type", ""), "string");
	if (!strings && !sim_eq(spec->name, "string")) {
		return print_structures(esx, command, spec, output->first);
	}
	if (!sim_eq(spec->name, output->first->name)) {
		return sim_fmt("element %s, not %s", output->first->name, spec->name);
	}
	problem = strings ? read_list(output->first, "\n", &value) : read_value(spec, output->first, &value);
	if (problem != NULL) {
		return problem;
	}
	const size_t value_len = strlen(value);
	if (esx->format == SIM_TEXT && value_len > 0 && value[value_len - 1] == '\n') {
		sim_buf_text(esx->out, value);
	} else { /* machine formats of a list of strings are not known: it is one string here */
		(void)sim_esx_scalar(esx, SIM_STRING, value);
	}
	return NULL;
}
