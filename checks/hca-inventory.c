/* Sources: the paper, 8.3 (mst lists every ConnectX-7; one HCA per GPU); contract "Inventory and evidence". */
#include <string.h>

#include "check.h"

#define MST_HINT "Run `/opt/mellanox/bin/mst start`; if it stays so, look whether the VIBs mft and nmst are installed."

static void judge_hca(struct hp_judge *j, const struct hp_hca *hca)
{
	const struct hp_device *d = hca->device;
	struct hp_finding *f;
	if (hca->used_by) {
		f = hp_say(j, d->sbdf, HP_NOT_APPLICABLE, hp_format(j->arena, "VMkernel uses it: %s.", hca->used_by));
		hp_cite(f, &hca->used_evidence);
		return;
	}
	if (j->inventory->mst.is != HP_PRESENT)
		return; /* said once, for the host */
	if (hca->unclear) {
		f = hp_say(j, d->sbdf, HP_UNKNOWN, hp_format(j->arena, "%s.", hca->unclear));
		hp_remedy(f, "Compare the addresses by hand.", "/opt/mellanox/bin/mst status -vv");
	} else if (hca->mst) {
		f = hp_say(j, d->sbdf, HP_PASS,
			   hca->mst->unopened ? "MFT lists it, but could not open it (its type is NA)."
					      : hp_format(j->arena, "MFT lists it as %s.", hca->mst->name));
		f->note = hca->mst->unopened;
		f->now = hca->mst->name;
		hp_cite(f, &hca->mst->evidence);
	} else if (strcmp(d->owner, "VMkernel") == 0) {
		f = hp_say(j, d->sbdf, HP_FAIL, "It is on the PCI bus and VMkernel owns it, but MFT does not list it.");
		hp_remedy(f, MST_HINT, "/opt/mellanox/bin/mst start");
	} else {
		f = hp_say(j, d->sbdf, HP_UNKNOWN,
			   hp_format(j->arena,
				     "MFT does not list it, as can happen with an owner other than VMkernel (\"%s\").",
				     d->owner));
		hp_remedy(f, "Take it out of passthrough, reboot, and check again.", NULL);
	}
	f->want = "listed by MFT";
	hp_cite(f, &d->evidence);
}

static void judge_count(struct hp_judge *j, size_t free_hcas)
{
	const struct hp_inventory *v = j->inventory;
	const struct hp_fact *mst = hp_fact(j->facts, HP_HOST, "mst");
	bool by_policy = j->expect_hcas >= 0;
	size_t expected = by_policy ? (size_t)j->expect_hcas : v->gpu_count;
	const char *on_bus = hp_format(j->arena, "%zu HCA%s on the PCI bus", free_hcas, free_hcas == 1 ? "" : "s");
	if (v->hca_used)
		on_bus = hp_format(j->arena, "%s and %zu that VMkernel uses", on_bus, v->hca_used);
	struct hp_finding *f;
	if (free_hcas != expected || (!free_hcas && !by_policy)) {
		f = hp_say(j, HP_HOST, HP_FAIL,
			   free_hcas || v->hca_used ? hp_format(j->arena, "%s; %s %zu%s.", on_bus,
								by_policy ? "the policy expects" : "there are",
								expected, by_policy ? "" : " GPUs")
						    : "There is no HCA on the PCI bus.");
		hp_remedy(
		    f, "Look for a card that has dropped off the bus; a host with other counts says so in its policy.",
		    "esxcli hardware pci list");
	} else if (v->mst.is != HP_PRESENT) {
		f = hp_say_no_data(j, HP_HOST, &v->mst);
	} else if (!v->mst_hcas && expected) {
		f = hp_say(j, HP_HOST, HP_FAIL, hp_format(j->arena, "%s, but MFT lists none.", on_bus));
		hp_remedy(f, MST_HINT, "/opt/mellanox/bin/mst start");
	} else if (v->stranger_count) { /* a list that ends early still has whole records */
		f = hp_say(j, HP_HOST, HP_UNKNOWN,
			   hp_format(j->arena, "%s, but MFT lists more: one of the two lists is not whole.", on_bus));
	} else {
		f = hp_say(j, HP_HOST, HP_PASS, hp_format(j->arena, "%s.", on_bus));
	}
	f->want = hp_format(j->arena, "%zu HCA%s%s", expected, expected == 1 ? "" : "s",
			    by_policy ? "" : ", as many as GPUs");
	f->now = v->mst.is == HP_PRESENT ? hp_format(j->arena, "%s, %zu listed by MFT", on_bus, v->mst_hcas) : on_bus;
	if (f->state != HP_PASS)
		hp_cite(f, &mst->evidence[0]);
	for (size_t i = 0; i < v->hca_count; i++)
		hp_cite(f, &v->hcas[i].device->evidence);
}

static void evaluate(struct hp_judge *j)
{
	const struct hp_inventory *v = j->inventory;
	if (v->pci.is != HP_PRESENT) {
		(void)hp_say_no_data(j, HP_HOST, &v->pci);
		return;
	}
	judge_count(j, v->hca_count - v->hca_used);
	for (size_t i = 0; i < v->hca_count; i++)
		judge_hca(j, &v->hcas[i]);
	for (size_t i = 0; i < v->stranger_count; i++) {
		const struct hp_mst_device *m = v->strangers[i];
		struct hp_finding *f =
		    hp_say(j, hp_sbdf_text(j->arena, &m->at), HP_UNKNOWN,
			   hp_format(j->arena,
				     "MFT lists it as %s, but the PCI list does not have it: one of them is not whole.",
				     m->name));
		hp_remedy(f, "Check again; then compare the two lists by hand.", "esxcli hardware pci list");
		hp_cite(f, &m->evidence);
	}
}

const struct hp_check hp_check_hca_inventory = {
    .id = "hca-inventory",
    .title = "HCAs on the PCI bus are seen by MFT",
    .severity = HP_BLOCKER,
    .needs = {"pci-devices", "mst-devices", "uplinks", "virtual-functions"},
    .tags = {"hca", "inventory"},
    .evaluate = evaluate,
    .looks_at =
	"HCAs of `esxcli hardware pci list` (default 15b3:1021, ConnectX-7) against the rows of `mst status -vv`, by "
	"PCI address. As many HCAs as GPUs, or as the policy says (expect: hcas). One that VMkernel uses (uplink, "
	"virtual functions) is named and left out.",
    .why = "What MFT does not see cannot be checked or set. A missing HCA leaves its GPU without a path of its own.",
    .fixed_by = "Starting mst, or installing the VIBs mft and nmst; a card that is not on the bus needs hands.",
    .undone_by = "Nothing: hostprep changes nothing here.",
};
