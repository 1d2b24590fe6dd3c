"""A small BMC for make_cases.py: the answers that hostprep asks for, cut down to what they must hold. Forms: a run
against tests/redfish/bmc.py that was recorded."""
import json

ORIGIN = "https://192.0.2.17"
V1 = "/redfish/v1"
SESSIONS = V1 + "/SessionService/Sessions"
TRUST = "credentials_file: /none, pin: 'sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='"
ACCESS = "redfish: {url: '%s', %s}\n" % (ORIGIN, TRUST)


def link(path):
    return {"@odata.id": path}


def members(*paths):
    return {"Members": [link(p) for p in paths], "Members@odata.count": len(paths)}


def message(word, text, *args):
    return {"error": {"@Message.ExtendedInfo": [{"Message": text, "MessageArgs": list(args), "MessageId": word}]}}


class Bmc:
    """Everything that there is, by path; change it, then replies()."""

    def __init__(self, maker, model, attributes, system="1", settings="Settings", expand=False):
        self.system, self.bios = f"{V1}/Systems/{system}", f"{V1}/Systems/{system}/Bios"
        self.settings = f"{self.bios}/{settings}"
        self.manager = V1 + "/Managers/iDRAC.Embedded.1"
        self.status = {}   # path: (status, headers), instead of 200
        self.ends = {}     # path: the line of its end, and nothing more
        self.query = {}    # path: the query behind it
        self.bodies = {
            V1: {"RedfishVersion": "1.18.0", "Systems": link(V1 + "/Systems"), "Links": {"Sessions": link(SESSIONS)}},
            SESSIONS: {"@odata.id": SESSIONS + "/39", "Id": "39"},
            V1 + "/Systems": members(self.system),
            self.system: {"Manufacturer": maker, "Model": model, "Bios": link(self.bios), "Links": {"ManagedBy": [link(self.manager)]}},
            self.bios: {"Attributes": {"SystemServiceTag": "MADEUP1", **attributes},
                        "@Redfish.Settings": {"SettingsObject": link(self.settings)}},
            self.settings: {"Attributes": {}},
            SESSIONS + "/39": {},
        }
        if expand:
            self.bodies[V1]["ProtocolFeaturesSupported"] = {"ExpandQuery": {"NoLinks": True, "Levels": True}}

    def pending(self, **attributes):
        self.bodies[self.settings]["Attributes"] = attributes

    def jobs(self, *states):
        """Of an iDRAC: its jobs for the BIOS."""
        home = self.manager + "/Oem/Dell/Jobs"
        paths = [f"{home}/JID_{number}" for number in range(1, len(states) + 1)]
        self.bodies[home] = members(*paths)
        for path, state in zip(paths, states):
            self.bodies[path] = {"JobType": "BIOSConfiguration", "JobState": state}

    def refuse(self, path, status, body, **headers):
        self.status[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()})
        self.bodies[path] = body

    def firmware(self, *entries):
        """An inventory: (Id, Name, Version) each, expanded."""
        service, home = V1 + "/UpdateService", V1 + "/UpdateService/FirmwareInventory"
        self.bodies[V1]["UpdateService"] = link(service)
        self.bodies[service] = {"FirmwareInventory": link(home)}
        whole = [{"@odata.id": f"{home}/{n}", "Id": name, "Name": title, "Version": version}
                 for n, (name, title, version) in enumerate(entries)]
        self.bodies[home] = {"Members": whole, "Members@odata.count": len(whole)}
        self.query[home] = "?$expand=.($levels=1)" if "ProtocolFeaturesSupported" in self.bodies[V1] else ""

    def functions(self, **ids):
        """PCIe functions of Dell: b23_0="0x2330" is bus 23, device 0."""
        home = V1 + "/Chassis/System.Embedded.1"
        self.bodies[V1]["Chassis"] = link(V1 + "/Chassis")
        self.bodies[V1 + "/Chassis"] = members(home)
        self.bodies[home] = {"PCIeDevices": link(home + "/PCIeDevices")}
        devices = {f"{home}/PCIeDevices/{name[1:].replace('_', '-')}": value for name, value in ids.items()}
        self.bodies[home + "/PCIeDevices"] = members(*devices)
        for path, value in devices.items():
            function = f"{path}/PCIeFunctions/{path.rsplit('/', 1)[1]}-0"
            self.bodies[path + "/PCIeFunctions"] = members(function)
            self.bodies[function] = {"VendorId": "0x1000", "DeviceId": "0xc030", "SubsystemVendorId": "0x1028", "SubsystemId": value}

    def replies(self):
        """For Host.replies."""
        out = {}
        for path, body in self.bodies.items():
            method = "POST" if path == SESSIONS else "DELETE" if path.startswith(SESSIONS) else "GET"
            status, headers = self.status.get(path, (201 if method == "POST" else 200, {}))
            if method == "POST" and status == 201:
                headers = {"location": SESSIONS + "/39", **headers}
            text = body if isinstance(body, str) else json.dumps(body)
            kind = "text/html" if text.startswith("<") else "application/json"
            lines = "".join(f"{name}: {value}\n" for name, value in {"content-type": kind, **headers}.items())
            key = f"http {method} {ORIGIN}{path}{self.query.get(path, '')}"
            out[key] = {"end": self.ends[path]} if path in self.ends else {"end": f"exit {status}", "out": text, "err": lines}
        return out


def dell(expand=False, **changes):
    values = {"ProcVirtualization": "Enabled", "SriovGlobalEnable": "Enabled", "MmioAbove4Gb": "Enabled",
              "SysProfile": "PerfPerWattOptimizedOs", "SubNumaCluster": "Disabled", "SnoopHldOff": "Roll2KCycles", **changes}
    return Bmc("Dell Inc.", "PowerEdge XE9680", values, system="System.Embedded.1", expand=expand)


def hpe(**changes):
    values = {"ProcVirtualization": "Enabled", "IntelProcVtd": "Enabled", "Sriov": "Enabled", "AccessControlService": "Enabled",
              "SubNumaClustering": "Disabled", "PowerRegulator": "OsControl", "SnoopResponseHoldOff": "9", **changes}
    bmc = Bmc("HPE", "ProLiant DL380a Gen11", values, settings="settings")
    bmc.pending(**values)
    return bmc


def supermicro(**changes):
    values = {"IntelVTforDirectedI_O_VT_d__1E32": "Enable", "IntelVirtualizationTechnology_3C6F": "Enable", "PCIeACSCTL_1E3C": "Enable",
              "SR_IOVSupport_0047": "Enabled", "Above4GDecoding_0041": "Enabled", "SNC_F300": "Auto",
              "PowerPerformanceTuning_3CE0": "OS Controls EPB", "QuietBoot_002E": True, **changes}
    bmc = Bmc("Supermicro", "SYS-821GE-TNHR", values, settings="SD")
    bmc.bodies[bmc.settings] = {"@odata.id": bmc.settings}  # no Attributes while nothing is pending
    return bmc


def lenovo(**changes):
    values = {"Processors_IntelVirtualizationTechnology": "Enabled", "DevicesandIOPorts_IntelVTforDirectedIOVTd": "Enabled",
              "DevicesandIOPorts_SRIOV": "Enabled", "Processors_PCIeACSCTL": "Enabled", "Processors_SNC": "Disabled",
              "OperatingModes_ChooseOperatingMode": "Efficiency_FavorPerformance", **changes}
    bmc = Bmc("Lenovo", "ThinkSystem SR670 V2", values, settings="Pending")
    bmc.pending(**values)
    return bmc
