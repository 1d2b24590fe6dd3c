/* The BIOS resource and its settings object. */
#include <string.h>

#include "../base/json.h"
#include "redfish.h"

static const struct hp_redfish_options *options_of(const struct hp_redfish *r)
{
	return &r->asking->options->redfish;
}

static void put_host(const struct hp_redfish *r, const char *name, const char *value)
{
	hp_fact_put(r->asking->facts, HP_HOST, name)->now = hp_present(value);
}

/* A value as text: strings as they are, whole numbers in decimal, true and false. NULL for null and for what no BIOS
 * has. */
static const char *value_text(struct hp_arena *a, const json_t *value)
{
	if (json_is_string(value))
		return hp_clean_text(a, (struct hp_str){json_string_value(value), json_string_length(value)}, 200,
				     NULL);
	if (json_is_integer(value))
		return hp_format(a, "%lld", (long long)json_integer_value(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	return NULL;
}

/* What a change must know: a value is written as it is read, and put back the same. */
static const char *type_of(const json_t *value, const char *text)
{
	if (json_is_integer(value))
		return "number";
	if (json_is_boolean(value))
		return "boolean";
	return text && json_is_string(value) && strcmp(text, json_string_value(value)) == 0 ? NULL : "other";
}

static void put_type(const struct hp_redfish *r, const char *key, const json_t *value, const char *text)
{
	const char *type = type_of(value, text);
	if (type)
		put_host(r, hp_format(r->asking->arena, "bios-type.%s", key), type);
}

static bool takes_on_reset(const json_t *bios)
{
	const json_t *times = json_object_get(json_object_get(bios, "@Redfish.Settings"), "SupportedApplyTimes");
	for (size_t i = 0; i < json_array_size(times); i++) {
		const char *time = json_string_value(json_array_get(times, i));
		if (time && strcmp(time, "OnReset") == 0)
			return true;
	}
	return false;
}

/* Does a check read this attribute? */
static bool is_wanted(const struct hp_redfish *r, const char *name)
{
	const struct hp_redfish_options *o = options_of(r);
	for (size_t i = 0; i < o->rule_count; i++)
		for (size_t k = 0; hp_rf_rule_holds(r->asking->arena, o, &o->rules[i], r->maker, r->model) &&
				   o->rules[i].attributes[k];
		     k++)
			if (hp_rf_glob(r->asking->arena, o->rules[i].attributes[k], name))
				return true;
	return false;
}

void hp_rf_read_bios(struct hp_redfish *r, const json_t *bios, struct hp_str body, const char *source)
{
	struct hp_arena *a = r->asking->arena;
	json_t *attributes = json_object_get(bios, "Attributes");
	const char *key;
	json_t *value;
	if (!json_is_object(attributes) || !json_object_size(attributes)) {
		r->bios_why = hp_format(a, "%s has no attributes", source);
		r->bios_hint = "The BMC may still be starting: try again in a few minutes.";
		return;
	}
	r->bios_read = true;
	r->on_reset = takes_on_reset(bios);
	json_object_foreach (attributes, key, value) {
		if (!is_wanted(r, key))
			continue;
		struct hp_fact *f = hp_fact_put(r->asking->facts, HP_HOST, hp_format(a, "bios.%s", key));
		const char *text = value_text(a, value);
		put_type(r, key, value, text);
		f->now =
		    text ? hp_present(text) : hp_no_data(hp_format(a, "the BIOS gives no value for %s", key), NULL);
		f->next = hp_no_data("The settings of the next reset were not read", NULL);
		f->evidence[0] = (struct hp_evidence){.source = source, .record = hp_rf_place(a, body, key, NULL)};
	}
}

static void put_path(const struct hp_redfish *r, const char *name, const char *path)
{
	if (path)
		put_host(r, name, path);
}

/* The settings object holds what is pending: on Dell these alone, on others all of them, so each is compared by itself.
 */
void hp_rf_read_settings(struct hp_redfish *r, const json_t *settings, const char *why)
{
	struct hp_arena *a = r->asking->arena;
	struct hp_facts *facts = r->asking->facts;
	const json_t *pending = settings ? json_object_get(settings, "Attributes") : NULL;
	/* Without Attributes nothing is pending (Supermicro), but something else in the place of a resource tells
	 * nothing. */
	if (settings && ((pending && !json_is_object(pending)) || json_object_get(settings, "error") ||
			 (!pending && !hp_rf_text(settings, "@odata.id"))))
		why = "the settings of the next reset are no settings";
	for (size_t i = 0; i < facts->count; i++) {
		struct hp_fact *f = facts->facts[i];
		if (strcmp(f->subject, HP_HOST) != 0 || strncmp(f->name, "bios.", 5) != 0)
			continue;
		const json_t *value = json_object_get(pending, f->name + 5);
		const char *text = value ? value_text(a, value) : NULL;
		if (why)
			f->next = hp_no_data(why, NULL);
		else if (text)
			f->next = hp_present(text);
		else if (value)
			f->next = hp_no_data(
			    hp_format(a, "the settings of the next reset give no value for %s", f->name + 5), NULL);
		else
			f->next = f->now; /* nothing is pending for it */
	}
	put_host(r, "redfish.origin", r->bmc.origin);
	put_path(r, "redfish.sessions-path", r->sessions);
	put_path(r, "redfish.settings-path", r->settings);
	put_path(r, "redfish.jobs-path", r->jobs);
	put_path(r, "redfish.apply-time", r->on_reset ? "OnReset" : NULL);
	if (r->jobs && hp_rf_is_pending(r))
		hp_rf_want(r, HP_RF_JOBS, r->jobs, NULL);
	put_host(r, "bios.maker", r->maker);
	put_host(r, "bios.model", r->model);
	put_host(r, "bios", "read");
}
