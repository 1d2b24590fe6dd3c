#include "../../agent/engine/inventory.h"
#include "../../agent/engine/judge.h"
#include "unit.h"

static void the_pair_table(void **state)
{
	(void)state;
	static const struct {
		const char *now, *next; /* NULL: no data; "-": absent */
		enum hp_state state;
	} cases[] = {
	    {"1", "1", HP_PASS},     {"0", "1", HP_PENDING_REBOOT}, {"1", "0", HP_REGRESSING}, {"0", "0", HP_FAIL},
	    {"0", "2", HP_FAIL},     {"", "1", HP_PENDING_REBOOT},  {"1", "", HP_REGRESSING},  {"", "", HP_FAIL},
	    {NULL, "1", HP_UNKNOWN}, {"1", NULL, HP_UNKNOWN},	    {NULL, NULL, HP_UNKNOWN},  {"-", "1", HP_UNKNOWN},
	    {"1", "-", HP_UNKNOWN},  {"0", NULL, HP_UNKNOWN},	    {NULL, "0", HP_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_value v[2];
		const char *texts[2] = {cases[i].now, cases[i].next};
		for (int k = 0; k < 2; k++)
			v[k] = !texts[k]	       ? hp_no_data("why", NULL)
			       : strcmp(texts[k], "-") ? hp_present(texts[k])
						       : hp_absent("where");
		assert_int_equal(hp_judge_pair("1", &v[0], &v[1]), cases[i].state);
	}
}

static const struct hp_check check = {
    .id = "hca-ats", .title = "Title", .fixable = true, .want = "1", .reboot = HP_REBOOT_FULL};

static struct hp_judge judge_for(struct hp_arena *a, struct hp_facts *f)
{
	static const struct hp_inventory none = {.pci = {.is = HP_PRESENT, .text = ""}};
	hp_facts_init(f, a);
	return (struct hp_judge){
	    .check = &check, .arena = a, .facts = f, .inventory = &none, .want = "1", .severity = HP_MAJOR};
}

static void a_finding_says_what_it_rests_on(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts f;
	struct hp_judge j = judge_for(a, &f);
	struct hp_fact fact = {.now = hp_present("0"),
			       .next = hp_present("1"),
			       .evidence = {{.source = "/bin/x", .record = hp_str("record")}}};
	struct hp_finding *g = hp_expect(&j, "0000:1a:00.0", "ATS_ENABLED", "1", &fact);
	assert_int_equal(g->state, HP_PENDING_REBOOT);
	assert_string_equal(g->text, "ATS_ENABLED is 0 now; the next boot brings 1.");
	assert_string_equal(g->check, "hca-ats");
	assert_string_equal(g->now, "0");
	assert_string_equal(g->next, "1");
	assert_int_equal(g->severity, HP_MAJOR);
	assert_int_equal(g->evidence_count, 1);
	fact.next = hp_no_data("it was cut off", "Look again.");
	g = hp_expect(&j, "s", "ATS_ENABLED", "1", &fact);
	assert_int_equal(g->state, HP_UNKNOWN);
	assert_has(g->text, "it was cut off");
	assert_null(g->next);
	assert_string_equal(g->now, "0");
	assert_false(g->remedy.fixable);
	for (int i = 0; i < 10; i++) /* no more than there is room for */
		hp_cite(g, &fact.evidence[0]);
	assert_int_equal(g->evidence_count, HP_EVIDENCE_MAX);
}

static void only_what_fails_is_fixed(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts f;
	struct hp_judge j = judge_for(a, &f);
	for (int s = 0; s < HP_STATES; s++) {
		struct hp_finding *g = hp_say(&j, "s", (enum hp_state)s, "");
		hp_remedy(g, "do", NULL);
		assert_int_equal(g->remedy.fixable, s == HP_FAIL || s == HP_REGRESSING);
	}
	for (int i = 0; i < 500; i++) /* as many as need be */
		(void)hp_say(&j, "s", HP_PASS, "");
	assert_int_equal(j.count, HP_STATES + 500);
}

static void facts_are_found_again(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts f;
	hp_facts_init(&f, a);
	assert_null(hp_fact_find(&f, "host", "x"));
	assert_int_equal(hp_fact(&f, "host", "x")->now.is, HP_NO_DATA);
	assert_non_null(hp_fact(&f, "host", "x")->now.why);
	for (int i = 0; i < 3000; i++)
		hp_fact_put(&f, hp_format(a, "s%d", i % 50), hp_format(a, "n%d", i))->now =
		    hp_present(hp_format(a, "%d", i));
	for (int i = 0; i < 3000; i++)
		assert_string_equal(hp_fact_text(&f, hp_format(a, "s%d", i % 50), hp_format(a, "n%d", i)),
				    hp_format(a, "%d", i));
	assert_int_equal(f.count, 3000);
	(void)hp_fact_put(&f, "s0", "n0");
	assert_int_equal(f.count, 3000);
	assert_null(hp_fact_text(&f, "s0n", "0")); /* subject and name are two */
}

/* ---- inventory ---- */

static const uint32_t ids[] = {0x15b31021};
static const struct hp_ask_options options = {.hca_ids = ids, .hca_id_count = 1};

static void add_device(struct hp_facts *f, const char *sbdf, unsigned vendor, unsigned device, unsigned class_id,
		       const char *vmkernel_name)
{
	struct hp_device *d = hp_device_add(f);
	assert_true(hp_sbdf(hp_str(sbdf), &d->at));
	d->sbdf = sbdf;
	d->vendor = (uint16_t)vendor;
	d->device = (uint16_t)device;
	d->class_id = (uint16_t)class_id;
	d->vmkernel_name = vmkernel_name;
	d->name = d->owner = "";
}

static void add_mst(struct hp_facts *f, const char *name, const char *at, unsigned device, bool config, const char *net)
{
	struct hp_mst_device *m = hp_mst_add(f);
	assert_true(hp_sbdf(hp_str(at), &m->at));
	m->name = name;
	m->device = (uint16_t)device;
	m->config = config;
	m->net = net;
}

static struct hp_facts *facts_with_pci(struct hp_arena *a)
{
	struct hp_facts *f = hp_alloc(a, sizeof *f);
	hp_facts_init(f, a);
	hp_fact_put(f, HP_HOST, "pci")->now = hp_present("devices");
	hp_fact_put(f, HP_HOST, "mst")->now = hp_present("devices");
	return f;
}

static void who_is_what(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts *f = facts_with_pci(a);
	struct hp_inventory v;
	add_device(f, "0000:3c:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_device(f, "0000:1b:00.0", 0x10de, 0x2330, 0x0302, "");
	add_device(f, "0000:1c:00.0", 0x10de, 0x2330, 0x0300, "");
	add_device(f, "0000:1b:00.1", 0x10de, 0x22be, 0x0403, ""); /* a GPU's sound */
	add_device(f, "0000:07:00.0", 0x10de, 0x22a3, 0x0680, "");
	add_device(f, "0000:08:00.0", 0x8086, 0x2330, 0x0302, "");
	add_device(f, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_device(f, "0000:5c:00.0", 0x15b3, 0x101d, 0x0200, "vmnic2"); /* another HCA */
	add_device(f, "0000:1a:00.1", 0x15b3, 0x1021, 0x0207, "PF_0.26.0_VF_0");
	add_device(f, "0000:5e:00.0", 0x15b3, 0x1021, 0x0207, "vmnic4");
	add_mst(f, "mt4129_pciconf0", "1a:00.0", 0x1021, true, NULL);
	add_mst(f, "mt4129_pciconf9", "99:00.0", 0x1021, true, NULL);
	hp_inventory_make(a, f, &options, &v);
	assert_int_equal(v.gpu_count, 2);
	assert_int_equal(v.nvswitch_count, 1);
	assert_int_equal(v.hca_count, 3); /* by address; no virtual function */
	assert_string_equal(v.hcas[0].device->sbdf, "0000:1a:00.0");
	assert_string_equal(v.hcas[1].device->sbdf, "0000:3c:00.0");
	assert_has(v.hcas[0].used_by, "virtual functions");
	assert_null(v.hcas[1].used_by);
	assert_has(v.hcas[2].used_by, "vmnic4");
	assert_int_equal(v.hca_used, 2);
	assert_string_equal(v.hcas[0].mst->name, "mt4129_pciconf0");
	assert_null(v.hcas[1].mst);
	assert_int_equal(v.mst_hcas, 2);
	assert_int_equal(v.stranger_count, 1);
	assert_string_equal(v.strangers[0]->name, "mt4129_pciconf9");
}

static const struct hp_hca *first_hca(struct hp_arena *a, struct hp_facts *f)
{
	struct hp_inventory *v = hp_alloc(a, sizeof *v);
	hp_inventory_make(a, f, &options, v);
	return &v->hcas[0];
}

static void whose_row_it_is(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts *f = facts_with_pci(a);
	add_device(f, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_mst(f, "mt4129_pci_cr0", "1a:00.0", 0x1021, false, NULL);
	add_mst(f, "mt4129_pciconf0", "1a:00.0", 0x1021, true, NULL);
	assert_string_equal(first_hca(a, f)->mst->name, "mt4129_pciconf0"); /* and not pci_cr */
	assert_null(first_hca(a, f)->unclear);
	add_mst(f, "mt4129_pciconf0", "1a:00.0", 0x1021, true, NULL); /* the same once more says nothing new */
	assert_null(first_hca(a, f)->unclear);
	add_mst(f, "mt4129_pciconf3", "1a:00.0", 0x1021, true, NULL);
	assert_has(first_hca(a, f)->unclear, "lists 0000:1a:00.0 twice");

	f = facts_with_pci(a);
	add_device(f, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_mst(f, "mt4119_pciconf0", "1a:00.0", 4119, true, NULL);
	assert_has(first_hca(a, f)->unclear, "15b3:1021");

	f = facts_with_pci(a);
	add_device(f, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_mst(f, "mt4129_pciconf0", "1a:00.0", 0x1021, true, NULL);
	add_mst(f, "mt4129_pciconf0", "3c:00.0", 0x1021, true, NULL);
	assert_has(first_hca(a, f)->unclear, "two addresses");

	f = facts_with_pci(a);
	add_device(f, "0001:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_mst(f, "mt4129_pciconf0", "0000:1a:00.0", 0x1021, true, NULL);
	assert_null(first_hca(a, f)->mst); /* another domain */
	add_mst(f, "mt4129_pciconf1", "1a:00.0", 0x1021, true, NULL);
	assert_string_equal(first_hca(a, f)->mst->name, "mt4129_pciconf1");
	add_device(f, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	struct hp_inventory v;
	hp_inventory_make(a, f, &options, &v);
	assert_non_null(v.hcas[0].unclear); /* two domains, and one row that does not say which */
	assert_non_null(v.hcas[1].unclear);

	f = facts_with_pci(a);
	add_device(f, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "");
	add_mst(f, "mt4129_pciconf0", "1a:00.0", 0x1021, true, "vmnic7");
	assert_has(first_hca(a, f)->used_by, "vmnic7");
}

/* ---- all checks ---- */

static void nothing_known_passes_nothing(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts f;
	struct hp_policy policy;
	struct hp_selection s = {.only = NULL};
	struct hp_findings all;
	struct hp_err err;
	hp_facts_init(&f, a);
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	assert_int_equal(hp_select(a, &s, &err), 0);
	hp_judge_all(a, &f, &policy, &s, &all);
	assert_true(all.count >= hp_check_count());
	for (size_t i = 0; i < all.count; i++) {
		assert_true(all.items[i].state == HP_UNKNOWN || all.items[i].state == HP_SKIPPED);
		assert_false(all.items[i].remedy.fixable);
		assert_true(all.items[i].text && *all.items[i].text);
	}
}

static void what_is_not_chosen_is_skipped(void **state)
{
	struct hp_arena *a = *state;
	struct hp_facts f;
	struct hp_policy policy;
	struct hp_selection s = {.only = "hca-ats"};
	struct hp_findings all;
	struct hp_err err;
	hp_facts_init(&f, a);
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	assert_int_equal(hp_select(a, &s, &err), 0);
	hp_judge_all(a, &f, &policy, &s, &all);
	for (size_t i = 0; i < all.count; i++)
		assert_int_equal(all.items[i].state, strcmp(all.items[i].check, "hca-ats") ? HP_SKIPPED : HP_UNKNOWN);
}

static void checks_are_in_order_and_complete(void **state)
{
	(void)state;
	for (size_t i = 0; hp_checks[i]; i++) {
		const struct hp_check *c = hp_checks[i];
		assert_true(i == 0 || strcmp(hp_checks[i - 1]->id, c->id) < 0);
		assert_true(c->title && c->evaluate && c->needs[0] && c->tags[0]);
		assert_true(c->looks_at && c->why && c->fixed_by && c->undone_by);
		assert_true(c->want || c->want_kind == HP_WANT_NONE);
		assert_true(!c->fixable || c->reboot != HP_REBOOT_NONE);
	}
	assert_int_equal(hp_check_count() > 0, 1);
	assert_null(hp_check_find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_pair_table),
	    UNIT_TEST(a_finding_says_what_it_rests_on),
	    UNIT_TEST(only_what_fails_is_fixed),
	    UNIT_TEST(facts_are_found_again),
	    UNIT_TEST(who_is_what),
	    UNIT_TEST(whose_row_it_is),
	    UNIT_TEST(nothing_known_passes_nothing),
	    UNIT_TEST(what_is_not_chosen_is_skipped),
	    UNIT_TEST(checks_are_in_order_and_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
