/* Digests and compressed data, by libcrypto and zlib. */
#ifndef SIM_BYTES_H
#define SIM_BYTES_H

#include "text.h"

/* In lower-case hex; kind as a descriptor names it: sha-256 or sha-1. */
const char *sim_digest(const char *kind, const char *data, size_t len);
/* One gzip member and not a byte after it; NULL, or what is wrong. */
const char *sim_gunzip(const char *data, size_t len, struct sim_buf *out);
/* A zip member's deflated data of which the size is known; NULL, or what is wrong. */
const char *sim_inflate(const char *data, size_t len, size_t out_len, struct sim_buf *out);
uint32_t sim_crc32(const char *data, size_t len);

#endif
