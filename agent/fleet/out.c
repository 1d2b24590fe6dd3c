#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../io/file.h"

#define BUFFER ((size_t)1 << 16)    /* bytes */
#define SCRATCH ((size_t)256 << 10) /* bytes: what an arena takes for itself, and more */

struct hp_out {
	struct hp_arena *arena;
	const char *path; /* for messages; NULL: standard output, or memory */
	struct hp_new_file file;
	struct hp_buf *to; /* memory; NULL: the file */
	int trouble;	   /* the first errno */
	size_t n;
	char buffer[BUFFER];
};

static void leave(void *what)
{
	hp_out_drop(what);
}

int hp_out_open(struct hp_arena *a, const char *path, struct hp_out **ret, struct hp_err *err)
{
	struct hp_out *o = hp_alloc(a, sizeof *o);
	o->arena = a;
	o->path = path && strcmp(path, "-") != 0 ? path : NULL;
	o->file.fd = o->path ? -1 : 1;
	hp_defer(a, leave, o); /* first: it takes memory, and nothing is left behind when there is none */
	int code = o->path ? hp_new_file_begin(a, o->path, &o->file) : 0;
	if (code)
		return hp_fail(err, "cannot write %s: %s", o->path, strerror(code));
	*ret = o;
	return 0;
}

struct hp_out *hp_out_memory(struct hp_buf *to)
{
	struct hp_out *o = hp_alloc(to->arena, sizeof *o);
	o->arena = to->arena;
	o->to = to;
	o->file.fd = -1;
	return o;
}

static void flush(struct hp_out *o)
{
	if (o->to) {
		hp_put(o->to, (struct hp_str){o->buffer, o->n});
		o->n = 0;
		return;
	}
	if (!o->trouble && o->n > 0 && !hp_fd_write(o->file.fd, (struct hp_str){o->buffer, o->n}))
		o->trouble = errno ? errno : EIO;
	o->n = 0;
}

void hp_out_put(struct hp_out *o, struct hp_str bytes)
{
	while (bytes.n > 0) {
		size_t part = bytes.n < BUFFER - o->n ? bytes.n : BUFFER - o->n;
		memcpy(o->buffer + o->n, bytes.p, part);
		o->n += part;
		bytes = hp_str_sub(bytes, part, bytes.n);
		if (o->n == BUFFER)
			flush(o);
	}
}

void hp_out_puts(struct hp_out *o, const char *text)
{
	hp_out_put(o, hp_str(text));
}

void hp_out_putf(struct hp_out *o, const char *format, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof line) {
		hp_out_put(o, (struct hp_str){line, (size_t)n});
		return;
	}
	struct hp_arena *scratch = hp_scratch_begin(o->arena, (size_t)n + SCRATCH);
	va_start(ap, format);
	hp_out_puts(o, hp_vformat(scratch, format, ap));
	va_end(ap);
	hp_scratch_end(scratch);
}

void hp_out_json(struct hp_out *o, const char *text)
{
	if (!text) {
		hp_out_puts(o, "null");
		return;
	}
	hp_out_puts(o, "\"");
	const char *from = text, *p = text;
	for (; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		hp_out_put(o, (struct hp_str){from, (size_t)(p - from)});
		if (c == '"' || c == '\\')
			hp_out_putf(o, "\\%c", c);
		else
			hp_out_putf(o, "\\u%04x", c);
		from = p + 1;
	}
	hp_out_put(o, (struct hp_str){from, (size_t)(p - from)});
	hp_out_puts(o, "\"");
}

int hp_out_close(struct hp_out *o, struct hp_err *err)
{
	flush(o);
	int code = o->trouble;
	if (o->path && !code)
		code = hp_new_file_end(&o->file);
	hp_out_drop(o);
	return code ? hp_fail(err, "cannot write %s: %s", o->path ? o->path : "standard output", strerror(code)) : 0;
}

void hp_out_drop(struct hp_out *o)
{
	if (o->path)
		hp_new_file_drop(&o->file);
}
