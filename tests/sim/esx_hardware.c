/* esxcli hardware ... */
#include "esxcli.h"
#include "pci.h"

#include <string.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sim_column pci_columns[] = {
    {"Address", "Address", SIM_STRING, false},
    {"Segment", "Segment", SIM_HEX, false},
    {"Bus", "Bus", SIM_HEX, false},
    {"Slot", "Slot", SIM_HEX, false},
    {"Function", "Function", SIM_HEX, false},
    {"VMkernelName", "VMkernel Name", SIM_STRING, false},
    {"VendorName", "Vendor Name", SIM_STRING, false},
    {"DeviceName", "Device Name", SIM_STRING, false},
    {"ConfiguredOwner", "Configured Owner", SIM_STRING, false},
    {"CurrentOwner", "Current Owner", SIM_STRING, false},
    {"VendorID", "Vendor ID", SIM_HEX, false},
    {"DeviceID", "Device ID", SIM_HEX, false},
    {"SubVendorID", "SubVendor ID", SIM_HEX, false},
    {"SubDeviceID", "SubDevice ID", SIM_HEX, false},
    {"DeviceClass", "Device Class", SIM_HEX, false},
    {"DeviceClassName", "Device Class Name", SIM_STRING, false},
    {"ProgrammingInterface", "Programming Interface", SIM_HEX, false},
    {"RevisionID", "Revision ID", SIM_HEX, false},
    {"InterruptLine", "Interrupt Line", SIM_HEX, false},
    {"IRQ", "IRQ", SIM_INTEGER, false},
    {"InterruptVector", "Interrupt Vector", SIM_HEX, false},
    {"PCIPin", "PCI Pin", SIM_HEX, false},
    {"SpawnedBus", "Spawned Bus", SIM_HEX, false},
    {"Flags", "Flags", SIM_HEX, false},
    {"ModuleID", "Module ID", SIM_INTEGER, false},
    {"ModuleName", "Module Name", SIM_STRING, false},
    {"Chassis", "Chassis", SIM_INTEGER, false},
    {"PhysicalSlot", "Physical Slot", SIM_INTEGER, false},
    {"SlotDescription", "Slot Description", SIM_STRING, false},
    {"DeviceLayerBusAddress", "Device Layer Bus Address", SIM_STRING, false},
    {"PassthruCapable", "Passthru Capable", SIM_BOOLEAN, false},
    {"ParentDevice", "Parent Device", SIM_STRING, false},
    {"DependentDevice", "Dependent Device", SIM_STRING, false},
    {"ResetMethod", "Reset Method", SIM_STRING, false},
    {"FPTSharable", "FPT Sharable", SIM_BOOLEAN, false},
    {"NUMANode", "NUMA Node", SIM_INTEGER, false},
    {"ExtendedDeviceID", "Extended Device ID", SIM_INTEGER, false},
};

/* Fields that say something about this device; the rest are what idle devices show. */
static void fill_pci(const struct sim_state *state, const struct sim_pci *device, const char **cells)
{
	unsigned at[4] = {0};
	const bool passthru = sim_eq(device->owner, "VM Passthru");
	const bool driven = !passthru && *device->driver != '\0';
	const char *values[COUNT(pci_columns)];
	size_t n = 0;

	(void)sim_pci_parse(device->address, at);
	values[n++] = device->address;
	values[n++] = sim_fmt("0x%04x", at[0]);
	values[n++] = sim_fmt("0x%02x", at[1]);
	values[n++] = sim_fmt("0x%02x", at[2]);
	values[n++] = sim_fmt("0x%x", at[3]);
	values[n++] = passthru ? "" : device->vmk_name;
	values[n++] = device->vendor_name;
	values[n++] = device->device_name;
	values[n++] = device->owner_next;
	values[n++] = device->owner;
	values[n++] = sim_fmt("0x%04x", device->vendor);
	values[n++] = sim_fmt("0x%04x", device->device);
	values[n++] = sim_fmt("0x%04x", device->subvendor);
	values[n++] = sim_fmt("0x%04x", device->subdevice);
	values[n++] = sim_fmt("0x%04x", device->class);
	values[n++] = sim_pci_class_name(device->class);
	values[n++] = device->class == 0x0108 ? "0x02" : device->class == 0x0c03 ? "0x30" : "0x00";
	values[n++] = sim_fmt("0x%02x", device->revision);
	values[n++] = driven ? "0x0b" : "0xff";
	values[n++] = "255";
	values[n++] = "0x00";
	values[n++] = "0x00";
	values[n++] = sim_fmt("0x%02x", device->spawned_bus);
	values[n++] = passthru ? "0x3001" : "0x3201";
	values[n++] = passthru ? "49" : driven ? "37" : "0";
	values[n++] = passthru ? "pciPassthru" : device->driver;
	values[n++] = "0";
	values[n++] = device->slot > 0 ? sim_fmt("%u", device->slot) : "4294967295"; /* -1 */
	values[n++] = device->slot_name;
	values[n++] = device->slot > 0 ? sim_fmt("s%08u.%02u", device->slot, at[3])
				       : sim_fmt("m%08x.%02x", at[1] << 8 | at[2], at[3]);
	values[n++] = device->capable ? "true" : "false";
	values[n++] = *device->parent == '\0' ? "" : sim_pci_decimal(device->parent);
	values[n++] = sim_pci_decimal(
	    sim_eq(device->reset, "Bridge reset") && *device->parent != '\0' ? device->parent : device->address);
	values[n++] = device->reset;
	values[n++] = "true";
	values[n++] = sim_fmt("%d", device->numa);
	values[n] = "0";
	for (size_t i = 0; i < COUNT(pci_columns); i++) {
		cells[i] = sim_getf(state, values[i], "pci.%s.%s", device->address, pci_columns[i].name);
	}
}

static int pci_list(struct sim_esx *esx)
{
	struct sim_doc doc = {
	    .type = "PCIDevice", .columns = pci_columns, .column_count = COUNT(pci_columns), .style = SIM_BLOCKS};
	const char *key = esx->local ? "localcli.pci_numbers" : "esxcli.pci_numbers";
	const char *class = sim_esx_option(esx, "class");
	const char *mask = sim_esx_option(esx, "mask");
	uint64_t class_wanted = 0;
	uint64_t class_mask = 0xffff;
	struct sim_pci *devices;
	const size_t count = sim_pci_list(esx->state, &devices);

	if ((class != NULL && !sim_number(class, &class_wanted)) || (mask != NULL && !sim_number(mask, &class_mask))) {
		return sim_esx_fail(esx, "Error: Invalid value for class or mask");
	}
	doc.hex_as_integer = sim_eq(sim_get(esx->state, key, "hex"), "decimal");
	for (size_t i = 0; i < count; i++) {
		if (class == NULL || (devices[i].class & class_mask) == (class_wanted & class_mask)) {
			fill_pci(esx->state, &devices[i], sim_doc_row(&doc, devices[i].address));
		}
	}
	return sim_esx_print(esx, &doc);
}

static bool device_capable(const struct sim_state *state, const struct sim_pci *device)
{
	return sim_truth(
	    sim_getf(state, device->capable ? "true" : "false", "pci.%s.PassthruCapable", device->address));
}

static int passthru_list(struct sim_esx *esx)
{
	/* the column is flush left in the outputs that are known */
	static const struct sim_column columns[] = {{"DeviceID", "Device ID", SIM_STRING, false},
						    {"Enabled", "Enabled", SIM_STRING, false}};
	static const struct sim_column typed[] = {{"DeviceID", "Device ID", SIM_STRING, false},
						  {"Enabled", "Enabled", SIM_BOOLEAN, false}};
	struct sim_doc doc = {.type = "PCIPassthru",
			      .columns = esx->format == SIM_TEXT ? columns : typed,
			      .column_count = COUNT(columns),
			      .empty_prints_header = true};
	struct sim_pci *devices;
	const size_t count = sim_pci_list(esx->state, &devices);

	for (size_t i = 0; i < count; i++) {
		if (!device_capable(esx->state, &devices[i])) {
			continue;
		}
		const char **cells = sim_doc_row(&doc, NULL);
		cells[0] = devices[i].address;
		cells[1] = sim_eq(devices[i].owner_next, "VM Passthru") ? "true" : "false";
	}
	return sim_esx_print(esx, &doc);
}

static int passthru_set(struct sim_esx *esx)
{
	const char *id = sim_esx_option(esx, "device-id");
	const char *owner = sim_truth(sim_esx_option(esx, "enable")) ? "VM Passthru" : "VMkernel";
	struct sim_pci *devices;
	const size_t count = sim_pci_list(esx->state, &devices);

	for (size_t i = 0; i < count; i++) {
		if (!sim_eq_nocase(devices[i].address, id) || !device_capable(esx->state, &devices[i])) {
			continue;
		}
		sim_put(esx->state, sim_fmt("%s.owner_next", devices[i].key), owner);
		if (sim_esx_option(esx, "apply-now") != NULL) {
			sim_put(esx->state, sim_fmt("%s.owner", devices[i].key), owner);
		}
		return 0;
	}
	return sim_esx_fail(esx, sim_fmt("Unable to configure device %s", id)); /* the real text is not known */
}

static int clock_get(struct sim_esx *esx)
{
	const uint64_t now = sim_now_us() / 1000000U + sim_get_num(esx->state, "clock_skew_s", 0);
	const time_t seconds = (time_t)now;
	struct tm utc;
	char text[32];

	if (gmtime_r(&seconds, &utc) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
		return 1;
	}
	return sim_esx_scalar(esx, SIM_STRING, text);
}

static int platform_get(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"UUID", "UUID", SIM_STRING, false},
	    {"ProductName", "Product Name", SIM_STRING, false},
	    {"VendorName", "Vendor Name", SIM_STRING, false},
	    {"SerialNumber", "Serial Number", SIM_STRING, false},
	    {"EnclosureSerialNumber", "Enclosure Serial Number", SIM_STRING, false},
	    {"BIOSAssetTag", "BIOS Asset Tag", SIM_STRING, false},
	    {"IPMISupported", "IPMI Supported", SIM_BOOLEAN, false},
	};
	struct sim_doc doc = {.type = "PlatformGet",
			      .columns = columns,
			      .column_count = COUNT(columns),
			      .style = SIM_BLOCKS,
			      .single = true};
	const char **cells = sim_doc_row(&doc, "Platform Information");
	const char *serial = sim_get(esx->state, "host.serial", "7XK2LM4");

	cells[0] = "0x4c 0x4c 0x45 0x44 0x0 0x58 0x4b 0x10 0x80 0x32 0xb7 0xc0 0x4f 0x4c 0x4d 0x34";
	cells[1] = sim_get(esx->state, "host.model", "PowerEdge XE9680");
	cells[2] = sim_get(esx->state, "host.vendor", "Dell Inc.");
	cells[3] = serial;
	cells[4] = serial;
	cells[6] = "true";
	return sim_esx_print(esx, &doc);
}

/* IPv4Address is known (govmomi's metadata of 8.0.1, and seen); which fields stand beside it is not. Without a BMC, or
 * without its driver, esxcli fails; with which words is not known. */
static int bmc_get(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"BMCFirmwareVersion", "BMC Firmware Version", SIM_STRING, false},
	    {"IPMIVersion", "IPMI Version", SIM_STRING, false},
	    {"IPv4Address", "IPv4 Address", SIM_STRING, false},
	    {"IPv4Gateway", "IPv4 Gateway", SIM_STRING, false},
	    {"IPv4Subnet", "IPv4 Subnet", SIM_STRING, false},
	    {"MACAddress", "MAC Address", SIM_STRING, false},
	    {"Manufacturer", "Manufacturer", SIM_STRING, false},
	};
	struct sim_doc doc = {
	    .type = "IpmiBMC", .columns = columns, .column_count = COUNT(columns), .style = SIM_BLOCKS, .single = true};
	const char *address = sim_get(esx->state, "bmc.address", "192.0.2.17");

	if (*address == '\0') {
		return sim_esx_fail(esx, "Unable to get IPMI BMC properties");
	}
	const char **cells = sim_doc_row(&doc, NULL);
	cells[0] = "7.20";
	cells[1] = "2.0";
	cells[2] = address;
	cells[3] = "192.0.2.1";
	cells[4] = "255.255.255.0";
	cells[5] = "02:00:5e:00:53:01";
	cells[6] = "Dell Inc.";
	return sim_esx_print(esx, &doc);
}

/* ---- power policy: ids and short names are not confirmed ---- */

static const struct sim_column policy_columns[] = {{"Id", "Id", SIM_INTEGER, false},
						   {"Name", "Name", SIM_STRING, false},
						   {"ShortName", "Short Name", SIM_STRING, false}};
static const char *const policies[][3] = {{"1", "High Performance", "static"},
					  {"2", "Balanced", "dynamic"},
					  {"3", "Low Power", "low"},
					  {"4", "Custom", "custom"}};

static int policy_get(struct sim_esx *esx)
{
	struct sim_doc doc = {.type = "PowerPolicy",
			      .columns = policy_columns,
			      .column_count = COUNT(policy_columns),
			      .style = SIM_BLOCKS,
			      .single = true};
	uint64_t id = sim_get_num(esx->state, "power_policy", 2);

	id = id < 1 || id > COUNT(policies) ? 2 : id;
	memcpy(sim_doc_row(&doc, NULL), policies[id - 1], sizeof policies[0]);
	return sim_esx_print(esx, &doc);
}

static int policy_choices(struct sim_esx *esx)
{
	struct sim_doc doc = {.type = "PowerPolicy", .columns = policy_columns, .column_count = COUNT(policy_columns)};

	for (size_t i = 0; i < COUNT(policies); i++) {
		memcpy(sim_doc_row(&doc, NULL), policies[i], sizeof policies[0]);
	}
	return sim_esx_print(esx, &doc);
}

static int policy_set(struct sim_esx *esx)
{
	const char *const given[3] = {sim_esx_option(esx, "id"), sim_esx_option(esx, "name"),
				      sim_esx_option(esx, "short-name")};
	size_t which = 3;

	for (size_t i = 0; i < 3; i++) {
		if (given[i] != NULL) {
			if (which < 3) {
				return sim_esx_fail(esx, "Exactly one of --name, --short-name, or --id is required");
			}
			which = i;
		}
	}
	if (which == 3) {
		return sim_esx_fail(esx, "Exactly one of --name, --short-name, or --id is required");
	}
	for (size_t i = 0; i < COUNT(policies); i++) {
		if (sim_eq(policies[i][which], given[which])) {
			sim_put(esx->state, "power_policy", policies[i][0]);
			return 0;
		}
	}
	return sim_esx_fail(esx, "Invalid policy");
}

const struct sim_command sim_hardware_commands[] = {
    {"hardware clock get", "Date and time", {{0}}, clock_get},
    {"hardware ipmi bmc get", "The baseboard management controller", {{0}}, bmc_get},
    {"hardware pci list", "PCI devices", {{'c', "class", true, false}, {'m', "mask", true, false}}, pci_list},
    {"hardware pci pcipassthru list", "Devices that can be passed through", {{0}}, passthru_list},
    {"hardware pci pcipassthru set",
     "Passes a device through, or no longer",
     {{'d', "device-id", true, true}, {'e', "enable", true, true}, {'a', "apply-now", false, false}},
     passthru_set},
    {"hardware platform get", "The machine", {{0}}, platform_get},
    {"hardware power policy choices list", "Power policies", {{0}}, policy_choices},
    {"hardware power policy get", "The power policy", {{0}}, policy_get},
    {"hardware power policy set",
     "Sets the power policy",
     {{'i', "id", true, false}, {'n', "name", true, false}, {'s', "short-name", true, false}},
     policy_set},
};
const size_t sim_hardware_command_count = COUNT(sim_hardware_commands);
