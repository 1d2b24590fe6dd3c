/* The credentials file of a BMC. What it may be is told in http.h, where hp_credentials_mark is too. */
#ifndef HP_IO_CREDENTIALS_H
#define HP_IO_CREDENTIALS_H

#include "../base/err.h"
#include "bytes.h"

#define HP_CREDENTIALS_LIMIT ((size_t)4096) /* bytes of the file */

struct hp_credentials {
	struct hp_bytes user, password; /* UTF-8 without controls, not empty */
};

/* Reads the machine's file or, when it is not there and there is a root, the one below the root ("" or NULL: none).
 * -1 and a sentence for the admin when it cannot be used. Takes no memory of the arena. */
int hp_credentials_read(const char *path, const char *root, struct hp_credentials *ret, struct hp_err *err);
/* Wipes and frees. */
void hp_credentials_free(struct hp_credentials *c);

#endif
