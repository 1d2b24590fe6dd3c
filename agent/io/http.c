#include "http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fd.h"
#include "resolve.h"
#include "transfer.h"

#define CLOSE_MS 5000u /* for the sessions that are still open, in all */
#define FDS_MAX 256    /* that can be waited for at once */
#define ANY (SIZE_MAX / 4)

/* One exchange. It has an owner, who is told once how it ended, and may go on for a while after that: a login that was
 * sent may open a session, which must be ended then. */
struct exchange {
	struct exchange *next;
	unsigned id;
	struct hp_peer *peer;
	struct hp_http http;
	size_t cap;
	unsigned limit_ms;		 /* of the whole, from started_ms */
	struct hp_bmc_session *session;	 /* whose token it carries */
	struct hp_bmc_session *finishes; /* the one that it ends */

	enum { WAITING, RESOLVING, SENT, DONE } state;
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

struct hp_web {
	struct hp_arena *arena; /* only while it is there: never after web_close() has begun */
	const char *root;
	CURLM *multi;
	struct exchange *first, **last;
	struct hp_peer *peers;
};

/* ---- ending ---- */

static void detach(struct hp_web *w, struct exchange *x)
{
	hp_resolve_stop(&x->resolve);
	if (x->added)
		(void)curl_multi_remove_handle(w->multi, x->transfer.easy);
	x->added = false;
	hp_transfer_free(&x->transfer);
	x->state = DONE;
}

static void end(struct exchange *x, enum hp_end how, int code)
{
	if (x->ended)
		return;
	x->ended = true;
	x->end = how;
	x->code = code;
}

static void drop_text(struct exchange *x)
{
	hp_bytes_free(&x->out);
	hp_bytes_free(&x->err);
}

/* The answer's text without what must not be seen. */
static bool take_text(struct exchange *x)
{
	struct hp_answer *answer = &x->transfer.answer;
	struct hp_bytes lines = {0};
	bool done = hp_answer_lines(answer, &x->peer->origin, hp_wall_ms(), &lines) &&
		    hp_peer_redact(x->peer, hp_bytes(&lines), &x->err) &&
		    (answer->too_big || hp_peer_redact(x->peer, hp_bytes(&answer->body), &x->out));
	hp_bytes_free(&lines);
	return done;
}

static unsigned seconds(unsigned ms)
{
	return (ms + 999) / 1000;
}

/* A refused login or an ended session is told even where the rest of the answer is broken (iDRAC8: check_redfish 90) or
 * does not come: who took that for a passing trouble and tried again would be locked out. */
static bool status_alone_counts(const struct hp_answer *answer)
{
	return answer->headers_done && (answer->status == 401 || answer->status == 403);
}

static void end_with_answer(struct exchange *x)
{
	if (x->ended)
		return;
	bool done = take_text(x);
	if (!done)
		drop_text(x);
	end(x, done ? HP_END_EXIT : HP_END_NOT_STARTED, done ? (int)x->transfer.answer.status : ENOMEM);
}

/* libcurl says so too when a line is longer than its own limit, before we see it. */
static bool header_line_too_long(const struct hp_answer *answer, CURLcode code)
{
	return code == CURLE_OUT_OF_MEMORY && answer->status && !answer->headers_done;
}

static void end_by_code(struct exchange *x, CURLcode code)
{
	const struct hp_answer *answer = &x->transfer.answer;
	if (code == CURLE_OK && !answer->headers_done)
		code = CURLE_PARTIAL_FILE; /* libcurl takes headers that are cut off for all of them */
	if (code == CURLE_OK || (status_alone_counts(answer) && !answer->no_memory))
		end_with_answer(x);
	else if (answer->too_big || header_line_too_long(answer, code))
		end(x, HP_END_TOO_BIG, 0);
	else if (answer->no_memory || code == CURLE_OUT_OF_MEMORY)
		end(x, HP_END_NOT_STARTED, ENOMEM);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		end(x, HP_END_TIMEOUT, (int)seconds(x->peer->connect_ms)); /* the only limit that curl knows */
	else
		end(x, HP_END_NO_ANSWER, (int)code);
}

/* What the answer, or what has come of it, means for the session. */
static void note_session(struct exchange *x)
{
	const struct hp_answer *answer = &x->transfer.answer;
	bool good = answer->status >= 200 && answer->status < 300;
	if (x->http.auth == HP_HTTP_LOGIN && answer->headers_done && good)
		hp_peer_note_session(x->peer, answer);
}

/* After the text was redacted: the token is wiped here. A BMC that is busy has ended nothing; one that does not know
 * the token (401) or the session (404) has none. */
static void note_end_of_session(struct exchange *x)
{
	unsigned status = x->transfer.answer.status;
	if (!x->finishes)
		return;
	x->finishes->ending = false;
	if (status && status < 500 && status != 429)
		hp_peer_end_session(x->finishes);
	x->finishes = NULL;
}

static void finish(struct hp_web *w, struct exchange *x, CURLcode code)
{
	note_session(x);
	end_by_code(x, code);
	note_end_of_session(x);
	if (code == CURLE_COULDNT_CONNECT)
		hp_bytes_free(&x->peer->resolved); /* it may have moved */
	detach(w, x);
}

/* ---- going on ---- */

static bool is(const struct exchange *x, const char *method)
{
	return strcmp(x->http.method, method) == 0;
}

static bool add_to_multi(struct hp_web *w, struct exchange *x)
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

static void send_it(struct hp_web *w, struct exchange *x)
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
	x->state = SENT;
	if (code != CURLE_OK)
		finish(w, x, code);
}

static void begin(struct hp_web *w, struct exchange *x)
{
	x->started_ms = hp_now_ms();
	x->connect_ms = x->peer->connect_ms;
	if (x->peer->origin.literal || x->peer->resolved.n) {
		send_it(w, x);
		return;
	}
	int code = hp_resolve_start(&x->resolve, x->peer->origin.host);
	x->state = RESOLVING;
	if (code) {
		end(x, HP_END_NOT_STARTED, code);
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

static unsigned resolve_limit(const struct exchange *x)
{
	return x->peer->connect_ms < x->limit_ms ? x->peer->connect_ms : x->limit_ms;
}

static void watch_resolver(struct hp_web *w, struct exchange *x)
{
	uint64_t spent = hp_now_ms() - x->started_ms;
	enum hp_resolve_news news = hp_resolve_watch(&x->resolve);
	if (news == HP_RESOLVE_GOES_ON) {
		if (spent < resolve_limit(x))
			return;
		end(x, HP_END_TIMEOUT, (int)seconds(resolve_limit(x)));
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
static void let_go(struct hp_web *w, struct exchange *x)
{
	bool lingers =
	    x->state == SENT && (x->http.auth == HP_HTTP_LOGIN || x->finishes) && hp_transfer_is_sent(&x->transfer);
	if (lingers)
		return;
	note_end_of_session(x);
	detach(w, x);
}

static void check_limits(struct hp_web *w, struct exchange *x)
{
	uint64_t now = hp_now_ms();
	bool late = now - x->started_ms >= x->limit_ms, drips = hp_transfer_drips(&x->transfer, now);
	if (x->ended || (!late && !drips))
		return;
	if (status_alone_counts(&x->transfer.answer)) {
		finish(w, x, CURLE_OPERATION_TIMEDOUT);
		return;
	}
	note_session(x);
	end(x, HP_END_TIMEOUT, (int)seconds(late ? x->limit_ms : HP_DRIP_MS));
	let_go(w, x);
}

static bool under_way(const struct exchange *x)
{
	return (x->state == RESOLVING || x->state == SENT) && !x->ended;
}

static bool peer_busy(const struct hp_web *w, const struct hp_peer *p)
{
	for (const struct exchange *x = w->first; x; x = x->next)
		if (x->peer == p && under_way(x))
			return true;
	return false;
}

static void go_on(struct hp_web *w)
{
	for (struct exchange *x = w->first; x; x = x->next) {
		if (x->state == WAITING && !x->ended && !peer_busy(w, x->peer))
			begin(w, x);
		if (x->state == RESOLVING)
			watch_resolver(w, x);
		if (x->state == SENT)
			check_limits(w, x);
	}
}

static void free_exchange(struct exchange *x)
{
	drop_text(x);
	free(x);
}

/* Those that nobody will hear of again. */
static void sweep(struct hp_web *w)
{
	struct exchange **at = &w->first;
	while (*at) {
		struct exchange *x = *at;
		if (!x->given || x->state != DONE) {
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
static bool retry(struct hp_web *w, struct exchange *x, CURLcode code)
{
	long connections = 1;
	bool broke = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
		     code == CURLE_PARTIAL_FILE;
	if (!broke || !is(x, "GET") || x->retried || x->ended || status_alone_counts(&x->transfer.answer) ||
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
		struct exchange *x = w->first;
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

static struct exchange *add_exchange(struct hp_web *w, struct hp_peer *p, const struct hp_http *http, unsigned limit_ms)
{
	struct exchange *x = calloc(1, sizeof *x);
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
	struct exchange *x = add_exchange(w, p, http, call->timeout_ms);
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
	for (const struct exchange *x = w->first; x; x = x->next) {
		if (x->ended && !x->given)
			return 0;
		if (!under_way(x))
			continue;
		unsigned limit = x->state == RESOLVING ? resolve_limit(x) : x->limit_ms;
		uint64_t spent = now - x->started_ms, left = spent < limit ? limit - spent : 0;
		if (left < (uint64_t)ms)
			ms = (int)left;
	}
	return ms;
}

static bool curl_is_busy(const struct hp_web *w)
{
	for (const struct exchange *x = w->first; x; x = x->next)
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
	for (const struct exchange *x = w->first; x; x = x->next)
		if (x->state == RESOLVING && n < FDS_MAX)
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
	struct exchange *x = w->first;
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
	for (struct exchange *x = w->first; x; x = x->next) {
		if (x->id != id || x->ended)
			continue;
		end(x, how, 0);
		let_go(w, x);
	}
}

bool hp_web_busy(const struct hp_web *w)
{
	for (const struct exchange *x = w->first; x; x = x->next)
		if (!x->given || x->state != DONE)
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
			struct exchange *x = add_exchange(w, p, &http, left_ms);
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
	for (struct exchange *x = w->first; x; x = x->next) {
		end(x, HP_END_CANCELLED, 0);
		x->given = true;
		if (x->state != DONE)
			let_go(w, x);
	}
	sweep(w);
	for (uint64_t spent = 0; spent < CLOSE_MS; spent = hp_now_ms() - began) {
		end_sessions(w, (unsigned)(CLOSE_MS - spent));
		if (!hp_web_busy(w))
			break;
		hp_web_poll(w, NULL, 0, (int)(CLOSE_MS - spent));
	}
	for (struct exchange *x = w->first; x; x = x->next)
		detach(w, x);
	while (w->first) {
		struct exchange *x = w->first;
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
