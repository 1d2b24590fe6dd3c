#include "text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct block {
	struct block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char data[];
};

static struct block *blocks;

void *sim_alloc(size_t size)
{
	const size_t unit = _Alignof(max_align_t);
	const size_t want = (size + unit - 1) / unit * unit;

	if (blocks == NULL || blocks->size - blocks->used < want) {
		const size_t room = want > BLOCK_BYTES ? want : BLOCK_BYTES;
		struct block *fresh = calloc(1, sizeof *fresh + room);

		if (fresh == NULL) {
			sim_die("out of memory");
		}
		fresh->size = room;
		fresh->next = blocks;
		blocks = fresh;
	}
	void *ret = blocks->data + blocks->used;
	blocks->used += want;
	return ret;
}

char *sim_copy(const char *text, size_t len)
{
	char *ret = sim_alloc(len + 1);

	memcpy(ret, text, len);
	return ret;
}

char *sim_fmt(const char *format, ...)
{
	va_list args;
	va_list again;

	va_start(args, format);
	va_copy(again, args);
	const int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		sim_die("bad format");
	}
	char *ret = sim_alloc((size_t)len + 1);
	(void)vsnprintf(ret, (size_t)len + 1, format, again);
	va_end(again);
	return ret;
}

void sim_buf_bytes(struct sim_buf *buf, const char *data, size_t len)
{
	if (buf->cap - buf->len <= len) {
		size_t cap = buf->cap == 0 ? 4096 : buf->cap;

		while (cap - buf->len <= len) {
			cap *= 2;
		}
		char *grown = sim_alloc(cap);
		if (buf->len > 0) {
			memcpy(grown, buf->data, buf->len);
		}
		buf->data = grown;
		buf->cap = cap;
	}
	if (len > 0) {
		memcpy(buf->data + buf->len, data, len);
	}
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void sim_buf_text(struct sim_buf *buf, const char *text)
{
	sim_buf_bytes(buf, text, strlen(text));
}

void sim_buf_printf(struct sim_buf *buf, const char *format, ...)
{
	char small[512];
	va_list args;
	va_list again;

	va_start(args, format);
	va_copy(again, args);
	const int len = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (len < 0) {
		sim_die("bad format");
	}
	if ((size_t)len < sizeof small) {
		sim_buf_bytes(buf, small, (size_t)len);
	} else {
		char *big = sim_alloc((size_t)len + 1);

		(void)vsnprintf(big, (size_t)len + 1, format, again);
		sim_buf_bytes(buf, big, (size_t)len);
	}
	va_end(again);
}

void sim_buf_fill(struct sim_buf *buf, char c, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sim_buf_bytes(buf, &c, 1);
	}
}

void sim_buf_left(struct sim_buf *buf, const char *text, size_t width)
{
	const size_t len = strlen(text);

	sim_buf_bytes(buf, text, len);
	if (len < width) {
		sim_buf_fill(buf, ' ', width - len);
	}
}

void sim_buf_right(struct sim_buf *buf, const char *text, size_t width)
{
	const size_t len = strlen(text);

	if (len < width) {
		sim_buf_fill(buf, ' ', width - len);
	}
	sim_buf_bytes(buf, text, len);
}

bool sim_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool sim_eq_nocase(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool sim_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool sim_number(const char *text, uint64_t *ret_value)
{
	uint64_t value = 0;
	unsigned base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		const int c = tolower((unsigned char)*text);
		unsigned digit;

		if (c >= '0' && c <= '9') {
			digit = (unsigned)(c - '0');
		} else if (c >= 'a' && c <= 'f') {
			digit = (unsigned)(c - 'a') + 10;
		} else {
			return false;
		}
		if (digit >= base || value > (UINT64_MAX - digit) / base) {
			return false;
		}
		value = value * base + digit;
	}
	*ret_value = value;
	return true;
}

bool sim_truth(const char *text)
{
	return sim_eq(text, "1") || sim_eq_nocase(text, "true") || sim_eq_nocase(text, "yes") ||
	       sim_eq_nocase(text, "on");
}

size_t sim_split(const char *text, char sep, char ***ret_items)
{
	size_t count = 1;

	for (const char *p = text; *p != '\0'; p++) {
		count += *p == sep;
	}
	char **items = sim_alloc(count * sizeof *items);
	char *rest = sim_copy(text, strlen(text));
	for (size_t i = 0; i < count; i++) {
		char *end = strchr(rest, sep);

		items[i] = rest;
		if (end != NULL) {
			*end = '\0';
			rest = end + 1;
		}
	}
	*ret_items = items;
	return count;
}

char *sim_file_read(const char *path, size_t *ret_len)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		return NULL;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return NULL;
	}
	struct sim_buf buf = {0};
	char chunk[16384];
	for (;;) {
		const ssize_t got = read(fd, chunk, sizeof chunk);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			(void)close(fd);
			return NULL;
		}
		if (got == 0) {
			break;
		}
		sim_buf_bytes(&buf, chunk, (size_t)got);
	}
	(void)close(fd);
	sim_buf_bytes(&buf, "", 0);
	*ret_len = buf.len;
	return buf.data;
}

bool sim_write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		const ssize_t put = write(fd, data, len);

		if (put < 0 && errno == EINTR) {
			continue;
		}
		if (put < 0) {
			return false;
		}
		data += put;
		len -= (size_t)put;
	}
	return true;
}

void sim_file_write(const char *path, const char *data, size_t len, mode_t mode)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || !sim_write_all(fd, data, len) || fchmod(fd, mode) != 0 || close(fd) != 0) {
		sim_die("cannot write %s: %s", path, strerror(errno));
	}
}

void sim_file_replace(const char *path, const char *data, size_t len)
{
	const char *temp = sim_fmt("%s.%ld", path, (long)getpid());

	sim_file_write(temp, data, len, 0644);
	if (rename(temp, path) != 0) {
		sim_die("cannot rename %s: %s", temp, strerror(errno));
	}
}

void sim_mkdirs(const char *path)
{
	char *copy = sim_copy(path, strlen(path));

	for (char *p = copy + 1;; p++) {
		if (*p != '/' && *p != '\0') {
			continue;
		}
		const char keep = *p;
		*p = '\0';
		if (mkdir(copy, 0755) != 0 && errno != EEXIST) {
			sim_die("cannot make %s: %s", copy, strerror(errno));
		}
		*p = keep;
		if (keep == '\0') {
			return;
		}
	}
}

void sim_rmdir_content(const char *path)
{
	DIR *dir = opendir(path);

	if (dir == NULL) {
		return;
	}
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct stat st;

		if (sim_eq(entry->d_name, ".") || sim_eq(entry->d_name, "..")) {
			continue;
		}
		const char *full = sim_fmt("%s/%s", path, entry->d_name);
		if (lstat(full, &st) != 0) {
			continue;
		}
		if (S_ISDIR(st.st_mode)) {
			sim_rmdir_content(full);
			(void)rmdir(full);
		} else {
			(void)unlink(full);
		}
	}
	(void)closedir(dir);
}

uint64_t sim_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

void sim_sleep_ms(uint64_t ms)
{
	struct timespec left = {.tv_sec = (time_t)(ms / 1000U), .tv_nsec = (long)(ms % 1000U) * 1000000L};

	while (nanosleep(&left, &left) != 0 && errno == EINTR) {
	}
}

_Noreturn void sim_die(const char *format, ...)
{
	va_list args;

	(void)fputs("esxsim: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	_exit(70);
}
