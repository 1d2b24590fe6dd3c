/* The descriptor of a VIB that is to be built. */
#include <string.h>

#include "recipe_yaml.h"
#include "../agent/base/when.h"

const char *const hp_relation_names[HP_RELATIONS] = {"depends", "conflicts", "replaces", "provides", "compatibleWith"};

#define AT(member) offsetof(struct hp_vib_recipe, member)

static int read_name(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *name = hp_recipe_text(r, node, 1000);
	bool vendor = offset == AT(vendor);
	if (!name)
		return -1;
	/* The VIB's ID joins its parts with "_". */
	if (!hp_word_of(name, vendor ? "-." : "-._", 64))
		return hp_recipe_refuse(r, node, "\"%s\" has 1 to 64 letters, digits, dots%s and dashes, not \"%s\"",
					vendor ? "vendor" : "name", vendor ? "" : ", underscores", name);
	*(const char **)(void *)((char *)recipe + offset) = name;
	return 0;
}

static int read_version(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *version = hp_recipe_text(r, node, 1000);
	if (!version)
		return -1;
	if (!hp_vib_version(version, true))
		return hp_recipe_refuse(
		    r, node,
		    "\"%s\" is no version of a VIB: numbers with dots, a dash, a release (1.0.0-1), "
		    "at most 64 characters",
		    version);
	*(const char **)(void *)((char *)recipe + offset) = version;
	return 0;
}

static int read_date(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *text = hp_recipe_text(r, node, 64);
	if (!text)
		return -1;
	if (!hp_when_parse(hp_str(text), (int64_t *)(void *)((char *)recipe + offset)))
		return hp_recipe_refuse(r, node, "\"%s\" is no date: 2026-11-26, or 2026-11-26T14:02:31Z", text);
	return 0;
}

static int read_level(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *word = hp_recipe_text(r, node, 64);
	if (!word)
		return -1;
	if (!hp_level_find(word, (enum hp_level *)(void *)((char *)recipe + offset)))
		return hp_recipe_refuse(r, node, "\"%s\" is none of community, partner, accepted, certified", word);
	return 0;
}

static int read_payload(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *name = hp_recipe_text(r, node, 1000);
	if (!name)
		return -1;
	if (!hp_word_of(name, "_", 8))
		return hp_recipe_refuse(r, node,
					"\"%s\": a payload's name has 1 to 8 letters, digits and underscores, because "
					"the host makes the name of a file on FAT out of it",
					name);
	*(const char **)(void *)((char *)recipe + offset) = name;
	return 0;
}

static int read_urls(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	struct hp_vib_recipe *vib = recipe;
	size_t n = 0;
	(void)offset;
	if (node->kind != HP_YAML_MAP)
		return hp_recipe_refuse(r, node, "urls wants a map (website: https://...)");
	for (const struct hp_yaml *m = node->first; m; m = m->next)
		n++;
	vib->urls = hp_alloc_array(r->a, n + 1, sizeof *vib->urls);
	for (const struct hp_yaml *m = node->first; m; m = m->next) {
		struct hp_pair *url = &vib->urls[vib->url_count++];
		if (!m->key.n || m->key.n > 100 || !hp_recipe_is_line(r->a, m->key))
			return hp_recipe_refuse(
			    r, m, "a link is called by 1 to 100 bytes of UTF-8 without control characters");
		url->key = hp_copy(r->a, m->key);
		url->value = hp_recipe_text(r, m, 1000);
		if (!url->value)
			return -1;
	}
	return 0;
}

static int read_constraint(const struct hp_recipe_reading *r, const struct hp_yaml *node, struct hp_constraint *ret)
{
	static const char *const relations[] = {"<", "<=", "=", ">=", ">"};
	const char *text = hp_recipe_text(r, node, 200);
	struct hp_str rest, word[4];
	size_t n = 0;
	if (!text)
		return -1;
	rest = hp_str(text);
	while (n < 4 && hp_next_word(&rest, &word[n]))
		n++;
	bool known = n == 1;
	for (size_t i = 0; n == 3 && i < sizeof relations / sizeof relations[0]; i++)
		known = known || hp_str_eq(word[1], relations[i]);
	if (!known)
		return hp_recipe_refuse(r, node, "\"%s\" wants a name, or a name, one of < <= = >= > and a version",
					text);
	ret->name = hp_copy(r->a, word[0]);
	ret->relation = n == 3 ? hp_copy(r->a, word[1]) : NULL;
	ret->version = n == 3 ? hp_copy(r->a, word[2]) : NULL;
	return 0;
}

static int read_relations(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	struct hp_vib_recipe *vib = recipe;
	size_t which = offset, n = 0;
	if (node->kind != HP_YAML_LIST)
		return hp_recipe_refuse(r, node, "wants a list, such as [esx-version >= 8.0.0]");
	for (const struct hp_yaml *m = node->first; m; m = m->next)
		n++;
	vib->relations[which] = hp_alloc_array(r->a, n + 1, sizeof *vib->relations[which]);
	for (const struct hp_yaml *m = node->first; m; m = m->next) {
		struct hp_constraint *c = &vib->relations[which][vib->relation_count[which]++];
		if (read_constraint(r, m, c) < 0)
			return -1;
		if (which == HP_PROVIDES && c->relation && strcmp(c->relation, "=") != 0)
			return hp_recipe_refuse(r, m, "what a VIB provides has one version: \"NAME = VERSION\"");
	}
	return 0;
}

static const struct hp_recipe_key keys[] = {{"name", read_name, AT(name), true},
					    {"version", read_version, AT(version), true},
					    {"fingerprint", hp_recipe_flag, AT(fingerprint), false},
					    {"vendor", read_name, AT(vendor), true},
					    {"summary", hp_recipe_line, AT(summary), true},
					    {"description", hp_recipe_line, AT(description), true},
					    {"release-date", read_date, AT(release_date_s), false},
					    {"urls", read_urls, 0, false},
					    {"depends", read_relations, HP_DEPENDS, false},
					    {"conflicts", read_relations, HP_CONFLICTS, false},
					    {"replaces", read_relations, HP_REPLACES, false},
					    {"provides", read_relations, HP_PROVIDES, false},
					    {"compatible-with", read_relations, HP_COMPATIBLE_WITH, false},
					    {"software-tags", hp_recipe_lines, AT(tags), false},
					    {"maintenance-mode", hp_recipe_flag, AT(maintenance), false},
					    {"acceptance-level", read_level, AT(level), false},
					    {"live-install-allowed", hp_recipe_flag, AT(live_install), false},
					    {"live-remove-allowed", hp_recipe_flag, AT(live_remove), false},
					    {"cimom-restart", hp_recipe_flag, AT(cimom_restart), false},
					    {"stateless-ready", hp_recipe_flag, AT(stateless_ready), false},
					    {"overlay", hp_recipe_flag, AT(overlay), false},
					    {"payload", read_payload, AT(payload), false},
					    {NULL, NULL, 0, false}};

int hp_vib_recipe_read(struct hp_arena *a, const char *path, struct hp_vib_recipe *ret, struct hp_err *err)
{
	struct hp_recipe_reading r = {a, path, err};
	struct hp_vib_recipe recipe = {.release_date_s = -1,
				       .live_install = true,
				       .live_remove = true,
				       .stateless_ready = true,
				       .payload = "payload1"};
	if (hp_recipe_load(&r, keys, &recipe) < 0)
		return -1;
	if (recipe.level == HP_LEVEL_COMMUNITY && recipe.overlay)
		return hp_fail(err, "%s: a VIB of level community cannot have overlay: true", path);
	if (recipe.fingerprint && strlen(recipe.version) > HP_VERSION_MOST - strlen(".12345678"))
		return hp_fail(err, "%s: with its fingerprint the version has more than %u characters", path,
			       HP_VERSION_MOST);
	if (recipe.fingerprint)
		recipe.version = hp_format(a, "%s.0", recipe.version);
	*ret = recipe;
	return 0;
}
