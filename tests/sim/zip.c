#include "zip.h"

#include "bytes.h"

#include <string.h>

enum { END_HEAD = 22, ENTRY_HEAD = 46, LOCAL_HEAD = 30, MAX_MEMBERS = 10000 };

static uint32_t number(const char *p, int bytes)
{
	uint32_t value = 0;

	while (bytes-- > 0) {
		value = value << 8 | (unsigned char)p[bytes];
	}
	return value;
}

static bool name_allowed(const char *name)
{
	return *name != '\0' && *name != '/' && strstr(name, "..") == NULL && strchr(name, '\\') == NULL;
}

/* entry is a record of the directory, name its name. */
static const char *read_member(const char *bytes, size_t len, const char *entry, const char *name, struct sim_buf *out)
{
	const uint32_t method = number(entry + 10, 2);
	const uint32_t packed = number(entry + 20, 4);
	const uint32_t size = number(entry + 24, 4);
	const size_t local = number(entry + 42, 4);
	const size_t name_len = number(entry + 28, 2);

	if ((number(entry + 8, 2) & 1U) != 0 || (method != 0 && method != 8)) {
		return sim_fmt("%s is encrypted or packed by method %u", name, method);
	}
	if (packed == UINT32_MAX || size == UINT32_MAX || local == UINT32_MAX) {
		return sim_fmt("%s needs zip64", name);
	}
	if (local > len || len - local < LOCAL_HEAD || memcmp(bytes + local, "PK\3\4", 4) != 0 ||
	    number(bytes + local + 26, 2) != name_len || len - local - LOCAL_HEAD < name_len ||
	    memcmp(bytes + local + LOCAL_HEAD, name, name_len) != 0 || number(bytes + local + 8, 2) != method) {
		return sim_fmt("%s: its own header is another than the directory's", name);
	}
	const size_t data = local + LOCAL_HEAD + name_len + number(bytes + local + 28, 2);
	if (data > len || packed > len - data) {
		return sim_fmt("%s is cut", name);
	}
	if (method == 0) {
		sim_buf_bytes(out, bytes + data, packed);
	} else {
		const char *problem = sim_inflate(bytes + data, packed, size, out);

		if (problem != NULL) {
			return sim_fmt("%s: %s", name, problem);
		}
	}
	if (out->len != size || sim_crc32(out->data, out->len) != number(entry + 16, 4)) {
		return sim_fmt("Bad CRC-32 for file '%s'", name);
	}
	return NULL;
}

const char *sim_zip_read(const char *bytes, size_t len, struct sim_zip *ret_zip)
{
	size_t end = len < END_HEAD ? 0 : len - END_HEAD + 1;

	do { /* before a comment of up to 64 KiB */
		if (end == 0 || len - end > 65535 + END_HEAD) {
			return "File is not a zip file";
		}
		end--;
	} while (memcmp(bytes + end, "PK\5\6", 4) != 0);
	const size_t count = number(bytes + end + 10, 2);
	size_t at = number(bytes + end + 16, 4);
	if (count == 65535 || count > MAX_MEMBERS || at > end || number(bytes + end + 12, 4) != end - at) {
		return "its directory is damaged, or needs zip64";
	}
	struct sim_zip zip = {.names = sim_alloc((count + 1) * sizeof *zip.names),
			      .members = sim_alloc((count + 1) * sizeof *zip.members)};
	for (; zip.count < count; zip.count++) {
		if (end - at < ENTRY_HEAD || memcmp(bytes + at, "PK\1\2", 4) != 0) {
			return "its directory is damaged";
		}
		const size_t name_len = number(bytes + at + 28, 2);
		const size_t whole = ENTRY_HEAD + name_len + number(bytes + at + 30, 2) + number(bytes + at + 32, 2);
		if (whole > end - at) {
			return "its directory is damaged";
		}
		const char *name = sim_copy(bytes + at + ENTRY_HEAD, name_len);
		if (!name_allowed(name) || strlen(name) != name_len || sim_zip_find(&zip, name) != NULL) {
			return sim_fmt("a member name that is not allowed or not unique: %s", name);
		}
		const char *problem = read_member(bytes, len, bytes + at, name, &zip.members[zip.count]);
		if (problem != NULL) {
			return problem;
		}
		zip.names[zip.count] = name;
		at += whole;
	}
	*ret_zip = zip;
	return at == end ? NULL : "its directory is damaged";
}

const struct sim_buf *sim_zip_find(const struct sim_zip *zip, const char *name)
{
	for (size_t i = 0; i < zip->count; i++) {
		if (sim_eq(zip->names[i], name)) {
			return &zip->members[i];
		}
	}
	return NULL;
}
