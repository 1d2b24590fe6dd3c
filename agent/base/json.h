/* JSON by jansson, with its memory in the arena. */
#ifndef HP_BASE_JSON_H
#define HP_BASE_JSON_H

#include <jansson.h>

#include "err.h"
#include "str.h"

/* From here on jansson takes its memory from this arena and gives nothing back. Call once, before any other use. */
void hp_json_use(struct hp_arena *a);
/* NULL when the bytes are not one valid document (duplicate keys are refused); err, if given, says where. */
json_t *hp_json_parse(struct hp_arena *a, struct hp_str bytes, struct hp_err *err);
/* Indented text that ends in a newline; members keep the order in which they were set. */
struct hp_str hp_json_text(struct hp_arena *a, const json_t *root);
/* The same in one line, newline at its end; ASCII only. */
struct hp_str hp_json_line(struct hp_arena *a, const json_t *root);

#endif
