#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define INPUT ((size_t)64 << 10) /* bytes read at a time */
#define FIRST ((size_t)256 << 10)

enum form { FORM_UNKNOWN, FORM_PLAIN, FORM_GZIP };
enum letters { LETTERS_UNKNOWN, LETTERS_UTF8, LETTERS_UTF16_LE, LETTERS_UTF16_BE };

struct hp_window {
	int fd;
	enum form form;
	enum letters letters;
	bool ended;	 /* of the file */
	bool in_member;	 /* of gzip: the one that is being read has not ended */
	bool zlib;	 /* z is to be ended */
	const char *why; /* trouble */
	z_stream z;
	unsigned char *input; /* INPUT bytes */
	char *p;	      /* malloc */
	size_t from, n, room; /* what is not taken begins at from; n: where it ends */
	size_t at;
	unsigned char half[4]; /* UTF-16: a unit, or a pair of them, of which a part has come */
	size_t half_n;
};

static void leave(void *what)
{
	hp_window_close(what);
}

void hp_window_close(struct hp_window *w)
{
	if (w->zlib)
		(void)inflateEnd(&w->z);
	if (w->fd > 2)
		(void)close(w->fd);
	free(w->p);
	free(w->input);
	w->zlib = false;
	w->fd = -1;
	w->p = NULL;
	w->input = NULL;
	w->from = w->n = w->room = 0;
}

int hp_window_open(struct hp_arena *a, const char *path, struct hp_window **ret, struct hp_err *err)
{
	struct stat st;
	struct hp_window *w = hp_alloc(a, sizeof *w);
	bool standard = strcmp(path, "-") == 0;
	w->fd = -1;
	hp_defer(a, leave, w); /* before there is something to be left open */
	w->fd = standard ? 0 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (w->fd < 0)
		return hp_fail(err, "cannot read %s: %s", path, strerror(errno));
	if (fstat(w->fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		hp_window_close(w);
		return hp_fail(err, "cannot read %s: it is a folder", path);
	}
	if (!standard && !S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		hp_window_close(w);
		return hp_fail(err, "cannot read %s: it is no file", path);
	}
	if (!standard) /* a FIFO is waited for as soon as it is open */
		(void)fcntl(w->fd, F_SETFL, fcntl(w->fd, F_GETFL) & ~O_NONBLOCK);
	w->input = malloc(INPUT);
	w->p = malloc(FIRST);
	if (!w->input || !w->p) {
		hp_window_close(w);
		return hp_fail(err, "cannot read %s: out of memory", path);
	}
	w->room = FIRST;
	*ret = w;
	return 0;
}

struct hp_str hp_window_rest(const struct hp_window *w)
{
	return (struct hp_str){w->p + w->from, w->n - w->from};
}

void hp_window_take(struct hp_window *w, size_t n)
{
	w->from += n;
	w->at += n;
}

size_t hp_window_at(const struct hp_window *w)
{
	return w->at;
}

const char *hp_window_trouble(const struct hp_window *w)
{
	return w->why;
}

static bool stop(struct hp_window *w, const char *why)
{
	if (!w->why)
		w->why = why;
	w->ended = true;
	return false;
}

/* Room for that many bytes behind what is there. */
static bool make_room(struct hp_window *w, size_t more)
{
	if (w->room - w->n >= more)
		return true;
	if (w->from > 0) {
		memmove(w->p, w->p + w->from, w->n - w->from);
		w->n -= w->from;
		w->from = 0;
	}
	if (w->room - w->n >= more)
		return true;
	size_t room = w->room;
	while (room - w->n < more) {
		if (room > SIZE_MAX / 2)
			return stop(w, "there is no memory for it");
		room *= 2;
	}
	char *p = realloc(w->p, room);
	if (!p)
		return stop(w, "there is no memory for it");
	w->p = p;
	w->room = room;
	return true;
}

static void put_unit(struct hp_window *w, unsigned c)
{
	char *to = w->p + w->n;
	if (c < 0x80) {
		to[0] = (char)c;
		w->n += 1;
	} else if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		w->n += 2;
	} else if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		w->n += 3;
	} else {
		to[0] = (char)(0xf0 | c >> 18);
		to[1] = (char)(0x80 | (c >> 12 & 0x3f));
		to[2] = (char)(0x80 | (c >> 6 & 0x3f));
		to[3] = (char)(0x80 | (c & 0x3f));
		w->n += 4;
	}
}

static unsigned unit_of(const struct hp_window *w, const unsigned char *p)
{
	return w->letters == LETTERS_UTF16_LE ? p[0] | (unsigned)p[1] << 8 : p[1] | (unsigned)p[0] << 8;
}

/* Half a pair stays half a pair, in bytes that are no UTF-8: whoever reads it refuses it. */
static bool put_utf16(struct hp_window *w, const unsigned char *p, size_t n)
{
	if (!make_room(w, 2 * n + 8))
		return false;
	for (size_t i = 0; i < n; i++) {
		w->half[w->half_n++] = p[i];
		if (w->half_n < 2)
			continue;
		unsigned first = unit_of(w, w->half);
		bool high = first >= 0xd800 && first <= 0xdbff;
		if (w->half_n == 2 && high)
			continue;
		if (w->half_n == 3)
			continue;
		if (w->half_n == 2) {
			put_unit(w, first);
			w->half_n = 0;
			continue;
		}
		unsigned second = unit_of(w, w->half + 2);
		if (second >= 0xdc00 && second <= 0xdfff) {
			put_unit(w, 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
		} else {
			put_unit(w, first);
			put_unit(w, second);
		}
		w->half_n = 0;
	}
	return true;
}

static bool put_bytes(struct hp_window *w, const unsigned char *p, size_t n)
{
	if (w->letters == LETTERS_UTF16_LE || w->letters == LETTERS_UTF16_BE)
		return put_utf16(w, p, n);
	if (!make_room(w, n))
		return false;
	memcpy(w->p + w->n, p, n);
	w->n += n;
	return true;
}

/* What the first bytes, unpacked, say of the letters. A mark is taken off. */
static bool put_first(struct hp_window *w, const unsigned char *p, size_t n)
{
	size_t skip = 0;
	w->letters = LETTERS_UTF8;
	if (n >= 2 && p[0] == 0xff && p[1] == 0xfe) {
		w->letters = LETTERS_UTF16_LE;
		skip = 2;
	} else if (n >= 2 && p[0] == 0xfe && p[1] == 0xff) {
		w->letters = LETTERS_UTF16_BE;
		skip = 2;
	} else if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
		skip = 3;
	}
	return put_bytes(w, p + skip, n - skip);
}

static bool put(struct hp_window *w, const unsigned char *p, size_t n)
{
	if (n == 0)
		return true;
	return w->letters == LETTERS_UNKNOWN ? put_first(w, p, n) : put_bytes(w, p, n);
}

static const char no_memory[] = "there is no memory to unpack it";

static bool begin_gzip(struct hp_window *w)
{
	if (w->zlib)
		(void)inflateEnd(&w->z);
	w->z = (z_stream){0};
	w->zlib = inflateInit2(&w->z, 15 + 16) == Z_OK;
	w->in_member = w->zlib;
	return w->zlib ? true : stop(w, no_memory);
}

static bool put_gzip(struct hp_window *w, unsigned char *p, size_t n)
{
	static unsigned char out[INPUT];
	w->z.next_in = p;
	w->z.avail_in = (unsigned)n;
	while (w->z.avail_in > 0) {
		if (!w->in_member) { /* another one follows; zeros behind the last one are padding (tar) */
			unsigned char *rest = w->z.next_in;
			unsigned left = w->z.avail_in;
			while (left > 0 && *rest == 0) {
				rest++;
				left--;
			}
			if (left == 0)
				return true;
			if (!begin_gzip(w))
				return false;
			w->z.next_in = rest;
			w->z.avail_in = left;
		}
		do {
			w->z.next_out = out;
			w->z.avail_out = sizeof out;
			int code = inflate(&w->z, Z_NO_FLUSH);
			if (!put(w, out, sizeof out - w->z.avail_out))
				return false;
			if (code == Z_STREAM_END) {
				w->in_member = false;
				break;
			}
			if (code != Z_OK && code != Z_BUF_ERROR)
				return stop(w, code == Z_MEM_ERROR ? no_memory : "it is damaged gzip");
		} while (w->z.avail_out == 0 || w->z.avail_in > 0);
	}
	return true;
}

static bool first_bytes(struct hp_window *w, size_t n)
{
	w->form = n >= 2 && w->input[0] == 0x1f && w->input[1] == 0x8b ? FORM_GZIP : FORM_PLAIN;
	return w->form == FORM_PLAIN || begin_gzip(w);
}

bool hp_window_more(struct hp_window *w)
{
	size_t before = w->n - w->from;
	while (!w->ended && w->n - w->from == before) {
		size_t n = 0;
		ssize_t got = 1;
		/* The first bytes decide, so they come together, however small the pieces of a pipe are. */
		while (got > 0 && n < (w->form == FORM_UNKNOWN ? 4u : 1u)) {
			got = read(w->fd, w->input + n, INPUT - n);
			if (got < 0 && errno == EINTR)
				got = 1;
			else if (got > 0)
				n += (size_t)got;
		}
		if (got < 0)
			return stop(w, strerror(errno));
		if (n == 0) {
			w->ended = true;
			if (w->form == FORM_GZIP && w->in_member)
				return stop(w, "it is gzip that is cut at its end");
			if (w->half_n > 0)
				return stop(w, "it is UTF-16 that is cut at its end");
			break;
		}
		if (w->form == FORM_UNKNOWN && !first_bytes(w, n))
			return false;
		if (!(w->form == FORM_GZIP ? put_gzip(w, w->input, n) : put(w, w->input, n)))
			return false;
	}
	return w->n - w->from > before;
}

bool hp_window_rewind(struct hp_window *w)
{
	if (lseek(w->fd, 0, SEEK_SET) < 0)
		return false;
	w->form = FORM_UNKNOWN;
	w->letters = LETTERS_UNKNOWN;
	w->ended = false;
	w->in_member = false;
	w->why = NULL;
	w->from = w->n = w->at = w->half_n = 0;
	return true;
}
