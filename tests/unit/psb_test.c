/* psb-firmware with the facts that no case can have: what Redfish says, and the order of the sources. */
#include "../../agent/engine/checks.h"
#include "../../agent/engine/judge.h"
#include "unit.h"

#define A "0000:16:00.0"
#define B "0000:38:00.0"

struct board {
	struct hp_facts facts;
	struct hp_inventory inventory;
	struct hp_psb_policy psb;
	struct hp_judge judge;
};

static void add_bridge(struct board *b, const char *sbdf)
{
	*hp_device_add(&b->facts) = (struct hp_device){.sbdf = sbdf,
						       .vendor = 0x1000,
						       .device = 0xc030,
						       .class_id = 0x0604,
						       .evidence = {.source = "/bin/esxcli hardware pci list"}};
}

static void fact(struct board *b, const char *subject, const char *name, const char *now)
{
	struct hp_fact *f = hp_fact_put(&b->facts, subject, name);
	f->now = now ? hp_present(now) : hp_no_data("it was not told", "Ask again.");
	f->evidence[0] = (struct hp_evidence){.source = name, .record = hp_str("record")};
}

/* A Dell host with one bridge, of which nothing is known yet. */
static struct board *board(struct hp_arena *a)
{
	struct board *b = hp_alloc(a, sizeof *b);
	hp_facts_init(&b->facts, a);
	b->inventory.pci = hp_present("");
	b->judge = (struct hp_judge){.check = hp_check_find("psb-firmware"),
				     .arena = a,
				     .facts = &b->facts,
				     .inventory = &b->inventory,
				     .severity = HP_MAJOR,
				     .psb = &b->psb};
	add_bridge(b, A);
	fact(b, HP_HOST, "vendor", "Dell Inc.");
	return b;
}

static void entry(struct hp_arena *a, struct board *b, unsigned n, const char *version)
{
	const char *subject = hp_format(a, "psb-inventory-%u", n);
	fact(b, subject, "psb.name", hp_format(a, "PSB%u", n + 1));
	fact(b, subject, "psb.version", version);
	fact(b, HP_HOST, "psb.inventory", hp_format(a, "%u", n + 1));
}

static struct hp_finding *judged(struct board *b)
{
	b->judge.count = 0;
	b->judge.check->evaluate(&b->judge);
	assert_true(b->judge.count >= 1);
	return b->judge.findings[0];
}

static void the_table(void **state)
{
	static const char *const old[] = {"224a", "224b", "224c"}, *const new[] = {"2330", "2331", "2332", "2333",
										   "236b", "236c", "236d", "236e",
										   "236f", "2370", "2371", "2372",
										   "2373", "2374"},
				 *const unknown[] = {"22f7", "0000", "2249", "224d", "232f",
						     "2334", "236a", "2375", "ffff"};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof old / sizeof old[0]; i++)
		assert_int_equal(hp_psb_generation(hp_format(a, "1028:%s", old[i])), HP_PSB_OLD);
	for (size_t i = 0; i < sizeof new / sizeof new[0]; i++)
		assert_int_equal(hp_psb_generation(hp_format(a, "1028:%s", new[i])), HP_PSB_NEW);
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
		assert_int_equal(hp_psb_generation(hp_format(a, "1028:%s", unknown[i])), HP_PSB_UNKNOWN);
	assert_int_equal(hp_psb_generation("10de:2330"), HP_PSB_UNKNOWN); /* an H100 has that device id */
	assert_int_equal(hp_psb_generation("1028:236D"), HP_PSB_NEW);
	assert_int_equal(hp_psb_generation("1028:2330 "), HP_PSB_UNKNOWN);
	assert_int_equal(hp_psb_generation(""), HP_PSB_UNKNOWN);
}

static void nothing_is_unknown(void **state)
{
	struct hp_finding *f = judged(board(*state));
	assert_int_equal(f->state, HP_UNKNOWN);
	assert_null(f->now);
	assert_string_equal(f->want, "4.160.3.0 or later");
	assert_has(f->remedy.text, "Redfish (redfish)");
	assert_has(f->remedy.text, "psb: version");
	assert_false(f->remedy.fixable);
	assert_int_equal(f->evidence_count, 1);
}

/* Each source decides only where those before it have not. */
static void the_order_of_the_sources(void **state)
{
	struct hp_arena *a = *state;
	struct board *b = board(a);
	b->psb.version = "4.161.0.0";
	struct hp_finding *f = judged(b);
	assert_int_equal(f->state, HP_PASS);
	assert_string_equal(f->now, "4.161.0.0 (stated)");
	assert_has(f->text, "Stated by the operator");
	assert_has(f->evidence[0].source, "stated by the operator");
	entry(a, b, 0, "4.100.0.0");
	f = judged(b);
	assert_int_equal(f->state, HP_FAIL);
	assert_string_equal(f->now, "4.100.0.0");
	assert_has(f->text, "Redfish's firmware inventory: PSB1 4.100.0.0, too old. Otherwise: Stated");
	assert_string_equal(f->evidence[0].source, "psb.version");
	assert_has(f->remedy.text, ".BIN");
	assert_has(f->remedy.text, "https://");
	fact(b, A, "psb.redfish-ssid", "1028:2330");
	f = judged(b);
	assert_int_equal(f->state, HP_PASS);
	assert_string_equal(f->now, "4.160.3.0 generation (2330)");
	assert_has(f->text, "Subsystem id 1028:2330 among Redfish's PCIe functions: the 4.160.3.0 generation");
	assert_has(f->text, "Otherwise: Redfish's firmware inventory: PSB1 4.100.0.0, too old.");
	assert_no(f->text, "Stated"); /* it says the same */
	assert_string_equal(f->evidence[0].source, "psb.redfish-ssid");
	fact(b, A, "psb.ssid", "1028:224b");
	f = judged(b);
	assert_int_equal(f->state, HP_FAIL);
	assert_string_equal(f->now, "224b (older than 4.160.3.0)");
	assert_has(f->text, "Subsystem id 1028:224b on the PCI bus: older than 4.160.3.0.");
	assert_string_equal(f->evidence[0].source, "psb.ssid");
	assert_int_equal(f->evidence_count, HP_EVIDENCE_MAX);
}

static void no_answer_goes_on(void **state)
{
	static const char *const ids[] = {"1028:0000", "1028:22f7", "1028:1234", "1000:2330", NULL};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		for (size_t k = 0; k < sizeof ids / sizeof ids[0]; k++) {
			struct board *b = board(a);
			fact(b, A, "psb.ssid", ids[i]);
			fact(b, A, "psb.redfish-ssid", ids[k]);
			struct hp_finding *f = judged(b);
			assert_int_equal(f->state, HP_UNKNOWN);
			assert_has(f->text, ids[i] ? ids[i] : "it was not told");
			assert_has(f->text, ids[k] ? ids[k] : "it was not told");
			entry(a, b, 0, "4.160.3.0");
			f = judged(b);
			assert_int_equal(f->state, HP_PASS);
			assert_string_equal(f->now, "4.160.3.0");
			assert_has(f->text, "Redfish's firmware inventory: PSB1 4.160.3.0.");
		}
}

/* All entries must do, and one that is no version leaves it open. */
static void entries_of_the_inventory(void **state)
{
	static const struct {
		const char *versions[3];
		enum hp_state state;
		const char *now;
	} cases[] = {
	    {{"4.160.3.0", "4.161", NULL}, HP_PASS, "4.160.3.0"},
	    {{"4.160.3", "10", "4.160.3.0.1"}, HP_PASS, "4.160.3"},
	    {{"4.161", "4.99.9.9", NULL}, HP_FAIL, "4.99.9.9"},
	    {{"4.99", "4.161", "1"}, HP_FAIL, "4.99"},
	    {{"", "4.99", NULL}, HP_FAIL, "4.99"},
	    {{"4.161", "", NULL}, HP_UNKNOWN, NULL},
	    {{"", "4.161", NULL}, HP_UNKNOWN, NULL},
	    {{"4.161", "4.160.3.x", NULL}, HP_UNKNOWN, "4.160.3.x"},
	    {{"v4.161", NULL, NULL}, HP_UNKNOWN, "v4.161"},
	    {{"4.161-2", NULL, NULL}, HP_UNKNOWN, "4.161-2"},
	    {{"4.161.", NULL, NULL}, HP_UNKNOWN, "4.161."},
	    {{"", NULL, NULL}, HP_UNKNOWN, NULL},
	};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct board *b = board(a);
		for (unsigned k = 0; k < 3 && cases[i].versions[k]; k++)
			entry(a, b, k, *cases[i].versions[k] ? cases[i].versions[k] : NULL);
		struct hp_finding *f = judged(b);
		assert_int_equal(f->state, cases[i].state);
		assert_string_equal(f->now ? f->now : "-", cases[i].now ? cases[i].now : "-");
		assert_has(f->text, "PSB1 ");
	}
}

static void an_inventory_that_tells_nothing(void **state)
{
	struct board *b = board(*state);
	fact(b, HP_HOST, "psb.inventory", "0");
	struct hp_finding *f = judged(b);
	assert_int_equal(f->state, HP_UNKNOWN);
	assert_has(f->text, "no entry of a PCIe switch board");
	assert_no(f->remedy.text, "access to Redfish");
	fact(b, HP_HOST, "psb.inventory", NULL);
	f = judged(b);
	assert_int_equal(f->state, HP_UNKNOWN);
	assert_has(f->text, "it was not told");
	assert_has(f->remedy.text, "Ask again.");
	b->psb.version = "4.160.3.0";
	assert_int_equal(judged(b)->state, HP_PASS);
}

/* The ids tell one side of 4.160.3.0 from the other, and nothing finer. */
static void another_minimum(void **state)
{
	static const struct {
		const char *minimum, *ssid;
		enum hp_state state;
	} cases[] = {
	    {"4.160.3.0", "1028:224b", HP_FAIL}, {"4.160.3.0", "1028:2330", HP_PASS},
	    {"4.160.3", "1028:2330", HP_PASS},	 {"4.161", "1028:224b", HP_FAIL},
	    {"4.161", "1028:2330", HP_UNKNOWN},	 {"4.100", "1028:224b", HP_UNKNOWN},
	    {"4.100", "1028:2330", HP_PASS},	 {"4.160.3.0", "15d9:2330", HP_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct board *b = board(*state);
		fact(b, HP_HOST, "vendor", "Supermicro");
		fact(b, A, "psb.ssid", cases[i].ssid);
		struct hp_finding *f = judged(b);
		assert_int_equal(f->state, HP_NOT_APPLICABLE);
		assert_has(f->text, "\"Supermicro\"");
		b->psb.minimum = cases[i].minimum;
		f = judged(b);
		assert_int_equal(f->state, cases[i].state);
		assert_string_equal(f->want, hp_format(*state, "%s or later", cases[i].minimum));
	}
}

static void a_vendor_that_is_not_known(void **state)
{
	static const char *const vendors[] = {NULL, ""};
	for (size_t i = 0; i < 2; i++) {
		struct board *b = board(*state);
		fact(b, HP_HOST, "vendor", vendors[i]);
		assert_int_equal(judged(b)->state, HP_UNKNOWN);
		assert_has(judged(b)->text, "Whose board it is is not known");
		b->psb.version = "4.161"; /* of whose board? */
		assert_int_equal(judged(b)->state, HP_UNKNOWN);
		b->psb.version = NULL;
		fact(b, A, "psb.ssid", "15d9:2330");
		assert_int_equal(judged(b)->state, HP_UNKNOWN);
		fact(b, A, "psb.ssid", "1028:2330");
		assert_int_equal(judged(b)->state, HP_PASS);
		fact(b, A, "psb.ssid", NULL);
		fact(b, A, "psb.redfish-ssid", "1028:224b");
		assert_int_equal(judged(b)->state, HP_FAIL);
	}
}

static void old_beside_new(void **state)
{
	struct board *b = board(*state);
	add_bridge(b, B);
	fact(b, A, "psb.ssid", "1028:224b");
	fact(b, B, "psb.ssid", "1028:224b");
	assert_no(judged(b)->text, "side by side");
	fact(b, B, "psb.ssid", "1028:2330");
	assert_int_equal(judged(b)->state, HP_FAIL);
	assert_int_equal(b->judge.count, 2);
	assert_int_equal(b->judge.findings[1]->state, HP_PASS);
	assert_true(b->judge.findings[1]->note);
	for (int i = 0; i < 2; i++)
		assert_has(b->judge.findings[i]->text, "Old and new firmware generations stand side by side");
	fact(b, B, "psb.port", "downstream"); /* no board of its own */
	assert_no(judged(b)->text, "side by side");
	assert_int_equal(b->judge.count, 1);
	fact(b, A, "psb.port", "downstream");
	assert_int_equal(judged(b)->state, HP_UNKNOWN);
	assert_string_equal(judged(b)->subject, HP_HOST);
}

static void no_board(void **state)
{
	struct board *b = board(*state);
	b->facts.devices[0].device = 0xc034;
	assert_int_equal(judged(b)->state, HP_NOT_APPLICABLE);
	assert_string_equal(judged(b)->subject, HP_HOST);
	b->psb.minimum = "4.160.3.0";
	assert_int_equal(judged(b)->state, HP_UNKNOWN);
	b->psb = (struct hp_psb_policy){.version = "4.160.3.0"};
	assert_int_equal(judged(b)->state, HP_UNKNOWN);
	b->judge.psb = NULL;
	assert_int_equal(judged(b)->state, HP_NOT_APPLICABLE);
	b->inventory.pci = hp_no_data("it was cut off", NULL);
	assert_int_equal(judged(b)->state, HP_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_table),
	    UNIT_TEST(nothing_is_unknown),
	    UNIT_TEST(the_order_of_the_sources),
	    UNIT_TEST(no_answer_goes_on),
	    UNIT_TEST(entries_of_the_inventory),
	    UNIT_TEST(an_inventory_that_tells_nothing),
	    UNIT_TEST(another_minimum),
	    UNIT_TEST(a_vendor_that_is_not_known),
	    UNIT_TEST(old_beside_new),
	    UNIT_TEST(no_board),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
