#include "softerror.h"

#include <stdarg.h>
#include <stdio.h>

static const char *make(const char *class, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	const int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0) {
		sim_die("bad format");
	}
	char *text = sim_alloc((size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, format, args);
	return sim_fmt(" [%s]\n %s\n Please refer to the log file for more details.", class, text);
}

const char *sim_soft_error(const char *class, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = make(class, format, args);
	va_end(args);
	return text;
}

const char *sim_soft_guess(const char *class, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = make(class, format, args);
	va_end(args);
	return text;
}
