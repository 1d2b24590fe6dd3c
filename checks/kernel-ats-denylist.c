/* Source: description of atsDisallowPCIeVidDid in 9.0.1: colon separated vendor and device ids in hex of what ATS is
 * not enabled for (lamw/esxi-advanced-and-kernel-settings). */
#include <string.h>

#include "check.h"

#define PAIRS_MAX 64
#define ANY 0xffffu

struct pairs {
	struct {
		uint16_t vendor, device;
	} item[PAIRS_MAX];
	size_t count;
};

/* Hex numbers with colons, commas, semicolons or blanks between, in pairs. False when it is not that. */
static bool read_pairs(const char *text, struct pairs *ret)
{
	struct hp_str s = hp_str(text);
	size_t numbers = 0, from = 0;
	uint64_t n;
	ret->count = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && !strchr(":,; \t", s.p[i]))
			continue;
		struct hp_str word = hp_str_sub(s, from, i);
		from = i + 1;
		if (!word.n)
			continue;
		if (hp_str_starts(word, "0x") || hp_str_starts(word, "0X"))
			word = hp_str_sub(word, 2, word.n);
		if (ret->count == PAIRS_MAX || !hp_number(word, 16, 0xffff, &n))
			return false;
		if (numbers++ % 2 == 0)
			ret->item[ret->count].vendor = (uint16_t)n;
		else
			ret->item[ret->count++].device = (uint16_t)n;
	}
	return numbers % 2 == 0;
}

static bool names(const struct pairs *p, const struct hp_device *d)
{
	for (size_t i = 0; i < p->count; i++)
		if ((p->item[i].vendor == d->vendor || p->item[i].vendor == ANY) &&
		    (p->item[i].device == d->device || p->item[i].device == ANY))
			return true;
	return false;
}

/* The first GPU or HCA that the list names, or NULL. */
static const struct hp_device *named(const struct hp_inventory *v, const struct pairs *p)
{
	for (size_t i = 0; i < v->gpu_count; i++)
		if (names(p, v->gpus[i]))
			return v->gpus[i];
	for (size_t i = 0; i < v->hca_count; i++)
		if (names(p, v->hcas[i].device))
			return v->hcas[i].device;
	return NULL;
}

static void judge_lists(struct hp_judge *j, struct hp_finding *f, const struct hp_fact *fact)
{
	const struct hp_inventory *v = j->inventory;
	struct pairs now, next;
	if (!read_pairs(fact->now.text, &now) || !read_pairs(fact->next.text, &next)) {
		f->text = hp_format(j->arena,
				    "atsDisallowPCIeVidDid holds \"%s\" (next boot: \"%s\"), which is no list of ids.",
				    fact->now.text, fact->next.text);
		hp_remedy(f, "Look at the setting by hand.",
			  "esxcli system settings kernel list -o atsDisallowPCIeVidDid");
		return;
	}
	if ((now.count || next.count) && v->pci.is != HP_PRESENT) {
		f->text =
		    hp_format(j->arena, "ATS is disallowed for some devices, and which ones are here is not known: %s.",
			      v->pci.why);
		hp_remedy(f, v->pci.hint, NULL);
		return;
	}
	const struct hp_device *bad_now = named(v, &now), *bad_next = named(v, &next);
	const struct hp_device *bad = bad_next ? bad_next : bad_now;
	if (!bad && (now.count || next.count) && (!v->gpu_count || !v->hca_count)) {
		f->text = "ATS is disallowed for some devices, and the PCI list has no GPU or no HCA to compare with.";
		return;
	}
	if (!bad) {
		f->state = HP_PASS;
		f->text = "ATS is disallowed for no GPU and no HCA of this host.";
		return;
	}
	f->state = bad_next ? (bad_now ? HP_FAIL : HP_REGRESSING) : HP_PENDING_REBOOT;
	f->text = hp_format(j->arena, "ATS is disallowed for %04x:%04x (%s%s)%s.", bad->vendor, bad->device, bad->sbdf,
			    bad->vendor == 0x10de ? ", a GPU" : ", an HCA",
			    f->state == HP_REGRESSING	    ? " from the next boot on"
			    : f->state == HP_PENDING_REBOOT ? " until the next boot"
							    : "");
	if (!bad_next)
		return;
	/* How a list of several ids is written is not known well enough to type it for the admin. */
	hp_remedy(f,
		  hp_format(j->arena, "Take %s%s.",
			    next.count == 1 ? "the id off the list" : "this id off the list and keep the others",
			    hp_then_reboot(f, false)),
		  next.count == 1 ? "esxcli system settings kernel set -s atsDisallowPCIeVidDid -v \"\"" : NULL);
}

static void evaluate(struct hp_judge *j)
{
	const struct hp_fact *fact = hp_fact_find(j->facts, HP_HOST, "kernel.atsDisallowPCIeVidDid");
	if (!fact) {
		(void)hp_expect_kernel(j, "atsDisallowPCIeVidDid", NULL,
				       "ESX 8.x has no setting atsDisallowPCIeVidDid; it came with 9.0.");
		return;
	}
	struct hp_finding *f;
	if (fact->now.is != HP_PRESENT || fact->next.is != HP_PRESENT) {
		f = hp_say_no_data(j, HP_HOST, fact->now.is != HP_PRESENT ? &fact->now : &fact->next);
	} else {
		f = hp_say(j, HP_HOST, HP_UNKNOWN, "");
		judge_lists(j, f, fact);
		f->now = fact->now.text;
		f->next = fact->next.text;
	}
	f->want = "no GPU, no HCA";
	hp_cite(f, &fact->evidence[0]);
}

const struct hp_check hp_check_kernel_ats_denylist = {
    .id = "kernel-ats-denylist",
    .title = "ATS is not disallowed for a GPU or HCA",
    .severity = HP_BLOCKER,
    .reboot = HP_REBOOT_ANY,
    .needs = {"kernel-settings", "esx-version", "pci-devices"},
    .tags = {"kernel", "ats"},
    .evaluate = evaluate,
    .looks_at =
	"The kernel setting atsDisallowPCIeVidDid (new in 9.0), Runtime and Configured: a list of PCI ids. None may "
	"be that of a GPU or an HCA of this host.",
    .why = "A device on that list gets no ATS, even where atsSupport is TRUE.",
    .fixed_by = "By hand: who put the id there had a reason. Then a reboot.",
    .undone_by = "Nothing: hostprep never changes it.",
};
