/* Each gate: open, closed, not known, overridden. */
#include "../../agent/engine/gates.h"
#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

static void put(struct hp_facts *f, const char *name, struct hp_value v)
{
	hp_fact_put(f, HP_HOST, name)->now = v;
}

/* A host on which every gate is open. */
static struct hp_facts *ready(struct hp_arena *a)
{
	struct hp_facts *f = hp_alloc(a, sizeof *f);
	hp_facts_init(f, a);
	put(f, "esx.version", hp_present("9.0.0"));
	put(f, "maintenance", hp_present("Enabled"));
	put(f, "running-vms", hp_present("0"));
	put(f, "rebooting-image", hp_present("none"));
	put(f, "bootbank", hp_present("/vmfs/volumes/0a1b2c3d-4e5f6071"));
	put(f, "bootbank-folder", hp_present("dir"));
	return f;
}

static struct hp_plan plan_of(struct hp_arena *a, enum hp_setter by, uint32_t product)
{
	struct hp_plan p = {.count = 0};
	(void)hp_plan_step(a, &p, &(struct hp_step){.by = by, .target = "0000:1a:00.0", .product = product});
	return p;
}

#define CX7 0x15b31021u

static size_t try(struct hp_arena *a, const struct hp_facts *f, enum hp_setter by, const char *overrides,
		  struct hp_trouble **ret)
{
	struct hp_plan p = plan_of(a, by, CX7);
	return hp_gates_try(a, f, &p, overrides, NULL, ret);
}

static void all_open(void **state)
{
	struct hp_trouble *t;
	assert_int_equal(try(*state, ready(*state), HP_SET_HCA, NULL, &t), 0);
	assert_int_equal(try(*state, ready(*state), HP_SET_KERNEL, NULL, &t), 0);
	assert_int_equal(try(*state, ready(*state), HP_SET_MAP, NULL, &t), 0);
}

static void the_bios_wants_no_less(void **state)
{
	struct hp_trouble *t;
	struct hp_facts *f = ready(*state);
	assert_int_equal(try(*state, f, HP_SET_BIOS, NULL, &t), 0);
	put(f, "running-vms", hp_present("2")); /* it is set in the BMC */
	assert_int_equal(try(*state, f, HP_SET_BIOS, NULL, &t), 0);
	put(f, "maintenance", hp_present("Disabled"));
	assert_int_equal(try(*state, f, HP_SET_BIOS, NULL, &t), 1);
	assert_string_equal(t[0].where, "maintenance-mode");
}

static void nothing_known_closes_every_gate(void **state)
{
	static const char *const closed[] = {"esx", "maintenance-mode", "running-vms", "rebooting-image", "bootbank"};
	struct hp_facts *f = hp_alloc(*state, sizeof *f);
	struct hp_trouble *t;
	hp_facts_init(f, *state);
	assert_int_equal(try(*state, f, HP_SET_HCA, NULL, &t), COUNT(closed));
	for (size_t i = 0; i < COUNT(closed); i++) {
		assert_string_equal(t[i].where, closed[i]);
		assert_true(t[i].stop);
		assert_has(t[i].text, hp_format(*state, "--override %s", closed[i]));
	}
}

static void each_gate_by_itself(void **state)
{
	static const struct {
		const char *fact, *value, *gate, *text; /* value NULL: not known; "-": ABSENT; gate NULL: open */
	} tries[] = {
	    {"esx.version", "8.0.3", NULL, NULL},
	    {"esx.version", "9.1", NULL, NULL},
	    {"esx.version", "7.0.3", "esx", "ESX 7.0.3 is not supported"},
	    {"esx.version", "10.0.0", "esx", "not supported"},
	    {"esx.version", "garbage", "esx", "not known"},
	    {"esx.version", NULL, "esx", "not known: away"},
	    {"maintenance", "Disabled", "maintenance-mode", "not in maintenance mode"},
	    {"maintenance", "enabled", "maintenance-mode", "not in maintenance mode"},
	    {"maintenance", NULL, "maintenance-mode", "not known: away"},
	    {"maintenance", "-", "maintenance-mode", "not known"},
	    {"running-vms", "1", "running-vms", "1 runs here"},
	    {"running-vms", "12", "running-vms", "12 run here"},
	    {"running-vms", "", "running-vms", "HCAs are set only"},
	    {"running-vms", NULL, "running-vms", "not known: away"},
	    {"rebooting-image", "1 VIBs", "rebooting-image", "waits for a reboot"},
	    {"rebooting-image", "", "rebooting-image", "waits for a reboot"},
	    {"rebooting-image", NULL, "rebooting-image", "not known: away"},
	    {"rebooting-image", "-", "rebooting-image", "not known"},
	    {"bootbank", "vmfs/volumes/x", NULL, NULL},
	    {"bootbank", "../vmfs/volumes/x", NULL, NULL},
	    {"bootbank", "./vmfs/volumes/x", NULL, NULL},
	    {"bootbank", "/tmp/_osdata", "bootbank", "leads to /tmp/_osdata"},
	    {"bootbank", "/vmfs/volumes/", "bootbank", "KB 373820"},
	    {"bootbank", "/vmfs/volumes", "bootbank", "KB 373820"},
	    {"bootbank", "/vmfs/volumes/../../tmp/x", "bootbank", "KB 373820"},
	    {"bootbank", "/tmp/vmfs/volumes/x", "bootbank", "KB 373820"},
	    {"bootbank", "", "bootbank", "KB 373820"},
	    {"bootbank", "-", "bootbank", "is no link into /vmfs/volumes"},
	    {"bootbank", NULL, "bootbank", "not known: away"},
	};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < COUNT(tries); i++) {
		struct hp_facts *f = ready(a);
		struct hp_trouble *t;
		const char *v = tries[i].value;
		put(f, tries[i].fact,
		    !v			  ? hp_no_data("away", NULL)
		    : strcmp(v, "-") == 0 ? hp_absent("not there")
					  : hp_present(v));
		size_t n = try(a, f, HP_SET_HCA, NULL, &t);
		if (n != (tries[i].gate ? 1u : 0u))
			fail_msg("%s=%s: %zu gates are closed", tries[i].fact, v ? v : "?", n);
		if (!tries[i].gate)
			continue;
		assert_string_equal(t[0].where, tries[i].gate);
		assert_has(t[0].text, tries[i].text);
		assert_has(t[0].text, hp_format(a, "(gate %s; --override %s ", t[0].where, t[0].where));
		/* By its own name it is overridden, and by no other. */
		bool mode = strcmp(tries[i].gate, "maintenance-mode") == 0; /* see below */
		if (!mode)
			assert_int_equal(try(a, f, HP_SET_HCA, tries[i].gate, &t), 0);
		assert_int_equal(try(a, f, HP_SET_HCA, "persistence,repeat,devices", &t), 1);
	}
}

static void several_at_once(void **state)
{
	struct hp_facts *f = ready(*state);
	struct hp_trouble *t;
	put(f, "esx.version", hp_present("7.0.3"));
	put(f, "rebooting-image", hp_present("2 VIBs"));
	put(f, "bootbank", hp_present("/tmp"));
	assert_int_equal(try(*state, f, HP_SET_MAP, NULL, &t), 3);
	assert_int_equal(try(*state, f, HP_SET_MAP, "rebooting-image", &t), 2);
	assert_string_equal(t[0].where, "esx");
	assert_string_equal(t[1].where, "bootbank");
	assert_int_equal(try(*state, f, HP_SET_MAP, " bootbank , esx,rebooting-image", &t), 0);
}

static void vms_matter_for_hcas_only(void **state)
{
	struct hp_facts *f = ready(*state);
	struct hp_trouble *t;
	put(f, "running-vms", hp_present("3"));
	put(f, "running-vm-names", hp_present("train-a, train-b"));
	assert_int_equal(try(*state, f, HP_SET_KERNEL, NULL, &t), 0);
	assert_int_equal(try(*state, f, HP_SET_MAP, NULL, &t), 0);
	assert_int_equal(try(*state, f, HP_SET_HCA, NULL, &t), 1);
	assert_has(t[0].text, "3 run here: train-a, train-b.");
	struct hp_plan p = plan_of(*state, HP_SET_KERNEL, 0);
	(void)hp_plan_step(*state, &p, &(struct hp_step){.by = HP_SET_HCA, .target = "x", .product = CX7});
	assert_int_equal(hp_gates_try(*state, f, &p, NULL, NULL, &t), 1);
}

/* That no VM is listed counts only together with maintenance mode, whose gate says so. */
static void no_vm_and_no_maintenance_mode(void **state)
{
	struct hp_facts *f = ready(*state);
	struct hp_trouble *t;
	put(f, "maintenance", hp_present("Disabled"));
	assert_int_equal(try(*state, f, HP_SET_HCA, NULL, &t), 1);
	assert_string_equal(t[0].where, "maintenance-mode");
	assert_int_equal(try(*state, f, HP_SET_HCA, "running-vms", &t), 1);
	assert_int_equal(try(*state, f, HP_SET_HCA, "maintenance-mode", &t), 0);
	put(f, "running-vms", hp_present("1"));
	assert_int_equal(try(*state, f, HP_SET_HCA, "maintenance-mode", &t), 1);
	assert_string_equal(t[0].where, "running-vms");
}

/* The link is right, but what it leads to has gone. */
static void the_folder_of_the_bootbank(void **state)
{
	struct hp_facts *f = ready(*state);
	struct hp_trouble *t;
	put(f, "bootbank-folder", hp_absent("not there"));
	assert_int_equal(try(*state, f, HP_SET_KERNEL, NULL, &t), 1);
	assert_string_equal(t[0].where, "bootbank");
	assert_has(t[0].text, "there is no such folder");
	put(f, "bootbank-folder", hp_no_data("away", NULL));
	assert_int_equal(try(*state, f, HP_SET_KERNEL, NULL, &t), 1);
	assert_has(t[0].text, "not known: away");
	assert_int_equal(try(*state, f, HP_SET_KERNEL, "bootbank", &t), 0);
}

static void kinds_of_hcas(void **state)
{
	static const uint32_t seen[] = {0x15b31017, 0x15b31019, 0x15b3101d, 0x15b31021, 0x15b31023, 0x15b3a2dc};
	static const uint32_t others[] = {0, 0x15b31013, 0x15b3101b, 0x15b3a2d6, 0x10de1021, 0xffffffff};
	struct hp_trouble *t;
	for (size_t i = 0; i < COUNT(seen); i++) {
		struct hp_plan p = plan_of(*state, HP_SET_HCA, seen[i]);
		assert_int_equal(hp_gates_try(*state, ready(*state), &p, NULL, NULL, &t), 0);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		struct hp_plan p = plan_of(*state, HP_SET_HCA, CX7);
		(void)hp_plan_step(*state, &p,
				   &(struct hp_step){.by = HP_SET_HCA, .target = "y", .product = others[i]});
		assert_int_equal(hp_gates_try(*state, ready(*state), &p, NULL, NULL, &t), 1);
		assert_string_equal(t[0].where, "devices");
		assert_has(t[0].text, hp_format(*state, "y is %04x:%04x", others[i] >> 16, others[i] & 0xffff));
		assert_int_equal(hp_gates_try(*state, ready(*state), &p, "devices", NULL, &t), 0);
	}
}

static void the_state_dir_cannot_be_overridden(void **state)
{
	struct hp_trouble *t;
	struct hp_err err;
	struct hp_plan p = plan_of(*state, HP_SET_KERNEL, 0);
	assert_int_equal(hp_gates_try(*state, ready(*state), &p, "state-dir,esx", "It is full.", &t), 1);
	assert_string_equal(t[0].where, "state-dir");
	assert_string_equal(t[0].text, "It is full.");
	assert_int_equal(hp_gates_check("state-dir", &err), -1);
	assert_has(err.text, "cannot be overridden");
}

static void lists_of_overrides(void **state)
{
	static const char *const good[] = {"esx",	  "esx,devices",   " esx , bootbank",
					   "persistence", "repeat,repeat", "esx,"};
	static const char *const bad[] = {"", "ESX", "esx,nothing", "*", "esx devices", ",esx", "maintenance"};
	struct hp_err err;
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (hp_gates_check(good[i], &err) != 0)
			fail_msg("\"%s\": %s", good[i], err.text);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (hp_gates_check(bad[i], &err) == 0)
			fail_msg("\"%s\" is taken", bad[i]);
	assert_true(hp_overridden("esx, devices", "devices"));
	assert_false(hp_overridden("esx, devices", "device"));
	assert_false(hp_overridden("devices2", "devices"));
	assert_false(hp_overridden(NULL, "devices"));
	assert_false(hp_overridden("", "devices"));
}

/* What the gates judge is asked. */
static void every_gates_facts_are_asked(void **state)
{
	struct hp_capture c = {.count = 0};
	struct hp_gathered g = {.no_tools = false};
	struct hp_ask_options options = {.mft_query = HP_MFT_NEVER};
	struct hp_trouble *t;
	says(*state, &c, "run bin/esxcli --formatter=keyvalue system version get",
	     "VersionGet.Build.string=Releasebuild-1\nVersionGet.Patch.string=0\n"
	     "VersionGet.Product.string=VMware ESXi\nVersionGet.Update.string=0\nVersionGet.Version.string=9.0.0\n");
	says(*state, &c, "run bin/esxcli system maintenanceMode get", "Enabled\n");
	says(*state, &c, "run bin/esxcli vm process list", "");
	says(*state, &c, "run bin/esxcli software vib list --rebooting-image", "");
	says(*state, &c, "stat bootbank", "link /vmfs/volumes/x\n");
	says(*state, &c, "stat bootbank/.", "dir\n");
	says(*state, &c, "stat bootbank/state.tgz", "file 1 2 3 644 1\n");
	hp_facts_init(&g.facts, *state);
	hp_gather_asks(*state, hp_replay_door(*state, &c), hp_gate_asks, &options, &g);
	if (try(*state, &g.facts, HP_SET_HCA, NULL, &t))
		fail_msg("%s", t[0].text);
	assert_string_equal(hp_fact_text(&g.facts, HP_HOST, "state-tgz"), "file 1 2 3 644 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_bios_wants_no_less),
	    UNIT_TEST(all_open),
	    UNIT_TEST(nothing_known_closes_every_gate),
	    UNIT_TEST(each_gate_by_itself),
	    UNIT_TEST(several_at_once),
	    UNIT_TEST(vms_matter_for_hcas_only),
	    UNIT_TEST(no_vm_and_no_maintenance_mode),
	    UNIT_TEST(the_folder_of_the_bootbank),
	    UNIT_TEST(kinds_of_hcas),
	    UNIT_TEST(the_state_dir_cannot_be_overridden),
	    UNIT_TEST(lists_of_overrides),
	    UNIT_TEST(every_gates_facts_are_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
