/* mst status -vv: MFT's names of the devices, by PCI address.
 *
 * A row is a line with a word like mt4129_pciconf0 and a word like 1a:00.0 (tabs or blanks between, columns of any
 * width, more columns with later MFT); the word before the name is the type, words that begin with "net-" are
 * uplinks. Before MFT 4.36 an empty RDMA cell is not printed, so NET slides into it: positions mean nothing.
 *
 * Sources: the paper 8.3; MFT documentation 4.18 to 4.33, "mst Synopsis - VMware"; mstflint mst_utils/mdevices_info.c.
 */
#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"
#include "mft.h"

const char *hp_mft_forbidden(const struct hp_asking *asking)
{
	if (asking->options->mft_query == HP_MFT_NEVER)
		return "The policy forbids asking the MFT tools (mft_query: never)";
	if (asking->options->mft_query == HP_MFT_ALWAYS)
		return NULL;
	const struct hp_fact *vms = hp_fact(asking->facts, HP_HOST, "running-vms");
	if (vms->now.is != HP_PRESENT)
		return hp_format(
		    asking->arena,
		    "The policy allows asking the MFT tools only while no VM runs (mft_query: idle), and %s",
		    vms->now.why);
	if (strcmp(vms->now.text, "0") != 0)
		return hp_format(
		    asking->arena,
		    "The policy allows asking the MFT tools only while no VM runs (mft_query: idle); now %s run%s",
		    vms->now.text, strcmp(vms->now.text, "1") == 0 ? "s" : "");
	return NULL;
}

const char *hp_mft_also_after(const struct hp_ask_options *options)
{
	return options->mft_query == HP_MFT_IDLE ? "running-vms" : NULL;
}

static void no_data(struct hp_asking *asking, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, HP_HOST, "mst")->now = hp_no_data(why, hint);
}

static void mst_put(struct hp_asking *asking)
{
	static const char *const argv[] = {"opt/mellanox/bin/mst", "status", "-vv", NULL};
	const char *forbidden = hp_mft_forbidden(asking);
	if (forbidden) {
		no_data(asking, forbidden, "Check again with another policy, or when the VMs have been moved.");
		return;
	}
	struct hp_call *call = hp_call_run(asking->arena, argv);
	call->lane = "mft";
	call->grace_ms = HP_MFT_GRACE_MS;
	asking->submit(asking, call, 0);
}

/* "/dev/mst/mt4129_pciconf0.1", with or without a prefix: its PCI device id is the number after "mt". */
static bool device_name(struct hp_str word, struct hp_mst_device *d)
{
	struct hp_str rest = word;
	uint64_t n;
	size_t i = 0;
	if (hp_str_starts(rest, "/dev/mst/"))
		rest = hp_str_sub(rest, 9, rest.n);
	else if (hp_str_starts(rest, "/dev/"))
		rest = hp_str_sub(rest, 5, rest.n);
	if (!hp_str_starts(rest, "mt"))
		return false;
	rest = hp_str_sub(rest, 2, rest.n);
	while (i < rest.n && rest.p[i] != '_')
		i++;
	if (!hp_number(hp_str_sub(rest, 0, i), 10, 0xffff, &n))
		return false;
	rest = hp_str_sub(rest, i, rest.n);
	d->device = (uint16_t)n;
	d->config = hp_str_starts(rest, "_pciconf");
	if (!d->config && !hp_str_starts(rest, "_pci_cr"))
		return false;
	rest = hp_str_sub(rest, d->config ? 8 : 7, rest.n);
	for (i = 0; i < rest.n && rest.p[i] != '.'; i++)
		;
	if (!hp_number(hp_str_sub(rest, 0, i), 10, 0xffff, &n))
		return false;
	return i == rest.n || hp_number(hp_str_sub(rest, i + 1, rest.n), 10, 0xff, &n);
}

static bool read_row(struct hp_arena *a, struct hp_str line, struct hp_mst_device *ret)
{
	struct hp_mst_device d = {0};
	struct hp_str rest = line, word;
	bool named = false, placed = false, first = true;
	while (hp_next_word(&rest, &word)) {
		struct hp_sbdf at;
		struct hp_mst_device name = {0};
		if (!named && device_name(word, &name)) {
			named = true;
			d.name = hp_copy(a, word);
			d.device = name.device;
			d.config = name.config;
		} else if (!placed && hp_sbdf(word, &at)) {
			placed = true;
			d.at = at;
		} else if (hp_str_starts(word, "net-") && !d.net) {
			d.net = hp_clean_text(a, hp_str_sub(word, 4, word.n), 64, NULL);
		} else if (first) {
			d.unopened = hp_str_eq(word, "NA");
		}
		first = false;
	}
	*ret = d;
	return named && placed;
}

static bool says_none(struct hp_str text)
{
	return hp_str_has(text, "No MST devices were found") || hp_str_has(text, "No devices found");
}

static void mst_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_arena *a = asking->arena;
	struct hp_facts *f = asking->facts;
	const char *source = hp_call_text(a, call);
	const char *hint = "Run `/opt/mellanox/bin/mst start`, then `/opt/mellanox/bin/mst status -vv`; "
			   "`esxcli software vib list` must show mft and nmst.";
	struct hp_fact *list = hp_fact_put(f, HP_HOST, "mst");
	struct hp_str rest = reply->out, line;
	bool ended;
	(void)tag;
	list->evidence[0] = hp_evidence(source, reply->out);
	while (hp_next_line(&rest, &line, &ended)) {
		struct hp_mst_device d;
		if (!read_row(a, line, &d))
			continue;
		d.evidence = hp_evidence(source, line);
		*hp_mst_add(f) = d;
	}
	/* "None" is said with exit 0 or 1, by release; either way it is an answer, unless rows contradict it. */
	bool none = reply->end == HP_END_EXIT && hp_str_ends(reply->out, "\n") && says_none(reply->out);
	if (none && !f->mst_count) {
		list->now = hp_present("0 devices");
		return;
	}
	const char *why = hp_reply_trouble(a, call, reply);
	if (!why && none)
		why = "lists devices and says that there are none";
	if (!why && !f->mst_count)
		why = "printed no row that is understood";
	if (!why) {
		list->now = hp_present(hp_format(a, "%zu devices", f->mst_count));
		return;
	}
	f->mst_count = 0; /* rows of an answer that is no data are none */
	no_data(asking, hp_format(a, "%s %s", source, why),
		reply->end == HP_END_NOT_FOUND ? "Install the VIBs mft and nmst, then reboot." : hint);
}

const struct hp_ask hp_ask_mst = {
    .name = "mst-devices", .also_after = hp_mft_also_after, .put = mst_put, .read = mst_read};
