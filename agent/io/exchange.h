/* One exchange with a BMC on its way, and how it ends: what the reply says (see call.h), and what that means for the
 * session. Only http.c has to do with it. */
#ifndef HP_IO_EXCHANGE_H
#define HP_IO_EXCHANGE_H

#include "resolve.h"
#include "transfer.h"

/* One exchange. It has an owner, who is told once how it ended, and may go on for a while after that: a login that was
 * sent may open a session, which must be ended then. */
struct hp_exchange {
	struct hp_exchange *next;
	unsigned id;
	struct hp_peer *peer;
	struct hp_http http;
	size_t cap;
	unsigned limit_ms;		 /* of the whole, from started_ms */
	struct hp_bmc_session *session;	 /* whose token it carries */
	struct hp_bmc_session *finishes; /* the one that it ends */

	enum { HP_EXCHANGE_WAITING, HP_EXCHANGE_RESOLVING, HP_EXCHANGE_SENT, HP_EXCHANGE_DONE } state;
	uint64_t started_ms;
	unsigned connect_ms; /* what the resolver has left of it */
	struct hp_resolve resolve;
	struct hp_transfer transfer;
	bool added;   /* to the multi handle */
	bool retried; /* on a fresh connection */

	bool ended, given; /* there is a result; the owner has it */
	enum hp_end end;
	int code;
	struct hp_bytes out, err;
};

/* The first end counts. */
void hp_exchange_end(struct hp_exchange *x, enum hp_end how, int code);
/* Once libcurl has told how the transfer came out. */
void hp_exchange_end_by_code(struct hp_exchange *x, CURLcode code);
void hp_exchange_drop_text(struct hp_exchange *x);
unsigned hp_exchange_seconds(unsigned ms); /* rounded up, as an end's code has them */
/* A refused login or an ended session is told even where the rest of the answer is broken (iDRAC8: check_redfish 90) or
 * does not come: who took that for a passing trouble and tried again would be locked out. */
bool hp_exchange_is_told(const struct hp_answer *answer);
/* What the answer, or what has come of it, means for the session. */
void hp_exchange_note_session(struct hp_exchange *x);
/* After the text was redacted: the token is wiped here. A BMC that is busy has ended nothing; one that does not know
 * the token (401) or the session (404) has none. */
void hp_exchange_note_end_of_session(struct hp_exchange *x);

#endif
