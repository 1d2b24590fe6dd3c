/* The whole engine: a small host whose replies are whole but for one, which the input mutates. Nothing passes, waits
 * for a boot or can be fixed but on records that stand whole in replies that ended well; and cutting a reply never
 * brings about what the whole reply did not say.
 *
 * Input: the reply (a, b, … in the order of host_replies.h), what is done to it (c cut, e its end, x overwrite, i
 * insert, d delete, r replace, any other: nothing; upper case: localcli answers too), an offset in two bytes, then
 * bytes. */
#include <stdio.h>
#include <string.h>

#include "../../agent/base/json.h"
#include "../../agent/engine/judge.h"
#include "../../agent/io/capture.h"
#include "../../agent/report/report.h"
#include "fuzz.h"
#include "host_replies.h"

struct run {
	struct hp_capture capture;
	struct hp_policy policy;
	struct hp_gathered gathered;
	struct hp_selection selection;
	struct hp_findings findings;
	struct hp_report report;
};

struct mutation {
	size_t reply;
	char what;
	bool fallback;
	size_t offset;
	struct hp_str bytes;
};

/* ---- making a run ---- */

static struct hp_str joined(struct hp_arena *a, struct hp_str one, struct hp_str two, struct hp_str three)
{
	struct hp_buf b = hp_buf(a);
	hp_put(&b, one);
	hp_put(&b, two);
	hp_put(&b, three);
	return hp_built(&b);
}

static void mutate(struct hp_arena *a, const struct mutation *m, struct hp_reply *reply)
{
	struct hp_str out = reply->out, none = {NULL, 0};
	size_t at = m->offset % (out.n + 1), n = m->bytes.n;
	switch (m->what) {
	case 'c':
		reply->out = hp_str_sub(out, 0, at);
		break;
	case 'e':
		*reply = fuzz_reply(joined(a, m->bytes.n ? hp_str_sub(m->bytes, 0, 1) : hp_str("0"), out, none));
		return; /* its size tells what the file had */
	case 'x':
		reply->out = joined(a, hp_str_sub(out, 0, at), m->bytes, hp_str_sub(out, at + n, out.n));
		break;
	case 'i':
		reply->out = joined(a, hp_str_sub(out, 0, at), m->bytes, hp_str_sub(out, at, out.n));
		break;
	case 'd':
		n = m->bytes.n ? (unsigned char)m->bytes.p[0] : 1;
		reply->out = joined(a, hp_str_sub(out, 0, at), hp_str_sub(out, at + n, out.n), none);
		break;
	case 'r':
		reply->out = m->bytes;
		break;
	default:
		break;
	}
	reply->size = m->what == 'c' ? out.n : reply->out.n;
}

static void record(struct hp_arena *a, const struct mutation *m, struct hp_capture *ret)
{
	for (size_t i = 0; i < HOST_REPLIES; i++) {
		struct hp_reply reply = {.end = HP_END_EXIT, .out = hp_str(host_replies[i].out)};
		reply.size = reply.out.n;
		if (host_replies[i].fallback && !m->fallback)
			continue;
		if (i == m->reply)
			mutate(a, m, &reply);
		hp_capture_add(a, ret, host_replies[i].key, &reply);
	}
}

/* ret->policy and selection may be given: they are the same each time. */
static void run(struct hp_arena *a, const struct mutation *m, struct run *ret)
{
	struct hp_err err;
	if (!ret->policy.name) {
		MUST(hp_policy_builtin(a, &ret->policy, &err) == 0);
		MUST(hp_policy_overlay(a, hp_str(host_policy), "fuzz", &ret->policy, &err) == 0);
		MUST(hp_select(a, &ret->selection, &err) == 0);
	}
	record(a, m, &ret->capture);
	hp_gather(a, hp_replay_door(a, &ret->capture), NULL, &ret->policy.ask, &ret->gathered);
	hp_judge_all(a, &ret->gathered.facts, &ret->policy, &ret->selection, &ret->findings);
	const struct hp_facts *f = &ret->gathered.facts;
	struct hp_report *r = &ret->report;
	r->command = "check";
	r->tool.name = "hostprep";
	r->policy.name = ret->policy.name;
	r->fail_on = HP_MINOR;
	r->host.name = hp_fact_text(f, HP_HOST, "hostname");
	r->host.vendor = hp_fact_text(f, HP_HOST, "vendor");
	r->host.model = hp_fact_text(f, HP_HOST, "model");
	r->host.version = hp_fact_text(f, HP_HOST, "esx.version");
	r->host.build = hp_fact_text(f, HP_HOST, "esx.build");
	r->host.uptime_s = -1;
	r->host.quick_boot = HP_CANNOT_TELL;
	r->findings = ret->findings.items;
	r->finding_count = ret->findings.count;
	r->complete = true;
	hp_report_conclude(a, r);
}

/* The host as it is. */
static const struct run *original(void)
{
	static struct hp_arena arena;
	static struct run whole;
	static const struct mutation nothing = {.reply = HOST_REPLIES};
	if (!arena.limit) {
		hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
		run(&arena, &nothing, &whole);
	}
	return &whole;
}

/* ---- the law of evidence ---- */

/* What may lead to trust or to a change. */
static bool claims(const struct hp_finding *f)
{
	return f->state == HP_PASS || f->state == HP_PENDING_REBOOT || f->remedy.fixable;
}

static const struct hp_recorded *source_of(struct hp_arena *a, const struct run *r, const char *source)
{
	for (size_t i = 0; i < r->capture.count; i++) {
		const char *key = r->capture.calls[i].key;
		if (strcmp(hp_format(a, "/%s", strchr(key, ' ') + 1), source) == 0)
			return &r->capture.calls[i];
	}
	return NULL;
}

static void judge_evidence(struct hp_arena *a, const struct run *r, const struct hp_evidence *e)
{
	const struct hp_recorded *call = source_of(a, r, e->source);
	MUST(call);
	const struct hp_reply *reply = &call->reply;
	bool file = strncmp(call->key, "file ", 5) == 0;
	MUST(file ? fuzz_exit_0(reply) && reply->size == reply->out.n : fuzz_ended_well(reply));
	if (!e->record.n)
		return; /* the list as such */
	MUST(fuzz_inside(e->record, reply->out));
	size_t from = (size_t)(e->record.p - reply->out.p), to = from + e->record.n;
	bool json = reply->out.p[from] == '[' || reply->out.p[from] == '{';
	MUST(json || from == 0 || reply->out.p[from - 1] == '\n');
	MUST(json || to == reply->out.n || reply->out.p[to] == '\n' || reply->out.p[to - 1] == '\n');
}

static void judge_hca(struct hp_arena *a, const struct run *r, const struct hp_finding *f)
{
	const struct hp_recorded *call = source_of(a, r, f->evidence[0].source);
	struct fuzz_row row;
	MUST(call && strstr(call->key, "mlxconfig -d "));
	struct hp_str rest = hp_str(strstr(call->key, "-d ") + 3), name;
	MUST(hp_next_word(&rest, &name) && fuzz_mlx_row(call->reply.out, hp_copy(a, name), &row));
	MUST(strcmp(f->now, row.now) == 0 && strcmp(f->next, row.next) == 0);
	MUST(!f->remedy.fixable || !row.read_only);
	MUST(f->evidence_count >= 2 && fuzz_says(f->evidence[1].record, f->subject + strlen(f->subject) - 7, 256));
}

static void judge_gpu(const struct hp_finding *f)
{
	static const char *const printed[][2] = {
	    {"flr", "Function reset"}, {"bridge", "Bridge reset"}, {"link", "Link reset"}, {"d3d0", "D3D0 reset"}};
	bool said = false;
	for (size_t i = 0; i < 4; i++)
		said = said ||
		       (strcmp(printed[i][0], f->now) == 0 && fuzz_says(f->evidence[0].record, printed[i][1], 256));
	MUST(said);
	if (strcmp(f->next, "default") != 0)
		MUST(f->evidence_count == 2 && fuzz_says(f->evidence[1].record, f->next, 256));
}

/* `now` and `next` stand in the records that the finding cites. */
static void judge_values(struct hp_arena *a, const struct run *r, const struct hp_finding *f)
{
	static const char *const settings[][2] = {{"kernel-ats-support", "atsSupport"},
						  {"kernel-acs-check", "disableACSCheck"},
						  {"kernel-acs-dtp2p", "enableACSDTP2P"}};
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(f->check, settings[i][0]) != 0)
			continue;
		MUST(f->evidence_count == 1);
		MUST(hp_str_has_byte(f->evidence[0].record, '\\') ||
		     (fuzz_says(f->evidence[0].record, settings[i][1], 256) &&
		      fuzz_says(f->evidence[0].record, f->now, 256) && fuzz_says(f->evidence[0].record, f->next, 256)));
	}
	if (strcmp(f->check, "hca-ats") == 0)
		judge_hca(a, r, f);
	if (strcmp(f->check, "gpu-reset") == 0)
		judge_gpu(f);
}

static bool same(const char *x, const char *y)
{
	return x == y || (x && y && strcmp(x, y) == 0);
}

/* The original host says the same. */
static bool said_before(const struct hp_finding *f)
{
	const struct hp_findings *all = &original()->findings;
	bool counts = strstr(f->check, "-inventory") != NULL;
	for (size_t i = 0; i < all->count; i++) {
		const struct hp_finding *o = &all->items[i];
		if (same(o->check, f->check) && same(o->subject, f->subject) && o->state == f->state &&
		    (counts || (same(o->now, f->now) && same(o->next, f->next))))
			return o->remedy.fixable == f->remedy.fixable && same(o->remedy.command, f->remedy.command);
	}
	return false;
}

static void judge_findings(struct hp_arena *a, const struct run *r, const struct mutation *m)
{
	bool only_less = m->what == 'c' || m->what == 'e' || m->reply >= HOST_REPLIES;
	for (size_t i = 0; i < r->findings.count; i++) {
		const struct hp_finding *f = &r->findings.items[i];
		MUST(f->check && f->subject && f->text && *f->text);
		MUST(!f->remedy.fixable || f->state == HP_FAIL || f->state == HP_REGRESSING);
		if (!claims(f))
			continue;
		MUST(f->evidence_count);
		for (size_t k = 0; k < f->evidence_count; k++)
			judge_evidence(a, r, &f->evidence[k]);
		judge_values(a, r, f);
		MUST(!only_less || said_before(f));
	}
}

/* ---- the reports ---- */

static void judge_text(struct hp_str text)
{
	MUST(text.n && text.p[text.n - 1] == '\n');
	while (text.n) {
		struct hp_str line = fuzz_line(&text);
		bool command = hp_str_starts(line, "        "); /* eight blanks: never broken */
		MUST(command || line.n <= 80);
		for (size_t i = 0; i < line.n; i++)
			MUST(line.p[i] >= 0x20 && line.p[i] < 0x7f);
	}
}

static int exit_code_of(const json_t *findings)
{
	bool fails = false, unknown = false, pending = false;
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *f = json_array_get(findings, i);
		const char *state = json_string_value(json_object_get(f, "state"));
		const char *severity = json_string_value(json_object_get(f, "severity"));
		MUST(state && severity);
		if (strcmp(severity, "info") == 0)
			continue;
		fails = fails || !strcmp(state, "fail") || !strcmp(state, "regressing");
		unknown = unknown || !strcmp(state, "unknown");
		pending = pending || !strcmp(state, "pending-reboot");
	}
	return fails ? 2 : unknown ? 3 : pending ? 4 : 0;
}

static void judge_json(struct hp_arena *a, const struct run *r)
{
	struct hp_err err = {""};
	struct hp_str text = hp_report_json(a, &r->report);
	json_t *root = hp_json_parse(a, text, &err);
	MUST(root && fuzz_utf8(text) && hp_str_ends(text, "}\n"));
	const json_t *findings = json_object_get(root, "findings");
	MUST(json_array_size(findings) == r->findings.count);
	MUST(json_integer_value(json_object_get(root, "exit_code")) == exit_code_of(findings));
	for (size_t i = 0; i < r->findings.count; i++) {
		const json_t *list = json_object_get(json_array_get(findings, i), "evidence");
		for (size_t k = 0; k < json_array_size(list); k++)
			MUST(json_string_length(json_object_get(json_array_get(list, k), "excerpt")) <= 512);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct mutation m;
	struct run r = {.policy = original()->policy, .selection = original()->selection};
	unsigned char which = fuzz_byte(&input), what = fuzz_byte(&input);
	m.reply = which >= 'a' && which < 'a' + HOST_REPLIES ? (size_t)(which - 'a') : which % HOST_REPLIES;
	m.fallback = what >= 'A' && what <= 'Z';
	m.what = (char)(m.fallback ? what - 'A' + 'a' : what);
	m.offset = (size_t)fuzz_byte(&input) << 8;
	m.offset |= fuzz_byte(&input);
	m.bytes = input;
	run(a, &m, &r);
	judge_findings(a, &r, &m);
	static const struct hp_text_style short_style = {false, false, false}, long_style = {false, false, true};
	judge_text(hp_report_text(a, &r.report, &short_style));
	judge_text(hp_report_text(a, &r.report, &long_style));
	judge_text(hp_report_reboot_text(a, &r.report));
	judge_json(a, &r);
}
