#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "zip_format.h"

#define FLAGS_KNOWN (HP_ZIP_FLAG_LEVEL | HP_ZIP_FLAG_DESCRIPTOR | HP_ZIP_FLAG_UTF8)
#define RATIO_MAX 1032u /* deflate: 258 bytes for two bits */
#define DESCRIPTOR_SIGNATURE 0x08074b50u
#define EXTRA_ZIP64 0x0001u
#define EXTRA_UNICODE_PATH 0x7075u /* another name, for those who know this field */
#define ZIP64_LOCATOR 20u	   /* bytes; it stands before the end record */

/* An entry and its central header. */
struct record {
	struct hp_zip_entry *entry;
	struct hp_zip_values v;
};

struct reading {
	struct hp_arena *arena;
	struct hp_str all;
	size_t central_at, end_at;
	struct hp_zip zip;
	struct record *records;
	struct hp_err *err;
};

static int refuse(const struct reading *r, size_t at, const char *why)
{
	(void)hp_fail(r->err, "at byte %zu: %s", at, why);
	return -1;
}

/* ---- the end record ---- */

static bool is_zip64_end(const struct hp_zip_values *v)
{
	static const enum hp_zip_field two[] = {HP_ZIP_DISK, HP_ZIP_CENTRAL_DISK, HP_ZIP_COUNT_HERE, HP_ZIP_COUNT};
	for (size_t i = 0; i < sizeof two / sizeof two[0]; i++)
		if (v->of[two[i]] == UINT16_MAX)
			return true;
	return v->of[HP_ZIP_AT] == UINT32_MAX || v->of[HP_ZIP_CENTRAL_SIZE] == UINT32_MAX;
}

static bool has_zip64_locator(const struct reading *r)
{
	return r->end_at >= ZIP64_LOCATOR && memcmp(r->all.p + r->end_at - ZIP64_LOCATOR, "PK\6\7", 4) == 0;
}

static const char *bad_end(const struct reading *r, const struct hp_zip_values *v)
{
	if (is_zip64_end(v))
		return "it is a zip64 archive";
	if (v->of[HP_ZIP_DISK] || v->of[HP_ZIP_CENTRAL_DISK] || v->of[HP_ZIP_COUNT_HERE] != v->of[HP_ZIP_COUNT])
		return "the archive is on more than one disk";
	if (v->of[HP_ZIP_COMMENT_LENGTH])
		return "a comment should follow the end record";
	if (v->of[HP_ZIP_COUNT] > HP_ZIP_ENTRIES)
		return "too many entries";
	if (v->of[HP_ZIP_AT] > r->end_at || r->end_at - v->of[HP_ZIP_AT] != v->of[HP_ZIP_CENTRAL_SIZE])
		return has_zip64_locator(r) ? "it is a zip64 archive"
					    : "the central directory does not end where the end record begins";
	return NULL;
}

static int read_end(struct reading *r)
{
	struct hp_zip_values v;
	if (r->all.n < hp_zip_end.size)
		return refuse(r, 0, "too short for a zip archive");
	r->end_at = r->all.n - hp_zip_end.size;
	if (!hp_zip_is(&hp_zip_end, r->all, r->end_at))
		return refuse(r, r->end_at,
			      "no end record: it is no zip archive, was cut off, or has bytes or a comment at its end");
	hp_zip_get(&hp_zip_end, r->all.p + r->end_at, &v);
	const char *why = bad_end(r, &v);
	if (why)
		return refuse(r, r->end_at, why);
	r->central_at = v.of[HP_ZIP_AT];
	r->zip.count = v.of[HP_ZIP_COUNT];
	return 0;
}

/* ---- the central directory ---- */

/* Extra fields: an id and a length, two bytes each, and that many bytes; nothing is left over. */
static const char *bad_extra(struct hp_str extra)
{
	while (extra.n) {
		if (extra.n < 4 || extra.n - 4 < hp_zip_number(extra.p + 2, 2))
			return "an extra field is cut off";
		uint32_t id = hp_zip_number(extra.p, 2);
		if (id == EXTRA_ZIP64)
			return "an extra field of zip64";
		if (id == EXTRA_UNICODE_PATH)
			return "an extra field with a second name";
		extra = hp_str_sub(extra, 4 + hp_zip_number(extra.p + 2, 2), extra.n);
	}
	return NULL;
}

static const char *bad_sizes(const struct hp_zip_values *v, bool folder)
{
	uint32_t packed = v->of[HP_ZIP_PACKED], size = v->of[HP_ZIP_SIZE];
	if (packed == UINT32_MAX || size == UINT32_MAX || v->of[HP_ZIP_AT] == UINT32_MAX)
		return "it is a zip64 archive";
	if (v->of[HP_ZIP_METHOD] == HP_ZIP_STORED && packed != size)
		return "stored, but its two sizes are not the same";
	if (size > (uint64_t)packed * RATIO_MAX)
		return "its packed bytes cannot give its size";
	if (folder && (size || v->of[HP_ZIP_CRC]))
		return "a folder that is not empty";
	return NULL;
}

static const char *bad_central(const struct hp_zip_values *v, bool folder)
{
	if (v->of[HP_ZIP_FLAGS] & HP_ZIP_FLAG_ENCRYPTED)
		return "it is encrypted";
	if (v->of[HP_ZIP_FLAGS] & ~FLAGS_KNOWN)
		return "an unknown flag";
	if (v->of[HP_ZIP_METHOD] != HP_ZIP_STORED && v->of[HP_ZIP_METHOD] != HP_ZIP_DEFLATED)
		return "an unknown method of packing";
	if (v->of[HP_ZIP_DISK])
		return "the archive is on more than one disk";
	return bad_sizes(v, folder);
}

/* Reads the header at *at, and moves *at to its end. The entry's bytes are not looked for yet. */
static int read_central(struct reading *r, size_t *at, struct record *ret)
{
	struct hp_str directory = hp_str_sub(r->all, 0, r->end_at);
	struct hp_zip_values *v = &ret->v;
	size_t name_at = *at + hp_zip_central.size;
	if (!hp_zip_is(&hp_zip_central, directory, *at))
		return refuse(r, *at, "no header in the central directory, which has fewer entries than said");
	hp_zip_get(&hp_zip_central, r->all.p + *at, v);
	size_t extra_at = name_at + v->of[HP_ZIP_NAME_LENGTH];
	size_t comment_at = extra_at + v->of[HP_ZIP_EXTRA_LENGTH], end = comment_at + v->of[HP_ZIP_COMMENT_LENGTH];
	if (end > directory.n)
		return refuse(r, *at, "a header leads out of the central directory");
	struct hp_str name = hp_str_sub(r->all, name_at, extra_at);
	const char *why = hp_zip_bad_name(r->arena, name);
	if (why)
		return hp_fail(r->err, "at byte %zu: a name %s", name_at, why);
	bool folder = hp_str_ends(name, "/");
	why = bad_central(v, folder);
	if (!why)
		why = bad_extra(hp_str_sub(r->all, extra_at, comment_at));
	if (why)
		return refuse(r, *at, why);
	*ret->entry = (struct hp_zip_entry){.name = hp_copy(r->arena, name),
					    .folder = folder,
					    .method = v->of[HP_ZIP_METHOD],
					    .bytes = {NULL, v->of[HP_ZIP_PACKED]},
					    .size = v->of[HP_ZIP_SIZE],
					    .crc = v->of[HP_ZIP_CRC],
					    .at = v->of[HP_ZIP_AT]};
	*at = end;
	return 0;
}

static int read_directory(struct reading *r)
{
	size_t at = r->central_at, count = r->zip.count;
	if (count > (r->end_at - at) / hp_zip_central.size) /* before memory is taken for them */
		return refuse(r, at, "the central directory has fewer entries than said");
	r->zip.entries = hp_alloc_array(r->arena, count, sizeof *r->zip.entries);
	r->records = hp_alloc_array(r->arena, count, sizeof *r->records);
	const char **names = hp_alloc_array(r->arena, count, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		r->records[i].entry = &r->zip.entries[i];
		if (read_central(r, &at, &r->records[i]) < 0)
			return -1;
		names[i] = r->zip.entries[i].name;
	}
	if (at != r->end_at)
		return refuse(r, at, "the central directory has more than its entries");
	const char *twice = hp_zip_twice(names, count);
	if (twice)
		return hp_fail(r->err, "at byte %zu: the name %s is used twice", r->central_at, twice);
	return 0;
}

/* ---- local headers and data ---- */

/* A field of the local header says what the central one does; a zero may stand for what the data descriptor says. */
static bool agrees(const struct hp_zip_values *local, const struct hp_zip_values *central, enum hp_zip_field field,
		   bool or_zero)
{
	return local->of[field] == central->of[field] || (or_zero && !local->of[field]);
}

static const char *bad_local(const struct hp_zip_values *local, const struct hp_zip_values *central)
{
	bool later = central->of[HP_ZIP_FLAGS] & HP_ZIP_FLAG_DESCRIPTOR;
	if (!agrees(local, central, HP_ZIP_FLAGS, false))
		return "its flags are not those of the central directory";
	if (!agrees(local, central, HP_ZIP_METHOD, false))
		return "its method is not that of the central directory";
	if (!agrees(local, central, HP_ZIP_TIME, false) || !agrees(local, central, HP_ZIP_DATE, false))
		return "its time is not that of the central directory";
	if (!agrees(local, central, HP_ZIP_CRC, later))
		return "its CRC is not that of the central directory";
	if (!agrees(local, central, HP_ZIP_PACKED, later) || !agrees(local, central, HP_ZIP_SIZE, later))
		return "its sizes are not those of the central directory";
	return NULL;
}

/* The bytes between the data and what comes next: CRC and both sizes, with or without a signature before them. How many
 * bytes there are tells which. */
static const char *bad_descriptor(struct hp_str d, const struct hp_zip_values *central)
{
	if (d.n == 16 && hp_zip_number(d.p, 4) == DESCRIPTOR_SIGNATURE)
		d = hp_str_sub(d, 4, d.n);
	if (d.n != 12)
		return "no data descriptor, which should stand between the data and what comes next";
	if (hp_zip_number(d.p, 4) != central->of[HP_ZIP_CRC] ||
	    hp_zip_number(d.p + 4, 4) != central->of[HP_ZIP_PACKED] ||
	    hp_zip_number(d.p + 8, 4) != central->of[HP_ZIP_SIZE])
		return "its data descriptor does not say what the central directory does";
	return NULL;
}

/* The local header, data and descriptor of an entry: all bytes from its offset to `next`. */
static int read_local(struct reading *r, struct record *record, size_t next)
{
	struct hp_zip_entry *e = record->entry;
	struct hp_str here = hp_str_sub(r->all, 0, next), name = hp_str(e->name);
	struct hp_zip_values v;
	if (!hp_zip_is(&hp_zip_local, here, e->at))
		return refuse(r, e->at, "no local header, or it runs into what comes next");
	hp_zip_get(&hp_zip_local, r->all.p + e->at, &v);
	size_t name_at = e->at + hp_zip_local.size, extra_at = name_at + v.of[HP_ZIP_NAME_LENGTH];
	size_t data_at = extra_at + v.of[HP_ZIP_EXTRA_LENGTH];
	if (data_at > next || next - data_at < e->bytes.n)
		return refuse(r, e->at, "it runs into what comes next");
	e->bytes.p = r->all.p + data_at;
	if (!hp_str_same(hp_str_sub(r->all, name_at, extra_at), name))
		return refuse(r, name_at, "its name is not that of the central directory");
	const char *why = bad_local(&v, &record->v);
	if (!why)
		why = bad_extra(hp_str_sub(r->all, extra_at, data_at));
	if (why)
		return refuse(r, e->at, why);
	struct hp_str rest = hp_str_sub(r->all, data_at + e->bytes.n, next);
	if (record->v.of[HP_ZIP_FLAGS] & HP_ZIP_FLAG_DESCRIPTOR)
		why = bad_descriptor(rest, &record->v);
	else if (rest.n)
		why = "bytes that belong to no entry";
	return why ? refuse(r, data_at + e->bytes.n, why) : 0;
}

static int compare_at(const void *x, const void *y)
{
	const struct record *a = *(struct record *const *)x, *b = *(struct record *const *)y;
	return (a->entry->at > b->entry->at) - (a->entry->at < b->entry->at);
}

/* In the order in which they stand, each entry ends where the next begins. */
static int read_locals(struct reading *r)
{
	size_t count = r->zip.count;
	struct record **order = hp_alloc_array(r->arena, count, sizeof(struct record *));
	for (size_t i = 0; i < count; i++)
		order[i] = &r->records[i];
	if (count)
		qsort(order, count, sizeof(struct record *), compare_at);
	size_t first = count ? order[0]->entry->at : r->central_at;
	if (first)
		return refuse(r, 0, "bytes that belong to no entry");
	for (size_t i = 0; i < count; i++) {
		size_t next = i + 1 < count ? order[i + 1]->entry->at : r->central_at;
		if (next > r->central_at)
			return refuse(r, next, "an entry's offset leads out of the file's data");
		if (read_local(r, order[i], next) < 0)
			return -1;
	}
	return 0;
}

/* ---- is it like ours? ---- */

static const char *unlike_field(const struct reading *r, const struct record *record, const struct record *first,
				size_t at)
{
	struct hp_zip_entry here = *record->entry;
	struct hp_zip_values local, ours;
	uint32_t time = first->v.of[HP_ZIP_TIME], date = first->v.of[HP_ZIP_DATE];
	here.at = at;
	hp_zip_ours(&here, time, date, &ours);
	hp_zip_get(&hp_zip_local, r->all.p + record->entry->at, &local);
	const char *field = hp_zip_unlike(&hp_zip_local, &local, &ours);
	if (!field)
		field = hp_zip_unlike(&hp_zip_central, &record->v, &ours);
	if (!field && here.folder)
		field = "a folder";
	if (!field && !hp_zip_time_is_real(time, date))
		field = "a time that is none";
	return field;
}

static const char *find_unlike(const struct reading *r)
{
	size_t at = 0;
	struct hp_zip_values end, ours;
	for (size_t i = 0; i < r->zip.count; i++) {
		const struct hp_zip_entry *e = &r->zip.entries[i];
		const char *field = unlike_field(r, &r->records[i], &r->records[0], at);
		if (field)
			return hp_format(r->arena, "%s: %s", e->name, field);
		at += hp_zip_local.size + strlen(e->name) + e->bytes.n;
	}
	hp_zip_ours_end(r->zip.count, at, r->end_at - at, &ours);
	hp_zip_get(&hp_zip_end, r->all.p + r->end_at, &end);
	const char *field = hp_zip_unlike(&hp_zip_end, &end, &ours);
	return field ? hp_format(r->arena, "end record: %s", field) : NULL;
}

int hp_zip_read(struct hp_arena *a, struct hp_str bytes, struct hp_zip *ret, struct hp_err *err)
{
	struct reading r = {.arena = a, .all = bytes, .err = err};
	if (read_end(&r) < 0 || read_directory(&r) < 0 || read_locals(&r) < 0)
		return -1;
	r.zip.unlike_ours = find_unlike(&r);
	*ret = r.zip;
	return 0;
}

const struct hp_zip_entry *hp_zip_find(const struct hp_zip *zip, const char *name)
{
	for (size_t i = 0; i < zip->count; i++)
		if (strcmp(zip->entries[i].name, name) == 0)
			return &zip->entries[i];
	return NULL;
}

/* ---- unpacking ---- */

static unsigned byte_at(struct hp_str s, size_t at)
{
	return (unsigned char)s.p[at];
}

/* The bits from number `from` on (deflate counts them from a byte's low end) to that byte's end are zero. */
static bool spare_bits_are_zero(struct hp_str in, size_t from)
{
	return from % 8 == 0 || from / 8 >= in.n || byte_at(in, from / 8) >> from % 8 == 0;
}

/* RFC 1951 3.2.3: a block begins with a bit that tells whether it is the last, and two bits of type: 0 is stored, and
 * its length begins at the next byte. */
static bool block_starts_well(struct hp_str in, size_t at)
{
	unsigned type = 0;
	for (size_t bit = at + 2; bit > at; bit--) {
		if (bit / 8 >= in.n)
			return true; /* inflate tells */
		type = type << 1 | (byte_at(in, bit / 8) >> bit % 8 & 1);
	}
	return type != 0 || spare_bits_are_zero(in, at + 3);
}

/* inflate stops after each block. zlib.h: data_type is then 128, plus 64 after the last block, plus the number of bits
 * of the last byte that it has not used. */
static const char *after_block(const z_stream *z, struct hp_str in)
{
	if (!(z->data_type & 128))
		return NULL;
	size_t at = (in.n - z->avail_in) * 8 - (unsigned)(z->data_type & 7);
	if (z->data_type & 64 ? !spare_bits_are_zero(in, at) : !block_starts_well(in, at))
		return "has deflate bits that mean nothing and are not zero";
	return NULL;
}

static const char *inflate_all(z_stream *z, struct hp_str in, char *out, uint32_t size)
{
	const char *why = NULL;
	int code = Z_OK;
	z->next_in = (const unsigned char *)in.p;
	z->avail_in = (unsigned)in.n;
	z->next_out = (unsigned char *)out;
	z->avail_out = size;
	if (!block_starts_well(in, 0))
		why = "has deflate bits that mean nothing and are not zero";
	while (!why && code == Z_OK) {
		code = inflate(z, Z_BLOCK);
		why = after_block(z, in);
	}
	if (why)
		return why;
	if (code == Z_MEM_ERROR)
		return "cannot be unpacked: out of memory";
	if (code == Z_BUF_ERROR)
		return z->avail_out  ? "is cut off"
		       : z->avail_in ? "unpacks to more than its headers say"
				     : "is cut off, or unpacks to more than its headers say";
	if (code != Z_STREAM_END)
		return "is no deflate data";
	if (z->avail_in)
		return "has bytes after its deflate data";
	return z->avail_out ? "unpacks to less than its headers say" : NULL;
}

static const char *unpack_deflated(struct hp_arena *a, const struct hp_zip_entry *entry, struct hp_str *ret)
{
	z_stream z;
	memset(&z, 0, sizeof z);
	char *out = hp_zip_room(a, entry->size);
	if (!out || inflateInit2(&z, -MAX_WBITS) != Z_OK) /* nothing of the arena is taken before inflateEnd */
		return "cannot be unpacked: out of memory";
	const char *why = inflate_all(&z, entry->bytes, out, entry->size);
	(void)inflateEnd(&z);
	*ret = (struct hp_str){out, entry->size};
	return why;
}

int hp_zip_unpack(struct hp_arena *a, const struct hp_zip_entry *entry, size_t limit, struct hp_str *ret,
		  struct hp_err *err)
{
	struct hp_str bytes = entry->bytes;
	const char *why = NULL;
	if (entry->size > limit)
		return hp_fail(err, "%s: %u bytes are more than the %zu that it may have", entry->name,
			       (unsigned)entry->size, limit);
	if (entry->method == HP_ZIP_DEFLATED)
		why = unpack_deflated(a, entry, &bytes);
	if (!why && crc32(0, (const unsigned char *)(bytes.n ? bytes.p : ""), (unsigned)bytes.n) != entry->crc)
		why = "has another CRC than its headers say";
	if (why)
		return hp_fail(err, "%s: %s", entry->name, why);
	*ret = bytes;
	return 0;
}
