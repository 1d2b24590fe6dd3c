/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_snoop_holdoff = {
    .id = "bios-snoop-holdoff",
    .title = "I/O Snoop HoldOff Response is 2K cycles",
    .severity = HP_MINOR,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at = "The BIOS attribute SnoopHldOff (Dell), where there is one. That of HPE is reported only: its units "
		"are not known. Read over Redfish, where the policy gives access to the BMC: what is in force, and "
		"what waits for the next reset.",
    .why = "A longer hold-off lets transfers of GPU and HCA finish before the CPU looks for cached data; the paper "
	   "sets 2K cycles, if the BIOS has it.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
