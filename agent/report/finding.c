#include "finding.h"

static const char *const states[HP_STATES] = {"pass",	 "fail",	   "regressing", "pending-reboot",
					      "unknown", "not-applicable", "skipped"};
static const char *const severities[HP_SEVERITIES] = {"blocker", "major", "minor", "info"};
static const char *const reboots[HP_REBOOTS] = {"none", "any", "full", "cold"};

const char *hp_state_word(enum hp_state state)
{
	return states[state];
}

const char *hp_severity_word(enum hp_severity severity)
{
	return severities[severity];
}

const char *hp_reboot_word(enum hp_reboot reboot)
{
	return reboots[reboot];
}

bool hp_severity_find(struct hp_str word, enum hp_severity *ret)
{
	for (int i = 0; i < HP_SEVERITIES; i++) {
		if (!hp_str_eq(word, severities[i]))
			continue;
		*ret = (enum hp_severity)i;
		return true;
	}
	return false;
}
