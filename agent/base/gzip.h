/* gzip, by zlib: one member, nothing before or after it. */
#ifndef HP_BASE_GZIP_H
#define HP_BASE_GZIP_H

#include "err.h"
#include "str.h"

/* At most `limit` bytes come out, and memory is taken for no more than the file itself says in its last four bytes
 * (the length of what it unpacks to). Refused: what is cut, has bytes behind it, another length or CRC. err does not
 * name the file: the caller does. */
int hp_gzip_unpack(struct hp_arena *a, struct hp_str packed, size_t limit, struct hp_str *ret, struct hp_err *err);
/* level 1 to 9. No name, no time: the same bytes give the same file. */
int hp_gzip_pack(struct hp_arena *a, struct hp_str bytes, int level, struct hp_str *ret, struct hp_err *err);

#endif
