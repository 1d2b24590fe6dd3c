/* Memory, strings, buffers and whole-file reading and writing.
 *
 * Every process here lives for milliseconds: memory is taken from one chain of blocks and never given back.
 * Whatever goes wrong with the program itself (no memory, a file that cannot be written) ends it with status 70. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A growing byte string; data is always followed by a NUL once something was added. */
struct sim_buf {
	char *data;
	size_t len;
	size_t cap;
};

/* Zeroed memory that lives until exit. */
void *sim_alloc(size_t size);
char *sim_copy(const char *text, size_t len);
char *sim_fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));

void sim_buf_bytes(struct sim_buf *buf, const char *data, size_t len);
void sim_buf_text(struct sim_buf *buf, const char *text);
void sim_buf_printf(struct sim_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds text and then blanks until it is at least width bytes wide. */
void sim_buf_left(struct sim_buf *buf, const char *text, size_t width);
void sim_buf_right(struct sim_buf *buf, const char *text, size_t width);
void sim_buf_fill(struct sim_buf *buf, char c, size_t count);

bool sim_eq(const char *a, const char *b);
bool sim_eq_nocase(const char *a, const char *b);
bool sim_starts(const char *text, const char *prefix);
/* A whole decimal number, or one in hex after 0x. */
bool sim_number(const char *text, uint64_t *ret_value);
/* True for 1 true yes on, in any case. */
bool sim_truth(const char *text);
/* Cuts a copy of text at every sep; *ret_items has that many entries. */
size_t sim_split(const char *text, char sep, char ***ret_items);

/* NULL if the file cannot be read. */
char *sim_file_read(const char *path, size_t *ret_len);
/* Writes into the existing inode if there is one. */
void sim_file_write(const char *path, const char *data, size_t len, mode_t mode);
/* Another reader sees the old bytes or the new ones, never a part. */
void sim_file_replace(const char *path, const char *data, size_t len);
void sim_mkdirs(const char *path);
/* Removes all that is below path, not path itself. */
void sim_rmdir_content(const char *path);
bool sim_write_all(int fd, const char *data, size_t len);

/* Wall clock, in microseconds. */
uint64_t sim_now_us(void);
void sim_sleep_ms(uint64_t ms);

_Noreturn void sim_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
