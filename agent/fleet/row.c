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

int hp_row_exit(const struct hp_row *row)
{
	if (row->state != HP_ROW_OK || !row->report)
		return HP_EXIT_UNKNOWN;
	switch (row->report->exit_code) {
	case HP_EXIT_FAILS:
		return HP_EXIT_FAILS;
	case HP_EXIT_OK:
	case HP_EXIT_REBOOT:
		return row->report->finding_count ? row->report->exit_code : HP_EXIT_UNKNOWN;
	default: /* a run without a verdict says nothing about its host */
		return HP_EXIT_UNKNOWN;
	}
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
