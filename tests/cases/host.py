"""A small host of GPUs and HCAs in the texts of its tools, for make_cases.py. Formats: docs/tools."""
import copy
import json


def plain(label):
    return "".join(c for c in label if c.isalnum())


def keyvalue(kind, records, single=False):
    """records: lists of (label, value); ints print as integers. Fields stand in alphabetical order."""
    out = []
    for i, record in enumerate(records):
        for label, value in sorted(record, key=lambda f: plain(f[0])):
            tag = "integer" if isinstance(value, int) else "string"
            head = "" if single else "structure[%d]." % i
            out.append("%s%s.%s.%s=%s" % (head, kind, plain(label), tag, value))
    return "\n".join(out) + "\n"


def blocks(records, key):
    out = []
    for record in records:
        values = dict(record)
        out.append(values[key])
        out += ["   %s: %s" % field for field in record]
        out.append("")
    return "\n".join(out) + "\n"


def block(header, record):
    return "\n".join(([header] if header else []) + ["   %s: %s" % field for field in record]) + "\n"


def table(records, width=0):
    """As esxcli prints it: the last column is wrapped to the screen's width, its rest below it."""
    labels = [label for label, _ in records[0]]
    rows = [[str(v) for _, v in r] for r in records]
    last = len(labels) - 1
    wide = [max([len(labels[i])] + [len(r[i]) for r in rows]) for i in range(len(labels))]
    start = sum(wide[:last]) + 2 * last
    if width:
        wide[last] = max(len(labels[last]), min(wide[last], width - start))
    out = ["  ".join(l.ljust(w) for l, w in zip(labels, wide)).rstrip(), "  ".join("-" * w for w in wide)]
    for row in rows:
        text, rest = row[last], ""
        if len(text) > wide[last]:
            at = text.rfind(" ", 0, wide[last] + 1)
            text, rest = text[:at], text[at + 1:]
        out.append("  ".join(c.ljust(w) for c, w in zip(row[:last] + [text], wide)))
        if rest:
            out.append(" " * start + rest)
    return "\n".join(out) + "\n"


def localcli(records):
    """JSON over lines, keyed by display names, every value text unless it is a number."""
    return json.dumps([dict(r) for r in records], indent=2) + "\n"


DESCRIPTIONS = {
    "atsDisallowPCIeVidDid": "Colon separated <vendorID>:<deviceID> in hex of the devicefor which enabling ATS is "
                             "disallowed",
    "atsSupport": "Enable Support for PCIe ATS.",
    "disableACSCheck": "Bypass ACS capability checks on all PCIE devices",
    "enableACSDTP2P": "Enable ACS Direct Translated P2P.",
    "execInstalledOnly": "Execute only those files that have been installed via a vib package and have not been "
                         "modified.",
    "iovDisableIR": "Disable Interrupt Remapping in the IOMMU.",
    "noIOMMU": "Disable IOMMU (and IOV) support forcibly",
    "vga": "Enable/Disable VGA support.",
}
DEFAULTS = {"atsDisallowPCIeVidDid": "", "atsSupport": "TRUE", "disableACSCheck": "FALSE", "enableACSDTP2P": "TRUE",
            "execInstalledOnly": "TRUE", "iovDisableIR": "FALSE", "noIOMMU": "FALSE", "vga": "TRUE"}

MAP_HEAD = """# Reset methods of devices that virtual machines may own
# vendor  device  method  shareable\u2010functions
8086 1502 d3d0 default
14e4\t1662\tlink\tfalse
"""


def device(address, vendor, device_id, cls, name, owner="VMkernel", vmk="", reset="Function reset", maker=None,
           sub=(0x1028, 0x11bd)):
    makers = {0x10de: "NVIDIA Corporation", 0x15b3: "Mellanox Technologies", 0x8086: "Intel Corporation",
              0x1000: "Broadcom / LSI"}
    return {"address": address, "vendor": vendor, "device": device_id, "class": cls, "name": name, "owner": owner,
            "vmk": vmk, "reset": reset, "maker": maker or makers[vendor],
            "sub": sub}


def hca(address, **more):
    return device(address, 0x15b3, 0x1021, 0x0207, "MT2910 Family [ConnectX-7]", **more)


def gpu(address, **more):
    more.setdefault("owner", "VM Passthru")
    return device(address, 0x10de, 0x2330, 0x0302, "GH100 [H100 SXM5 80GB]", **more)


CLASS_NAMES = {0x0207: "Infiniband controller", 0x0302: "3D controller", 0x0680: "Bridge", 0x0604: "PCI bridge",
               0x0200: "Ethernet controller", 0x0601: "ISA bridge"}


def space(ssid, vendor=0x1028, port=5, **bytes_at):
    """Configuration space of a switch 1000:c030: power management at 40, PCI Express at 68, subsystem ids at b0.
    bytes_at: at_34=0x3c and the like."""
    s = bytearray(256)
    s[0:4] = b"\x00\x10\x30\xc0"
    s[0x06], s[0x0a], s[0x0b], s[0x0e], s[0x34] = 0x10, 0x04, 0x06, 0x01, 0x40
    s[0x40:0x42] = b"\x01\x68"
    s[0x68:0x6b] = bytes([0x10, 0xb0, port << 4 | 2])
    s[0xb0] = 0x0d
    s[0xb4:0xb8] = bytes([vendor & 0xff, vendor >> 8, ssid & 0xff, ssid >> 8])
    for at, byte in bytes_at.items():
        s[int(at[3:], 16)] = byte
    return s


def hexdump(s):
    """As lspci -e of ESXi prints it."""
    return "".join("%02x: %s\n" % (i, s[i:i + 16].hex(" ")) for i in range(0, len(s), 16))


class Host:
    """Everything right, now and after the next boot; change what a case is about, then text()."""

    def __init__(self, version="9.0.0", build="24755229"):
        self.version, self.build = version, build
        self.kernel = {n: [v, v] for n, v in DEFAULTS.items()}  # Runtime, Configured
        if version.startswith("8"):
            del self.kernel["enableACSDTP2P"], self.kernel["atsDisallowPCIeVidDid"]
            self.kernel["execInstalledOnly"] = ["FALSE", "FALSE"]
        self.devices = [
            device("0000:00:1f.0", 0x8086, 0x1b81, 0x0601, "Emmitsburg LPC/eSPI Controller"),
            device("0000:02:00.0", 0x8086, 0x1572, 0x0200, "Ethernet Controller X710 for 10GbE SFP+", vmk="vmnic0"),
            device("0000:07:00.0", 0x10de, 0x22a3, 0x0680, "GH100 [H100 NVSwitch]", owner="VM Passthru"),
            device("0000:17:00.0", 0x1000, 0xc030, 0x0604, "PCIe Switch", sub=(0x1028, 0x2330)),
            hca("0000:1a:00.0"), gpu("0000:1b:00.0"), hca("0000:3c:00.0"), gpu("0000:3d:00.0"),
        ]
        self.mst = [("mt4129_pciconf0", "1a:00.0", ""), ("mt4129_pciconf1", "3c:00.0", "")]
        self.ats = {"mt4129_pciconf0": ["True(1)", "True(1)"], "mt4129_pciconf1": ["True(1)", "True(1)"]}
        self.map = MAP_HEAD + "# NVIDIA\n10de ffff flr false\n"
        self.nics = [("vmnic0", "0000:02:00.0")]
        self.sriov = []
        self.vms = None
        self.uptime_us = 271800123456
        self.quick = 0          # the last boot was a Quick Boot
        self.boot = None        # its token, where a run has made one
        self.ledger = None      # lines of the ledger: dicts, or texts as they are
        self.full = False       # all 37 fields of a PCI device
        self.policy = None
        self.vendor = "Dell Inc."
        self.spaces = {}        # address: the bytes that lspci -d shows of it; others are not shown
        self.mlx_form = {}      # mst name: (version, columns)
        self.replies = {}       # call: dict(end=, out=, err=), instead of what follows from the above

    def copy(self):
        return copy.deepcopy(self)

    def at(self, address):
        return next(d for d in self.devices if d["address"] == address)

    # ---- records ----

    def version_record(self):
        r = [("Product", "VMware ESXi"), ("Version", self.version), ("Build", "Releasebuild-" + self.build),
             ("Update", "3" if self.version.startswith("8") else "0")]
        return r + ([] if self.version.startswith("8") else [("Maintenance", "0")]) + [("Patch", "0")]

    def kernel_records(self):
        return [[("Name", n), ("Type", "String" if n == "atsDisallowPCIeVidDid" else "Bool"), ("Configured", v[1]),
                 ("Runtime", v[0]), ("Default", DEFAULTS[n]), ("Description", DESCRIPTIONS[n])]
                for n, v in sorted(self.kernel.items())]

    def pci_record(self, d):
        segment, bus, rest = d["address"].split(":")
        slot, function = rest.split(".")
        r = [("Address", d["address"])]
        if self.full:
            r += [("Segment", "0x" + segment), ("Bus", "0x" + bus), ("Slot", "0x" + slot), ("Function", "0x" + function)]
        r += [("VMkernel Name", d["vmk"]), ("Vendor Name", d["maker"]), ("Device Name", d["name"]),
              ("Configured Owner", d["owner"]), ("Current Owner", d["owner"]),
              ("Vendor ID", "0x%04x" % d["vendor"]), ("Device ID", "0x%04x" % d["device"]),
              ("SubVendor ID", "0x%04x" % d["sub"][0]), ("SubDevice ID", "0x%04x" % d["sub"][1])]
        r += [("Device Class", "0x%04x" % d["class"]), ("Device Class Name", CLASS_NAMES[d["class"]])]
        if self.full:
            r += [("Programming Interface", "0x00"), ("Revision ID", "0xa1"), ("Interrupt Line", "0x0b"),
                  ("IRQ", 255), ("Interrupt Vector", "0x00"), ("PCI Pin", "0x00"), ("Spawned Bus", "0x00"),
                  ("Flags", "0x3001"), ("Module ID", 49), ("Module Name", "pciPassthru"), ("Chassis", 0),
                  ("Physical Slot", 4294967295), ("Slot Description", "Slot4"),
                  ("Device Layer Bus Address", "s00000004.00")]
        r += [("Passthru Capable", "true")]
        if self.full:
            r += [("Parent Device", "PCI 0:0:3:0"), ("Dependent Device", "PCI 0:0:3:0")]
        r += [("Reset Method", d["reset"])]
        if self.full:
            r += [("FPT Sharable", "true"), ("NUMA Node", 0), ("Extended Device ID", 0)]
        return r

    def nic_records(self):
        return [[("Name", n), ("PCI Device", a), ("Driver", "nmlx5_core"), ("Admin Status", "Up"),
                 ("Link Status", "Up"), ("Speed", 10000), ("Duplex", "Full"), ("MAC Address", "00:50:56:b3:6c:01"),
                 ("MTU", 1500), ("Description", "Ethernet Controller")] for n, a in self.nics]

    def sriov_records(self):
        return [[("Name", n), ("PCI Device", a), ("Driver", "nmlx5_core"), ("Link", "Up"), ("Speed", 100000),
                 ("Duplex", "Full"), ("MAC Address", "00:50:56:b3:6c:02"), ("MTU", 1500),
                 ("Description", "MT2910 Family")] for n, a in self.sriov]

    # ---- the MFT tools ----

    def mst_text(self):
        """mdevices_info.c: an empty RDMA cell is not printed, so NET slides into it."""
        out = ["PCI devices:", "------------",
               "%-24s%-30s%-10s%-16s%-26s%-6s" % ("DEVICE_TYPE", "MST", "PCI", "RDMA", "NET", "NUMA")]
        for row in self.mst:
            kind = row[3] if len(row) > 3 else "ConnectX7(rev:0)"
            wide = "%-24s%-30s%-16s" if row[1].count(":") > 1 else "%-24s%-30s%-10s"
            out += [wide % (kind, row[0], row[1]) + row[2], ""]
        return "\n".join(out) + "\n"

    def mlx_text(self, name):
        """mlxcfg_ui.cpp; row prefix, name, value and header differ by release."""
        form = self.mlx_form.get(name, ())
        version, columns, mark = form + ("4.32", "DCN", None)[len(form):]
        now, following = self.ats[name]
        values = {"D": "False(0)", "C": now, "N": following}
        words = {"D": "Default", "C": "Current", "N": "Next Boot"}
        key, width, size = {"4.22": (16, 44, 16), "4.28": (20, 44, 20), "4.32": (20, 44, 20),
                            "4.36": (20, 48, 33)}[version]
        star = "*" if following != values["D"] or following != now else ""
        mark = mark if mark is not None else star
        row = ("%-9s" % mark if version == "4.22" else "%-3s     " % mark) + "%-*s" % (width, "ATS_ENABLED")
        if version == "4.36":
            head = "%-56s" % "Configurations:" + "".join("%-34s" % words[c] for c in columns).rstrip()
            row += "".join("%-33s " % values[c] for c in columns)
        else:
            gaps = {1: {"4.22": [46], "4.28": [41], "4.32": [46]}, 2: {"4.22": [44, 18], "4.28": [39, 23],
                    "4.32": [44, 18]}, 3: {"4.22": [44, 16, 18], "4.28": [39, 21, 23], "4.32": [44, 20, 18]}}
            gaps = gaps[len(columns)][version]
            head = "%-*s" % (key, "Configurations:") + "".join("%*s" % (g, words[c]) for g, c in zip(gaps, columns))
            row += "".join("%-*s%s" % (size, values[c], " " if size >= 20 else "") for c in columns)
        missing = {"DCN": None, "CN": "default", "DN": "current", "N": "default and current"}[columns]
        end = "The '*' shows parameters with next value different from default/current value.\n" if "*" in mark else ""
        if "RO" in mark:
            end += "\nThe 'RO' shows parameters which are for read only and cannot be changed\n"
        if missing:
            end += "Device Firmware does not support reading %s configurations\n" % missing
        line = "%%-%ds%%-20s" % key
        return ("\nDevice #1:\n----------\n\n" + line % ("Device type:", "ConnectX7") + "\n" +
                line % ("Name:", "MCX75310AAS-NEA_Ax") + "\n" +
                "%-*sNVIDIA ConnectX-7 HHHL Adapter card; 400GbE / NDR IB (default mode)\n" % (key, "Description:") +
                line % ("Device:", name) + "\n\n" + head + "\n" + row + "\n" + end)

    # ---- the case file ----

    def calls(self):
        kv = "run bin/esxcli --formatter=keyvalue "
        c = {
            kv + "system version get": keyvalue("VersionGet", [self.version_record()], single=True),
            kv + "system hostname get": keyvalue("HostNameInfo", [[
                ("Domain Name", "example.org"), ("Fully Qualified Domain Name", "esx01.example.org"),
                ("Host Name", "esx01")]], single=True),
            kv + "hardware platform get": keyvalue("PlatformInformation", [[
                ("Product Name", "PowerEdge XE9680"), ("Vendor Name", self.vendor), ("Serial Number", "TEST001")]],
                single=True),
            "run bin/esxcli system uuid get": "6a98270c-b75f-a36d-06fd-00a0c9000000\n",
            "run bin/esxcli system stats uptime get": "%d\n" % self.uptime_us,
            "run bin/vsish -e get /system/loadESX/isBootLoadESX": "%d\n" % self.quick,
            kv + "system settings kernel list": keyvalue("SettingsKernel", self.kernel_records()),
            kv + "hardware pci list": keyvalue("PCIDevice", [self.pci_record(d) for d in self.devices]),
            kv + "network nic list": keyvalue("Nic", self.nic_records()) if self.nics else "",
            kv + "network sriovnic list": keyvalue("SriovNic", self.sriov_records()) if self.sriov else "",
            "run opt/mellanox/bin/mst status -vv": self.mst_text(),
            "file etc/vmware/passthru.map": self.map,
        }
        if self.spaces:
            c["run bin/lspci -d"] = "".join(
                "%s %s: %s %s\n%s" % (d["address"], CLASS_NAMES[d["class"]], d["maker"], d["name"],
                                      hexdump(self.spaces[d["address"]]))
                for d in self.devices if d["address"] in self.spaces)
        if self.vms is not None:
            c["run bin/esxcli vm process list"] = "".join(
                "vm%d\n   World ID: %d\n   Process ID: 0\n   VMX Cartel ID: %d\n   Display Name: vm%d\n\n" %
                (i, 2101442 + i, 2101441 + i, i) for i in range(self.vms))
        if self.boot is not None:
            c["file var/run/hostprep/boot"] = self.boot + "\n"
        if self.ledger is not None:
            c["file scratch/hostprep/ledger"] = "".join(
                line if isinstance(line, str) else json.dumps(line, separators=(",", ":")) + "\n" for line in self.ledger)
        for name in self.ats:
            c["run opt/mellanox/bin/mlxconfig -d %s -e query ATS_ENABLED" % name] = self.mlx_text(name)
        return c

    def text(self, about, expects):
        out = ["hostprep-capture 1"] + ["# " + line for line in about.splitlines()]
        # The checks of the BIOS are skipped where the policy gives no access to a BMC.
        out += ["expect " + e + (",skipped" if e.startswith("others ") and "skipped" not in e else "") for e in expects]
        if self.policy:
            out += ["policy"] + lines_of(self.policy)
        calls = {k: {"out": v} for k, v in self.calls().items()}
        for key, reply in self.replies.items():
            if reply is None:
                calls.pop(key, None)
            else:
                calls[key] = reply
        for key in sorted(calls):
            reply = calls[key]
            out += ["", key, "end " + reply.get("end", "exit 0")]
            if key.startswith("file ") and "end" not in reply:
                out.append("size %d" % reply.get("size", len(reply["out"].encode())))
            for part in ("out", "err"):
                if reply.get(part):
                    out += [part] + lines_of(reply[part])
        return "\n".join(out) + "\n"


def run_lines(run, boot, steps, uptime_us=600000000000, build="24755229", command="fix", ended=True, undoes=None,
              offers=()):
    """A run in the ledger (agent/engine/ledger.h). steps: dicts, as step() makes them."""
    line = lambda event, **more: dict({"run": run, "event": event}, **more)
    out = [line("begin", command=command, scan_id="5ca1ab1e-0000-4000-8000-" + run[-4:].rjust(12, "0"), boot=boot,
                uptime_us=uptime_us, wall_ms=1795316645000, build=build, undoes=undoes,
                archive="file 65536 1795316000000000000 9 644 1")]
    for number, s in enumerate(steps, 1):
        told, result = s.pop("told"), s.pop("result")
        out.append(line("set", step=number, **s))
        out.append(line("answer", step=number, said="done", reboot=told or s["reboot"]))
        if result:
            out.append(line("result", step=number, result=result))
    out += [line("offer", check=c, subject=s, reboot=r) for c, s, r in offers]
    return out + ([line("end")] if ended else [])


def step(by, target, setting, before, after, reboot, subjects, now=None, told=None, result="verified", edits=()):
    """told: the reboot that mlxconfig asked for in its answer."""
    return {"by": by, "target": target, "setting": setting, "now": now or before, "from": before, "to": after,
            "reboot": reboot, "for": [list(s) for s in subjects], "edits": list(edits),
            "backup": "x.passthru.map" if by == "passthru-map" else None, "told": told, "result": result}


def lines_of(text):
    lines = text.split("\n")
    ended = lines[-1] == ""
    if ended:
        lines.pop()
    out = []
    for line in lines:
        shown = ""
        for byte in line.encode():
            if byte == 0x5c:
                shown += "\\\\"
            elif byte == 0x0d:
                shown += "\\r"
            elif byte == 9 or 0x20 <= byte < 0x7f:
                shown += chr(byte)
            else:
                shown += "\\x%02x" % byte
        out.append("|" + shown)
    if not ended:
        out[-1] += "\\"
    return out
