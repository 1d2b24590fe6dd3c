# sources.list (one line per entry) -> deb822 stanzas of deb-src.
# Variables: suites (pattern of accepted suites), keyring (may be empty).

$1 != "deb" { next }
{
    line = $0
    sub(/#.*/, "", line)
    options = ""
    if (match(line, /\[[^]]*\]/)) {
        options = substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, 1, RSTART - 1) " " substr(line, RSTART + RLENGTH)
    }
    n = split(line, word, " ")
    has_main = 0
    for (i = 4; i <= n; i++)
        if (word[i] == "main") has_main = 1
    if (!has_main || word[3] !~ suites || word[2] ~ /^cdrom:/) next

    signed = keyring
    trusted = 0
    m = split(options, option, " ")
    for (i = 1; i <= m; i++) {
        if (option[i] ~ /^signed-by=/) signed = substr(option[i], 11)
        if (option[i] == "trusted=yes") trusted = 1
    }
    # Another signer is another archive.
    if (signed != "" && signed !~ /debian-archive/) next

    print "Types: deb-src"
    print "URIs: " word[2]
    print "Suites: " word[3]
    print "Components: main"
    if (trusted) print "Trusted: yes"
    else if (signed != "") print "Signed-By: " signed
    print ""
}
