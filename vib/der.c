#include "der.h"

#include "../agent/base/num.h"

enum { UNIVERSAL = 0x00, CLASS = 0xc0, CONSTRUCTED = 0x20, NUMBER = 0x1f };

/* The basic types: only sequences and sets have values in them. 0 is BER's mark for an end. */
static bool tag_fits(unsigned char tag)
{
	unsigned number = tag & NUMBER;
	if (number == NUMBER)
		return false;
	if ((tag & CLASS) != UNIVERSAL)
		return true;
	bool holds_values = number == (HP_DER_SEQUENCE & NUMBER) || number == (HP_DER_SET & NUMBER);
	return number && holds_values == ((tag & CONSTRUCTED) != 0);
}

/* Of the bytes of a length in the long form; 0 stands for one that is not DER, as 0 has a shorter form. */
static size_t long_length(struct hp_str bytes)
{
	size_t n = 0;
	if (!bytes.n || bytes.n > 4 || !bytes.p[0])
		return 0;
	for (size_t i = 0; i < bytes.n; i++)
		n = n << 8 | (unsigned char)bytes.p[i];
	return n < 0x80 ? 0 : n;
}

bool hp_der_next(struct hp_str *rest, struct hp_der *ret)
{
	if (rest->n < 2 || !tag_fits((unsigned char)rest->p[0]))
		return false;
	unsigned char first = (unsigned char)rest->p[1];
	size_t n = first, head = 2;
	if (first >= 0x80) {
		head += first & 0x7fu;
		if (rest->n < head)
			return false;
		n = long_length(hp_str_sub(*rest, 2, head));
		if (!n)
			return false;
	}
	if (rest->n - head < n)
		return false;
	ret->tag = (unsigned char)rest->p[0];
	ret->whole = hp_str_sub(*rest, 0, head + n);
	ret->body = (struct hp_str){rest->p + head, n};
	rest->p += head + n;
	rest->n -= head + n;
	return true;
}

bool hp_der_take(struct hp_str *rest, unsigned char tag, struct hp_der *ret)
{
	struct hp_str before = *rest;
	struct hp_der der;
	if (!hp_der_next(rest, &der))
		return false;
	if (der.tag != tag) {
		*rest = before;
		return false;
	}
	*ret = der;
	return true;
}

static bool sound(struct hp_str bytes, unsigned depth)
{
	struct hp_der der;
	while (bytes.n) {
		if (!hp_der_next(&bytes, &der))
			return false;
		if ((der.tag & CONSTRUCTED) && (depth >= HP_DER_DEPTH || !sound(der.body, depth + 1)))
			return false;
	}
	return true;
}

bool hp_der_sound(struct hp_str bytes)
{
	return sound(bytes, 0);
}

/* Since 1970; the year begins in March, so that a leap day is its last (Gregorian calendar). */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), m = (month + 9) % 12;
	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int64_t days_in(int64_t year, int64_t month)
{
	int64_t next = month == 12 ? days_since_1970(year + 1, 1, 1) : days_since_1970(year, month + 1, 1);
	return next - days_since_1970(year, month, 1);
}

static bool two_digits(struct hp_str *rest, uint64_t max, int64_t *ret)
{
	uint64_t n;
	if (!hp_number(hp_str_sub(*rest, 0, 2), 10, max, &n) || rest->n < 2)
		return false;
	*rest = hp_str_sub(*rest, 2, rest->n);
	*ret = (int64_t)n;
	return true;
}

bool hp_der_time(const struct hp_der *time, int64_t *ret_s)
{
	struct hp_str rest = time->body;
	int64_t century = 0, year, month, day, hour, minute, second;
	if (time->tag != HP_DER_UTC_TIME && (time->tag != HP_DER_TIME || !two_digits(&rest, 99, &century)))
		return false;
	if (!two_digits(&rest, 99, &year) || !two_digits(&rest, 12, &month) || !two_digits(&rest, 31, &day) ||
	    !two_digits(&rest, 23, &hour) || !two_digits(&rest, 59, &minute) || !two_digits(&rest, 59, &second))
		return false;
	if (time->tag == HP_DER_UTC_TIME)
		century = year < 50 ? 20 : 19;
	year += 100 * century;
	if (!hp_str_eq(rest, "Z") || year < 1 || !month || !day || day > days_in(year, month))
		return false;
	*ret_s = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}
