/* esxcli system ..., vm process list */
#include "esxcli.h"
#include "kernel.h"
#include "reboot.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int version_get(struct sim_esx *esx)
{
	static const struct sim_column columns_9[] = {{"Product", "Product", SIM_STRING, false},
						      {"Version", "Version", SIM_STRING, false},
						      {"Build", "Build", SIM_STRING, false},
						      {"Update", "Update", SIM_STRING, false},
						      {"Maintenance", "Maintenance", SIM_STRING, false},
						      {"Patch", "Patch", SIM_STRING, false}};
	static const struct sim_column columns_8[] = {{"Product", "Product", SIM_STRING, false},
						      {"Version", "Version", SIM_STRING, false},
						      {"Build", "Build", SIM_STRING, false},
						      {"Update", "Update", SIM_STRING, false},
						      {"Patch", "Patch", SIM_STRING, false}};
	const char *version = sim_get(esx->state, "esx.version", "9.0.0");
	const bool old = sim_starts(version, "8."); /* "Maintenance" is new in 9 */
	struct sim_doc doc = {.type = "VersionGet",
			      .columns = old ? columns_8 : columns_9,
			      .column_count = old ? COUNT(columns_8) : COUNT(columns_9),
			      .style = SIM_BLOCKS,
			      .single = true};
	const char **cells = sim_doc_row(&doc, NULL);

	cells[0] = sim_get(esx->state, "esx.product", "VMware ESXi");
	cells[1] = version;
	cells[2] = sim_fmt("Releasebuild-%s", sim_get(esx->state, "esx.build", "24755229"));
	cells[3] = sim_get(esx->state, "esx.update", "0");
	cells[old ? 4 : 5] = sim_get(esx->state, "esx.patch", "0");
	if (!old) {
		cells[4] = sim_get(esx->state, "esx.maintenance", "0");
	}
	return sim_esx_print(esx, &doc);
}

static int hostname_get(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"DomainName", "Domain Name", SIM_STRING, false},
	    {"FullyQualifiedDomainName", "Fully Qualified Domain Name", SIM_STRING, false},
	    {"HostName", "Host Name", SIM_STRING, false}};
	struct sim_doc doc = {.type = "FullyQualifiedHostName",
			      .columns = columns,
			      .column_count = COUNT(columns),
			      .style = SIM_BLOCKS,
			      .single = true};
	const char **cells = sim_doc_row(&doc, NULL);
	const char *name = sim_get(esx->state, "host.name", "esxi01");
	const char *dot = strchr(name, '.');

	cells[0] = dot == NULL ? "" : dot + 1;
	cells[1] = name;
	cells[2] = dot == NULL ? name : sim_copy(name, (size_t)(dot - name));
	return sim_esx_print(esx, &doc);
}

static int uuid_get(struct sim_esx *esx)
{
	return sim_esx_scalar(esx, SIM_STRING,
			      sim_get(esx->state, "host.uuid", "6a98270c-b75f-a36d-06fd-6c3c8c010010"));
}

static int uptime_get(struct sim_esx *esx)
{
	return sim_esx_scalar(esx, SIM_INTEGER, sim_fmt("%llu", (unsigned long long)sim_uptime_us(esx->state)));
}

/* ---- kernel settings ---- */

static int kernel_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {{"Name", "Name", SIM_STRING, false},
						    {"Type", "Type", SIM_STRING, false},
						    {"Configured", "Configured", SIM_STRING, false},
						    {"Runtime", "Runtime", SIM_STRING, false},
						    {"Default", "Default", SIM_STRING, false},
						    {"Description", "Description", SIM_STRING, true}};
	struct sim_doc doc = {.type = "SettingsKernel", .columns = columns, .column_count = COUNT(columns)};
	const char *wanted = sim_esx_option(esx, "option");
	struct sim_kernel *settings;
	const size_t count = sim_kernel_list(esx->state, &settings);

	for (size_t i = 0; i < count; i++) {
		if (wanted != NULL && !sim_eq_nocase(wanted, settings[i].name)) {
			continue;
		}
		const char **cells = sim_doc_row(&doc, NULL);
		cells[0] = settings[i].name;
		cells[1] = settings[i].type;
		cells[2] = settings[i].configured;
		cells[3] = settings[i].runtime;
		cells[4] = settings[i].initial;
		cells[5] = settings[i].description;
	}
	if (wanted != NULL && doc.row_count == 0) {
		/* the real text is not known */
		return sim_esx_fail(esx, sim_fmt("Unable to find kernel option %s", wanted));
	}
	return sim_esx_print(esx, &doc);
}

static int kernel_set(struct sim_esx *esx)
{
	const char *name = sim_esx_option(esx, "setting");
	const char *value = sim_esx_option(esx, "value");
	struct sim_kernel *settings;
	const size_t count = sim_kernel_list(esx->state, &settings);
	const struct sim_kernel *setting = sim_kernel_find(settings, count, name);

	/* neither error text is known */
	if (setting == NULL) {
		return sim_esx_fail(esx, sim_fmt("Unable to find kernel option %s", name));
	}
	if (!sim_kernel_configure(esx->state, setting, value)) {
		return sim_esx_fail(esx, sim_fmt("Invalid value %s for kernel option %s", value, name));
	}
	return 0;
}

/* ---- maintenance mode, reboot, virtual machines ---- */

static int maintenance_get(struct sim_esx *esx)
{
	const char *mode = sim_get(esx->state, "maintenance", "0");

	return sim_esx_scalar(esx, SIM_STRING,
			      sim_eq_nocase(mode, "unknown") ? "Unknown"
			      : sim_truth(mode)		     ? "Enabled"
							     : "Disabled");
}

static int maintenance_set(struct sim_esx *esx)
{
	const bool enable = sim_truth(sim_esx_option(esx, "enable"));

	if (enable == sim_get_bool(esx->state, "maintenance", false)) {
		return sim_esx_fail(esx, enable ? "Maintenance mode is already enabled."
						: "Maintenance mode is already disabled.");
	}
	if (enable && sim_get_num(esx->state, "vms", 0) > 0) {
		/* a host waits for its VMs until the timeout; the text is not known */
		return sim_esx_fail(esx, "Enter maintenance mode failed: virtual machines are running.");
	}
	sim_put(esx->state, "maintenance", enable ? "1" : "0");
	return 0;
}

static int shutdown_reboot(struct sim_esx *esx)
{
	const char *reason = sim_esx_option(esx, "reason");

	if (!sim_get_bool(esx->state, "maintenance", false)) {
		return sim_esx_fail(esx, "System is not in maintenance mode. Cannot perform requested operation.");
	}
	if (strlen(reason) > 512) {
		return sim_esx_fail(esx, "Reason message cannot be longer than 512 characters.");
	}
	if (sim_get_bool(esx->state, "reboot_requested", false)) {
		return sim_esx_fail(esx, "System is already performing requested operation.");
	}
	sim_put(esx->state, "reboot_requested", "1");
	sim_put(esx->state, "reboot_reason", reason);
	return 0;
}

static int process_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"WorldID", "World ID", SIM_INTEGER, false},	  {"ProcessID", "Process ID", SIM_INTEGER, false},
	    {"VMXCartelID", "VMX Cartel ID", SIM_INTEGER, false}, {"UUID", "UUID", SIM_STRING, false},
	    {"DisplayName", "Display Name", SIM_STRING, false},	  {"ConfigFile", "Config File", SIM_STRING, false}};
	struct sim_doc doc = {
	    .type = "VirtualMachine", .columns = columns, .column_count = COUNT(columns), .style = SIM_BLOCKS};
	const uint64_t vms = sim_get_num(esx->state, "vms", 0);

	for (unsigned n = 0; n < vms && n < 1000; n++) {
		const char *name = sim_getf(esx->state, sim_fmt("inference-%02u", n + 1), "vm.%u.name", n);
		const char **cells = sim_doc_row(&doc, name);

		cells[0] = sim_fmt("%u", 2101442 + n * 100);
		cells[1] = "0";
		cells[2] = sim_fmt("%u", 2101441 + n * 100);
		cells[3] = sim_fmt("42 1c 7a %02x 5e 0d 66 91-b2 4f 10 c3 88 27 6a %02x", n & 0xffU, n & 0xffU);
		cells[4] = name;
		cells[5] = sim_fmt("/vmfs/volumes/66a1b2c3-d4e5f607-1829-a0b1c2d3e4f5/%s/%s.vmx", name, name);
	}
	return sim_esx_print(esx, &doc);
}

/* ---- modules ---- */

static const char *const modules[] = {"vmkernel", "procfs",	"vmw_ahci",   "nvme_pcie",   "vmkusb", "ntg3",
				      "icen",	  "nmlx5_core", "nmlx5_rdma", "pciPassthru", "nmst"};

static bool module_known(const struct sim_state *state, const char *name)
{
	if (sim_eq(name, "nmst")) {
		return sim_truth(sim_get(state, "mst.module", "1"));
	}
	for (size_t i = 0; i < COUNT(modules); i++) {
		if (sim_eq(modules[i], name)) {
			return true;
		}
	}
	return false;
}

static int module_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {{"Name", "Name", SIM_STRING, false},
						    {"IsLoaded", "Is Loaded", SIM_BOOLEAN, false},
						    {"IsEnabled", "Is Enabled", SIM_BOOLEAN, false}};
	struct sim_doc doc = {.type = "Module", .columns = columns, .column_count = COUNT(columns)};

	for (size_t i = 0; i < COUNT(modules); i++) {
		if (!module_known(esx->state, modules[i])) {
			continue;
		}
		const bool stopped =
		    sim_eq(modules[i], "nmst") && sim_eq(sim_get(esx->state, "mst.state", "ok"), "stopped");
		const char **cells = sim_doc_row(&doc, NULL);
		cells[0] = modules[i];
		cells[1] = stopped ? "false" : "true";
		cells[2] = "true";
	}
	return sim_esx_print(esx, &doc);
}

/* Descriptions of several lines, as drivers have them. */
static const struct {
	const char *name;
	const char *type;
	const char *description;
} nmlx5_parameters[] = {
    {"DRSS", "uint", "Queues for received traffic\nValues : 0 - off, 4 - 16 \nDefault: 4"},
    {"max_vfs", "array of uint", "Virtual functions per port\nValues : 0 - 127, one per port \nDefault: 0"},
    {"mst_recovery", "uint", "Firmware recovery\nValues : 0 - off, 1 - on \nDefault: 0"},
    {"pfcrx", "uint", "Priority flow control, receive\nValues : 0x00 - 0xff \nDefault: 0x00"},
    {"pfctx", "uint", "Priority flow control, send\nValues : 0x00 - 0xff \nDefault: 0x00"},
};

/* The value of NAME in "NAME=value other=value", or "". */
static const char *parameter_value(const char *options, const char *name)
{
	char **items;
	const size_t count = sim_split(options, ' ', &items);
	const size_t len = strlen(name);

	for (size_t i = count; i > 0; i--) {
		if (strncmp(items[i - 1], name, len) == 0 && items[i - 1][len] == '=') {
			return items[i - 1] + len + 1;
		}
	}
	return "";
}

static int parameters_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {{"Name", "Name", SIM_STRING, false},
						    {"Type", "Type", SIM_STRING, false},
						    {"Value", "Value", SIM_STRING, false},
						    {"Description", "Description", SIM_STRING, false}};
	struct sim_doc doc = {.type = "ModuleParameter", .columns = columns, .column_count = COUNT(columns)};
	const char *module = sim_esx_option(esx, "module");
	const char *options = sim_getf(esx->state, "", "module.%s.options", module);

	if (!module_known(esx->state, module)) {
		return sim_esx_fail(esx, sim_fmt("unknown module '%s'", module));
	}
	for (size_t i = 0; sim_eq(module, "nmlx5_core") && i < COUNT(nmlx5_parameters); i++) {
		const char **cells = sim_doc_row(&doc, NULL);

		cells[0] = nmlx5_parameters[i].name;
		cells[1] = nmlx5_parameters[i].type;
		cells[2] = parameter_value(options, nmlx5_parameters[i].name);
		cells[3] = nmlx5_parameters[i].description;
	}
	return sim_esx_print(esx, &doc);
}

static int parameters_set(struct sim_esx *esx)
{
	const char *module = sim_esx_option(esx, "module");
	const char *string = sim_esx_option(esx, "parameter-string");
	const char *key = sim_fmt("module.%s.options", module);
	const char *old = sim_get(esx->state, key, "");

	if (!module_known(esx->state, module)) {
		return sim_esx_fail(esx, sim_fmt("unknown module '%s'", module));
	}
	if (sim_esx_option(esx, "append") != NULL && *old != '\0') {
		string = sim_fmt("%s %s", old, string);
	}
	sim_put(esx->state, key, string); /* without --append all that was there is gone */
	return 0;
}

const struct sim_command sim_system_commands[] = {
    {"system hostname get", "The host's name", {{0}}, hostname_get},
    {"system maintenanceMode get", "The maintenance mode", {{0}}, maintenance_get},
    {"system maintenanceMode set",
     "Enters or leaves maintenance mode",
     {{'e', "enable", true, true}, {'t', "timeout", true, false}, {'m', "vsanmode", true, false}},
     maintenance_set},
    {"system module list",
     "Modules of the kernel",
     {{'l', "loaded", true, false}, {'e', "enabled", true, false}},
     module_list},
    {"system module parameters list", "Parameters of a module", {{'m', "module", true, true}}, parameters_list},
    {"system module parameters set",
     "Sets the parameters of a module",
     {{'m', "module", true, true},
      {'p', "parameter-string", true, true},
      {'a', "append", false, false},
      {'f', "force", false, false}},
     parameters_set},
    {"system settings kernel list",
     "Settings of the kernel",
     {{'o', "option", true, false}, {'d', "delta", false, false}},
     kernel_list},
    {"system settings kernel set",
     "Sets a setting of the kernel for the next boot",
     {{'s', "setting", true, true}, {'v', "value", true, true}},
     kernel_set},
    {"system shutdown reboot",
     "Reboots the host",
     {{'d', "delay", true, false}, {'r', "reason", true, true}},
     shutdown_reboot},
    {"system stats uptime get", "System uptime, in microseconds", {{0}}, uptime_get},
    {"system uuid get", "The host's UUID", {{0}}, uuid_get},
    {"system version get", "Version of the host", {{0}}, version_get},
    {"vm process list", "Running virtual machines", {{0}}, process_list},
};
const size_t sim_system_command_count = COUNT(sim_system_commands);
