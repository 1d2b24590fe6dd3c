/* Policies: a refused one says where, an accepted one holds nothing out of bounds. */
#include <string.h>

#include "../../agent/base/num.h"
#include "../../agent/engine/checks.h"
#include "../../agent/engine/policy.h"
#include "fuzz.h"

static bool one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

static void judge_want(const struct hp_check *check, const char *want)
{
	static const char *const bools[] = {"TRUE", "FALSE", NULL}, *const bits[] = {"0", "1", NULL},
				 *const methods[] = {"flr", "d3d0", "link", "bridge", NULL};
	struct hp_str rest = hp_str(want), version, build, more;
	struct hp_version v;
	uint64_t n;
	switch (check->want_kind) {
	case HP_WANT_NONE:
		MUST(want == check->want);
		break;
	case HP_WANT_BOOL:
		MUST(one_of(want, bools));
		break;
	case HP_WANT_BIT:
		MUST(one_of(want, bits));
		break;
	case HP_WANT_RESET_METHOD:
		MUST(one_of(want, methods));
		break;
	case HP_WANT_RELEASE:
		MUST(hp_next_word(&rest, &version) && hp_next_word(&rest, &build) && !hp_next_word(&rest, &more));
		MUST(hp_version(version, &v) && hp_number(build, 10, UINT32_MAX, &n));
		MUST(fuzz_one_line(want));
		break;
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_policy p;
	struct hp_err err = {""};
	MUST(hp_policy_builtin(a, &p, &err) == 0);
	if (hp_policy_overlay(a, input, "site.yaml", &p, &err) < 0) {
		MUST(fuzz_placed(err.text, "site.yaml", true) && fuzz_utf8(hp_str(err.text)));
		return;
	}
	MUST(fuzz_one_line(p.name) && strlen(p.name) <= 80 && fuzz_utf8(hp_str(p.name)));
	MUST(strcmp(p.source, "site.yaml") == 0 && strlen(p.sha256) == 64 && hp_str_same(p.bytes, input));
	MUST(p.gpus >= -1 && p.gpus <= 256 && p.nvswitches >= -1 && p.nvswitches <= 256 && p.hcas >= -1 &&
	     p.hcas <= 256);
	MUST(p.call_s >= 1 && p.call_s <= 86400 && p.run_s >= 1 && p.run_s <= 86400);
	MUST(p.ask.hca_ids && p.ask.hca_id_count >= 1);
	MUST(p.ask.mft_query == HP_MFT_ALWAYS || p.ask.mft_query == HP_MFT_IDLE || p.ask.mft_query == HP_MFT_NEVER);
	for (size_t i = 0; hp_checks[i]; i++) {
		judge_want(hp_checks[i], p.want[i]);
		MUST(p.severity[i] >= HP_BLOCKER && p.severity[i] <= HP_INFO);
	}
}
