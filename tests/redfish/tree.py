"""Resources that every vendor's service has. A vendor's module says what is different."""
import copy
import json
import re
import threading

import messages
from keys import ABSENT, typed

V1 = "/redfish/v1"


def link(path):
    return {"@odata.id": path}


def resource(path, kind, version, **rest):
    """A resource with what all resources have; `kind` is a schema's name."""
    space = f"{version}.{kind}" if version else kind
    return {"@odata.context": f"{V1}/$metadata#{kind}.{kind}", "@odata.id": path, "@odata.type": f"#{kind}.{space}",
            **rest}


def collection(path, kind, members, name):
    return resource(path, f"{kind}Collection", "", Description=f"Collection of {name}", Name=f"{name} Collection",
                    Members=[link(one) for one in members], **{"Members@odata.count": len(members)})


class Tree:
    """One vendor's service. Dicts by path, without a trailing slash, as `key` makes them."""

    vendor = product = "absent"
    redfish_version = "1.11.0"
    root_path = V1
    system = "1"
    chassis = "1"
    manager = "1"
    manufacturer = model = ""
    bios_settings = "SD"
    registry = "BiosAttributeRegistry.v1_0_0"
    apply_times = None
    defaults = {}
    headers = (("Content-Type", "application/json; charset=utf-8"), ("OData-Version", "4.0"))
    attributes = {}
    values = {}  # attribute: the values that it takes
    readonly = ()


    def __init__(self, keys):
        self.keys = keys
        self.lock = threading.RLock()
        self.seen = None
        self.all = {}

    @staticmethod
    def key(path):
        """How a path is looked up."""
        return path.rstrip("/")

    def session_name(self, count):
        return str(count)

    # Paths

    def system_path(self):
        return f"{V1}/Systems/{self.system}"

    def bios_path(self):
        return f"{self.system_path()}/Bios"

    def settings_path(self):
        return f"{self.bios_path()}/{self.bios_settings}"

    # BIOS

    def bios(self):
        """Attributes as they are, by the keys bios.NAME."""
        return self._set(self.attributes, "bios.")

    def _set(self, attributes, prefix):
        attributes = dict(attributes)
        for name, text in self.keys.under(prefix).items():
            value = typed(text, self.attributes.get(name))
            if value is ABSENT:
                attributes.pop(name, None)
            else:
                attributes[name] = value
        return attributes

    def preset(self):
        """What is pending by the keys pending.NAME."""
        return self._set({}, "pending.")

    def is_readonly(self, name, _pending):
        return (name in self.readonly or name in self.keys.words("patch.readonly") or self.keys.on("lockdown"))

    def allowed(self, name):
        """The values an attribute may take; None: anything of its type."""
        value = self.attributes.get(name)
        for pair in (("Enabled", "Disabled"), ("Enable", "Disable")):
            if value in pair:
                return self.values.get(name, pair)
        return self.values.get(name)

    def patched(self, _attributes):
        """The body of the answer to a good PATCH."""
        return messages.success()

    # Resources

    def resources(self):
        with self.lock:
            if self.seen != self.keys.version:
                self.seen = self.keys.version
                self.all = {}
                self.build()
                self.all = {path: self.override(path, document) for path, document in self.all.items()}
            return self.all

    def add(self, document):
        self.all[self.key(document["@odata.id"])] = document
        return document["@odata.id"]

    def add_collection(self, path, kind, members, name):
        return self.add(collection(path, kind, members, name))

    def build(self):
        keys, system, chassis = self.keys, self.system_path(), f"{V1}/Chassis/{self.chassis}"
        root = resource(self.root_path, "ServiceRoot", "v1_13_0", Id="RootService", Name="Root Service",
                        RedfishVersion=self.redfish_version, UUID="00000000-0000-0000-0000-00005e005301")
        for name in ("Systems", "Chassis", "Managers", "UpdateService", "SessionService"):
            root[name] = link(f"{V1}/{name}")
        root["Links"] = {"Sessions": link(keys["session.uri"])}
        for name, value in (("Vendor", self.vendor), ("Product", self.product)):
            if value != "absent":
                root[name] = value
        if keys.on("expand"):
            root["ProtocolFeaturesSupported"] = {
                "ExcerptQuery": False, "FilterQuery": False, "OnlyMemberQuery": True, "SelectQuery": True,
                "DeepOperations": {"DeepPATCH": False, "DeepPOST": False},
                "ExpandQuery": {"ExpandAll": keys.on("expand.all"), "Levels": keys.on("expand.levels"),
                                "Links": keys.on("expand.links"), "MaxLevels": keys["expand.max"],
                                "NoLinks": keys.on("expand.nolinks")}}
        root.update(self.root_oem())
        self.add(root)
        self.add({"@odata.id": "/redfish", "v1": f"{V1}/"})
        self.add(resource(f"{V1}/SessionService", "SessionService", "v1_1_8", Id="SessionService",
                          Name="Session Service",
                          ServiceEnabled=True, SessionTimeout=int(keys["session.timeout"]),
                          Sessions=link(keys["session.uri"])))
        self.add(resource(f"{V1}/UpdateService", "UpdateService", "v1_9_0", Id="UpdateService", Name="Update Service",
                          ServiceEnabled=True, FirmwareInventory=link(f"{V1}/UpdateService/FirmwareInventory")))
        self.add_collection(f"{V1}/Systems", "ComputerSystem", [system, *self.more_systems()], "Computer Systems")
        self.add(resource(system, "ComputerSystem", "v1_17_0", Id=self.system, Name="System", SystemType="Physical",
                          Manufacturer=self.manufacturer, Model=self.model, SerialNumber="MADEUP1", PowerState="On",
                          BiosVersion=self.bios_version, Bios=link(self.bios_path()),
                          Status={"State": "Enabled", "Health": "OK"},
                          Links={"Chassis": [link(chassis)], "ManagedBy": [link(f"{V1}/Managers/{self.manager}")]},
                          Actions={"#ComputerSystem.Reset": {"target": f"{system}/Actions/ComputerSystem.Reset"}}))
        self.add_collection(f"{V1}/Managers", "Manager", [f"{V1}/Managers/{self.manager}"], "Managers")
        self.add(resource(f"{V1}/Managers/{self.manager}", "Manager", "v1_12_0", Id=self.manager, Name="Manager",
                          ManagerType="BMC", FirmwareVersion=self.bmc_version))
        self.add_collection(f"{V1}/Chassis", "Chassis", [chassis, *self.more_chassis()], "Chassis")
        self.add(resource(chassis, "Chassis", "v1_19_0", Id=self.chassis, Name="Computer System Chassis",
                          ChassisType="RackMount", Manufacturer=self.manufacturer, Model=self.model,
                          SerialNumber="MADEUP1",
                          PCIeDevices=link(f"{chassis}/PCIeDevices"), Links={"ComputerSystems": [link(system)]}))
        self.build_pcie(chassis)
        path = f"{V1}/UpdateService/FirmwareInventory"
        members = [self.add(one) for one in [*self.inventory(path), *self._filler(path)]]
        self.add_collection(path, "SoftwareInventory", members, "Firmware Inventory")

    def root_oem(self):
        return {}

    def more_systems(self):
        return []

    def more_chassis(self):
        return []

    def firmware(self, path, name, title, version, **rest):
        return resource(f"{path}/{name}", "SoftwareInventory", "v1_5_0", Id=name, Name=title, Version=version,
                        Updateable=True, Status={"State": "Enabled", "Health": "OK"}, **rest)

    def _filler(self, path):
        return [self.firmware(path, *self.filler_name(number), "1.0.0", Description="Represents Firmware Inventory")
                for number in range(self.keys["inventory.extra"])]

    def filler_name(self, number):
        return f"Drive_{number}", f"Drive {number}"

    def psb_versions(self):
        """Of the switch boards; blank ones are eight spaces, as Dell has them."""
        return [{"blank": "        "}.get(one, one) for one in self.keys.words("inventory.psb") if one != "absent"]

    # PCIe

    def switch_ports(self):
        """(bus, device, function, kind, SubsystemVendorId, SubsystemId) of the 1000:c030 ports."""
        buses = (0x16, 0x38, 0x49, 0x5A, 0x98, 0xB8, 0xC8, 0xD8)
        vendors, devices = self.keys.words("pcie.subsystem_vendor"), self.keys.words("pcie.subsystem")
        for number in range(self.keys["pcie.switches"]):
            bus = buses[number % 8] + number // 8 * 3
            ids = vendors[number % len(vendors)], devices[number % len(devices)]
            yield bus, 0, 0, "Upstream", *ids
            for below in range(self.keys["pcie.downstream"]):
                yield bus + 1, below, 0, "Downstream", *ids

    def build_pcie(self, chassis):
        devices = {}
        for bus, device, function, kind, subvendor, subsystem in self.switch_ports():
            path, name = self.pcie_names(f"{chassis}/PCIeDevices", bus, device, function)
            devices.setdefault(path, []).append(f"{path}/PCIeFunctions/{name}")
            self.add(resource(devices[path][-1], "PCIeFunction", "v1_3_0", Id=name,
                              Name=f"PEX890xx PCIe Gen 5 Switch {kind} Port", ClassCode="0x060400",
                              DeviceClass="Bridge",
                              DeviceId=self.hexadecimal("C030"), VendorId=self.hexadecimal("1000"), FunctionId=function,
                              FunctionType="Physical", SubsystemId=self.hexadecimal(subsystem),
                              SubsystemVendorId=self.hexadecimal(subvendor), RevisionId="0xb0",
                              Links={"PCIeDevice": link(path)}))
        nic, name = self.pcie_names(f"{chassis}/PCIeDevices", 0x1A, 0, 0)
        devices[nic] = [f"{nic}/PCIeFunctions/{name}"]
        self.add(resource(devices[nic][0], "PCIeFunction", "v1_3_0", Id=name, Name="MT2910 Family [ConnectX-7]",
                          ClassCode="0x020700", DeviceClass="NetworkController", DeviceId=self.hexadecimal("1021"),
                          VendorId=self.hexadecimal("15B3"), FunctionId=0, FunctionType="Physical",
                          SubsystemId=self.hexadecimal("0041"), SubsystemVendorId=self.hexadecimal("15B3"),
                          Links={"PCIeDevice": link(nic)}))
        for path, functions in devices.items():
            self.add(resource(path, "PCIeDevice", "v1_7_0", Id=path.rsplit("/", 1)[1], Name="PCIe device",
                              DeviceType="MultiFunction", FirmwareVersion="",
                              PCIeFunctions=link(f"{path}/PCIeFunctions"), Links={"Chassis": [link(chassis)]}))
            self.add_collection(f"{path}/PCIeFunctions", "PCIeFunction", functions, "PCIe Functions")
        self.add_collection(f"{chassis}/PCIeDevices", "PCIeDevice", list(devices), "PCIe Devices")

    def pcie_names(self, path, bus, device, function):
        """Path of a device, and the Id of its function."""
        return f"{path}/{bus:02X}_{device:02X}", str(function + 1)

    def hexadecimal(self, digits):
        return "0x" + digits

    # json.PATH#/POINTER=VALUE

    def override(self, path, document):
        """The document with what keys say about it; the given one is not changed."""
        for name, text in self.keys.under("json.").items():
            where, _, pointer = name.partition("#/")
            if self.key(where) == self.key(path):
                document = put(copy.deepcopy(document), pointer, text)
        return document


def put(document, pointer, text):
    """A value at a JSON pointer (RFC 6901, without the first slash); absent removes it."""
    steps = [re.sub("~[01]", lambda one: "~/"[int(one[0][1])], step) for step in pointer.split("/")]
    at = document
    for step in steps[:-1]:
        at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
    last = int(steps[-1]) if isinstance(at, list) else steps[-1]
    if text == "absent":
        if isinstance(at, list):
            del at[last]
        else:
            at.pop(last, None)
        return document
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if isinstance(at, list) and last == len(at):
        at.append(value)
    else:
        at[last] = value
    return document
