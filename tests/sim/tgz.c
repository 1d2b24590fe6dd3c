#include "tgz.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum { TAR_BLOCK = 512, STORED_MAX = 65535 };

/* A ustar archive of one file. */
static void add_tar(struct sim_buf *out, const char *member, const char *data, size_t len)
{
	char head[TAR_BLOCK] = {0};
	unsigned sum = 0;

	(void)snprintf(head, 100, "%s", member);
	(void)snprintf(head + 100, 8, "%07o", 0644U);
	(void)snprintf(head + 108, 8, "%07o", 0U);
	(void)snprintf(head + 116, 8, "%07o", 0U);
	(void)snprintf(head + 124, 12, "%011zo", len);
	(void)snprintf(head + 136, 12, "%011o", 0U);
	memset(head + 148, ' ', 8);
	head[156] = '0';
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		sum += (unsigned char)head[i];
	}
	(void)snprintf(head + 148, 8, "%06o", sum);
	sim_buf_bytes(out, head, TAR_BLOCK);
	sim_buf_bytes(out, data, len);
	sim_buf_fill(out, '\0', (TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK + 2 * TAR_BLOCK);
}

static uint32_t crc32_of(const char *data, size_t len)
{
	uint32_t crc = 0xffffffffU;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
		}
	}
	return crc ^ 0xffffffffU;
}

static void add_little_endian(struct sim_buf *out, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		const char byte = (char)(unsigned char)(value >> (8 * i) & 0xffU);

		sim_buf_bytes(out, &byte, 1);
	}
}

/* gzip with stored blocks only: no compressor is needed for a few kilobytes. */
static void add_gzip(struct sim_buf *out, const char *data, size_t len)
{
	static const char head[10] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

	sim_buf_bytes(out, head, sizeof head);
	size_t at = 0;
	do {
		const size_t part = len - at > STORED_MAX ? STORED_MAX : len - at;

		sim_buf_bytes(out, at + part == len ? "\1" : "\0", 1);
		add_little_endian(out, (uint32_t)part, 2);
		add_little_endian(out, ~(uint32_t)part, 2);
		sim_buf_bytes(out, data + at, part);
		at += part;
	} while (at < len);
	add_little_endian(out, crc32_of(data, len), 4);
	add_little_endian(out, (uint32_t)len, 4);
}

void sim_tgz_write(const char *path, const char *member, const char *data, size_t len)
{
	struct sim_buf inner_tar = {0};
	struct sim_buf inner = {0};
	struct sim_buf outer_tar = {0};
	struct sim_buf outer = {0};

	add_tar(&inner_tar, member, data, len);
	add_gzip(&inner, inner_tar.data, inner_tar.len);
	add_tar(&outer_tar, "local.tgz", inner.data, inner.len);
	add_gzip(&outer, outer_tar.data, outer_tar.len);
	sim_file_replace(path, outer.data, outer.len);
}
