#include <string.h>

#include "big.h"
#include "tar.h"

#define BLOCK 512u
#define RECORD 10240u /* GNU tar fills up to 20 blocks */

static void octal(char *field, size_t digits, uint64_t n)
{
	for (size_t i = digits; i-- > 0; n >>= 3)
		field[i] = (char)('0' + (n & 7));
}

static void put_header(char *block, const struct hp_tar_entry *e, int64_t time_s)
{
	static const char magic[8] = "ustar  ";
	unsigned sum = 0;
	size_t n = strlen(e->path);
	memcpy(block, e->path, n);
	if (e->type == HP_TAR_FOLDER)
		block[n] = '/';
	octal(block + 100, 7, e->mode);
	octal(block + 108, 7, 0);
	octal(block + 116, 7, 0);
	octal(block + 124, 11, e->body.n);
	octal(block + 136, 11, (uint64_t)time_s);
	memset(block + 148, ' ', 8);
	block[156] = e->type == HP_TAR_FOLDER ? '5' : '0';
	memcpy(block + 257, magic, sizeof magic);
	memcpy(block + 265, "root", 4);
	memcpy(block + 297, "root", 4);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	octal(block + 148, 6, sum);
	block[154] = '\0';
}

static size_t whole_blocks(size_t n)
{
	return (n + BLOCK - 1) / BLOCK * BLOCK;
}

int hp_tar_frame(struct hp_arena *a, const struct hp_tar_entry *entries, size_t count, int64_t time_s,
		 struct hp_str *ret, char **ret_bodies, struct hp_err *err)
{
	size_t size = 2 * (size_t)BLOCK, at = 0;
	for (size_t i = 0; i < count; i++)
		size += BLOCK + whole_blocks(entries[i].body.n);
	size = (size + RECORD - 1) / RECORD * RECORD;
	char *bytes = hp_big(a, size);
	if (!bytes)
		return hp_fail(err, "out of memory for a payload of %zu MiB", size >> 20);
	for (size_t i = 0; i < count; i++) {
		put_header(bytes + at, &entries[i], time_s);
		ret_bodies[i] = bytes + at + BLOCK;
		at += BLOCK + whole_blocks(entries[i].body.n);
	}
	*ret = (struct hp_str){bytes, size};
	return 0;
}
