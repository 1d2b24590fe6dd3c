/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_power_profile = {
    .id = "bios-power-profile",
    .title = "The system profile is Performance Per Watt (OS)",
    .severity = HP_MINOR,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at = "The BIOS attribute of the power profile: SysProfile (Dell), PowerRegulator (HPE), "
		"PowerPerformanceTuning (Supermicro). That of Lenovo is reported only. Read over Redfish, where the "
		"policy gives access to the BMC: what is in force, and what waits for the next reset.",
    .why = "With it ESX itself steers power states; the paper then sets High Performance in ESX.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
