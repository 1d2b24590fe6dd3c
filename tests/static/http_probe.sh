#!/usr/bin/env bash
# The shipped door (http_probe.c) against the BMC of tests/http: by address and by name, a login, requests, the
# session's end; and with system calls that the host's kernel may lack.
#
#   http_probe.sh HTTP_PROBE ALLOWLIST
set -euo pipefail

(($# == 2)) || {
    echo "usage: http_probe.sh HTTP_PROBE ALLOWLIST" >&2
    exit 2
}
probe="$(realpath "$1")"
allowlist="$(realpath "$2")"
bmc="$(cd "$(dirname "${BASH_SOURCE[0]}")/../http" && pwd)/bmc.py"
limit_s=40
tmp="$(mktemp -d)"
failed=0

coproc server { exec python3 "$bmc" "$tmp" root calvin; }
# shellcheck disable=SC2154 # coproc sets it
server_pid="$server_PID"
trap 'kill "$server_pid" 2>/dev/null || true; rm -rf "$tmp"' EXIT
port=
while read -r name number <&"${server[0]}" && [[ $name != ready ]]; do
    [[ $name != good ]] || port="$number"
done
[[ -n $port ]] || {
    echo "FAIL: the BMC does not start"
    exit 1
}
printf 'root:calvin\n' >"$tmp/secret"
chmod 600 "$tmp/secret"

# row WHAT HOST COMMAND…: the probe after COMMAND succeeds, and each session was ended once.
row() {
    local what="$1" host="$2" got=0 opened ended
    shift 2
    : >"$tmp/log"
    timeout "$limit_s" "$@" "$probe" "https://$host:$port" "$tmp/secret" "$tmp/ca.pem" || got=$?
    opened="$(grep -c '^open ' "$tmp/log" || true)"
    ended="$(grep -c '^delete ' "$tmp/log" || true)"
    if ((got == 0 && opened == 1 && ended == 1)); then
        echo "ok: $what"
    else
        echo "FAIL: $what: exit code $got, $opened sessions opened, $ended ended"
        failed=1
    fi
}

row "by address" 127.0.0.1
row "by name" localhost
row "a proxy in the environment" 127.0.0.1 env https_proxy=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9
SSLKEYLOGFILE="$tmp/keys" row "a file for TLS keys in the environment" 127.0.0.1
if [[ -e $tmp/keys ]]; then
    echo "FAIL: TLS keys were written to a file"
    failed=1
fi

if ! strace -qq -o "$tmp/probe" true 2>/dev/null; then
    echo "skipped: strace cannot trace here"
    exit "$failed"
fi
for missing in getrandom brk madvise mprotect getpeername getsockname gettid set_tid_address pipe2; do
    row "$missing = ENOSYS" localhost strace -f -qq -o "$tmp/trace" -e "inject=$missing:error=ENOSYS"
done
row "all system calls are traced" localhost strace -f -qq -o "$tmp/trace"
while read -r name; do
    if ! awk -v name="$name" '$1 == "call" && $2 == name { found = 1 } END { exit !found }' "$allowlist"; then
        echo "FAIL: calls $name, which $(basename "$allowlist") does not allow"
        failed=1
    fi
done < <(sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' "$tmp/trace" | sort -u)

exit "$failed"
