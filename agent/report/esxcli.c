#include "esxcli.h"

#include "../base/json.h"
#include "../base/xml.h"

/* Strings, numbers and Booleans as text; nothing for anything else. */
static struct hp_str text_of(struct hp_arena *a, const json_t *value)
{
	if (json_is_string(value))
		return (struct hp_str){json_string_value(value), json_string_length(value)};
	if (json_is_integer(value))
		return hp_str(hp_format(a, "%lld", (long long)json_integer_value(value)));
	if (json_is_boolean(value))
		return hp_str(json_is_true(value) ? "true" : "false");
	return hp_str("");
}

static struct hp_str member(struct hp_arena *a, const json_t *object, const char *key)
{
	return text_of(a, json_object_get(object, key));
}

static void put_field(struct hp_buf *b, const char *name, struct hp_str value)
{
	hp_putf(b, "<field name=\"%s\"><string>", name);
	hp_xml_put(b, value);
	hp_puts(b, "</string></field>\n");
}

static void begin_structure(struct hp_buf *b, const char *type)
{
	hp_putf(b, "<structure typeName=\"%s\">\n", type);
}

static void end_structure(struct hp_buf *b)
{
	hp_puts(b, "</structure>\n");
}

static void put_errors(struct hp_buf *b, const json_t *document)
{
	const json_t *errors = json_object_get(document, "errors");
	struct hp_buf text = hp_buf(b->arena);
	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *error = json_array_get(errors, i);
		hp_puts(&text, text.n ? "\n" : "");
		hp_put(&text, member(b->arena, error, "where"));
		hp_puts(&text, ": ");
		hp_put(&text, member(b->arena, error, "text"));
	}
	put_field(b, "Errors", hp_built(&text));
}

struct hp_str hp_esxcli_string(struct hp_arena *a, const json_t *document)
{
	struct hp_buf b = hp_buf(a);
	struct hp_str rest = hp_str_trim(hp_json_line(a, document));
	hp_puts(&b, HP_ESXCLI_BEGIN "<string>");
	while (rest.n) {
		size_t n = 0;
		while (n < rest.n && rest.p[n] != '<' && rest.p[n] != '>' && rest.p[n] != '&')
			n++;
		hp_put(&b, hp_str_sub(rest, 0, n));
		if (n < rest.n)
			hp_putf(&b, "\\u%04x", (unsigned)rest.p[n++]);
		rest = hp_str_sub(rest, n, rest.n);
	}
	hp_puts(&b, "</string>\n" HP_ESXCLI_END);
	return hp_built(&b);
}

/* ---- findings ---- */

/* What to do, and what to type for it. */
static struct hp_str remedy_of(struct hp_arena *a, const json_t *finding)
{
	const json_t *remedy = json_object_get(finding, "remedy");
	struct hp_str text = member(a, remedy, "text"), command = member(a, remedy, "command");
	struct hp_buf b = hp_buf(a);
	hp_put(&b, text);
	if (command.n) {
		hp_puts(&b, text.n ? " Type: " : "Type: ");
		hp_put(&b, command);
	}
	return hp_built(&b);
}

struct row {
	struct hp_str check, subject, state, severity, now, next, want, text, remedy;
};

static void put_row(struct hp_buf *b, const struct row *row, const json_t *document)
{
	begin_structure(b, "Finding");
	put_field(b, "Check", row->check);
	put_field(b, "Subject", row->subject);
	put_field(b, "State", row->state);
	put_field(b, "Severity", row->severity);
	put_field(b, "Now", row->now);
	put_field(b, "Next", row->next);
	put_field(b, "Want", row->want);
	put_field(b, "Text", row->text);
	put_field(b, "Remedy", row->remedy);
	put_field(b, "Verdict", member(b->arena, document, "verdict"));
	put_field(b, "ExitCode", member(b->arena, document, "exit_code"));
	put_field(b, "Finished", member(b->arena, document, "finished"));
	end_structure(b);
}

/* Something is not known of the host: an error, or that there is nothing to show. */
static void put_unknown(struct hp_buf *b, struct hp_str where, struct hp_str text, const json_t *document)
{
	struct row row = {.check = where, .subject = hp_str("host"), .state = hp_str("unknown"), .text = text};
	put_row(b, &row, document);
}

static void put_finding(struct hp_buf *b, const json_t *f, const json_t *document)
{
	struct hp_arena *a = b->arena;
	struct row row = {.check = member(a, f, "check"),
			  .subject = member(a, f, "subject"),
			  .state = member(a, f, "state"),
			  .severity = member(a, f, "severity"),
			  .now = member(a, f, "now"),
			  .next = member(a, f, "next"),
			  .want = member(a, f, "want"),
			  .text = member(a, f, "text"),
			  .remedy = remedy_of(a, f)};
	put_row(b, &row, document);
}

struct hp_str hp_esxcli_findings(struct hp_arena *a, const json_t *document)
{
	const json_t *errors = json_object_get(document, "errors"), *findings = json_object_get(document, "findings");
	struct hp_buf b = hp_buf(a);
	hp_json_use(a);
	hp_puts(&b, HP_ESXCLI_BEGIN "<list type=\"structure\">\n");
	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *error = json_array_get(errors, i);
		put_unknown(&b, member(a, error, "where"), member(a, error, "text"), document);
	}
	for (size_t i = 0; i < json_array_size(findings); i++)
		put_finding(&b, json_array_get(findings, i), document);
	if (!json_array_size(errors) && !json_array_size(findings))
		put_unknown(&b, hp_str("report"),
			    hp_str("The report holds no finding; `hostprep check` makes a new one."), document);
	hp_puts(&b, "</list>\n" HP_ESXCLI_END);
	return hp_built(&b);
}

/* ---- reboot and version ---- */

static struct hp_str reasons_of(struct hp_arena *a, const json_t *reboot)
{
	const json_t *reasons = json_object_get(reboot, "reasons");
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const json_t *reason = json_array_get(reasons, i);
		hp_puts(&b, b.n ? "\n" : "");
		hp_put(&b, member(a, reason, "check"));
		hp_puts(&b, " ");
		hp_put(&b, member(a, reason, "subject"));
		hp_puts(&b, ": ");
		hp_put(&b, member(a, reason, "text"));
	}
	return hp_built(&b);
}

struct hp_str hp_esxcli_reboot(struct hp_arena *a, const json_t *document)
{
	const json_t *reboot = json_object_get(document, "reboot");
	struct hp_str required = member(a, reboot, "required");
	struct hp_buf b = hp_buf(a);
	hp_json_use(a);
	hp_puts(&b, HP_ESXCLI_BEGIN);
	begin_structure(&b, "Reboot");
	put_field(&b, "Required", required.n ? required : hp_str("unknown"));
	put_field(&b, "Kind", member(a, reboot, "kind"));
	put_field(&b, "Reasons", reasons_of(a, reboot));
	put_field(&b, "Since", member(a, document, "reboot_since"));
	put_field(&b, "Verdict", member(a, document, "verdict"));
	put_field(&b, "ExitCode", member(a, document, "exit_code"));
	put_errors(&b, document);
	end_structure(&b);
	hp_puts(&b, HP_ESXCLI_END);
	return hp_built(&b);
}

struct hp_str hp_esxcli_version(struct hp_arena *a, const json_t *document)
{
	const json_t *tool = json_object_get(document, "tool"), *code = json_object_get(document, "exit_code");
	const json_t *of = tool ? tool : document;
	struct hp_buf b = hp_buf(a);
	hp_json_use(a);
	hp_puts(&b, HP_ESXCLI_BEGIN);
	begin_structure(&b, "Version");
	put_field(&b, "Version", member(a, of, "version"));
	put_field(&b, "Commit", member(a, of, "commit"));
	put_field(&b, "ReportSchema", member(a, document, tool ? "schema_version" : "host_schema_version"));
	put_field(&b, "Policy", tool ? hp_str("") : member(a, document, "policy"));
	put_field(&b, "PolicySha256", member(a, document, "policy_sha256"));
	put_field(&b, "Libraries", member(a, document, "libraries"));
	put_field(&b, "ExitCode", code ? text_of(a, code) : hp_str("0"));
	put_errors(&b, document);
	end_structure(&b);
	hp_puts(&b, HP_ESXCLI_END);
	return hp_built(&b);
}
