#include "zip_format.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16. */
const struct hp_zip_layout hp_zip_local = {
    .signature = 0x04034b50,
    .size = 30,
    .parts = {{HP_ZIP_NEEDED, 2},
	      {HP_ZIP_FLAGS, 2},
	      {HP_ZIP_METHOD, 2},
	      {HP_ZIP_TIME, 2},
	      {HP_ZIP_DATE, 2},
	      {HP_ZIP_CRC, 4},
	      {HP_ZIP_PACKED, 4},
	      {HP_ZIP_SIZE, 4},
	      {HP_ZIP_NAME_LENGTH, 2},
	      {HP_ZIP_EXTRA_LENGTH, 2}},
};

const struct hp_zip_layout hp_zip_central = {
    .signature = 0x02014b50,
    .size = 46,
    .parts = {{HP_ZIP_MADE_BY, 2},
	      {HP_ZIP_NEEDED, 2},
	      {HP_ZIP_FLAGS, 2},
	      {HP_ZIP_METHOD, 2},
	      {HP_ZIP_TIME, 2},
	      {HP_ZIP_DATE, 2},
	      {HP_ZIP_CRC, 4},
	      {HP_ZIP_PACKED, 4},
	      {HP_ZIP_SIZE, 4},
	      {HP_ZIP_NAME_LENGTH, 2},
	      {HP_ZIP_EXTRA_LENGTH, 2},
	      {HP_ZIP_COMMENT_LENGTH, 2},
	      {HP_ZIP_DISK, 2},
	      {HP_ZIP_INTERNAL, 2},
	      {HP_ZIP_EXTERNAL, 4},
	      {HP_ZIP_AT, 4}},
};

const struct hp_zip_layout hp_zip_end = {
    .signature = 0x06054b50,
    .size = 22,
    .parts = {{HP_ZIP_DISK, 2},
	      {HP_ZIP_CENTRAL_DISK, 2},
	      {HP_ZIP_COUNT_HERE, 2},
	      {HP_ZIP_COUNT, 2},
	      {HP_ZIP_CENTRAL_SIZE, 4},
	      {HP_ZIP_AT, 4},
	      {HP_ZIP_COMMENT_LENGTH, 2}},
};

static const char *const field_names[HP_ZIP_FIELDS] = {
    [HP_ZIP_MADE_BY] = "version made by",
    [HP_ZIP_NEEDED] = "version needed",
    [HP_ZIP_FLAGS] = "flags",
    [HP_ZIP_METHOD] = "method",
    [HP_ZIP_TIME] = "time",
    [HP_ZIP_DATE] = "date",
    [HP_ZIP_CRC] = "CRC",
    [HP_ZIP_PACKED] = "packed size",
    [HP_ZIP_SIZE] = "size",
    [HP_ZIP_NAME_LENGTH] = "length of the name",
    [HP_ZIP_EXTRA_LENGTH] = "extra fields",
    [HP_ZIP_COMMENT_LENGTH] = "comment",
    [HP_ZIP_DISK] = "disk",
    [HP_ZIP_INTERNAL] = "internal attributes",
    [HP_ZIP_EXTERNAL] = "external attributes",
    [HP_ZIP_AT] = "offset",
    [HP_ZIP_CENTRAL_DISK] = "disk of the central directory",
    [HP_ZIP_COUNT_HERE] = "number of entries on this disk",
    [HP_ZIP_COUNT] = "number of entries",
    [HP_ZIP_CENTRAL_SIZE] = "size of the central directory",
};

/* ---- bytes ---- */

uint32_t hp_zip_number(const char *from, unsigned bytes)
{
	uint32_t n = 0;
	for (unsigned i = bytes; i > 0; i--)
		n = n << 8 | (unsigned char)from[i - 1];
	return n;
}

static void put_number(char *to, uint32_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (char)(unsigned char)(n >> 8 * i);
}

void hp_zip_put(const struct hp_zip_layout *layout, const struct hp_zip_values *values, char *to)
{
	put_number(to, layout->signature, 4);
	to += 4;
	for (size_t i = 0; layout->parts[i].field; i++) {
		put_number(to, values->of[layout->parts[i].field], layout->parts[i].bytes);
		to += layout->parts[i].bytes;
	}
}

void hp_zip_get(const struct hp_zip_layout *layout, const char *from, struct hp_zip_values *ret)
{
	memset(ret, 0, sizeof *ret);
	from += 4;
	for (size_t i = 0; layout->parts[i].field; i++) {
		ret->of[layout->parts[i].field] = hp_zip_number(from, layout->parts[i].bytes);
		from += layout->parts[i].bytes;
	}
}

bool hp_zip_is(const struct hp_zip_layout *layout, struct hp_str all, size_t at)
{
	return at <= all.n && all.n - at >= layout->size && hp_zip_number(all.p + at, 4) == layout->signature;
}

const char *hp_zip_unlike(const struct hp_zip_layout *layout, const struct hp_zip_values *got,
			  const struct hp_zip_values *wanted)
{
	for (size_t i = 0; layout->parts[i].field; i++) {
		enum hp_zip_field field = layout->parts[i].field;
		if (got->of[field] != wanted->of[field])
			return field_names[field];
	}
	return NULL;
}

/* ---- what ours say ---- */

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

void hp_zip_ours(const struct hp_zip_entry *file, uint32_t time, uint32_t date, struct hp_zip_values *ret)
{
	*ret = (struct hp_zip_values){{
	    [HP_ZIP_MADE_BY] = 3 << 8 | 20, /* Unix, which gives the external attributes their meaning; 2.0 */
	    [HP_ZIP_NEEDED] = 20,
	    [HP_ZIP_FLAGS] = is_ascii(file->name) ? 0 : HP_ZIP_FLAG_UTF8,
	    [HP_ZIP_METHOD] = HP_ZIP_STORED,
	    [HP_ZIP_TIME] = time,
	    [HP_ZIP_DATE] = date,
	    [HP_ZIP_CRC] = file->crc,
	    [HP_ZIP_PACKED] = file->size,
	    [HP_ZIP_SIZE] = file->size,
	    [HP_ZIP_NAME_LENGTH] = (uint32_t)strlen(file->name),
	    [HP_ZIP_EXTERNAL] = 0100644u << 16, /* a file that its owner may write and all may read */
	    [HP_ZIP_AT] = (uint32_t)file->at,
	}};
}

void hp_zip_ours_end(size_t count, size_t central_at, size_t central_size, struct hp_zip_values *ret)
{
	*ret = (struct hp_zip_values){{
	    [HP_ZIP_COUNT_HERE] = (uint32_t)count,
	    [HP_ZIP_COUNT] = (uint32_t)count,
	    [HP_ZIP_AT] = (uint32_t)central_at,
	    [HP_ZIP_CENTRAL_SIZE] = (uint32_t)central_size,
	}};
}

/* ---- times ---- */

#define FIRST_SECOND 315532800 /* 1980-01-01T00:00:00Z */
#define LAST_SECOND 4354819198 /* 2107-12-31T23:59:58Z */

void hp_zip_time(int64_t time_s, uint32_t *ret_time, uint32_t *ret_date)
{
	struct tm t;
	memset(&t, 0, sizeof t);
	if (time_s < FIRST_SECOND)
		time_s = FIRST_SECOND;
	if (time_s > LAST_SECOND)
		time_s = LAST_SECOND;
	time_t clipped = (time_t)time_s;
	(void)gmtime_r(&clipped, &t);
	*ret_time = (uint32_t)t.tm_hour << 11 | (uint32_t)t.tm_min << 5 | (uint32_t)t.tm_sec >> 1;
	*ret_date = (uint32_t)(t.tm_year - 80) << 9 | (uint32_t)(t.tm_mon + 1) << 5 | (uint32_t)t.tm_mday;
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
	bool leap = year % 4 == 0 && year != 2100;
	return month == 2 ? 28 + leap : 31 - (month == 4 || month == 6 || month == 9 || month == 11);
}

bool hp_zip_time_is_real(uint32_t time, uint32_t date)
{
	uint32_t year = 1980 + (date >> 9), month = date >> 5 & 15, day = date & 31;
	return month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month) && time >> 11 < 24 &&
	       (time >> 5 & 63) < 60 && (time & 31) < 30;
}

/* ---- names ---- */

static bool is_a_dot_or_two(struct hp_str part)
{
	return hp_str_eq(part, ".") || hp_str_eq(part, "..");
}

static const char *bad_parts(struct hp_str name)
{
	for (size_t from = 0, to; from < name.n; from = to + 1) {
		const char *slash = memchr(name.p + from, '/', name.n - from);
		to = slash ? (size_t)(slash - name.p) : name.n;
		if (to == from)
			return from ? "has an empty part" : "is absolute";
		if (is_a_dot_or_two(hp_str_sub(name, from, to)))
			return "has \".\" or \"..\" as a part";
	}
	return NULL;
}

const char *hp_zip_bad_name(struct hp_arena *a, struct hp_str name)
{
	if (!name.n)
		return "is empty";
	if (name.n > HP_ZIP_NAME)
		return "is too long";
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
			return "has a control byte";
	if (hp_str_has_byte(name, '\\'))
		return "has a backslash";
	if (!hp_str_eq(name, hp_clean_text(a, name, name.n, NULL)))
		return "is no UTF-8";
	return bad_parts(name);
}

/* As strcmp, but a slash at the end does not count. */
static int compare_names(const void *x, const void *y)
{
	struct hp_str a = hp_str(*(const char *const *)x), b = hp_str(*(const char *const *)y);
	a.n -= hp_str_ends(a, "/");
	b.n -= hp_str_ends(b, "/");
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

const char *hp_zip_twice(const char **names, size_t count)
{
	if (count)
		qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 1; i < count; i++)
		if (compare_names(&names[i - 1], &names[i]) == 0)
			return names[i];
	return NULL;
}

/* ---- memory ---- */

static void free_room(void *what)
{
	free(*(void **)what);
}

char *hp_zip_room(struct hp_arena *a, size_t n)
{
	void **slot = hp_alloc(a, sizeof *slot);
	hp_defer(a, free_room, slot);
	*slot = malloc(n ? n : 1);
	return *slot;
}
