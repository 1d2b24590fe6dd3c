/* A zip file: stored or deflated members, no zip64, no encryption. */
#ifndef SIM_ZIP_H
#define SIM_ZIP_H

#include "text.h"

struct sim_zip {
	const char **names;
	struct sim_buf *members;
	size_t count;
};

/* Reads all members, checking each one's CRC. NULL, or what is wrong. */
const char *sim_zip_read(const char *bytes, size_t len, struct sim_zip *ret_zip);
/* NULL if there is no such member. */
const struct sim_buf *sim_zip_find(const struct sim_zip *zip, const char *name);

#endif
