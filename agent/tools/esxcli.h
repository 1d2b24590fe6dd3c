/* esxcli: how its commands are asked, and what to do when it does not answer.
 *
 * Lists and structures are asked with --formatter=keyvalue; a host that answers in block or table text is read as well
 * (records.h). When the answer is no data, the same is asked once more: without formatter if it was the formatter that
 * esxcli refused, else of localcli as JSON, which needs no hostd; when that has nothing either, of esxcli
 * without formatter. Reads only: writes never fall back.
 *
 * With --localcli the one way is localcli: JSON for lists and structures, plain for scalars. Not known on a real host:
 * that every command which is asked here is there in localcli, whose JSON was seen of some of them only.
 *
 * esxcli prints errors on stdout with exit 1, and its help for an incomplete command with exit 0 (esxcli.py of 6.7);
 * both are no data.
 */
#ifndef HP_TOOLS_ESXCLI_H
#define HP_TOOLS_ESXCLI_H

#include "records.h"
#include "tool.h"

#define HP_ESXCLI_WORDS_MAX 8

/* One command. Exactly one of `records` and `scalar` is set. */
struct hp_esxcli_topic {
	const char *words[HP_ESXCLI_WORDS_MAX]; /* "system", "version", "get" */
	bool empty_ok;
	bool long_list; /* hundreds of records: more output is allowed */
	/* Adds facts from what was printed; a text tells why it is no data after all (then the next way is tried). */
	const char *(*records)(struct hp_asking *asking, const struct hp_records *all, const char *source);
	/* Asked without a formatter: one bare value, or lines. */
	const char *(*scalar)(struct hp_asking *asking, struct hp_str text, const char *source);
	/* Adds the facts that say that there is no data. */
	void (*none)(struct hp_asking *asking, const char *why, const char *hint);
};

/* The put and read of every ask whose details are a topic. */
void hp_esxcli_put(struct hp_asking *asking);
void hp_esxcli_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply);

/* Evidence of a whole record. */
struct hp_evidence hp_evidence(const char *source, struct hp_str record);

#endif
