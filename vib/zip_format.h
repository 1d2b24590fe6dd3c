/* The headers of a zip archive, for zip_read.c and zip_write.c: where each field stands, and what stands in those that
 * hp_zip_write makes. The writer writes by these tables and hp_zip_read compares by them, so that the two cannot drift.
 */
#ifndef HP_VIB_ZIP_FORMAT_H
#define HP_VIB_ZIP_FORMAT_H

#include "zip.h"

#define HP_ZIP_FLAG_ENCRYPTED 0x0001u
#define HP_ZIP_FLAG_LEVEL 0x0006u      /* how hard deflate tried: says nothing about the bytes */
#define HP_ZIP_FLAG_DESCRIPTOR 0x0008u /* CRC and sizes stand behind the data */
#define HP_ZIP_FLAG_UTF8 0x0800u
#define HP_ZIP_STORED 0u
#define HP_ZIP_DEFLATED 8u

enum hp_zip_field {
	HP_ZIP_MADE_BY = 1, /* 0 ends a layout */
	HP_ZIP_NEEDED,
	HP_ZIP_FLAGS,
	HP_ZIP_METHOD,
	HP_ZIP_TIME,
	HP_ZIP_DATE,
	HP_ZIP_CRC,
	HP_ZIP_PACKED,
	HP_ZIP_SIZE,
	HP_ZIP_NAME_LENGTH,
	HP_ZIP_EXTRA_LENGTH,
	HP_ZIP_COMMENT_LENGTH,
	HP_ZIP_DISK,
	HP_ZIP_INTERNAL,
	HP_ZIP_EXTERNAL,
	HP_ZIP_AT, /* of the local header; in the end record, of the central directory */
	HP_ZIP_CENTRAL_DISK,
	HP_ZIP_COUNT_HERE,
	HP_ZIP_COUNT,
	HP_ZIP_CENTRAL_SIZE,
	HP_ZIP_FIELDS
};

struct hp_zip_values {
	uint32_t of[HP_ZIP_FIELDS]; /* by field; 0 where a layout has no such field */
};

struct hp_zip_layout {
	uint32_t signature; /* the first four bytes */
	size_t size;	    /* bytes, with the signature; names and other parts of any length follow */
	struct {
		enum hp_zip_field field;
		unsigned bytes; /* 2 or 4, little endian */
	} parts[HP_ZIP_FIELDS];
};

extern const struct hp_zip_layout hp_zip_local, hp_zip_central, hp_zip_end;

/* Both move layout->size bytes. hp_zip_get does not look at the signature, hp_zip_is does. */
void hp_zip_put(const struct hp_zip_layout *layout, const struct hp_zip_values *values, char *to);
void hp_zip_get(const struct hp_zip_layout *layout, const char *from, struct hp_zip_values *ret);
/* False also where the bytes from `at` on are too few. */
bool hp_zip_is(const struct hp_zip_layout *layout, struct hp_str all, size_t at);
/* The first field, as a phrase, in which the two are different; NULL: none. */
const char *hp_zip_unlike(const struct hp_zip_layout *layout, const struct hp_zip_values *got,
			  const struct hp_zip_values *wanted);
uint32_t hp_zip_number(const char *from, unsigned bytes); /* 2 or 4, little endian */

/* What hp_zip_write puts into both headers of a file, and into the end record. `at` of the file: its local header's
 * offset. */
void hp_zip_ours(const struct hp_zip_entry *file, uint32_t time, uint32_t date, struct hp_zip_values *ret);
void hp_zip_ours_end(size_t count, size_t central_at, size_t central_size, struct hp_zip_values *ret);

/* Seconds since 1970, UTC, as a zip says it: clipped to 1980 to 2107, even seconds. */
void hp_zip_time(int64_t time_s, uint32_t *ret_time, uint32_t *ret_date);
/* True when hp_zip_time gives it for some second: no 31 February, no 25 o'clock. */
bool hp_zip_time_is_real(uint32_t time, uint32_t date);

/* Why an entry must not have that name, as a phrase; NULL: it may. */
const char *hp_zip_bad_name(struct hp_arena *a, struct hp_str name);
/* A name that stands twice among these (a folder's slash does not count), or NULL. Sorts them. */
const char *hp_zip_twice(const char **names, size_t count);
/* n bytes from malloc, not zeroed, which live as long as the arena; NULL when there are none. */
char *hp_zip_room(struct hp_arena *a, size_t n);

#endif
