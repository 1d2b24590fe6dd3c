/* HTTPS to the host's BMC, by libcurl. The door's own: nobody else includes curl.
 *
 * What is fixed: https only, TLS 1.2 or newer, HTTP/1.1, no proxy, no redirect is followed, no cookie, no netrc, no
 * compression beyond gzip, Accept: application/json, a User-Agent without version, one exchange at a time for each
 * session (a BMC has few and slow workers). Verified by the CA file and the name or address in the URL; or, with a pin
 * and no CA file, by the pin alone (self-signed is the rule on BMCs, and their names hardly ever match); with both, by
 * both. With neither, only `insecure` lets a request out, else the end is NO_ANSWER 60. A CA file that the machine does
 * not have may stand below the root, as may the credentials file.
 *
 * Limits: connect_ms (the name, the connection, TLS) and request_ms (all of it) of the BMC, the call's timeout_ms where
 * it is shorter, the call's cap on the body as it is unpacked, 64 KiB of headers, and 1 KiB/s over 30 s at least: a
 * body that drips more slowly is given up. The door's own limit (--timeout) is for tools. Times begin when the
 * exchange does, not while it waits for another one of its session.
 *
 * A GET whose connection breaks is sent once more, if that connection was used before: some BMCs reset those. All else
 * goes out once, on a connection of its own. A 401 or 403 counts however the rest of the answer ends.
 *
 * Names are resolved in a child process, which can be ended: musl's resolver cannot be interrupted, and curl without
 * threads would stop everything for it. An address in the URL needs none.
 *
 * The session. LOGIN takes user and password from the credentials file, posts them, and keeps the token that comes back
 * in this module alone. SESSION sends it; without one the end is NO_LOGIN. A DELETE of the session's path ends it. One
 * that is still open when the door goes away, for whatever reason but KILL (time is up, a signal, memory has run out),
 * is deleted then, with 5 s at most; that includes one which a login opened that nobody waited for any more. A session
 * whose DELETE got no answer, or a 429 or 5xx, is taken for open.
 *
 * The credentials file: a regular file (no link at its end) that only its owner, who must be the running user or root,
 * may read or write; at most 4 KiB; either "user: NAME" and "password: WORD" in a line each, or one line "NAME:WORD".
 */
#ifndef HP_IO_HTTP_H
#define HP_IO_HTTP_H

#include <poll.h>

#include "../base/err.h"
#include "call.h"

struct hp_web; /* what is on its way, and the sessions */

/* Registers with the arena, so that sessions are closed when it goes away. root as a path without a slash at its end,
 * "" for the machine itself. curl is not touched before the first start. */
struct hp_web *hp_web_open(struct hp_arena *a, const char *root);
/* Starts an exchange, or lets it wait for another one of its session. False when it came to its end at once, which is
 * in *ret. `id` is one that no other exchange of this web has. */
bool hp_web_start(struct hp_web *w, const struct hp_call *call, unsigned id, struct hp_reply *ret);
/* Waits for the BMCs and for these descriptors (POLLIN), at most `ms`, and goes on with what has come. Fills revents.
 * In place of poll(2) while the web is busy. */
void hp_web_poll(struct hp_web *w, struct pollfd *fds, nfds_t count, int ms);
/* One that has ended; false when none has. `a` is NULL when nobody reads it: the arena goes away. */
bool hp_web_ended(struct hp_web *w, struct hp_arena *a, unsigned *ret_id, struct hp_reply *ret);
/* Ends one early; hp_web_ended() brings it. */
void hp_web_stop(struct hp_web *w, unsigned id, enum hp_end end);
bool hp_web_busy(const struct hp_web *w);

/* Whether a login with what the credentials file holds was refused before: 64 hex digits that depend on salt, BMC, user
 * and password, to be compared with what was noted; NULL and err when the file cannot be used. salt: 32 hex digits.
 * They are slow to make (PBKDF2, about 0.1 s), so that who finds them noted cannot quickly try passwords. root as
 * above. */
const char *hp_credentials_mark(struct hp_arena *a, const struct hp_bmc *bmc, const char *root, const char *salt,
				struct hp_err *err);

#endif
