/* When a package is built. */
#ifndef HP_VIB_BUILT_H
#define HP_VIB_BUILT_H

#include "../agent/base/err.h"
#include "../agent/base/when.h"

/* SOURCE_DATE_EPOCH where it is set; else `given`, or now where that is negative. -1: the variable is no number. */
int hp_when_built(int64_t given, int64_t *ret_s, struct hp_err *err);

#endif
