#include "file_call.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static void end_by(struct hp_reply *r, int code)
{
	r->code = code;
	if (code == 0)
		r->end = HP_END_EXIT;
	else if (code == ENOENT || code == ENOTDIR)
		r->end = HP_END_NOT_FOUND;
	else
		r->end = HP_END_NOT_STARTED;
}

/* ---- STAT ---- */

/* The target becomes part of a line: one that would break it is refused. */
static int link_line(struct hp_arena *a, const char *path, const char **ret)
{
	char target[PATH_MAX + 1];
	ssize_t n = readlink(path, target, sizeof target);
	if (n < 0)
		return errno;
	if ((size_t)n == sizeof target)
		return EINVAL;
	for (ssize_t i = 0; i < n; i++)
		if ((unsigned char)target[i] < 0x20 || target[i] == 0x7f)
			return EINVAL;
	*ret = hp_format(a, "link %s\n", hp_copy(a, (struct hp_str){target, (size_t)n}));
	return 0;
}

static int stat_line(struct hp_arena *a, const char *path, const char **ret)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno;
	if (S_ISLNK(st.st_mode))
		return link_line(a, path, ret);
	if (S_ISREG(st.st_mode))
		*ret = hp_format(a, "file %lld %lld %llu %o %llu\n", (long long)st.st_size,
				 (long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
				 (unsigned long long)st.st_ino, (unsigned)(st.st_mode & 07777),
				 (unsigned long long)st.st_nlink);
	else
		*ret = S_ISDIR(st.st_mode) ? "dir\n" : "other\n";
	return 0;
}

/* ---- EDIT: takes no memory, so that running out cannot happen with a file half written ---- */

static int write_at(int fd, size_t offset, struct hp_str bytes)
{
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return errno;
	return hp_fd_write(fd, bytes) ? 0 : errno;
}

#define OTHER_BYTES (-1)

/* Reads the whole file. Returns 0 when it holds exactly these bytes, OTHER_BYTES, or the errno of why it could not be
 * read. */
static int compare(int fd, struct hp_str bytes)
{
	char part[16384];
	if (lseek(fd, 0, SEEK_SET) < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, part, sizeof part);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return bytes.n ? OTHER_BYTES : 0;
		if ((size_t)n > bytes.n || memcmp(part, bytes.p, (size_t)n) != 0)
			return OTHER_BYTES;
		bytes = hp_str_sub(bytes, (size_t)n, bytes.n);
	}
}

/* What is longer than the old text comes first and is synced: a full disk is met before an old byte is touched. */
static int overwrite(int fd, size_t old_size, struct hp_str bytes)
{
	struct hp_str head = hp_str_sub(bytes, 0, old_size), tail = hp_str_sub(bytes, old_size, bytes.n);
	int code = 0;
	if (tail.n)
		code = write_at(fd, old_size, tail);
	if (tail.n && !code)
		code = hp_fd_sync(fd);
	if (!code)
		code = write_at(fd, 0, head);
	if (!code)
		code = hp_fd_truncate(fd, bytes.n);
	if (!code)
		code = hp_fd_sync(fd);
	return code;
}

/* True when the file holds what it was. The old text is written only when cutting does not bring it back: if it does,
 * no old byte was touched. What counts is what can be read: a write may fail where the bytes already are the old ones.
 */
static bool put_back(int fd, struct hp_str was)
{
	(void)hp_fd_truncate(fd, was.n);
	if (compare(fd, was) == 0)
		return true;
	(void)write_at(fd, 0, was);
	return hp_fd_sync(fd) == 0 && compare(fd, was) == 0;
}

static int open_to_edit(const char *path, int *ret_fd)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode)) /* opening a device may do something */
		return S_ISLNK(st.st_mode) ? ELOOP : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int code = fstat(fd, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
	if (code)
		(void)close(fd);
	else
		*ret_fd = fd;
	return code;
}

/* The open file gets other bytes. */
static void change(int fd, struct hp_str was, struct hp_str becomes, struct hp_reply *r)
{
	int code = overwrite(fd, was.n, becomes);
	if (!code)
		code = compare(fd, becomes);
	if (!code)
		return;
	r->end = put_back(fd, was) ? HP_END_NOT_STARTED : HP_END_DAMAGED;
	r->code = code == OTHER_BYTES ? EIO : code;
}

static void edit(const char *path, const struct hp_call *call, struct hp_reply *r)
{
	int fd = -1, code = open_to_edit(path, &fd);
	if (code) {
		end_by(r, code);
		return;
	}
	code = compare(fd, call->was);
	if (code == OTHER_BYTES)
		r->end = HP_END_CHANGED;
	else if (code)
		*r = (struct hp_reply){.end = HP_END_NOT_STARTED, .code = code};
	else
		change(fd, call->was, call->becomes, r);
	(void)close(fd); /* what it could tell, the sync has told */
}

void hp_file_call(struct hp_arena *a, const char *root, const struct hp_call *call, struct hp_reply *ret)
{
	bool outside = call->outside && call->kind != HP_CALL_EDIT;
	const char *path = outside ? call->path : hp_format(a, "%s/%s", root, call->path), *line = "";
	struct hp_reply r = {.end = HP_END_EXIT};
	if (call->kind == HP_CALL_EDIT) {
		edit(path, call, &r);
	} else if (call->kind == HP_CALL_STAT) {
		end_by(&r, stat_line(a, path, &line));
		r.out = hp_str(line);
	} else {
		end_by(&r, hp_file_read(a, path, call->cap, &r.out, &r.size));
		if (r.code == EFBIG)
			r.end = HP_END_TOO_BIG;
	}
	*ret = r;
}
