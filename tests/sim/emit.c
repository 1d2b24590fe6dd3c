#include "emit.h"

#include <stdlib.h>
#include <string.h>

const char **sim_doc_row(struct sim_doc *doc, const char *title)
{
	if (doc->row_count == doc->row_cap) {
		const size_t cap = doc->row_cap == 0 ? 32 : doc->row_cap * 2;
		const char ***rows = sim_alloc(cap * sizeof *rows);
		const char **titles = sim_alloc(cap * sizeof *titles);

		if (doc->row_count > 0) {
			memcpy(rows, doc->rows, doc->row_count * sizeof *rows);
			memcpy(titles, doc->titles, doc->row_count * sizeof *titles);
		}
		doc->rows = rows;
		doc->titles = titles;
		doc->row_cap = cap;
	}
	const char **cells = sim_alloc(doc->column_count * sizeof *cells);
	for (size_t i = 0; i < doc->column_count; i++) {
		cells[i] = "";
	}
	doc->titles[doc->row_count] = title;
	doc->rows[doc->row_count++] = cells;
	return cells;
}

/* ---- text ---- */

static bool right_aligned(enum sim_kind kind)
{
	return kind == SIM_INTEGER || kind == SIM_BOOLEAN;
}

/* Breaks text at blanks so that no line passes width; the next lines begin under the first. */
static void add_wrapped(struct sim_buf *out, const char *text, size_t indent, size_t width)
{
	size_t used = 0;

	while (*text != '\0') {
		const size_t word = strcspn(text, " \n");

		if (used > 0 && used + 1 + word > width) {
			sim_buf_text(out, "\n");
			sim_buf_fill(out, ' ', indent);
			used = 0;
		} else if (used > 0) {
			sim_buf_text(out, " ");
			used++;
		}
		sim_buf_bytes(out, text, word);
		used += word;
		text += word;
		text += *text != '\0';
	}
}

static void emit_table(struct sim_buf *out, const struct sim_doc *doc, const size_t *order, size_t count)
{
	size_t *width = sim_alloc((count + 1) * sizeof *width);
	size_t indent = 0;

	if (doc->row_count == 0 && !doc->empty_prints_header) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct sim_column *column = &doc->columns[order[i]];

		width[i] = strlen(column->label);
		if (i + 1 == count && column->kind == SIM_STRING) {
			break; /* the last column's rule is as wide as its head (ESX 9.0 transcript) */
		}
		for (size_t r = 0; r < doc->row_count; r++) {
			const size_t len = strlen(doc->rows[r][order[i]]);

			width[i] = len > width[i] ? len : width[i];
		}
		indent += width[i] + 2;
	}
	for (size_t r = 0; r < doc->row_count + 2; r++) {
		for (size_t i = 0; i < count; i++) {
			const struct sim_column *column = &doc->columns[order[i]];
			const bool last = i + 1 == count;
			const char *cell = r == 0 ? column->label : r == 1 ? "" : doc->rows[r - 2][order[i]];

			if (r == 1) {
				sim_buf_fill(out, '-', width[i]);
			} else if (right_aligned(column->kind)) {
				sim_buf_right(out, cell, width[i]);
			} else if (last && column->wrap && r > 1) {
				const size_t room = doc->screen_width > indent + 30 ? doc->screen_width - indent : 30;

				add_wrapped(out, cell, indent, room);
			} else if (last) {
				sim_buf_text(out, cell);
			} else {
				sim_buf_left(out, cell, width[i]);
			}
			sim_buf_text(out, last ? "\n" : "  ");
		}
	}
}

static void emit_blocks(struct sim_buf *out, const struct sim_doc *doc, const size_t *order, size_t count)
{
	for (size_t r = 0; r < doc->row_count; r++) {
		if (r > 0) {
			sim_buf_text(out, "\n");
		}
		if (doc->titles[r] != NULL) {
			sim_buf_printf(out, "%s\n", doc->titles[r]);
		}
		for (size_t i = 0; i < count; i++) {
			sim_buf_text(out, "   ");
			sim_buf_text(out, doc->columns[order[i]].label);
			sim_buf_text(out, ": ");
			sim_buf_text(out, doc->rows[r][order[i]]);
			sim_buf_text(out, "\n");
		}
	}
}

/* ---- machine formats ---- */

/* The value and the tag it has in machine formats. */
static const char *machine_value(const struct sim_doc *doc, enum sim_kind kind, const char *value, const char **ret_tag)
{
	uint64_t number;

	switch (kind) {
	case SIM_INTEGER:
		*ret_tag = "integer";
		return value;
	case SIM_BOOLEAN:
		*ret_tag = "boolean";
		return value;
	case SIM_HEX:
		if (doc->hex_as_integer && sim_number(value, &number)) {
			*ret_tag = "integer";
			return sim_fmt("%llu", (unsigned long long)number);
		}
		*ret_tag = "string";
		return value;
	case SIM_STRING:
	case SIM_LIST:
		break;
	}
	*ret_tag = "string";
	return value;
}

static size_t list_items(const char *value, char ***ret_items)
{
	if (*value == '\0') {
		return 0;
	}
	const size_t count = sim_split(value, ',', ret_items);
	for (size_t i = 0; i < count; i++) {
		while (*(*ret_items)[i] == ' ') {
			(*ret_items)[i]++;
		}
	}
	return count;
}

static void emit_keyvalue(struct sim_buf *out, const struct sim_doc *doc, const size_t *order, size_t count)
{
	for (size_t r = 0; r < doc->row_count; r++) {
		for (size_t i = 0; i < count; i++) {
			const struct sim_column *column = &doc->columns[order[i]];
			const char *prefix = doc->single ? "" : sim_fmt("structure[%zu].", r);
			const char *tag;
			const char *value = machine_value(doc, column->kind, doc->rows[r][order[i]], &tag);

			if (column->kind == SIM_LIST) {
				char **items;
				const size_t item_count = list_items(value, &items);

				for (size_t n = 0; n < item_count; n++) {
					sim_buf_printf(out, "%s%s.%s[%zu].%s=%s\n", prefix, doc->type, column->name, n,
						       tag, items[n]);
				}
				continue;
			}
			sim_buf_printf(out, "%s%s.%s.%s=", prefix, doc->type, column->name, tag);
			sim_buf_text(out, value);
			sim_buf_text(out, "\n");
		}
	}
}

static void emit_csv(struct sim_buf *out, const struct sim_doc *doc, const size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sim_buf_printf(out, "%s,", doc->columns[order[i]].name);
	}
	sim_buf_text(out, "\n");
	for (size_t r = 0; r < doc->row_count; r++) {
		for (size_t i = 0; i < count; i++) {
			const struct sim_column *column = &doc->columns[order[i]];
			const char *tag;
			const char *value = machine_value(doc, column->kind, doc->rows[r][order[i]], &tag);

			if (column->kind == SIM_LIST || strpbrk(value, ",\"\n") != NULL) {
				sim_buf_text(out, "\"");
				for (const char *p = value; *p != '\0'; p++) {
					sim_buf_text(out, *p == '"' ? "\"" : "");
					sim_buf_bytes(out, p, 1);
				}
				sim_buf_text(out, "\"");
			} else {
				sim_buf_text(out, value);
			}
			sim_buf_text(out, ",");
		}
		sim_buf_text(out, "\n");
	}
}

static void add_xml(struct sim_buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			sim_buf_text(out, "&amp;");
			break;
		case '<':
			sim_buf_text(out, "&lt;");
			break;
		case '>':
			sim_buf_text(out, "&gt;");
			break;
		default:
			sim_buf_bytes(out, text, 1);
		}
	}
}

static const char XML_HEAD[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			       "<output xmlns=\"http://www.vmware.com/Products/ESX/5.0/esxcli\">\n<root>\n";
static const char XML_TAIL[] = "</root>\n</output>\n";

static void emit_xml(struct sim_buf *out, const struct sim_doc *doc, const size_t *order, size_t count)
{
	const char *pad = doc->single ? "   " : "      ";

	sim_buf_text(out, XML_HEAD);
	if (!doc->single) {
		sim_buf_text(out, "   <list type=\"structure\">\n");
	}
	for (size_t r = 0; r < doc->row_count; r++) {
		sim_buf_printf(out, "%s<structure typeName=\"%s\">\n", pad, doc->type);
		for (size_t i = 0; i < count; i++) {
			const struct sim_column *column = &doc->columns[order[i]];
			const char *tag;
			const char *value = machine_value(doc, column->kind, doc->rows[r][order[i]], &tag);

			sim_buf_printf(out, "%s   <field name=\"%s\">\n", pad, column->name);
			if (column->kind == SIM_LIST) {
				char **items;
				const size_t item_count = list_items(value, &items);

				sim_buf_printf(out, "%s      <list type=\"string\">\n", pad);
				for (size_t n = 0; n < item_count; n++) {
					sim_buf_printf(out, "%s         <string>", pad);
					add_xml(out, items[n]);
					sim_buf_text(out, "</string>\n");
				}
				sim_buf_printf(out, "%s      </list>\n", pad);
			} else {
				sim_buf_printf(out, "%s      <%s>", pad, tag);
				add_xml(out, value);
				sim_buf_printf(out, "</%s>\n", tag);
			}
			sim_buf_printf(out, "%s   </field>\n", pad);
		}
		sim_buf_printf(out, "%s</structure>\n", pad);
	}
	if (!doc->single) {
		sim_buf_text(out, "   </list>\n");
	}
	sim_buf_text(out, XML_TAIL);
}

static void add_json_string(struct sim_buf *out, const char *text)
{
	sim_buf_text(out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\') {
			sim_buf_printf(out, "\\%c", *text);
		} else if (*text == '\n') {
			sim_buf_text(out, "\\n");
		} else if ((unsigned char)*text < 0x20) {
			sim_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		} else {
			sim_buf_bytes(out, text, 1);
		}
	}
	sim_buf_text(out, "\"");
}

static void add_json_value(struct sim_buf *out, const struct sim_doc *doc, enum sim_kind kind, const char *cell)
{
	const char *tag;
	const char *value = machine_value(doc, kind, cell, &tag);

	if (kind == SIM_LIST) {
		char **items;
		const size_t count = list_items(value, &items);

		sim_buf_text(out, "[");
		for (size_t i = 0; i < count; i++) {
			sim_buf_text(out, i == 0 ? "" : ", ");
			add_json_string(out, items[i]);
		}
		sim_buf_text(out, "]");
	} else if (sim_eq(tag, "string") || *value == '\0') {
		add_json_string(out, value);
	} else {
		sim_buf_text(out, value);
	}
}

static void emit_json(struct sim_buf *out, const struct sim_doc *doc, const size_t *order, size_t count, bool local)
{
	const char *pad = !local ? "" : doc->single ? "  " : "    ";

	sim_buf_text(out, doc->single ? "" : "[");
	for (size_t r = 0; r < doc->row_count; r++) {
		if (local) {
			sim_buf_text(out, r > 0 ? ",\n  {" : doc->single ? "{" : "\n  {");
		} else {
			sim_buf_text(out, r > 0 ? ", {" : "{");
		}
		for (size_t i = 0; i < count; i++) {
			const struct sim_column *column = &doc->columns[order[i]];

			sim_buf_text(out, i == 0 ? "" : local ? "," : ", ");
			sim_buf_printf(out, "%s%s", local ? "\n" : "", pad);
			add_json_string(out, local ? column->label : column->name);
			sim_buf_text(out, ": ");
			add_json_value(out, doc, column->kind, doc->rows[r][order[i]]);
		}
		sim_buf_text(out, !local ? "}" : doc->single ? "\n}" : "\n  }");
	}
	sim_buf_text(out, doc->single ? "\n" : local && doc->row_count > 0 ? "\n]\n" : "]\n");
}

/* ---- choice and order of columns ---- */

static bool named(const struct sim_column *column, const char *field)
{
	return sim_eq(column->name, field) || (column->label != NULL && sim_eq(column->label, field));
}

static bool choose(struct sim_buf *out, const struct sim_doc *doc, bool display, size_t *order, size_t *ret_count)
{
	size_t count = 0;

	if (doc->fields != NULL) {
		char **fields;
		const size_t field_count = sim_split(doc->fields, ',', &fields);

		for (size_t f = 0; f < field_count; f++) {
			size_t i = 0;

			while (i < doc->column_count &&
			       !((!display || doc->columns[i].label != NULL) && named(&doc->columns[i], fields[f]))) {
				i++;
			}
			if (i == doc->column_count || count == doc->column_count) {
				sim_buf_printf(out, "Error: Unknown field in field list: %s\n\n", fields[f]);
				return false;
			}
			order[count++] = i;
		}
		*ret_count = count;
		return true;
	}
	for (size_t i = 0; i < doc->column_count; i++) {
		if (display && doc->columns[i].label == NULL) {
			continue;
		}
		size_t at = count++;
		order[at] = i;
		while (!display && at > 0 && strcmp(doc->columns[order[at - 1]].name, doc->columns[i].name) > 0) {
			order[at] = order[at - 1];
			order[--at] = i;
		}
	}
	*ret_count = count;
	return true;
}

bool sim_emit(struct sim_buf *out, const struct sim_doc *doc, enum sim_format format)
{
	size_t *order = sim_alloc((doc->column_count + 1) * sizeof *order);
	const bool display = format == SIM_TEXT || format == SIM_LOCALCLI_JSON;
	size_t count;

	if (!choose(out, doc, display, order, &count)) {
		return false;
	}
	switch (format) {
	case SIM_TEXT:
		if (doc->style == SIM_TABLE) {
			emit_table(out, doc, order, count);
		} else {
			emit_blocks(out, doc, order, count);
		}
		break;
	case SIM_KEYVALUE:
		emit_keyvalue(out, doc, order, count);
		break;
	case SIM_CSV:
		emit_csv(out, doc, order, count);
		break;
	case SIM_XML:
		emit_xml(out, doc, order, count);
		break;
	case SIM_JSON:
	case SIM_LOCALCLI_JSON:
		emit_json(out, doc, order, count, format == SIM_LOCALCLI_JSON);
		break;
	}
	return true;
}

void sim_emit_scalar(struct sim_buf *out, enum sim_kind kind, const char *value, enum sim_format format)
{
	const char *tag = kind == SIM_INTEGER ? "integer" : kind == SIM_BOOLEAN ? "boolean" : "string";

	switch (format) {
	case SIM_TEXT:
		sim_buf_printf(out, "%s\n", value);
		break;
	case SIM_KEYVALUE:
		sim_buf_printf(out, "%s=%s\n", tag, value);
		break;
	case SIM_CSV:
		sim_buf_printf(out, "%s,\n%s,\n", tag, value);
		break;
	case SIM_XML:
		sim_buf_printf(out, "%s   <%s>", XML_HEAD, tag);
		add_xml(out, value);
		sim_buf_printf(out, "</%s>\n%s", tag, XML_TAIL);
		break;
	case SIM_JSON:
	case SIM_LOCALCLI_JSON:
		if (kind == SIM_STRING) {
			add_json_string(out, value);
		} else {
			sim_buf_text(out, value);
		}
		sim_buf_text(out, "\n");
		break;
	}
}
