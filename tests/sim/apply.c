#include "apply.h"

#include "fault.h"
#include "map.h"
#include "mlxerror.h"
#include "plugin.h"
#include "reboot.h"
#include "tree.h"

#include <string.h>

/* In a pattern, N is a number, NAME any text without a dot, ADDR a PCI address, REST any text at all. */
static const struct {
	const char *pattern;
	const char *meaning;
} keys[] = {
    {"scenario", "where this host came from"},
    {"esx.version", "9.0.0, 8.0.3 ... also decides which kernel settings there are"},
    {"esx.build", "24755229"},
    {"esx.update", ""},
    {"esx.patch", ""},
    {"esx.maintenance", "printed by 9.x only"},
    {"esx.product", "VMware ESXi"},
    {"host.name", "with its domain"},
    {"host.uuid", ""},
    {"bmc.address", "shown by hardware ipmi bmc get; empty: there is none"},
    {"host.vendor", ""},
    {"host.model", ""},
    {"host.serial", ""},
    {"maintenance", "0, 1 or unknown"},
    {"vms", "number of running virtual machines"},
    {"vm.N.name", "of the Nth, from 0"},
    {"uptime_us", "runs on from when it is set"},
    {"uptime_frozen", "1: does not run"},
    {"uptime_set_at", "kept by the program"},
    {"clock_skew_s", "added to the clock"},
    {"quickboot", "1: the last boot was a Quick Boot"},
    {"boots", "counted by reboot"},
    {"reboot_requested", "set by system shutdown reboot"},
    {"reboot_reason", ""},
    {"hostd", "up or down (esxcli and vim-cmd then fail, localcli answers)"},
    {"acceptance", "software acceptance get"},
    {"secureboot", "1: the acceptance level cannot be set to CommunitySupported"},
    {"signature.ca", "file of PEM certificates that the host trusts when it verifies signed VIBs"},
    {"power_policy", "1 static, 2 dynamic, 3 low, 4 custom"},
    {"bootbank", "ok, missing, tmp (a link to RAM)"},
    {"backups", "successful runs of auto-backup.sh"},
    {"kernel.NAME.runtime", "value in force"},
    {"kernel.NAME.configured", "value of the next boot"},
    {"kernel.NAME.default", ""},
    {"kernel.NAME.type", "of a setting that the release does not have"},
    {"kernel.NAME.absent", "1: this host does not have it"},
    {"map", "flr, bridge, d3d0, link, default, none: writes the stock passthru.map with that method, archived"},
    {"passthru.precedence", "which of several matching lines counts at a boot: last (default), first, specific"},
    {"passthru.shadow", "0: no marker file .#passthru.map, so edits are not archived"},
    {"passthru.inode", "kept by the program: a replaced file is not archived"},
    {"passthru.inode_of_tree", "kept by the program"},
    {"gpu.count", "0 to 8"},
    {"gpu.N.addr", "0000:18:00.0"},
    {"gpu.N.device", "2330, 2335 ..."},
    {"gpu.N.reset", "Function reset, Bridge reset ... in force"},
    {"gpu.N.owner", "VMkernel or VM Passthru (passthru), now"},
    {"gpu.N.owner_next", "after a reboot"},
    {"gpu.N.absent", "1: not on the bus"},
    {"nvswitch.count", "0 to 16"},
    {"nvswitch.N.addr", ""},
    {"nvswitch.N.reset", ""},
    {"nvswitch.N.owner", ""},
    {"nvswitch.N.owner_next", ""},
    {"nvswitch.N.absent", ""},
    {"nic.count", "0 to 4"},
    {"nic.N.owner", ""},
    {"nic.N.owner_next", ""},
    {"nic.N.vmk", "vmkernel port on it"},
    {"nic.N.vfs", "number of virtual functions"},
    {"psb.count", "0 to 8: PCIe switches 1000:c030"},
    {"psb.N.addr", ""},
    {"psb.N.subvendor", "1028"},
    {"psb.N.subdevice", "2330 to 2333, as the paper shows them; 224b is older"},
    {"psb.N.port", "upstream or downstream, in what lspci -d shows"},
    {"psb.N.no_ssid", "1: lspci -d shows no subsystem id"},
    {"psb.N.absent", ""},
    {"hca.count", "0 to 32"},
    {"hca.N.addr", "0000:1a:00.0"},
    {"hca.N.device", "1021"},
    {"hca.N.current", "ATS_ENABLED in force: 0, 1, N/A"},
    {"hca.N.next", "after a reboot"},
    {"hca.N.default", ""},
    {"hca.N.param.NAME.current", "another parameter's"},
    {"hca.N.param.NAME.next", ""},
    {"hca.N.param.NAME.default", ""},
    {"hca.N.param.NAME.unsupported", "1: the device does not support it"},
    {"hca.N.columns", "what the firmware gives to -e: dcn, cn, dn, n"},
    {"hca.N.ro", "1: ATS_ENABLED is read-only"},
    {"hca.N.error", "a class of the list below"},
    {"hca.N.error_times", "the error goes away after this many calls"},
    {"hca.N.needs_cold", "1: next comes into force at --cold only, and set says power cycle"},
    {"hca.N.power_line", "1: set says power cycle"},
    {"hca.N.stuck", "1: next never comes into force"},
    {"hca.N.ignores_set", "1: set reports success and stores nothing"},
    {"hca.N.inventory_na", "1: Name and Description are N/A"},
    {"hca.N.part", "Name"},
    {"hca.N.description", "Description"},
    {"hca.N.listed", "0: MFT does not see it"},
    {"hca.N.absent", "1: nor is it on the bus"},
    {"hca.N.mst", "its mst name, mt4129_pciconfN"},
    {"hca.N.type", "DEVICE_TYPE in mst: NA"},
    {"hca.N.cr", "1: has a pci_cr row too"},
    {"hca.N.functions", "2: dual port, NAME.1"},
    {"hca.N.uplink", "vmnicN: Ethernet mode, used by VMkernel"},
    {"hca.N.vmk", "vmkernel port on it"},
    {"hca.N.vfs", "number of virtual functions"},
    {"hca.N.link", "eth: Ethernet mode without uplink"},
    {"hca.N.rdma", "RDMA cell in mst"},
    {"hca.N.owner", "VMkernel or VM Passthru (passthru), now"},
    {"hca.N.owner_next", "after a reboot"},
    {"pci.ADDR.absent", "1: not on the bus"},
    {"pci.ADDR.owner", "of a device without a key of its own"},
    {"pci.ADDR.owner_next", ""},
    {"pci.ADDR.reset", ""},
    {"pci.ADDR.NAME", "any field of hardware pci list, by its keyvalue name: SubVendorID, PassthruCapable ..."},
    {"mft.version", "4.17 to 4.36: forms of mst and mlxconfig"},
    {"mft.installed", "0: no /opt/mellanox/bin tools, no VIBs"},
    {"mst.state", "ok, stopped (until mst start), none"},
    {"mst.module", "0: module nmst is not there"},
    {"mst.none_rc", "exit code when there are no devices (1)"},
    {"mst.slide", "auto, 0, 1: NET takes the place of an empty RDMA cell (auto: before 4.36)"},
    {"mst.domain", "1: PCI addresses with 0000:"},
    {"mst.prefix", "/dev/ or /dev/mst/: old drivers' names"},
    {"mst.numa", "1: fills the NUMA column"},
    {"mst.row_gap", "1: an empty line after each row"},
    {"mst.trailing_blanks", "1: rows keep the blanks at their end"},
    {"module.NAME.options", "configured parameters"},
    {"module.NAME.running", "parameters in force"},
    {"vib.NAME.version", "- removes it; an unknown name adds one"},
    {"vib.NAME.next", "version of the next boot: a pending change; - removes it"},
    {"vib.NAME.vendor", ""},
    {"vib.NAME.level", ""},
    {"vib.NAME.date", "kept by the program: when it was installed"},
    {"component.NAME.version", "kept by the program, as .next"},
    {"component.NAME.next", ""},
    {"plugin.timeout_ms", "how long the program of an extension's command may take (300000)"},
    {"plugin.max_output", "how many bytes it may print (4194304)"},
    {"esxcli.pci_numbers", "hex (default) or decimal, in machine formats"},
    {"localcli.pci_numbers", "the same for localcli"},
    {"esxcli.json_needs_debug", "0: --formatter=json without --debug too"},
    {"esxcli.screen_width", "of text tables (120)"},
    {"vsish.path_absent", "1: this release has no /system/loadESX/isBootLoadESX"},
    {"REST.latency_ms", "TOOL.latency_ms, TOOL.WORDS.latency_ms: time a call takes"},
    {"fault.REST", "fault.TOOL, fault.TOOL.WORDS: a mode of the list below; empty removes it"},
    {"faultcount.REST", "calls counted for @TIMES and #SKIP"},
};

static bool matches(const char *pattern, const char *key)
{
	while (*pattern != '\0') {
		size_t len;

		if (sim_starts(pattern, "REST")) {
			const char *end = pattern + 4;
			const size_t end_len = strlen(end);
			const size_t key_len = strlen(key);

			return key_len > end_len && sim_eq(key + key_len - end_len, end);
		}
		if (sim_starts(pattern, "NAME")) {
			len = strcspn(key, ".");
			pattern += 4;
		} else if (sim_starts(pattern, "ADDR")) {
			len = strspn(key, "0123456789abcdef:");
			if (len < 7 || key[len] != '.') {
				return false;
			}
			len += 1 + strspn(key + len + 1, "0123456789abcdef");
			pattern += 4;
		} else if (*pattern == 'N') {
			len = strspn(key, "0123456789");
			pattern++;
		} else {
			if (*pattern != *key) {
				return false;
			}
			len = 1;
			pattern++;
		}
		if (len == 0) {
			return false;
		}
		key += len;
	}
	return *key == '\0';
}

static bool known(const char *key)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (matches(keys[i].pattern, key)) {
			return true;
		}
	}
	return false;
}

static void check_value(const char *key, const char *value)
{
	struct sim_fault fault;
	uint64_t number;
	uint64_t times;
	const size_t len = strlen(key);

	if (sim_starts(key, "fault.") && *value != '\0' && !sim_fault_parse(value, &fault, &times, &number)) {
		sim_die("%s: no fault: %s", key, value);
	}
	if (sim_starts(key, "hca.") && len > 6 && sim_eq(key + len - 6, ".error") && *value != '\0' &&
	    !sim_mlxerror_known(value)) {
		sim_die("%s: no class of errors: %s", key, value);
	}
	if ((sim_eq(key, "uptime_us") || sim_eq(key, "vms") || (len > 6 && sim_eq(key + len - 6, ".count")) ||
	     (len > 11 && sim_eq(key + len - 11, ".latency_ms"))) &&
	    !sim_number(value, &number)) {
		sim_die("%s: no number: %s", key, value);
	}
	if (strchr(value, '\n') != NULL) {
		sim_die("%s: a value must not hold a newline", key);
	}
}

static void apply_one(struct sim_state *state, const char *key, const char *value)
{
	uint64_t number;

	if (!known(key)) {
		sim_die("unknown key: %s", key);
	}
	check_value(key, value);
	if (sim_eq(key, "map")) {
		static const char *const methods[] = {"flr", "bridge", "d3d0", "link", "default", "none"};

		for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
			if (sim_eq(value, methods[i])) {
				sim_map_write(state, value);
				return;
			}
		}
		sim_die("map: no method: %s", value);
	}
	if (sim_eq(key, "uptime_us") && sim_number(value, &number)) {
		sim_uptime_set(state, number);
		return;
	}
	if (sim_starts(key, "fault.")) {
		sim_drop(state, sim_fmt("faultcount.%s", key + 6));
	}
	if (*value == '\0' &&
	    (sim_starts(key, "fault.") || strstr(key, ".error") != NULL || strstr(key, ".next") != NULL)) {
		sim_drop(state, key);
		return;
	}
	const bool starts = sim_eq(key, "hostd") && sim_eq(value, "up") && !sim_eq(sim_get(state, key, "up"), "up");
	sim_put(state, key, value);
	if (starts) {
		sim_plugins_read_by_hostd(state);
	} else if (sim_eq(key, "passthru.shadow")) {
		sim_map_shadow(state, sim_truth(value));
	} else if (sim_eq(key, "bootbank")) {
		sim_tree_bootbank(state);
	}
}

void sim_apply(struct sim_state *state, const char *assignment)
{
	const char *equal = strchr(assignment, '=');

	if (equal == NULL || equal == assignment) {
		sim_die("not KEY=VALUE: %s", assignment);
	}
	const char *key = sim_copy(assignment, (size_t)(equal - assignment));
	const char *star = strstr(key, ".*.");
	if (star == NULL) {
		apply_one(state, key, equal + 1);
		return;
	}
	const uint64_t count = sim_get_num(state, sim_fmt("%.*s.count", (int)(star - key), key), 0);
	for (unsigned n = 0; n < count; n++) {
		apply_one(state, sim_fmt("%.*s.%u.%s", (int)(star - key), key, n, star + 3), equal + 1);
	}
}

void sim_keys_print(struct sim_buf *out)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		sim_buf_text(out, "  ");
		sim_buf_left(out, keys[i].pattern, keys[i].meaning[0] == '\0' ? 0 : 30);
		sim_buf_printf(out, "%s%s\n", keys[i].meaning[0] == '\0' ? "" : " ", keys[i].meaning);
	}
}
