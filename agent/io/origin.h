/* "https://host:port": whom a request goes to, and whether a Location leads back there. Takes no memory. */
#ifndef HP_IO_ORIGIN_H
#define HP_IO_ORIGIN_H

#include "../base/str.h"

struct hp_origin {
	char host[256]; /* lower case, without the brackets of IPv6; a literal address in its one usual form */
	bool literal;	/* an address: nothing is to be resolved */
	unsigned port;	/* 443 when none is given */
};

/* False when it is no "https://HOST" or "https://HOST:PORT": another scheme, a user, a path, a bad port. */
bool hp_origin_parse(struct hp_str text, struct hp_origin *ret);
/* The path (with its query, without its fragment) of a Location header: of a path itself, of "//host/..." and of a
 * whole URL when scheme, host and port are the origin's. False for everything else: another host, a relative path,
 * bytes that no header may hold, more than HP_PATH_LIMIT. */
bool hp_origin_path(const struct hp_origin *o, struct hp_str location, struct hp_str *ret);

#define HP_PATH_LIMIT ((size_t)2048) /* bytes of a request's path */

#endif
