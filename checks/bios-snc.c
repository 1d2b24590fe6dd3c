/* Source: the paper, chapter 7. Attributes and values by maker: agent/engine/builtin_policy.yaml. */
#include "check.h"

const struct hp_check hp_check_bios_snc = {
    .id = "bios-snc",
    .title = "Sub-NUMA clustering",
    .severity = HP_INFO,
    .reboot = HP_REBOOT_FULL,
    .needs = {"redfish"},
    .tags = {"bios"},
    .evaluate = hp_expect_bios,
    .looks_at = "The BIOS attribute of sub-NUMA clustering: SubNumaCluster (Dell), SubNumaClustering (HPE), SNC "
		"(Supermicro), Processors_SNC (Lenovo). Read over Redfish, where the policy gives access to the BMC: "
		"what is in force, and what waits for the next reset.",
    .why = "Whether it helps depends on the workload, so it is reported and not judged, unless the policy says what is "
	   "wanted.",
    .fixed_by = "hostprep fix --bios stages the value over the BMC for the next reset; or in the BIOS setup. Then a "
		"reboot through firmware.",
    .undone_by = "hostprep undo stages the value that it had before; or in the BIOS setup.",
};
