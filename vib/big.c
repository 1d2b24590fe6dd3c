#include "big.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void free_held(void *what)
{
	free(*(char **)what);
}

char *hp_big(struct hp_arena *a, size_t size)
{
	char **held = hp_alloc(a, sizeof *held);
	hp_defer(a, free_held, held);
	*held = calloc(1, size ? size : 1);
	return *held;
}

static int read_all(int fd, char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = read(fd, bytes + at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		at += (size_t)n;
	}
	return 0;
}

static int read_open(struct hp_arena *a, int fd, const char *path, size_t limit, struct hp_str *ret, struct hp_err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return hp_fail(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return hp_fail(err, "%s: is no regular file", path);
	if ((uint64_t)st.st_size > limit)
		return hp_fail(err, "%s: is larger than %zu MiB", path, limit >> 20);
	size_t size = (size_t)st.st_size;
	char *bytes = hp_big(a, size);
	if (!bytes)
		return hp_fail(err, "%s: out of memory for %zu MiB", path, size >> 20);
	int code = read_all(fd, bytes, size);
	if (code)
		return hp_fail(err, "%s: cannot read it: %s", path, strerror(code));
	*ret = (struct hp_str){bytes, size};
	return 0;
}

int hp_big_read(struct hp_arena *a, const char *path, size_t limit, struct hp_str *ret, struct hp_err *err)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return hp_fail(err, "cannot read %s: %s", path, strerror(errno));
	int code = read_open(a, fd, path, limit, ret, err);
	(void)close(fd);
	return code;
}
