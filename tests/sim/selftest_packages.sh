# shellcheck shell=bash disable=SC2154 # work, sim, h ... are of selftest.sh
# The part of selftest.sh on packages: VIBs, bundles, extensions of esxcli. All of them are made here with ar, tar, gzip
# and zip, so that neither the simulator nor vibpack is asked what they should look like.

# sha KIND FILE
sha() { "sha$1sum" <"$2" | cut -d' ' -f1; }

# payload VERSION: a tree with a program that answers as an extension must, and the extension
payload() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/opt/testtool/bin" "$work/tree/usr/lib/vmware/esxcli/ext"
    cat >"$work/tree/opt/testtool/bin/tool" <<'END'
#!/bin/sh
begin='<?xml version="1.0"?><output xmlns="http://www.vmware.com/Products/ESX/5.0/esxcli/">'
row() { printf '<structure typeName="Finding"><field name="Check"><string>%s</string></field><field name="Count"><integer>%s</integer></field><field name="Long Name"><string>%s</string></field></structure>' "$1" "$2" "$3"; }
case $1 in
text) printf '%s<string>version VERSION
a &lt; b</string></output>' "$begin" ;;
args) shift; printf '%s<string>' "$begin"; for a; do printf '[%s]' "$a"; done; printf '</string></output>' ;;
env) printf '%s<string>%s</string></output>' "$begin" "$(env | grep -v -e ^PWD -e ^_ -e ^SHLVL | sort | cut -d= -f1 | paste -sd' ')" ;;
one) printf '%s' "$begin"; row a 1 A; printf '</output>' ;;
list) printf '%s<list type="structure">' "$begin"; row alpha 1 'first, one'; row b 22 '"second"'; printf '</list></output>' ;;
lines) printf '%s<list type="string"><string>x</string><string>y</string></list></output>' "$begin" ;;
nested) v=$("$4/bin/localcli" system version get | sed -n 's/ *Version: //p'); printf '%s<string>%s</string></output>' "$begin" "$v" ;;
fail) printf '%s<string>x</string></output>' "$begin"; exit 3 ;;
garbage) echo hello ;;
wrong) printf '%s' "$begin"; row a many A; printf '</output>' ;;
hang) sleep 30 ;;
big) yes 2>/dev/null ;;
esac
END
    sed -i "s/VERSION/$1/" "$work/tree/opt/testtool/bin/tool"
    chmod 755 "$work/tree/opt/testtool/bin/tool"
    extension >"$work/tree/usr/lib/vmware/esxcli/ext/esxcli-testtool.xml"
}

# command NAME OUTPUT FORMAT ARGUMENTS [PARAMETERS]
command_() {
    printf '<command path="testtool.%s"><description>About %s</description><input-spec>%s</input-spec><output-spec>%s</output-spec><format-parameters>%s</format-parameters><execute>/opt/testtool/bin/tool %s</execute></command>\n' \
        "$1" "$1" "${5:-}" "$2" "$3" "$4"
}

extension() {
    local one='<structure typeName="Finding"><field name="Check"><string/></field><field name="Count"><integer/></field><field name="Long Name"><string/></field></structure>'
    local simple='<formatter>simple</formatter>' name
    echo '<?xml version="1.0"?><plugin xmlns="http://www.vmware.com/Products/ESX/5.0/esxcli/"><version>1.0.0</version><namespaces>'
    for name in testtool testtool.text testtool.odd; do
        echo "<namespace path=\"$name\"><description>Space $name</description></namespace>"
    done
    echo '</namespaces><commands>'
    command_ text.get '<string/>' "$simple" text
    command_ one '<structure typeName="Finding"><field name="Check"><string/></field><field name="Count"><integer/></field><field name="Long Name"><string/></field></structure>' "$simple" one
    command_ list "<list type=\"structure\">$one</list>" '<formatter>table</formatter><format-parameter name="fields:Finding">Check,Long Name</format-parameter>' list
    command_ lines '<list type="string"/>' "$simple" lines
    command_ args '<string/>' "$simple" "args '\$val{name}' \$if{loud,--loud}" \
        '<parameter name="name" type="string" required="true" shortname="n"><description>N</description></parameter><parameter name="loud" type="flag"><description>L</description></parameter><parameter name="kind" type="string"><description>K</description><constraint type="stringenum"><enum><enum-value value="a">a</enum-value></enum></constraint></parameter>'
    command_ odd.open '<string/>' "$simple" "args \$val{name}" '<parameter name="name" type="string"><description>N</description></parameter>'
    command_ odd.wrong "$one" "$simple" wrong
    for name in env fail garbage hang big; do command_ "odd.$name" '<string/>' "$simple" "$name"; done
    command_ nested '<string/>' "$simple" 'nested x'
    echo '</commands></plugin>'
}

# vib FILE [KEY=VALUE...]: a VIB of $work/tree, in the form of GNU ar, as lamw/dummy-esxi-reboot-vib makes them
vib() {
    local file=$1 name=testtool version=1.0.0-1 vendor=LAB level=community live=true remove=true maintenance=false overlay=false
    local type=tgz payload=testtool depends='' platform='' sums=all files='' format=gnu gunzip='' trail='' prefix='' bare='' sig=/dev/null descriptor=''
    shift
    [ $# -eq 0 ] || local "$@"
    local d=$work/vib.d list
    rm -rf "$d" && mkdir "$d"
    (cd "$work/tree" && find . -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort |
        tar -c --format="$format" --owner=root:0 --group=root:0 --mtime=@1700000000 --sort=name -T - -f "$d/tar") || return 1
    [ -z "$prefix" ] || tar -c --format=gnu --sort=name -C "$work/tree" -f "$d/tar" .
    [ -z "$bare" ] || (cd "$work/tree" && find . -type f -printf '%P\n' | tar -c --format=gnu -T - -f "$d/tar")
    gzip -n <"$d/tar" >"$d/$payload"
    printf %s "$trail" >>"$d/$payload"
    list=$(cd "$work/tree" && find . -type f -printf '%P\n' | LC_ALL=C sort | sed 's/.*/<file>&<\/file>/')
    : "${gunzip:=$(sha 256 "$d/tar")}"
    [ "$sums" != all ] || sums="<checksum checksum-type=\"sha-256\">$(sha 256 "$d/$payload")</checksum><checksum checksum-type=\"sha-256\" verify-process=\"gunzip\">$gunzip</checksum><checksum checksum-type=\"sha-1\" verify-process=\"gunzip\">$(sha 1 "$d/tar")</checksum>"
    [ "$sums" != raw ] || sums="<checksum checksum-type=\"sha-256\">$(sha 256 "$d/$payload")</checksum>"
    cat >"$d/descriptor.xml" <<END
<vib version="5.0">
  <type>bootbank</type>
  <name>$name</name>
  <version>$version</version>
  <vendor>$vendor</vendor>
  <summary>A tool to test with</summary>
  <description>It does nothing</description>
  <release-date>2026-03-05T14:02:31</release-date>
  <urls><url key="website">https://lab.example/</url></urls>
  <relationships><depends>$depends</depends><conflicts/><replaces/><provides/><compatibleWith/></relationships>
  <software-tags></software-tags>
  <system-requires><maintenance-mode>$maintenance</maintenance-mode>$platform</system-requires>
  <file-list>${files:-$list}</file-list>
  <acceptance-level>$level</acceptance-level>
  <live-install-allowed>$live</live-install-allowed>
  <live-remove-allowed>$remove</live-remove-allowed>
  <cimom-restart>false</cimom-restart>
  <stateless-ready>true</stateless-ready>
  <overlay>$overlay</overlay>
  <payloads><payload name="$payload" type="$type" size="$(stat -c %s "$d/$payload")">$sums</payload></payloads>
</vib>
END
    [ -z "$descriptor" ] || sed -i "$descriptor" "$d/descriptor.xml"
    cp "$sig" "$d/sig.pkcs7"
    rm -f "$file"
    (cd "$d" && ar rcSD "$file" descriptor.xml sig.pkcs7 "$payload")
}

# bundle FILE VIB [KEY=VALUE...]: a bundle of one VIB, one component and (second=NAME) another bulletin with it
bundle() {
    local file=$1 its=$2 component=testtool version=1.0.0-1 platform='9.*' second='' metadata='' bulletin='' copy='' size='' code=LAB plain=''
    shift 2
    [ $# -eq 0 ] || local "$@"
    local b=$work/bundle.d id path name spec text
    rm -rf "$b" && mkdir -p "$b/m/bulletins" "$b/m/vibs" "$b/vib20/testtool"
    ar p "$its" descriptor.xml >"$b/descriptor"
    field_() { sed -n "s|^  <$1>\\(.*\\)</.*|\\1|p" "$b/descriptor"; }
    id=$(field_ vendor)_$(field_ type)_$(field_ name)_$(field_ version)
    path=vib20/testtool/$id.vib
    cp "$its" "$b/$path"
    : "${size:=$(stat -c %s "$its")}"
    cat >"$b/index.xml" <<END
<vendorList><vendor><name>Lab</name><code>$code</code><indexfile>vendor-index.xml</indexfile><patchUrl></patchUrl><relativePath></relativePath>
<content><name>VMware ESX</name><type>http://www.vmware.com/depotmanagement/esx</type></content></vendor></vendorList>
END
    cat >"$b/vendor-index.xml" <<END
<metaList><metadata><productId>embeddedEsx</productId><version>$platform</version><locale></locale><url>metadata.zip</url><channelName>default</channelName></metadata></metaList>
END
    cp "$b/vendor-index.xml" "$b/m/"
    text='<metadataResponse><version>3.0</version><timestamp>2026-03-05T14:02:31.000000</timestamp>'
    for name in "$component" $second; do
        spec="<componentNameSpec name=\"$name\" uiString=\"Test tool\"/><componentVersionSpec uiString=\"$version\" version=\"$version\"/>"
        [ -z "$plain" ] || spec=
        local head="<bulletin><id>${name}_$version</id><vendor>Lab</vendor><summary>S</summary><severity>general</severity><category>Enhancement</category><urgency>Important</urgency><releaseType>extension</releaseType><description>D</description><kbUrl>https://lab.example/</kbUrl><contact>lab@lab.example</contact>$spec<releaseDate>2026-03-05T00:00:00.000000+00:00</releaseDate><platforms><softwarePlatform locale=\"\" version=\"$platform\" productLineID=\"embeddedEsx\"/></platforms>"
        echo "$head<vibList><vibID>$id</vibID></vibList></bulletin>" >"$b/m/bulletins/${name}_$version.xml"
        text="$text$head<vibList><vib><vibVersion>1.4.5</vibVersion><vibID>$id</vibID><name>testtool</name><version>${id##*_}</version><vendor>LAB</vendor><vibType>bootbank</vibType><summary>S</summary><systemReqs><maintenanceMode>false</maintenanceMode><swPlatform locale=\"\" version=\"$platform\" productLineID=\"embeddedEsx\"/></systemReqs><relationships><depends/><conflicts/><replaces/><provides/><compatibleWith/></relationships><postInstall><rebootRequired>false</rebootRequired><hostdRestart>false</hostdRestart></postInstall><softwareTags/><vibFile><sourceUrl></sourceUrl><relativePath>$path</relativePath><packedSize>$size</packedSize><checksum><checksumType>sha-256</checksumType><checksum>$(sha 256 "$its")</checksum></checksum></vibFile></vib></vibList></bulletin>"
    done
    echo "$text</metadataResponse>" >"$b/m/vmware.xml"
    ar p "$its" descriptor.xml | sed "s|</software-tags>|&<relative-path>$path</relative-path><packed-size>$size</packed-size><checksum checksum-type=\"sha-256\">$(sha 256 "$its")</checksum>|; s|</system-requires>|<softwarePlatform version=\"$platform\" locale=\"\" productLineID=\"embeddedEsx\"/>&|" >"$b/m/vibs/testtool-12345.xml"
    [ -z "$metadata" ] || sed -i "$metadata" "$b/m/vmware.xml"
    [ -z "$bulletin" ] || sed -i "$bulletin" "$b"/m/bulletins/*.xml
    [ -z "$copy" ] || sed -i "$copy" "$b"/m/vibs/*.xml
    rm -f "$file"
    (cd "$b/m" && zip -qr ../metadata.zip .) && (cd "$b" && zip -qr "$file" index.xml vendor-index.xml metadata.zip vib20)
}

# tree_of: every file and directory of the host, but for what changes by itself
tree_of() { (cd "$h" && find . \( -path ./.esxsim -o -path ./var/log \) -prune -o -printf '%P %y %m %U:%G %l\n' | LC_ALL=C sort); }

software() { "$esxcli" software "$@"; }

# refused WHAT CLASS TEXT COMMAND...: exit 1, the class on the first line, TEXT somewhere, nothing changed
refused() {
    local what=$1 class=$2 text=$3 before
    shift 3
    before=$(tree_of && "$sim" get "$h")
    rc "$what" 1 "$@"
    is "$what: class" " [$class]" "$(head -1 <<<"$out")"
    case $out in *"$text"*) passed=$((passed + 1)) ;; *) is "$what: text" "$text" "$out" ;; esac
    is "$what: changes nothing" "$before" "$(tree_of && "$sim" get "$h")"
}

v=$work/v
mkdir "$v"
payload one
vib "$v/one.vib"

# ---- acceptance ----

host pkg stock-9.0
empty=$(tree_of)
refused "community at PartnerSupported" AcceptanceConfigError " VIB LAB_bootbank_testtool_1.0.0-1's acceptance level is community, which is not compliant with the ImageProfile acceptance level partner
 To change the host acceptance level, use the 'esxcli software acceptance set' command.
 Please refer to the log file for more details." "$esxcli" software vib install -v "$v/one.vib" -f
refused "no-sig-check does not help" AcceptanceConfigError partner "$esxcli" software vib install -v "$v/one.vib" --no-sig-check
set_ secureboot=1
refused "Secure Boot" AcceptanceConfigError "" "$esxcli" software acceptance set --level CommunitySupported
set_ secureboot=0
rc "acceptance set" 0 "$esxcli" software acceptance set --level=CommunitySupported
is "acceptance set" "Host acceptance level changed to 'CommunitySupported'." "$out"
is "acceptance get" CommunitySupported "$(software acceptance get)"
rc "no such level" 1 "$esxcli" software acceptance set --level=communitysupported

# ---- a live install, and what is left when it is taken away ----

rc "dry run" 0 "$esxcli" software vib install -v "$v/one.vib" --dry-run
has "dry run" "   VIBs Installed: LAB_bootbank_testtool_1.0.0-1" "$out"
is "a dry run changes nothing" "$empty" "$(tree_of)"
rc "install" 0 "$esxcli" software vib install -v "file://$v/one.vib"
is "install" "Installation Result
   Message: Operation finished successfully.
   VIBs Installed: LAB_bootbank_testtool_1.0.0-1
   VIBs Removed: 
   VIBs Skipped: 
   Reboot Required: false
   DPU Results: " "$out"
is "files" "opt/testtool d 755
opt/testtool/bin d 755
opt/testtool/bin/tool f 755
usr/lib/vmware/esxcli/ext/esxcli-testtool.xml f 644" "$(cd "$h" && find opt usr -printf '%p %y %m\n' | grep testtool | LC_ALL=C sort)"
is "the same bytes" "$(sha 256 "$work/tree/opt/testtool/bin/tool")" "$(sha 256 "$h/opt/testtool/bin/tool")"
is "listed" "testtool 1.0.0-1 LAB CommunitySupported $(date -u +%F) host" "$(software vib list | grep ^testtool | tr -s ' ')"
is "get" "LAB_bootbank_testtool_1.0.0-1
   Name: testtool
   Version: 1.0.0-1
   Type: bootbank
   Vendor: LAB
   Acceptance Level: CommunitySupported
   Summary: A tool to test with
   Description: It does nothing
   ReferenceURLs: website|https://lab.example/
   Creation Date: 2026-03-05" "$(software vib get -n testtool | head -10)"
is "no rebooting image" "" "$(software vib list --rebooting-image)"
rc "again" 0 "$esxcli" software vib install -v "$v/one.vib"
has "again" "   Message: Host is not changed." "$out"
has "again" "   VIBs Skipped: LAB_bootbank_testtool_1.0.0-1" "$out"
refused "level above an installed VIB" AcceptanceConfigError "Unable to set acceptance level of partner due to installed VIBs LAB_bootbank_testtool_1.0.0-1 having a lower acceptance level." \
    "$esxcli" software acceptance set --level PartnerSupported
echo x >>"$work/tree/opt/testtool/bin/tool"
vib "$v/other.vib"
refused "same version, other content" ValueError "have unequal values of the 'payloads' attribute" "$esxcli" software vib install -v "$v/other.vib"

payload two
touch "$work/tree/opt/testtool/new"
vib "$v/two.vib" version=1.0.0-10
rc "upgrade" 0 "$esxcli" software vib update --viburl="$v/two.vib"
is "upgrade" "LAB_bootbank_testtool_1.0.0-10/LAB_bootbank_testtool_1.0.0-1" "$(sed -n 's/   VIBs Installed: //p' <<<"$out")/$(sed -n 's/   VIBs Removed: //p' <<<"$out")"
is "upgraded files" "version two yes" "$(grep -oE 'version (one|two)' "$h/opt/testtool/bin/tool") $([ -e "$h/opt/testtool/new" ] && echo yes)"
rc "update with an older one" 0 "$esxcli" software vib update -v "$v/one.vib"
has "an older one is skipped" "   VIBs Skipped: LAB_bootbank_testtool_1.0.0-1" "$out"
rc "install of an older one" 0 "$esxcli" software vib install -v "$v/one.vib"
is "an older one replaces" "no version one" "$([ -e "$h/opt/testtool/new" ] || echo no) $(grep -oE 'version (one|two)' "$h/opt/testtool/bin/tool")"
mkdir -p "$h/var/run/hostprep" && touch "$h/scratch/hostprep/ledger" "$h/var/run/hostprep/last" "$h/opt/stray"
chmod 700 "$h/opt/testtool/bin/tool"
"$sim" reboot "$h"
is "a reboot rebuilds /opt" "755 " "$(stat -c %a "$h/opt/testtool/bin/tool") $(ls "$h/opt/stray" 2>/dev/null)"
is "tools stay" 0 "$("$mst" status >/dev/null; echo $?)"
rc "remove" 0 "$esxcli" software vib remove -n testtool
is "remove" "Removal Result
   Message: Operation finished successfully.
   VIBs Installed: 
   VIBs Removed: LAB_bootbank_testtool_1.0.0-1" "$(head -4 <<<"$out")"
is "scratch stays" yes "$([ -e "$h/scratch/hostprep/ledger" ] && echo yes)"
rm "$h/scratch/hostprep/ledger"
is "nothing else is left" "$empty" "$(tree_of)"
refused "remove twice" NoMatchError "No VIB matching VIB search specification 'testtool'." "$esxcli" software vib remove -n testtool

# ---- by a reboot ----

payload one
vib "$v/slow.vib" live=false
rc "not live" 0 "$esxcli" software vib install -v "$v/slow.vib"
has "not live" "   Message: The update completed successfully, but the system needs to be rebooted for the changes to be effective." "$out"
has "not live" "   Reboot Required: true" "$out"
is "not there yet" "$empty" "$(tree_of)"
is "in the rebooting image" "0 1" "$(software vib list | grep -c testtool) $(software vib list --rebooting-image | grep -c testtool)"
rc "get of the rebooting image" 0 "$esxcli" software vib get -n testtool --rebooting-image
rc "a live one meanwhile" 0 "$esxcli" software vib install -v "$v/two.vib"
has "a live one meanwhile waits too" "   Reboot Required: true" "$out"
rc "and away again" 0 "$esxcli" software vib remove -n testtool
is "nothing pending" "" "$(software vib list --rebooting-image)"
rc "live, but told not to" 0 "$esxcli" software vib install -v "$v/one.vib" --no-live-install
is "not there yet" "$empty" "$(tree_of)"
"$sim" reboot "$h"
is "there after the reboot" "1 version one" "$(software vib list | grep -c testtool) $(grep -oE 'version (one|two)' "$h/opt/testtool/bin/tool")"
rc "remove by a reboot" 0 "$esxcli" software vib remove -n testtool --no-live-install
is "still there" yes "$([ -e "$h/opt/testtool/bin/tool" ] && echo yes)"
"$sim" reboot "$h"
is "gone after the reboot" "$empty" "$(tree_of)"
vib "$v/mm.vib" maintenance=true
refused "maintenance mode" MaintenanceModeError LAB_bootbank_testtool "$esxcli" software vib install -v "$v/mm.vib"
rc "pretended" 0 "$esxcli" software vib install -v "$v/mm.vib" --maintenance-mode --dry-run
set_ maintenance=1
rc "in maintenance mode" 0 "$esxcli" software vib install -v "$v/mm.vib" --dry-run
set_ maintenance=0

# ---- what a host refuses ----

# bad WHAT CLASS TEXT [KEY=VALUE...]: of vib
bad() {
    local what=$1 class=$2 text=$3
    shift 3
    vib "$v/bad.vib" "$@"
    refused "$what" "$class" "$text" "$esxcli" software vib install -v "$v/bad.vib"
}
bad "no gunzip checksum" ProfileValidationError "does not have sha-256 gunzip checksum. This will prevent VIB security verification" sums=raw
bad "wrong gunzip checksum" InstallationError "Calculated digest at EOF does not match expected result: " gunzip="$(printf %064d 0)"
bad "wrong raw checksum" InstallationError "Calculated digest at EOF" descriptor='s|\(type="sha-256">\)......|\1000000|'
bad "wrong sha-1" InstallationError "Calculated digest at EOF" descriptor='s|\(type="sha-1" verify-process="gunzip">\)......|\1000000|'
bad "wrong size" VibFormatError "payload testtool has" descriptor='s|size="|&1|'
bad "long payload name" VibFormatError "1 to 15" descriptor='s|payload name="|&a12345678|'
bad "long ar name" VibFormatError "Could not read the VIB archive" payload=a123456789012345
bad "unlisted file" InstallationError "not in the file list" files="<file>opt/testtool/bin/tool</file>"
bad "file that is not there" InstallationError "in no payload" descriptor='s|<file-list>|&<file>opt/testtool/none</file>|'
bad "path with a slash" VibFormatError "no slash" files="<file>/opt/testtool/bin/tool</file>"
bad "path of 100 characters" VibFormatError "1 to 99" files="<file>opt/$(printf %096d 0)</file>"
bad "POSIX tar" InstallationError "magic of GNU tar" format=ustar
bad "names with ./" InstallationError "no plain relative path" prefix=1
bad "no directories" InstallationError "before its directory" bare=1
bad "bytes after the gzip member" InstallationError "1 bytes after the end" trail=x
bad "partner without signature" VibSigMissingError testtool level=partner
bad "overlay" VibValidationError "VIB LAB_bootbank_testtool_1.0.0-1 violates extensibility rule checks: [" overlay=true
bad "unknown element" VibFormatError colour descriptor='s|<overlay>|<colour/>&|'
bad "missing element" VibFormatError stateless-ready descriptor=/stateless-ready/d
bad "no boolean" VibFormatError overlay overlay=maybe
bad "no date" VibFormatError release-date descriptor='s|T14:02|T14.02|'
bad "a level that is none" VibFormatError acceptance-level level=friendly
bad "other release" ProfileValidationError platforms platform='<softwarePlatform version="8.*" locale="" productLineID="embeddedEsx"/>'
bad "dependency" DependencyError "VIB LAB_bootbank_testtool_1.0.0-1 requires esx-version >= 9.1.0, but the requirement cannot be satisfied within the ImageProfile." \
    depends='<constraint name="esx-version" relation="&gt;=" version="9.1.0"/>'
vib "$v/bad.vib" depends='<constraint name="esx-version" relation="&gt;=" version="8.0.3"/>'
rc "dependency that holds" 0 "$esxcli" software vib install -v "$v/bad.vib" --dry-run
vib "$v/bad.vib" level=partner
rc "partner with --no-sig-check" 0 "$esxcli" software vib install -v "$v/bad.vib" --no-sig-check --dry-run
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Lab -keyout "$v/key.pem" -out "$v/cert.pem" 2>/dev/null
openssl smime -sign -binary -in "$work/vib.d/descriptor.xml" -signer "$v/cert.pem" -inkey "$v/key.pem" -outform PEM -out "$v/sig" -md sha256
vib "$v/signed.vib" level=partner sig="$v/sig"
refused "a signer that is not trusted" VibSigInvalidError "trusted signer" "$esxcli" software vib install -v "$v/signed.vib"
set_ signature.ca="$v/cert.pem"
rc "a signer that is trusted" 0 "$esxcli" software vib install -v "$v/signed.vib" --dry-run
bad "a signature of something else" VibSigInvalidError signature level=partner sig="$v/sig" version=1.0.0-2
for name in bin/tool etc/vmware/daemon/config/x.json etc/testtool.conf; do
    rm -rf "$work/tree" && mkdir -p "$work/tree/$(dirname $name)" && touch "$work/tree/$name"
    bad "$name" VibValidationError "violates extensibility rule checks"
done
rm -rf "$work/tree" && mkdir -p "$work/tree/bin" && touch "$work/tree/bin/esxcli"
vib "$v/bad.vib"
refused "a file of another VIB" InstallationError "belongs to another VIB" "$esxcli" software vib install -v "$v/bad.vib" --no-sig-check
rm -rf "$work/tree" && mkdir -p "$work/tree/opt/x" && ln -s /etc "$work/tree/opt/x/link" && touch "$work/tree/opt/x/file"
bad "a link" InstallationError "neither file nor directory"
payload one
vib "$v/bad.vib"
(cd "$work/vib.d" && rm -f "$v/order.vib" && ar rcSD "$v/order.vib" sig.pkcs7 descriptor.xml testtool)
refused "members in another order" VibFormatError "must come first" "$esxcli" software vib install -v "$v/order.vib"
head -c 2000 "$v/bad.vib" >"$v/cut.vib"
refused "cut" VibFormatError archive "$esxcli" software vib install -v "$v/cut.vib"
cp "$v/one.vib" "$h/tmp/one.vib"
rc "a path of the host" 0 "$esxcli" software vib install -v /tmp/one.vib --dry-run
cd "$h/tmp" || exit 1
refused "relative path" VibDownloadError "unknown url type" "$esxcli" software vib install -v one.vib
refused "relative bundle" MetadataDownloadError "Could not download from depot at zip:/var/log/vmware/one.zip?index.xml, skipping" "$esxcli" software vib install -d one.zip
cd / || exit 1
rm "$h/tmp/one.vib"
refused "no such file" VibDownloadError "No such file" "$esxcli" software vib install -v "$v/none.vib"
rc "neither -v nor -d" 1 "$esxcli" software vib install
python3 - "$v/one.vib" "$v/official.vib" <<'END'
import sys
data, out, at = open(sys.argv[1], "rb").read(), b"!<arch>\n", 8
while at < len(data):  # the official form: no slash, every number 0 but the size
    name, size = data[at:at + 16].decode().rstrip(" ").rstrip("/"), int(data[at + 48:at + 58])
    body = data[at + 60:at + 60 + size]
    out += f"{name:<16}{0:<12}{0:<6}{0:<6}{0:<8}{size:<10}`\n".encode() + body + b"\n" * (size % 2)
    at += 60 + size + size % 2
open(sys.argv[2], "wb").write(out)
END
rc "the official form of ar" 0 "$esxcli" software vib install -v "$v/official.vib" --dry-run
is "sources vib list" "testtool 1.0.0-1 LAB 2026-03-05 CommunitySupported" "$(software sources vib list -v "$v/one.vib" | tail -1 | tr -s ' ')"

# ---- bundles and components ----

payload one
vib "$v/one.vib"
bundle "$v/one.zip" "$v/one.vib"
rc "install from a bundle" 0 "$esxcli" software vib install -d "$v/one.zip" -n testtool
is "install from a bundle" "1 0" "$(software vib list | grep -c ^testtool) $(software component list | grep -c testtool)"
rc "apply" 0 "$esxcli" software component apply -d "$v/one.zip"
is "the component alone is new" "Installation Result
   Message: Operation finished successfully.
   Components Installed: testtool_1.0.0-1
   Components Removed: 
   Components Skipped: 
   Reboot Required: false
   DPU Results: " "$out"
is "component list" "testtool Test tool 1.0.0-1 1.0.0-1 Lab 03-05-2026 CommunitySupported host" "$(software component list | tail -1 | tr -s ' ')"
has "component get" "   VIBs: LAB_bootbank_testtool_1.0.0-1" "$(software component get -n testtool)"
rc "apply again" 0 "$esxcli" software component apply -d "$v/one.zip"
has "apply again" "   Components Skipped: testtool_1.0.0-1" "$out"
payload two
vib "$v/two.vib" version=1.0.1-1
bundle "$v/two.zip" "$v/two.vib" version=1.0.1-1
rc "upgrade, dry" 0 "$esxcli" software component apply -d "$v/two.zip" --dry-run
is "still the old" "testtool 1.0.0-1" "$(software vib list | grep ^testtool | awk '{ print $1, $2 }')"
rc "upgrade" 0 "$esxcli" software component apply -d "$v/two.zip"
is "upgrade" "testtool_1.0.1-1/testtool_1.0.0-1" "$(sed -n 's/   Components Installed: //p' <<<"$out")/$(sed -n 's/   Components Removed: //p' <<<"$out")"
rc "an older one" 0 "$esxcli" software component apply -d "$v/one.zip"
has "an older one" "   Message: Host is not changed." "$out"
has "an older one" "   Components Skipped: testtool_1.0.0-1" "$out"
"$sim" reboot "$h"
is "a component after a reboot" "testtool 1.0.1-1" "$(software component list | tail -1 | awk '{ print $1, $4 }')"
rc "remove a VIB of a component" 0 "$esxcli" software vib remove -n testtool --dry-run
is "remove a VIB of a component" "Installation Result
   Components Removed: testtool_1.0.1-1" "$(sed -n '1p;4p' <<<"$out")"
rc "component remove" 0 "$esxcli" software component remove -n testtool
is "component remove" "$empty" "$(tree_of)"
is "no component" "0 0" "$(software vib list | grep -c ^testtool) $(software component list | grep -c testtool)"
vib "$v/slow.vib" version=1.0.1-1 live=false
bundle "$v/slow.zip" "$v/slow.vib" version=1.0.1-1 metadata='s|<rebootRequired>false|<rebootRequired>true|'
rc "apply by a reboot" 0 "$esxcli" software component apply -d "$v/slow.zip"
has "apply by a reboot" "   Reboot Required: true" "$out"
is "pending" "0 1" "$(software component list | grep -c testtool) $(software component list --rebooting-image | grep -c testtool)"
"$sim" reboot "$h"
is "there" "1 1" "$(software component list | grep -c testtool) $(software vib list | grep -c ^testtool)"
rc "remove by a reboot" 0 "$esxcli" software component remove -n testtool
"$sim" reboot "$h"
is "gone" "$empty" "$(tree_of)"

# bad_bundle WHAT CLASS TEXT [KEY=VALUE...]: of bundle
bad_bundle() {
    local what=$1 class=$2 text=$3
    shift 3
    bundle "$v/bad.zip" "$v/one.vib" "$@"
    refused "$what" "$class" "$text" "$esxcli" software component apply -d "$v/bad.zip"
}
bad_bundle "other platform" NoMatchError "platform" platform='8.*'
bad_bundle "7.* on 9" NoMatchError "platform" platform='7.*'
bad_bundle "no component" NoMatchError "component" plain=1
bad_bundle "component in vmware.xml only" MetadataFormatError "componentNameSpec" bulletin='s|<component[^>]*/>||g'
bad_bundle "component in bulletins only" MetadataFormatError "componentNameSpec" metadata='s|<component[^>]*/>||g'
bad_bundle "another version in vmware.xml" MetadataFormatError "componentVersionSpec" metadata='s|uiString="1.0.0-1" version="1.0.0-1"|uiString="1.0.0-1" version="1.0.0-2"|'
bad_bundle "two components with the VIB" ValueError "Expected 1 component, found 2" second=testtool2
bad_bundle "another id" MetadataFormatError "no bulletin" metadata='s|<id>|&x|'
bad_bundle "wrong size" MetadataFormatError "packed-size" size=12345
bad_bundle "wrong checksum in vmware.xml" MetadataFormatError "checksum of VIB" metadata='s|<checksumType>sha-256</checksumType><checksum>......|&x|'
bad_bundle "wrong checksum in vibs" MetadataFormatError "the checksum is not that of" copy='s|\(</packed-size><checksum checksum-type="sha-256">\)......|\1000000|'
bad_bundle "a copy that says something else" MetadataFormatError "summary" copy='s|A tool|A fool|'
bad_bundle "a path that leads nowhere" VibDownloadError "vib20/x" copy='s|<relative-path>vib20|&/x|'
bad_bundle "reboot needed or not" MetadataFormatError "rebootRequired" metadata='s|<rebootRequired>false|<rebootRequired>true|'
bundle "$v/bad.zip" "$v/one.vib" plain=1
rc "a bundle without component is good for vib install" 0 "$esxcli" software vib install -d "$v/bad.zip" --dry-run
(cd "$work/bundle.d" && zip -q "$v/none.zip" vendor-index.xml)
refused "no index.xml" MetadataDownloadError "Error extracting index.xml from $v/none.zip" "$esxcli" software vib install -d "$v/none.zip"
refused "no zip" MetadataDownloadError "not a zip file" "$esxcli" software vib install -d "$v/one.vib"
refused "no such VIB in the bundle" NoMatchError "'nosuch'" "$esxcli" software vib install -d "$v/one.zip" -n nosuch
host eight stock-8.0.3 acceptance=CommunitySupported
bundle "$v/seven.zip" "$v/one.vib" platform='7.*'
rc "7.* on 8" 0 "$esxcli" software component apply -d "$v/seven.zip"

# ---- extensions of esxcli ----

host ext ready-9.0 acceptance=CommunitySupported
payload one
vib "$v/one.vib"
rc "install" 0 "$esxcli" software vib install -v "$v/one.vib"
rc "hostd does not know it yet" 1 "$esxcli" testtool text get
is "hostd does not know it yet" "Error: Unknown command or namespace testtool text get" "$out"
rc "localcli does" 0 "$localcli" testtool text get
is "a string" "version one
a < b" "$out"
rc "hostd status" 0 "$h/etc/init.d/hostd" status
rc "hostd restart" 0 "$h/etc/init.d/hostd" restart
is "esxcli knows it now" "version one
a < b" "$("$esxcli" testtool text get)"
is "a string, keyvalue" "string=version one
a < b" "$(kv testtool text get)"
is "a string, json" '"version one\na < b"' "$("$esxcli" --debug --formatter=json testtool text get)"
rc "a namespace" 0 "$esxcli" testtool
has "a namespace" "Usage: esxcli testtool {cmd} [cmd options]" "$out"
has "a namespace" "  odd                   Space testtool.odd" "$out"
has "a namespace" "  list                  About list" "$out"
rc "no such command" 1 "$esxcli" testtool nosuch
is "no such command" "Error: Unknown command or namespace testtool nosuch" "$out"
is "a structure" "   Check: a
   Count: 1
   Long Name: A" "$("$esxcli" testtool one)"
is "a structure, keyvalue" "Finding.Check.string=a
Finding.Count.integer=1
Finding.LongName.string=A" "$(kv testtool one)"
is "a table, fields chosen" "Check  Long Name
-----  ---------
alpha  first, one
b      \"second\"" "$("$esxcli" testtool list)"
is "a table, csv" 'Check,Count,LongName,
alpha,1,"first, one",
b,22,"""second""",' "$("$esxcli" --formatter=csv testtool list)"
is "a table, xml" 2 "$("$esxcli" --formatter=xml testtool list | grep -c '<structure typeName="Finding">')"
is "a table, json" '[{"Check": "alpha", "Count": 1, "LongName": "first, one"}, {"Check": "b", "Count": 22, "LongName": "\"second\""}]' \
    "$("$esxcli" --debug --formatter=json testtool list)"
is "lines" "x
y" "$("$esxcli" testtool lines)"
is "parameters" "[a b][--loud][--root][$h]" "$("$esxcli" testtool args -n 'a b' --loud)"
is "a parameter less" "[a;b][--root][$h]" "$("$esxcli" testtool args --name='a;b')"
rc "a parameter is missing" 1 "$esxcli" testtool args
rc "a value that is not allowed" 1 "$esxcli" testtool args -n a --kind b
rc "a quote in a value" 1 "$esxcli" testtool args -n "a'b"
rc "a value without quotes" 1 "$esxcli" testtool odd open --name='a;reboot'
is "a value without quotes is torn" "[a][b][--root][$h]" "$("$esxcli" testtool odd open --name='a b')"
is "environment" "LANG PATH" "$(LANG=C LC_ALL=C SECRET=1 "$esxcli" testtool odd env)"
set_ plugin.timeout_ms=700 plugin.max_output=100000
for name in wrong fail garbage hang big; do
    rc "odd $name" 1 "$esxcli" testtool odd $name
    is "odd $name prints one line" 1 "$(wc -l <<<"$out")"
done
is "it may call the host's tools" 9.0.0 "$("$esxcli" testtool nested)"
is "its calls are logged" "start start end end" "$(tail -4 "$h/.esxsim/calls" | awk '{ print $1 }' | paste -sd' ')"
rc "hostd stop" 0 "$h/etc/init.d/hostd" stop
rc "no hostd, no esxcli" 1 "$esxcli" testtool one
rc "but localcli" 0 "$localcli" testtool one
rc "hostd is down" 3 "$h/etc/init.d/hostd" status
rc "hostd start" 0 "$h/etc/init.d/hostd" start
rc "remove" 0 "$esxcli" software vib remove -n testtool
rc "hostd knows it still" 1 "$esxcli" testtool one
case $out in *"no such program"*) passed=$((passed + 1)) ;; *) is "the program is gone" "no such program" "$out" ;; esac
"$sim" reboot "$h"
rc "not after a reboot" 1 "$esxcli" testtool one
is "not after a reboot" "Error: Unknown command or namespace testtool one" "$out"
ext=$h/usr/lib/vmware/esxcli/ext/x.xml
# left_out WHAT SED REASON: a fault in the file leaves all of it out
left_out() {
    extension | sed "$2" >"$ext"
    rm -f "$h/var/log/hostd.log"
    rc "$1" 1 "$localcli" testtool one
    is "$1: reason" 1 "$(grep -c "x.xml is left out: .*$3" "$h/var/log/hostd.log")"
}
left_out "another XML namespace" 's|esxcli/"|esxcli"|' namespace
left_out "a namespace that is not declared" '/path="testtool.odd"/d' "testtool.odd is not declared"
left_out "no description" 's|<description>Space testtool.text</description>||' description
left_out "a field that there is not" 's|Check,Long Name|Check,LongName|' "no field 'LongName'"
left_out "a formatter that there is not" 's|<formatter>table|<formatter>grid|' formatter
left_out "a table of one" 's|<formatter>simple|<formatter>table|' formatter
left_out "a parameter that there is not" 's|val{name}|val{nam}|' "no such parameter: nam"
# shellcheck disable=SC2016
left_out "another substitution" 's|.val{name}|$multilist{name}|' substitution
left_out "no XML" 's|</plugin>||' element
extension >"$ext"
rc "a file by hand" 1 "$localcli" testtool one
case $out in *"no such program"*) passed=$((passed + 1)) ;; *) is "no program" "no such program" "$out" ;; esac
