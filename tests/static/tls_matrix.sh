#!/usr/bin/env bash
# HTTPS against a local server, with the libcurl and OpenSSL that are shipped.
#
#   tls_matrix.sh TLS_PROBE
#
# Every row is one GET by TLS_PROBE (tls_probe.c) and the curl result expected:
# 0 ok, 35 no TLS, 60 not trusted, 90 wrong pin. Where strace cannot work, the
# rows that need it are left out.
set -euo pipefail

(($# == 1)) || {
    echo "usage: tls_matrix.sh TLS_PROBE" >&2
    exit 2
}
probe="$(realpath "$1")"
limit_s=20
tmp="$(mktemp -d)"
server_pid=
failed=0

stop_server() {
    [[ -n $server_pid ]] || return 0
    kill "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}
trap 'stop_server; rm -rf "$tmp"' EXIT
cd "$tmp"

# new_ca NAME: a certificate authority of our own.
new_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# new_server NAME SAN KEY-OPTION…: a server's certificate, signed by "ca".
new_server() {
    local name="$1" san="$2"
    shift 2
    openssl req -newkey "$@" -nodes -subj "/CN=$name" \
        -keyout "$name.key" -out "$name.csr" 2>/dev/null
    printf 'subjectAltName=%s\n' "$san" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
        -days 2 -extfile "$name.ext" -out "$name.pem" 2>/dev/null
}

# The pin of a certificate's public key, as curl writes it.
pin_of() {
    printf 'sha256//'
    openssl x509 -in "$1.pem" -noout -pubkey |
        openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | base64
}

# start_server CERTIFICATE OPTION…: on a port that the kernel chooses.
start_server() {
    local name="$1" wait_ds=50
    shift
    stop_server
    : >server.out # of the server before: its port must not be taken for this one's
    : >server.out # of the server before: its port must not be taken for this one's
    openssl s_server -accept 127.0.0.1:0 -www -cert "$name.pem" -key "$name.key" "$@" \
        </dev/null >"server.out" 2>&1 &
    server_pid=$!
    port=
    while [[ -z $port ]]; do
        port="$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' server.out)"
        [[ -n $port ]] && break
        if ! kill -0 "$server_pid" 2>/dev/null || ((wait_ds-- == 0)); then
            echo "FAIL: openssl s_server does not start: $(head -n 3 server.out | xargs)"
            exit 1
        fi
        sleep 0.1
    done
}

# row WHAT EXPECTED COMMAND…: run it, compare its exit code.
row() {
    local what="$1" expected="$2" got=0
    shift 2
    timeout "$limit_s" "$@" 2>row.err || got=$?
    if [[ $got == "$expected" ]]; then
        echo "ok: $what: $got"
    else
        echo "FAIL: $what: $got instead of $expected: $(tail -n 1 row.err)"
        failed=1
    fi
}

new_ca ca
new_ca other
new_server rsa DNS:localhost,IP:127.0.0.1 rsa:2048
new_server ecdsa DNS:localhost,IP:127.0.0.1 ec -pkeyopt ec_paramgen_curve:P-256
new_server elsewhere DNS:elsewhere.example,IP:192.0.2.1 rsa:2048
good_pin="$(pin_of rsa)"
bad_pin="$(pin_of other)"

for version in tls1_2 tls1_3; do
    for name in rsa ecdsa; do
        start_server "$name" "-$version"
        row "$version only, $name, CA, IP address" 0 "$probe" "https://127.0.0.1:$port/" --ca ca.pem
        row "$version only, $name, CA, host name" 0 "$probe" "https://localhost:$port/" --ca ca.pem
    done
done

start_server rsa
by_ip="https://127.0.0.1:$port/"
row "no CA" 60 "$probe" "$by_ip"
row "wrong CA" 60 "$probe" "$by_ip" --ca other.pem
row "good pin, CA" 0 "$probe" "$by_ip" --ca ca.pem --pin "$good_pin"
row "bad pin, CA" 90 "$probe" "$by_ip" --ca ca.pem --pin "$bad_pin"
row "good pin, not verified" 0 "$probe" "$by_ip" --insecure --pin "$good_pin"
row "bad pin, not verified" 90 "$probe" "$by_ip" --insecure --pin "$bad_pin"
row "good pin does not stand in for a CA" 60 "$probe" "$by_ip" --pin "$good_pin"
row "system-wide trust is not used" 60 env SSL_CERT_FILE="$tmp/ca.pem" SSL_CERT_DIR="$tmp" \
    "$probe" "$by_ip"

# The host's kernel may have no getrandom; /dev/urandom must do.
if strace -qq -o strace.out true 2>/dev/null; then
    for missing in getrandom brk madvise getpeername getsockname; do
        row "$missing = ENOSYS" 0 strace -qq -o strace.out -e "inject=$missing:error=ENOSYS" \
            "$probe" "$by_ip" --ca ca.pem
    done
    # Without a seed there is no safe TLS: success must not be reported. (A pin
    # needs no file, so every open may fail.)
    row "no getrandom and no /dev/urandom" 35 strace -qq -o strace.out \
        -e inject=getrandom:error=ENOSYS -e inject=open:error=ENOENT \
        "$probe" "$by_ip" --insecure --pin "$good_pin"
else
    echo "skipped: strace cannot trace here"
fi

start_server elsewhere
row "certificate of another host, IP address" 60 "$probe" "https://127.0.0.1:$port/" --ca ca.pem
row "certificate of another host, host name" 60 "$probe" "https://localhost:$port/" --ca ca.pem

exit "$failed"
