#include "hca.h"

#include "pci.h"

#include <string.h>

size_t sim_hca_list(const struct sim_state *state, struct sim_hca **ret_hcas)
{
	static const unsigned stock_bus[] = {0x1a, 0x3c, 0x4d, 0x5e, 0x9c, 0xbc, 0xcc, 0xdc};
	const uint64_t total = sim_get_num(state, "hca.count", 8);
	struct sim_hca *hcas = sim_alloc(33 * sizeof *hcas);
	size_t count = 0;

	*ret_hcas = hcas;
	if (!sim_eq(sim_get(state, "mst.state", "ok"), "ok")) {
		return 0;
	}
	for (unsigned n = 0; n < total && n < 32; n++) {
		const char *key = sim_fmt("hca.%u", n);
		const unsigned bus = n < 8 ? stock_bus[n] : 0x62;
		uint64_t device = 0x1021;
		struct sim_hca hca = {.index = n, .key = key};

		if (!sim_truth(sim_getf(state, "1", "%s.listed", key)) ||
		    sim_truth(sim_getf(state, "0", "%s.absent", key))) {
			continue;
		}
		(void)sim_number(sim_fmt("0x%s", sim_getf(state, "-", "%s.device", key)), &device);
		hca.address = sim_getf(state, sim_fmt("0000:%02x:%02x.0", bus, n < 8 ? 0 : n - 8), "%s.addr", key);
		/* the number in an mst name is the PCI device id in decimal */
		hca.mst = sim_getf(state, sim_fmt("mt%u_pciconf%u", (unsigned)device, n), "%s.mst", key);
		hca.model = device == 0x1021   ? "ConnectX7"
			    : device == 0x101d ? "ConnectX6DX"
			    : device == 0x101b ? "ConnectX6"
			    : device == 0x1023 ? "ConnectX8"
			    : device == 0xa2dc ? "BlueField3"
					       : "ConnectX5";
		hca.uplink = sim_getf(state, "", "%s.uplink", key);
		hca.functions = (unsigned)sim_get_num(state, sim_fmt("%s.functions", key), 1);
		hcas[count++] = hca;
	}
	return count;
}

const char *sim_hca_get(const struct sim_state *state, const struct sim_hca *hca, const char *name,
			const char *fallback)
{
	return sim_getf(state, fallback, "%s.%s", hca->key, name);
}

const char *sim_hca_address(const struct sim_hca *hca, unsigned function)
{
	unsigned at[4] = {0};

	if (!sim_pci_parse(hca->address, at)) {
		return hca->address;
	}
	return sim_fmt("%04x:%02x:%02x.%x", at[0], at[1], at[2], at[3] + function);
}

const struct sim_hca *sim_hca_find(const struct sim_hca *hcas, size_t count, const char *name)
{
	name += sim_starts(name, "/dev/mst/") ? 9 : sim_starts(name, "/dev/") ? 5 : 0;
	for (size_t i = 0; i < count; i++) {
		for (unsigned f = 0; f < hcas[i].functions; f++) {
			const char *address = sim_hca_address(&hcas[i], f);
			const char *device = f == 0 ? hcas[i].mst : sim_fmt("%s.%u", hcas[i].mst, f);

			if (sim_eq(name, device) || sim_eq_nocase(name, address) ||
			    (sim_starts(address, "0000:") && sim_eq_nocase(name, address + 5))) {
				return &hcas[i];
			}
		}
	}
	return NULL;
}

unsigned sim_mft_version(const struct sim_state *state)
{
	char **parts;
	const size_t count = sim_split(sim_get(state, "mft.version", "4.31"), '.', &parts);
	uint64_t number[3] = {4, 31, 0};

	for (size_t i = 0; i < 3 && i < count; i++) {
		if (!sim_number(parts[i], &number[i]) || number[i] > 99) {
			sim_die("mft.version is no version");
		}
	}
	return (unsigned)(number[0] * 10000 + number[1] * 100 + number[2]);
}

const char *sim_mft_version_text(const struct sim_state *state)
{
	static const struct {
		unsigned minor;
		const char *text;
	} known[] = {{18, "4.18.1-14"}, {22, "4.22.1-11"}, {25, "4.25.0-802"}, {31, "4.31.0-149"}, {32, "4.32.0-120"}};
	const unsigned version = sim_mft_version(state);

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (version == 40000 + known[i].minor * 100) {
			return known[i].text;
		}
	}
	return sim_fmt("%u.%u.%u-100", version / 10000, version / 100 % 100, version % 100);
}
