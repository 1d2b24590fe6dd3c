/* A small host for the target "host": two GPUs, an NVSwitch, two HCAs and a third one that carries an uplink. Some of
 * it is as wanted, some is not, some is only after the next boot, so that there is something to pass and to fix. */
#ifndef HP_TESTS_FUZZ_HOST_REPLIES_H
#define HP_TESTS_FUZZ_HOST_REPLIES_H

#define KERNEL(i, name, configured, runtime)                                                                           \
	"structure[" i "].KernelSetting.Configured.string=" configured "\n"                                            \
	"structure[" i "].KernelSetting.Default.string=FALSE\n"                                                        \
	"structure[" i "].KernelSetting.Description.string=What " name " is for.\n"                                    \
	"structure[" i "].KernelSetting.Name.string=" name "\n"                                                        \
	"structure[" i "].KernelSetting.Runtime.string=" runtime "\n"                                                  \
	"structure[" i "].KernelSetting.Type.string=Bool\n"

#define DEVICE(i, address, vendor, device, class_id, vmkernel, owner, reset)                                           \
	"structure[" i "].PCIDevice.Address.string=" address "\n"                                                      \
	"structure[" i "].PCIDevice.CurrentOwner.string=" owner "\n"                                                   \
	"structure[" i "].PCIDevice.DeviceClass.integer=" class_id "\n"                                                \
	"structure[" i "].PCIDevice.DeviceID.integer=" device "\n"                                                     \
	"structure[" i "].PCIDevice.DeviceName.string=Device " i "\n"                                                  \
	"structure[" i "].PCIDevice.ResetMethod.string=" reset "\n"                                                    \
	"structure[" i "].PCIDevice.VMkernelName.string=" vmkernel "\n"                                                \
	"structure[" i "].PCIDevice.VendorID.integer=" vendor "\n"

#define JSON_DEVICE(address, vendor, device, class_id, vmkernel, owner, reset, end)                                    \
	"{\"Address\": \"" address "\", \"Current Owner\": \"" owner "\", \"Device Class\": " class_id                 \
	", \"Device ID\": " device ", \"Reset Method\": \"" reset "\", \"VMkernel Name\": \"" vmkernel                 \
	"\", \"Vendor ID\": " vendor "}" end

#define JSON_KERNEL(name, configured, runtime, end)                                                                    \
	"{\"Configured\": \"" configured "\", \"Name\": \"" name "\", \"Runtime\": \"" runtime                         \
	"\", \"Type\": \"Bool\"}" end

#define MLX_HEAD                                                                                                       \
	"\nDevice #1:\n----------\n\nDevice type:        ConnectX7           \nName:               X                 " \
	" "                                                                                                            \
	" \nDescription:        ConnectX-7 HCA      \nDevice:             "
#define MLX_COLUMNS "     \n\nConfigurations:                          Default         Current         Next Boot\n"
#define MLX_END "The '*' shows parameters with next value different from default/current value.\n"

static const struct {
	const char *key, *out;
	bool fallback; /* there only when the input asks for it */
} host_replies[] = {
    {"run bin/esxcli --formatter=keyvalue system version get",
     "VersionGet.Build.string=Releasebuild-24755229\nVersionGet.Maintenance.string=0\nVersionGet.Patch.string=0\n"
     "VersionGet.Product.string=VMware ESXi\nVersionGet.Update.string=0\nVersionGet.Version.string=9.0.0\n",
     false},
    {"run bin/esxcli --formatter=keyvalue system settings kernel list",
     KERNEL("0", "acpiDbgLevel", "0", "0") KERNEL("1", "atsDisallowPCIeVidDid", "", "")
	 KERNEL("2", "atsSupport", "FALSE", "TRUE") KERNEL("3", "disableACSCheck", "FALSE", "FALSE")
	     KERNEL("4", "enableACSDTP2P", "FALSE", "FALSE") KERNEL("5", "iovDisableIR", "FALSE", "TRUE")
		 KERNEL("6", "noIOMMU", "FALSE", "FALSE"),
     false},
    {"run bin/esxcli --formatter=keyvalue hardware pci list",
     DEVICE("0", "0000:05:00.0", "4318", "8867", "1664", "", "VMkernel", "Function reset")
	 DEVICE("1", "0000:1a:00.0", "5555", "4129", "519", "", "VMkernel", "Link reset")
	     DEVICE("2", "0000:1b:00.0", "4318", "9008", "770", "", "VM Passthru", "Function reset")
		 DEVICE("3", "0000:2a:00.0", "5555", "4129", "519", "", "VMkernel", "Link reset")
		     DEVICE("4", "0000:2b:00.0", "4318", "9009", "770", "", "VM Passthru", "Function reset")
			 DEVICE("5", "0000:3b:00.0", "5555", "4129", "512", "vmnic4", "VMkernel", "Link reset"),
     false},
    {"run bin/esxcli --formatter=keyvalue hardware platform get",
     "PlatformGet.ProductName.string=Rack X\nPlatformGet.SerialNumber.string=ABC123\n"
     "PlatformGet.VendorName.string=Example Inc.\n",
     false},
    {"run bin/esxcli --formatter=keyvalue system hostname get",
     "HostnameGet.DomainName.string=example.org\nHostnameGet.FullyQualifiedDomainName.string=esx1.example.org\n"
     "HostnameGet.HostName.string=esx1\n",
     false},
    {"run bin/esxcli --formatter=keyvalue network nic list",
     "structure[0].Nic.MTU.integer=1500\nstructure[0].Nic.Name.string=vmnic4\n"
     "structure[0].Nic.PCIDevice.string=0000:3b:00.0\n",
     false},
    {"run bin/esxcli --formatter=keyvalue network sriovnic list", "", false},
    {"run bin/esxcli system uuid get", "4c4c4544-0035-4d10-8052-b4c04f4e4d32\n", false},
    {"run bin/esxcli system stats uptime get", "3801234567\n", false},
    {"run bin/esxcli vm process list", "vm1\n   World ID: 2100000\n   Display Name: vm1\n", false},
    {"run bin/vsish -e get /system/loadESX/isBootLoadESX", "0\n", false},
    {"file etc/vmware/passthru.map",
     "# vendor-id device-id resetMethod fptShareable\n8086  1502  d3d0     default\n10de  2330  flr      false\n"
     "10de  2331  bridge   false\n",
     false},
    {"run opt/mellanox/bin/mst status -vv",
     "MST modules:\n------------\n    MST PCI module is not loaded\n\nPCI devices:\n------------\n"
     "DEVICE_TYPE          MST                 PCI        RDMA        NET           NUMA\n"
     "ConnectX7(rev:0)     mt4129_pciconf0     1a:00.0                               0\n"
     "ConnectX7(rev:0)     mt4129_pciconf1     2a:00.0                               0\n"
     "ConnectX7(rev:0)     mt4129_pciconf2     3b:00.0                net-vmnic4     1\n",
     false},
    {"run opt/mellanox/bin/mlxconfig -d mt4129_pciconf0 -e query ATS_ENABLED",
     MLX_HEAD "mt4129_pciconf0" MLX_COLUMNS
	      "        ATS_ENABLED                     False(0)        False(0)        False(0)\n" MLX_END,
     false},
    {"run opt/mellanox/bin/mlxconfig -d mt4129_pciconf1 -e query ATS_ENABLED",
     MLX_HEAD "mt4129_pciconf1" MLX_COLUMNS
	      "*       ATS_ENABLED                     False(0)        True(1)         True(1)\n" MLX_END,
     false},
    {"run bin/localcli --formatter=json system settings kernel list",
     "[" JSON_KERNEL("acpiDbgLevel", "0", "0", ",\n") JSON_KERNEL("atsDisallowPCIeVidDid", "", "", ",\n")
	 JSON_KERNEL("atsSupport", "FALSE", "TRUE", ",\n") JSON_KERNEL("disableACSCheck", "FALSE", "FALSE", ",\n")
	     JSON_KERNEL("enableACSDTP2P", "FALSE", "FALSE", ",\n") JSON_KERNEL("iovDisableIR", "FALSE", "TRUE", ",\n")
		 JSON_KERNEL("noIOMMU", "FALSE", "FALSE", "]\n"),
     true},
    {"run bin/localcli --formatter=json hardware pci list",
     "[" JSON_DEVICE("0000:05:00.0", "4318", "8867", "1664", "", "VMkernel", "Function reset", ",\n")
	 JSON_DEVICE("0000:1a:00.0", "5555", "4129", "519", "", "VMkernel", "Link reset", ",\n")
	     JSON_DEVICE("0000:1b:00.0", "4318", "9008", "770", "", "VM Passthru", "Function reset", ",\n")
		 JSON_DEVICE("0000:2a:00.0", "5555", "4129", "519", "", "VMkernel", "Link reset", ",\n")
		     JSON_DEVICE("0000:2b:00.0", "4318", "9009", "770", "", "VM Passthru", "Function reset", ",\n")
			 JSON_DEVICE("0000:3b:00.0", "5555", "4129", "512", "vmnic4", "VMkernel", "Link reset", "]\n"),
     true},
    {"run bin/localcli --formatter=json system version get",
     "{\"Build\": \"Releasebuild-24755229\", \"Patch\": \"0\", \"Product\": \"VMware ESXi\", \"Update\": \"0\", "
     "\"Version\": \"9.0.0\"}\n",
     true},
};

#define HOST_REPLIES (sizeof host_replies / sizeof host_replies[0])

static const char host_policy[] = "name: fuzz\nexpect: {gpus: 2, nvswitches: 1, hcas: 2}\n";

#endif
