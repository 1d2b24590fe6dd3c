/* What the door keeps of a BMC: whom it trusts for it, its addresses, its sessions, and what must not be seen. Outside
 * the arena: a session is ended after memory has run out. Whatever is secret is wiped when it is no longer needed. */
#ifndef HP_IO_PEER_H
#define HP_IO_PEER_H

#include "answer.h"
#include "call.h"
#include "credentials.h"

struct hp_bmc_session {
	struct hp_bmc_session *next;
	struct hp_bytes token; /* empty once the session has ended */
	struct hp_bytes path;  /* empty: the BMC has not told, and nobody can end it */
	struct hp_bytes shown; /* the path as replies show it: redacted */
	bool ending;	       /* its DELETE is on the way */
	bool tried;	       /* by the door, at its end */
};

struct hp_peer {
	struct hp_peer *next;
	const struct hp_bmc *key; /* only compared */
	struct hp_origin origin;
	struct hp_bytes url;	/* "https://host:port/" */
	struct hp_bytes cafile; /* empty: none */
	struct hp_bytes pin;
	bool insecure;
	unsigned connect_ms, request_ms;
	struct hp_bytes resolved; /* "host:port:ADDRESS,ADDRESS"; empty: not looked up, or no need to */
	struct hp_credentials credentials;
	struct hp_bmc_session *sessions; /* the latest first */
	int idle_socket;		 /* of the connection used last; -1: none. Only looked at */
};

/* NULL when there is no memory or bmc->origin is none (*ret_code: libcurl's). */
struct hp_peer *hp_peer_new(const struct hp_bmc *bmc, const char *root, int *ret_code);
void hp_peer_free(struct hp_peer *p);

/* {"UserName":…,"Password":…}. False when there is no memory. */
bool hp_peer_login_body(const struct hp_peer *p, struct hp_bytes *ret);
/* An answer to a login, complete or not, that brought a token: the session is open. */
void hp_peer_note_session(struct hp_peer *p, const struct hp_answer *answer);
/* The one that requests belong to; NULL: none is open. */
struct hp_bmc_session *hp_peer_session(const struct hp_peer *p);
/* The open session that a DELETE of this path ends; NULL: none. */
struct hp_bmc_session *hp_peer_session_at(const struct hp_peer *p, const char *path);
void hp_peer_end_session(struct hp_bmc_session *s);
/* Adds the text without the BMC's secrets (call.h). False when there is no memory. */
bool hp_peer_redact(const struct hp_peer *p, struct hp_str text, struct hp_bytes *ret);

#endif
