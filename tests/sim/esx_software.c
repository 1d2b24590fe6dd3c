/* esxcli software ... */
#include "esxcli.h"
#include "vib.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *vib_id(const struct sim_vib *vib)
{
	return sim_fmt("%s_bootbank_%s_%s", vib->vendor, vib->name, vib->version);
}

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
		cells[6] = vib_id(&vibs[i]);
	}
	return sim_esx_print(esx, &doc);
}

static int vib_get(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
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
	struct sim_doc doc = {
	    .type = "VIBExt", .columns = columns, .column_count = COUNT(columns), .style = SIM_BLOCKS};
	const char *wanted = sim_esx_option(esx, "vibname");
	const bool rebooting = sim_esx_option(esx, "rebooting-image") != NULL;
	struct sim_vib *vibs;
	const size_t count = rebooting && !sim_vib_pending(esx->state) ? 0 : sim_vib_list(esx->state, rebooting, &vibs);

	for (size_t i = 0; i < count; i++) {
		if (wanted != NULL && !sim_eq(wanted, vibs[i].name)) {
			continue;
		}
		const char **cells = sim_doc_row(&doc, vib_id(&vibs[i]));
		size_t n = 0;

		cells[n++] = vibs[i].name;
		cells[n++] = vibs[i].version;
		cells[n++] = "bootbank";
		cells[n++] = vibs[i].vendor;
		cells[n++] = vibs[i].level;
		cells[n++] = vibs[i].summary;
		cells[n++] = vibs[i].summary;
		n++;
		cells[n++] = vibs[i].date;
		cells[n++] = "vmkapi_2_10_0_0, vmkapi_incompat_2_10_0_0";
		n += 3;
		cells[n++] = "true";
		n++;
		cells[n++] = "false";
		cells[n++] = "false";
		cells[n++] = "true";
		cells[n++] = "false";
		n++;
		cells[n++] = vibs[i].name;
		cells[n] = vibs[i].platforms;
	}
	if (wanted != NULL && doc.row_count == 0) {
		return sim_esx_fail(esx, sim_fmt(" [NoMatchError]\n No VIB matching VIB search specification '%s'.\n"
						 " Please refer to the log file for more details.",
						 wanted));
	}
	return sim_esx_print(esx, &doc);
}

static int acceptance_get(struct sim_esx *esx)
{
	return sim_esx_scalar(esx, SIM_STRING, sim_get(esx->state, "acceptance", "PartnerSupported"));
}

const struct sim_command sim_software_commands[] = {
    {"software acceptance get", "The host's acceptance level", {{0}}, acceptance_get},
    {"software vib get",
     "All about VIBs",
     {{'n', "vibname", true, false}, {0, "rebooting-image", false, false}},
     vib_get},
    {"software vib list", "Installed VIBs", {{0, "rebooting-image", false, false}}, vib_list},
};
const size_t sim_software_command_count = COUNT(sim_software_commands);
