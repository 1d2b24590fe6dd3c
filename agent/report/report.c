#include "report.h"

#include <string.h>

bool hp_report_counts(const struct hp_report *r, const struct hp_finding *f)
{
	return !f->waived && f->severity != HP_INFO && f->severity <= r->fail_on;
}

static void put_trouble(struct hp_arena *a, struct hp_report *r, struct hp_trouble trouble)
{
	r->errors = hp_grow(a, r->errors, r->error_count, r->error_count + 1, sizeof *r->errors);
	r->errors[r->error_count++] = trouble;
}

void hp_report_error(struct hp_arena *a, struct hp_report *r, const char *where, const char *text)
{
	put_trouble(a, r, (struct hp_trouble){where, text, false});
}

void hp_report_stop(struct hp_arena *a, struct hp_report *r, const char *where, const char *text)
{
	put_trouble(a, r, (struct hp_trouble){where, text, true});
}

const char *hp_reboot_command(enum hp_reboot kind)
{
	return kind == HP_REBOOT_COLD ? "esxcli system shutdown poweroff -d 10 -r hostprep"
				      : "esxcli system shutdown reboot -d 10 -r hostprep";
}

static bool is_reason(const struct hp_report *r, const struct hp_change *c)
{
	for (size_t i = 0; i < r->reboot.count; i++)
		if (strcmp(r->reboot.reasons[i].check, c->check) == 0 &&
		    strcmp(r->reboot.reasons[i].subject, c->subject) == 0)
			return true;
	return false;
}

static void conclude_reboot(struct hp_arena *a, struct hp_report *r)
{
	bool blind = r->finding_count == 0;
	r->reboot.reasons = hp_alloc_array(a, r->finding_count + r->change_count + 1, sizeof *r->reboot.reasons);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		if (!hp_report_counts(r, f))
			continue;
		if (f->state == HP_PENDING_REBOOT || f->awaits_boot) {
			r->reboot.reasons[r->reboot.count++] = (struct hp_reason){f->check, f->subject, f->text};
			if (f->remedy.reboot > r->reboot.kind)
				r->reboot.kind = f->remedy.reboot;
		}
		blind = blind || ((f->state == HP_UNKNOWN || f->state == HP_SKIPPED) && f->has_next);
	}
	/* What an undo has put back is not what the policy wants, so no finding waits for the boot that brings it. */
	for (size_t i = 0; i < r->change_count && r->undo; i++) {
		const struct hp_change *c = &r->changes[i];
		if ((c->result != HP_UNDONE && c->result != HP_APPLIED) || c->reboot == HP_REBOOT_NONE ||
		    is_reason(r, c))
			continue;
		r->reboot.reasons[r->reboot.count++] = (struct hp_reason){
		    c->check, c->subject, hp_format(a, "%s is %s again after the next boot.", c->setting, c->to)};
		if (c->reboot > r->reboot.kind)
			r->reboot.kind = c->reboot;
	}
	r->reboot.required = r->reboot.count ? HP_NEEDED : blind ? HP_CANNOT_TELL : HP_NOT_NEEDED;
}

int hp_report_changes_exit(const struct hp_report *r)
{
	bool unread = false;
	for (size_t i = 0; i < r->error_count; i++)
		if (r->errors[i].stop)
			return HP_EXIT_FAILS;
	for (size_t i = 0; i < r->change_count; i++) {
		enum hp_result result = r->changes[i].result;
		if (result == HP_PLANNED || result == HP_FAILED || result == HP_INEFFECTIVE)
			return HP_EXIT_FAILS;
		unread = unread || result == HP_APPLIED;
	}
	return unread ? HP_EXIT_UNKNOWN : HP_EXIT_OK;
}

static int worse(int x, int y)
{
	static const int order[] = {HP_EXIT_OK, HP_EXIT_REBOOT, HP_EXIT_UNKNOWN, HP_EXIT_FAILS, HP_EXIT_NO_VERDICT};
	for (size_t i = sizeof order / sizeof order[0]; i-- > 0;)
		if (x == order[i] || y == order[i])
			return order[i];
	return x;
}

void hp_report_conclude(struct hp_arena *a, struct hp_report *r)
{
	bool fails = false, unknown = false, pending = false, broken = false;
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct hp_finding *f = &r->findings[i];
		r->summary[f->state]++;
		if (!hp_report_counts(r, f))
			continue;
		fails = fails || f->state == HP_FAIL || f->state == HP_REGRESSING;
		unknown = unknown || f->state == HP_UNKNOWN;
		pending = pending || f->state == HP_PENDING_REBOOT;
	}
	for (size_t i = 0; i < r->error_count; i++)
		broken = broken || !r->errors[i].stop;
	conclude_reboot(a, r);
	if (broken) {
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
	if (r->undo && !broken)
		r->exit_code = r->reboot.required == HP_NEEDED ? HP_EXIT_REBOOT : HP_EXIT_OK;
	r->exit_code = worse(r->exit_code, hp_report_changes_exit(r));
}
