/* The asks that go to esxcli, its other dialects, and localcli. */
#include "../../agent/tools/asks.h"
#include "unit.h"

#define KV "run bin/esxcli --formatter=keyvalue "
#define PLAIN "run bin/esxcli "
#define LOCAL "run bin/localcli --formatter=json "

static const struct hp_facts *with(struct hp_arena *a, const char *key, const char *out)
{
	struct hp_capture c = {0};
	says(a, &c, key, out);
	return facts_of(a, &c);
}

static const char *why(const struct hp_facts *f, const char *name)
{
	const struct hp_fact *fact = hp_fact(f, HP_HOST, name);
	assert_int_equal(fact->now.is, HP_NO_DATA);
	assert_non_null(fact->now.why);
	return fact->now.why;
}

/* ---- version ---- */

#define VERSION(build)                                                                                                 \
	"VersionGet.Build.string=" build "\nVersionGet.Patch.string=0\nVersionGet.Product.string=VMware ESXi\n"        \
	"VersionGet.Update.string=0\nVersionGet.Version.string=9.0.0\n"

static void version(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f = with(a, KV "system version get", VERSION("Releasebuild-24755229"));
	assert_string_equal(hp_fact_text(f, HP_HOST, "esx.product"), "VMware ESXi");
	assert_string_equal(hp_fact_text(f, HP_HOST, "esx.version"), "9.0.0");
	assert_string_equal(hp_fact_text(f, HP_HOST, "esx.build"), "24755229");
	f = with(a, KV "system version get", VERSION("24755229"));
	assert_string_equal(hp_fact_text(f, HP_HOST, "esx.build"), "24755229");
	f = with(
	    a, LOCAL "system version get",
	    "{\n  \"Product\": \"VMware ESXi\",\n  \"Version\": \"8.0.3\",\n  \"Build\": \"Releasebuild-24859861\",\n"
	    "  \"Update\": \"3\",\n  \"Patch\": \"55\"\n}\n");
	assert_string_equal(hp_fact_text(f, HP_HOST, "esx.version"), "8.0.3");
	assert_has(why(with(a, KV "system version get", VERSION("Releasebuild-")), "esx.version"), "no number");
	assert_has(why(with(a, KV "system version get", VERSION("")), "esx.build"), "no build");
	assert_has(why(with(a, KV "system version get", "VersionGet.Version.string=9.0.0\n"), "esx.product"),
		   "no product");
}

static void a_version_that_is_cut(void **state)
{
	struct hp_arena *a = *state;
	static const char *const texts[] = {
	    VERSION("Releasebuild-24755229"),
	    "   Product: VMware ESXi\n   Version: 9.0.0\n   Build: Releasebuild-24755229\n   Update: 0\n"
	    "   Maintenance: 0\n   Patch: 0\n"};
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n < strlen(texts[i]); n++) {
			const struct hp_facts *f =
			    with(a, KV "system version get", hp_format(a, "%.*s", (int)n, texts[i]));
			assert_null(hp_fact_text(f, HP_HOST, "esx.version"));
			assert_null(hp_fact_text(f, HP_HOST, "esx.build"));
		}
}

/* ---- ways ---- */

static void the_ways_in_turn(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0};
	says_with(a, &c, KV "system version get", HP_END_EXIT, 1, "Unable to find requested formatter: keyvalue\n");
	says_with(a, &c, PLAIN "system version get", HP_END_EXIT, 1,
		  "Connect to localhost failed: Connection failure.\n");
	says(a, &c, LOCAL "system version get",
	     "{\"Product\": \"V\", \"Version\": \"9.0.0\", \"Build\": \"b-1\", \"Update\": \"0\", \"Patch\": \"0\"}\n");
	const struct hp_facts *f = facts_of(a, &c);
	assert_string_equal(hp_fact_text(f, HP_HOST, "esx.build"), "1");
	assert_string_equal(hp_fact(f, HP_HOST, "esx.version")->evidence[0].source,
			    "/bin/localcli --formatter=json system version get");
	/* all of them fail: the first trouble is told */
	c.count--;
	says_with(a, &c, LOCAL "system version get", HP_END_NOT_FOUND, 2, "");
	assert_has(why(facts_of(a, &c), "esx.version"), "Unable to find requested formatter");
}

static void a_run_whose_time_is_up_asks_no_further(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0};
	says_with(a, &c, KV "system version get", HP_END_CANCELLED, 0, "");
	says(a, &c, LOCAL "system version get",
	     "{\"Product\": \"V\", \"Version\": \"9.0.0\", \"Build\": \"b-1\", \"Update\": \"0\", \"Patch\": \"0\"}\n");
	assert_has(why(facts_of(a, &c), "esx.version"), "time was up");
}

static void help_with_exit_0_is_no_data(void **state)
{
	struct hp_arena *a = *state;
	static const char help[] = "Usage: esxcli system version {cmd} [cmd options]\n\nAvailable Commands:\n"
				   "  get                   Display the product name, version and build information.\n";
	assert_has(why(with(a, KV "system version get", help), "esx.version"), "Usage: esxcli");
	assert_has(why(with(a, KV "system settings kernel list", help), "kernel"), "Usage: esxcli");
	assert_has(why(with(a, KV "hardware pci list", help), "pci"), "Usage: esxcli");
}

/* ---- kernel ---- */

#define SETTING(i, name, now, next)                                                                                    \
	"structure[" i "].SettingsKernel.Configured.string=" next "\nstructure[" i                                     \
	"].SettingsKernel.Default.string=TRUE\nstructure[" i "].SettingsKernel.Description.string=two\nlines\n"        \
	"structure[" i "].SettingsKernel.Name.string=" name "\nstructure[" i "].SettingsKernel.Runtime.string=" now    \
	"\nstructure[" i "].SettingsKernel.Type.string=Bool\n"

static void kernel_settings(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f =
	    with(a, KV "system settings kernel list",
		 SETTING("0", "atsSupport", "FALSE", "true") SETTING("1", "vga", "x", "y")
		     SETTING("2", "atsDisallowPCIeVidDid", "", "15b3:1021") SETTING("3", "noIOMMU", "FALS", "FALSE"));
	const struct hp_fact *ats = hp_fact(f, HP_HOST, "kernel.atsSupport");
	assert_string_equal(ats->now.text, "FALSE");
	assert_string_equal(ats->next.text, "TRUE");
	assert_true(hp_str_starts(ats->evidence[0].record, "structure[0]."));
	assert_string_equal(hp_fact(f, HP_HOST, "kernel.atsDisallowPCIeVidDid")->now.text, "");
	assert_string_equal(hp_fact_text(f, HP_HOST, "kernel"), "4 settings");
	assert_null(hp_fact_find(f, HP_HOST, "kernel.disableACSCheck"));
	assert_int_equal(hp_fact(f, HP_HOST, "kernel.noIOMMU")->now.is, HP_NO_DATA); /* neither TRUE nor FALSE */
}

static void a_kernel_list_that_is_cut(void **state)
{
	struct hp_arena *a = *state;
	static const char text[] = SETTING("0", "atsSupport", "TRUE", "TRUE") SETTING("1", "noIOMMU", "FALSE", "FALSE");
	for (size_t n = 0; n < sizeof text - 1; n++) {
		const struct hp_facts *f =
		    with(a, KV "system settings kernel list", hp_format(a, "%.*s", (int)n, text));
		assert_null(hp_fact_text(f, HP_HOST, "kernel.noIOMMU"));
		assert_null(hp_fact_text(f, HP_HOST, "kernel"));
		if (n <= strlen(SETTING("0", "atsSupport", "TRUE", "TRUE")))
			assert_null(hp_fact_text(f, HP_HOST, "kernel.atsSupport"));
	}
}

static void a_setting_that_stands_twice(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f =
	    with(a, KV "system settings kernel list",
		 SETTING("0", "atsSupport", "TRUE", "TRUE") SETTING("1", "atsSupport", "FALSE", "FALSE"));
	assert_null(hp_fact_text(f, HP_HOST, "kernel.atsSupport"));
	assert_has(hp_fact(f, HP_HOST, "kernel.atsSupport")->now.why, "more than once");
}

/* ---- PCI ---- */

#define DEVICE(i, address, vendor, device, class)                                                                      \
	"structure[" i "].PCIDevice.Address.string=" address "\nstructure[" i                                          \
	"].PCIDevice.CurrentOwner.string=VMkernel\nstructure[" i                                                       \
	"].PCIDevice.DeviceClass.string=" class "\nstructure[" i "].PCIDevice.DeviceID.string=" device                 \
						"\nstructure[" i "].PCIDevice.DeviceName.string=Name\nstructure[" i    \
						"].PCIDevice.ResetMethod.string=Function reset\n"                      \
						"structure[" i "].PCIDevice.SubVendorID.string=0x1028\nstructure[" i   \
						"].PCIDevice.VMkernelName.string=\nstructure[" i                       \
						"].PCIDevice.VendorID.string=" vendor "\n"
#define GPU DEVICE("0", "0000:1b:00.0", "0x10de", "0x2330", "0x0302")
#define HCA DEVICE("1", "0000:1a:00.0", "0x15b3", "0x1021", "0x0207")

static void pci_devices(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f = with(a, KV "hardware pci list", GPU HCA);
	assert_int_equal(f->device_count, 2);
	assert_string_equal(hp_fact_text(f, HP_HOST, "pci"), "2 devices");
	assert_string_equal(f->devices[0].sbdf, "0000:1b:00.0");
	assert_int_equal(f->devices[0].vendor, 0x10de);
	assert_int_equal(f->devices[0].class_id, 0x0302);
	assert_string_equal(f->devices[0].reset_method, "Function reset");
	assert_string_equal(f->devices[0].owner, "VMkernel");
	assert_string_equal(f->devices[1].vmkernel_name, "");
	assert_true(hp_str_starts(f->devices[1].evidence.record, "structure[1]."));
}

static void pci_lists_that_are_no_lists(void **state)
{
	struct hp_arena *a = *state;
	assert_has(why(with(a, KV "hardware pci list", GPU), "pci"), "single device");
	assert_has(why(with(a, KV "hardware pci list", GPU DEVICE("1", "0000:1b:00.0", "0x1", "0x2", "0x3")), "pci"),
		   "twice");
	assert_has(why(with(a, KV "hardware pci list", GPU DEVICE("1", "1a:00.0", "0x1", "0x2", "0x3")), "pci"),
		   "without address");
	assert_has(why(with(a, KV "hardware pci list", GPU DEVICE("1", "0000:1a:00.0", "", "0x2", "0x3")), "pci"),
		   "what 0000:1a:00.0 is");
	assert_has(
	    why(with(a, KV "hardware pci list", GPU DEVICE("1", "0000:1a:00.0", "0x10000", "0x2", "0x3")), "pci"),
	    "what 0000:1a:00.0 is");
	static const char block[] = "0000:1b:00.0\n   Address: 0000:1c:00.0\n   Current Owner: x\n   Vendor ID: 0x1\n"
				    "   Device ID: 0x1\n   Device Class: 0x1\n"
				    "0000:1d:00.0\n   Address: 0000:1d:00.0\n   Current Owner: x\n   Vendor ID: 0x1\n"
				    "   Device ID: 0x1\n   Device Class: 0x1\n";
	const struct hp_facts *f = with(a, KV "hardware pci list", block);
	assert_has(why(f, "pci"), "another one's address");
	assert_int_equal(f->device_count, 0);
}

static void a_pci_list_that_is_cut(void **state)
{
	struct hp_arena *a = *state;
	for (size_t n = 0; n < strlen(GPU HCA); n++) {
		const struct hp_facts *f = with(a, KV "hardware pci list", hp_format(a, "%.*s", (int)n, GPU HCA));
		assert_null(hp_fact_text(f, HP_HOST, "pci"));
		assert_int_equal(f->device_count, 0);
	}
}

static void what_vmkernel_uses(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_facts *f =
	    with(a, KV "network nic list",
		 "structure[0].Nic.Name.string=vmnic4\nstructure[0].Nic.PCIDevice.string=0000:1A:00.0\n"
		 "structure[1].Nic.Name.string=vmnic5\nstructure[1].Nic.PCIDevice.string=none\n");
	assert_has(hp_fact_text(f, "0000:1a:00.0", "used-by-vmkernel"), "vmnic4");
	f = with(a, KV "network sriovnic list",
		 "structure[0].N.Name.string=vmnic4\nstructure[0].N.PCIDevice.string=0000:1a:00.0\n");
	assert_has(hp_fact_text(f, "0000:1a:00.0", "used-by-vmkernel"), "virtual functions");
	f = with(a, KV "network nic list", "");
	assert_null(hp_fact_find(f, "0000:1a:00.0", "used-by-vmkernel"));
}

/* ---- the rest ---- */

static void the_head_of_a_report(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0};
	says(a, &c, KV "system hostname get",
	     "H.DomainName.string=\nH.FullyQualifiedDomainName.string=esx01.example.org\nH.HostName.string=esx01\n");
	says(a, &c, KV "hardware platform get",
	     "P.ProductName.string=PowerEdge XE9680\nP.SerialNumber.string=S1\nP.VendorName.string=Dell Inc.\n");
	says(a, &c, PLAIN "system uuid get", "6a98270c-b75f-a36d-06fd-00a0c9000000\n");
	says(a, &c, PLAIN "system stats uptime get", "271800123456\n");
	says(a, &c, "run bin/vsish -e get /system/loadESX/isBootLoadESX", "0x1\n");
	const struct hp_facts *f = facts_of(a, &c);
	assert_string_equal(hp_fact_text(f, HP_HOST, "hostname"), "esx01.example.org");
	assert_string_equal(hp_fact_text(f, HP_HOST, "vendor"), "Dell Inc.");
	assert_string_equal(hp_fact_text(f, HP_HOST, "model"), "PowerEdge XE9680");
	assert_string_equal(hp_fact_text(f, HP_HOST, "serial"), "S1");
	assert_string_equal(hp_fact_text(f, HP_HOST, "uuid"), "6a98270c-b75f-a36d-06fd-00a0c9000000");
	assert_string_equal(hp_fact_text(f, HP_HOST, "uptime-us"), "271800123456");
	assert_string_equal(hp_fact_text(f, HP_HOST, "quick-boot"), "1");
	f = with(a, KV "system hostname get", "H.FullyQualifiedDomainName.string=\nH.HostName.string=esx01\n");
	assert_string_equal(hp_fact_text(f, HP_HOST, "hostname"), "esx01");
	assert_has(why(with(a, PLAIN "system uuid get", "none\n"), "uuid"), "no UUID");
	assert_has(why(with(a, PLAIN "system stats uptime get", "-5\n"), "uptime-us"), "no number");
	assert_non_null(why(with(a, "run bin/vsish -e get /system/loadESX/isBootLoadESX", "2\n"), "quick-boot"));
}

/* VMs are asked only where a policy says idle. */
static const struct hp_fact *vms(struct hp_arena *a, enum hp_end end, int code, const char *out)
{
	struct hp_capture c = {0};
	struct hp_gathered *g = hp_alloc(a, sizeof *g);
	struct hp_policy policy;
	struct hp_err err;
	says_with(a, &c, PLAIN "vm process list", end, code, out);
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	policy.ask.mft_query = HP_MFT_IDLE;
	hp_gather(a, hp_replay_door(a, &c), NULL, &policy.ask, g);
	return hp_fact(&g->facts, HP_HOST, "running-vms");
}

static void running_vms(void **state)
{
	struct hp_arena *a = *state;
	static const char one[] = "vm\n   World ID: 2101442\n   Process ID: 0\n   Display Name: vm\n";
	assert_string_equal(vms(a, HP_END_EXIT, 0, "")->now.text, "0");
	assert_string_equal(vms(a, HP_END_EXIT, 0, one)->now.text, "1");
	assert_string_equal(vms(a, HP_END_EXIT, 0, hp_format(a, "%s\n%s", one, one))->now.text, "2");
	assert_int_equal(vms(a, HP_END_EXIT, 1, "")->now.is, HP_NO_DATA);
	assert_int_equal(vms(a, HP_END_EXIT, 0, "Usage: esxcli vm process\n")->now.is, HP_NO_DATA);
	assert_int_equal(vms(a, HP_END_TIMEOUT, 60, "")->now.is, HP_NO_DATA);
	assert_int_equal(vms(a, HP_END_NOT_FOUND, 2, "")->now.is, HP_NO_DATA);
}

static void a_host_without_tools(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0};
	struct hp_gathered g;
	struct hp_policy policy;
	struct hp_err err;
	says_with(a, &c, KV "system version get", HP_END_NOT_FOUND, 2, "");
	says_with(a, &c, LOCAL "system version get", HP_END_NOT_FOUND, 2, "");
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	hp_gather(a, hp_replay_door(a, &c), NULL, &policy.ask, &g);
	assert_true(g.no_tools);
	assert_false(g.cancelled);
	c.calls[1].reply.end = HP_END_CANCELLED;
	hp_gather(a, hp_replay_door(a, &c), NULL, &policy.ask, &g);
	assert_false(g.no_tools);
	assert_true(g.cancelled);
}

static void every_need_of_a_check_is_an_ask(void **state)
{
	(void)state;
	for (size_t i = 0; hp_checks[i]; i++)
		for (size_t k = 0; k < HP_NEEDS_MAX && hp_checks[i]->needs[k]; k++)
			if (!hp_ask_find(hp_checks[i]->needs[k]))
				fail_msg("%s needs %s", hp_checks[i]->id, hp_checks[i]->needs[k]);
	assert_null(hp_ask_find("nothing"));
}

/* A value that is kept in part only would lose the id at its end. */
static void a_long_value_is_whole_or_none(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf ids = hp_buf(a);
	for (int i = 0; i < 60; i++)
		hp_puts(&ids, "8086:1563:");
	hp_puts(&ids, "15b3:1021");
	const char *list = hp_built_text(&ids);
	for (int times = 1; times <= 2; times++) {
		const char *value = times == 1 ? list : hp_format(a, "%s:%s", list, list);
		struct hp_buf out = hp_buf(a);
		hp_putf(&out, "structure[0].S.Configured.string=%s\nstructure[0].S.Name.string=atsDisallowPCIeVidDid\n",
			value);
		hp_putf(&out, "structure[0].S.Runtime.string=%s\nstructure[0].S.Type.string=String\n", value);
		hp_puts(&out, "structure[1].S.Configured.string=x\nstructure[1].S.Name.string=vga\n"
			      "structure[1].S.Runtime.string=x\nstructure[1].S.Type.string=String\n");
		const struct hp_facts *f = with(a, KV "system settings kernel list", hp_built_text(&out));
		const char *text = hp_fact_text(f, HP_HOST, "kernel.atsDisallowPCIeVidDid");
		if (times == 1)
			assert_string_equal(text, list);
		else
			assert_null(text);
	}
}

/* A host that knows no formatter and says so in its own words, and has no localcli. */
static void plain_text_is_the_last_way(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0};
	says_with(a, &c, KV "system version get", HP_END_EXIT, 1,
		  "Error: Unknown command or namespace --formatter=keyvalue\n");
	says(a, &c, "run bin/esxcli system version get",
	     "   Product: VMware ESXi\n   Version: 8.0.3\n   Build: Releasebuild-24280767\n   Update: 3\n   Patch: "
	     "35\n");
	assert_string_equal(hp_fact_text(facts_of(a, &c), HP_HOST, "esx.version"), "8.0.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(a_long_value_is_whole_or_none),
	    UNIT_TEST(plain_text_is_the_last_way),
	    UNIT_TEST(version),
	    UNIT_TEST(a_version_that_is_cut),
	    UNIT_TEST(the_ways_in_turn),
	    UNIT_TEST(a_run_whose_time_is_up_asks_no_further),
	    UNIT_TEST(help_with_exit_0_is_no_data),
	    UNIT_TEST(kernel_settings),
	    UNIT_TEST(a_kernel_list_that_is_cut),
	    UNIT_TEST(a_setting_that_stands_twice),
	    UNIT_TEST(pci_devices),
	    UNIT_TEST(pci_lists_that_are_no_lists),
	    UNIT_TEST(a_pci_list_that_is_cut),
	    UNIT_TEST(what_vmkernel_uses),
	    UNIT_TEST(the_head_of_a_report),
	    UNIT_TEST(running_vms),
	    UNIT_TEST(a_host_without_tools),
	    UNIT_TEST(every_need_of_a_check_is_an_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
