#include "row.h"

#include <string.h>

static const char *const words[HP_ROW_STATES] = {
    [HP_ROW_OK] = "ok",
    [HP_ROW_REFUSED] = "refused",
    [HP_ROW_UNREACHABLE] = "unreachable",
    [HP_ROW_AUTH] = "auth",
    [HP_ROW_HOSTKEY] = "hostkey",
    [HP_ROW_DNS] = "dns",
    [HP_ROW_TIMEOUT] = "timeout",
    [HP_ROW_NO_AGENT] = "no-agent",
    [HP_ROW_BAD_OUTPUT] = "bad-output",
    [HP_ROW_DUPLICATE] = "duplicate",
};

const char *hp_row_state_word(enum hp_row_state state)
{
	return words[state];
}

bool hp_row_state_find(struct hp_str word, enum hp_row_state *ret)
{
	for (size_t i = 0; i < HP_ROW_STATES; i++) {
		if (hp_str_eq(word, words[i])) {
			*ret = (enum hp_row_state)i;
			return true;
		}
	}
	return false;
}

bool hp_report_judged(const struct hp_report *r)
{
	return r->summary[HP_PASS] || r->summary[HP_FAIL] || r->summary[HP_REGRESSING] ||
	       r->summary[HP_PENDING_REBOOT] || r->summary[HP_UNKNOWN];
}

enum hp_severity hp_finding_weight(const struct hp_finding *f)
{
	return f->waived ? HP_INFO : f->severity;
}

int hp_verdict_exit(const char *verdict)
{
	for (int code = HP_EXIT_OK; code <= HP_EXIT_REBOOT; code++)
		if (strcmp(verdict, hp_fleet_verdict(code)) == 0)
			return code;
	return -1;
}

bool hp_row_no_verdict(const struct hp_row *row)
{
	const struct hp_report *r = row->report;
	return row->state == HP_ROW_OK && r &&
	       ((r->verdict && hp_verdict_exit(r->verdict) == HP_EXIT_NO_VERDICT) || !hp_report_judged(r) ||
		(row->rc > 0 && row->rc != r->exit_code));
}

int hp_row_exit(const struct hp_row *row)
{
	const struct hp_report *r = row->report;
	if (row->state != HP_ROW_OK || !r)
		return HP_EXIT_UNKNOWN;
	int verdict = r->verdict ? hp_verdict_exit(r->verdict) : r->exit_code;
	if (verdict == HP_EXIT_NO_VERDICT || (r->exit_code != HP_EXIT_OK && r->exit_code != HP_EXIT_FAILS &&
					      r->exit_code != HP_EXIT_UNKNOWN && r->exit_code != HP_EXIT_REBOOT))
		return HP_EXIT_UNKNOWN; /* a run without a verdict says nothing about its host */
	int code = hp_worse_exit(r->exit_code, verdict);
	if (code == HP_EXIT_OK && !r->complete && !r->selection.only && !r->selection.skip && !r->selection.tag)
		return HP_EXIT_UNKNOWN; /* it was ended early: who knows by what */
	return hp_row_no_verdict(row) ? hp_worse_exit(code, HP_EXIT_UNKNOWN) : code;
}

int hp_worse_exit(int a, int b)
{
	static const int worst_first[] = {HP_EXIT_NO_VERDICT, HP_EXIT_FAILS, HP_EXIT_UNKNOWN, HP_EXIT_REBOOT};
	for (size_t i = 0; i < sizeof worst_first / sizeof worst_first[0]; i++)
		if (a == worst_first[i] || b == worst_first[i])
			return worst_first[i];
	return HP_EXIT_OK;
}

const char *hp_fleet_verdict(int exit_code)
{
	switch (exit_code) {
	case HP_EXIT_OK:
		return "compliant";
	case HP_EXIT_FAILS:
		return "non-compliant";
	case HP_EXIT_UNKNOWN:
		return "unknown";
	case HP_EXIT_REBOOT:
		return "reboot-pending";
	default:
		return "error";
	}
}

bool hp_uuid_usable(const char *uuid)
{
	return uuid && strspn(uuid, "0-") != strlen(uuid) && strspn(uuid, "fF-") != strlen(uuid);
}

struct hp_str hp_uuid_plain(const char *uuid, char room[HP_UUID_ROOM])
{
	size_t digits = 0, n = 0, dashes = 0;
	for (const char *p = uuid; *p; p++)
		digits += *p != '-';
	for (const char *p = uuid; *p && n + 1 < HP_UUID_ROOM; p++) {
		if (*p == '-')
			continue;
		size_t at = n - dashes;
		if (digits == 32 && (at == 8 || at == 12 || at == 16 || at == 20)) {
			room[n++] = '-';
			dashes++;
		}
		room[n++] = hp_lower(*p);
	}
	return (struct hp_str){room, n};
}
