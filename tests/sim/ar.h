/* The container of a VIB: an ar archive of plain members. */
#ifndef SIM_AR_H
#define SIM_AR_H

#include "text.h"

struct sim_member {
	const char *name; /* without the slash that GNU ar adds */
	const char *data; /* within the archive's bytes */
	size_t len;
};

/* NULL, or what is wrong. */
const char *sim_ar_read(const char *bytes, size_t len, struct sim_member **ret_members, size_t *ret_count);

#endif
