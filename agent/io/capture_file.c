/* Captures in files, plain or gzip. */
#include "capture.h"

#include <string.h>

#include "../base/gzip.h"
#include "file.h"

#define LEVEL 6 /* of packing: zlib's usual one */

static int unpack(struct hp_arena *a, struct hp_str packed, const char *path, struct hp_str *ret, struct hp_err *err)
{
	struct hp_err why;
	if (hp_gzip_unpack(a, packed, HP_CAPTURE_LIMIT, ret, &why) < 0)
		return hp_fail(err, "%s: %s", path, why.text);
	return 0;
}

static int pack(struct hp_arena *a, struct hp_str text, const char *path, struct hp_str *ret, struct hp_err *err)
{
	struct hp_err why;
	if (hp_gzip_pack(a, text, LEVEL, ret, &why) < 0)
		return hp_fail(err, "%s: %s", path, why.text);
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
