/* Redfish, with whatever a BMC may answer: it always ends, after HP_REDFISH_REQUESTS calls at most, one at a time; who
 * was let in goes out again; nobody logs in twice but after a 401 to a token; and what is said to be there stands in an
 * answer.
 *
 * Input: a line of letters (b: there is a bridge of a switch board; i: insecure; r: the login was refused before;
 * s: a rule of the site), then answers: a line
 *     @STATUS [location PATH | retry-after SECONDS]        or @t time-out, @n no answer, @c cancelled, @b too big
 * and the lines of its body. The newline before the next @ is none of it. The last answer is given again and again.
 */
#include <string.h>

#include "../../agent/base/num.h"
#include "../../agent/tools/asks.h"
#include "../../agent/tools/redfish.h"
#include "fuzz.h"

#define ANSWERS_MOST 64u
#define CALLS_MOST (HP_REDFISH_REQUESTS + 8)

struct world {
	struct hp_asking asking; /* first */
	struct hp_facts facts;
	struct hp_ask_options options;
	struct hp_reply answers[ANSWERS_MOST];
	size_t answer_count;
	const struct hp_call *calls[CALLS_MOST];
	const struct hp_reply *got[CALLS_MOST];
	size_t submitted, given;
	bool escapes; /* some body has a backslash or a minus before 0: texts are not looked for */
};

static void submit(struct hp_asking *asking, const struct hp_call *call, int tag)
{
	struct world *w = (struct world *)asking;
	(void)tag;
	MUST(w->submitted == w->given && w->submitted < HP_REDFISH_REQUESTS);
	MUST(call->kind == HP_CALL_HTTP && call->lane && call->cap == HP_REDFISH_BODY && !call->writes);
	MUST(call->delay_ms <= 30000 && !call->http->body.n && fuzz_one_line(call->http->path));
	MUST(strncmp(call->http->path, "/redfish", 8) == 0 && !strchr(call->http->path, ' '));
	w->calls[w->submitted++] = call;
}

/* ---- the input ---- */

static void read_head(struct hp_arena *a, struct hp_str line, struct hp_reply *ret)
{
	struct hp_str word, name, value;
	uint64_t code;
	*ret = (struct hp_reply){.end = HP_END_EXIT, .code = 200};
	line = hp_str_sub(hp_str_trim(line), 1, line.n);
	if (hp_next_word(&line, &word)) {
		if (hp_str_eq(word, "t"))
			ret->end = HP_END_TIMEOUT;
		else if (hp_str_eq(word, "n"))
			ret->end = HP_END_NO_ANSWER;
		else if (hp_str_eq(word, "c"))
			ret->end = HP_END_CANCELLED;
		else if (hp_str_eq(word, "b"))
			ret->end = HP_END_TOO_BIG;
		else if (hp_number(word, 10, 999, &code))
			ret->code = (int)code;
	}
	if (hp_next_word(&line, &name) && hp_next_word(&line, &value))
		ret->err = hp_str(hp_format(a, "%s: %s\n", hp_copy(a, name), hp_copy(a, value)));
}

static void read_answers(struct hp_arena *a, struct world *w, struct hp_str input)
{
	while (input.n && w->answer_count < ANSWERS_MOST) {
		struct hp_str line = fuzz_line(&input);
		struct hp_reply *r = &w->answers[w->answer_count];
		if (hp_str_starts(line, "@")) {
			read_head(a, line, r);
			r->out = (struct hp_str){input.p, 0};
			w->answer_count++;
		} else if (w->answer_count) {
			r--;
			r->out.n = (size_t)(line.p + line.n - r->out.p);
		}
	}
	for (size_t i = 0; i < w->answer_count; i++) {
		struct hp_str *out = &w->answers[i].out;
		out->n -= out->n && out->p[out->n - 1] == '\n';
		w->answers[i].size = out->n;
		w->escapes = w->escapes || hp_str_has_byte(*out, '\\') || hp_str_has(*out, "-0");
	}
}

static void put_bridge(struct world *w)
{
	struct hp_device *d = hp_device_add(&w->facts);
	*d = (struct hp_device){.sbdf = "0000:17:00.0",
				.at = {.bus = 0x17},
				.vendor = 0x1000,
				.device = 0xc030,
				.class_id = 0x0604,
				.name = "",
				.vmkernel_name = "",
				.owner = ""};
}

static void put_options(struct world *w, struct hp_str letters)
{
	static const struct hp_bmc sure = {.origin = "https://192.0.2.17", .pin = "x", .request_ms = 1000};
	static const struct hp_bmc unsure = {.origin = "https://192.0.2.17", .insecure = true, .request_ms = 1000};
	static const char *any[] = {"*", NULL}, *names[] = {"Sriov", "A????", NULL}, *want[] = {"Enabled", NULL};
	static const struct hp_bios_rule rules[] = {
	    {.check = "bios-sriov", .vendors = any, .attributes = names, .want = want},
	    {.check = "bios-sriov", .vendors = any, .model = "X*", .attributes = any, .site = true}};
	w->options.redfish =
	    (struct hp_redfish_options){.bmc = hp_str_has_byte(letters, 'i') ? &unsure : &sure,
					.rules = rules,
					.rule_count = hp_str_has_byte(letters, 's') ? 2 : 1,
					.refused_on = hp_str_has_byte(letters, 'r') ? "some day" : NULL};
	if (hp_str_has_byte(letters, 'b'))
		put_bridge(w);
}

/* ---- the laws ---- */

static bool in_some_answer(const struct world *w, const char *text, size_t max)
{
	for (size_t i = 0; i < w->given; i++)
		if (fuzz_says(w->got[i]->out, text, max))
			return true;
	return false;
}

static bool in_some_answer_as_hex(struct hp_arena *a, const struct world *w, const char *digits)
{
	while (*digits == '0' && digits[1])
		digits++;
	for (size_t i = 0; i < w->given; i++)
		for (size_t k = 0; k < w->got[i]->out.n; k++)
			if (hp_rf_glob(a, hp_format(a, "%s*", digits),
				       hp_copy(a, hp_str_sub(w->got[i]->out, k, w->got[i]->out.n))))
				return true;
	return false;
}

static void judge_value(struct hp_arena *a, const struct world *w, const struct hp_fact *f, const struct hp_value *v)
{
	static const struct {
		const char *name, *text;
	} own[] = {{"redfish", "asked"}, {"redfish.insecure", "true"}, {"redfish.login", "refused"}, {"bios", "read"}};
	MUST(v->is != HP_PRESENT || v->text);
	if (v->is != HP_PRESENT)
		return;
	MUST(fuzz_utf8(hp_str(v->text)) && (!*v->text || fuzz_one_line(v->text)) && strlen(v->text) <= 1000);
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strcmp(f->name, own[i].name) == 0) {
			MUST(strcmp(v->text, own[i].text) == 0);
			return;
		}
	if (strcmp(f->name, "psb.inventory") == 0 || w->escapes || !*v->text || strchr(v->text, '?'))
		return;
	if (strcmp(f->name, "psb.redfish-ssid") == 0) {
		MUST(strlen(v->text) == 9 && in_some_answer_as_hex(a, w, v->text + 5) &&
		     in_some_answer_as_hex(a, w, hp_copy(a, hp_str_sub(hp_str(v->text), 0, 4))));
		return;
	}
	if (strncmp(f->name, "bios.", 5) == 0 || strncmp(f->name, "psb.", 4) == 0)
		MUST(in_some_answer(w, v->text,
				    strncmp(f->name, "psb.", 4) == 0	 ? 100
				    : strcmp(f->name, "bios.maker") == 0 ? 80
				    : strcmp(f->name, "bios.model") == 0 ? 80
									 : 200));
}

static void judge_facts(struct hp_arena *a, const struct world *w)
{
	bool read = hp_fact_text(&w->facts, HP_HOST, "bios") != NULL;
	for (size_t i = 0; i < w->facts.count; i++) {
		const struct hp_fact *f = w->facts.facts[i];
		judge_value(a, w, f, &f->now);
		judge_value(a, w, f, &f->next);
		if (f->now.is == HP_NO_DATA && strncmp(f->name, "bios", 4) == 0)
			MUST(f->now.why && *f->now.why);
		/* What comes next is known only where the settings were read, or where there are none. */
		if (!read && strncmp(f->name, "bios.", 5) == 0)
			MUST(f->next.is != HP_PRESENT);
	}
	MUST(hp_fact_find(&w->facts, HP_HOST, "bios"));
	MUST(!hp_fact_find(&w->facts, HP_HOST, "psb.inventory") || w->facts.device_count);
}

static void judge_calls(const struct world *w)
{
	size_t logins = 0, with_token = 0;
	for (size_t i = 0; i < w->given; i++) {
		const struct hp_http *http = w->calls[i]->http;
		bool login = http->auth == HP_HTTP_LOGIN, end = strcmp(http->method, "DELETE") == 0;
		MUST(login == (strcmp(http->method, "POST") == 0));
		MUST(login || end || strcmp(http->method, "GET") == 0);
		MUST((http->auth == HP_HTTP_ANYBODY) == (logins == 0 && !login));
		if (login && ++logins == 2)
			MUST(w->got[i - 1]->end == HP_END_EXIT && w->got[i - 1]->code == 401 && with_token);
		with_token += http->auth == HP_HTTP_SESSION;
		MUST(!end || i + 1 == w->given);
	}
	MUST(logins <= 2);
	const char *last = w->calls[w->given - 1]->http->method;
	MUST(!with_token || strcmp(last, "DELETE") == 0 || strcmp(last, "POST") == 0);
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	static const struct hp_reply nobody = {.end = HP_END_NO_ANSWER, .code = 7};
	struct world *w = hp_alloc(a, sizeof *w);
	hp_facts_init(&w->facts, a);
	put_options(w, fuzz_line(&input));
	read_answers(a, w, input);
	w->asking = (struct hp_asking){
	    .ask = &hp_ask_redfish, .arena = a, .facts = &w->facts, .options = &w->options, .submit = submit};
	hp_ask_redfish.put(&w->asking);
	while (w->given < w->submitted) {
		size_t at = w->given < w->answer_count ? w->given : w->answer_count - 1;
		w->got[w->given] = w->answer_count ? &w->answers[at] : &nobody;
		w->given++;
		hp_ask_redfish.read(&w->asking, w->calls[w->given - 1], 0, w->got[w->given - 1]);
	}
	judge_calls(w);
	judge_facts(a, w);
}
