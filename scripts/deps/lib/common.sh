# shellcheck shell=bash
# Shared by the scripts in scripts/deps: messages, the cache, the key.
# The caller runs with set -euo pipefail and sets deps_dir, this folder's parent.
: "${deps_dir:?}"

# The lock's columns: NAME VERSION ROLE FILE SIZE SHA256
lock_file="$deps_dir/lock"

say() { printf 'deps: %s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

need_programs() {
    local program missing=()
    for program in "$@"; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    ((${#missing[@]} == 0)) || die "missing: ${missing[*]}; run scripts/setup"
}

# Everything downloaded or built lives here, never in the tree.
cache_dir() {
    realpath -m -- "${HOSTPREP_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/hostprep}"
}

# Standard input -> its sha256.
hash_of() { sha256sum | cut -d' ' -f1; }

# Versions of a package in the lock, best first.
locked_versions() {
    awk -v name="$1" '$1 == name && !seen[$2]++ { print $2 }' "$lock_file"
}

# Names of all packages in the lock.
locked_names() {
    awk '!/^#/ && NF && !seen[$1]++ { print $1 }' "$lock_file"
}

# The lock's lines of one package and version.
locked_files() {
    awk -v name="$1" -v version="$2" '$1 == name && $2 == version' "$lock_file"
}

compiler_id() {
    musl-gcc --version | sed -n 1p
}

libc_hash() {
    hash_of <"$(musl-gcc -print-file-name=libc.a)"
}

# What decides the content of the finished prefix: the lock, the recipe, the
# compiler and the C library.
deps_key() {
    local file
    {
        cd "$deps_dir" || exit
        find build lock CMakeLists.txt musl.cmake lib config -type f |
            LC_ALL=C sort |
            while IFS= read -r file; do sha256sum "$file"; done
        compiler_id
        libc_hash
    } | hash_of | cut -c1-16
}
