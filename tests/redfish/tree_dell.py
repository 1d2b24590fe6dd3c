"""iDRAC9 of a PowerEdge XE9680. Form and attributes after an R750 (facts); no dump of an XE9680 is public."""
from tree import V1, Tree, link, resource

SNOOP = tuple(f"Roll{n}Cycles" for n in ("256", "512", "1K", "2K", "4K", "8K", "16K", "32K", "64K", "128K"))
PROFILES = ("PerfPerWattOptimizedDapc", "PerfPerWattOptimizedOs", "PerfOptimized", "PerfWorkStationOptimized", "Custom")
BY_PROFILE = ("ProcPwrPerf", "MemFrequency", "ProcTurboMode", "ProcC1E", "ProcCStates", "MemPatrolScrub",
              "MemRefreshRate",
              "UncoreFrequency", "EnergyPerformanceBias", "MonitorMwait", "CpuInterconnectBusLinkPower", "PcieAspmL1")


class Dell(Tree):
    vendor, product = "Dell", "Integrated Dell Remote Access Controller"
    redfish_version = "1.18.0"
    system, chassis, manager = "System.Embedded.1", "System.Embedded.1", "iDRAC.Embedded.1"
    manufacturer, model = "Dell Inc.", "PowerEdge XE9680"
    bios_version, bmc_version = "2.7.4", "7.20.60.50"
    bios_settings = "Settings"
    registry = "BiosAttributeRegistry.v1_0_3"
    apply_times = ("OnReset", "AtMaintenanceWindowStart", "InMaintenanceWindowOnReset")
    headers = (("Server", "Apache"), ("OData-Version", "4.0"), ("Cache-Control", "no-cache"),
               ("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8"))
    defaults = {"basic": "unadvertised", "basic.root": "on", "lockout": "refuse", "patch.status": "202",
                "patch.job_by": "patch", "patch.apply_time": "honoured", "user": "root"}
    attributes = {
        "SystemModelName": "PowerEdge XE9680", "SystemBiosVersion": bios_version, "SystemServiceTag": "MADEUP1",
        "SystemManufacturer": "Dell Inc.", "SystemCpldVersion": "1.5.0", "AssetTag": "", "SysMemSize": "2 TB",
        "ProcVirtualization": "Enabled", "SriovGlobalEnable": "Disabled", "MmioAbove4Gb": "Enabled",
        "MemoryMappedIOH": "56TB", "SysProfile": "PerfPerWattOptimizedDapc", "SubNumaCluster": "Disabled",
        "SnoopHldOff": "Roll256Cycles", "KernelDmaProtection": "Disabled", "WorkloadProfile": "NotAvailable",
        "LogicalProc": "Enabled", "ProcX2Apic": "Enabled", "ProcCores": "All", "Proc1Id": "6-8F-8", "Proc1NumCores": 56,
        "Proc2NumCores": 56, "ProcBusSpeed": "16 GT/s", "ProcPwrPerf": "SysDbpm", "MemFrequency": "MaxPerf",
        "ProcTurboMode": "Enabled", "ProcC1E": "Enabled", "ProcCStates": "Enabled", "MemPatrolScrub": "Standard",
        "MemRefreshRate": "1x", "UncoreFrequency": "DynamicUFS", "EnergyPerformanceBias": "BalancedPerformance",
        "MonitorMwait": "Enabled", "CpuInterconnectBusLinkPower": "Enabled", "PcieAspmL1": "Enabled",
        "AcPwrRcvry": "Last", "AcPwrRcvryUserDelay": 120, "BootMode": "Uefi", "BootSeqRetry": "Enabled",
        "DimmSlot00": "Enabled", "EmbSata": "AhciMode", "EmbVideo": "Enabled", "FailSafeBaud": "115200",
        "ForceInt10": "Disabled", "HttpDev1Uri": "", "HttpDev1VlanId": 1, "NodeInterleave": "Disabled",
        "IscsiDev1Con1ChapName": "", "IscsiDev1Con1ChapSecret": None, "NewSetupPassword": None,
        "OldSetupPassword": None,
        "NewSysPassword": None, "OneTimeBootMode": "Disabled", "PasswordStatus": "Unlocked",
        "PowerCycleRequest": "None",
        "PxeDev1EnDis": "Enabled", "PxeDev1Interface": "NIC.Slot.5-1", "SecureBoot": "Disabled",
        "SerialComm": "OnConRedir",
        "SetBootOrderEn": None, "Slot31": "Enabled", "Slot31Bif": "x16", "TpmSecurity": "On",
        "UefiComplianceVersion": "2.7",
        "UsbPorts": "AllOn", "UserLcdStr": "", "WatchdogTimer": None}
    values = {"SnoopHldOff": SNOOP, "SysProfile": PROFILES, "MemoryMappedIOH": ("56TB", "12TB", "512GB"),
              "SubNumaCluster": ("2-Way", "4-Way", "Disabled"), "BootMode": ("Uefi", "Bios")}
    readonly = ("SystemModelName", "SystemBiosVersion", "SystemServiceTag", "SystemManufacturer", "SystemCpldVersion",
                "SysMemSize", "Proc1Id", "Proc1NumCores", "Proc2NumCores", "ProcBusSpeed", "UefiComplianceVersion")

    def is_readonly(self, name, pending):
        profile = pending.get("SysProfile", self.bios().get("SysProfile"))
        return super().is_readonly(name, pending) or (name in BY_PROFILE and profile != "Custom")

    def hexadecimal(self, digits):
        return "0x" + digits.lower()

    def pcie_names(self, path, bus, device, function):
        return f"{path}/{bus}-{device}", f"{bus}-{device}-{function}"

    def filler_name(self, number):
        return f"Installed-0-1.0.0__Disk.Bay.{number}:Enclosure.Internal.0-1", f"Drive {number}"

    def root_oem(self):
        return {"ServiceIdentification": "MADEUP1", "JobService": link(f"{V1}/JobService"), "Oem": {"Dell": {
            "@odata.type": "#DellServiceRoot.v1_0_0.DellServiceRoot", "IsBranded": 0, "ServiceTag": "MADEUP1",
            "ManagerMACAddress": "02:00:5e:00:53:01"}}}

    def more_chassis(self):
        path = f"{V1}/Chassis/Enclosure.Internal.0-1"
        self.add(resource(path, "Chassis", "v1_19_0", Id="Enclosure.Internal.0-1", Name="PCIe SSD Backplane",
                          ChassisType="StorageEnclosure", PCIeDevices=link(f"{path}/PCIeDevices")))
        self.add_collection(f"{path}/PCIeDevices", "PCIeDevice", [], "PCIe Devices")
        return [path]

    def inventory(self, path):
        bios, bmc = self.bios_version, self.bmc_version
        yield self.entry(path, "Current", "159", bios, "BIOS.Setup.1-1", "BIOS", kind="BIOS")
        yield self.entry(path, "Installed", "0", "2.3.0", "Disk.Bay.0:Enclosure.Internal.0-1", "PCIe SSD in Slot 0")
        yield self.entry(path, "Installed", "0", "        ", "NIC.Slot.1-1", "Network Adapter in Slot 1")
        nic = "Nvidia ConnectX-7 InfiniBand - 02:00:5E:00:53:02"
        yield self.entry(path, "Installed", "0", "28.42.1000", "InfiniBand.Slot.40-1", nic,
                         ids=("15B3", "1021", "15B3", "0041"))
        for name, title in (("Video.Slot.21-1", "H100 SXM5 80GB"), ("Video.Slot.22-1", "H100 SXM5 80GB")):
            yield self.entry(path, "Installed", "0", "96.00.A5.00.01", name, title,
                             ids=("10DE", "2330", "10DE", "16C1"))
        yield self.entry(path, "Installed", "159", bios, "BIOS.Setup.1-1", "BIOS", kind="BIOS")
        yield self.entry(path, "Installed", "18981", "23.04.05", "DriverPack.Embedded.1:LC.Embedded.1",
                         "OS Drivers Pack")
        yield self.entry(path, "Installed", "25227", bmc, "iDRAC.Embedded.1-1",
                         "Integrated Dell Remote Access Controller")
        yield self.entry(path, "Installed", "27763", "1.5.0", "CPLD.Embedded.1", "System CPLD")
        yield self.entry(path, "Installed", "110428", "00.1D.9C", "PSU.Slot.1", "Power Supply.Slot.1")
        yield self.entry(path, "Previous", "159", "2.1.3", "BIOS.Setup.1-1", "BIOS", kind="BIOS")
        yield self.entry(path, "Available", "25227", "7.10.50.00", "iDRAC.Embedded.1-1",
                         "Integrated Dell Remote Access Controller")
        subsystem = self.keys.words("pcie.subsystem")
        for number, version in enumerate(self.psb_versions(), 1):
            ids = ("1000", "C030", "1028", subsystem[(2 * number - 2) % len(subsystem)].upper())
            for status in ("Installed", *self.keys.words("inventory.psb.also")):
                older = version if status in ("Installed", "Current") else "4.150.0.0"
                yield self.entry(path, status, "0", older, f"PCIeSwitch.Slot.{number}",
                                 f"{self.keys['inventory.psb.name']} {number}", ids=ids)

    def entry(self, path, status, component, version, fqdd, title, kind="FRMW", ids=None):
        """<status>-<component>-<version>__<FQDD>; what is not Installed can be installed."""
        name = f"{status}-{component}-{version}__{fqdd}"
        numbers = [int(one) if one.isdigit() else 0 for one in [*version.strip().split("."), "0", "0", "0"][:4]]
        value = "DCIM:firmware:" + (":".join(ids) if ids else component)
        oem = resource(f"{path}/{name}/Oem/Dell/DellSoftwareInventory/DCIM:{status.upper()}_0x23_{fqdd}",
                       "DellSoftwareInventory", "v1_2_0", ElementName=title, ComponentID=component, ComponentType=kind,
                       Status="Installed" if status == "Installed" else "AvailableForInstallation",
                       Classifications=["Firmware"], IdentityInfoValue=[value], InstallationDate="NA", IsEntity=True,
                       MajorVersion=numbers[0], MinorVersion=numbers[1], RevisionNumber=numbers[2],
                       BuildNumber=numbers[3],
                       RevisionString=None, **dict(zip(("VendorID", "DeviceID", "SubVendorID", "SubDeviceID"),
                                                       ids or [None] * 4)))
        return self.firmware(path, name, title, version.strip(), SoftwareId=component, ReleaseDate="00:00:00Z",
                             Description="Represents Firmware Inventory", Oem={"Dell": {
                                 "@odata.type": "#DellOem.v1_3_0.DellOemResources", "DellSoftwareInventory": oem}})
