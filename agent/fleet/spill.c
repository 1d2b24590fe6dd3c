#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../io/file.h"

#define BUFFER ((size_t)1 << 20) /* bytes */

struct hp_spill {
	const char *folder;
	int fd;
	uint64_t written; /* bytes in the file */
	size_t n;	  /* bytes in the buffer, behind them */
	char buffer[BUFFER];
};

static void leave(void *what)
{
	struct hp_spill *s = what;
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

static const char *folder_of(struct hp_arena *a, const char *output)
{
	const char *tmp = getenv("TMPDIR");
	if (!output || strcmp(output, "-") == 0 || strncmp(output, "/dev/", 5) == 0)
		return tmp && *tmp ? tmp : "/tmp";
	const char *slash = strrchr(output, '/');
	return slash ? hp_copy(a, (struct hp_str){output, (size_t)(slash - output) + 1}) : ".";
}

int hp_spill_open(struct hp_arena *a, const char *output, struct hp_spill **ret, struct hp_err *err)
{
	struct hp_spill *s = hp_alloc(a, sizeof *s);
	s->folder = folder_of(a, output);
	char *path = hp_alloc(a, strlen(s->folder) + 32);
	memcpy(path, s->folder, strlen(s->folder));
	memcpy(path + strlen(s->folder), "/.hostprep.XXXXXX", 18);
	s->fd = -1;
	hp_defer(a, leave, s); /* before there is something to be left open */
	s->fd = mkstemp(path);
	if (s->fd < 0)
		return hp_fail(err, "cannot make a temporary file in %s: %s", s->folder, strerror(errno));
	(void)unlink(path);
	(void)fcntl(s->fd, F_SETFD, FD_CLOEXEC);
	*ret = s;
	return 0;
}

static int flush(struct hp_spill *s, struct hp_err *err)
{
	if (!hp_fd_write(s->fd, (struct hp_str){s->buffer, s->n}))
		return hp_fail(err,
			       "cannot write a temporary file in %s: %s; it takes as much room as the document, and "
			       "lies where --output leads, else in TMPDIR",
			       s->folder, strerror(errno));
	s->written += s->n;
	s->n = 0;
	return 0;
}

int hp_spill_put(struct hp_spill *s, struct hp_str bytes, uint64_t *ret_at, struct hp_err *err)
{
	*ret_at = s->written + s->n;
	while (bytes.n > 0) {
		size_t part = bytes.n < BUFFER - s->n ? bytes.n : BUFFER - s->n;
		memcpy(s->buffer + s->n, bytes.p, part);
		s->n += part;
		bytes = hp_str_sub(bytes, part, bytes.n);
		if (s->n == BUFFER && flush(s, err) < 0)
			return -1;
	}
	return 0;
}

int hp_spill_get(struct hp_spill *s, struct hp_arena *a, uint64_t at, size_t n, struct hp_str *ret, struct hp_err *err)
{
	if (s->n > 0 && flush(s, err) < 0)
		return -1;
	char *p = hp_alloc(a, n + 1);
	for (size_t got = 0; got < n;) {
		ssize_t part = pread(s->fd, p + got, n - got, (off_t)(at + got));
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return hp_fail(err, "cannot read a temporary file in %s: %s", s->folder,
				       part < 0 ? strerror(errno) : "it is too short");
		got += (size_t)part;
	}
	*ret = (struct hp_str){p, n};
	return 0;
}
