#include "ar.h"

#include <string.h>

#include "../agent/base/num.h"

#define MAGIC "!<arch>\n"
#define HEADER 60u
#define SIZE_MOST 9999999999u /* ten digits */

enum form { FORM_VMWARE, FORM_GNU, FORM_OTHER };

static struct hp_str field(struct hp_str header, size_t from, size_t length)
{
	struct hp_str s = hp_str_sub(header, from, from + length);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* A number without needless zeros in front: each number has one way to be written. */
static bool number(struct hp_str s, unsigned base, uint64_t *ret)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] >= '0' + (int)base)
			return false;
	if (s.n > 1 && s.p[0] == '0')
		return false;
	if (base == 10)
		return hp_number(s, 10, SIZE_MOST, ret);
	*ret = 0;
	for (size_t i = 0; i < s.n; i++)
		*ret = *ret * 8 + (uint64_t)(s.p[i] - '0');
	return s.n > 0;
}

static enum form form_of(bool slash, uint64_t time, uint64_t uid, uint64_t gid, uint64_t mode)
{
	bool zero = !time && !uid && !gid;
	if (zero && !slash && !mode)
		return FORM_VMWARE;
	return zero && slash && mode == 0644 ? FORM_GNU : FORM_OTHER;
}

static int read_name(struct hp_arena *a, struct hp_str field, size_t at, const char **ret, bool *ret_slash,
		     struct hp_err *err)
{
	struct hp_str name = field;
	*ret_slash = name.n > 1 && name.p[name.n - 1] == '/';
	name.n -= *ret_slash;
	bool good = name.n > 0;
	for (size_t i = 0; i < name.n; i++)
		good = good && name.p[i] > ' ' && name.p[i] < 0x7f && name.p[i] != '/';
	if (!good || hp_str_starts(name, "#1"))
		return hp_fail(err, "offset %zu: the ar header has no plain name: \"%s\"", at,
			       hp_clean_text(a, field, HP_AR_NAME, NULL));
	*ret = hp_copy(a, name);
	return 0;
}

static int read_header(struct hp_arena *a, struct hp_str bytes, size_t at, struct hp_ar_member *ret,
		       enum form *ret_form, uint64_t *ret_size, struct hp_err *err)
{
	uint64_t time, uid, gid, mode;
	bool slash;
	if (bytes.n - at < HEADER)
		return hp_fail(err, "offset %zu: cut in the middle of an ar header", at);
	struct hp_str header = {bytes.p + at, HEADER};
	if (!hp_str_eq(hp_str_sub(header, 58, 60), "`\n"))
		return hp_fail(err, "offset %zu: no ar header: it does not end in \"`\" and a newline", at);
	if (read_name(a, field(header, 0, 16), at, &ret->name, &slash, err) < 0)
		return -1;
	if (!number(field(header, 16, 12), 10, &time) || !number(field(header, 28, 6), 10, &uid) ||
	    !number(field(header, 34, 6), 10, &gid) || !number(field(header, 40, 8), 8, &mode) ||
	    !number(field(header, 48, 10), 10, ret_size))
		return hp_fail(err, "offset %zu: a number in the ar header of %s cannot be read", at, ret->name);
	*ret_form = form_of(slash, time, uid, gid, mode);
	return 0;
}

int hp_ar_read(struct hp_arena *a, struct hp_str bytes, struct hp_ar *ret, struct hp_err *err)
{
	struct hp_ar ar = {.count = 0};
	enum form first = FORM_VMWARE, form = FORM_OTHER;
	size_t at = strlen(MAGIC);
	if (!hp_str_starts(bytes, MAGIC))
		return hp_fail(err, "is no VIB: it does not begin with \"!<arch>\"");
	while (at < bytes.n) {
		uint64_t size = 0;
		if (ar.count == HP_AR_MEMBERS)
			return hp_fail(err, "offset %zu: more than %u members", at, HP_AR_MEMBERS);
		struct hp_ar_member *m = &ar.members[ar.count];
		m->name = "";
		if (read_header(a, bytes, at, m, &form, &size, err) < 0)
			return -1;
		if (hp_ar_find(&ar, m->name))
			return hp_fail(err, "offset %zu: a second member %s", at, m->name);
		if (ar.count && form != first)
			return hp_fail(err, "offset %zu: the ar header of %s is of another form than the first one's",
				       at, m->name);
		first = form;
		m->at = at;
		at += HEADER;
		if (size > bytes.n - at)
			return hp_fail(err,
				       "offset %zu: %s should have %llu bytes, but the file ends %zu bytes after its "
				       "header",
				       m->at, m->name, (unsigned long long)size, bytes.n - at);
		m->body = (struct hp_str){bytes.p + at, (size_t)size};
		at += (size_t)size;
		if (size % 2 && (at == bytes.n || bytes.p[at++] != '\n'))
			return hp_fail(err, "offset %zu: no newline after %s, whose size is odd", at, m->name);
		ar.count++;
	}
	ar.free_headers = first == FORM_OTHER;
	*ret = ar;
	return 0;
}

const struct hp_ar_member *hp_ar_find(const struct hp_ar *ar, const char *name)
{
	for (size_t i = 0; i < ar->count; i++)
		if (strcmp(ar->members[i].name, name) == 0)
			return &ar->members[i];
	return NULL;
}

static char *put(char *to, struct hp_str bytes)
{
	if (bytes.n)
		memcpy(to, bytes.p, bytes.n);
	return to + bytes.n;
}

struct hp_str hp_ar_write(struct hp_arena *a, const struct hp_ar_member *members, size_t count)
{
	struct hp_str magic = hp_str(MAGIC);
	size_t size = magic.n;
	for (size_t i = 0; i < count; i++)
		size += HEADER + members[i].body.n + members[i].body.n % 2;
	char *bytes = hp_alloc(a, size), *to = put(bytes, magic);
	for (size_t i = 0; i < count; i++) {
		const struct hp_ar_member *m = &members[i];
		to = put(to, hp_str(hp_format(a, "%-16s%-12d%-6d%-6d%-8d%-10zu`\n", m->name, 0, 0, 0, 0, m->body.n)));
		to = put(to, m->body);
		if (m->body.n % 2)
			*to++ = '\n';
	}
	return (struct hp_str){bytes, size};
}
