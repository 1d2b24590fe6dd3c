#include "ar.h"

#include <string.h>

enum { MAGIC = 8, HEAD = 60, MAX_MEMBERS = 64 };

/* A number padded with blanks. */
static bool number(const char *field, size_t width, unsigned base, uint64_t *ret_value)
{
	size_t at = 0;

	*ret_value = 0;
	while (at < width && field[at] >= '0' && field[at] < (char)('0' + base)) {
		*ret_value = *ret_value * base + (uint64_t)(field[at] - '0');
		at++;
	}
	const bool digits = at > 0;
	while (at < width && field[at] == ' ') {
		at++;
	}
	return digits && at == width;
}

static const char *name_of(const char *field, const char **ret_problem)
{
	size_t len = 16;

	while (len > 0 && field[len - 1] == ' ') {
		len--;
	}
	if (len > 1 && field[len - 1] == '/') {
		len--;
	}
	/* tables of long names, symbol tables, BSD names */
	if (len == 0 || memchr(field, '/', len) != NULL || memchr(field, '\0', len) != NULL || field[0] == '#') {
		*ret_problem = sim_fmt("member name %.16s", field);
	}
	return sim_copy(field, len);
}

const char *sim_ar_read(const char *bytes, size_t len, struct sim_member **ret_members, size_t *ret_count)
{
	struct sim_member *members = sim_alloc(MAX_MEMBERS * sizeof *members);
	const char *problem = NULL;
	size_t count = 0;
	size_t at = MAGIC;

	if (len < MAGIC || memcmp(bytes, "!<arch>\n", MAGIC) != 0) {
		return "not an ar archive";
	}
	while (at < len) {
		static const size_t widths[] = {12, 6, 6, 8, 10}; /* mtime uid gid mode size */
		const char *field = bytes + at + 16;
		uint64_t value = 0;

		if (len - at < HEAD || memcmp(bytes + at + 58, "`\n", 2) != 0 || count == MAX_MEMBERS) {
			return sim_fmt("no member header at byte %zu", at);
		}
		members[count].name = name_of(bytes + at, &problem);
		for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
			if (!number(field, widths[i], i == 3 ? 8 : 10, &value)) {
				return sim_fmt("member %s has a bad header", members[count].name);
			}
			field += widths[i];
		}
		at += HEAD;
		if (problem != NULL) {
			return problem;
		}
		if (value > len - at) {
			return sim_fmt("member %s is cut", members[count].name);
		}
		members[count].data = bytes + at;
		members[count].len = (size_t)value;
		at += (size_t)value;
		if (value % 2 == 1) {
			if (at == len || bytes[at] != '\n') {
				return sim_fmt("member %s is not padded", members[count].name);
			}
			at++;
		}
		count++;
	}
	*ret_members = members;
	*ret_count = count;
	return NULL;
}
