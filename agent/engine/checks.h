/* The table of checks: looking up and selecting. */
#ifndef HP_ENGINE_CHECKS_H
#define HP_ENGINE_CHECKS_H

#include "../../checks/check.h"
#include "../base/err.h"

size_t hp_check_count(void);
const struct hp_check *hp_check_find(const char *id);

/* --only, --skip and --tag: comma-separated globs, NULL when not given. */
struct hp_selection {
	const char *only, *skip, *tag;
	bool *chosen; /* per check, in the table's order */
	bool all;     /* nothing was left out */
};
/* Fills chosen and all. -1 when a pattern matches no check, or nothing is left. */
int hp_select(struct hp_arena *a, struct hp_selection *s, struct hp_err *err);

#endif
