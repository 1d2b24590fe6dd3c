/* YAML by libyaml, read into a small tree with the place of each node. For policies: no anchors, aliases or tags. */
#ifndef HP_BASE_YAML_H
#define HP_BASE_YAML_H

#include "err.h"
#include "str.h"

#define HP_YAML_DEPTH 16
#define HP_YAML_NODES 20000

enum hp_yaml_kind { HP_YAML_SCALAR, HP_YAML_MAP, HP_YAML_LIST };

struct hp_yaml {
	enum hp_yaml_kind kind;
	unsigned line, column; /* from 1 */
	struct hp_str text;    /* SCALAR */
	bool quoted;	       /* SCALAR: 'x' or "x", so it is text whatever it looks like */
	struct hp_str key;     /* in a map: this member's key */
	unsigned key_line, key_column;
	struct hp_yaml *first; /* MAP and LIST: members in order */
	struct hp_yaml *next;
};

/* One document. A map's keys are scalars and stand once in it. Errors read "NAME:LINE:COLUMN: …". An empty document
 * gives NULL and 0. */
int hp_yaml_parse(struct hp_arena *a, struct hp_str bytes, const char *name, struct hp_yaml **ret, struct hp_err *err);

#endif
