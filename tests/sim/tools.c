/* The smaller tools of the host. */
#include "map.h"
#include "pci.h"
#include "reboot.h"
#include "tool.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *utc(uint64_t seconds)
{
	const time_t at = (time_t)seconds;
	struct tm parts;
	char text[40];

	if (gmtime_r(&at, &parts) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000000Z", &parts) == 0) {
		return "";
	}
	return sim_fmt("%s", text);
}

/* hostsvc/runtimeinfo, hostsvc/hostsummary and the two that switch maintenance mode; the texts are shortened. */
int sim_vim_cmd(struct sim_call *call)
{
	const char *command = call->argc > 1 ? call->argv[1] : "";
	const uint64_t boot = (sim_now_us() - sim_uptime_us(call->state)) / 1000000U;

	if (!sim_eq(sim_get(call->state, "hostd", "up"), "up")) {
		sim_buf_text(&call->out, "Failed to login: Connection failure.\n");
		return 1;
	}
	const char *maintenance = sim_get_bool(call->state, "maintenance", false) ? "true" : "false";
	if (sim_eq(command, "hostsvc/runtimeinfo")) {
		sim_buf_printf(
		    &call->out,
		    "(vim.host.RuntimeInfo) {\n   connectionState = \"connected\",\n   powerState = \"poweredOn\",\n"
		    "   inMaintenanceMode = %s,\n   bootTime = \"%s\"\n}\n",
		    maintenance, utc(boot));
		return 0;
	}
	if (sim_eq(command, "hostsvc/hostsummary")) {
		sim_buf_printf(
		    &call->out,
		    "Listsummary:\n\n(vim.host.Summary) {\n   hardware = (vim.host.Summary.HardwareSummary) {\n"
		    "      vendor = \"%s\",\n      model = \"%s\",\n      uuid = \"%s\"\n   },\n"
		    "   runtime = (vim.host.RuntimeInfo) {\n      inMaintenanceMode = %s,\n      bootTime = \"%s\"\n   "
		    "},\n"
		    "   rebootRequired = false\n}\n",
		    sim_get(call->state, "host.vendor", "Dell Inc."),
		    sim_get(call->state, "host.model", "PowerEdge XE9680"), sim_get(call->state, "host.uuid", ""),
		    maintenance, utc(boot));
		return 0;
	}
	if (sim_eq(command, "hostsvc/maintenance_mode_enter") || sim_eq(command, "hostsvc/maintenance_mode_exit")) {
		sim_put(call->state, "maintenance", sim_eq(command, "hostsvc/maintenance_mode_enter") ? "1" : "0");
		return 0;
	}
	sim_buf_printf(&call->out, "Invalid command '%s'.\n", command);
	return 1;
}

int sim_esxcfg_module(struct sim_call *call)
{
	const char *module = call->argc > 2 ? call->argv[2] : "";

	if (call->argc == 3 && sim_eq(call->argv[1], "-g")) {
		sim_buf_printf(&call->out, "%s enabled = 1 options = '%s'\n", module,
			       sim_getf(call->state, "", "module.%s.options", module));
		return 0;
	}
	if (call->argc == 4 && sim_eq(call->argv[1], "-s")) {
		sim_put(call->state, sim_fmt("module.%s.options", call->argv[3]), call->argv[2]);
		return 0;
	}
	sim_buf_text(&call->out, "Usage: esxcfg-module [-g | -s OPTIONS] MODULE\n");
	return 1;
}

/* config current get -c esx -g hardware -k pci_devices [-i ADDRESS]; field names beside the address are not known */
int sim_configstorecli(struct sim_call *call)
{
	const char *wanted = NULL;
	bool pci = false;
	bool first = true;

	for (int i = 1; i + 1 < call->argc; i++) {
		wanted = sim_eq(call->argv[i], "-i") ? call->argv[i + 1] : wanted;
		pci = pci || (sim_eq(call->argv[i], "-k") && sim_eq(call->argv[i + 1], "pci_devices"));
	}
	if (call->argc < 4 || !sim_eq(call->argv[1], "config") || !sim_eq(call->argv[2], "current") ||
	    !sim_eq(call->argv[3], "get") || !pci) {
		sim_buf_text(&call->out, "Object not found\n");
		return 1;
	}
	struct sim_pci *devices;
	const size_t count = sim_pci_list(call->state, &devices);
	sim_buf_text(&call->out, "[");
	for (size_t i = 0; i < count; i++) {
		if (sim_eq(devices[i].owner_next, "VM Passthru") &&
		    (wanted == NULL || sim_eq(wanted, devices[i].address))) {
			sim_buf_printf(&call->out,
				       "%s\n   {\n      \"id\": \"%s\",\n      \"owner\": \"passthru\"\n   }",
				       first ? "" : ",", devices[i].address);
			first = false;
		}
	}
	sim_buf_text(&call->out, first ? "]\n" : "\n]\n");
	return 0;
}

/* "ADDRESS DESCRIPTION", then sixteen bytes a line. What -e shows behind the standard space is left out: nothing reads
 * it. */
static void dump(struct sim_call *call, const struct sim_pci *d)
{
	unsigned char space[SIM_PCI_SPACE];

	sim_pci_space(call->state, d, space);
	for (unsigned at = 0; at < SIM_PCI_SPACE; at++) {
		if (at % 16 == 0) {
			sim_buf_printf(&call->out, "%02x:", at);
		}
		sim_buf_printf(&call->out, " %02x%s", space[at], at % 16 == 15 ? "\n" : "");
	}
}

/* VMware's own lspci: plain, -n, -v, -p, -d (the form of -d is that of -e on ESXi 9.1; of -d itself it is not known).
 */
int sim_lspci(struct sim_call *call)
{
	const char *option = call->argc > 1 ? call->argv[1] : "";
	struct sim_pci *devices;
	const size_t count = sim_pci_list(call->state, &devices);

	if (*option != '\0' && !sim_eq(option, "-n") && !sim_eq(option, "-v") && !sim_eq(option, "-p") &&
	    !sim_eq(option, "-d")) {
		sim_buf_text(&call->out, "Usage: lspci [-n] [-v] [-p] [-d]\n");
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		const struct sim_pci *d = &devices[i];
		const bool passthru = sim_eq(d->owner, "VM Passthru");
		const char *name = passthru || *d->vmk_name == '\0' ? "" : sim_fmt(" [%s]", d->vmk_name);

		if (sim_eq(option, "-n")) {
			sim_buf_printf(&call->out, "%s Class %04x: %04x:%04x%s\n", d->address, d->class, d->vendor,
				       d->device, name);
		} else if (sim_eq(option, "-p")) {
			sim_buf_printf(&call->out, "%s %04x:%04x %04x:%04x 255/   /     %s %c ", d->address, d->vendor,
				       d->device, d->subvendor, d->subdevice, d->capable ? "A" : " ",
				       passthru ? 'P' : 'V');
			sim_buf_left(&call->out, passthru ? "pciPassthru" : d->driver, 18);
			sim_buf_printf(&call->out, " %s\n", passthru ? "" : d->vmk_name);
		} else {
			sim_buf_printf(&call->out, "%s %s: %s %s%s\n", d->address, sim_pci_class_name(d->class),
				       d->vendor_name, d->device_name, name);
			if (sim_eq(option, "-d")) {
				dump(call, d);
			}
			if (sim_eq(option, "-v")) {
				sim_buf_printf(&call->out, "\t Class %04x: %04x:%04x\n", d->class, d->vendor,
					       d->device);
			}
		}
	}
	return 0;
}

/* Appends to var/log/syslog.log. */
int sim_logger(struct sim_call *call)
{
	struct sim_buf line = {0};
	const char *tag = "logger";

	for (int i = 1; i < call->argc; i++) {
		if (sim_eq(call->argv[i], "-t") && i + 1 < call->argc) {
			tag = call->argv[++i];
		} else if (sim_eq(call->argv[i], "-p") && i + 1 < call->argc) {
			i++;
		} else {
			sim_buf_printf(&line, "%s%s", line.len == 0 ? "" : " ", call->argv[i]);
		}
	}
	sim_buf_text(&line, "");
	const char *text = sim_fmt("%s %s: %s\n", utc(sim_now_us() / 1000000U), tag, line.data);
	const int fd =
	    open(sim_path(call->state, "var/log/syslog.log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd >= 0) {
		(void)sim_write_all(fd, text, strlen(text));
		(void)close(fd);
	}
	return 0;
}

/* Saves what /etc keeps over a reboot. */
int sim_auto_backup(struct sim_call *call)
{
	if (!call->dry) {
		if (!sim_map_archive(call->state)) {
			sim_buf_text(&call->err, "backup.sh: /bootbank: No such file or directory\n");
			return 1;
		}
		sim_put(call->state, "backups",
			sim_fmt("%llu", (unsigned long long)sim_get_num(call->state, "backups", 0) + 1));
	}
	return 0;
}
