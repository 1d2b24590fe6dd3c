#include "gather.h"

#include <string.h>

#include "../tools/asks.h"

/* What every report's head is made of, whatever was chosen. */
static const char *const head[] = {"esx-version", "hostname",	"platform",   "uuid",
				   "uptime",	  "quick-boot", "boot-token", "ledger"};

enum item_state { ITEM_UNWANTED, ITEM_WAITING, ITEM_ASKED, ITEM_READ };

struct item {
	struct hp_asking asking; /* first: the adapter gets its address */
	struct gather *gather;
	enum item_state state;
	unsigned outstanding; /* calls without reply */
};

struct sent {
	struct item *item;
	const struct hp_call *call;
	int tag;
};

struct gather {
	struct hp_arena *arena;
	struct hp_door *door;
	const struct hp_ask_options *options;
	struct item *items; /* one per ask, in the table's order */
	size_t count;
	struct sent *sent; /* by call id */
	size_t sent_count, sent_room;
	bool esxcli_missing, localcli_missing, cancelled;
};

static struct item *item_find(struct gather *g, const char *name)
{
	for (size_t i = 0; i < g->count; i++)
		if (strcmp(g->items[i].asking.ask->name, name) == 0)
			return &g->items[i];
	return NULL;
}

static const char *also_after(const struct gather *g, const struct hp_ask *ask)
{
	return ask->also_after ? ask->also_after(g->options) : NULL;
}

static void want(struct gather *g, const char *name)
{
	struct item *item = item_find(g, name);
	if (!item || item->state != ITEM_UNWANTED)
		return;
	item->state = ITEM_WAITING;
	if (item->asking.ask->after)
		want(g, item->asking.ask->after);
	if (also_after(g, item->asking.ask))
		want(g, also_after(g, item->asking.ask));
}

static void submit(struct hp_asking *asking, const struct hp_call *call, int tag)
{
	struct item *item = (struct item *)asking;
	struct gather *g = item->gather;
	if (g->sent_count == g->sent_room) {
		g->sent_room = g->sent_room ? g->sent_room * 2 : 32;
		g->sent = hp_grow(g->arena, g->sent, g->sent_count, g->sent_room, sizeof *g->sent);
	}
	g->sent[g->sent_count] = (struct sent){item, call, tag};
	item->outstanding++;
	g->door->submit(g->door, call, (unsigned)g->sent_count++);
}

static bool is_read(struct gather *g, const char *name)
{
	const struct item *item = name ? item_find(g, name) : NULL;
	return !item || item->state == ITEM_READ || item->state == ITEM_UNWANTED;
}

/* Asks whatever has become ready; an ask that has nothing to ask is read at once, which may make others ready. */
static void ask_ready(struct gather *g)
{
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < g->count; i++) {
			struct item *item = &g->items[i];
			const struct hp_ask *ask = item->asking.ask;
			if (item->state != ITEM_WAITING || !is_read(g, ask->after) || !is_read(g, also_after(g, ask)))
				continue;
			item->state = ITEM_ASKED;
			ask->put(&item->asking);
			if (item->outstanding)
				continue;
			item->state = ITEM_READ;
			again = true;
		}
	}
}

static void note_missing(struct gather *g, const struct hp_call *call, const struct hp_reply *reply)
{
	if (call->kind != HP_CALL_RUN || reply->end != HP_END_NOT_FOUND)
		return;
	g->esxcli_missing = g->esxcli_missing || strcmp(call->argv[0], "bin/esxcli") == 0;
	g->localcli_missing = g->localcli_missing || strcmp(call->argv[0], "bin/localcli") == 0;
}

static void run_through(struct gather *g)
{
	struct hp_reply reply;
	unsigned id;
	ask_ready(g);
	while (g->sent && g->door->wait(g->door, &id, &reply)) {
		struct sent s = g->sent[id];
		g->cancelled = g->cancelled || reply.end == HP_END_CANCELLED;
		note_missing(g, s.call, &reply);
		s.item->asking.ask->read(&s.item->asking, s.call, s.tag, &reply);
		if (--s.item->outstanding)
			continue;
		s.item->state = ITEM_READ;
		ask_ready(g);
	}
}

void hp_gather_asks(struct hp_arena *a, struct hp_door *door, const char *const *names,
		    const struct hp_ask_options *options, struct hp_gathered *ret)
{
	struct gather *g = hp_alloc(a, sizeof *g);
	*g = (struct gather){.arena = a, .door = door, .options = options};
	while (hp_asks[g->count])
		g->count++;
	g->items = hp_alloc_array(a, g->count, sizeof *g->items);
	for (size_t i = 0; i < g->count; i++) {
		g->items[i].gather = g;
		g->items[i].asking = (struct hp_asking){
		    .ask = hp_asks[i], .arena = a, .facts = &ret->facts, .options = options, .submit = submit};
	}
	for (size_t i = 0; names[i]; i++)
		want(g, names[i]);
	run_through(g);
	ret->no_tools = g->localcli_missing && (g->esxcli_missing || options->localcli);
	ret->cancelled = g->cancelled;
}

void hp_gather(struct hp_arena *a, struct hp_door *door, const bool *chosen, const struct hp_ask_options *options,
	       struct hp_gathered *ret)
{
	size_t n = 0, room = sizeof head / sizeof head[0] + 1;
	for (size_t i = 0; hp_checks[i]; i++)
		room += HP_NEEDS_MAX;
	const char **names = hp_alloc_array(a, room, sizeof *names);
	for (size_t i = 0; hp_checks[i]; i++)
		for (size_t k = 0; k < HP_NEEDS_MAX && hp_checks[i]->needs[k] && (!chosen || chosen[i]); k++)
			names[n++] = hp_checks[i]->needs[k];
	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		names[n++] = head[i];
	hp_facts_init(&ret->facts, a);
	hp_gather_asks(a, door, names, options, ret);
}
