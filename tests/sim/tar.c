#include "tar.h"

#include <string.h>

enum { BLOCK = 512, MAX_ENTRIES = 4096 };

static bool octal(const char *field, size_t width, uint64_t *ret_value)
{
	size_t at = 0;

	*ret_value = 0;
	while (at < width && field[at] >= '0' && field[at] <= '7') {
		*ret_value = *ret_value * 8 + (uint64_t)(field[at++] - '0');
	}
	const bool digits = at > 0;
	while (at < width && (field[at] == ' ' || field[at] == '\0')) {
		at++;
	}
	return digits && at == width;
}

static bool zero(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\0') {
			return false;
		}
	}
	return true;
}

/* vibauthor adds the bytes as signed ones, which shows where a visor offset has a byte above 127: both sums are right.
 */
static bool sum_right(const char *head)
{
	uint64_t wanted;
	int64_t sum = 0;
	int64_t signed_sum = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		const char byte = i >= 148 && i < 156 ? ' ' : head[i];

		sum += (unsigned char)byte;
		signed_sum += (signed char)byte;
	}
	return octal(head + 148, 8, &wanted) && ((int64_t)wanted == sum || (int64_t)wanted == signed_sum);
}

/* No empty, . or .. part, and no slash in front. */
static bool plain_path(const char *name)
{
	char **parts;
	const size_t count = sim_split(name, '/', &parts);

	for (size_t i = 0; i < count; i++) {
		if (*parts[i] == '\0' || sim_eq(parts[i], ".") || sim_eq(parts[i], "..")) {
			return false;
		}
	}
	return true;
}

static bool parent_there(const struct sim_entry *entries, size_t count, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *parent = slash == NULL ? "" : sim_copy(name, (size_t)(slash - name));

	for (size_t i = 0; i < count; i++) {
		if (entries[i].directory && sim_eq(entries[i].name, parent)) {
			return true;
		}
	}
	return *parent == '\0';
}

static uint32_t little_endian(const char *p)
{
	uint32_t value = 0;

	for (int i = 3; i >= 0; i--) {
		value = value << 8 | (unsigned char)p[i];
	}
	return value;
}

static const char *read_name(const char *head, struct sim_entry *entry)
{
	size_t len = strnlen(head, 100);

	if (len == 100 || !zero(head + 345, 151)) {
		return "a name of 100 bytes or with a prefix";
	}
	entry->directory = head[156] == '5';
	if (entry->directory != (len > 0 && head[len - 1] == '/')) {
		return sim_fmt("%.100s: only directories end in a slash", head);
	}
	entry->name = sim_copy(head, len - (entry->directory ? 1 : 0));
	return plain_path(entry->name) ? NULL : sim_fmt("%.100s: no plain relative path", head);
}

static const char *read_head(const char *head, bool visor, struct sim_entry *entry, bool *ret_visor)
{
	const bool gnu = memcmp(head + 257, "ustar  ", 8) == 0;
	uint64_t mode;
	uint64_t uid;
	uint64_t gid;
	uint64_t len;

	*ret_visor = visor && memcmp(head + 257, "visor  ", 8) == 0;
	if (!gnu && !*ret_visor) {
		return "an entry without the magic of GNU tar (or of visor tar in a vgz)";
	}
	if (!sum_right(head)) {
		return "an entry with a wrong header checksum";
	}
	const char *problem = read_name(head, entry);
	if (problem != NULL) {
		return problem;
	}
	if (strchr("057", head[156]) == NULL || head[156] == '\0') {
		return sim_fmt("%s: type %c, neither file nor directory", entry->name, head[156]);
	}
	if (!octal(head + 100, 8, &mode) || !octal(head + 108, 8, &uid) || !octal(head + 116, 8, &gid) ||
	    !octal(head + 124, 12, &len) || !octal(head + 136, 12, &entry->mtime) || mode > 07777 || uid > 0x7fffffff ||
	    gid > 0x7fffffff) {
		return sim_fmt("%s: a bad number in its header", entry->name);
	}
	entry->mode = (unsigned)mode;
	entry->uid = (unsigned)uid;
	entry->gid = (unsigned)gid;
	entry->len = (size_t)len;
	if (entry->directory && len != 0) {
		return sim_fmt("%s: a directory with data", entry->name);
	}
	return NULL;
}

const char *sim_tar_read(const char *bytes, size_t len, bool visor, struct sim_entry **ret_entries, size_t *ret_count)
{
	struct sim_entry *entries = sim_alloc(MAX_ENTRIES * sizeof *entries);
	bool apart = false; /* some data lies after the end of the headers */
	size_t count = 0;
	size_t at = 0;

	for (;;) {
		struct sim_entry *entry = &entries[count];
		bool is_visor;

		/* two zero blocks end it; vibauthor's visor archives have one, and the data right behind */
		const size_t end = (apart ? 1 : 2) * (size_t)BLOCK;
		if (len - at < end) {
			return "no zero blocks at its end";
		}
		if (zero(bytes + at, end)) {
			break;
		}
		if (count == MAX_ENTRIES) {
			return "too many entries";
		}
		const char *problem = read_head(bytes + at, visor, entry, &is_visor);
		if (problem != NULL) {
			return problem;
		}
		if (!parent_there(entries, count, entry->name)) {
			return sim_fmt("%s comes before its directory", entry->name);
		}
		for (size_t i = 0; i < count; i++) {
			if (sim_eq(entries[i].name, entry->name)) {
				return sim_fmt("%s is there twice", entry->name);
			}
		}
		const size_t offset = is_visor && !entry->directory ? little_endian(bytes + at + 496) : 0;
		at += BLOCK;
		const size_t from = offset > 0 ? offset : at;
		if (from > len || entry->len > len - from) {
			return sim_fmt("%s: its data is cut", entry->name);
		}
		entry->data = bytes + from;
		apart = apart || offset > 0;
		if (offset == 0) {
			at += (entry->len + BLOCK - 1) / BLOCK * BLOCK;
			at = at > len ? len : at;
		}
		count++;
	}
	if (!apart && !zero(bytes + at, len - at)) {
		return "data after its end";
	}
	*ret_entries = entries;
	*ret_count = count;
	return NULL;
}
