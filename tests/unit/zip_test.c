/* Archives are made here a second time, from APPNOTE.TXT and not from vib/zip_format.c, so that the two are compared.
 */
#define ZLIB_CONST
#include <zlib.h>

#include "../../vib/zip.h"
#include "unit.h"

#define TIME_S 1764115200 /* 2025-11-26T00:00:00Z */
#define DOS_TIME 0x0000u
#define DOS_DATE ((2025u - 1980) << 9 | 11 << 5 | 26)
#define MUCH ((size_t)16 << 20)

/* ---- archives ---- */

enum { STORED = 0, DEFLATED = 8, LATER = 8 /* flag: CRC and sizes stand behind the data */, UTF8 = 0x800 };

struct item {
	struct hp_str name;
	struct hp_str packed;
	uint32_t size, crc;
	unsigned method, flags;
	const char *local_extra, *central_extra, *comment; /* NULL: none; no NUL in them */
	size_t descriptor;				   /* bytes: 0, 12 or 16 */
	bool zeros;					   /* in the local header: they are said later */
};

struct made {
	struct hp_buf b;
	size_t local[8], data[8], central[8]; /* offsets by item */
	size_t directory, end;
};

static void put(struct hp_buf *b, uint32_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		char c = (char)(n >> 8 * i);
		hp_put(b, (struct hp_str){&c, 1});
	}
}

/* The fields that stand in both headers, from the version on to the length of the name. */
static void put_common(struct hp_buf *b, const struct item *it, bool zeros)
{
	put(b, 20, 2);
	put(b, it->flags, 2);
	put(b, it->method, 2);
	put(b, DOS_TIME, 2);
	put(b, DOS_DATE, 2);
	put(b, zeros ? 0 : it->crc, 4);
	put(b, zeros ? 0 : (uint32_t)it->packed.n, 4);
	put(b, zeros ? 0 : it->size, 4);
	put(b, (uint32_t)it->name.n, 2);
}

static void put_local(struct made *m, const struct item *it, size_t i)
{
	m->local[i] = m->b.n;
	hp_puts(&m->b, "PK\3\4");
	put_common(&m->b, it, it->zeros);
	put(&m->b, (uint32_t)hp_str(it->local_extra).n, 2);
	hp_put(&m->b, it->name);
	hp_put(&m->b, hp_str(it->local_extra));
	m->data[i] = m->b.n;
	hp_put(&m->b, it->packed);
	if (it->descriptor == 16)
		hp_puts(&m->b, "PK\7\10");
	if (it->descriptor) {
		put(&m->b, it->crc, 4);
		put(&m->b, (uint32_t)it->packed.n, 4);
		put(&m->b, it->size, 4);
	}
}

static void put_central(struct made *m, const struct item *it, size_t i)
{
	m->central[i] = m->b.n;
	hp_puts(&m->b, "PK\1\2");
	put(&m->b, 3 << 8 | 20, 2);
	put_common(&m->b, it, false);
	put(&m->b, (uint32_t)hp_str(it->central_extra).n, 2);
	put(&m->b, (uint32_t)hp_str(it->comment).n, 2);
	put(&m->b, 0, 4);
	put(&m->b, 0x81a40000, 4);
	put(&m->b, (uint32_t)m->local[i], 4);
	hp_put(&m->b, it->name);
	hp_put(&m->b, hp_str(it->central_extra));
	hp_put(&m->b, hp_str(it->comment));
}

static void put_end(struct made *m, size_t count)
{
	m->end = m->b.n;
	hp_puts(&m->b, "PK\5\6");
	put(&m->b, 0, 4);
	put(&m->b, (uint32_t)count, 2);
	put(&m->b, (uint32_t)count, 2);
	put(&m->b, (uint32_t)(m->end - m->directory), 4);
	put(&m->b, (uint32_t)m->directory, 4);
	put(&m->b, 0, 2);
}

static struct made make(struct hp_arena *a, const struct item *items, size_t count)
{
	struct made m = {.b = hp_buf(a)};
	for (size_t i = 0; i < count; i++)
		put_local(&m, &items[i], i);
	m.directory = m.b.n;
	for (size_t i = 0; i < count; i++)
		put_central(&m, &items[i], i);
	put_end(&m, count);
	return m;
}

static void poke(struct made *m, size_t at, uint32_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		m->b.p[at + i] = (char)(n >> 8 * i);
}

static uint32_t crc_of(struct hp_str bytes)
{
	return bytes.n ? (uint32_t)crc32(0, (const unsigned char *)bytes.p, (unsigned)bytes.n) : 0;
}

static struct item stored(const char *name, struct hp_str bytes)
{
	return (struct item){
	    .name = hp_str(name), .packed = bytes, .size = (uint32_t)bytes.n, .crc = crc_of(bytes), .method = STORED};
}

static struct item deflated(struct hp_arena *a, const char *name, struct hp_str bytes, int level, int strategy)
{
	struct item it = stored(name, bytes);
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, -15, 8, strategy), Z_OK);
	size_t room = deflateBound(&z, bytes.n) + 64;
	unsigned char *out = hp_alloc(a, room);
	z.next_in = (const unsigned char *)bytes.p;
	z.avail_in = (unsigned)bytes.n;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	it.packed = (struct hp_str){(char *)out, z.total_out};
	it.method = DEFLATED;
	assert_int_equal(deflateEnd(&z), Z_OK);
	return it;
}

/* Text without periods: of other matches than deflate's no two give the same bytes. */
static struct hp_str text(struct hp_arena *a, unsigned words)
{
	struct hp_buf b = hp_buf(a);
	uint32_t seed = 7;
	static const char *const all[] = {"host", "vib", "<acceptance>", "esx", "remove", "bulletin ", "payload", "x="};
	for (unsigned i = 0; i < words; i++) {
		seed = seed * 1664525u + 1013904223u;
		hp_putf(&b, "%s%u", all[seed >> 29], seed >> 20 & 63);
	}
	return hp_built(&b);
}

/* ---- reading ---- */

static struct hp_zip read_well(struct hp_arena *a, struct hp_str bytes)
{
	struct hp_zip zip;
	struct hp_err err;
	if (hp_zip_read(a, bytes, &zip, &err) < 0)
		fail_msg("%s", err.text);
	return zip;
}

/* The bytes stand at the end of their memory, so that instruments see a read behind them. */
static void refused(struct hp_str bytes, const char *words)
{
	struct hp_arena scratch;
	struct hp_zip zip = {.count = 77};
	struct hp_err err = {""};
	char *own = malloc(bytes.n ? bytes.n : 1);
	assert_non_null(own);
	if (bytes.n)
		memcpy(own, bytes.p, bytes.n);
	hp_arena_init(&scratch, HP_ARENA_LIMIT, NULL);
	assert_int_equal(hp_zip_read(&scratch, (struct hp_str){own, bytes.n}, &zip, &err), -1);
	assert_has(err.text, words);
	assert_has(err.text, "at byte ");
	assert_int_equal(zip.count, 77);
	hp_arena_free(&scratch);
	free(own);
}

static void refused_made(const struct made *m, const char *words)
{
	refused(hp_built(&m->b), words);
}

static struct hp_str unpack_well(struct hp_arena *a, const struct hp_zip_entry *e)
{
	struct hp_str got = {NULL, 0};
	struct hp_err err;
	assert_non_null(e);
	if (hp_zip_unpack(a, e, MUCH, &got, &err) < 0)
		fail_msg("%s", err.text);
	return got;
}

static void unpack_fails(struct hp_arena *a, const struct hp_zip_entry *e, size_t limit, const char *words)
{
	struct hp_str got = {"untouched", 9};
	struct hp_err err = {""};
	assert_int_equal(hp_zip_unpack(a, e, limit, &got, &err), -1);
	assert_has(err.text, words);
	assert_str(a, got, "untouched");
}

/* Why the archive is no good: it cannot be read, or one of its entries not unpacked, or it is unlike ours. NULL: all is
 * well. */
static bool found(struct hp_str bytes, bool ours)
{
	struct hp_arena scratch;
	struct hp_zip zip;
	struct hp_str got;
	struct hp_err err;
	hp_arena_init(&scratch, HP_ARENA_LIMIT, NULL);
	bool bad = hp_zip_read(&scratch, bytes, &zip, &err) < 0 || (ours && zip.unlike_ours);
	for (size_t i = 0; !bad && i < zip.count; i++)
		bad = hp_zip_unpack(&scratch, &zip.entries[i], MUCH, &got, &err) < 0;
	hp_arena_free(&scratch);
	return bad;
}

/* Every bit but those of the bytes that are named in is_free (NULL: none). */
static void every_flip_is_found(struct hp_arena *a, struct hp_str bytes, const bool *is_free)
{
	char *spoilt = memcpy(hp_alloc(a, bytes.n), bytes.p, bytes.n);
	struct hp_str all = {spoilt, bytes.n};
	assert_false(found(all, !is_free));
	for (size_t bit = 0; bit < bytes.n * 8; bit++) {
		spoilt[bit / 8] = (char)(spoilt[bit / 8] ^ 1 << bit % 8);
		if (!(is_free && is_free[bit / 8]) && !found(all, !is_free))
			fail_msg("bit %zu of byte %zu is free", bit % 8, bit / 8);
		spoilt[bit / 8] = (char)(spoilt[bit / 8] ^ 1 << bit % 8);
	}
}

static struct hp_str write_well(struct hp_arena *a, const struct hp_zip_file *files, size_t count, int64_t time_s)
{
	struct hp_str bytes = {NULL, 0};
	struct hp_err err;
	if (hp_zip_write(a, files, count, time_s, &bytes, &err) < 0)
		fail_msg("%s", err.text);
	return bytes;
}

static const struct hp_zip_file three[] = {
    {"index.xml", {"<vendorList/>\n", 14}}, {"vib20/hp/\xc3\xa9.vib", {"!<arch>\n\0\1\2", 11}}, {"nothing", {NULL, 0}}};

static struct made make_three(struct hp_arena *a)
{
	struct item items[3];
	for (size_t i = 0; i < 3; i++)
		items[i] = stored(three[i].name, three[i].bytes);
	items[1].flags = UTF8;
	return make(a, items, 3);
}

/* ---- ours ---- */

static void what_is_written_is_read(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str bytes = write_well(a, three, 3, TIME_S);
	struct hp_zip zip = read_well(a, bytes);
	assert_int_equal(zip.count, 3);
	assert_null(zip.unlike_ours);
	for (size_t i = 0; i < 3; i++) {
		const struct hp_zip_entry *e = &zip.entries[i];
		assert_string_equal(e->name, three[i].name);
		assert_ptr_equal(hp_zip_find(&zip, three[i].name), e);
		assert_false(e->folder);
		assert_true(hp_str_same(unpack_well(a, e), three[i].bytes));
	}
	assert_null(hp_zip_find(&zip, "index"));
	assert_true(hp_str_same(write_well(a, three, 3, TIME_S + 1), bytes)); /* even seconds */
	struct made same = make_three(a);
	assert_true(hp_str_same(hp_built(&same.b), bytes));
	assert_null(read_well(a, write_well(a, three, 0, TIME_S)).unlike_ours);
}

static void times_are_clipped(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		int64_t time_s;
		unsigned time, date;
	} times[] = {{INT64_MIN, 0, 0x0021},
		     {0, 0, 0x0021},
		     {315532799, 0, 0x0021},
		     {315532802, 1, 0x0021},
		     {951827696, 12 << 11 | 34 << 5 | 28, 20 << 9 | 2 << 5 | 29},
		     {4354819199, 23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31},
		     {4354819200, 23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31},
		     {INT64_MAX, 23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31}};
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct hp_str bytes = write_well(a, three, 1, times[i].time_s);
		const unsigned char *u = (const unsigned char *)bytes.p;
		assert_int_equal(u[10] | u[11] << 8, times[i].time);
		assert_int_equal(u[12] | u[13] << 8, times[i].date);
		assert_null(read_well(a, bytes).unlike_ours);
	}
}

static void every_flip_of_ours_is_found(void **state)
{
	struct hp_arena *a = *state;
	every_flip_is_found(a, write_well(a, three, 3, TIME_S), NULL);
	every_flip_is_found(a, write_well(a, three, 0, TIME_S), NULL);
	/* one archive in another, as metadata.zip is */
	struct hp_zip_file outer[] = {{"metadata.zip", write_well(a, three, 2, TIME_S)}, three[0]};
	every_flip_is_found(a, write_well(a, outer, 2, TIME_S), NULL);
}

static void unlike(struct hp_arena *a, const struct made *m, const char *words)
{
	struct hp_zip zip = read_well(a, hp_built(&m->b));
	if (!words)
		assert_null(zip.unlike_ours);
	else
		assert_string_equal(zip.unlike_ours, words);
}

static void what_is_unlike_ours_is_named(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		size_t local, central; /* offsets within the headers; 0: not there */
		uint32_t value;
		unsigned bytes;
		const char *words;
	} cases[] = {
	    {4, 0, 10, 2, "index.xml: version needed"},
	    {0, 6, 10, 2, "index.xml: version needed"},
	    {0, 4, 20, 2, "index.xml: version made by"},
	    {0, 36, 1, 2, "index.xml: internal attributes"},
	    {0, 38, 0x81ed0000, 4, "index.xml: external attributes"},
	    {6, 8, UTF8, 2, "index.xml: flags"},
	    {10, 12, 1, 2, "vib20/hp/\xc3\xa9.vib: time"},	      /* the others have another */
	    {12, 14, DOS_DATE + 1, 2, "vib20/hp/\xc3\xa9.vib: date"}, /* the same */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct made m = make_three(a);
		unlike(a, &m, NULL);
		if (cases[i].local)
			poke(&m, m.local[0] + cases[i].local, cases[i].value, cases[i].bytes);
		if (cases[i].central)
			poke(&m, m.central[0] + cases[i].central, cases[i].value, cases[i].bytes);
		unlike(a, &m, cases[i].words);
	}
	struct item items[2] = {stored("a", hp_str("a")), stored("d/", hp_str(""))};
	struct made m = make(a, items, 2);
	unlike(a, &m, "d/: a folder");
	items[1] = deflated(a, "b", hp_str("b"), 9, Z_DEFAULT_STRATEGY);
	m = make(a, items, 2);
	unlike(a, &m, "b: method");
	items[1] = stored("b", hp_str("b"));
	items[1].comment = "no";
	m = make(a, items, 2);
	unlike(a, &m, "b: comment");
	items[1].comment = NULL;
	items[1].flags = UTF8;
	m = make(a, items, 2);
	unlike(a, &m, "b: flags");
}

static void times_that_are_none(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		unsigned time, date;
		bool real;
	} times[] = {
	    {0, 0, false},
	    {0, 1 << 5 | 1, true},
	    {0, 13 << 5 | 1, false},
	    {0, 1 << 5 | 31, true},
	    {0, 4 << 5 | 31, false},
	    {0, 2 << 5 | 29, true}, /* 1980 */
	    {0, 1 << 9 | 2 << 5 | 29, false},
	    {0, 120 << 9 | 2 << 5 | 29, false}, /* 2100 */
	    {0, 20 << 9 | 2 << 5 | 29, true},
	    {24 << 11, 1 << 5 | 1, false},
	    {60 << 5, 1 << 5 | 1, false},
	    {30, 1 << 5 | 1, false},
	    {23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31, true},
	};
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct made m = make_three(a);
		for (size_t k = 0; k < 3; k++) {
			poke(&m, m.local[k] + 10, times[i].time | times[i].date << 16, 4);
			poke(&m, m.central[k] + 12, times[i].time | times[i].date << 16, 4);
		}
		unlike(a, &m, times[i].real ? NULL : "index.xml: a time that is none");
	}
}

static void another_order_is_read_but_unlike(void **state)
{
	struct hp_arena *a = *state;
	struct item items[2] = {stored("a", hp_str("first")), stored("b", hp_str("second"))};
	struct made m = {.b = hp_buf(a)};
	put_local(&m, &items[0], 0);
	put_local(&m, &items[1], 1);
	m.directory = m.b.n;
	put_central(&m, &items[1], 1);
	put_central(&m, &items[0], 0);
	put_end(&m, 2);
	struct hp_zip zip = read_well(a, hp_built(&m.b));
	assert_string_equal(zip.entries[0].name, "b");
	assert_string_equal(zip.unlike_ours, "b: offset");
	assert_str(a, unpack_well(a, &zip.entries[0]), "second");
	assert_str(a, unpack_well(a, &zip.entries[1]), "first");
}

static void not_written(struct hp_arena *a, const struct hp_zip_file *files, size_t count, const char *words)
{
	struct hp_str bytes = {"untouched", 9};
	struct hp_err err = {""};
	assert_int_equal(hp_zip_write(a, files, count, TIME_S, &bytes, &err), -1);
	assert_has(err.text, words);
	assert_str(a, bytes, "untouched");
}

static void what_is_not_written(void **state)
{
	struct hp_arena *a = *state;
	struct hp_zip_file two[] = {{"a/b", {"x", 1}}, {"a/b", {"y", 1}}};
	not_written(a, two, 2, "a/b: the archive would have that name twice");
	static const char *const names[] = {"", "/a", "a//b", "a/", "../a", "a\\b", "a\nb", "\xff", NULL};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct hp_zip_file file = {names[i], {"x", 1}};
		not_written(a, &file, 1, "its name ");
	}
	/* sizes are looked at before bytes are */
	two[1] = (struct hp_zip_file){"c", {"y", UINT32_MAX}};
	not_written(a, two, 2, "4 GiB");
	two[1].bytes.n = SIZE_MAX;
	not_written(a, two, 2, "4 GiB");
	two[1].bytes.n = UINT32_MAX - 1 - 2 * (30 + 46) - 2 * (3 + 1) - 22; /* and one byte of the other */
	not_written(a, two, 2, "4 GiB");
	struct hp_zip_file *many = hp_alloc_array(a, HP_ZIP_ENTRIES + 1, sizeof *many);
	for (size_t i = 0; i <= HP_ZIP_ENTRIES; i++)
		many[i] = (struct hp_zip_file){hp_format(a, "%zu", i), {"x", 1}};
	not_written(a, many, HP_ZIP_ENTRIES + 1, "4097 files");
	struct hp_zip zip = read_well(a, write_well(a, many, HP_ZIP_ENTRIES, TIME_S));
	assert_int_equal(zip.count, HP_ZIP_ENTRIES);
	assert_null(zip.unlike_ours);
}

/* ---- others' ---- */

/* The bytes that may be anything: versions, attributes. */
static bool *free_bytes(struct hp_arena *a, const struct made *m, size_t count)
{
	bool *is_free = hp_alloc_array(a, m->b.n, sizeof *is_free);
	for (size_t i = 0; i < count; i++) {
		memset(is_free + m->local[i] + 4, true, 2);
		memset(is_free + m->central[i] + 4, true, 4);
		memset(is_free + m->central[i] + 36, true, 6);
	}
	return is_free;
}

static void every_flip_of_deflated_is_found(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str words = text(a, 60), few = text(a, 3);
	struct item items[] = {
	    deflated(a, "dynamic", words, 9, Z_DEFAULT_STRATEGY),    deflated(a, "fixed", few, 9, Z_FIXED),
	    deflated(a, "stored-block", few, 0, Z_DEFAULT_STRATEGY), deflated(a, "huffman", words, 9, Z_HUFFMAN_ONLY),
	    deflated(a, "empty", hp_str(""), 9, Z_DEFAULT_STRATEGY), stored("stored", few)};
	struct made m = make(a, items, 6);
	every_flip_is_found(a, hp_built(&m.b), free_bytes(a, &m, 6));
}

static void every_flip_of_descriptors_is_found(void **state)
{
	struct hp_arena *a = *state;
	struct item items[] = {deflated(a, "a", text(a, 9), 9, Z_DEFAULT_STRATEGY), stored("b", hp_str("bytes"))};
	for (size_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < 2; k++) {
			items[k].flags = LATER;
			items[k].descriptor = i & 1 ? 12 : 16;
			items[k].zeros = i & 2;
		}
		struct made m = make(a, items, 2);
		bool *is_free = free_bytes(a, &m, 2);
		every_flip_is_found(a, hp_built(&m.b), is_free);
	}
}

static void what_others_write_is_read(void **state)
{
	struct hp_arena *a = *state;
	/* an extra field of Info-ZIP's with no bytes is "ux\0\0": none may have a NUL here, so 257 bytes follow */
	char *extra = hp_alloc(a, 4 + 257 + 1);
	memset(extra, 'e', 4 + 257);
	memcpy(extra, "UT\1\1", 4);
	struct hp_str words = text(a, 60);
	struct item items[] = {stored("vib20/", hp_str("")), deflated(a, "vib20/a", words, 9, Z_DEFAULT_STRATEGY),
			       deflated(a, "b", hp_str(""), 9, Z_DEFAULT_STRATEGY), stored("c", words),
			       deflated(a, "d/", hp_str(""), 9, Z_DEFAULT_STRATEGY)};
	items[1].local_extra = extra;
	items[1].flags = 6;
	items[2].central_extra = extra;
	items[2].comment = "a comment";
	items[3].flags = LATER | UTF8;
	items[3].descriptor = 12;
	items[4].flags = LATER;
	items[4].descriptor = 16;
	items[4].zeros = true;
	struct made m = make(a, items, 5);
	struct hp_zip zip = read_well(a, hp_built(&m.b));
	assert_int_equal(zip.count, 5);
	assert_true(zip.entries[0].folder && zip.entries[4].folder && !zip.entries[1].folder);
	assert_true(hp_str_same(unpack_well(a, hp_zip_find(&zip, "vib20/a")), words));
	assert_true(hp_str_same(unpack_well(a, hp_zip_find(&zip, "c")), words));
	assert_int_equal(unpack_well(a, hp_zip_find(&zip, "b")).n, 0);
	assert_int_equal(unpack_well(a, hp_zip_find(&zip, "d/")).n, 0);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(zip.entries[i].at, m.local[i]);
}

static void extra_fields_that_are_refused(void **state)
{
	struct hp_arena *a = *state;
	char *extra = hp_alloc(a, 4 + 257 + 1);
	memset(extra, 'e', 4 + 257);
	memcpy(extra, "\1\1\1\1", 4);
	for (int central = 0; central < 2; central++) {
		struct item item = stored("a", hp_str("a"));
		*(central ? &item.central_extra : &item.local_extra) = extra;
		struct made m = make(a, &item, 1);
		size_t at = central ? m.central[0] + 46 + 1 : m.local[0] + 30 + 1;
		assert_int_equal(read_well(a, hp_built(&m.b)).count, 1);
		poke(&m, at, 0x0001, 2);
		refused_made(&m, "zip64");
		poke(&m, at, 0x7075, 2);
		refused_made(&m, "a second name");
		poke(&m, at, 0x5455, 2);
		poke(&m, at + 2, 258, 2);
		refused_made(&m, "cut off");
		poke(&m, at + 2, 254, 2); /* three bytes are left */
		refused_made(&m, "cut off");
		poke(&m, at + 2, 253, 2); /* "eeee", and none of the bytes that this says */
		refused_made(&m, "cut off");
	}
}

static void a_descriptor_must_agree(void **state)
{
	struct hp_arena *a = *state;
	struct item items[2] = {stored("a", hp_str("bytes")), stored("b", hp_str("more"))};
	/* 8, 16, 12 and 20 bytes where it should be: the sizes say another length of the data */
	static const uint32_t sizes[] = {9, 1, 9, 1};
	for (size_t i = 0; i < 4; i++) {
		items[0].flags = LATER;
		items[0].descriptor = i < 2 ? 12 : 16;
		struct made m = make(a, items, 2);
		for (size_t field = 18; field <= 22; field += 4) {
			poke(&m, m.local[0] + field, sizes[i], 4);
			poke(&m, m.central[0] + field + 2, sizes[i], 4);
		}
		refused_made(&m, i == 2 ? "does not say what" : "no data descriptor");
	}
	/* flag and no descriptor; descriptor and no flag */
	items[0].flags = LATER;
	items[0].descriptor = 0;
	struct made m = make(a, items, 2);
	refused_made(&m, "no data descriptor");
	items[0].flags = 0;
	items[0].descriptor = 16;
	m = make(a, items, 2);
	refused_made(&m, "belong to no entry");
	/* zeros in the local header without the flag */
	items[0].descriptor = 0;
	items[0].zeros = true;
	m = make(a, items, 2);
	refused_made(&m, "its CRC is not that");
}

/* ---- what is refused ---- */

static void truncations(void **state)
{
	struct hp_arena *a = *state;
	struct item items[2] = {deflated(a, "a", text(a, 30), 9, Z_DEFAULT_STRATEGY), stored("b", hp_str("more"))};
	struct made m = make(a, items, 2);
	struct hp_zip_file outer[] = {{"metadata.zip", write_well(a, three, 3, TIME_S)}, three[0]};
	struct hp_str all[] = {hp_built(&m.b), write_well(a, outer, 2, TIME_S)};
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n < all[i].n; n++) {
			refused(hp_str_sub(all[i], 0, n), "");
			refused(hp_str_sub(all[i], n + 1, all[i].n), "");
		}
}

static void bytes_that_belong_to_nobody(void **state)
{
	struct hp_arena *a = *state;
	struct item items[2] = {stored("a", hp_str("bytes")), stored("b", hp_str("more"))};
	for (int where = 0; where < 6; where++) {
		struct made m = {.b = hp_buf(a)};
		static const char *const words[] = {"belong to no entry",
						    "belong to no entry",
						    "belong to no entry",
						    "more than its entries",
						    "does not end where the end record begins",
						    "no end record"};
		for (size_t i = 0; i < 2; i++) {
			if ((where == 0 && i == 0) || (where == 1 && i == 1))
				hp_puts(&m.b, "x");
			put_local(&m, &items[i], i);
		}
		if (where == 2)
			hp_puts(&m.b, "x");
		m.directory = m.b.n;
		put_central(&m, &items[0], 0);
		put_central(&m, &items[1], 1);
		if (where == 3)
			hp_puts(&m.b, "x");
		size_t end = m.b.n;
		if (where == 4)
			hp_puts(&m.b, "x");
		put_end(&m, 2);
		if (where == 4)
			poke(&m, m.end + 12, (uint32_t)(end - m.directory), 4);
		if (where == 5)
			hp_puts(&m.b, "x");
		refused_made(&m, words[where]);
	}
	/* a comment at the end, rightly said; and one that hides an end record */
	struct made m = make(a, items, 2);
	poke(&m, m.end + 20, 1, 2);
	refused_made(&m, "a comment");
	hp_puts(&m.b, "x");
	refused_made(&m, "no end record");
	struct hp_str whole = write_well(a, three, 0, TIME_S);
	m = make(a, items, 2);
	poke(&m, m.end + 20, (uint32_t)whole.n, 2);
	hp_put(&m.b, whole);
	refused_made(&m, "");
	/* an archive without entries has nothing but its end */
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "x");
	hp_put(&b, whole);
	refused(hp_built(&b), "does not end");
	b.p[1 + 16] = 1;
	refused(hp_built(&b), "belong to no entry");
}

static void entries_that_overlap(void **state)
{
	struct hp_arena *a = *state;
	struct item inner = stored("b", hp_str("more")), outer;
	struct made m = {.b = hp_buf(a)};
	/* two names for the same bytes */
	struct item items[2] = {stored("a", hp_str("bytes")), stored("b", hp_str("bytes"))};
	m = make(a, items, 2);
	poke(&m, m.central[1] + 42, 0, 4);
	refused_made(&m, "next");
	/* one entry in the data of another, which a reader who looks only at the central directory takes for good */
	struct made one = make(a, &inner, 1);
	outer = stored("a", hp_str_sub(hp_built(&one.b), 0, one.directory));
	m = (struct made){.b = hp_buf(a)};
	put_local(&m, &outer, 0);
	m.local[1] = m.data[0];
	m.directory = m.b.n;
	put_central(&m, &outer, 0);
	put_central(&m, &inner, 1);
	put_end(&m, 2);
	refused_made(&m, "runs into what comes next");
	/* data that ends in the next header, in the central directory, behind the file */
	static const uint32_t more[] = {1, 30, 80, 500, 0x7fffffff, 0xfffffffe};
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
		for (size_t k = 0; k < 2; k++) {
			m = make(a, items, 2);
			uint32_t size = more[i] > 1000 ? more[i] : 5 + more[i];
			for (size_t field = 18; field <= 22; field += 4) {
				poke(&m, m.local[k] + field, size, 4);
				poke(&m, m.central[k] + field + 2, size, 4);
			}
			refused_made(&m, "runs into what comes next");
		}
	/* offsets anywhere */
	for (size_t at = 1; at < m.b.n + 40; at++) {
		m = make(a, items, 2);
		if (at == m.local[1])
			continue;
		poke(&m, m.central[1] + 42, (uint32_t)at, 4);
		refused_made(&m, "");
	}
	m = make(a, items, 2);
	poke(&m, m.central[1] + 42, 0xfffffffe, 4);
	refused_made(&m, "leads out");
	/* lengths of names and extra fields that reach into what follows */
	for (size_t k = 0; k < 2; k++)
		for (size_t field = 26; field <= 28; field += 2)
			for (uint32_t n = 2; n < 0x10000; n = n < 300 ? n + 1 : n * 2 - 1) {
				m = make(a, items, 2);
				poke(&m, m.local[k] + field, n, 2);
				refused_made(&m, "");
				m = make(a, items, 2);
				poke(&m, m.central[k] + field + 2, n, 2);
				refused_made(&m, "");
			}
}

static void zip64_and_counts(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		int of; /* 'e' end record, 'c' a central header, 'b' both headers */
		size_t at;
		uint32_t value;
		unsigned bytes;
		const char *words;
	} cases[] = {
	    {'e', 4, 0xffff, 2, "zip64"},
	    {'e', 6, 0xffff, 2, "zip64"},
	    {'e', 8, 0xffff, 2, "zip64"},
	    {'e', 10, 0xffff, 2, "zip64"},
	    {'e', 12, 0xffffffff, 4, "zip64"},
	    {'e', 16, 0xffffffff, 4, "zip64"},
	    {'c', 20, 0xffffffff, 4, "zip64"},
	    {'c', 24, 0xffffffff, 4, "zip64"},
	    {'c', 42, 0xffffffff, 4, "zip64"},
	    {'e', 4, 1, 2, "one disk"},
	    {'e', 6, 1, 2, "one disk"},
	    {'c', 34, 1, 2, "one disk"},
	    {'e', 8, 1, 2, "one disk"},
	    {'e', 10, 3, 2, "one disk"},
	    {'e', 8, 0x30003, 4, "fewer entries"},
	    {'e', 8, 0x10001, 4, "more than its entries"},
	    {'e', 8, 0, 4, "more than its"},
	    {'e', 8, 0x10001000, 4, "fewer entries"},
	    {'e', 8, 0x10011001, 4, "too many"},
	    {'e', 16, 0xfffffffe, 4, "does not end"},
	    {'e', 12, 0xfffffffe, 4, "does not"},
	    {'b', 6, 1, 2, "encrypted"},
	    {'b', 6, 0x10, 2, "unknown flag"},
	    {'b', 6, 0x20, 2, "unknown flag"},
	    {'b', 6, 0x40, 2, "unknown flag"},
	    {'b', 6, 0x2000, 2, "unknown flag"},
	    {'b', 6, 0x8000, 2, "unknown flag"},
	    {'b', 8, 1, 2, "unknown method"},
	    {'b', 8, 9, 2, "unknown method"},
	    {'b', 8, 12, 2, "unknown method"},
	    {'b', 8, 99, 2, "unknown method"},
	    {'b', 8, 0x108, 2, "unknown method"},
	    {'b', 22, 6, 4, "two sizes"},
	    {'b', 18, 6, 4, "two sizes"},
	    {'c', 0, 0, 4, "fewer entries"},
	    {'c', 32, 0xffff, 2, "leads out of the central directory"},
	};
	struct item items[2] = {stored("a", hp_str("bytes")), stored("b", hp_str("more"))};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct made m = make(a, items, 2);
		if (cases[i].of == 'e')
			poke(&m, m.end + cases[i].at, cases[i].value, cases[i].bytes);
		if (cases[i].of == 'c')
			poke(&m, m.central[0] + cases[i].at, cases[i].value, cases[i].bytes);
		if (cases[i].of == 'b') {
			poke(&m, m.local[0] + cases[i].at, cases[i].value, cases[i].bytes);
			poke(&m, m.central[0] + cases[i].at + 2, cases[i].value, cases[i].bytes);
		}
		refused_made(&m, cases[i].words);
	}
	/* the records of zip64 before an end record that does not need them */
	struct made m = {.b = hp_buf(a)};
	put_local(&m, &items[0], 0);
	m.directory = m.b.n;
	put_central(&m, &items[0], 0);
	size_t size = m.b.n - m.directory;
	hp_put(&m.b, (struct hp_str){"PK\6\7\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 20});
	put_end(&m, 1);
	poke(&m, m.end + 12, (uint32_t)size, 4);
	refused_made(&m, "zip64");
}

static void local_headers_that_say_something_else(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		size_t at;
		const char *words;
	} cases[] = {{6, "flags"},  {8, "method"}, {10, "time"}, {11, "time"},	 {12, "time"},
		     {13, "time"},  {14, "CRC"},   {17, "CRC"},	 {18, "sizes"},	 {21, "sizes"},
		     {22, "sizes"}, {25, "sizes"}, {30, "name"}, {0, "no local"}};
	for (int later = 0; later < 2; later++)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct item item = stored("a", hp_str("bytes"));
			item.flags = later ? LATER : 0;
			item.descriptor = later ? 16 : 0;
			struct made m = make(a, &item, 1);
			unsigned was = (unsigned char)m.b.p[m.local[0] + cases[i].at];
			poke(&m, m.local[0] + cases[i].at, was ^ 2, 1);
			refused_made(&m, cases[i].words);
		}
}

static void names(void **state)
{
	struct hp_arena *a = *state;
	char longest[HP_ZIP_NAME + 2];
	memset(longest, 'n', sizeof longest);
	const struct {
		struct hp_str name;
		const char *words; /* NULL: it is good */
	} cases[] = {
	    {{"", 0}, "is empty"},
	    {{"/", 1}, "is absolute"},
	    {{"/etc/passwd", 11}, "is absolute"},
	    {{"//", 2}, "is absolute"},
	    {{"..", 2}, "\"..\""},
	    {{"../a", 4}, "\"..\""},
	    {{"a/../b", 6}, "\"..\""},
	    {{"a/..", 4}, "\"..\""},
	    {{"a/../", 5}, "\"..\""},
	    {{".", 1}, "\"..\""},
	    {{"./a", 3}, "\"..\""},
	    {{"a/./b", 5}, "\"..\""},
	    {{"a//b", 4}, "empty part"},
	    {{"a//", 3}, "empty part"},
	    {{"a\\b", 3}, "backslash"},
	    {{"..\\a", 4}, "backslash"},
	    {{"a\0b", 3}, "control"},
	    {{"a\0", 2}, "control"},
	    {{"a\n", 2}, "control"},
	    {{"a\tb", 3}, "control"},
	    {{"\x1b[0m", 4}, "control"},
	    {{"a\x7f", 2}, "control"},
	    {{"a\xff", 2}, "UTF-8"},
	    {{"\xc3", 1}, "UTF-8"},
	    {{"\xc0\xae\xc0\xae/a", 6}, "UTF-8"},
	    {{"\xed\xa0\x80", 3}, "UTF-8"},
	    {{longest, HP_ZIP_NAME + 1}, "too long"},
	    {{longest, HP_ZIP_NAME}, NULL},
	    {{"...", 3}, NULL},
	    {{"a/.b/..c/d.", 11}, NULL},
	    {{"\xe2\x82\xac", 3}, NULL},
	    {{"a b?*", 5}, NULL},
	    {{"?", 1}, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct item item = stored("a", hp_str(""));
		item.name = cases[i].name;
		struct made m = make(a, &item, 1);
		if (cases[i].words)
			refused_made(&m, cases[i].words);
		else
			assert_str(a, item.name, read_well(a, hp_built(&m.b)).entries[0].name);
	}
	static const char *const pairs[][3] = {
	    {"a", "b", "a"}, {"x/y", "x/y", "x"}, {"d/", "d/", "a"}, {"z", "d", "d/"}, {"d/", "d0", "d"}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct item items[3];
		for (size_t k = 0; k < 3; k++)
			items[k] = stored(pairs[i][k], hp_str(""));
		struct made m = make(a, items, 3);
		refused_made(&m, "is used twice");
	}
	struct item items[4] = {stored("A", hp_str("")), stored("a", hp_str("")), stored("ab", hp_str("")),
				stored("b/", hp_str(""))};
	struct made m = make(a, items, 4);
	assert_int_equal(read_well(a, hp_built(&m.b)).count, 4);
}

static void folders_are_empty(void **state)
{
	struct hp_arena *a = *state;
	struct item item = stored("d/", hp_str("x"));
	struct made m = make(a, &item, 1);
	refused_made(&m, "not empty");
	item = stored("d/", hp_str(""));
	item.crc = 1;
	m = make(a, &item, 1);
	refused_made(&m, "not empty");
}

/* ---- unpacking ---- */

static void bombs(void **state)
{
	struct hp_arena *a = *state;
	size_t much = (size_t)10 << 20;
	char *zeros = calloc(1, much);
	assert_non_null(zeros);
	struct item item = deflated(a, "bomb", (struct hp_str){zeros, much}, 9, Z_DEFAULT_STRATEGY);
	struct made m = make(a, &item, 1);
	struct hp_zip zip = read_well(a, hp_built(&m.b));
	assert_int_equal(unpack_well(a, &zip.entries[0]).n, much);
	unpack_fails(a, &zip.entries[0], much - 1, "10485760 bytes are more than the 10485759");
	/* 10 MiB that say that they are 1 KiB, and the other way round */
	item.size = 1024;
	m = make(a, &item, 1);
	zip = read_well(a, hp_built(&m.b));
	unpack_fails(a, &zip.entries[0], MUCH, "more than its headers say");
	item.size = (uint32_t)much - 1;
	m = make(a, &item, 1);
	zip = read_well(a, hp_built(&m.b));
	unpack_fails(a, &zip.entries[0], MUCH, "more than its headers say");
	item.size = (uint32_t)much + 1;
	m = make(a, &item, 1);
	zip = read_well(a, hp_built(&m.b));
	unpack_fails(a, &zip.entries[0], MUCH, "less than its headers say");
	struct item small = deflated(a, "small", (struct hp_str){zeros, 1024}, 9, Z_DEFAULT_STRATEGY);
	small.size = (uint32_t)much;
	m = make(a, &small, 1);
	refused_made(&m, "cannot give its size");
	small.size = (uint32_t)small.packed.n * 1032 + 1;
	m = make(a, &small, 1);
	refused_made(&m, "cannot give its size");
	small.size = (uint32_t)small.packed.n * 1032;
	m = make(a, &small, 1);
	zip = read_well(a, hp_built(&m.b));
	unpack_fails(a, &zip.entries[0], MUCH, "less than its headers say");
	small.size = 0xfffffffe;
	m = make(a, &small, 1);
	refused_made(&m, "cannot give its size");
	free(zeros);
}

static void limits_and_sums(void **state)
{
	struct hp_arena *a = *state;
	struct item items[2] = {stored("a", hp_str("bytes")), deflated(a, "b", hp_str("bytes"), 9, Z_DEFAULT_STRATEGY)};
	struct made m = make(a, items, 2);
	struct hp_zip zip = read_well(a, hp_built(&m.b));
	for (size_t i = 0; i < 2; i++) {
		struct hp_zip_entry e = zip.entries[i];
		struct hp_str got;
		struct hp_err err;
		assert_int_equal(hp_zip_unpack(a, &e, 5, &got, &err), 0);
		assert_str(a, got, "bytes");
		unpack_fails(a, &e, 4, "5 bytes are more than the 4");
		unpack_fails(a, &e, 0, "more than");
		e.crc ^= 1;
		unpack_fails(a, &e, 5, "another CRC");
	}
}

/* Deflate data as the entry "x", whose bytes are those that zlib by itself makes of it. */
static struct hp_zip_entry entry_of(const void *deflate_data, size_t n, struct hp_str bytes)
{
	return (struct hp_zip_entry){.name = "x",
				     .method = DEFLATED,
				     .bytes = {deflate_data, n},
				     .size = (uint32_t)bytes.n,
				     .crc = crc_of(bytes)};
}

static void spare_bits(void **state)
{
	struct hp_arena *a = *state;
	/* one stored block "hi": three bits of header, five that mean nothing, the length */
	unsigned char block[] = {1, 2, 0, 0xfd, 0xff, 'h', 'i'};
	for (unsigned bits = 0; bits < 32; bits++) {
		block[0] = (unsigned char)(1 | bits << 3);
		struct hp_zip_entry e = entry_of(block, sizeof block, hp_str("hi"));
		if (bits)
			unpack_fails(a, &e, 9, "bits that mean nothing");
		else
			assert_str(a, unpack_well(a, &e), "hi");
	}
	/* an empty fixed block (10 bits), a stored one (its header at bit 10, its length at 16), an empty fixed one
	 * last: bits 13 to 15 and the last six mean nothing */
	unsigned char three_blocks[] = {2, 0, 2, 0, 0xfd, 0xff, 'h', 'i', 3, 0};
	for (unsigned bits = 0; bits < 8; bits++)
		for (unsigned last = 0; last < 64; last++) {
			three_blocks[1] = (unsigned char)(bits << 5);
			three_blocks[9] = (unsigned char)(last << 2);
			struct hp_zip_entry e = entry_of(three_blocks, sizeof three_blocks, hp_str("hi"));
			if (bits || last)
				unpack_fails(a, &e, 9, "bits that mean nothing");
			else
				assert_str(a, unpack_well(a, &e), "hi");
		}
	/* a stored block whose header crosses a byte's end: an empty fixed one before it is 10 bits, two are 20, three
	 * 30 */
	unsigned char crossing[] = {2, 8, 0x20, 0, 0, 2, 0, 0xfd, 0xff, 'h', 'i', 3, 0};
	for (unsigned bits = 0; bits < 128; bits++) {
		crossing[4] = (unsigned char)(bits << 1);
		struct hp_zip_entry e = entry_of(crossing, sizeof crossing, hp_str("hi"));
		if (bits)
			unpack_fails(a, &e, 9, "bits that mean nothing");
		else
			assert_str(a, unpack_well(a, &e), "hi");
	}
}

static void deflate_data_of_another_length(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str words = text(a, 40);
	for (int level = 0; level <= 9; level += 9) {
		struct item it = deflated(a, "x", words, level, Z_DEFAULT_STRATEGY);
		char *more = memcpy(hp_alloc(a, it.packed.n + 1), it.packed.p, it.packed.n);
		for (size_t n = 0; n < it.packed.n; n++) {
			struct hp_zip_entry e = entry_of(more, n, words);
			unpack_fails(a, &e, MUCH, "x: is cut off");
		}
		struct hp_zip_entry e = entry_of(more, it.packed.n, words);
		assert_true(hp_str_same(unpack_well(a, &e), words));
		e = entry_of(more, it.packed.n + 1, words);
		unpack_fails(a, &e, MUCH, "bytes after its deflate data");
		more[0] |= 6; /* a type of block that there is not */
		e = entry_of(more, it.packed.n, words);
		unpack_fails(a, &e, MUCH, "no deflate data");
	}
}

static void the_arena_may_be_full(void **state)
{
	struct hp_arena *a = *state, scratch;
	static jmp_buf full;
	struct item items[2] = {deflated(a, "a", text(a, 40), 9, Z_DEFAULT_STRATEGY), stored("b", hp_str("more"))};
	struct made m = make(a, items, 2);
	struct hp_zip zip;
	struct hp_str got;
	struct hp_err err;
	volatile unsigned fulls = 0;
	for (volatile unsigned long n = 1; n < 100; n++) { /* what was taken is given back: LeakSanitizer looks */
		hp_arena_init(&scratch, HP_ARENA_LIMIT, &full);
		scratch.fail_at = n;
		if (setjmp(full))
			fulls++;
		else
			assert_true(hp_zip_read(&scratch, hp_built(&m.b), &zip, &err) == 0 &&
				    hp_zip_unpack(&scratch, &zip.entries[0], MUCH, &got, &err) == 0 &&
				    hp_zip_write(&scratch, three, 3, TIME_S, &got, &err) == 0);
		hp_arena_free(&scratch);
	}
	assert_in_range(fulls, 10, 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(what_is_written_is_read),
	    UNIT_TEST(times_are_clipped),
	    UNIT_TEST(every_flip_of_ours_is_found),
	    UNIT_TEST(what_is_unlike_ours_is_named),
	    UNIT_TEST(times_that_are_none),
	    UNIT_TEST(another_order_is_read_but_unlike),
	    UNIT_TEST(what_is_not_written),
	    UNIT_TEST(every_flip_of_deflated_is_found),
	    UNIT_TEST(every_flip_of_descriptors_is_found),
	    UNIT_TEST(what_others_write_is_read),
	    UNIT_TEST(extra_fields_that_are_refused),
	    UNIT_TEST(a_descriptor_must_agree),
	    UNIT_TEST(truncations),
	    UNIT_TEST(bytes_that_belong_to_nobody),
	    UNIT_TEST(entries_that_overlap),
	    UNIT_TEST(zip64_and_counts),
	    UNIT_TEST(local_headers_that_say_something_else),
	    UNIT_TEST(names),
	    UNIT_TEST(folders_are_empty),
	    UNIT_TEST(bombs),
	    UNIT_TEST(limits_and_sums),
	    UNIT_TEST(spare_bits),
	    UNIT_TEST(deflate_data_of_another_length),
	    UNIT_TEST(the_arena_may_be_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
