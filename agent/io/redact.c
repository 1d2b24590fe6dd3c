#include "redact.h"

#include <stdint.h>
#include <string.h>

#include "../base/num.h"

#define STARS "***"

static bool hex(struct hp_str s, size_t from, size_t digits, uint32_t *ret)
{
	uint64_t n;
	if (from > s.n || s.n - from < digits || !hp_number(hp_str_sub(s, from, from + digits), 16, 0xffff, &n))
		return false;
	*ret = (uint32_t)n;
	return true;
}

static size_t put_utf8(uint32_t c, char ret[4])
{
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		ret[i] = (char)(0x80 | (c & 0x3f));
	ret[0] = (char)(first[n] | c);
	return n;
}

/* One escape that s begins with: its length in s, and the bytes that it stands for. 0 when there is none. */
static size_t read_escape(struct hp_str s, char ret[4], size_t *ret_n)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	uint32_t high, low;
	*ret_n = 1;
	if (s.n >= 3 && s.p[0] == '%' && hex(s, 1, 2, &high)) {
		ret[0] = (char)high;
		return 3;
	}
	if (s.n < 2 || s.p[0] != '\\')
		return 0;
	if (s.p[1] == 'u' && hex(s, 2, 4, &high)) {
		size_t length = 6;
		if ((high & 0xfc00) == 0xd800 && s.n >= 12 && s.p[6] == '\\' && s.p[7] == 'u' && hex(s, 8, 4, &low) &&
		    (low & 0xfc00) == 0xdc00) {
			high = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
			length = 12;
		}
		*ret_n = put_utf8(high, ret);
		return length;
	}
	const char *at = s.p[1] ? strchr(letters, s.p[1]) : NULL;
	if (!at)
		return 0;
	ret[0] = meant[at - letters];
	return 2;
}

/* How many bytes of text, from its beginning, are this secret; 0 when it does not begin with it. */
static size_t match(struct hp_str text, struct hp_str secret)
{
	if (!secret.n)
		return 0;
	size_t plain = text.n >= secret.n && memcmp(text.p, secret.p, secret.n) == 0 ? secret.n : 0;
	size_t at = 0, done = 0;
	while (done < secret.n) {
		char bytes[4];
		size_t n = 0;
		struct hp_str rest = hp_str_sub(text, at, text.n);
		size_t length = rest.n ? read_escape(rest, bytes, &n) : 0;
		if (length && n <= secret.n - done && memcmp(secret.p + done, bytes, n) == 0) {
			at += length;
			done += n;
		} else if (rest.n && rest.p[0] == secret.p[done]) {
			at++;
			done++;
		} else {
			return plain;
		}
	}
	return at > plain ? at : plain; /* never half of an escape */
}

bool hp_redact(const struct hp_str *secrets, size_t count, struct hp_str text, struct hp_bytes *ret)
{
	size_t kept = 0; /* where the bytes begin that are not in *ret yet */
	for (size_t i = 0; i < text.n;) {
		size_t longest = 0;
		struct hp_str rest = hp_str_sub(text, i, text.n);
		for (size_t k = 0; k < count; k++) {
			bool may =
			    secrets[k].n && (rest.p[0] == secrets[k].p[0] || rest.p[0] == '\\' || rest.p[0] == '%');
			size_t n = may ? match(rest, secrets[k]) : 0;
			longest = n > longest ? n : longest;
		}
		if (!longest) {
			i++;
			continue;
		}
		if (!hp_bytes_put(ret, hp_str_sub(text, kept, i), SIZE_MAX / 4) ||
		    !hp_bytes_put(ret, hp_str(STARS), SIZE_MAX / 4))
			return false;
		i += longest;
		kept = i;
	}
	return hp_bytes_put(ret, hp_str_sub(text, kept, text.n), SIZE_MAX / 4);
}
