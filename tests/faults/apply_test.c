/* Fix from beginning to end on a host that can be changed (apply_door.h), with tools in every mood. */
#include <sys/wait.h>

#include "../../agent/io/file.h"
#include "../unit/unit.h"
#include "applied.h"

struct fix {
	struct hp_arena arena, *a;
	struct case_file file;
	struct apply_door *door;
	struct applied_how how;
	struct applied got;
};

static int begin(void **state)
{
	static const char path[] = CASES "/gpu-reset/plan-of-everything.case";
	struct fix *f = calloc(1, sizeof *f);
	struct hp_str text;
	struct hp_err err;
	hp_arena_init(&f->arena, HP_ARENA_LIMIT, NULL);
	f->a = &f->arena;
	assert_int_equal(hp_file_read(f->a, path, HP_CAPTURE_LIMIT, &text, NULL), 0);
	assert_int_equal(case_read(f->a, text, path, &f->file, &err), 0);
	f->door = apply_door(f->a, &f->file.capture);
	f->how.folder = applied_folder(f->a);
	assert_non_null(f->how.folder);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fix *f = *state;
	applied_remove(f->how.folder);
	hp_arena_free(&f->arena);
	free(f);
	return 0;
}

#define FIX_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void run(struct fix *f)
{
	applied_run(f->a, &f->file, f->door, &f->how, &f->got);
}

/* The next run is an undo. */
static void undo_next(struct fix *f)
{
	for (const struct hp_command *c = hp_commands; c->name; c++)
		if (c->bit == HP_FOR_UNDO)
			f->file.options.command = c;
	f->door->count = 0;
}

/* Steps: 1 kernel, 2 map, 3 and 4 HCAs. */
static const struct hp_step *step(const struct fix *f, size_t number)
{
	assert_int_equal(f->got.before.plan.count, 4);
	return &f->got.before.plan.steps[number - 1];
}

static void results(const struct fix *f, const char *wanted)
{
	struct hp_buf b = hp_buf(f->a);
	for (size_t i = 0; i < f->got.before.plan.count; i++)
		hp_putf(&b, "%s%s", i ? " " : "", hp_result_word(f->got.before.plan.steps[i].result));
	assert_string_equal(hp_built_text(&b), wanted);
	/* and the changes say the same */
	for (size_t i = 0; i < f->got.before.plan.change_count; i++)
		assert_int_equal(f->got.before.plan.changes[i].result,
				 f->got.before.plan.steps[f->got.before.plan.step_of[i]].result);
}

static void writes(const struct fix *f, const char *wanted)
{
	struct hp_buf b = hp_buf(f->a);
	for (size_t i = 0; i < f->door->count; i++)
		hp_putf(&b, "%s\n", f->door->writes[i].text);
	assert_string_equal(hp_built_text(&b), wanted);
}

#define KERNEL(value) "/bin/esxcli system settings kernel set -s atsSupport -v " value "\n"
#define EDIT "/etc/vmware/passthru.map\n"
#define BACKUP "/sbin/auto-backup.sh\n"
#define HCA(n, value) "/opt/mellanox/bin/mlxconfig -d mt4129_pciconf" n " -y set ATS_ENABLED=" value "\n"
#define ALL KERNEL("TRUE") EDIT BACKUP HCA("0", "1") HCA("1", "1")

static const struct hp_ledger_run *journal(struct fix *f, struct hp_ledger *l)
{
	hp_ledger_read(f->a, applied_ledger(f->a, f->how.folder), l);
	assert_false(l->cut);
	return l->count ? &l->runs[l->count - 1] : NULL;
}

static void host_has(struct fix *f, const char *key, const char *part, const char *gone)
{
	const char *text = hp_copy(f->a, apply_reply(f->door, key)->reply.out);
	assert_has(text, part);
	if (gone)
		assert_no(text, gone);
}

static void all_is_verified_and_a_second_run_writes_nothing(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	run(f);
	assert_true(f->got.went);
	assert_null(f->got.stopped);
	results(f, "verified verified verified verified");
	writes(f, ALL);
	assert_int_equal(f->door->logged, 4);
	const struct hp_ledger_run *r = journal(f, &l);
	assert_int_equal(l.count, 1);
	assert_true(r->ended);
	assert_int_equal(r->step_count, 4);
	assert_string_equal(r->archive, "file 65536 1795316000000000000 9 644 1");
	for (size_t i = 0; i < 4; i++)
		assert_true(r->steps[i].answered && r->steps[i].has_result && r->steps[i].result == HP_VERIFIED);
	assert_int_equal(r->steps[1].finding_count, 2);
	struct hp_str backup;
	const char *path = hp_format(f->a, "%s/%s", f->how.folder, r->steps[1].backup);
	assert_int_equal(hp_file_read(f->a, path, HP_CAP_SMALL, &backup, NULL), 0);
	assert_true(hp_str_same(backup, step(f, 2)->was));
	size_t before = f->door->count;
	run(f);
	assert_int_equal(f->got.before.plan.count, 0);
	assert_int_equal(f->door->count, before);
	for (size_t i = 0; i < f->got.before.findings.count; i++)
		assert_false(f->got.before.findings.items[i].remedy.fixable);
}

static void undo_puts_back_and_undo_of_undo_again(void **state)
{
	struct fix *f = *state;
	static const char *const keys[] = {APPLY_KERNEL, APPLY_MAP,
					   "run opt/mellanox/bin/mlxconfig -d mt4129_pciconf0 -e query ATS_ENABLED"};
	struct hp_str was[3], fixed[3];
	for (size_t i = 0; i < 2; i++)
		was[i] = apply_reply(f->door, keys[i])->reply.out;
	run(f);
	for (size_t i = 0; i < 2; i++)
		fixed[i] = apply_reply(f->door, keys[i])->reply.out;
	undo_next(f);
	run(f);
	results(f, "undone undone undone undone");
	writes(f, KERNEL("FALSE") EDIT BACKUP HCA("0", "0") HCA("1", "0"));
	for (size_t i = 0; i < 2; i++)
		assert_true(hp_str_same(apply_reply(f->door, keys[i])->reply.out, was[i]));
	undo_next(f);
	run(f); /* takes the undo back */
	results(f, "undone undone undone undone");
	writes(f, ALL);
	for (size_t i = 0; i < 2; i++)
		assert_true(hp_str_same(apply_reply(f->door, keys[i])->reply.out, fixed[i]));
	host_has(f, keys[2], "True(1)", NULL);
}

static void tools_that_only_say_so(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	f->door->moods.deaf = true;
	run(f);
	results(f, "ineffective ineffective ineffective ineffective");
	writes(f, ALL);
	assert_has(step(f, 1)->text, "still brings FALSE");
	assert_has(step(f, 3)->text, "still brings 0");
	assert_int_equal(journal(f, &l)->steps[0].result, HP_INEFFECTIVE);
}

static void an_hca_that_is_busy_is_asked_four_times(void **state)
{
	struct fix *f = *state;
	f->door->moods.busy = 3;
	run(f);
	results(f, "verified verified verified verified");
	writes(f, KERNEL("TRUE") EDIT BACKUP HCA("0", "1") HCA("0", "1") HCA("0", "1") HCA("0", "1") HCA("1", "1"));
}

static void and_then_left_alone(void **state)
{
	struct fix *f = *state;
	f->door->moods.busy = HP_BUSY_TRIES;
	run(f);
	results(f, "verified verified failed verified");
	assert_has(step(f, 3)->text, "busy");
}

static void a_power_cycle_is_asked_for(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	f->door->moods.power_cycle = true;
	run(f);
	results(f, "verified verified verified verified");
	assert_int_equal(step(f, 1)->reboot, HP_REBOOT_ANY);
	assert_int_equal(step(f, 3)->reboot, HP_REBOOT_COLD);
	assert_int_equal(journal(f, &l)->steps[2].reboot, HP_REBOOT_COLD);
	case_plan(f->a, &f->file, &f->got.after);
	case_report(f->a, &f->file, &f->got.after);
	assert_int_equal(f->got.after.report.reboot.kind, HP_REBOOT_COLD);
}

static void what_is_not_archived_is_put_back(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	f->door->moods.backup_code = 1;
	run(f);
	results(f, "failed failed verified verified");
	writes(f, KERNEL("TRUE") EDIT BACKUP KERNEL("FALSE") EDIT BACKUP HCA("0", "1") HCA("1", "1"));
	host_has(f, APPLY_KERNEL, "Configured.string=FALSE", NULL);
	host_has(f, APPLY_MAP, "10de ffff bridge false\n", "10de ffff flr");
	assert_has(step(f, 1)->text, "was put back");
	const struct hp_ledger_run *r = journal(f, &l);
	assert_false(hp_ledger_changed(&r->steps[0]));
	assert_false(hp_ledger_changed(&r->steps[1]));
	assert_true(hp_ledger_changed(&r->steps[2]));
}

static void or_left_where_that_was_asked_for(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	f->door->moods.backup_end = HP_END_TIMEOUT;
	f->how.leave = true;
	run(f);
	results(f, "failed failed verified verified");
	writes(f, ALL);
	assert_has(step(f, 2)->text, "would not outlive the boot");
	assert_true(hp_ledger_changed(&journal(f, &l)->steps[1])); /* so it can be undone */
	host_has(f, APPLY_MAP, "10de ffff flr false\n", NULL);
}

static void an_archive_that_is_not_new_is_none(void **state)
{
	struct fix *f = *state;
	f->door->moods.backup_idle = true;
	run(f);
	results(f, "failed failed verified verified");
	assert_has(step(f, 2)->text, "the same as before");
}

static void nor_one_of_which_it_is_not_known(void **state)
{
	struct fix *f = *state;
	f->door->moods.backup_idle = true;
	f->door->fault = (struct apply_fault){APPLY_GATES, APPLY_STATE, {.end = HP_END_TIMEOUT}};
	run(f);
	for (size_t i = 0; i < 2 && f->got.went; i++)
		assert_int_not_equal(step(f, i + 1)->result, HP_VERIFIED);
}

static void a_map_without_its_marker_is_not_kept(void **state)
{
	struct fix *f = *state;
	apply_reply(f->door, APPLY_MARKER)->reply = (struct hp_reply){.end = HP_END_NOT_FOUND};
	run(f);
	results(f, "verified failed verified verified");
	assert_has(step(f, 2)->text, "marker");
	host_has(f, APPLY_MAP, "10de ffff bridge false\n", NULL);
}

static void a_file_that_cannot_be_written_stops_its_step_only(void **state)
{
	struct fix *f = *state;
	f->door->moods.edit_fails = true;
	run(f);
	results(f, "verified failed verified verified");
	writes(f, ALL);
}

static int at_once(void)
{
	return 15;
}

static unsigned asked;
static int later(void)
{
	return asked++ < 2 ? 0 : 1;
}

static void an_interrupted_run_begins_nothing_more(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	f->how.interrupted = at_once;
	run(f);
	results(f, "planned planned planned planned");
	writes(f, "");
	assert_has(f->got.stopped, "signal 15");
	assert_int_equal(journal(f, &l)->step_count, 0);
	asked = 0;
	f->how.interrupted = later;
	run(f);
	results(f, "verified verified planned planned"); /* what was begun is archived */
	writes(f, KERNEL("TRUE") EDIT BACKUP);
	assert_int_equal(journal(f, &l)->step_count, 2);
}

static void a_run_whose_time_is_up(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	f->door->moods.late = true;
	run(f);
	results(f, "planned planned planned planned");
	assert_has(f->got.stopped, "--deadline");
	const struct hp_ledger_run *r = journal(f, &l);
	assert_int_equal(r->step_count, 1);
	assert_false(hp_ledger_changed(&r->steps[0]));
}

static void without_a_journal_nothing_is_written(void **state)
{
	struct fix *f = *state;
	struct applied_how how = {.folder = "/nonexistent/hostprep"};
	applied_run(f->a, &f->file, f->door, &how, &f->got);
	assert_true(f->got.went);
	assert_non_null(f->got.stopped);
	assert_int_equal(f->door->count, 0);
	results(f, "planned planned planned planned");
}

static void an_undo_without_a_ledger_does_nothing(void **state)
{
	struct fix *f = *state;
	run(f);
	applied_clear(f->how.folder);
	undo_next(f);
	apply_reply(f->door, "file scratch/hostprep/ledger")->reply = (struct hp_reply){.end = HP_END_NOT_FOUND};
	run(f);
	assert_int_equal(f->got.before.plan.count, 0);
	assert_int_equal(f->door->count, 0);
}

/* ---- a run that was killed ---- */

/* The journal as it is after `lines` of its lines. */
static void kill_after(struct fix *f, size_t lines)
{
	struct hp_str bytes = applied_ledger(f->a, f->how.folder), rest = bytes, line;
	bool ended;
	while (lines-- && hp_next_line(&rest, &line, &ended))
		;
	bytes.n -= rest.n;
	assert_true(hp_file_replace(f->a, hp_format(f->a, "%s/" HP_LEDGER_FILE, f->how.folder), bytes));
	f->door->count = 0;
	f->door->phase = APPLY_WRITES;
}

/* begin, set 1, answer 1, set 2, answer 2, set 3 … */
static void a_killed_run_is_archived(void **state)
{
	struct fix *f = *state;
	struct hp_ledger l;
	for (size_t lines = 2; lines < 9; lines++) {
		if (lines > 2) {
			(void)end(state);
			(void)begin(state);
			f = *state;
		}
		run(f);
		kill_after(f, lines);
		apply_reply(f->door, APPLY_STATE)->reply.out = hp_str("file 65536 1795316000000000000 9 644 1\n");
		assert_null(applied_recover(f->a, &f->file, f->door, f->how.folder));
		writes(f, BACKUP);
		assert_true(journal(f, &l)->ended);
		assert_null(applied_recover(f->a, &f->file, f->door, f->how.folder)); /* once */
		writes(f, BACKUP);
	}
}

static void or_put_back(void **state)
{
	struct fix *f = *state;
	run(f);
	kill_after(f, 5);
	f->door->moods.backup_code = 1;
	assert_null(applied_recover(f->a, &f->file, f->door, f->how.folder));
	writes(f, BACKUP KERNEL("FALSE") EDIT BACKUP);
	host_has(f, APPLY_MAP, "10de ffff bridge false\n", "flr");
}

/* Of an edit that was torn there are the first bytes of the new text and the rest of the old one. */
static void a_torn_map_is_restored(void **state)
{
	struct fix *f = *state;
	run(f);
	struct hp_str was = step(f, 2)->was, becomes = step(f, 2)->becomes;
	struct hp_str ledger = applied_ledger(f->a, f->how.folder);
	for (size_t n = 0; n <= becomes.n; n++) {
		struct hp_buf b = hp_buf(f->a);
		assert_true(hp_file_replace(f->a, hp_format(f->a, "%s/" HP_LEDGER_FILE, f->how.folder), ledger));
		kill_after(f, 4);
		hp_put(&b, hp_str_sub(becomes, 0, n));
		hp_put(&b, hp_str_sub(was, n, was.n));
		struct hp_reply *file = &apply_reply(f->door, APPLY_MAP)->reply;
		file->out = hp_built(&b);
		file->size = file->out.n;
		assert_null(applied_recover(f->a, &f->file, f->door, f->how.folder));
		if (!hp_str_same(file->out, was) && !hp_str_same(file->out, becomes))
			fail_msg("torn at %zu: %.*s", n, (int)file->out.n, file->out.p);
	}
}

static void what_somebody_has_edited_since_stays(void **state)
{
	struct fix *f = *state;
	run(f);
	kill_after(f, 4);
	struct hp_reply *file = &apply_reply(f->door, APPLY_MAP)->reply;
	file->out = hp_str("# mine\n10de ffff link false\n");
	file->size = file->out.n;
	assert_null(applied_recover(f->a, &f->file, f->door, f->how.folder));
	assert_true(hp_str_eq(file->out, "# mine\n10de ffff link false\n"));
}

static void what_cannot_be_read_is_not_cleared_up(void **state)
{
	struct fix *f = *state;
	static const char *const keys[] = {APPLY_KERNEL, APPLY_MAP};
	run(f);
	for (size_t i = 0; i < 2; i++) {
		kill_after(f, 4);
		f->door->fault = (struct apply_fault){APPLY_WRITES, keys[i], {.end = HP_END_TIMEOUT}};
		assert_non_null(applied_recover(f->a, &f->file, f->door, f->how.folder));
		assert_int_equal(f->door->count, 0);
	}
}

static void no_child_is_left(void **state)
{
	(void)state;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FIX_TEST(all_is_verified_and_a_second_run_writes_nothing),
	    FIX_TEST(undo_puts_back_and_undo_of_undo_again),
	    FIX_TEST(tools_that_only_say_so),
	    FIX_TEST(an_hca_that_is_busy_is_asked_four_times),
	    FIX_TEST(and_then_left_alone),
	    FIX_TEST(a_power_cycle_is_asked_for),
	    FIX_TEST(what_is_not_archived_is_put_back),
	    FIX_TEST(or_left_where_that_was_asked_for),
	    FIX_TEST(an_archive_that_is_not_new_is_none),
	    FIX_TEST(nor_one_of_which_it_is_not_known),
	    FIX_TEST(a_map_without_its_marker_is_not_kept),
	    FIX_TEST(a_file_that_cannot_be_written_stops_its_step_only),
	    FIX_TEST(an_interrupted_run_begins_nothing_more),
	    FIX_TEST(a_run_whose_time_is_up),
	    FIX_TEST(without_a_journal_nothing_is_written),
	    FIX_TEST(an_undo_without_a_ledger_does_nothing),
	    FIX_TEST(a_killed_run_is_archived),
	    FIX_TEST(or_put_back),
	    FIX_TEST(a_torn_map_is_restored),
	    FIX_TEST(what_somebody_has_edited_since_stays),
	    FIX_TEST(what_cannot_be_read_is_not_cleared_up),
	    FIX_TEST(no_child_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
