#include "when.h"

#include "num.h"

#define DAY 86400

/* Days from 1970-01-01 to the first of March of year y, and from there: a year begins in March, so that leap days come
 * last. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool digits(struct hp_str s, size_t at, size_t n, uint64_t least, uint64_t most, int64_t *ret)
{
	uint64_t value;
	struct hp_str part = hp_str_sub(s, at, at + n);
	if (part.n != n || !hp_number(part, 10, most, &value) || value < least)
		return false;
	*ret = (int64_t)value;
	return true;
}

static bool rest_is_utc(struct hp_str rest)
{
	if (hp_str_starts(rest, ".")) {
		size_t n = 1;
		while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
			n++;
		if (n == 1)
			return false;
		rest = hp_str_sub(rest, n, rest.n);
	}
	return !rest.n || hp_str_eq(rest, "Z") || hp_str_eq(rest, "+00:00");
}

bool hp_when_parse(struct hp_str text, int64_t *ret_s)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t year, month, day, h = 0, m = 0, s = 0;
	if (!digits(text, 0, 4, 1970, 9999, &year) || !digits(text, 5, 2, 1, 12, &month) ||
	    !digits(text, 8, 2, 1, 31, &day) || text.p[4] != '-' || text.p[7] != '-')
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > lengths[month - 1] + (month == 2 && leap))
		return false;
	if (text.n > 10 && (text.p[10] != 'T' || !digits(text, 11, 2, 0, 23, &h) || !digits(text, 14, 2, 0, 59, &m) ||
			    !digits(text, 17, 2, 0, 60, &s) || text.p[13] != ':' || text.p[16] != ':' ||
			    !rest_is_utc(hp_str_sub(text, 19, text.n))))
		return false;
	*ret_s = days(year, month, day) * DAY + h * 3600 + m * 60 + s;
	return true;
}

const char *hp_when_text(struct hp_arena *a, int64_t s)
{
	int64_t day = s / DAY, left = s % DAY, year = 1970;
	while (days(year + 1, 1, 1) <= day)
		year++;
	int64_t month = 1;
	while (month < 12 && days(year, month + 1, 1) <= day)
		month++;
	int64_t of_month = day - days(year, month, 1) + 1;
	return hp_format(a, "%04d-%02d-%02dT%02d:%02d:%02d.000000+00:00", (int)year, (int)month, (int)of_month,
			 (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
}
