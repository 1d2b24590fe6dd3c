/* Zip archives, as offline bundles are: read with suspicion, written plainly.
 *
 * Source of the layout: PKWARE's APPNOTE.TXT 6.3. What ESX's tools and vLCM are given in the field (bundles made by
 * vibauthor and by `zip -r`): stored or deflated, no zip64, no encryption, one disk, directory entries or none.
 */
#ifndef HP_VIB_ZIP_H
#define HP_VIB_ZIP_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_ZIP_ENTRIES 4096u /* more is refused */
#define HP_ZIP_NAME 512u     /* bytes of a name */

struct hp_zip_entry {
	const char *name;    /* relative, '/' between its parts, no part is "", "." or ".."; a folder ends in '/' */
	bool folder;	     /* empty by definition: size 0 */
	unsigned method;     /* 0 stored, 8 deflated; nothing else is read */
	struct hp_str bytes; /* as they stand in the archive, within its bytes */
	uint32_t size;	     /* unpacked, as the headers say */
	uint32_t crc;	     /* of the unpacked bytes */
	size_t at;	     /* offset of the local header */
};

struct hp_zip {
	struct hp_zip_entry *entries; /* in the central directory's order */
	size_t count;
	/* Every header is, byte for byte, what hp_zip_write makes of these entries; else the first field that is not,
	 * and of which entry ("index.xml: external attributes"). NULL: there is none, so that no byte of the archive is
	 * free. */
	const char *unlike_ours;
};

/* The whole archive. Each byte belongs to exactly one of: a local header with its data (and data descriptor), the
 * central directory, the end record; nothing overlaps, nothing lies between or before, nothing comes after. Local and
 * central header say the same (name, method, flags, times, CRC, sizes). Refused, with the offset and the reason: more
 * than one disk, zip64, encryption, an unknown method or flag, a name that is used twice, is absolute, has ".." or a
 * backslash, a control byte or is no UTF-8, too many entries, a size that leads out of the file, an entry whose
 * deflated size could not give its size (1032 to 1 is deflate's limit). Never reads beyond `bytes`; takes memory for
 * the entries only. */
int hp_zip_read(struct hp_arena *a, struct hp_str bytes, struct hp_zip *ret, struct hp_err *err);
/* One entry's bytes, unpacked if need be; at most `limit`. The size and the CRC must be right, deflate must use all of
 * its input, and unused bits (after the last block, and before the length of a stored one) must be zero. */
int hp_zip_unpack(struct hp_arena *a, const struct hp_zip_entry *entry, size_t limit, struct hp_str *ret,
		  struct hp_err *err);
/* NULL when there is none of that name. */
const struct hp_zip_entry *hp_zip_find(const struct hp_zip *zip, const char *name);

struct hp_zip_file {
	const char *name;
	struct hp_str bytes;
};
/* Everything stored, in the given order, all with the one time (seconds since 1970, UTC; clipped to what a zip can say:
 * 1980 to 2107, even seconds), mode 0644, no extra fields, no comment: the same input gives the same bytes. -1 where a
 * name or a size is out of bounds. */
int hp_zip_write(struct hp_arena *a, const struct hp_zip_file *files, size_t count, int64_t time_s, struct hp_str *ret,
		 struct hp_err *err);

#endif
