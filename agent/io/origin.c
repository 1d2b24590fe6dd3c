#include "origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "../base/num.h"

#define SCHEME "https:"

static bool same_beginning(struct hp_str s, const char *lower)
{
	size_t n = strlen(lower);
	for (size_t i = 0; i < n; i++)
		if (i >= s.n || hp_lower(s.p[i]) != lower[i])
			return false;
	return true;
}

static size_t find_any(struct hp_str s, const char *bytes)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(bytes, s.p[i])) /* a NUL too: it ends a host */
			return i;
	return s.n;
}

/* Lower case; an address as the system would write it. */
static bool read_host(struct hp_str s, bool brackets, struct hp_origin *o)
{
	unsigned char address[sizeof(struct in6_addr)];
	if (!s.n || s.n >= sizeof o->host)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = hp_lower(s.p[i]);
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
		if (!word && !(brackets && (c == ':' || c == '%')))
			return false;
		o->host[i] = c;
	}
	o->host[s.n] = '\0';
	o->literal = brackets || inet_pton(AF_INET, o->host, address) == 1;
	if (brackets && inet_pton(AF_INET6, o->host, address) == 1)
		return inet_ntop(AF_INET6, address, o->host, sizeof o->host) != NULL;
	return !brackets || strchr(o->host, '%'); /* with a zone it stays as it is */
}

static bool read_authority(struct hp_str s, struct hp_origin *ret)
{
	struct hp_origin o = {.port = 443};
	bool brackets = hp_str_starts(s, "[");
	size_t end = brackets ? find_any(s, "]") : find_any(s, ":");
	struct hp_str host = hp_str_sub(s, brackets ? 1 : 0, end), rest = hp_str_sub(s, end + (brackets ? 1 : 0), s.n);
	uint64_t port;
	if ((brackets && end == s.n) || !read_host(host, brackets, &o))
		return false;
	if (rest.n) {
		if (rest.p[0] != ':' || !hp_number(hp_str_sub(rest, 1, rest.n), 10, 65535, &port) || port == 0)
			return false;
		o.port = (unsigned)port;
	}
	*ret = o;
	return true;
}

bool hp_origin_parse(struct hp_str text, struct hp_origin *ret)
{
	if (!same_beginning(text, SCHEME "//"))
		return false;
	return read_authority(hp_str_sub(text, strlen(SCHEME "//"), text.n), ret);
}

bool hp_origin_path(const struct hp_origin *o, struct hp_str location, struct hp_str *ret)
{
	struct hp_str rest = hp_str_trim(location);
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] < 0x20 || (unsigned char)rest.p[i] >= 0x7f)
			return false;
	if (same_beginning(rest, SCHEME))
		rest = hp_str_sub(rest, strlen(SCHEME), rest.n);
	else if (!hp_str_starts(rest, "/"))
		return false;
	if (hp_str_starts(rest, "//")) {
		struct hp_origin other;
		rest = hp_str_sub(rest, 2, rest.n);
		size_t end = find_any(rest, "/?#\\");
		if (!read_authority(hp_str_sub(rest, 0, end), &other) || other.port != o->port ||
		    strcmp(other.host, o->host) != 0)
			return false;
		rest = hp_str_sub(rest, end, rest.n);
	}
	rest = hp_str_sub(rest, 0, find_any(rest, "#"));
	if (!hp_str_starts(rest, "/") || hp_str_starts(rest, "//") || rest.n > HP_PATH_LIMIT)
		return false;
	*ret = rest;
	return true;
}
