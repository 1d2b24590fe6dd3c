#include "mlxparam.h"

#include <string.h>

#define BOOL "False:0 True:1"

/* Names, scopes and values: the parameter database of mstflint 4.32. */
const struct sim_mlxparam sim_mlxparams[] = {
    {"SRIOV_EN", "nv_global_pci_conf", "0", BOOL},
    {"NUM_OF_VFS", "nv_global_pci_conf", "0", NULL},
    {"MAX_ACC_OUT_READ", "nv_global_pci_settings", "0", NULL},
    {"ADVANCED_PCI_SETTINGS", "nv_pci_conf", "0", BOOL},
    {"ATS_ENABLED", "nv_pci_conf", "0", BOOL},
    {"P2P_ORDERING_MODE", "nv_pci_conf", "0", "DEVICE_DEFAULT:0 SECURE_NONE:1 SECURE_TRUST:2 SECURE_ALL:3"},
    {"BAR_PAGE_ALIGNMENT", "nv_pci_conf", "0", "DEVICE_DEFAULT:0 ALIGN_4KB:1 ALIGN_64KB:2"},
    {"PCI_WR_ORDERING", "nv_hca_conf", "0", "per_mkey:0 force_relax:1"},
    {"LINK_TYPE_P1", "nv_vpi_link_type", "1", "IB:1 ETH:2"},
    {"BOOT_PKEY", "nv_boot_settings", "0", NULL},
    {"BOOT_VLAN_EN", "nv_boot_settings", "0", BOOL},
    {"UEFI_HII_EN", "nv_uefi_settings", "1", BOOL},
};
const size_t sim_mlxparam_count = sizeof sim_mlxparams / sizeof sim_mlxparams[0];

const struct sim_mlxparam *sim_mlxparam_find(const char *name)
{
	for (size_t i = 0; i < sim_mlxparam_count; i++) {
		if (sim_eq(sim_mlxparams[i].name, name)) {
			return &sim_mlxparams[i];
		}
	}
	return NULL;
}

/* hca.N.next is ATS_ENABLED's, hca.N.param.NAME.next another's. */
static const char *key_of(const struct sim_hca *hca, const struct sim_mlxparam *param, const char *which)
{
	return sim_eq(param->name, "ATS_ENABLED") ? sim_fmt("%s.%s", hca->key, which)
						  : sim_fmt("%s.param.%s.%s", hca->key, param->name, which);
}

const char *sim_mlxparam_get(const struct sim_state *state, const struct sim_hca *hca, const struct sim_mlxparam *param,
			     enum sim_mlxvalue which)
{
	const char *initial = sim_get(state, key_of(hca, param, "default"), param->initial);
	const char *value = initial;

	if (sim_eq(param->name, "LINK_TYPE_P1") && *hca->uplink != '\0') {
		value = "2";
	}
	if (which == SIM_CURRENT) {
		value = sim_get(state, key_of(hca, param, "current"), value);
	} else if (which == SIM_NEXT) {
		value =
		    sim_get(state, key_of(hca, param, "next"), sim_get(state, key_of(hca, param, "current"), value));
	} else {
		value = initial;
	}
	const char *number = sim_mlxparam_parse(param, value);
	return number == NULL ? value : number;
}

void sim_mlxparam_set_next(struct sim_state *state, const struct sim_hca *hca, const struct sim_mlxparam *param,
			   const char *number)
{
	sim_put(state, key_of(hca, param, "next"), number);
}

static bool find_word(const struct sim_mlxparam *param, const char *text, bool by_number, const char **ret_word,
		      const char **ret_number)
{
	char **words;
	const size_t count = sim_split(param->words, ' ', &words);

	for (size_t i = 0; i < count; i++) {
		char *colon = strchr(words[i], ':');

		*colon = '\0';
		if (by_number ? sim_eq(colon + 1, text) : sim_eq_nocase(words[i], text)) {
			*ret_word = words[i];
			*ret_number = colon + 1;
			return true;
		}
	}
	return false;
}

const char *sim_mlxparam_show(const struct sim_mlxparam *param, const char *number)
{
	const char *word;
	const char *same;

	if (param->words == NULL || !find_word(param, number, true, &word, &same)) {
		return number;
	}
	return sim_fmt("%s(%s)", word, same);
}

const char *sim_mlxparam_parse(const struct sim_mlxparam *param, const char *text)
{
	const char *word;
	const char *number;
	uint64_t value;

	if (param->words == NULL) {
		return sim_number(text, &value) ? sim_fmt("%llu", (unsigned long long)value) : NULL;
	}
	if (find_word(param, text, true, &word, &number) || find_word(param, text, false, &word, &number)) {
		return number;
	}
	return NULL;
}
