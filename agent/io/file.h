/* Files of the machine that the program runs on: policies and captures it reads, reports it writes. */
#ifndef HP_IO_FILE_H
#define HP_IO_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"
#include "../base/str.h"

/* The bytes of a regular file, read to its end. Returns 0 or an errno: EFBIG when longer than cap, EINVAL when it is
 * not a regular file. ret_size is its length by fstat after reading; fewer bytes mean that it was cut meanwhile. */
int hp_file_read(struct hp_arena *a, const char *path, size_t cap, struct hp_str *ret, uint64_t *ret_size);
/* Whatever can be read to its end: a file, a pipe, "-" for standard input. Returns 0 or an errno. */
int hp_input_read(struct hp_arena *a, const char *path, size_t cap, struct hp_str *ret);
/* Makes sure that descriptors 0, 1 and 2 are taken, so that no file opened later becomes one of them. A stdout that was
 * closed is one that cannot be written afterwards. */
void hp_standard_fds(void);
/* A file in the making. It becomes the file at its path in one step, when it is whole; what stands there and is no
 * regular file (a device, a FIFO) is written into, never replaced; a symbolic link stays one. */
struct hp_new_file {
	int fd;			    /* to be written to */
	const char *fresh, *target; /* the temporary file, and what it replaces; NULL: fd is the place itself */
};
int hp_new_file_begin(struct hp_arena *a, const char *path, struct hp_new_file *ret); /* returns 0 or an errno */
int hp_new_file_end(struct hp_new_file *f);   /* syncs, closes and renames it. An errno: what was there is as it was */
void hp_new_file_drop(struct hp_new_file *f); /* gives it up; may be called again, and after the end */
/* Whole or not at all: a temporary file beside it, fsync, rename. What stands at the path and is no regular file (a
 * device, a FIFO) is written into, never replaced; a symbolic link stays one. */
int hp_file_write(struct hp_arena *a, const char *path, struct hp_str bytes, struct hp_err *err);
/* The same for a file of the program's own: whatever stands there is replaced, a link too. False with errno. */
bool hp_file_replace(struct hp_arena *a, const char *path, struct hp_str bytes);
/* The same, for its owner alone: mode 0600, whatever was there. */
bool hp_file_replace_private(struct hp_arena *a, const char *path, struct hp_str bytes);
/* Makes a file that must not be there yet; false when it is, or cannot be made. */
bool hp_file_claim(const char *path, struct hp_str bytes);
/* Something stands at the path, be it a link to nothing. */
bool hp_file_exists(const char *path);
/* Seconds since it was last written, by the wall clock; 0 when that is not known or in the future. */
int64_t hp_file_age_s(const char *path);
/* Makes one directory (its parent must exist); true when it is there afterwards. A link to one is none. */
bool hp_dir_make(const char *path);
/* Adds bytes at the end of a file of the program's own (made with mode 0600 when it is not there; never through a link)
 * and syncs it. When that fails what was added is taken off again. Returns 0 or an errno. */
int hp_file_append(const char *path, struct hp_str bytes);
/* False when something is still there afterwards. */
bool hp_file_remove(const char *path);
/* Takes a lock that ends with the process, whatever ends it, and writes `holder` into the file. Returns 0; EAGAIN when
 * another process has it (ret_holder: what that one wrote, at most 256 bytes of it); another errno when there can be no
 * lock. The file stays. fcntl record locks: no child inherits them. The program must not open this file again: closing
 * any descriptor of it ends the lock. */
int hp_file_lock(struct hp_arena *a, const char *path, struct hp_str holder, const char **ret_holder);
/* Gives the lock that was taken last back before the process ends; does nothing when there is none. */
void hp_file_unlock(void);
/* In a folder that one process at a time writes to: a file's new bytes, whole or not at all (mode 0600). What a process
 * that was killed has left behind is removed by the next one (hp_folder_tidy, or the next renewal). Returns 0 or an
 * errno. */
int hp_file_renew(struct hp_arena *a, const char *folder, const char *name, struct hp_str bytes);
void hp_folder_tidy(struct hp_arena *a, const char *folder);
/* Whether such a folder takes that many bytes: writes, syncs and removes a file. Returns 0 or an errno. */
int hp_disk_room(struct hp_arena *a, const char *folder, size_t bytes);
/* True when it lies on a file system that is known to be RAM (tmpfs, ramfs of Linux). */
bool hp_folder_in_ram(const char *path);
/* A path with every link on its way resolved; NULL when it leads nowhere. */
const char *hp_file_real(struct hp_arena *a, const char *path);
/* Writes everything; false when the reader has gone or the disk is full. */
bool hp_fd_write(int fd, struct hp_str bytes);
/* Return 0 or an errno, never EINTR. A file system that has nothing to sync (it lives in memory) counts as synced. */
int hp_fd_sync(int fd);
int hp_fd_truncate(int fd, uint64_t size);
bool hp_is_terminal(int fd);
/* Sixteen random bytes from /dev/urandom; false when there is none. */
bool hp_random(unsigned char ret[16]);

#endif
