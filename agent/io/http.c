#include "http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "exchange.h"
#include "fd.h"

#define CLOSE_MS 5000u /* for the sessions that are still open, in all */
#define FDS_MAX 256    /* that can be waited for at once */
#define ANY (SIZE_MAX / 4)

struct hp_web {
	struct hp_arena *arena; /* only while it is there: never after web_close() has begun */
	const char *root;
	CURLM *multi;
	struct hp_exchange *first, **last;
	struct hp_peer *peers;
};

/* ---- ending ---- */

static void detach(struct hp_web *w, struct hp_exchange *x)
{
	hp_resolve_stop(&x->resolve);
	if (x->added)
		(void)curl_multi_remove_handle(w->multi, x->transfer.easy);
	x->added = false;
	hp_transfer_free(&x->transfer);
	x->state = HP_EXCHANGE_DONE;
}

static void finish(struct hp_web *w, struct hp_exchange *x, CURLcode code)
{
	hp_exchange_note_session(x);
	hp_exchange_end_by_code(x, code);
	hp_exchange_note_end_of_session(x);
	if (code == CURLE_COULDNT_CONNECT)
		hp_bytes_free(&x->peer->resolved); /* it may have moved */
	detach(w, x);
}

/* ---- going on ---- */

static bool is(const struct hp_exchange *x, const char *method)
{
	return strcmp(x->http.method, method) == 0;
}

static bool add_to_multi(struct hp_web *w, struct hp_exchange *x)
{
	x->added = curl_multi_add_handle(w->multi, x->transfer.easy) == CURLM_OK;
	return x->added;
}

/* What a connection brought while nobody had asked anything must not become an answer. */
static bool idle_connection_is_quiet(const struct hp_peer *p)
{
	struct pollfd fd = {.fd = p->idle_socket, .events = POLLIN};
	return p->idle_socket >= 0 && poll(&fd, 1, 0) == 0;
}

static void send_it(struct hp_web *w, struct hp_exchange *x)
{
	/* libcurl sends a request again, whatever it asks for, when a connection that was used before turns out to be
	 * dead: only a GET may be. */
	struct hp_request r = {.method = x->http.method,
			       .path = x->http.path,
			       .body = x->http.body,
			       .login = x->http.auth == HP_HTTP_LOGIN,
			       .token = x->session ? x->session->token.p : NULL,
			       .fresh = !is(x, "GET") || !idle_connection_is_quiet(x->peer),
			       .connect_ms = x->connect_ms,
			       .cap = x->cap};
	/* The path of replies is redacted; the BMC wants its own. */
	if (x->finishes)
		r.path = x->finishes->path.p;
	CURLcode code = hp_transfer_set_up(&x->transfer, x->peer, &r);
	if (code == CURLE_OK && !add_to_multi(w, x))
		code = CURLE_OUT_OF_MEMORY;
	x->state = HP_EXCHANGE_SENT;
	if (code != CURLE_OK)
		finish(w, x, code);
}

static void begin(struct hp_web *w, struct hp_exchange *x)
{
	x->started_ms = hp_now_ms();
	x->connect_ms = x->peer->connect_ms;
	if (x->peer->origin.literal || x->peer->resolved.n) {
		send_it(w, x);
		return;
	}
	int code = hp_resolve_start(&x->resolve, x->peer->origin.host);
	x->state = HP_EXCHANGE_RESOLVING;
	if (code) {
		hp_exchange_end(x, HP_END_NOT_STARTED, code);
		detach(w, x);
	}
}

static bool keep_addresses(struct hp_peer *p, const char *addresses)
{
	struct hp_str url = hp_bytes(&p->url); /* "https://HOST:PORT/" */
	struct hp_str name = hp_str_sub(url, strlen("https://"), url.n - 1);
	bool done = hp_bytes_put(&p->resolved, name, ANY) && hp_bytes_put(&p->resolved, hp_str(":"), ANY) &&
		    hp_bytes_put(&p->resolved, hp_str(addresses), ANY);
	if (!done)
		hp_bytes_free(&p->resolved);
	return done;
}

static unsigned resolve_limit(const struct hp_exchange *x)
{
	return x->peer->connect_ms < x->limit_ms ? x->peer->connect_ms : x->limit_ms;
}

static void watch_resolver(struct hp_web *w, struct hp_exchange *x)
{
	uint64_t spent = hp_now_ms() - x->started_ms;
	enum hp_resolve_news news = hp_resolve_watch(&x->resolve);
	if (news == HP_RESOLVE_GOES_ON) {
		if (spent < resolve_limit(x))
			return;
		hp_exchange_end(x, HP_END_TIMEOUT, (int)hp_exchange_seconds(resolve_limit(x)));
		detach(w, x);
	} else if (news == HP_RESOLVE_HAS_NONE) {
		finish(w, x, CURLE_COULDNT_RESOLVE_HOST);
	} else if (!keep_addresses(x->peer, x->resolve.text)) {
		finish(w, x, CURLE_OUT_OF_MEMORY);
	} else {
		x->connect_ms = spent < x->peer->connect_ms ? x->peer->connect_ms - (unsigned)spent : 1;
		send_it(w, x);
	}
}

/* A login that was sent may have opened a session, and a session's end may have ended it: what the BMC says to these
 * still counts when nobody waits for it any more. */
static void let_go(struct hp_web *w, struct hp_exchange *x)
{
	bool lingers = x->state == HP_EXCHANGE_SENT && (x->http.auth == HP_HTTP_LOGIN || x->finishes) &&
		       hp_transfer_is_sent(&x->transfer);
	if (lingers)
		return;
	hp_exchange_note_end_of_session(x);
	detach(w, x);
}

static void check_limits(struct hp_web *w, struct hp_exchange *x)
{
	uint64_t now = hp_now_ms();
	bool late = now - x->started_ms >= x->limit_ms, drips = hp_transfer_drips(&x->transfer, now);
	if (x->ended || (!late && !drips))
		return;
	if (hp_exchange_is_told(&x->transfer.answer)) {
		finish(w, x, CURLE_OPERATION_TIMEDOUT);
		return;
	}
	hp_exchange_note_session(x);
	hp_exchange_end(x, HP_END_TIMEOUT, (int)hp_exchange_seconds(late ? x->limit_ms : HP_DRIP_MS));
	let_go(w, x);
}

static bool under_way(const struct hp_exchange *x)
{
	return (x->state == HP_EXCHANGE_RESOLVING || x->state == HP_EXCHANGE_SENT) && !x->ended;
}

static bool peer_busy(const struct hp_web *w, const struct hp_peer *p)
{
	for (const struct hp_exchange *x = w->first; x; x = x->next)
		if (x->peer == p && under_way(x))
			return true;
	return false;
}

static void go_on(struct hp_web *w)
{
	for (struct hp_exchange *x = w->first; x; x = x->next) {
		if (x->state == HP_EXCHANGE_WAITING && !x->ended && !peer_busy(w, x->peer))
			begin(w, x);
		if (x->state == HP_EXCHANGE_RESOLVING)
			watch_resolver(w, x);
		if (x->state == HP_EXCHANGE_SENT)
			check_limits(w, x);
	}
}

static void free_exchange(struct hp_exchange *x)
{
	hp_exchange_drop_text(x);
	free(x);
}

/* Those that nobody will hear of again. */
static void sweep(struct hp_web *w)
{
	struct hp_exchange **at = &w->first;
	while (*at) {
		struct hp_exchange *x = *at;
		if (!x->given || x->state != HP_EXCHANGE_DONE) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		free_exchange(x);
	}
	w->last = at;
}

/* ---- what curl says ---- */

/* HPE's BMCs reset connections that they have answered on before. */
static bool retry(struct hp_web *w, struct hp_exchange *x, CURLcode code)
{
	long connections = 1;
	bool broke = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
		     code == CURLE_PARTIAL_FILE;
	if (!broke || !is(x, "GET") || x->retried || x->ended || hp_exchange_is_told(&x->transfer.answer) ||
	    curl_easy_getinfo(x->transfer.easy, CURLINFO_NUM_CONNECTS, &connections) != CURLE_OK || connections > 0)
		return false;
	x->retried = true;
	hp_answer_clear(&x->transfer.answer);
	x->transfer.slow_since_ms = x->transfer.slow_since_bytes = 0;
	if (curl_multi_remove_handle(w->multi, x->transfer.easy) != CURLM_OK)
		return false;
	x->added = false;
	return curl_easy_setopt(x->transfer.easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK && add_to_multi(w, x);
}

static void listen_to_curl(struct hp_web *w)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(w->multi, &left)) != NULL) {
		struct hp_exchange *x = w->first;
		while (x && !(x->added && x->transfer.easy == message->easy_handle))
			x = x->next;
		if (!x || message->msg != CURLMSG_DONE)
			continue;
		CURLcode code = message->data.result; /* gone with the handle */
		curl_socket_t fd = CURL_SOCKET_BAD;
		if (curl_easy_getinfo(x->transfer.easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK)
			x->peer->idle_socket = fd;
		if (!retry(w, x, code))
			finish(w, x, code);
	}
}

/* ---- the web ---- */

/* NULL when none can be asked: the code of libcurl that says why is in *ret_code. */
static struct hp_peer *find_peer(struct hp_web *w, const struct hp_bmc *bmc, int *ret_code)
{
	struct hp_peer *p = w->peers;
	while (p && p->key != bmc)
		p = p->next;
	if (!p) {
		p = hp_peer_new(bmc, w->root, ret_code);
		if (!p)
			return NULL;
		p->next = w->peers;
		w->peers = p;
	}
	*ret_code = (int)hp_transfer_trust(p);
	return *ret_code == CURLE_OK ? p : NULL;
}

static struct hp_exchange *add_exchange(struct hp_web *w, struct hp_peer *p, const struct hp_http *http,
					unsigned limit_ms)
{
	struct hp_exchange *x = calloc(1, sizeof *x);
	if (!x)
		return NULL;
	x->peer = p;
	x->http = *http;
	x->resolve.fd = -1;
	x->limit_ms = limit_ms && limit_ms < p->request_ms ? limit_ms : p->request_ms;
	x->cap = HP_CAP_SMALL;
	*w->last = x;
	w->last = &x->next;
	return x;
}

static bool no_start(struct hp_reply *ret, int code)
{
	bool memory = code == CURLE_OUT_OF_MEMORY;
	*ret = (struct hp_reply){.end = memory ? HP_END_NOT_STARTED : HP_END_NO_ANSWER, .code = memory ? ENOMEM : code};
	return false;
}

static bool no_login(struct hp_arena *a, const char *why, struct hp_reply *ret)
{
	*ret = (struct hp_reply){.end = HP_END_NO_LOGIN, .err = hp_str(hp_format(a, "%s", why))};
	return false;
}

static bool get_ready(struct hp_web *w)
{
	if (w->multi)
		return true;
	w->multi = hp_transfer_library() ? curl_multi_init() : NULL;
	/* One idle connection is kept: what was left aside goes away. */
	if (w->multi && curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, 1L) != CURLM_OK) {
		(void)curl_multi_cleanup(w->multi);
		w->multi = NULL;
	}
	hp_fds_keep(); /* a libcurl with socketpair has made one */
	return w->multi != NULL;
}

/* What the peer must have before: user and password, or a session. */
static bool has_right(struct hp_web *w, struct hp_peer *p, const struct hp_http *http, struct hp_reply *ret)
{
	struct hp_credentials c;
	struct hp_err err;
	if (http->auth == HP_HTTP_SESSION && !hp_peer_session(p))
		return no_login(w->arena, "there is no session with the BMC", ret);
	if (http->auth != HP_HTTP_LOGIN)
		return true;
	if (hp_credentials_read(http->bmc->credentials_file, w->root, &c, &err) < 0)
		return no_login(w->arena, err.text, ret);
	hp_credentials_free(&p->credentials);
	p->credentials = c;
	return true;
}

bool hp_web_start(struct hp_web *w, const struct hp_call *call, unsigned id, struct hp_reply *ret)
{
	const struct hp_http *http = call->http;
	int code = CURLE_OUT_OF_MEMORY;
	struct hp_peer *p = get_ready(w) ? find_peer(w, http->bmc, &code) : NULL;
	if (!p)
		return no_start(ret, code);
	if (!has_right(w, p, http, ret))
		return false;
	struct hp_exchange *x = add_exchange(w, p, http, call->timeout_ms);
	if (!x)
		return no_start(ret, CURLE_OUT_OF_MEMORY);
	x->id = id;
	x->cap = call->cap;
	if (http->auth == HP_HTTP_SESSION)
		x->session = hp_peer_session(p);
	if (x->session && is(x, "DELETE"))
		x->finishes = hp_peer_session_at(p, http->path);
	if (x->finishes) {
		x->session = x->finishes;
		x->finishes->ending = true;
	}
	go_on(w);
	return true;
}

/* How long nothing has to be looked at, at most ms. */
static int until_next_limit(const struct hp_web *w, int ms)
{
	uint64_t now = hp_now_ms();
	for (const struct hp_exchange *x = w->first; x; x = x->next) {
		if (x->ended && !x->given)
			return 0;
		if (!under_way(x))
			continue;
		unsigned limit = x->state == HP_EXCHANGE_RESOLVING ? resolve_limit(x) : x->limit_ms;
		uint64_t spent = now - x->started_ms, left = spent < limit ? limit - spent : 0;
		if (left < (uint64_t)ms)
			ms = (int)left;
	}
	return ms;
}

static bool curl_is_busy(const struct hp_web *w)
{
	for (const struct hp_exchange *x = w->first; x; x = x->next)
		if (x->added)
			return true;
	return false;
}

/* Waits for all of these and for curl's own. */
static void wait_for(struct hp_web *w, const struct pollfd *fds, nfds_t count, int ms)
{
	struct pollfd all[FDS_MAX];
	struct curl_waitfd extra[FDS_MAX];
	nfds_t n = 0;
	for (nfds_t i = 0; i < count && n < FDS_MAX; i++)
		all[n++] = fds[i];
	for (const struct hp_exchange *x = w->first; x; x = x->next)
		if (x->state == HP_EXCHANGE_RESOLVING && n < FDS_MAX)
			all[n++] = (struct pollfd){.fd = x->resolve.fd, .events = POLLIN};
	ms = until_next_limit(w, ms);
	if (!curl_is_busy(w)) {
		(void)poll(all, n, ms);
		return;
	}
	for (nfds_t i = 0; i < n; i++)
		extra[i] = (struct curl_waitfd){.fd = all[i].fd, .events = CURL_WAIT_POLLIN};
	if (curl_multi_poll(w->multi, extra, (unsigned)n, ms, NULL) != CURLM_OK)
		hp_sleep_ms(1); /* no memory for it: go on, but not at full speed */
}

void hp_web_poll(struct hp_web *w, struct pollfd *fds, nfds_t count, int ms)
{
	int running;
	go_on(w);
	wait_for(w, fds, count, ms);
	if (count && poll(fds, count, 0) < 0)
		for (nfds_t i = 0; i < count; i++)
			fds[i].revents = 0;
	if (curl_is_busy(w)) {
		(void)curl_multi_perform(w->multi, &running);
		listen_to_curl(w);
	}
	go_on(w);
	sweep(w);
}

bool hp_web_ended(struct hp_web *w, struct hp_arena *a, unsigned *ret_id, struct hp_reply *ret)
{
	struct hp_exchange *x = w->first;
	while (x && (!x->ended || x->given))
		x = x->next;
	if (!x)
		return false;
	struct hp_reply reply = {.end = x->end, .code = x->code};
	if (a) { /* memory may run out here: the exchange is still whole then */
		reply.out = (struct hp_str){hp_copy(a, hp_bytes(&x->out)), x->out.n};
		reply.err = (struct hp_str){hp_copy(a, hp_bytes(&x->err)), x->err.n};
	}
	*ret_id = x->id;
	*ret = reply;
	x->given = true;
	sweep(w);
	return true;
}

void hp_web_stop(struct hp_web *w, unsigned id, enum hp_end how)
{
	for (struct hp_exchange *x = w->first; x; x = x->next) {
		if (x->id != id || x->ended)
			continue;
		hp_exchange_end(x, how, 0);
		let_go(w, x);
	}
}

bool hp_web_busy(const struct hp_web *w)
{
	for (const struct hp_exchange *x = w->first; x; x = x->next)
		if (!x->given || x->state != HP_EXCHANGE_DONE)
			return true;
	return false;
}

/* ---- the door's end ---- */

/* One try for each session that is open; what lingers may still open one. */
static void end_sessions(struct hp_web *w, unsigned left_ms)
{
	for (struct hp_peer *p = w->peers; p; p = p->next) {
		for (struct hp_bmc_session *s = p->sessions; s; s = s->next) {
			struct hp_http http = {.method = "DELETE", .path = "/", .auth = HP_HTTP_SESSION};
			if (!s->token.n || !s->path.n || s->ending || s->tried)
				continue;
			struct hp_exchange *x = add_exchange(w, p, &http, left_ms);
			s->tried = true;
			if (!x)
				continue;
			s->ending = true;
			x->session = x->finishes = s;
			x->given = true;
			begin(w, x);
		}
	}
}

static void web_close(void *what)
{
	struct hp_web *w = what;
	uint64_t began = hp_now_ms();
	for (struct hp_exchange *x = w->first; x; x = x->next) {
		hp_exchange_end(x, HP_END_CANCELLED, 0);
		x->given = true;
		if (x->state != HP_EXCHANGE_DONE)
			let_go(w, x);
	}
	sweep(w);
	for (uint64_t spent = 0; spent < CLOSE_MS; spent = hp_now_ms() - began) {
		end_sessions(w, (unsigned)(CLOSE_MS - spent));
		if (!hp_web_busy(w))
			break;
		hp_web_poll(w, NULL, 0, (int)(CLOSE_MS - spent));
	}
	for (struct hp_exchange *x = w->first; x; x = x->next)
		detach(w, x);
	while (w->first) {
		struct hp_exchange *x = w->first;
		w->first = x->next;
		free_exchange(x);
	}
	while (w->peers) {
		struct hp_peer *p = w->peers;
		w->peers = p->next;
		hp_peer_free(p);
	}
	if (w->multi)
		(void)curl_multi_cleanup(w->multi);
	w->multi = NULL;
}

struct hp_web *hp_web_open(struct hp_arena *a, const char *root)
{
	struct hp_web *w = hp_alloc(a, sizeof *w);
	w->arena = a;
	w->root = root;
	w->last = &w->first;
	hp_defer(a, web_close, w);
	return w;
}
