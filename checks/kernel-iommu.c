/* Source: the paper, chapter 7 (the IOMMU must be on); names and defaults from lamw/esxi-advanced-and-kernel-settings.
 */
#include <string.h>

#include "check.h"

/* The worse of two, for one finding about both: fail, regressing, unknown, pending-reboot, pass. */
static int badness(enum hp_state s)
{
	static const enum hp_state order[] = {HP_PASS, HP_PENDING_REBOOT, HP_UNKNOWN, HP_REGRESSING, HP_FAIL};
	for (int i = 0; i < 5; i++)
		if (order[i] == s)
			return i;
	return 2;
}

static const char *both(struct hp_judge *j, const char *a, const char *b)
{
	return a && b ? hp_format(j->arena, "noIOMMU %s, iovDisableIR %s", a, b) : NULL;
}

static void evaluate(struct hp_judge *j)
{
	struct hp_finding one = *hp_expect_kernel(j, "noIOMMU", j->want, NULL);
	struct hp_finding two = *hp_expect_kernel(j, "iovDisableIR", j->want, NULL);
	struct hp_finding worse = badness(two.state) > badness(one.state) ? two : one;
	j->count = 0;
	struct hp_finding *f = hp_say(j, HP_HOST, worse.state, worse.text);
	if (one.state == two.state && one.state == HP_PASS)
		f->text = hp_format(j->arena, "noIOMMU and iovDisableIR are %s now and after the next boot.", j->want);

	else if (one.state == two.state && strcmp(one.text, two.text) != 0)

		f->text = hp_format(j->arena, "%s %s", one.text, two.text);
	f->want = both(j, j->want, j->want);
	f->now = both(j, one.now, two.now);
	f->next = both(j, one.next, two.next);
	f->remedy = worse.remedy;
	if (one.remedy.command && two.remedy.command && one.state == two.state && one.state != HP_UNKNOWN) {
		f->remedy.text =
		    hp_format(j->arena, "Set noIOMMU and iovDisableIR to %s%s.", j->want, hp_then_reboot(f, false));
		f->remedy.command = hp_format(j->arena, "%s; %s", one.remedy.command, two.remedy.command);
	}
	if (one.evidence_count)
		hp_cite(f, &one.evidence[0]);
	if (two.evidence_count)
		hp_cite(f, &two.evidence[0]);
}

const struct hp_check hp_check_kernel_iommu = {
    .id = "kernel-iommu",
    .title = "IOMMU and interrupt remapping are on",
    .severity = HP_MAJOR,
    .want_kind = HP_WANT_BOOL,
    .want = "FALSE",
    .reboot = HP_REBOOT_ANY,
    .needs = {"kernel-settings", "esx-version"},
    .tags = {"kernel"},
    .evaluate = evaluate,
    .looks_at =
	"The kernel settings noIOMMU and iovDisableIR, Runtime and Configured: both FALSE. One finding; the worse "
	"of the two counts.",
    .why = "Passthrough needs the IOMMU. Both settings switch parts of it off and are meant for broken hardware.",
    .fixed_by = "By hand: `esxcli system settings kernel set -s noIOMMU -v FALSE` (and iovDisableIR), then a reboot.",
    .undone_by = "Nothing: hostprep never changes them.",
};
