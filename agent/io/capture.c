#include "capture.h"

#include <stdlib.h>
#include <string.h>

#include "../base/num.h"

static const struct {
	const char *word;
	enum hp_end end;
	bool code;
} ends[] = {
    {"exit", HP_END_EXIT, true},
    {"signal", HP_END_SIGNAL, true},
    {"timeout", HP_END_TIMEOUT, true},
    {"too-big", HP_END_TOO_BIG, false},
    {"not-found", HP_END_NOT_FOUND, false},
    {"not-started", HP_END_NOT_STARTED, true},
    {"cancelled", HP_END_CANCELLED, false},
    {"no-answer", HP_END_NO_ANSWER, true},
    {"no-login", HP_END_NO_LOGIN, false},
};

const char *hp_call_key(struct hp_arena *a, const struct hp_call *call)
{
	static const char *const words[] = {[HP_CALL_RUN] = "run",
					    [HP_CALL_FILE] = "file",
					    [HP_CALL_STAT] = "stat",
					    [HP_CALL_EDIT] = "edit",
					    [HP_CALL_HTTP] = "http"};
	const char *text = hp_call_text(a, call);
	bool whole = call->kind == HP_CALL_HTTP || (call->kind != HP_CALL_RUN && call->outside);
	return hp_format(a, "%s %s", words[call->kind], whole ? text : text + 1);
}

void hp_capture_add(struct hp_arena *a, struct hp_capture *c, const char *key, const struct hp_reply *reply)
{
	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 32;
		c->calls = hp_grow(a, c->calls, c->count, c->room, sizeof *c->calls);
	}
	c->calls[c->count++] = (struct hp_recorded){.key = key, .reply = *reply};
}

static struct hp_recorded *find(struct hp_capture *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->calls[i].key, key) == 0)
			return &c->calls[i];
	return NULL;
}

static void put_bytes(struct hp_buf *b, const char *word, struct hp_str bytes)
{
	struct hp_str line;
	bool ended;
	hp_putf(b, "%s\n", word);
	while (hp_next_line(&bytes, &line, &ended)) {
		hp_puts(b, "|");
		for (size_t i = 0; i < line.n; i++) {
			unsigned char u = (unsigned char)line.p[i];
			if (u == '\\')
				hp_puts(b, "\\\\");
			else if (u == '\r')
				hp_puts(b, "\\r");
			else if (u == '\t' || (u >= 0x20 && u < 0x7f))
				hp_put(b, (struct hp_str){line.p + i, 1});
			else
				hp_putf(b, "\\x%02x", u);
		}
		hp_puts(b, ended ? "\n" : "\\\n");
	}
}

static int by_key(const void *a, const void *b)
{
	const struct hp_recorded *x = a, *y = b;
	return strcmp(x->key, y->key);
}

struct hp_str hp_capture_text(struct hp_arena *a, const struct hp_capture *c)
{
	struct hp_buf b = hp_buf(a);
	struct hp_recorded *sorted = hp_grow(a, c->calls, c->count, c->count + 1, sizeof *sorted);
	qsort(sorted, c->count, sizeof *sorted, by_key);
	hp_puts(&b, "hostprep-capture 1\n");
	if (c->made)
		hp_putf(&b, "made %s\n", c->made);
	for (size_t i = 0; i < c->expect_count; i++)
		hp_putf(&b, "expect %s\n", c->expects[i]);
	if (c->policy.p)
		put_bytes(&b, "policy", c->policy);
	for (size_t i = 0; i < c->count; i++) {
		const struct hp_reply *r = &sorted[i].reply;
		hp_putf(&b, "\n%s\n", sorted[i].key);
		for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
			if (ends[k].end != r->end)
				continue;
			hp_putf(&b, ends[k].code ? "end %s %d\n" : "end %s\n", ends[k].word, r->code);
		}
		if (strncmp(sorted[i].key, "file ", 5) == 0 && r->end == HP_END_EXIT)
			hp_putf(&b, "size %llu\n", (unsigned long long)r->size);
		if (r->ms)
			hp_putf(&b, "ms %u\n", r->ms);
		if (r->out.n)
			put_bytes(&b, "out", r->out);
		if (r->err.n)
			put_bytes(&b, "err", r->err);
	}
	if (c->made)
		hp_puts(&b, "\ncomplete\n");
	return hp_built(&b);
}

/* Where the parser is. */
struct reader {
	struct hp_arena *arena;
	const char *name;
	unsigned line;
	struct hp_err *err;
	struct hp_capture *capture;
	struct hp_recorded *call; /* the one that lines belong to, or NULL */
	struct hp_str *bytes;	  /* what '|' lines add to, or NULL */
	struct hp_buf buf;

	bool complete; /* the line `complete` has come */
	bool closed;   /* a line without newline was the last one of its bytes */
};

static int refuse(struct reader *r, const char *what)
{
	return hp_fail(r->err, "%s:%u: %s", r->name, r->line, what);
}

static int read_bytes(struct reader *r, struct hp_str line)
{
	if (!r->bytes)
		return refuse(r, "a line of bytes without `out`, `err` or `policy` before it");
	if (r->closed)
		return refuse(r, "bytes after a line that was marked as the last one (\\ at its end)");
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		uint64_t code;
		if (c != '\\') {
			hp_put(&r->buf, hp_str_sub(line, i, i + 1));
			continue;
		}
		if (i + 1 == line.n) {
			r->closed = true;
			break;
		}
		c = line.p[++i];
		if (c == '\\') {
			hp_puts(&r->buf, "\\");
		} else if (c == 'r') {
			hp_puts(&r->buf, "\r");
		} else if (c == 'x' && hp_number(hp_str_sub(line, i + 1, i + 3), 16, 0xff, &code) && i + 2 < line.n) {
			char byte = (char)code;
			hp_put(&r->buf, (struct hp_str){&byte, 1});
			i += 2;
		} else {
			return refuse(r, "a backslash that is followed by none of \\, r, xNN or the line's end");
		}
	}
	if (!r->closed)
		hp_puts(&r->buf, "\n");
	*r->bytes = hp_built(&r->buf);
	return 0;
}

static int begin_bytes(struct reader *r, struct hp_str *bytes)
{
	if (!bytes)
		return refuse(r, "`out` and `err` belong to a call: put `run`, `file`, `stat` or `http` before them");
	if (bytes->p)
		return refuse(r, "these bytes are given twice");
	r->bytes = bytes;
	r->buf = hp_buf(r->arena);
	hp_built_text(&r->buf); /* so that no bytes at all still count as given */
	*bytes = hp_built(&r->buf);
	r->closed = false;
	return 0;
}

static int read_end(struct reader *r, struct hp_str rest)
{
	struct hp_str word = {0}, number = {0};
	if (!r->call)
		return refuse(r, "`end` belongs to a call: put `run`, `file`, `stat` or `http` before it");
	(void)hp_next_word(&rest, &word);
	bool has_number = hp_next_word(&rest, &number);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		uint64_t code = 0;
		bool may_lack = ends[i].end == HP_END_TIMEOUT && !has_number; /* a limit that nobody noted */
		if (!hp_str_eq(word, ends[i].word) || (ends[i].code != has_number && !may_lack) ||
		    (has_number && !hp_number(number, 10, 86400, &code)))
			continue;
		r->call->reply.end = ends[i].end;
		r->call->reply.code = (int)code;
		return 0;
	}
	return refuse(r,
		      "`end` wants one of: exit N, signal N, timeout N, too-big, not-found, not-started N, cancelled, "
		      "no-answer N, no-login");
}

static int read_number(struct reader *r, struct hp_str rest, bool size)
{
	uint64_t n;
	if (!r->call || !hp_number(hp_str_trim(rest), 10, size ? HP_CAPTURE_LIMIT : 86400000, &n))
		return refuse(r, "`ms` and `size` belong to a call and want a whole number");
	if (size)
		r->call->reply.size = n;
	else
		r->call->reply.ms = (unsigned)n;
	return 0;
}

/* "GET https://192.0.2.17/redfish/v1": of writes only logins and the ends of sessions are recorded. */
static bool is_exchange(struct hp_str rest)
{
	struct hp_str method;
	if (!hp_next_word(&rest, &method))
		return false;
	return (hp_str_eq(method, "GET") || hp_str_eq(method, "POST") || hp_str_eq(method, "DELETE")) &&
	       hp_str_starts(hp_str_trim(rest), "https://");
}

static int read_line(struct reader *r, struct hp_str line)
{
	struct hp_capture *c = r->capture;
	if (hp_str_has_byte(line, '\0'))
		return refuse(r, "a byte that is no text");
	if (hp_str_starts(line, "|"))
		return read_bytes(r, hp_str_sub(line, 1, line.n));
	struct hp_str rest = line, word;
	if (!hp_next_word(&rest, &word) || word.p[0] == '#')
		return 0;
	rest = hp_str_trim(rest);
	r->bytes = NULL;
	if (hp_str_eq(word, "http") && !is_exchange(rest))
		return refuse(r, "`http` wants GET, POST or DELETE, and a URL that begins with https://");
	if (hp_str_eq(word, "run") || hp_str_eq(word, "file") || hp_str_eq(word, "stat") || hp_str_eq(word, "http")) {
		struct hp_reply reply = {.end = HP_END_EXIT, .size = UINT64_MAX};
		const char *key = hp_format(r->arena, "%s %s", hp_copy(r->arena, word), hp_copy(r->arena, rest));
		if (find(c, key))
			return refuse(r, "this call stands in the capture twice");
		if (!rest.n)
			return refuse(r, "`run` wants a command, `file` and `stat` a path");
		hp_capture_add(r->arena, c, key, &reply);
		r->call = &c->calls[c->count - 1];
		return 0;
	}
	if (hp_str_eq(word, "end"))
		return read_end(r, rest);
	if (hp_str_eq(word, "ms") || hp_str_eq(word, "size"))
		return read_number(r, rest, hp_str_eq(word, "size"));
	if (hp_str_eq(word, "out"))
		return begin_bytes(r, r->call ? &r->call->reply.out : NULL);
	if (hp_str_eq(word, "err"))
		return begin_bytes(r, r->call ? &r->call->reply.err : NULL);
	if (hp_str_eq(word, "policy"))
		return begin_bytes(r, &c->policy);
	if (hp_str_eq(word, "complete")) {
		r->complete = true;
		return 0;
	}
	if (hp_str_eq(word, "made")) {
		c->made = hp_copy(r->arena, rest);
		return 0;
	}
	if (hp_str_eq(word, "expect")) {
		if (c->expect_count == c->expect_room) {
			c->expect_room = c->expect_room ? c->expect_room * 2 : 16;
			c->expects = hp_grow(r->arena, c->expects, c->expect_count, c->expect_room, sizeof *c->expects);
		}
		c->expects[c->expect_count++] = hp_copy(r->arena, rest);
		return 0;
	}
	return refuse(r, "a line that is none of: run, file, stat, http, end, ms, size, out, err, policy, expect, "
			 "made, complete, |bytes");
}

int hp_capture_parse(struct hp_arena *a, struct hp_str text, const char *name, struct hp_capture *ret,
		     struct hp_err *err)
{
	struct hp_capture c = {0};
	struct reader r = {.arena = a, .name = name, .err = err, .capture = &c};
	struct hp_str line;
	bool ended = true;
	if (!hp_str_starts(text, "hostprep-capture 1\n"))
		return hp_fail(err, "%s:1: this is no capture: its first line is not \"hostprep-capture 1\"", name);
	while (hp_next_line(&text, &line, &ended)) {
		if (++r.line > 1 && read_line(&r, line) < 0)
			return -1;
	}
	if (!ended)
		return refuse(&r, "the capture was cut off: its last line has no newline");
	if (c.made && !r.complete)
		return refuse(&r, "the capture was cut off: its last line is not `complete` (take the line `made` away "
				  "from a capture "
				  "that was shortened on purpose)");
	for (size_t i = 0; i < c.count; i++)
		if (c.calls[i].reply.size == UINT64_MAX)
			c.calls[i].reply.size = c.calls[i].reply.out.n;
	*ret = c;
	return 0;
}

/* Replies that wait to be given back, in the order of their calls. */
struct replay {
	struct hp_door door;
	struct hp_arena *arena;
	struct hp_capture capture;
	struct {
		unsigned id;
		const struct hp_call *call;
	} * queue;
	size_t count, room, given;
};

static void replay_submit(struct hp_door *door, const struct hp_call *call, unsigned id)
{
	struct replay *r = (struct replay *)door;
	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 32;
		r->queue = hp_grow(r->arena, r->queue, r->count, r->room, sizeof *r->queue);
	}
	r->queue[r->count].id = id;
	r->queue[r->count++].call = call;
}

static bool replay_wait(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret_reply)
{
	struct replay *r = (struct replay *)door;
	if (r->given == r->count)
		return false;
	const struct hp_recorded *found = find(&r->capture, hp_call_key(r->arena, r->queue[r->given].call));
	*ret_id = r->queue[r->given++].id;
	*ret_reply = found ? found->reply : (struct hp_reply){.end = HP_END_NOT_RECORDED};
	return true;
}

struct hp_door *hp_replay_door(struct hp_arena *a, const struct hp_capture *c)
{
	struct replay *r = hp_alloc(a, sizeof *r);
	r->arena = a;
	r->capture = *c;
	r->door.submit = replay_submit;
	r->door.wait = replay_wait;
	return &r->door;
}

struct recorder {
	struct hp_door door;
	struct hp_arena *arena;
	struct hp_door *inner;
	struct hp_capture *capture;
	const struct hp_call **calls; /* by id */
	size_t room;
};

static void recorder_submit(struct hp_door *door, const struct hp_call *call, unsigned id)
{
	struct recorder *r = (struct recorder *)door;
	if (id >= r->room) {
		size_t room = (size_t)id * 2 + 32;
		r->calls = hp_grow(r->arena, r->calls, r->room, room, sizeof *r->calls);
		r->room = room;
	}
	r->calls[id] = call;
	r->inner->submit(r->inner, call, id);
}

/* What changes the host is in no capture: a replay must not answer it. */
static bool changes(const struct hp_call *call)
{
	if (call->kind != HP_CALL_HTTP)
		return call->kind == HP_CALL_EDIT;
	bool sends = strcmp(call->http->method, "POST") == 0 || strcmp(call->http->method, "PATCH") == 0;
	return sends && call->http->auth != HP_HTTP_LOGIN;
}

/* The path of an exchange is what the BMC gave: it must not become lines of the capture. */
static bool one_line(const char *key)
{
	for (const char *c = key; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

/* A call that is asked again replaces what it got before: a capture has no key twice. */
static void record(struct recorder *r, const struct hp_call *call, const struct hp_reply *reply)
{
	if (changes(call) || reply->end == HP_END_NOT_RECORDED)
		return;
	const char *key = hp_call_key(r->arena, call);
	if (!one_line(key))
		return;
	struct hp_recorded *earlier = find(r->capture, key);
	if (earlier)
		earlier->reply = *reply;
	else
		hp_capture_add(r->arena, r->capture, key, reply);
}

static bool recorder_wait(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret_reply)
{
	struct recorder *r = (struct recorder *)door;
	if (!r->inner->wait(r->inner, ret_id, ret_reply))
		return false;
	record(r, r->calls[*ret_id], ret_reply);
	return true;
}

struct hp_door *hp_recording_door(struct hp_arena *a, struct hp_door *inner, struct hp_capture *c)
{
	struct recorder *r = hp_alloc(a, sizeof *r);
	r->arena = a;
	r->inner = inner;
	r->capture = c;
	r->door.submit = recorder_submit;
	r->door.wait = recorder_wait;
	return &r->door;
}
