/* The way through a BMC's resources: which is asked next, and what becomes of an answer that is none. */
#include "redfish.h"

#include <string.h>

#include "../base/json.h"
#include "../base/num.h"
#include "asks.h"

#define LANE "redfish"
#define WAIT_MOST_S 30u	   /* longer than that nobody waits for a busy BMC */
#define WAIT_LONG_S 86400u /* what it says beyond that is taken for that */
#define SCRATCH_LIMIT ((size_t)24 << 20)

static const char no_session_hint[] = "Look at the BMC's address and credentials in the policy (redfish), and try "
				      "`curl -k https://ADDRESS/redfish/v1` from a machine that reaches it.";
static const char no_trust_hint[] = "Look whether the BMC has a new certificate or another name, and whom the policy "
				    "says to trust (redfish: pin, cafile).";

void hp_rf_want(struct hp_redfish *r, enum hp_redfish_what what, const char *path, const char *subject)
{
	if (!path || r->count >= HP_REDFISH_REQUESTS) {
		if (what == HP_RF_INVENTORY || what == HP_RF_FIRMWARE)
			r->inventory_why = path ? "the BMC's firmware inventory has more entries than can be asked for "
						  "one by one"
						: "the BMC's firmware inventory leads away from this BMC";
		return;
	}
	if (r->count == r->room) {
		r->room = r->room ? 2 * r->room : 16;
		r->queue = hp_grow(r->asking->arena, r->queue, r->count, r->room, sizeof *r->queue);
	}
	r->queue[r->count++] = (struct hp_rf_request){.what = what, .path = path, .subject = subject};
}

/* ---- asking ---- */

static void send(struct hp_redfish *r, const struct hp_rf_request *request, unsigned delay_ms)
{
	struct hp_arena *a = r->asking->arena;
	struct hp_http *http = hp_alloc(a, sizeof *http);
	struct hp_call *call = hp_alloc(a, sizeof *call);
	bool lists = request->what == HP_RF_INVENTORY || request->what == HP_RF_JOBS;
	bool collection = lists && !strchr(request->path, '?');
	r->now = *request;
	r->requests++;
	http->bmc = &r->bmc;
	http->method = request->what == HP_RF_LOGIN ? "POST" : request->what == HP_RF_LOGOUT ? "DELETE" : "GET";
	http->path = collection ? hp_format(a, "%s%s", request->path, r->expand) : request->path;
	http->auth = request->what == HP_RF_ROOT    ? HP_HTTP_ANYBODY
		     : request->what == HP_RF_LOGIN ? HP_HTTP_LOGIN
						    : HP_HTTP_SESSION;
	call->kind = HP_CALL_HTTP;
	call->http = http;
	call->lane = LANE;
	call->cap = HP_REDFISH_BODY;
	call->delay_ms = delay_ms;
	call->timeout_ms = r->bmc.request_ms;
	r->asking->submit(r->asking, call, (int)request->what);
}

/* Nothing more is asked; what was not read has no data, for this reason. */
static void give_up(struct hp_redfish *r, const char *why, const char *hint)
{
	r->why = why;
	r->hint = hint;
	r->next = r->count;
}

static void put_no_data(struct hp_redfish *r, const char *name, const char *why, const char *hint)
{
	hp_fact_put(r->asking->facts, HP_HOST, name)->now = hp_no_data(why, hint);
}

static void conclude(struct hp_redfish *r)
{
	struct hp_arena *a = r->asking->arena;
	const char *why = r->why ? r->why : "the BMC offers no such resource";
	hp_rf_conclude_jobs(r);
	if (!hp_fact_text(r->asking->facts, HP_HOST, "redfish"))
		put_no_data(r, "redfish", why, r->hint);
	if (!hp_fact_text(r->asking->facts, HP_HOST, "bios"))
		put_no_data(r, "bios", r->bios_why ? r->bios_why : why, r->bios_why ? r->bios_hint : r->hint);
	if (!hp_rf_wants_boards(r) || r->cached)
		return;
	struct hp_fact *inventory = hp_fact_put(r->asking->facts, HP_HOST, "psb.inventory");
	if (r->inventory_read && !r->inventory_why && !r->why)
		inventory->now = hp_present(hp_format(a, "%u", r->matches));
	else
		inventory->now = hp_no_data(r->inventory_why ? r->inventory_why : why, r->hint);
}

/* The boards come last: the PCI bus may have told by then, and they take the most requests. */
static void want_boards(struct hp_redfish *r)
{
	r->boards_done = true;
	if (!hp_rf_wants_boards(r) || hp_rf_read_cached(r))
		return;
	hp_rf_want(r, HP_RF_UPDATE, r->update, NULL);
	hp_rf_want(r, HP_RF_CHASSIS_LIST, r->chassis, NULL);
}

/* One request is kept for the session's end. */
static bool may_ask(const struct hp_redfish *r)
{
	return r->requests + 1 < HP_REDFISH_REQUESTS;
}

static void go_on(struct hp_redfish *r)
{
	if (r->next == r->count && r->open && !r->why && !r->boards_done)
		want_boards(r);
	if (r->next < r->count && !may_ask(r))
		give_up(r, "The BMC wants more requests than are made in one run", NULL);
	if (r->next < r->count) {
		send(r, &r->queue[r->next++], 0);
		return;
	}
	if (r->open) {
		struct hp_rf_request end = {.what = HP_RF_LOGOUT, .path = r->session};
		r->open = false;
		send(r, &end, 0);
		return;
	}
	conclude(r);
}

/* ---- answers that are none ---- */

/* The value of a header line of the reply. */
const char *hp_rf_header(struct hp_arena *a, const struct hp_reply *reply, const char *name)
{
	struct hp_str rest = reply->err, line;
	const char *start = hp_format(a, "%s: ", name);
	bool ended;
	while (hp_next_line(&rest, &line, &ended))
		if (hp_str_starts(line, start))
			return hp_copy(a, hp_str_sub(line, strlen(start), line.n));
	return NULL;
}

/* ---- JSON ---- */

static void free_scratch(void *what)
{
	hp_arena_free(what);
}

/* The JSON of an answer lives in memory of its own, because it is many times as large as what comes out of it: until
 * done_parsing(), or the end of the run where memory runs out meanwhile. One that wants too much is the BMC's trouble.
 */
static json_t *parse(struct hp_redfish *r, struct hp_str body, const char **ret_why)
{
	struct hp_arena *a = r->asking->arena;
	jmp_buf full;
	if (!r->scratch) {
		struct hp_arena *scratch = hp_alloc(a, sizeof *scratch);
		hp_defer(a, free_scratch, scratch);
		r->scratch = scratch;
	}
	hp_arena_init(r->scratch, SCRATCH_LIMIT, &full);
	if (setjmp(full)) {
		*ret_why = "takes too much memory for an answer of a BMC";
		return NULL;
	}
	json_t *root = hp_rf_parse(r->scratch, body, ret_why);
	r->scratch->on_full = a->on_full;
	return root;
}

static void done_parsing(struct hp_redfish *r)
{
	hp_arena_free(r->scratch);
	hp_json_use(r->asking->arena);
}

/* ---- what a refusal says ---- */

/* What the BMC says about it, for people; and how long it wants to be left alone (0: it does not say). */
struct refusal {
	const char *word, *text;
	uint64_t wait_s;
};

static struct refusal refusal_of(struct hp_redfish *r, const struct hp_reply *reply)
{
	struct hp_arena *a = r->asking->arena;
	struct refusal said = {"", "", 0};
	const char *why, *wait = hp_rf_header(a, reply, "retry-after");
	const json_t *root = parse(r, reply->out, &why), *message = hp_rf_message(root, 0);
	const char *text = hp_rf_text(message, "Message");
	const char *argument = json_string_value(json_array_get(json_object_get(message, "MessageArgs"), 0));
	said.word = hp_copy(a, hp_str(hp_rf_message_word(message)));
	said.text = text ? hp_clean_text(a, hp_str(text), 200, NULL) : "";
	if (wait && !hp_number(hp_str(wait), 10, WAIT_LONG_S, &said.wait_s))
		said.wait_s = WAIT_LONG_S;
	else if (!wait && argument)
		(void)hp_number(hp_str(argument), 10, WAIT_LONG_S, &said.wait_s);
	done_parsing(r);
	return said;
}

static const char *refused_text(struct hp_redfish *r, const struct hp_call *call, const struct hp_reply *reply,
				const struct refusal *said)
{
	return hp_format(r->asking->arena, "%s answered HTTP %d%s%s", hp_call_text(r->asking->arena, call), reply->code,
			 *said->text ? ": " : "", said->text);
}

/* Busy: the same once more, after as long as it says; 2 tries in a run. */
static bool try_later(struct hp_redfish *r, const struct hp_reply *reply, const struct refusal *said)
{
	bool busy = reply->code == 503 || reply->code == 429 || reply->code == 500 || hp_rf_is_busy(said->word);
	unsigned wait_s = said->wait_s ? (unsigned)said->wait_s : 5;
	if (!busy || strcmp(said->word, "RAC0218") == 0 || r->retries == HP_REDFISH_RETRIES || wait_s > WAIT_MOST_S ||
	    r->now.what == HP_RF_LOGIN || !may_ask(r))
		return false;
	struct hp_rf_request again = r->now;
	r->retries++;
	send(r, &again, wait_s * 1000);
	return true;
}

/* A token that is not taken any more: one new login, then the same once more. */
static bool login_again(struct hp_redfish *r, const struct hp_reply *reply)
{
	if (reply->code != 401 || r->again || r->now.what == HP_RF_ROOT || r->now.what == HP_RF_LOGIN || !may_ask(r))
		return false;
	struct hp_rf_request login = {.what = HP_RF_LOGIN, .path = r->sessions};
	r->again = true;
	r->open = false;
	r->next--; /* the one that was refused */
	send(r, &login, 0);
	return true;
}

static void login_refused(struct hp_redfish *r, const char *why, const struct hp_reply *reply,
			  const struct refusal *said)
{
	if (!hp_rf_login_is_wrong(reply->code, said->word)) {
		bool busy = strcmp(said->word, "RAC0218") == 0 || reply->code == 429 || reply->code >= 500 ||
			    hp_rf_is_busy(said->word);
		give_up(r, why,
			busy		     ? "All sessions of the BMC are in use, or it is busy: close some, or wait."
			: reply->code == 403 ? "The account may not log in, or its password must be changed first."
					     : no_session_hint);
		return;
	}
	hp_fact_put(r->asking->facts, HP_HOST, "redfish.login")->now = hp_present("refused");
	give_up(r, why,
		"User or password are wrong. They are not tried again until the credentials file has changed, so that "
		"the BMC does not lock this host out.");
}

/* One resource that there is not: the rest goes on. */
static void lacks(struct hp_redfish *r, const char *why, const char *hint)
{
	switch (r->now.what) {
	case HP_RF_ROOT:
	case HP_RF_LOGIN:
	case HP_RF_SYSTEMS:
	case HP_RF_SYSTEM:
		give_up(r, why, hint);
		return;
	case HP_RF_BIOS:
		r->bios_why = why;
		r->bios_hint = hint;
		return;
	case HP_RF_SETTINGS:
		hp_rf_read_settings(r, NULL, why);
		return;
	case HP_RF_JOBS:
	case HP_RF_JOB:
		return; /* it stays among those that are left */
	case HP_RF_UPDATE:
	case HP_RF_INVENTORY:
	case HP_RF_FIRMWARE:
		r->inventory_why = why; /* a list that is not whole says nothing of what is not in it */
		return;
	default:
		return;
	}
}

/* Some BMCs offer $expand and refuse it all the same, or answer more than is read at once: the list alone then, and
 * what is in it one by one. */
static bool ask_unexpanded(struct hp_redfish *r)
{
	bool expanded = (r->now.what == HP_RF_INVENTORY && !r->pages) || r->now.what == HP_RF_JOBS;
	if (!expanded || !*r->expand)
		return false;
	r->expand = "";
	hp_rf_want(r, r->now.what, r->now.path, NULL);
	return true;
}

/* TLS came to nothing: 35, 53 to 60, 83 and 90 are libcurl's codes of that kind. */
static const char *hint_of(const struct hp_reply *reply)
{
	int code = reply->end == HP_END_NO_ANSWER ? reply->code : 0;
	return code == 35 || (code >= 53 && code <= 60) || code == 83 || code == 90 ? no_trust_hint : no_session_hint;
}

/* HPE's BMCs answer a path without the slash at its end with a redirect. That is followed once, and no other. */
static bool moved(struct hp_redfish *r, const struct hp_reply *reply)
{
	const struct hp_rf_request *now = &r->now;
	bool redirect = reply->code == 301 || reply->code == 302 || reply->code == 307 || reply->code == 308;
	if (!redirect || now->moved || now->what == HP_RF_LOGIN)
		return false;
	const char *to = hp_rf_path(r->asking->arena, r->bmc.origin, hp_rf_header(r->asking->arena, reply, "location"));
	size_t n = strlen(now->path), m = to ? strlen(to) : 0;
	bool more = m == n + 1 && to[n] == '/', less = m && n == m + 1 && now->path[m] == '/';
	if ((!more && !less) || strncmp(to, now->path, more ? n : m) != 0 || r->count >= HP_REDFISH_REQUESTS)
		return false;
	hp_rf_want(r, now->what, to, now->subject);
	r->queue[r->count - 1].moved = true;
	return true;
}

/* True when the reply is an answer: its body is to be read. */
static bool is_answer(struct hp_redfish *r, const struct hp_call *call, const struct hp_reply *reply)
{
	struct hp_arena *a = r->asking->arena;
	const char *trouble = hp_reply_end_trouble(a, call, reply);
	if (trouble) {
		const char *why = hp_format(a, "%s %s", hp_call_text(a, call), trouble);
		bool early = r->now.what == HP_RF_ROOT || r->now.what == HP_RF_LOGIN;
		bool over = reply->end == HP_END_CANCELLED || reply->end == HP_END_NO_ANSWER || early;
		if (over)
			give_up(r, why, hint_of(reply));
		else if (reply->end != HP_END_TOO_BIG || !ask_unexpanded(r))
			lacks(r, why, "Try again; the policy's time limits (redfish) may be too short for this BMC.");
		return false;
	}
	if (reply->code >= 200 && reply->code < 300)
		return true;
	struct refusal said = refusal_of(r, reply);
	if (try_later(r, reply, &said) || login_again(r, reply) || moved(r, reply))
		return false;
	bool refuses_query = reply->code == 400 || reply->code == 404 || reply->code == 405 || reply->code == 501;
	if (refuses_query && ask_unexpanded(r))
		return false;
	const char *why = refused_text(r, call, reply, &said);
	if (r->now.what == HP_RF_LOGIN)
		login_refused(r, why, reply, &said);
	else if (reply->code == 401 || reply->code == 403)
		give_up(r, why, "The account may log in, but not read this: give it the privilege Login at least.");
	else
		lacks(r, why,
		      reply->code == 404 ? "This BMC does not offer it."
					 : "Try again in a few minutes: the BMC may be busy.");
	return false;
}

/* ---- answers ---- */

static const char *expand_of(const json_t *root)
{
	const json_t *features = json_object_get(root, "ProtocolFeaturesSupported");
	const json_t *expand = json_object_get(features, "ExpandQuery");
	if (!json_is_object(expand))
		return "";
	bool levels = json_is_true(json_object_get(expand, "Levels"));
	if (json_is_true(json_object_get(expand, "NoLinks")))
		return levels ? "?$expand=.($levels=1)" : "?$expand=.";
	if (json_is_true(json_object_get(expand, "ExpandAll")))
		return levels ? "?$expand=*($levels=1)" : "?$expand=*";
	return "";
}

static void read_root(struct hp_redfish *r, const json_t *root)
{
	struct hp_arena *a = r->asking->arena;
	const char *vendor = hp_rf_text(root, "Vendor");
	r->sessions = hp_rf_link(r, json_object_get(root, "Links"), "Sessions");
	r->systems = hp_rf_link(r, root, "Systems");
	r->update = hp_rf_link(r, root, "UpdateService");
	r->chassis = hp_rf_link(r, root, "Chassis");
	r->expand = expand_of(root);
	r->maker = vendor ? hp_clean_text(a, hp_str(vendor), 80, NULL) : "";
	if (!r->sessions || !r->systems) {
		give_up(r, "The BMC's service root names no sessions or no systems", no_session_hint);
		return;
	}
	if (r->asking->options->redfish.refused_on) {
		give_up(r,
			hp_format(a, "The BMC refused this user and password on %s, so they were not tried again",
				  r->asking->options->redfish.refused_on),
			"Put the right ones into the credentials file.");
		return;
	}
	hp_rf_want(r, HP_RF_LOGIN, r->sessions, NULL);
}

/* The session's path is in a header, else in the body. */
static void read_login(struct hp_redfish *r, const json_t *body, const struct hp_reply *reply)
{
	struct hp_arena *a = r->asking->arena;
	const char *location = hp_rf_header(a, reply, "location");
	json_t *text = location ? json_string(location) : NULL;
	r->session = text ? hp_rf_link(r, text, NULL) : NULL;
	r->session = r->session ? r->session : hp_rf_link(r, body, NULL);
	r->open = r->session != NULL;
	if (!r->open) {
		give_up(r, "The BMC opened a session, but did not say where it is", no_session_hint);
		return;
	}
	hp_fact_put(r->asking->facts, HP_HOST, "redfish")->now = hp_present("asked");
	if (!r->again)
		hp_rf_want(r, HP_RF_SYSTEMS, r->systems, NULL);
}

/* A BMC of one server has one system; where there are more (an HGX board's own beside it), the first one that has a
 * BIOS is the host's, so they are asked in their order. */
static void read_systems(struct hp_redfish *r, const json_t *body)
{
	const json_t *members = json_object_get(body, "Members"), *m;
	size_t i;
	json_array_foreach (members, i, m) {
		if (i < 4)
			hp_rf_want(r, HP_RF_SYSTEM, hp_rf_link(r, m, NULL), NULL);
	}
	if (!json_array_size(members))
		give_up(r, "The BMC lists no system", "It may still be starting: try again in a few minutes.");
}

static void read_system(struct hp_redfish *r, const json_t *body)
{
	struct hp_arena *a = r->asking->arena;
	const char *maker = hp_rf_text(body, "Manufacturer"), *model = hp_rf_text(body, "Model");
	const char *bios = hp_rf_link(r, body, "Bios");
	if (!bios || r->bios_asked)
		return;
	r->bios_asked = true;
	if (maker && *maker)
		r->maker = hp_clean_text(a, hp_str(maker), 80, NULL);
	r->model = model ? hp_clean_text(a, hp_str(model), 80, NULL) : "";
	r->jobs = hp_rf_jobs_path(r, body);
	hp_rf_want(r, HP_RF_BIOS, bios, NULL);
}

static void read_bios(struct hp_redfish *r, const json_t *body, const struct hp_reply *reply, const char *source)
{
	const json_t *settings = json_object_get(json_object_get(body, "@Redfish.Settings"), "SettingsObject");
	if (r->bios_read)
		return;
	hp_rf_read_bios(r, body, reply->out, source);
	if (!r->bios_read)
		return;
	r->settings = hp_rf_link(r, settings, NULL);
	if (r->settings)
		hp_rf_want(r, HP_RF_SETTINGS, r->settings, NULL);
	else
		hp_rf_read_settings(r, NULL, settings ? "The settings object has no path" : NULL);
}

static void read_body(struct hp_redfish *r, const struct hp_call *call, const struct hp_reply *reply,
		      const json_t *body)
{
	const char *source = hp_call_text(r->asking->arena, call);
	if (r->bmc.insecure)
		source = hp_format(r->asking->arena, "%s (certificate not checked)", source);
	switch (r->now.what) {
	case HP_RF_ROOT:
		read_root(r, body);
		return;
	case HP_RF_LOGIN:
		read_login(r, body, reply);
		return;
	case HP_RF_SYSTEMS:
		read_systems(r, body);
		return;
	case HP_RF_SYSTEM:
		read_system(r, body);
		return;
	case HP_RF_BIOS:
		read_bios(r, body, reply, source);
		return;
	case HP_RF_SETTINGS:
		hp_rf_read_settings(r, body, NULL);
		return;
	case HP_RF_JOBS:
		hp_rf_read_jobs(r, body);
		return;
	case HP_RF_JOB:
		hp_rf_read_job(r, body);
		return;
	case HP_RF_UPDATE:
		if (json_object_get(body, "FirmwareInventory"))
			hp_rf_want(r, HP_RF_INVENTORY, hp_rf_link(r, body, "FirmwareInventory"), NULL);
		return;
	case HP_RF_INVENTORY:
		hp_rf_read_inventory(r, body, reply->out, source);
		return;
	case HP_RF_FIRMWARE:
		hp_rf_read_firmware(r, body, reply->out, source);
		return;
	case HP_RF_LOGOUT:
		return;
	default:
		hp_rf_read_pcie(r, &r->now, body, reply->out, source);
		return;
	}
}

static void read_answer(struct hp_redfish *r, const struct hp_call *call, const struct hp_reply *reply)
{
	struct hp_arena *a = r->asking->arena;
	const char *why = NULL;
	bool may_be_empty = r->now.what == HP_RF_LOGIN; /* 204: all of it is in the headers */
	const json_t *body = parse(r, reply->out, &why);
	bool good = body || (may_be_empty && !reply->out.n);
	if (good)
		read_body(r, call, reply, body);
	else
		why = hp_format(a, "%s %s", hp_call_text(a, call), why);
	done_parsing(r);
	if (!good)
		lacks(r, why, "The BMC's answer is damaged: try again, and update its firmware if it stays so.");
}

static void redfish_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_redfish *r = asking->own;
	unsigned before = r->requests;
	(void)tag;
	if (r->now.what == HP_RF_LOGOUT) {
		conclude(r); /* whatever became of it: the door looks after sessions that are still open */
		return;
	}
	if (is_answer(r, call, reply))
		read_answer(r, call, reply);
	if (r->requests == before)
		go_on(r);
}

static void redfish_put(struct hp_asking *asking)
{
	const struct hp_bmc *bmc = asking->options->redfish.bmc;
	struct hp_arena *a = asking->arena;
	if (!bmc)
		return;
	struct hp_redfish *r = hp_alloc(a, sizeof *r);
	*r = (struct hp_redfish){.asking = asking, .bmc = *bmc, .expand = "", .maker = "", .model = ""};
	asking->own = r;
	if (bmc->insecure)
		hp_fact_put(asking->facts, HP_HOST, "redfish.insecure")->now = hp_present("true");
	if (!r->bmc.origin) {
		const struct hp_fact *address = hp_fact(asking->facts, HP_HOST, "bmc-address");
		if (address->now.is != HP_PRESENT) {
			give_up(r, address->now.why ? address->now.why : "The BMC's address is not known",
				"Name it in the policy: redfish, url.");
			conclude(r);
			return;
		}
		r->bmc.origin = hp_format(a, "https://%s", address->now.text);
	}
	hp_rf_want(r, HP_RF_ROOT, "/redfish/v1", NULL);
	go_on(r);
}

static const char *address_first(const struct hp_ask_options *options)
{
	return options->redfish.bmc && !options->redfish.bmc->origin ? "bmc-address" : NULL;
}

const struct hp_ask hp_ask_redfish = {
    .name = "redfish", .after = "pci-config", .also_after = address_first, .put = redfish_put, .read = redfish_read};
