/* One table of values, printed the way esxcli and localcli print it. */
#ifndef SIM_EMIT_H
#define SIM_EMIT_H

#include "text.h"

enum sim_format {
	SIM_TEXT,
	SIM_KEYVALUE,
	SIM_CSV,
	SIM_XML,
	SIM_JSON,	   /* esxcli --debug --formatter=json: one line, sorted names without blanks */
	SIM_LOCALCLI_JSON, /* localcli: many lines, display names */
};

enum sim_kind {
	SIM_STRING,
	SIM_INTEGER,
	SIM_BOOLEAN,
	SIM_HEX,  /* "0x10de" in text; a string or a decimal integer elsewhere, as sim_doc.hex_as_integer says */
	SIM_LIST, /* items separated by ", " */
};

struct sim_column {
	const char *name;  /* in machine formats */
	const char *label; /* in text and localcli; NULL: machine formats of esxcli only */
	enum sim_kind kind;
	bool wrap; /* text tables break it at the screen's width */
};

enum sim_style { SIM_TABLE, SIM_BLOCKS };

struct sim_doc {
	const char *type; /* structure type in keyvalue and xml */
	const struct sim_column *columns;
	size_t column_count;
	enum sim_style style;
	bool single;		  /* one structure, not a list of them */
	bool empty_prints_header; /* a text table without rows */
	bool hex_as_integer;
	size_t screen_width;
	const char *fields;  /* --format-param=fields, names separated by commas, or NULL */
	const char **titles; /* of blocks, per row; NULL entries print none */
	const char ***rows;
	size_t row_count;
	size_t row_cap;
};

/* A new row's cells, all "", to be filled by the caller. title may be NULL. */
const char **sim_doc_row(struct sim_doc *doc, const char *title);

/* False with an error text in out if doc->fields names an unknown field. */
bool sim_emit(struct sim_buf *out, const struct sim_doc *doc, enum sim_format format);
void sim_emit_scalar(struct sim_buf *out, enum sim_kind kind, const char *value, enum sim_format format);

#endif
