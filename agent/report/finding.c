#include "finding.h"

static const char *const states[HP_STATES] = {"pass",	 "fail",	   "regressing", "pending-reboot",
					      "unknown", "not-applicable", "skipped"};
static const char *const severities[HP_SEVERITIES] = {"blocker", "major", "minor", "info"};
static const char *const reboots[HP_REBOOTS] = {"none", "any", "full", "cold"};

static const char *const setters[HP_SETTERS] = {"nothing", "kernel", "hca", "passthru-map", "bios"};

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

const char *hp_setter_word(enum hp_setter by)
{
	return setters[by];
}

bool hp_setter_find(struct hp_str word, enum hp_setter *ret)
{
	for (int i = HP_SET_KERNEL; i < HP_SETTERS; i++) {
		if (!hp_str_eq(word, setters[i]))
			continue;
		*ret = (enum hp_setter)i;
		return true;
	}
	return false;
}

bool hp_reboot_find(struct hp_str word, enum hp_reboot *ret)
{
	for (int i = 0; i < HP_REBOOTS; i++) {
		if (!hp_str_eq(word, reboots[i]))
			continue;
		*ret = (enum hp_reboot)i;
		return true;
	}
	return false;
}
