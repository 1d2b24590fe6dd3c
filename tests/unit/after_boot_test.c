/* Has the host booted since a run? And the advice that is given once. What follows for findings is in tests/cases. */
#include "../../agent/engine/after_boot.h"
#include "unit.h"

#define MINUTE_US 60000000ull
#define HOUR_US (60 * MINUTE_US)
#define WALL 1795316645000

static struct hp_ledger_run run_in(const char *boot, uint64_t uptime_us, int64_t wall_ms)
{
	return (struct hp_ledger_run){
	    .id = "r", .boot = boot, .uptime_us = uptime_us, .wall_ms = wall_ms, .build = "1"};
}

static void booted_only_when_it_is_sure(void **state)
{
	static const struct {
		const char *what, *run_boot, *boot;
		uint64_t run_uptime, uptime;
		int64_t run_wall, wall;
		bool booted;
	} tries[] = {
	    {"a reboot", "a", "b", 10 * HOUR_US, MINUTE_US, WALL, WALL + 600000, true},
	    {"a reboot long ago", "a", "b", 10 * HOUR_US, 40 * HOUR_US, WALL, WALL + 200 * 3600000ll, true},
	    {"a reboot soon after a boot", "a", "b", MINUTE_US, 2 * MINUTE_US, WALL, WALL + 600000, true},
	    {"the same boot", "a", "a", 10 * HOUR_US, MINUTE_US, WALL, WALL + 600000, false},
	    {"only the token was lost", "a", "b", 10 * HOUR_US, 11 * HOUR_US, WALL, WALL + 3600000, false},
	    {"by a microsecond", "a", "b", 10 * HOUR_US, 11 * HOUR_US - 1, WALL, WALL + 3600000, true},
	    {"no token now", "a", NULL, 10 * HOUR_US, MINUTE_US, WALL, WALL + 600000, false},
	    {"no token then", NULL, "b", 10 * HOUR_US, MINUTE_US, WALL, WALL + 600000, false},
	    {"no uptime now", "a", "b", 10 * HOUR_US, 0, WALL, WALL + 600000, false},
	    {"no uptime then", "a", "b", 0, MINUTE_US, WALL, WALL + 600000, false},
	    {"the clock went back, and no reboot", "a", "b", HOUR_US, 2 * HOUR_US, WALL, WALL - 86400000, false},
	    {"the clock went back, and a reboot", "a", "b", 2 * HOUR_US, HOUR_US, WALL, WALL - 86400000, true},
	    {"the clock stood still", "a", "b", HOUR_US, HOUR_US, WALL, WALL, false},
	    {"no clock now", "a", "b", HOUR_US, HOUR_US - 1, WALL, 0, true},
	    {"no clock now, up for longer", "a", "b", HOUR_US, HOUR_US + 1, WALL, 0, false},
	    {"no clock then", "a", "b", HOUR_US, 2 * HOUR_US, 0, WALL, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct hp_ledger_run r = run_in(tries[i].run_boot, tries[i].run_uptime, tries[i].run_wall);
		struct hp_boot b = {.token = tries[i].boot, .uptime_us = tries[i].uptime, .wall_ms = tries[i].wall};
		if (hp_booted_since(&r, &b) != tries[i].booted)
			fail_msg("%s", tries[i].what);
	}
}

static void what_the_facts_say_of_a_boot(void **state)
{
	struct hp_facts f;
	hp_facts_init(&f, *state);
	struct hp_boot b = hp_boot_of(&f, 7);
	assert_null(b.token);
	assert_null(b.build);
	assert_true(b.uptime_us == 0 && b.wall_ms == 7 && !b.quick);
	hp_fact_put(&f, HP_HOST, "boot-token")->now = hp_present("t");
	hp_fact_put(&f, HP_HOST, "uptime-us")->now = hp_present("271800123456");
	hp_fact_put(&f, HP_HOST, "quick-boot")->now = hp_present("1");
	hp_fact_put(&f, HP_HOST, "esx.build")->now = hp_present("24755229");
	b = hp_boot_of(&f, 0);
	assert_string_equal(b.token, "t");
	assert_string_equal(b.build, "24755229");
	assert_true(b.uptime_us == 271800123456 && b.quick);
	hp_fact_put(&f, HP_HOST, "uptime-us")->now = hp_present("soon");
	hp_fact_put(&f, HP_HOST, "quick-boot")->now = hp_no_data("away", NULL);
	b = hp_boot_of(&f, 0);
	assert_true(b.uptime_us == 0 && !b.quick);
}

static struct hp_finding advised(void)
{
	return (struct hp_finding){.check = "hca-ats",
				   .subject = "0000:1a:00.0",
				   .state = HP_FAIL,
				   .awaits_boot = true,
				   .remedy = {.reboot = HP_REBOOT_COLD}};
}

static void advice_is_noted_once_per_boot(void **state)
{
	struct hp_ledger_offer offer = {"hca-ats", "0000:1a:00.0", HP_REBOOT_COLD};
	struct hp_ledger_run r = run_in("a", HOUR_US, WALL);
	struct hp_ledger l = {.runs = &r, .count = 1};
	struct hp_boot here = {.token = "a"}, later = {.token = "b"}, unknown = {.token = NULL};
	struct hp_finding f = advised();
	(void)state;
	assert_true(hp_offer_is_new(&l, &here, &f));
	r.offers = &offer;
	r.offer_count = 1;
	assert_false(hp_offer_is_new(&l, &here, &f));
	assert_true(hp_offer_is_new(&l, &later, &f));
	assert_true(hp_offer_is_new(&l, &unknown, &f));
	offer.subject = "0000:3c:00.0";
	assert_true(hp_offer_is_new(&l, &here, &f));
	offer.subject = f.subject;
	offer.check = "gpu-reset";
	assert_true(hp_offer_is_new(&l, &here, &f));
	offer.check = f.check;
	offer.reboot = HP_REBOOT_FULL;
	assert_true(hp_offer_is_new(&l, &here, &f));
}

static void only_a_power_cycle_that_is_awaited_is_noted(void **state)
{
	struct hp_ledger l = {.count = 0};
	struct hp_boot here = {.token = "a"};
	struct hp_finding f = advised();
	(void)state;
	f.awaits_boot = false;
	assert_false(hp_offer_is_new(&l, &here, &f));
	f = advised();
	f.state = HP_PENDING_REBOOT;
	assert_false(hp_offer_is_new(&l, &here, &f));
	f = advised();
	f.remedy.reboot = HP_REBOOT_FULL;
	assert_false(hp_offer_is_new(&l, &here, &f));
}

/* ---- changes that boots have lost ---- */

struct lost {
	struct hp_ledger_run runs[4];
	struct hp_ledger_step steps[4];
	struct hp_ledger ledger;
	struct hp_finding finding;
	struct hp_findings findings;
};

static struct hp_ledger_for lost_for = {"kernel-ats-support", HP_HOST};

/* Runs of boots a, b, c …, each of which set it. */
static struct lost *lost_by(struct hp_arena *a, size_t runs)
{
	struct lost *l = hp_alloc(a, sizeof *l);
	for (size_t i = 0; i < runs; i++) {
		l->steps[i] = (struct hp_ledger_step){.number = 1,
						      .by = HP_SET_KERNEL,
						      .target = HP_HOST,
						      .setting = "atsSupport",
						      .from = "FALSE",
						      .to = "TRUE",
						      .findings = &lost_for,
						      .finding_count = 1,
						      .has_result = true,
						      .result = HP_VERIFIED};
		l->runs[i] = run_in(hp_format(a, "%c", (char)('a' + (int)i)), 9 * HOUR_US, WALL);
		l->runs[i].steps = &l->steps[i];
		l->runs[i].step_count = 1;
	}
	l->ledger = (struct hp_ledger){.runs = l->runs, .count = runs};
	l->finding = (struct hp_finding){.check = "kernel-ats-support",
					 .subject = HP_HOST,
					 .state = HP_FAIL,
					 .want = "TRUE",
					 .now = "FALSE",
					 .next = "FALSE",
					 .text = "x.",
					 .remedy = {.fixable = true},
					 .wanted = {.by = HP_SET_KERNEL}};
	l->findings = (struct hp_findings){&l->finding, 1};
	return l;
}

static bool held_back(struct hp_arena *a, struct lost *l, bool may_repeat)
{
	struct hp_boot b = {.token = "now", .uptime_us = HOUR_US, .build = "1"};
	l->finding.text = "x.";
	l->finding.remedy.fixable = true;
	l->finding.wanted.by = HP_SET_KERNEL;
	hp_after_boot(a, &l->ledger, &b, may_repeat, &l->findings);
	assert_int_equal(l->finding.remedy.fixable, l->finding.wanted.by != HP_SET_NOTHING);
	return !l->finding.remedy.fixable;
}

static void two_boots_in_a_row_are_too_often(void **state)
{
	struct hp_arena *a = *state;
	for (size_t n = 0; n <= 4; n++) {
		struct lost *l = lost_by(a, n);
		assert_int_equal(held_back(a, l, false), n >= 2);
		assert_int_equal(hp_str_has(hp_str(l->finding.text), "not effective after reboot"), n >= 1);
		assert_false(held_back(a, l, true));
	}
}

static void what_breaks_the_row(void **state)
{
	struct hp_arena *a = *state;
	struct lost *l = lost_by(a, 2);
	assert_true(held_back(a, l, false));
	l->steps[1].to = "FALSE"; /* it was set back on purpose */
	assert_false(held_back(a, l, false));
	l = lost_by(a, 2);
	l->runs[0].boot = "b"; /* the same boot twice */
	assert_false(held_back(a, l, false));
	l = lost_by(a, 2);
	l->runs[0].build = "2"; /* an update lies between */
	assert_false(held_back(a, l, false));
	l = lost_by(a, 2);
	l->runs[0].build = NULL;
	assert_false(held_back(a, l, false));
	l = lost_by(a, 2);
	l->runs[1].boot = "now"; /* in this boot: nothing has lost it yet */
	assert_false(held_back(a, l, false));
	l = lost_by(a, 2);
	l->steps[0].result = HP_FAILED; /* it was never set */
	assert_false(held_back(a, l, false));
	l = lost_by(a, 3);
	l->steps[1].result = HP_FAILED; /* the two others are a row all the same */
	assert_true(held_back(a, l, false));
	l = lost_by(a, 2);
	l->runs[0].uptime_us = 0;
	assert_false(held_back(a, l, false));
}

static void other_findings_are_left_as_they_are(void **state)
{
	static const enum hp_state states[] = {HP_PASS, HP_REGRESSING, HP_UNKNOWN, HP_NOT_APPLICABLE, HP_SKIPPED};
	struct hp_boot b = {.token = "now", .uptime_us = HOUR_US, .build = "1"};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct lost *l = lost_by(*state, 2);
		l->finding.state = states[i];
		struct hp_finding before = l->finding;
		hp_after_boot(*state, &l->ledger, &b, false, &l->findings);
		assert_memory_equal(&before, &l->finding, sizeof before);
	}
	struct lost *l = lost_by(*state, 2);
	l->finding.subject = "0000:1b:00.0"; /* another one's */
	assert_false(held_back(*state, l, false));
	assert_string_equal(l->finding.text, "x.");
}

/* ---- the BIOS: a check of two attributes ---- */

static struct hp_bios_want pair[] = {
    {"A", "Enabled", "Disabled", "Disabled"}, {"B", "Enabled", "Disabled", "Disabled"}, {NULL, NULL, NULL, NULL}};

/* Of one run: A, then B. */
static struct lost *bios_run(struct hp_arena *a, enum hp_state now)
{
	struct lost *l = lost_by(a, 1);
	l->steps[0].by = HP_SET_BIOS;
	l->steps[0].setting = "A";
	l->steps[0].to = "Enabled";
	l->steps[0].reboot = HP_REBOOT_FULL;
	l->steps[1] = l->steps[0];
	l->steps[1].number = 2;
	l->steps[1].setting = "B";
	l->runs[0].step_count = 2;
	l->finding.state = now;
	l->finding.want = "A Enabled, B Enabled";
	l->finding.remedy.fixable = false;
	l->finding.wanted = (struct hp_wanted){.by = HP_SET_NOTHING, .attributes = pair};
	return l;
}

static const struct hp_finding *bios_judged(struct hp_arena *a, struct lost *l, bool quick, const char *a_now,
					    const char *a_next, const char *b_now, const char *b_next)
{
	struct hp_boot b = {.token = "now", .uptime_us = HOUR_US, .build = "1", .quick = quick};
	pair[0].now = a_now;
	pair[0].next = a_next;
	pair[1].now = b_now;
	pair[1].next = b_next;
	hp_after_boot(a, &l->ledger, &b, false, &l->findings);
	return &l->finding;
}

static void the_attribute_that_did_not_come_is_named(void **state)
{
	const struct hp_finding *f = bios_judged(*state, bios_run(*state, HP_PENDING_REBOOT), false, "Disabled",
						 "Enabled", "Enabled", "Enabled");
	assert_int_equal(f->state, HP_FAIL);
	assert_has(f->text, "A is set to Enabled since run");
	assert_has(f->remedy.text, "Job Queue");
	assert_int_equal(f->remedy.reboot, HP_REBOOT_COLD);
	f = bios_judged(*state, bios_run(*state, HP_PENDING_REBOOT), false, "Enabled", "Enabled", "Disabled",
			"Enabled");
	assert_has(f->text, "B is set to Enabled since run");
	f = bios_judged(*state, bios_run(*state, HP_PENDING_REBOOT), true, "Disabled", "Enabled", "Enabled", "Enabled");
	assert_has(f->text, "the BMC does not apply BIOS settings");
	assert_int_equal(f->remedy.reboot, HP_REBOOT_FULL);
}

static void an_attribute_that_was_lost(void **state)
{
	struct lost *l = bios_run(*state, HP_FAIL);
	const struct hp_finding *f = bios_judged(*state, l, false, "Disabled", "Disabled", "Enabled", "Enabled");
	assert_has(f->text, "was not effective after reboot, or was changed since");
	l = bios_run(*state, HP_FAIL);
	l->steps[0].setting = "C"; /* what is wrong now was never set */
	f = bios_judged(*state, l, false, "Disabled", "Disabled", "Enabled", "Enabled");
	assert_string_equal(f->text, "x.");
	l = bios_run(*state, HP_PENDING_REBOOT);
	l->runs[0].boot = "now";
	f = bios_judged(*state, l, false, "Disabled", "Enabled", "Disabled", "Enabled");
	assert_int_equal(f->state, HP_PENDING_REBOOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(booted_only_when_it_is_sure),	    UNIT_TEST(what_the_facts_say_of_a_boot),
	    UNIT_TEST(advice_is_noted_once_per_boot),	    UNIT_TEST(only_a_power_cycle_that_is_awaited_is_noted),
	    UNIT_TEST(two_boots_in_a_row_are_too_often),    UNIT_TEST(what_breaks_the_row),
	    UNIT_TEST(other_findings_are_left_as_they_are), UNIT_TEST(the_attribute_that_did_not_come_is_named),
	    UNIT_TEST(an_attribute_that_was_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
