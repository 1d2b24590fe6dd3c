# shellcheck shell=bash
# A private apt, which sees the source packages of the Debian archive that this
# machine already uses. A stock Debian lists no source packages; here its own
# entries are turned into deb-src in the cache, so nothing on the machine is
# changed and no third party's entry is touched.

: "${deps_dir:?}"
apt_dir="$(cache_dir)/apt"

# Sources of one release, without backports: bookworm, -updates, -security.
debian_suites() {
    local codename
    # shellcheck source=/dev/null
    codename="$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")"
    [[ -n $codename ]] || die "cannot tell the Debian release from /etc/os-release"
    printf '^(%s|stable|oldstable)(-updates|-security|/updates)?$' "$codename"
}

# One stanza per Debian entry of the machine's sources, both file formats.
debian_sources() {
    local suites file keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    suites="$(debian_suites)"
    [[ -r $keyring ]] || keyring=
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -r $file ]] && awk -v suites="$suites" -v keyring="$keyring" \
            -f "$deps_dir/lib/sources-list.awk" "$file"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ -r $file ]] && awk -v suites="$suites" -v keyring="$keyring" \
            -f "$deps_dir/lib/sources-deb822.awk" "$file"
    done
    return 0
}

apt_prepare() {
    mkdir -p "$apt_dir"/{lists/partial,cache/archives/partial,sources.d}
    debian_sources >"$apt_dir/sources.d/debian.sources"
    [[ -s $apt_dir/sources.d/debian.sources ]] ||
        die "no entry of the Debian archive in /etc/apt/sources.list or sources.list.d"

    # Hooks of the machine's own updates have no business here. Root's cache is
    # closed to apt's download user, hence no sandbox.
    cat >"$apt_dir/apt.conf" <<EOF
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$apt_dir/sources.d";
Dir::State::Lists "$apt_dir/lists";
Dir::Cache "$apt_dir/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
EOF
}

private_apt() {
    local program="$1"
    shift
    "$program" -c "$apt_dir/apt.conf" "$@"
}

# Refresh the index; at most once an hour unless forced. Signatures are
# checked by apt. Part of the index is better than none: what is missing shows
# when a package is asked for.
apt_index() {
    local stamp="$apt_dir/lists.stamp" try
    apt_prepare
    if [[ ${1:-} != force && -n $(find "$stamp" -mmin -60 2>/dev/null) ]]; then
        return 0
    fi
    for try in 1 2; do
        if private_apt apt-get -qq update >&2; then
            : >"$stamp"
            return 0
        fi
        say "apt-get update failed (try $try)"
    done
    return 0
}

# Versions that the index offers, newest first.
apt_versions() {
    private_apt apt-cache showsrc --only-source "$1" 2>/dev/null |
        awk -v name="$1" '
            $1 == "Package:" { wanted = ($2 == name) }
            $1 == "Version:" && wanted { print $2 }' |
        sort -u | sort -rV
}

# Lines in the lock's format for NAME VERSION, from the index alone.
apt_files() {
    private_apt apt-get source --print-uris --only-source -qq "$1=$2" 2>/dev/null |
        awk -v name="$1" -v version="$2" '
            $2 ~ /\.asc$/ { next }
            {
                role = "other"
                if ($2 ~ /\.dsc$/) role = "dsc"
                else if ($2 ~ /\.orig\.tar\./) role = "orig"
                else if ($2 ~ /\.debian\.tar\./) role = "debian"
                sub(/^SHA256:/, "", $4)
                print name, version, role, $2, $3, $4
            }'
}

# Download NAME VERSION into the current directory. The small .dsc goes first:
# an index may list files that the mirror no longer has.
apt_download() {
    private_apt apt-get source --download-only --only-source --dsc-only -qq "$1=$2" &&
        private_apt apt-get source --download-only --only-source -qq "$1=$2"
}
