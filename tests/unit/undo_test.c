/* Undo plans from a journal that is made by hand. */
#include "../../agent/engine/undo.h"
#include "unit.h"

#define FLR "# a\n10de ffff flr false\n"
#define BRIDGE "# a\n10de ffff bridge false\n"

static const struct hp_ask_options options = {.hca_ids = (const uint32_t[]){0x15b31021}, .hca_id_count = 1};

struct host {
	struct hp_arena *a;
	struct hp_facts facts;
	struct hp_ledger_step steps[4];
	struct hp_ledger_run run;
};

static struct hp_ledger_for gpus[] = {{"gpu-reset", "0000:1b:00.0"}, {"gpu-reset", "0000:3d:00.0"}},
			    hcas[] = {{"hca-ats", "0000:1a:00.0"}}, settings[] = {{"kernel-ats-support", "host"}};
static struct hp_map_edit edit = {2, "10de ffff bridge false", "10de ffff flr false"};

static void value_is(struct host *h, const char *subject, const char *name, const char *now, const char *next)
{
	struct hp_fact *f = hp_fact_put(&h->facts, subject, name);
	f->now = now ? hp_present(now) : hp_no_data("it is away", NULL);
	f->next = next ? hp_present(next) : hp_no_data("it is away", NULL);
}

static void map_is(struct host *h, const char *text)
{
	struct hp_fact *f = hp_fact_put(&h->facts, HP_HOST, "passthru-map");
	f->now = text ? hp_present("read") : hp_no_data("it is away", NULL);
	f->evidence[0] = (struct hp_evidence){.source = "/etc/vmware/passthru.map", .record = hp_str(text ? text : "")};
}

static void device(struct host *h, const char *sbdf, uint16_t vendor, uint16_t id, uint16_t class_id, const char *reset)
{
	struct hp_device *d = hp_device_add(&h->facts);
	*d = (struct hp_device){.sbdf = sbdf,
				.vendor = vendor,
				.device = id,
				.class_id = class_id,
				.name = "",
				.vmkernel_name = "",
				.owner = "",
				.reset_method = reset};
	assert_true(hp_sbdf(hp_str(sbdf), &d->at));
}

static struct hp_ledger_step step(enum hp_setter by, const char *target, const char *setting, const char *from,
				  const char *to, struct hp_ledger_for *findings, size_t n)
{
	return (struct hp_ledger_step){.by = by,
				       .target = target,
				       .setting = setting,
				       .from = from,
				       .to = to,
				       .findings = findings,
				       .finding_count = n,
				       .has_result = true,
				       .result = HP_VERIFIED};
}

/* A run that set an HCA, a kernel setting and the map, in this order in its journal; the host has all of it. */
static struct host *host(struct hp_arena *a)
{
	struct host *h = hp_alloc(a, sizeof *h);
	h->a = a;
	hp_facts_init(&h->facts, a);
	hp_fact_put(&h->facts, HP_HOST, "pci")->now = hp_present("read");
	hp_fact_put(&h->facts, HP_HOST, "mst")->now = hp_present("read");
	device(h, "0000:1a:00.0", 0x15b3, 0x1021, 0x0207, "Function reset");
	device(h, "0000:1b:00.0", 0x10de, 0x2330, 0x0302, "Bridge reset");
	device(h, "0000:3d:00.0", 0x10de, 0x2330, 0x0302, "Bridge reset");
	struct hp_mst_device *m = hp_mst_add(&h->facts);
	*m = (struct hp_mst_device){.name = "mt4129_pciconf4", .device = 0x1021, .config = true};
	assert_true(hp_sbdf(hp_str("1a:00.0"), &m->at));
	value_is(h, "mt4129_pciconf4", "hca.ATS_ENABLED", "0", "1");
	value_is(h, HP_HOST, "kernel.atsSupport", "FALSE", "TRUE");
	map_is(h, FLR);
	h->steps[0] = step(HP_SET_HCA, "0000:1a:00.0", "ATS_ENABLED", "0", "1", hcas, 1);
	h->steps[1] = step(HP_SET_KERNEL, HP_HOST, "atsSupport", "FALSE", "TRUE", settings, 1);
	h->steps[2] = step(HP_SET_MAP, HP_HOST, "/etc/vmware/passthru.map", "bridge", "flr", gpus, 2);
	h->steps[2].edits = (struct hp_map_edits){&edit, 1};
	h->run = (struct hp_ledger_run){.id = "r", .steps = h->steps, .step_count = 3};
	return h;
}

static struct hp_plan undo(struct host *h)
{
	struct hp_plan p;
	hp_undo_plan(h->a, &h->run, &h->facts, &options, &p);
	return p;
}

static void all_of_it_in_order(void **state)
{
	struct host *h = host(*state);
	struct hp_plan p = undo(h);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.refused_count, 0);
	assert_string_equal(p.steps[0].command, "esxcli system settings kernel set -s atsSupport -v FALSE");
	assert_str(*state, p.steps[1].becomes, BRIDGE);
	assert_string_equal(p.steps[2].command, "/opt/mellanox/bin/mlxconfig -d mt4129_pciconf4 -y set ATS_ENABLED=0");
	assert_int_equal(p.steps[2].product, 0x15b31021);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(p.steps[i].number, i + 1);
		assert_int_equal(p.steps[i].reboot, HP_REBOOT_NONE); /* the old values are in force still */
	}
	assert_int_equal(p.change_count, 4);
	assert_string_equal(p.changes[2].subject, "0000:3d:00.0");
	assert_non_null(p.digest);
}

static void after_the_boot_it_needs_one(void **state)
{
	struct host *h = host(*state);
	value_is(h, "mt4129_pciconf4", "hca.ATS_ENABLED", "1", "1");
	value_is(h, HP_HOST, "kernel.atsSupport", NULL, "TRUE"); /* not known what is in force */
	h->facts.devices[2].reset_method = "Function reset";	 /* the two differ */
	struct hp_plan p = undo(h);
	assert_int_equal(p.steps[0].reboot, HP_REBOOT_ANY);
	assert_int_equal(p.steps[1].reboot, HP_REBOOT_ANY);
	assert_int_equal(p.steps[2].reboot, HP_REBOOT_FULL);
	assert_null(p.steps[0].now);
	assert_null(p.steps[1].now);
}

/* One step is spoilt; the two others go on. */
static struct hp_plan one_refused(struct host *h, const char *text)
{
	struct hp_plan p = undo(h);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.refused_count, text ? 1 : 0);
	if (text) {
		assert_string_equal(p.refused[0].where, "conflict");
		assert_true(p.refused[0].stop);
		assert_has(p.refused[0].text, text);
	}
	return p;
}

static void what_somebody_has_changed_since(void **state)
{
	struct hp_arena *a = *state;
	struct host *h = host(a);
	value_is(h, "mt4129_pciconf4", "hca.ATS_ENABLED", "0", "2");
	(void)one_refused(h,
			  "ATS_ENABLED of 0000:1a:00.0 is left alone: the run set it to 1, but the next boot brings 2");
	h = host(a);
	value_is(h, HP_HOST, "kernel.atsSupport", "FALSE", "maybe");
	(void)one_refused(h, "atsSupport is left alone");
	h = host(a);
	map_is(h, "# a\n10de ffff d3d0 false\n");
	(void)one_refused(h, "no longer reads \"10de ffff flr false\"");
	h = host(a);
	map_is(h, "10de ffff flr false\n# a\n10de ffff flr false\n");
	(void)one_refused(h, "stands in 2 lines");
}

static void what_is_back_already(void **state)
{
	struct hp_arena *a = *state;
	struct host *h = host(a);
	value_is(h, "mt4129_pciconf4", "hca.ATS_ENABLED", "0", "0");
	(void)one_refused(h, NULL);
	h = host(a);
	value_is(h, HP_HOST, "kernel.atsSupport", "FALSE", "FALSE");
	(void)one_refused(h, NULL);
	h = host(a);
	map_is(h, BRIDGE);
	(void)one_refused(h, NULL);
	map_is(h, "# more\n" BRIDGE "1af4 1000 link false\n");
	(void)one_refused(h, NULL);
}

static void what_cannot_be_read(void **state)
{
	struct hp_arena *a = *state;
	struct host *h = host(a);
	value_is(h, "mt4129_pciconf4", "hca.ATS_ENABLED", "0", NULL);
	(void)one_refused(h, "it is away");
	h = host(a);
	h->facts.mst_count = 0;
	(void)one_refused(h, "MFT does not list it");
	h = host(a);
	h->facts.devices[0].vmkernel_name = "vmnic7";
	(void)one_refused(h, "VMkernel uses it");
	h = host(a);
	value_is(h, HP_HOST, "kernel.atsSupport", "FALSE", NULL);
	(void)one_refused(h, "it is away");
	h = host(a);
	map_is(h, NULL);
	(void)one_refused(h, "it is away");
}

static void what_the_run_has_not_changed(void **state)
{
	struct host *h = host(*state);
	h->steps[0].result = HP_FAILED;
	h->steps[2].result = HP_PLANNED;
	struct hp_plan p = undo(h);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.refused_count, 0);
	h->steps[0].has_result = false; /* it was killed */
	h->steps[2].result = HP_INEFFECTIVE;
	assert_int_equal(undo(h).count, 3);
	h->run.step_count = 0;
	p = undo(h);
	assert_int_equal(p.count, 0);
}

static void the_map_after_other_edits(void **state)
{
	static const struct {
		const char *now, *then;
	} tries[] = {
	    {"# mine\n" FLR, "# mine\n" BRIDGE},
	    {FLR "1af4 1000 link false\n", BRIDGE "1af4 1000 link false\n"},
	    {"10de ffff flr false\n", "10de ffff bridge false\n"},
	    {"# a\n10de ffff flr false", "# a\n10de ffff bridge false"},
	    {"# a\r\n10de 2330 d3d0 false\n\n10de ffff flr false\n",
	     "# a\r\n10de 2330 d3d0 false\n\n10de ffff bridge false\n"},
	};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct host *h = host(a);
		map_is(h, tries[i].now);
		struct hp_plan p = undo(h);
		assert_int_equal(p.refused_count, 0);
		assert_str(a, p.steps[1].was, tries[i].now);
		assert_str(a, p.steps[1].becomes, tries[i].then);
	}
}

/* What an undo has done is noted as any run is, and taken back in turn. */
static void undo_of_an_undo(void **state)
{
	struct host *h = host(*state);
	struct hp_plan p = undo(h);
	struct hp_ledger_step *steps = hp_alloc_array(h->a, p.count, sizeof *steps);
	for (size_t i = 0; i < p.count; i++) {
		const struct hp_step *s = &p.steps[i];
		steps[i] = step(s->by, s->target, s->setting, s->from, s->to, gpus, s->by == HP_SET_MAP ? 2 : 0);
		steps[i].edits = s->edits;
		steps[i].result = HP_UNDONE;
	}
	h->run.steps = steps;
	value_is(h, "mt4129_pciconf4", "hca.ATS_ENABLED", "0", "0");
	value_is(h, HP_HOST, "kernel.atsSupport", "FALSE", "FALSE");
	map_is(h, BRIDGE);
	p = undo(h);
	assert_int_equal(p.count, 3);
	assert_string_equal(p.steps[0].to, "TRUE");
	assert_str(h->a, p.steps[1].becomes, FLR);
	assert_string_equal(p.steps[2].to, "1");
	assert_int_equal(p.steps[2].reboot, HP_REBOOT_FULL);
}

static struct hp_ledger_for acs[] = {{"bios-acs", HP_HOST}, {"bios-virtualization", HP_HOST}};

static struct host *host_with_bios(struct hp_arena *a)
{
	struct host *h = host(a);
	value_is(h, HP_HOST, "bios", "read", NULL);
	value_is(h, HP_HOST, "redfish.origin", "https://bmc", NULL);
	value_is(h, HP_HOST, "redfish.sessions-path", "/redfish/v1/Sessions", NULL);
	value_is(h, HP_HOST, "redfish.settings-path", "/redfish/v1/S/Bios/Settings", NULL);
	value_is(h, HP_HOST, "bios.Virt", "Enabled", "Enabled");
	h->steps[3] = step(HP_SET_BIOS, HP_HOST, "Virt", "Disabled", "Enabled", acs, 2);
	h->run.step_count = 4;
	return h;
}

static void attributes_of_the_bios(void **state)
{
	struct host *h = host_with_bios(*state);
	struct hp_plan p = undo(h);
	assert_int_equal(p.count, 4);
	assert_int_equal(p.steps[3].by, HP_SET_BIOS);
	assert_string_equal(p.steps[3].to, "Disabled");
	assert_string_equal(p.steps[3].now, "Enabled");
	assert_int_equal(p.steps[3].reboot, HP_REBOOT_FULL);
	assert_string_equal(p.steps[3].command,
			    "PATCH /redfish/v1/S/Bios/Settings {\"Attributes\": {\"Virt\": \"Disabled\"}}");
	assert_string_equal(p.changes[5].check, "bios-virtualization");
	value_is(h, HP_HOST, "bios.Virt", "Disabled", "Enabled"); /* before the reset */
	assert_int_equal(undo(h).steps[3].reboot, HP_REBOOT_NONE);
	value_is(h, HP_HOST, "bios.Virt", "Disabled", "Disabled"); /* the job was deleted */
	p = undo(h);
	assert_int_equal(p.count + p.refused_count, 3);
	value_is(h, HP_HOST, "bios.Virt", "Auto", "Auto");
	assert_has(undo(h).refused[0].text,
		   "Virt is left alone: the run set it to Enabled, but the next boot brings Auto");
	value_is(h, HP_HOST, "bios.Virt", "Enabled", NULL);
	assert_has(undo(h).refused[0].text, "it is away");
}

static void attributes_that_cannot_be_put_back(void **state)
{
	struct host *h = host_with_bios(*state);
	value_is(h, HP_HOST, "bios-type.Virt", "number", NULL);
	assert_has(undo(h).refused[0].text, "is a number");
	h = host(*state);
	h->steps[3] = step(HP_SET_BIOS, HP_HOST, "Virt", "Disabled", "Enabled", acs, 2);
	h->run.step_count = 4;
	assert_has(undo(h).refused[0].text, "no access to the BMC");
	value_is(h, HP_HOST, "bios", NULL, NULL);
	assert_has(undo(h).refused[0].text, "it is away");
	value_is(h, HP_HOST, "bios", "read", NULL);
	assert_has(undo(h).refused[0].text, "no such attribute");
	value_is(h, HP_HOST, "bios.Virt", "Enabled", "Enabled");
	assert_has(undo(h).refused[0].text, "names no settings object");
	assert_int_equal(undo(h).count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(all_of_it_in_order),
	    UNIT_TEST(after_the_boot_it_needs_one),
	    UNIT_TEST(what_somebody_has_changed_since),
	    UNIT_TEST(what_is_back_already),
	    UNIT_TEST(what_cannot_be_read),
	    UNIT_TEST(what_the_run_has_not_changed),
	    UNIT_TEST(the_map_after_other_edits),
	    UNIT_TEST(undo_of_an_undo),
	    UNIT_TEST(attributes_of_the_bios),
	    UNIT_TEST(attributes_that_cannot_be_put_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
