/* Rows as `mst status -vv` prints them: ESX documentation, a capture of MFT 4.18, the paper, mdevices_info.c. */
#include "unit.h"

#define CALL "run opt/mellanox/bin/mst status -vv"
#define HEAD "PCI devices:\n------------\nDEVICE_TYPE   MST   PCI   RDMA   NET   NUMA\n"

static const struct hp_facts *listed(struct hp_arena *a, int code, const char *out)
{
	struct hp_capture c = {0};
	says_with(a, &c, CALL, HP_END_EXIT, code, out);
	return facts_of(a, &c);
}

static void one_row(struct hp_arena *a, const char *row, const char *name, const char *sbdf, unsigned device,
		    const char *net)
{
	const struct hp_facts *f = listed(a, 0, hp_format(a, HEAD "%s\n", row));
	if (f->mst_count != 1)
		fail_msg("%zu rows: %s", f->mst_count, row);
	const struct hp_mst_device *m = &f->mst[0];
	assert_string_equal(m->name, name);
	assert_string_equal(hp_sbdf_text(a, &m->at), sbdf);
	assert_int_equal(m->device, device);
	assert_int_equal(m->config, strstr(name, "pciconf") != NULL);
	if (net)
		assert_string_equal(m->net, net);
	else
		assert_null(m->net);
	assert_true(hp_str_has(m->evidence.record, name));
}

static void rows(void **state)
{
	struct hp_arena *a = *state;
	one_row(a, "ConnectX7(rev:0)        mt4129_pciconf0               1a:00.0   ", "mt4129_pciconf0",
		"0000:1a:00.0", 4129, NULL);
	one_row(a, "ConnectX7(rev:0)\tmt4129_pciconf7\tdc:00.0\t\t\t", "mt4129_pciconf7", "0000:dc:00.0", 4129, NULL);
	one_row(a, "ConnectX4(rev:0)    mt4115_pciconf0.1  03:00.1            net-vmnic5", "mt4115_pciconf0.1",
		"0000:03:00.1", 4115, "vmnic5");
	one_row(a, "ConnectX3Pro(rev:0) mt4103_pci_cr0     05:00.0            net-vmnic1,netvmnic1000102",
		"mt4103_pci_cr0", "0000:05:00.0", 4103, "vmnic1,netvmnic1000102");
	/* NET has slid into RDMA's column, NUMA follows */
	one_row(a, "ConnectX3(rev:1)        mt4099_pciconf0               01:00.0   net-vmnic0      0",
		"mt4099_pciconf0", "0000:01:00.0", 4099, "vmnic0");
	one_row(a, "ConnectX7(rev:0)        /dev/mst/mt4129_pciconf0      1a:00.0   mlx5_0          net-ib0   -1",
		"/dev/mst/mt4129_pciconf0", "0000:1a:00.0", 4129, "ib0");
	one_row(a, "ConnectX7(rev:0)        /dev/mt4129_pciconf0      1a:00.0", "/dev/mt4129_pciconf0", "0000:1a:00.0",
		4129, NULL);
	one_row(a, "ConnectX7(rev:0)        mt4129_pciconf0               0001:1A:00.0      ", "mt4129_pciconf0",
		"0001:1a:00.0", 4129, NULL);
	one_row(a, "ConnectX7(rev:0)  mt4129_pciconf0  1a:00.0  mlx5_0  net-ib0  1  vfio0  fwctl0  recovery",
		"mt4129_pciconf0", "0000:1a:00.0", 4129, "ib0");
	one_row(a, "ConnectX5(rev:0) mt4121_pciconf0 02:00.0 net-vmnic2\r", "mt4121_pciconf0", "0000:02:00.0", 4121,
		"vmnic2");
}

static void a_device_that_cannot_be_opened(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f = listed(a, 0,
					  HEAD "NA   mt4129_pciconf0   1a:00.0\n"
					       "ConnectX7(rev:0)   mt4129_pciconf1   3c:00.0\n");
	assert_int_equal(f->mst_count, 2);
	assert_true(f->mst[0].unopened);
	assert_false(f->mst[1].unopened);
}

static void the_whole_table(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f =
	    listed(a, 0,
		   "MST modules:\n------------\n    MST PCI module is not loaded\n\n" HEAD
		   "ConnectX3(rev:1)        mt4099_pciconf0               01:00.0   net-vmnic0\n\n"
		   "ConnectX3(rev:1)        mt4099_pci_cr0                01:00.0   net-vmnic0\n\n"
		   "ConnectX7(rev:0)        mt4129_pciconf1               3c:00.0\n\n");
	assert_int_equal(f->mst_count, 3);
	assert_true(f->mst[0].config && !f->mst[1].config);
	assert_int_equal(hp_fact(f, HP_HOST, "mst")->now.is, HP_PRESENT);
	assert_string_equal(hp_fact_text(f, HP_HOST, "mst"), "3 devices");
}

static void lines_that_are_no_rows(void **state)
{
	struct hp_arena *a = *state;
	static const char *const lines[] = {"ConnectX7(rev:0)  mt4129_pciconf  1a:00.0",
					    "ConnectX7(rev:0)  mt_pciconf0  1a:00.0",
					    "ConnectX7(rev:0)  mt4129_pcixx0  1a:00.0",
					    "ConnectX7(rev:0)  mt4129_pciconf0.  1a:00.0",
					    "ConnectX7(rev:0)  mt4129_pciconf0x  1a:00.0",
					    "ConnectX7(rev:0)  mt99999_pciconf0  1a:00.0",
					    "ConnectX7(rev:0)  mt4129_pciconf0  1a:00",
					    "ConnectX7(rev:0)  mt4129_pciconf0",
					    "1a:00.0",
					    ""};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const struct hp_facts *f = listed(a, 0, hp_format(a, HEAD "%s\n", lines[i]));
		if (f->mst_count)
			fail_msg("%s", lines[i]);
		assert_int_equal(hp_fact(f, HP_HOST, "mst")->now.is, HP_NO_DATA);
		assert_non_null(hp_fact(f, HP_HOST, "mst")->now.hint);
	}
}

static void none_is_an_answer(void **state)
{
	struct hp_arena *a = *state;
	static const char *const texts[] = {"\n    No MST devices were found or MST modules are not loaded.\n"
					    "    You may need to run 'mst start' to load MST modules.\n\n",
					    "-E- No devices found.\n"};
	for (int code = 0; code < 2; code++)
		for (size_t i = 0; i < 2; i++) {
			const struct hp_facts *f = listed(a, code, texts[i]);
			assert_int_equal(f->mst_count, 0);
			assert_string_equal(hp_fact_text(f, HP_HOST, "mst"), "0 devices");
		}
	/* said by a run that was ended, or cut, it is none */
	struct hp_capture c = {0};
	says_with(a, &c, CALL, HP_END_TIMEOUT, 60, texts[0]);
	assert_null(hp_fact_text(facts_of(a, &c), HP_HOST, "mst"));
	assert_null(hp_fact_text(listed(a, 0, "\n    No MST devices were found"), HP_HOST, "mst"));
}

static void what_is_no_answer(void **state)
{
	struct hp_arena *a = *state;
	assert_null(hp_fact_text(listed(a, 0, ""), HP_HOST, "mst"));
	assert_null(hp_fact_text(listed(a, 1, HEAD "ConnectX7(rev:0) mt4129_pciconf0 1a:00.0\n"), HP_HOST, "mst"));
	assert_null(hp_fact_text(listed(a, 0, HEAD "ConnectX7(rev:0) mt4129_pciconf0 1a:00.0"), HP_HOST, "mst"));
	assert_null(hp_fact_text(listed(a, 0, "garbage\n"), HP_HOST, "mst"));
	const struct hp_facts *f = listed(a, 127, "sh: mst: not found\n");
	assert_has(hp_fact(f, HP_HOST, "mst")->now.why, "not found");
}

static void which_hcas_are_asked(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0}, asked = {0};
	struct hp_gathered g;
	struct hp_policy policy;
	struct hp_err err;
	says(a, &c, CALL,
	     HEAD "ConnectX7(rev:0) mt4129_pciconf0 1a:00.0\n"
		  "ConnectX7(rev:0) mt4129_pci_cr0 1a:00.0\n"		  /* the same device */
		  "ConnectX7(rev:0) mt4129_pciconf1 3c:00.0 net-vmnic4\n" /* VMkernel's */
		  "ConnectX5(rev:0) mt4119_pciconf2 5c:00.0\n"		  /* not listed in the policy */
		  "ConnectX7(rev:0) mt4129_pci_cr3 7c:00.0\n"		  /* has no other name */
		  "ConnectX7(rev:0) mt4129_pciconf0 1a:00.0\n");	  /* again */
	static const char *const names[] = {"mt4129_pciconf0", "mt4129_pci_cr0", "mt4129_pciconf1", "mt4119_pciconf2",
					    "mt4129_pci_cr3"};
	for (size_t i = 0; i < 5; i++)
		says(a, &c, hp_format(a, "run opt/mellanox/bin/mlxconfig -d %s -e query ATS_ENABLED", names[i]),
		     "Configurations: Current Next Boot\n ATS_ENABLED True(1) True(1)\n");
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	hp_gather(a, hp_recording_door(a, hp_replay_door(a, &c), &asked), NULL, &policy.ask, &g);
	for (size_t i = 0; i < 5; i++) {
		bool there = false;
		for (size_t k = 0; k < asked.count; k++)
			there = there || hp_str_has(hp_str(asked.calls[k].key), hp_format(a, "-d %s ", names[i]));
		assert_int_equal(there, i == 0 || i == 4);
	}
	assert_string_equal(hp_fact_text(&g.facts, "mt4129_pciconf0", "hca.ATS_ENABLED"), "1");
}

static void rows_and_none_at_once(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f = listed(a, 0, HEAD "ConnectX7(rev:0) mt4129_pciconf0 1a:00.0\nNo devices found\n");
	assert_null(hp_fact_text(f, HP_HOST, "mst"));
	assert_has(hp_fact(f, HP_HOST, "mst")->now.why, "says that there are none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(rows_and_none_at_once),
	    UNIT_TEST(rows),
	    UNIT_TEST(a_device_that_cannot_be_opened),
	    UNIT_TEST(the_whole_table),
	    UNIT_TEST(lines_that_are_no_rows),
	    UNIT_TEST(none_is_an_answer),
	    UNIT_TEST(what_is_no_answer),
	    UNIT_TEST(which_hcas_are_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
