#include "change.h"

static const char *const results[HP_RESULTS] = {"planned", "applied", "verified", "failed", "ineffective", "undone"};

const char *hp_result_word(enum hp_result result)
{
	return results[result];
}

bool hp_result_find(struct hp_str word, enum hp_result *ret)
{
	for (int i = 0; i < HP_RESULTS; i++) {
		if (!hp_str_eq(word, results[i]))
			continue;
		*ret = (enum hp_result)i;
		return true;
	}
	return false;
}
