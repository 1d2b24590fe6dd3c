#include "report.h"

bool hp_report_counts(const struct hp_report *r, const struct hp_finding *f)
{
	return f->severity != HP_INFO && f->severity <= r->fail_on;
}

void hp_report_error(struct hp_arena *a, struct hp_report *r, const char *where, const char *text)
{
	r->errors = hp_grow(a, r->errors, r->error_count, r->error_count + 1, sizeof *r->errors);
	r->errors[r->error_count++] = (struct hp_trouble){where, text};
}

static void conclude_reboot(struct hp_arena *a, struct hp_report *r)
{
	bool blind = r->finding_count == 0;
	r->reboot.reasons = hp_alloc_array(a, r->finding_count + 1, sizeof *r->reboot.reasons);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		if (!hp_report_counts(r, f))
			continue;
		if (f->state == HP_PENDING_REBOOT) {
			r->reboot.reasons[r->reboot.count++] = (struct hp_reason){f->check, f->subject, f->text};
			if (f->remedy.reboot > r->reboot.kind)
				r->reboot.kind = f->remedy.reboot;
		}
		blind = blind || ((f->state == HP_UNKNOWN || f->state == HP_SKIPPED) && f->has_next);
	}
	r->reboot.required = r->reboot.count ? HP_NEEDED : blind ? HP_CANNOT_TELL : HP_NOT_NEEDED;
}

void hp_report_conclude(struct hp_arena *a, struct hp_report *r)
{
	bool fails = false, unknown = false, pending = false;
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		r->summary[f->state]++;
		if (!hp_report_counts(r, f))
			continue;
		fails = fails || f->state == HP_FAIL || f->state == HP_REGRESSING;
		unknown = unknown || f->state == HP_UNKNOWN;
		pending = pending || f->state == HP_PENDING_REBOOT;
	}
	conclude_reboot(a, r);
	if (r->error_count) {
		r->verdict = "error";
		r->exit_code = HP_EXIT_NO_VERDICT;
	} else if (fails) {
		r->verdict = "non-compliant";
		r->exit_code = HP_EXIT_FAILS;
	} else if (unknown) {
		r->verdict = "unknown";
		r->exit_code = HP_EXIT_UNKNOWN;
	} else if (pending) {
		r->verdict = "reboot-pending";
		r->exit_code = HP_EXIT_REBOOT;
	} else {
		r->verdict = "compliant";
		r->exit_code = HP_EXIT_OK;
	}
}
