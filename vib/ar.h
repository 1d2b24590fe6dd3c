/* The container of a VIB: a Unix ar archive.
 *
 * "!<arch>\n", then the members in this order: descriptor.xml, sig.pkcs7, and one for each <payload>, called after its
 * name. A header is 60 bytes of ASCII, left-justified and filled up with blanks: name 16, time 12, uid 6, gid 6, mode 8
 * (octal), size 10 (decimal), "`\n". A body of odd size is followed by a newline that its size does not count.
 *
 * VMware's build writes names as they are and zero for time, owner and mode (seen in a partner-signed VIB and in what
 * vibauthor makes); GNU ar, with which community VIBs are made that ESXi 7 and 8 install, ends names in "/" and writes
 * mode 644. Both are read; the former is written.
 */
#ifndef HP_VIB_AR_H
#define HP_VIB_AR_H

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_AR_MEMBERS 64u /* more is refused; official VIBs have one payload, base images a few */
#define HP_AR_NAME 16u	  /* bytes; a VIB has no long-name table, as payload names are at most 15 long */

struct hp_ar_member {
	const char *name;
	struct hp_str body; /* within the archive */
	size_t at;	    /* offset of the header */
};

struct hp_ar {
	struct hp_ar_member members[HP_AR_MEMBERS];
	size_t count;
	/* The headers are of neither known form: their times, owners and modes may be anything. */
	bool free_headers;
};

/* All headers must be of one form. err tells the offset. Reads nothing beyond `bytes`, copies no body. */
int hp_ar_read(struct hp_arena *a, struct hp_str bytes, struct hp_ar *ret, struct hp_err *err);
/* NULL when there is none of that name. */
const struct hp_ar_member *hp_ar_find(const struct hp_ar *ar, const char *name);
/* In VMware's form. Names and sizes must fit: they are the caller's. */
struct hp_str hp_ar_write(struct hp_arena *a, const struct hp_ar_member *members, size_t count);

#endif
