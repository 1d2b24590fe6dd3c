#include "bytes.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

enum { MAX_BYTES = 512 * 1024 * 1024 };

const char *sim_digest(const char *kind, const char *data, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;
	struct sim_buf hex = {0};

	if (EVP_Digest(data, len, digest, &digest_len, sim_eq(kind, "sha-1") ? EVP_sha1() : EVP_sha256(), NULL) != 1) {
		sim_die("no digest %s", kind);
	}
	for (unsigned i = 0; i < digest_len; i++) {
		sim_buf_printf(&hex, "%02x", digest[i]);
	}
	return hex.data;
}

static const char *run(const char *data, size_t len, int window, size_t limit, struct sim_buf *out)
{
	static unsigned char chunk[65536];
	z_stream stream = {0};
	int rc = Z_OK;

	if (len > UINT_MAX || inflateInit2(&stream, window) != Z_OK) {
		sim_die("no inflate");
	}
	unsigned char *input = sim_alloc(len + 1);
	memcpy(input, data, len);
	stream.next_in = input;
	stream.avail_in = (unsigned)len;
	while (rc == Z_OK && out->len <= limit) {
		stream.next_out = chunk;
		stream.avail_out = sizeof chunk;
		rc = inflate(&stream, Z_NO_FLUSH);
		sim_buf_bytes(out, (const char *)chunk, sizeof chunk - stream.avail_out);
	}
	const size_t rest = stream.avail_in;
	(void)inflateEnd(&stream);
	if (out->len > limit) {
		return "too large";
	}
	if (rc != Z_STREAM_END) {
		return "the compressed data is damaged or cut";
	}
	return rest > 0 ? sim_fmt("%zu bytes after the end of the compressed data", rest) : NULL;
}

const char *sim_gunzip(const char *data, size_t len, struct sim_buf *out)
{
	sim_buf_text(out, "");
	return run(data, len, 16 + MAX_WBITS, MAX_BYTES, out);
}

const char *sim_inflate(const char *data, size_t len, size_t out_len, struct sim_buf *out)
{
	sim_buf_text(out, "");
	const char *problem = out_len > MAX_BYTES ? "too large" : run(data, len, -MAX_WBITS, out_len, out);
	return problem != NULL || out->len == out_len ? problem : "the size is not the one in the directory";
}

uint32_t sim_crc32(const char *data, size_t len)
{
	return (uint32_t)crc32_z(0, (const unsigned char *)data, len);
}
