#include "esxcli.h"

#include <string.h>

/* In which way a topic is asked, and so what is tried next. */
enum way {
	WAY_KEYVALUE,		 /* esxcli --formatter=keyvalue, or a scalar */
	WAY_PLAIN,		 /* esxcli without formatter, because it refused that; then localcli */
	WAY_LOCALCLI,		 /* localcli, and nothing after it */
	WAY_LOCALCLI_THEN_PLAIN, /* localcli, because esxcli answered no data */
	WAY_PLAIN_LAST		 /* esxcli without formatter, when localcli had nothing either */
};

struct hp_evidence hp_evidence(const char *source, struct hp_str record)
{
	return (struct hp_evidence){.source = source, .record = record};
}

struct hp_call *hp_call_run(struct hp_arena *a, const char *const *argv)
{
	size_t n = 0;
	while (argv[n])
		n++;
	const char **copy = hp_alloc_array(a, n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = argv[i];
	struct hp_call *call = hp_alloc(a, sizeof *call);
	call->kind = HP_CALL_RUN;
	call->argv = copy;
	call->cap = HP_CAP_SMALL;
	return call;
}

static void ask_in_way(struct hp_asking *asking, enum way way)
{
	const struct hp_esxcli_topic *topic = asking->ask->details;
	bool local = way == WAY_LOCALCLI || way == WAY_LOCALCLI_THEN_PLAIN;
	bool plain = way == WAY_PLAIN || way == WAY_PLAIN_LAST;
	const char *argv[HP_ESXCLI_WORDS_MAX + 3] = {local ? "bin/localcli" : "bin/esxcli"};
	size_t n = 1;
	if (topic->records && !plain)
		argv[n++] = local ? "--formatter=json" : "--formatter=keyvalue";
	for (size_t i = 0; i < HP_ESXCLI_WORDS_MAX && topic->words[i]; i++)
		argv[n++] = topic->words[i];
	struct hp_call *call = hp_call_run(asking->arena, argv);
	call->cap = topic->long_list ? HP_CAP_LIST : HP_CAP_SMALL;
	call->empty_ok = topic->empty_ok;
	asking->submit(asking, call, (int)way);
}

void hp_esxcli_put(struct hp_asking *asking)
{
	ask_in_way(asking, asking->options->localcli ? WAY_LOCALCLI : WAY_KEYVALUE);
}

/* Records are many times as large as the facts that come out of them. */
static const char *read_records(struct hp_asking *asking, struct hp_str bytes, const char *source)
{
	const struct hp_esxcli_topic *topic = asking->ask->details;
	struct hp_arena *a = asking->arena, *scratch = hp_scratch_begin(a, a->limit);
	struct hp_records all;
	const char *why = hp_records_read(scratch, bytes, &all);
	why = why ? why : topic->records(asking, &all, source);
	why = why ? hp_format(a, "%s", why) : NULL;
	hp_scratch_end(scratch);
	return why;
}

static const char *try_to_read(struct hp_asking *asking, const struct hp_call *call, const struct hp_reply *reply)
{
	const struct hp_esxcli_topic *topic = asking->ask->details;
	const char *source = hp_call_text(asking->arena, call);
	const char *why = hp_reply_trouble(asking->arena, call, reply);
	if (why)
		return why;
	if (topic->scalar)
		return topic->scalar(asking, reply->out, source);
	if (!reply->out.n)
		return NULL; /* the topic says that nothing printed means none */
	return read_records(asking, reply->out, source);
}

/* What the first way said is remembered by the fact that has no data yet, for the message when every way fails. */
static const char *remember(struct hp_asking *asking, const char *said)
{
	struct hp_fact *f = hp_fact_put(asking->facts, asking->ask->name, "trouble");
	if (!f->now.text)
		f->now = hp_present(said);
	return f->now.text;
}

void hp_esxcli_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	const struct hp_esxcli_topic *topic = asking->ask->details;
	struct hp_arena *a = asking->arena;
	const char *why = try_to_read(asking, call, reply);
	if (!why)
		return;
	why = remember(asking, hp_format(a, "%s %s", hp_call_text(a, call), why));
	bool ended = reply->end == HP_END_EXIT || reply->end == HP_END_SIGNAL;
	bool refused = topic->records && hp_str_has(reply->out, "formatter") && !hp_str_has(reply->out, "=");
	if (tag == WAY_KEYVALUE && refused) {
		ask_in_way(asking, WAY_PLAIN);
	} else if (tag == WAY_KEYVALUE && reply->end != HP_END_CANCELLED) {
		ask_in_way(asking, topic->records && ended ? WAY_LOCALCLI_THEN_PLAIN : WAY_LOCALCLI);
	} else if (tag == WAY_LOCALCLI_THEN_PLAIN && reply->end != HP_END_CANCELLED) {
		ask_in_way(asking, WAY_PLAIN_LAST);
	} else if (tag == WAY_PLAIN && reply->end != HP_END_CANCELLED) {
		ask_in_way(asking, WAY_LOCALCLI);
	} else {
		topic->none(asking, why,
			    asking->options->localcli
				? "Run the command by hand, or `hostprep check` in a shell, which asks esxcli too."
				: "Run the command by hand. Is hostd running? `/etc/init.d/hostd status` tells.");
	}
}
