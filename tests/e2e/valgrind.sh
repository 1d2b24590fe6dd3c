#!/usr/bin/env bash
# valgrind.sh HOSTPREP ESXSIM: no invalid access, no leak, no descriptor left open, in whole runs.
set -euo pipefail
hostprep=$1 esxsim=$2
hosts=$(mktemp -d)
trap 'rm -rf "$hosts"' EXIT

# run WANTED_EXIT ARGUMENT...
run() {
    local wanted=$1 code=0
    shift
    valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=definite \
        --child-silent-after-fork=yes "$hostprep" "$@" >"$hosts/out" 2>"$hosts/err" || code=$?
    if ((code != wanted)); then
        echo "hostprep $*: exit $code, wanted $wanted" >&2
        cat "$hosts/err" >&2
        exit 1
    fi
}

for scenario in stock-9.0:2 ready-8.0.3:0 hostd-down:0 recovery-mode:2; do
    "$esxsim" create "$hosts/${scenario%:*}" --scenario "${scenario%:*}" >/dev/null
    run "${scenario#*:}" check --root "$hosts/${scenario%:*}" --format json
done
run 0 capture --root "$hosts/ready-8.0.3" --record "$hosts/a.cap.gz"
run 0 check --replay "$hosts/a.cap.gz" --verbose
printf 'checks:\n  no-such-check: {}\n' >"$hosts/policy.yaml"
run 78 check --root "$hosts/ready-8.0.3" --policy "$hosts/policy.yaml"
run 0 explain
run 64 check --only nothing-like-it
echo "valgrind: clean"
