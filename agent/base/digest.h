/* SHA-256, by OpenSSL. */
#ifndef HP_BASE_DIGEST_H
#define HP_BASE_DIGEST_H

#include "str.h"

/* 64 hex digits; NULL when the library has no memory for it. */
const char *hp_sha256(struct hp_arena *a, struct hp_str bytes);

#endif
