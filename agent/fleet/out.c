#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../io/file.h"

#define BUFFER ((size_t)1 << 16)    /* bytes */
#define SCRATCH ((size_t)256 << 10) /* bytes: what an arena takes for itself, and more */

struct hp_out {
	struct hp_arena *arena;
	const char *path;   /* as it was given; for messages */
	const char *target; /* what is replaced; NULL: it is written into */
	const char *fresh;  /* the temporary file beside it */
	struct hp_buf *to;  /* memory; NULL: fd */
	int fd, trouble;    /* trouble: the first errno */
	size_t n;
	char buffer[BUFFER];
};

static void leave(void *what)
{
	hp_out_drop(what);
}

/* Beside the file itself, so that rename is atomic; the name is no other run's. */
static int open_fresh(struct hp_out *o)
{
	char *name = hp_alloc(o->arena, strlen(o->target) + 16);
	(void)snprintf(name, strlen(o->target) + 16, "%s.tmp.XXXXXX", o->target);
	o->fd = mkstemp(name);
	if (o->fd < 0)
		return errno;
	o->fresh = name;
	(void)fcntl(o->fd, F_SETFD, FD_CLOEXEC);
	struct stat st;
	mode_t mode;
	if (stat(o->target, &st) == 0) {
		mode = st.st_mode & 0777;
	} else {
		mode_t mask = umask(0);
		(void)umask(mask);
		mode = 0666 & ~mask;
	}
	return fchmod(o->fd, mode) < 0 ? errno : 0;
}

static int open_target(struct hp_out *o)
{
	struct stat st;
	char *real;
	if (!o->path) {
		o->fd = 1;
		return 0;
	}
	if (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO without reader is an error */
		return o->fd < 0 ? errno : 0;
	}
	o->target = o->path;
	if (lstat(o->path, &st) == 0 && S_ISLNK(st.st_mode)) {
		real = hp_alloc(o->arena, PATH_MAX);
		if (!realpath(o->path, real))
			return errno;
		o->target = real;
	}
	return open_fresh(o);
}

int hp_out_open(struct hp_arena *a, const char *path, struct hp_out **ret, struct hp_err *err)
{
	struct hp_out *o = hp_alloc(a, sizeof *o);
	o->arena = a;
	o->path = path && strcmp(path, "-") != 0 ? path : NULL;
	o->fd = -1;
	hp_defer(a, leave, o);
	int code = open_target(o);
	if (code) {
		hp_out_drop(o);
		return hp_fail(err, "cannot write %s: %s", o->path ? o->path : "standard output", strerror(code));
	}
	*ret = o;
	return 0;
}

struct hp_out *hp_out_memory(struct hp_buf *to)
{
	struct hp_out *o = hp_alloc(to->arena, sizeof *o);
	o->arena = to->arena;
	o->to = to;
	o->fd = -1;
	return o;
}

static void flush(struct hp_out *o)
{
	if (o->to) {
		hp_put(o->to, (struct hp_str){o->buffer, o->n});
		o->n = 0;
		return;
	}
	if (!o->trouble && o->n > 0 && !hp_fd_write(o->fd, (struct hp_str){o->buffer, o->n}))
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

static void sync_folder(struct hp_out *o)
{
	const char *slash = strrchr(o->target, '/');
	const char *folder =
	    slash ? hp_copy(o->arena, (struct hp_str){o->target, (size_t)(slash - o->target) + 1}) : ".";
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)hp_fd_sync(fd); /* not every file system can */
		(void)close(fd);
	}
}

int hp_out_close(struct hp_out *o, struct hp_err *err)
{
	flush(o);
	if (o->target && !o->trouble)
		o->trouble = hp_fd_sync(o->fd);
	if (o->target && close(o->fd) < 0 && !o->trouble)
		o->trouble = errno;
	if (o->target)
		o->fd = -1;
	if (o->target && !o->trouble && rename(o->fresh, o->target) < 0)
		o->trouble = errno;
	if (!o->trouble && o->target) {
		o->fresh = NULL;
		sync_folder(o);
	}
	int trouble = o->trouble;
	hp_out_drop(o);
	return trouble ? hp_fail(err, "cannot write %s: %s", o->path ? o->path : "standard output", strerror(trouble))
		       : 0;
}

void hp_out_drop(struct hp_out *o)
{
	if (o->fd > 2)
		(void)close(o->fd);
	if (o->fresh)
		(void)unlink(o->fresh);
	o->fd = -1;
	o->fresh = NULL;
}
