#include "digest.h"

#include <openssl/sha.h>

const char *hp_sha256(struct hp_arena *a, struct hp_str bytes)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	struct hp_buf b = hp_buf(a);
	if (!SHA256((const unsigned char *)bytes.p, bytes.n, sum))
		return NULL;
	for (size_t i = 0; i < sizeof sum; i++)
		hp_putf(&b, "%02x", sum[i]);
	return hp_built_text(&b);
}
