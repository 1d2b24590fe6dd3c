"""HPE, Supermicro, Lenovo and AMI: names and forms after real devices (facts), every value ours."""
import hashlib

from tree import V1, Tree, link, resource


class Hpe(Tree):
    """iLO 6 of a ProLiant DL380a Gen11. Paths are found in any case, links are in lower case."""

    vendor, product = "HPE", "ProLiant DL380a Gen11"
    redfish_version = "1.6.0"
    manufacturer, model = "HPE", "ProLiant DL380a Gen11"
    bios_version, bmc_version = "U58 v2.44 (02/01/2025)", "iLO 6 v1.66"
    registry = "BiosAttributeRegistryU58.v1_2_44"
    headers = (("Content-Type", "application/json; charset=utf-8"), ("OData-Version", "4.0"),
               ("X-Frame-Options", "sameorigin"))
    defaults = {"session.timeout": "30", "expand.all": "off", "expand.links": "off", "expand.levels": "on",
                "pending.style": "all", "user": "Administrator", "pcie.switches": "0"}
    attributes = {
        "ProcVirtualization": "Enabled", "IntelProcVtd": "Enabled", "Sriov": "Enabled",
        "AccessControlService": "Enabled",
        "SubNumaClustering": "Disabled", "PowerRegulator": "DynamicPowerSavings",
        "WorkloadProfile": "GeneralPowerEfficientCompute",
        "PciResourcePadding": "Normal", "SnoopResponseHoldOff": "9", "IoatSnoopResponseHoldOff": "10", "AdminName": "",
        "AdminEmail": "", "AssetTagProtection": "Unlocked", "AutoPowerOn": "RestoreLastState", "BootMode": "Uefi",
        "CustomPostMessage": "", "Dhcpv4": "Enabled", "DynamicPowerCapping": "Disabled",
        "EmbeddedSerialPort": "Com1Irq4",
        "EnabledCoresPerProc": 0, "EnergyPerfBias": "BalancedPerf", "F11BootMenu": "Enabled", "HourFormat": "24Hours",
        "Ipv4Address": "0.0.0.0", "NumaGroupSizeOpt": "Flat", "ProcHyperthreading": "Enabled", "ProcTurbo": "Enabled",
        "ProcX2Apic": "ForceEnabled", "ProductId": "P00000-B21", "SerialNumber": "MADEUP1", "ServerAssetTag": "",
        "ThermalConfig": "OptimalCooling", "TpmState": "PresentEnabled", "UrlBootFile": "",
        "VirtualSerialPort": "Com2Irq3"}
    values = {"PowerRegulator": ("DynamicPowerSavings", "StaticLowPower", "StaticHighPerf", "OsControl"),
              "SubNumaClustering": ("Enabled", "Disabled", "EnabledSNC2", "EnabledSNC4")}
    readonly = ("SerialNumber", "ProductId")

    @staticmethod
    def key(path):
        return path.rstrip("/").lower()

    def session_name(self, count):
        return f"administrator0000000066{count:08x}"

    def bios_path(self):
        return f"{V1}/systems/1/bios/"

    def settings_path(self):
        return f"{V1}/systems/1/bios/settings/"

    def root_oem(self):
        return {"Oem": {"Hpe": {"@odata.type": "#HpeiLOServiceExt.v2_4_0.HpeiLOServiceExt", "Manager": [
            {"HostName": "ILOMADEUP1", "ManagerFirmwareVersion": "1.66", "ManagerType": "iLO 6"}]}}}

    def hexadecimal(self, digits):
        return "0x" + digits.lower()

    def filler_name(self, number):
        return str(100 + number), f"Drive {number}"

    def inventory(self, path):
        boards = [(self.keys["inventory.psb.name"], version.strip(), f"PCIeSwitch.{number}", f"PCI-E Slot {number}")
                  for number, version in enumerate(self.psb_versions(), 1)]
        entries = [("iLO 6", "1.66 Feb 01 2025", "1.x", "System Board"),
                   ("System ROM", self.bios_version, "SystemRomActive", "System Board"),
                   ("Redundant System ROM", "U58 v2.30 (11/01/2024)", "SystemRomBackup", "System Board"),
                   ("System Programmable Logic Device", "0x19", "SystemProgrammableLogicDevice", "System Board"),
                   ("Embedded Video Controller", "2.5", "EmbeddedVideo", "Embedded Device"), *boards]
        for number, (title, version, kind, place) in enumerate(entries, 1):
            yield self.firmware(path, str(number), title, version, Description=kind, Oem={"Hpe": {
                "@odata.type": "#HpeiLOSoftwareInventory.v2_0_0.HpeiLOSoftwareInventory", "DeviceContext": place}})

    def patched(self, _attributes):
        """An answer of success in the form of an error."""
        return {"error": {"code": "iLO.0.10.ExtendedInfo", "message": "See @Message.ExtendedInfo for more information.",
                          "@Message.ExtendedInfo": [{"MessageId": "iLO.2.14.SystemResetRequired"}]}}


class Supermicro(Tree):
    """SYS-821GE-TNHR. No Vendor, no Product; hashed names; no Attributes in SD while nothing is pending."""

    manufacturer, model = "Supermicro", "SYS-821GE-TNHR"
    bios_version, bmc_version = "2.1", "01.03.16"
    defaults = {"session.timeout": "300", "expand.max": "2", "pending.style": "omit", "user": "ADMIN",
                "pcie.subsystem": "0000", "pcie.subsystem_vendor": "0000", "lockout.penalty": "30"}
    attributes = {
        "IntelVTforDirectedI_O_VT_d__1E32": "Enable", "IntelVirtualizationTechnology_3C6F": "Enable",
        "PCIeACSCTL_1E3C": "Disable",
        "SR_IOVSupport_0047": "Enabled", "Above4GDecoding_0041": "Enabled", "SNC_F300": "Auto",
        "PowerTechnology_FF77": "Custom",
        "PowerPerformanceTuning_3CE0": "OS Controls EPB", "MMIOHighBase_0045": "4T",
        "MMIOHighGranularitySize_0046": "1024G",
        "AES_NI_3C75": "Enable", "ARISupport_0049": "Enabled", "AdministratorPassword_0117": None,
        "BitsPerSecond_008D": "115200",
        "BitsPerSecond_0097": "115200", "BootURI_2953": None, "BootupNumLockState_002F": "On",
        "BusMasterEnable_0048": "Enabled",
        "ConsoleRedirection_007E": False, "ConsoleRedirection_0080": True, "CorrectableErrorThreshold_3C34": 512,
        "DataBits_008E": "8", "EnhancedHaltState_C1E__3D23": "Enable", "ExtendedAPIC_F281": "Enable",
        "FlowControl_0091": "None",
        "HyperThreading_All__3C7A": "Enable", "NUMA_3B1A": "Enabled", "QuietBoot_002E": True,
        "TurboMode_3CDA": "Enable",
        "WatchDogFunction_0028": "Disabled", "WaitForF1IfError_0029": True}
    values = {"SNC_F300": ("Auto", "Enable SNC2 (2-clusters)", "Disable"),
              "PowerTechnology_FF77": ("Disable", "Energy Efficient", "Custom"),
              "PowerPerformanceTuning_3CE0": ("OS Controls EPB", "BIOS Controls EPB")}

    def inventory(self, path):
        for name, title, version in (("BIOS", "BIOS", self.bios_version), ("Backup_BIOS", "Backup BIOS", "2.0"),
                                     ("BMC", "BMC", self.bmc_version),
                                     ("Backup_BMC", "Backup BMC", "01.03.16"),
                                     ("CPLD_Motherboard", "CPLD Motherboard", "F0.09.47"),
                                     ("Switchboard_1_CPLD_1", "CPLD MainSwitchboard", "12"),
                                     ("HGX_FW_GPU_SXM_1", "Software Inventory", "96.00.74.00.01"),
                                     ("HGX_FW_PCIeRetimer_0", "Software Inventory", "2.7.9"),
                                     ("HGX_FW_PCIeSwitch_0", "Software Inventory", "1.7.5F"),
                                     ("HGX_InfoROM_GPU_SXM_1", "Software Inventory", "G520.0200.00.05")):
            yield self.firmware(path, name, title, version)
        for number, version in enumerate(self.psb_versions(), 1):
            yield self.firmware(path, f"PCIeSwitch_{number}", f"{self.keys['inventory.psb.name']} {number}",
                                version.strip())

    def root_oem(self):
        return {"Oem": {"Supermicro": {"DumpService": link(f"{V1}/Oem/Supermicro/DumpService")}}}


class Lenovo(Tree):
    """XCC of a ThinkSystem SR670 V2."""

    vendor = "Lenovo"
    redfish_version = "1.15.0"
    root_path = f"{V1}/"
    manufacturer, model = "Lenovo", "ThinkSystem SR670 V2"
    bios_version, bmc_version = "U8E122J", "AFBT58B"
    bios_settings = "Pending"
    registry = "BiosAttributeRegistry.1.0.0"
    apply_times = ("OnReset",)
    defaults = {"session.timeout": "300", "expand.max": "2", "pending.style": "all", "inventory.psb": "02.04.05.02",
                "user": "USERID",
                "patch.apply_time": "honoured", "pcie.switches": "0"}
    attributes = {
        "Processors_IntelVirtualizationTechnology": "Enabled", "DevicesandIOPorts_IntelVTforDirectedIOVTd": "Enabled",
        "DevicesandIOPorts_SRIOV": "Enabled", "Processors_PCIeACSCTL": "Disabled", "Processors_SNC": "Disabled",
        "Processors_SnoopPreference": "HomeSnoop", "OperatingModes_ChooseOperatingMode": "Efficiency_FavorPerformance",
        "DevicesandIOPorts_PCI64BitResourceAllocation": "Enabled", "DevicesandIOPorts_MMIOHBase": "MMIOHBase_32T",
        "DevicesandIOPorts_SerialPortAccessMode": "Shared", "DevicesandIOPorts_PCIeGen_Slot9": "Auto",
        "DevicesandIOPorts_Com1BaudRate": "Com1BaudRate_115200", "Memory_ADDDCSparing": "Disabled",
        "Memory_PatrolScrub": "Enabled",
        "Memory_AdvMemTestOptions": 0, "LegacyBIOS_LegacyBIOS": "Disabled",
        "Power_PowerPerformanceBias": "PlatformControlled",
        "Processors_HyperThreading": "Enabled", "Processors_TurboMode": "Enabled", "Processors_CStates": "Legacy",
        "MellanoxNetworkAdapter_02005E005303__Slot15_BootLUN": 0,
        "MellanoxNetworkAdapter_02005E005303__Slot15_IPv6Address": "",
        "SystemRecovery_POSTWatchdogTimer": "Disabled", "SystemRecovery_POSTWatchdogTimerValue": 5,
        "SystemRecovery_F1StartControl": "Auto"}
    values = {"OperatingModes_ChooseOperatingMode": ("MinimalPower", "Efficiency_FavorPower",
                                                     "Efficiency_FavorPerformance", "CustomMode",
                                                     "MaximumPerformance"), "Processors_SNC": ("Disabled", "SNC2")}

    def pcie_names(self, path, bus, device, function):
        return f"{path}/slot_{bus}", f"slot_{bus}.{device:01x}{function}"

    def inventory(self, path):
        for name, title, version in (("BMC-Primary", "Firmware:BMC", "58B"),
                                     ("BMC-Primary-Pending", "Firmware:BMC", None),
                                     ("UEFI", "Firmware:UEFI", "22J"), ("UEFI-Pending", "Firmware:UEFI", None),
                                     ("LXPM", "Firmware:LXPM", "31H"),
                                     ("Slot_9.1", "Firmware:DEVICE-ConnectX-7", "28.42.1000")):
            entry = self.firmware(path, name, title, version, SoftwareId=name.upper(), WriteProtected=True)
            if version is None:
                entry["Status"] = {"State": "Disabled"}
            yield entry
        for number, version in enumerate(self.psb_versions()):
            title = "ThinkSystem SR670 V2 Switched 4x x16 PCIe Gen4 DW/SW GPU"
            yield self.firmware(path, f"Slot_{30 + number}.Bundle", f"Firmware:DEVICE-{title}", version.strip(),
                                Manufacturer="Lenovo",
                                SoftwareId="DEVICE-17AA7819-13", Description=f"The information of {title} firmware.")


class Ami(Tree):
    """MegaRAC of a DGX H100. Two systems, one with a BIOS; a PATCH needs If-Match; 32 ports without ids."""

    vendor, product = "AMI", "AMI Redfish Server"
    system, chassis, manager = "DGX", "DGX", "BMC"
    manufacturer, model = "NVIDIA", "DGXH100"
    bios_version, bmc_version = "1.1.3", "24.01.05"
    registry = "BiosAttributeRegistry113.1.1.3"
    defaults = {"session.timeout": "30", "expand.max": "5", "pending.style": "all", "inventory.psb": "0.0.7,1.0.7",
                "user": "admin",
                "patch.if_match": "on", "patch.status": "204", "pcie.switches": "32", "pcie.subsystem": "0000",
                "lockout.count": "5",
                "pcie.subsystem_vendor": "0000,0000,0000,2CFF,0000,0000,0000,22FF", "lockout.penalty": "30"}
    attributes = {
        "SRIOVEnable": "Enable", "VTdSupport": "Enable", "ARIEnable": "Enable", "AcpiSpcrBaudRate": "115200",
        "AcpiSpcrPort": "COM0",
        "AcpiSpcrConsoleRedirectionEnable": True, "AddBmcChannelNo": 0, "AddBmcUserName": "",
        "AddBmcUserPassword": None,
        "AdminPassword": None, "AltEngPerfBIAS": "Balanced Performance", "ApplicationProfile": "Auto",
        "BootOption1": "Network",
        "BootOption742": "UEFI: PXE IPv4 Nvidia Network Adapter - 02:00:5E:00:53:04", "CStateSupport": "Auto",
        "FrbWdtEnable": "Disable",
        "HyperThreading": "Enable", "MmioHighBase": "4T", "NvmeHotplug": "Enable", "OsWdtTimeout": 10,
        "SNC": "Disable", "TpmOperation": "TPM None",
        "TurboMode": "Enable", "UserPassword": None, "WakeOnLan": False}

    def session_name(self, count):
        return hashlib.md5(str(count).encode(), usedforsecurity=False).hexdigest()

    def more_systems(self):
        path = f"{V1}/Systems/HGX_Baseboard_0"
        self.add(resource(path, "ComputerSystem", "v1_17_0", Id="HGX_Baseboard_0", Name="HGX_Baseboard_0",
                          SystemType="Physical",
                          Manufacturer="NVIDIA", Status={"State": "Enabled"}))
        return [path]

    def pcie_names(self, path, bus, device, function):
        return f"{path}/00_{bus:02X}_{device:02X}", f"DevType3_SLT0_DevIndex{bus:02X}{device:X}{function:X}"

    def root_oem(self):
        return {"Oem": {"Ami": {"@odata.type": "#AMIServiceRoot.v1_0_0.AMIServiceRoot", "RtpVersion": "13.03"}}}

    def inventory(self, path):
        entries = [("HostBIOS_0", self.bios_version, "BIOS"), ("HostBMC_0", self.bmc_version, "BMC"),
                   ("CPLDMB_0", "0.2.1.8", "CPLD"),
                   ("PCIeRetimer_0", "2.07.19", "Astera Retimer"), ("HGX_FW_PCIeSwitch_0", "1.7.5F", "HGX"),
                   ("PSU_0", "0303.0102.0303", "PSU")]
        for number, version in enumerate(self.psb_versions()):
            entries.append((f"PCIeSwitch_{number}", version.strip(),
                            "Broadcom PCI Switch" + (f" {number + 1}" if number else "")))
        for name, version, kind in entries:
            yield self.firmware(path, name, name, version, Oem={"Ami": {
                "@odata.type": "#AMIFirmwareInventory.v1_0_0.AMIFirmwareInventory", "DeviceClass": kind}})
