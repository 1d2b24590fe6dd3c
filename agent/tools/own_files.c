/* hostprep's own files below the root: the token of this boot (var/run/hostprep/boot) and the ledger of the state dir.
 * They are asked for through the door like everything else, so that a capture has them and its replay judges the same.
 */
#include "asks.h"
#include "esxcli.h"

#define TOKEN_LENGTH 36

static void ask_file(struct hp_asking *asking, const char *path, bool outside, size_t cap)
{
	struct hp_call *call = hp_alloc(asking->arena, sizeof *call);
	*call = (struct hp_call){.kind = HP_CALL_FILE, .path = path, .outside = outside, .cap = cap};
	asking->submit(asking, call, 0);
}

static void token_put(struct hp_asking *asking)
{
	ask_file(asking, "var/run/hostprep/boot", false, 256);
}

static void token_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, "boot-token");
	const char *why = hp_reply_trouble(asking->arena, call, reply);
	struct hp_str token = hp_str_trim(reply->out);
	(void)tag;
	if (!why && (token.n != TOKEN_LENGTH || token.n + 1 != reply->out.n))
		why = "holds no token";
	f->now = why ? hp_no_data(why, NULL) : hp_present(hp_clean_text(asking->arena, token, TOKEN_LENGTH, NULL));
}

const struct hp_ask hp_ask_boot_token = {.name = "boot-token", .put = token_put, .read = token_read};

static void ledger_put(struct hp_asking *asking)
{
	const char *own = asking->options->ledger;
	ask_file(asking, own ? own : "scratch/hostprep/ledger", own != NULL, HP_CAP_SMALL);
}

/* The fact "ledger": PRESENT with the bytes as its evidence, ABSENT when no run has written one. */
static void ledger_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_arena *a = asking->arena;
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, "ledger");
	const char *why = hp_reply_trouble(a, call, reply);
	(void)tag;
	f->evidence[0] = hp_evidence(hp_call_text(a, call), reply->out);
	if (reply->end == HP_END_NOT_FOUND || reply->end == HP_END_NOT_RECORDED)
		f->now = hp_absent("there is none");
	else if (why)
		f->now = hp_no_data(hp_format(a, "%s %s", hp_call_text(a, call), why), "Look at the file.");
	else
		f->now = hp_present("read");
}

const struct hp_ask hp_ask_ledger = {.name = "ledger", .put = ledger_put, .read = ledger_read};
