/* A bundle that is looked at: its zip, unpacked entry by entry, and the metadata in it. */
#ifndef HP_VIB_DEPOT_H
#define HP_VIB_DEPOT_H

#include "bundle.h"
#include "zip.h"

#define HP_DEPOT_UNPACKED ((size_t)1 << 30) /* bytes of all entries together */
#define HP_METADATA_LIMIT ((size_t)64 << 20)

/* An archive whose entries were unpacked and whose CRCs are right. */
struct hp_archive {
	const char *where;
	struct hp_zip zip;
	struct hp_str *bytes; /* of each entry; p is NULL where it could not be unpacked */
	bool *used;	      /* something refers to it */
};

/* NULL bytes when it is not there; else it counts as used. */
const struct hp_str *hp_archive_find(struct hp_archive *archive, const char *name);
bool hp_archive_is_used(const struct hp_archive *archive, const char *name);
/* Of these children there may not be two: readers might differ in which one they take. */
void hp_depot_once(struct hp_audit *audit, const char *where, const char *file, const struct hp_xml *node,
		   const char *const *names);

/* One metadata.zip. */
struct hp_depot {
	struct hp_audit *audit;
	const struct hp_trust *trust;
	struct hp_archive *outer, *metadata;
	struct hp_packaged_list *named;
};

void hp_metadata_verify(struct hp_depot *depot);

#endif
