/* One request over libcurl, set up as http.h says. Nobody but the files of http.h includes curl. */
#ifndef HP_IO_TRANSFER_H
#define HP_IO_TRANSFER_H

#include <curl/curl.h>

#include "peer.h"

struct hp_transfer {
	CURL *easy; /* NULL: it is not set up */
	struct curl_slist *headers, *addresses;
	struct hp_bytes target; /* the path, with what no request line may hold written in percent */
	struct hp_bytes login;	/* the body of a login */
	struct hp_answer answer;
	uint64_t slow_since_ms, slow_since_bytes; /* see hp_transfer_drips */
};

struct hp_request {
	const char *method; /* GET POST PATCH DELETE */
	const char *path;
	struct hp_str body; /* not copied */
	bool login;	    /* the body is the peer's user and password */
	const char *token;  /* NULL: none */
	bool fresh;	    /* on a connection of its own */
	unsigned connect_ms;
	size_t cap;
};

/* Before the first request of the process, once: libcurl and what it takes from the environment. */
bool hp_transfer_library(void);
/* Whether there is something to trust: a CA file, a pin, or the word that nothing is needed. CURLE_OK, or libcurl's
 * code. */
CURLcode hp_transfer_trust(const struct hp_peer *p);
/* CURLE_OK, or the code of what could not be set: then no request goes out. */
CURLcode hp_transfer_set_up(struct hp_transfer *t, const struct hp_peer *p, const struct hp_request *r);
/* Wipes and frees. It is in no multi handle any more. */
void hp_transfer_free(struct hp_transfer *t);
/* True when the whole request may have left: what it does may be done. */
bool hp_transfer_is_sent(const struct hp_transfer *t);
/* True when the body has brought less than 1 KiB/s for 30 s. To be asked several times a second. */
bool hp_transfer_drips(struct hp_transfer *t, uint64_t now_ms);

#define HP_DRIP_MS 30000u
#define HP_DRIP_BYTES ((uint64_t)1024 * (HP_DRIP_MS / 1000))

#endif
