#include "built.h"

#include <stdlib.h>
#include <time.h>

#include "../agent/base/num.h"

int hp_when_built(int64_t given, int64_t *ret_s, struct hp_err *err)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t s;
	if (epoch && *epoch) {
		if (!hp_number(hp_str(epoch), 10, (uint64_t)HP_WHEN_MOST, &s))
			return hp_fail(err, "SOURCE_DATE_EPOCH is no number of seconds: \"%.40s\"", epoch);
		*ret_s = (int64_t)s;
		return 0;
	}
	*ret_s = given >= 0 ? given : (int64_t)time(NULL);
	return 0;
}
