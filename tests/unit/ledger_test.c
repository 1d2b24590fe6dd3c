/* The ledger: written, read, cut anywhere, searched, kept small. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../agent/engine/ledger.h"
#include "../../agent/io/file.h"
#include "unit.h"

/* A folder of its own per test, removed with what is in it. */
static const char *folder(struct hp_arena *a)
{
	char *name = hp_alloc(a, 64);
	(void)snprintf(name, 64, "/tmp/hostprep-ledger-XXXXXX");
	assert_non_null(mkdtemp(name));
	return name;
}

static const char *in(struct hp_arena *a, const char *dir, const char *name)
{
	return hp_format(a, "%s/%s", dir, name);
}

static struct hp_str bytes_of(struct hp_arena *a, const char *dir)
{
	struct hp_str s = {NULL, 0};
	(void)hp_file_read(a, in(a, dir, HP_LEDGER_FILE), (size_t)8 << 20, &s, NULL);
	return s;
}

static struct hp_ledger ledger(struct hp_arena *a, struct hp_str bytes)
{
	struct hp_ledger l;
	hp_ledger_read(a, bytes, &l);
	return l;
}

static void clear(struct hp_arena *a, const char *dir, const char *const *names)
{
	(void)hp_file_remove(in(a, dir, HP_LEDGER_FILE));
	for (; names && *names; names++)
		(void)hp_file_remove(in(a, dir, *names));
	assert_int_equal(rmdir(dir), 0); /* nothing else was left */
}

static const char strange[] = "10de\tffff \"flr\" false # 100%41 \\ \x01\x7f\xe2\x80\x90\xff\r";

static struct hp_map_edit edits[] = {{6, strange, "10de ffff flr false"}, {9, NULL, "%"}, {2, "%zz%", NULL}};

static struct hp_plan two_steps(struct hp_arena *a)
{
	struct hp_plan p = {.count = 0};
	(void)hp_plan_step(a, &p,
			   &(struct hp_step){.by = HP_SET_KERNEL,
					     .number = 1,
					     .target = HP_HOST,
					     .setting = "atsSupport",
					     .from = "FALSE",
					     .to = "TRUE",
					     .reboot = HP_REBOOT_ANY});
	hp_plan_change(a, &p, "kernel-ats-support", HP_HOST);
	(void)hp_plan_step(a, &p,
			   &(struct hp_step){.by = HP_SET_MAP,
					     .number = 2,
					     .target = HP_HOST,
					     .setting = "/etc/vmware/passthru.map",
					     .now = "bridge",
					     .from = "bridge, d3d0",
					     .to = "flr",
					     .edits = {edits, 3}});
	hp_plan_change(a, &p, "gpu-reset", "0000:1b:00.0");
	hp_plan_change(a, &p, "gpu-reset", "0000:3d:00.0");
	return p;
}

static void write_run(struct hp_arena *a, const char *dir, const char *id, const char *scan_id)
{
	struct hp_journal j = {.arena = a, .folder = dir, .run = id};
	struct hp_plan p = two_steps(a);
	struct hp_finding offered = {
	    .check = "hca-ats", .subject = "0000:1a:00.0", .remedy = {.reboot = HP_REBOOT_COLD}};
	hp_journal_begin(&j, &(struct hp_journal_head){.command = "fix",
						       .scan_id = scan_id,
						       .boot = "b1",
						       .build = "24755229",
						       .archive = "file 1 2 3 644 1",
						       .uptime_us = 123456789012,
						       .wall_ms = 1795316645000});
	hp_journal_set(&j, &p, 0, NULL);
	p.steps[0].reboot = HP_REBOOT_COLD;
	hp_journal_answer(&j, &p.steps[0]);
	hp_journal_set(&j, &p, 1, hp_format(a, "%s.passthru.map", id));
	hp_journal_answer(&j, &p.steps[1]);
	p.steps[1].result = HP_FAILED;
	hp_journal_result(&j, &p.steps[1]);
	p.steps[0].result = HP_VERIFIED;
	hp_journal_result(&j, &p.steps[0]);
	hp_journal_offer(&j, &offered);
	hp_journal_end(&j, true);
	assert_int_equal(j.trouble, 0);
}

static void what_is_written_is_read(void **state)
{
	struct hp_arena *a = *state;
	const char *dir = folder(a);
	write_run(a, dir, "20261122T030405Z-1a2b", "5ca1");
	struct hp_str bytes = bytes_of(a, dir);
	for (size_t i = 0; i < bytes.n; i++)
		assert_true(bytes.p[i] == '\n' || (bytes.p[i] >= 0x20 && bytes.p[i] < 0x7f));
	struct hp_ledger l = ledger(a, bytes);
	assert_int_equal(l.count, 1);
	assert_false(l.cut);
	const struct hp_ledger_run *r = &l.runs[0];
	assert_string_equal(r->id, "20261122T030405Z-1a2b");
	assert_string_equal(r->scan_id, "5ca1");
	assert_string_equal(r->command, "fix");
	assert_string_equal(r->boot, "b1");
	assert_string_equal(r->build, "24755229");
	assert_string_equal(r->archive, "file 1 2 3 644 1");
	assert_null(r->undoes);
	assert_true(r->uptime_us == 123456789012 && r->wall_ms == 1795316645000 && r->ended && r->complete);
	assert_int_equal(r->step_count, 2);
	const struct hp_ledger_step *s = &r->steps[0];
	assert_int_equal(s->by, HP_SET_KERNEL);
	assert_int_equal(s->reboot, HP_REBOOT_COLD); /* as the answer says */
	assert_true(s->answered && s->has_result && s->result == HP_VERIFIED && hp_ledger_changed(s));
	assert_null(s->now);
	s = &r->steps[1];
	assert_string_equal(s->from, "bridge, d3d0");
	assert_string_equal(s->backup, "20261122T030405Z-1a2b.passthru.map");
	assert_false(hp_ledger_changed(s));
	assert_int_equal(s->finding_count, 2);
	assert_string_equal(s->findings[1].subject, "0000:3d:00.0");
	assert_int_equal(s->edits.count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct hp_map_edit *e = &s->edits.items[i];
		assert_int_equal(e->line, edits[i].line);
		assert_int_equal(!e->before, !edits[i].before);
		assert_int_equal(!e->after, !edits[i].after);
		if (e->before)
			assert_string_equal(e->before, edits[i].before);
		if (e->after)
			assert_string_equal(e->after, edits[i].after);
	}
	assert_int_equal(r->offer_count, 1);
	assert_int_equal(r->offers[0].reboot, HP_REBOOT_COLD);
	clear(a, dir, NULL);
}

/* ---- cut anywhere ---- */

static const char *shown(struct hp_arena *a, const struct hp_ledger *l)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < l->count; i++) {
		const struct hp_ledger_run *r = &l->runs[i];
		hp_putf(&b, "%s %s %s %d %zu %zu\n", r->id, r->boot ? r->boot : "-", r->scan_id ? r->scan_id : "-",
			r->ended, r->step_count, r->offer_count);
		for (size_t k = 0; k < r->step_count; k++) {
			const struct hp_ledger_step *s = &r->steps[k];
			hp_putf(&b, " %u %s %s %s %d %d %d %d %zu %zu\n", s->number, s->setting, s->from, s->to,
				s->answered, s->has_result, (int)s->result, (int)s->reboot, s->finding_count,
				s->edits.count);
		}
	}
	return hp_built_text(&b);
}

static void every_prefix_is_as_good_as_its_whole_lines(void **state)
{
	struct hp_arena *a = *state;
	const char *dir = folder(a);
	write_run(a, dir, "20261122T030405Z-1a2b", "5ca1");
	write_run(a, dir, "20261123T030405Z-3c4d", "ab1e");
	struct hp_str all = bytes_of(a, dir);
	size_t whole = 0;
	const char *wanted = "";
	for (size_t n = 0; n <= all.n; n++) {
		if (n && all.p[n - 1] == '\n') {
			struct hp_ledger l = ledger(a, hp_str_sub(all, 0, n));
			assert_false(l.cut);
			whole = n;
			wanted = shown(a, &l);
		}
		struct hp_ledger l = ledger(a, hp_str_sub(all, 0, n));
		assert_int_equal(l.cut, n != whole);
		assert_string_equal(shown(a, &l), wanted);
	}
	clear(a, dir, NULL);
}

/* A line that is lost or spoilt takes nothing else with it. */
static void a_spoilt_line_is_a_lost_line(void **state)
{
	struct hp_arena *a = *state;
	const char *dir = folder(a);
	write_run(a, dir, "20261122T030405Z-1a2b", "5ca1");
	struct hp_str all = bytes_of(a, dir), rest = all, line;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		size_t from = (size_t)(line.p - all.p), to = from + line.n + 1;
		struct hp_buf without = hp_buf(a);
		hp_put(&without, hp_str_sub(all, 0, from));
		hp_put(&without, hp_str_sub(all, to, all.n));
		struct hp_ledger l = ledger(a, hp_built(&without));
		const char *wanted = shown(a, &l);
		static const char *const garbage[] = {"\x01\xff\n", "{\n", "[]\n", "{\"run\":\"x\"}\n", "\n", "null\n"};
		for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
			struct hp_buf b = hp_buf(a);
			hp_put(&b, hp_str_sub(all, 0, from));
			hp_puts(&b, garbage[i]);
			hp_put(&b, hp_str_sub(all, to, all.n));
			l = ledger(a, hp_built(&b));
			assert_string_equal(shown(a, &l), wanted);
		}
	}
	clear(a, dir, NULL);
}

static void lines_that_are_none(void **state)
{
	static const char *const lines[] = {
	    "{\"run\":\"r\",\"event\":\"set\",\"step\":0,\"by\":\"kernel\",\"target\":\"host\",\"setting\":\"s\","
	    "\"from\":"
	    "\"a\",\"to\":\"b\"}\n",
	    "{\"run\":\"r\",\"event\":\"set\",\"step\":1,\"by\":\"nothing\",\"target\":\"host\",\"setting\":\"s\","
	    "\"from\":"
	    "\"a\",\"to\":\"b\"}\n",
	    "{\"run\":\"r\",\"event\":\"set\",\"step\":1,\"by\":\"kernel\",\"target\":\"host\",\"setting\":\"s\","
	    "\"from\":"
	    "\"a\"}\n",
	    "{\"run\":\"r\",\"event\":\"set\",\"step\":99999,\"by\":\"kernel\",\"target\":\"host\",\"setting\":\"s\","
	    "\"from\":\"a\",\"to\":\"b\"}\n",
	    "{\"run\":\"r\",\"event\":\"set\",\"step\":-1,\"by\":\"kernel\",\"target\":\"host\",\"setting\":\"s\","
	    "\"from\":"
	    "\"a\",\"to\":\"b\"}\n",
	    "{\"run\":\"r\",\"event\":\"result\",\"step\":1,\"result\":\"verified\"}\n",
	    "{\"run\":\"r\",\"event\":\"answer\",\"step\":1}\n",
	    "{\"run\":\"r\",\"event\":\"offer\",\"check\":\"c\",\"subject\":\"s\",\"reboot\":\"soon\"}\n",
	    "{\"run\":\"r\",\"event\":\"begin\",\"uptime_us\":-5,\"wall_ms\":\"x\",\"boot\":7}\n"};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct hp_ledger l = ledger(a, hp_str(lines[i]));
		assert_string_equal(shown(a, &l), "r - - 0 0 0\n");
		assert_true(l.runs[0].uptime_us == 0 && l.runs[0].wall_ms == 0);
	}
	/* a second step of the same number does not replace the first */
	const char *two = hp_format(a, "%s%s",
				    "{\"run\":\"r\",\"event\":\"set\",\"step\":1,\"by\":\"kernel\",\"target\":\"host\","
				    "\"setting\":\"s\",\"from\":\"a\",\"to\":\"b\"}\n",
				    "{\"run\":\"r\",\"event\":\"set\",\"step\":1,\"by\":\"kernel\",\"target\":\"host\","
				    "\"setting\":\"s\",\"from\":\"a\",\"to\":\"c\"}\n");
	struct hp_ledger l = ledger(a, hp_str(two));
	assert_int_equal(l.runs[0].step_count, 1);
	assert_string_equal(l.runs[0].steps[0].to, "b");
}

/* ---- finding a run ---- */

static struct hp_ledger of_runs(struct hp_arena *a)
{
	static const char *const runs[][3] = {{"20261120T030405Z-aaaa", "5ca1ab1e-1", "verified"},
					      {"20261121T030405Z-bbbb", "5ca1ab1e-2", "ineffective"},
					      {"20261121T030405Z-bbcc", "f00dcafe", "failed"},
					      {"20261122T030405Z-cccc", "beef", "planned"}};
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < 4; i++)
		hp_putf(&b,
			"{\"run\":\"%s\",\"event\":\"begin\",\"scan_id\":\"%s\"}\n{\"run\":\"%s\",\"event\":\"set\","
			"\"step\":1,"
			"\"by\":\"kernel\",\"target\":\"host\",\"setting\":\"s\",\"from\":\"a\",\"to\":\"b\"}\n"
			"{\"run\":\"%s\",\"event\":\"result\",\"step\":1,\"result\":\"%s\"}\n",
			runs[i][0], runs[i][1], runs[i][0], runs[i][0], runs[i][2]);
	return ledger(a, hp_built(&b));
}

static void by_its_name(void **state)
{
	static const struct {
		const char *name;
		int run; /* -1: none */
	} tries[] = {{"20261120T030405Z-aaaa", 0},
		     {"20261121T030405Z-bbcc", 2},
		     {"5ca1ab1e-2", 1},
		     {"beef", 3},
		     {"20261120", 0},
		     {"20261122T", 3},
		     {"f00d", 2},
		     {"2026", -1},
		     {"20261121", -1},
		     {"20261121T030405Z-bb", -1},
		     {"20261121T030405Z-bbc", 2},
		     {"5ca1", -1},
		     {"bee", -1},
		     {"", -1},
		     {"f00", -1},
		     {"beefs", -1},
		     {"*", -1},
		     {"aaaa", -1}};
	struct hp_ledger l = of_runs(*state);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		const struct hp_ledger_run *r = hp_ledger_find(&l, tries[i].name);
		if (r != (tries[i].run < 0 ? NULL : &l.runs[tries[i].run]))
			fail_msg("\"%s\" is %s", tries[i].name, r ? r->id : "none");
	}
}

static void the_latest_that_changed_something(void **state)
{
	struct hp_ledger l = of_runs(*state);
	assert_ptr_equal(hp_ledger_latest(&l), &l.runs[1]); /* ineffective may have changed something */
	l.count = 1;
	assert_ptr_equal(hp_ledger_latest(&l), &l.runs[0]);
	l.runs[0].steps[0].has_result = false; /* killed: it may have */
	assert_ptr_equal(hp_ledger_latest(&l), &l.runs[0]);
	l.runs[0].step_count = 0;
	assert_null(hp_ledger_latest(&l));
	l.count = 0;
	assert_null(hp_ledger_latest(&l));
}

/* ---- kept small ---- */

static void a_large_ledger_is_cut_to_its_newest_runs(void **state)
{
	enum { RUNS = 300 };
	struct hp_arena *a = *state;
	const char *dir = folder(a), *names[RUNS + 1] = {NULL};
	struct hp_journal j = {.arena = a, .folder = dir, .run = "x"};
	struct hp_buf b = hp_buf(a);
	for (int i = 0; i < RUNS; i++) {
		const char *id = hp_format(a, "20261122T0304%05dZ-aaaa", i);
		names[i] = hp_format(a, "%s.passthru.map", id);
		hp_putf(
		    &b,
		    "{\"run\":\"%s\",\"event\":\"begin\",\"command\":\"fix\"}\n{\"run\":\"%s\",\"event\":\"set\","
		    "\"step\":1,"
		    "\"by\":\"passthru-map\",\"target\":\"host\",\"setting\":\"s\",\"from\":\"%0800d\",\"to\":\"b\","
		    "\"backup\":\"%s\"}\n{\"run\":\"%s\",\"event\":\"end\"}\n",
		    id, id, i, names[i], id);
		assert_true(hp_file_replace(a, in(a, dir, names[i]), hp_str("old")));
	}
	struct hp_str all = hp_built(&b);
	assert_true(all.n > (size_t)300 << 10);
	assert_true(hp_file_replace(a, in(a, dir, HP_LEDGER_FILE), all));
	struct hp_ledger l = ledger(a, all);
	assert_int_equal(l.count, RUNS);
	assert_int_equal(hp_journal_tidy(&j, &l), 0);
	struct hp_str kept = bytes_of(a, dir);
	assert_true(kept.n <= HP_LEDGER_KEPT && kept.n > HP_LEDGER_KEPT - 2048);
	assert_true(hp_str_same(kept, hp_str_sub(all, all.n - kept.n, all.n)));
	struct hp_ledger left = ledger(a, kept);
	assert_true(left.count > 50 && left.count < RUNS);
	for (size_t i = 0; i < RUNS; i++) /* the backups of those that went went with them */
		assert_int_equal(hp_file_exists(in(a, dir, names[i])), i >= RUNS - left.count);
	for (size_t i = 0; i < left.count; i++)
		assert_string_equal(left.runs[i].id, l.runs[RUNS - left.count + i].id);
	assert_int_equal(hp_journal_tidy(&j, &left), 0); /* and then it is small enough */
	assert_true(hp_str_same(bytes_of(a, dir), kept));
	clear(a, dir, names);
}

static void no_backup_outside_the_folder_is_removed(void **state)
{
	struct hp_arena *a = *state;
	const char *dir = folder(a), *other = hp_format(a, "%s.mine", dir);
	struct hp_journal j = {.arena = a, .folder = dir, .run = "x"};
	const char *pad = hp_format(a, "%0*d", (int)HP_LEDGER_BYTES, 0);
	const char *text =
	    hp_format(a,
		      "{\"run\":\"a\",\"event\":\"set\",\"step\":1,\"by\":\"kernel\",\"target\":\"host\",\"setting\":"
		      "\"s\",\"from\":\"%s\",\"to\":\"b\",\"backup\":\"../"
		      "%s\"}\n{\"run\":\"a\",\"event\":\"end\"}\n{\"run\":\"b\",\"event\":\"end\"}\n",
		      pad, strrchr(other, '/') + 1);
	assert_true(hp_file_replace(a, other, hp_str("mine")));
	struct hp_ledger l = ledger(a, hp_str(text));
	assert_int_equal(l.count, 2);
	assert_int_equal(hp_journal_tidy(&j, &l), 0);
	assert_int_equal(ledger(a, bytes_of(a, dir)).count, 1);
	assert_true(hp_file_exists(other));
	assert_true(hp_file_remove(other));
	clear(a, dir, NULL);
}

static void a_line_that_was_cut_is_taken_off(void **state)
{
	struct hp_arena *a = *state;
	const char *dir = folder(a);
	struct hp_journal j = {.arena = a, .folder = dir, .run = "20261123T030405Z-3c4d"};
	write_run(a, dir, "20261122T030405Z-1a2b", "5ca1");
	struct hp_str all = hp_str(hp_copy(a, bytes_of(a, dir)));
	for (size_t n = 0; n < all.n; n += 7) {
		assert_true(hp_file_replace(a, in(a, dir, HP_LEDGER_FILE), hp_str_sub(all, 0, n)));
		struct hp_ledger l = ledger(a, hp_str_sub(all, 0, n));
		const char *before = shown(a, &l);
		assert_int_equal(hp_journal_tidy(&j, &l), 0);
		hp_journal_end(&j, true); /* the next line stands by itself */
		struct hp_ledger after = ledger(a, bytes_of(a, dir));
		assert_false(after.cut);
		assert_string_equal(after.runs[after.count - 1].id, j.run);
		after.count--;
		assert_string_equal(shown(a, &after), before);
	}
	clear(a, dir, NULL);
}

static void a_journal_that_cannot_be_written_stays_so(void **state)
{
	struct hp_arena *a = *state;
	const char *dir = folder(a);
	struct hp_journal j = {.arena = a, .folder = in(a, dir, "nowhere"), .run = "r"};
	struct hp_plan p = two_steps(a);
	hp_journal_set(&j, &p, 0, NULL);
	int first = j.trouble;
	assert_int_not_equal(first, 0);
	j.folder = dir;
	hp_journal_set(&j, &p, 1, NULL);
	assert_int_equal(j.trouble, first);
	assert_false(hp_file_exists(in(a, dir, HP_LEDGER_FILE)));
	clear(a, dir, NULL);
}

static void run_ids_sort_by_time(void **state)
{
	struct hp_arena *a = *state;
	const char *early = hp_run_id(a, 1795316645000), *late = hp_run_id(a, 1795316646000);
	assert_int_equal(strlen(early), 21);
	assert_true(strcmp(early, late) < 0);
	assert_int_equal(strcspn(early, "-:"), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(what_is_written_is_read),
	    UNIT_TEST(every_prefix_is_as_good_as_its_whole_lines),
	    UNIT_TEST(a_spoilt_line_is_a_lost_line),
	    UNIT_TEST(lines_that_are_none),
	    UNIT_TEST(by_its_name),
	    UNIT_TEST(the_latest_that_changed_something),
	    UNIT_TEST(a_large_ledger_is_cut_to_its_newest_runs),
	    UNIT_TEST(no_backup_outside_the_folder_is_removed),
	    UNIT_TEST(a_line_that_was_cut_is_taken_off),
	    UNIT_TEST(a_journal_that_cannot_be_written_stays_so),
	    UNIT_TEST(run_ids_sort_by_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
