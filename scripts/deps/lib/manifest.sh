# shellcheck shell=bash
# The record of a build: what went in, and what it was made with. No wall clock
# and no path, so that equal builds have equal manifests.

: "${deps_dir:?}" "${openssl_options:?}" "${openssl_flags:?}"

# Versions that the lock does not name, or "none".
drift_of() {
    local chosen="$1" file name version result=
    for file in "$chosen"/*; do
        read -r name version _ <"$file"
        if [[ -z $(locked_files "$name" "$version") ]]; then result+=" $name=$version"; fi
    done
    printf '%s\n' "${result:+${result# }}"
}

manifest() {
    local work="$1" key="$2" drift name
    drift="$(drift_of "$work/chosen")"
    printf 'key: %s\n' "$key"
    printf 'drift: %s\n' "${drift:-none}"
    printf 'compiler: %s\n' "$(compiler_id)"
    printf 'libc: %s\n' "$(libc_hash)"
    printf 'source_date_epoch: %s\n' "$SOURCE_DATE_EPOCH"
    printf 'openssl_configure: %s\n' "${openssl_options[*]} ${openssl_flags[*]}"
    printf 'cflags: %s\n' "$(sed -n 's/^ *FLAGS = //p' "$work/cmake/build.ninja" |
        head -n 1 | sed "s|$work|WORK|g; s|$deps_dir|DEPS|g; s|\"||g")"
    while IFS= read -r name; do
        read -r _ version _ <"$work/chosen/$name"
        printf 'package: %s %s\n' "$name" "$version"
        awk '{ print "source:", $4, $6 }' "$work/chosen/$name"
    done < <(locked_names)
    (
        cd "$work/prefix" || exit
        sha256sum lib/*.a | awk '{ print "library:", $2, $1 }'
    )
}
