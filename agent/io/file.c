#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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
		if (n == 0)
			errno = EIO; /* no kernel should: going on could go on for ever */
		if (n <= 0)
			return false;
		bytes = hp_str_sub(bytes, (size_t)n, bytes.n);
	}
	return true;
}

int hp_fd_sync(int fd)
{
	int code;
	do
		code = fsync(fd) < 0 ? errno : 0;
	while (code == EINTR);
	return code == EINVAL || code == ENOSYS || code == ENOTSUP ? 0 : code;
}

int hp_fd_truncate(int fd, uint64_t size)
{
	int code;
	do
		code = ftruncate(fd, (off_t)size) < 0 ? errno : 0;
	while (code == EINTR);
	return code;
}

static int write_and_close(int fd, struct hp_str bytes, bool sync)
{
	int code = hp_fd_write(fd, bytes) ? 0 : errno;
	if (sync && !code)
		code = hp_fd_sync(fd);
	if (close(fd) < 0 && !code)
		code = errno;
	return code;
}

/* A new name outlives a crash once its folder is synced. Not every file system can: then there is nothing to be done.
 */
static void sync_folder_of(const char *path)
{
	char folder[PATH_MAX] = ".";
	const char *slash = strrchr(path, '/');
	size_t n = slash == path ? 1 : slash ? (size_t)(slash - path) : 1;
	if (n >= sizeof folder)
		return;
	if (slash)
		memcpy(folder, path, n);
	folder[n] = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)hp_fd_sync(fd);
	(void)close(fd);
}

/* The new file's name cannot be guessed and nothing may stand there yet: in a folder that others can write to, a link
 * planted under it would lead elsewhere. */
static const char *fresh_name(struct hp_arena *a, const char *path)
{
	unsigned char r[16] = {0};
	(void)hp_random(r);
	return hp_format(a, "%s.%02x%02x%02x%02x%02x%02x.tmp", path, r[0], r[1], r[2], r[3], r[4], r[5]);
}

/* The new file gets the old one's permissions. */
static int begin_new(struct hp_new_file *f, const char *fresh, const char *target, mode_t mode)
{
	f->fresh = fresh;
	f->target = target;
	f->fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	return f->fd < 0 ? errno : 0;
}

static int begin_replacing(struct hp_arena *a, const char *path, struct hp_new_file *ret)
{
	struct stat old;
	mode_t mode = stat(path, &old) == 0 ? old.st_mode & 0777 : 0644;
	return begin_new(ret, fresh_name(a, path), path, mode);
}

int hp_new_file_begin(struct hp_arena *a, const char *path, struct hp_new_file *ret)
{
	struct stat st;
	char target[PATH_MAX];
	*ret = (struct hp_new_file){.fd = -1};
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		ret->fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO without reader is an error */
		return ret->fd < 0 ? errno : 0;
	}
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return realpath(path, target) ? begin_replacing(a, hp_copy(a, hp_str(target)), ret) : errno;
	return begin_replacing(a, path, ret);
}

int hp_new_file_end(struct hp_new_file *f)
{
	int code = f->target ? hp_fd_sync(f->fd) : 0;
	if (close(f->fd) < 0 && !code)
		code = errno;
	f->fd = -1;
	if (f->target && !code && rename(f->fresh, f->target) < 0)
		code = errno;
	if (f->target && code)
		(void)unlink(f->fresh);
	else if (f->target)
		sync_folder_of(f->target);
	return code;
}

void hp_new_file_drop(struct hp_new_file *f)
{
	if (f->fd < 0)
		return;
	(void)close(f->fd);
	f->fd = -1;
	if (f->target)
		(void)unlink(f->fresh);
}

static int write_whole(struct hp_new_file *f, struct hp_str bytes)
{
	if (hp_fd_write(f->fd, bytes))
		return hp_new_file_end(f);
	int code = errno;
	hp_new_file_drop(f);
	return code;
}

static int replace(struct hp_arena *a, const char *path, struct hp_str bytes)
{
	struct hp_new_file f;
	int code = begin_replacing(a, path, &f);
	return code ? code : write_whole(&f, bytes);
}

static int write_new(const char *fresh, const char *path, struct hp_str bytes, mode_t mode)
{
	struct hp_new_file f;
	int code = begin_new(&f, fresh, path, mode);
	return code ? code : write_whole(&f, bytes);
}

int hp_file_write(struct hp_arena *a, const char *path, struct hp_str bytes, struct hp_err *err)
{
	struct hp_new_file f;
	int code = hp_new_file_begin(a, path, &f);
	code = code ? code : write_whole(&f, bytes);
	return code ? hp_fail(err, "cannot write %s: %s", path, strerror(code)) : 0;
}

bool hp_file_replace(struct hp_arena *a, const char *path, struct hp_str bytes)
{
	int code = replace(a, path, bytes);
	errno = code;
	return code == 0;
}

bool hp_file_replace_private(struct hp_arena *a, const char *path, struct hp_str bytes)
{
	int code = write_new(fresh_name(a, path), path, bytes, 0600);
	errno = code;
	return code == 0;
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

int hp_file_append(const char *path, struct hp_str bytes)
{
	struct stat st;
	bool fresh = lstat(path, &st) < 0;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	int code = fstat(fd, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
	if (code) {
		(void)close(fd);
		return code;
	}
	code = hp_fd_write(fd, bytes) ? hp_fd_sync(fd) : errno;
	if (code) {
		(void)hp_fd_truncate(fd, (uint64_t)st.st_size);
		(void)hp_fd_sync(fd);
	}
	(void)close(fd); /* what it could tell, the sync has told */
	if (code && fresh)
		(void)unlink(path);
	else if (fresh)
		sync_folder_of(path);
	return code;
}

bool hp_file_remove(const char *path)
{
	if (unlink(path) < 0)
		return errno == ENOENT || errno == ENOTDIR;
	sync_folder_of(path);
	return true;
}

static int locked_fd = -1;

static int lock(int fd)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat st;
	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	int code;
	do
		code = fcntl(fd, F_SETLK, &all) < 0 ? errno : 0;
	while (code == EINTR);
	return code == EACCES ? EAGAIN : code; /* POSIX allows either */
}

int hp_file_lock(struct hp_arena *a, const char *path, struct hp_str holder, const char **ret_holder)
{
	char words[256];
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EAGAIN ? EBUSY : errno; /* EAGAIN has one meaning here */
	int code = lock(fd);
	if (code == EAGAIN) {
		ssize_t n = read(fd, words, sizeof words);
		*ret_holder = hp_clean_text(a, (struct hp_str){words, n > 0 ? (size_t)n : 0}, sizeof words, NULL);
	} else if (!code) {
		code = hp_fd_truncate(fd, 0);
		if (!code && !hp_fd_write(fd, holder))
			code = errno;
		if (!code) {
			locked_fd = fd; /* stays open: closing it would end the lock */
			return 0;
		}
	}
	(void)close(fd);
	return code;
}

void hp_file_unlock(void)
{
	if (locked_fd >= 0)
		(void)close(locked_fd);
	locked_fd = -1;
}

/* Bytes that no file system can leave out. */
static int fill(int fd, size_t bytes)
{
	char block[16384];
	memset(block, '#', sizeof block);
	while (bytes) {
		size_t n = bytes < sizeof block ? bytes : sizeof block;
		if (!hp_fd_write(fd, (struct hp_str){block, n}))
			return errno;
		bytes -= n;
	}
	return hp_fd_sync(fd);
}

static const char *const own_new = ".new", *const own_room = ".room";

static const char *own_file(struct hp_arena *a, const char *folder, const char *name)
{
	const char *path = hp_format(a, "%s/%s", folder, name);
	(void)unlink(path); /* of a process that was killed */
	return path;
}

void hp_folder_tidy(struct hp_arena *a, const char *folder)
{
	(void)own_file(a, folder, own_new);
	(void)own_file(a, folder, own_room);
}

int hp_file_renew(struct hp_arena *a, const char *folder, const char *name, struct hp_str bytes)
{
	const char *fresh = own_file(a, folder, own_new), *path = hp_format(a, "%s/%s", folder, name);
	return write_new(fresh, path, bytes, 0600);
}

int hp_disk_room(struct hp_arena *a, const char *folder, size_t bytes)
{
	const char *path = own_file(a, folder, own_room);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	int code = fill(fd, bytes);
	if (close(fd) < 0 && !code)
		code = errno;
	if (unlink(path) < 0 && !code)
		code = errno;
	return code;
}

bool hp_folder_in_ram(const char *path)
{
	static const unsigned long tmpfs = 0x01021994, ramfs = 0x858458f6; /* Linux magic.h */
	struct statfs fs;
	return statfs(path, &fs) == 0 && ((unsigned long)fs.f_type == tmpfs || (unsigned long)fs.f_type == ramfs);
}

const char *hp_file_real(struct hp_arena *a, const char *path)
{
	char real[PATH_MAX];
	return realpath(path, real) ? hp_copy(a, hp_str(real)) : NULL;
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
