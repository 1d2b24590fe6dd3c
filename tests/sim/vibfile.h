/* A .vib file as a host reads it: container, descriptor, payloads. Written from facts on the format alone, so that it
 * is a second opinion on what vibpack makes. */
#ifndef SIM_VIBFILE_H
#define SIM_VIBFILE_H

#include "tar.h"
#include "xml.h"

struct sim_payload {
	const char *name;
	const char *type; /* tgz, vgz ... */
	uint64_t size;
	const char *sha256_gunzip; /* NULL: not there; the same for the other two */
	const char *sha256;
	const char *sha1_gunzip;
	const char *data; /* NULL in a descriptor without its file */
	size_t len;
	struct sim_entry *entries; /* by sim_vib_unpack */
	size_t entry_count;
};

struct sim_vibfile {
	const char *bytes;
	size_t len;
	const char *descriptor_text;
	size_t descriptor_len;
	const char *signature;
	size_t signature_len;
	const struct sim_xml *xml;
	const char *name;
	const char *version;
	const char *vendor;
	const char *type;
	const char *id;
	const char *level; /* certified accepted partner community */
	bool maintenance;
	bool live; /* both live flags are true */
	const char **files;
	size_t file_count;
	struct sim_payload *payloads;
	size_t payload_count;
};

/* Both return NULL or an error text of esxcli. The first reads a whole file, the second a descriptor: that of a file,
 * or (depot) one of a depot's metadata. */
const char *sim_vibfile_read(const char *bytes, size_t len, struct sim_vibfile *ret_vib);
const char *sim_descriptor_read(const char *text, size_t len, bool depot, struct sim_vibfile *ret_vib);
/* Checks and unpacks the payloads: checksums, archives, and that the file list is right. */
const char *sim_vib_unpack(struct sim_vibfile *vib);
/* NULL if they are the same, else the attribute in which they differ. */
const char *sim_vib_difference(const struct sim_vibfile *a, const struct sim_vibfile *b);

bool sim_vib_flag(const struct sim_vibfile *vib, const char *name);
/* Less than, equal to or greater than 0. */
int sim_version_compare(const char *a, const char *b);
/* "community" -> "CommunitySupported" and back; NULL if there is no such level. Higher ranks are stricter. */
const char *sim_level_long(const char *level);
const char *sim_level_short(const char *name);
int sim_level_rank(const char *level);

#endif
