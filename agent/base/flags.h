/* Options of the off-host programs: one table drives parsing and help. The agent's own has more (agent/cli/options.h).
 */
#ifndef HP_BASE_FLAGS_H
#define HP_BASE_FLAGS_H

#include "err.h"
#include "str.h"

struct hp_flag {
	const char *name;	  /* without its dashes */
	char letter;		  /* 0: none */
	const char *value, *help; /* value: NULL where it takes none */
	size_t offset;		  /* in the options: of a const char *, or of a bool where it takes no value */
};

/* A word of a list with blanks between. */
bool hp_words_have(const char *words, const char *name);
/* The flag that arg ("--name", "--name=value", "-n") is; NULL: none. ret_value: what stands behind its "=", or NULL. */
const struct hp_flag *hp_flag_find(const struct hp_flag *flags, size_t count, const char *arg, const char **ret_value);
/* Puts it into the options. next: the argument behind it, or NULL. -1: a value is missing, or too much. */
int hp_flag_set(void *options, const struct hp_flag *flag, const char *value, const char *next, bool *ret_used_next,
		struct hp_err *err);
/* The first of those in `needed` that has no value yet; NULL: all have. */
const struct hp_flag *hp_flag_missing(const struct hp_flag *flags, size_t count, const void *options,
				      const char *needed);
/* "-o, --output FILE" */
const char *hp_flag_head(struct hp_arena *a, const struct hp_flag *flag);

#endif
