#include "peer.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "redact.h"

#define CONNECT_MS 10000u /* where the policy says nothing */
#define REQUEST_MS 60000u
#define USER_SHORTEST ((size_t)3) /* a shorter name would take letters out of everything */
#define ANY (SIZE_MAX / 4)

static bool put(struct hp_bytes *b, const char *text)
{
	return hp_bytes_put(b, hp_str(text), ANY);
}

/* The machine's own, or the one below the root where that is not there. */
static bool put_file(struct hp_bytes *b, const char *root, const char *path)
{
	struct stat st;
	if (root && *root && stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return put(b, root) && put(b, path);
	return put(b, path);
}

static bool fill(struct hp_peer *p, const struct hp_bmc *bmc, const char *root)
{
	char port[16];
	const char *open = strchr(p->origin.host, ':') ? "[" : "", *close = *open ? "]" : "";
	(void)snprintf(port, sizeof port, ":%u/", p->origin.port);
	if (!put(&p->url, "https://") || !put(&p->url, open) || !put(&p->url, p->origin.host) || !put(&p->url, close) ||
	    !put(&p->url, port))
		return false;
	if (bmc->cafile && !put_file(&p->cafile, root, bmc->cafile))
		return false;
	return !bmc->pin || put(&p->pin, bmc->pin);
}

struct hp_peer *hp_peer_new(const struct hp_bmc *bmc, const char *root, int *ret_code)
{
	struct hp_peer *p = calloc(1, sizeof *p);
	*ret_code = CURLE_OUT_OF_MEMORY;
	if (!p)
		return NULL;
	p->key = bmc;
	p->insecure = bmc->insecure;
	p->connect_ms = bmc->connect_ms ? bmc->connect_ms : CONNECT_MS;
	p->request_ms = bmc->request_ms ? bmc->request_ms : REQUEST_MS;
	p->idle_socket = -1;
	bool is_origin = hp_origin_parse(hp_str(bmc->origin), &p->origin);
	if (is_origin && fill(p, bmc, root))
		return p;
	if (!is_origin)
		*ret_code = CURLE_URL_MALFORMAT;
	hp_peer_free(p);
	return NULL;
}

static void free_session(struct hp_bmc_session *s)
{
	hp_bytes_free(&s->token);
	hp_bytes_free(&s->path);
	hp_bytes_free(&s->shown);
	free(s);
}

void hp_peer_free(struct hp_peer *p)
{
	while (p->sessions) {
		struct hp_bmc_session *s = p->sessions;
		p->sessions = s->next;
		free_session(s);
	}
	hp_credentials_free(&p->credentials);
	hp_bytes_free(&p->url);
	hp_bytes_free(&p->cafile);
	hp_bytes_free(&p->pin);
	hp_bytes_free(&p->resolved);
	free(p);
}

/* A JSON text. Credentials are UTF-8 without controls: two bytes alone need an escape. */
static bool put_text(struct hp_bytes *b, struct hp_str s)
{
	bool done = put(b, "\"");
	for (size_t i = 0; done && i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			done = put(b, "\\");
		done = done && hp_bytes_put(b, hp_str_sub(s, i, i + 1), ANY);
	}
	return done && put(b, "\"");
}

bool hp_peer_login_body(const struct hp_peer *p, struct hp_bytes *ret)
{
	return put(ret, "{\"UserName\":") && put_text(ret, hp_bytes(&p->credentials.user)) &&
	       put(ret, ",\"Password\":") && put_text(ret, hp_bytes(&p->credentials.password)) && put(ret, "}");
}

/* A user named like a part of every path ("redfish") is seen: without paths nothing could be asked. */
static bool hides_user(const struct hp_bytes *user)
{
	return user->n >= USER_SHORTEST && !hp_str_has(hp_str("/redfish/v1/"), hp_bytes_text(user));
}

bool hp_peer_redact(const struct hp_peer *p, struct hp_str text, struct hp_bytes *ret)
{
	struct hp_str secrets[2 + 16] = {hp_bytes(&p->credentials.password)};
	size_t n = 1;
	if (hides_user(&p->credentials.user))
		secrets[n++] = hp_bytes(&p->credentials.user);
	for (const struct hp_bmc_session *s = p->sessions; s && n < sizeof secrets / sizeof secrets[0]; s = s->next)
		if (s->token.n)
			secrets[n++] = hp_bytes(&s->token);
	return hp_redact(secrets, n, text, ret);
}

void hp_peer_note_session(struct hp_peer *p, const struct hp_answer *answer)
{
	struct hp_str token = hp_bytes(&answer->headers[HP_TOKEN]);
	struct hp_bmc_session *s = token.n ? calloc(1, sizeof *s) : NULL;
	if (!s)
		return;
	if (!hp_bytes_put(&s->token, token, HP_TOKEN_LIMIT)) {
		free_session(s);
		return;
	}
	s->next = p->sessions;
	p->sessions = s;
	if (hp_answer_session(answer, &p->origin, &s->path) && !hp_peer_redact(p, hp_bytes(&s->path), &s->shown))
		hp_bytes_free(&s->shown);
}

struct hp_bmc_session *hp_peer_session(const struct hp_peer *p)
{
	struct hp_bmc_session *s = p->sessions;
	return s && s->token.n && !s->ending ? s : NULL;
}

/* The BMC may write a path with or without a slash at its end. */
static bool same_path(struct hp_str a, struct hp_str b)
{
	while (hp_str_ends(a, "/"))
		a.n--;
	while (hp_str_ends(b, "/"))
		b.n--;
	return a.n && hp_str_same(a, b);
}

struct hp_bmc_session *hp_peer_session_at(const struct hp_peer *p, const char *path)
{
	for (struct hp_bmc_session *s = p->sessions; s; s = s->next)
		if (s->token.n && !s->ending &&
		    (same_path(hp_bytes(&s->path), hp_str(path)) || same_path(hp_bytes(&s->shown), hp_str(path))))
			return s;
	return NULL;
}

void hp_peer_end_session(struct hp_bmc_session *s)
{
	hp_bytes_free(&s->token);
	s->ending = false;
}
