/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_above_4g = {
    .id = "bios-above-4g",
    .title = "Memory mapped I/O above 4 GB is on",
    .severity = HP_MINOR,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at = "The BIOS attribute for I/O memory above 4 GB: MmioAbove4Gb (Dell), Above4GDecoding (Supermicro). HPE "
		"has no switch for it. Read over Redfish, where the policy gives access to the BMC: what is in force, "
		"and what waits for the next reset.",
    .why = "A GPU has BARs of many GB; below 4 GB there is no room for them.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
