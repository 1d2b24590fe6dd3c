/* Sources: the paper, chapter 7 (version 4.160.3.0 and above; updated with Dell's .BIN from a live Linux) and appendix
 * I (the ids of the boards); agent/tools/psb.c has the table of ids. */
#include <string.h>

#include "check.h"

#define PAGE "https://www.dell.com/support/home/drivers/DriversDetails?driverId=P9GG2"

enum verdict { NO_ANSWER, OLD, GOOD };

/* What one source says. */
struct answer {
	enum verdict verdict;
	const char *text; /* a sentence that names the source; NULL: there is no such source */
	const char *now;  /* NULL: nothing that could be shown */
	const char *hint; /* what to do so that it answers, or NULL */
	struct hp_evidence evidence[2];
};

enum { BUS, REDFISH, INVENTORY, STATED, SOURCES }; /* in the order in which they count */

/* What holds for every board of the host. */
struct host {
	const char *minimum, *want;
	bool mixed;
	struct answer inventory, stated;
};

static int order_of(const char *version, const char *other)
{
	int order = 0;
	(void)hp_version_order(hp_str(version), hp_str(other), &order);
	return order;
}

/* ---- a subsystem id ---- */

static const char *why_no_answer(const char *ssid)
{
	if (strncmp(ssid, "1028:", 5) != 0)
		return "it is not Dell's (1028), so it does not tell the firmware";
	if (strcmp(ssid + 5, "0000") == 0)
		return "that is no answer";
	return "it is not known which firmware has it";
}

static struct answer ask_ssid(struct hp_judge *j, const struct host *h, const struct hp_fact *f, const char *place)
{
	struct answer a = {.evidence = {f->evidence[0]}};
	const char *ssid = f->now.text;
	if (f->now.is != HP_PRESENT) {
		a.text = hp_format(j->arena, "%s.", f->now.why ? f->now.why : "The subsystem id was not looked at");
		a.hint = f->now.hint;
		return a;
	}
	const char *head = hp_format(j->arena, "Subsystem id %s %s", ssid, place);
	enum hp_psb_generation generation = hp_psb_generation(ssid);
	int minimum = order_of(h->minimum, HP_PSB_MINIMUM);
	if (generation == HP_PSB_UNKNOWN) {
		a.now = ssid;
		a.text = hp_format(j->arena, "%s: %s.", head, why_no_answer(ssid));
	} else if (generation == HP_PSB_OLD) {
		a.verdict = minimum >= 0 ? OLD : NO_ANSWER;
		a.now = hp_format(j->arena, "%s (older than " HP_PSB_MINIMUM ")", ssid + 5);
		a.text = hp_format(j->arena, "%s: older than " HP_PSB_MINIMUM "%s.", head,
				   minimum >= 0 ? "" : ", and it does not tell how much older");
	} else {
		a.verdict = minimum <= 0 ? GOOD : NO_ANSWER;
		a.now = hp_format(j->arena, HP_PSB_MINIMUM " generation (%s)", ssid + 5);
		a.text = hp_format(j->arena,
				   "%s: the " HP_PSB_MINIMUM " generation, which is that version or a later build "
				   "that keeps the id%s.",
				   head, minimum <= 0 ? "" : "; which, it does not tell");
	}
	return a;
}

static struct answer ask_bus(struct hp_judge *j, const struct host *h, const char *sbdf)
{
	return ask_ssid(j, h, hp_fact(j->facts, sbdf, "psb.ssid"), "on the PCI bus");
}

static struct answer ask_redfish(struct hp_judge *j, const struct host *h, const char *sbdf)
{
	const struct hp_fact *f = hp_fact_find(j->facts, sbdf, "psb.redfish-ssid");
	return f ? ask_ssid(j, h, f, "among Redfish's PCIe functions") : (struct answer){0};
}

/* ---- a version ---- */

/* Of several entries all must do: the worst counts. */
static void add_entry(struct hp_judge *j, const struct host *h, const char *subject, struct answer *a,
		      struct hp_buf *said)
{
	const struct hp_fact *f = hp_fact(j->facts, subject, "psb.version");
	const char *name = hp_fact_text(j->facts, subject, "psb.name");
	const char *version = f->now.is == HP_PRESENT ? f->now.text : "";
	int order = 0;
	bool first = !said->n, number = hp_version_order(hp_str(version), hp_str(h->minimum), &order);
	enum verdict verdict = !number ? NO_ANSWER : order < 0 ? OLD : GOOD;
	const char *note = verdict == OLD ? ", too old"
			   : !*version	  ? "no version"
			   : !number	  ? ", which is no number"
					  : "";
	hp_putf(said, "%s%s %s%s", first ? "" : "; ", name ? name : subject, version, note);
	bool worse = first || verdict == OLD || (verdict == NO_ANSWER && a->verdict == GOOD);
	if (worse && (first || a->verdict != OLD)) {
		a->verdict = verdict;
		a->now = *version ? version : NULL;
		a->evidence[first ? 0 : 1] = f->evidence[0];
	}
}

static struct answer ask_inventory(struct hp_judge *j, const struct host *h)
{
	const struct hp_fact *f = hp_fact_find(j->facts, HP_HOST, "psb.inventory");
	struct hp_buf said = hp_buf(j->arena);
	struct answer a = {0};
	uint64_t n;
	if (!f)
		return a;
	if (f->now.is != HP_PRESENT || !hp_number(hp_str(f->now.text), 10, 1000, &n)) {
		a.text = hp_format(j->arena, "The firmware inventory of Redfish is not known: %s.",
				   f->now.why ? f->now.why : "it was not looked at");
		a.hint = f->now.hint;
		return a;
	}
	for (uint64_t i = 0; i < n; i++)
		add_entry(j, h, hp_format(j->arena, "psb-inventory-%u", (unsigned)i), &a, &said);
	if (!n)
		a.evidence[0] = f->evidence[0];
	a.text = n ? hp_format(j->arena, "Redfish's firmware inventory: %s.", hp_built_text(&said))
		   : "Redfish's firmware inventory has no entry of a PCIe switch board.";
	return a;
}

static struct answer ask_operator(struct hp_judge *j, const struct host *h)
{
	const char *version = j->psb ? j->psb->version : NULL;
	struct answer a = {0};
	int order;
	if (!version)
		return a;
	bool number = hp_version_order(hp_str(version), hp_str(h->minimum), &order);
	a.verdict = !number ? NO_ANSWER : order < 0 ? OLD : GOOD;
	a.now = *version ? hp_format(j->arena, "%s (stated)", version) : NULL;
	a.text =
	    hp_format(j->arena, "Stated by the operator in the policy (psb: version), not read from the host: %s%s.",
		      *version ? version : "nothing", number ? "" : ", which is no version of numbers");
	a.evidence[0] = (struct hp_evidence){.source = "policy, psb: version, stated by the operator",
					     .record = hp_str(hp_format(j->arena, "version: \"%s\"\n", version))};
	return a;
}

/* ---- one bridge ---- */

static void advise_update(struct hp_judge *j, struct hp_finding *f, const struct host *h, bool dell)
{
	hp_remedy(
	    f,
	    hp_format(j->arena,
		      "hostprep cannot update it, and ESX has no tool for it. Bring the firmware of every PCIe switch "
		      "board to %s or later as the paper does: boot the host from an Ubuntu live ISO, run the vendor's "
		      ".BIN there (chmod +x Firmware_xxx.BIN; sudo ./Firmware_xxx.BIN), and look into its log. %s",
		      h->minimum,
		      dell ? "Dell's page of the XE9680's: " PAGE : "The vendor's support page has the package."),
	    NULL);
}

static void advise_look(struct hp_judge *j, struct hp_finding *f, const struct answer answers[SOURCES], bool dell)
{
	struct hp_buf b = hp_buf(j->arena);
	for (int i = 0; i < SOURCES; i++)
		if (answers[i].hint)
			hp_putf(&b, "%s ", answers[i].hint);
	if (!answers[INVENTORY].text)
		hp_puts(&b, "Give the policy access to Redfish (redfish), or look yourself: ");
	else
		hp_puts(&b, "Look yourself: ");
	hp_putf(&b,
		"the inventory or the lifecycle log of %s has the version of the PCIe switch boards, if anything has; "
		"state "
		"it in the policy (psb: version).",
		dell ? "iDRAC" : "the BMC");
	hp_remedy(f, hp_built_text(&b), NULL);
}

static void cite(struct hp_finding *f, const struct answer *a)
{
	hp_cite(f, &a->evidence[0]);
	hp_cite(f, &a->evidence[1]);
}

static void judge_bridge(struct hp_judge *j, const struct host *h, const struct hp_device *d, bool dell)
{
	const struct answer answers[SOURCES] = {ask_bus(j, h, d->sbdf), ask_redfish(j, h, d->sbdf), h->inventory,
						h->stated};
	struct hp_buf text = hp_buf(j->arena);
	const struct answer *decides = NULL;
	const char *now = NULL;
	for (int i = 0; i < SOURCES; i++) {
		const struct answer *a = &answers[i];
		if (!a->text || (decides && (a->verdict == NO_ANSWER || a->verdict == decides->verdict)))
			continue;
		hp_putf(&text, "%s%s%s", text.n ? " " : "", decides ? "Otherwise: " : "", a->text);
		if (!decides && a->verdict != NO_ANSWER)
			decides = a;
		now = now ? now : a->now;
	}
	if (h->mixed)
		hp_puts(&text, " Old and new firmware generations stand side by side on this host.");
	bool by_bmc = decides == &answers[REDFISH] || decides == &answers[INVENTORY];
	if (by_bmc && hp_fact_text(j->facts, HP_HOST, "redfish.insecure"))
		hp_puts(&text, " The BMC's certificate was not checked.");
	enum hp_state state = !decides ? HP_UNKNOWN : decides->verdict == GOOD ? HP_PASS : HP_FAIL;
	struct hp_finding *f = hp_say(j, d->sbdf, state, hp_built_text(&text));
	f->want = h->want;
	f->now = decides ? decides->now : now;
	f->note = state == HP_PASS && h->mixed;
	if (state == HP_FAIL)
		advise_update(j, f, h, dell);
	else if (state == HP_UNKNOWN)
		advise_look(j, f, answers, dell);
	if (decides)
		cite(f, decides);
	for (int i = 0; i < SOURCES; i++)
		if (&answers[i] != decides && answers[i].text)
			cite(f, &answers[i]);
	if (!f->evidence_count)
		hp_cite(f, &d->evidence);
}

/* ---- whose boards they are ---- */

enum maker { DELL, OTHER, MAKER_UNKNOWN };

/* The host's vendor decides; where it is not known, the vendor in the bridge's own subsystem id can. */
static enum maker maker_of(const struct hp_judge *j, const struct hp_device *d)
{
	const char *vendor = hp_fact_text(j->facts, HP_HOST, "vendor");
	const char *ssid = hp_fact_text(j->facts, d->sbdf, "psb.ssid");
	ssid = ssid ? ssid : hp_fact_text(j->facts, d->sbdf, "psb.redfish-ssid");
	if (vendor && *vendor)
		return hp_str_has_nocase(hp_str(vendor), "dell") ? DELL : OTHER;
	return ssid && strncmp(ssid, "1028:", 5) == 0 ? DELL : MAKER_UNKNOWN;
}

static void say_of_another(struct hp_judge *j, const struct hp_device *d, enum maker maker)
{
	const struct hp_fact *vendor = hp_fact(j->facts, HP_HOST, "vendor");
	const char *ssid = hp_fact_text(j->facts, d->sbdf, "psb.ssid");
	struct hp_finding *f;
	if (maker == OTHER) {
		f = hp_say(
		    j, d->sbdf, HP_NOT_APPLICABLE,
		    hp_format(j->arena,
			      "The host is of \"%s\", and which firmware its PCIe switch board needs is known of "
			      "Dell's only%s. A policy can say it (psb: minimum).",
			      vendor->now.text,
			      ssid && strncmp(ssid, "1028:", 5) == 0 ? ", although its subsystem id (1028) is Dell's"
								     : ""));
		f->want = NULL;
	} else {
		f = hp_say(j, d->sbdf, HP_UNKNOWN,
			   hp_format(j->arena, "Whose board it is is not known: %s.",
				     vendor->now.why ? vendor->now.why : "the host names no vendor"));
		hp_remedy(f,
			  "Look at the vendor of the host. If it is not Dell's, the policy can give the minimum (psb: "
			  "minimum).",
			  "esxcli hardware platform get");
	}
	hp_cite(f, &vendor->evidence[0]);
	hp_cite(f, &d->evidence);
}

/* ---- the host ---- */

static bool is_downstream(const struct hp_judge *j, const struct hp_device *d)
{
	const char *port = hp_fact_text(j->facts, d->sbdf, "psb.port");
	return port && strcmp(port, "downstream") == 0;
}

static bool is_board(const struct hp_judge *j, const struct hp_device *d)
{
	return hp_psb_is_bridge(d) && !is_downstream(j, d);
}

static bool is_mixed(const struct hp_judge *j)
{
	bool seen[HP_PSB_NEW + 1] = {false};
	for (size_t i = 0; i < j->facts->device_count; i++) {
		const struct hp_device *d = &j->facts->devices[i];
		const char *ids[2] = {hp_fact_text(j->facts, d->sbdf, "psb.ssid"),
				      hp_fact_text(j->facts, d->sbdf, "psb.redfish-ssid")};
		for (int k = 0; k < 2 && is_board(j, d); k++)
			seen[ids[k] ? hp_psb_generation(ids[k]) : HP_PSB_UNKNOWN] = true;
	}
	return seen[HP_PSB_OLD] && seen[HP_PSB_NEW];
}

/* A host without a switch board has nothing to be judged, unless its policy speaks of one. */
static void say_none(struct hp_judge *j, bool ports)
{
	bool expected = ports || (j->psb && (j->psb->minimum || j->psb->version));
	struct hp_finding *f =
	    hp_say(j, HP_HOST, expected ? HP_UNKNOWN : HP_NOT_APPLICABLE,
		   ports ? "All PCIe switches 1000:c030 are downstream ports: the boards themselves are not listed."
		   : expected ? "The PCI bus has no PCIe switch board (1000:c030), and the policy speaks of one (psb)."
			      : "The PCI bus has no PCIe switch board (1000:c030).");
	if (expected)
		hp_remedy(f,
			  "Look whether the boards have dropped off the bus; a host without any needs a policy without "
			  "psb.",
			  "esxcli hardware pci list -c 0x0604");
	hp_cite(f, &hp_fact(j->facts, HP_HOST, "pci")->evidence[0]);
}

static void evaluate(struct hp_judge *j)
{
	const char *given = j->psb ? j->psb->minimum : NULL;
	struct host h = {.minimum = given ? given : HP_PSB_MINIMUM, .mixed = is_mixed(j)};
	size_t boards = 0;
	bool ports = false;
	if (j->inventory->pci.is != HP_PRESENT) {
		(void)hp_say_no_data(j, HP_HOST, &j->inventory->pci);
		return;
	}
	h.want = hp_format(j->arena, "%s or later", h.minimum);
	h.inventory = ask_inventory(j, &h);
	h.stated = ask_operator(j, &h);
	for (size_t i = 0; i < j->facts->device_count; i++) {
		const struct hp_device *d = &j->facts->devices[i];
		ports = ports || (hp_psb_is_bridge(d) && is_downstream(j, d));
		if (!is_board(j, d))
			continue;
		enum maker maker = maker_of(j, d);
		boards++;
		if (given || maker == DELL)
			judge_bridge(j, &h, d, maker == DELL);
		else
			say_of_another(j, d, maker);
	}
	if (!boards)
		say_none(j, ports);
}

const struct hp_check hp_check_psb_firmware = {
    .id = "psb-firmware",
    .title = "PCIe switch board firmware",
    .severity = HP_MAJOR,
    .want = HP_PSB_MINIMUM " or later",
    .needs = {"pci-devices", "platform", "pci-config", "redfish"},
    .tags = {"host", "firmware"},
    .evaluate = evaluate,
    .looks_at =
	"For each PCIe switch 1000:c030 of a Dell host, in this order: its subsystem id on the PCI bus (`esxcli "
	"hardware "
	"pci list`, else the capabilities that `lspci -d` shows), its subsystem id in Redfish, the boards' entries in "
	"Redfish's firmware inventory, and the version that the policy states (psb: version). 224a to 224c are older "
	"than 4.160.3.0; 2330 to 2333 and 236b to 2374 are of its generation. Boards of other makers are judged where "
	"the policy gives a minimum (psb: minimum).",
    .why = "GPU, HCA and disks of a group sit behind one such switch, so GPUDirect RDMA runs through it. With older "
	   "firmware the paper's set-up is not the one that was tried.",
    .fixed_by = "The vendor's .BIN, run from an Ubuntu live ISO: ESX has no tool for it, and hostprep does not do it. "
		"Dell's page of the XE9680's: " PAGE,
    .undone_by = "Nothing: hostprep never changes firmware.",
};
