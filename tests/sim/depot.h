/* An offline bundle, followed from index.xml to the .vib files, each link checked. */
#ifndef SIM_DEPOT_H
#define SIM_DEPOT_H

#include "state.h"
#include "vibfile.h"

struct sim_bulletin {
	const struct sim_xml *xml; /* of bulletins/ID.xml */
	const char *text;	   /* the same, as it is written there */
	size_t len;
	const char *id;
	const char *component; /* name; NULL: a plain bulletin */
	const char *version;
	const char **vib_ids;
	size_t vib_count;
};

struct sim_depot {
	struct sim_vibfile *vibs;
	size_t vib_count;
	struct sim_bulletin *bulletins;
	size_t bulletin_count;
};

/* path: where the file is; url: how the caller named it. NULL, or an error text of esxcli. */
const char *sim_depot_read(const struct sim_state *state, const char *path, const char *url,
			   struct sim_depot *ret_depot);
/* The component elements and ids of a bulletin; also reads those of installed components. */
const char *sim_bulletin_read(const char *text, size_t len, struct sim_bulletin *ret_bulletin);

#endif
