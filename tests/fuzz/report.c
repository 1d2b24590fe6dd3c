/* A host's report out of JSON, with jansson as the judge of what is JSON: both take it or both refuse it, and the texts
 * that are read are those that jansson reads. A report that is cut is never taken. */
#include <string.h>

#include "../../agent/base/json.h"
#include "../../agent/fleet/json_pull.h"
#include "../../agent/fleet/report_read.h"
#include "fuzz.h"

/* What jansson refuses for its own reasons: numbers that are too large for it. */
static bool numbers_too_large(const json_error_t *error)
{
	enum json_error_code code = json_error_code(error);
	return code == json_error_numeric_overflow;
}

static void judge_json(struct hp_arena *a, struct hp_str input)
{
	json_error_t error;
	struct hp_str compact;
	struct hp_pull j = hp_pull(a, input);
	bool ours = hp_pull_skip(&j) && hp_pull_end(&j);
	hp_json_use(a);
	json_t *theirs = json_loadb(input.p ? input.p : "", input.n, JSON_DECODE_ANY, &error);
	if (ours != (theirs != NULL)) {
		struct hp_err err;
		(void)hp_pull_fail(&j, &err);
		/* jansson takes a NUL between tokens for the end of the text, and nests deeper. */
		MUST(ours ? numbers_too_large(&error)
			  : strstr(err.text, "nested") || memchr(input.p, 0, input.n) != NULL);
		return;
	}
	if (!ours)
		return;
	compact = hp_json_compact(a, input);
	json_t *again = json_loadb(compact.p, compact.n, JSON_DECODE_ANY, &error);
	MUST(again && json_equal(theirs, again));
}

static bool same(const json_t *o, const char *name, const char *text)
{
	const char *theirs = json_string_value(json_object_get(o, name));
	return theirs && text ? strcmp(theirs, text) == 0 : !theirs && !text;
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_report r = {0};
	struct hp_err err = {""};
	judge_json(a, input);
	if (hp_report_read(a, input, &r, &err) < 0) {
		MUST(err.text[0] && fuzz_one_line(err.text));
		return;
	}
	const json_t *root = json_loadb(input.p, input.n, 0, NULL), *findings = json_object_get(root, "findings");
	MUST(root && same(root, "verdict", r.verdict) && json_array_size(findings) == r.finding_count);
	for (size_t i = 0; i < r.finding_count; i++) {
		const json_t *f = json_array_get(findings, i);
		MUST(same(f, "check", r.findings[i].check) && same(f, "now", r.findings[i].now) &&
		     same(f, "state", hp_state_word(r.findings[i].state)));
		MUST(r.findings[i].state > HP_PENDING_REBOOT || r.findings[i].evidence_count > 0);
	}
	struct hp_str whole = hp_str_trim(input);
	for (size_t n = whole.n - 1, tried = 0; n && tried<64; n -= n> 97 ? 97 : n, tried++)
		MUST(hp_report_read(a, hp_str_sub(whole, 0, n), &r, &err) < 0);
}
