/* The asks of all adapters, by name. */
#ifndef HP_TOOLS_ASKS_H
#define HP_TOOLS_ASKS_H

#include "tool.h"

extern const struct hp_ask hp_ask_mst;		/* "mst-devices": mst status -vv */
extern const struct hp_ask hp_ask_hca_ats;	/* "hca-ats": mlxconfig -e query ATS_ENABLED, per HCA */
extern const struct hp_ask hp_ask_pci;		/* "pci-devices" */
extern const struct hp_ask hp_ask_kernel;	/* "kernel-settings" */
extern const struct hp_ask hp_ask_esx_version;	/* "esx-version" */
extern const struct hp_ask hp_ask_passthru_map; /* "passthru-map" */
extern const struct hp_ask hp_ask_nics;		/* "uplinks" */
extern const struct hp_ask hp_ask_sriov;	/* "virtual-functions" */
extern const struct hp_ask hp_ask_running_vms;	/* "running-vms" */
extern const struct hp_ask hp_ask_hostname;	/* the rest is for the report's head */
extern const struct hp_ask hp_ask_platform;
extern const struct hp_ask hp_ask_uuid;
extern const struct hp_ask hp_ask_uptime;
extern const struct hp_ask hp_ask_quick_boot;

#endif
