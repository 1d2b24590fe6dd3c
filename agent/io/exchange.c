#include "exchange.h"

#include <errno.h>

#include "clock.h"

void hp_exchange_end(struct hp_exchange *x, enum hp_end how, int code)
{
	if (x->ended)
		return;
	x->ended = true;
	x->end = how;
	x->code = code;
}

void hp_exchange_drop_text(struct hp_exchange *x)
{
	hp_bytes_free(&x->out);
	hp_bytes_free(&x->err);
}

/* The answer's text without what must not be seen. */
static bool take_text(struct hp_exchange *x)
{
	struct hp_answer *answer = &x->transfer.answer;
	struct hp_bytes lines = {0};
	bool done = hp_answer_lines(answer, &x->peer->origin, hp_wall_ms(), &lines) &&
		    hp_peer_redact(x->peer, hp_bytes(&lines), &x->err) &&
		    (answer->too_big || hp_peer_redact(x->peer, hp_bytes(&answer->body), &x->out));
	hp_bytes_free(&lines);
	return done;
}

unsigned hp_exchange_seconds(unsigned ms)
{
	return (ms + 999) / 1000;
}

bool hp_exchange_is_told(const struct hp_answer *answer)
{
	return answer->headers_done && (answer->status == 401 || answer->status == 403);
}

static void end_with_answer(struct hp_exchange *x)
{
	if (x->ended)
		return;
	bool done = take_text(x);
	if (!done)
		hp_exchange_drop_text(x);
	hp_exchange_end(x, done ? HP_END_EXIT : HP_END_NOT_STARTED, done ? (int)x->transfer.answer.status : ENOMEM);
}

/* libcurl says so too when a line is longer than its own limit, before we see it. */
static bool header_line_too_long(const struct hp_answer *answer, CURLcode code)
{
	return code == CURLE_OUT_OF_MEMORY && answer->status && !answer->headers_done;
}

void hp_exchange_end_by_code(struct hp_exchange *x, CURLcode code)
{
	const struct hp_answer *answer = &x->transfer.answer;
	if (code == CURLE_OK && !answer->headers_done)
		code = CURLE_PARTIAL_FILE; /* libcurl takes headers that are cut off for all of them */
	if (code == CURLE_OK || (hp_exchange_is_told(answer) && !answer->no_memory))
		end_with_answer(x);
	else if (answer->too_big || header_line_too_long(answer, code))
		hp_exchange_end(x, HP_END_TOO_BIG, 0);
	else if (answer->no_memory || code == CURLE_OUT_OF_MEMORY)
		hp_exchange_end(x, HP_END_NOT_STARTED, ENOMEM);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		hp_exchange_end(x, HP_END_TIMEOUT,
				(int)hp_exchange_seconds(x->peer->connect_ms)); /* the only limit that curl knows */
	else
		hp_exchange_end(x, HP_END_NO_ANSWER, (int)code);
}

void hp_exchange_note_session(struct hp_exchange *x)
{
	const struct hp_answer *answer = &x->transfer.answer;
	bool good = answer->status >= 200 && answer->status < 300;
	if (x->http.auth == HP_HTTP_LOGIN && answer->headers_done && good)
		hp_peer_note_session(x->peer, answer);
}

void hp_exchange_note_end_of_session(struct hp_exchange *x)
{
	unsigned status = x->transfer.answer.status;
	if (!x->finishes)
		return;
	x->finishes->ending = false;
	if (status && status < 500 && status != 429)
		hp_peer_end_session(x->finishes);
	x->finishes = NULL;
}
