/* Judge: facts and policy in, findings out. Pure. */
#ifndef HP_ENGINE_JUDGE_H
#define HP_ENGINE_JUDGE_H

#include "gather.h"
#include "checks.h"
#include "policy.h"

struct hp_findings {
	struct hp_finding *items; /* by check, then subject */
	size_t count;
};

void hp_judge_all(struct hp_arena *a, const struct hp_facts *facts, const struct hp_policy *policy,
		  const struct hp_selection *selection, struct hp_findings *ret);

#endif
