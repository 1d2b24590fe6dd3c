/* lspci -d: a subsystem id is said only where it stands in a capability of a whole dump of the very bridge, and the
 * type of its port likewise. Input: a reply (fuzz.h). */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/tools/asks.h"
#include "fuzz.h"

static void add(struct hp_facts *f, struct hp_arena *a, const char *sbdf, uint16_t subdevice)
{
	struct hp_device *d = hp_device_add(f);
	*d = (struct hp_device){.vendor = 0x1000, .device = 0xc030, .class_id = 0x0604};
	MUST(hp_sbdf(hp_str(sbdf), &d->at));
	d->sbdf = hp_sbdf_text(a, &d->at);
	d->subvendor = subdevice ? 0x1028 : 0;
	d->subdevice = subdevice;
	d->evidence.source = "/bin/esxcli hardware pci list";
}

static int nibble(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, hp_lower(c));
	return c && at ? (int)(at - digits) : -1;
}

/* Whether a line begins with an address; the domain may have four to eight digits. */
static bool is_head(struct hp_str line, const char *sbdf, bool *ret_mine)
{
	static regex_t address;
	static bool done;
	regmatch_t found;
	char text[32] = "";
	if (!done &&
	    regcomp(&address, "^[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[01][0-9a-fA-F][.][0-7]([ \t\r\n]|$)", REG_EXTENDED))
		abort();
	done = true;
	memcpy(text, line.p, line.n < 31 ? line.n : 31);
	if (regexec(&address, text, 1, &found, 0))
		return false;
	char *rest = NULL;
	*ret_mine = strtoul(text, &rest, 16) == 0 && strncmp(rest, sbdf + 4, 8) == 0;
	return true;
}

/* The bytes below the line that begins with the address, read in another way: pairs of digits behind each colon. */
static size_t bytes_of(struct hp_str out, const char *sbdf, unsigned char bytes[4096])
{
	size_t n = 0;
	bool mine = false;
	while (out.n) {
		struct hp_str line = fuzz_line(&out);
		bool head = is_head(line, sbdf, &mine);
		const char *at = mine && !head ? memchr(line.p, ':', line.n) : NULL;
		char *end = NULL;
		if (at && strtoul(line.p, &end, 16) == 0 && end == at)
			n = 0; /* the first row: what stood before it is none */
		for (size_t i = at ? (size_t)(at - line.p) + 1 : line.n; i + 1 < line.n; i++) {
			int high = nibble(line.p[i]), low = nibble(line.p[i + 1]);
			if (high < 0 || low < 0 || n == 4096)
				continue;
			bytes[n++] = (unsigned char)(high << 4 | low);
			i++;
		}
	}
	return n;
}

static bool has_capability(const unsigned char *b, size_t n, unsigned id, size_t at, unsigned value, unsigned mask)
{
	for (size_t i = 64; i + at + 1 < n && i < 256; i += 4)
		if (b[i] == id && ((unsigned)(b[i + at] | b[i + at + 1] << 8) & mask) == value)
			return true;
	return false;
}

static void judge(const struct hp_fact *f, const struct hp_reply *reply)
{
	static unsigned char bytes[4096];
	if (f->now.is != HP_PRESENT) {
		MUST(f->now.why && *f->now.why);
		return;
	}
	MUST(f->now.text);
	if (strcmp(f->subject, "0000:49:00.0") == 0 && strcmp(f->name, "psb.ssid") == 0) {
		MUST(strcmp(f->now.text, "1028:2331") == 0); /* what the list has said stays */
		return;
	}
	MUST(fuzz_ended_well(reply) && fuzz_inside(f->evidence[0].record, reply->out));
	MUST(!f->evidence[0].focus.p || fuzz_inside(f->evidence[0].focus, f->evidence[0].record));
	size_t n = bytes_of(reply->out, f->subject, bytes);
	MUST(n >= 256 && memcmp(bytes, "\x00\x10\x30\xc0", 4) == 0);
	if (strcmp(f->name, "psb.port") == 0) {
		bool up = strcmp(f->now.text, "upstream") == 0, down = strcmp(f->now.text, "downstream") == 0;
		MUST(!up || has_capability(bytes, n, 0x10, 2, 0x50, 0xf0));
		MUST(!down || has_capability(bytes, n, 0x10, 2, 0x60, 0xf0));
		return;
	}
	unsigned vendor = (unsigned)strtoul(f->now.text, NULL, 16),
		 device = (unsigned)strtoul(f->now.text + 5, NULL, 16);
	MUST(strlen(f->now.text) == 9 && has_capability(bytes, n, 0x0d, 4, vendor, 0xffff) &&
	     has_capability(bytes, n, 0x0d, 6, device, 0xffff));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_reply reply = fuzz_reply(input);
	struct fuzz_asking asking;
	fuzz_ask(a, &hp_ask_pci_config, &asking);
	add(&asking.facts, a, "0000:16:00.0", 0);
	add(&asking.facts, a, "0000:38:00.0", 0);
	add(&asking.facts, a, "0000:49:00.0", 0x2331);
	hp_ask_pci_config.put(&asking.asking);
	MUST(asking.submitted == 1);
	hp_ask_pci_config.read(&asking.asking, asking.calls[0], 0, &reply);
	MUST(asking.submitted == 1);
	for (size_t i = 0; i < asking.facts.count; i++)
		judge(asking.facts.facts[i], &reply);
	for (size_t i = 0; i < 3; i++)
		MUST(hp_fact_find(&asking.facts, asking.facts.devices[i].sbdf, "psb.ssid"));
}
