#include "junit.h"

#include <string.h>

#include "../base/xml.h"

enum outcome { PASSED, FAILURE, ERROR, SKIPPED };

static enum outcome outcome_of(const struct hp_finding *f)
{
	switch (f->state) {
	case HP_FAIL:
	case HP_REGRESSING:
	case HP_PENDING_REBOOT:
		return hp_finding_weight(f) == HP_INFO ? PASSED : FAILURE;
	case HP_UNKNOWN:
		return hp_finding_weight(f) == HP_INFO ? PASSED : ERROR;
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
	return row->state != HP_ROW_OK || !row->report || hp_row_no_verdict(row);
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

static void put(struct hp_buf *b, const char *text)
{
	hp_xml_put(b, hp_str(text ? text : ""));
}

static void put_attribute(struct hp_buf *b, const char *name, const char *value)
{
	hp_putf(b, " %s=\"", name);
	put(b, value);
	hp_puts(b, "\"");
}

static void put_counts(struct hp_buf *b, const struct hp_junit_counts *n)
{
	hp_putf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", n->tests, n->failures, n->errors,
		n->skipped);
}

void hp_junit_begin(struct hp_buf *b, const struct hp_fleet *fleet, const struct hp_junit_counts *total)
{
	hp_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hostprep\"");
	put_counts(b, total);
	put_attribute(b, "id", fleet->scan_id);
	hp_puts(b, ">\n");
}

static void put_finding(struct hp_buf *b, const struct hp_row *row, const struct hp_finding *f)
{
	enum outcome outcome = outcome_of(f);
	const char *element = outcome == FAILURE ? "failure" : "error";
	hp_puts(b, "    <testcase");
	put_attribute(b, "classname", row->name);
	hp_puts(b, " name=\"");
	put(b, f->check);
	if (strcmp(f->subject, "host") != 0) {
		hp_puts(b, " ");
		put(b, f->subject);
	}
	hp_puts(b, "\"");
	if (outcome == PASSED) {
		hp_puts(b, "/>\n");
		return;
	}
	hp_puts(b, ">\n      ");
	if (outcome == SKIPPED) {
		hp_puts(b, "<skipped");
		put_attribute(b, "message", f->text);
		hp_puts(b, "/>\n    </testcase>\n");
		return;
	}
	hp_putf(b, "<%s", element);
	put_attribute(b, "type",
		      f->state == HP_PENDING_REBOOT || f->state == HP_UNKNOWN ? hp_state_word(f->state)
									      : hp_severity_word(f->severity));
	put_attribute(b, "message", f->text);
	hp_puts(b, ">now ");
	put(b, f->now ? f->now : "-");
	hp_puts(b, ", next boot ");
	put(b, f->next ? f->next : "-");
	hp_puts(b, ", wanted ");
	put(b, f->want ? f->want : "-");
	for (const char *const *line = (const char *const[]){f->remedy.text, f->remedy.command, NULL}; line[0];
	     line++) {
		hp_puts(b, "&#10;");
		put(b, *line);
	}
	hp_putf(b, "</%s>\n    </testcase>\n", element);
}

static void put_lost(struct hp_buf *b, const struct hp_row *row)
{
	const struct hp_report *r = row->report;
	const char *reason = row->reason;
	if (row->state == HP_ROW_OK && r && r->error_count > 0)
		reason = r->errors[0].text;
	hp_puts(b, "    <testcase");
	put_attribute(b, "classname", row->name);
	hp_puts(b, " name=\"scan\">\n      <error");
	put_attribute(b, "type", row->state == HP_ROW_OK ? "no-verdict" : hp_row_state_word(row->state));
	put_attribute(b, "message", reason);
	hp_puts(b, ">");
	put(b, row->error_text);
	hp_puts(b, "</error>\n    </testcase>\n");
}

void hp_junit_row(struct hp_buf *b, const struct hp_row *row)
{
	struct hp_junit_counts n = hp_junit_count(row);
	const struct hp_report *r = row->state == HP_ROW_OK ? row->report : NULL;
	int64_t ms = r ? (int64_t)r->duration_ms : row->duration_ms;
	hp_puts(b, "  <testsuite");
	put_attribute(b, "name", row->name);
	put_counts(b, &n);
	hp_putf(b, " time=\"%lld.%03lld\"", ms > 0 ? (long long)(ms / 1000) : 0, ms > 0 ? (long long)(ms % 1000) : 0);
	if (r && r->started)
		put_attribute(b, "timestamp", r->started);
	put_attribute(b, "hostname", row->name);
	hp_puts(b, ">\n");
	if (is_lost(row))
		put_lost(b, row);
	else
		for (size_t i = 0; i < r->finding_count; i++)
			put_finding(b, row, &r->findings[i]);
	hp_puts(b, "  </testsuite>\n");
}

const char hp_junit_end[] = "</testsuites>\n";
