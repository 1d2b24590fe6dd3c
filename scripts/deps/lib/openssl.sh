# shellcheck shell=bash
# OpenSSL: its own Configure and make, out of tree, reached by relative paths
# so that no build path ends up in the library.

# Left out: what an HTTPS client of a BMC or a collector never negotiates, and
# all that asks more of the kernel than files and sockets. no-threads: the
# whole program is single-threaded. no-autoload-config pairs with curl's
# CURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG. no-pic: the program is not PIE.
openssl_options=(
    no-shared no-dso no-engine no-async no-module no-legacy no-tests no-pic
    no-threads no-secure-memory no-autoload-config no-ui-console
    no-ssl3 no-dtls no-sctp no-dgram no-srtp no-srp no-psk no-nextprotoneg
    no-comp no-ct no-cmp no-cms no-ts no-ocsp no-rfc3779
    no-idea no-mdc2 no-rc2 no-rc4 no-rc5 no-seed no-camellia no-aria no-bf
    no-cast no-sm2 no-sm3 no-sm4 no-whirlpool no-md4 no-blake2 no-scrypt
    no-siphash no-rmd160 no-gost no-ec2m
    no-static-engine no-afalgeng no-capieng no-padlockeng
)

# The define: without it, and where getrandom answers ENOSYS, OpenSSL concludes
# from a kernel release >= 4.8 that getrandom must exist, refuses /dev/urandom
# and every TLS call fails. It also avoids a SysV shared memory call.
openssl_flags=(
    -O2 -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
    -DOPENSSL_RAND_SEED_DEVRANDOM_SHM_ID=-1
)

# WORK/src/openssl is the source; headers, then libraries, appear in WORK/ssl.
openssl_configure() {
    local work="$1"
    mkdir -p "$work/ssl"
    cd "$work/ssl" || return
    CC=musl-gcc perl ../src/openssl/Configure linux-x86_64 \
        "${openssl_options[@]}" \
        --prefix=/ --libdir=lib --openssldir=/etc/ssl "${openssl_flags[@]}"
    make -s build_generated
}

openssl_make() {
    local work="$1" jobs="$2"
    make -s -C "$work/ssl" -j "$jobs" libcrypto.a libssl.a
}

openssl_install() {
    local work="$1" prefix="$2"
    mkdir -p "$prefix/lib" "$prefix/include/openssl"
    cp "$work/ssl/libcrypto.a" "$work/ssl/libssl.a" "$prefix/lib/"
    cp "$work/src/openssl/include/openssl/"*.h "$work/ssl/include/openssl/"*.h \
        "$prefix/include/openssl/"
}
