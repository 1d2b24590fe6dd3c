/* Zip archives. Whatever bytes come: entries lie inside, do not overlap and leave no byte over; a size and a CRC are
 * those of what is unpacked; an archive that is like ours is, byte for byte, what hp_zip_write makes of its entries.
 * Deflate data is taken exactly when zlib by itself takes all of it, and no bit that means nothing is set.
 *
 * Input: 'z' and an archive's bytes; 'd' and deflate data; or 'w', a line with a time (a decimal number), and files to
 * write: a line with the name and a line of bytes for each. */
#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../../vib/zip.h"
#include "fuzz.h"

#define UNPACKED_MAX ((size_t)1 << 20)

static size_t number(const char *p, unsigned bytes)
{
	size_t n = 0;
	while (bytes--)
		n = n << 8 | (unsigned char)p[bytes];
	return n;
}

/* ---- reading ---- */

static void judge_name(const char *name)
{
	size_t n = strlen(name);
	MUST(n && n <= HP_ZIP_NAME && fuzz_utf8(hp_str(name)) && fuzz_one_line(name) && name[0] != '/');
	MUST(!strchr(name, '\\') && !strstr(name, "//") && !strstr(name, "/../") && !strstr(name, "/./"));
	MUST(strncmp(name, "../", 3) != 0 && strncmp(name, "./", 2) != 0);
	MUST(strcmp(name, "..") != 0 && strcmp(name, ".") != 0);
	MUST(!hp_str_ends(hp_str(name), "/..") && !hp_str_ends(hp_str(name), "/."));
}

/* From its header's first byte to its last one: nothing is left over before the next entry or the directory. */
static size_t end_of(struct hp_str all, const struct hp_zip_entry *e)
{
	const char *head = all.p + e->at;
	MUST(e->at <= all.n && all.n - e->at >= 30 && memcmp(head, "PK\3\4", 4) == 0);
	size_t data_at = e->at + 30 + number(head + 26, 2) + number(head + 28, 2), end = data_at + e->bytes.n;
	MUST(fuzz_inside(e->bytes, all) && end <= all.n && e->bytes.p == all.p + data_at);
	if (!(number(head + 6, 2) & 8))
		return end;
	/* which of the two kinds it is shows in what follows: a header, or the central directory */
	MUST(all.n - end >= 12 + 22);
	bool next = memcmp(all.p + end + 12, "PK\3\4", 4) == 0 || memcmp(all.p + end + 12, "PK\1\2", 4) == 0;
	bool long_one = memcmp(all.p + end, "PK\7\10", 4) == 0;
	MUST(next || long_one);
	return end + (next ? 12 : 16);
}

static const struct hp_zip_entry *entry_at(const struct hp_zip *zip, size_t at)
{
	const struct hp_zip_entry *hit = NULL;
	for (size_t i = 0; i < zip->count; i++)
		if (zip->entries[i].at == at) {
			MUST(!hit);
			hit = &zip->entries[i];
		}
	return hit;
}

static void judge_places(struct hp_str all, const struct hp_zip *zip)
{
	size_t at = 0, directory = number(all.p + all.n - 6, 4), end = directory;
	for (size_t i = 0; i < zip->count; i++) {
		const struct hp_zip_entry *e = entry_at(zip, at);
		MUST(e);
		at = end_of(all, e);
	}
	MUST(at == directory);
	for (size_t i = 0; i < zip->count; i++) {
		MUST(all.n - end >= 46 && memcmp(all.p + end, "PK\1\2", 4) == 0);
		MUST(number(all.p + end + 42, 4) == zip->entries[i].at);
		end += 46 + number(all.p + end + 28, 2) + number(all.p + end + 30, 2) + number(all.p + end + 32, 2);
	}
	MUST(end == all.n - 22 && memcmp(all.p + end, "PK\5\6", 4) == 0);
}

static void judge_entry(struct hp_arena *a, const struct hp_zip *zip, const struct hp_zip_entry *e)
{
	struct hp_str got = {NULL, 0};
	struct hp_err err = {""};
	judge_name(e->name);
	MUST(hp_zip_find(zip, e->name) == e);
	MUST(e->folder == hp_str_ends(hp_str(e->name), "/") && (!e->folder || !e->size));
	MUST(e->method == 0 || e->method == 8);
	if (hp_zip_unpack(a, e, UNPACKED_MAX, &got, &err) < 0) {
		MUST(fuzz_one_line(err.text) && !got.p);
		return;
	}
	MUST(got.n == e->size && got.n <= UNPACKED_MAX);
	MUST(crc32(0, (const unsigned char *)(got.n ? got.p : ""), (unsigned)got.n) == e->crc);
	MUST(e->method || hp_str_same(got, e->bytes));
}

/* The time that the first entry has, in seconds since 1970. */
static int64_t time_of(struct hp_str all)
{
	size_t time = number(all.p + 10, 2), date = number(all.p + 12, 2), year = 1980 + (date >> 9), days = 0;
	static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	for (size_t y = 1970; y < year; y++)
		days += y % 4 ? 365 : 366;
	days -= year > 2100;
	size_t month = (date >> 5 & 15) - 1;
	MUST(month < 12);
	days += before[month] + (month > 1 && year % 4 == 0 && year != 2100) + (date & 31) - 1;
	return (int64_t)(days * 86400 + (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2);
}

static void judge_like_ours(struct hp_arena *a, struct hp_str all, const struct hp_zip *zip)
{
	struct hp_zip_file *files = hp_alloc_array(a, zip->count, sizeof *files);
	struct hp_str again;
	struct hp_err err;
	for (size_t i = 0; i < zip->count; i++) {
		struct hp_str got;
		if (hp_zip_unpack(a, &zip->entries[i], SIZE_MAX, &got, &err) < 0)
			return; /* a wrong CRC */
		files[i] = (struct hp_zip_file){zip->entries[i].name, got};
	}
	MUST(hp_zip_write(a, files, zip->count, zip->count ? time_of(all) : 0, &again, &err) == 0);
	MUST(hp_str_same(again, all));
}

static void judge_archive(struct hp_arena *a, struct hp_str all)
{
	struct hp_zip zip = {.count = 77};
	struct hp_err err = {""};
	if (hp_zip_read(a, all, &zip, &err) < 0) {
		MUST(fuzz_one_line(err.text) && hp_str_starts(hp_str(err.text), "at byte ") && zip.count == 77);
		return;
	}
	judge_places(all, &zip);
	for (size_t i = 0; i < zip.count; i++)
		judge_entry(a, &zip, &zip.entries[i]);
	if (!zip.unlike_ours)
		judge_like_ours(a, all, &zip);
	else
		MUST(fuzz_one_line(zip.unlike_ours) && *zip.unlike_ours);
}

/* ---- deflate ---- */

/* What zlib makes of it; false where that is not good, or does not use all bytes. */
static bool by_zlib(struct hp_str in, struct hp_str *ret)
{
	static unsigned char out[4 * UNPACKED_MAX];
	z_stream z = {0};
	if (inflateInit2(&z, -15) != Z_OK)
		abort();
	z.next_in = (const unsigned char *)in.p;
	z.avail_in = (unsigned)in.n;
	z.next_out = out;
	z.avail_out = sizeof out;
	int code = inflate(&z, Z_FINISH);
	*ret = (struct hp_str){(char *)out, sizeof out - z.avail_out};
	bool all = code == Z_STREAM_END && !z.avail_in;
	(void)inflateEnd(&z);
	return all;
}

/* A second reading of deflate data (RFC 1951) that is known to be good: it looks for the bits that mean nothing. */
struct bits {
	struct hp_str in;
	size_t at;
	bool spare; /* one of those bits is set */
};

static unsigned take(struct bits *b, unsigned count)
{
	unsigned n = 0;
	for (unsigned i = 0; i < count; i++, b->at++) {
		MUST(b->at / 8 < b->in.n);
		unsigned byte = (unsigned char)b->in.p[b->at / 8];
		n |= (byte >> b->at % 8 & 1) << i;
	}
	return n;
}

static void skip_to_byte(struct bits *b)
{
	if (b->at % 8)
		b->spare |= take(b, 8 - (unsigned)(b->at % 8)) != 0;
}

struct code {
	unsigned counts[16]; /* symbols by length of their code */
	unsigned symbols[320];
};

static struct code code_of(const unsigned char *lengths, unsigned count)
{
	struct code c = {0};
	unsigned used = 0;
	for (unsigned length = 1; length < 16; length++)
		for (unsigned i = 0; i < count; i++)
			if (lengths[i] == length) {
				c.counts[length]++;
				c.symbols[used++] = i;
			}
	return c;
}

static unsigned symbol(struct bits *b, const struct code *c)
{
	unsigned code = 0, first = 0, index = 0;
	for (unsigned length = 1; length < 16; length++) {
		code |= take(b, 1);
		if (code - first < c->counts[length])
			return c->symbols[index + code - first];
		index += c->counts[length];
		first = (first + c->counts[length]) << 1;
		code <<= 1;
	}
	fuzz_broken(__FILE__, __LINE__, "every code is one of the table");
}

static void read_codes(struct bits *b, struct code *ret_literals, struct code *ret_distances)
{
	static const unsigned char order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	unsigned char lengths[320] = {0};
	unsigned literals = take(b, 5) + 257, distances = take(b, 5) + 1, n = take(b, 4) + 4, i = 0;
	for (unsigned k = 0; k < n; k++)
		lengths[order[k]] = (unsigned char)take(b, 3);
	struct code c = code_of(lengths, 19);
	memset(lengths, 0, sizeof lengths);
	while (i < literals + distances) {
		unsigned s = symbol(b, &c), times = 1;
		unsigned char length = (unsigned char)(s < 16 ? s : s == 16 && i ? lengths[i - 1] : 0);
		if (s > 15)
			times = s == 16 ? 3 + take(b, 2) : s == 17 ? 3 + take(b, 3) : 11 + take(b, 7);
		for (; times; times--) {
			MUST(i < literals + distances);
			lengths[i++] = length;
		}
	}
	*ret_literals = code_of(lengths, literals);
	*ret_distances = code_of(lengths + literals, distances);
}

static void fixed_codes(struct code *ret_literals, struct code *ret_distances)
{
	unsigned char lengths[288];
	for (unsigned i = 0; i < 288; i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	*ret_literals = code_of(lengths, 288);
	memset(lengths, 5, 30);
	*ret_distances = code_of(lengths, 30);
}

static void skip_codes(struct bits *b, const struct code *literals, const struct code *distances)
{
	for (unsigned s = symbol(b, literals); s != 256; s = symbol(b, literals)) {
		if (s < 256)
			continue;
		(void)take(b, s < 265 || s == 285 ? 0 : (s - 261) / 4);
		unsigned d = symbol(b, distances);
		(void)take(b, d < 4 ? 0 : d / 2 - 1);
	}
}

static bool has_spare_bits(struct hp_str in)
{
	struct bits b = {.in = in};
	struct code literals, distances;
	for (unsigned last = 0; !last;) {
		last = take(&b, 1);
		unsigned type = take(&b, 2);
		if (type == 0) {
			skip_to_byte(&b);
			unsigned n = take(&b, 16);
			(void)take(&b, 16);
			b.at += (size_t)n * 8;
			continue;
		}
		if (type == 1)
			fixed_codes(&literals, &distances);
		else
			read_codes(&b, &literals, &distances);
		skip_codes(&b, &literals, &distances);
	}
	skip_to_byte(&b);
	MUST(b.at == in.n * 8);
	return b.spare;
}

static void judge_deflate(struct hp_arena *a, struct hp_str in)
{
	struct hp_str wanted, got = {NULL, 0};
	struct hp_err err = {""};
	bool good = by_zlib(in, &wanted);
	struct hp_zip_entry e = {.name = "x", .method = 8, .bytes = in, .size = (uint32_t)wanted.n};
	e.crc = (uint32_t)crc32(0, (const unsigned char *)wanted.p, (unsigned)wanted.n);
	bool taken = hp_zip_unpack(a, &e, 4 * UNPACKED_MAX, &got, &err) == 0;
	MUST(taken == (good && !has_spare_bits(in)));
	MUST(taken ? hp_str_same(got, wanted) : fuzz_one_line(err.text));
	MUST(taken || !good || strstr(err.text, "bits that mean nothing"));
}

/* ---- writing ---- */

static void judge_write(struct hp_arena *a, struct hp_str input)
{
	struct hp_zip_file files[32];
	size_t count = 0;
	struct hp_str bytes = {NULL, 0};
	struct hp_err err = {""};
	int64_t time_s = strtoll(hp_copy(a, fuzz_line(&input)), NULL, 10);
	for (; count < 32 && input.n; count++) {
		files[count].name = hp_copy(a, fuzz_line(&input));
		files[count].bytes = fuzz_line(&input);
	}
	if (hp_zip_write(a, files, count, time_s, &bytes, &err) < 0) {
		MUST(fuzz_one_line(err.text) && !bytes.p);
		return;
	}
	struct hp_zip zip;
	MUST(hp_zip_read(a, bytes, &zip, &err) == 0 && zip.count == count && !zip.unlike_ours);
	for (size_t i = 0; i < count; i++)
		MUST(strcmp(zip.entries[i].name, files[i].name) == 0 &&
		     hp_str_same(zip.entries[i].bytes, files[i].bytes));
	judge_archive(a, bytes);
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	unsigned char what = fuzz_byte(&input);
	if (what == 'w')
		judge_write(a, input);
	else if (what == 'd')
		judge_deflate(a, input);
	else
		judge_archive(a, input);
}
