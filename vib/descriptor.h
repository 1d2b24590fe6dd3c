/* descriptor.xml: what a VIB is, which files it brings, and the checksums of its payloads.
 *
 * Limits: vib20-metadata.rng of ESXi 6.7. Elements may stand in any order. What is read here is what verify, list and
 * bundle need; the tree has the rest.
 */
#ifndef HP_VIB_DESCRIPTOR_H
#define HP_VIB_DESCRIPTOR_H

#include <stdint.h>

#include "audit.h"
#include "checksums.h"
#include "xml_tree.h"

#define HP_PAYLOAD_NAME 15u /* bytes of a payload's name, [0-9A-Za-z_.-] */
#define HP_PAYLOADS 60u
#define HP_VERSION_MOST 64u /* bytes of a version */

enum hp_level { HP_LEVEL_COMMUNITY, HP_LEVEL_PARTNER, HP_LEVEL_ACCEPTED, HP_LEVEL_CERTIFIED };

struct hp_payload {
	const char *name, *type; /* type: vgz, tgz, or another one that is not unpacked here (boot ...) */
	uint64_t size;		 /* of the ar member */
	struct hp_checksums sums;
};

struct hp_descriptor {
	const struct hp_xml *tree;
	const char *type, *name, *version, *vendor, *summary, *description, *release_date;
	const char *id; /* VENDOR_TYPE_NAME_VERSION */
	enum hp_level level;
	bool live_install, live_remove, maintenance, overlay;
	const char **files; /* paths without leading slash */
	size_t file_count;
	struct hp_payload payloads[HP_PAYLOADS];
	size_t payload_count;
};

/* Everything that is wrong goes to the audit, under `where`. False when something is missing without which nothing more
 * can be said (the identity, the payloads). */
bool hp_descriptor_read(struct hp_audit *audit, const char *where, const struct hp_xml *tree,
			struct hp_descriptor *ret);

const char *hp_level_word(enum hp_level level); /* as descriptors write it */
bool hp_level_find(const char *word, enum hp_level *ret);

/* Characters that names and versions have in VIBs that are known to install: letters, digits, and `others`. */
bool hp_word_of(const char *text, const char *others, size_t most);
/* X.Y.Z-REL: numbers with dots, a dash, and words with dots. The dash and what follows may be missing (`need_release`
 * false): such VIBs install on ESXi 8 too. */
bool hp_vib_version(const char *text, bool need_release);

#endif
