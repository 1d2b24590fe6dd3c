/* Attributes of the BIOS, set over Redfish: a PATCH of the settings object, which the BMC applies at the next reset.
 * Pure. Nothing here resets the machine.
 *
 * All attributes of a run go into one PATCH, because an iDRAC takes no second one while the job of the first waits:
 *
 *     POST SESSIONS                           the door puts user and password in
 *     PATCH SETTINGS                          {"@Redfish.SettingsApplyTime": {"ApplyTime": "OnReset"}, "Attributes":
 * {...}} POST JOBS                               Dell, where the PATCH has made no job: {"TargetSettingsURI": SETTINGS}
 *     DELETE the session
 *
 * The annotation is sent only where the BIOS says that it takes OnReset (SupportedApplyTimes); the others apply what is
 * pending at a reset anyhow. If-Match is not sent.
 *
 * Sources: DMTF DSP0266 (settings resources), dell/iDRAC-Redfish-Scripting (SetBiosAttributesREDFISH.py), and the
 * answers noted in docs/tools/redfish.md.
 */
#ifndef HP_TOOLS_BIOS_SET_H
#define HP_TOOLS_BIOS_SET_H

#include "set.h"
#include "tool.h"

#define HP_BIOS_ANSWER_CAP ((size_t)64 << 10) /* bytes; a refusal with a message for each attribute is a few KiB */

/* Where the settings are, of the facts (redfish.h). */
struct hp_bios_way {
	const char *origin, *sessions, *settings;
	const char *jobs; /* NULL: no job is needed */
	bool on_reset;
};

struct hp_bios_setting {
	const char *name, *value; /* the value as JSON: "\"Enabled\"", "120", "true" */
};

/* NULL: the facts do not say it. */
struct hp_bios_way *hp_bios_way(struct hp_arena *a, const struct hp_facts *facts);
/* A value as JSON, of the kind that the attribute has now; NULL and why when it cannot be written, or not be put back.
 */
const char *hp_bios_value(struct hp_arena *a, const struct hp_facts *facts, const char *name, const char *value,
			  const char **ret_why);
/* Letters in either case. */
bool hp_bios_same(const char *one, const char *other);
/* PATCH PATH {"Attributes": {"NAME": VALUE}} */
const char *hp_bios_text(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bios_setting *setting);

/* bmc: one and the same for all calls of a run. */
struct hp_call *hp_bios_login(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bmc *bmc);
/* The session's path. NULL: there is none, and ret says why; *ret_refused: user and password are wrong. */
const char *hp_bios_login_read(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_call *call,
			       const struct hp_reply *reply, struct hp_set_answer *ret, bool *ret_refused);
struct hp_call *hp_bios_patch(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bmc *bmc,
			      const struct hp_bios_setting *settings, size_t count);
/* 2xx is DONE; *ret_job: a job is still to be made. 3xx and 4xx are REFUSED, all else is UNCLEAR. */
void hp_bios_patch_read(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_call *call,
			const struct hp_reply *reply, struct hp_set_answer *ret, bool *ret_job);
struct hp_call *hp_bios_job(struct hp_arena *a, const struct hp_bios_way *way, const struct hp_bmc *bmc);
/* That one waits already is DONE. */
void hp_bios_job_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
		      struct hp_set_answer *ret);
struct hp_call *hp_bios_logout(struct hp_arena *a, const struct hp_bmc *bmc, const char *session);

#endif
