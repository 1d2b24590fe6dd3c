# *.sources (deb822 stanzas) -> deb822 stanzas of deb-src.
# Variables: suites (pattern of accepted suites), keyring (may be empty).

function has(list, wanted,    word, n, i) {
    n = split(list, word, " ")
    for (i = 1; i <= n; i++)
        if (word[i] == wanted) return 1
    return 0
}

function accepted(list,    word, n, i, kept) {
    kept = ""
    n = split(list, word, " ")
    for (i = 1; i <= n; i++)
        if (word[i] ~ suites) kept = kept (kept == "" ? "" : " ") word[i]
    return kept
}

function stanza(    kept, signed) {
    kept = accepted(field["suites"])
    signed = ("signed-by" in field) ? field["signed-by"] : keyring
    gsub(/^ +| +$/, "", signed)
    # Another signer is another archive; an inline key is no Debian default.
    if (has(field["types"], "deb") && has(field["components"], "main") &&
        kept != "" && tolower(field["enabled"]) !~ /no|false/ &&
        (signed == "" || signed ~ /debian-archive/)) {
        print "Types: deb-src"
        print "URIs: " field["uris"]
        print "Suites: " kept
        print "Components: main"
        if (tolower(field["trusted"]) ~ /yes|true/) print "Trusted: yes"
        else if (signed != "") print "Signed-By: " signed
        print ""
    }
    split("", field)
    name = ""
}

/^#/ { next }
/^[ \t]*$/ { stanza(); next }
/^[ \t]/ {
    sub(/^[ \t]+/, "")
    field[name] = field[name] " " $0
    next
}
{
    colon = index($0, ":")
    name = tolower(substr($0, 1, colon - 1))
    value = substr($0, colon + 1)
    sub(/^[ \t]+/, "", value)
    field[name] = value
}
END { stanza() }
