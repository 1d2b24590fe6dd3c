#include "vib.h"

#include "image.h"

#include <stdlib.h>
#include <string.h>

/* VERSION stands for version and build of the host's release. */
static const struct sim_vib stock[] = {
    {"bnxtnet", "230.0.133.0-1vmw.VERSION", "VMW", "VMwareCertified", "2026-02-10", "host", "Network driver"},
    {"icen", "1.14.2.0-1vmw.VERSION", "VMW", "VMwareCertified", "2026-02-10", "host", "Network driver"},
    {"nmlx5-core", "4.24.0.7-16vmw.VERSION", "VMW", "VMwareCertified", "2026-02-10", "host", "Network driver"},
    {"nmlx5-rdma", "4.24.0.7-16vmw.VERSION", "VMW", "VMwareCertified", "2026-02-10", "host", "RDMA driver"},
    {"ntg3", "4.1.17.0-1vmw.VERSION", "VMW", "VMwareCertified", "2026-02-10", "host", "Network driver"},
    {"nvme-pcie", "1.4.0.1-1vmw.VERSION", "VMW", "VMwareCertified", "2026-02-10", "host", "Storage driver"},
    {"cpu-microcode", "VERSION", "VMware", "VMwareCertified", "2026-02-10", "host", "Processor microcode"},
    {"esx-base", "VERSION", "VMware", "VMwareCertified", "2026-02-10", "host", "Base system"},
    {"esx-update", "VERSION", "VMware", "VMwareCertified", "2026-02-10", "host", "Base system"},
    {"loadesx", "VERSION", "VMware", "VMwareCertified", "2026-02-10", "host", "Quick Boot"},
    {"vsan", "VERSION", "VMware", "VMwareCertified", "2026-02-10", "host", "Storage"},
    {"mft", "MFT-0", "MEL", "PartnerSupported", "2026-02-11", "host", "Firmware tools"},
    {"nmst", "MFT-1OEM.801.0.0.21495797", "MEL", "PartnerSupported", "2026-02-11", "host", "Firmware tools' driver"},
};

static const char *stock_version(const struct sim_state *state, const char *template)
{
	const char *version = sim_get(state, "esx.version", "9.0.0");
	const char *build = sim_get(state, "esx.build", "24755229");
	const char *at = strstr(template, "VERSION");

	if (sim_starts(template, "MFT")) {
		return sim_fmt("%s.0.149%s", sim_get(state, "mft.version", "4.31"), template + 3);
	}
	if (at == template) {
		return sim_fmt("%s-0.%s", version, build);
	}
	if (at != NULL) { /* a driver's: 900.0.BUILD */
		return sim_fmt("%.*s%c%c%c.0.%s", (int)(at - template), template, version[0], version[2], version[4],
			       build);
	}
	return template;
}

static int by_vendor(const void *a, const void *b)
{
	const struct sim_vib *left = a;
	const struct sim_vib *right = b;
	const int vendors = strcmp(left->vendor, right->vendor);

	return vendors != 0 ? vendors : strcmp(left->name, right->name);
}

const char *sim_vib_id(const struct sim_vib *vib)
{
	return sim_fmt("%s_bootbank_%s_%s", vib->vendor, vib->name, vib->version);
}

static void add(const struct sim_state *state, bool next_boot, struct sim_vib vib, struct sim_vib *vibs, size_t *count)
{
	vib.version = sim_getf(state, vib.version, "vib.%s.version", vib.name);
	if (next_boot) {
		vib.version = sim_getf(state, vib.version, "vib.%s.next", vib.name);
	}
	vib.vendor = sim_getf(state, vib.vendor, "vib.%s.vendor", vib.name);
	vib.level = sim_getf(state, vib.level, "vib.%s.level", vib.name);
	vib.date = sim_getf(state, vib.date, "vib.%s.date", vib.name);
	if (sim_eq(vib.version, "-")) {
		return;
	}
	struct sim_vibfile file;
	if (sim_image_load(state, vib.name, vib.version, &file)) {
		vib.vendor = file.vendor;
		vib.level = sim_level_long(file.level);
		vib.summary = sim_xml_text(file.xml, "summary", "");
	}
	vibs[(*count)++] = vib;
}

size_t sim_vib_list(const struct sim_state *state, bool next_boot, struct sim_vib **ret_vibs)
{
	const size_t stock_count = sizeof stock / sizeof stock[0];
	struct sim_vib *vibs = sim_alloc((stock_count + state->count) * sizeof *vibs);
	size_t count = 0;

	for (size_t i = 0; i < stock_count; i++) {
		struct sim_vib vib = stock[i];

		vib.version = stock_version(state, vib.version);
		if (sim_eq(vib.vendor, "MEL") && !sim_get_bool(state, "mft.installed", true)) {
			vib.version = "-";
		}
		add(state, next_boot, vib, vibs, &count);
	}
	for (size_t i = 0; i < state->count; i++) { /* VIBs that only the state names */
		const char *key = state->pairs[i].key;
		const char *dot = sim_starts(key, "vib.") ? strrchr(key + 4, '.') : NULL;
		bool have = false;

		if (dot == NULL) {
			continue;
		}
		const char *name = sim_copy(key + 4, (size_t)(dot - key - 4));
		for (size_t n = 0; n < stock_count && !have; n++) {
			have = sim_eq(stock[n].name, name);
		}
		for (size_t n = 0; n < count && !have; n++) {
			have = sim_eq(vibs[n].name, name);
		}
		if (!have) {
			add(state, next_boot,
			    (struct sim_vib){name, "-", "LAB", "CommunitySupported", "2026-03-01", "host",
					     "A VIB of this host"},
			    vibs, &count);
		}
	}
	qsort(vibs, count, sizeof *vibs, by_vendor);
	*ret_vibs = vibs;
	return count;
}

bool sim_vib_pending(const struct sim_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		const char *key = state->pairs[i].key;
		const size_t len = strlen(key);

		if (sim_starts(key, "vib.") && len > 9 && sim_eq(key + len - 5, ".next")) {
			return true;
		}
	}
	return false;
}

bool sim_vib_has(const struct sim_state *state, const char *name)
{
	struct sim_vib *vibs;
	const size_t count = sim_vib_list(state, false, &vibs);

	for (size_t i = 0; i < count; i++) {
		if (sim_eq(vibs[i].name, name)) {
			return true;
		}
	}
	return false;
}

void sim_vib_boot(struct sim_state *state)
{
	while (sim_vib_pending(state)) {
		for (size_t i = 0; i < state->count; i++) {
			const char *key = state->pairs[i].key;
			const size_t len = strlen(key);

			if (sim_starts(key, "vib.") && len > 9 && sim_eq(key + len - 5, ".next")) {
				const char *version = state->pairs[i].value;

				sim_put(state, sim_fmt("%.*s.version", (int)(len - 5), key), version);
				sim_drop(state, key);
				break;
			}
		}
	}
}
