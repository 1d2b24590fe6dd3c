/* esxcli network ... */
#include "esxcli.h"
#include "pci.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sim_column nic_columns[] = {
    {"Name", "Name", SIM_STRING, false},
    {"PCIDevice", "PCI Device", SIM_STRING, false},
    {"Driver", "Driver", SIM_STRING, false},
    {"AdminStatus", "Admin Status", SIM_STRING, false},
    {"LinkStatus", "Link Status", SIM_STRING, false},
    {"Speed", "Speed", SIM_INTEGER, false},
    {"Duplex", "Duplex", SIM_STRING, false},
    {"MACAddress", "MAC Address", SIM_STRING, false},
    {"MTU", "MTU", SIM_INTEGER, false},
    {"Description", "Description", SIM_STRING, false},
    {"DPUId", NULL, SIM_STRING, false},
    {"Link", NULL, SIM_STRING, false},
};

static int nic_list(struct sim_esx *esx)
{
	struct sim_doc doc = {.type = "Nic", .columns = nic_columns, .column_count = COUNT(nic_columns)};
	struct sim_nic *nics;
	const size_t count = sim_nic_list(esx->state, &nics);

	for (size_t i = 0; i < count; i++) {
		const char **cells = sim_doc_row(&doc, NULL);
		size_t n = 0;

		cells[n++] = nics[i].name;
		cells[n++] = nics[i].address;
		cells[n++] = nics[i].driver;
		cells[n++] = "Up";
		cells[n++] = "Up";
		cells[n++] = sim_fmt("%u", nics[i].speed);
		cells[n++] = "Full";
		cells[n++] = nics[i].mac;
		cells[n++] = "1500";
		cells[n++] = nics[i].description;
		cells[n++] = "N/A";
		cells[n] = "Up";
	}
	return sim_esx_print(esx, &doc);
}

static int sriovnic_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {{"Name", "Name", SIM_STRING, false},
						    {"PCIDevice", "PCI Device", SIM_STRING, false},
						    {"Driver", "Driver", SIM_STRING, false},
						    {"Link", "Link", SIM_STRING, false},
						    {"Speed", "Speed", SIM_INTEGER, false},
						    {"Duplex", "Duplex", SIM_STRING, false},
						    {"MACAddress", "MAC Address", SIM_STRING, false},
						    {"MTU", "MTU", SIM_INTEGER, false},
						    {"Description", "Description", SIM_STRING, false}};
	struct sim_doc doc = {
	    .type = "SriovNic", .columns = columns, .column_count = COUNT(columns), .empty_prints_header = true};
	struct sim_nic *nics;
	const size_t count = sim_nic_list(esx->state, &nics);

	for (size_t i = 0; i < count; i++) {
		if (nics[i].virtual_functions == 0) {
			continue;
		}
		const char **cells = sim_doc_row(&doc, NULL);
		size_t n = 0;

		cells[n++] = nics[i].name;
		cells[n++] = nics[i].address;
		cells[n++] = nics[i].driver;
		cells[n++] = "Up";
		cells[n++] = sim_fmt("%u", nics[i].speed);
		cells[n++] = "Full";
		cells[n++] = nics[i].mac;
		cells[n++] = "1500";
		cells[n] = nics[i].description;
	}
	return sim_esx_print(esx, &doc);
}

static int interface_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"Name", "Name", SIM_STRING, false},
	    {"MACAddress", "MAC Address", SIM_STRING, false},
	    {"Enabled", "Enabled", SIM_BOOLEAN, false},
	    {"Portset", "Portset", SIM_STRING, false},
	    {"Portgroup", "Portgroup", SIM_STRING, false},
	    {"NetstackInstance", "Netstack Instance", SIM_STRING, false},
	    {"VDSName", "VDS Name", SIM_STRING, false},
	    {"VDSUUID", "VDS UUID", SIM_STRING, false},
	    {"VDSPort", "VDS Port", SIM_STRING, false},
	    {"VDSConnection", "VDS Connection", SIM_INTEGER, false},
	    {"MTU", "MTU", SIM_INTEGER, false},
	    {"TSOMSS", "TSO MSS", SIM_INTEGER, false},
	    {"PortID", "Port ID", SIM_INTEGER, false},
	};
	struct sim_doc doc = {
	    .type = "NetworkInterface", .columns = columns, .column_count = COUNT(columns), .style = SIM_BLOCKS};
	struct sim_nic *nics;
	const size_t count = sim_nic_list(esx->state, &nics);
	unsigned port = 0;

	for (size_t i = 0; i < count; i++) {
		if (*nics[i].vmk == '\0') {
			continue;
		}
		const char **cells = sim_doc_row(&doc, nics[i].vmk);
		size_t n = 0;

		cells[n++] = nics[i].vmk;
		cells[n++] = nics[i].mac;
		cells[n++] = "true";
		cells[n++] = sim_fmt("vSwitch%u", port);
		cells[n++] = port == 0 ? "Management Network" : sim_fmt("Network %u", port);
		cells[n++] = "defaultTcpipStack";
		cells[n++] = "N/A";
		cells[n++] = "N/A";
		cells[n++] = "N/A";
		cells[n++] = "-1";
		cells[n++] = "1500";
		cells[n++] = "65535";
		cells[n] = sim_fmt("%u", 67108868 + port);
		port++;
	}
	return sim_esx_print(esx, &doc);
}

static int vswitch_list(struct sim_esx *esx)
{
	static const struct sim_column columns[] = {
	    {"Name", "Name", SIM_STRING, false},
	    {"Class", "Class", SIM_STRING, false},
	    {"NumPorts", "Num Ports", SIM_INTEGER, false},
	    {"UsedPorts", "Used Ports", SIM_INTEGER, false},
	    {"ConfiguredPorts", "Configured Ports", SIM_INTEGER, false},
	    {"MTU", "MTU", SIM_INTEGER, false},
	    {"CDPStatus", "CDP Status", SIM_STRING, false},
	    {"BeaconEnabled", "Beacon Enabled", SIM_BOOLEAN, false},
	    {"BeaconInterval", "Beacon Interval", SIM_INTEGER, false},
	    {"Uplinks", "Uplinks", SIM_LIST, false},
	    {"Portgroups", "Portgroups", SIM_LIST, false},
	};
	struct sim_doc doc = {
	    .type = "VirtualSwitch", .columns = columns, .column_count = COUNT(columns), .style = SIM_BLOCKS};
	struct sim_nic *nics;
	const size_t count = sim_nic_list(esx->state, &nics);
	unsigned port = 0;

	for (size_t i = 0; i < count; i++) {
		if (*nics[i].vmk == '\0') {
			continue;
		}
		const char *name = sim_fmt("vSwitch%u", port);
		const char **cells = sim_doc_row(&doc, name);
		size_t n = 0;

		cells[n++] = name;
		cells[n++] = "cswitch";
		cells[n++] = "9216";
		cells[n++] = "5";
		cells[n++] = "128";
		cells[n++] = "1500";
		cells[n++] = "listen";
		cells[n++] = "false";
		cells[n++] = "1";
		cells[n++] = nics[i].name;
		cells[n] = port == 0 ? "VM Network, Management Network" : sim_fmt("Network %u", port);
		port++;
	}
	return sim_esx_print(esx, &doc);
}

const struct sim_command sim_network_commands[] = {
    {"network ip interface list", "VMkernel ports", {{'N', "netstack", true, false}}, interface_list},
    {"network nic list", "Network ports", {{0}}, nic_list},
    {"network sriovnic list", "Network ports with virtual functions", {{0}}, sriovnic_list},
    {"network vswitch standard list", "Virtual switches", {{'v', "vswitch-name", true, false}}, vswitch_list},
};
const size_t sim_network_command_count = COUNT(sim_network_commands);
