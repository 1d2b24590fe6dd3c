/* vibpack list: what is in a .vib or a bundle, for people. Says nothing about whether it is right: verify does. */
#ifndef HP_VIB_LIST_H
#define HP_VIB_LIST_H

#include "../agent/base/err.h"
#include "../agent/base/str.h"

/* A zip begins with "PK". */
bool hp_is_zip(struct hp_str bytes);
int hp_list(struct hp_arena *a, const char *where, struct hp_str bytes, struct hp_str *ret, struct hp_err *err);

#endif
