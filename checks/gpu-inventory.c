/* Source: the paper, chapter 7 (8 GPUs and 4 NVSwitches of an HGX board). */
#include "check.h"

static bool differs(int expected, size_t found)
{
	return expected >= 0 && (size_t)expected != found;
}

static const char *wanted(struct hp_judge *j)
{
	const char *gpus = j->expect_gpus >= 0 ? hp_format(j->arena, "%d GPUs", j->expect_gpus) : "at least 1 GPU";
	return j->expect_nvswitches >= 0 ? hp_format(j->arena, "%s, %d NVSwitches", gpus, j->expect_nvswitches) : gpus;
}

static void evaluate(struct hp_judge *j)
{
	const struct hp_inventory *v = j->inventory;
	const struct hp_fact *list = hp_fact(j->facts, HP_HOST, "pci");
	struct hp_finding *f;
	if (v->pci.is != HP_PRESENT) {
		f = hp_say_no_data(j, HP_HOST, &v->pci);
		f->want = wanted(j);
		return;
	}
	bool none = v->gpu_count == 0 && j->expect_gpus != 0;
	bool bad = none || differs(j->expect_gpus, v->gpu_count) || differs(j->expect_nvswitches, v->nvswitch_count);
	const char *now = hp_format(j->arena, "%zu GPU%s, %zu NVSwitch%s", v->gpu_count, v->gpu_count == 1 ? "" : "s",
				    v->nvswitch_count, v->nvswitch_count == 1 ? "" : "es");
	f = hp_say(j, HP_HOST, bad ? HP_FAIL : HP_PASS, hp_format(j->arena, "The PCI bus has %s.", now));
	f->want = wanted(j);
	f->now = now;
	if (bad)
		hp_remedy(f,
			  "Look for a device that has dropped off the bus (server's management log, power, seating).",
			  "esxcli hardware pci list -c 0x0302");

	if (!v->gpu_count)
		hp_cite(f, &list->evidence[0]);
	for (size_t i = 0; i < v->gpu_count; i++)
		hp_cite(f, &v->gpus[i]->evidence);
}

const struct hp_check hp_check_gpu_inventory = {
    .id = "gpu-inventory",
    .title = "GPUs and NVSwitches on the PCI bus",
    .severity = HP_BLOCKER,
    .needs = {"pci-devices"},
    .tags = {"gpu", "inventory"},
    .evaluate = evaluate,
    .looks_at =
	"Devices of vendor 10de in `esxcli hardware pci list`: class 0300 and 0302 are GPUs, 0680 NVSwitches. At "
	"least one GPU; exact counts where the policy gives them (expect: gpus, nvswitches).",
    .why = "A GPU that has fallen off the bus is not in the list, so nothing else would miss it.",
    .fixed_by = "Nothing that software can do.",
    .undone_by = "Nothing.",
};
