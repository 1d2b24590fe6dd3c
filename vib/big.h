/* Buffers of many MiB: of malloc, so that their pages are taken when they are used, and freed with the arena. */
#ifndef HP_VIB_BIG_H
#define HP_VIB_BIG_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_VIB_LIMIT ((size_t)512 << 20)     /* bytes of a .vib or .zip */
#define HP_PAYLOAD_LIMIT ((size_t)512 << 20) /* bytes of a payload once it is unpacked */
#define HP_XML_LIMIT ((size_t)8 << 20)	     /* bytes of one XML file */

/* Zeroed; NULL when there is none left. */
char *hp_big(struct hp_arena *a, size_t size);
/* A whole regular file of at most `limit` bytes. err names the path. */
int hp_big_read(struct hp_arena *a, const char *path, size_t limit, struct hp_str *ret, struct hp_err *err);

#endif
