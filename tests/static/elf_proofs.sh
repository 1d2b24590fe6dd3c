#!/usr/bin/env bash
# Is the agent's file what the host can run?
#
#   elf_proofs.sh BIN UNSTRIPPED
#
# BIN is the file that is shipped, UNSTRIPPED the same program with symbols.
set -euo pipefail

max_bytes=$((7 * 1024 * 1024 / 2))
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
failed=0

ok() { printf 'ok: %s\n' "$*"; }
fail() {
    printf 'FAIL: %s\n' "$*"
    failed=1
}

# expect WHAT PATTERN TEXT / refuse WHAT PATTERN TEXT
expect() { if grep -Eq -- "$2" <<<"$3"; then ok "$1"; else fail "not so: $1"; fi; }
refuse() {
    local found
    if found="$(grep -E -- "$2" <<<"$3")"; then
        fail "not so: $1: $(head -n 5 <<<"$found" | xargs)"
    else
        ok "$1"
    fi
}

section_hash() {
    objcopy -O binary --only-section="$2" "$1" /dev/stdout | sha256sum
}

(($# == 2)) || {
    echo "usage: elf_proofs.sh BIN UNSTRIPPED" >&2
    exit 2
}
bin="$1" twin="$2"
[[ -r $bin && -r $twin ]] || {
    echo "elf_proofs: cannot read $bin or $twin" >&2
    exit 2
}

header="$(readelf -hW "$bin")"
expect "x86-64" 'Machine: .*X86-64' "$header"
expect "a fixed-address executable (EXEC)" 'Type: +EXEC' "$header"
# A static glibc program says UNIX - GNU here.
expect "OS/ABI is UNIX - System V" 'OS/ABI: +UNIX - System V' "$header"
expect "file says: statically linked" 'statically linked' "$(file -b "$bin")"

segments="$(readelf -lW "$bin")"
refuse "no INTERP segment" '^ +INTERP' "$segments"
refuse "no DYNAMIC segment" '^ +DYNAMIC' "$segments"
expect "stack is not executable" '^ +GNU_STACK.* RW +0x' "$segments"
refuse "no segment is both writable and executable" '^ +LOAD.* RWE ' "$segments"
refuse "stripped" '\.symtab' "$(readelf -SW "$bin")"
refuse "no build id" 'build-id' "$(readelf -SW "$bin")"

# The proofs on symbols hold for the shipped file only if it is the same code.
for section in .text .rodata; do
    if [[ $(section_hash "$bin" "$section") == "$(section_hash "$twin" "$section")" ]]; then
        ok "$section is the same in $(basename "$twin")"
    else
        fail "$section differs between $bin and $twin"
    fi
done

denied="$(sed 's/#.*//; /^ *$/d' "$here/functions.deny" | paste -sd'|')"
symbols="$(nm "$twin" | awk '$2 ~ /[TtWwIi]/ { sub(/^_+/, "", $3); print $3 }')"
expect "$(basename "$twin") has symbols" '^main$' "$symbols"
refuse "none of the functions in functions.deny" "^($denied)\$" "$symbols"

# Paths of this build machine: the tree, the build folder, cache and home.
cache="${HOSTPREP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/hostprep}"
for path in "$(realpath "$here/../..")" "$(dirname "$(realpath "$twin")")" \
    "$cache" "${HOME:-/root}"; do
    [[ $path != / ]] || continue
    # Only where the string starts: ./jansson/src/load.c is no path in /src.
    refuse "no string names $path" "(^|[^[:alnum:]_./~-])${path//./\\.}/" \
        "$(strings -a -n 4 "$bin")"
done

bytes="$(stat -c %s "$bin")"
if ((bytes <= max_bytes)); then
    ok "$bytes bytes (at most $max_bytes)"
else
    fail "$bytes bytes, more than $max_bytes"
fi

exit "$failed"
