#include "bios_set.h"

#include <string.h>

#include "../base/json.h"
#include "../base/num.h"
#include "redfish.h"
#include "set_end.h"

#define LANE "redfish"
#define MESSAGES_MOST 4u

struct hp_bios_way *hp_bios_way(struct hp_arena *a, const struct hp_facts *facts)
{
	struct hp_bios_way *w = hp_alloc(a, sizeof *w);
	*w = (struct hp_bios_way){.origin = hp_fact_text(facts, HP_HOST, "redfish.origin"),
				  .sessions = hp_fact_text(facts, HP_HOST, "redfish.sessions-path"),
				  .settings = hp_fact_text(facts, HP_HOST, "redfish.settings-path"),
				  .jobs = hp_fact_text(facts, HP_HOST, "redfish.jobs-path"),
				  .on_reset = hp_fact_text(facts, HP_HOST, "redfish.apply-time") != NULL};
	return w->origin && w->sessions && w->settings ? w : NULL;
}

/* ---- values ---- */

static bool is_whole(const char *text)
{
	uint64_t n;
	const char *digits = text + (text[0] == '-');
	bool padded = digits[0] == '0' && digits[1];
	return !padded && strcmp(text, "-0") != 0 && hp_number(hp_str(digits), 10, INT64_MAX, &n);
}

static const char *json_text(struct hp_arena *a, const char *text)
{
	hp_json_use(a);
	json_t *list = json_array();
	(void)json_array_append_new(list, json_string(text));
	struct hp_str line = hp_json_line(a, list); /* ["TEXT"]\n */
	return hp_copy(a, hp_str_sub(line, 1, line.n - 2));
}

const char *hp_bios_value(struct hp_arena *a, const struct hp_facts *facts, const char *name, const char *value,
			  const char **ret_why)
{
	const char *type = hp_fact_text(facts, HP_HOST, hp_format(a, "bios-type.%s", name));
	*ret_why = NULL;
	if (type && strcmp(type, "other") == 0)
		*ret_why = "what the BMC says of it could not be put back as it is";
	else if (strpbrk(value, "*?"))
		*ret_why = hp_format(a, "the policy wants %s, which is a pattern and no value", value);
	else if (type && strcmp(type, "number") == 0 && !is_whole(value))
		*ret_why = hp_format(a, "it is a number in this BIOS, and %s is none", value);
	else if (type && strcmp(type, "boolean") == 0 && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		*ret_why = hp_format(a, "it is true or false in this BIOS, and not %s", value);
	if (*ret_why)
		return NULL;
	return type ? value : json_text(a, value);
}

bool hp_bios_same(const char *one, const char *other)
{
	while (*one && hp_lower(*one) == hp_lower(*other)) {
		one++;
		other++;
	}
	return !*one && !*other;
}

/* {"NAME": VALUE, ...} */
static void put_attributes(struct hp_arena *a, struct hp_buf *b, const struct hp_bios_setting *settings, size_t count)
{
	hp_puts(b, "\"Attributes\": {");
	for (size_t i = 0; i < count; i++)
		hp_putf(b, "%s%s: %s", i ? ", " : "", json_text(a, settings[i].name), settings[i].value);
	hp_puts(b, "}}");
}

const char *hp_bios_text(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bios_setting *setting)
{
	struct hp_buf b = hp_buf(a);
	hp_putf(&b, "PATCH %s {", way->settings);
	put_attributes(a, &b, setting, 1);
	return hp_built_text(&b);
}

/* ---- calls ---- */

static struct hp_call *http_call(struct hp_arena *a, const struct hp_bmc *bmc, const char *method, const char *path,
				 enum hp_http_auth auth, struct hp_str body)
{
	struct hp_http *http = hp_alloc(a, sizeof *http);
	struct hp_call *call = hp_alloc(a, sizeof *call);
	*http = (struct hp_http){.bmc = bmc, .method = method, .path = path, .body = body, .auth = auth};
	*call = (struct hp_call){
	    .kind = HP_CALL_HTTP, .http = http, .lane = LANE, .cap = HP_BIOS_ANSWER_CAP, .timeout_ms = bmc->request_ms};
	return call;
}

struct hp_call *hp_bios_login(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bmc *bmc)
{
	return http_call(a, bmc, "POST", way->sessions, HP_HTTP_LOGIN, hp_str(""));
}

struct hp_call *hp_bios_patch(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bmc *bmc,
			      const struct hp_bios_setting *settings, size_t count)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "{");
	if (way->on_reset)
		hp_puts(&b, "\"@Redfish.SettingsApplyTime\": {\"ApplyTime\": \"OnReset\"}, ");
	put_attributes(a, &b, settings, count);
	struct hp_call *call = http_call(a, bmc, "PATCH", way->settings, HP_HTTP_SESSION, hp_built(&b));
	call->writes = true;
	return call;
}

struct hp_call *hp_bios_job(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bmc *bmc)
{
	const char *body = hp_format(a, "{\"TargetSettingsURI\": %s}", json_text(a, way->settings));
	struct hp_call *call = http_call(a, bmc, "POST", way->jobs, HP_HTTP_SESSION, hp_str(body));
	call->writes = true;
	return call;
}

struct hp_call *hp_bios_logout(struct hp_arena *a, const struct hp_bmc *bmc, const char *session)
{
	return http_call(a, bmc, "DELETE", session, HP_HTTP_SESSION, hp_str(""));
}

/* ---- answers ---- */

/* What a refusal says: all its messages, and the last parts of their ids. */
struct said {
	const char *words[MESSAGES_MOST], *text;
	size_t count;
};

static void add_message(struct hp_arena *a, const json_t *message, struct said *s)
{
	const char *text = hp_rf_text(message, "Message");
	s->words[s->count++] = hp_copy(a, hp_str(hp_rf_message_word(message)));
	if (text && *text)
		s->text =
		    hp_format(a, "%s%s%s", s->text, *s->text ? " " : "", hp_clean_text(a, hp_str(text), 200, NULL));
}

static struct said said_of(struct hp_arena *a, const struct hp_reply *reply)
{
	struct said s = {.text = ""};
	const char *why;
	const json_t *root = reply->out.n ? hp_rf_parse(a, reply->out, &why) : NULL;
	while (s.count < MESSAGES_MOST && hp_rf_message(root, s.count))
		add_message(a, hp_rf_message(root, s.count), &s);
	return s;
}

static bool has_word(const struct said *s, const char *word)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->words[i], word) == 0)
			return true;
	return false;
}

static bool mentions(struct hp_arena *a, const struct said *s, const char *pattern)
{
	return hp_rf_glob(a, pattern, s->text);
}

static bool job_waits(struct hp_arena *a, const struct said *s)
{
	return has_word(s, "SYS011") || mentions(a, s, "*already committed*") || mentions(a, s, "*job*pending*") ||
	       mentions(a, s, "*pending*job*");
}

/* What can be done about it; NULL: it is not known. */
static const char *hint_for(struct hp_arena *a, int status, const struct said *s)
{
	if (job_waits(a, s))
		return "Another change of the BIOS waits for the next reset. Reset the host first, or delete the job "
		       "(iDRAC: Maintenance, Job Queue); then run hostprep again.";
	if (mentions(a, s, "*lockdown*"))
		return "Switch System Lockdown off in the BMC first.";
	if (has_word(s, "PropertyNotWritable") || mentions(a, s, "*read*only*"))
		return "It cannot be set as things stand: look whether System Lockdown is on, or another setting "
		       "(Dell: a System Profile that is not Custom) decides about it.";
	if (status == 401 || status == 403)
		return "The account may log in, but not change the BIOS: it needs the privilege to configure "
		       "components "
		       "(Dell: Configure; DMTF: ConfigureComponents).";
	if (status == 412 || status == 428)
		return "This BMC wants an ETag, which hostprep does not send: set it in the BIOS setup.";
	if (status == 404 || status == 405)
		return "This BMC takes no such change: set it in the BIOS setup.";
	if (has_word(s, "PropertyValueNotInList") || has_word(s, "PropertyValueTypeError"))
		return "Look in the BIOS setup which values there are; the policy says which one is set (bios, want).";
	return NULL;
}

static void say(struct hp_set_answer *ret, enum hp_set_end end, const char *why, const char *hint)
{
	ret->end = end;
	ret->why = why;
	ret->hint = hint;
}

/* It was never sent: the BMC has heard nothing of it. */
static bool never_sent(const struct hp_reply *reply)
{
	static const int codes[] = {6, 7, 35, 58, 60, 77, 90}; /* no name, nobody there, no TLS, not trusted */
	for (size_t i = 0; i < sizeof codes / sizeof codes[0] && reply->end == HP_END_NO_ANSWER; i++)
		if (reply->code == codes[i])
			return true;
	return reply->end == HP_END_NO_LOGIN;
}

/* True when there is an answer; else fills ret. */
static bool answered(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
		     struct hp_set_answer *ret)
{
	const char *text = hp_call_text(a, call);
	if (hp_set_ended(a, call, reply, text, ret))
		return true;
	if (never_sent(reply))
		say(ret, HP_SET_REFUSED, ret->why, NULL);
	return false;
}

static const char *status_text(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
			       const struct said *s)
{
	return hp_format(a, "%s answered HTTP %d%s%s", hp_call_text(a, call), reply->code, *s->text ? ": " : "",
			 s->text);
}

static bool is_good(const struct hp_reply *reply)
{
	return reply->code >= 200 && reply->code < 300;
}

const char *hp_bios_login_read(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_call *call,
			       const struct hp_reply *reply, struct hp_set_answer *ret, bool *ret_refused)
{
	const char *why, *session;
	bool there = answered(a, call, reply, ret);
	*ret_refused = false;
	ret->end = HP_SET_REFUSED; /* whatever became of the login, nothing was set */
	ret->hint = NULL;
	if (!there)
		return NULL;
	if (!is_good(reply)) {
		struct said s = said_of(a, reply);
		*ret_refused = hp_rf_login_is_wrong(reply->code, "");
		for (size_t i = 0; i < s.count; i++)
			*ret_refused = *ret_refused && hp_rf_login_is_wrong(reply->code, s.words[i]);
		say(ret, HP_SET_REFUSED, status_text(a, call, reply, &s),
		    *ret_refused
			? "User or password are wrong. They are not tried again until the credentials file has "
			  "changed."
			: "Try again in a few minutes: the BMC may be busy, or all its sessions in use.");
		return NULL;
	}
	const char *location = hp_rf_header(a, reply, "location");
	session = location ? hp_rf_path(a, way->origin, location) : NULL;
	if (!session && reply->out.n)
		session = hp_rf_path(a, way->origin, hp_rf_text(hp_rf_parse(a, reply->out, &why), "@odata.id"));
	if (!session)
		say(ret, HP_SET_REFUSED, "the BMC opened a session, but did not say where it is", NULL);
	return session;
}

void hp_bios_patch_read(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_call *call,
			const struct hp_reply *reply, struct hp_set_answer *ret, bool *ret_job)
{
	*ret_job = false;
	if (!answered(a, call, reply, ret))
		return;
	struct said s = said_of(a, reply);
	if (is_good(reply)) {
		const char *location = hp_rf_header(a, reply, "location");
		ret->end = HP_SET_DONE;
		*ret_job = way->jobs && !(location && *location);
	} else if (reply->code < 500) {
		say(ret, HP_SET_REFUSED, status_text(a, call, reply, &s), hint_for(a, reply->code, &s));
	} else {
		say(ret, HP_SET_UNCLEAR, status_text(a, call, reply, &s),
		    "Try again in a few minutes: the BMC may be busy.");
	}
}

void hp_bios_job_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
		      struct hp_set_answer *ret)
{
	static const char left[] = "The values wait in the BMC without a job, and no reset applies them: run hostprep "
				   "again, or discard them (iDRAC: Configuration, BIOS Settings).";
	if (!answered(a, call, reply, ret)) {
		ret->hint = left;
		return;
	}
	struct said s = said_of(a, reply);
	if (is_good(reply) || job_waits(a, &s))
		ret->end = HP_SET_DONE; /* the PATCH has made one, and did not say so */
	else
		say(ret, reply->code < 500 ? HP_SET_REFUSED : HP_SET_UNCLEAR, status_text(a, call, reply, &s), left);
}
