#include "checksums.h"

#include <openssl/evp.h>

const struct hp_checksum_kind hp_checksum_kinds[HP_SUMS] = {
    [HP_SUM_UNPACKED] = {"sha-256", true, "sha-256 of the unpacked payload", 64},
    [HP_SUM_PACKED] = {"sha-256", false, "sha-256 of the payload", 64},
    [HP_SUM_SHA1] = {"sha-1", true, "sha-1 of the unpacked payload", 40}};

static const char *sum(struct hp_arena *a, struct hp_str bytes, const EVP_MD *kind)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct hp_buf b = hp_buf(a);
	if (!EVP_Digest(bytes.n ? bytes.p : "", bytes.n, digest, &n, kind, NULL))
		return NULL;
	for (unsigned i = 0; i < n; i++)
		hp_putf(&b, "%02x", digest[i]);
	return hp_built_text(&b);
}

int hp_checksums_of(struct hp_arena *a, struct hp_str packed, struct hp_str unpacked, struct hp_checksums *ret,
		    struct hp_err *err)
{
	struct hp_checksums sums;
	for (size_t i = 0; i < HP_SUMS; i++) {
		const struct hp_checksum_kind *k = &hp_checksum_kinds[i];
		sums.hex[i] = sum(a, k->unpacked ? unpacked : packed, k->digits == 64 ? EVP_sha256() : EVP_sha1());
		if (!sums.hex[i])
			return hp_fail(err, "libcrypto cannot make the %s", k->name);
	}
	*ret = sums;
	return 0;
}
