# shellcheck shell=bash
# Source packages, by their sha256: from the cache, else from the archive as
# locked, else (unless strict) another revision of the same upstream release.

: "${lock_file:?}" "${log:?}"
sources_dir="$(cache_dir)/sources"

# Is the file of this hash in the cache, whole?
cached() {
    [[ -f $sources_dir/$1 ]] && [[ $(hash_of <"$sources_dir/$1") == "$1" ]]
}

# Standard input: lock lines. True if the cache holds every file.
all_cached() {
    local hash some=1
    while read -r _ _ _ _ _ hash; do
        cached "$hash" || return 1
        some=0
    done
    return "$some"
}

# Download NAME VERSION and file what has the hash that LINES (lock lines) say.
download() {
    local name="$1" version="$2" lines="$3" dir file hash
    dir="$(mktemp -d "$(cache_dir)/tmp.fetch.XXXXXX")"
    # What is there already need not come again: revisions share the orig.
    while read -r _ _ _ file _ hash; do
        if cached "$hash"; then cp "$sources_dir/$hash" "$dir/$file"; fi
    done <<<"$lines"
    if ! (cd "$dir" && apt_download "$name" "$version") >>"$log" 2>&1; then
        rm -rf "$dir"
        return 1
    fi
    mkdir -p "$sources_dir"
    while read -r _ _ _ file _ hash; do
        [[ -f $dir/$file ]] || continue
        if [[ $(hash_of <"$dir/$file") == "$hash" ]]; then
            mv "$dir/$file" "$sources_dir/$hash"
        else
            say "$file does not have the expected sha256"
        fi
    done <<<"$lines"
    rm -rf "$dir"
    all_cached <<<"$lines"
}

# A revision that the lock does not know, but whose orig tarball it does: the
# upstream code is what was reviewed, and apt has checked the patches' origin.
# Prints its lock lines.
obtain_drifted() {
    local name="$1" version lines orig
    while IFS= read -r version; do
        [[ -n $(locked_files "$name" "$version") ]] && continue
        lines="$(apt_files "$name" "$version")"
        orig="$(awk '$3 == "orig" { print $6 }' <<<"$lines")"
        [[ -n $orig ]] || continue
        awk -v name="$name" -v orig="$orig" \
            '$1 == name && $3 == "orig" && $6 == orig { found = 1 }
             END { exit !found }' "$lock_file" || continue
        if download "$name" "$version" "$lines"; then
            say "drift: $name $version instead of $(locked_versions "$name" | head -n 1);" \
                "scripts/deps/relock renews the lock"
            printf '%s\n' "$lines"
            return 0
        fi
    done < <(apt_versions "$name")
    return 1
}

# Prints the lock lines of a locked version, the best that can be had.
obtain_locked() {
    local name="$1" version lines first=1
    while IFS= read -r version; do
        lines="$(locked_files "$name" "$version")"
        if ! all_cached <<<"$lines"; then
            apt_index
            say "fetching $name $version"
            if ! download "$name" "$version" "$lines"; then
                say "cannot get $name $version"
                first=0
                continue
            fi
        fi
        ((first)) || say "using $name $version, which the lock accepts too"
        printf '%s\n' "$lines"
        return 0
    done < <(locked_versions "$name")
    return 1
}

# Prints the lock lines of the version to build; all their files are cached.
obtain() {
    local name="$1"
    obtain_locked "$name" && return 0
    # The index may be older than the archive's files.
    apt_index force
    obtain_locked "$name" && return 0
    if [[ ${HOSTPREP_STRICT:-} == 1 ]]; then
        die "$name: no locked version can be had, and HOSTPREP_STRICT=1 forbids" \
            "another; scripts/deps/relock renews the lock"
    fi
    obtain_drifted "$name" && return 0
    die "$name: neither a locked version nor another revision of the same upstream" \
        "release can be had; scripts/deps/relock renews the lock"
}

# Unpack with Debian's patches: security fixes live there. LINES say what;
# the sha256 check above stands in for the signature check of the .dsc.
unpack() {
    local lines="$1" target="$2" dir file hash role dsc=
    dir="$(mktemp -d "$(cache_dir)/tmp.unpack.XXXXXX")"
    while read -r _ _ role file _ hash; do
        ln -s "$sources_dir/$hash" "$dir/$file"
        if [[ $role == dsc ]]; then dsc="$dir/$file"; fi
    done <<<"$lines"
    mkdir -p "$(dirname "$target")"
    dpkg-source --no-check -x "$dsc" "$target"
    rm -rf "$dir"
}
