#include "component.h"

#include <string.h>
#include <unistd.h>

#define STORE ".esxsim/components"

static const char *store_path(const struct sim_state *state, const char *name, const char *version)
{
	return sim_fmt("%s/%s/%s_%s.xml", state->root, STORE, name, version);
}

static bool ends_with(const char *text, const char *end)
{
	return strlen(text) > strlen(end) && sim_eq(text + strlen(text) - strlen(end), end);
}

/* NAME of component.NAME.version and component.NAME.next; NULL for another key */
static const char *name_of(const char *key, const char *end)
{
	return sim_starts(key, "component.") && ends_with(key, end) ? sim_copy(key + 10, strlen(key) - 10 - strlen(end))
								    : NULL;
}

size_t sim_component_list(const struct sim_state *state, bool next, struct sim_bulletin **ret_components)
{
	struct sim_bulletin *list = sim_alloc((state->count + 1) * sizeof *list);
	size_t count = 0;

	for (size_t i = 0; i < state->count; i++) {
		const char *name = name_of(state->pairs[i].key, ".version");
		size_t len;

		if (name == NULL) {
			continue;
		}
		const char *version = state->pairs[i].value;
		version = next ? sim_getf(state, version, "component.%s.next", name) : version;
		const char *text = sim_file_read(store_path(state, name, version), &len);
		if (text != NULL && sim_bulletin_read(text, len, &list[count]) == NULL) {
			count++;
		}
	}
	*ret_components = list;
	return count;
}

static void put(struct sim_state *state, const char *name, const char *version, bool now)
{
	const char *next = sim_fmt("component.%s.next", name);

	if (now) {
		sim_put(state, sim_fmt("component.%s.version", name), version);
		return;
	}
	if (sim_getf(state, NULL, "component.%s.version", name) == NULL) {
		sim_put(state, sim_fmt("component.%s.version", name), "-");
	}
	if (sim_eq(sim_getf(state, "-", "component.%s.version", name), version)) {
		sim_drop(state, next);
	} else {
		sim_put(state, next, version);
	}
}

void sim_component_put(struct sim_state *state, const struct sim_bulletin *bulletin, bool now)
{
	sim_mkdirs(sim_path(state, STORE));
	sim_file_replace(store_path(state, bulletin->component, bulletin->version), bulletin->text, bulletin->len);
	put(state, bulletin->component, bulletin->version, now);
}

void sim_component_drop(struct sim_state *state, const char *name, bool now)
{
	put(state, name, "-", now);
}

void sim_component_boot(struct sim_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		const char *name = name_of(state->pairs[i].key, ".next");

		if (name != NULL) { /* "version" is there already: the loop's place does not move but by the drop */
			sim_put(state, sim_fmt("component.%s.version", name), state->pairs[i].value);
			sim_drop(state, state->pairs[i].key);
			i--;
		}
	}
}

bool sim_component_has(const struct sim_bulletin *component, const char *vib_id)
{
	for (size_t i = 0; i < component->vib_count; i++) {
		if (sim_eq(component->vib_ids[i], vib_id)) {
			return true;
		}
	}
	return false;
}
