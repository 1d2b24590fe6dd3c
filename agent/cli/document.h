/* A command's JSON document, in the formats that are made from it: all but text. */
#ifndef HP_CLI_DOCUMENT_H
#define HP_CLI_DOCUMENT_H

#include "options.h"

struct json_t; /* jansson.h */

/* esxcli and esxcli-list. hostd reads standard output; whether it mixes standard error into it is not known, so what
 * stands in the document is not told there too. */
bool hp_format_is_for_hostd(enum hp_format format);
struct hp_str hp_document_text(struct hp_arena *a, const struct hp_command *command, enum hp_format format,
			       const struct json_t *document);
/* The exit code of a run whose document was printed: 0 in the formats for hostd, which may hide what a program printed
 * that fails; the document has the code. */
int hp_document_exit(enum hp_format format, int code);
/* Prints the document in the format that was asked for; returns the exit code. */
int hp_document_print(struct hp_arena *a, const struct hp_options *o, const struct json_t *document, int code);
/* The end of a run that has no memory left: a valid document all the same; returns the exit code. */
int hp_no_memory(int argc, char **argv);

#endif
