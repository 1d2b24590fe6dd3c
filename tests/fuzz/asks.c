/* The asks of esxcli and vsish and those that look at a place, each reading a reply of its own: what they say is there
 * stands whole in a reply that ended well, and what they do not know has a reason.
 *
 * Input: a letter for the ask (below), a letter for the way (k keyvalue, p plain, l localcli; of the places: p, l
 * and any other letter are those that are looked at), then a reply (fuzz.h).
 */
#include <stdio.h>
#include <string.h>

#include "../../agent/tools/asks.h"
#include "fuzz.h"

static const struct {
	char letter;
	const struct hp_ask *ask;
} asks[] = {{'v', &hp_ask_esx_version},	    {'k', &hp_ask_kernel},	{'d', &hp_ask_pci},
	    {'p', &hp_ask_platform},	    {'h', &hp_ask_hostname},	{'u', &hp_ask_uuid},
	    {'t', &hp_ask_uptime},	    {'m', &hp_ask_running_vms}, {'n', &hp_ask_nics},
	    {'s', &hp_ask_sriov},	    {'q', &hp_ask_quick_boot},	{'e', &hp_ask_maintenance},
	    {'i', &hp_ask_rebooting_image}, {'b', &hp_ask_bootbank},	{'a', &hp_ask_archive}};

/* JSON's strings are looked for decoded, so one with an escape is not looked for. */
static bool escaped(struct hp_str out)
{
	struct hp_str s = hp_str_trim(out);
	return s.n && (s.p[0] == '[' || s.p[0] == '{') && (memchr(s.p, '\\', s.n) || hp_str_has(s, "-0"));
}

static void judge_text(const struct hp_reply *reply, struct hp_str record, const char *text, size_t max)
{
	MUST(fuzz_utf8(hp_str(text)) && strlen(text) <= max);
	MUST(escaped(reply->out) || !*text || fuzz_says(record, text, max));
}

/* "it carries the uplink NAME", "NAME has virtual functions" */
static void judge_use(struct hp_arena *a, const struct hp_reply *reply, struct hp_str record, const char *text)
{
	struct hp_str name = hp_str(text);
	if (hp_str_ends(name, " has virtual functions"))
		name.n -= strlen(" has virtual functions");
	else
		name = hp_str_sub(name, strlen("it carries the uplink "), name.n);
	judge_text(reply, record, hp_copy(a, name), 64);
}

/* The number of running VMs, counted another way. */
static void judge_vms(struct hp_str out, const char *text)
{
	char want[16];
	unsigned vms = 0;
	while (out.n) {
		struct hp_str line = fuzz_line(&out);
		vms += line.n >= 13 && memcmp(line.p, "   World ID: ", 13) == 0;
	}
	(void)snprintf(want, sizeof want, "%u", vms);
	MUST(strcmp(text, want) == 0);
}

/* The VIBs of a table: each line that is not blank, less the head and its dashes. */
static void judge_image(struct hp_str out, const char *text)
{
	char want[32];
	unsigned lines = 0;
	bool dashes = !out.n;
	while (out.n) {
		struct hp_str line = hp_str_trim(fuzz_line(&out));
		lines += line.n > 0;
		dashes = dashes || (lines == 2 && hp_str_starts(line, "-"));
	}
	(void)snprintf(want, sizeof want, "%u VIBs", lines - 2);
	MUST(dashes && strcmp(text, lines > 2 ? want : "none") == 0);
}

/* What a place is said to be stands there whole, but for the newline. */
static void judge_place(const struct hp_reply *reply, const char *name, const char *text)
{
	size_t n = strlen(text);
	MUST(reply->out.p[reply->out.n - 1] == '\n');
	if (strcmp(name, "passthru-map-marker") == 0)
		MUST(strcmp(text, "file") == 0 && hp_str_starts(reply->out, "file "));
	else if (strcmp(name, "bootbank") == 0)
		MUST(n && reply->out.n == n + 6 && memcmp(reply->out.p, "link ", 5) == 0 &&
		     memcmp(reply->out.p + 5, text, n) == 0);
	else
		MUST(reply->out.n == n + 1 && memcmp(reply->out.p, text, n) == 0);
}

static bool is_place(const char *name)
{
	return strcmp(name, "bootbank") == 0 || strcmp(name, "passthru-map-marker") == 0 ||
	       strcmp(name, "state-tgz") == 0 || strcmp(name, "useropts-gz") == 0 ||
	       strcmp(name, "bootbank-folder") == 0;
}

/* Nothing printed is an answer to these. */
static bool may_be_empty(const char *name)
{
	return strncmp(name, "running-vm", 10) == 0 || strcmp(name, "rebooting-image") == 0;
}

static void judge_fact(const struct hp_fact *f, const struct hp_reply *reply, const struct hp_facts *facts)
{
	struct hp_str record = f->evidence[0].record;
	bool nothing = fuzz_exit_0(reply) && !reply->out.n && may_be_empty(f->name);
	MUST(fuzz_inside(record, reply->out));
	for (int i = 0; i < 2; i++) {
		const struct hp_value *v = i ? &f->next : &f->now;
		MUST(v->is != HP_PRESENT || v->text);
		MUST(v->is != HP_NO_DATA || strncmp(f->name, "kernel.", 7) != 0 || (v->why && *v->why));
		if (v->is != HP_PRESENT)
			continue;
		MUST(fuzz_ended_well(reply) || nothing);
		MUST(f->evidence[0].source);
		if (strcmp(f->name, "running-vms") == 0)
			judge_vms(reply->out, v->text);
		else if (strcmp(f->name, "running-vm-names") == 0)
			MUST(fuzz_utf8(hp_str(v->text)) && strlen(v->text) <= 515 &&
			     hp_fact_text(facts, HP_HOST, "running-vms"));
		else if (strcmp(f->name, "rebooting-image") == 0)
			judge_image(reply->out, v->text);
		else if (strcmp(f->name, "maintenance") == 0)
			MUST(hp_str_eq(hp_str_trim(reply->out), v->text) && (*v->text == 'E' || *v->text == 'D'));
		else if (is_place(f->name))
			judge_place(reply, f->name, v->text);
		else if (strcmp(f->name, "pci") == 0)
			MUST(facts->device_count >= 2);
		else if (strcmp(f->name, "used-by-vmkernel") == 0)
			judge_use(facts->arena, reply, record, v->text);
		else if (strcmp(f->name, "quick-boot") == 0)
			MUST(fuzz_says(record, v->text, 256) ||
			     fuzz_says(record, v->text[0] == '1' ? "0x1" : "0x0", 256));
		else if (strcmp(f->name, "kernel") != 0)
			judge_text(reply, record, v->text, strncmp(f->name, "kernel.", 7) == 0 ? 1024 : 256);
		if (strncmp(f->name, "kernel.", 7) == 0)
			MUST(escaped(reply->out) || fuzz_says(record, f->name + 7, 128));
	}
}

static void judge_device(const struct hp_device *d, const struct hp_reply *reply)
{
	struct hp_str record = d->evidence.record;
	MUST(fuzz_ended_well(reply) && fuzz_inside(record, reply->out) && record.n);
	MUST(fuzz_says(record, d->sbdf + strlen(d->sbdf) - 7, 256));
	MUST(d->name && d->vmkernel_name && d->owner);
	judge_text(reply, record, d->owner, 128);
	judge_text(reply, record, d->name, 128);
	judge_text(reply, record, d->vmkernel_name, 128);
	judge_text(reply, record, d->reset_method ? d->reset_method : "", 128);
}

static bool any_data(const struct hp_facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->facts[i]->now.is == HP_PRESENT && strcmp(f->facts[i]->name, "trouble") != 0)
			return true;
	return false;
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	unsigned char letter = fuzz_byte(&input), way = fuzz_byte(&input);
	const struct hp_ask *ask = asks[letter % (sizeof asks / sizeof asks[0])].ask;
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++)
		if (asks[i].letter == (char)letter)
			ask = asks[i].ask;
	struct hp_reply reply = fuzz_reply(input);
	struct fuzz_asking asking;
	fuzz_ask(a, ask, &asking);
	ask->put(&asking.asking);
	size_t put = asking.submitted;
	MUST(put == (ask == &hp_ask_archive ? 3 : ask == &hp_ask_bootbank ? 2 : 1));
	int tag = way == 'p' ? 1 : way == 'l' && put != 2 ? 2 : 0;
	ask->read(&asking.asking, asking.calls[put > 1 ? tag : 0], tag, &reply);
	const struct hp_facts *f = &asking.facts;
	bool asked_again = asking.submitted > put;
	MUST(asking.submitted <= put + 1 && !(asked_again && tag == 2));
	for (size_t i = 0; i < f->count; i++) {
		const struct hp_fact *fact = f->facts[i];
		if (strcmp(fact->name, "trouble") == 0)
			continue;
		judge_fact(fact, &reply, f);
		if (!asked_again && strcmp(fact->subject, HP_HOST) == 0 && fact->now.is == HP_NO_DATA)
			MUST(fact->now.why && *fact->now.why);
	}
	for (size_t i = 0; i < f->device_count; i++)
		judge_device(&f->devices[i], &reply);
	MUST(!f->device_count || hp_fact_text(f, HP_HOST, "pci"));
	MUST(!asked_again || !any_data(f));
}
