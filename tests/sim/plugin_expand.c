/* The command line of a plugin's command. */
#include "plugin.h"

#include <string.h>

static const char *value_of(const struct sim_xml *command, const char *const *values, const char *name, bool *ret_known)
{
	const struct sim_xml *spec = sim_xml_child(command, "input-spec");
	size_t index = 0;

	for (const struct sim_xml *p = spec == NULL ? NULL : spec->first; p != NULL; p = p->next, index++) {
		if (sim_eq(sim_xml_attribute(p, "name", ""), name)) {
			*ret_known = true;
			return values == NULL ? NULL : values[index];
		}
	}
	*ret_known = false;
	return NULL;
}

/* The text between the brace at open and the one that closes it; NULL if none does. */
static const char *between(const char *open, const char **ret_after)
{
	size_t depth = 0;

	for (const char *p = open; *p != '\0'; p++) {
		depth += *p == '{';
		depth -= *p == '}';
		if (depth == 0) {
			*ret_after = p + 1;
			return sim_copy(open + 1, (size_t)(p - open - 1));
		}
	}
	return NULL;
}

static const char *expand(const struct sim_xml *command, const char *const *values, const char *text,
			  struct sim_buf *out)
{
	while (*text != '\0') {
		const size_t plain = strcspn(text, "$");
		const bool is_val = sim_starts(text + plain, "$val{");
		const bool is_if = sim_starts(text + plain, "$if{");
		bool known;

		sim_buf_bytes(out, text, plain);
		text += plain;
		if (*text == '\0') {
			break;
		}
		const char *inner = is_val || is_if ? between(strchr(text, '{'), &text) : NULL;
		if (inner == NULL) {
			return sim_fmt("a substitution that is not known: %.40s", text);
		}
		const size_t name_len = is_if ? strcspn(inner, ",") : strlen(inner);
		const char *value = value_of(command, values, sim_copy(inner, name_len), &known);
		if (!known || (is_if && inner[name_len] != ',')) {
			return sim_fmt("no such parameter: %s", inner);
		}
		if (is_val) {
			sim_buf_text(out, value == NULL ? "" : value);
		} else if (value != NULL || values == NULL) {
			const char *problem = expand(command, values, inner + name_len + 1, out);

			if (problem != NULL) {
				return problem;
			}
		}
	}
	return NULL;
}

const char *sim_plugin_expand(const struct sim_xml *command, const char *const *values, const char **ret_problem)
{
	struct sim_buf out = {0};

	sim_buf_text(&out, "");
	*ret_problem = expand(command, values, sim_xml_text(command, "execute", ""), &out);
	return *ret_problem == NULL ? out.data : NULL;
}
