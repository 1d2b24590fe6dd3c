/* The payload of a VIB once it is unpacked: a tar.
 *
 * type tgz: GNU's form, magic "ustar  \0"; headers and data take turns, in blocks of 512 bytes, and two blocks of zeros
 * end it (community VIBs that ESXi 8 installs). type vgz: VMware's visor tar, magic "visor  \0": the headers come
 * first, each with the offset of its file's data in the last 16 bytes (little endian at 496: data, 0, text pages,
 * fix-up pages); then zeros, and the data. In a partner-signed VIB these are two blocks of zeros and multiples of 4096,
 * the last file not filled up; in VIBs made by vibauthor one block of zeros, and multiples of 512. An offset of 0 in a
 * visor header means that the data follows it, as in an ordinary tar.
 */
#ifndef HP_VIB_TAR_H
#define HP_VIB_TAR_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_TAR_ENTRIES 65536u /* more is refused */
#define HP_TAR_PATH 99u	      /* bytes of a file's path in a VIB (vib20-metadata.rng of ESXi 6.7) */

enum hp_tar_type { HP_TAR_FILE, HP_TAR_FOLDER, HP_TAR_LINK };

struct hp_tar_entry {
	const char *path; /* relative, no "." or ".." in it; a folder's without the "/" at its end */
	enum hp_tar_type type;
	const char *target; /* LINK */
	unsigned mode;	    /* with set-id and sticky bits */
	uint64_t uid, gid;
	struct hp_str body; /* FILE: within the tar */
	size_t at;	    /* offset of the header */
};

struct hp_tar {
	struct hp_tar_entry *entries;
	size_t count;
	bool visor;
};

/* Refused, with offset and reason: a header whose checksum is wrong, another magic (POSIX tars were never seen in a
 * VIB), other types than file, folder and symbolic link (long names, sparse files, devices), paths that are absolute,
 * have "." or "..", a control byte or no UTF-8, stand twice or are longer than a header holds, data outside the file,
 * something behind the end. Takes memory for the entries only. */
int hp_tar_read(struct hp_arena *a, struct hp_str bytes, struct hp_tar *ret, struct hp_err *err);

/* GNU's form, ready to be filled: each entry's header is there, its body is to be written to where ret_bodies[i]
 * points. Owner root, all with the one time; two blocks of zeros, filled up to 10240. Paths and modes are the caller's
 * to check. The entry's body.n counts, its body.p does not. Of malloc, freed with the arena. */
int hp_tar_frame(struct hp_arena *a, const struct hp_tar_entry *entries, size_t count, int64_t time_s,
		 struct hp_str *ret, char **ret_bodies, struct hp_err *err);

#endif
