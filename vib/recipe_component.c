/* The component of a bundle that is to be built. */
#include <string.h>

#include "recipe_yaml.h"

#define AT(member) offsetof(struct hp_component, member)

static int read_name(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *name = hp_recipe_text(r, node, 1000);
	if (!name)
		return -1;
	if (!hp_word_of(name, "-", 64))
		return hp_recipe_refuse(r, node,
					"a component's name has 1 to 64 letters, digits and dashes, not \"%s\"", name);
	*(const char **)(void *)((char *)recipe + offset) = name;
	return 0;
}

static int read_version(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *version = hp_recipe_text(r, node, 1000);
	if (!version)
		return -1;
	if (!hp_vib_version(version, true))
		return hp_recipe_refuse(r, node, "\"%s\" is no version of a component (1.0.0-1)", version);
	*(const char **)(void *)((char *)recipe + offset) = version;
	return 0;
}

/* PowerCLI's New-OfflineBundle demands ^[A-Za-z0-9]{3}$. */
static int read_code(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	const char *code = hp_recipe_text(r, node, 1000);
	if (!code)
		return -1;
	if (strlen(code) != 3 || !hp_word_of(code, "", 3))
		return hp_recipe_refuse(r, node, "a vendor's code has three letters or digits, not \"%s\"", code);
	*(const char **)(void *)((char *)recipe + offset) = code;
	return 0;
}

/* "8.*", "6.7.0" */
static bool is_platform(const char *text)
{
	size_t n = strlen(text);
	bool digit = false;
	for (size_t i = 0; i < n; i++) {
		bool last_star = text[i] == '*' && i + 1 == n && i && text[i - 1] == '.';
		if (!last_star && (text[i] < '0' || text[i] > '9') && (text[i] != '.' || !i || text[i - 1] == '.'))
			return false;
		digit = digit || (text[i] >= '0' && text[i] <= '9');
	}
	return digit && n <= 32 && text[n - 1] != '.';
}

static int read_platforms(const struct hp_recipe_reading *r, const struct hp_yaml *node, void *recipe, size_t offset)
{
	struct hp_component *c = recipe;
	if (hp_recipe_lines(r, node, recipe, offset) < 0)
		return -1;
	if (!c->platform_count)
		return hp_recipe_refuse(r, node, "platforms lists none");
	for (size_t i = 0; i < c->platform_count; i++)
		if (!is_platform(c->platforms[i]))
			return hp_recipe_refuse(r, node, "\"%s\" is no platform: \"8.*\", \"8.0.3\"", c->platforms[i]);
	for (size_t i = 1; i < c->platform_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(c->platforms[i], c->platforms[j]) == 0)
				return hp_recipe_refuse(r, node, "\"%s\" stands twice", c->platforms[i]);
	return 0;
}

static const struct hp_recipe_key keys[] = {{"name", read_name, AT(name), true},
					    {"display-name", hp_recipe_line, AT(display_name), true},
					    {"version", read_version, AT(version), false},
					    {"vendor", hp_recipe_line, AT(vendor), false},
					    {"vendor-code", read_code, AT(vendor_code), true},
					    {"summary", hp_recipe_line, AT(summary), false},
					    {"description", hp_recipe_line, AT(description), false},
					    {"severity", hp_recipe_line, AT(severity), false},
					    {"category", hp_recipe_line, AT(category), false},
					    {"urgency", hp_recipe_line, AT(urgency), false},
					    {"release-type", hp_recipe_line, AT(release_type), false},
					    {"kb-url", hp_recipe_line, AT(kb_url), true},
					    {"contact", hp_recipe_line, AT(contact), true},
					    {"platforms", read_platforms, AT(platforms), true},
					    {NULL, NULL, 0, false}};

int hp_component_read(struct hp_arena *a, const char *path, struct hp_component *ret, struct hp_err *err)
{
	struct hp_recipe_reading r = {a, path, err};
	struct hp_component c = {
	    .severity = "general", .category = "Enhancement", .urgency = "Important", .release_type = "extension"};
	if (hp_recipe_load(&r, keys, &c) < 0)
		return -1;
	*ret = c;
	return 0;
}
