#include "junit.h"

#include <string.h>

enum outcome { PASSED, FAILURE, ERROR, SKIPPED };

static enum outcome outcome_of(const struct hp_finding *f)
{
	switch (f->state) {
	case HP_FAIL:
	case HP_REGRESSING:
	case HP_PENDING_REBOOT:
		return f->severity == HP_INFO ? PASSED : FAILURE;
	case HP_UNKNOWN:
		return f->severity == HP_INFO ? PASSED : ERROR;
	case HP_NOT_APPLICABLE:
	case HP_SKIPPED:
		return SKIPPED;
	case HP_PASS:
	case HP_STATES:
		break;
	}
	return PASSED;
}

/* There are no findings to go by. */
static bool is_lost(const struct hp_row *row)
{
	return row->state != HP_ROW_OK || !row->report || strcmp(row->report->verdict, "error") == 0;
}

struct hp_junit_counts hp_junit_count(const struct hp_row *row)
{
	struct hp_junit_counts n = {0};
	if (is_lost(row))
		return (struct hp_junit_counts){.tests = 1, .errors = 1};
	for (size_t i = 0; i < row->report->finding_count; i++) {
		enum outcome outcome = outcome_of(&row->report->findings[i]);
		n.tests++;
		n.failures += outcome == FAILURE;
		n.errors += outcome == ERROR;
		n.skipped += outcome == SKIPPED;
	}
	return n;
}

/* Text and attribute values alike. What XML 1.0 has no place for becomes '?': controls, and U+FFFE and U+FFFF. */
static void put(struct hp_out *o, const char *text)
{
	for (const char *p = text ? text : ""; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '&')
			hp_out_puts(o, "&amp;");
		else if (c == '<')
			hp_out_puts(o, "&lt;");
		else if (c == '>')
			hp_out_puts(o, "&gt;");
		else if (c == '"')
			hp_out_puts(o, "&quot;");
		else if (c == '\n' || c == '\t')
			hp_out_putf(o, "&#%u;", c);
		else if (c < 0x20 || c == 0x7f)
			hp_out_puts(o, "?");
		else if (c == 0xef && (unsigned char)p[1] == 0xbf && (unsigned char)p[2] >= 0xbe) {
			hp_out_puts(o, "?");
			p += 2;
		} else
			hp_out_put(o, (struct hp_str){p, 1});
	}
}

static void put_attribute(struct hp_out *o, const char *name, const char *value)
{
	hp_out_putf(o, " %s=\"", name);
	put(o, value);
	hp_out_puts(o, "\"");
}

static void put_counts(struct hp_out *o, const struct hp_junit_counts *n)
{
	hp_out_putf(o, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", n->tests, n->failures,
		    n->errors, n->skipped);
}

void hp_junit_begin(struct hp_out *out, const struct hp_fleet *fleet, const struct hp_junit_counts *total)
{
	hp_out_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hostprep\"");
	put_counts(out, total);
	put_attribute(out, "id", fleet->scan_id);
	hp_out_puts(out, ">\n");
}

static void put_finding(struct hp_out *o, const struct hp_row *row, const struct hp_finding *f)
{
	enum outcome outcome = outcome_of(f);
	const char *element = outcome == FAILURE ? "failure" : "error";
	hp_out_puts(o, "    <testcase");
	put_attribute(o, "classname", row->name);
	hp_out_puts(o, " name=\"");
	put(o, f->check);
	if (strcmp(f->subject, "host") != 0) {
		hp_out_puts(o, " ");
		put(o, f->subject);
	}
	hp_out_puts(o, "\"");
	if (outcome == PASSED) {
		hp_out_puts(o, "/>\n");
		return;
	}
	hp_out_puts(o, ">\n      ");
	if (outcome == SKIPPED) {
		hp_out_puts(o, "<skipped");
		put_attribute(o, "message", f->text);
		hp_out_puts(o, "/>\n    </testcase>\n");
		return;
	}
	hp_out_putf(o, "<%s", element);
	put_attribute(o, "type",
		      f->state == HP_PENDING_REBOOT || f->state == HP_UNKNOWN ? hp_state_word(f->state)
									      : hp_severity_word(f->severity));
	put_attribute(o, "message", f->text);
	hp_out_puts(o, ">now ");
	put(o, f->now ? f->now : "-");
	hp_out_puts(o, ", next boot ");
	put(o, f->next ? f->next : "-");
	hp_out_puts(o, ", wanted ");
	put(o, f->want ? f->want : "-");
	for (const char *const *line = (const char *const[]){f->remedy.text, f->remedy.command, NULL}; line[0];
	     line++) {
		hp_out_puts(o, "&#10;");
		put(o, *line);
	}
	hp_out_putf(o, "</%s>\n    </testcase>\n", element);
}

static void put_lost(struct hp_out *o, const struct hp_row *row)
{
	const struct hp_report *r = row->report;
	const char *reason = row->reason;
	if (row->state == HP_ROW_OK && r && r->error_count > 0)
		reason = r->errors[0].text;
	hp_out_puts(o, "    <testcase");
	put_attribute(o, "classname", row->name);
	hp_out_puts(o, " name=\"scan\">\n      <error");
	put_attribute(o, "type", row->state == HP_ROW_OK ? "no-verdict" : hp_row_state_word(row->state));
	put_attribute(o, "message", reason);
	hp_out_puts(o, ">");
	put(o, row->error_text);
	hp_out_puts(o, "</error>\n    </testcase>\n");
}

void hp_junit_row(struct hp_out *out, const struct hp_row *row)
{
	struct hp_junit_counts n = hp_junit_count(row);
	const struct hp_report *r = row->state == HP_ROW_OK ? row->report : NULL;
	int64_t ms = r ? (int64_t)r->duration_ms : row->duration_ms;
	hp_out_puts(out, "  <testsuite");
	put_attribute(out, "name", row->name);
	put_counts(out, &n);
	hp_out_putf(out, " time=\"%lld.%03lld\"", ms > 0 ? (long long)(ms / 1000) : 0,
		    ms > 0 ? (long long)(ms % 1000) : 0);
	if (r && r->started)
		put_attribute(out, "timestamp", r->started);
	put_attribute(out, "hostname", row->name);
	hp_out_puts(out, ">\n");
	if (is_lost(row))
		put_lost(out, row);
	else
		for (size_t i = 0; i < r->finding_count; i++)
			put_finding(out, row, &r->findings[i]);
	hp_out_puts(out, "  </testsuite>\n");
}

void hp_junit_end(struct hp_out *out)
{
	hp_out_puts(out, "</testsuites>\n");
}
