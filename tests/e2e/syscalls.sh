#!/usr/bin/env bash
# syscalls.sh HOSTPREP ESXSIM: a full check, and each command that reads a host, ask nothing of the kernel that VMkernel
# may not have.
set -euo pipefail
hostprep=$1 esxsim=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
trace=$here/../static/syscall_trace.sh allowed=$here/../static/syscalls.allow
hosts=$(mktemp -d)
trap 'rm -rf "$hosts"' EXIT
"$esxsim" create "$hosts/h" --scenario stock-9.0 >/dev/null
"$trace" "$hostprep" "$hosts/h" "$allowed"
"$trace" "$hostprep" "$hosts/h" "$allowed" capture --record "$hosts/a.cap.gz"
"$trace" "$hostprep" "$hosts/h" "$allowed" check --format json --output "text:$hosts/out"
