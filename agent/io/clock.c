#include "clock.h"

#include <poll.h>
#include <time.h>

#include "../base/str.h"

int64_t hp_wall_ms(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t hp_now_ms(void)
{
	struct timespec t = {0};
	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		return (uint64_t)hp_wall_ms();
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

const char *hp_rfc3339(struct hp_arena *a, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm = {0};
	(void)gmtime_r(&seconds, &tm);
	return hp_format(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			 tm.tm_min, tm.tm_sec);
}

void hp_sleep_ms(unsigned ms)
{
	(void)poll(NULL, 0, (int)ms);
}
