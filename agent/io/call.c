#include "call.h"

#include <string.h>

const char *hp_call_text(struct hp_arena *a, const struct hp_call *call)
{
	if (call->kind == HP_CALL_HTTP)
		return hp_format(a, "%s %s%s", call->http->method, call->http->bmc->origin, call->http->path);
	if (call->kind != HP_CALL_RUN)
		return call->outside ? call->path : hp_format(a, "/%s", call->path);
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; call->argv[i]; i++) {
		hp_puts(&b, i ? " " : "/");
		hp_puts(&b, call->argv[i]);
	}
	return hp_built_text(&b);
}

/* MFT's error line, else the first line that says something: of stdout, where esxcli and mlxconfig print errors, else
 * of stderr. */
static const char *first_words(struct hp_arena *a, const struct hp_reply *reply)
{
	struct hp_str texts[2] = {reply->out, reply->err}, line, found = {NULL, 0};
	for (int i = 0; i < 2; i++) {
		struct hp_str rest = texts[i];
		bool ended;
		while (hp_next_line(&rest, &line, &ended)) {
			line = hp_str_trim(line);
			if (hp_str_starts(line, "-E-"))
				return hp_clean_text(a, line, 160, NULL);
			found = found.n ? found : line;
		}
	}
	return found.n ? hp_clean_text(a, found, 160, NULL) : NULL;
}

static const char *what_could_not_be(const struct hp_call *call)
{
	switch (call->kind) {
	case HP_CALL_RUN:
		return "started";
	case HP_CALL_FILE:
		return "read";
	case HP_CALL_STAT:
		return "looked at";
	case HP_CALL_EDIT:
		return "written";
	case HP_CALL_HTTP:
		return "asked";
	}
	return "asked";
}

/* libcurl's codes (curl/curl.h) that a BMC makes likely; their own words are no help to an admin. */
static const char *why_no_answer(struct hp_arena *a, const struct hp_call *call, int code)
{
	static const struct {
		int code;
		const char *why;
	} known[] = {
	    {6, "the BMC's name could not be resolved"},
	    {7, "nobody answers at that address: the connection was refused, or there is no way to it (is the firewall "
		"ruleset httpClient or hostprep open?)"},
	    {18, "the answer ended too early"},
	    {35, "TLS could not be agreed upon"},
	    {52, "the BMC closed the connection without an answer"},
	    {55, "the connection broke while it was asked"},
	    {56, "the connection broke while it answered"},
	    {58, "TLS: the CA file cannot be used"},
	    {60, "the BMC's certificate is not trusted: wrong CA, wrong name, or expired"},
	    {61, "the answer is packed in a way that is not known"},
	    {77, "TLS: the CA file cannot be read"},
	    {90, "the BMC has another key than the pin in the policy says"},
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].code == code)
			return hp_format(a, "got no answer: %s", known[i].why);
	return hp_format(a, "got no answer from %s (libcurl %d)", call->http ? call->http->bmc->origin : "there", code);
}

const char *hp_reply_end_trouble(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply)
{
	switch (reply->end) {
	case HP_END_EXIT:
		return NULL;
	case HP_END_SIGNAL:
		return hp_format(a, "was ended by signal %d", reply->code);
	case HP_END_TIMEOUT:
		return reply->code ? hp_format(a, "ran longer than %d s and was ended", reply->code)
				   : "ran longer than its time limit and was ended";
	case HP_END_TOO_BIG:
		return hp_format(a, "%s more than %zu KiB", call->kind == HP_CALL_FILE ? "is" : "printed",
				 call->cap >> 10);
	case HP_END_NOT_FOUND:
		return "is not there";
	case HP_END_NOT_STARTED:
		return hp_format(a, "could not be %s: %s", what_could_not_be(call), strerror(reply->code));
	case HP_END_CANCELLED:
		return "was not asked: the run's time was up or it was interrupted";
	case HP_END_NOT_RECORDED:
		return "is not in the capture";
	case HP_END_CHANGED:
		return "was changed by somebody else meanwhile";
	case HP_END_DAMAGED:
		return hp_format(a, "could not be written, nor put back as it was: %s", strerror(reply->code));
	case HP_END_NO_ANSWER:
		return why_no_answer(a, call, reply->code);
	case HP_END_NO_LOGIN:
		return hp_format(a, "was not asked: %s", hp_clean_text(a, hp_str_trim(reply->err), 300, NULL));
	}
	return "ended in an unknown way";
}

static bool one_line(struct hp_str bytes)
{
	struct hp_str line;
	bool ended;
	return hp_next_line(&bytes, &line, &ended) && ended && line.n && !bytes.n && !hp_str_has_byte(line, '\0');
}

const char *hp_reply_trouble(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply)
{
	const char *trouble = hp_reply_end_trouble(a, call, reply);
	if (trouble)
		return trouble;
	if (call->kind == HP_CALL_HTTP)
		return reply->code >= 200 && reply->code < 300 ? NULL : hp_format(a, "answered HTTP %d", reply->code);
	if (reply->code != 0) {
		const char *said = first_words(a, reply);
		return said ? hp_format(a, "failed with exit %d: %s", reply->code, said)
			    : hp_format(a, "failed with exit %d and printed nothing", reply->code);
	}
	if (call->kind == HP_CALL_FILE)
		return reply->out.n == reply->size ? NULL : "changed while it was read, or was cut off";
	if (call->kind == HP_CALL_STAT)
		return one_line(reply->out) ? NULL : "was not described in one whole line";
	if (call->kind == HP_CALL_EDIT)
		return NULL;
	if (!reply->out.n)
		return call->empty_ok ? NULL : "printed nothing";
	if (memchr(reply->out.p, '\0', reply->out.n))
		return "printed bytes that are no text";
	if (!hp_str_ends(reply->out, "\n"))
		return "stopped in the middle of a line";
	return NULL;
}
