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
/* Whole or not at all: a temporary file beside it, fsync, rename. What stands at the path and is no regular file (a
 * device, a FIFO) is written into, never replaced; a symbolic link stays one. */
int hp_file_write(struct hp_arena *a, const char *path, struct hp_str bytes, struct hp_err *err);
/* The same for a file of the program's own: whatever stands there is replaced, a link too. */
bool hp_file_replace(struct hp_arena *a, const char *path, struct hp_str bytes);
/* Makes a file that must not be there yet; false when it is, or cannot be made. */
bool hp_file_claim(const char *path, struct hp_str bytes);
/* Something stands at the path, be it a link to nothing. */
bool hp_file_exists(const char *path);
/* Seconds since it was last written, by the wall clock; 0 when that is not known or in the future. */
int64_t hp_file_age_s(const char *path);
/* Makes one directory (its parent must exist); true when it is there afterwards. A link to one is none. */
bool hp_dir_make(const char *path);
/* Writes everything; false when the reader has gone or the disk is full. */
bool hp_fd_write(int fd, struct hp_str bytes);
bool hp_is_terminal(int fd);
/* Sixteen random bytes from /dev/urandom; false when there is none. */
bool hp_random(unsigned char ret[16]);

#endif
