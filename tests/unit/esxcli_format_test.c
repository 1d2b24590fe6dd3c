/* What hostd reads: the JSON document as one string, and structures made from it. */
#include "../../agent/base/json.h"
#include "../../agent/report/esxcli.h"
#include "../../agent/report/report.h"
#include "unit.h"

static json_t *document(struct hp_arena *a, const char *json)
{
	struct hp_err err = {""};
	json_t *o = hp_json_parse(a, hp_str(json), &err);
	if (!o)
		fail_msg("%s: %s", json, err.text);
	return o;
}

/* What stands in <string>: begins after the head, ends before the tail. */
static struct hp_str inside(struct hp_str xml)
{
	size_t head = strlen(HP_ESXCLI_BEGIN "<string>"), tail = strlen("</string>\n" HP_ESXCLI_END);
	assert_true(hp_str_starts(xml, HP_ESXCLI_BEGIN "<string>"));
	assert_true(hp_str_ends(xml, "</string>\n" HP_ESXCLI_END));
	return hp_str_sub(xml, head, xml.n - tail);
}

static void a_string_that_nothing_can_end(void **state)
{
	struct hp_arena *a = *state;
	static const char *const hostile[] = {"]]>",
					      "</string></output>",
					      "&amp; <![CDATA[ <!-- --> &#0;",
					      "\\u003e \\ \" '",
					      "\x01\x1b[2J\x7f\n\t\r",
					      "\xef\xbf\xbe \xef\xbf\xbf \xc3\xa4 \xf0\x9f\x90\x84",
					      "\xc2\x85\xe2\x80\xa8"};
	hp_json_use(a);
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		json_t *o = json_object();
		assert_int_equal(json_object_set_new(o, "text", json_string(hostile[i])), 0);
		assert_int_equal(json_object_set_new(o, hostile[i], json_string("as a key")), 0);
		struct hp_str text = inside(hp_esxcli_string(a, o));
		for (size_t k = 0; k < text.n; k++)
			if ((unsigned char)text.p[k] < 0x20 || (unsigned char)text.p[k] > 0x7f ||
			    strchr("<>&", text.p[k]))
				fail_msg("byte %02x in %.*s", (unsigned char)text.p[k], (int)text.n, text.p);
		assert_true(json_equal(hp_json_parse(a, text, NULL), o));
	}
}

static const char *rows(struct hp_arena *a, const char *json)
{
	return hp_copy(a, hp_esxcli_findings(a, document(a, json)));
}

#define FIELD(name, value) "<field name=\"" name "\"><string>" value "</string></field>\n"

static size_t count(const char *text, const char *part)
{
	size_t n = 0;
	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		n++;
	return n;
}

static void a_finding(void **state)
{
	struct hp_arena *a = *state;
	const char *xml = rows(
	    a, "{\"verdict\":\"non-compliant\",\"exit_code\":2,\"finished\":\"2026-11-22T03:04:05Z\",\"findings\":["
	       "{\"check\":\"hca-ats\",\"subject\":\"0000:1a:00.0\",\"state\":\"fail\",\"severity\":\"blocker\","
	       "\"now\":\"0\",\"next\":null,\"want\":\"1\",\"text\":\"a <b> & \\u0001 ]]>\","
	       "\"remedy\":{\"text\":\"Set it.\",\"command\":\"mlxconfig -d x\"}}]}");
	assert_string_equal(
	    xml,
	    HP_ESXCLI_BEGIN "<list type=\"structure\">\n<structure typeName=\"Finding\">\n" FIELD("Check", "hca-ats")
		FIELD("Subject", "0000:1a:00.0") FIELD("State", "fail") FIELD("Severity", "blocker") FIELD("Now", "0")
		    FIELD("Next", "") FIELD("Want", "1") FIELD("Text", "a &lt;b&gt; &amp; \xef\xbf\xbd ]]&gt;")
			FIELD("Remedy", "Set it. Type: mlxconfig -d x") FIELD("Verdict", "non-compliant")
			    FIELD("ExitCode", "2")
				FIELD("Finished", "2026-11-22T03:04:05Z") "</structure>\n</list>\n" HP_ESXCLI_END);
}

static void errors_are_rows(void **state)
{
	struct hp_arena *a = *state;
	const char *xml = rows(a, "{\"verdict\":\"error\",\"exit_code\":78,\"findings\":[],"
				  "\"errors\":[{\"where\":\"policy\",\"text\":\"x.yaml:1:2: no\"}]}");
	assert_int_equal(count(xml, "<structure "), 1);
	assert_has(xml, FIELD("Check", "policy") FIELD("Subject", "host") FIELD("State", "unknown"));
	assert_has(xml, FIELD("Text", "x.yaml:1:2: no"));
	assert_has(xml, FIELD("ExitCode", "78"));
	xml = rows(a, "{\"findings\":[{\"check\":\"c\"}],\"errors\":[{\"where\":\"maintenance-mode\"}]}");
	assert_int_equal(count(xml, "<structure "), 2);
	assert_true(strstr(xml, "maintenance-mode") < strstr(xml, FIELD("Check", "c")));
}

/* Of another version, or of nothing at all: there is always a row, and every row has every field. */
static void documents_of_another_shape(void **state)
{
	struct hp_arena *a = *state;
	static const char *const shapes[] = {
	    "{}",
	    "[]",
	    "{\"findings\":[],\"errors\":[]}",
	    "{\"findings\":{\"check\":\"c\"},\"errors\":\"none\"}",
	    "{\"findings\":[null]}",
	    "{\"findings\":[{\"check\":7,\"state\":true,\"now\":[1],\"remedy\":\"x\"}]}",
	    "{\"findings\":[{\"remedy\":{\"command\":\"only\"}}],\"exit_code\":\"2\"}"};
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		const char *xml = rows(a, shapes[i]);
		assert_int_equal(count(xml, "<structure typeName=\"Finding\">"), 1);
		assert_int_equal(count(xml, "<field name=\""), 12);
	}
	assert_has(rows(a, "{}"), FIELD("Check", "report") FIELD("Subject", "host") FIELD("State", "unknown"));
	assert_has(rows(a, shapes[5]), FIELD("Check", "7"));
	assert_has(rows(a, shapes[6]), FIELD("Remedy", "Type: only"));
}

static const char *reboot(struct hp_arena *a, const char *json)
{
	return hp_copy(a, hp_esxcli_reboot(a, document(a, json)));
}

static void reboots(void **state)
{
	struct hp_arena *a = *state;
	const char *xml =
	    reboot(a, "{\"verdict\":\"reboot-pending\",\"exit_code\":4,\"reboot_since\":\"2026-11-22T03:04:05Z\","
		      "\"reboot\":{\"required\":true,\"kind\":\"full\",\"reasons\":["
		      "{\"check\":\"hca-ats\",\"subject\":\"0000:1a:00.0\",\"text\":\"A.\"},"
		      "{\"check\":\"b\",\"subject\":\"host\",\"text\":\"B.\"}]},\"errors\":[]}");
	assert_string_equal(xml, HP_ESXCLI_BEGIN "<structure typeName=\"Reboot\">\n" FIELD("Required", "true")
				     FIELD("Kind", "full") FIELD("Reasons", "hca-ats 0000:1a:00.0: A.&#10;b host: B.")
					 FIELD("Since", "2026-11-22T03:04:05Z") FIELD("Verdict", "reboot-pending")
					     FIELD("ExitCode", "4") FIELD("Errors", "") "</structure>\n" HP_ESXCLI_END);
	assert_has(reboot(a, "{\"reboot\":{\"required\":false}}"), FIELD("Required", "false"));
	assert_has(reboot(a, "{\"reboot\":{\"required\":null}}"), FIELD("Required", "unknown"));
	xml = reboot(
	    a, "{\"exit_code\":1,\"errors\":[{\"where\":\"host\",\"text\":\"x\"},{\"where\":\"y\",\"text\":\"z\"}]}");
	assert_has(xml, FIELD("Required", "unknown"));
	assert_has(xml, FIELD("Errors", "host: x&#10;y: z"));
}

static const char *version(struct hp_arena *a, const char *json)
{
	return hp_copy(a, hp_esxcli_version(a, document(a, json)));
}

static void versions(void **state)
{
	struct hp_arena *a = *state;
	const char *xml = version(
	    a, "{\"schema\":\"hostprep.version\",\"schema_version\":\"9\",\"version\":\"1.2\",\"commit\":null,"
	       "\"host_schema_version\":\"1.0.0\",\"libraries\":\"l\",\"policy\":\"<p>\",\"policy_sha256\":\"s\"}");
	assert_string_equal(xml, HP_ESXCLI_BEGIN "<structure typeName=\"Version\">\n" FIELD("Version", "1.2")
				     FIELD("Commit", "") FIELD("ReportSchema", "1.0.0") FIELD("Policy", "&lt;p&gt;")
					 FIELD("PolicySha256", "s") FIELD("Libraries", "l") FIELD("ExitCode", "0")
					     FIELD("Errors", "") "</structure>\n" HP_ESXCLI_END);
	xml = version(
	    a,
	    "{\"schema_version\":\"1.0.0\",\"tool\":{\"version\":\"1.2\",\"commit\":\"c\"},\"policy\":{\"name\":null},"
	    "\"exit_code\":78,\"errors\":[{\"where\":\"policy\",\"text\":\"bad\"}]}");
	assert_has(xml,
		   FIELD("Version", "1.2") FIELD("Commit", "c") FIELD("ReportSchema", "1.0.0") FIELD("Policy", ""));
	assert_has(xml, FIELD("ExitCode", "78") FIELD("Errors", "policy: bad"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(a_string_that_nothing_can_end), UNIT_TEST(a_finding), UNIT_TEST(errors_are_rows),
	    UNIT_TEST(documents_of_another_shape),    UNIT_TEST(reboots),   UNIT_TEST(versions)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
