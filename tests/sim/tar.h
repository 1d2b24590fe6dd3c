/* The archives in a VIB's payloads: GNU tar (tgz) and VMware's visor tar (vgz). */
#ifndef SIM_TAR_H
#define SIM_TAR_H

#include "text.h"

struct sim_entry {
	const char *name; /* no slash at the end */
	bool directory;
	unsigned mode; /* with the sticky bit */
	unsigned uid;
	unsigned gid;
	uint64_t mtime;
	const char *data;
	size_t len;
};

/* visor allows the second kind. NULL, or what is wrong. */
const char *sim_tar_read(const char *bytes, size_t len, bool visor, struct sim_entry **ret_entries, size_t *ret_count);

#endif
