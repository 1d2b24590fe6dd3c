#include "set_end.h"

#include "tool.h"

struct hp_call *hp_set_call(struct hp_arena *a, const char *const *argv, const char *lane)
{
	struct hp_call *call = hp_call_run(a, argv);
	call->lane = lane;
	call->writes = true;
	return call;
}

/* A call that writes is never ended early by the run (call.h): one that is cancelled and printed nothing was not
 * started. */
static bool never_ran(const struct hp_call *call, const struct hp_reply *reply)
{
	bool silent = !reply->out.n && !reply->err.n;
	return reply->end == HP_END_NOT_FOUND || reply->end == HP_END_NOT_STARTED ||
	       (reply->end == HP_END_CANCELLED && call->writes && silent);
}

bool hp_set_ended(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply, const char *tool,
		  struct hp_set_answer *ret)
{
	const char *why = hp_reply_end_trouble(a, call, reply);
	*ret = (struct hp_set_answer){.end = HP_SET_UNCLEAR};
	if (!why)
		return true;
	ret->end = never_ran(call, reply) ? HP_SET_REFUSED : HP_SET_UNCLEAR;
	ret->why = hp_format(a, "%s %s", tool, why);
	ret->hint = ret->end == HP_SET_REFUSED ? NULL : "Look what it has done: run `hostprep check`.";
	return false;
}
