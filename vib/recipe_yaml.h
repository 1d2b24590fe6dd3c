/* What the two kinds of recipes share: a map of known keys. */
#ifndef HP_VIB_RECIPE_YAML_H
#define HP_VIB_RECIPE_YAML_H

#include "../agent/base/yaml.h"
#include "recipe.h"

struct hp_recipe_reading {
	struct hp_arena *a;
	const char *path;
	struct hp_err *err;
};

/* One key of the map: reads its node into the recipe. */
struct hp_recipe_key {
	const char *name;
	int (*read)(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset);
	size_t offset; /* of the member that it fills */
	bool needed;
};

/* keys end with a NULL name. -1: no YAML, no map, an unknown key, one that is missing, or a value that is refused. */
int hp_recipe_load(const struct hp_recipe_reading *r, const struct hp_recipe_key *keys, void *recipe);
/* "PATH:LINE:COLUMN: ..." */
int hp_recipe_refuse(const struct hp_recipe_reading *r, const struct hp_yaml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Readers of single values. */
int hp_recipe_line(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset);
int hp_recipe_flag(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset);
/* A list of lines; its count is the size_t right behind the pointer. */
int hp_recipe_lines(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset);
/* A scalar's text: one line that XML can carry, at most `most` bytes. NULL and err. */
const char *hp_recipe_text(const struct hp_recipe_reading *r, const struct hp_yaml *node, size_t most);
/* Whether it is such a line. */
bool hp_recipe_is_line(struct hp_arena *a, struct hp_str text);

#endif
