#!/usr/bin/env bash
# The private apt's entries: Debian's own ones, as source entries; no other.
set -euo pipefail

lib="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../scripts/deps/lib" && pwd)"
suites='^(bookworm|stable)(-updates|-security|/updates)?$'
failed=0

# expect WHAT AWK-FILE WANTED: standard input through the filter; compare the
# URIs, suites and signers of the stanzas, one per line.
expect() {
    local got
    got="$(awk -v suites="$suites" -v keyring=/k/debian-archive.gpg -f "$lib/$2" |
        awk -F': ' '
            $1 == "Types" && $2 != "deb-src" { print "not a source entry" }
            $1 == "URIs" { line = $2 }
            $1 == "Suites" || $1 == "Signed-By" || $1 == "Trusted" { line = line " " $2 }
            /^$/ { print line }')"
    if [[ $got == "$3" ]]; then
        echo "ok: $1"
    else
        printf 'FAIL: %s\n  got    %s\n  wanted %s\n' "$1" "${got//$'\n'/ | }" "${3//$'\n'/ | }"
        failed=1
    fi
}

expect "one line per entry" sources-list.awk \
    $'http://a/debian bookworm /k/debian-archive.gpg\nhttp://a/security bookworm-security /x/debian-archive-keyring.gpg\nhttp://b/debian bookworm yes' <<'IN'
# deb http://comment bookworm main
deb http://a/debian bookworm main contrib # stock
deb-src http://a/debian bookworm main
deb [ arch=amd64 signed-by=/x/debian-archive-keyring.gpg ] http://a/security bookworm-security main
deb [trusted=yes] http://b/debian bookworm main
deb [signed-by=/x/other.gpg] http://other bookworm main
deb http://a/debian bookworm-backports main
deb http://other stable nginx
deb cdrom:[Debian]/ bookworm main
IN

expect "stanzas" sources-deb822.awk \
    $'http://a/debian bookworm bookworm-updates /x/debian-archive-keyring.gpg\nmirror+file:/m bookworm-security /k/debian-archive.gpg' <<'IN'
Types: deb
# a comment
URIs: http://a/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Signed-By: /x/debian-archive-keyring.gpg

Types: deb deb-src
URIs: mirror+file:/m
Suites:
 bookworm-security
Components: contrib main

Types: deb
URIs: http://off
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: http://other
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEZ
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://other
Suites: bookworm
Components: stable
IN

exit "$failed"
