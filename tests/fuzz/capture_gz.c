/* Captures in gzip files: packed and read again they are the same, and one that was cut or has more behind it is
 * refused.
 *
 * Input: 'z' and the file's bytes; or 't', two bytes and a capture's text, which is packed here. The two bytes are how
 * much of the file's end is left out (0: nothing), and how many bytes stand behind it. */
#define ZLIB_CONST
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "../../agent/io/capture.h"
#include "fuzz.h"

static char directory[200], path[220];

static void clear(void)
{
	(void)unlink(path);
	(void)rmdir(directory);
}

static void put_file(struct hp_str bytes)
{
	if (!path[0]) {
		const char *tmp = getenv("TMPDIR");
		(void)snprintf(directory, sizeof directory, "%s/hostprep-fuzz.XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(directory) || atexit(clear))
			abort();
		(void)snprintf(path, sizeof path, "%s/x.gz", directory);
	}
	FILE *f = fopen(path, "wb");
	if (!f || (bytes.n && fwrite(bytes.p, 1, bytes.n, f) != bytes.n) || fclose(f))
		abort();
}

static struct hp_str packed(struct hp_arena *a, struct hp_str text, unsigned cut, unsigned more)
{
	z_stream z = {0};
	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	size_t room = deflateBound(&z, text.n) + 64 + more;
	char *bytes = hp_alloc(a, room);
	z.next_in = (const unsigned char *)text.p;
	z.avail_in = (unsigned)text.n;
	z.next_out = (unsigned char *)bytes;
	z.avail_out = (unsigned)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	size_t n = z.total_out > cut ? z.total_out - cut : 0;
	(void)deflateEnd(&z);
	for (unsigned i = 0; i < more; i++) /* never what stood there */
		bytes[n + i] = bytes[n + i] ? '\0' : 'x';
	return (struct hp_str){bytes, n + more};
}

static void judge_packed(struct hp_arena *a, struct hp_str text, unsigned cut, unsigned more)
{
	struct hp_capture plain, got;
	struct hp_err err = {""};
	bool good = hp_capture_parse(a, text, "t", &plain, &err) == 0;
	put_file(packed(a, text, cut, more));
	int code = hp_capture_load(a, path, &got, &err);
	MUST((code == 0) == (good && !cut && !more));
	if (code < 0) {
		MUST(fuzz_one_line(err.text));
		return;
	}
	MUST(hp_str_same(hp_capture_text(a, &plain), hp_capture_text(a, &got)));
	MUST(hp_capture_save(a, &got, path, &err) == 0 && hp_capture_load(a, path, &got, &err) == 0);
	MUST(hp_str_same(hp_capture_text(a, &plain), hp_capture_text(a, &got)));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_capture c;
	struct hp_err err = {""};
	if (fuzz_byte(&input) == 't') {
		unsigned cut = fuzz_byte(&input), more = fuzz_byte(&input);
		judge_packed(a, input, cut, more);
		return;
	}
	put_file(input);
	if (hp_capture_load(a, path, &c, &err) < 0)
		MUST(fuzz_one_line(err.text));
}
