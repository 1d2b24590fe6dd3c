#include "err.h"

#include <stdarg.h>
#include <stdio.h>

int hp_fail(struct hp_err *err, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	/* Texts of others (a policy's keys, a capture's name) may hold controls: one line it stays. */
	for (char *c = err->text; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			*c = '?';
	return -1;
}
