/* lspci -d: the standard configuration space of every PCI function in hex. It is read for the PCIe switch boards only
 * (functions 1000:c030 of class 0604), and only where the PCI list shows no subsystem id of one: a header of type 1 has
 * no such id of its own, it stands in a capability. So an ordinary host is not asked at all.
 *
 *     0000:16:00.0 PCI bridge: Broadcom / LSI PEX890xx PCIe Gen 5 Switch
 *     00: 00 10 30 c0 47 01 10 00 b0 00 04 06 08 00 01 00
 *     ...
 *     f0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
 *
 * Facts of the subject of such a bridge, where there is a PCI list:
 *     psb.ssid   now = "1028:224b", vendor:device of the subsystem, from the PCI list or else from the dump, where 0000
 *                is an id like others. ABSENT: the bridge has no such capability
 *     psb.port   now = upstream, downstream, or other; from the dump alone
 *
 * Sources: lspci of ESXi is VMware's own. Its help of 2016 (virtualguido.blogspot.com): -d "hex dump of the standard
 * config space", -e of the extended one; there is no choice of a device. Of -e the form above is known, from a reader
 * that was tried on ESXi 9.1 (amd/node-scraper, pull request 282): "ADDRESS DESCRIPTION", then "OFFSET: BYTES" with 16
 * bytes each. Not known: that -d of 8 and 9 has the same form. Rows of other lengths, indented ones and bytes that are
 * not parted by blanks are read as well. An indented line before the first row is passed over; another line that is no
 * row, a gap in the offsets, and ids at offset 0 that are not the device's make its dump no data. PCI Local Bus
 * Specification 3.0, 6.7; PCI-to-PCI Bridge Architecture Specification 1.2, 3.2.5 and 4.9 (capability 0x0D); PCI
 * Express Base Specification (0x10: type of the port).
 */
#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"
#include "psb.h"

#define SPACE 256    /* bytes of the standard configuration space */
#define HEADER 64    /* bytes of its header: no capability begins before */
#define STEPS_MAX 48 /* capabilities that have room behind the header, of four bytes each */
#define ROW_MAX 64   /* bytes of a row */

struct space {
	uint8_t bytes[SPACE];
	size_t n;
	struct hp_str section;	       /* header line and rows */
	struct hp_str rows[SPACE];     /* by byte: the row that it stands in */
	unsigned ssid_at, ssid, ssvid; /* offset of the capability, 0: there is none */
	const char *port;
};

/* ---- the dump ---- */

/* "0000:16:00.0", then nothing or a blank. */
static bool is_header(struct hp_str line, struct hp_sbdf *ret)
{
	struct hp_str word;
	return line.n && line.p[0] != ' ' && line.p[0] != '\t' && hp_next_word(&line, &word) && hp_sbdf(word, ret) &&
	       ret->has_domain;
}

/* What -v puts below a header line, and -d may: indented, and no offset at its begin. */
static bool is_description(struct hp_str line)
{
	const char *colon = memchr(line.p, ':', line.n);
	uint64_t offset;
	return (line.p[0] == ' ' || line.p[0] == '\t') &&
	       !(colon &&
		 hp_number(hp_str_trim(hp_str_sub(line, 0, (size_t)(colon - line.p))), 16, UINT64_MAX, &offset));
}

/* "f0: 00 00 ..." with the offset that comes next; false for another line. What lies behind the standard space is
 * counted and not kept. */
static bool take_row(struct space *s, struct hp_str line)
{
	const char *colon = memchr(line.p, ':', line.n);
	uint64_t offset, byte;
	if (!colon)
		return false;
	struct hp_str row = line, word, head = hp_str_trim(hp_str_sub(line, 0, (size_t)(colon - line.p)));
	line = hp_str_sub(line, (size_t)(colon - line.p) + 1, line.n);
	if (hp_str_starts(head, "0x"))
		head = hp_str_sub(head, 2, head.n);
	if (!hp_number(head, 16, 0xfff, &offset) || offset != s->n)
		return false;
	size_t before = s->n;
	while (hp_next_word(&line, &word)) {
		if (word.n % 2)
			return false;
		for (size_t i = 0; i < word.n; i += 2) {
			if (s->n - before == ROW_MAX || !hp_number(hp_str_sub(word, i, i + 2), 16, 0xff, &byte))
				return false;
			if (s->n < SPACE) {
				s->bytes[s->n] = (uint8_t)byte;
				s->rows[s->n] = row;
			}
			s->n++;
		}
	}
	return s->n > before;
}

/* The rows below the header line of one device. NULL, or why there are none. */
static const char *find_space(struct hp_arena *a, struct hp_str out, const struct hp_device *d, struct space *ret)
{
	struct hp_str rest = out, line;
	struct hp_sbdf at;
	bool ended, mine = false, found = false;
	while (hp_next_line(&rest, &line, &ended)) {
		if (is_header(line, &at)) {
			mine = hp_sbdf_cmp(&at, &d->at) == 0;
			if (mine && found)
				return hp_format(a, "shows %s twice", d->sbdf);
			found = found || mine;
			if (mine)
				ret->section = line;
			continue;
		}
		if (!mine || !hp_str_trim(line).n)
			continue;
		if (take_row(ret, line))
			ret->section.n = (size_t)(line.p - ret->section.p) + line.n;
		else if (ret->n || !is_description(line))
			return hp_format(a, "has a line in %s's bytes that is not known (\"%s\")", d->sbdf,
					 hp_clean_text(a, hp_str_trim(line), 60, NULL));
	}
	if (!found)
		return hp_format(a, "does not show %s", d->sbdf);
	return ret->n ? NULL : hp_format(a, "shows no bytes of %s", d->sbdf);
}

/* ---- the capabilities ---- */

static unsigned word_at(const struct space *s, unsigned at)
{
	return (unsigned)s->bytes[at] | (unsigned)s->bytes[at + 1] << 8;
}

static const char *port_type(unsigned flags)
{
	unsigned type = flags >> 4 & 0xf;
	return type == 5 ? "upstream" : type == 6 ? "downstream" : "other";
}

/* NULL, or why the list is none. Walked to its end, whatever is found before. */
static const char *walk(struct space *s)
{
	unsigned at = s->bytes[0x34] & ~3u;
	for (int steps = 0; at; steps++) {
		unsigned id = s->bytes[at];
		if (steps == STEPS_MAX)
			return "has a list of capabilities that does not end";
		if (at < HEADER)
			return "has a list of capabilities that leads into its header";
		if (id == 0x0d && s->ssid_at && s->ssid_at != at)
			return "has two capabilities with a subsystem id";
		if (id == 0x0d && at + 8 > SPACE)
			return "has a subsystem id that is cut off";
		if (id == 0x0d) {
			s->ssid_at = at;
			s->ssvid = word_at(s, at + 4);
			s->ssid = word_at(s, at + 6);
		}
		if (id == 0x10)
			s->port = port_type(word_at(s, at + 2));
		at = s->bytes[at + 1] & ~3u;
	}
	return NULL;
}

static const char *read_space(struct hp_arena *a, const struct hp_device *d, struct space *s)
{
	if (s->n < SPACE)
		return hp_format(a, "has only %zu bytes", s->n);
	if (word_at(s, 0) != d->vendor || word_at(s, 2) != d->device)
		return hp_format(a, "begins with %04x:%04x, not with %04x:%04x", word_at(s, 0), word_at(s, 2),
				 d->vendor, d->device);
	if ((s->bytes[0x0e] & 0x7f) != 1)
		return "is not that of a bridge";
	if (!(s->bytes[0x06] & 0x10))
		return "has no capabilities";
	return walk(s);
}

/* ---- the ask ---- */

static const char *ids_text(struct hp_arena *a, unsigned vendor, unsigned device)
{
	return hp_format(a, "%04x:%04x", vendor, device);
}

static void put_no_data(struct hp_asking *asking, const struct hp_device *d, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, d->sbdf, "psb.ssid")->now = hp_no_data(why, hint);
}

/* Whose host it is decides who is asked: what the dump can tell is known of Dell's boards only. */
static bool may_be_dells(const struct hp_facts *f)
{
	const char *vendor = hp_fact_text(f, HP_HOST, "vendor");
	return !vendor || !*vendor || hp_str_has_nocase(hp_str(vendor), "dell");
}

static const char *after_platform(const struct hp_ask_options *options)
{
	(void)options;
	return "platform";
}

static void pci_config_put(struct hp_asking *asking)
{
	static const char *const argv[] = {"bin/lspci", "-d", NULL};
	struct hp_arena *a = asking->arena;
	struct hp_facts *f = asking->facts;
	bool missing = false, ask = may_be_dells(f);
	for (size_t i = 0; i < f->device_count; i++) {
		const struct hp_device *d = &f->devices[i];
		if (!hp_psb_is_bridge(d))
			continue;
		if (!d->subvendor || !d->subdevice) {
			missing = true;
			if (!ask)
				put_no_data(asking, d, "The PCI list shows no subsystem id", NULL);
			continue;
		}
		struct hp_fact *fact = hp_fact_put(f, d->sbdf, "psb.ssid");
		fact->now = hp_present(ids_text(a, d->subvendor, d->subdevice));
		fact->evidence[0] = d->evidence;
		fact->evidence[0].focus = d->subsystem_at;
	}
	if (!missing || !ask)
		return;
	struct hp_call *call = hp_call_run(a, argv);
	call->lane = "lspci"; /* what has a lane starts before the rest: the BMC waits for it */
	call->cap = HP_CAP_LIST;
	asking->submit(asking, call, 0);
}

static void read_device(struct hp_asking *asking, const struct hp_device *d, const char *source, struct hp_str out)
{
	struct hp_arena *a = asking->arena;
	struct space *s = hp_alloc(a, sizeof *s);
	bool listed = d->subvendor && d->subdevice;
	const char *why = find_space(a, out, d, s);
	struct hp_evidence evidence = hp_evidence(source, s->section);
	if (why) {
		if (!listed)
			put_no_data(asking, d,
				    hp_format(a, "The PCI list shows no subsystem id, and %s %s", source, why),
				    hp_format(a, "Run `%s` by hand.", source));
		return;
	}
	why = read_space(a, d, s);
	if (!why && s->port) {
		struct hp_fact *port = hp_fact_put(asking->facts, d->sbdf, "psb.port");
		port->now = hp_present(s->port);
		port->evidence[0] = evidence;
	}
	if (listed)
		return;
	struct hp_fact *fact = hp_fact_put(asking->facts, d->sbdf, "psb.ssid");
	if (why) {
		put_no_data(
		    asking, d,
		    hp_format(a, "The PCI list shows no subsystem id, and the configuration space that %s shows %s",
			      source, why),
		    hp_format(a, "Run `%s` by hand.", source));
	} else if (s->ssid_at) {
		evidence.focus = s->rows[s->ssid_at + 6];
		fact->now = hp_present(ids_text(a, s->ssvid, s->ssid));
	} else {
		fact->now = hp_absent(hp_format(a,
						"Neither the PCI list nor the capabilities that %s shows have a "
						"subsystem id",
						source));
	}
	fact->evidence[0] = evidence;
}

static void pci_config_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_arena *a = asking->arena;
	const char *source = hp_call_text(a, call), *why = hp_reply_trouble(a, call, reply);
	(void)tag;
	for (size_t i = 0; i < asking->facts->device_count; i++) {
		const struct hp_device *d = &asking->facts->devices[i];
		if (!hp_psb_is_bridge(d))
			continue;
		if (!why)
			read_device(asking, d, source, reply->out);
		else if (!d->subvendor || !d->subdevice)
			put_no_data(asking, d,
				    hp_format(a, "The PCI list shows no subsystem id, and %s %s", source, why),
				    hp_format(a, "Run `%s` by hand.", source));
	}
}

const struct hp_ask hp_ask_pci_config = {.name = "pci-config",
					 .after = "pci-devices",
					 .also_after = after_platform,
					 .put = pci_config_put,
					 .read = pci_config_read};
