#include "credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/num.h"
#include "http.h"

#define MARK_ROUNDS 100000 /* of PBKDF2: what is noted must not make guessing cheap */
#define MARK_BYTES 32
#define SALT_DIGITS 32

#define FORM "two lines, \"user: NAME\" and \"password: WORD\", or one line \"NAME:WORD\""

static int refuse_file(const char *path, const struct stat *st, struct hp_err *err)
{
	if (!S_ISREG(st->st_mode))
		return hp_fail(err, "%s is no regular file, so it is not taken for the BMC's credentials", path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return hp_fail(err,
			       "%s, the BMC's credentials, belongs to user %lu: to be used it must be yours or root's "
			       "(chown root %s && chmod 600 %s)",
			       path, (unsigned long)st->st_uid, path, path);
	if (st->st_mode & 077)
		return hp_fail(err,
			       "%s, the BMC's credentials, is open to others (mode %04o), so it is not used: chmod 600 "
			       "%s, and change the password if somebody may have read it",
			       path, (unsigned)(st->st_mode & 07777), path);
	if ((uint64_t)st->st_size > HP_CREDENTIALS_LIMIT)
		return hp_fail(err, "%s, the BMC's credentials, is longer than %zu bytes: it holds " FORM, path,
			       HP_CREDENTIALS_LIMIT);
	return 0;
}

/* The descriptor of the file, looked at after it was opened; -1 and *ret_code is 0 when err says why it is refused. */
static int open_file(const char *path, int *ret_code, struct hp_err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	*ret_code = fd < 0 ? errno : 0;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		*ret_code = errno;
	if (*ret_code == 0 && refuse_file(path, &st, err) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* "Not there" makes way for the next place. */
static int open_some_file(const char *path, const char *root, int *ret_fd, struct hp_err *err)
{
	char below[PATH_MAX];
	const char *places[2] = {path, NULL};
	int code = 0;
	if (root && *root && snprintf(below, sizeof below, "%s%s", root, path) < (int)sizeof below)
		places[1] = below;
	for (size_t i = 0; i < 2 && places[i]; i++) {
		*ret_fd = open_file(places[i], &code, err);
		if (*ret_fd >= 0)
			return 0;
		if (code == 0)
			return -1;
		if (code == ELOOP)
			return hp_fail(err,
				       "%s is a symbolic link, so it is not taken for the BMC's credentials: put the "
				       "file itself there, with mode 0600",
				       places[i]);
		if (code != ENOENT && code != ENOTDIR)
			return hp_fail(err, "%s, the BMC's credentials, cannot be read: %s", places[i], strerror(code));
	}
	return hp_fail(err, "%s, the BMC's credentials, is not there: make it with " FORM ", then chmod 600 %s", path,
		       path);
}

static int read_file(int fd, char *bytes, size_t room, size_t *ret_n)
{
	size_t n = 0;
	while (n < room) {
		ssize_t got = read(fd, bytes + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return 0;
}

static bool is_text(struct hp_str s)
{
	while (s.n) {
		size_t n = hp_utf8_length(s);
		if (!n || (unsigned char)s.p[0] < 0x20 || s.p[0] == 0x7f)
			return false;
		s = hp_str_sub(s, n, s.n);
	}
	return true;
}

/* The value of a line "WORD: VALUE", and of "NAME:WORD" none: there no blank follows the colon. Blanks inside and at
 * the end belong to a value. */
static bool value_of(struct hp_str line, const char *word, struct hp_str *ret)
{
	if (!hp_str_starts(line, word))
		return false;
	*ret = hp_str_sub(line, strlen(word), line.n);
	return true;
}

/* Lines without their ends; a CR before the end is none of the value's. At most two, empty ones at the end aside. */
static bool split(struct hp_str bytes, struct hp_str lines[2], size_t *ret_count)
{
	struct hp_str line;
	bool ended;
	*ret_count = 0;
	while (hp_next_line(&bytes, &line, &ended)) {
		if (hp_str_ends(line, "\r"))
			line.n--;
		if (!line.n)
			continue;
		if (*ret_count == 2 || !is_text(line))
			return false;
		lines[(*ret_count)++] = line;
	}
	return true;
}

static bool parse(struct hp_str bytes, struct hp_str *ret_user, struct hp_str *ret_password)
{
	struct hp_str lines[2], user = {0}, password = {0};
	size_t count;
	if (!split(bytes, lines, &count))
		return false;
	if (count == 2) {
		size_t first = hp_str_starts(lines[0], "user: ") ? 0 : 1;
		if (!value_of(lines[first], "user: ", &user) || !value_of(lines[1 - first], "password: ", &password))
			return false;
	} else if (count == 1 && hp_str_has_byte(lines[0], ':')) {
		size_t colon = 0;
		while (lines[0].p[colon] != ':')
			colon++;
		user = hp_str_sub(lines[0], 0, colon);
		password = hp_str_sub(lines[0], colon + 1, lines[0].n);
		/* One of two lines is no pair: "user: root" is not the user "user". */
		if (hp_str_starts(lines[0], "user: ") || hp_str_starts(lines[0], "password: "))
			return false;
	}
	*ret_user = user;
	*ret_password = password;
	return user.n && password.n;
}

int hp_credentials_read(const char *path, const char *root, struct hp_credentials *ret, struct hp_err *err)
{
	char bytes[HP_CREDENTIALS_LIMIT + 1];
	struct hp_credentials c = {0};
	struct hp_str user, password;
	size_t n = 0;
	int fd = -1;
	if (!path || path[0] != '/')
		return hp_fail(err, "the policy names no credentials file for the BMC, or not by its whole path");
	if (open_some_file(path, root, &fd, err) < 0)
		return -1;
	int code = read_file(fd, bytes, sizeof bytes, &n), failed = 0;
	(void)close(fd);
	if (code)
		failed = hp_fail(err, "%s, the BMC's credentials, cannot be read: %s", path, strerror(code));
	else if (n > HP_CREDENTIALS_LIMIT || !parse((struct hp_str){bytes, n}, &user, &password))
		failed = hp_fail(err, "%s does not hold the BMC's credentials as it should: " FORM, path);
	else if (!hp_bytes_put(&c.user, user, HP_CREDENTIALS_LIMIT) ||
		 !hp_bytes_put(&c.password, password, HP_CREDENTIALS_LIMIT))
		failed = hp_fail(err, "%s, the BMC's credentials, cannot be read: %s", path, strerror(ENOMEM));
	hp_wipe(bytes, sizeof bytes);
	if (failed)
		hp_credentials_free(&c);
	else
		*ret = c;
	return failed;
}

void hp_credentials_free(struct hp_credentials *c)
{
	hp_bytes_free(&c->user);
	hp_bytes_free(&c->password);
}

/* Lengths stand before texts, so that no two pairs are one. */
static bool put_part(struct hp_bytes *b, struct hp_str part)
{
	char length[24];
	(void)snprintf(length, sizeof length, "%zu:", part.n);
	return hp_bytes_put(b, hp_str(length), SIZE_MAX / 4) && hp_bytes_put(b, part, SIZE_MAX / 4);
}

const char *hp_credentials_mark(struct hp_arena *a, const struct hp_bmc *bmc, const char *root, const char *salt,
				struct hp_err *err)
{
	unsigned char sum[MARK_BYTES];
	struct hp_credentials c;
	struct hp_bytes all = {0};
	struct hp_buf b = hp_buf(a);
	if (strlen(salt) != SALT_DIGITS) {
		(void)hp_fail(err, "the salt of the credentials' mark is not %d hex digits", SALT_DIGITS);
		return NULL;
	}
	if (hp_credentials_read(bmc->credentials_file, root, &c, err) < 0)
		return NULL;
	bool made = put_part(&all, hp_str(bmc->origin)) && put_part(&all, hp_bytes(&c.user)) &&
		    put_part(&all, hp_bytes(&c.password)) &&
		    PKCS5_PBKDF2_HMAC(all.p, (int)all.n, (const unsigned char *)salt, SALT_DIGITS, MARK_ROUNDS,
				      EVP_sha256(), sizeof sum, sum) == 1;
	hp_bytes_free(&all);
	hp_credentials_free(&c);
	if (!made) {
		(void)hp_fail(err, "%s: there is no memory to look at it", bmc->credentials_file);
		return NULL;
	}
	for (size_t i = 0; i < sizeof sum; i++)
		hp_putf(&b, "%02x", sum[i]);
	return hp_built_text(&b);
}
