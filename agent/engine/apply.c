#include "apply.h"

#include <errno.h>
#include <string.h>

#include "../io/clock.h"
#include "../io/file.h"
#include "gather.h"

struct hp_reply hp_door_ask(struct hp_door *door, const struct hp_call *call)
{
	struct hp_reply reply = {.end = HP_END_CANCELLED};
	unsigned id;
	door->submit(door, call, 0);
	(void)door->wait(door, &id, &reply);
	return reply;
}

static void tell(struct hp_apply *ap, const char *text)
{
	if (ap->telling)
		ap->telling(ap->context, text);
}

/* The syslog is for those who ask later who changed the host; that it takes no line stops nothing. */
static void audit(struct hp_apply *ap, const struct hp_step *s, const char *from, const char *to)
{
	struct hp_arena *a = ap->arena;
	const char *what = s->by == HP_SET_HCA	  ? hp_format(a, "%s %s", s->target, s->setting)
			   : s->by == HP_SET_BIOS ? hp_format(a, "BIOS %s", s->setting)
						  : s->setting;
	const char *text = hp_format(a, "%s: %s -> %s at the next boot", what, from, to);
	tell(ap, text);
	(void)hp_door_ask(ap->door, hp_audit(a, hp_format(a, "run %s: %s", ap->journal->run, text)));
}

static const char *backup_name(struct hp_apply *ap)
{
	return hp_format(ap->arena, "%s.passthru.map", ap->journal->run);
}

static struct hp_set_answer edit_answer(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply)
{
	struct hp_set_answer answer = {.end = HP_SET_DONE};
	const char *why = hp_reply_end_trouble(a, call, reply);
	if (!why)
		return answer;
	answer.end = reply->end == HP_END_DAMAGED ? HP_SET_UNCLEAR : HP_SET_REFUSED;
	answer.why = hp_format(a, "/%s %s", call->path, why);
	return answer;
}

static struct hp_set_answer edit(struct hp_apply *ap, struct hp_str was, struct hp_str becomes)
{
	struct hp_call *call = hp_alloc(ap->arena, sizeof *call);
	*call = (struct hp_call){.kind = HP_CALL_EDIT,
				 .path = HP_MAP_PATH,
				 .was = was,
				 .becomes = becomes,
				 .cap = HP_CAP_SMALL,
				 .writes = true};
	struct hp_reply reply = hp_door_ask(ap->door, call);
	ap->too_late = ap->too_late || reply.end == HP_END_CANCELLED;
	return edit_answer(ap->arena, call, &reply);
}

static struct hp_set_answer set_kernel(struct hp_apply *ap, const char *name, const char *value)
{
	struct hp_set_answer answer = {.end = HP_SET_UNCLEAR};
	struct hp_call *call = hp_kernel_set(ap->arena, name, value);
	struct hp_reply reply = hp_door_ask(ap->door, call);
	ap->too_late = ap->too_late || reply.end == HP_END_CANCELLED;
	hp_kernel_set_read(ap->arena, call, &reply, &answer);
	answer.exit_zero = reply.end == HP_END_EXIT && reply.code == 0;
	return answer;
}

static struct hp_set_answer set_hca(struct hp_apply *ap, const struct hp_step *s)
{
	static const unsigned delays_ms[HP_BUSY_TRIES] = {0, 1000, 3000, 9000};
	struct hp_set_answer answer = {.end = HP_SET_BUSY};
	for (int i = 0; i < HP_BUSY_TRIES && answer.end == HP_SET_BUSY; i++) {
		struct hp_call *call = hp_mlx_set(ap->arena, s->device, s->setting, s->to);
		call->delay_ms = delays_ms[i];
		if (i && ap->interrupted && ap->interrupted())
			break;
		struct hp_reply reply = hp_door_ask(ap->door, call);
		ap->too_late = ap->too_late || reply.end == HP_END_CANCELLED;
		hp_mlx_set_read(ap->arena, call, &reply, s->device, &answer);
		answer.exit_zero = reply.end == HP_END_EXIT && reply.code == 0;
	}
	return answer;
}

static const char *journal_trouble(struct hp_apply *ap)
{
	return hp_format(ap->arena, "%s/%s cannot be written: %s. Nothing is written that could not be undone.",
			 ap->journal->shown, HP_LEDGER_FILE, strerror(ap->journal->trouble));
}

/* What must be there before the write: the journal's line and the backup, in this order, so that there is no backup
 * that no line names. False when the write must not be made. */
static bool prepare(struct hp_apply *ap, struct hp_plan *plan, size_t i)
{
	const struct hp_step *s = &plan->steps[i];
	struct hp_journal *j = ap->journal;
	const char *backup = s->by == HP_SET_MAP ? backup_name(ap) : NULL;
	hp_journal_set(j, plan, i, backup);
	if (backup && !j->trouble) {
		int code = hp_file_renew(ap->arena, j->folder, backup, s->was);
		if (code)
			hp_journal_result(j, s); /* still planned: it was not begun */
		j->trouble = j->trouble ? j->trouble : code;
	}
	return !j->trouble;
}

static void was_too_late(struct hp_apply *ap, struct hp_step *s)
{
	ap->stopped = "The run's time (--deadline) was up: no further change was begun.";
	s->begun = false;
	hp_journal_result(ap->journal, s);
}

static void take_answer(struct hp_apply *ap, struct hp_step *s)
{
	if (s->answer.power_cycle)
		s->reboot = HP_REBOOT_COLD;
	s->result = s->answer.end == HP_SET_DONE ? HP_APPLIED : HP_FAILED; /* until it is read back */
	s->text = s->answer.why;
	hp_journal_answer(ap->journal, s);
}

static void make(struct hp_apply *ap, struct hp_plan *plan, size_t i)
{
	struct hp_step *s = &plan->steps[i];
	if (!prepare(ap, plan, i)) {
		ap->stopped = journal_trouble(ap);
		return;
	}
	audit(ap, s, s->from, s->to);
	s->begun = true;
	s->answer = s->by == HP_SET_MAP	     ? edit(ap, s->was, s->becomes)
		    : s->by == HP_SET_KERNEL ? set_kernel(ap, s->setting, s->to)
					     : set_hca(ap, s);
	if (ap->too_late) { /* a call that writes is cancelled only before it is started */
		was_too_late(ap, s);
		return;
	}
	take_answer(ap, s);
}

/* PATCH, and the job where one is needed; one session for both. */
static struct hp_set_answer set_bios(struct hp_apply *ap, const struct hp_bios_way *way,
				     const struct hp_bios_setting *settings, size_t count)
{
	struct hp_arena *a = ap->arena;
	struct hp_set_answer answer = {.end = HP_SET_REFUSED};
	struct hp_bmc *bmc = hp_alloc(a, sizeof *bmc);
	*bmc = *ap->bmc;
	bmc->origin = way->origin;
	struct hp_call *call = hp_bios_login(a, way, bmc);
	struct hp_reply reply = hp_door_ask(ap->door, call);
	bool job;
	ap->too_late = reply.end == HP_END_CANCELLED;
	const char *session = hp_bios_login_read(a, way, call, &reply, &answer, &ap->login_refused);
	if (!session)
		return answer;
	call = hp_bios_patch(a, way, bmc, settings, count);
	reply = hp_door_ask(ap->door, call);
	ap->too_late = reply.end == HP_END_CANCELLED;
	hp_bios_patch_read(a, way, call, &reply, &answer, &job);
	if (job) {
		call = hp_bios_job(a, way, bmc);
		reply = hp_door_ask(ap->door, call);
		hp_bios_job_read(a, call, &reply, &answer);
	}
	(void)hp_door_ask(ap->door, hp_bios_logout(a, bmc, session)); /* else the door ends it */
	return answer;
}

/* The attributes of the BIOS, from step i to the plan's end: one request for all of them. */
static void make_bios(struct hp_apply *ap, struct hp_plan *plan, size_t i)
{
	size_t first = i, count = plan->count - i;
	struct hp_bios_setting *settings = hp_alloc_array(ap->arena, count, sizeof *settings);
	for (; i < plan->count; i++) {
		const struct hp_step *s = &plan->steps[i];
		if (!prepare(ap, plan, i)) {
			ap->stopped = journal_trouble(ap);
			return;
		}
		settings[i - first] = (struct hp_bios_setting){s->setting, s->json};
	}
	for (i = first; i < plan->count; i++) {
		audit(ap, &plan->steps[i], plan->steps[i].from, plan->steps[i].to);
		plan->steps[i].begun = true;
	}
	struct hp_set_answer answer = set_bios(ap, plan->steps[first].way, settings, count);
	for (i = first; i < plan->count; i++) {
		plan->steps[i].answer = answer;
		if (ap->too_late)
			was_too_late(ap, &plan->steps[i]);
		else
			take_answer(ap, &plan->steps[i]);
	}
}

static bool kept_by_esx(const struct hp_step *s)
{
	return s->by == HP_SET_KERNEL || s->by == HP_SET_MAP;
}

/* Not knowing what it was is no evidence that it is another. */
static bool is_renewed(const struct hp_facts *facts, const char *fact, const char *before)
{
	const char *now = hp_fact_text(facts, HP_HOST, fact);
	return now && before && strcmp(before, now) != 0;
}

/* What came of archiving: per kind of step NULL, or why it would not outlive the boot. */
struct archived {
	const char *kernel, *map;
	bool unknown; /* it could not be seen: no reason to put anything back */
};

/* The map is in state.tgz, which takes it only if its marker is there. Kernel settings are in useropts.gz (6.7) or in
 * state.tgz (ConfigStore, 7.0U3 and later); without the marker state.tgz tells nothing of them. */
static struct archived judge_archive(struct hp_apply *ap, const struct hp_facts *facts)
{
	struct archived r = {NULL, NULL, false};
	const struct hp_fact *marker = hp_fact(facts, HP_HOST, "passthru-map-marker");
	const struct hp_fact *state = hp_fact(facts, HP_HOST, "state-tgz");
	bool renewed = is_renewed(facts, "state-tgz", ap->archive);
	bool unknown = !ap->archive || state->now.is == HP_NO_DATA;
	const char *same = unknown ? "it could not be seen whether /bootbank/state.tgz has taken it"
			   : state->now.is == HP_ABSENT ? "there is no /bootbank/state.tgz"
							: "/bootbank/state.tgz is the same as before";
	if (!renewed && !is_renewed(facts, "useropts-gz", ap->useropts) && marker->now.is != HP_ABSENT)
		r.kernel = same;
	if (marker->now.is == HP_ABSENT)
		r.map = "its marker /" HP_MAP_SHADOW " is not there, and ESX archives only files that have one";
	else if (marker->now.is != HP_PRESENT || !renewed)
		r.map = same;
	r.unknown = (unknown || marker->now.is == HP_NO_DATA) && marker->now.is != HP_ABSENT;
	return r;
}

static struct archived run_auto_backup(struct hp_apply *ap)
{
	static const char *const asks[] = {"archive", NULL};
	static const struct hp_ask_options none = {.mft_query = HP_MFT_NEVER};
	struct hp_arena *a = ap->arena;
	struct hp_call *call = hp_auto_backup(a);
	tell(ap, "running /sbin/auto-backup.sh");
	struct hp_reply reply = hp_door_ask(ap->door, call);
	if (reply.end != HP_END_EXIT || reply.code != 0) {
		const char *why = hp_format(a, "/sbin/auto-backup.sh %s", hp_reply_trouble(a, call, &reply));
		return (struct archived){why, why, false};
	}
	struct hp_gathered gathered = {.no_tools = false};
	hp_facts_init(&gathered.facts, a);
	hp_gather_asks(a, ap->door, asks, &none, &gathered);
	return judge_archive(ap, &gathered.facts);
}

static void put_back(struct hp_apply *ap, struct hp_step *s, const char *why)
{
	struct hp_arena *a = ap->arena;
	audit(ap, s, s->to, s->from);
	struct hp_set_answer answer =
	    s->by == HP_SET_MAP ? edit(ap, s->becomes, s->was) : set_kernel(ap, s->setting, s->from);
	s->result = HP_FAILED;
	s->settled = answer.end == HP_SET_DONE;
	if (s->settled) {
		s->text = hp_format(a, "It would not have outlived the boot, and was put back: %s.", why);
		hp_journal_result(ap->journal, s);
	} else {
		s->not_kept = hp_format(a, "%s; and it could not be put back: %s", why,
					answer.why ? answer.why : "it is not known why");
	}
}

/* Should the archive have taken what has just been put back, it now takes what there was before. */
static void archive_again(struct hp_apply *ap, struct hp_plan *plan)
{
	const struct hp_call *call = hp_auto_backup(ap->arena);
	struct hp_reply reply = hp_door_ask(ap->door, call);
	if (reply.end == HP_END_EXIT && reply.code == 0)
		return;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].settled)
			plan->steps[i].text =
			    hp_format(ap->arena,
				      "%s /sbin/auto-backup.sh failed after that too: the next boot may bring "
				      "either value.",
				      plan->steps[i].text);
}

/* Kernel settings and the map, once they are written: will they be there after the boot? A tool that said no may have
 * done it all the same. */
static void archive(struct hp_apply *ap, struct hp_plan *plan)
{
	bool any = false, back = false;
	for (size_t i = 0; i < plan->count; i++)
		any = any || (plan->steps[i].begun && kept_by_esx(&plan->steps[i]));
	struct archived done = {NULL, NULL, false};
	if (any)
		done = run_auto_backup(ap);
	for (size_t i = 0; i < plan->count && any; i++) {
		struct hp_step *s = &plan->steps[i];
		const char *why = s->by == HP_SET_MAP ? done.map : done.kernel;
		if (!s->begun || !kept_by_esx(s) || (!why && !ap->recovers))
			continue;
		hp_journal_kept(ap->journal, s, why);
		if (why && (ap->leave || done.unknown || s->answer.end == HP_SET_REFUSED))
			s->not_kept = why;
		else if (why)
			put_back(ap, s, why);
		back = back || s->settled;
	}
	if (back)
		archive_again(ap, plan);
}

void hp_apply_plan(struct hp_apply *ap, struct hp_plan *plan)
{
	bool archived = false;
	for (size_t i = 0; i < plan->count && !ap->stopped; i++) {
		int signal = ap->interrupted ? ap->interrupted() : 0;
		if (ap->begin_until_ms && hp_now_ms() >= ap->begin_until_ms) {
			ap->stopped = "The run's time (--deadline) was up: no further change was begun.";
			break;
		}
		if (signal) {
			ap->stopped =
			    hp_format(ap->arena, "Interrupted by signal %d: no further change was begun.", signal);
			break;
		}
		if (!kept_by_esx(&plan->steps[i]) && !archived) {
			archive(ap, plan);
			archived = true;
		}
		if (plan->steps[i].by == HP_SET_BIOS) {
			make_bios(ap, plan, i);
			break; /* they are the last */
		}
		make(ap, plan, i);
	}
	if (!archived)
		archive(ap, plan);
	hp_plan_settle(plan);
}

/* ---- after a run that was killed ---- */

/* A write that was torn leaves bytes of the one text and of the other, each in its place. */
static bool is_mixture(struct hp_str now, struct hp_str one, struct hp_str other)
{
	size_t least = one.n < other.n ? one.n : other.n, most = one.n < other.n ? other.n : one.n;
	if (now.n < least || now.n > most)
		return false;
	for (size_t i = 0; i < now.n; i++)
		if ((i >= one.n || now.p[i] != one.p[i]) && (i >= other.n || now.p[i] != other.p[i]))
			return false;
	return true;
}

static struct hp_map_edits inverse(struct hp_arena *a, const struct hp_map_edits *edits)
{
	struct hp_map_edits back = {.items = hp_alloc_array(a, edits->count + 1, sizeof *back.items),
				    .count = edits->count};
	for (size_t i = 0; i < edits->count; i++)
		back.items[i] =
		    (struct hp_map_edit){edits->items[i].line, edits->items[i].after, edits->items[i].before};
	return back;
}

/* Both texts of an edit that a killed run began: the backup, and what the journal says it was to become. */
static const char *both_texts(struct hp_apply *ap, const struct hp_ledger_step *journal, struct hp_step *s,
			      bool *ret_none)
{
	struct hp_arena *a = ap->arena;
	struct hp_map_edits back = inverse(a, &journal->edits), made;
	const char *path = hp_format(a, "%s/%s", ap->journal->folder, journal->backup ? journal->backup : "");
	*ret_none = false;
	if (!journal->backup || strchr(journal->backup, '/'))
		return "the journal names no backup";
	int code = hp_file_read(a, path, HP_CAP_SMALL, &s->was, NULL);
	*ret_none = code == ENOENT;
	if (code)
		return hp_format(a, "the backup %s cannot be read: %s", path, strerror(code));
	const char *why = hp_map_restore(a, s->was, &back, &made, &s->becomes);
	return why ? hp_format(a, "the backup %s is not what run %s has edited: %s", path, ap->journal->run, why)
		   : NULL;
}

static const char *recover_map(struct hp_apply *ap, const struct hp_facts *facts, const struct hp_ledger_step *journal,
			       struct hp_step *s)
{
	struct hp_arena *a = ap->arena;
	const struct hp_fact *file = hp_fact(facts, HP_HOST, "passthru-map");
	struct hp_str now = file->evidence[0].record;
	bool none;
	const char *why = both_texts(ap, journal, s, &none);
	if (why)
		return none ? NULL : why; /* the edit comes after its backup: it was not begun */
	if (!file->evidence[0].source || !now.p)
		return hp_format(a, "/%s cannot be read", HP_MAP_PATH);
	if (hp_str_same(now, s->was))
		return NULL;
	if (hp_str_same(now, s->becomes)) {
		s->begun = true;
		return NULL;
	}
	if (!is_mixture(now, s->was, s->becomes))
		return NULL; /* somebody has edited it since: it is theirs */
	audit(ap, s, "torn by a run that was killed", s->from);
	struct hp_set_answer answer = edit(ap, now, s->was);
	return answer.end == HP_SET_DONE ? NULL : answer.why;
}

const char *hp_apply_recover(struct hp_apply *ap, const struct hp_ledger_run *run, const struct hp_ask_options *options)
{
	static const char *const asks[] = {"kernel-settings", "passthru-map", "archive", NULL};
	struct hp_gathered gathered = {.no_tools = false};
	struct hp_plan plan = {.count = 0};
	hp_facts_init(&gathered.facts, ap->arena);
	hp_gather_asks(ap->arena, ap->door, asks, options, &gathered);
	for (size_t i = 0; i < run->step_count; i++) {
		const struct hp_ledger_step *journal = &run->steps[i];
		struct hp_step s = hp_ledger_step(journal);
		if ((journal->has_result && !journal->not_kept) || !kept_by_esx(&s))
			continue;
		if (s.by == HP_SET_MAP) {
			const char *why = recover_map(ap, &gathered.facts, journal, &s);
			if (why)
				return why;
		} else {
			struct hp_value next = hp_step_next(ap->arena, &gathered.facts, options, &s);
			const char *name = hp_format(ap->arena, "kernel.%s", s.setting);
			if (hp_fact_text(&gathered.facts, HP_HOST, "kernel") &&
			    !hp_fact_find(&gathered.facts, HP_HOST, name))
				continue; /* the release has no such setting any more */
			if (next.is != HP_PRESENT)
				return hp_format(ap->arena, "%s cannot be read: %s", s.setting,
						 next.why ? next.why : "it is not listed");
			s.begun = next.is == HP_PRESENT && strcmp(next.text, s.to) == 0;
		}
		(void)hp_plan_step(ap->arena, &plan, &s);
	}
	/* Whether the killed run has archived is not known: what the archive was before the run tells. */
	ap->archive = run->archive;
	ap->recovers = true;
	archive(ap, &plan);
	for (size_t i = 0; i < plan.count; i++)
		if (plan.steps[i].settled)
			ap->put_back = hp_format(ap->arena, "%s%s%s to %s", ap->put_back ? ap->put_back : "",
						 ap->put_back ? ", " : "", plan.steps[i].setting, plan.steps[i].from);
	hp_journal_end(ap->journal, run->ended && run->complete);
	return ap->journal->trouble ? journal_trouble(ap) : NULL;
}
