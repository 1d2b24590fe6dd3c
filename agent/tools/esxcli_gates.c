/* esxcli: may something be written now? Both answers open a gate, so whatever is not exactly what is known is no data.
 */
#include <string.h>

#include "asks.h"
#include "esxcli.h"

static void put(struct hp_asking *asking, const char *name, const char *value, const char *source, struct hp_str text)
{
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, name);
	f->now = hp_present(value);
	f->evidence[0] = hp_evidence(source, text);
}

/* ---- system maintenanceMode get: "Enabled" or "Disabled"; the plug-in of 6.7 has "Unknown" as well ---- */

static const char *maintenance_scalar(struct hp_asking *asking, struct hp_str text, const char *source)
{
	static const char *const modes[] = {"Enabled", "Disabled"};
	struct hp_str said = hp_str_trim(text);
	for (size_t i = 0; i < 2; i++)
		if (hp_str_eq(said, modes[i])) {
			put(asking, "maintenance", modes[i], source, text);
			return NULL;
		}
	return hp_format(asking->arena, "printed \"%s\", which is neither Enabled nor Disabled",
			 hp_clean_text(asking->arena, said, 80, NULL));
}

static void maintenance_none(struct hp_asking *asking, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, HP_HOST, "maintenance")->now = hp_no_data(why, hint);
}

static const struct hp_esxcli_topic maintenance_topic = {
    .words = {"system", "maintenanceMode", "get"}, .scalar = maintenance_scalar, .none = maintenance_none};
const struct hp_ask hp_ask_maintenance = {
    .name = "maintenance-mode", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &maintenance_topic};

/* ---- software vib list --rebooting-image ----
 * Nothing, or a table without rows, means that no image waits for a reboot. Columns: Name, Version, Vendor, Acceptance
 * Level, Install Date and, since 8.0, Platforms (esxcli of 7.x, 8.0 and 9.0.0). */

static size_t words_of(struct hp_str line)
{
	struct hp_str word;
	size_t n = 0;
	while (hp_next_word(&line, &word))
		n++;
	return n;
}

static bool is_head(struct hp_str line)
{
	struct hp_str first, second;
	return hp_next_word(&line, &first) && hp_next_word(&line, &second) && hp_str_eq(first, "Name") &&
	       hp_str_eq(second, "Version") && hp_str_has(line, "Acceptance Level");
}

static bool is_dashes(struct hp_str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != '-' && line.p[i] != ' ' && line.p[i] != '\r')
			return false;
	return hp_str_has_byte(line, '-');
}

static const char *image_scalar(struct hp_asking *asking, struct hp_str text, const char *source)
{
	struct hp_str rest = text, line;
	size_t lines = 0, vibs = 0;
	bool ended, known = true;
	while (hp_next_line(&rest, &line, &ended)) {
		if (!hp_str_trim(line).n)
			continue;
		bool row = lines > 1 && line.p[0] != ' ' && words_of(line) >= 5;
		known = known && (lines == 0 ? is_head(line) : lines == 1 ? is_dashes(line) : row);
		vibs += row;
		lines++;
	}
	if (text.n && (!known || lines < 2))
		return "printed text of an unknown form";
	put(asking, "rebooting-image", vibs ? hp_format(asking->arena, "%zu VIBs", vibs) : "none", source, text);
	return NULL;
}

static void image_none(struct hp_asking *asking, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, HP_HOST, "rebooting-image")->now = hp_no_data(why, hint);
}

static const struct hp_esxcli_topic image_topic = {.words = {"software", "vib", "list", "--rebooting-image"},
						   .empty_ok = true,
						   .scalar = image_scalar,
						   .none = image_none};
const struct hp_ask hp_ask_rebooting_image = {
    .name = "rebooting-image", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &image_topic};
