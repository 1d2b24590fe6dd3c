#include "asks.h"

#include <string.h>

/* In the order in which they are started: the MFT lane is the longest, so it comes first. */
const struct hp_ask *const hp_asks[] = {
    &hp_ask_running_vms, /* asked only where the policy makes the MFT tools wait for it */

    &hp_ask_mst,
    &hp_ask_hca_ats,
    &hp_ask_pci,
    &hp_ask_platform, /* what the PCI bus and the BMC tell is judged by the maker */
    &hp_ask_pci_config,
    &hp_ask_kernel,
    &hp_ask_esx_version,
    &hp_ask_passthru_map,
    &hp_ask_nics,
    &hp_ask_sriov,
    &hp_ask_hostname,
    &hp_ask_uuid,
    &hp_ask_uptime,
    &hp_ask_quick_boot,
    &hp_ask_maintenance,
    &hp_ask_rebooting_image,
    &hp_ask_bootbank,
    &hp_ask_archive,
    &hp_ask_boot_token,
    &hp_ask_ledger,
    &hp_ask_bmc_address,
    &hp_ask_redfish,
    NULL};

const struct hp_ask *hp_ask_find(const char *name)
{
	for (size_t i = 0; hp_asks[i]; i++)
		if (strcmp(hp_asks[i]->name, name) == 0)
			return hp_asks[i];
	return NULL;
}
