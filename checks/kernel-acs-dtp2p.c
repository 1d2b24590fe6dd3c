/* Sources: the paper, 8.1 (ESX 9); the setting does not exist before 9.0 (lamw/esxi-advanced-and-kernel-settings). */
#include "check.h"

static void evaluate(struct hp_judge *j)
{
	(void)hp_expect_kernel(j, "enableACSDTP2P", j->want,
			       "ESX 8.x has no setting enableACSDTP2P; it came with 9.0.");
}

const struct hp_check hp_check_kernel_acs_dtp2p = {
    .id = "kernel-acs-dtp2p",
    .title = "ACS direct translated peer-to-peer",
    .severity = HP_BLOCKER,
    .want_kind = HP_WANT_BOOL,
    .want = "TRUE",
    .fixable = true,
    .reboot = HP_REBOOT_ANY,
    .needs = {"kernel-settings", "esx-version"},
    .tags = {"kernel", "ats"},
    .evaluate = evaluate,
    .looks_at = "The kernel setting enableACSDTP2P: Runtime (in force) and Configured (next boot). On 8.x it does not "
		"exist, and the check does not apply.",
    .why =
	"It lets PCIe switches pass translated requests straight from HCA to GPU (ACS DirectTrans). Without it they go "
	"up to the root complex and back.",
    .fixed_by = "`esxcli system settings kernel set -s enableACSDTP2P -v TRUE`, then a reboot.",
    .undone_by = "Setting the value that it had before, then a reboot.",
};
