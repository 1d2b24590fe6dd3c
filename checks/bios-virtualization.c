/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_virtualization = {
    .id = "bios-virtualization",
    .title = "Virtualization Technology and VT-d are on",
    .severity = HP_MINOR,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at =
	"The BIOS attributes of Virtualization Technology and, where they stand apart, of VT-d. Read over Redfish, "
	"where the policy gives access to the BMC: what is in force, and what waits for the next reset.",
    .why = "Passthrough needs both.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
