/* Source: the paper, 8.1; default TRUE since 7.0U3 (lamw/esxi-advanced-and-kernel-settings). */
#include "check.h"

static void evaluate(struct hp_judge *j)
{
	(void)hp_expect_kernel(j, "atsSupport", j->want, NULL);
}

const struct hp_check hp_check_kernel_ats_support = {
    .id = "kernel-ats-support",
    .title = "PCIe ATS is supported by VMkernel",
    .severity = HP_BLOCKER,
    .want_kind = HP_WANT_BOOL,
    .want = "TRUE",
    .fixable = true,
    .reboot = HP_REBOOT_ANY,
    .needs = {"kernel-settings", "esx-version"},
    .tags = {"kernel", "ats"},
    .evaluate = evaluate,
    .looks_at = "The kernel setting atsSupport: Runtime (in force) and Configured (next boot).",
    .why = "Without address translation services an HCA cannot reach GPU memory directly: every transfer goes through "
	   "the IOMMU and bandwidth is about halved.",
    .fixed_by = "`esxcli system settings kernel set -s atsSupport -v TRUE`, then a reboot.",
    .undone_by = "Setting the value that it had before, then a reboot.",
};
