/* The adapter of Redfish, with a door that gives the replies of a script: what is asked in which order, how often, and
 * that a session is ended whatever the replies are. */
#include "../../agent/tools/redfish.h"

#include <stdio.h>

#include "../../agent/tools/asks.h"
#include "unit.h"

#define ORIGIN "https://192.0.2.17"
#define V1 "/redfish/v1"
#define SESSIONS V1 "/SessionService/Sessions"
#define SYSTEM V1 "/Systems/1"
#define INVENTORY V1 "/UpdateService/FirmwareInventory"
#define OK_HEADERS "content-type: application/json\n"
#define CALLS_MOST 400u

struct script {
	const char *path; /* with its query; a glob */
	int code;	  /* 0: no answer (libcurl 7); -1: not asked, the run's time is up; -2: too big; -3: timeout */
	const char *body, *headers;
	unsigned times; /* this often, then the next line of that path; 0: always */
};

struct door {
	struct hp_asking asking; /* first */
	struct hp_facts facts;
	struct hp_ask_options options;
	struct script script[64];
	size_t lines;
	const struct hp_call *calls[CALLS_MOST];
	size_t submitted, given;
	bool open;	 /* a login was answered with a session that is not ended */
	unsigned logins; /* answered well */
};

static void submit(struct hp_asking *asking, const struct hp_call *call, int tag)
{
	struct door *d = (struct door *)asking;
	(void)tag;
	assert_true(d->submitted < CALLS_MOST);
	assert_int_equal(d->submitted, d->given); /* one at a time */
	assert_int_equal(call->kind, HP_CALL_HTTP);
	assert_string_equal(call->lane, "redfish");
	assert_int_equal(call->cap, HP_REDFISH_BODY);
	assert_false(call->writes);
	assert_int_equal(call->http->body.n, 0);
	d->calls[d->submitted++] = call;
}

static struct hp_reply reply_to(struct door *d, const struct hp_call *call)
{
	struct hp_reply reply = {.end = HP_END_EXIT, .code = 404};
	for (size_t i = 0; i < d->lines; i++) {
		struct script *s = &d->script[i];
		if (!hp_glob(s->path, call->http->path))
			continue;
		if (s->times == 1)
			s->path = "(used up)";
		if (s->times)
			s->times--;
		reply.code = s->code;
		reply.out = hp_str(s->body ? s->body : "");
		reply.err = hp_str(s->headers ? s->headers : OK_HEADERS);
		break;
	}
	if (reply.code <= 0) {
		static const enum hp_end ends[] = {HP_END_NO_ANSWER, HP_END_CANCELLED, HP_END_TOO_BIG, HP_END_TIMEOUT};
		return (struct hp_reply){.end = ends[-reply.code], .code = reply.code ? 0 : 7};
	}
	return reply;
}

static void follow(struct door *d, const struct hp_call *call, const struct hp_reply *reply)
{
	bool post = strcmp(call->http->method, "POST") == 0, delete = strcmp(call->http->method, "DELETE") == 0;
	assert_int_equal(call->http->auth, post				       ? HP_HTTP_LOGIN
					   : strcmp(call->http->path, V1) == 0 ? HP_HTTP_ANYBODY
									       : HP_HTTP_SESSION);
	if (call->http->auth == HP_HTTP_SESSION)
		assert_true(d->open);
	if (post && reply->end == HP_END_EXIT && reply->code / 100 == 2 && hp_str_has(reply->out, SESSIONS)) {
		d->open = true;
		d->logins++;
	}
	if (delete)
		d->open = false;
}

static void run(struct door *d)
{
	hp_ask_redfish.put(&d->asking);
	while (d->given < d->submitted) {
		const struct hp_call *call = d->calls[d->given++];
		struct hp_reply reply = reply_to(d, call);
		follow(d, call, &reply);
		hp_ask_redfish.read(&d->asking, call, 0, &reply);
	}
	assert_false(d->open);
	assert_true(d->logins <= 2);
	assert_true(d->submitted <= HP_REDFISH_REQUESTS);
	assert_non_null(hp_fact_find(&d->facts, HP_HOST, "bios"));
}

static void tells(struct door *d, const char *path, int code, const char *body)
{
	assert_true(d->lines < 64);
	d->script[d->lines++] = (struct script){.path = path, .code = code, .body = body};
}

static struct door *door(struct hp_arena *a)
{
	static const struct hp_bmc bmc = {.origin = ORIGIN, .request_ms = 60000};
	static const char *vendors[] = {"*dell*", NULL}, *names[] = {"Sriov", NULL}, *want[] = {"Enabled", NULL};
	static const struct hp_bios_rule rule = {
	    .check = "bios-sriov", .vendors = vendors, .attributes = names, .want = want};
	struct door *d = hp_alloc(a, sizeof *d);
	hp_facts_init(&d->facts, a);
	d->options.redfish = (struct hp_redfish_options){.bmc = &bmc, .rules = &rule, .rule_count = 1};
	d->asking = (struct hp_asking){
	    .ask = &hp_ask_redfish, .arena = a, .facts = &d->facts, .options = &d->options, .submit = submit};
	return d;
}

/* What a test has not said before stands here. */
static void tells_the_rest(struct door *d)
{
	tells(d, V1, 200,
	      "{\"Vendor\": \"Dell\", \"Systems\": {\"@odata.id\": \"" V1 "/Systems\"}, \"Links\": {\"Sessions\": "
	      "{\"@odata.id\": \"" SESSIONS "\"}}, \"UpdateService\": {\"@odata.id\": \"" V1 "/UpdateService\"}}");
	tells(d, SESSIONS, 201, "{\"@odata.id\": \"" SESSIONS "/1\"}");
	tells(d, V1 "/Systems", 200, "{\"Members\": [{\"@odata.id\": \"" SYSTEM "\"}]}");
	tells(d, SYSTEM, 200,
	      "{\"Manufacturer\": \"Dell Inc.\", \"Model\": \"X\", \"Bios\": {\"@odata.id\": \"" SYSTEM "/Bios\"}}");
	tells(d, SYSTEM "/Bios", 200,
	      "{\"Attributes\": {\"Sriov\": \"Enabled\"}, \"@Redfish.Settings\": {\"SettingsObject\": {\"@odata.id\": "
	      "\"" SYSTEM "/Bios/Settings\"}}}");
	tells(d, SYSTEM "/Bios/Settings", 200, "{\"Attributes\": {}}");
	tells(d, V1 "/UpdateService", 200, "{\"FirmwareInventory\": {\"@odata.id\": \"" INVENTORY "\"}}");
	tells(d, SESSIONS "/*", 200, "{}");
}

static void asked(const struct door *d, size_t at, const char *method, const char *path)
{
	assert_true(at < d->submitted);
	assert_string_equal(d->calls[at]->http->method, method);
	assert_string_equal(d->calls[at]->http->path, path);
}

static void is_present(const struct door *d, const char *name, const char *text)
{
	const char *got = hp_fact_text(&d->facts, HP_HOST, name);
	assert_non_null(got);
	assert_string_equal(got, text);
}

static const char *no_data(const struct door *d, const char *name)
{
	const struct hp_fact *f = hp_fact_find(&d->facts, HP_HOST, name);
	assert_non_null(f);
	assert_int_equal(f->now.is, HP_NO_DATA);
	assert_non_null(f->now.why);
	return f->now.why;
}

/* A bridge of which the PCI bus does not tell the firmware: then the boards are asked for. */
static void add_bridge(struct door *d)
{
	struct hp_device *b = hp_device_add(&d->facts);
	*b = (struct hp_device){.sbdf = "0000:17:00.0",
				.at = {.bus = 0x17},
				.vendor = 0x1000,
				.device = 0xc030,
				.class_id = 0x0604,
				.name = "",
				.vmkernel_name = "",
				.owner = ""};
}

static void test_order(void **state)
{
	struct door *d = door(*state);
	tells_the_rest(d);
	run(d);
	asked(d, 0, "GET", V1);
	asked(d, 1, "POST", SESSIONS);
	asked(d, 2, "GET", V1 "/Systems");
	asked(d, 3, "GET", SYSTEM);
	asked(d, 4, "GET", SYSTEM "/Bios");
	asked(d, 5, "GET", SYSTEM "/Bios/Settings");
	asked(d, 6, "DELETE", SESSIONS "/1");
	assert_int_equal(d->submitted, 7);
	is_present(d, "redfish", "asked");
	is_present(d, "bios", "read");
	is_present(d, "bios.Sriov", "Enabled");
	assert_null(hp_fact_find(&d->facts, HP_HOST, "psb.inventory"));
	assert_null(hp_fact_find(&d->facts, HP_HOST, "redfish.login"));
}

static void test_nobody_is_asked(void **state)
{
	struct door *d = door(*state);
	d->options.redfish.bmc = NULL;
	hp_ask_redfish.put(&d->asking);
	assert_int_equal(d->submitted, 0);
	assert_int_equal(d->facts.count, 0);
	d = door(*state);
	d->options.redfish.refused_on = "some day";
	tells_the_rest(d);
	run(d);
	assert_int_equal(d->submitted, 1);
	assert_non_null(strstr(no_data(d, "bios"), "some day"));
}

/* Each request in turn gets each bad answer. Whatever it is, the session's end is the last call. */
static void test_every_answer_of_every_request(void **state)
{
	static const char *const paths[] = {V1,
					    SESSIONS,
					    V1 "/Systems",
					    SYSTEM,
					    SYSTEM "/Bios",
					    SYSTEM "/Bios/Settings",
					    V1 "/UpdateService",
					    INVENTORY,
					    SESSIONS "/*"};
	static const struct {
		int code;
		const char *body;
	} bad[] = {{200, ""},
		   {200, "{}"},
		   {200, "[]"},
		   {200, "null"},
		   {200, "{\"Members\": 3}"},
		   {200, "{"},
		   {200, "{}{}"},
		   {200, "<p>"},
		   {200, "{\"a\":1,\"a\":2}"},
		   {201, "{}"},
		   {204, ""},
		   {301, ""},
		   {400, "{}"},
		   {401, "{}"},
		   {403, "{}"},
		   {404, "{}"},
		   {405, "{}"},
		   {429, ""},
		   {500, "<p>"},
		   {503, ""},
		   {0, NULL},
		   {-1, NULL},
		   {-2, NULL},
		   {-3, NULL},
		   {999, "{}"},
		   {400, "{\"error\": {\"@Message.ExtendedInfo\": {\"MessageId\": \"IDRAC.1.6.SWC0700\"}}}"},
		   {503, "{\"error\": {\"@Message.ExtendedInfo\": [{\"MessageId\": 3, \"MessageArgs\": \"x\"}]}}"}};
	for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++)
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct hp_arena a;
			hp_arena_init(&a, HP_ARENA_LIMIT, NULL);
			struct door *d = door(&a);
			add_bridge(d);
			tells(d, paths[p], bad[i].code, bad[i].body);
			tells_the_rest(d);
			run(d);
			if (p < 5)
				(void)no_data(d, "bios");
			if (p < 8)
				(void)no_data(d, "psb.inventory");
			const char *last = d->calls[d->submitted - 1]->http->method;
			assert_true(d->logins == 0 || strcmp(last, "DELETE") == 0 || strcmp(last, "POST") == 0);
			hp_arena_free(&a);
		}
	(void)state;
}

static void test_login_refused(void **state)
{
	static const struct {
		int code;
		const char *word;
		bool refused;
	} answers[] = {{401, "x.AccessDenied", true}, {400, "x.GeneralError", true}, {403, "x.y", false},
		       {503, "x.RAC0218", false},     {400, "x.RAC0218", false},     {400, "IDRAC.1.6.SWC0700", false},
		       {404, "x.SYS403", false},      {429, "x.y", false},	     {500, "x.SYS446", false}};
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct door *d = door(*state);
		tells(d, SESSIONS, answers[i].code,
		      hp_format(*state, "{\"error\": {\"@Message.ExtendedInfo\": [{\"MessageId\": \"%s\"}]}}",
				answers[i].word));
		tells_the_rest(d);
		run(d);
		assert_int_equal(d->submitted, 2); /* never twice */
		assert_int_equal(hp_fact_find(&d->facts, HP_HOST, "redfish.login") != NULL, answers[i].refused);
		const char *hint = hp_fact(&d->facts, HP_HOST, "redfish")->now.hint;
		assert_int_equal(strstr(hint, "are wrong") != NULL, answers[i].refused);
	}
}

static void test_where_the_session_is(void **state)
{
	static const struct {
		const char *headers, *body, *path; /* NULL: nowhere */
	} answers[] = {
	    {OK_HEADERS "location: " SESSIONS "/7\n", "", SESSIONS "/7"},
	    {"location: " SESSIONS "/7\n", "{\"@odata.id\": \"" SESSIONS "/8\"}", SESSIONS "/7"},
	    {OK_HEADERS, "{\"@odata.id\": \"" SESSIONS "/8\"}", SESSIONS "/8"},
	    {OK_HEADERS, "{\"@odata.id\": \"" ORIGIN SESSIONS "/8\"}", SESSIONS "/8"},
	    {OK_HEADERS, "{\"@odata.id\": \"https://192.0.2.170" SESSIONS "/8\"}", NULL},
	    {OK_HEADERS, "{\"@odata.id\": \"" ORIGIN ":444" SESSIONS "/8\"}", NULL},
	    {"location: /elsewhere\n", "{\"@odata.id\": \"" SESSIONS "/8\"}", SESSIONS "/8"},
	    {OK_HEADERS, "{\"@odata.id\": 7}", NULL},
	    {OK_HEADERS, "{}", NULL},
	    {OK_HEADERS, "", NULL},
	};
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct door *d = door(*state);
		d->script[d->lines++] = (struct script){
		    .path = SESSIONS, .code = 201, .body = answers[i].body, .headers = answers[i].headers};
		tells_the_rest(d);
		hp_ask_redfish.put(&d->asking);
		while (d->given < d->submitted) {
			const struct hp_call *call = d->calls[d->given++];
			struct hp_reply reply = reply_to(d, call);
			hp_ask_redfish.read(&d->asking, call, 0, &reply);
		}
		if (answers[i].path)
			asked(d, d->submitted - 1, "DELETE", answers[i].path);
		else
			assert_int_equal(d->submitted, 2);
	}
}

static void test_token_expired(void **state)
{
	struct door *d = door(*state);
	d->script[d->lines++] = (struct script){.path = SYSTEM, .code = 401, .body = "{}", .times = 1};
	d->script[d->lines++] =
	    (struct script){.path = SESSIONS, .code = 201, .body = "{\"@odata.id\": \"" SESSIONS "/1\"}", .times = 1};
	d->script[d->lines++] =
	    (struct script){.path = SESSIONS, .code = 201, .body = "{\"@odata.id\": \"" SESSIONS "/2\"}"};
	tells_the_rest(d);
	run(d);
	asked(d, 3, "GET", SYSTEM);
	asked(d, 4, "POST", SESSIONS);
	asked(d, 5, "GET", SYSTEM);
	asked(d, d->submitted - 1, "DELETE", SESSIONS "/2");
	is_present(d, "bios", "read");
	d = door(*state); /* and no third login */
	tells(d, SYSTEM, 401, "{}");
	tells_the_rest(d);
	run(d);
	assert_int_equal(d->logins, 2);
	assert_non_null(strstr(no_data(d, "bios"), "HTTP 401"));
	d = door(*state); /* the second login is refused */
	tells(d, SYSTEM, 401, "{}");
	d->script[d->lines++] =
	    (struct script){.path = SESSIONS, .code = 201, .body = "{\"@odata.id\": \"" SESSIONS "/1\"}", .times = 1};
	tells(d, SESSIONS, 401, "{}");
	tells_the_rest(d);
	hp_ask_redfish.put(&d->asking);
	while (d->given < d->submitted) {
		const struct hp_call *call = d->calls[d->given++];
		struct hp_reply reply = reply_to(d, call);
		hp_ask_redfish.read(&d->asking, call, 0, &reply);
	}
	asked(d, d->submitted - 1, "POST", SESSIONS);
	is_present(d, "redfish.login", "refused");
}

static void test_retries(void **state)
{
	static const struct {
		int code;
		const char *body, *headers;
		unsigned delay_ms; /* 0: it is not tried again */
	} answers[] = {
	    {503, "", OK_HEADERS "retry-after: 7\n", 7000},
	    {503, "", OK_HEADERS "retry-after: 30\n", 30000},
	    {503, "", OK_HEADERS "retry-after: 31\n", 0},
	    {503, "", OK_HEADERS "retry-after: 99999999999999999999\n", 0},
	    {503, "", OK_HEADERS "retry-after: 0\n", 5000},
	    {503, "", OK_HEADERS, 5000},
	    {429, "<p>", OK_HEADERS, 5000},
	    {500, "<p>", OK_HEADERS, 5000},
	    {404, "{}", OK_HEADERS "retry-after: 7\n", 0},
	    {400, "{\"error\":{\"@Message.ExtendedInfo\":[{\"MessageId\":\"a.SWC0700\"}]}}", OK_HEADERS, 5000},
	    {503, "{\"error\":{\"@Message.ExtendedInfo\":[{\"MessageId\":\"a.RAC0218\"}]}}", OK_HEADERS, 0},
	    {503, "{\"error\":{\"@Message.ExtendedInfo\":[{\"MessageId\":\"a.SYS518\",\"MessageArgs\":[\"9\"]}]}}",
	     OK_HEADERS, 9000},
	    {503, "{\"error\":{\"@Message.ExtendedInfo\":[{\"MessageId\":\"a.SYS518\",\"MessageArgs\":[\"9\"]}]}}",
	     OK_HEADERS "retry-after: 3\n", 3000}};
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct door *d = door(*state);
		unsigned tries = 0;
		d->script[d->lines++] = (struct script){.path = SYSTEM "/Bios",
							.code = answers[i].code,
							.body = answers[i].body,
							.headers = answers[i].headers};
		tells_the_rest(d);
		run(d);
		for (size_t k = 0; k < d->submitted; k++) {
			const struct hp_call *call = d->calls[k];
			bool it = strcmp(call->http->path, SYSTEM "/Bios") == 0;
			assert_int_equal(call->delay_ms, it && tries ? answers[i].delay_ms : 0);
			tries += it;
		}
		assert_int_equal(tries, answers[i].delay_ms ? 1 + HP_REDFISH_RETRIES : 1);
		(void)no_data(d, "bios");
	}
}

static void test_retries_are_of_the_run(void **state)
{
	struct door *d = door(*state);
	tells(d, V1, 503, "");
	tells_the_rest(d);
	run(d);
	assert_int_equal(d->submitted, 1 + HP_REDFISH_RETRIES);
	d = door(*state);
	d->script[d->lines++] = (struct script){.path = V1 "/Systems", .code = 503, .times = 1};
	d->script[d->lines++] = (struct script){.path = SYSTEM, .code = 503, .times = 1};
	d->script[d->lines++] = (struct script){.path = SYSTEM "/Bios", .code = 503, .times = 1};
	tells_the_rest(d);
	run(d);
	(void)no_data(d, "bios");
}

/* A BMC that always has more to be asked. */
static const char *many(struct hp_arena *a, unsigned from, unsigned count, const char *more)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "{\"Members\": [");
	for (unsigned i = 0; i < count; i++)
		hp_putf(&b, "%s{\"@odata.id\": \"" INVENTORY "/%u\"}", i ? ", " : "", from + i);
	hp_putf(&b, "]%s}", more);
	return hp_built_text(&b);
}

static void test_budget(void **state)
{
	struct door *d = door(*state);
	add_bridge(d);
	tells(d, INVENTORY, 200, many(*state, 0, 1000, ""));
	tells(d, INVENTORY "/*", 200, "{\"Id\": \"Installed-1\", \"Name\": \"PSB\", \"Version\": \"4.160.3.0\"}");
	tells_the_rest(d);
	run(d);
	assert_int_equal(d->submitted, HP_REDFISH_REQUESTS);
	asked(d, HP_REDFISH_REQUESTS - 1, "DELETE", SESSIONS "/1");
	(void)no_data(d, "psb.inventory"); /* not all was read, so nothing is said of it */
	is_present(d, "bios", "read");
	d = door(*state); /* with a token that expires and busy answers at the limit */
	add_bridge(d);
	tells(d, INVENTORY, 200, many(*state, 0, 1000, ""));
	d->script[d->lines++] = (struct script){.path = INVENTORY "/28?", .code = 503, .times = 1};
	d->script[d->lines++] = (struct script){.path = INVENTORY "/28?", .code = 401, .times = 1};
	tells(d, INVENTORY "/*", 200, "{\"Id\": \"Installed-1\", \"Name\": \"PSB\", \"Version\": \"4.160.3.0\"}");
	tells_the_rest(d);
	run(d);
	assert_true(d->submitted <= HP_REDFISH_REQUESTS);
	(void)no_data(d, "psb.inventory");
}

static void test_pages(void **state)
{
	struct door *d = door(*state);
	add_bridge(d);
	tells(d, INVENTORY "*", 200,
	      "{\"Members\": [{\"Id\": \"Installed-1\", \"Name\": \"PSB\", \"Version\": \"4.160.3.0\"}], "
	      "\"Members@odata.nextLink\": \"" INVENTORY "?$skip=1\"}");
	tells_the_rest(d);
	run(d);
	(void)no_data(d, "psb.inventory");
	assert_true(d->submitted < 8 + HP_REDFISH_PAGES + 2);
	d = door(*state);
	add_bridge(d);
	tells(d, INVENTORY "?*", 200,
	      "{\"Members\": [{\"Id\": \"Installed-2\", \"Name\": \"PSB\", \"Version\": \"5\"}], "
	      "\"Members@odata.count\": 2}");
	tells(d, INVENTORY, 200,
	      "{\"Members\": [{\"Id\": \"Installed-1\", \"Name\": \"PSB\", \"Version\": \"4.160.3.0\"}], "
	      "\"Members@odata.count\": 2, \"Members@odata.nextLink\": \"" INVENTORY "?$skip=1\"}");
	tells_the_rest(d);
	run(d);
	is_present(d, "psb.inventory", "2");
	assert_string_equal(hp_fact_text(&d->facts, "psb-inventory-1", "psb.version"), "5");
}

/* Paths that are none of this BMC, or have no place in a request line. */
static void test_odd_paths(void **state)
{
	static const char *const odd[] = {"https://192.0.2.18" SYSTEM,
					  "//192.0.2.17" SYSTEM,
					  "http://192.0.2.17" SYSTEM,
					  ORIGIN ".example" SYSTEM,
					  ORIGIN "@192.0.2.18" SYSTEM,
					  "",
					  "/",
					  "/other",
					  "/redfishx",
					  "redfish/v1/Systems/1",
					  "/redfish/v1/\\r\\nX: 1",
					  "/redfish/v1/\\u0000",
					  "/redfish/v1/\\u00e4",
					  "/redfish/v1/\\u007f",
					  "/redfish/v1/\\t"};
	struct hp_buf b = hp_buf(*state);
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		struct door *d = door(*state);
		tells(
		    d, V1 "/Systems", 200,
		    hp_format(*state, "{\"Members\": [{\"@odata.id\": \"%s\"}, {\"@odata.id\": [\"x\"]}, 7]}", odd[i]));
		tells_the_rest(d);
		run(d);
		(void)no_data(d, "bios");
		asked(d, 3, "DELETE", SESSIONS "/1");
		assert_int_equal(d->submitted, 4);
	}
	hp_puts(&b, "/redfish/");
	for (int i = 0; i < 2000; i++)
		hp_puts(&b, "x");
	struct door *d = door(*state);
	tells(d, V1 "/Systems", 200, hp_format(*state, "{\"Members\": [\"%s\"]}", hp_built_text(&b)));
	tells_the_rest(d);
	run(d);
	assert_int_equal(d->submitted, 4);
}

/* As it was given, but for blanks. */
static void test_paths_are_kept(void **state)
{
	static const struct {
		const char *given, *asked;
	} paths[] = {{"/redfish/v1/Systems/a:b%3A$x", "/redfish/v1/Systems/a:b%3A$x"},
		     {"/redfish/v1/Systems/a b", "/redfish/v1/Systems/a%20b"},
		     {ORIGIN "/redfish/v1/Systems/../1?x#y", "/redfish/v1/Systems/../1?x#y"}};
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct door *d = door(*state);
		tells(d, V1 "/Systems", 200,
		      hp_format(*state, "{\"Members\": [{\"@odata.id\": \"%s\"}]}", paths[i].given));
		tells_the_rest(d);
		run(d);
		asked(d, 3, "GET", paths[i].asked);
	}
}

static void test_expand(void **state)
{
	static const struct {
		const char *offer, *query;
	} offers[] = {{"{\"NoLinks\": true, \"Levels\": true}", "?$expand=.($levels=1)"},
		      {"{\"NoLinks\": true}", "?$expand=."},
		      {"{\"ExpandAll\": true, \"Levels\": true}", "?$expand=*($levels=1)"},
		      {"{\"ExpandAll\": true}", "?$expand=*"},
		      {"{\"ExpandAll\": \"true\"}", ""},
		      {"true", ""}};
	for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
		struct door *d = door(*state);
		add_bridge(d);
		tells(d, V1, 200,
		      hp_format(*state,
				"{\"Systems\": {\"@odata.id\": \"" V1 "/Systems\"}, \"Links\": {\"Sessions\": "
				"{\"@odata.id\": \"" SESSIONS "\"}}, \"UpdateService\": {\"@odata.id\": \"" V1
				"/UpdateService\"}, \"ProtocolFeaturesSupported\": {\"ExpandQuery\": %s}}",
				offers[i].offer));
		tells_the_rest(d);
		run(d);
		asked(d, 7, "GET", hp_format(*state, "%s%s", INVENTORY, offers[i].query));
		if (*offers[i].query) /* it was refused (404): once more without */
			asked(d, 8, "GET", INVENTORY);
	}
}

/* JSON that wants more memory than one answer gets is the BMC's trouble, not the program's. */
static void test_hungry_json(void **state)
{
	struct hp_buf b = hp_buf(*state);
	struct door *d = door(*state);
	hp_puts(&b, "{\"a\": {");
	for (unsigned i = 0; i < 99000; i++)
		hp_putf(&b, "%s\"key number %u of a long name %u\": \"v\"", i ? ", " : "", i, i);
	hp_puts(&b, "}}");
	tells(d, SYSTEM "/Bios", 200, hp_built_text(&b));
	tells_the_rest(d);
	run(d);
	(void)no_data(d, "bios");
	asked(d, d->submitted - 1, "DELETE", SESSIONS "/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(test_order),
					   UNIT_TEST(test_nobody_is_asked),
					   UNIT_TEST(test_every_answer_of_every_request),
					   UNIT_TEST(test_login_refused),
					   UNIT_TEST(test_where_the_session_is),
					   UNIT_TEST(test_token_expired),
					   UNIT_TEST(test_retries),
					   UNIT_TEST(test_retries_are_of_the_run),
					   UNIT_TEST(test_budget),
					   UNIT_TEST(test_pages),
					   UNIT_TEST(test_odd_paths),
					   UNIT_TEST(test_paths_are_kept),
					   UNIT_TEST(test_expand),
					   UNIT_TEST(test_hungry_json)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
