#include "pem.h"

#include <stdint.h>

#define LINE 64 /* characters */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1: no character of base64 */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters; returns how many bytes they stand for, 0 when they are no base64. */
static size_t decode_four(const char *four, char ret[3])
{
	uint32_t bits = 0;
	size_t n = four[3] != '=' ? 3 : four[2] != '=' ? 2 : 1;
	for (size_t i = 0; i < 4; i++) {
		int value = i <= n ? value_of(four[i]) : 0;
		if (value < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value;
	}
	if (bits & (0xffffffu >> (8 * n)))
		return 0; /* unused bits are set */
	for (size_t i = 0; i < n; i++)
		ret[i] = (char)(unsigned char)(bits >> (16 - 8 * i));
	return n;
}

/* ret_last: no line may follow this one */
static bool decode_line(struct hp_str line, struct hp_buf *to, bool *ret_last)
{
	char three[3];
	size_t n = 3;
	if (!line.n || line.n > LINE || line.n % 4)
		return false;
	for (size_t i = 0; i < line.n; i += 4) {
		if (n < 3)
			return false; /* behind padding */
		n = decode_four(line.p + i, three);
		if (!n)
			return false;
		hp_put(to, (struct hp_str){three, n});
	}
	*ret_last = line.n < LINE || n < 3;
	return true;
}

int hp_pem_next(struct hp_arena *a, struct hp_str *rest, const char *label, struct hp_str *ret, struct hp_err *err)
{
	const char *begin = hp_format(a, "-----BEGIN %s-----\n", label), *end = hp_format(a, "-----END %s-----", label);
	struct hp_str todo = *rest, line;
	struct hp_buf b = hp_buf(a);
	bool last = false, ended;
	if (!hp_str_starts(todo, begin))
		return hp_fail(err, "does not begin with the line -----BEGIN %s-----", label);
	todo = hp_str_sub(todo, hp_str(begin).n, todo.n);
	for (size_t number = 2; !hp_str_starts(todo, end); number++) {
		if (last)
			return hp_fail(err, "line %zu is not -----END %s-----, which must follow a short line", number,
				       label);
		if (!hp_next_line(&todo, &line, &ended) || !ended)
			return hp_fail(err, "is cut off: it has no line -----END %s-----", label);
		if (!decode_line(line, &b, &last))
			return hp_fail(err, "line %zu is not what base64 in lines of %d characters gives", number,
				       LINE);
	}
	if (!b.n)
		return hp_fail(err, "is empty");
	*rest = hp_str_sub(todo, hp_str(end).n, todo.n);
	*ret = hp_built(&b);
	return 0;
}

static void encode_three(struct hp_buf *b, struct hp_str bytes)
{
	uint32_t bits = 0;
	char four[4];
	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < bytes.n ? (unsigned char)bytes.p[i] : 0);
	for (size_t i = 0; i < 4; i++)
		four[i] = i <= bytes.n ? alphabet[bits >> (18 - 6 * i) & 0x3f] : '=';
	hp_put(b, (struct hp_str){four, 4});
}

struct hp_str hp_pem_text(struct hp_arena *a, struct hp_str bytes, const char *label)
{
	struct hp_buf b = hp_buf(a);
	hp_putf(&b, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < bytes.n; i += 3) {
		encode_three(&b, hp_str_sub(bytes, i, i + 3));
		if ((i + 3) % (LINE / 4 * 3) == 0 || i + 3 >= bytes.n)
			hp_puts(&b, "\n");
	}
	hp_putf(&b, "-----END %s-----", label);
	return hp_built(&b);
}
