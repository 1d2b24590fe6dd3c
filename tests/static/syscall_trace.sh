#!/usr/bin/env bash
# Which system calls does the agent make, and does it live without some?
#
#   syscall_trace.sh BIN ROOT ALLOWLIST [ARGUMENT…]
#
# Runs `BIN ARGUMENT… --root ROOT` (default argument: check) under strace. Only
# the agent's own processes count: a child counts until it becomes a tool.
# Then runs it again with one call after the other answering ENOSYS.
# Exits 77 (skipped) where strace cannot work.
set -euo pipefail

# Calls the host may lack, and without which the agent must do the same.
may_be_missing=(
    getrandom brk madvise prlimit64 mprotect getrusage set_tid_address gettid
    getpeername getsockname pipe2 waitid
)
limit_s=120

(($# >= 3)) || {
    echo "usage: syscall_trace.sh BIN ROOT ALLOWLIST [ARGUMENT...]" >&2
    exit 2
}
bin="$1" root="$2" allowlist="$3"
shift 3
(($# > 0)) || set -- check
command=("$bin" "$@" --root "$root")

tmp="$(mktemp -d)"
trap 'rm -rf "$tmp"' EXIT

# traced NAME STRACE-OPTION…: run the command, keep log, output and exit code.
traced() {
    local name="$1" status=0
    shift
    timeout "$limit_s" strace -qq -o "$tmp/$name.trace" "$@" "${command[@]}" \
        </dev/null >"$tmp/$name.out" 2>"$tmp/$name.err" || status=$?
    printf '%s\n' "$status" >"$tmp/$name.status"
}

# strace lines "PID CALL(…" -> "COUNT CALL" of our own processes. The first
# process is ours after its first execve, every other one before it.
own_calls() {
    awk '
        function executed(pid) { if (pid == first && !started) started = 1; else gone[pid] = 1 }
        NR == 1 { first = $1 }
        { pid = $1; line = $0; sub(/^[0-9]+ +/, "", line) }
        line ~ /^(---|\+\+\+|\?)/ { next }
        line ~ /^<\.\.\. / {
            if (line ~ /^<\.\.\. execve resumed.* = 0$/) executed(pid)
            next
        }
        {
            name = line
            sub(/\(.*/, "", name)
            if (!gone[pid]) count[name]++
            if (name == "execve" && line ~ / = 0$/) executed(pid)
        }
        END { for (name in count) print count[name], name }' "$1" | sort -k2
}

if ! strace -qq -o "$tmp/probe" true 2>/dev/null; then
    echo "skipped: strace cannot trace here"
    exit 77
fi

failed=0
traced plain -f
status="$(cat "$tmp/plain.status")"
echo "syscall_trace: ${command[*]}: exit code $status"
# 1 is "no verdict": such a run proves nothing.
case "$status" in
    0 | 2 | 3 | 4) ;;
    *)
        echo "FAIL: exit code $status"
        tail -n 5 "$tmp/plain.err"
        exit 1
        ;;
esac

own_calls "$tmp/plain.trace" >"$tmp/calls"
awk '{ printf "%s%s:%s", (NR == 1 ? "calls: " : " "), $2, $1 } END { print "" }' "$tmp/calls"
while read -r _ name; do
    if ! awk -v name="$name" \
        '$1 == "call" && $2 == name { found = 1 } END { exit !found }' "$allowlist"; then
        echo "FAIL: calls $name, which $(basename "$allowlist") does not allow"
        failed=1
    fi
done <"$tmp/calls"
((failed)) || echo "ok: all are in the allow-list"

# Without -f: the tools' calls are not ours to break.
for name in "${may_be_missing[@]}"; do
    traced "$name" -e "trace=$name" -e "inject=$name:error=ENOSYS"
    hits="$(grep -c INJECTED "$tmp/$name.trace" || true)"
    got="$(cat "$tmp/$name.status")"
    if [[ $got != "$status" ]]; then
        echo "FAIL: $name = ENOSYS: exit code $got instead of $status"
        tail -n 3 "$tmp/$name.err"
        failed=1
    elif [[ -s $tmp/plain.out && ! -s $tmp/$name.out ]]; then
        echo "FAIL: $name = ENOSYS: nothing on stdout"
        failed=1
    else
        echo "ok: $name = ENOSYS ($hits times)"
    fi
done

exit "$failed"
