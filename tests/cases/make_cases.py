#!/usr/bin/env python3
"""Writes the case files that start from the small host of host.py: make_cases.py [FOLDER].

A case may as well be written or changed by hand, or come from `hostprep capture`; it is then kept out of this list.
"""
import os
import sys

from host import Host, block, blocks, device, gpu, hca, localcli, table

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
    "hca-ats host unknown", "others pass"])
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


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for path, text in CASES.items():
        name = os.path.join(folder, path + ".case")
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="ascii", newline="\n") as out:
            out.write(text)


if __name__ == "__main__":
    main()
