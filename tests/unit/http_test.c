/* The door against a BMC that misbehaves (tests/http/bmc.py). Machines are slow at times: limits are wide where time
 * is not what is tried. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../agent/base/num.h"
#include "../../agent/io/clock.h"
#include "../../agent/io/credentials.h"
#include "../../agent/io/file.h"
#include "../../agent/io/host.h"
#include "../../agent/io/http.h"
#include "../../agent/io/origin.h"
#include "../../agent/io/redact.h"
#include "unit.h"

#define LONG_MS 60000u /* longer than any test may take */
#define SLACK_MS 2500u /* on a busy machine, with sanitizers */
#define USER "op\"er"
#define PASSWORD "pa\"ss\\w/\xc3\x9f%40 x"
#define SESSIONS "/redfish/v1/SessionService/Sessions"

static char folder[] = "/tmp/hostprep-http-XXXXXX";
static pid_t server;
static int server_in = -1;
static struct {
	char name[16];
	unsigned port;
} ports[16];
static size_t port_count;

/* ---- names ---- */

int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *want, struct addrinfo **ret);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *want, struct addrinfo **ret);

/* A resolver that hangs for ever, and one that knows a name which is not in /etc/hosts. */
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *want, struct addrinfo **ret)
{
	if (strcmp(name, "hangs.test") == 0)
		for (;;)
			(void)pause();
	if (strcmp(name, "dies.test") == 0)
		(void)raise(SIGKILL);
	if (strcmp(name, "nobody.test") == 0)
		return EAI_NONAME;
	return __real_getaddrinfo(strcmp(name, "bmc.test") == 0 ? "127.0.0.1" : name, service, want, ret);
}

/* ---- the server ---- */

static const char *place(struct hp_arena *a, const char *name)
{
	return hp_format(a, "%s/%s", folder, name);
}

static void write_file(struct hp_arena *a, const char *name, const char *text, mode_t mode)
{
	const char *path = place(a, name);
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_true(hp_fd_write(fd, hp_str(text)));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static int start_server(void **state)
{
	int in[2], out[2];
	char line[64];
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder) || pipe(in) < 0 || pipe(out) < 0)
		return -1;
	server = fork();
	if (server == 0) {
		(void)dup2(in[0], 0);
		(void)dup2(out[1], 1);
		for (int fd = 3; fd < 64; fd++)
			(void)close(fd);
		(void)execlp("python3", "python3", BMC, folder, USER, PASSWORD, (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	server_in = in[1];
	(void)fcntl(server_in, F_SETFD, FD_CLOEXEC);
	FILE *lines = fdopen(out[0], "r");
	while (lines && fgets(line, sizeof line, lines) && strcmp(line, "ready\n") != 0 && port_count < 16) {
		char *blank = strchr(line, ' ');
		if (!blank)
			return -1;
		*blank = '\0';
		(void)snprintf(ports[port_count].name, sizeof ports[0].name, "%.15s", line);
		ports[port_count++].port = (unsigned)strtoul(blank + 1, NULL, 10);
	}
	bool ready = strcmp(line, "ready\n") == 0;
	if (lines)
		(void)fclose(lines);
	return ready ? 0 : -1;
}

static int stop_server(void **state)
{
	char command[128];
	(void)state;
	(void)close(server_in);
	(void)waitpid(server, NULL, 0);
	(void)snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static unsigned port_of(const char *name)
{
	for (size_t i = 0; i < port_count; i++)
		if (strcmp(ports[i].name, name) == 0)
			return ports[i].port;
	fail_msg("no port %s", name);
	return 0;
}

static const char *log_text(struct hp_arena *a)
{
	struct hp_str text;
	assert_int_equal(hp_file_read(a, place(a, "log"), 64u << 20, &text, NULL), 0);
	return hp_copy(a, text);
}

/* What was logged since. Lines that end so, or all where text is empty. */
static size_t log_mark;

static const char *logged(struct hp_arena *a)
{
	return log_text(a) + log_mark;
}

static unsigned count_in(const char *text, const char *part)
{
	unsigned n = 0;
	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		n++;
	return n;
}

/* Each session that was opened was deleted exactly once. */
static void assert_all_closed(struct hp_arena *a, unsigned opened)
{
	struct hp_str rest = hp_str(logged(a)), line;
	unsigned opens = 0;
	bool ended;
	const char *log = rest.p;
	while (hp_next_line(&rest, &line, &ended)) {
		if (!hp_str_starts(line, "open "))
			continue;
		opens++;
		const char *end = hp_format(a, "delete %s\n", hp_copy(a, hp_str_sub(line, 5, line.n)));
		if (count_in(log, end) != 1)
			fail_msg("%u times %s in\n%s", count_in(log, end), end, log);
	}
	assert_int_equal(opens, opened);
}

/* ---- asking ---- */

static int begin(void **state)
{
	if (unit_begin(state) < 0)
		return -1;
	struct hp_arena *a = *state;
	write_file(a, "secret", "user: " USER "\npassword: " PASSWORD "\n", 0600);
	log_mark = 0;
	log_mark = strlen(log_text(a));
	return 0;
}

static struct hp_host_options usual(void)
{
	return (struct hp_host_options){.root = folder, .jobs = 8, .timeout_ms = LONG_MS, .deadline_ms = LONG_MS};
}

static struct hp_door *open_with(struct hp_arena *a, const struct hp_host_options *o)
{
	struct hp_door *door;
	struct hp_err err;
	if (hp_host_door(a, o, &door, &err) < 0)
		fail_msg("%s", err.text);
	return door;
}

static struct hp_door *open_door(struct hp_arena *a)
{
	struct hp_host_options o = usual();
	return open_with(a, &o);
}

static struct hp_bmc *bmc(struct hp_arena *a, const char *name)
{
	struct hp_bmc *b = hp_alloc(a, sizeof *b);
	b->origin = hp_format(a, "https://127.0.0.1:%u", port_of(name));
	b->credentials_file = place(a, "secret");
	b->cafile = place(a, "ca.pem");
	b->connect_ms = LONG_MS;
	b->request_ms = LONG_MS;
	return b;
}

static struct hp_call *ask(struct hp_arena *a, const struct hp_bmc *b, const char *method, const char *path)
{
	struct hp_http *http = hp_alloc(a, sizeof *http);
	struct hp_call *call = hp_alloc(a, sizeof *call);
	http->bmc = b;
	http->method = method;
	http->path = path;
	call->kind = HP_CALL_HTTP;
	call->http = http;
	call->cap = 1000000;
	call->lane = "bmc";
	return call;
}

static struct hp_call *as(struct hp_call *call, enum hp_http_auth auth)
{
	((struct hp_http *)(uintptr_t)call->http)->auth = auth;
	return call;
}

static struct hp_call *login(struct hp_arena *a, const struct hp_bmc *b)
{
	return as(ask(a, b, "POST", SESSIONS), HP_HTTP_LOGIN);
}

static struct hp_reply one(struct hp_door *door, const struct hp_call *call)
{
	struct hp_reply reply;
	unsigned id;
	door->submit(door, call, 7);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 7);
	return reply;
}

static struct hp_reply get(struct hp_door *door, struct hp_arena *a, const struct hp_bmc *b, const char *path)
{
	return one(door, ask(a, b, "GET", path));
}

static void assert_ends(const char *what, const struct hp_reply *r, enum hp_end end, int code)
{
	if (r->end != end || r->code != code)
		fail_msg("%s: end %d code %d, not %d %d; err %.*s", what, r->end, r->code, end, code, (int)r->err.n,
			 r->err.p);
}

/* ---- answers ---- */

static void answers_and_broken_answers(void **state)
{
	static const struct {
		const char *path;
		enum hp_end end;
		int code;
		size_t bytes;
	} rows[] = {
	    {"/keep", HP_END_EXIT, 200, 11},
	    {"/status/204", HP_END_EXIT, 204, 0},
	    {"/status/304", HP_END_EXIT, 304, 0},
	    {"/status/404", HP_END_EXIT, 404, 12},
	    {"/status/503", HP_END_EXIT, 503, 12},
	    {"/status/302?/keep", HP_END_EXIT, 302, 12}, /* nobody follows it */
	    {"/status/308?https://192.0.2.1/", HP_END_EXIT, 308, 12},
	    {"/interim", HP_END_EXIT, 200, 11},
	    {"/chunked/30000", HP_END_EXIT, 200, 30000},
	    {"/gzip/900000", HP_END_EXIT, 200, 900000},
	    {"/nul-body", HP_END_EXIT, 200, 10},
	    {"/long", HP_END_EXIT, 200, 10}, /* what follows belongs to no answer */
	    {"/two", HP_END_EXIT, 200, 5},
	    {"/keep", HP_END_EXIT, 200, 11}, /* and does not become the next one */
	    /* the cap */
	    {"/size/1000000", HP_END_EXIT, 200, 1000000},
	    {"/size/1000001", HP_END_TOO_BIG, 0, 0},
	    {"/chunked/1000000", HP_END_EXIT, 200, 1000000},
	    {"/chunked/1000001", HP_END_TOO_BIG, 0, 0},
	    {"/gzip/1000001", HP_END_TOO_BIG, 0, 0},
	    {"/gzip/200000000", HP_END_TOO_BIG, 0, 0},
	    /* headers */
	    {"/head/65536", HP_END_EXIT, 200, 0},
	    {"/head/65537", HP_END_TOO_BIG, 0, 0},
	    {"/flood", HP_END_TOO_BIG, 0, 0},
	    {"/flood-line", HP_END_TOO_BIG, 0, 0},
	    {"/nul-header", HP_END_NO_ANSWER, 8, 0},
	    /* broken */
	    {"/short/200", HP_END_NO_ANSWER, 18, 0},
	    {"/no-end", HP_END_NO_ANSWER, 18, 0},
	    {"/bad-chunks/200", HP_END_NO_ANSWER, 56, 0},
	    {"/none", HP_END_NO_ANSWER, 52, 0},
	    {"/rst", HP_END_NO_ANSWER, 56, 0},
	    {"/half-head", HP_END_NO_ANSWER, 18, 0},
	    {"/until-close/clean", HP_END_EXIT, 200, 3},
	    {"/until-close/cut", HP_END_EXIT, 200, 3}, /* libcurl cannot tell: half a JSON text is none */
	    {"/http09", HP_END_NO_ANSWER, 1, 0},
	    {"/encoding/br", HP_END_NO_ANSWER, 61, 0},
	    /* a refusal counts however the rest of it ends */
	    {"/bad-chunks/401", HP_END_EXIT, 401, 3},
	    {"/short/403", HP_END_EXIT, 403, 10},
	};
	struct hp_arena *a = *state;
	for (int fresh = 0; fresh < 2;
	     fresh++) { /* on one door, and each on its own: so with and without a used connection */
		struct hp_door *door = open_door(a);
		struct hp_bmc *b = bmc(a, "good");
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			if (fresh)
				b = bmc(a, "good");
			struct hp_reply r = get(door, a, b, rows[i].path);
			assert_ends(rows[i].path, &r, rows[i].end, rows[i].code);
			if (r.out.n != rows[i].bytes)
				fail_msg("%s: %zu bytes, not %zu", rows[i].path, r.out.n, rows[i].bytes);
		}
	}
	assert_int_equal(count_in(logged(a), "GET /status/302"), 2);
}

static void what_is_sent(void **state)
{
	struct hp_arena *a = *state;
	struct hp_door *door = open_door(a);
	struct hp_bmc *b = bmc(a, "good");
	struct hp_reply r = get(door, a, b, "/request?a=b c&$expand=.($levels=1)#x\"\r\nEvil: 1");
	assert_ends("request", &r, HP_END_EXIT, 200);
	assert_str(
	    a, r.out,
	    hp_format(a,
		      "GET /request?a=b%%20c&$expand=.($levels=1)%%23x%%22%%0D%%0AEvil:%%201 HTTP/1.1\n"
		      "Host: 127.0.0.1:%u\nUser-Agent: hostprep\nAccept-Encoding: gzip\nAccept: application/json",
		      port_of("good")));
	assert_str(a, r.err, "content-type: application/json;charset=utf-8\n");
	r = get(door, a, b, "/request"); /* without the cookie */
	assert_no(hp_copy(a, r.out), "ookie");
	static const char *const methods[] = {"POST", "PATCH"};
	for (size_t i = 0; i < 2; i++) {
		struct hp_call *call = ask(a, b, methods[i], "/request/../x/%2e%2F//y");
		((struct hp_http *)(uintptr_t)call->http)->body = hp_str("{\"a\": \"\xc3\xa4\"}");
		r = one(door, call);
		assert_has(hp_copy(a, r.out), hp_format(a, "%s /request/../x/%%2e%%2F//y HTTP/1.1\n", methods[i]));
		assert_has(hp_copy(a, r.out), "\nContent-Type: application/json\n");
		assert_no(hp_copy(a, r.out), "Expect");
		assert_has(logged(a), "7b2261223a2022c3a4227d");
	}
	r = one(door, ask(a, b, "POST", "/request"));
	assert_has(hp_copy(a, r.out), "\nContent-Length: 0");
	r = one(door, ask(a, b, "HEAD", "/keep"));
	assert_ends("HEAD", &r, HP_END_NO_ANSWER, 3);
	r = get(door, a, b, "keep");
	assert_ends("no path", &r, HP_END_NO_ANSWER, 3);
	static const char *const origins[] = {"http://127.0.0.1", "https://", "https://a@127.0.0.1", "https://h/x",
					      "https://h:0",	  "h",	      "file:///etc/passwd"};
	for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
		b = bmc(a, "good");
		b->origin = origins[i];
		r = get(door, a, b, "/keep");
		assert_ends(origins[i], &r, HP_END_NO_ANSWER, 3);
	}
}

static void header_lines(void **state)
{
	static const struct {
		const char *path, *err;
	} rows[] = {
	    {"/location?/redfish/v1/x?y=1#z", "location: /redfish/v1/x?y=1\n"},
	    {"/location?https://127.0.0.1:PORT/x", "location: /x\n"},
	    {"/location?HTTPS://127.0.0.1:PORT/x", "location: /x\n"},
	    {"/location?//127.0.0.1:PORT/x", "location: /x\n"},
	    {"/location?https://127.0.0.1/x", ""},
	    {"/location?http://127.0.0.1:PORT/x", ""},
	    {"/location?https://192.0.2.1:PORT/x", ""},
	    {"/location?https://u@127.0.0.1:PORT/x", ""},
	    {"/location?//192.0.2.1/x", ""},
	    {"/location?x", ""},
	    {"/location?", ""},
	    {"/header?Retry-After: 30", "retry-after: 30\n"},
	    {"/header?rETRY-aFTER:  99999999999", "retry-after: 86400\n"},
	    {"/header?Retry-After: -5", ""},
	    {"/header?Retry-After: soon", ""},
	    {"/header?Retry-After: Thu, 01 Jan 2015 00:00:00 GMT", "retry-after: 0\n"},
	    {"/header?Allow: GET, PATCH%ff", "allow: GET, PATCH?\n"},
	    {"/header?X-Auth-Token: abc", ""},
	    {"/dated/120", "retry-after: 120\n"},
	    {"/chunked/5", NULL},
	};
	struct hp_arena *a = *state;
	struct hp_door *door = open_door(a);
	struct hp_bmc *b = bmc(a, "good");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_reply r = get(door, a, b, rows[i].path);
		const char *want =
		    rows[i].err ? hp_format(a, "content-type: application/json;charset=utf-8\n%s", rows[i].err) : "";
		if (!hp_str_eq(r.err, want))
			fail_msg("%s: %s", rows[i].path, hp_copy(a, r.err));
	}
	struct hp_reply r = get(door, a, b, "/undated/120");
	uint64_t seconds;
	struct hp_str line =
	    hp_str_sub(r.err, strlen("content-type: application/json;charset=utf-8\nretry-after: "), r.err.n);
	assert_true(hp_number(hp_str_trim(line), 10, 1000, &seconds) && seconds > 100 && seconds <= 121);
}

/* ---- trust ---- */

static void whom_to_trust(void **state)
{
	static const struct {
		const char *server, *ca, *pin;
		bool insecure;
		int code; /* 0: an answer */
	} rows[] = {
	    {"good", "ca.pem", NULL, false, 0},
	    {"good", "other.pem", NULL, false, 60},
	    {"good", "ca.pem", NULL, true, 0},
	    {"good", "other.pem", NULL, true, 60}, /* insecure is for those who have nothing else */
	    {"good", "missing.pem", NULL, false, 77},
	    {"good", "log", NULL, false, 77}, /* no certificate in it */
	    {"good", NULL, NULL, false, 60},
	    {"good", NULL, NULL, true, 0},
	    {"good", NULL, "good", false, 0},
	    {"good", NULL, "other", false, 90},
	    {"good", NULL, "other", true, 90},
	    {"good", "ca.pem", "good", false, 0},
	    {"good", "ca.pem", "other", false, 90},
	    {"good", "other.pem", "good", false, 60},
	    {"self", "ca.pem", NULL, false, 60},
	    {"self", NULL, "self", false, 0},
	    {"self", NULL, "good", false, 90},
	    {"self", NULL, NULL, true, 0},
	    {"expired", "ca.pem", NULL, false, 60},
	    {"expired", NULL, NULL, true, 0},
	    {"elsewhere", "ca.pem", NULL, false, 60},
	    {"stranger", "ca.pem", NULL, false, 60},
	    {"stranger", "other.pem", NULL, false, 0},
	    {"old-tls", "ca.pem", NULL, false, 35},
	    {"old-tls", NULL, NULL, true, 35},
	    {"plain", "ca.pem", NULL, false, 35},
	    {"plain", NULL, NULL, true, 35},
	};
	struct hp_arena *a = *state;
	struct hp_door *door = open_door(a);
	assert_int_equal(setenv("SSL_CERT_FILE", place(a, "ca.pem"), 1), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_bmc *b = bmc(a, rows[i].server);
		struct hp_str pin;
		b->cafile = rows[i].ca ? place(a, rows[i].ca) : NULL;
		b->insecure = rows[i].insecure;
		if (rows[i].pin) {
			assert_int_equal(
			    hp_file_read(a, place(a, hp_format(a, "%s.pin", rows[i].pin)), 200, &pin, NULL), 0);
			b->pin = hp_copy(a, pin);
		}
		struct hp_reply r = get(door, a, b, "/keep");
		const char *what = hp_format(a, "row %zu: %s %s %s", i, rows[i].server, rows[i].ca ? rows[i].ca : "-",
					     rows[i].pin ? rows[i].pin : "-");
		assert_ends(what, &r, rows[i].code ? HP_END_NO_ANSWER : HP_END_EXIT, rows[i].code ? rows[i].code : 200);
	}
	struct hp_bmc *b = bmc(a, "good");
	b->cafile = NULL;
	b->pin = place(a, "good.pub"); /* libcurl would read a key from that file */
	struct hp_reply r = get(door, a, b, "/keep");
	assert_ends("a pin that is a path", &r, HP_END_NO_ANSWER, 90);
	(void)unsetenv("SSL_CERT_FILE");
}

/* The file that the machine does not have, below the root. */
static void files_below_the_root(void **state)
{
	struct hp_arena *a = *state;
	struct hp_bmc *b = bmc(a, "good");
	b->cafile = "/ca.pem";
	b->credentials_file = "/secret";
	struct hp_door *door = open_door(a);
	struct hp_reply r = one(door, login(a, b));
	assert_ends("login", &r, HP_END_EXIT, 201);
}

/* ---- time ---- */

static void limits_of_time(void **state)
{
	static const struct {
		const char *server, *path;
		unsigned connect_ms, request_ms, call_ms, limit_ms;
		enum hp_end end;
		int code;
	} rows[] = {
	    {"no-room", "/keep", 600, LONG_MS, 0, 600, HP_END_TIMEOUT, 1},
	    {"hang", "/keep", 600, LONG_MS, 0, 600, HP_END_TIMEOUT, 1},
	    {"hang", "/keep", LONG_MS, 700, 0, 700, HP_END_TIMEOUT, 1},
	    {"good", "/hang-head", LONG_MS, 700, 0, 700, HP_END_TIMEOUT, 1},
	    {"good", "/hang-body/200", LONG_MS, LONG_MS, 1100, 1100, HP_END_TIMEOUT, 2},
	    {"good", "/hang-body/401", LONG_MS, 700, 0, 700, HP_END_EXIT, 401},
	    {"good", "/hang-body/200", 300, 1100, LONG_MS, 1100, HP_END_TIMEOUT, 2}, /* connected in time */
	    {"good", "/slow/1.5", LONG_MS, LONG_MS, 0, 1500, HP_END_EXIT, 200},
	    {"refused", "/keep", LONG_MS, LONG_MS, 0, 0, HP_END_NO_ANSWER, 7},
	    {"reset", "/keep", LONG_MS, LONG_MS, 0, 0, HP_END_NO_ANSWER, 35},
	};
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.timeout_ms = 100; /* the door's own limit is for tools */
	struct hp_door *door = open_with(a, &o);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_bmc *b = bmc(a, rows[i].server);
		b->connect_ms = rows[i].connect_ms;
		b->request_ms = rows[i].request_ms;
		struct hp_call *call = ask(a, b, "GET", rows[i].path);
		call->timeout_ms = rows[i].call_ms;
		struct hp_reply r = one(door, call);
		if (strcmp(rows[i].server, "reset") == 0 && r.code == 7)
			r.code = 35; /* the connection was reset before anyone saw that it was made */
		assert_ends(hp_format(a, "row %zu: %s %s", i, rows[i].server, rows[i].path), &r, rows[i].end,
			    rows[i].code);
		if (r.ms < rows[i].limit_ms || r.ms > rows[i].limit_ms + SLACK_MS)
			fail_msg("row %zu: %u ms instead of %u", i, r.ms, rows[i].limit_ms);
	}
}

/* Side by side, because it takes 30 s: a body of 4 KiB/s for 33 s, one of 100 B/s, and headers that take 33 s. */
static void slow_bodies(void **state)
{
	struct hp_arena *a = *state;
	struct hp_door *door = open_door(a);
	static const char *const paths[] = {"/drip/4000/132000", "/drip/100/100000", "/slow/33"};
	struct hp_reply r[3], reply;
	unsigned id;
	for (unsigned i = 0; i < 3; i++) {
		struct hp_call *call = ask(a, bmc(a, "good"), "GET", paths[i]);
		call->lane = NULL;
		door->submit(door, call, i);
	}
	while (door->wait(door, &id, &reply))
		r[id] = reply;
	assert_ends("4 KB/s", &r[0], HP_END_EXIT, 200);
	assert_int_equal(r[0].out.n, 132000);
	assert_ends("100 B/s", &r[1], HP_END_TIMEOUT, 30);
	assert_true(r[1].ms >= 30000 && r[1].ms < 33000 + SLACK_MS);
	assert_ends("slow headers", &r[2], HP_END_EXIT, 200);
}

/* ---- connections ---- */

static void used_connections(void **state)
{
	struct hp_arena *a = *state;
	struct hp_door *door = open_door(a);
	struct hp_bmc *b = bmc(a, "good");
	static const char *const again[] = {"/reused-rst", "/reused-mid"};
	struct hp_reply r = get(door, a, b, "/keep");
	r = get(door, a, b, "/keep");
	assert_int_equal(count_in(logged(a), "connect "), 1);
	for (size_t i = 0; i < 2; i++) {
		r = get(door, a, b, again[i]);
		assert_ends(again[i], &r, HP_END_EXIT, 200);
		assert_str(a, r.out, "{\"ok\":true}");
		assert_int_equal(count_in(logged(a), again[i]), 2);
		r = get(door, a, b, again[i]); /* and again, on the connection that answered */
		assert_ends(again[i], &r, HP_END_EXIT, 200);
		assert_int_equal(count_in(logged(a), again[i]), 4);
	}
	/* All else goes out once, and on a connection of its own. */
	static const char *const methods[] = {"POST", "PATCH", "DELETE"};
	for (size_t i = 0; i < 3; i++) {
		r = one(door, ask(a, b, methods[i], "/reused-rst"));
		assert_ends(methods[i], &r, HP_END_EXIT, 200);
		r = one(door, ask(a, b, methods[i], "/rst"));
		assert_ends(methods[i], &r, HP_END_NO_ANSWER, 56);
		assert_int_equal(count_in(logged(a), hp_format(a, "%s /rst", methods[i])), 1);
		assert_int_equal(count_in(logged(a), hp_format(a, "%s /reused-rst", methods[i])), 1);
	}
	r = get(door, a, b, "/rst"); /* on a fresh one: no second time */
	assert_int_equal(count_in(logged(a), "GET /rst"), 1);
	/* What comes unasked is no answer to the next question. */
	r = get(door, a, b, "/stray");
	assert_str(a, r.out, "{\"ok\":true}");
	hp_sleep_ms(1000);
	r = get(door, a, b, "/size/3");
	assert_str(a, r.out, "xxx");
	r = get(door, a, b, "/size/4");
	assert_str(a, r.out, "xxxx");
}

static void no_proxy(void **state)
{
	struct hp_arena *a = *state;
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"};
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(setenv(names[i], hp_format(a, "http://127.0.0.1:%u", port_of("proxy")), 1), 0);
	struct hp_reply r = get(open_door(a), a, bmc(a, "good"), "/keep");
	assert_ends("keep", &r, HP_END_EXIT, 200);
	assert_int_equal(count_in(logged(a), "proxy"), 0);
	for (size_t i = 0; i < 5; i++)
		(void)unsetenv(names[i]);
}

static void names_and_addresses(void **state)
{
	static const struct {
		const char *host, *server;
		enum hp_end end;
		int code;
	} rows[] = {
	    {"localhost", "good", HP_END_EXIT, 200},	  {"LocalHost", "good", HP_END_EXIT, 200},
	    {"bmc.test", "good", HP_END_EXIT, 200},	  {"[::1]", "good6", HP_END_EXIT, 200},
	    {"[0:0::0001]", "good6", HP_END_EXIT, 200},	  {"bmc.test", "elsewhere", HP_END_NO_ANSWER, 60},
	    {"nobody.test", "good", HP_END_NO_ANSWER, 6}, {"dies.test", "good", HP_END_NO_ANSWER, 6},
	    {"hangs.test", "good", HP_END_TIMEOUT, 1},
	};
	struct hp_arena *a = *state;
	struct hp_door *door = open_door(a);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_bmc *b = bmc(a, "good");
		if (!port_of(rows[i].server))
			continue; /* no IPv6 here */
		b->origin = hp_format(a, "https://%s:%u", rows[i].host, port_of(rows[i].server));
		b->connect_ms = rows[i].end == HP_END_TIMEOUT ? 800 : LONG_MS;
		for (int twice = 0; twice < 2; twice++) {
			struct hp_reply r = get(door, a, b, "/keep");
			assert_ends(rows[i].host, &r, rows[i].end, rows[i].code);
			assert_true(rows[i].end != HP_END_TIMEOUT || (r.ms >= 800 && r.ms < 800 + SLACK_MS));
		}
	}
	assert_true(waitpid(-1, NULL, WNOHANG) <= 0); /* no resolver is left but the server */
}

/* ---- sessions ---- */

static void a_session(void **state)
{
	struct hp_arena *a = *state;
	struct hp_bmc *b = bmc(a, "good"), *other = bmc(a, "good");
	struct hp_door *door = open_door(a);
	struct hp_reply r = one(door, as(ask(a, b, "GET", "/keep"), HP_HTTP_SESSION));
	assert_ends("no session", &r, HP_END_NO_LOGIN, 0);
	assert_str(a, r.err, "there is no session with the BMC");
	r = one(door, login(a, b));
	assert_ends("login", &r, HP_END_EXIT, 201);
	const char *path =
	    hp_copy(a, hp_str_trim(hp_str_sub(r.err, strlen("content-type: application/json;charset=utf-8\nlocation: "),
					      r.err.n)));
	assert_has(path, SESSIONS "/");
	assert_no(hp_copy(a, r.err), "oken");
	r = one(door, as(ask(a, b, "GET", "/keep"), HP_HTTP_SESSION));
	assert_ends("with it", &r, HP_END_EXIT, 200);
	assert_int_equal(count_in(logged(a), "GET /keep - "), 0);
	r = one(door, ask(a, b, "GET", "/keep")); /* who asks as nobody sends no token */
	assert_int_equal(count_in(logged(a), "GET /keep - "), 1);
	r = one(door, as(ask(a, other, "GET", "/keep"), HP_HTTP_SESSION)); /* another BMC has another session */
	assert_ends("another", &r, HP_END_NO_LOGIN, 0);
	r = one(door, as(ask(a, b, "DELETE", path), HP_HTTP_SESSION));
	assert_ends("end", &r, HP_END_EXIT, 204);
	r = one(door, as(ask(a, b, "GET", "/keep"), HP_HTTP_SESSION));
	assert_ends("after", &r, HP_END_NO_LOGIN, 0);
	assert_all_closed(a, 1);
	r = one(door, login(a, b)); /* and a new one */
	r = one(door, as(ask(a, b, "GET", "/keep"), HP_HTTP_SESSION));
	assert_ends("with the new one", &r, HP_END_EXIT, 200);
}

/* What the door does when it goes away after these requests. */
static void sessions_that_are_left_open(void **state)
{
	static const struct {
		const char *path;
		enum hp_end end;
		int code;
		unsigned deletes; /* of the one session */
	} rows[] = {
	    {SESSIONS, HP_END_EXIT, 201, 1},
	    {"/login/no-location", HP_END_EXIT, 201, 1},
	    {"/login/foreign", HP_END_EXIT, 201, 1},
	    {"/login/token-in-path", HP_END_EXIT, 201, 1},
	    {"/login/echo", HP_END_EXIT, 201, 1},
	    {"/login/truncated", HP_END_NO_ANSWER, 18, 1},
	    {"/login/hang", HP_END_TIMEOUT, 2, 1},   /* the token has come */
	    {"/login/slow/3", HP_END_TIMEOUT, 2, 1}, /* it comes when nobody waits for it any more */
	    {"/login/delete/503", HP_END_EXIT, 201, 1},
	    {"/login/delete/reset", HP_END_EXIT, 201, 1},
	    {"/login/delete/hang", HP_END_EXIT, 201, 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_arena *a = *state, run;
		hp_arena_init(&run, HP_ARENA_LIMIT, NULL);
		log_mark = strlen(log_text(a));
		struct hp_bmc *b = bmc(&run, "good");
		struct hp_call *call = as(ask(&run, b, "POST", rows[i].path), HP_HTTP_LOGIN);
		call->timeout_ms = 2000;
		struct hp_reply r = one(open_door(&run), call);
		assert_ends(rows[i].path, &r, rows[i].end, rows[i].code);
		uint64_t began = hp_now_ms();
		hp_arena_free(&run);
		uint64_t took = hp_now_ms() - began;
		assert_all_closed(a, 1);
		bool hangs = strcmp(rows[i].path, "/login/delete/hang") == 0;
		if (took > 5000 + SLACK_MS || (hangs && took < 4900))
			fail_msg("%s: closing took %u ms", rows[i].path, (unsigned)took);
	}
}

/* The adapter's own DELETE, and how it ends: whether the door has one to make. */
static void sessions_that_were_ended(void **state)
{
	static const struct {
		const char *path;
		unsigned deletes;
	} rows[] = {
	    {SESSIONS, 1},
	    {"/login/token-in-path", 1},
	    {"/login/delete/200", 1},
	    {"/login/delete/401", 1},
	    {"/login/delete/404", 1},
	    {"/login/delete/503", 2}, /* busy: it may still be open */
	    {"/login/delete/reset", 2},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_arena *a = *state, run;
		hp_arena_init(&run, HP_ARENA_LIMIT, NULL);
		log_mark = strlen(log_text(a));
		struct hp_bmc *b = bmc(&run, "good");
		struct hp_door *door = open_door(&run);
		struct hp_reply r = one(door, as(ask(&run, b, "POST", rows[i].path), HP_HTTP_LOGIN));
		const char *location = strstr(hp_copy(&run, r.err), "location: ");
		assert_non_null(location);
		struct hp_str path = hp_str_trim(hp_str(location + strlen("location: ")));
		(void)one(door, as(ask(&run, b, "DELETE", hp_copy(&run, path)), HP_HTTP_SESSION));
		hp_arena_free(&run);
		if (count_in(logged(a), "\ndelete ") != rows[i].deletes)
			fail_msg("%s: %s", rows[i].path, logged(a));
	}
}

/* What a whole run does; `until` is how many allocations it may make. True when it came to its end. */
static bool run_out_of_memory(unsigned long until, bool ends_itself)
{
	static struct hp_arena run;
	static jmp_buf full;
	volatile bool whole = false;
	hp_arena_init(&run, HP_ARENA_LIMIT, &full);
	run.fail_at = until;
	if (setjmp(full) == 0) {
		struct hp_bmc *b = bmc(&run, "good");
		struct hp_door *door = open_door(&run);
		struct hp_reply r = one(door, login(&run, b));
		(void)one(door, as(ask(&run, b, "GET", "/echo"), HP_HTTP_SESSION));
		struct hp_str path = hp_str_trim(hp_str(strstr(hp_copy(&run, r.err), "location: ") + 10));
		if (ends_itself)
			(void)one(door, as(ask(&run, b, "DELETE", hp_copy(&run, path)), HP_HTTP_SESSION));
		whole = true;
	}
	run.fail_at = 0;
	hp_arena_free(&run);
	return whole;
}

static void sessions_when_memory_runs_out(void **state)
{
	struct hp_arena *a = *state;
	for (int ends_itself = 0; ends_itself < 2; ends_itself++) {
		unsigned long until = 1;
		unsigned opened = 0;
		while (!run_out_of_memory(until, ends_itself))
			until++;
		opened = count_in(logged(a), "open ");
		assert_true(until > 15 && opened > 5);
		assert_all_closed(a, opened);
		log_mark = strlen(log_text(a));
	}
}

/* ---- what interrupts ---- */

static uint64_t raise_at_ms;

static void raise_then(void *context, const struct hp_progress *p)
{
	(void)context;
	if (p->elapsed_ms >= raise_at_ms && raise_at_ms) {
		raise_at_ms = 0;
		(void)raise(SIGTERM);
	}
}

/* In a process of its own, because the program never forgets a signal. Its exit code is the line that failed, if one
 * did. */
#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			_exit(__LINE__ % 251 + 1);                                                                     \
	} while (0)

static void apart(void (*scenario)(struct hp_arena *run))
{
	pid_t pid = fork();
	int status;
	if (pid == 0) {
		struct hp_arena run;
		hp_arena_init(&run, HP_ARENA_LIMIT, NULL);
		scenario(&run);
		hp_arena_free(&run);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("status %x (line %% 251: %d)", (unsigned)status, WEXITSTATUS(status) - 1);
}

static struct hp_door *interrupted_door(struct hp_arena *run, unsigned signal_ms, unsigned deadline_ms)
{
	struct hp_host_options o = usual();
	o.progress = raise_then;
	raise_at_ms = signal_ms;
	o.deadline_ms = deadline_ms;
	return open_with(run, &o);
}

/* A session is open, a GET hangs. */
static void interrupt_a_get(struct hp_arena *run, unsigned signal_ms, unsigned deadline_ms)
{
	struct hp_bmc *b = bmc(run, "good");
	struct hp_door *door = interrupted_door(run, signal_ms, deadline_ms);
	struct hp_reply r = one(door, login(run, b));
	MUST(r.end == HP_END_EXIT && r.code == 201);
	uint64_t began = hp_now_ms();
	r = one(door, as(ask(run, b, "GET", "/hang-head"), HP_HTTP_SESSION));
	MUST(r.end == HP_END_CANCELLED);
	MUST(hp_now_ms() - began < 1000 + SLACK_MS);
	r = one(door, as(ask(run, b, "GET", "/keep"), HP_HTTP_SESSION));
	MUST(r.end == HP_END_CANCELLED);
}

static void a_signal_at_a_get(struct hp_arena *run)
{
	interrupt_a_get(run, 1000, LONG_MS);
}

static void time_is_up_at_a_get(struct hp_arena *run)
{
	interrupt_a_get(run, 0, 1000);
}

/* A login is under way: the BMC opens a session after that. */
static void a_signal_at_a_login(struct hp_arena *run)
{
	struct hp_bmc *b = bmc(run, "good");
	struct hp_door *door = interrupted_door(run, 1000, LONG_MS);
	struct hp_reply r = one(door, as(ask(run, b, "POST", "/login/slow/3"), HP_HTTP_LOGIN));
	MUST(r.end == HP_END_CANCELLED && r.ms < 1000 + SLACK_MS);
}

/* A DELETE is under way: it is not made twice. */
static void a_signal_at_a_delete(struct hp_arena *run)
{
	struct hp_bmc *b = bmc(run, "good");
	struct hp_door *door = interrupted_door(run, 1000, LONG_MS);
	struct hp_reply r = one(door, as(ask(run, b, "POST", "/login/delete/hang"), HP_HTTP_LOGIN));
	const char *location = strstr(hp_copy(run, r.err), "location: ");
	MUST(location);
	struct hp_str path = hp_str_trim(hp_str(location + 10));
	r = one(door, as(ask(run, b, "DELETE", hp_copy(run, path)), HP_HTTP_SESSION));
	MUST(r.end == HP_END_CANCELLED);
}

/* What writes is ended by its own limit alone. */
static void a_signal_at_a_patch(struct hp_arena *run)
{
	struct hp_bmc *b = bmc(run, "good");
	struct hp_door *door = interrupted_door(run, 500, LONG_MS);
	struct hp_call *call = ask(run, b, "PATCH", "/write/2.5");
	call->writes = true;
	struct hp_reply r = one(door, call);
	MUST(r.end == HP_END_EXIT && r.code == 204 && r.ms >= 2400);
}

static void a_patch_has_its_own_limit(struct hp_arena *run)
{
	struct hp_bmc *b = bmc(run, "good");
	struct hp_door *door = interrupted_door(run, 500, LONG_MS);
	struct hp_call *call = ask(run, b, "PATCH", "/write/20");
	call->writes = true;
	call->timeout_ms = 1500;
	struct hp_reply r = one(door, call);
	MUST(r.end == HP_END_TIMEOUT && r.code == 2 && r.ms >= 1500);
}

static void interrupted(void **state)
{
	struct hp_arena *a = *state;
	static void (*const scenarios[])(struct hp_arena *) = {a_signal_at_a_get, time_is_up_at_a_get,
							       a_signal_at_a_login, a_signal_at_a_delete};
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
		log_mark = strlen(log_text(a));
		apart(scenarios[i]);
		assert_all_closed(a, 1);
	}
	apart(a_signal_at_a_patch);
	apart(a_patch_has_its_own_limit);
}

/* A run that is left while a PATCH is under way waits for it. */
static void left_with_a_patch_under_way(void **state)
{
	struct hp_arena *a = *state, run;
	struct hp_reply r;
	unsigned id;
	hp_arena_init(&run, HP_ARENA_LIMIT, NULL);
	struct hp_door *door = open_door(&run);
	struct hp_call *call = ask(&run, bmc(&run, "good"), "PATCH", "/write/1.5");
	struct hp_call *quick = ask(&run, bmc(&run, "good"), "GET", "/slow/0.5");
	call->writes = true;
	quick->lane = NULL;
	door->submit(door, call, 0);
	door->submit(door, quick, 1);
	assert_true(door->wait(door, &id, &r));
	assert_int_equal(id, 1);
	uint64_t began = hp_now_ms();
	hp_arena_free(&run);
	assert_true(hp_now_ms() - began >= 500);
	assert_int_equal(count_in(logged(a), "PATCH /write"), 1);
}

/* ---- side by side with tools ---- */

static void make_tool(struct hp_arena *a, const char *name, const char *text)
{
	(void)mkdir(place(a, "bin"), 0755);
	write_file(a, name, text, 0755);
}

static struct hp_call *tool(struct hp_arena *a, const char *name)
{
	const char **argv = hp_alloc_array(a, 2, sizeof *argv);
	struct hp_call *call = hp_alloc(a, sizeof *call);
	argv[0] = name;
	call->kind = HP_CALL_RUN;
	call->argv = argv;
	call->cap = HP_CAP_SMALL;
	return call;
}

static void tools_and_the_bmc_overlap(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.jobs = 1;
	make_tool(a, "bin/esxcli", "#!/bin/sh\nsleep 0.2\necho done\n");
	struct hp_door *door = open_with(a, &o);
	struct hp_bmc *b = bmc(a, "good");
	struct hp_reply r, replies[6];
	unsigned id;
	uint64_t began = hp_now_ms();
	/* Of the BMC one after the other, although only their session says so. */
	for (unsigned i = 0; i < 6; i++) {
		struct hp_call *call = i % 2 ? ask(a, b, "GET", "/slow/1") : tool(a, "bin/esxcli");
		call->lane = NULL;
		door->submit(door, call, i);
	}
	while (door->wait(door, &id, &r))
		replies[id] = r;
	uint64_t took = hp_now_ms() - began;
	for (unsigned i = 0; i < 6; i++)
		assert_ends("either", &replies[i], HP_END_EXIT, i % 2 ? 200 : 0);
	assert_str(a, replies[0].out, "done\n");
	assert_true(took >= 3000 && took < 3000 + 2000);
	/* Tools take all the places there are: the BMC needs none. */
	make_tool(a, "bin/esxcli", "#!/bin/sh\nsleep 2\necho done\n");
	door->submit(door, tool(a, "bin/esxcli"), 6);
	struct hp_call *quick = ask(a, b, "GET", "/keep");
	quick->lane = NULL; /* a lane's calls come first */
	door->submit(door, quick, 7);
	assert_true(door->wait(door, &id, &r));
	assert_int_equal(id, 7);
	assert_true(door->wait(door, &id, &r));
}

static void tools_inherit_no_connection(void **state)
{
	struct hp_arena *a = *state;
	make_tool(a, "bin/fds", "#!/bin/sh\nsleep 0.5\nls -l /proc/$$/fd\n");
	struct hp_door *door = open_door(a);
	struct hp_bmc *b = bmc(a, "good"), *name = bmc(a, "good");
	struct hp_reply r;
	unsigned id;
	name->origin = "https://hangs.test";
	name->connect_ms = 1500;
	(void)get(door, a, b, "/keep"); /* an idle connection */
	door->submit(door, ask(a, b, "GET", "/slow/2"), 0);
	struct hp_call *other = ask(a, name, "GET", "/keep");
	other->lane = NULL;
	door->submit(door, other, 1);
	struct hp_call *late = tool(a, "bin/fds");
	late->delay_ms = 300;
	door->submit(door, late, 2);
	while (door->wait(door, &id, &r)) {
		if (id != 2)
			continue;
		assert_no(hp_copy(a, r.out), "socket:");
		assert_int_equal(count_in(hp_copy(a, r.out), "pipe:"), 2);
	}
}

/* ---- what must not be seen ---- */

static void assert_nothing_secret(struct hp_arena *a, const char *where, struct hp_str text)
{
	/* The parts of the password on both sides of what has several forms. */
	static const char *const parts[] = {USER,     "op\\\"er", "op%22er", "\\u006f\\u0070", "%6f%70",
					    "pa\"ss", "pa\\\"ss", "pa%22ss", "\\u0070\\u0061", "%70%61",
					    PASSWORD};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (hp_str_has(text, parts[i]))
			fail_msg("%s has %s: %s", where, parts[i], hp_copy(a, text));
	struct hp_str rest = hp_str(log_text(a)), line, word;
	bool ended;
	while (hp_next_line(&rest, &line, &ended)) {
		if (!hp_str_starts(line, "request "))
			continue;
		for (int i = 0; i < 5; i++)
			(void)hp_next_word(&line, &word);
		const char *token = hp_copy(a, word);
		if (word.n == 32 && hp_str_has(text, token))
			fail_msg("%s has the token %s: %s", where, token, hp_copy(a, text));
	}
}

static void secrets_are_not_repeated(void **state)
{
	static const char *const logins[] = {SESSIONS, "/login/echo", "/login/token-in-path", "/login/absolute"};
	struct hp_arena *a = *state;
	struct hp_capture capture = {0};
	struct hp_door *door = hp_recording_door(a, open_door(a), &capture);
	for (size_t i = 0; i < 4; i++) {
		struct hp_bmc *b = bmc(a, "good");
		if (i == 3)
			b->origin = hp_format(a, "https://localhost:%u", port_of("good"));
		struct hp_reply r[5];
		r[0] = one(door, as(ask(a, b, "POST", logins[i]), HP_HTTP_LOGIN));
		assert_ends(logins[i], &r[0], HP_END_EXIT, 201);
		assert_has(hp_copy(a, r[0].err), "location: " SESSIONS);
		r[1] = one(door, as(ask(a, b, "GET", "/echo"), HP_HTTP_SESSION));
		assert_ends("echo", &r[1], HP_END_EXIT, 200);
		assert_int_equal(count_in(hp_copy(a, r[1].out), "***"), 18);
		assert_has(hp_copy(a, r[1].err), "location: /x/***/***\n");
		r[2] = one(door, as(ask(a, b, "GET", "/request"), HP_HTTP_SESSION));
		assert_has(hp_copy(a, r[2].out), "X-Auth-Token: ***");
		r[3] = get(door, a, b, "/echo"); /* nobody's request, but of this BMC */
		assert_ends("echo", &r[3], HP_END_EXIT, 200);
		write_file(a, "wrong", "user: " USER "\npassword: " PASSWORD "2\n", 0600);
		b->credentials_file = place(a, "wrong");
		r[4] = one(door, login(a, b));
		assert_ends("wrong", &r[4], HP_END_EXIT, 401);
		for (size_t k = 0; k < 5; k++) {
			/* The wrong password is another one: only parts of it are those of the right one. */
			if (k < 4)
				assert_nothing_secret(a, hp_format(a, "out %zu", k), r[k].out);
			assert_no(hp_copy(a, r[k].out), PASSWORD);
			assert_nothing_secret(a, hp_format(a, "err %zu", k), r[k].err);
		}
	}
	assert_nothing_secret(a, "the capture", hp_capture_text(a, &capture));
	struct hp_str text;
	assert_int_equal(hp_input_read(a, "/proc/self/environ", 1u << 20, &text), 0);
	assert_nothing_secret(a, "the environment", text);
}

static void a_secret_in_any_form(void **state)
{
	static const struct {
		const char *secret, *text, *want;
	} rows[] = {
	    {"abc", "xabcx", "x***x"},
	    {"abc", "ababc", "ab***"},
	    {"abc", "abcabc", "******"},
	    {"abc", "ab", "ab"},
	    {"", "ab", "ab"},
	    {"a\"b", "a\\\"b", "***"},
	    {"a\"b", "a\\u0022b", "***"},
	    {"a\"b", "a%22b a\"b", "*** ***"},
	    {"a\\b", "\"a\\\\b\"", "\"***\""},
	    {"ab\\", "\"ab\\\\\"", "\"***\""}, /* not half of the escape: the text goes on behind the quote */
	    {"a/b", "a\\/b a/b a%2fb a%2Fb", "*** *** *** ***"},
	    {"a%40", "a%40 a%2540", "*** ***"},
	    {"\xf0\x9f\x94\x91k", "\\ud83d\\udd11k %f0%9F%94%91k \xf0\x9f\x94\x91k", "*** *** ***"},
	    {"\xc3\xa4", "\\u00e4\\u00E4 %c3\xa4", "****** ***"},
	    {"abc", "%61%62%6", "%61%62%6"},
	    {"abc", "\\u0061\\u006", "\\u0061\\u006"},
	    {"abc", "a\\", "a\\"},
	};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_str secret = hp_str(rows[i].secret);
		struct hp_bytes got = {0};
		assert_true(hp_redact(&secret, 1, hp_str(rows[i].text), &got));
		assert_str(a, hp_bytes(&got), rows[i].want);
		hp_bytes_free(&got);
	}
	struct hp_str two[2] = {hp_str("ab"), hp_str("abcd")};
	struct hp_bytes got = {0};
	assert_true(hp_redact(two, 2, hp_str("abcd ab"), &got));
	assert_str(a, hp_bytes(&got), "*** ***");
	hp_bytes_free(&got);
}

static void origins(void **state)
{
	static const struct {
		const char *origin, *location, *path;
	} rows[] = {
	    {"https://bmc", "https://bmc/x", "/x"},
	    {"https://bmc", "HTTPS://BMC:443/x", "/x"},
	    {"https://BMC:443", "https://bmc/x", "/x"},
	    {"https://bmc:8443", "https://bmc/x", NULL},
	    {"https://bmc", "https://bmc.evil.example/x", NULL},
	    {"https://bmc", "https://bmc@evil.example/x", NULL},
	    {"https://bmc", "https://evil.example\\@bmc/x", NULL},
	    {"https://bmc", "https://bmc", NULL},
	    {"https://bmc", "https:/x", "/x"},
	    {"https://bmc", "///x", NULL},
	    {"https://bmc", "/x y", "/x y"},
	    {"https://bmc", "/x\x01", NULL},
	    {"https://bmc", "javascript:/x", NULL},
	    {"https://[2001:DB8::1]", "https://[2001:db8:0:0::0001]:443/x", "/x"},
	    {"https://[2001:db8::1]:4430", "https://[2001:db8::1]/x", NULL},
	    {"https://192.0.2.1", "https://192.0.2.1/x", "/x"},
	    {"https://192.0.2.1", "https://[::ffff:192.0.2.1]/x", NULL},
	};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hp_origin o;
		struct hp_str path;
		assert_true(hp_origin_parse(hp_str(rows[i].origin), &o));
		bool is = hp_origin_path(&o, hp_str(rows[i].location), &path);
		if (is != (rows[i].path != NULL))
			fail_msg("%s %s", rows[i].origin, rows[i].location);
		if (is)
			assert_str(a, path, rows[i].path);
	}
}

/* ---- the credentials file ---- */

static void credentials(void **state)
{
	static const struct {
		const char *text, *user, *password; /* NULL: refused */
	} rows[] = {
	    {"user: root\npassword: cal vin \n", "root", "cal vin "},
	    {"password: x\nuser: root\n", "root", "x"},
	    {"user: root\r\npassword: calvin\r\n", "root", "calvin"},
	    {"user: root\npassword: calvin", "root", "calvin"},
	    {"root:cal:vin\n", "root", "cal:vin"},
	    {"root: x", "root", " x"},
	    {"\nroot:calvin\r\n\n", "root", "calvin"},
	    {"user:name\n", "user", "name"},
	    {"\xc3\xa4:\xc3\x9f", "\xc3\xa4", "\xc3\x9f"},
	    {"", NULL, NULL},
	    {"\n", NULL, NULL},
	    {"root\n", NULL, NULL},
	    {":x\n", NULL, NULL},
	    {"root:\n", NULL, NULL},
	    {"user: root\n", NULL, NULL},
	    {"user: root\npassword: \n", NULL, NULL},
	    {"user: root\nuser: x\n", NULL, NULL},
	    {"user: root\npassword: x\nroot:x\n", NULL, NULL},
	    {"user: ro\tot\npassword: x\n", NULL, NULL},
	    {"user: ro\xfft\npassword: x\n", NULL, NULL},
	};
	struct hp_arena *a = *state;
	const char *path = place(a, "c");
	struct hp_credentials c;
	struct hp_err err;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_file(a, "c", rows[i].text, 0600);
		int got = hp_credentials_read(path, "", &c, &err);
		if (got != (rows[i].user ? 0 : -1))
			fail_msg("row %zu: %d", i, got);
		if (got < 0) {
			assert_has(err.text, hp_format(a, "%s does not hold", path));
			continue;
		}
		assert_str(a, hp_bytes(&c.user), rows[i].user);
		assert_str(a, hp_bytes(&c.password), rows[i].password);
		hp_credentials_free(&c);
	}
	static const struct {
		mode_t mode;
		bool good;
	} modes[] = {{0600, true},  {0400, true},  {0700, true},  {0644, false},
		     {0604, false}, {0640, false}, {0620, false}, {0610, false}};
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		write_file(a, "c", "root:calvin\n", modes[i].mode);
		int got = hp_credentials_read(path, "", &c, &err);
		assert_int_equal(got, modes[i].good ? 0 : -1);
		if (got == 0)
			hp_credentials_free(&c);
		else
			assert_has(err.text, hp_format(a, "chmod 600 %s", path));
	}
	char long_text[5000];
	memset(long_text, 'x', sizeof long_text);
	memcpy(long_text, "root:", 5);
	long_text[4096] = '\0';
	write_file(a, "c", long_text, 0600);
	assert_int_equal(hp_credentials_read(path, "", &c, &err), 0);
	hp_credentials_free(&c);
	long_text[4096] = 'x';
	long_text[4097] = '\0';
	write_file(a, "c", long_text, 0600);
	assert_int_equal(hp_credentials_read(path, "", &c, &err), -1);
	assert_has(err.text, "longer than 4096 bytes");
	write_file(a, "c", "root:calvin\n", 0600);
	assert_int_equal(symlink(path, place(a, "link")), 0);
	assert_int_equal(hp_credentials_read(place(a, "link"), "", &c, &err), -1);
	assert_has(err.text, "symbolic link");
	assert_int_equal(hp_credentials_read(folder, "", &c, &err), -1);
	assert_has(err.text, "no regular file");
	assert_int_equal(mkfifo(place(a, "fifo"), 0600), 0);
	assert_int_equal(hp_credentials_read(place(a, "fifo"), "", &c, &err), -1); /* and does not wait */
	assert_int_equal(hp_credentials_read(place(a, "none"), "", &c, &err), -1);
	assert_has(err.text, hp_format(a, "%s, the BMC's credentials, is not there", place(a, "none")));
	assert_has(err.text, "chmod 600");
	assert_int_equal(hp_credentials_read("c", "", &c, &err), -1);
	assert_int_equal(hp_credentials_read(NULL, "", &c, &err), -1);
	/* The machine's own comes first; one that may not be used does not make way. */
	assert_int_equal(hp_credentials_read("/c", folder, &c, &err), 0);
	hp_credentials_free(&c);
	write_file(a, "c", "root:calvin\n", 0644);
	assert_int_equal(hp_credentials_read(path, "/", &c, &err), -1);
	assert_int_equal(hp_credentials_read("/c", folder, &c, &err), -1);
	assert_has(err.text, "chmod 600");
	if (geteuid() == 0) {
		write_file(a, "c", "root:calvin\n", 0600);
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_int_equal(hp_credentials_read(path, "", &c, &err), -1);
		assert_has(err.text, "belongs to user 12345");
	}
}

static void a_login_that_cannot_be(void **state)
{
	struct hp_arena *a = *state;
	struct hp_bmc *b = bmc(a, "good");
	struct hp_door *door = open_door(a);
	write_file(a, "secret", "root:calvin\n", 0644);
	struct hp_call *call = login(a, b);
	struct hp_reply r = one(door, call);
	assert_ends("open to others", &r, HP_END_NO_LOGIN, 0);
	assert_has(hp_copy(a, r.err), hp_format(a, "chmod 600 %s", b->credentials_file));
	assert_has(hp_reply_end_trouble(a, call, &r), "was not asked: ");
	assert_int_equal(count_in(logged(a), "request"), 0);
	r = get(door, a, b, "/keep"); /* who needs none is not kept */
	assert_ends("keep", &r, HP_END_EXIT, 200);
}

static void marks(void **state)
{
	struct hp_arena *a = *state;
	struct hp_bmc *b = bmc(a, "good"), *other = bmc(a, "expired");
	struct hp_err err;
	static const char one_salt[] = "00112233445566778899aabbccddeeff", two[] = "10112233445566778899aabbccddeeff";
	const char *got[6];
	got[0] = hp_credentials_mark(a, b, "", one_salt, &err);
	got[1] = hp_credentials_mark(a, b, "", two, &err);
	got[2] = hp_credentials_mark(a, other, "", one_salt, &err);
	write_file(a, "secret", "user: " USER "\npassword: " PASSWORD "2\n", 0600);
	got[3] = hp_credentials_mark(a, b, "", one_salt, &err);
	write_file(a, "secret", "user: " USER "2\npassword: " PASSWORD "\n", 0600);
	got[4] = hp_credentials_mark(a, b, "", one_salt, &err);
	write_file(a, "secret", "user: " USER "\r\npassword: " PASSWORD "\r\n\n", 0600);
	got[5] = hp_credentials_mark(a, b, "", one_salt, &err);
	assert_string_equal(got[0], got[5]); /* of what it holds, not of its bytes */
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(strlen(got[i]), 64);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(got[i], got[k]);
	}
	write_file(a, "secret", "x", 0644);
	assert_null(hp_credentials_mark(a, b, "", one_salt, &err));
	assert_has(err.text, "chmod 600");
	assert_null(hp_credentials_mark(a, b, "", "12", &err));
}

/* ---- captures ---- */

static void in_captures(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture capture = {0}, read;
	struct hp_err err;
	struct hp_door *door = hp_recording_door(a, open_door(a), &capture);
	struct hp_bmc *b = bmc(a, "good"), *gone = bmc(a, "refused");
	(void)one(door, login(a, b));
	(void)one(door, ask(a, b, "PATCH", "/write/0"));
	(void)one(door, ask(a, b, "POST", "/write/0"));
	(void)one(door, ask(a, b, "DELETE", "/write/0"));
	(void)one(door, ask(a, b, "GET", "/keep\nend exit 0\nrun bin/esxcli\nout\n|forged"));
	struct hp_call *ok = as(ask(a, b, "GET", "/keep?$x=.($y=1)"), HP_HTTP_SESSION), *no = ask(a, gone, "GET", "/x");
	(void)one(door, ok);
	(void)one(door, no);
	write_file(a, "secret", "x", 0644);
	struct hp_call *refused = login(a, gone);
	(void)one(door, refused);
	struct hp_str text = hp_capture_text(a, &capture);
	const char *shown = hp_copy(a, text);
	assert_has(shown, hp_format(a, "\nhttp POST %s" SESSIONS "\nend exit 201\n", b->origin));
	assert_has(shown, hp_format(a, "\nhttp GET %s/keep?$x=.($y=1)\nend exit 200\n", b->origin));
	assert_has(shown, hp_format(a, "\nhttp GET %s/x\nend no-answer 7\n", gone->origin));
	assert_has(shown, hp_format(a, "\nhttp POST %s" SESSIONS "\nend no-login\n", gone->origin));
	assert_no(shown, "PATCH");
	assert_no(shown, "forged");
	assert_no(shown, "POST https://127.0.0.1/write");
	assert_no(shown, "/write/0\nend exit 204\n|");
	if (hp_capture_parse(a, text, "x", &read, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(read.count, capture.count);
	door = hp_replay_door(a, &read);
	struct hp_reply r = one(door, ok);
	assert_ends("replayed", &r, HP_END_EXIT, 200);
	assert_str(a, r.out, "{\"ok\":true}");
	assert_str(a, r.err, "content-type: application/json;charset=utf-8\n");
	r = one(door, no);
	assert_ends("replayed", &r, HP_END_NO_ANSWER, 7);
	r = one(door, refused);
	assert_ends("replayed", &r, HP_END_NO_LOGIN, 0);
	assert_has(hp_copy(a, r.err), "chmod 600");
	r = one(door, ask(a, b, "PATCH", "/write/0"));
	assert_ends("replayed", &r, HP_END_NOT_RECORDED, 0);
	static const char *const bad[] = {"http\n",
					  "http GET\n",

					  "http BREW https://h/x\n",
					  "http GET http://h/x\n",
					  "http PATCH https://h/x\n",
					  "http GET https://h/x\nend no-answer\n",
					  "http GET https://h/x\nend no-login 3\n"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (hp_capture_parse(a, hp_str(hp_format(a, "hostprep-capture 1\n%s", bad[i])), "x", &read, &err) == 0)
			fail_msg("accepted: %s", bad[i]);
}

#define HTTP_TEST(f) cmocka_unit_test_setup_teardown(f, begin, unit_end)

int main(int argc, char **argv)
{
	cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
	const struct CMUnitTest tests[] = {
	    HTTP_TEST(answers_and_broken_answers),
	    HTTP_TEST(what_is_sent),
	    HTTP_TEST(header_lines),
	    HTTP_TEST(whom_to_trust),
	    HTTP_TEST(files_below_the_root),
	    HTTP_TEST(limits_of_time),
	    HTTP_TEST(slow_bodies),
	    HTTP_TEST(used_connections),
	    HTTP_TEST(no_proxy),
	    HTTP_TEST(names_and_addresses),
	    HTTP_TEST(a_session),
	    HTTP_TEST(sessions_that_are_left_open),
	    HTTP_TEST(sessions_that_were_ended),
	    HTTP_TEST(sessions_when_memory_runs_out),
	    HTTP_TEST(interrupted),
	    HTTP_TEST(left_with_a_patch_under_way),
	    HTTP_TEST(tools_and_the_bmc_overlap),
	    HTTP_TEST(tools_inherit_no_connection),
	    HTTP_TEST(secrets_are_not_repeated),
	    HTTP_TEST(a_secret_in_any_form),
	    HTTP_TEST(origins),
	    HTTP_TEST(credentials),
	    HTTP_TEST(a_login_that_cannot_be),
	    HTTP_TEST(marks),
	    HTTP_TEST(in_captures),
	};
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
