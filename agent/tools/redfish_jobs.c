/* Jobs of an iDRAC. A value that is pending is applied by a reset only if a job says so; one that somebody has left
 * behind without a job is no evidence of what the next reset brings.
 *
 * Source: iDRAC9 Redfish API (DellJob: JobType, JobState); dell/iDRAC-Redfish-Scripting, GetIdracJobQueueREDFISH.py.
 */
#include <string.h>

#include "../base/json.h"
#include "redfish.h"

#define JOBS_MOST 16u /* that are asked for one by one: the latest */

const char *hp_rf_jobs_path(struct hp_redfish *r, const json_t *system)
{
	const json_t *links = json_object_get(system, "Links");
	const char *manager = hp_rf_link(r, json_array_get(json_object_get(links, "ManagedBy"), 0), NULL);
	if (!hp_rf_glob(r->asking->arena, "*dell*", r->maker))
		return NULL;
	if (!manager)
		manager = "/redfish/v1/Managers/iDRAC.Embedded.1";
	return hp_format(r->asking->arena, "%s/Oem/Dell/Jobs", manager);
}

static bool is_attribute(const struct hp_fact *f)
{
	return strcmp(f->subject, HP_HOST) == 0 && strncmp(f->name, "bios.", 5) == 0;
}

static bool differs(const struct hp_fact *f)
{
	return f->now.is == HP_PRESENT && f->next.is == HP_PRESENT && strcmp(f->now.text, f->next.text) != 0;
}

bool hp_rf_is_pending(const struct hp_redfish *r)
{
	const struct hp_facts *facts = r->asking->facts;
	for (size_t i = 0; i < facts->count; i++)
		if (is_attribute(facts->facts[i]) && differs(facts->facts[i]))
			return true;
	return false;
}

/* A state that is not known may still become one in which it is applied. */
static bool is_done(const char *state)
{
	static const char *const states[] = {"Completed", "CompletedWithErrors", "Failed", "RebootCompleted",
					     "RebootFailed"};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

static bool read_state(struct hp_redfish *r, const json_t *job)
{
	const char *type = hp_rf_text(job, "JobType"), *state = hp_rf_text(job, "JobState");
	if (!type || !state)
		return false;
	r->job_waits = r->job_waits || (hp_rf_glob(r->asking->arena, "*bios*", type) && !is_done(state));
	return true;
}

void hp_rf_read_jobs(struct hp_redfish *r, const json_t *collection)
{
	const json_t *members = json_object_get(collection, "Members");
	size_t n = json_array_size(members);
	json_int_t count = json_integer_value(json_object_get(collection, "Members@odata.count"));
	r->jobs_listed =
	    json_is_array(members) && !json_object_get(collection, "Members@odata.nextLink") && count <= (json_int_t)n;
	for (size_t i = 0; i < n; i++) {
		const json_t *m = json_array_get(members, i);
		if (read_state(r, m))
			continue;
		r->jobs_left++;
		if (i + JOBS_MOST >= n)
			hp_rf_want(r, HP_RF_JOB, hp_rf_link(r, m, NULL), NULL);
	}
}

void hp_rf_read_job(struct hp_redfish *r, const json_t *job)
{
	if (read_state(r, job) && r->jobs_left)
		r->jobs_left--;
}

void hp_rf_conclude_jobs(struct hp_redfish *r)
{
	struct hp_facts *facts = r->asking->facts;
	if (!r->jobs_listed || r->jobs_left || r->job_waits)
		return;
	for (size_t i = 0; i < facts->count; i++) {
		struct hp_fact *f = facts->facts[i];
		if (!is_attribute(f) || !differs(f))
			continue;
		const char *name = hp_format(r->asking->arena, "bios-staged.%s", f->name + 5);
		struct hp_value pending = f->next;
		f->next = f->now;
		hp_fact_put(facts, HP_HOST, name)->now = pending;
	}
}
