#include "transfer.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIN_START "sha256//"

bool hp_transfer_library(void)
{
	static bool ready;
	if (ready)
		return true;
	/* libcurl would write the keys of every connection to the file that it names. */
	(void)unsetenv("SSLKEYLOGFILE");
	ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	/* Where the kernel has no getrandom, OpenSSL would keep /dev/urandom open, for tools to inherit. */
	RAND_keep_random_devices_open(0);
	return ready;
}

CURLcode hp_transfer_trust(const struct hp_peer *p)
{
	/* libcurl takes another pin for a file's name. */
	if (p->pin.n && !hp_str_starts(hp_bytes(&p->pin), PIN_START))
		return CURLE_SSL_PINNEDPUBKEYNOTMATCH;
	return p->cafile.n || p->pin.n || p->insecure ? CURLE_OK : CURLE_PEER_FAILED_VERIFICATION;
}

/* No tool may inherit a connection to the BMC. */
static int on_socket(void *unused, curl_socket_t fd, curlsocktype purpose)
{
	(void)unused;
	(void)purpose;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

/* As the BMC gave it, but for bytes that no request line may hold. */
static bool put_target(struct hp_bytes *b, const char *path)
{
	for (const char *c = path; *c; c++) {
		unsigned char u = (unsigned char)*c;
		char text[4] = {*c};
		if (u <= 0x20 || u >= 0x7f || strchr("\"#<>\\^`{|}", *c))
			(void)snprintf(text, sizeof text, "%%%02X", u);
		if (!hp_bytes_put(b, hp_str(text), 3 * HP_PATH_LIMIT))
			return false;
	}
	return true;
}

static void free_list(struct curl_slist **list)
{
	for (struct curl_slist *i = *list; i; i = i->next)
		hp_wipe(i->data, strlen(i->data));
	curl_slist_free_all(*list);
	*list = NULL;
}

static bool add(struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*list, text);
	*list = longer ? longer : *list;
	return longer != NULL;
}

static bool add_headers(struct hp_transfer *t, const struct hp_request *r, bool has_body)
{
	struct hp_bytes token = {0};
	bool done = add(&t->headers, "Accept: application/json") && add(&t->headers, "Expect:") &&
		    (!has_body || add(&t->headers, "Content-Type: application/json"));
	if (done && r->token) {
		done = hp_bytes_put(&token, hp_str("X-Auth-Token: "), 2 * HP_TOKEN_LIMIT) &&
		       hp_bytes_put(&token, hp_str(r->token), 2 * HP_TOKEN_LIMIT) && add(&t->headers, token.p);
		hp_bytes_free(&token);
	}
	return done;
}

#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		CURLcode set_code = curl_easy_setopt(t->easy, option, value);                                          \
		if (set_code != CURLE_OK)                                                                              \
			return set_code;                                                                               \
	} while (0)

static CURLcode set_way(struct hp_transfer *t, const struct hp_peer *p, const struct hp_request *r)
{
	SET(CURLOPT_URL, hp_bytes_text(&p->url));
	SET(CURLOPT_REQUEST_TARGET, hp_bytes_text(&t->target)); /* so that no path can change whom it goes to */
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
	SET(CURLOPT_SOCKOPTFUNCTION, on_socket);
	SET(CURLOPT_FRESH_CONNECT, r->fresh ? 1L : 0L);
	if (t->addresses)
		SET(CURLOPT_RESOLVE, t->addresses);
	return CURLE_OK;
}

static CURLcode set_trust(struct hp_transfer *t, const struct hp_peer *p)
{
	long verify = p->cafile.n ? 1 : 0;
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_CAINFO, p->cafile.n ? p->cafile.p : NULL);
	SET(CURLOPT_SSL_VERIFYPEER, verify);
	SET(CURLOPT_SSL_VERIFYHOST, 2 * verify);
	if (p->pin.n)
		SET(CURLOPT_PINNEDPUBLICKEY, p->pin.p);
	return CURLE_OK;
}

static CURLcode set_request(struct hp_transfer *t, const struct hp_request *r, struct hp_str body)
{
	SET(CURLOPT_USERAGENT, "hostprep");
	SET(CURLOPT_ACCEPT_ENCODING, "gzip");
	SET(CURLOPT_HTTPHEADER, t->headers);
	if (strcmp(r->method, "GET") == 0) {
		SET(CURLOPT_HTTPGET, 1L);
	} else if (strcmp(r->method, "DELETE") == 0) {
		SET(CURLOPT_CUSTOMREQUEST, "DELETE");
	} else {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
		SET(CURLOPT_POSTFIELDS, body.n ? body.p : "");
		SET(CURLOPT_CUSTOMREQUEST, r->method);
	}
	return CURLE_OK;
}

static CURLcode set_answer(struct hp_transfer *t)
{
	SET(CURLOPT_HEADERFUNCTION, hp_answer_take_header);
	SET(CURLOPT_HEADERDATA, &t->answer);
	SET(CURLOPT_WRITEFUNCTION, hp_answer_take_body);
	SET(CURLOPT_WRITEDATA, &t->answer);
	return CURLE_OK;
}

static bool is_method(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0 ||
	       strcmp(method, "DELETE") == 0;
}

CURLcode hp_transfer_set_up(struct hp_transfer *t, const struct hp_peer *p, const struct hp_request *r)
{
	CURLcode code = hp_transfer_trust(p);
	if (code != CURLE_OK)
		return code;
	if (!is_method(r->method) || r->path[0] != '/' || strlen(r->path) > HP_PATH_LIMIT)
		return CURLE_URL_MALFORMAT;
	t->answer.cap = r->cap;
	t->easy = curl_easy_init();
	if (!t->easy || !put_target(&t->target, r->path) || (r->login && !hp_peer_login_body(p, &t->login)))
		return CURLE_OUT_OF_MEMORY;
	struct hp_str body = r->login ? hp_bytes(&t->login) : r->body;
	if (!add_headers(t, r, body.n > 0) || (p->resolved.n && !add(&t->addresses, p->resolved.p)))
		return CURLE_OUT_OF_MEMORY;
	code = set_way(t, p, r);
	if (code == CURLE_OK)
		code = set_trust(t, p);
	if (code == CURLE_OK)
		code = set_request(t, r, body);
	return code == CURLE_OK ? set_answer(t) : code;
}

void hp_transfer_free(struct hp_transfer *t)
{
	if (t->easy)
		curl_easy_cleanup(t->easy);
	free_list(&t->headers);
	free_list(&t->addresses);
	hp_bytes_free(&t->target);
	hp_bytes_free(&t->login);
	hp_answer_clear(&t->answer);
	t->easy = NULL;
}

bool hp_transfer_is_sent(const struct hp_transfer *t)
{
	curl_off_t ready_us = 0;
	return t->easy && curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us) == CURLE_OK &&
	       ready_us > 0;
}

bool hp_transfer_drips(struct hp_transfer *t, uint64_t now_ms)
{
	curl_off_t got = 0;
	if (!t->answer.headers_done || curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &got) != CURLE_OK)
		return false;
	if (!t->slow_since_ms || (uint64_t)got >= t->slow_since_bytes + HP_DRIP_BYTES) {
		t->slow_since_ms = now_ms;
		t->slow_since_bytes = (uint64_t)got;
	}
	return now_ms - t->slow_since_ms >= HP_DRIP_MS;
}
