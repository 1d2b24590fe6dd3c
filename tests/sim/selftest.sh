#!/bin/bash
# Tests the simulated host itself: selftest.sh ESXSIM_BINARY
set -u

if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: selftest.sh ESXSIM_BINARY" >&2
    exit 64
fi
if [ -z "${SELFTEST_GUARDED:-}" ]; then # some of what is tested here hangs on purpose
    SELFTEST_GUARDED=1 exec timeout 180 bash "$0" "$1"
fi
sim=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# is WHAT EXPECTED GOT
is() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n--- expected\n%s\n--- got\n%s\n' "$1" "$2" "$3"
    fi
}

# has WHAT LINE TEXT: one line of TEXT is LINE
has() {
    if grep -Fxq -- "$2" <<<"$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n--- expected the line\n%s\n--- got\n%s\n' "$1" "$2" "$(head -30 <<<"$3")"
    fi
}

# rc WHAT CODE COMMAND...: exit code, output in $out
rc() {
    local what=$1 code=$2 got
    shift 2
    out=$("$@" 2>"$work/err" </dev/null)
    got=$?
    is "$what: exit code" "$code" "$got"
}

# host NAME SCENARIO [KEY=VALUE...]: sets $h and the tools' paths
host() {
    h=$work/$1
    "$sim" create "$h" --scenario "$2" "${@:3}" || failed=$((failed + 1))
    esxcli=$h/bin/esxcli localcli=$h/bin/localcli vsish=$h/bin/vsish
    mst=$h/opt/mellanox/bin/mst mlxconfig=$h/opt/mellanox/bin/mlxconfig backup=$h/sbin/auto-backup.sh
}

set_() { "$sim" set "$h" "$@" || failed=$((failed + 1)); }

kv() { "$esxcli" --formatter=keyvalue "$@"; }

# kernel NAME FIELD
kernel() { kv system settings kernel list -o "$1" | sed -n "s/^structure\[0\]\.SettingsKernel\.$2\.string=//p"; }

# field ADDRESS LABEL: of hardware pci list
field() { "$esxcli" hardware pci list | sed -n "/^$1\$/,/^\$/s/^   $2: //p"; }

# ats N [COLUMN]: value 2 default, 3 current, 4 next of mlxconfig -e
ats() { "$mlxconfig" -d "mt4129_pciconf$1" -e query ATS_ENABLED | sed 's/^\*/ /' | awk -v c="${2:-4}" '$1 == "ATS_ENABLED" { print $c }'; }

# ---- scenarios ----

all=$("$sim" list | awk '{ print $1 }')
for name in $all; do
    host "scenario-$name" "$name"
    for file in bin/esxcli bin/localcli bin/vsish bin/vim-cmd bin/esxcfg-module bin/configstorecli bin/lspci bin/logger \
        opt/mellanox/bin/mst opt/mellanox/bin/mlxconfig sbin/auto-backup.sh etc/init.d/hostd; do
        [ -x "$h/$file" ] || is "$name: $file" there missing
    done
    [ -s "$h/bootbank/state.tgz" ] || is "$name: state.tgz" there missing
    rc "$name localcli" 0 "$localcli" system version get
    if [ "$name" = hostd-down ]; then
        rc "$name esxcli" 1 "$esxcli" system version get
        is "$name text" "Connect to localhost failed: Connection failure." "$out"
    else
        rc "$name esxcli" 0 "$esxcli" system version get
    fi
done
is "scenarios" 14 "$(wc -l <<<"$all")"
is "sticky map" "-rw-r--r-T" "$(stat -c %A "$h/etc/vmware/passthru.map")"
is "bootbank is relative" "vmfs/volumes" "$(readlink "$h/bootbank" | cut -d/ -f1-2)"
is "state.tgz holds the map" "etc/vmware/passthru.map" "$(tar xzf "$h/bootbank/state.tgz" -O local.tgz | tar tz)"

# ---- a stock host: texts of esxcli ----

host stock stock-9.0
is "version, text" "   Product: VMware ESXi
   Version: 9.0.0
   Build: Releasebuild-24755229
   Update: 0
   Maintenance: 0
   Patch: 0" "$("$esxcli" system version get)"
is "version, keyvalue" "VersionGet.Build.string=Releasebuild-24755229
VersionGet.Maintenance.string=0
VersionGet.Patch.string=0
VersionGet.Product.string=VMware ESXi
VersionGet.Update.string=0
VersionGet.Version.string=9.0.0" "$(kv system version get)"
is "version, json" '{"Build": "Releasebuild-24755229", "Maintenance": "0", "Patch": "0", "Product": "VMware ESXi", "Update": "0", "Version": "9.0.0"}' \
    "$("$esxcli" --debug --formatter=json system version get)"
rc "json without --debug" 1 "$esxcli" --formatter=json system version get
is "json without --debug" "Unable to find requested formatter: json" "$out"
rc "unknown command" 1 "$esxcli" system uptime get
is "unknown command" "Error: Unknown command or namespace system uptime get" "$out"
is "errors go to stdout" "" "$(cat "$work/err")"
rc "unknown option" 1 "$esxcli" hardware pci list --device
has "unknown option" "Error: Invalid option --device" "$out"
rc "incomplete command" 0 "$esxcli" system settings kernel
has "incomplete command" "Usage: esxcli system settings kernel {cmd} [cmd options]" "$out"
is "csv lines end with a comma" 0 "$("$esxcli" --formatter=csv network nic list | grep -vc ',$')"
is "csv columns" "Name,Version,
mft,4.31.0.149-0," "$("$esxcli" --formatter=csv --format-param=fields=="Name,Version" software vib list | head -2)"
is "nic, keyvalue" "AdminStatus DPUId Description Driver Duplex Link LinkStatus MACAddress MTU Name PCIDevice Speed" \
    "$(kv network nic list | sed -n 's/^structure\[0\]\.Nic\.\([A-Za-z]*\)\..*/\1/p' | paste -sd' ')"
has "nic, table" "------  ------------  ------  ------------  -----------  -----  ------  -----------------  ----  -----------" \
    "$("$esxcli" network nic list)"
has "vib list" "nmst           4.31.0.149-1OEM.801.0.0.21495797  MEL     PartnerSupported  2026-02-11    host" \
    "$("$esxcli" software vib list)"
is "no rebooting image" "" "$("$esxcli" software vib list --rebooting-image)"
is "no VMs" "" "$("$esxcli" vm process list)"
is "scalars" "Disabled 6a98270c-b75f-a36d-06fd-6c3c8c010010" "$("$esxcli" system maintenanceMode get) $("$esxcli" system uuid get)"
is "quick boot" 0 "$("$vsish" -e get /system/loadESX/isBootLoadESX)"
is "xml" "<output xmlns=\"http://www.vmware.com/Products/ESX/5.0/esxcli\">
<root>
   <structure typeName=\"VersionGet\">
      <field name=\"Build\">
         <string>Releasebuild-24755229</string>" "$("$esxcli" --formatter=xml system version get | sed -n 2,6p)"
is "localcli json" '{
  "Product": "VMware ESXi",' "$("$localcli" --formatter json system version get | head -2)"
has "localcli display names" '    "VMkernel Name": "vmnic0",' "$("$localcli" --formatter=json hardware pci list)"
is "localcli and esxcli agree" "$("$esxcli" system settings kernel list)" "$("$localcli" system settings kernel list)"

# ---- kernel settings ----

is "settings of 9.0" 332 "$(kv system settings kernel list | grep -c 'Name\.string=')"
is "a description of two lines" 1 "$(kv system settings kernel list | grep -c '^Values: 3 = Auto')"
is "a spilling table" 1 "$(($("$esxcli" system settings kernel list | grep -c '^   ') > 300))"
is "atsSupport" "TRUE TRUE TRUE Bool" "$(kernel atsSupport Configured) $(kernel atsSupport Runtime) $(kernel atsSupport Default) $(kernel atsSupport Type)"
is "empty value" "structure[0].SettingsKernel.Runtime.string=" "$(kv system settings kernel list -o atsDisallowPCIeVidDid | grep Runtime)"
rc "set" 0 "$esxcli" system settings kernel set -s vga -v false
is "set prints nothing" "" "$out"
is "table after set" "Name  Type  Configured  Runtime  Default  Description
----  ----  ----------  -------  -------  -----------
vga   Bool  FALSE       TRUE     TRUE     Enable/Disable VGA support." "$("$esxcli" system settings kernel list -o vga)"
rc "unknown setting" 1 "$esxcli" system settings kernel set --setting=noSuch --value=TRUE
"$sim" reboot "$h"
is "set after reboot" "FALSE FALSE" "$(kernel vga Configured) $(kernel vga Runtime)"
set_ kernel.enableACSDTP2P.absent=1
rc "absent setting" 1 "$esxcli" system settings kernel list -o enableACSDTP2P
host old stock-8.0.3
is "settings of 8.0.3" 318 "$(kv system settings kernel list | grep -c 'Name\.string=')"
is "no enableACSDTP2P in 8" "" "$(kernel enableACSDTP2P Runtime)"
is "no Maintenance in 8" "" "$("$esxcli" system version get | grep Maintenance)"

# ---- PCI ----

host pci ready-9.0
list=$("$esxcli" hardware pci list)
is "fields of a device" 37 "$(sed -n '/^0000:1a:00.0$/,/^$/p' <<<"$list" | grep -c '^   ')"
is "GPUs" 8 "$(grep -c '^   Device ID: 0x2330$' <<<"$list")"
is "NVSwitches" 4 "$(grep -c '^   Device ID: 0x22a3$' <<<"$list")"
is "HCAs" "1a 3c 4d 5e 9c bc cc dc" "$(grep -B11 '^   Device ID: 0x1021$' <<<"$list" | sed -n 's/^   Address: 0000:\(..\):00.0$/\1/p' | paste -sd' ')"
is "switches" 8 "$(grep -A1 '^   Device ID: 0xc030$' <<<"$list" | grep -c 'SubVendor ID: 0x1028')"
is "ids of switches" "2330 2330 2331 2331 2333 2333 2332 2332" "$(grep -A3 '^   Device ID: 0xc030$' <<<"$list" | sed -n 's/^   SubDevice ID: 0x//p' | paste -sd' ')"
dump=$("$h/bin/lspci" -d | sed -n '/^0000:16:00.0 /,/^f0:/p')
is "rows of a dump" 17 "$(wc -l <<<"$dump")"
has "capabilities of a switch" "b0: 0d 00 00 00 28 10 30 23 00 00 00 00 00 00 00 00" "$dump"
is "decimal parent" "PCI 0:23:1:0" "$(field 0000:1a:00.0 'Parent Device')"
is "hex ids" "structure[0].PCIDevice.VendorID.string=0x8086" "$(kv hardware pci list | grep -m1 '\.VendorID\.')"
set_ esxcli.pci_numbers=decimal
is "decimal ids" "structure[0].PCIDevice.VendorID.integer=32902" "$(kv hardware pci list | grep -m1 '\.VendorID\.')"
set_ pci.0000:1a:00.0.SubVendorID=0x1028 hca.2.absent=1
is "overridden field" 0x1028 "$(field 0000:1a:00.0 'SubVendor ID')"
is "absent device" "" "$(field 0000:4d:00.0 'Vendor ID')"
has "passthru list" "0000:1a:00.0  false" "$("$esxcli" hardware pci pcipassthru list)"
"$esxcli" hardware pci pcipassthru set -d 0000:1a:00.0 -e true
is "passthru after reboot" "VM Passthru/VMkernel" "$(field 0000:1a:00.0 'Configured Owner')/$(field 0000:1a:00.0 'Current Owner')"
"$esxcli" hardware pci pcipassthru set --device-id=0000:3c:00.0 --enable=true --apply-now
is "passthru at once" "VM Passthru pciPassthru" "$(field 0000:3c:00.0 'Current Owner') $(field 0000:3c:00.0 'Module Name')"

# ---- passthru.map and reboot ----

host map stock-9.0
gpu=0000:18:00.0
map=$h/etc/vmware/passthru.map
edit() {
    local text
    text=$(sed 's/^10de ffff .*/10de ffff flr false/' "$map" && echo .)
    printf %s "${text%.}" >"$map"
}
is "stock line" "10de ffff bridge false" "$(grep ^10de "$map")"
is "stock reset" "Bridge reset" "$(field $gpu 'Reset Method')"
edit
"$sim" reboot "$h"
is "edit without backup is lost" "10de ffff bridge false" "$(grep ^10de "$map")"
edit
rc "backup" 0 "$backup"
is "not in force before the reboot" "Bridge reset" "$(field $gpu 'Reset Method')"
touch "$h/var/run/hostprep/boot"
"$sim" reboot "$h"
is "edit with backup stays" "10de ffff flr false" "$(grep ^10de "$map")"
is "flr in force" "Function reset" "$(field $gpu 'Reset Method')"
is "var/run is emptied" "" "$(ls "$h/var/run/hostprep")"
cp "$map" "$map.new" && sed -i s/flr/d3d0/ "$map.new" && chmod 1644 "$map.new" && mv "$map.new" "$map"
rc "backup of another inode" 0 "$backup"
"$sim" reboot "$h"
is "another inode is not archived" "10de ffff flr false" "$(grep ^10de "$map")"
set_ passthru.shadow=0
sed 's/flr/link/' "$map" >"$work/text" && cat "$work/text" >"$map"
rc "backup without marker" 0 "$backup"
"$sim" reboot "$h"
is "without marker nothing is archived" "10de ffff flr false" "$(grep ^10de "$map")"
set_ map=d3d0
"$sim" reboot "$h"
is "d3d0" "D3D0 reset" "$(field $gpu 'Reset Method')"

# ---- mst ----

host mst ready-9.0
is "status" "MST devices:
------------
mt4129_pciconf0" "$("$mst" status | head -3)"
is "status -vv" "PCI devices:
------------
DEVICE_TYPE             MST                           PCI       RDMA            NET                                     NUMA
ConnectX7(rev:0)        mt4129_pciconf0               1a:00.0" "$("$mst" status -vv | head -4)"
set_ hca.7.uplink=vmnic4 hca.6.type=NA
has "NET slides" "ConnectX7(rev:0)        mt4129_pciconf7               dc:00.0   net-vmnic4" "$("$mst" status -vv)"
has "type NA" "NA                      mt4129_pciconf6               cc:00.0" "$("$mst" status -vv)"
set_ mft.version=4.36
has "NET in its place" "ConnectX7(rev:0)        mt4129_pciconf7               dc:00.0                   net-vmnic4" "$("$mst" status -vv)"
set_ hca.0.functions=2 hca.1.listed=0
has "second port" "mt4129_pciconf0.1" "$("$mst" status)"
is "not listed" "" "$("$mst" status | grep pciconf1)"
set_ mst.state=stopped
rc "stopped" 1 "$mst" status -vv
has "stopped" "    No MST devices were found or MST modules are not loaded." "$out"
rc "no device" 3 "$mlxconfig" -d mt4129_pciconf3 query ATS_ENABLED
rc "start" 0 "$mst" start
is "start" "Module mst loaded successfully" "$out"
rc "started" 0 "$mst" status
set_ mst.state=none mst.none_rc=0
rc "none with rc 0" 0 "$mst" status

# ---- mlxconfig: the forms by version ----

dev="-d mt4129_pciconf7"
host mlx stock-9.0
# form VERSION HEAD ROW: of -e after set
form() {
    set_ "mft.version=$1" hca.7.current=0 hca.7.next=1
    # shellcheck disable=SC2086
    out=$("$mlxconfig" $dev -e query ATS_ENABLED)
    is "$1 heads" "$2" "$(grep ^Config <<<"$out")"
    is "$1 row" "$3" "$(grep ATS_ENABLED <<<"$out")"
}
form 4.17 "Configurations:                              Default         Current         Next Boot" \
    "*        ATS_ENABLED                         False(0)        False(0)        True(1)         "
form 4.22 "Configurations:                                      Default         Current         Next Boot" \
    "*        ATS_ENABLED                                 False(0)        False(0)        True(1)         "
form 4.25 "Configurations:                                      Default         Current         Next Boot" \
    "*       ATS_ENABLED                                 False(0)        False(0)        True(1)         "
form 4.28 "Configurations:                                     Default              Current              Next Boot" \
    "*       ATS_ENABLED                                 False(0)             False(0)             True(1)             "
form 4.30.1 "Configurations:                                          Default             Current         Next Boot" \
    "*       ATS_ENABLED                                 False(0)             False(0)             True(1)             "
form 4.32 "Configurations:                                          Default             Current         Next Boot" \
    "*       ATS_ENABLED                                 False(0)             False(0)             True(1)             "
set_ mft.version=4.36
# shellcheck disable=SC2086
out=$("$mlxconfig" $dev -e query ATS_ENABLED)
is "4.36 columns" "56 90 124" "$(awk '/ATS_ENABLED/ { print index($0, "False(0)") - 1, index(substr($0, 66), "False(0)") + 64, index($0, "True(1)") - 1 }' <<<"$out")"

# ---- mlxconfig: query, set, reboot ----

host mlxset stock-9.0 mft.version=4.32
# shellcheck disable=SC2086
is "query" "
Device #1:
----------

Device type:        ConnectX7           
Name:               MCX755106AS-HEA_Ax  
Description:        NVIDIA ConnectX-7 simulated adapter card; 400GbE / NDR IB (default mode); PCIe 5.0 x16;
Device:             mt4129_pciconf7     

Configurations:                                          Next Boot
        ATS_ENABLED                                 False(0)            " "$("$mlxconfig" $dev query ATS_ENABLED)"
rc "set" 0 "$mlxconfig" -d mt4129_pciconf7 -y set ATS_ENABLED=true
is "set" "Configurations:                                          Next Boot       New
        ATS_ENABLED                                 False(0)             True(1)             

 Apply new Configuration? (y/n) [n] : y
Applying... Done!
-I- Please reboot machine to load new configurations." "$(tail -6 <<<"$out")"
is "set is pending" "False(0) True(1)" "$(ats 7 3) $(ats 7)"
"$sim" reboot "$h" --quick
is "not at a quick boot" "False(0) 1" "$(ats 7 3) $("$vsish" -e get /system/loadESX/isBootLoadESX)"
"$sim" reboot "$h"
is "at a warm boot" "True(1) 0" "$(ats 7 3) $("$vsish" -e get /system/loadESX/isBootLoadESX)"
has "the star stays" "The '*' shows parameters with next value different from default/current value." \
    "$("$mlxconfig" -d mt4129_pciconf7 -e q ATS_ENABLED)"
set_ hca.6.needs_cold=1
rc "set with power line" 0 "$mlxconfig" -d /dev/mst/mt4129_pciconf6 -y s ATS_ENABLED=1
has "power line" "-I- Please power cycle machine to load new configurations." "$out"
"$sim" reboot "$h"
is "not at a warm boot" "False(0) True(1)" "$(ats 6 3) $(ats 6)"
"$sim" reboot "$h" --cold
is "at a cold boot" "True(1)" "$(ats 6 3)"
rc "refused" 2 "$mlxconfig" -d mt4129_pciconf5 set ATS_ENABLED=1
is "refused" " Apply new Configuration? (y/n) [n] : -E- Aborted by user." "$(tail -1 <<<"$out")"
is "refused changes nothing" "False(0)" "$(ats 5)"
rc "by address" 0 "$mlxconfig" -d 1a:00.0 q ATS_ENABLED
rc "all devices" 0 "$mlxconfig" q ATS_ENABLED
is "all devices" 8 "$(grep -c '^Device #' <<<"$out")"
rc "unknown parameter" 3 "$mlxconfig" -d mt4129_pciconf0 q ats_enabled
is "unknown parameter" "-E- Unknown Parameter: ats_enabled" "$(tail -1 <<<"$out")"
rc "unknown value" 3 "$mlxconfig" -d mt4129_pciconf0 -y set ATS_ENABLED=2
is "unknown value" "-E- Unknown value 2" "$(tail -1 <<<"$out")"
rc "bad option" 3 "$mlxconfig" --json q
is "bad option" "-E- invalid argument: --json" "$(head -1 <<<"$out")"
rc "version" 0 "$mlxconfig" -v
is "version" "mlxconfig, mft 4.32.0-120" "$(cut -d, -f1,2 <<<"$out")"

# columns COLUMNS HEAD TRAILER
columns() {
    set_ "hca.7.columns=$1"
    out=$("$mlxconfig" -d mt4129_pciconf7 -e q ATS_ENABLED)
    is "columns $1" "$2" "$(grep ^Config <<<"$out")"
    is "columns $1 trailer" "$3" "$(tail -1 <<<"$out")"
}
columns cn "Configurations:                                            Current         Next Boot" \
    "Device Firmware does not support reading default configurations"
columns dn "Configurations:                                          Default         Next Boot" \
    "Device Firmware does not support reading current configurations"
columns n "Configurations:                                          Next Boot" \
    "Device Firmware does not support reading default and current configurations"
set_ hca.7.columns=dcn hca.7.ro=1
has "read-only" "*RO     ATS_ENABLED                                 False(0)             True(1)              True(1)             " \
    "$("$mlxconfig" -d mt4129_pciconf7 -e q ATS_ENABLED)"
rc "set of read-only" 3 "$mlxconfig" -d mt4129_pciconf7 -y set ATS_ENABLED=0
is "set of read-only" "-E- The Device doesn't support ATS_ENABLED parameter" "$(tail -1 <<<"$out")"

# error CLASS LAST-LINE ARGUMENTS...
error() {
    local class=$1 line=$2
    shift 2
    set_ "hca.0.error=$class"
    rc "error $class" 3 "$mlxconfig" -d mt4129_pciconf0 "$@" ATS_ENABLED=1
    is "error $class" "$line" "$(tail -1 <<<"$out")"
}
error open "-E- Failed to open the device" -y set
error identify "-E- Failed to identify the device" -y set
error livefish "-E- Device in Livefish mode is not supported" -y set
error nvaccess "-E- Error when trying to check if NV access registers are supported" -y set
error get-semaphore "-E- Failed to get nv_pci_conf settings Semaphore locked" -y set
error set-rejected "-E- Failed to set nv_pci_conf settings The configuration is rejected" -y set
error unsupported "-E- The Device doesn't support ATS_ENABLED parameter" -y set
set_ hca.0.error=probe-busy
rc "error with -e" 3 "$mlxconfig" -d mt4129_pciconf0 -e q ATS_ENABLED
rc "none without -e" 0 "$mlxconfig" -d mt4129_pciconf0 q ATS_ENABLED
set_ hca.0.error=get-busy hca.0.error_times=1
rc "first call fails" 3 "$mlxconfig" -d mt4129_pciconf0 -e q ATS_ENABLED
rc "second call succeeds" 0 "$mlxconfig" -d mt4129_pciconf0 -e q ATS_ENABLED

# ---- maintenance mode, reboot request, VIBs ----

host mm stock-9.0
rc "reboot refused" 1 "$esxcli" system shutdown reboot -d 10 -r test
is "reboot refused" "System is not in maintenance mode. Cannot perform requested operation." "$out"
rc "enter" 0 "$esxcli" system maintenanceMode set -e true -t 60
rc "enter twice" 1 "$esxcli" system maintenanceMode set -e true
is "enter twice" "Maintenance mode is already enabled." "$out"
rc "reboot" 0 "$esxcli" system shutdown reboot -d 10 -r test
is "reboot is marked" 1 "$("$sim" get "$h" reboot_requested)"
set_ vms=2 vib.nmst.next=4.32.0.120-1OEM.801.0.0.21495797
is "VMs" 2 "$("$esxcli" vm process list | grep -c '   World ID: ')"
is "rebooting image" 1 "$("$esxcli" software vib list --rebooting-image | grep -c '^nmst .*4\.32')"
is "booted image" 1 "$("$esxcli" software vib list | grep -c '^nmst .*4\.31')"
"$sim" reboot "$h"
is "after reboot" "Enabled 0 1" "$("$esxcli" system maintenanceMode get) $("$esxcli" vm process list | wc -l) $("$esxcli" software vib list | grep -c '^nmst .*4\.32')"
is "uptime runs anew" 1 "$(($("$esxcli" system stats uptime get) < 120000000))"
rc "parameters" 0 "$esxcli" system module parameters set -m nmlx5_core -p max_vfs=4
rc "parameters are replaced" 0 "$esxcli" system module parameters set -m nmlx5_core -p mst_recovery=1
is "parameters are replaced" "nmlx5_core enabled = 1 options = 'mst_recovery=1'" "$("$h/bin/esxcfg-module" -g nmlx5_core)"

# ---- faults, latency, log ----

host fault ready-9.0 fault.esxcli.hardware.pci.list=cut:2000 fault.esxcli.system.version.get=exit:7@1
is "cut" 2000 "$("$esxcli" hardware pci list | wc -c)"
rc "once" 7 "$esxcli" system version get
rc "then no more" 0 "$esxcli" system version get
set_ fault.mlxconfig.mt4129_pciconf3=hang fault.mst=not-found fault.esxcli.network.nic.list=garbage fault.vsish=signal:9 \
    fault.esxcli.system.settings.kernel.set=lie fault.localcli=big:100000 fault.esxcli.system.uuid.get=child-keeps-pipe:2
rc "hang" 124 timeout 1 "$mlxconfig" -d mt4129_pciconf3 -e query ATS_ENABLED
rc "not found" 127 "$mst" status
rc "lie" 0 "$esxcli" system settings kernel set -s vga -v FALSE
is "lie" TRUE "$(kernel vga Configured)"
is "garbage" 3000 "$("$esxcli" network nic list | wc -c)"
is "big" 1 "$(($("$localcli" system version get | wc -c) >= 100000))"
rc "signal" 137 bash -c "'$vsish' -e get /system/loadESX/isBootLoadESX; exit \$?"
before=$SECONDS
"$esxcli" system uuid get | cat >/dev/null
is "child keeps the pipe" 1 "$((SECONDS - before >= 1))"
set_ fault.mst= fault.esxcli.software=text:1:no\\nway mlxconfig.latency_ms=300
rc "found again" 0 "$mst" status
rc "text" 1 "$esxcli" software vib list
is "text" "no
way" "$out"
rm -f "$h/.esxsim/calls"
for n in 0 1 2; do "$mlxconfig" -d mt4129_pciconf$n q ATS_ENABLED >/dev/null & done
wait
is "overlap is logged" "start start start end end end" "$(awk '{ print $1 }' "$h/.esxsim/calls" | paste -sd' ')"
is "arguments are logged" "mlxconfig -d mt4129_pciconf1 q ATS_ENABLED" "$(grep -o 'mlxconfig -d mt4129_pciconf1.*' "$h/.esxsim/calls")"
set_ mlxconfig.latency_ms=0 fault.mlxconfig.mt4129_pciconf3=
for n in 0 1 2 3 4 5 6 7; do "$mlxconfig" -d mt4129_pciconf$n -y set SRIOV_EN=1 >/dev/null & done
wait
is "concurrent changes are all kept" 8 "$("$sim" get "$h" | grep -c 'param.SRIOV_EN.next=1')"
cd "$h" || exit 1
rc "relative path" 0 bin/esxcli system uuid get
cd / || exit 1
rc "through PATH" 0 env "PATH=$h/bin" esxcli system uuid get
rc "wrong key" 70 "$sim" set "$h" nosuch=1
rc "wrong fault" 70 "$sim" set "$h" fault.esxcli=explode

# shellcheck source=selftest_packages.sh
. "$here/selftest_packages.sh"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
