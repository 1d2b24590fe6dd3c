/* esxcli system settings kernel list: facts "kernel.NAME" of the host, now = Runtime, next = Configured.
 *
 * Never asked with -o: what it prints for a name that the release does not have is not known. All are listed; a name
 * that is not among them is absent, if the list itself is whole (fact "kernel").
 */
#include <string.h>

#include "asks.h"
#include "esxcli.h"

#define VALUE_MAX 1024 /* bytes */

static bool same_word(struct hp_str s, const char *lower_case)
{
	size_t n = strlen(lower_case);
	for (size_t i = 0; i < n; i++)
		if (i >= s.n || hp_lower(s.p[i]) != lower_case[i])
			return false;
	return s.n == n;
}

/* Booleans print as TRUE and FALSE, and hostd shows the same as True and False; a Boolean that is neither was cut or
 * garbled. Other values stay as they are, if they are text and not too long to be kept whole. */
static struct hp_value value_of(struct hp_arena *a, const char *name, bool boolean, struct hp_str s)
{
	bool cut;
	if (boolean && same_word(s, "true"))
		return hp_present("TRUE");
	if (boolean && same_word(s, "false"))
		return hp_present("FALSE");
	const char *text = hp_clean_text(a, s, VALUE_MAX, &cut);
	if (!boolean && !cut && hp_str_eq(s, text))
		return hp_present(text);
	return hp_no_data(hp_format(a, "%s is printed as \"%.40s\", which is %s", name, text,
				    boolean ? "neither TRUE nor FALSE" : "too long or no text"),
			  "Run the command by hand.");
}

/* Those that checks rest on are Booleans whatever the list says of their type. */
static bool known_boolean(struct hp_str name)
{
	static const char *const names[] = {"disableACSCheck", "atsSupport", "enableACSDTP2P", "noIOMMU",
					    "iovDisableIR"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (hp_str_eq(name, names[i]))
			return true;
	return false;
}

/* In the table a setting's type tells its row from the line that a wrapped description spills over to. */
static bool known_type(struct hp_str type)
{
	static const char *const types[] = {"bool", "string", "uint", "int"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (same_word(hp_str_sub(type, 0, strlen(types[i])), types[i]))
			return true;
	return false;
}

static void put_setting(struct hp_asking *asking, const struct hp_record *r, struct hp_str name, const char *source)
{
	struct hp_arena *a = asking->arena;
	struct hp_str now = {0}, next = {0}, type = {0};
	const char *text = hp_clean_text(a, name, 128, NULL);
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, hp_format(a, "kernel.%s", text));
	bool again = f->evidence[0].source && strcmp(f->evidence[0].source, source) == 0;
	bool boolean = known_boolean(name) || (hp_record_get(r, "type", &type) && same_word(type, "bool") &&
					       !hp_str_eq(name, "atsDisallowPCIeVidDid"));
	const char *why = NULL;
	if (again)
		why = "lists it more than once";
	else if (!r->whole || !hp_record_get(r, "runtime", &now) || !hp_record_get(r, "configured", &next))
		why = "was cut off where it lists it";
	if (!why) {
		f->now = value_of(a, text, boolean, now);
		f->next = value_of(a, text, boolean, next);
	} else {
		f->now = f->next = hp_no_data(hp_format(a, "%s %s", source, why), "Run the command by hand.");
	}
	f->evidence[0] = hp_evidence(source, r->bytes);
}

static const char *kernel_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	size_t settings = 0;
	bool whole = true;
	if (all->count < 2) /* a host has hundreds, and a lone record cannot be told from a cut one */
		return "lists a single setting";
	for (size_t i = 0; i < all->count; i++) {
		const struct hp_record *r = all->records[i];
		struct hp_str name = {0}, type = {0};
		bool named = hp_record_get(r, "name", &name) && name.n;
		if (all->table && hp_record_get(r, "type", &type) && !known_type(type))
			continue; /* what a wrapped description spilled over to */
		whole = whole && r->whole && named;
		if (!named)
			continue;
		settings++;
		put_setting(asking, r, name, source);
	}
	if (!settings)
		return "printed no setting";
	struct hp_fact *list = hp_fact_put(asking->facts, HP_HOST, "kernel");
	if (whole)
		list->now = hp_present(hp_format(asking->arena, "%zu settings", settings));
	else
		list->now = hp_no_data(hp_format(asking->arena, "%s was cut off", source), "Run the command by hand.");
	list->evidence[0] = hp_evidence(source, hp_records_bytes(all));
	return NULL;
}

static void kernel_none(struct hp_asking *asking, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, HP_HOST, "kernel")->now = hp_no_data(why, hint);
}

static const struct hp_esxcli_topic kernel_topic = {.words = {"system", "settings", "kernel", "list"},
						    .long_list = true,
						    .records = kernel_records,
						    .none = kernel_none};
const struct hp_ask hp_ask_kernel = {
    .name = "kernel-settings", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &kernel_topic};
