/* vibpack build: a recipe and a folder become a .vib. */
#ifndef HP_VIB_BUILD_H
#define HP_VIB_BUILD_H

#include "payload.h"
#include "recipe.h"

/* descriptor.xml in one line without declaration, elements in the order of official ones. */
struct hp_str hp_descriptor_write(struct hp_arena *a, const struct hp_vib_recipe *recipe,
				  const struct hp_packed *packed, int64_t release_date_s);
/* The same, with the recipe's version made final: the fingerprint put into it, where it wants one. NULL when libcrypto
 * fails. */
const char *hp_fingerprinted(struct hp_arena *a, const struct hp_vib_recipe *recipe, struct hp_str descriptor);

/* The bytes of the .vib. */
int hp_build(struct hp_arena *a, const char *recipe_path, const char *folder, struct hp_str *ret, struct hp_err *err);

#endif
