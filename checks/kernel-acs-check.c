/* Sources: the paper, 8.1; KB 391460 (8.0.3's ACS check is over-strict; TRUE works around it). */
#include "check.h"

static void evaluate(struct hp_judge *j)
{
	struct hp_finding *f = hp_expect_kernel(j, "disableACSCheck", j->want, NULL);
	if (hp_esx_major(j) > 8 || (f->state != HP_FAIL && f->state != HP_REGRESSING))
		return;
	f->wanted.by_id_only = true;
	if (!hp_esx_major(j)) { /* it may be 8.0.x */
		f->remedy.fixable = false;
		f->wanted = (struct hp_wanted){.by = HP_SET_NOTHING};
	}
	f->remedy.text =
	    hp_format(j->arena,
		      "On 8.0.x somebody may have set TRUE on purpose: KB 391460 works around an over-strict ACS "
		      "check with it. Read KB 391460 first: devices may no longer be passthrough-capable with "
		      "FALSE. Then set FALSE%s. `hostprep fix` does it only when asked by id: --only "
		      "kernel-acs-check.",
		      hp_then_reboot(f, false));
}

const struct hp_check hp_check_kernel_acs_check = {
    .id = "kernel-acs-check",
    .title = "ACS capability checks are made",
    .severity = HP_BLOCKER,
    .want_kind = HP_WANT_BOOL,
    .want = "FALSE",
    .fixable = true,
    .reboot = HP_REBOOT_ANY,
    .needs = {"kernel-settings", "esx-version"},
    .tags = {"kernel"},
    .evaluate = evaluate,
    .looks_at = "The kernel setting disableACSCheck: Runtime (in force) and Configured (next boot).",
    .why =
	"With TRUE ESX no longer checks that PCIe devices can be isolated by ACS, and peer traffic between GPU and HCA "
	"may take a path that is neither fast nor safe.",
    .fixed_by = "`esxcli system settings kernel set -s disableACSCheck -v FALSE`, then a reboot. On 8.0.x read KB "
		"391460 first: there TRUE may be its workaround.",
    .undone_by = "Setting the value that it had before, then a reboot.",
};
