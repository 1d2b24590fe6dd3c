/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_acs = {
    .id = "bios-acs",
    .title = "ACS on the way between GPU and HCA, as far as the BIOS has it",
    .severity = HP_MINOR,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at = "The BIOS attribute that switches ACS: AccessControlService (HPE), PCIeACSCTL (Supermicro), "
		"Processors_PCIeACSCTL (Lenovo). Dell has none of its own: the paper has Virtualization Technology "
		"enabled for it. Read over Redfish, where the policy gives access to the BMC: what is in force, and "
		"what waits for the next reset.",
    .why = "Without ACS in the PCIe switches ESX cannot isolate devices, or sends the traffic between GPU and HCA the "
	   "long way through the CPU.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
