#include "pci.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEVICES = 512, GROUPS = 8 };

struct list {
	const struct sim_state *state;
	struct sim_pci *devices;
	size_t count;
};

/* First bus of each switch group: root port, switch, its ports, GPU, -, HCA at +5, disk at +6. The HCAs are thereby at
 * the addresses of the paper, section 8.3. */
static const unsigned group_bus[GROUPS] = {0x15, 0x37, 0x48, 0x59, 0x97, 0xb7, 0xc7, 0xd7};

/* Subsystem ids of the switches, with firmware 4.160.3.0: the paper, appendix I. */
static const unsigned board_ids[GROUPS] = {0x2330, 0x2330, 0x2331, 0x2331, 0x2333, 0x2333, 0x2332, 0x2332};

static const char *address_of(unsigned bus, unsigned slot, unsigned function)
{
	return sim_fmt("0000:%02x:%02x.%x", bus, slot, function);
}

bool sim_pci_parse(const char *address, unsigned parts[4])
{
	char **fields;
	const size_t colons = sim_split(address, ':', &fields);
	char **tail;
	uint64_t value[4] = {0};

	if (colons < 2 || colons > 3 || sim_split(fields[colons - 1], '.', &tail) != 2) {
		return false;
	}
	const char *const text[4] = {colons == 3 ? fields[0] : "0", fields[colons - 2], tail[0], tail[1]};
	for (size_t i = 0; i < 4; i++) {
		if (!sim_number(sim_fmt("0x%s", text[i]), &value[i]) || value[i] > 0xffff) {
			return false;
		}
		parts[i] = (unsigned)value[i];
	}
	return true;
}

const char *sim_pci_decimal(const char *address)
{
	unsigned parts[4];

	if (!sim_pci_parse(address, parts)) {
		return "";
	}
	return sim_fmt("PCI %u:%u:%u:%u", parts[0], parts[1], parts[2], parts[3]);
}

const char *sim_pci_class_name(unsigned class)
{
	switch (class) {
	case 0x0106:
		return "SATA controller";
	case 0x0108:
		return "Non-Volatile memory controller";
	case 0x0200:
		return "Ethernet controller";
	case 0x0207:
		return "Infiniband controller";
	case 0x0300:
		return "VGA compatible controller";
	case 0x0302:
		return "3D controller";
	case 0x0600:
		return "Host bridge";
	case 0x0604:
		return "PCI bridge";
	case 0x0680:
		return "Bridge";
	case 0x0880:
		return "System peripheral";
	case 0x0c03:
		return "USB controller";
	default:
		return "Unclassified device";
	}
}

static const char *full_owner(const char *owner)
{
	return sim_eq_nocase(owner, "passthru") ? "VM Passthru" : sim_eq_nocase(owner, "vmkernel") ? "VMkernel" : owner;
}

static void add(struct list *list, struct sim_pci device)
{
	const struct sim_state *state = list->state;

	if (device.key == NULL) {
		device.key = sim_fmt("pci.%s", device.address);
	}
	if (sim_truth(sim_getf(state, "0", "%s.absent", device.key)) ||
	    sim_truth(sim_getf(state, "0", "pci.%s.absent", device.address)) || list->count == MAX_DEVICES) {
		return;
	}
	device.owner = full_owner(sim_getf(state, "VMkernel", "%s.owner", device.key));
	device.owner_next = full_owner(sim_getf(state, device.owner, "%s.owner_next", device.key));
	device.reset =
	    sim_getf(state, device.class == 0x0604 ? "Bridge reset" : "Function reset", "%s.reset", device.key);
	device.vmk_name = device.vmk_name == NULL ? "" : device.vmk_name;
	device.parent = device.parent == NULL ? "" : device.parent;
	device.slot_name = device.slot_name == NULL ? "" : device.slot_name;
	device.driver = device.driver == NULL ? "" : device.driver;
	list->devices[list->count++] = device;
}

static unsigned hex_key(const struct sim_state *state, const char *key, unsigned fallback)
{
	uint64_t value;

	return sim_number(sim_fmt("0x%s", sim_get(state, key, "-")), &value) ? (unsigned)value : fallback;
}

static void add_bridge(struct list *list, const char *address, const char *parent, unsigned spawned, int numa)
{
	add(list, (struct sim_pci){.address = address,
				   .parent = parent,
				   .vendor = 0x8086,
				   .device = 0x352a,
				   .class = 0x0604,
				   .revision = 0x04,
				   .vendor_name = "Intel Corporation",
				   .device_name = "PCI Express Root Port",
				   .spawned_bus = spawned,
				   .numa = numa});
}

static const char *gpu_name(unsigned device)
{
	return device == 0x2330	  ? "GH100 [H100 SXM5 80GB]"
	       : device == 0x2335 ? "GH100 [H200 SXM 141GB]"
				  : "Graphics device";
}

static void add_hca(struct list *list, unsigned n, const char *address, const char *parent, int numa)
{
	const struct sim_state *state = list->state;
	const char *key = sim_fmt("hca.%u", n);
	const char *uplink = sim_getf(state, "", "hca.%u.uplink", n);
	const bool ethernet = *uplink != '\0' || sim_eq(sim_getf(state, "ib", "hca.%u.link", n), "eth");
	const uint64_t functions = sim_get_num(state, sim_fmt("hca.%u.functions", n), 1);
	const uint64_t virtual_functions = sim_get_num(state, sim_fmt("hca.%u.vfs", n), 0);
	unsigned at[4] = {0};
	const unsigned device = hex_key(state, sim_fmt("hca.%u.device", n), 0x1021);

	address = sim_getf(state, address, "hca.%u.addr", n);
	if (!sim_pci_parse(address, at)) {
		return;
	}
	for (unsigned f = 0; f < functions + virtual_functions; f++) {
		const bool virtual = f >= functions;

		add(list, (struct sim_pci){.address = sim_fmt("%04x:%02x:%02x.%x", at[0], at[1],
							      at[2] + (at[3] + f) / 8, (at[3] + f) % 8),
					   .key = virtual ? NULL : key,
					   .parent = parent,
					   .vendor = 0x15b3,
					   .device = virtual ? 0x101e : device,
					   .subvendor = 0x15b3,
					   .subdevice = 0x0041,
					   .class = ethernet ? 0x0200 : 0x0207,
					   .vendor_name = "Mellanox Technologies",
					   .device_name = virtual ? "ConnectX Family mlx5Gen Virtual Function"
							  : device == 0x1021 ? "MT2910 Family [ConnectX-7]"
									     : "ConnectX Family",
					   .vmk_name = f == 0 ? uplink : "",
					   .driver = "nmlx5_core",
					   .slot = 31 + n,
					   .slot_name = sim_fmt("PCIe Slot %u", 31 + n),
					   .capable = true,
					   .numa = numa});
	}
}

static void add_group(struct list *list, unsigned n, unsigned gpus, unsigned hcas, unsigned psbs)
{
	const struct sim_state *state = list->state;
	const unsigned bus = group_bus[n];
	const int numa = n < GROUPS / 2 ? 0 : 1;
	const char *root = address_of(bus, 1, 0);
	const char *board = sim_getf(state, address_of(bus + 1, 0, 0), "psb.%u.addr", n);
	const unsigned gpu = hex_key(state, sim_fmt("gpu.%u.device", n), 0x2330);

	add_bridge(list, root, "", bus + 1, numa);
	if (n < psbs) {
		add(list, (struct sim_pci){.address = board,
					   .key = sim_fmt("psb.%u", n),
					   .parent = root,
					   .vendor = 0x1000,
					   .device = 0xc030,
					   .subvendor = hex_key(state, sim_fmt("psb.%u.subvendor", n), 0x1028),
					   .subdevice = hex_key(state, sim_fmt("psb.%u.subdevice", n), board_ids[n]),
					   .port = sim_getf(state, "upstream", "psb.%u.port", n),
					   .class = 0x0604,
					   .revision = 0xb0,
					   .vendor_name = "Broadcom / LSI",
					   .device_name = "PEX890xx PCIe Gen 5 Switch",
					   .spawned_bus = bus + 2,
					   .numa = numa});
	}
	for (unsigned port = 0; port < 3; port++) {
		add(list, (struct sim_pci){.address = address_of(bus + 2, port, 0),
					   .parent = n < psbs ? board : root,
					   .vendor = 0x1000,
					   .device = 0xc034,
					   .class = 0x0604,
					   .revision = 0xb0,
					   .vendor_name = "Broadcom / LSI",
					   .device_name = "PEX890xx PCIe Gen 5 Switch Port",
					   .spawned_bus = bus + (port == 0 ? 3 : 4 + port),
					   .numa = numa});
	}
	if (n < gpus) {
		add(list, (struct sim_pci){.address = sim_getf(state, address_of(bus + 3, 0, 0), "gpu.%u.addr", n),
					   .key = sim_fmt("gpu.%u", n),
					   .parent = address_of(bus + 2, 0, 0),
					   .vendor = 0x10de,
					   .device = gpu,
					   .subvendor = 0x10de,
					   .subdevice = 0x16c1,
					   .class = 0x0302,
					   .revision = 0xa1,
					   .vendor_name = "NVIDIA Corporation",
					   .device_name = gpu_name(gpu),
					   .slot = 21 + n,
					   .slot_name = sim_fmt("SXM%u", n + 1),
					   .capable = true,
					   .numa = numa});
	}
	if (n < hcas) {
		add_hca(list, n, address_of(bus + 5, 0, 0), address_of(bus + 2, 1, 0), numa);
	}
	add(list, (struct sim_pci){.address = address_of(bus + 6, 0, 0),
				   .parent = address_of(bus + 2, 2, 0),
				   .vendor = 0x144d,
				   .device = 0xa826,
				   .subvendor = 0x1028,
				   .subdevice = 0x2280,
				   .class = 0x0108,
				   .vendor_name = "Samsung Electronics Co Ltd",
				   .device_name = "NVMe SSD Controller",
				   .vmk_name = sim_fmt("vmhba%u", n + 2),
				   .driver = "nvme_pcie",
				   .slot = 161 + n,
				   .capable = true,
				   .numa = numa});
}

static void add_platform(struct list *list)
{
	static const struct sim_pci fixed[] = {
	    {.address = "0000:00:00.0",
	     .vendor = 0x8086,
	     .device = 0x09a2,
	     .class = 0x0600,
	     .revision = 0x04,
	     .vendor_name = "Intel Corporation",
	     .device_name = "Ice Lake Memory Map/VT-d"},
	    {.address = "0000:00:00.1",
	     .vendor = 0x8086,
	     .device = 0x09a4,
	     .class = 0x0880,
	     .revision = 0x04,
	     .vendor_name = "Intel Corporation",
	     .device_name = "Ice Lake Mesh 2 PCIe"},
	    {.address = "0000:00:14.0",
	     .vendor = 0x8086,
	     .device = 0x1bcd,
	     .subvendor = 0x1028,
	     .subdevice = 0x0b21,
	     .class = 0x0c03,
	     .revision = 0x11,
	     .vendor_name = "Intel Corporation",
	     .device_name = "Emmitsburg USB 3.2 Gen 1 xHCI Controller",
	     .vmk_name = "vmhba32",
	     .driver = "vmkusb",
	     .capable = true},
	    {.address = "0000:00:17.0",
	     .vendor = 0x8086,
	     .device = 0x1ba2,
	     .subvendor = 0x1028,
	     .subdevice = 0x0b21,
	     .class = 0x0106,
	     .revision = 0x11,
	     .vendor_name = "Intel Corporation",
	     .device_name = "Emmitsburg SATA Controller (AHCI mode)",
	     .vmk_name = "vmhba0",
	     .driver = "vmw_ahci",
	     .capable = true},
	    {.address = "0000:03:00.0",
	     .parent = "0000:00:1c.0",
	     .vendor = 0x102b,
	     .device = 0x0536,
	     .subvendor = 0x1028,
	     .subdevice = 0x0b21,
	     .class = 0x0300,
	     .revision = 0x04,
	     .vendor_name = "Matrox Electronics Systems Ltd.",
	     .device_name = "Integrated Matrox G200eW3 Graphics Controller"},
	    {.address = "0000:04:00.0",
	     .parent = "0000:00:1d.0",
	     .vendor = 0x1b4b,
	     .device = 0x2241,
	     .subvendor = 0x1028,
	     .subdevice = 0x2151,
	     .class = 0x0108,
	     .revision = 0x20,
	     .vendor_name = "Marvell Technology Group Ltd.",
	     .device_name = "88NR2241 Non-Volatile memory controller",
	     .vmk_name = "vmhba1",
	     .driver = "nvme_pcie",
	     .capable = true},
	};

	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		add(list, fixed[i]);
	}
	add_bridge(list, "0000:00:1b.0", "", 0x01, 0);
	add_bridge(list, "0000:00:1c.0", "", 0x03, 0);
	add_bridge(list, "0000:00:1d.0", "", 0x04, 0);
	add_bridge(list, "0000:30:01.0", "", 0x31, 0);
	add_bridge(list, "0000:61:01.0", "", 0x62, 0);
	for (unsigned n = 0; n < GROUPS; n++) {
		add(list, (struct sim_pci){.address = address_of(group_bus[n], 0, 0),
					   .vendor = 0x8086,
					   .device = 0x09a2,
					   .class = 0x0880,
					   .revision = 0x04,
					   .vendor_name = "Intel Corporation",
					   .device_name = "Ice Lake Memory Map/VT-d",
					   .numa = n < GROUPS / 2 ? 0 : 1});
	}
}

static void add_nvswitches(struct list *list)
{
	const uint64_t count = sim_get_num(list->state, "nvswitch.count", 4);

	add_bridge(list, "0000:05:01.0", "", 0x06, 0);
	for (unsigned n = 0; n < count && n < 16; n++) {
		add_bridge(list, address_of(0x06, n, 0), "0000:05:01.0", 0x07 + n, 0);
		add(list, (struct sim_pci){.address =
					       sim_getf(list->state, address_of(0x07 + n, 0, 0), "nvswitch.%u.addr", n),
					   .key = sim_fmt("nvswitch.%u", n),
					   .parent = address_of(0x06, n, 0),
					   .vendor = 0x10de,
					   .device = 0x22a3,
					   .subvendor = 0x10de,
					   .subdevice = 0x1796,
					   .class = 0x0680,
					   .revision = 0xa1,
					   .vendor_name = "NVIDIA Corporation",
					   .device_name = "GH100 [H100 NVSwitch]",
					   .slot = 51 + n,
					   .slot_name = sim_fmt("NVSWITCH%u", n + 1),
					   .capable = true});
	}
}

static const struct {
	const char *address;
	const char *parent;
	unsigned device;
	const char *driver;
	const char *name;
	unsigned speed;
} ports[] = {
    {"0000:01:00.0", "0000:00:1b.0", 0x165f, "ntg3", "NetXtreme BCM5720 Gigabit Ethernet PCIe", 1000},
    {"0000:01:00.1", "0000:00:1b.0", 0x165f, "ntg3", "NetXtreme BCM5720 Gigabit Ethernet PCIe", 1000},
    {"0000:31:00.0", "0000:30:01.0", 0x159b, "icen", "Ethernet Controller E810-XXV for SFP", 25000},
    {"0000:31:00.1", "0000:30:01.0", 0x159b, "icen", "Ethernet Controller E810-XXV for SFP", 25000},
};
enum { PORTS = sizeof ports / sizeof ports[0] };

static unsigned port_count(const struct sim_state *state)
{
	const uint64_t count = sim_get_num(state, "nic.count", PORTS);

	return count > PORTS ? PORTS : (unsigned)count;
}

static void add_ports(struct list *list)
{
	for (unsigned n = 0; n < port_count(list->state); n++) {
		const bool intel = ports[n].device == 0x159b;

		add(list, (struct sim_pci){.address = ports[n].address,
					   .key = sim_fmt("nic.%u", n),
					   .parent = ports[n].parent,
					   .vendor = intel ? 0x8086 : 0x14e4,
					   .device = ports[n].device,
					   .subvendor = intel ? 0x8086 : 0x1028,
					   .subdevice = intel ? 0x0003 : 0x08ff,
					   .class = 0x0200,
					   .vendor_name = intel ? "Intel Corporation" : "Broadcom Corporation",
					   .device_name = ports[n].name,
					   .vmk_name = sim_fmt("vmnic%u", n),
					   .driver = ports[n].driver,
					   .slot = intel ? 10 : 0,
					   .slot_name = intel ? "Embedded NIC" : "",
					   .capable = true});
	}
}

static int by_address(const void *a, const void *b)
{
	const struct sim_pci *left = a;
	const struct sim_pci *right = b;

	return strcmp(left->address, right->address);
}

size_t sim_pci_list(const struct sim_state *state, struct sim_pci **ret_devices)
{
	struct list list = {.state = state, .devices = sim_alloc(MAX_DEVICES * sizeof *list.devices)};
	const unsigned gpus = (unsigned)sim_get_num(state, "gpu.count", GROUPS);
	const unsigned hcas = (unsigned)sim_get_num(state, "hca.count", GROUPS);
	const unsigned psbs = (unsigned)sim_get_num(state, "psb.count", GROUPS);

	add_platform(&list);
	add_ports(&list);
	add_nvswitches(&list);
	for (unsigned n = 0; n < GROUPS; n++) {
		add_group(&list, n, gpus, hcas, psbs);
	}
	for (unsigned n = GROUPS; n < hcas && n < 32; n++) {
		add_hca(&list, n, address_of(0x62, n - GROUPS, 0), "0000:61:01.0", 0);
	}
	qsort(list.devices, list.count, sizeof *list.devices, by_address);
	*ret_devices = list.devices;
	return list.count;
}

static void put_word(unsigned char *space, unsigned at, unsigned value)
{
	space[at] = (unsigned char)(value & 0xffU);
	space[at + 1] = (unsigned char)(value >> 8 & 0xffU);
}

/* Capabilities of a switch: power management, PCI Express, subsystem ids. Their places are made up, but for the last:
 * Dell's script finds the ids at 0xb4. */
static void put_capabilities(const struct sim_state *state, const struct sim_pci *device, unsigned char *space)
{
	put_word(space, 0x06, 0x0010);
	space[0x34] = 0x40;
	space[0x40] = 0x01;
	space[0x41] = 0x68;
	space[0x68] = 0x10;
	space[0x69] = sim_truth(sim_getf(state, "0", "%s.no_ssid", device->key)) ? 0 : 0xb0;
	put_word(space, 0x6a, sim_eq(device->port, "downstream") ? 0x0162 : 0x0052);
	space[0xb0] = 0x0d;
	put_word(space, 0xb4, device->subvendor);
	put_word(space, 0xb6, device->subdevice);
}

void sim_pci_space(const struct sim_state *state, const struct sim_pci *device, unsigned char space[SIM_PCI_SPACE])
{
	const bool bridge = device->class == 0x0604;

	memset(space, 0, SIM_PCI_SPACE);
	put_word(space, 0x00, device->vendor);
	put_word(space, 0x02, device->device);
	put_word(space, 0x04, 0x0147);
	space[0x08] = (unsigned char)device->revision;
	put_word(space, 0x0a, device->class);
	space[0x0e] = bridge ? 0x01 : 0x00;
	if (bridge) {
		unsigned at[4] = {0};

		(void)sim_pci_parse(device->address, at);
		space[0x18] = (unsigned char)at[1];
		space[0x19] = space[0x1a] = (unsigned char)device->spawned_bus;
	} else {
		put_word(space, 0x2c, device->subvendor);
		put_word(space, 0x2e, device->subdevice);
	}
	if (device->port != NULL) {
		put_capabilities(state, device, space);
	}
}

size_t sim_nic_list(const struct sim_state *state, struct sim_nic **ret_nics)
{
	struct sim_pci *devices;
	const size_t device_count = sim_pci_list(state, &devices);
	struct sim_nic *nics = sim_alloc((device_count + 1) * sizeof *nics);
	size_t count = 0;

	for (size_t i = 0; i < device_count; i++) {
		const struct sim_pci *device = &devices[i];
		const bool mellanox = device->vendor == 0x15b3;
		unsigned at[4] = {0};

		if (!sim_starts(device->vmk_name, "vmnic") || !sim_eq(device->owner, "VMkernel")) {
			continue;
		}
		(void)sim_pci_parse(device->address, at);
		nics[count++] = (struct sim_nic){
		    .name = device->vmk_name,
		    .address = device->address,
		    .driver = device->driver,
		    .description = sim_fmt("%s %s", device->vendor_name, device->device_name),
		    .mac = sim_fmt("%s:%02x:%02x:%02x", mellanox ? "a0:88:c2" : "6c:3c:8c", at[1], at[2], 0x10 + at[3]),
		    .speed = mellanox			? 400000
			     : device->vendor == 0x8086 ? 25000
							: 1000,
		    .virtual_functions = (unsigned)sim_get_num(state, sim_fmt("%s.vfs", device->key), 0),
		    .vmk = sim_getf(state, sim_eq(device->vmk_name, "vmnic0") ? "vmk0" : "", "%s.vmk", device->key),
		};
	}
	*ret_nics = nics;
	return count;
}
