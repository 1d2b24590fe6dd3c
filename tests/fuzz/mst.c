/* mst status: a device is one whole line with a name and an address that stand in it, and "no device" is said only
 * where MFT says so. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/tools/asks.h"
#include "fuzz.h"

/* A row: a word that is a device's name and one that is an address, in any order. */
static bool is_row(struct hp_arena *a, struct hp_str line)
{
	static const char *const texts[] = {
	    "(^|[ \t\r])(/dev/|/dev/mst/)?mt[0-9]+_(pciconf|pci_cr)[0-9]+([.][0-9]+)?([ \t\r]|$)",
	    "(^|[ \t\r])([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F][.][0-7]([ \t\r]|$)"};
	static regex_t compiled[2];
	static bool done;
	const char *text = hp_copy(a, line);
	for (int i = 0; i < 2 && !done; i++)
		if (regcomp(&compiled[i], texts[i], REG_EXTENDED | REG_NOSUB))
			abort();
	done = true;
	return !regexec(&compiled[0], text, 0, NULL, 0) && !regexec(&compiled[1], text, 0, NULL, 0);
}

static void judge_device(struct hp_arena *a, const struct hp_mst_device *d, const struct hp_reply *reply)
{
	struct hp_str line = d->evidence.record;
	char id[16];
	size_t end = (size_t)(line.p - reply->out.p) + line.n;
	MUST(fuzz_inside(line, reply->out) && line.n);
	MUST(line.p == reply->out.p || line.p[-1] == '\n');
	MUST(end < reply->out.n && reply->out.p[end] == '\n');
	MUST(is_row(a, line));
	MUST(fuzz_says(line, d->name, 256));
	MUST(fuzz_says(line, hp_sbdf_text(a, &d->at) + strlen(hp_sbdf_text(a, &d->at)) - 7, 256));
	(void)snprintf(id, sizeof id, "%u_", (unsigned)d->device);
	MUST(hp_str_has(hp_str(d->name), id) && hp_str_has(line, d->config ? "_pciconf" : "_pci_cr"));
	MUST(!d->unopened || fuzz_says(line, "NA", 256));
	MUST(!d->net || (fuzz_utf8(hp_str(d->net)) && strlen(d->net) <= 64));
	MUST(!d->net || !*d->net || fuzz_says(line, d->net, 64));
}

/* What is asked of mlxconfig: each device at most once, by a name that mst printed. */
static void judge_queries(struct hp_arena *a, struct fuzz_asking *asking)
{
	size_t before = asking->submitted;
	asking->asking.ask = &hp_ask_hca_ats;
	hp_ask_hca_ats.put(&asking->asking);
	MUST(asking->submitted - before <= asking->facts.mst_count);
	for (size_t i = before; i < asking->submitted && i < 64; i++) {
		const struct hp_mst_device *d = &asking->facts.mst[asking->tags[i]];
		MUST(strcmp(asking->calls[i]->argv[2], d->name) == 0 && d->device == 0x1021 && !d->net);
		MUST(fuzz_one_line(hp_call_text(a, asking->calls[i])));
		for (size_t k = before; k < i; k++)
			MUST(strcmp(asking->calls[i]->argv[2], asking->calls[k]->argv[2]) != 0);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_reply reply = fuzz_reply(input);
	struct fuzz_asking asking;
	fuzz_ask(a, &hp_ask_mst, &asking);
	hp_ask_mst.put(&asking.asking);
	MUST(asking.submitted == 1);
	hp_ask_mst.read(&asking.asking, asking.calls[0], 0, &reply);
	const struct hp_facts *f = &asking.facts;
	const struct hp_fact *list = hp_fact(f, HP_HOST, "mst");
	MUST(asking.submitted == 1);
	if (list->now.is != HP_PRESENT) {
		MUST(list->now.why && *list->now.why && !f->mst_count);
		return;
	}
	if (!f->mst_count) {
		MUST(reply.end == HP_END_EXIT && hp_str_ends(reply.out, "\n") && hp_str_has(reply.out, "No "));
		return;
	}
	MUST(fuzz_ended_well(&reply));
	for (size_t i = 0; i < f->mst_count; i++)
		judge_device(a, &f->mst[i], &reply);
	judge_queries(a, &asking);
}
