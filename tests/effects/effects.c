/* A library to be preloaded into a dynamic hostprep: numbers what the run does to the world, and kills the process or
 * fails the call at a given number (README.md).
 *
 *     EFFECTS_LOG=FILE      a line per effect: number, name, path
 *     EFFECTS_KILL=N:WHEN   before, after; mid: a write writes half of its bytes first
 *     EFFECTS_FAIL=N:HOW    ENOSPC, EIO, EINTR: the call fails; short: a write writes half. N+: from there on
 *     EFFECTS_ONLY=TEXT     EFFECTS_FAIL strikes only where the path has TEXT in it
 *
 * Effects are numbered from 1 across forks: file-changing calls of the process itself, and in its children the start of
 * a tool that sets something. The tools get an environment without LD_PRELOAD and so run without this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum moment { NEVER, BEFORE, MID, AFTER };

static atomic_uint *counter; /* shared with the children */
static pid_t program;
static const char *log_path, *only;
static unsigned kill_at, fail_at;
static enum moment kill_when;
static bool fail_on, fail_short; /* fail_on: from fail_at on */
static int fail_code;

static bool is_word(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

_Noreturn static void misused(const char *what)
{
	(void)dprintf(2, "effects: cannot use %s\n", what);
	_exit(99); /* no exit code of the contract: the sweep sees it */
}

static unsigned number_of(const char *text, const char **rest)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	if (end == text || !n || n > 1000000)
		misused(text);
	*rest = end;
	return (unsigned)n;
}

static void read_kill(const char *text)
{
	static const char *const words[] = {[NEVER] = "", [BEFORE] = ":before", [MID] = ":mid", [AFTER] = ":after"};
	const char *rest;
	kill_at = number_of(text, &rest);
	for (unsigned i = BEFORE; i <= AFTER; i++)
		if (is_word(rest, words[i]))
			kill_when = (enum moment)i;
	if (!kill_when)
		misused(text);
}

static void read_fail(const char *text)
{
	const char *rest;
	fail_at = number_of(text, &rest);
	fail_on = *rest == '+';
	rest += fail_on;
	fail_short = is_word(rest, ":short");
	fail_code = is_word(rest, ":ENOSPC")  ? ENOSPC
		    : is_word(rest, ":EIO")   ? EIO
		    : is_word(rest, ":EINTR") ? EINTR
					      : 0;
	if (!fail_short && !fail_code)
		misused(text);
}

__attribute__((constructor)) static void begin(void)
{
	const char *what;
	void *shared = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		misused("mmap");
	counter = shared;
	program = getpid();
	log_path = getenv("EFFECTS_LOG");
	only = getenv("EFFECTS_ONLY");
	if ((what = getenv("EFFECTS_KILL")))
		read_kill(what);
	if ((what = getenv("EFFECTS_FAIL")))
		read_fail(what);
}

/* ---- an effect ---- */

static void note(unsigned number, const char *name, const char *path)
{
	char line[4600];
	int n = snprintf(line, sizeof line, "%u %s %s\n", number, name, path);
	long fd = log_path ? syscall(SYS_open, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return;
	(void)syscall(SYS_write, (int)fd, line, (size_t)n);
	(void)syscall(SYS_close, (int)fd);
}

/* Takes the next number, and kills the program when it is its turn. */
static unsigned count(const char *name, const char *path)
{
	int saved = errno;
	unsigned number = atomic_fetch_add(counter, 1) + 1;
	note(number, name, path);
	if (number == kill_at && kill_when == BEFORE) {
		(void)kill(program, SIGKILL);
		_exit(0); /* a child: its tool is not started */
	}
	errno = saved;
	return number;
}

static void after(unsigned number)
{
	if (number == kill_at && kill_when == AFTER)
		(void)kill(program, SIGKILL);
}

static bool struck(unsigned number, const char *path)
{
	return fail_at && (number == fail_at || (fail_on && number > fail_at)) && (!only || strstr(path, only));
}

/* A full disk stays full, but takes no notice of what asks for no room. */
static bool failed(unsigned number, const char *name, const char *path)
{
	bool spared = fail_on && fail_code == ENOSPC && (is_word(name, "unlink") || is_word(name, "ftruncate"));
	if (!fail_code || spared || !struck(number, path))
		return false;
	errno = fail_code;
	return true;
}

static int finish(unsigned number, long result)
{
	int saved = errno;
	after(number);
	errno = saved;
	return (int)result;
}

static bool is_child(void)
{
	return getpid() != program;
}

/* The path of a regular file, or a folder's; "" for what is no file. */
static void path_of(int fd, char *ret, size_t room)
{
	struct stat st;
	char link[64];
	ret[0] = '\0';
	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return;
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, ret, room - 1);
	ret[n > 0 ? n : 0] = '\0';
}

/* ---- the calls ---- */

ssize_t write(int fd, const void *bytes, size_t n)
{
	char path[4096];
	int saved = errno;
	path_of(fd, path, sizeof path);
	errno = saved;
	if (is_child() || !*path)
		return syscall(SYS_write, fd, bytes, n);
	unsigned number = count("write", path);
	if (failed(number, "write", path))
		return -1;
	if (number == kill_at && kill_when == MID) {
		(void)syscall(SYS_write, fd, bytes, n / 2);
		(void)kill(program, SIGKILL);
	}
	if (fail_short && struck(number, path) && n > 1)
		n /= 2;
	ssize_t result = syscall(SYS_write, fd, bytes, n);
	saved = errno;
	after(number);
	errno = saved;
	return result;
}

int ftruncate(int fd, off_t size)
{
	char path[4096];
	path_of(fd, path, sizeof path);
	if (is_child())
		return (int)syscall(SYS_ftruncate, fd, size);
	unsigned number = count("ftruncate", path);
	return failed(number, "ftruncate", path) ? -1 : finish(number, syscall(SYS_ftruncate, fd, size));
}

int fsync(int fd)
{
	char path[4096];
	path_of(fd, path, sizeof path);
	if (is_child())
		return (int)syscall(SYS_fsync, fd);
	unsigned number = count("fsync", path);
	return failed(number, "fsync", path) ? -1 : finish(number, syscall(SYS_fsync, fd));
}

int rename(const char *from, const char *to)
{
	unsigned number = count("rename", to);
	return failed(number, "rename", to) ? -1 : finish(number, syscall(SYS_rename, from, to));
}

int unlink(const char *path)
{
	unsigned number = count("unlink", path);
	return failed(number, "unlink", path) ? -1 : finish(number, syscall(SYS_unlink, path));
}

int mkdir(const char *path, mode_t mode)
{
	unsigned number = count("mkdir", path);
	return failed(number, "mkdir", path) ? -1 : finish(number, syscall(SYS_mkdir, path, mode));
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	struct stat st;
	if (flags & O_CREAT) {
		va_list rest;
		va_start(rest, flags);
		mode = va_arg(rest, mode_t);
		va_end(rest);
	}
	bool changes = (flags & O_TRUNC) || ((flags & O_CREAT) && lstat(path, &st) < 0);
	if (is_child() || !changes)
		return (int)syscall(SYS_open, path, flags, mode);
	unsigned number = count("create", path);
	return failed(number, "create", path) ? -1 : finish(number, syscall(SYS_open, path, flags, mode));
}

static bool sets(const char *path, char *const argv[])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	if (is_word(name, "auto-backup.sh") || is_word(name, "logger"))
		return true;
	for (size_t i = 1; argv[0] && argv[i]; i++)
		if (is_word(argv[i], "set"))
			return true;
	return false;
}

int execve(const char *path, char *const argv[], char *const environment[])
{
	if (!sets(path, argv))
		return (int)syscall(SYS_execve, path, argv, environment);
	unsigned number = count("execve", path);
	if (failed(number, "execve", path))
		return -1;
	after(number); /* the program is dead, its tool goes on alone */
	return (int)syscall(SYS_execve, path, argv, environment);
}
