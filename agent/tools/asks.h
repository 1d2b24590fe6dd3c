/* The asks of all adapters, by name. */
#ifndef HP_TOOLS_ASKS_H
#define HP_TOOLS_ASKS_H

#include "tool.h"

extern const struct hp_ask hp_ask_mst;	       /* "mst-devices": mst status -vv */
extern const struct hp_ask hp_ask_hca_ats;     /* "hca-ats": mlxconfig -e query ATS_ENABLED, per HCA */
extern const struct hp_ask hp_ask_pci;	       /* "pci-devices" */
extern const struct hp_ask hp_ask_pci_config;  /* "pci-config": lspci -d, where a switch board's id is not known else */
extern const struct hp_ask hp_ask_kernel;      /* "kernel-settings" */
extern const struct hp_ask hp_ask_esx_version; /* "esx-version" */
extern const struct hp_ask hp_ask_passthru_map; /* "passthru-map" */
extern const struct hp_ask hp_ask_nics;		/* "uplinks" */
extern const struct hp_ask hp_ask_sriov;	/* "virtual-functions" */
/* "running-vms": how many, and "running-vm-names": their display names, for people ("a, b"; cut at 512 bytes with
 * "..."). */
extern const struct hp_ask hp_ask_running_vms;

/* What stands between a plan and the host (engine/gates.h). No check needs these, so a check does not ask them. */
/* "maintenance-mode": fact "maintenance", Enabled or Disabled. */
extern const struct hp_ask hp_ask_maintenance;
/* "rebooting-image": fact "rebooting-image", none or "N VIBs". */
extern const struct hp_ask hp_ask_rebooting_image;
/* "bootbank": fact "bootbank", where the link /bootbank leads; ABSENT where it is not there or no link. */
extern const struct hp_ask hp_ask_bootbank;
/* "archive": will an edit of /etc outlive the boot? Fact "passthru-map-marker", "file" or ABSENT; fact "state-tgz",
 * what STAT says of /bootbank/state.tgz (io/call.h), which differs once it was written anew, or ABSENT. */
extern const struct hp_ask hp_ask_archive;

extern const struct hp_ask hp_ask_bmc_address; /* "bmc-address": esxcli hardware ipmi bmc get */
extern const struct hp_ask hp_ask_redfish;     /* "redfish": the BIOS and the firmware, of the BMC (redfish.h) */

extern const struct hp_ask hp_ask_boot_token; /* "boot-token" */
extern const struct hp_ask hp_ask_ledger;     /* "ledger" */
extern const struct hp_ask hp_ask_hostname;   /* the rest is for the report's head */
extern const struct hp_ask hp_ask_platform;
extern const struct hp_ask hp_ask_uuid;
extern const struct hp_ask hp_ask_uptime;
extern const struct hp_ask hp_ask_quick_boot;

#endif
