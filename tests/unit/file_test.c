/* Files: in-place edits, what stands at a path, and the program's own files. The disk fills and fails at every call. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

#include "../../agent/io/file.h"
#include "../../agent/io/file_call.h"
#include "unit.h"

/* ---- a disk that fails: these stand before the C library's ---- */

long syscall(long number, ...);

static struct {
	bool on, for_good, slow; /* slow: short writes and interruptions; for_good: writing fails from then on */
	unsigned fail_at, calls; /* the call that fails, from 1 */
	unsigned folders;	 /* that were synced */
} disk;

static bool disk_fails(bool reading)
{
	if (!disk.on)
		return false;
	disk.calls++;
	if (disk.slow && disk.calls % 2) {
		errno = EINTR;
		return true;
	}
	if (disk.calls != disk.fail_at && !(disk.for_good && !reading && disk.fail_at && disk.calls > disk.fail_at))
		return false;
	errno = EIO;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	if (disk_fails(false))
		return -1;
	return (ssize_t)syscall(SYS_write, (long)fd, bytes, disk.slow && n > 3 ? (size_t)3 : n);
}

ssize_t read(int fd, void *bytes, size_t n)
{
	if (disk_fails(true))
		return -1;
	return (ssize_t)syscall(SYS_read, (long)fd, bytes, disk.slow && n > 3 ? (size_t)3 : n);
}

int ftruncate(int fd, off_t size)
{
	return disk_fails(false) ? -1 : (int)syscall(SYS_ftruncate, (long)fd, (long)size);
}

int fsync(int fd)
{
	struct stat st;
	if (disk_fails(false))
		return -1;
	disk.folders += fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	return (int)syscall(SYS_fsync, (long)fd);
}

/* A call that succeeds may leave anything in errno. */
int unlink(const char *path)
{
	int result = (int)syscall(SYS_unlink, path);
	if (disk.on && result == 0)
		errno = ENOTTY;
	return result;
}

static char folder[] = "/tmp/hostprep-file-XXXXXX";

static const char *place(struct hp_arena *a, const char *name)
{
	return hp_format(a, "%s/%s", folder, name);
}

static const char *put(struct hp_arena *a, const char *name, struct hp_str bytes)
{
	const char *path = place(a, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0 && hp_fd_write(fd, bytes) && close(fd) == 0);
	return path;
}

static struct hp_str bytes_of(struct hp_arena *a, const char *path)
{
	struct hp_str bytes;
	assert_int_equal(hp_file_read(a, path, 1 << 20, &bytes, NULL), 0);
	return bytes;
}

static struct stat stat_of(const char *path)
{
	struct stat st;
	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static unsigned count_entries(void)
{
	unsigned n = 0;
	DIR *d = opendir(folder);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

/* Calls f in a process whose files cannot grow beyond `limit` bytes. Returns what it returns. */
static int with_full_disk(struct hp_arena *a, rlim_t limit, int (*f)(struct hp_arena *a))
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit most = {limit, limit};
		(void)signal(SIGXFSZ, SIG_IGN);
		_exit(setrlimit(RLIMIT_FSIZE, &most) < 0 ? 254 : f(a));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static struct hp_reply edit(struct hp_arena *a, const char *name, struct hp_str was, struct hp_str becomes)
{
	struct hp_call call = {.kind = HP_CALL_EDIT, .path = name, .was = was, .becomes = becomes};
	struct hp_reply reply;
	hp_file_call(a, folder, &call, &reply);
	return reply;
}

static struct hp_reply ask(struct hp_arena *a, enum hp_call_kind kind, const char *path, bool outside)
{
	struct hp_call call = {.kind = kind, .path = path, .outside = outside, .cap = 100};
	struct hp_reply reply;
	hp_file_call(a, folder, &call, &reply);
	return reply;
}

/* A text of n bytes that differs from that of another seed in most places. */
static struct hp_str text(struct hp_arena *a, size_t n, unsigned seed)
{
	char *p = hp_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + (i * 7 + seed) % 26);
	return (struct hp_str){p, n};
}

/* ---- edits ---- */

static void an_edit_keeps_what_the_file_is(void **state)
{
	struct hp_arena *a = *state;
	static const size_t sizes[] = {0, 1, 24, 16384, 40000};
	for (size_t i = 0; i < 25; i++) {
		struct hp_str was = text(a, sizes[i / 5], 0), becomes = text(a, sizes[i % 5], 3);
		const char *path = put(a, "map", was);
		assert_int_equal(chmod(path, 01644), 0);
		struct stat before = stat_of(path);
		struct hp_reply r = edit(a, "map", was, becomes);
		struct stat after = stat_of(path);
		assert_int_equal(r.end, HP_END_EXIT);
		assert_int_equal(r.code, 0);
		assert_true(hp_str_same(bytes_of(a, path), becomes));
		assert_true(before.st_mode == after.st_mode && after.st_mode & S_ISVTX);
		assert_true(before.st_ino == after.st_ino && before.st_uid == after.st_uid);
		assert_int_equal(after.st_size, becomes.n);
	}
	assert_int_equal(unlink(place(a, "map")), 0);
}

static void a_file_that_changed_is_left_alone(void **state)
{
	struct hp_arena *a = *state;
	const char *path = put(a, "map", hp_str("by somebody else\n"));
	const struct timespec then[2] = {{1763780645, 123}, {1763780645, 123}};
	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
	static const char *const others[] = {"", "by somebody else", "by somebody else\n\n", "by Somebody else\n"};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(edit(a, "map", hp_str(others[i]), hp_str("mine\n")).end, HP_END_CHANGED);
		assert_str(a, bytes_of(a, path), "by somebody else\n");
		struct stat st = stat_of(path);
		assert_true(st.st_mtim.tv_sec == 1763780645 && st.st_mtim.tv_nsec == 123);
	}
	struct hp_str part = {"by somebody else\n", 16}; /* what stands behind it in memory does not count */
	assert_int_equal(edit(a, "map", part, hp_str("mine\n")).end, HP_END_CHANGED);
	assert_int_equal(unlink(path), 0);
}

static void only_regular_files_are_edited(void **state)
{
	struct hp_arena *a = *state;
	const char *path = put(a, "map", hp_str("old"));
	assert_int_equal(symlink("map", place(a, "link")), 0);
	struct hp_reply r = edit(a, "link", hp_str("old"), hp_str("new"));
	assert_int_equal(r.end, HP_END_NOT_STARTED);
	assert_int_equal(r.code, ELOOP);
	assert_str(a, bytes_of(a, path), "old");
	assert_int_equal(mkdir(place(a, "dir"), 0755), 0);
	r = edit(a, "dir", hp_str(""), hp_str("new"));
	assert_int_equal(r.end, HP_END_NOT_STARTED);
	assert_int_equal(r.code, EISDIR);
	assert_int_equal(mkfifo(place(a, "pipe"), 0644), 0); /* nobody waits for it */
	r = edit(a, "pipe", hp_str(""), hp_str("new"));
	assert_int_equal(r.end, HP_END_NOT_STARTED);
	assert_int_equal(r.code, EINVAL);
	assert_int_equal(edit(a, "nothing", hp_str(""), hp_str("new")).end, HP_END_NOT_FOUND);
	assert_int_equal(edit(a, "map/x", hp_str(""), hp_str("new")).end, HP_END_NOT_FOUND);
	/* A link on the way is followed, and a file may have a second name. */
	assert_int_equal(symlink(folder, place(a, "way")), 0);
	assert_int_equal(link(path, place(a, "second")), 0);
	assert_int_equal(edit(a, "way/map", hp_str("old"), hp_str("new")).end, HP_END_EXIT);
	assert_str(a, bytes_of(a, place(a, "second")), "new");
	static const char *const all[] = {"map", "link", "pipe", "way", "second"};
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(unlink(place(a, all[i])), 0);
	assert_int_equal(rmdir(place(a, "dir")), 0);
}

static int code_of(struct hp_reply r)
{
	return r.end == HP_END_NOT_STARTED ? r.code : 200 + (int)r.end;
}

static int grows(struct hp_arena *a)
{
	return code_of(edit(a, "map", text(a, 1000, 0), text(a, 5000, 3)));
}

static int stays_as_long(struct hp_arena *a)
{
	return code_of(edit(a, "map", text(a, 1000, 0), text(a, 1000, 3)));
}

static void a_full_disk_leaves_the_old_bytes(void **state)
{
	struct hp_arena *a = *state;
	const char *path = put(a, "map", text(a, 1000, 0));
	assert_int_equal(with_full_disk(a, 3000, grows), EFBIG); /* in the middle of the tail */
	assert_true(hp_str_same(bytes_of(a, path), text(a, 1000, 0)));
	assert_int_equal(with_full_disk(a, 1000, grows), EFBIG); /* before it */
	assert_true(hp_str_same(bytes_of(a, path), text(a, 1000, 0)));
	assert_int_equal(with_full_disk(a, 100, stays_as_long), EFBIG); /* in the middle of the old bytes */
	assert_true(hp_str_same(bytes_of(a, path), text(a, 1000, 0)));
	assert_int_equal(with_full_disk(a, 5000, grows), 200 + HP_END_EXIT);
	assert_true(hp_str_same(bytes_of(a, path), text(a, 5000, 3)));
	assert_int_equal(unlink(path), 0);
}

/* Every call on the way fails in turn. Returns how often the file was left damaged. */
static unsigned every_call_fails(struct hp_arena *a, size_t old_size, size_t new_size, bool for_good)
{
	struct hp_str was = text(a, old_size, 0), becomes = text(a, new_size, 3);
	unsigned damaged = 0;
	for (unsigned at = 1;; at++) {
		const char *path = put(a, "map", was);
		memset(&disk, 0, sizeof disk);
		disk.for_good = for_good;
		disk.fail_at = at;
		disk.on = true;
		struct hp_reply r = edit(a, "map", was, becomes);
		disk.on = false;
		struct hp_str now = bytes_of(a, path);
		if (disk.calls < at) { /* none failed */
			assert_true(at > 4);
			assert_int_equal(r.end, HP_END_EXIT);
			return damaged;
		}
		assert_true(r.end == HP_END_NOT_STARTED || r.end == HP_END_DAMAGED);
		assert_int_equal(r.code, EIO);
		if (r.end == HP_END_NOT_STARTED)
			assert_true(hp_str_same(now, was));
		damaged += r.end == HP_END_DAMAGED && !hp_str_same(now, was);
		assert_true(for_good || r.end == HP_END_NOT_STARTED); /* what fails once is mended */
	}
}

static void a_disk_that_fails_is_told_as_it_is(void **state)
{
	struct hp_arena *a = *state;
	static const size_t sizes[] = {10, 1000, 20000};
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(every_call_fails(a, sizes[i / 3], sizes[i % 3], false), 0);
		assert_true(every_call_fails(a, sizes[i / 3], sizes[i % 3], true) > 0);
	}
	assert_int_equal(unlink(place(a, "map")), 0);
}

static void short_writes_and_interruptions(void **state)
{
	struct hp_arena *a = *state;
	const char *path = put(a, "map", text(a, 100, 0)), *log = place(a, "log");
	memset(&disk, 0, sizeof disk);
	disk.on = disk.slow = true;
	struct hp_reply r = edit(a, "map", text(a, 100, 0), text(a, 200, 3));
	struct hp_reply other = edit(a, "map", text(a, 200, 3), text(a, 50, 4));
	int code = hp_file_append(log, hp_str("some line\n"));
	disk.on = false;
	assert_true(disk.calls > 200);
	assert_int_equal(r.end, HP_END_EXIT);
	assert_int_equal(other.end, HP_END_EXIT);
	assert_true(hp_str_same(bytes_of(a, path), text(a, 50, 4)));
	assert_int_equal(code, 0);
	assert_str(a, bytes_of(a, log), "some line\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(log), 0);
}

/* ---- what stands at a path ---- */

static void what_stands_there(void **state)
{
	struct hp_arena *a = *state;
	const char *path = put(a, "map", hp_str("10de ffff bridge false\n"));
	const struct timespec then[2] = {{1763780645, 123}, {1763780645, 123}};
	assert_int_equal(chmod(path, 01644), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
	struct hp_reply r = ask(a, HP_CALL_STAT, "map", false);
	assert_int_equal(r.end, HP_END_EXIT);
	assert_str(a, r.out,
		   hp_format(a, "file 23 1763780645000000123 %llu 1644 1\n", (unsigned long long)stat_of(path).st_ino));
	assert_int_equal(link(path, place(a, "second")), 0);
	assert_int_equal(chmod(path, 0), 0);
	r = ask(a, HP_CALL_STAT, path, true);
	assert_str(a, r.out,
		   hp_format(a, "file 23 1763780645000000123 %llu 0 2\n", (unsigned long long)stat_of(path).st_ino));
	assert_int_equal(symlink("no where", place(a, "link")), 0);
	assert_str(a, ask(a, HP_CALL_STAT, "link", false).out, "link no where\n");
	assert_int_equal(symlink(folder, place(a, "way")), 0);
	assert_str(a, ask(a, HP_CALL_STAT, "way", false).out, hp_format(a, "link %s\n", folder));
	assert_str(a, ask(a, HP_CALL_STAT, "way/link", false).out, "link no where\n");
	assert_str(a, ask(a, HP_CALL_STAT, folder, true).out, "dir\n");
	assert_int_equal(mkfifo(place(a, "pipe"), 0644), 0);
	assert_str(a, ask(a, HP_CALL_STAT, "pipe", false).out, "other\n");
	static const char *const all[] = {"map", "second", "link", "way", "pipe"};
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(unlink(place(a, all[i])), 0);
}

static void what_cannot_be_told(void **state)
{
	struct hp_arena *a = *state;
	(void)put(a, "map", hp_str("x"));
	assert_int_equal(ask(a, HP_CALL_STAT, "nothing", false).end, HP_END_NOT_FOUND);
	assert_int_equal(ask(a, HP_CALL_STAT, "map/x", false).end, HP_END_NOT_FOUND);
	assert_int_equal(ask(a, HP_CALL_STAT, place(a, "map"), false).end, HP_END_NOT_FOUND);
	assert_int_equal(ask(a, HP_CALL_STAT, "map", true).end, HP_END_NOT_FOUND);
	static const char *const targets[] = {"a\nb", "\t", "a\x7f", "\x1b[2J"};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(symlink(targets[i], place(a, "link")), 0);
		struct hp_reply r = ask(a, HP_CALL_STAT, "link", false);
		assert_int_equal(r.end, HP_END_NOT_STARTED);
		assert_int_equal(r.code, EINVAL);
		assert_int_equal(r.out.n, 0);
		assert_int_equal(unlink(place(a, "link")), 0);
	}
	assert_int_equal(symlink("loop", place(a, "loop")), 0);
	struct hp_reply r = ask(a, HP_CALL_STAT, "loop/x", false);
	assert_int_equal(r.end, HP_END_NOT_STARTED);
	assert_int_equal(r.code, ELOOP);
	assert_int_equal(unlink(place(a, "loop")), 0);
	assert_int_equal(unlink(place(a, "map")), 0);
}

/* ---- the program's own files ---- */

static void lines_are_added(void **state)
{
	struct hp_arena *a = *state;
	const char *path = place(a, "journal");
	disk.folders = 0;
	assert_int_equal(hp_file_append(path, hp_str("one\n")), 0);
	assert_int_equal(disk.folders, 1); /* its name must not be lost either */
	assert_int_equal(stat_of(path).st_mode & 07777, 0600);
	assert_int_equal(hp_file_append(path, hp_str("two\n")), 0);
	assert_int_equal(disk.folders, 1);
	assert_str(a, bytes_of(a, path), "one\ntwo\n");
	assert_int_equal(symlink("journal", place(a, "link")), 0);
	assert_int_equal(hp_file_append(place(a, "link"), hp_str("x")), ELOOP);
	assert_int_equal(symlink("fresh", place(a, "dangling")), 0);
	assert_int_equal(hp_file_append(place(a, "dangling"), hp_str("x")), ELOOP);
	assert_false(hp_file_exists(place(a, "fresh")));
	assert_int_equal(hp_file_append(folder, hp_str("x")), EISDIR);
	assert_int_equal(hp_file_append(place(a, "no/such"), hp_str("x")), ENOENT);
	assert_str(a, bytes_of(a, path), "one\ntwo\n");
	static const char *const all[] = {"journal", "link", "dangling"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(unlink(place(a, all[i])), 0);
}

static int appends(struct hp_arena *a)
{
	return hp_file_append(place(a, "journal"), text(a, 300, 3));
}

static void what_does_not_fit_is_taken_off_again(void **state)
{
	struct hp_arena *a = *state;
	const char *path = put(a, "journal", text(a, 1000, 0));
	assert_int_equal(with_full_disk(a, 1100, appends), EFBIG);
	assert_true(hp_str_same(bytes_of(a, path), text(a, 1000, 0)));
	assert_int_equal(with_full_disk(a, 1300, appends), 0);
	assert_int_equal(stat_of(path).st_size, 1300);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(with_full_disk(a, 100, appends), EFBIG);
	assert_int_equal(count_entries(), 0); /* it was not there */
	path = put(a, "journal", hp_str("one\n"));
	memset(&disk, 0, sizeof disk);
	disk.fail_at = 2; /* the sync */
	disk.on = true;
	int code = hp_file_append(path, hp_str("two\n"));
	disk.on = false;
	assert_int_equal(code, EIO);
	assert_str(a, bytes_of(a, path), "one\n");
	assert_int_equal(unlink(path), 0);
}

static void files_that_are_replaced(void **state)
{
	struct hp_arena *a = *state;
	const char *path = place(a, "state");
	disk.folders = 0;
	assert_true(hp_file_replace(a, path, hp_str("one")));
	assert_int_equal(disk.folders, 1);
	mode_t mask = umask(0);
	(void)umask(mask);
	assert_int_equal(stat_of(path).st_mode & 07777, 0644 & ~mask);
	assert_int_equal(chmod(path, 0600), 0);
	assert_true(hp_file_replace(a, path, hp_str("two")));
	assert_int_equal(stat_of(path).st_mode & 07777, 0600);
	assert_str(a, bytes_of(a, path), "two");
	errno = 0;
	assert_false(hp_file_replace(a, place(a, "no/such"), hp_str("x")));
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_false(hp_file_replace(a, hp_format(a, "%s/", folder), hp_str("x")));
	assert_int_not_equal(errno, 0);
	memset(&disk, 0, sizeof disk);
	disk.on = true;
	disk.fail_at = 3; /* after that of the random bytes and the write: the sync */
	errno = 0;
	bool done = hp_file_replace(a, path, hp_str("three"));
	int code = errno;
	disk.on = false;
	assert_false(done);
	assert_int_equal(code, EIO);
	assert_str(a, bytes_of(a, path), "two");
	assert_int_equal(count_entries(), 1);
	assert_true(hp_file_remove(path));
	assert_false(hp_file_exists(path));
	assert_int_equal(disk.folders, 1);
	assert_true(hp_file_remove(path));
	assert_true(hp_file_remove(place(a, "no/such")));
	assert_int_equal(mkdir(place(a, "dir"), 0755), 0);
	assert_false(hp_file_remove(place(a, "dir")));
	assert_int_equal(rmdir(place(a, "dir")), 0);
}

static int room(struct hp_arena *a)
{
	return hp_disk_room(a, folder, 50000);
}

static void room_on_a_disk(void **state)
{
	struct hp_arena *a = *state;
	assert_int_equal(hp_disk_room(a, folder, 50000), 0);
	assert_int_equal(with_full_disk(a, 50000, room), 0);
	assert_int_equal(with_full_disk(a, 49999, room), EFBIG);
	assert_int_equal(count_entries(), 0);
	assert_int_equal(hp_disk_room(a, place(a, "nothing"), 1), ENOENT);
}

static void paths_without_links(void **state)
{
	struct hp_arena *a = *state;
	(void)put(a, "file", hp_str("x"));
	assert_int_equal(symlink(".", place(a, "way")), 0);
	assert_int_equal(symlink("way/file", place(a, "link")), 0);
	assert_string_equal(hp_file_real(a, place(a, "way/link")), hp_file_real(a, place(a, "file")));
	assert_null(hp_file_real(a, place(a, "way/nothing")));
	static const char *const all[] = {"file", "way", "link"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(unlink(place(a, all[i])), 0);
}

/* ---- locks ---- */

/* Takes the lock in another process, which keeps it until it is killed. */
static pid_t lock_elsewhere(struct hp_arena *a, const char *path, const char *holder)
{
	int ready[2];
	char got = 0;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const char *other;
		char said = hp_file_lock(a, path, hp_str(holder), &other) == 0 ? 'y' : 'n';
		if (write(ready[1], &said, 1) == 1)
			for (;;)
				(void)pause();
		_exit(1);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &got, 1), 1);
	assert_int_equal(got, 'y');
	(void)close(ready[0]);
	return pid;
}

static void a_lock_ends_with_its_process(void **state)
{
	struct hp_arena *a = *state;
	const char *path = place(a, "lock"), *holder = "untouched";
	pid_t pid = lock_elsewhere(a, path, "process 17 since 03:04, a long line");
	assert_int_equal(hp_file_lock(a, path, hp_str("me"), &holder), EAGAIN);
	assert_string_equal(holder, "process 17 since 03:04, a long line");
	assert_str(a, bytes_of(a, path), "process 17 since 03:04, a long line");
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pid = lock_elsewhere(a, path, hp_copy(a, text(a, 300, 0)));
	assert_int_equal(hp_file_lock(a, path, hp_str("me"), &holder), EAGAIN);
	assert_str(a, text(a, 256, 0), holder);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	holder = "untouched";
	assert_int_equal(hp_file_lock(a, path, hp_str("me"), &holder), 0);
	assert_string_equal(holder, "untouched");
	assert_int_equal(stat_of(path).st_mode & 07777, 0600);
	assert_int_equal(stat_of(path).st_size, 2);
}

static int try_lock(struct hp_arena *a)
{
	const char *holder = "";
	int code = hp_file_lock(a, place(a, "lock"), hp_str("child"), &holder);
	return code == EAGAIN && strcmp(holder, "me") == 0 ? 0 : 1;
}

/* The lock is the one that the test before took. */
static void a_child_neither_has_nor_ends_it(void **state)
{
	struct hp_arena *a = *state;
	for (int i = 0; i < 2; i++) /* the first child's end has closed its copy of the descriptor */
		assert_int_equal(with_full_disk(a, RLIM_INFINITY, try_lock), 0);
	struct stat st, lock = stat_of(place(a, "lock"));
	unsigned found = 0;
	for (int fd = 3; fd < 256; fd++)
		if (fstat(fd, &st) == 0 && st.st_ino == lock.st_ino && st.st_dev == lock.st_dev) {
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
			found++;
		}
	assert_int_equal(found, 1); /* and of those that were refused none is left */
	assert_int_equal(unlink(place(a, "lock")), 0);
}

static void where_no_lock_can_be(void **state)
{
	struct hp_arena *a = *state;
	const char *holder = "untouched";
	assert_int_equal(hp_file_lock(a, place(a, "no/such"), hp_str("me"), &holder), ENOENT);
	assert_int_equal(symlink("elsewhere", place(a, "lock")), 0);
	assert_int_equal(hp_file_lock(a, place(a, "lock"), hp_str("me"), &holder), ELOOP);
	assert_false(hp_file_exists(place(a, "elsewhere")));
	assert_int_equal(unlink(place(a, "lock")), 0);
	assert_int_equal(mkfifo(place(a, "lock"), 0600), 0);
	assert_int_equal(hp_file_lock(a, place(a, "lock"), hp_str("me"), &holder), EINVAL);
	assert_int_equal(unlink(place(a, "lock")), 0);
	assert_string_equal(holder, "untouched");
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

/* Fails when a test has left something. */
static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(an_edit_keeps_what_the_file_is),
	    UNIT_TEST(a_file_that_changed_is_left_alone),
	    UNIT_TEST(only_regular_files_are_edited),
	    UNIT_TEST(a_full_disk_leaves_the_old_bytes),
	    UNIT_TEST(a_disk_that_fails_is_told_as_it_is),
	    UNIT_TEST(short_writes_and_interruptions),
	    UNIT_TEST(what_stands_there),
	    UNIT_TEST(what_cannot_be_told),
	    UNIT_TEST(lines_are_added),
	    UNIT_TEST(what_does_not_fit_is_taken_off_again),
	    UNIT_TEST(files_that_are_replaced),
	    UNIT_TEST(room_on_a_disk),
	    UNIT_TEST(paths_without_links),
	    UNIT_TEST(a_lock_ends_with_its_process),
	    UNIT_TEST(a_child_neither_has_nor_ends_it),
	    UNIT_TEST(where_no_lock_can_be),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
