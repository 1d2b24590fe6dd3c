#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

static int read_all(struct hp_arena *a, int fd, size_t cap, struct hp_str *ret)
{
	struct hp_buf b = hp_buf(a);
	char bytes[16384];
	for (;;) {
		ssize_t n = read(fd, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		if ((size_t)n > cap - b.n)
			return EFBIG;
		hp_put(&b, (struct hp_str){bytes, (size_t)n});
	}
	*ret = hp_built(&b);
	return 0;
}

static void close_deferred(void *what)
{
	int *fd = what;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int hp_file_read(struct hp_arena *a, const char *path, size_t cap, struct hp_str *ret, uint64_t *ret_size)
{
	struct stat st;
	int *fd = hp_alloc(a, sizeof *fd);
	*fd = -1;
	hp_defer(a, close_deferred, fd);
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return errno;
	int code = 0;
	if (fstat(*fd, &st) < 0)
		code = errno;
	else if (!S_ISREG(st.st_mode))
		code = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	else
		code = read_all(a, *fd, cap, ret);
	if (code == 0 && fstat(*fd, &st) < 0)
		code = errno;
	if (code == 0 && ret_size)
		*ret_size = (uint64_t)st.st_size;
	close_deferred(fd);
	return code;
}

int hp_input_read(struct hp_arena *a, const char *path, size_t cap, struct hp_str *ret)
{
	int *fd = hp_alloc(a, sizeof *fd);
	*fd = -1;
	if (strcmp(path, "-") == 0)
		return read_all(a, 0, cap, ret);
	hp_defer(a, close_deferred, fd);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	int code = *fd < 0 ? errno : read_all(a, *fd, cap, ret);
	close_deferred(fd);
	return code;
}

void hp_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) < 0)
			return;
}

bool hp_fd_write(int fd, struct hp_str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};
			(void)poll(&p, 1, 1000);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = hp_str_sub(bytes, (size_t)n, bytes.n);
	}
	return true;
}

static int write_and_close(int fd, struct hp_str bytes, bool sync)
{
	int code = hp_fd_write(fd, bytes) ? 0 : errno;
	if (sync && fsync(fd) < 0 && !code)
		code = errno;
	if (close(fd) < 0 && !code)
		code = errno;
	return code;
}

/* The new file's name cannot be guessed and nothing may stand there yet: in a folder that others can write to, a link
 * planted under it would lead elsewhere. It gets the old file's permissions. */
static int replace(struct hp_arena *a, const char *path, struct hp_str bytes)
{
	unsigned char random[16] = {0};
	struct stat old;
	mode_t mode = stat(path, &old) == 0 ? old.st_mode & 0777 : 0644;
	(void)hp_random(random);
	const char *fresh = hp_format(a, "%s.%02x%02x%02x%02x%02x%02x.tmp", path, random[0], random[1], random[2],
				      random[3], random[4], random[5]);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return errno;
	int code = write_and_close(fd, bytes, true);
	if (!code && rename(fresh, path) < 0)
		code = errno;
	if (code)
		(void)unlink(fresh);
	return code;
}

int hp_file_write(struct hp_arena *a, const char *path, struct hp_str bytes, struct hp_err *err)
{
	struct stat st;
	char target[PATH_MAX];
	int code;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO without reader is an error */
		code = fd < 0 ? errno : write_and_close(fd, bytes, false);
	} else if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		code = realpath(path, target) ? replace(a, target, bytes) : errno;
	} else {
		code = replace(a, path, bytes);
	}
	return code ? hp_fail(err, "cannot write %s: %s", path, strerror(code)) : 0;
}

bool hp_file_replace(struct hp_arena *a, const char *path, struct hp_str bytes)
{
	return replace(a, path, bytes) == 0;
}

bool hp_file_claim(const char *path, struct hp_str bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	if (write_and_close(fd, bytes, false) == 0)
		return true;
	(void)unlink(path);
	return false;
}

bool hp_file_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

int64_t hp_file_age_s(const char *path)
{
	struct stat st;
	int64_t now = hp_wall_ms() / 1000;
	return stat(path, &st) == 0 && now > (int64_t)st.st_mtime ? now - (int64_t)st.st_mtime : 0;
}

bool hp_dir_make(const char *path)
{
	struct stat st;
	if (lstat(path, &st) == 0)
		return S_ISDIR(st.st_mode);
	return mkdir(path, 0755) == 0;
}

bool hp_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

bool hp_random(unsigned char ret[16])
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, ret, 16);
	(void)close(fd);
	return n == 16;
}
