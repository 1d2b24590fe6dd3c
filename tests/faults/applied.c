#include "applied.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../agent/io/file.h"

#define RESERVE ((size_t)4 << 20) /* as the program takes it */

static void begin(struct hp_arena *a, const struct case_file *c, const struct applied_how *how, struct applied *r)
{
	const char *archive = hp_fact_text(&r->gates.facts, HP_HOST, "state-tgz");
	r->journal = (struct hp_journal){.arena = a, .folder = how->folder, .run = hp_run_id(a, 1795316645000)};
	r->journal.trouble = hp_journal_tidy(&r->journal, &r->before.ledger);
	struct hp_journal_head head = {.command = c->options.command->name,
				       .scan_id = "5ca1ab1e-0000-4000-8000-000000000000",
				       .boot = r->before.boot.token,
				       .build = r->before.boot.build,
				       .archive = archive,
				       .uptime_us = r->before.boot.uptime_us,
				       .wall_ms = 1795316645000};
	hp_journal_begin(&r->journal, &head);
}

/* The door gives the ledger that is in the folder; at first that is the case's own. */
static void share_ledger(struct hp_arena *a, struct apply_door *door, const char *folder)
{
	static const char key[] = "file scratch/hostprep/" HP_LEDGER_FILE;
	struct hp_recorded *own = apply_reply(door, key);
	struct hp_str bytes = applied_ledger(a, folder);
	const char *path = hp_format(a, "%s/" HP_LEDGER_FILE, folder);
	if (own && own->reply.end == HP_END_EXIT && !hp_file_exists(path))
		(void)hp_file_replace(a, path, own->reply.out);
	else if (bytes.p && !own)
		hp_capture_add(a, &door->host, key,
			       &(struct hp_reply){.end = HP_END_EXIT, .out = bytes, .size = bytes.n});
	else if (bytes.p)
		own->reply = (struct hp_reply){.end = HP_END_EXIT, .out = bytes, .size = bytes.n};
}

void applied_plan(struct hp_arena *a, const struct case_file *c, struct apply_door *door, const struct applied_how *how,
		  struct applied *ret)
{
	memset(ret, 0, sizeof *ret);
	door->phase = APPLY_FIRST;
	share_ledger(a, door, how->folder);
	case_look(a, c, &door->door, &ret->before);
	case_plan(a, c, &ret->before);
	if (!ret->before.plan.count)
		return;
	door->phase = APPLY_GATES;
	hp_facts_init(&ret->gates.facts, a);
	hp_gather_asks(a, &door->door, hp_gate_asks, &c->policy.ask, &ret->gates);
	const struct hp_value *ledger = &hp_fact(&ret->before.gathered.facts, HP_HOST, "ledger")->now;
	const char *state = ledger->is == HP_NO_DATA ? "The ledger cannot be used." : NULL;
	ret->closed_count =
	    hp_gates_try(a, &ret->gates.facts, &ret->before.plan, c->options.overrides, state, &ret->closed);
	ret->went = !ret->closed_count;
}

void applied_write(struct hp_arena *a, const struct case_file *c, struct apply_door *door,
		   const struct applied_how *how, struct applied *run)
{
	struct hp_apply apply = {.arena = a,
				 .door = &door->door,
				 .journal = &run->journal,
				 .archive = hp_fact_text(&run->gates.facts, HP_HOST, "state-tgz"),
				 .useropts = hp_fact_text(&run->gates.facts, HP_HOST, "useropts-gz"),
				 .leave = how->leave,
				 .interrupted = how->interrupted};
	hp_arena_reserve(a, RESERVE);
	begin(a, c, how, run);
	door->phase = APPLY_WRITES;
	if (!run->journal.trouble)
		hp_apply_plan(&apply, &run->before.plan);
	run->stopped = run->journal.trouble ? "the journal cannot be written" : apply.stopped;
	share_ledger(a, door, how->folder);
}

void applied_read_back(struct hp_arena *a, const struct case_file *c, struct apply_door *door, struct applied *run)
{
	struct hp_plan *plan = &run->before.plan;
	door->phase = APPLY_SECOND;
	case_look(a, c, &door->door, &run->after);
	hp_plan_verify(a, &run->after.gathered.facts, &c->policy.ask, case_is_undo(c) ? HP_UNDONE : HP_VERIFIED, plan);
}

static bool is_complete(const struct hp_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		enum hp_result result = plan->steps[i].result;
		if (result != HP_VERIFIED && result != HP_UNDONE && result != HP_APPLIED)
			return false;
	}
	return plan->refused_count == 0;
}

void applied_run(struct hp_arena *a, const struct case_file *c, struct apply_door *door, const struct applied_how *how,
		 struct applied *ret)
{
	const struct hp_plan *plan = &ret->before.plan;
	applied_plan(a, c, door, how, ret);
	if (!ret->went)
		return;
	applied_write(a, c, door, how, ret);
	applied_read_back(a, c, door, ret);
	for (size_t i = 0; i < plan->count; i++) {
		struct hp_step step = plan->steps[i];
		if (step.begun && step.not_kept)
			step.result = HP_APPLIED;
		if (step.begun)
			hp_journal_result(&ret->journal, &step);
	}
	hp_journal_end(&ret->journal, is_complete(plan));
}

/* It was killed, or what it has set could not be archived, and no boot has been since. */
static bool left_something(const struct hp_ledger_run *run, const struct hp_boot *boot)
{
	for (size_t i = 0; i < run->step_count && run->ended; i++)
		if (run->steps[i].not_kept && hp_ledger_took(&run->steps[i]) && !hp_booted_since(run, boot))
			return true;
	return !run->ended;
}

const char *applied_recover(struct hp_arena *a, const struct case_file *c, struct apply_door *door, const char *folder)
{
	static const char *const asks[] = {"boot-token", "uptime", NULL};
	struct hp_gathered gathered = {.no_tools = false};
	struct hp_ledger ledger;
	hp_facts_init(&gathered.facts, a);
	hp_gather_asks(a, &door->door, asks, &c->policy.ask, &gathered);
	struct hp_boot boot = hp_boot_of(&gathered.facts, 0);
	hp_ledger_read(a, applied_ledger(a, folder), &ledger);
	for (size_t i = 0; i < ledger.count; i++) {
		struct hp_journal journal = {.arena = a, .folder = folder, .run = ledger.runs[i].id};
		struct hp_apply apply = {.arena = a, .door = &door->door, .journal = &journal};
		if (!left_something(&ledger.runs[i], &boot))
			continue;
		if (hp_journal_tidy(&journal, &ledger))
			return "the ledger cannot be written";
		const char *why = hp_apply_recover(&apply, &ledger.runs[i], &c->policy.ask);
		if (why)
			return why;
	}
	return NULL;
}

struct hp_str applied_ledger(struct hp_arena *a, const char *folder)
{
	struct hp_str bytes = {NULL, 0};
	if (hp_file_read(a, hp_format(a, "%s/" HP_LEDGER_FILE, folder), HP_CAP_LIST, &bytes, NULL))
		return (struct hp_str){NULL, 0};
	return bytes;
}

const char *applied_folder(struct hp_arena *a)
{
	const char *top = getenv("TMPDIR");
	const char *pattern = hp_format(a, "%s/hostprep-applied-XXXXXX", top ? top : "/tmp");
	char *name = hp_alloc(a, strlen(pattern) + 1);
	memcpy(name, pattern, strlen(pattern) + 1);
	return mkdtemp(name) ? name : NULL;
}

void applied_clear(const char *folder)
{
	DIR *d = opendir(folder);
	for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		if (e->d_name[0] != '.' || strlen(e->d_name) > 2)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		(void)closedir(d);
}

void applied_remove(const char *folder)
{
	applied_clear(folder);
	(void)rmdir(folder);
}
