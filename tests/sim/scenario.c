#include "scenario.h"

#include "apply.h"
#include "reboot.h"

#include <string.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* hca.* and gpu.* in a setting stand for all of them. */
#define READY                                                                                                          \
	"hca.*.current=1", "hca.*.next=1", "gpu.*.reset=Function reset", "nvswitch.*.reset=Function reset", "map=flr"

/* Every host begins as a stock one: settings at their defaults, ATS off on the HCAs, Bridge reset. */
const struct sim_scenario sim_scenarios[] = {
    {"stock-9.0", "ESX 9.0.0, freshly installed: ATS off on all HCAs, GPUs with bridge reset", LIST("boots=1"), "9.0"},
    {"stock-8.0.3", "the same with ESX 8.0.3", LIST("boots=1"), "8.0.3"},
    {"ready-9.0", "ESX 9.0.0, all right now and after the next boot", LIST(READY), "9.0"},
    {"ready-8.0.3", "ESX 8.0.3, all right now and after the next boot", LIST(READY), "8.0.3"},
    {"set-not-rebooted", "all set, but the host has not been rebooted since", LIST("hca.*.next=1", "map=flr"), "9.0"},
    {"regressing", "right now, wrong after the next boot: a kernel setting, one HCA, the reset map",
     LIST(READY, "kernel.atsSupport.configured=FALSE", "hca.3.next=0", "map=bridge"), "9.0"},
    {"one-hca-off", "ready but for one HCA", LIST(READY, "hca.5.current=0", "hca.5.next=0"), "9.0"},
    {"no-nmst", "ready, but MFT's driver is missing: mst lists nothing",
     LIST(READY, "mst.state=none", "mst.module=0", "vib.nmst.version=-"), "9.0"},
    {"recovery-mode", "nmlx5_core runs with mst_recovery=1: HCAs are listed as NA and in livefish mode",
     LIST("module.nmlx5_core.options=mst_recovery=1", "module.nmlx5_core.running=mst_recovery=1", "hca.*.type=NA",
	  "hca.*.error=livefish"),
     "9.0"},
    {"h200", "ready, with H200 GPUs", LIST(READY, "gpu.*.device=2335"), "9.0"},
    {"four-gpu", "ready, four GPUs and four HCAs, no NVSwitch",
     LIST("gpu.count=4", "hca.count=4", "psb.count=4", "nvswitch.count=0", READY, "host.model=PowerEdge XE8640"),
     "9.0"},
    {"uplink-hca", "ready, with a ninth ConnectX-7 in Ethernet mode that carries vmnic4 and vmk1",
     LIST(READY, "hca.count=9", "hca.8.addr=0000:62:00.0", "hca.8.owner=VMkernel", "hca.8.owner_next=VMkernel",
	  "hca.8.current=0", "hca.8.next=0", "hca.8.uplink=vmnic4", "hca.8.vmk=vmk1"),
     "9.0"},
    {"passthru-hcas", "ready, HCAs, GPUs and NVSwitches in passthrough",
     LIST(READY, "hca.*.owner=VM Passthru", "hca.*.owner_next=VM Passthru", "gpu.*.owner=VM Passthru",
	  "gpu.*.owner_next=VM Passthru", "nvswitch.*.owner=VM Passthru", "nvswitch.*.owner_next=VM Passthru"),
     "9.0"},
    {"hostd-down", "ready, but hostd is down: esxcli cannot connect, localcli answers", LIST(READY, "hostd=down"),
     "9.0"},
};
const size_t sim_scenario_count = sizeof sim_scenarios / sizeof sim_scenarios[0];

const struct sim_scenario *sim_scenario_find(const char *name)
{
	for (size_t i = 0; i < sim_scenario_count; i++) {
		if (sim_eq(sim_scenarios[i].name, name)) {
			return &sim_scenarios[i];
		}
	}
	return NULL;
}

void sim_scenario_apply(struct sim_state *state, const struct sim_scenario *scenario)
{
	static const char *const common[] = {
	    "boots=1",
	    "bootbank=ok",
	    "gpu.count=8",
	    "hca.count=8",
	    "nvswitch.count=4",
	    "psb.count=8",
	    "nic.count=4",
	    "hostd=up",
	    "maintenance=0",
	    "vms=0",
	    "quickboot=0",
	    "mft.version=4.31",
	    "mft.installed=1",
	    "mst.state=ok",
	    "mst.module=1",
	    "passthru.shadow=1",
	    "host.name=esx01.lab.example",
	    "host.vendor=Dell Inc.",
	    "host.model=PowerEdge XE9680",
	    "host.serial=7XK2LM4",
	    "host.uuid=6a98270c-b75f-a36d-06fd-6c3c8c010010",
	    "esxcli.pci_numbers=hex",
	    "localcli.pci_numbers=hex",
	    "acceptance=PartnerSupported",
	    "power_policy=2",
	    "module.nmlx5_core.options=",
	    "hca.*.current=0",
	    "hca.*.next=0",
	    "hca.*.default=0",
	    "hca.*.owner=VMkernel",
	    "hca.*.owner_next=VMkernel",
	    "gpu.*.owner=VMkernel",
	    "gpu.*.owner_next=VMkernel",
	    "gpu.*.reset=Bridge reset",
	    "nvswitch.*.reset=Bridge reset",
	    "kernel.disableACSCheck.configured=FALSE",
	    "kernel.disableACSCheck.runtime=FALSE",
	    "kernel.atsSupport.configured=TRUE",
	    "kernel.atsSupport.runtime=TRUE",
	    "map=bridge",
	};
	static const char *const esx_8[] = {"esx.version=8.0.3", "esx.build=25205845", "esx.update=3", "esx.patch=95"};
	static const char *const esx_9[] = {"esx.version=9.0.0",
					    "esx.build=24755229",
					    "esx.update=0",
					    "esx.maintenance=0",
					    "esx.patch=0",
					    "kernel.enableACSDTP2P.configured=TRUE",
					    "kernel.enableACSDTP2P.runtime=TRUE"};
	const bool old = sim_eq(scenario->release, "8.0.3");

	sim_put(state, "scenario", scenario->name);
	for (size_t i = 0; i < (old ? sizeof esx_8 / sizeof esx_8[0] : sizeof esx_9 / sizeof esx_9[0]); i++) {
		sim_apply(state, old ? esx_8[i] : esx_9[i]);
	}
	/* the counts first: a * stands for as many devices as there are */
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
			if ((strchr(common[i], '*') != NULL) == (pass == 1)) {
				sim_apply(state, common[i]);
			}
		}
	}
	for (const char *const *setting = scenario->settings; *setting != NULL; setting++) {
		sim_apply(state, *setting);
	}
	sim_uptime_set(state, 86400ULL * 3 * 1000000);
}
