#include "payload.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../agent/base/gzip.h"
#include "big.h"
#include "community.h"
#include "tar.h"

#define DEPTH_MOST 32u
#define GZIP_LEVEL 9

struct walk {
	struct hp_arena *a;
	const char *folder;
	enum hp_level level;
	struct hp_err *err;
	struct hp_tar_entry *entries;
	size_t count, room;
	uint64_t bytes; /* of all files */
};

static int refuse(const struct walk *w, const char *path, const char *why)
{
	return hp_fail(w->err, "%s/%s: %s", w->folder, hp_one_line(w->a, path), why);
}

static int by_name(const void *one, const void *other)
{
	const char *const *a = one, *const *b = other;
	return strcmp(*a, *b);
}

static void close_folder(void *what)
{
	DIR **dir = what;
	if (*dir)
		(void)closedir(*dir);
	*dir = NULL;
}

static int list_folder(struct walk *w, const char *path, const char ***ret, size_t *ret_count)
{
	const char **names = NULL;
	size_t n = 0, room = 0;
	DIR **dir = hp_alloc(w->a, sizeof(DIR *));
	hp_defer(w->a, close_folder, dir);
	*dir = opendir(*path ? hp_format(w->a, "%s/%s", w->folder, path) : w->folder);
	if (!*dir)
		return refuse(w, path, strerror(errno));
	errno = 0;
	for (const struct dirent *e = readdir(*dir); e; e = readdir(*dir)) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (n == HP_TAR_ENTRIES)
			return refuse(w, path, "has too many entries");
		if (n == room) {
			room = room ? 2 * room : 32;
			names = hp_grow(w->a, names, n, room, sizeof *names);
		}
		names[n++] = hp_copy(w->a, hp_str(e->d_name));
	}
	if (errno)
		return refuse(w, path, strerror(errno));
	close_folder(dir);
	if (n)
		qsort(names, n, sizeof *names, by_name);
	*ret = names;
	*ret_count = n;
	return 0;
}

static const char *trouble_of_path(const char *path)
{
	if (strlen(path) > HP_TAR_PATH)
		return "the path is longer than the 99 characters that a VIB allows";
	for (const char *p = path; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("\\\"'`$&|;<>*?", *p))
			return "the path has a character that no file of a VIB should have";
	return NULL;
}

static const char *trouble_of_kind(const struct walk *w, const char *path, const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return "is a symbolic link; a VIB of ours has files and folders only";
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return "is neither a file nor a folder";
	if (st->st_mode & (S_ISUID | S_ISGID) && S_ISREG(st->st_mode))
		return "has the set-user-ID or set-group-ID bit";
	if (st->st_mode & S_ISVTX && S_ISREG(st->st_mode))
		return "has the sticky bit: the host would keep changes of it in state.tgz, across upgrades";
	if (S_ISREG(st->st_mode) && w->level == HP_LEVEL_COMMUNITY && !hp_community_path(path))
		return "a VIB of level community may not bring a file there; it may in " HP_COMMUNITY_HINT;
	return NULL;
}

static int walk_folder(struct walk *w, const char *path, unsigned depth);

static int walk_entry(struct walk *w, const char *path, unsigned depth)
{
	struct stat st;
	if (lstat(hp_format(w->a, "%s/%s", w->folder, path), &st) < 0)
		return refuse(w, path, strerror(errno));
	const char *trouble = trouble_of_path(path);
	trouble = trouble ? trouble : trouble_of_kind(w, path, &st);
	if (trouble)
		return refuse(w, path, trouble);
	if (w->count == HP_TAR_ENTRIES)
		return refuse(w, path, "is one file too many");
	if (w->count == w->room) {
		w->room = w->room ? 2 * w->room : 32;
		w->entries = hp_grow(w->a, w->entries, w->count, w->room, sizeof *w->entries);
	}
	struct hp_tar_entry *e = &w->entries[w->count++];
	*e = (struct hp_tar_entry){.path = path, .type = HP_TAR_FOLDER, .mode = 0755};
	if (S_ISDIR(st.st_mode))
		return walk_folder(w, path, depth + 1);
	e->type = HP_TAR_FILE;
	e->mode = st.st_mode & 0111 ? 0755 : 0644;
	e->body.n = (size_t)st.st_size;
	w->bytes += (uint64_t)st.st_size;
	if ((uint64_t)st.st_size > HP_PAYLOAD_LIMIT || w->bytes > HP_PAYLOAD_LIMIT)
		return refuse(w, path, "makes the payload too large: more than 512 MiB");
	return 0;
}

static int walk_folder(struct walk *w, const char *path, unsigned depth)
{
	const char **names = NULL;
	size_t n = 0;
	if (depth > DEPTH_MOST)
		return refuse(w, path, "is nested too deep");
	if (list_folder(w, path, &names, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (walk_entry(w, *path ? hp_format(w->a, "%s/%s", path, names[i]) : names[i], depth) < 0)
			return -1;
	return 0;
}

static int fill(struct walk *w, char *const *bodies)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct hp_tar_entry *e = &w->entries[i];
		struct hp_str bytes;
		if (e->type != HP_TAR_FILE)
			continue;
		if (hp_big_read(w->a, hp_format(w->a, "%s/%s", w->folder, e->path), HP_PAYLOAD_LIMIT, &bytes, w->err) <
		    0)
			return -1;
		if (bytes.n != e->body.n)
			return refuse(w, e->path, "has changed while it was packed");
		if (bytes.n)
			memcpy(bodies[i], bytes.p, bytes.n);
	}
	return 0;
}

int hp_payload_pack(struct hp_arena *a, const char *folder, enum hp_level level, int64_t time_s, struct hp_packed *ret,
		    struct hp_err *err)
{
	struct walk w = {.a = a, .folder = folder, .level = level, .err = err};
	struct hp_packed packed = {.file_count = 0};
	if (walk_folder(&w, "", 0) < 0)
		return -1;
	packed.files = hp_alloc_array(a, w.count + 1, sizeof *packed.files);
	for (size_t i = 0; i < w.count; i++)
		if (w.entries[i].type == HP_TAR_FILE)
			packed.files[packed.file_count++] = w.entries[i].path;
	if (!packed.file_count)
		return hp_fail(err, "%s: there is no file in it", folder);
	char **bodies = hp_alloc_array(a, w.count, sizeof *bodies);
	if (hp_tar_frame(a, w.entries, w.count, time_s, &packed.tar, bodies, err) < 0 || fill(&w, bodies) < 0 ||
	    hp_gzip_pack(a, packed.tar, GZIP_LEVEL, &packed.gzip, err) < 0 ||
	    hp_checksums_of(a, packed.gzip, packed.tar, &packed.sums, err) < 0)
		return -1;
	*ret = packed;
	return 0;
}
