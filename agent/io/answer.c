#include "answer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "../base/num.h"

#define RETRY_MOST_S 86400 /* a longer wait is as good as this one */

static const char *const names[HP_ANSWER_HEADERS] = {[HP_CONTENT_TYPE] = "content-type", [HP_LOCATION] = "location",
						     [HP_RETRY_AFTER] = "retry-after",	 [HP_ALLOW] = "allow",
						     [HP_TOKEN] = "x-auth-token",	 [HP_DATE] = "date"};

static bool is_named(struct hp_str name, const char *lower)
{
	size_t n = strlen(lower);
	for (size_t i = 0; i < n; i++)
		if (i >= name.n || hp_lower(name.p[i]) != lower[i])
			return false;
	return name.n == n;
}

static size_t colon_of(struct hp_str line)
{
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	return colon ? (size_t)(colon - line.p) : line.n;
}

static bool printable(struct hp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

static void keep(struct hp_answer *answer, struct hp_str line)
{
	size_t colon = colon_of(line);
	struct hp_str name = hp_str_sub(line, 0, colon), value = hp_str_trim(hp_str_sub(line, colon + 1, line.n));
	for (size_t i = 0; i < HP_ANSWER_HEADERS; i++) {
		if (!is_named(name, names[i]) || answer->headers[i].n)
			continue;
		if (i == HP_TOKEN && (!printable(value) || value.n > HP_TOKEN_LIMIT))
			continue;
		answer->no_memory |= !hp_bytes_put(&answer->headers[i], value, HP_HEADERS_LIMIT);
	}
}

/* "HTTP/1.1 200 OK" */
static void begin(struct hp_answer *answer, struct hp_str line)
{
	struct hp_str word;
	uint64_t status = 0;
	(void)hp_next_word(&line, &word);
	if (!hp_next_word(&line, &word) || !hp_number(word, 10, 999, &status))
		status = 0;
	answer->status = (unsigned)status;
	answer->headers_done = false;
	for (size_t i = 0; i < HP_ANSWER_HEADERS; i++)
		hp_bytes_free(&answer->headers[i]);
}

size_t hp_answer_take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct hp_answer *answer = context;
	struct hp_str line = {bytes, size * count};
	answer->header_bytes += line.n;
	if (answer->header_bytes > HP_HEADERS_LIMIT) {
		answer->too_big = true;
		return 0;
	}
	struct hp_str text = hp_str_trim(line);
	if (answer->headers_done && !hp_str_starts(text, "HTTP/"))
		return line.n;
	if (!text.n)
		answer->headers_done = true;
	else if (hp_str_starts(text, "HTTP/"))
		begin(answer, text);
	else
		keep(answer, text);
	return answer->no_memory ? 0 : line.n;
}

size_t hp_answer_take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct hp_answer *answer = context;
	struct hp_str more = {bytes, size * count};
	if (answer->body.n + more.n > answer->cap)
		answer->too_big = true;
	else if (!hp_bytes_put(&answer->body, more, answer->cap))
		answer->no_memory = true;
	return answer->too_big || answer->no_memory ? 0 : more.n;
}

void hp_answer_clear(struct hp_answer *answer)
{
	hp_bytes_free(&answer->body);
	for (size_t i = 0; i < HP_ANSWER_HEADERS; i++)
		hp_bytes_free(&answer->headers[i]);
	*answer = (struct hp_answer){.cap = answer->cap};
}

/* Seconds to wait; false when the header says nothing that can be read. */
static bool retry_after(const struct hp_answer *answer, int64_t wall_ms, int64_t *ret)
{
	const char *text = hp_bytes_text(&answer->headers[HP_RETRY_AFTER]);
	uint64_t seconds;
	if (hp_number(hp_str(text), 10, UINT64_MAX / 16, &seconds)) {
		*ret = seconds < RETRY_MOST_S ? (int64_t)seconds : RETRY_MOST_S;
		return true;
	}
	time_t then = curl_getdate(text, NULL), now = curl_getdate(hp_bytes_text(&answer->headers[HP_DATE]), NULL);
	if (!*text || then < 0)
		return false;
	int64_t left = (int64_t)then - (now < 0 ? wall_ms / 1000 : (int64_t)now);
	*ret = left < 0 ? 0 : left < RETRY_MOST_S ? left : RETRY_MOST_S;
	return true;
}

static bool put_line(struct hp_bytes *b, const char *name, struct hp_str value)
{
	bool put = hp_bytes_put(b, hp_str(name), SIZE_MAX / 4) && hp_bytes_put(b, hp_str(": "), SIZE_MAX / 4);
	for (size_t i = 0; put && i < value.n; i++) {
		char c = value.p[i];
		c = (unsigned char)c < 0x20 || (unsigned char)c >= 0x7f ? '?' : c;
		put = hp_bytes_put(b, (struct hp_str){&c, 1}, SIZE_MAX / 4);
	}
	return put && hp_bytes_put(b, hp_str("\n"), SIZE_MAX / 4);
}

bool hp_answer_lines(const struct hp_answer *answer, const struct hp_origin *origin, int64_t wall_ms,
		     struct hp_bytes *ret)
{
	char number[24];
	for (size_t i = HP_CONTENT_TYPE; i <= HP_ALLOW; i++) {
		struct hp_str value = hp_bytes(&answer->headers[i]);
		int64_t seconds;
		if (!value.n || (i == HP_LOCATION && !hp_origin_path(origin, value, &value)))
			continue;
		if (i == HP_RETRY_AFTER) {
			if (!retry_after(answer, wall_ms, &seconds))
				continue;
			(void)snprintf(number, sizeof number, "%lld", (long long)seconds);
			value = hp_str(number);
		}
		if (!put_line(ret, names[i], value))
			return false;
	}
	return true;
}

/* ---- "@odata.id" of an object. jansson takes its memory from the arena (base/json.h), which may be what has run out.
 * ---- */

/* The text between the quotes that s begins with, taken off it with both. */
static bool take_text(struct hp_str *s, struct hp_str *ret)
{
	size_t i = 1;
	while (i < s->n && s->p[i] != '"')
		i += s->p[i] == '\\' ? 2 : 1;
	if (i >= s->n)
		return false;
	*ret = hp_str_sub(*s, 1, i);
	*s = hp_str_sub(*s, i + 1, s->n);
	return true;
}

/* The value of a member of the outermost object that is a text; its escapes are left as they are. */
static bool find_member(struct hp_str json, const char *name, struct hp_str *ret)
{
	struct hp_str text, rest = hp_str_trim(json);
	unsigned depth = 0;
	if (!hp_str_starts(rest, "{"))
		return false;
	while (rest.n) {
		char c = rest.p[0];
		if (c != '"') {
			depth += c == '{' || c == '[';
			depth -= (c == '}' || c == ']') && depth;
			rest = hp_str_sub(rest, 1, rest.n);
			continue;
		}
		if (!take_text(&rest, &text))
			return false;
		rest = hp_str_trim(rest);
		if (depth != 1 || !hp_str_starts(rest, ":") || !hp_str_eq(text, name))
			continue;
		rest = hp_str_trim(hp_str_sub(rest, 1, rest.n));
		return hp_str_starts(rest, "\"") && take_text(&rest, ret);
	}
	return false;
}

/* Takes the backslash off "\/", the one escape that a path needs. */
static bool put_path(struct hp_bytes *b, struct hp_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && (++i == text.n || text.p[i] != '/'))
			return false;
		if (!hp_bytes_put(b, hp_str_sub(text, i, i + 1), HP_PATH_LIMIT))
			return false;
	}
	return true;
}

bool hp_answer_session(const struct hp_answer *answer, const struct hp_origin *origin, struct hp_bytes *ret_path)
{
	struct hp_str path;
	struct hp_bytes found = {0}, own = {0};
	if (hp_origin_path(origin, hp_bytes(&answer->headers[HP_LOCATION]), &path))
		return hp_bytes_put(ret_path, path, HP_PATH_LIMIT);
	bool is = find_member(hp_bytes(&answer->body), "@odata.id", &path) && put_path(&found, path) &&
		  hp_origin_path(origin, hp_bytes(&found), &path) && hp_bytes_put(&own, path, HP_PATH_LIMIT);
	hp_bytes_free(&found);
	if (is)
		*ret_path = own;
	else
		hp_bytes_free(&own);
	return is;
}
