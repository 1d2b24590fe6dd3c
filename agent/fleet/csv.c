#include "csv.h"

#include <string.h>

static const char *const columns[] = {"host",	 "host_state",	"reason",    "groups",	"verdict", "check",
				      "subject", "state",	"severity",  "title",	"now",	   "next",
				      "want",	 "text",	"remedy",    "command", "reboot",  "vendor",
				      "model",	 "esx_version", "esx_build", "policy",	"finished"};
#define COLUMNS (sizeof columns / sizeof columns[0])

/* A byte order of things: what a spreadsheet might run is told by the first character, also behind blanks. */
static bool is_formula(const char *text)
{
	while (*text == ' ')
		text++;
	return *text && strchr("=+-@\t\r\n|", *text) != NULL;
}

static void put_cell(struct hp_out *o, const char *text)
{
	bool formula = text && is_formula(text);
	if (!text || !*text)
		return;
	if (!formula && !strpbrk(text, "\",\r\n") &&
	    strlen(text) == strcspn(text, "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c"
					  "\x0e\x0f\x1b\x7f")) {
		hp_out_puts(o, text);
		return;
	}
	hp_out_puts(o, formula ? "\"'" : "\"");
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '"')
			hp_out_puts(o, "\"\"");
		else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			hp_out_puts(o, "?");
		else
			hp_out_put(o, (struct hp_str){p, 1});
	}
	hp_out_puts(o, "\"");
}

static void put_line(struct hp_out *o, const char *const *cells)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		hp_out_puts(o, i ? "," : "");
		put_cell(o, cells[i]);
	}
	hp_out_puts(o, "\r\n");
}

void hp_csv_head(struct hp_out *out)
{
	put_line(out, columns);
}

static const char *groups_of(const struct hp_row *row, char *text, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < row->group_count; i++) {
		size_t part = strlen(row->groups[i]);
		if (n + part + 2 > size)
			break;
		if (i > 0)
			text[n++] = ' ';
		memcpy(text + n, row->groups[i], part);
		n += part;
	}
	text[n] = 0;
	return text;
}

void hp_csv_row(struct hp_out *out, const struct hp_row *row)
{
	char groups[1024];
	const struct hp_report *r = row->state == HP_ROW_OK ? row->report : NULL;
	const char *cells[COLUMNS] = {row->name, hp_row_state_word(row->state), row->reason,
				      groups_of(row, groups, sizeof groups)};
	if (!r) {
		put_line(out, cells);
		return;
	}
	cells[4] = r->verdict;
	cells[17] = r->host.vendor;
	cells[18] = r->host.model;
	cells[19] = r->host.version;
	cells[20] = r->host.build;
	cells[21] = r->policy.name;
	cells[22] = r->finished;
	if (r->finding_count == 0)
		put_line(out, cells);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		const char *own[] = {f->check,
				     f->subject,
				     hp_state_word(f->state),
				     hp_severity_word(f->severity),
				     f->title,
				     f->now,
				     f->next,
				     f->want,
				     f->text,
				     f->remedy.text,
				     f->remedy.command,
				     hp_reboot_word(f->remedy.reboot)};
		memcpy(cells + 5, own, sizeof own);
		put_line(out, cells);
	}
}
