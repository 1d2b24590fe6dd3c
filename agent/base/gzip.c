#include "gzip.h"

#define ZLIB_CONST
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib.h: 16 more than the window bits means gzip */
#define MIB ((size_t)1 << 20)

static void free_room(void *what)
{
	free(*(void **)what);
}

/* n bytes from malloc, which live as long as the arena; NULL when there are none. Not zeroed, so that what is never
 * written takes no memory. */
static char *take_room(struct hp_arena *a, size_t n)
{
	void **slot = hp_alloc(a, sizeof *slot);
	hp_defer(a, free_room, slot);
	*slot = malloc(n ? n : 1);
	return *slot;
}

static void end_inflate(void *what)
{
	(void)inflateEnd(what);
}

/* The last four bytes. Of a file that was cut, or has bytes behind it, they are any number. */
static size_t length_it_says(struct hp_str packed)
{
	size_t length = 0;
	for (size_t i = 1; i <= 4 && packed.n >= 4; i++)
		length = length << 8 | (unsigned char)packed.p[packed.n - i];
	return length;
}

/* What does not fit into `room` bytes is counted and thrown away: it tells what is wrong with the file. */
static int inflate_all(z_stream *z, char *bytes, size_t room, size_t limit, size_t *ret_n)
{
	unsigned char spare[16384];
	size_t n = 0;
	int code = Z_OK;
	while (code == Z_OK && n <= limit) {
		size_t most = n < room ? room - n : sizeof spare;
		z->next_out = spare;
		if (n < room)
			z->next_out = (unsigned char *)bytes + n;
		z->avail_out = (unsigned)most;
		code = inflate(z, Z_NO_FLUSH);
		n += most - z->avail_out;
	}
	*ret_n = n;
	return code;
}

static int say_too_much(size_t limit, struct hp_err *err)
{
	if (limit % MIB)
		return hp_fail(err, "unpacks to more than %zu bytes", limit);
	return hp_fail(err, "unpacks to more than %zu MiB", limit / MIB);
}

int hp_gzip_unpack(struct hp_arena *a, struct hp_str packed, size_t limit, struct hp_str *ret, struct hp_err *err)
{
	size_t room = length_it_says(packed), n;
	if (room > limit)
		room = 0; /* nothing good can come of it: only what is wrong is looked for */
	if (packed.n > UINT_MAX)
		return hp_fail(err, "is larger than 4 GiB");
	z_stream *z = hp_alloc(a, sizeof *z);
	hp_defer(a, end_inflate, z);
	char *bytes = take_room(a, room);
	if (!bytes || inflateInit2(z, GZIP_WINDOW) != Z_OK)
		return hp_fail(err, "cannot start unpacking: out of memory");
	z->next_in = (const unsigned char *)packed.p;
	z->avail_in = (unsigned)packed.n;
	int code = inflate_all(z, bytes, room, limit, &n);
	unsigned behind = z->avail_in;
	end_inflate(z);
	if (n > limit)
		return say_too_much(limit, err);
	if (code == Z_MEM_ERROR)
		return hp_fail(err, "cannot unpack it: out of memory");
	if (code != Z_STREAM_END)
		return hp_fail(err, "is no gzip file, or was cut off");
	if (behind)
		return hp_fail(err, "has %u bytes after its gzip data", behind);
	if (n != room) /* zlib compared the lengths modulo 4 GiB */
		return hp_fail(err, "unpacks to 4 GiB or more");
	*ret = (struct hp_str){bytes, n};
	return 0;
}

static void end_deflate(void *what)
{
	(void)deflateEnd(what);
}

int hp_gzip_pack(struct hp_arena *a, struct hp_str bytes, int level, struct hp_str *ret, struct hp_err *err)
{
	z_stream *z = hp_alloc(a, sizeof *z);
	hp_defer(a, end_deflate, z);
	if (deflateInit2(z, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return hp_fail(err, "cannot start packing: out of memory");
	size_t room = deflateBound(z, bytes.n) + 64;
	if (bytes.n > UINT_MAX || room > UINT_MAX)
		return hp_fail(err, "packing failed: it is 4 GiB or more");
	char *packed = take_room(a, room);
	if (!packed)
		return hp_fail(err, "cannot start packing: out of memory");
	z->next_in = (const unsigned char *)bytes.p;
	z->avail_in = (unsigned)bytes.n;
	z->next_out = (unsigned char *)packed;
	z->avail_out = (unsigned)room;
	int code = deflate(z, Z_FINISH);
	size_t n = room - z->avail_out;
	end_deflate(z);
	if (code != Z_STREAM_END)
		return hp_fail(err, "packing failed");
	*ret = (struct hp_str){packed, n};
	return 0;
}
