#include "image.h"

#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE ".esxsim/vibs"

static const char *store_path(const struct sim_state *state, const char *name, const char *version)
{
	return sim_fmt("%s/%s/%s_%s.vib", state->root, STORE, name, version);
}

bool sim_image_load(const struct sim_state *state, const char *name, const char *version, struct sim_vibfile *ret_vib)
{
	size_t len;
	const char *bytes = sim_file_read(store_path(state, name, version), &len);

	return bytes != NULL && sim_vibfile_read(bytes, len, ret_vib) == NULL;
}

void sim_image_store(const struct sim_state *state, const struct sim_vibfile *vib)
{
	sim_mkdirs(sim_path(state, STORE));
	sim_file_replace(store_path(state, vib->name, vib->version), vib->bytes, vib->len);
}

/* The stored VIBs; the second value is their number. */
static struct sim_vibfile *stored(const struct sim_state *state, size_t *ret_count)
{
	struct sim_vibfile *vibs = NULL;
	size_t count = 0;
	size_t cap = 0;
	DIR *dir = opendir(sim_path(state, STORE));

	for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
		size_t len;
		const char *bytes = sim_file_read(sim_fmt("%s/%s/%s", state->root, STORE, entry->d_name), &len);

		if (count == cap) {
			struct sim_vibfile *grown = sim_alloc((cap + 16) * sizeof *grown);

			if (count > 0) {
				memcpy(grown, vibs, count * sizeof *grown);
			}
			vibs = grown;
			cap += 16;
		}
		if (bytes != NULL && sim_vibfile_read(bytes, len, &vibs[count]) == NULL) {
			count++;
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	*ret_count = count;
	return vibs;
}

static bool is_version(const struct sim_state *state, const struct sim_vibfile *vib, const char *which)
{
	return sim_eq(sim_getf(state, "-", "vib.%s.%s", vib->name, which), vib->version);
}

void sim_image_tidy(const struct sim_state *state)
{
	size_t count;
	const struct sim_vibfile *vibs = stored(state, &count);

	for (size_t i = 0; i < count; i++) {
		if (!is_version(state, &vibs[i], "version") && !is_version(state, &vibs[i], "next")) {
			(void)unlink(store_path(state, vibs[i].name, vibs[i].version));
		}
	}
}

/* ---- files below the tree ---- */

/* The directory in which the last part of path lies; -1 if it is not there or behind a symbolic link. */
static int open_parent(const struct sim_state *state, const char *path, const char **ret_leaf)
{
	char **parts;
	const size_t count = sim_split(path, '/', &parts);
	int fd = open(state->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i + 1 < count && fd >= 0; i++) {
		const int next = openat(fd, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		(void)close(fd);
		fd = next;
	}
	*ret_leaf = parts[count - 1];
	return fd;
}

static bool is_tool(const char *path)
{
	for (size_t i = 0; i < sim_tool_count; i++) {
		if (sim_eq(sim_tools[i].path, path)) {
			return true;
		}
	}
	return sim_starts(path, ".esxsim");
}

const char *sim_image_obstacle(const struct sim_state *state, const struct sim_vibfile *vib)
{
	for (size_t p = 0; p < vib->payload_count; p++) {
		for (size_t e = 0; e < vib->payloads[p].entry_count; e++) {
			const struct sim_entry *entry = &vib->payloads[p].entries[e];
			const char *leaf;
			struct stat st;

			if (is_tool(entry->name)) {
				return sim_fmt("%s belongs to another VIB", entry->name);
			}
			const int fd = open_parent(state, entry->name, &leaf);
			const bool there = fd >= 0 && fstatat(fd, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0;
			const int error = errno;
			if (fd >= 0) {
				(void)close(fd);
			}
			if (there ? S_ISDIR(st.st_mode) != entry->directory : error != ENOENT) {
				return sim_fmt("%s: what is there is no %s", entry->name,
					       entry->directory ? "directory" : "file");
			}
		}
	}
	return NULL;
}

static void own(int fd, const struct sim_entry *entry)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)entry->mtime}};

	if ((geteuid() == 0 && fchown(fd, entry->uid, entry->gid) != 0) || fchmod(fd, entry->mode) != 0 ||
	    futimens(fd, times) != 0) {
		sim_die("cannot set owner, mode and time of %s: %s", entry->name, strerror(errno));
	}
}

static void put_entry(const struct sim_state *state, const struct sim_entry *entry, bool keep_sticky)
{
	const char *leaf;
	const int fd = open_parent(state, entry->name, &leaf);
	struct stat st;
	int made = -1;

	if (fd < 0) {
		sim_die("cannot reach the folder of %s: %s", entry->name, strerror(errno));
	}
	if (entry->directory && mkdirat(fd, leaf, 0700) == 0) {
		made = openat(fd, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	} else if (entry->directory) { /* one that is there keeps its mode and owner */
		(void)close(fd);
		return;
	} else if (keep_sticky && (entry->mode & S_ISVTX) != 0 && fstatat(fd, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)close(fd);
		return;
	} else { /* a new inode: the old one may be a program that runs */
		(void)unlinkat(fd, leaf, 0);
		made = openat(fd, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (made < 0 || (!entry->directory && !sim_write_all(made, entry->data, entry->len))) {
		sim_die("cannot make %s: %s", entry->name, strerror(errno));
	}
	own(made, entry);
	(void)close(made);
	(void)close(fd);
}

void sim_image_put(const struct sim_state *state, const struct sim_vibfile *vib, bool keep_sticky)
{
	for (size_t p = 0; p < vib->payload_count; p++) {
		for (size_t e = 0; e < vib->payloads[p].entry_count; e++) {
			put_entry(state, &vib->payloads[p].entries[e], keep_sticky);
		}
	}
}

static bool always_there(const char *path)
{
	static const char *const base[] = {"bin",
					   "sbin",
					   "etc",
					   "etc/init.d",
					   "etc/vmware",
					   "etc/vmware/firewall",
					   "opt",
					   "opt/mellanox",
					   "opt/mellanox/bin",
					   "tmp",
					   "usr",
					   "usr/lib",
					   "usr/lib/vmware",
					   "usr/lib/vmware/esxcli",
					   "usr/lib/vmware/esxcli/ext",
					   "var"};

	for (size_t i = 0; i < sizeof base / sizeof base[0]; i++) {
		if (sim_eq(base[i], path)) {
			return true;
		}
	}
	return sim_starts(path, "var/") || sim_starts(path, "scratch") || sim_starts(path, "vmfs");
}

void sim_image_take(const struct sim_state *state, struct sim_vibfile *vib)
{
	if (vib->payloads[0].entries == NULL && sim_vib_unpack(vib) != NULL) {
		sim_die("the stored file of %s is damaged", vib->id);
	}
	for (size_t p = vib->payload_count; p-- > 0;) {
		for (size_t e = vib->payloads[p].entry_count; e-- > 0;) { /* directories come after what is in them */
			const struct sim_entry *entry = &vib->payloads[p].entries[e];
			const char *leaf;
			const int fd = open_parent(state, entry->name, &leaf);

			if (fd >= 0 && !(entry->directory && always_there(entry->name))) {
				(void)unlinkat(fd, leaf, entry->directory ? AT_REMOVEDIR : 0);
			}
			if (fd >= 0) {
				(void)close(fd);
			}
		}
	}
}

/* ---- boot ---- */

static bool in_vib(const struct sim_vibfile *vibs, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t f = 0; f < vibs[i].file_count; f++) {
			if (sim_eq(vibs[i].files[f], path)) {
				return true;
			}
		}
	}
	return false;
}

/* Empties a folder of /opt but for the files of VIBs. */
static void sweep(const struct sim_state *state, const char *folder, const struct sim_vibfile *vibs, size_t count)
{
	DIR *dir = opendir(sim_path(state, folder));

	for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
		const char *path = sim_fmt("%s/%s", folder, entry->d_name);
		struct stat st;

		if (sim_eq(entry->d_name, ".") || sim_eq(entry->d_name, "..") || sim_eq(path, "opt/mellanox") ||
		    lstat(sim_path(state, path), &st) != 0) {
			continue; /* opt/mellanox is of the stock VIB mft */
		}
		if (S_ISDIR(st.st_mode)) {
			sweep(state, path, vibs, count);
			(void)rmdir(sim_path(state, path));
		} else if (!in_vib(vibs, count, path)) {
			(void)unlink(sim_path(state, path));
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
}

void sim_image_boot(const struct sim_state *state)
{
	size_t count;
	struct sim_vibfile *vibs = stored(state, &count);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_version(state, &vibs[i], "version")) {
			vibs[kept++] = vibs[i];
		} else {
			sim_image_take(state, &vibs[i]);
		}
	}
	sweep(state, "opt", vibs, kept);
	for (size_t i = 0; i < kept; i++) {
		const char *problem = sim_vib_unpack(&vibs[i]);

		if (problem == NULL && sim_image_obstacle(state, &vibs[i]) == NULL) {
			sim_image_put(state, &vibs[i], true);
		}
	}
	sim_image_tidy(state);
}
