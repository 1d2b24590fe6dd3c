#include <stdlib.h>
#include <string.h>

#include "tar.h"

#define BLOCK 512u

/* Where the fields are: offset, length. */
enum { NAME = 0, MODE = 100, UID = 108, GID = 116, SIZE = 124, SUM = 148, TYPE = 156, LINK = 157, MAGIC = 257 };
#define VISOR_DATA 496u /* little endian, 4 bytes */

struct reading {
	struct hp_arena *a;
	struct hp_str bytes;
	size_t at; /* of the header that is read */
	struct hp_err *err;
};

/* Octal digits up to a NUL or blank, blanks before them allowed. */
static bool octal(const char *field, size_t length, uint64_t *ret)
{
	size_t i = 0;
	uint64_t n = 0;
	while (i < length && field[i] == ' ')
		i++;
	size_t first = i;
	while (i < length && field[i] >= '0' && field[i] <= '7' && n <= UINT64_MAX >> 3)
		n = n << 3 | (uint64_t)(field[i++] - '0');
	if (i == first)
		return false;
	for (; i < length; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	*ret = n;
	return true;
}

static bool all_zero(struct hp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

static struct hp_str until_nul(const char *field, size_t length)
{
	const char *end = memchr(field, '\0', length);
	return (struct hp_str){field, end ? (size_t)(end - field) : length};
}

/* The sum of the header's bytes, its own field taken as blanks. VMware's visor tars sum them as signed ones (seen in
 * VIBs made by vibauthor, where an offset has a byte above 127), as some old tars did. */
static bool sum_is_right(const char *block)
{
	uint64_t said;
	int64_t plain = 0, with_sign = 0;
	for (size_t i = 0; i < BLOCK; i++) {
		unsigned char byte = i >= SUM && i < SUM + 8 ? ' ' : (unsigned char)block[i];
		plain += byte;
		with_sign += (signed char)byte;
	}
	return octal(block + SUM, 8, &said) && ((int64_t)said == plain || (int64_t)said == with_sign);
}

static bool path_is_good(struct hp_arena *a, struct hp_str path)
{
	if (!path.n || path.p[0] == '/' || path.p[path.n - 1] == '/' ||
	    !hp_str_same(hp_str(hp_clean_text(a, path, path.n, NULL)), path))
		return false;
	for (struct hp_str rest = path; rest.n;) {
		const char *slash = memchr(rest.p, '/', rest.n);
		size_t n = slash ? (size_t)(slash - rest.p) : rest.n;
		struct hp_str part = {rest.p, n};
		if (!n || hp_str_eq(part, ".") || hp_str_eq(part, "..") || hp_str_has_byte(part, '\n') ||
		    hp_str_has_byte(part, '\t'))
			return false;
		n += slash != NULL;
		rest = hp_str_sub(rest, n, rest.n);
	}
	return true;
}

static int read_magic(struct reading *r, const char *block, bool *ret_visor)
{
	*ret_visor = memcmp(block + MAGIC, "visor  \0", 8) == 0;
	if (*ret_visor || memcmp(block + MAGIC, "ustar  \0", 8) == 0)
		return 0;
	if (memcmp(block + MAGIC, "ustar\0", 6) == 0)
		return hp_fail(r->err,
			       "offset %zu of the tar: a POSIX header; VIBs have GNU's (tar --format=gnu) or visor's",
			       r->at);
	return hp_fail(r->err, "offset %zu of the tar: the magic is neither \"ustar  \" nor \"visor  \"", r->at);
}

static int read_type(struct reading *r, const char *block, struct hp_tar_entry *e)
{
	switch (block[TYPE]) {
	case '0': /* 7: a contiguous file; visor tars have it for ELF files */
	case '7':
		e->type = HP_TAR_FILE;
		return 0;
	case '5':
		e->type = HP_TAR_FOLDER;
		return 0;
	case '2':
		e->type = HP_TAR_LINK;
		e->target = hp_clean_text(r->a, until_nul(block + LINK, 100), 100, NULL);
		return 0;
	case 'L':
	case 'x':
	case 'g':
		return hp_fail(r->err,
			       "offset %zu of the tar: an extended header; a path in a VIB has at most %u bytes", r->at,
			       HP_TAR_PATH);
	default:
		return hp_fail(r->err, "offset %zu of the tar: no file, folder or symbolic link (type 0x%02x)", r->at,
			       (unsigned)(unsigned char)block[TYPE]);
	}
}

static int read_path(struct reading *r, const char *block, struct hp_tar_entry *e)
{
	struct hp_str path = until_nul(block + NAME, 100);
	if (e->type == HP_TAR_FOLDER && hp_str_ends(path, "/"))
		path.n--;
	if (!path_is_good(r->a, path))
		return hp_fail(r->err, "offset %zu of the tar: the path \"%s\" is not plain and relative", r->at,
			       hp_clean_text(r->a, path, 100, NULL));
	e->path = hp_copy(r->a, path);
	return 0;
}

/* Of a visor header; 0: the data follows it. */
static size_t data_offset(const char *block)
{
	const unsigned char *le = (const unsigned char *)block + VISOR_DATA;
	return le[0] | (size_t)le[1] << 8 | (size_t)le[2] << 16 | (size_t)le[3] << 24;
}

/* Where the data is; *next: where the next header is. */
static int read_body(struct reading *r, const char *block, bool visor, uint64_t size, struct hp_tar_entry *e,
		     size_t *next)
{
	size_t from = visor ? data_offset(block) : 0;
	bool in_line = !from;
	*next = r->at + BLOCK;
	if (e->type != HP_TAR_FILE && size)
		return hp_fail(r->err, "offset %zu of the tar: %s is no file, but has a size", r->at, e->path);
	if (!size)
		return 0;
	from = in_line ? *next : from;
	if (from < *next || from > r->bytes.n || size > r->bytes.n - from)
		return hp_fail(r->err, "offset %zu of the tar: the data of %s is not inside the file", r->at, e->path);
	e->body = (struct hp_str){r->bytes.p + from, (size_t)size};
	if (in_line) {
		size_t end = from + (size_t)size;
		*next = (end + BLOCK - 1) / BLOCK * BLOCK;
		if (*next > r->bytes.n || !all_zero(hp_str_sub(r->bytes, end, *next)))
			return hp_fail(r->err, "offset %zu of the tar: the data of %s is not filled up with zeros",
				       r->at, e->path);
	}
	return 0;
}

static int read_entry(struct reading *r, bool first, bool *visor, struct hp_tar_entry *e, size_t *next)
{
	const char *block = r->bytes.p + r->at;
	uint64_t mode, size;
	bool kind;
	if (read_magic(r, block, &kind) < 0)
		return -1;
	if (!first && kind != *visor)
		return hp_fail(r->err, "offset %zu of the tar: GNU's and visor's headers are mixed", r->at);
	*visor = kind;
	if (!sum_is_right(block))
		return hp_fail(r->err, "offset %zu of the tar: the header's checksum is wrong", r->at);
	e->at = r->at;
	if (read_type(r, block, e) < 0 || read_path(r, block, e) < 0)
		return -1;
	if (!octal(block + MODE, 8, &mode) || mode > 07777777 || !octal(block + UID, 8, &e->uid) ||
	    !octal(block + GID, 8, &e->gid) || !octal(block + SIZE, 12, &size))
		return hp_fail(r->err, "offset %zu of the tar: a number in the header of %s cannot be read", r->at,
			       e->path);
	e->mode = (unsigned)mode & 07777;
	return read_body(r, block, *visor, size, e, next);
}

static int by_path(const void *one, const void *other)
{
	const struct hp_tar_entry *const *a = one, *const *b = other;
	return strcmp((*a)->path, (*b)->path);
}

static int refuse_twice(struct reading *r, const struct hp_tar *tar)
{
	const struct hp_tar_entry **sorted = hp_alloc_array(r->a, tar->count + 1, sizeof(struct hp_tar_entry *));
	for (size_t i = 0; i < tar->count; i++)
		sorted[i] = &tar->entries[i];
	qsort(sorted, tar->count, sizeof sorted[0], by_path);
	for (size_t i = 1; i < tar->count; i++)
		if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0)
			return hp_fail(r->err, "offset %zu of the tar: %s stands twice", sorted[i]->at,
				       sorted[i]->path);
	return 0;
}

static int by_body(const void *one, const void *other)
{
	const struct hp_tar_entry *const *a = one, *const *b = other;
	return (*a)->body.p < (*b)->body.p ? -1 : (*a)->body.p > (*b)->body.p;
}

/* The data of a visor tar, in order: none within the headers or another one, and from *at on nothing but zeros
 * between. */
static int read_data(struct reading *r, const struct hp_tar *tar, size_t least, size_t *at)
{
	const struct hp_tar_entry **sorted = hp_alloc_array(r->a, tar->count + 1, sizeof(struct hp_tar_entry *));
	size_t n = 0;
	for (size_t i = 0; i < tar->count; i++)
		if (tar->entries[i].body.n && data_offset(r->bytes.p + tar->entries[i].at))
			sorted[n++] = &tar->entries[i];
	qsort(sorted, n, sizeof sorted[0], by_body);
	for (size_t i = 0; i < n; i++) {
		const struct hp_tar_entry *e = sorted[i];
		size_t from = (size_t)(e->body.p - r->bytes.p);
		if (from < *at || from < least)
			return hp_fail(r->err, "offset %zu of the tar: the data of %s lies in %s", e->at, e->path,
				       i ? "that of another file" : "the headers");
		if (!all_zero(hp_str_sub(r->bytes, *at, from)))
			return hp_fail(r->err,
				       "offset %zu of the tar: something stands between headers and data, or "
				       "between the data of two files",
				       *at);
		*at = from + e->body.n;
	}
	return 0;
}

/* After the headers: of an ordinary tar only zeros, two blocks at least; of a visor tar a block of zeros (two in
 * official ones, one in vibauthor's), then the data. */
static int read_end(struct reading *r, const struct hp_tar *tar)
{
	size_t least = tar->visor ? BLOCK : 2 * (size_t)BLOCK, at = r->at;
	struct hp_str rest = hp_str_sub(r->bytes, at, r->bytes.n);
	if (rest.n < least || !all_zero(hp_str_sub(rest, 0, least)))
		return hp_fail(r->err, "offset %zu of the tar: the headers do not end in zeros", at);
	if (tar->visor && read_data(r, tar, at + least, &at) < 0)
		return -1;
	if (!all_zero(hp_str_sub(r->bytes, at, r->bytes.n)))
		return hp_fail(r->err, "offset %zu of the tar: something comes after its end", at);
	return 0;
}

int hp_tar_read(struct hp_arena *a, struct hp_str bytes, struct hp_tar *ret, struct hp_err *err)
{
	struct reading r = {.a = a, .bytes = bytes, .err = err};
	struct hp_tar tar = {.count = 0};
	size_t room = 0;
	while (true) {
		if (bytes.n - r.at < BLOCK)
			return hp_fail(err, "offset %zu of the tar: it is cut off", r.at);
		if (all_zero((struct hp_str){bytes.p + r.at, BLOCK}))
			break;
		if (tar.count == HP_TAR_ENTRIES)
			return hp_fail(err, "offset %zu of the tar: more than %u entries", r.at, HP_TAR_ENTRIES);
		if (tar.count == room) {
			room = room ? 2 * room : 64;
			tar.entries = hp_grow(a, tar.entries, tar.count, room, sizeof *tar.entries);
		}
		size_t next = 0;
		if (read_entry(&r, !tar.count, &tar.visor, &tar.entries[tar.count], &next) < 0)
			return -1;
		tar.count++;
		r.at = next;
	}
	if (!tar.count)
		return hp_fail(err, "the tar is empty");
	if (read_end(&r, &tar) < 0 || refuse_twice(&r, &tar) < 0)
		return -1;
	*ret = tar;
	return 0;
}
