/* Captures in files, plain or gzip. */
#include "capture.h"

#define ZLIB_CONST
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "file.h"

#define GZIP_WINDOW (15 + 16) /* zlib.h: 16 more than the window bits means gzip */

static void end_inflate(void *what)
{
	(void)inflateEnd(what);
}

static int unpack(struct hp_arena *a, struct hp_str packed, const char *path, struct hp_str *ret, struct hp_err *err)
{
	z_stream *z = hp_alloc(a, sizeof *z);
	hp_defer(a, end_inflate, z); /* first: whatever zlib takes is freed even if the arena is full */
	if (inflateInit2(z, GZIP_WINDOW) != Z_OK)
		return hp_fail(err, "%s: cannot start unpacking: out of memory", path);
	struct hp_buf b = hp_buf(a);
	char bytes[16384];
	int code = Z_OK;
	z->next_in = (const unsigned char *)packed.p;
	z->avail_in = (unsigned)packed.n;
	while (code == Z_OK && b.n <= HP_CAPTURE_LIMIT) {
		z->next_out = (unsigned char *)bytes;
		z->avail_out = sizeof bytes;
		code = inflate(z, Z_NO_FLUSH);
		hp_put(&b, (struct hp_str){bytes, sizeof bytes - z->avail_out});
	}
	if (b.n > HP_CAPTURE_LIMIT)
		return hp_fail(err, "%s: unpacks to more than %zu MiB", path, HP_CAPTURE_LIMIT >> 20);
	if (code == Z_MEM_ERROR)
		return hp_fail(err, "%s: cannot unpack it: out of memory", path);
	if (code != Z_STREAM_END)
		return hp_fail(err, "%s: is no gzip file, or was cut off", path);
	if (z->avail_in)
		return hp_fail(err, "%s: has %u bytes after its gzip data", path, z->avail_in);
	*ret = hp_built(&b);
	return 0;
}

static void end_deflate(void *what)
{
	(void)deflateEnd(what);
}

static int pack(struct hp_arena *a, struct hp_str text, const char *path, struct hp_str *ret, struct hp_err *err)
{
	z_stream *z = hp_alloc(a, sizeof *z);
	hp_defer(a, end_deflate, z);
	if (deflateInit2(z, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return hp_fail(err, "%s: cannot start packing: out of memory", path);
	size_t room = deflateBound(z, text.n) + 64;
	unsigned char *bytes = hp_alloc(a, room);
	z->next_in = (const unsigned char *)text.p;
	z->avail_in = (unsigned)text.n;
	z->next_out = bytes;
	z->avail_out = (unsigned)room;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return hp_fail(err, "%s: packing failed", path);
	*ret = (struct hp_str){(char *)bytes, room - z->avail_out};
	return 0;
}

int hp_capture_load(struct hp_arena *a, const char *path, struct hp_capture *ret, struct hp_err *err)
{
	struct hp_str bytes;
	int code = hp_input_read(a, path, HP_CAPTURE_LIMIT, &bytes);
	if (code)
		return hp_fail(err, "cannot read %s: %s", path, strerror(code));
	if (hp_str_ends(hp_str(path), ".gz") && unpack(a, bytes, path, &bytes, err) < 0)
		return -1;
	return hp_capture_parse(a, bytes, path, ret, err);
}

int hp_capture_save(struct hp_arena *a, const struct hp_capture *c, const char *path, struct hp_err *err)
{
	struct hp_str text = hp_capture_text(a, c);
	if (hp_str_ends(hp_str(path), ".gz") && pack(a, text, path, &text, err) < 0)
		return -1;
	return hp_file_write(a, path, text, err);
}
