#!/usr/bin/env bash
# The agent built once more, in another folder, is the same file.
#
#   reproducible.sh BIN
set -euo pipefail
(($# == 1)) || {
    echo "usage: reproducible.sh BIN" >&2
    exit 2
}
bin=$(realpath "$1")
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
other="$tmp/another folder"
mkdir "$other"
cd "$top"
cp -r CMakeLists.txt CMakePresets.json agent checks vib scripts "$other"
mkdir -p "$other/tests/static"
cp -r tests/static/CMakeLists.txt "$other/tests/static"
# The commit is a part of the program.
[[ ! -e .git ]] || printf 'gitdir: %s\n' "$(git rev-parse --absolute-git-dir)" >"$other/.git"

cd "$other"
cmake --preset agent -DHP_TESTS=OFF >/dev/null
cmake --build --preset agent --target hostprep >/dev/null
cmp "$bin" out/build/agent/hostprep
echo "ok: the same bytes"
