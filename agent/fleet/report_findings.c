#include "report_findings.h"

#include <string.h>

#define CHECK_ID_MAX 64u   /* bytes */
#define FINDINGS_MAX 4096u /* of one host; a large one has 100 */

void hp_report_reboot_kind(struct hp_pull *j, enum hp_reboot *ret)
{
	struct hp_str text;
	if (hp_pull_string(j, &text) && !hp_reboot_find(text, ret))
		(void)hp_pull_refuse(j, "a kind of reboot is not known");
}

bool hp_report_state(struct hp_str word, unsigned *ret)
{
	for (unsigned i = 0; i < HP_STATES; i++) {
		if (hp_str_eq(word, hp_state_word((enum hp_state)i))) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static void read_evidence(struct hp_pull *j, struct hp_finding *f)
{
	struct hp_str key;
	if (!hp_pull_open(j, '['))
		return;
	while (hp_pull_item(j)) {
		struct hp_evidence e = {0};
		struct hp_seen seen = {0};
		const char *excerpt = "";
		bool truncated = false;
		if (!hp_pull_open(j, '{'))
			return;
		while (hp_pull_member(j, &key)) {
			if (hp_pull_is(j, key, "source", &seen, 0))
				(void)hp_pull_need(j, &e.source);
			else if (hp_pull_is(j, key, "excerpt", &seen, 1))
				(void)hp_pull_need(j, &excerpt);
			else if (hp_pull_is(j, key, "truncated", &seen, 2))
				(void)hp_pull_bool(j, &truncated);
			else
				(void)hp_pull_skip(j);
		}
		if (!hp_pull_has(j, &seen, 3, "an evidence is not complete"))
			return;
		e.record = hp_str(excerpt);
		e.focus = truncated ? e.record : (struct hp_str){0};
		if (f->evidence_count < HP_EVIDENCE_MAX)
			f->evidence[f->evidence_count++] = e;
	}
}

static void read_remedy(struct hp_pull *j, struct hp_remedy *ret)
{
	struct hp_str key;
	struct hp_seen seen = {0};
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_is(j, key, "text", &seen, 0))
			(void)hp_pull_text(j, &ret->text);
		else if (hp_pull_is(j, key, "command", &seen, 1))
			(void)hp_pull_text(j, &ret->command);
		else if (hp_pull_is(j, key, "fixable", &seen, 2))
			(void)hp_pull_bool(j, &ret->fixable);
		else if (hp_pull_is(j, key, "reboot", &seen, 3))
			hp_report_reboot_kind(j, &ret->reboot);
		else
			(void)hp_pull_skip(j);
	}
	(void)hp_pull_has(j, &seen, 4, "a remedy is not complete");
}

static void read_state(struct hp_pull *j, struct hp_finding *f)
{
	struct hp_str text;
	unsigned state;
	if (!hp_pull_string(j, &text))
		return;
	if (!hp_report_state(text, &state))
		(void)hp_pull_refuse(j, "a state is not known");
	else
		f->state = (enum hp_state)state;
}

static void read_severity(struct hp_pull *j, struct hp_finding *f)
{
	struct hp_str text;
	if (hp_pull_string(j, &text) && !hp_severity_find(text, &f->severity))
		(void)hp_pull_refuse(j, "a severity is not known");
}

/* It stands in commands that people copy, so it is what a check's id can be, and nothing else. */
static bool check_id(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n > 0 && n <= CHECK_ID_MAX && !text[n] && text[0] != '-';
}

static void read_finding(struct hp_pull *j, struct hp_finding *f)
{
	const struct hp_pull_text_member texts[] = {{"check", &f->check, true}, {"subject", &f->subject, true},
						    {"title", &f->title, true}, {"text", &f->text, true},
						    {"want", &f->want, false},	{"now", &f->now, false},
						    {"next", &f->next, false}};
	struct hp_str key;
	struct hp_seen seen = {0};
	if (!hp_pull_open(j, '{'))
		return;
	while (hp_pull_member(j, &key)) {
		if (hp_pull_one_of(j, key, texts, 7, &seen))
			continue;
		if (hp_pull_is(j, key, "state", &seen, 7)) {
			read_state(j, f);
		} else if (hp_pull_is(j, key, "severity", &seen, 8)) {
			read_severity(j, f);
		} else if (hp_pull_is(j, key, "evidence", &seen, 9)) {
			read_evidence(j, f);
		} else if (hp_pull_is(j, key, "remedy", &seen, 10)) {
			read_remedy(j, &f->remedy);
		} else if (hp_pull_is(j, key, "waiver", &seen, 11)) {
			f->waived = hp_pull_kind(j) == '{';
			if (!f->waived && !hp_pull_null(j))
				(void)hp_pull_refuse(j, "a waiver is none");
			else if (f->waived)
				(void)hp_pull_skip(j);
		} else {
			(void)hp_pull_skip(j);
		}
	}
	if (!hp_pull_has(j, &seen, 12, "a finding is not complete"))
		return;
	if (!check_id(f->check))
		(void)hp_pull_refuse(j, "a check's name is none");
	if (f->evidence_count == 0 && f->state <= HP_PENDING_REBOOT)
		(void)hp_pull_refuse(j, "a finding has no evidence");
}

void hp_report_findings(struct hp_pull *j, struct hp_report *r, struct hp_counts *ret_counted)
{
	struct hp_finding *findings = NULL;
	if (!hp_pull_open(j, '['))
		return;
	while (hp_pull_item(j)) {
		if (r->finding_count == FINDINGS_MAX) {
			(void)hp_pull_refuse(j, "it has more than 4096 findings");
			return;
		}
		findings = hp_room(j->arena, findings, r->finding_count, sizeof *findings);
		struct hp_finding *f = &findings[r->finding_count];
		read_finding(j, f);
		if (j->trouble)
			return;
		ret_counted->n[f->waived ? HP_WAIVED : (unsigned)f->state]++;
		r->finding_count++;
	}
	r->findings = findings;
}

static void read_result(struct hp_pull *j, struct hp_change *c)
{
	struct hp_str text;
	if (hp_pull_string(j, &text) && !hp_result_find(text, &c->result))
		(void)hp_pull_refuse(j, "a result is not known");
}

void hp_report_changes(struct hp_pull *j, struct hp_report *r)
{
	struct hp_change *changes = NULL;
	struct hp_str key;
	if (!hp_pull_open(j, '['))
		return;
	while (hp_pull_item(j)) {
		struct hp_change c = {0};
		const struct hp_pull_text_member texts[] = {
		    {"check", &c.check, true}, {"subject", &c.subject, true},  {"from", &c.from, false},
		    {"to", &c.to, false},      {"command", &c.command, false}, {"setting", &c.setting, false},
		    {"now", &c.now, false},    {"diff", &c.diff, false},       {"disturbs", &c.disturbs, false},
		    {"text", &c.text, false}};
		struct hp_seen seen = {0};
		if (!hp_pull_open(j, '{'))
			return;
		while (hp_pull_member(j, &key)) {
			if (hp_pull_one_of(j, key, texts, 10, &seen))
				continue;
			if (hp_pull_is(j, key, "result", &seen, 10))
				read_result(j, &c);
			else if (hp_pull_is(j, key, "reboot", &seen, 11))
				hp_report_reboot_kind(j, &c.reboot);
			else
				(void)hp_pull_skip(j);
		}
		seen.bits |= 0x3e0; /* from "setting" to "text": more than is promised */
		if (!hp_pull_has(j, &seen, 11, "a change is not complete"))
			return;
		changes = hp_room(j->arena, changes, r->change_count, sizeof c);
		changes[r->change_count++] = c;
	}
	r->changes = changes;
}
