/* esxcli software: what it shows, and the table of its commands */
#include "component.h"
#include "image.h"
#include "softerror.h"
#include "software.h"
#include "vib.h"
#include "vibcheck.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int vib_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"Name", "Name", SIM_STRING, false},
	    {"Version", "Version", SIM_STRING, false},
	    {"Vendor", "Vendor", SIM_STRING, false},
	    {"AcceptanceLevel", "Acceptance Level", SIM_STRING, false},
	    {"InstallDate", "Install Date", SIM_STRING, false},
	    {"Platforms", "Platforms", SIM_STRING, false},
	    {"ID", NULL, SIM_STRING, false},
	};
	struct sim_doc doc = {.type = "SummaryExt", .columns = columns, .column_count = COUNT(columns)};
	const bool rebooting = sim_esx_option(esx, "rebooting-image") != NULL;
	struct sim_vib *vibs;
	const size_t count = rebooting && !sim_vib_pending(esx->state) ? 0 : sim_vib_list(esx->state, rebooting, &vibs);

	for (size_t i = 0; i < count; i++) {
		const char **cells = sim_doc_row(&doc, NULL);

		cells[0] = vibs[i].name;
		cells[1] = vibs[i].version;
		cells[2] = vibs[i].vendor;
		cells[3] = vibs[i].level;
		cells[4] = vibs[i].date;
		cells[5] = vibs[i].platforms;
		cells[6] = sim_vib_id(&vibs[i]);
	}
	return sim_esx_print(esx, &doc);
}

/* ---- all about a VIB ---- */

static const struct sim_column vib_columns[] = {
    {"Name", "Name", SIM_STRING, false},
    {"Version", "Version", SIM_STRING, false},
    {"Type", "Type", SIM_STRING, false},
    {"Vendor", "Vendor", SIM_STRING, false},
    {"AcceptanceLevel", "Acceptance Level", SIM_STRING, false},
    {"Summary", "Summary", SIM_STRING, false},
    {"Description", "Description", SIM_STRING, false},
    {"ReferenceURLs", "ReferenceURLs", SIM_LIST, false},
    {"CreationDate", "Creation Date", SIM_STRING, false},
    {"Depends", "Depends", SIM_LIST, false},
    {"Conflicts", "Conflicts", SIM_LIST, false},
    {"Replaces", "Replaces", SIM_LIST, false},
    {"Provides", "Provides", SIM_LIST, false},
    {"MaintenanceModeRequired", "Maintenance Mode Required", SIM_BOOLEAN, false},
    {"HardwarePlatformsRequired", "Hardware Platforms Required", SIM_LIST, false},
    {"LiveInstallAllowed", "Live Install Allowed", SIM_BOOLEAN, false},
    {"LiveRemoveAllowed", "Live Remove Allowed", SIM_BOOLEAN, false},
    {"StatelessReady", "Stateless Ready", SIM_BOOLEAN, false},
    {"Overlay", "Overlay", SIM_BOOLEAN, false},
    {"Tags", "Tags", SIM_LIST, false},
    {"Payloads", "Payloads", SIM_LIST, false},
    {"Platforms", "Platforms", SIM_LIST, false},
};

/* The children of a list, one text each. */
static const char *joined(const struct sim_xml *list, const char *(*text)(const struct sim_xml *xml))
{
	struct sim_buf out = {0};

	sim_buf_text(&out, "");
	for (const struct sim_xml *child = list == NULL ? NULL : list->first; child != NULL; child = child->next) {
		sim_buf_printf(&out, "%s%s", out.len == 0 ? "" : ", ", text(child));
	}
	return out.data;
}

static const char *url_text(const struct sim_xml *xml)
{
	return sim_fmt("%s|%s", sim_xml_attribute(xml, "key", ""), sim_xml_trimmed(xml));
}

static const char *relation_text(const struct sim_xml *xml)
{
	const char *relation = sim_xml_attribute(xml, "relation", "");
	const char *version = sim_xml_attribute(xml, "version", "");
	const char *name = sim_xml_attribute(xml, "name", "");

	return *version == '\0' ? name : sim_fmt("%s %s %s", name, *relation == '\0' ? "=" : relation, version);
}

static const char *payload_text(const struct sim_xml *xml)
{
	return sim_xml_attribute(xml, "name", "");
}

static void fill_from_file(const char **cells, const struct sim_vibfile *vib)
{
	static const char *const relations[] = {"depends", "conflicts", "replaces", "provides"};
	static const char *const flags[] = {"live-install-allowed", "live-remove-allowed", "stateless-ready",
					    "overlay"};
	const char *date = sim_xml_text(vib->xml, "release-date", "");

	cells[0] = vib->name;
	cells[1] = vib->version;
	cells[2] = vib->type;
	cells[3] = vib->vendor;
	cells[4] = sim_level_long(vib->level);
	cells[5] = sim_xml_text(vib->xml, "summary", "");
	cells[6] = sim_xml_text(vib->xml, "description", "");
	cells[7] = joined(sim_xml_child(vib->xml, "urls"), url_text);
	cells[8] = sim_copy(date, strcspn(date, "T"));
	for (size_t i = 0; i < COUNT(relations); i++) {
		cells[9 + i] =
		    joined(sim_xml_child(sim_xml_child(vib->xml, "relationships"), relations[i]), relation_text);
	}
	cells[13] = vib->maintenance ? "true" : "false";
	for (size_t i = 0; i < COUNT(flags); i++) {
		cells[15 + i] = sim_vib_flag(vib, flags[i]) ? "true" : "false";
	}
	cells[19] = joined(sim_xml_child(vib->xml, "software-tags"), sim_xml_trimmed);
	cells[20] = joined(sim_xml_child(vib->xml, "payloads"), payload_text);
	cells[21] = "host";
}

static void fill_stock(const char **cells, const struct sim_vib *vib)
{
	cells[0] = vib->name;
	cells[1] = vib->version;
	cells[2] = "bootbank";
	cells[3] = vib->vendor;
	cells[4] = vib->level;
	cells[5] = vib->summary;
	cells[6] = vib->summary;
	cells[8] = vib->date;
	cells[9] = "vmkapi_2_10_0_0, vmkapi_incompat_2_10_0_0";
	cells[13] = "true";
	cells[15] = "false";
	cells[16] = "false";
	cells[17] = "true";
	cells[18] = "false";
	cells[20] = vib->name;
	cells[21] = vib->platforms;
}

static int vib_get(struct sim_esx *esx)
{
	struct sim_doc doc = {
	    .type = "VIBExt", .columns = vib_columns, .column_count = COUNT(vib_columns), .style = SIM_BLOCKS};
	const char *wanted = sim_esx_option(esx, "vibname");
	const bool rebooting = sim_esx_option(esx, "rebooting-image") != NULL;
	struct sim_vib *vibs;
	const size_t count = rebooting && !sim_vib_pending(esx->state) ? 0 : sim_vib_list(esx->state, rebooting, &vibs);

	for (size_t i = 0; i < count; i++) {
		struct sim_vibfile file;

		if (wanted != NULL && !sim_eq(wanted, vibs[i].name)) {
			continue;
		}
		const char **cells = sim_doc_row(&doc, sim_vib_id(&vibs[i]));
		if (sim_image_load(esx->state, vibs[i].name, vibs[i].version, &file)) {
			fill_from_file(cells, &file);
		} else {
			fill_stock(cells, &vibs[i]);
		}
	}
	if (wanted != NULL && doc.row_count == 0) {
		return sim_esx_fail(
		    esx, sim_soft_error("NoMatchError", "No VIB matching VIB search specification '%s'.", wanted));
	}
	return sim_esx_print(esx, &doc);
}

/* Columns and texts are not known. */
static int signature_verify(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"Name", "Name", SIM_STRING, false},
	    {"Version", "Version", SIM_STRING, false},
	    {"Vendor", "Vendor", SIM_STRING, false},
	    {"AcceptanceLevel", "Acceptance Level", SIM_STRING, false},
	    {"SignatureVerificationResult", "Signature Verification Result", SIM_STRING, false}};
	struct sim_doc doc = {.type = "VibSignature", .columns = columns, .column_count = COUNT(columns)};
	struct sim_vib *vibs;
	const size_t count = sim_vib_list(esx->state, false, &vibs);

	for (size_t i = 0; i < count; i++) {
		const char **cells = sim_doc_row(&doc, NULL);
		struct sim_vibfile file;

		cells[0] = vibs[i].name;
		cells[1] = vibs[i].version;
		cells[2] = vibs[i].vendor;
		cells[3] = vibs[i].level;
		cells[4] = !sim_image_load(esx->state, vibs[i].name, vibs[i].version, &file) ? "Succeeded"
			   : file.signature_len == 0 ? "Signature Not Available: Host may have been upgraded from an "
						       "older ESXi version"
			   : sim_check_signature(esx->state, &file) == NULL ? "Succeeded"
									    : "Failed";
	}
	return sim_esx_print(esx, &doc);
}

/* ---- acceptance ---- */

static int acceptance_get(struct sim_esx *esx)
{
	return sim_esx_scalar(esx, SIM_STRING, sim_get(esx->state, "acceptance", "PartnerSupported"));
}

static int acceptance_set(struct sim_esx *esx)
{
	const char *name = sim_esx_option(esx, "level");
	const char *level = sim_level_short(name);
	struct sim_buf lower = {0};
	struct sim_vib *vibs;
	const size_t count = sim_vib_list(esx->state, sim_vib_pending(esx->state), &vibs);

	if (level == NULL) { /* not known */
		return sim_esx_fail(esx, sim_fmt("Error: Invalid value %s for --level\n", name));
	}
	if (sim_eq(level, "community") && sim_get_bool(esx->state, "secureboot", false)) {
		return sim_esx_fail(esx, sim_soft_guess("AcceptanceConfigError",
							"Secure Boot is enabled: the host acceptance level cannot be "
							"changed to community."));
	}
	for (size_t i = 0; i < count; i++) {
		const char *its = sim_level_short(vibs[i].level);

		if (its != NULL && sim_level_rank(its) < sim_level_rank(level)) {
			sim_buf_printf(&lower, "%s%s", lower.len == 0 ? "" : ", ", sim_vib_id(&vibs[i]));
		}
	}
	if (lower.len > 0) {
		return sim_esx_fail(esx, sim_soft_error("AcceptanceConfigError",
							"Unable to set acceptance level of %s due to installed VIBs %s "
							"having a lower acceptance level.",
							level, lower.data));
	}
	sim_put(esx->state, "acceptance", name);
	return sim_esx_scalar(esx, SIM_STRING, sim_fmt("Host acceptance level changed to '%s'.", name));
}

/* ---- components ---- */

static int print_components(struct sim_esx *esx, const struct sim_bulletin *list, size_t count, const char *wanted,
			    bool blocks)
{
	/* the order of a line of 8.0; the heads are not known */
	static const struct sim_column columns[] = {{"Name", "Name", SIM_STRING, false},
						    {"DisplayName", "Display Name", SIM_STRING, false},
						    {"Version", "Version", SIM_STRING, false},
						    {"DisplayVersion", "Display Version", SIM_STRING, false},
						    {"Vendor", "Vendor", SIM_STRING, false},
						    {"CreationDate", "Creation Date", SIM_STRING, false},
						    {"AcceptanceLevel", "Acceptance Level", SIM_STRING, false},
						    {"Platforms", "Platforms", SIM_STRING, false},
						    {"VIBs", "VIBs", SIM_LIST, false}};
	struct sim_doc doc = {.type = "Component",
			      .columns = columns,
			      .column_count = COUNT(columns) - (blocks ? 0 : 1),
			      .style = blocks ? SIM_BLOCKS : SIM_TABLE};

	for (size_t i = 0; i < count; i++) {
		const struct sim_xml *xml = list[i].xml;
		const char *date = sim_xml_text(xml, "releaseDate", "");
		struct sim_buf vibs = {0};

		if (list[i].component == NULL || (wanted != NULL && !sim_eq(wanted, list[i].component))) {
			continue;
		}
		sim_buf_text(&vibs, "");
		for (size_t v = 0; v < list[i].vib_count; v++) {
			sim_buf_printf(&vibs, "%s%s", v == 0 ? "" : ", ", list[i].vib_ids[v]);
		}
		const char **cells = sim_doc_row(&doc, sim_fmt("%s_%s", list[i].component, list[i].version));
		cells[0] = list[i].component;
		cells[1] = sim_xml_attribute(sim_xml_child(xml, "componentNameSpec"), "uiString", "");
		cells[2] = list[i].version;
		cells[3] = sim_xml_attribute(sim_xml_child(xml, "componentVersionSpec"), "uiString", "");
		cells[4] = sim_xml_text(xml, "vendor", "");
		cells[5] = strlen(date) >= 10 ? sim_fmt("%.2s-%.2s-%.4s", date + 5, date + 8, date) : date;
		cells[6] = "CommunitySupported";
		struct sim_vib *installed;
		const size_t installed_count = sim_vib_list(esx->state, false, &installed);
		for (size_t v = 0; v < installed_count; v++) {
			if (list[i].vib_count > 0 && sim_eq(sim_vib_id(&installed[v]), list[i].vib_ids[0])) {
				cells[6] = installed[v].level;
			}
		}
		cells[7] = "host";
		if (blocks) {
			cells[8] = vibs.data;
		}
	}
	if (wanted != NULL && doc.row_count == 0) {
		return sim_esx_fail(esx, sim_soft_guess("NoMatchError", "No component matching '%s'.", wanted));
	}
	return sim_esx_print(esx, &doc);
}

static int installed_components(struct sim_esx *esx, bool blocks)
{
	const bool rebooting = sim_esx_option(esx, "rebooting-image") != NULL;
	struct sim_bulletin *list;
	const size_t count =
	    rebooting && !sim_vib_pending(esx->state) ? 0 : sim_component_list(esx->state, rebooting, &list);

	return print_components(esx, list, count, sim_esx_option(esx, "component"), blocks);
}

static int component_list(struct sim_esx *esx)
{
	return installed_components(esx, false);
}

static int component_get(struct sim_esx *esx)
{
	return installed_components(esx, true);
}

/* ---- sources ---- */

static int sources_component_list(struct sim_esx *esx)
{
	struct sim_depot depot;
	const char *problem = sim_soft_depot(esx, &depot);

	return problem != NULL ? sim_esx_fail(esx, problem)
			       : print_components(esx, depot.bulletins, depot.bulletin_count, NULL, false);
}

static int sources_vib_get(struct sim_esx *esx)
{
	struct sim_doc doc = {
	    .type = "VIBExt", .columns = vib_columns, .column_count = COUNT(vib_columns), .style = SIM_BLOCKS};
	struct sim_vibfile *vibs;
	size_t count;
	const char *problem = sim_soft_vibs(esx, &vibs, &count);

	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	for (size_t i = 0; i < count; i++) {
		fill_from_file(sim_doc_row(&doc, vibs[i].id), &vibs[i]);
	}
	return sim_esx_print(esx, &doc);
}

static int sources_vib_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {{"Name", "Name", SIM_STRING, false},
						    {"Version", "Version", SIM_STRING, false},
						    {"Vendor", "Vendor", SIM_STRING, false},
						    {"CreationDate", "Creation Date", SIM_STRING, false},
						    {"AcceptanceLevel", "Acceptance Level", SIM_STRING, false}};
	struct sim_doc doc = {.type = "VIBSummary", .columns = columns, .column_count = COUNT(columns)};
	struct sim_vibfile *vibs;
	size_t count;
	const char *problem = sim_soft_vibs(esx, &vibs, &count);

	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	for (size_t i = 0; i < count; i++) {
		const char *date = sim_xml_text(vibs[i].xml, "release-date", "");
		const char **cells = sim_doc_row(&doc, NULL);

		cells[0] = vibs[i].name;
		cells[1] = vibs[i].version;
		cells[2] = vibs[i].vendor;
		cells[3] = sim_copy(date, strcspn(date, "T"));
		cells[4] = sim_level_long(vibs[i].level);
	}
	return sim_esx_print(esx, &doc);
}

#define SOURCES                                                                                                        \
	{'d', "depot", true, false}, {'v', "viburl", true, false},                                                     \
	{                                                                                                              \
		'n', "vibname", true, false                                                                            \
	}
#define INSTALL                                                                                                        \
	SOURCES, {'f', "force", false, false}, {0, "dry-run", false, false}, {0, "maintenance-mode", false, false},    \
	    {0, "no-live-install", false, false}, {0, "no-sig-check", false, false},                                   \
	{                                                                                                              \
		0, "proxy", true, false                                                                                \
	}

const struct sim_command sim_software_commands[] = {
    {"software acceptance get", "The host's acceptance level", {{0}}, acceptance_get},
    {"software acceptance set", "Sets the host's acceptance level", {{0, "level", true, true}}, acceptance_set},
    {"software component apply",
     "Installs components of a depot",
     {{'d', "depot", true, true},
      {'n', "component", true, false},
      {0, "dry-run", false, false},
      {0, "no-sig-check", false, false},
      {'f', "force", false, false},
      {0, "maintenance-mode", false, false},
      {0, "no-live-install", false, false}},
     sim_component_apply},
    {"software component get",
     "All about installed components",
     {{'n', "component", true, false}, {0, "rebooting-image", false, false}},
     component_get},
    {"software component list",
     "Installed components",
     {{'n', "component", true, false}, {0, "rebooting-image", false, false}},
     component_list},
    {"software component remove",
     "Removes a component",
     {{'n', "component", true, true},
      {0, "dry-run", false, false},
      {0, "maintenance-mode", false, false},
      {0, "no-live-install", false, false}},
     sim_component_remove},
    {"software sources component list", "Components of a depot", {{'d', "depot", true, true}}, sources_component_list},
    {"software sources vib get", "All about VIBs of a depot or a file", {SOURCES}, sources_vib_get},
    {"software sources vib list", "VIBs of a depot or a file", {SOURCES}, sources_vib_list},
    {"software vib get",
     "All about VIBs",
     {{'n', "vibname", true, false}, {0, "rebooting-image", false, false}},
     vib_get},
    {"software vib install", "Installs VIBs", {INSTALL}, sim_vib_install},
    {"software vib list", "Installed VIBs", {{0, "rebooting-image", false, false}}, vib_list},
    {"software vib remove",
     "Removes a VIB",
     {{'n', "vibname", true, true},
      {'f', "force", false, false},
      {0, "dry-run", false, false},
      {0, "maintenance-mode", false, false},
      {0, "no-live-install", false, false}},
     sim_vib_remove},
    {"software vib signature verify", "Verifies the signatures of installed VIBs", {{0}}, signature_verify},
    {"software vib update", "Updates installed VIBs", {INSTALL}, sim_vib_update},
};
const size_t sim_software_command_count = COUNT(sim_software_commands);
