#!/usr/bin/env python3
"""Writes the case files that start from the small host of host.py: make_cases.py [FOLDER].

A case may as well be written or changed by hand, or come from `hostprep capture`; it is then kept out of this list.
"""
import os
import sys

import bmc
from host import Host, block, blocks, device, gpu, hca, localcli, run_lines, space, step, table

KV = "run bin/esxcli --formatter=keyvalue "
LOCAL = "run bin/localcli --formatter=json "
PCI, KERNEL, VERSION = KV + "hardware pci list", KV + "system settings kernel list", KV + "system version get"
MST = "run opt/mellanox/bin/mst status -vv"
MAP = "file etc/vmware/passthru.map"
MLX = "run opt/mellanox/bin/mlxconfig -d mt4129_pciconf%d -e query ATS_ENABLED"
HCA1, HCA2, GPU1, GPU2 = "0000:1a:00.0", "0000:3c:00.0", "0000:1b:00.0", "0000:3d:00.0"
REFUSED = {"end": "exit 1", "out": "Connect to localhost failed: Connection failure.\n"}
NO_MST = ("\n    No MST devices were found or MST modules are not loaded.\n"
          "    You may need to run 'mst start' to load MST modules.\n\n")
DEVICE = "\nDevice #1:\n----------\n\n"

BOOT1, BOOT2, BOOT3 = ("0b00710%d-1111-4222-8333-444455556666" % i for i in (1, 2, 3))  # of three boots
DRY = "run fix --dry-run"
SET = 'command="/opt/mellanox/bin/mlxconfig -d mt4129_pciconf%d -y set ATS_ENABLED=1"'

CASES = {}


def case(path, about, expects, version="9.0.0", build="24755229"):
    """Decorator: the function changes the host."""
    def take(change):
        host = Host(version, build)
        change(host)
        CASES[path] = host.text(about, expects)
        return change
    return take


OK = ["exit 0", "verdict compliant", "reboot no"]
REST = ["others pass,not-applicable"]
PASS_OR_NOT = REST

# ---- esx-release ----


@case("esx-release/ready-9", "ESX 9.0.0, all right now and after the next boot.", OK + [
    'esx-release host pass now="9.0.0 24755229"', "gpu-inventory host pass", f"hca-ats {HCA1} pass now=1 next=1",
    f"gpu-reset {GPU1} pass now=flr next=flr"] + ["others pass"])
def _(h):
    h.full = True


@case("esx-release/too-old", "An update of ESX is needed first; severity major.", [
    "exit 2", "reboot no", 'esx-release host fail now="8.0.2 22380479" severity=major manual text~"is older than"'] + REST,
    "8.0.2", "22380479")
def _(h):
    pass


@case("esx-release/kb-409712-note", "The oldest release that will do; the fix of KB 409712 came later.", OK + [
    'esx-release host pass now="8.0.3 24280767" text~"KB 409712"'] + REST, "8.0.3", "24280767")
def _(h):
    pass


@case("esx-release/no-note", "8.0U3g has the fix of KB 409712.", OK + [
    'esx-release host pass text!~"KB 409712"'] + REST, "8.0.3", "24859861")
def _(h):
    pass


@case("esx-release/unknown-major", "A release that did not exist when this was written.", [
    "exit 3", 'esx-release host unknown now="10.0.0 30000001"'] + REST, "10.0.0", "30000001")
def _(h):
    pass


@case("esx-release/below-fail-on", "A failing major finding does not count for --fail-on blocker.", [
    "run check --fail-on blocker"] + OK + ["esx-release host fail severity=major"] + REST, "8.0.2", "22380479")
def _(h):
    pass


@case("esx-release/version-cut", "The answer ends at a line's end, but before the version. Nothing is known of 8 or 9.", [
    "exit 3", "esx-release host unknown", "kernel-acs-dtp2p host unknown", "kernel-ats-denylist host unknown"] + REST,
    "8.0.3", "24859861")
def _(h):
    text = h.calls()[VERSION]
    h.replies[VERSION] = {"out": text[:text.index("VersionGet.Version")]}


@case("esx-release/plain-dialect", "An esxcli without the keyvalue formatter answers in blocks and tables.", OK + [
    'esx-release host pass now="9.0.0 24755229"', f"gpu-reset {GPU2} pass now=flr", "kernel-ats-support host pass"] + REST)
def _(h):
    h.full = True
    plain = {"system version get": block("", h.version_record()),
             "system settings kernel list": table(h.kernel_records(), 100),
             "hardware pci list": blocks([h.pci_record(d) for d in h.devices], "Address"),
             "network nic list": table(h.nic_records())}
    for words, text in plain.items():
        h.replies[KV + words] = {"end": "exit 1", "out": "Unable to find requested formatter: keyvalue\n"}
        h.replies["run bin/esxcli " + words] = {"out": text}


@case("esx-release/hostd-down", "esxcli cannot connect; localcli answers with other key names. Reads fall back.", OK + [
    'esx-release host pass now="9.0.0 24755229"', f"gpu-reset {GPU2} pass", "kernel-iommu host pass",
    "gpu-inventory host pass"] + REST)
def _(h):
    local = {"system version get": [h.version_record()], "system settings kernel list": h.kernel_records(),
             "hardware pci list": [h.pci_record(d) for d in h.devices], "network nic list": h.nic_records()}
    for key in [k for k in h.calls() if k.startswith("run bin/esxcli")]:
        h.replies[key] = REFUSED
    for words, records in local.items():
        text = localcli(records)
        h.replies[LOCAL + words] = {"out": text if "list" in words else text[2:-3].lstrip() + "\n"}
    h.replies["run bin/localcli system uuid get"] = {"out": "6a98270c-b75f-a36d-06fd-00a0c9000000\n"}


@case("esx-release/hostd-and-localcli-down", "Nothing answers but the MFT tools: nothing passes.", [
    "exit 3", "reboot unknown", "esx-release host unknown", "hca-inventory host unknown", "hca-ats host unknown",
    'gpu-inventory host unknown text~"Connection failure"', "others unknown"])
def _(h):
    for key in [k for k in h.calls() if k.startswith("run bin/esxcli")]:
        h.replies[key] = REFUSED
        h.replies[key.replace("bin/esxcli", "bin/localcli").replace("keyvalue", "json")] = {"end": "not-found"}


@case("esx-release/help-text-exit-0", "esxcli prints its help for a command it does not have, and exits 0.", [
    "exit 3", "esx-release host unknown", "kernel-acs-check host unknown"] + ["others pass,unknown"])
def _(h):
    text = ("Usage: esxcli system {cmd} [cmd options]\n\nAvailable Namespaces:\n"
            "  settings              Operations that allow viewing and manipulating of system settings.\n"
            "  stats                 Access to various system statistics\n")
    h.replies[VERSION] = {"out": text}
    h.replies[KERNEL] = {"out": text}

# ---- kernel settings ----


@case("kernel-acs-check/set-on-9", "The check of ACS is switched off.", [
    "exit 2", "reboot no", "kernel-acs-check host fail severity=blocker now=TRUE next=TRUE want=FALSE fixable "
    'command="esxcli system settings kernel set -s disableACSCheck -v FALSE" text!~"KB 391460"'] + REST)
def _(h):
    h.kernel["disableACSCheck"] = ["TRUE", "TRUE"]


@case("kernel-acs-check/kb-391460", "On 8.0.x TRUE may be somebody's workaround: the remedy says so.", [
    "exit 2", 'kernel-acs-check host fail now=TRUE next=TRUE remedy~"KB 391460"'] + REST, "8.0.3", "24859861")
def _(h):
    h.kernel["disableACSCheck"] = ["TRUE", "TRUE"]


@case("kernel-acs-check/list-cut-in-a-record", "Cut at a line's end inside the record of disableACSCheck.", [
    "exit 3", "kernel-acs-check host unknown", "kernel-ats-support host pass", "kernel-acs-dtp2p host unknown",
    "kernel-iommu host unknown"] + REST)
def _(h):
    text = h.calls()[KERNEL]
    h.replies[KERNEL] = {"out": text[:text.index("structure[2].SettingsKernel.Type")]}


@case("kernel-ats-support/set-not-rebooted", "Configured TRUE, Runtime FALSE: the next boot brings it.", [
    "exit 4", "verdict reboot-pending", "reboot required any", "kernel-ats-support host pending-reboot now=FALSE "
    "next=TRUE manual"] + REST)
def _(h):
    h.kernel["atsSupport"] = ["FALSE", "TRUE"]


@case("kernel-ats-support/regressing", "Right today, wrong after the next boot.", [
    "exit 2", "verdict non-compliant", "kernel-ats-support host regressing now=TRUE next=FALSE fixable"] + REST)
def _(h):
    h.kernel["atsSupport"] = ["TRUE", "FALSE"]


@case("kernel-ats-support/severity-info", "A policy makes the check info: it fails and changes nothing.", OK + [
    "kernel-ats-support host fail severity=info"] + REST)
def _(h):
    h.kernel["atsSupport"] = ["FALSE", "FALSE"]
    h.policy = "name: site\nchecks:\n  kernel-ats-support: {severity: info}\n"


@case("kernel-ats-support/wanted-off", "A policy wants the other value.", [
    "exit 2", "kernel-ats-support host fail now=TRUE want=FALSE "
    'command="esxcli system settings kernel set -s atsSupport -v FALSE"'] + REST)
def _(h):
    h.policy = "checks:\n  kernel-ats-support:\n    want: false\n"


@case("kernel-ats-support/cut-in-a-line", "The list stops in the middle of a line: nothing of it counts.", [
    "exit 3", "kernel-ats-support host unknown", "kernel-acs-check host unknown", "kernel-iommu host unknown",
    "kernel-acs-dtp2p host unknown", "kernel-ats-denylist host unknown"] + REST)
def _(h):
    h.replies[KERNEL] = {"out": h.calls()[KERNEL][:-2]}


@case("kernel-acs-dtp2p/absent-on-8", "ESX 8 has no such setting: not applicable. All else is right.", OK + [
    "kernel-acs-dtp2p host not-applicable", "kernel-ats-denylist host not-applicable", "others pass"],
    "8.0.3", "24859861")
def _(h):
    pass


@case("kernel-acs-dtp2p/absent-on-9", "Absent where it must be: unknown.", [
    "exit 3", "kernel-acs-dtp2p host unknown", "others pass"])
def _(h):
    del h.kernel["enableACSDTP2P"]


@case("kernel-acs-dtp2p/present-on-8", "Present anywhere: judged.", [
    "exit 2", "kernel-acs-dtp2p host fail now=FALSE next=FALSE fixable"] + REST, "8.0.3", "24859861")
def _(h):
    h.kernel["enableACSDTP2P"] = ["FALSE", "FALSE"]


@case("kernel-ats-denylist/names-the-hca", "ATS is disallowed for ConnectX-7.", [
    "exit 2", 'kernel-ats-denylist host fail manual now="8086:1572:15b3:1021" text~"15b3:1021"'] + REST)
def _(h):
    h.kernel["atsDisallowPCIeVidDid"] = ["8086:1572:15b3:1021", "8086:1572:15b3:1021"]


@case("kernel-ats-denylist/gpu-until-reboot", "The GPUs' id has been taken off the list; the boot is missing.", [
    "exit 4", "reboot required any", 'kernel-ats-denylist host pending-reboot now="10de:2330" next=""'] + REST)
def _(h):
    h.kernel["atsDisallowPCIeVidDid"] = ["10de:2330", ""]


@case("kernel-ats-denylist/names-others", "Another device is on the list.", OK + [
    "kernel-ats-denylist host pass now=8086:1572", "others pass"])
def _(h):
    h.kernel["atsDisallowPCIeVidDid"] = ["8086:1572", "8086:1572"]


@case("kernel-ats-denylist/no-list-of-ids", "What it holds is not understood.", [
    "exit 3", "kernel-ats-denylist host unknown", "others pass"])
def _(h):
    h.kernel["atsDisallowPCIeVidDid"] = ["15b3:10", "mellanox"]


@case("kernel-iommu/worse-of-two", "noIOMMU right, interrupt remapping off: one finding, the worse state.", [
    "exit 2", "kernel-iommu host fail severity=major manual "
    'now="noIOMMU FALSE, iovDisableIR TRUE" next="noIOMMU FALSE, iovDisableIR TRUE"', "others pass"])
def _(h):
    h.kernel["iovDisableIR"] = ["TRUE", "TRUE"]


@case("kernel-iommu/one-missing-one-failing", "A failure is worse than not knowing.", [
    "exit 2", "kernel-iommu host fail", "others pass"])
def _(h):
    h.kernel["noIOMMU"] = ["TRUE", "TRUE"]
    del h.kernel["iovDisableIR"]

# ---- HCAs ----


@case("hca-inventory/none-listed", "MFT's driver is missing: no device is an answer.", [
    "exit 2", 'hca-inventory host fail now="2 HCAs on the PCI bus, 0 listed by MFT"', f"hca-inventory {HCA1} fail",
    f"hca-ats {HCA1} unknown", f"hca-ats {HCA2} unknown", "others pass,fail"])
def _(h):
    h.replies[MST] = {"end": "exit 1", "out": NO_MST}


@case("hca-inventory/owned-not-listed", "VMkernel owns it, MFT does not list it.", [
    "exit 2", f"hca-inventory {HCA2} fail", f"hca-ats {HCA2} unknown", "others pass"])
def _(h):
    del h.mst[1]


@case("hca-inventory/passthrough-not-listed", "In passthrough MFT may not see it: unknown.", [
    "exit 3", f"hca-inventory {HCA2} unknown", f"hca-ats {HCA2} unknown", "others pass"])
def _(h):
    h.at(HCA2)["owner"] = "VM Passthru"
    del h.mst[1]


@case("hca-inventory/card-dropped", "One of two HCAs has fallen off the bus.", [
    "exit 2", 'hca-inventory host fail want="2 HCAs, as many as GPUs"', "others pass"])
def _(h):
    h.devices.remove(h.at(HCA2))
    del h.mst[1]


@case("hca-inventory/count-by-policy", "The same host where the policy expects one.", OK + [
    'hca-inventory host pass want="1 HCA"', "others pass"])
def _(h):
    h.devices.remove(h.at(HCA2))
    del h.mst[1]
    h.policy = "expect: {gpus: 2, nvswitches: 1, hcas: 1}\n"


@case("hca-inventory/list-lacks-what-mft-lists", "The PCI list ends early, at a record's end: MFT knows more.", [
    "exit 3", "hca-inventory host unknown", f"hca-inventory {HCA2} unknown", f"hca-ats {HCA2} unknown", "others pass"])
def _(h):
    h.replies[PCI] = {"out": h.calls()[PCI][:h.calls()[PCI].index("structure[6].")]}


@case("hca-inventory/no-mft", "The MFT tools are not installed.", [
    "exit 3", 'hca-inventory host unknown text~"is not there"', f"hca-ats {HCA1} unknown", f"hca-ats {HCA2} unknown",
    "others pass"])
def _(h):
    h.replies[MST] = {"end": "not-found"}


@case("hca-inventory/mft-query-never", "The policy forbids asking MFT.", [
    "exit 3", 'hca-inventory host unknown text~"mft_query: never"', f"hca-ats {HCA1} unknown",
    f"hca-ats {HCA2} unknown", "others pass"])
def _(h):
    h.policy = "mft_query: never\n"


@case("hca-inventory/uplink-hca", "A third ConnectX-7 carries an uplink: named, not judged, not counted.", OK + [
    "hca-inventory 0000:5e:00.0 not-applicable text~vmnic4", "hca-ats 0000:5e:00.0 not-applicable text~vmnic4",
    'hca-inventory host pass', "others pass"])
def _(h):
    h.devices.append(hca("0000:5e:00.0", vmk="vmnic4"))
    h.nics.append(("vmnic4", "0000:5e:00.0"))
    h.mst.append(("mt4129_pciconf2", "5e:00.0", "net-vmnic4"))


@case("hca-inventory/virtual-functions", "Virtual functions of an HCA: their parent is VMkernel's, they are no HCAs.", [
    "exit 2", f"hca-inventory {HCA2} not-applicable", f"hca-ats {HCA2} not-applicable", "hca-ats 0000:3c:00.1 absent",
    "hca-inventory host fail", "others pass"])
def _(h):
    at = h.devices.index(h.at(HCA2))
    h.devices.insert(at + 1, hca("0000:3c:00.1", vmk="PF_0.60.0_VF_0"))
    h.sriov.append(("vmnic5", HCA2))


@case("hca-inventory/dual-port", "Two functions of one card, each with a name of its own.", OK + [
    f"hca-inventory {HCA1} pass now=mt4129_pciconf0", "hca-inventory 0000:1a:00.1 pass now=mt4129_pciconf0.1",
    "hca-ats 0000:1a:00.1 pass", f"hca-ats {HCA2} absent", "others pass"])
def _(h):
    h.devices.remove(h.at(HCA2))
    at = h.devices.index(h.at(HCA1))
    h.devices.insert(at + 1, hca("0000:1a:00.1"))
    h.mst[1] = ("mt4129_pciconf0.1", "1a:00.1", "")
    h.ats["mt4129_pciconf0.1"] = h.ats.pop("mt4129_pciconf1")


@case("hca-inventory/wrong-row-order", "MFT pairs names and addresses wrongly (known issue 3178976).", [
    "exit 3", f"hca-inventory {HCA1} unknown", f"hca-ats {HCA1} unknown", "others pass"])
def _(h):
    h.devices.append(device("0000:5e:00.0", 0x15b3, 0x1017, 0x0207, "MT27800 Family [ConnectX-5]"))
    h.mst = [("mt4119_pciconf0", "1a:00.0", "", "ConnectX5(rev:0)"), ("mt4129_pciconf1", "3c:00.0", ""),
             ("mt4129_pciconf2", "5e:00.0", "")]
    h.ats["mt4129_pciconf2"] = ["True(1)", "True(1)"]


@case("hca-ats/stock", "Off on both HCAs, as delivered.", [
    "exit 2", "reboot no", f'hca-ats {HCA1} fail now=0 next=0 fixable reboot=full '
    'command="/opt/mellanox/bin/mlxconfig -d mt4129_pciconf0 -y set ATS_ENABLED=1"', f"hca-ats {HCA2} fail",
    "others pass"])
def _(h):
    for name in h.ats:
        h.ats[name] = ["False(0)", "False(0)"]


@case("hca-ats/set-not-rebooted", "Set, the boot is missing: a query without -e would say True here.", [
    "exit 4", "verdict reboot-pending", "reboot required full", f"hca-ats {HCA1} pending-reboot now=0 next=1 manual",
    f"hca-ats {HCA2} pass", "others pass"])
def _(h):
    h.ats["mt4129_pciconf0"] = ["False(0)", "True(1)"]


@case("hca-ats/regressing", "On today, off after the next boot.", [
    "exit 2", f"hca-ats {HCA2} regressing now=1 next=0 fixable", "others pass"])
def _(h):
    h.ats["mt4129_pciconf1"] = ["True(1)", "False(0)"]


@case("hca-ats/read-only", "The firmware marks the setting RO: it fails and cannot be fixed from here.", [
    "exit 2", f"hca-ats {HCA1} fail now=0 manual remedy~read-only", "others pass"])
def _(h):
    h.ats["mt4129_pciconf0"] = ["False(0)", "False(0)"]
    h.mlx_form["mt4129_pciconf0"] = ("4.32", "DCN", " RO")


@case("hca-ats/no-current-column", "The firmware does not tell what is in force: configured is not enough.", [
    "exit 3", f"hca-ats {HCA1} unknown next=1", f"hca-ats {HCA2} unknown next=1", "others pass"])
def _(h):
    h.mlx_form = {"mt4129_pciconf0": ("4.32", "DN"), "mt4129_pciconf1": ("4.28", "N")}


@case("hca-ats/other-releases", "Layouts of two other MFT releases, two columns in one of them.", OK + [
    f"hca-ats {HCA1} pass now=1 next=1", f"hca-ats {HCA2} pass now=1 next=1", "others pass"])
def _(h):
    h.mlx_form = {"mt4129_pciconf0": ("4.36", "CN"), "mt4129_pciconf1": ("4.22", "DCN")}


@case("hca-ats/cut-inside-the-row", "The answer stops in the middle of Next Boot's value.", [
    "exit 3", f"hca-ats {HCA1} unknown", "others pass"])
def _(h):
    text = h.calls()[MLX % 0]
    h.replies[MLX % 0] = {"out": text[:text.rindex("True(") + 5]}


@case("hca-ats/busy-and-no-support", "One HCA is busy, the other's firmware does not know the setting.", [
    "exit 3", f'hca-ats {HCA1} unknown text~busy remedy~"check again"',
    f'hca-ats {HCA2} unknown remedy~"pdate the HCA\'s firmware"', "others pass"])
def _(h):
    h.replies[MLX % 0] = {"end": "exit 3", "out": DEVICE + "Device type:        ConnectX7           \n\n"
                          "-E- Failed to get nv_pci_conf settings Register access failed, device is busy\n"}
    h.replies[MLX % 1] = {"end": "exit 3", "out": DEVICE + "-E- The Device doesn't support ATS_ENABLED parameter\n"}


@case("hca-ats/another-device-answers", "mlxconfig's answer is for another device.", [
    "exit 3", f"hca-ats {HCA1} unknown", "others pass"])
def _(h):
    h.replies[MLX % 0] = {"out": h.calls()[MLX % 0].replace("mt4129_pciconf0", "mt4129_pciconf3")}


@case("hca-ats/idle-with-vms", "mft_query idle, and a VM runs: MFT is not asked.", [
    "exit 3", "hca-inventory host unknown", f'hca-ats {HCA1} unknown text~"mft_query: idle"', f"hca-ats {HCA2} unknown",
    "others pass"])
def _(h):
    h.policy = "mft_query: idle\n"
    h.vms = 1


@case("hca-ats/idle-without-vms", "mft_query idle, and no VM runs: nothing printed means none.", OK + [
    f"hca-ats {HCA1} pass", "others pass"])
def _(h):
    h.policy = "mft_query: idle\n"
    h.vms = 0


@case("hca-ats/with-domains", "A host with a second PCI domain: MFT prints domains then.", OK + [
    "hca-ats 0001:1a:00.0 pass", "hca-ats 0000:1a:00.0 pass", "others pass"])
def _(h):
    h.devices = [d for d in h.devices if d["address"] not in (HCA2, GPU2)]
    h.devices += [hca("0001:1a:00.0"), gpu("0001:1b:00.0")]
    h.mst = [("mt4129_pciconf0", "0000:1a:00.0", ""), ("mt4129_pciconf1", "0001:1a:00.0", "")]


@case("hca-ats/domain-not-told", "Two domains, and MFT does not say which: which HCA is which is not known.", [
    "exit 3", "hca-ats 0000:1a:00.0 unknown", "hca-ats 0001:1a:00.0 unknown", "others pass,unknown"])
def _(h):
    h.devices = [d for d in h.devices if d["address"] not in (HCA2, GPU2)]
    h.devices += [hca("0001:1a:00.0"), gpu("0001:1b:00.0")]
    h.mst = [("mt4129_pciconf0", "1a:00.0", "")]


@case("hca-ats/other-hca-ids", "The policy lists another HCA; ConnectX-7 is none then.", [
    "exit 2", "hca-ats 0000:5e:00.0 fail now=0", f"hca-ats {HCA1} absent", "others pass"])
def _(h):
    h.devices.append(device("0000:5e:00.0", 0x15b3, 0x1023, 0x0207, "MT2920 Family [ConnectX-8]"))
    h.mst.append(("mt4131_pciconf0", "5e:00.0", "", "ConnectX8(rev:0)"))
    h.ats = {"mt4131_pciconf0": ["False(0)", "False(0)"]}
    h.policy = 'devices:\n  hca: ["15b3:1023"]\nexpect:\n  hcas: 1\n'

# ---- GPUs ----


@case("gpu-inventory/counts-by-policy", "The policy knows of more than there is.", [
    "exit 2", 'gpu-inventory host fail now="2 GPUs, 1 NVSwitch" want="8 GPUs, 4 NVSwitches"', "others pass"])
def _(h):
    h.policy = "expect: {gpus: 8, nvswitches: 4, hcas: 2}\n"


@case("gpu-inventory/none", "No GPU at all.", [
    "exit 2", "gpu-inventory host fail", "gpu-reset host unknown", "hca-inventory host fail", "others pass"])
def _(h):
    h.devices = [d for d in h.devices if d["address"] not in (GPU1, GPU2)]


@case("gpu-inventory/list-cut-in-a-record", "The PCI list ends inside its last record, at a line's end.", [
    "exit 3", "gpu-inventory host unknown", "gpu-reset host unknown", "hca-inventory host unknown",
    "hca-ats host unknown", "psb-firmware host unknown", "others pass"])
def _(h):
    text = h.calls()[PCI]
    h.replies[PCI] = {"out": text[:text.index("structure[7].PCIDevice.VendorID")]}


@case("gpu-reset/stock", "Bridge reset, as ESX ships it.", [
    "exit 2", f'gpu-reset {GPU1} fail now=bridge next=bridge fixable reboot=any remedy~"ine 6 of"',
    f"gpu-reset {GPU2} fail", "others pass"])
def _(h):
    h.map = h.map.replace("ffff flr", "ffff bridge")
    for a in (GPU1, GPU2):
        h.at(a)["reset"] = "Bridge reset"


@case("gpu-reset/edited-not-rebooted", "The file says flr, bridge reset is in force.", [
    "exit 4", "reboot required any", f"gpu-reset {GPU1} pending-reboot now=bridge next=flr", "others pass,pending-reboot"])
def _(h):
    for a in (GPU1, GPU2):
        h.at(a)["reset"] = "Bridge reset"


@case("gpu-reset/no-line", "No line matches: VMkernel chooses, and has chosen flr.", OK + [
    f"gpu-reset {GPU1} pass now=flr next=default", "others pass"])
def _(h):
    h.map = h.map[:h.map.index("# NVIDIA")]


@case("gpu-reset/default-not-accepted", "The same where the policy wants it written.", [
    "exit 2", f'gpu-reset {GPU1} regressing now=flr next=default fixable remedy~"10de ffff flr false"',
    f"gpu-reset {GPU2} regressing", "others pass"])
def _(h):
    h.map = h.map[:h.map.index("# NVIDIA")]
    h.policy = "accept_default: false\n"


@case("gpu-reset/default-but-bridge", "VMkernel chooses and has chosen bridge: a line is wanted.", [
    "exit 2", f'gpu-reset {GPU1} fail now=bridge next=default remedy~"10de ffff flr false"', f"gpu-reset {GPU2} pass",
    "others pass"])
def _(h):
    h.map = h.map[:h.map.index("# NVIDIA")]
    h.at(GPU1)["reset"] = "Bridge reset"


@case("gpu-reset/two-lines", "Two lines match and differ; which wins is not documented.", [
    "exit 2", f'gpu-reset {GPU1} regressing now=flr next=d3d0 text~"2 lines" remedy~"ine 7 of"',
    f"gpu-reset {GPU2} regressing", "others pass"])
def _(h):
    h.map += "10DE 2330 d3d0 false\n"


@case("gpu-reset/method-not-known", "VMkernel prints a method that is not known here.", [
    "exit 3", f"gpu-reset {GPU2} unknown next=flr", "others pass"])
def _(h):
    h.at(GPU2)["reset"] = "None"


@case("gpu-reset/line-not-understood", "A line that may match cannot be read.", [
    "exit 3", f'gpu-reset {GPU1} unknown now=flr text~"ine 7 of"', f"gpu-reset {GPU2} unknown", "others pass"])
def _(h):
    h.map += "10de 2330 flr\r\n"


@case("gpu-reset/no-map", "The file is not there.", [
    "exit 3", f"gpu-reset {GPU1} unknown", f"gpu-reset {GPU2} unknown", "others pass"])
def _(h):
    h.replies[MAP] = {"end": "not-found"}


@case("gpu-reset/map-cut", "Fewer bytes were read than the file has.", [
    "exit 3", f"gpu-reset {GPU1} unknown", f"gpu-reset {GPU2} unknown", "others pass"])
def _(h):
    h.replies[MAP] = {"out": h.map[:h.map.index("# NVIDIA")], "size": len(h.map.encode())}


# ---- plans ----


def stock(h):
    """As a server comes: the HCAs' setting off, the GPUs on bridge reset; and a kernel setting that is wrong."""
    h.kernel["atsSupport"] = ["FALSE", "FALSE"]
    h.map = h.map.replace("ffff flr", "ffff bridge")
    for a in (GPU1, GPU2):
        h.at(a)["reset"] = "Bridge reset"
    for name in h.ats:
        h.ats[name] = ["False(0)", "False(0)"]


@case("gpu-reset/plan-of-everything", "Kernel setting, map and both HCAs: four steps, five changes, in this order.", [
    DRY, "exit 2", "reboot no", "plan 4",
    'change kernel-ats-support host setting=atsSupport now=FALSE from=FALSE to=TRUE reboot=any result=planned '
    'command="esxcli system settings kernel set -s atsSupport -v TRUE" disturbs="Nothing until the reboot."',
    f'change gpu-reset {GPU1} setting=/etc/vmware/passthru.map now=bridge from=bridge to=flr reboot=any '
    'command="edit /etc/vmware/passthru.map: change line 6" diff~"-10de ffff bridge false" '
    'diff~"+10de ffff flr false" disturbs~"GPUs 0000:1b:00.0 0000:3d:00.0, the NVSwitches 0000:07:00.0."',
    f"change gpu-reset {GPU2} setting=/etc/vmware/passthru.map from=bridge to=flr",
    f"change hca-ats {HCA1} setting=ATS_ENABLED now=0 from=0 to=1 reboot=full {SET % 0} disturbs~card",
    f"change hca-ats {HCA2} setting=ATS_ENABLED now=0 from=0 to=1 reboot=full {SET % 1}", "others pass,fail"])
def _(h):
    stock(h)


@case("gpu-reset/plan-regressing", "All is in force and would be gone after the next boot: set, and no reboot needed.", [
    DRY, "exit 2", "reboot no", "plan 3",
    "change kernel-ats-support host now=TRUE from=FALSE to=TRUE reboot=none",
    f"change gpu-reset {GPU1} now=flr from=bridge to=flr reboot=none", f"change gpu-reset {GPU2} reboot=none",
    f"change hca-ats {HCA2} now=1 from=0 to=1 reboot=none {SET % 1}", f"change hca-ats {HCA1} absent",
    "others pass,regressing"])
def _(h):
    h.kernel["atsSupport"] = ["TRUE", "FALSE"]
    h.map = h.map.replace("ffff flr", "ffff bridge")
    h.ats["mt4129_pciconf1"] = ["True(1)", "False(0)"]


@case("esx-release/plan-of-nothing", "A fix of a host on which all is right.", OK + [DRY, "plan none", "others pass"])
def _(h):
    pass


@case("esx-release/plan-of-nothing-fixable", "What is wrong cannot be fixed from here.", [
    DRY, "exit 2", "plan none", "esx-release host fail manual", "kernel-iommu host fail manual"] + REST, "8.0.2",
    "22380479")
def _(h):
    h.kernel["noIOMMU"] = ["TRUE", "TRUE"]


@case("esx-release/plan-of-pending", "All is set and waits for the boot: nothing to do.", [
    DRY, "exit 4", "plan none", "reboot required full", "others pass,pending-reboot"])
def _(h):
    h.kernel["atsSupport"] = ["FALSE", "TRUE"]
    h.ats["mt4129_pciconf0"] = ["False(0)", "True(1)"]


@case("hca-ats/plan-of-one", "One of two HCAs needs it: the other is left alone.", [
    DRY, "exit 2", "plan 1", f"change hca-ats {HCA2} from=0 to=1 reboot=full {SET % 1}",
    f"change hca-ats {HCA1} absent", "others pass,fail"])
def _(h):
    h.ats["mt4129_pciconf1"] = ["False(0)", "False(0)"]


@case("hca-ats/plan-in-force-already", "Next boot brings what is wanted to one; the other was set and unset again.", [
    DRY, "exit 2", "plan 1", f"change hca-ats {HCA1} absent", f"change hca-ats {HCA2} now=1 from=0 reboot=none",
    "others pass,pending-reboot,regressing"])
def _(h):
    h.ats = {"mt4129_pciconf0": ["False(0)", "True(1)"], "mt4129_pciconf1": ["True(1)", "False(0)"]}


@case("hca-ats/plan-read-only", "One HCA is read-only: the other one is set.", [
    DRY, "exit 2", "plan 1", f"change hca-ats {HCA1} absent", f"hca-ats {HCA1} fail manual remedy~read-only",
    f"change hca-ats {HCA2} to=1", "others pass,fail"])
def _(h):
    for name in h.ats:
        h.ats[name] = ["False(0)", "False(0)"]
    h.mlx_form["mt4129_pciconf0"] = ("4.32", "DCN", " RO")


@case("hca-ats/plan-used-by-vmkernel", "An HCA that carries an uplink is never written, whatever it says.", [
    DRY, "exit 2", "plan 1", f"change hca-ats {HCA1} to=1", f"change hca-ats {HCA2} absent",
    f"hca-ats {HCA2} not-applicable text~vmnic7", "others pass,fail,not-applicable"])
def _(h):
    for name in h.ats:
        h.ats[name] = ["False(0)", "False(0)"]
    h.at(HCA2)["vmk"] = "vmnic7"
    h.nics.append(("vmnic7", HCA2))


@case("hca-ats/plan-wanted-off", "The policy wants it off.", [
    DRY, "exit 2", "plan 2", f'change hca-ats {HCA1} now=1 from=1 to=0 command~"set ATS_ENABLED=0"',
    f"change hca-ats {HCA2} to=0", "others pass,fail"])
def _(h):
    h.policy = "checks:\n  hca-ats: {want: 0}\n"


@case("kernel-ats-support/plan-severity-info", "Of severity info: it is told, and not set.", [
    DRY, "exit 0", "plan none", "kernel-ats-support host fail severity=info fixable", "others pass"])
def _(h):
    h.kernel["atsSupport"] = ["FALSE", "FALSE"]
    h.policy = "checks:\n  kernel-ats-support: {severity: info}\n"


@case("kernel-ats-support/plan-below-fail-on", "Below --fail-on: not set either; what counts is.", [
    DRY + " --fail-on blocker", "exit 2", "plan 1", f"change hca-ats {HCA2} to=1",
    "kernel-ats-support host fail severity=minor fixable", "others pass,fail"])
def _(h):
    h.kernel["atsSupport"] = ["FALSE", "FALSE"]
    h.ats["mt4129_pciconf1"] = ["False(0)", "False(0)"]
    h.policy = "checks:\n  kernel-ats-support: {severity: minor}\n"


@case("hca-ats/plan-some-unknown", "What one HCA has is not known: the other is set all the same.", [
    DRY, "exit 2", "plan 1", f"hca-ats {HCA1} unknown", f"change hca-ats {HCA1} absent", f"change hca-ats {HCA2} to=1",
    "others pass,fail"])
def _(h):
    for name in h.ats:
        h.ats[name] = ["False(0)", "False(0)"]
    text = h.calls()[MLX % 0]
    h.replies[MLX % 0] = {"out": text[:text.rindex("False(") + 6]}


@case("hca-ats/plan-other-product", "A kind of HCA that the policy names: the plan has it, the gate `devices` knows it.", [
    DRY, "exit 2", "plan 1", "change hca-ats 0000:5e:00.0 from=0 to=1 command~mt4131_pciconf0", "others pass,fail"])
def _(h):
    h.devices.append(device("0000:5e:00.0", 0x15b3, 0x1023, 0x0207, "MT2920 Family [ConnectX-8]"))
    h.mst.append(("mt4131_pciconf0", "5e:00.0", "", "ConnectX8(rev:0)"))
    h.ats = {"mt4131_pciconf0": ["False(0)", "False(0)"]}
    h.policy = 'devices:\n  hca: ["15b3:1023"]\nexpect:\n  hcas: 1\n'


def acs_on_8(h):
    h.kernel["disableACSCheck"] = ["TRUE", "TRUE"]


ACS = "kernel-acs-check host fail fixable remedy~\"--only kernel-acs-check\""
case("kernel-acs-check/plan-not-asked", "On 8.0.x it is left alone unless it is asked for by id.", [
    DRY, "exit 2", "plan none", ACS] + REST, "8.0.3", "24859861")(acs_on_8)
case("kernel-acs-check/plan-by-glob", "A pattern is no id.", [
    "run fix --dry-run --only kernel-acs-*", "exit 2", "plan none", ACS, "others pass,not-applicable,skipped"], "8.0.3",
    "24859861")(acs_on_8)
case("kernel-acs-check/plan-by-tag", "Nor is a tag.", [
    "run fix --dry-run --tag kernel", "exit 2", "plan none", ACS, "others pass,not-applicable,skipped"], "8.0.3",
    "24859861")(acs_on_8)
case("kernel-acs-check/plan-by-id", "By its id.", [
    "run fix --dry-run --only kernel-acs-check", "exit 2", "plan 1",
    "change kernel-acs-check host setting=disableACSCheck now=TRUE from=TRUE to=FALSE reboot=any", ACS,
    "others skipped"], "8.0.3", "24859861")(acs_on_8)
case("kernel-acs-check/plan-by-id-among-others", "By its id, beside a pattern.", [
    'run fix --dry-run --only "gpu-*, kernel-acs-check"', "exit 2", "plan 1", "change kernel-acs-check host to=FALSE",
    ACS, "others pass,skipped"], "8.0.3", "24859861")(acs_on_8)
case("kernel-acs-check/plan-on-9", "From 9.0 on it is set like the rest.", [
    DRY, "exit 2", "plan 1", "change kernel-acs-check host from=TRUE to=FALSE"] + ["others pass,fail"])(acs_on_8)


@case("kernel-acs-check/release-not-known", "It may be 8.0.x, and even by its id it is not touched.", [
    "run fix --dry-run --only kernel-acs-check", "exit 2", "plan none", "kernel-acs-check host fail manual",
    "others skipped"])
def _(h):
    h.kernel["disableACSCheck"] = ["TRUE", "TRUE"]
    h.replies[VERSION] = {"end": "timeout 60"}


@case("gpu-reset/plan-three-lines", "Three lines for NVIDIA with comments and blanks; one has it already.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU1} from=d3d0 to=flr '
    'command="edit /etc/vmware/passthru.map: change line 6, change line 8" diff~"-10de  2330\td3d0 false # a \\ comment" '
    'diff~"+10de  2330\tflr false # a \\ comment" diff~"-10DE ffff bridge default" diff~"+10DE ffff flr default" '
    'diff!~"+10de 2335"', f"change gpu-reset {GPU2} from=d3d0", "others pass,fail,regressing"])
def _(h):
    h.map = (h.map[:h.map.index("10de ffff")] + "10de  2330\td3d0 false # a \\ comment\n10de 2330 flr false\n"
             "10DE ffff bridge default\n10de 2335 d3d0 false\n")


@case("gpu-reset/plan-no-line", "No line for NVIDIA: one is added at the end.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU1} now=bridge from=default to=flr diff~"+10de ffff flr false" '
    'diff!~"-1" command~"add line 5" disturbs~"NVSwitches 0000:07:00.0"', f"gpu-reset {GPU2} pass", "others pass,fail"])
def _(h):
    h.map = h.map[:h.map.index("# NVIDIA")]
    h.at(GPU1)["reset"] = "Bridge reset"


@case("gpu-reset/plan-no-newline", "The last line has no newline, and gets none.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU1} from=bridge diff~"No newline at end of file"',
    f"change gpu-reset {GPU2} to=flr", "others pass,regressing"])
def _(h):
    h.map = h.map.replace("ffff flr false\n", "ffff bridge false")


@case("gpu-reset/plan-default-line", "A line `default` leaves the choice to VMkernel, which has chosen bridge.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU1} now=bridge from=default to=flr diff~"-10de ffff default false" '
    'diff~"+10de ffff flr false"', f"gpu-reset {GPU2} pass", "others pass,fail"])
def _(h):
    h.map = h.map.replace("ffff flr", "ffff default")
    h.at(GPU1)["reset"] = "Bridge reset"


@case("gpu-reset/plan-unread-line-of-another", "A line that is not understood, but is of another vendor: it stays.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU1} to=flr diff~"+10de ffff flr false" diff!~"-1af4"',
    f"change gpu-reset {GPU2} to=flr", "others pass,regressing"])
def _(h):
    h.map = h.map.replace("ffff flr", "ffff bridge") + "1af4 1000\n1af4 nothing else\r\n"


@case("gpu-reset/plan-line-not-understood", "A line that may match cannot be read: nothing is edited.", [
    DRY, "exit 3", "plan none", f"gpu-reset {GPU1} unknown", f"gpu-reset {GPU2} unknown", "others pass"])
def _(h):
    h.map = h.map.replace("ffff flr", "ffff bridge") + "ffff 2330\n"


@case("gpu-reset/plan-one-of-two-models", "Two models, a line for each; only one needs its line changed.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU2} from=bridge to=flr diff~"+10de 2335 flr" '
    f'disturbs~"the GPUs {GPU2}."', f"change gpu-reset {GPU1} absent", "others pass,fail"])
def _(h):
    h.at(GPU2).update(device=0x2335, reset="Bridge reset")
    h.map = h.map.replace("10de ffff flr false", "10de 2330 flr false\n10de 2335 bridge false")


@case("gpu-reset/plan-wanted-d3d0", "The policy wants another method.", [
    DRY, "exit 2", "plan 1", f'change gpu-reset {GPU1} from=flr to=d3d0 diff~"+10de ffff d3d0 false"',
    f"change gpu-reset {GPU2} to=d3d0", "others pass,fail"])
def _(h):
    h.policy = "checks:\n  gpu-reset: {want: d3d0}\n"

# ---- after a reboot: what the ledger tells ----

RUN1, RUN2, RUN3 = "20261120T030405Z-aaaa", "20261121T030405Z-bbbb", "20261122T030405Z-cccc"
TIMED = 271800123456  # the uptime of the small host; runs of earlier boots were made later into theirs


def ats_step(**more):
    return step("hca", HCA1, "ATS_ENABLED", "0", "1", "full", [("hca-ats", HCA1)], **more)


def kernel_step(**more):
    return step("kernel", "host", "atsSupport", "FALSE", "TRUE", "any", [("kernel-ats-support", "host")], **more)


def pending_ats(h, boot=BOOT2):
    h.ats["mt4129_pciconf0"] = ["False(0)", "True(1)"]
    h.boot = boot


def lost_ats(h, boot=BOOT2):
    h.kernel["atsSupport"] = ["FALSE", "FALSE"]
    h.boot = boot


@case("hca-ats/ledger-cold-in-this-boot", "mlxconfig asked for a power cycle, and this boot is the one it was set in.", [
    DRY, "exit 4", "plan none", "reboot required cold", f'hca-ats {HCA1} pending-reboot reboot=cold manual '
    'command~poweroff remedy~"power-cycle"', "others pass"])
def _(h):
    pending_ats(h, BOOT1)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step(told="cold")], uptime_us=TIMED - 60000000)


@case("hca-ats/ledger-same-boot", "Set in this boot: it waits for its reboot, as the host says by itself.", [
    DRY, "exit 4", "plan none", "reboot required full", f"hca-ats {HCA1} pending-reboot reboot=full text!~effective",
    "others pass"])
def _(h):
    pending_ats(h, BOOT1)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step()], uptime_us=TIMED - 60000000)


@case("hca-ats/ledger-quick-boot", "Booted since, by a Quick Boot: it must go through firmware.", [
    DRY, "exit 2", "plan none", "reboot required full", f'hca-ats {HCA1} fail manual reboot=full '
    f'text~"not effective after reboot" text~"Quick Boot" text~{RUN1} remedy~"Switch Quick Boot off"', "others pass"])
def _(h):
    pending_ats(h)
    h.quick = 1
    h.ledger = run_lines(RUN1, BOOT1, [ats_step()])


@case("hca-ats/ledger-not-effective", "Booted through firmware since, and not in force: a power cycle is next.", [
    DRY, "exit 2", "plan none", "reboot required cold", f'hca-ats {HCA1} fail manual reboot=cold now=0 next=1 '
    'text~"not effective after reboot" text!~Quick command~poweroff', "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step()])


@case("hca-ats/ledger-cold-was-asked", "mlxconfig asked for a power cycle, and a reboot was made.", [
    DRY, "exit 2", "plan none", "reboot required cold",
    f'hca-ats {HCA1} fail reboot=cold remedy~"asked for a power cycle"', "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step(told="cold")])


@case("hca-ats/ledger-advised-before", "The power cycle was advised in an earlier boot: no more reboots.", [
    DRY, "exit 2", "plan none", "reboot no", f'hca-ats {HCA1} fail manual text~"was advised before this boot" '
    'remedy~"another reboot will not help"', "others pass"])
def _(h):
    pending_ats(h, BOOT3)
    h.ledger = (run_lines(RUN1, BOOT1, [ats_step()]) +
                run_lines(RUN2, BOOT2, [], offers=[("hca-ats", HCA1, "cold")]))


@case("hca-ats/ledger-advised-in-this-boot", "It was advised in this boot: it still holds.", [
    DRY, "exit 2", "plan none", "reboot required cold", f"hca-ats {HCA1} fail reboot=cold", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = (run_lines(RUN1, BOOT1, [ats_step()]) +
                run_lines(RUN2, BOOT2, [], uptime_us=TIMED - 1, offers=[("hca-ats", HCA1, "cold")]))


@case("hca-ats/ledger-unknown-uptime", "How long the host has been up is not known: nothing is concluded.", [
    DRY, "exit 4", "plan none", "reboot required full", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step()])
    h.replies["run bin/esxcli system stats uptime get"] = {"end": "timeout 60"}


@case("hca-ats/ledger-uptime-goes-on", "Another token, but the host has been up for longer than the run's: no reboot.", [
    DRY, "exit 4", "plan none", "reboot required full", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step()], uptime_us=TIMED - 60000000)


@case("hca-ats/ledger-no-token", "This boot has no token: nothing is concluded.", [
    DRY, "exit 4", "plan none", "reboot required full", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.boot = None
    h.ledger = run_lines(RUN1, BOOT1, [ats_step()])


@case("hca-ats/ledger-run-of-no-boot", "The run did not know its boot: nothing is concluded.", [
    DRY, "exit 4", "plan none", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, None, [ats_step()], uptime_us=None)


@case("hca-ats/ledger-step-failed", "The run's change had failed: whoever set it since did so in an unknown boot.", [
    DRY, "exit 4", "plan none", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step(result="failed")])


@case("hca-ats/ledger-cut-in-its-last-line", "The run was killed, or the line is only half there: the rest counts.", [
    DRY, "exit 2", "plan none", "reboot required cold", f'hca-ats {HCA1} fail text~"not effective after reboot"',
    "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [ats_step(result=None)], ended=False) + ['{"run":"' + RUN1 + '","event":"resu']


@case("hca-ats/ledger-cut-in-its-only-step", "What was being written when the power went counts as not written.", [
    DRY, "exit 4", "plan none", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [])[:1] + ['{"run":"' + RUN1 + '","event":"set","step":1,"by":"hca","target":"']


@case("hca-ats/ledger-of-garbage", "Nothing of it can be read: the host speaks for itself.", [
    DRY, "exit 4", "plan none", "reboot required full", f"hca-ats {HCA1} pending-reboot text!~effective", "others pass"])
def _(h):
    pending_ats(h)
    h.ledger = ["\u2010\x01{]\n", "[1,2]\n", "{\"run\":7,\"event\":{}}\n", "{\"run\":\"x\",\"event\":\"set\"}\n",
                "{\"run\":\"x\",\"run\":\"y\",\"event\":\"end\"}\n", "\n", "null\n"]


@case("hca-ats/ledger-garbage-between", "Lines that cannot be read stand between those that can.", [
    DRY, "exit 2", "plan none", f'hca-ats {HCA1} fail text~"not effective after reboot"', "others pass"])
def _(h):
    pending_ats(h)
    good = run_lines(RUN1, BOOT1, [ats_step()])
    h.ledger = ["\x01\n"] + [x for line in good for x in (line, "{\"run\":\n")]


@case("kernel-ats-support/ledger-lost-once", "Set before this boot, and gone: it is set again, with a word on it.", [
    DRY, "exit 2", "plan 1", "change kernel-ats-support host from=FALSE to=TRUE",
    f'kernel-ats-support host fail fixable text~"not effective after reboot, or was changed since" text~{RUN1}',
    "others pass"])
def _(h):
    lost_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step()])


LOST_TWICE = (run_lines(RUN1, BOOT1, [kernel_step()]) + run_lines(RUN2, BOOT2, [kernel_step()]))


@case("kernel-ats-support/ledger-lost-twice", "Two boots have lost it: it is not set a third time.", [
    DRY, "exit 2", "plan none", 'kernel-ats-support host fail manual text~"has happened 2 times" '
    'remedy~"--override repeat"', "others pass"])
def _(h):
    lost_ats(h, BOOT3)
    h.ledger = LOST_TWICE


@case("kernel-ats-support/ledger-lost-twice-repeat", "Unless it is told to.", [
    DRY + " --override repeat", "exit 2", "plan 1", "change kernel-ats-support host to=TRUE",
    "kernel-ats-support host fail fixable", "others pass"])
def _(h):
    lost_ats(h, BOOT3)
    h.ledger = LOST_TWICE


@case("kernel-ats-support/ledger-lost-twice-in-one-boot", "Set twice in one boot, and lost by one: that is once.", [
    DRY, "exit 2", "plan 1", "change kernel-ats-support host to=TRUE", "others pass,fail"])
def _(h):
    lost_ats(h)
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step()]) + run_lines(RUN2, BOOT1, [kernel_step()])


@case("kernel-ats-support/ledger-lost-by-updates", "Each time another build was booted: an update may well do that.", [
    DRY, "exit 2", "plan 1", "change kernel-ats-support host to=TRUE", "others pass,fail"])
def _(h):
    lost_ats(h, BOOT3)
    h.ledger = (run_lines(RUN1, BOOT1, [kernel_step()], build="24280767") +
                run_lines(RUN2, BOOT2, [kernel_step()], build="24280767"))


@case("kernel-ats-support/ledger-undone-between", "It was taken back by an undo: nothing is lost.", [
    DRY, "exit 2", "plan 1", "change kernel-ats-support host to=TRUE", 'kernel-ats-support host fail text!~effective',
    "others pass"])
def _(h):
    lost_ats(h)
    h.ledger = (run_lines(RUN1, BOOT1, [kernel_step()]) +
                run_lines(RUN2, BOOT1, [step("kernel", "host", "atsSupport", "TRUE", "FALSE", "any",
                                             [("kernel-ats-support", "host")], result="undone")],
                          command="undo", undoes=RUN1))


@case("kernel-ats-support/ledger-quick-boot", "A kernel setting that a Quick Boot has not brought.", [
    DRY, "exit 2", "plan none", "reboot required full", 'kernel-ats-support host fail reboot=full '
    'text~"not effective after reboot" text~"without going through firmware"', "others pass"])
def _(h):
    h.kernel["atsSupport"] = ["FALSE", "TRUE"]
    h.boot, h.quick = BOOT2, 1
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step()])


@case("gpu-reset/ledger-not-effective", "The map says flr since an earlier boot, and bridge is in force.", [
    DRY, "exit 2", "plan none", "reboot required cold", f'gpu-reset {GPU1} fail text~"not effective after reboot"',
    f"gpu-reset {GPU2} fail", "others pass"])
def _(h):
    for a in (GPU1, GPU2):
        h.at(a)["reset"] = "Bridge reset"
    h.boot = BOOT2
    h.ledger = run_lines(RUN1, BOOT1, [step(
        "passthru-map", "host", "/etc/vmware/passthru.map", "bridge", "flr", "any",
        [("gpu-reset", GPU1), ("gpu-reset", GPU2)],
        edits=[{"line": 6, "before": "10de ffff bridge false", "after": "10de ffff flr false"}])])

# ---- undo ----

EDIT = [{"line": 6, "before": "10de ffff bridge false", "after": "10de ffff flr false"}]
UNDO = "run undo --dry-run"


def all_set(h, boot=BOOT1):
    """As a run has left it, and no boot since."""
    h.kernel["atsSupport"] = ["FALSE", "TRUE"]
    h.ats["mt4129_pciconf0"] = ["False(0)", "True(1)"]
    for a in (GPU1, GPU2):
        h.at(a)["reset"] = "Bridge reset"
    h.boot = boot
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step(), step(
        "passthru-map", "host", "/etc/vmware/passthru.map", "bridge", "flr", "any",
        [("gpu-reset", GPU1), ("gpu-reset", GPU2)], edits=EDIT), ats_step()], uptime_us=TIMED - 60000000)


@case("gpu-reset/undo-in-this-boot", "What is put back is in force still: no reboot.", [
    UNDO, "exit 2", "plan 3", "change kernel-ats-support host now=FALSE from=TRUE to=FALSE reboot=none",
    f'change gpu-reset {GPU1} now=bridge from=flr to=bridge reboot=none diff~"+10de ffff bridge false"',
    f"change gpu-reset {GPU2} to=bridge", f'change hca-ats {HCA1} now=0 from=1 to=0 reboot=none '
    'command~"mt4129_pciconf0 -y set ATS_ENABLED=0"'])
def _(h):
    all_set(h)


@case("gpu-reset/undo-after-the-boot", "What is put back needs the boot.", [
    UNDO, "exit 2", "plan 3", "change kernel-ats-support host now=TRUE from=TRUE to=FALSE reboot=any",
    f"change gpu-reset {GPU1} now=flr to=bridge reboot=any", f"change gpu-reset {GPU2} to=bridge",
    f"change hca-ats {HCA1} now=1 to=0 reboot=full"])
def _(h):
    all_set(h, BOOT2)
    h.kernel["atsSupport"] = ["TRUE", "TRUE"]
    h.ats["mt4129_pciconf0"] = ["True(1)", "True(1)"]
    for a in (GPU1, GPU2):
        h.at(a)["reset"] = "Function reset"


@case("gpu-reset/undo-conflicts", "The map was edited since, the kernel setting is back already, one HCA cannot be read.", [
    UNDO, "exit 2", "plan none", 'refused conflict no longer reads "10de ffff flr false"',
    "refused conflict ATS_ENABLED of 0000:1a:00.0 is left alone"])
def _(h):
    all_set(h)
    h.kernel["atsSupport"] = ["FALSE", "FALSE"]
    h.map = h.map.replace("ffff flr", "ffff d3d0")
    h.replies[MLX % 0] = {"end": "timeout 60"}


@case("gpu-reset/undo-after-other-edits", "Somebody added lines above: the run's line is found, theirs stay.", [
    UNDO, "exit 2", "plan 3", "change kernel-ats-support host to=FALSE",
    f'change gpu-reset {GPU1} to=bridge command~"change line 8" diff~"+10de ffff bridge false" diff!~"-1af4"',
    f"change gpu-reset {GPU2} to=bridge", f"change hca-ats {HCA1} to=0"])
def _(h):
    all_set(h)
    h.map = "# somebody's\n1af4 1000 d3d0 false\n" + h.map


@case("kernel-ats-support/undo-of-nothing", "No run has changed anything.", OK + [UNDO, "plan none", "others pass"])
def _(h):
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step(result="failed")])


@case("hca-ats/undo-the-latest", "Of two runs the latest is taken back.", [
    UNDO, "exit 2", "plan 1", f"change hca-ats {HCA1} now=0 from=1 to=0 reboot=none"])
def _(h):
    pending_ats(h, BOOT1)
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step()]) + run_lines(RUN2, BOOT1, [ats_step()])


@case("kernel-ats-support/undo-by-name", "An earlier run than the latest, by the beginning of its id.", [
    UNDO + " 20261120", "exit 2", "plan 1", "change kernel-ats-support host to=FALSE"])
def _(h):
    h.ledger = run_lines(RUN1, BOOT1, [kernel_step()]) + run_lines(RUN2, BOOT1, [ats_step()])

# ---- PCIe switch boards ----

PSB1, PSB2 = "0000:17:00.0", "0000:37:00.0"
PLATFORM, LSPCI = KV + "hardware platform get", "run bin/lspci -d"
OLD, NEW = "older than 4.160.3.0", "4.160.3.0 generation"
PSB_FAIL = 'severity=major manual want="4.160.3.0 or later" reboot=none remedy~".BIN" remedy~"Ubuntu live ISO" ' \
           'remedy~"https://"'


def boards(h, *ssids, vendor=0x1028):
    """As many switches as ids; the first is the one that is there already."""
    address = lambda i: "0000:%02x:00.0" % (0x17 + 0x20 * i)
    h.at(PSB1)["sub"] = (vendor, ssids[0])
    h.devices += [device(address(i), 0x1000, 0xc030, 0x0604, "PCIe Switch", sub=(vendor, ssids[i]))
                  for i in range(1, len(ssids))]
    h.devices.sort(key=lambda d: d["address"])


for row, ssids in {"2330-fryer-u2": (0x2330, 0x2331, 0x2332, 0x2333), "236d-fryer-e3": (0x236d, 0x236e, 0x236f, 0x2370),
                   "236b-fork": (0x236b, 0x236c), "2371-moss-u2": (0x2371, 0x2372),
                   "2373-moss-e3": (0x2373, 0x2374)}.items():
    @case("psb-firmware/" + row, "Ids of 4.160.3.0, or of a later build that keeps them.", OK + [
        'psb-firmware 0000:%02x:00.0 pass now="%s (%04x)" text~"on the PCI bus" text!~"side by side"' %
        (0x17 + 0x20 * i, NEW, ssids[i]) for i in range(len(ssids))] + ["others pass"])
    def _(h, ssids=ssids):
        boards(h, *ssids)

for row, ssid in {"224b-fryer": 0x224b, "224a-fork": 0x224a, "224c-moss": 0x224c}.items():
    @case("psb-firmware/" + row, "An id of before 4.160.3.0.", [
        "exit 2", "reboot no", 'psb-firmware %s fail now="%04x (%s)" text~"on the PCI bus" %s' % (PSB1, ssid, OLD, PSB_FAIL),
        "psb-firmware %s fail" % PSB2, "plan none", "others pass"])
    def _(h, ssid=ssid):
        boards(h, ssid, ssid)


@case("psb-firmware/mixed", "Old firmware beside new.", [
    "exit 2", f'psb-firmware {PSB1} fail now="224b ({OLD})" text~"side by side"',
    f'psb-firmware {PSB2} pass now="{NEW} (2331)" text~"side by side"', "others pass"])
def _(h):
    boards(h, 0x224b, 0x2331)


for name, vendor, ssid, why in (("22f7", 0x1028, 0x22f7, "not known"), ("unlisted", 0x1028, 0x1234, "not known"),
                                ("other-subsystem-vendor", 0x1000, 0x2330, "not Dell's")):
    @case("psb-firmware/" + name, "The id tells nothing, and there is nothing else to ask.", [
        "exit 3", f'psb-firmware {PSB1} unknown now={vendor:04x}:{ssid:04x} text~"{why}" remedy~"psb: version"',
        "others pass"])
    def _(h, vendor=vendor, ssid=ssid):
        boards(h, ssid, vendor=vendor)


@case("psb-firmware/0000-everywhere", "Neither the PCI list nor the capability has an id.", [
    "exit 3", f'psb-firmware {PSB1} unknown now=1028:0000 text~"no answer"', "others pass"])
def _(h):
    boards(h, 0)
    h.spaces = {PSB1: space(0)}

# The list shows no id, as a bridge has none in its header: the dump of configuration space tells.
NOT_LISTED = "The PCI list shows no id of the bridge: "


def dumped(name, about, expects, reply=None, ssids=(0, 0), **how):
    @case("psb-firmware/dump-" + name, NOT_LISTED + about, expects)
    def _(h):
        boards(h, 0, 0, vendor=0)
        h.spaces = {a: space(s, **how) for a, s in zip((PSB1, PSB2), ssids)}
        if reply:
            text = reply(h.calls()[LSPCI])
            h.replies[LSPCI] = text if isinstance(text, dict) else {"out": text}


def no_data(why):
    return ["exit 3", f'psb-firmware {PSB1} unknown text~"{why}" remedy~"/bin/lspci -d"',
            f"psb-firmware {PSB2} unknown", "others pass"]


NEWS = (0x2330, 0x2331)
dumped("new", "the capabilities do.", OK + [
    f'psb-firmware {PSB1} pass now="{NEW} (2330)"', f'psb-firmware {PSB2} pass now="{NEW} (2331)"', "others pass"],
    ssids=NEWS)
dumped("old", "the capabilities do.", ["exit 2", f'psb-firmware {PSB1} fail now="224b ({OLD})" text!~"side by side"',
    f"psb-firmware {PSB2} fail", "others pass"], ssids=(0x224b, 0x224b))
dumped("not-there", "and there is no lspci.", no_data("is not there"), lambda text: {"end": "not-found"})
dumped("refused", "and lspci does not know the option.", no_data("exit 1"),
       lambda text: {"end": "exit 1", "out": "Usage: lspci [-p] [-n] [-v]\n"}, NEWS)
dumped("hangs", "and lspci does not end.", no_data("ran longer"), lambda text: {"end": "timeout 60", "out": text}, NEWS)
dumped("cut", "and the dump ends within a line.", no_data("middle of a line"), lambda text: text[:-30], NEWS)
dumped("cut-at-a-line", "and the dump ends at a line's end.", [
    "exit 3", f'psb-firmware {PSB1} pass now="{NEW} (2330)"', f'psb-firmware {PSB2} unknown text~"only 240 bytes"',
    "others pass"], lambda text: text[:text.rindex("f0:")], NEWS)
dumped("of-words", "and the dump has dwords, whose bytes stand the other way round.", no_data("begins with"),
       lambda text: text.replace("00 10 30 c0", "c0301000"), NEWS)
dumped("garbage", "and something stands between the bytes.", [
    "exit 3", f'psb-firmware {PSB1} unknown text~"not known"', f"psb-firmware {PSB2} pass", "others pass"],
    lambda text: text.replace("70:", "error\n70:", 1), NEWS)
dumped("gap", "and a row is missing.", [
    "exit 3", f'psb-firmware {PSB1} unknown text~"not known"', f"psb-firmware {PSB2} pass", "others pass"],
    lambda text: text.replace("50: " + "00 " * 15 + "00\n", "", 1), NEWS)
dumped("without-the-bridge", "and the dump neither.", no_data("does not show"),
       lambda text: text.replace("0000:17:00.0", "0001:17:00.0").replace("0000:37:00.0", "0001:37:00.0"), NEWS)
dumped("nobody-answers", "and its bytes are all ones.", no_data("ffff:ffff"), ssids=NEWS,
       **{"at_%02x" % i: 0xff for i in range(256)})
dumped("no-capability", "and the capabilities have none.", [
    "exit 3", f'psb-firmware {PSB1} unknown text~"Neither"', f"psb-firmware {PSB2} unknown", "others pass"], ssids=NEWS,
    at_69=0)
dumped("loop", "and the list of capabilities goes round.", no_data("does not end"), ssids=NEWS, at_b1=0x40)
dumped("into-the-header", "and the list of capabilities leads astray.", no_data("into its header"), ssids=NEWS, at_b1=0x10)


@case("psb-firmware/dump-downstream", NOT_LISTED + "a downstream port is no board of its own.", OK + [
    f'psb-firmware {PSB1} pass now="{NEW} (2330)" text!~"side by side"', f"psb-firmware {PSB2} absent", "others pass"])
def _(h):
    boards(h, 0, 0, vendor=0)
    h.spaces = {PSB1: space(0x2330), PSB2: space(0x224b, port=6)}


@case("psb-firmware/hpe", "Another maker's board is not applicable, and is not asked any further.", OK + [
    f'psb-firmware {PSB1} not-applicable text~"HPE" text~"psb: minimum"', "others pass"])
def _(h):
    h.vendor = "HPE"
    boards(h, 0, vendor=0)


@case("psb-firmware/supermicro-minimum", "Where the policy gives the minimum, another maker's board is judged.", [
    "exit 3", f'psb-firmware {PSB1} unknown now=15d9:2330 want="1.2 or later" remedy!~"iDRAC"', "others pass"])
def _(h):
    h.vendor = "Supermicro"
    boards(h, 0x2330, vendor=0x15d9)
    h.policy = "psb: {minimum: 1.2}\n"


@case("psb-firmware/supermicro-stated", "With the version stated too.", OK + [
    f'psb-firmware {PSB1} pass now="1.10 (stated)" want="1.2 or later" text~"Stated by the operator"', "others pass"])
def _(h):
    h.vendor = "Supermicro"
    boards(h, 0x2330, vendor=0x15d9)
    h.policy = "psb: {minimum: 1.2, version: '1.10'}\n"


@case("psb-firmware/minimum-beyond-the-ids", "A minimum that the ids cannot tell.", [
    "exit 2", f'psb-firmware {PSB1} unknown now="{NEW} (2330)" want="4.161 or later"',
    f'psb-firmware {PSB2} fail now="224b ({OLD})"', "others pass"])
def _(h):
    boards(h, 0x2330, 0x224b)
    h.policy = "psb: {minimum: 4.161}\n"


@case("psb-firmware/vendor-unknown", "The host's vendor cannot be read: the bridge's own id says Dell.", OK + [
    f'psb-firmware {PSB1} pass now="{NEW} (2330)"', "others pass"])
def _(h):
    h.replies[PLATFORM] = {"end": "exit 1"}


@case("psb-firmware/vendor-and-id-unknown", "Nothing says whose board it is.", [
    "exit 3", f'psb-firmware {PSB1} unknown text~"Whose board it is is not known"', "others pass"])
def _(h):
    boards(h, 0, vendor=0)
    h.replies[PLATFORM] = {"end": "exit 1"}


for name, version, expects in (
        ("new", "4.161.0.0", ["exit 0", 'pass now="4.161.0.0 (stated)"']),
        ("the-minimum", "4.160.3", ["exit 0", 'pass now="4.160.3 (stated)"']),
        ("old", "4.99.9.9", ["exit 2", 'fail now="4.99.9.9 (stated)" ' + PSB_FAIL]),
        ("odd", "4.160.3.x", ["exit 3", 'unknown text~"no version of numbers"']),
        ("blank", "", ["exit 3", 'unknown text~"no version of numbers"'])):
    @case("psb-firmware/stated-" + name, "The id tells nothing, and the operator states a version.", expects[:1] + [
        f'psb-firmware {PSB1} {expects[1]} text~"Stated by the operator"', "others pass"])
    def _(h, version=version):
        boards(h, 0x22f7)
        h.policy = "psb: {version: '%s'}\n" % version


@case("psb-firmware/stated-otherwise", "What the bus shows counts more than what is stated; both are said.", [
    "exit 2", f'psb-firmware {PSB1} fail now="224b ({OLD})" text~"Otherwise: Stated by the operator"', "others pass"])
def _(h):
    boards(h, 0x224b)
    h.policy = "psb: {version: 4.160.3.0}\n"


@case("psb-firmware/no-board", "A host without switch board.", OK + [
    "psb-firmware host not-applicable", "others pass"])
def _(h):
    h.devices.remove(h.at(PSB1))


@case("psb-firmware/no-board-but-a-minimum", "The policy speaks of boards, and there is none.", [
    "exit 3", 'psb-firmware host unknown text~"the policy speaks of one"', "others pass"])
def _(h):
    h.devices.remove(h.at(PSB1))
    h.policy = "psb: {minimum: 4.160.3.0}\n"


@case("psb-firmware/info", "Of severity info it counts nowhere.", OK + [
    f"psb-firmware {PSB1} fail severity=info", "others pass"])
def _(h):
    boards(h, 0x224b)
    h.policy = "checks: {psb-firmware: {severity: info}}\n"


# ---- over Redfish ----

ONLY_BIOS, ONLY_PSB = "run check --only bios-*", "run check --only psb*"
HEAD = ("system version get", "system hostname get", "hardware platform get", "system uuid get", "system stats uptime get", "vsish")
SESSION, ROOT = bmc.SESSIONS, bmc.V1


def over_redfish(path, about, expects, machine, policy="", access=bmc.ACCESS, only=ONLY_BIOS):
    """A host of which only the head is recorded (for psb-firmware the bus, too), and a BMC."""
    h = Host()
    wanted = HEAD + ("hardware pci list",) * (only == ONLY_PSB)
    h.replies = {key: None for key in h.calls() if not any(word in key for word in wanted)}
    if only == ONLY_PSB:
        boards(h, 0x0000, 0x0000)
        h.spaces = {}
        h.devices = [d for d in h.devices if d["vendor"] in (0x1000, 0x8086)]
        h.nics = []
    h.replies.update(machine.replies() if machine else {})
    h.policy = access + policy
    CASES[path] = h.text(about, [only, *expects, "others skipped"])


def bios(path, about, expects, machine, **more):
    """The seven as they are expected: `expects` first, the rest as on a machine that is all right."""
    over_redfish(path, about, expects, machine, **more)


def seven(state, *but):
    return [f"bios-{name} host {state}" for name in ("above-4g", "acs", "power-profile", "snc", "snoop-holdoff", "sriov", "virtualization")
            if name not in but]


bios("bios-acs/dell-all-right", "All as the paper has it; Dell's switch of virtualization stands for ACS.", [
    "exit 0", "bios-acs host pass now=Enabled next=Enabled want=Enabled manual", "bios-snc host pass now=Disabled want=any severity=info"] +
    seven("pass", "acs", "snc"), bmc.dell())
bios("bios-acs/supermicro-off", "A name whose last four digits change; the settings object has no attributes.", [
    "exit 2", 'bios-acs host fail now=Disable next=Disable want=Enable remedy~"PCIeACSCTL_1E3C=Enable" manual reboot=full',
    "bios-snoop-holdoff host not-applicable"] + seven("pass", "acs", "snoop-holdoff"), bmc.supermicro(PCIeACSCTL_1E3C="Disable"))
bios("bios-acs/other-word", "Of two words that mean the same the other one.", [
    "exit 0", "bios-acs host pass now=Enabled want=Enable", "bios-snoop-holdoff host not-applicable"] +
    seven("pass", "acs", "snoop-holdoff"), bmc.supermicro(PCIeACSCTL_1E3C="Enabled"))
bios("bios-acs/other-maker", "No rule knows this maker.", [
    "exit 3", 'bios-acs host unknown text~"NVIDIA" remedy~policy'] + seven("unknown", "acs"),
    bmc.Bmc("NVIDIA", "DGXH100", {"SRIOVEnable": "Enable"}, settings="SD"))
bios("bios-acs/site-rule", "The policy says which attribute it is on this machine.", [
    "exit 0", "bios-acs host pass now=Enable"] + seven("not-applicable", "acs"),
    bmc.Bmc("NVIDIA", "DGXH100", {"PcieAcs": "Enable"}, settings="SD"),
    policy="bios: {bios-acs: [{vendor: nvidia, model: DGX*, attribute: PcieAcs, want: Enable}]}\n")

bios("bios-virtualization/one-of-two", "Two attributes, and one of them is wrong.", [
    "exit 2", 'bios-virtualization host fail now="ProcVirtualization Enabled, IntelProcVtd Disabled" remedy~"Set IntelProcVtd=Enabled in"',
    "bios-above-4g host not-applicable"] + seven("pass", "virtualization", "above-4g"), bmc.hpe(IntelProcVtd="Disabled"))
_one = bmc.lenovo()
del _one.bodies[_one.bios]["Attributes"]["DevicesandIOPorts_IntelVTforDirectedIOVTd"]
bios("bios-virtualization/one-absent", "Two attributes, and the BIOS has one: that does not pass.", [
    "exit 3", 'bios-virtualization host unknown text~"no attribute DevicesandIOPorts_IntelVTforDirectedIOVTd"',
    "bios-above-4g host not-applicable", "bios-snoop-holdoff host not-applicable"] +
    seven("pass", "virtualization", "above-4g", "snoop-holdoff"), _one)
bios("bios-virtualization/null", "The BIOS has the attribute, and no value for it.", [
    "exit 3", 'bios-virtualization host unknown text~"no value"', 'bios-acs host unknown text~"no value"'] +
    seven("pass", "virtualization", "acs"), bmc.dell(ProcVirtualization=None))

_one = bmc.dell(SriovGlobalEnable="Disabled")
_one.pending(SriovGlobalEnable="Enabled")
_one.jobs("Completed", "Scheduled")
bios("bios-sriov/pending", "Set, and the next reset brings it: a job is scheduled.", [
    "exit 4", "bios-sriov host pending-reboot now=Disabled next=Enabled", "reboot required full"] + seven("pass", "sriov"), _one)
_one = bmc.dell(SriovGlobalEnable="Disabled")
_one.pending(SriovGlobalEnable="Enabled")
_one.jobs("Completed")
bios("bios-sriov/pending-without-job", "Set, but no job applies it.", [
    "exit 2", "bios-sriov host fail now=Disabled next=Disabled"] + seven("pass", "sriov"), _one)
_one = bmc.hpe()
_one.pending(**{**_one.bodies[_one.bios]["Attributes"], "Sriov": "Disabled"})
bios("bios-sriov/regressing", "Right now, and the next reset takes it away; the settings object shows all attributes.", [
    "exit 2", "bios-sriov host regressing now=Enabled next=Disabled", "bios-above-4g host not-applicable"] +
    seven("pass", "sriov", "above-4g"), _one)
_one = bmc.dell()
_one.refuse(_one.settings, 404, bmc.message("IDRAC.2.1.SYS403", "The resource is not found."))
bios("bios-sriov/settings-not-there", "What comes at the next reset is not known.", [
    "exit 3", 'bios-sriov host unknown now=Enabled text~"HTTP 404"', "bios-snc host pass"] + seven("unknown", "sriov", "snc"), _one)
_one = bmc.dell()
_one.bodies[_one.settings] = bmc.message("IDRAC.2.8.SYS446", "Unable to read.")
bios("bios-sriov/settings-are-an-error", "An error with status 200 is no word on what is pending.", [
    "exit 3", "bios-sriov host unknown now=Enabled", "bios-snc host pass"] + seven("unknown", "sriov", "snc"), _one)
_one = bmc.supermicro()
_one.bodies[_one.settings] = {}
bios("bios-sriov/settings-are-nothing", "Without attributes it must at least be a resource.", [
    "exit 3", "bios-sriov host unknown now=Enabled", "bios-snc host pass", "bios-snoop-holdoff host not-applicable"] +
    seven("unknown", "sriov", "snc", "snoop-holdoff"), _one)
bios("bios-sriov/number", "A number, as the policy wants it.", ["exit 0", "bios-sriov host pass now=1 next=1 want=1"] + seven("pass", "sriov"),
     bmc.dell(SriovGlobalEnable=1), policy="bios: {bios-sriov: [{vendor: '*dell*', attribute: SriovGlobalEnable, want: '1'}]}\n")
bios("bios-sriov/no-access", "The policy gives no access: nothing is asked.", ["exit 0"] + seven("skipped"), None, access="name: x\n")
_one = bmc.dell()
_one.refuse(SESSION, 401, bmc.message("Base.1.12.AccessDenied", "The authentication credentials included with this request are missing or invalid."))
bios("bios-sriov/login-refused", "User or password are wrong.", [
    "exit 3", 'bios-sriov host unknown text~"HTTP 401: The authentication credentials" remedy~"not tried again"'] + seven("unknown", "sriov"), _one)
_one = bmc.dell()
_one.refuse(SESSION, 503, bmc.message("IDRAC.2.1.RAC0218", "The maximum number of user sessions is reached."))
bios("bios-sriov/no-session-left", "All sessions of the BMC are in use.", [
    "exit 3", 'bios-sriov host unknown text~"maximum number of user sessions" remedy~"close some"'] + seven("unknown", "sriov"), _one)
_one = bmc.dell()
_one.refuse(SESSION, 400, bmc.message("IDRAC.1.6.SWC0700", "iDRAC is not ready. The configuration values cannot be accessed."))
bios("bios-sriov/not-ready", "It is no refusal of the password.", [
    "exit 3", 'bios-sriov host unknown text~"not ready" remedy!~"wrong"'] + seven("unknown", "sriov"), _one)
_one = bmc.dell()
_one.refuse(_one.bios, 503, bmc.message("IDRAC.2.8.SYS518", "iDRAC is currently unable to display any information.", "30"), retry_after=600)
bios("bios-sriov/busy", "The BMC wants to be left alone for longer than is waited.", [
    "exit 3", 'bios-sriov host unknown text~"unable to display"'] + seven("unknown", "sriov"), _one)
_one = bmc.dell()
_one.refuse(_one.bios, 403, "<html><h1>403 Forbidden</h1></html>")
bios("bios-sriov/html", "An HTML page.", ["exit 3", 'bios-sriov host unknown text~"HTTP 403"'] + seven("unknown", "sriov"), _one)
for _name, _end, _why in (("nobody-there", "no-answer 7", "nobody answers"), ("not-trusted", "no-answer 60", "certificate"), ("timeout", "timeout 60", "longer than 60 s"),
                          ("cancelled", "cancelled", "")):
    _one = bmc.dell()
    _one.ends[ROOT] = _end
    bios("bios-sriov/" + _name, "The service root does not answer.", [
        "exit 3", f'bios-sriov host unknown text~"{_why}"'] + seven("unknown", "sriov"), _one)
_one = bmc.dell()
_one.ends[SESSION] = "no-login"
bios("bios-sriov/no-credentials", "The credentials file cannot be used.", ["exit 3"] + seven("unknown"), _one)
_one = bmc.dell()
bios("bios-sriov/not-verified", "Whoever answers is taken for the BMC: each finding says so.", [
    "exit 0", 'bios-sriov host pass text~"certificate was not checked"'] + seven("pass", "sriov"), _one,
    access="redfish: {url: '%s', credentials_file: /none, insecure: true}\n" % bmc.ORIGIN)
_one = bmc.dell()
_one.bodies[ROOT + "/Systems"] = bmc.members()
bios("bios-sriov/no-system", "The BMC lists no system: it may be starting.", [
    "exit 3", 'bios-sriov host unknown text~"lists no system"'] + seven("unknown", "sriov"), _one)

bios("bios-above-4g/off", "Off.", ["exit 2", "bios-above-4g host fail now=Disabled want=Enabled"] + seven("pass", "above-4g"),
     bmc.dell(MmioAbove4Gb="Disabled"))
bios("bios-above-4g/hpe", "HPE has no such switch.", ["exit 0", 'bios-above-4g host not-applicable text~"no such setting"'] +
     seven("pass", "above-4g"), bmc.hpe())

bios("bios-power-profile/other-profile", "Another profile than the paper's.", [
    "exit 2", "bios-power-profile host fail now=PerfOptimized want=PerfPerWattOptimizedOs"] + seven("pass", "power-profile"),
    bmc.dell(SysProfile="PerfOptimized"))
bios("bios-power-profile/reported-only", "Lenovo's is shown, and not judged.", [
    "exit 0", 'bios-power-profile host pass now=Efficiency_FavorPerformance want=any text~"reported only"', "bios-above-4g host not-applicable",
    "bios-snoop-holdoff host not-applicable"] + seven("pass", "power-profile", "above-4g", "snoop-holdoff"), bmc.lenovo())
bios("bios-power-profile/reported-null", "What is only shown must be there to be shown.", [
    "exit 3", 'bios-power-profile host unknown text~"no value"', "bios-above-4g host not-applicable",
    "bios-snoop-holdoff host not-applicable"] + seven("pass", "power-profile", "above-4g", "snoop-holdoff"),
    bmc.lenovo(OperatingModes_ChooseOperatingMode=None))

bios("bios-snc/on", "For information: it is shown.", ["exit 0", "bios-snc host pass now=2-Way want=any"] + seven("pass", "snc"),
     bmc.dell(SubNumaCluster="2-Way"))
bios("bios-snc/wanted", "The policy wants it otherwise, and says how severe that is.", [
    "exit 2", "bios-snc host fail now=2-Way want=Disabled severity=minor"] + seven("pass", "snc"), bmc.dell(SubNumaCluster="2-Way"),
    policy="checks: {bios-snc: {severity: minor}}\nbios: {bios-snc: [{vendor: '*dell*', attribute: SubNumaCluster, want: Disabled}]}\n")

bios("bios-snoop-holdoff/256", "256 cycles.", ["exit 2", "bios-snoop-holdoff host fail now=Roll256Cycles want=Roll2KCycles"] +
     seven("pass", "snoop-holdoff"), bmc.dell(SnoopHldOff="Roll256Cycles"))
_one = bmc.dell()
del _one.bodies[_one.bios]["Attributes"]["SnoopHldOff"]
bios("bios-snoop-holdoff/absent", "The paper: if exists.", ["exit 0", "bios-snoop-holdoff host not-applicable"] + seven("pass", "snoop-holdoff"), _one)

PSB_OLD = 'psb-firmware %s fail' % PSB1
_one = bmc.dell()
_one.functions(b23_0="0x2330", b55_0="0x224b")
over_redfish("psb-firmware/redfish-functions", "The bus has no ids, the BMC's PCIe functions have.", [
    "exit 2", f'psb-firmware {PSB1} pass now="{NEW} (2330)" text~"PCIe functions"', f'psb-firmware {PSB2} fail'], _one, only=ONLY_PSB)
_one = bmc.dell(expand=True)
_one.firmware(("Installed-1", "PCIe Switch Board 1", "4.160.3.0"), ("Previous-1", "PCIe Switch Board 1", "4.150.0.0"),
              ("Installed-2", "System CPLD", "1.5.0"))
over_redfish("psb-firmware/redfish-inventory", "The inventory has it; what was installed before does not count.", [
    "exit 0", f"psb-firmware {PSB1} pass now=4.160.3.0", f"psb-firmware {PSB2} pass"], _one, only=ONLY_PSB)
over_redfish("psb-firmware/redfish-not-verified", "Whoever answers is taken for the BMC: each finding says so.", [
    "exit 0", f'psb-firmware {PSB1} pass text~"certificate was not checked"', f"psb-firmware {PSB2} pass"], _one, only=ONLY_PSB,
    access="redfish: {url: '%s', credentials_file: /none, insecure: true}\n" % bmc.ORIGIN)
_one = bmc.dell(expand=True)
_one.firmware(("Installed-1", "PCIe Switch Board 1", "4.160.3.0"), ("Installed-2", "PCIe Switch Board 2", "4.150.0.0"))
over_redfish("psb-firmware/redfish-inventory-old", "All entries count.", [
    "exit 2", f"psb-firmware {PSB1} fail now=4.150.0.0", f"psb-firmware {PSB2} fail"], _one, only=ONLY_PSB)
_one = bmc.dell(expand=True)
_one.firmware(("Installed-1", "PCIe Switch Board 1", "4.160.3.0"), ("Installed-2", "PCIe Switch Board 2", "         "))
over_redfish("psb-firmware/redfish-inventory-blank", "An entry without version.", [
    "exit 3", f"psb-firmware {PSB1} unknown", f"psb-firmware {PSB2} unknown"], _one, only=ONLY_PSB)
_one = bmc.dell(expand=True)
_one.firmware(("Installed-1", "PCIe Switch Board 1", "4.160.3.0"))
_one.bodies[bmc.V1 + "/UpdateService/FirmwareInventory"]["Members@odata.count"] = 2
over_redfish("psb-firmware/redfish-inventory-not-whole", "One of two entries: the other may be old.", [
    "exit 3", f'psb-firmware {PSB1} unknown text~"lists 1 entries where it has 2"', f"psb-firmware {PSB2} unknown"], _one, only=ONLY_PSB)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for path, text in CASES.items():
        name = os.path.join(folder, path + ".case")
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="ascii", newline="\n") as out:
            out.write(text)


if __name__ == "__main__":
    main()
