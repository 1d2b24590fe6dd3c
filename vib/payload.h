/* A folder made into the payload of a VIB: a GNU tar, then gzip. */
#ifndef HP_VIB_PAYLOAD_H
#define HP_VIB_PAYLOAD_H

#include "descriptor.h"

struct hp_packed {
	struct hp_str tar, gzip;
	const char **files; /* regular files, in the tar's order */
	size_t file_count;
	struct hp_checksums sums;
};

/* Everything below `folder`, by name. Owner root; folders get mode 0755, files 0755 when somebody may execute them and
 * 0644 else. Refused, with the path: what is neither file nor folder (symbolic links too), set-id and sticky bits, what
 * cannot be read or changes meanwhile, paths longer than HP_TAR_PATH or with other characters than printable ASCII,
 * more than HP_PAYLOAD_LIMIT bytes, no file at all; and for level community a path outside the list (community.h). */
int hp_payload_pack(struct hp_arena *a, const char *folder, enum hp_level level, int64_t time_s, struct hp_packed *ret,
		    struct hp_err *err);

#endif
