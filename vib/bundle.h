/* vibpack bundle: a .vib and a component become an offline bundle (a depot in a zip), which vLCM imports.
 *
 *     index.xml                             vendor: name, code, and where the next file is
 *     vendor-index.xml                      for each platform: where the metadata are
 *     metadata.zip
 *         vmware.xml                        the bulletin with its component, and the VIB with its size and sha-256
 *         vendor-index.xml                  the same bytes as outside
 *         bulletins/COMPONENT_VERSION.xml   the bulletin once more, with the VIB's ID
 *         vibs/NAME-NUMBER.xml              the descriptor with path, size, sha-256 and platforms
 *     vib20/NAME/ID.vib
 *
 * Source of the layout: unzip listings and templates of bundles in the field (lamw/dummy-esxi-reboot-vib,
 * cmu-sei/welled, ESXi-CPT, vsphere-storage-for-docker) and bundles made by vibauthor. componentNameSpec and
 * componentVersionSpec make a bulletin a component: vLCM takes nothing else.
 */
#ifndef HP_VIB_BUNDLE_H
#define HP_VIB_BUNDLE_H

#include "recipe.h"
#include "verify.h"

/* Stands in front of index.xml of the bundles made here, whose zips have exactly the form that hp_zip_write gives: so
 * that a byte in them which means nothing (a time, an attribute) cannot change without being seen. */
#define HP_BUNDLE_MARK "<!-- made by vibpack; zip form 1 -->"

/* The bytes of the .zip. Refuses a VIB that does not verify. */
int hp_bundle(struct hp_arena *a, const char *vib_path, const char *component_path, struct hp_str *ret,
	      struct hp_err *err);

/* The files of metadata.zip, as text. */
struct hp_bundled {
	struct hp_arena *arena;
	const struct hp_component *component; /* with nothing left NULL */
	const struct hp_vib *vib;
	const char *path; /* of the .vib in the bundle */
};
struct hp_str hp_bundle_index(const struct hp_bundled *b);
struct hp_str hp_bundle_vendor_index(const struct hp_bundled *b);
struct hp_str hp_bundle_vmware(const struct hp_bundled *b);
struct hp_str hp_bundle_bulletin(const struct hp_bundled *b);
struct hp_str hp_bundle_descriptor(const struct hp_bundled *b);

/* A VIB that a bundle's metadata name. */
struct hp_packaged {
	const char *id, *sha256;
	uint64_t size;
};
struct hp_packaged_list {
	struct hp_packaged *vibs;
	size_t count, room;
};

/* vibpack verify of a .zip: every zip, index, bulletin and VIB in it, and that they fit each other. ret: the VIBs that
 * it names, if not NULL. */
void hp_bundle_verify(struct hp_audit *audit, const char *where, struct hp_str bytes, const struct hp_trust *trust,
		      struct hp_packaged_list *ret);

#endif
