/* What a package is made of, read from YAML: the descriptor of a VIB (vibpack build --descriptor) and the component of
 * a bundle (vibpack bundle --component). Keys are called as the elements that they become; docs/guides/vibpack.md lists
 * them.
 */
#ifndef HP_VIB_RECIPE_H
#define HP_VIB_RECIPE_H

#include <stdint.h>

#include "descriptor.h"

#define HP_RECIPE_LIMIT ((size_t)256 << 10) /* bytes of such a file */

struct hp_pair {
	const char *key, *value;
};

/* <constraint name= relation= version=>; relation and version are both NULL or both given. */
struct hp_constraint {
	const char *name, *relation, *version;
};

enum { HP_DEPENDS, HP_CONFLICTS, HP_REPLACES, HP_PROVIDES, HP_COMPATIBLE_WITH, HP_RELATIONS };
extern const char *const hp_relation_names[HP_RELATIONS]; /* as elements are called */

struct hp_vib_recipe {
	const char *name, *version, *vendor, *summary, *description;
	/* To the version ".0" was added; in its place eight digits come that follow from every other byte of the VIB,
	 * so that two VIBs which differ are never taken for the same. */
	bool fingerprint;
	int64_t release_date_s; /* -1: not given */
	struct hp_pair *urls;
	size_t url_count;
	struct hp_constraint *relations[HP_RELATIONS];
	size_t relation_count[HP_RELATIONS];
	const char **tags;
	size_t tag_count;
	bool maintenance, live_install, live_remove, cimom_restart, stateless_ready, overlay;
	enum hp_level level;
	const char *payload; /* the payload's name */
};

/* Reads, and refuses what ESX would refuse. Errors read "PATH:LINE:COLUMN: ...". */
int hp_vib_recipe_read(struct hp_arena *a, const char *path, struct hp_vib_recipe *ret, struct hp_err *err);

struct hp_component {
	const char *name, *display_name; /* componentNameSpec */
	const char *version;		 /* NULL: the VIB's */
	const char *vendor;		 /* of the depot and the bulletin, for people; NULL: the VIB's */
	const char *vendor_code;	 /* three letters or digits */
	const char *summary, *description, *severity, *category, *urgency, *release_type, *kb_url, *contact;
	const char **platforms; /* "8.*" */
	size_t platform_count;
};

int hp_component_read(struct hp_arena *a, const char *path, struct hp_component *ret, struct hp_err *err);

#endif
