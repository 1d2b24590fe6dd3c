/* Source: the paper, 8.3. Judged by Current and Next Boot of `mlxconfig -e`: without -e only the next boot's value is
 * printed, and between setting it and the reboot that one is not in force (mstflint mlxcfg_ui.cpp). */
#include "check.h"

static void judge_hca(struct hp_judge *j, const struct hp_hca *hca)
{
	const struct hp_inventory *v = j->inventory;
	const char *sbdf = hca->device->sbdf;
	struct hp_finding *f;
	if (hca->used_by) {
		f = hp_say(j, sbdf, HP_NOT_APPLICABLE, hp_format(j->arena, "VMkernel uses it: %s.", hca->used_by));
		hp_cite(f, &hca->used_evidence);
		return;
	}
	if (v->mst.is != HP_PRESENT) {
		(void)hp_say_no_data(j, sbdf, &v->mst);
		return;
	}
	if (!hca->mst || hca->unclear) {
		f = hp_say(j, sbdf, HP_UNKNOWN,
			   hca->unclear ? hp_format(j->arena, "%s.", hca->unclear)
					: "MFT does not list it, so it cannot be asked.");
		hp_remedy(f, "See hca-inventory.", NULL);
		return;
	}
	const struct hp_fact *fact = hp_fact(j->facts, hca->mst->name, "hca.ATS_ENABLED");
	f = hp_expect(j, sbdf, "ATS_ENABLED", j->want, fact);
	hp_cite(f, &hca->mst->evidence);
	if (f->state == HP_UNKNOWN && f->remedy.text)
		f->remedy.command =
		    hp_format(j->arena, "/opt/mellanox/bin/mlxconfig -d %s -e query ATS_ENABLED", hca->mst->name);
	const char *quick_boot = hp_fact_text(j->facts, HP_HOST, "quick-boot");
	if (f->state == HP_PENDING_REBOOT && quick_boot && quick_boot[0] == '1')
		f->text = hp_format(j->arena, "%s The last boot was a Quick Boot, which does not load HCA settings.",
				    f->text);
	if (f->state != HP_FAIL && f->state != HP_REGRESSING)
		return;
	hp_remedy(
	    f, hp_format(j->arena, "Set ATS_ENABLED=%s%s.", j->want, hp_then_reboot(f, true)),
	    hp_format(j->arena, "/opt/mellanox/bin/mlxconfig -d %s -y set ATS_ENABLED=%s", hca->mst->name, j->want));
	if (!fact->read_only) {
		hp_set_hca(f, hca, "ATS_ENABLED");
		return;
	}
	f->remedy = (struct hp_remedy){
	    .text = "The HCA's firmware marks it read-only (RO): it cannot be set from this host. Ask "
		    "who manages the card, or update its firmware."};
}

static void evaluate(struct hp_judge *j)
{
	const struct hp_inventory *v = j->inventory;
	if (v->pci.is != HP_PRESENT) {
		(void)hp_say_no_data(j, HP_HOST, &v->pci);
		return;
	}
	if (v->hca_count == v->hca_used)
		(void)hp_say(j, HP_HOST, j->expect_hcas == 0 ? HP_NOT_APPLICABLE : HP_UNKNOWN,
			     "There is no HCA to look at.");
	for (size_t i = 0; i < v->hca_count; i++)
		judge_hca(j, &v->hcas[i]);
	for (size_t i = 0; i < v->stranger_count; i++)
		(void)hp_say(j, hp_sbdf_text(j->arena, &v->strangers[i]->at), HP_UNKNOWN,
			     hp_format(j->arena, "MFT lists it as %s, but the PCI list does not have it.",
				       v->strangers[i]->name));
}

const struct hp_check hp_check_hca_ats = {
    .id = "hca-ats",
    .title = "ATS_ENABLED of every HCA",
    .severity = HP_BLOCKER,
    .want_kind = HP_WANT_BIT,
    .want = "1",
    .fixable = true,
    .reboot = HP_REBOOT_FULL,
    .needs = {"pci-devices", "mst-devices", "hca-ats", "uplinks", "virtual-functions"},
    .tags = {"hca", "ats"},
    .evaluate = evaluate,
    .looks_at =
	"`mlxconfig -d NAME -e query ATS_ENABLED` of every HCA: Current (in force) and Next Boot. Without a Current "
	"column the answer is unknown. HCAs are known by PCI address; mst names change.",
    .why = "ATS lets the HCA keep GPU addresses translated, so transfers go straight to GPU memory. One HCA of eight "
	   "without it slows down or breaks the whole job. It is off by default.",
    .fixed_by =
	"`/opt/mellanox/bin/mlxconfig -d NAME -y set ATS_ENABLED=1` on each HCA that needs it, then a reboot through "
	"firmware: Quick Boot does not load HCA settings.",
    .undone_by = "Setting the value that it had before, then a reboot through firmware.",
};
