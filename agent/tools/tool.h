/* Tool adapters: each knows how one tool of the host is asked and how its answers read, and nothing about what is
 * right. They are pure: an ask makes calls, reading a reply makes facts; the engine passes both through the door.
 */
#ifndef HP_TOOLS_TOOL_H
#define HP_TOOLS_TOOL_H

#include "../base/fact.h"
#include "../io/call.h"

enum hp_mft_query { HP_MFT_ALWAYS, HP_MFT_IDLE, HP_MFT_NEVER };

/* An attribute that a check reads from the BIOS (policy, bios). Lists end with NULL; in patterns case does not count.
 */
struct hp_bios_rule {
	const char *check;	 /* "bios-sriov" */
	const char **vendors;	 /* patterns, against the system's manufacturer */
	const char *model;	 /* pattern, against its model; NULL: any */
	const char **attributes; /* patterns of names: the first that the BIOS has is meant */
	const char **want;	 /* values that are right; the first one is what is set; NULL: it is reported only */
	bool optional;		 /* not having it is no fault */
	bool site;		 /* of the site's policy: for its makers the built-in rules of this check do not hold */
};

struct hp_redfish_options {
	const struct hp_bmc *bmc; /* NULL: the policy gives no access. origin is NULL: ask the host for the address */
	const struct hp_bios_rule *rules;
	size_t rule_count;
	const char
	    *psb_match; /* pattern of the PCIe switch board's firmware in the inventory; NULL: the built-in one */
	const char *refused_on; /* this credential was refused then, and is not tried again; NULL: it was not */
	bool set_bios;		/* --bios: what is not right in the BIOS is to be set */
	struct hp_str cached;	/* what the inventory and the PCIe functions said, a while ago; p NULL: ask */
};

/* What adapters must know of the policy and the command line. */
struct hp_ask_options {
	enum hp_mft_query mft_query;
	const uint32_t *hca_ids; /* vendor << 16 | device */
	size_t hca_id_count;
	const char *ledger; /* --state-dir: its path on the machine; NULL: scratch/hostprep/ledger of the tree */
	struct hp_redfish_options redfish;
	bool localcli; /* esxcli is never run: it would ask hostd, which may be the one that asks */
};

struct hp_ask;

/* One ask on its way: the adapter's view of the engine. */
struct hp_asking {
	const struct hp_ask *ask;
	struct hp_arena *arena;
	struct hp_facts *facts;
	const struct hp_ask_options *options;
	void (*submit)(struct hp_asking *asking, const struct hp_call *call, int tag);
	void *own; /* the adapter's, from one reply to the next; NULL at first */
};

/* A question to the host. Names are what checks list as their needs. */
struct hp_ask {
	const char *name;
	const char *after; /* an ask that must have been read first, or NULL */
	/* Another one, if the policy makes it so; NULL: never. Returns NULL for "none". */
	const char *(*also_after)(const struct hp_ask_options *options);
	/* Submits calls (none, if there is nothing to ask or it must not be asked; it then adds the facts that say so).
	 */
	void (*put)(struct hp_asking *asking);
	/* Turns a reply into facts; may submit further calls (another dialect, another tool). tag: as submitted. */
	void (*read)(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply);
	const void *details; /* the adapter's own */
};

/* Every ask of every adapter; ends with one whose name is NULL. */
extern const struct hp_ask *const hp_asks[];
const struct hp_ask *hp_ask_find(const char *name);
/* NULL-terminated argv in the arena. */
struct hp_call *hp_call_run(struct hp_arena *a, const char *const *argv);

#endif
