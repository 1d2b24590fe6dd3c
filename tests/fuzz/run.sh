#!/usr/bin/env bash
# tests/fuzz/run.sh [SECONDS [TARGET...]]: builds the preset fuzz and runs each target that long (default 60), one after
# the other. What they find is kept in out/fuzz: TARGET/ holds inputs that reach new code, TARGET-crash-* breaks a law.
# Exits 1 when a target found something.
set -euo pipefail
seconds=${1:-60}
shift || true
[[ $seconds =~ ^[0-9]+$ ]] || { echo "usage: $0 [SECONDS [TARGET...]]" >&2; exit 64; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$top"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -- -k 0 >/dev/null

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
	for corpus in "$here"/corpus/*/; do
		targets+=("$(basename "$corpus")")
	done
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
found=0
for target in "${targets[@]}"; do
	mkdir -p "out/fuzz/$target"
	if TMPDIR=$scratch nice -n 10 "out/build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=3000 \
		-timeout=10 -rss_limit_mb=1500 -use_value_profile=1 -print_final_stats=1 \
		-artifact_prefix="out/fuzz/$target-" "out/fuzz/$target" "$here/corpus/$target" >"out/fuzz/$target.log" 2>&1
	then
		state=ok
	else
		state="BROKEN, see out/fuzz/$target.log"
		found=1
	fi
	rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "out/fuzz/$target.log")
	printf '%-14s %6s runs/s  %s\n' "$target" "${rate:-?}" "$state"
done
exit "$found"
