/* What is sent to a BMC to set its BIOS, and how its answers read. */
#include "../../agent/tools/bios_set.h"
#include "unit.h"

static const struct hp_bmc bmc = {.origin = "https://bmc", .request_ms = 60000};
static const struct hp_bios_way plain = {.origin = "https://bmc",
					 .sessions = "/redfish/v1/Sessions",
					 .settings = "/redfish/v1/S/Bios/Settings"},
				dell = {.origin = "https://bmc",
					.sessions = "/redfish/v1/Sessions",
					.settings = "/redfish/v1/S/Bios/Settings",
					.jobs = "/redfish/v1/M/Jobs",
					.on_reset = true};

#define MESSAGE(id, text)                                                                                              \
	"{\"error\":{\"@Message.ExtendedInfo\":[{\"MessageId\":\"" id "\",\"Message\":\"" text "\"}]}}"

static void the_calls(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_bios_setting settings[] = {{"A\"b", "\"x\""}, {"N", "12"}};
	struct hp_call *call = hp_bios_patch(a, &dell, &bmc, settings, 2);
	assert_string_equal(hp_call_text(a, call), "PATCH https://bmc/redfish/v1/S/Bios/Settings");
	assert_str(a, call->http->body,
		   "{\"@Redfish.SettingsApplyTime\": {\"ApplyTime\": \"OnReset\"}, \"Attributes\": {\"A\\\"b\": \"x\", "
		   "\"N\": 12}}");
	assert_true(call->writes);
	assert_string_equal(call->lane, "redfish");
	assert_int_equal(call->timeout_ms, 60000);
	assert_int_equal(call->http->auth, HP_HTTP_SESSION);
	assert_str(a, hp_bios_patch(a, &plain, &bmc, settings + 1, 1)->http->body, "{\"Attributes\": {\"N\": 12}}");
	call = hp_bios_job(a, &dell, &bmc);
	assert_string_equal(hp_call_text(a, call), "POST https://bmc/redfish/v1/M/Jobs");
	assert_str(a, call->http->body, "{\"TargetSettingsURI\": \"/redfish/v1/S/Bios/Settings\"}");
	assert_true(call->writes);
	call = hp_bios_login(a, &dell, &bmc);
	assert_int_equal(call->http->auth, HP_HTTP_LOGIN);
	assert_int_equal(call->http->body.n, 0);
	assert_false(call->writes);
	assert_string_equal(hp_call_text(a, hp_bios_logout(a, &bmc, "/redfish/v1/Sessions/1")),
			    "DELETE https://bmc/redfish/v1/Sessions/1");
}

struct answer {
	struct hp_set_answer said;
	bool job;
};

static struct answer patched(struct hp_arena *a, const struct hp_bios_way *way, enum hp_end end, int code,
			     const char *headers, const char *body)
{
	const struct hp_bios_setting setting = {"A", "\"x\""};
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(body), .err = hp_str(headers)};
	struct answer r;
	hp_bios_patch_read(a, way, hp_bios_patch(a, way, &bmc, &setting, 1), &reply, &r.said, &r.job);
	return r;
}

static void a_patch_that_is_taken(void **state)
{
	struct hp_arena *a = *state;
	static const char job[] = "content-type: application/json\nlocation: /redfish/v1/M/Jobs/JID_1\n";
	static const int codes[] = {200, 202, 204};
	for (size_t i = 0; i < 3; i++) {
		struct answer r = patched(a, &dell, HP_END_EXIT, codes[i], job, "");
		assert_int_equal(r.said.end, HP_SET_DONE);
		assert_null(r.said.why);
		assert_false(r.job);
		assert_true(patched(a, &dell, HP_END_EXIT, codes[i], "", MESSAGE("Base.1.0.Success", "ok")).job);
		assert_false(patched(a, &plain, HP_END_EXIT, codes[i], "", "no JSON").job);
	}
}

static void a_patch_that_is_refused(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		int code;
		const char *body, *why, *hint;
	} rows[] = {
	    {400, MESSAGE("IDRAC.2.8.SYS011", "Pending values are there."), "HTTP 400: Pending values are there.",
	     "delete the job"},
	    {400, MESSAGE("X.1.0.Y", "They are Already Committed."), "Already Committed", "delete the job"},
	    {403, MESSAGE("X.1.0.Y", "Server is in System Lockdown mode."), "Lockdown mode",
	     "Switch System Lockdown off"},
	    {400, MESSAGE("Base.1.12.PropertyNotWritable", "No."), "HTTP 400: No.", "Custom"},
	    {400, "{\"error\":{\"@Message.ExtendedInfo\":{\"MessageId\":\"PropertyNotWritable\",\"Message\":\"No.\"}}}",
	     "HTTP 400: No.", "Custom"},
	    {400,
	     "{\"error\":{\"@Message.ExtendedInfo\":[{\"MessageId\":\"B.1.Other\",\"Message\":\"One.\"},{\"MessageId\":"
	     "\"I.2.SYS011\",\"Message\":\"Two.\"}]}}",
	     "HTTP 400: One. Two.", "delete the job"},
	    {400, MESSAGE("Base.1.12.PropertyValueNotInList", "Bad."), "Bad.", "bios, want"},
	    {401, "", "HTTP 401", "privilege"},
	    {403, "<html>", "HTTP 403", "privilege"},
	    {404, "", "HTTP 404", "BIOS setup"},
	    {428, "", "HTTP 428", "ETag"},
	    {308, "", "HTTP 308", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct answer r = patched(a, &dell, HP_END_EXIT, rows[i].code, "", rows[i].body);
		assert_int_equal(r.said.end, HP_SET_REFUSED);
		assert_has(r.said.why, rows[i].why);
		assert_false(r.job);
		if (rows[i].hint)
			assert_has(r.said.hint, rows[i].hint);
		else
			assert_null(r.said.hint);
	}
	/* Never sent. */
	assert_int_equal(patched(a, &dell, HP_END_NO_ANSWER, 7, "", "").said.end, HP_SET_REFUSED);
	assert_int_equal(patched(a, &dell, HP_END_NO_ANSWER, 60, "", "").said.end, HP_SET_REFUSED);
	assert_int_equal(patched(a, &dell, HP_END_NO_LOGIN, 0, "there is no session", "").said.end, HP_SET_REFUSED);
	assert_int_equal(patched(a, &dell, HP_END_CANCELLED, 0, "", "").said.end, HP_SET_REFUSED);
}

static void a_patch_of_which_nothing_is_known(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		enum hp_end end;
		int code;
	} rows[] = {{HP_END_TIMEOUT, 60},   {HP_END_NO_ANSWER, 18}, {HP_END_NO_ANSWER, 52},
		    {HP_END_NO_ANSWER, 55}, {HP_END_NO_ANSWER, 56}, {HP_END_NO_ANSWER, 8},
		    {HP_END_TOO_BIG, 0},    {HP_END_EXIT, 500},	    {HP_END_EXIT, 503}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct answer r = patched(a, &dell, rows[i].end, rows[i].code, "", "");
		assert_int_equal(r.said.end, HP_SET_UNCLEAR);
		assert_non_null(r.said.why);
		assert_false(r.job);
	}
}

static struct hp_set_answer job(struct hp_arena *a, enum hp_end end, int code, const char *body)
{
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(body)};
	struct hp_set_answer answer;
	hp_bios_job_read(a, hp_bios_job(a, &dell, &bmc), &reply, &answer);
	return answer;
}

static void jobs(void **state)
{
	struct hp_arena *a = *state;
	assert_int_equal(job(a, HP_END_EXIT, 200, "").end, HP_SET_DONE);
	assert_int_equal(job(a, HP_END_EXIT, 400, MESSAGE("I.2.8.SYS011", "There is one.")).end, HP_SET_DONE);
	assert_int_equal(job(a, HP_END_EXIT, 403, "").end, HP_SET_REFUSED);
	assert_int_equal(job(a, HP_END_EXIT, 503, "").end, HP_SET_UNCLEAR);
	assert_int_equal(job(a, HP_END_TIMEOUT, 60, "").end, HP_SET_UNCLEAR);
	assert_has(job(a, HP_END_TIMEOUT, 60, "").hint, "without a job");
	assert_has(job(a, HP_END_EXIT, 403, "").hint, "without a job");
}

static const char *login(struct hp_arena *a, enum hp_end end, int code, const char *headers, const char *body,
			 struct hp_set_answer *ret, bool *ret_refused)
{
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(body), .err = hp_str(headers)};
	return hp_bios_login_read(a, &dell, hp_bios_login(a, &dell, &bmc), &reply, ret, ret_refused);
}

static void logins(void **state)
{
	struct hp_arena *a = *state;
	struct hp_set_answer r;
	bool refused;
	assert_string_equal(login(a, HP_END_EXIT, 201, "location: /redfish/v1/Sessions/1\n", "", &r, &refused),
			    "/redfish/v1/Sessions/1");
	assert_string_equal(login(a, HP_END_EXIT, 200, "", "{\"@odata.id\":\"/redfish/v1/Sessions/2\"}", &r, &refused),
			    "/redfish/v1/Sessions/2");
	static const char *const bodies[] = {"", "[]", "{}", "{\"@odata.id\":\"https://other/redfish/v1/Sessions/2\"}"};
	for (size_t i = 0; i < 4; i++) {
		assert_null(login(a, HP_END_EXIT, 201, "", bodies[i], &r, &refused));
		assert_int_equal(r.end, HP_SET_REFUSED);
		assert_non_null(r.why);
		assert_false(refused);
	}
	assert_null(login(a, HP_END_EXIT, 401, "", MESSAGE("B.1.AccessDenied", "Wrong."), &r, &refused));
	assert_true(refused);
	assert_has(r.why, "HTTP 401: Wrong.");
	assert_null(login(a, HP_END_EXIT, 400, "", "", &r, &refused));
	assert_true(refused);
	assert_null(login(a, HP_END_EXIT, 400, "", MESSAGE("I.1.SWC0700", "Not ready."), &r, &refused));
	assert_false(refused);
	assert_null(login(a, HP_END_EXIT, 400, "", MESSAGE("I.1.SYS518", "Busy."), &r, &refused));
	assert_false(refused);
	assert_null(login(a, HP_END_EXIT, 401, "", MESSAGE("I.1.RAC0218", "Full."), &r, &refused));
	assert_false(refused);
	assert_null(login(a, HP_END_EXIT, 503, "", MESSAGE("I.1.RAC0218", "Full."), &r, &refused));
	assert_false(refused);
	/* Whatever became of it, nothing was set. */
	assert_null(login(a, HP_END_TIMEOUT, 60, "", "", &r, &refused));
	assert_int_equal(r.end, HP_SET_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_calls),
	    UNIT_TEST(a_patch_that_is_taken),
	    UNIT_TEST(a_patch_that_is_refused),
	    UNIT_TEST(a_patch_of_which_nothing_is_known),
	    UNIT_TEST(jobs),
	    UNIT_TEST(logins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
