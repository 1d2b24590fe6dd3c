#include "err.h"

#include <stdarg.h>
#include <stdio.h>

int hp_fail(struct hp_err *err, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	return -1;
}
