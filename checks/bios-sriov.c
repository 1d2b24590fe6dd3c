/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_sriov = {
    .id = "bios-sriov",
    .title = "SR-IOV is on",
    .severity = HP_MINOR,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at = "The BIOS attribute of SR-IOV: SriovGlobalEnable (Dell), Sriov (HPE), SR_IOVSupport (Supermicro), "
		"DevicesandIOPorts_SRIOV (Lenovo). Read over Redfish, where the policy gives access to the BMC: what "
		"is in force, and what waits for the next reset.",
    .why = "The paper enables it on all hosts; virtual functions and large BARs need the address room that it makes "
	   "the BIOS reserve.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
