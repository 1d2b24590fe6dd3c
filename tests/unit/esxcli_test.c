/* The asks that go to esxcli, its other dialects, and localcli. */
#include "asking.h"

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

/* A plug-in of hostd must not ask hostd: whatever localcli says, esxcli is not run. */
static void localcli_alone(void **state)
{
	struct hp_arena *a = *state;
	struct unit_asking *u;
	for (size_t i = 0; hp_asks[i]; i++) {
		u = unit_ask(a, hp_asks[i]);
		u->options.localcli = true;
		hp_asks[i]->put(&u->asking);
		for (size_t k = 0; k < u->count; k++) {
			if (u->calls[k]->kind == HP_CALL_RUN)
				assert_string_not_equal(u->calls[k]->argv[0], "bin/esxcli");
			unit_answer(u, k, HP_END_EXIT, 1, "Unable to find requested formatter: json\n");
		}
	}
	u = unit_ask(a, &hp_ask_esx_version);
	u->options.localcli = true;
	hp_ask_esx_version.put(&u->asking);
	unit_answer(u, 0, HP_END_TIMEOUT, 60, "");
	assert_int_equal(u->count, 1);
	assert_string_equal(hp_call_text(a, u->calls[0]), "/bin/localcli --formatter=json system version get");
	const struct hp_value *v = &hp_fact(&u->facts, HP_HOST, "esx.version")->now;
	assert_int_equal(v->is, HP_NO_DATA);
	assert_has(v->why, "/bin/localcli");
	assert_no(v->hint, "hostd");
	u = unit_ask(a, &hp_ask_uuid);
	u->options.localcli = true;
	hp_ask_uuid.put(&u->asking);
	unit_answer(u, 0, HP_END_EXIT, 0, "6a98270c-b75f-a36d-06fd-00a0c9000000\n");
	assert_string_equal(hp_call_text(a, u->calls[0]), "/bin/localcli system uuid get");
	assert_string_equal(hp_fact_text(&u->facts, HP_HOST, "uuid"), "6a98270c-b75f-a36d-06fd-00a0c9000000");
}

/* Without it nobody can tell whether this is an ESX host; without esxcli, which was not asked, it can be told. */
static void no_tools(void **state)
{
	struct hp_arena *a = *state;
	struct hp_policy policy;
	struct hp_err err;
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	for (int local = 0; local < 2; local++)
		for (int there = 0; there < 2; there++) {
			struct hp_capture c = {0};
			struct hp_gathered *g = hp_alloc(a, sizeof *g);
			says_with(a, &c, KV "system version get", HP_END_NOT_FOUND, 2, "");
			says_with(a, &c, LOCAL "system version get", there ? HP_END_EXIT : HP_END_NOT_FOUND, 2, "");
			policy.ask.localcli = local;
			hp_gather(a, hp_replay_door(a, &c), NULL, &policy.ask, g);
			assert_int_equal(g->no_tools, !there);
		}
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
static const struct hp_facts *vms(struct hp_arena *a, enum hp_end end, int code, const char *out)
{
	struct hp_capture c = {0};
	struct hp_gathered *g = hp_alloc(a, sizeof *g);
	struct hp_policy policy;
	struct hp_err err;
	says_with(a, &c, PLAIN "vm process list", end, code, out);
	assert_int_equal(hp_policy_builtin(a, &policy, &err), 0);
	policy.ask.mft_query = HP_MFT_IDLE;
	hp_gather(a, hp_replay_door(a, &c), NULL, &policy.ask, g);
	return &g->facts;
}

static void are_vms(struct hp_arena *a, const char *out, const char *count, const char *names)
{
	const struct hp_facts *f = vms(a, HP_END_EXIT, 0, out);
	assert_string_equal(hp_fact_text(f, HP_HOST, "running-vms"), count);
	assert_string_equal(hp_fact_text(f, HP_HOST, "running-vm-names"), names);
}

static void are_no_vms(struct hp_arena *a, enum hp_end end, int code, const char *out)
{
	const struct hp_facts *f = vms(a, end, code, out);
	assert_non_null(why(f, "running-vms"));
	assert_non_null(why(f, "running-vm-names"));
}

#define VM(name)                                                                                                       \
	name "\n   World ID: 2101442\n   Process ID: 0\n   VMX Cartel ID: 2101441\n   UUID: 56 4d\n   Display "        \
	     "Name: " name "\n   Config File: /vmfs/volumes/a b/x.vmx\n"

static void running_vms(void **state)
{
	struct hp_arena *a = *state;
	are_vms(a, "", "0", "");
	are_vms(a, VM("vm"), "1", "vm");
	are_vms(a, VM("a b") "\n" VM("c"), "2", "a b, c");
	are_vms(a, VM("a") VM("b") "\n\n", "2", "a, b");
	are_vms(a, "header\n   World ID: 1\n", "1", "header");
	are_vms(a, "header\r\n   World ID: 1\r\n   Display Name: \x1b[2J\r\n", "1", "?[2J");
	are_no_vms(a, HP_END_EXIT, 1, "");
	are_no_vms(a, HP_END_EXIT, 0, "Usage: esxcli vm process\n");
	are_no_vms(a, HP_END_TIMEOUT, 60, "");
	are_no_vms(a, HP_END_NOT_FOUND, 2, "");
}

static void vms_that_are_no_answer(void **state)
{
	struct hp_arena *a = *state;
	static const char *const texts[] = {"\n",
					    " \n\n",
					    "vm\n",
					    "vm\n   Process ID: 0\n   Display Name: vm\n",
					    VM("a") "\nb\n",
					    VM("a") "\nb\n   Process ID: 0\n",
					    "b\n\n" VM("a"),
					    "   World ID: 1\n",
					    "vm\n   World ID: \n",
					    "vm\n   World ID: x1\n",
					    "vm\n   World ID: 1\n   World ID: 2\n",
					    VM("a") "   odd\n",
					    VM("a") " odd: 1\n",
					    VM("a") "\n   Process ID: 0\n",
					    "   Process ID: 0\n" VM("a")};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		are_no_vms(a, HP_END_EXIT, 0, texts[i]);
	static const char two[] = VM("a") "\n" VM("b");
	for (size_t n = 1; n < strlen(two); n++) {
		const struct hp_facts *f = vms(a, HP_END_EXIT, 0, hp_format(a, "%.*s", (int)n, two));
		const char *count = hp_fact_text(f, HP_HOST, "running-vms");
		assert_true(!count || strcmp(count, "0") != 0); /* a cut never opens the gate */
	}
}

static void many_names(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf b = hp_buf(a);
	for (int i = 0; i < 100; i++)
		hp_putf(&b, VM("virtual-\xc3\xa4-%02d") "\n", i, i);
	const struct hp_facts *f = vms(a, HP_END_EXIT, 0, hp_built_text(&b));
	const char *names = hp_fact_text(f, HP_HOST, "running-vm-names");
	assert_string_equal(hp_fact_text(f, HP_HOST, "running-vms"), "100");
	assert_true(strlen(names) <= 515 && strlen(names) > 508);
	assert_true(hp_str_ends(hp_str(names), "..."));
	assert_true(hp_str_starts(hp_str(names), "virtual-\xc3\xa4-00, virtual-\xc3\xa4-01, "));
}

/* ---- what stands between a plan and the host ---- */

static const struct hp_facts *asked(struct hp_arena *a, const struct hp_ask *ask, enum hp_end end, int code,
				    const char *out)
{
	return &unit_asked(a, ask, end, code, out)->facts;
}

static void maintenance_mode(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_ask *ask = &hp_ask_maintenance;
	struct unit_asking *u = unit_asked(a, ask, HP_END_EXIT, 0, "Enabled\n");
	assert_string_equal(hp_call_text(a, u->calls[0]), "/bin/esxcli system maintenanceMode get");
	assert_int_equal(u->count, 1);
	assert_string_equal(hp_fact_text(&u->facts, HP_HOST, "maintenance"), "Enabled");
	assert_string_equal(hp_fact_text(asked(a, ask, HP_END_EXIT, 0, "Disabled\n"), HP_HOST, "maintenance"),
			    "Disabled");
	static const char *const none[] = {
	    "Unknown\n", "enabled\n", "Enabled",    "Enabled\nDisabled\n",
	    "",		 "\n",	      "Enabled.\n", "Usage: esxcli system maintenanceMode\n"};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		const struct hp_facts *f = asked(a, ask, HP_END_EXIT, 0, none[i]);
		assert_non_null(why(f, "maintenance"));
		assert_non_null(hp_fact(f, HP_HOST, "maintenance")->now.hint);
	}
	assert_has(why(asked(a, ask, HP_END_EXIT, 0, "Unknown\n"), "maintenance"), "\"Unknown\"");
	assert_has(why(asked(a, ask, HP_END_EXIT, 1, "Enabled\n"), "maintenance"), "exit 1");
	assert_has(why(asked(a, ask, HP_END_TIMEOUT, 60, "Enabled\n"), "maintenance"), "60 s");
}

#define IMAGE_HEAD                                                                                                     \
	"Name         Version                   Vendor  Acceptance Level  Install Date  Platforms\n"                   \
	"-----------  ------------------------  ------  ----------------  ------------  ---------\n"
#define IMAGE_ROW "nmlx5-core   4.24.0.7-16vmw.900.0      VMW     VMwareCertified   2025-12-06    host\n"
#define IMAGE_ROW_7 "nmst         4.18.1.14-1OEM.700        MEL     PartnerSupported  2022-03-13\n"

static void the_image_after_the_reboot(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_ask *ask = &hp_ask_rebooting_image;
	static const struct {
		const char *out, *value;
	} cases[] = {{"", "none"},
		     {IMAGE_HEAD, "none"},
		     {IMAGE_HEAD IMAGE_ROW, "1 VIBs"},
		     {IMAGE_HEAD IMAGE_ROW IMAGE_ROW_7 "\n", "2 VIBs"},
		     {"\n", NULL},
		     {"Usage: esxcli software vib list\n", NULL},
		     {"Name Version Vendor Acceptance Level Install Date\n", NULL}, /* cut before the dashes */
		     {IMAGE_ROW, NULL},
		     {IMAGE_HEAD "   more about it\n", NULL},
		     {IMAGE_HEAD IMAGE_ROW "done\n", NULL},
		     {IMAGE_HEAD "nmst 4.18", NULL},
		     {" [NoMatchError]\n id=x\n", NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct hp_facts *f = asked(a, ask, HP_END_EXIT, 0, cases[i].out);
		if (cases[i].value)
			assert_string_equal(hp_fact_text(f, HP_HOST, "rebooting-image"), cases[i].value);
		else
			assert_non_null(why(f, "rebooting-image"));
	}
	struct unit_asking *u = unit_asked(a, ask, HP_END_EXIT, 1, "");
	assert_string_equal(hp_call_text(a, u->calls[0]), "/bin/esxcli software vib list --rebooting-image");
	assert_string_equal(hp_call_text(a, u->calls[1]), "/bin/localcli software vib list --rebooting-image");
	assert_has(why(&u->facts, "rebooting-image"), "exit 1");
}

static void is_stat(struct hp_arena *a, const struct hp_ask *ask, const char *name, const char *out, const char *value)
{
	const struct hp_facts *f = asked(a, ask, HP_END_EXIT, 0, out);
	const struct hp_value *v = &hp_fact(f, HP_HOST, name)->now;
	if (value && v->is != HP_PRESENT)
		fail_msg("%s: %s", out, v->why);
	if (value)
		assert_string_equal(v->text, value);
	else
		assert_int_equal(v->is, HP_NO_DATA);
}

#define STAT_FILE "file 24 1763780645000000000 131 1644 1"

static void the_boot_bank(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_ask *ask = &hp_ask_bootbank;
	struct unit_asking *u = unit_ask(a, ask);
	ask->put(&u->asking);
	assert_int_equal(u->count, 2);
	assert_int_equal(u->calls[0]->kind, HP_CALL_STAT);
	assert_string_equal(u->calls[0]->path, "bootbank");
	assert_string_equal(u->calls[1]->path, "bootbank/."); /* what the link leads to */
	unit_answer(u, 0, HP_END_EXIT, 0, "link /vmfs/volumes/5b645dbf-1\n");
	unit_answer(u, 1, HP_END_NOT_FOUND, 2, "");
	assert_int_equal(hp_fact(&u->facts, HP_HOST, "bootbank-folder")->now.is, HP_ABSENT);
	is_stat(a, ask, "bootbank", "link /vmfs/volumes/5b645dbf-1\n", "/vmfs/volumes/5b645dbf-1");
	is_stat(a, ask, "bootbank", "link /tmp\n", "/tmp");
	is_stat(a, ask, "bootbank", "link \n", NULL);
	is_stat(a, ask, "bootbank", "link /vmfs/vol", NULL); /* cut */
	is_stat(a, ask, "bootbank", "link /a\nlink /b\n", NULL);
	is_stat(a, ask, "bootbank", "link /a\x1b\n", NULL);
	is_stat(a, ask, "bootbank", "socket\n", NULL);
	is_stat(a, ask, "bootbank", "", NULL);
	static const char *const no_links[] = {"dir\n", "other\n", STAT_FILE "\n"};
	for (size_t i = 0; i < 3; i++) {
		const struct hp_facts *f = asked(a, ask, HP_END_EXIT, 0, no_links[i]);
		assert_int_equal(hp_fact(f, HP_HOST, "bootbank")->now.is, HP_ABSENT);
		assert_has(hp_fact(f, HP_HOST, "bootbank")->now.why, "no link");
	}
	const struct hp_facts *f = asked(a, ask, HP_END_NOT_FOUND, 2, "");
	assert_int_equal(hp_fact(f, HP_HOST, "bootbank")->now.is, HP_ABSENT);
	assert_has(hp_fact(f, HP_HOST, "bootbank")->now.why, "/bootbank is not there");
	assert_has(why(asked(a, ask, HP_END_NOT_STARTED, 13, ""), "bootbank"), "/bootbank could not be");
	assert_has(why(asked(a, ask, HP_END_NOT_RECORDED, 0, ""), "bootbank"), "capture");
}

static void the_archive(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_ask *ask = &hp_ask_archive;
	struct unit_asking *u = unit_ask(a, ask);
	ask->put(&u->asking);
	assert_int_equal(u->count, 3);
	assert_string_equal(u->calls[0]->path, "etc/vmware/.#passthru.map");
	assert_string_equal(u->calls[1]->path, "bootbank/state.tgz");
	assert_string_equal(u->calls[2]->path, "bootbank/useropts.gz");
	unit_answer(u, 2, HP_END_NOT_FOUND, 2, "");
	assert_int_equal(hp_fact(&u->facts, HP_HOST, "useropts-gz")->now.is, HP_ABSENT);
	unit_answer(u, 1, HP_END_EXIT, 0, STAT_FILE "\n");
	unit_answer(u, 0, HP_END_NOT_FOUND, 2, "");
	assert_string_equal(hp_fact_text(&u->facts, HP_HOST, "state-tgz"), STAT_FILE);
	assert_int_equal(hp_fact(&u->facts, HP_HOST, "passthru-map-marker")->now.is, HP_ABSENT);
	is_stat(a, ask, "passthru-map-marker", STAT_FILE "\n", "file");
	is_stat(a, ask, "passthru-map-marker", "dir\n", NULL);
	is_stat(a, ask, "passthru-map-marker", "link file 1 2 3 4 5\n", NULL);
	is_stat(a, ask, "state-tgz", "dir\n", "dir");
	is_stat(a, ask, "state-tgz", "file 24 1763780645000000000 131 1644\n", NULL); /* a number is missing */
	is_stat(a, ask, "state-tgz", STAT_FILE " 7\n", NULL);
	is_stat(a, ask, "state-tgz", "file 24 x 131 1644 1\n", NULL);
	const struct hp_facts *f = asked(a, ask, HP_END_NOT_FOUND, 2, "");
	assert_int_equal(hp_fact(f, HP_HOST, "state-tgz")->now.is, HP_ABSENT);
	assert_has(why(asked(a, ask, HP_END_NOT_STARTED, 5, ""), "state-tgz"), "/bootbank/state.tgz could not be");
}

static void asks_of_gates_are_found_by_name(void **state)
{
	(void)state;
	static const char *const names[] = {"maintenance-mode", "rebooting-image", "bootbank", "archive",
					    "running-vms"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_non_null(hp_ask_find(names[i]));
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
	    UNIT_TEST(localcli_alone),
	    UNIT_TEST(no_tools),
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
	    UNIT_TEST(vms_that_are_no_answer),
	    UNIT_TEST(many_names),
	    UNIT_TEST(maintenance_mode),
	    UNIT_TEST(the_image_after_the_reboot),
	    UNIT_TEST(the_boot_bank),
	    UNIT_TEST(the_archive),
	    UNIT_TEST(asks_of_gates_are_found_by_name),
	    UNIT_TEST(a_host_without_tools),
	    UNIT_TEST(every_need_of_a_check_is_an_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
