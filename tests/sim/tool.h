/* A call of one of the host's tools, and the table of them. */
#ifndef SIM_TOOL_H
#define SIM_TOOL_H

#include "state.h"

enum { SIM_MAX_WORDS = 16 };

struct sim_call {
	struct sim_state *state; /* what the handler changes is saved after it */
	int argc;
	char **argv;
	struct sim_buf out;
	struct sim_buf err;
	bool dry; /* change no file: the fault is "lie" */
	int lock;
};

struct sim_tool {
	const char *name;		   /* as in fault.NAME and NAME.latency_ms */
	const char *path;		   /* in the host tree */
	int (*run)(struct sim_call *call); /* returns the exit code */
	/* The words that faults and latencies may name after the tool; at most SIM_MAX_WORDS. */
	size_t (*words)(int argc, char **argv, const char **words);
	bool
	    any_suffix; /* a fault may also name the last words alone (mlxconfig.query beside mlxconfig.DEVICE.query) */
};

extern const struct sim_tool sim_tools[];
extern const size_t sim_tool_count;

/* NULL if there is none for this file name. */
const struct sim_tool *sim_tool_find(const char *basename);

/* Runs it with its latency and fault, prints, logs; returns the exit code or does not return. */
int sim_tool_run(const struct sim_tool *tool, const char *root, int argc, char **argv);

/* For a handler that waits for a program that calls this host's tools: saves the state and lets go of it, takes it
 * again.
 */
void sim_tool_unlock(struct sim_call *call);
void sim_tool_relock(struct sim_call *call);
/* True if the call was told by a signal to end. */
bool sim_tool_signalled(void);

/* Words for tools without a grammar: all arguments that are no options. */
size_t sim_tool_plain_words(int argc, char **argv, const char **words);

/* The handlers. */
int sim_esxcli(struct sim_call *call);
int sim_localcli(struct sim_call *call);
size_t sim_esxcli_words(int argc, char **argv, const char **words);
int sim_mst(struct sim_call *call);
int sim_mlxconfig(struct sim_call *call);
size_t sim_mlxconfig_words(int argc, char **argv, const char **words);
int sim_vsish(struct sim_call *call);
int sim_vim_cmd(struct sim_call *call);
int sim_esxcfg_module(struct sim_call *call);
int sim_configstorecli(struct sim_call *call);
int sim_lspci(struct sim_call *call);
int sim_logger(struct sim_call *call);
int sim_auto_backup(struct sim_call *call);
int sim_hostd(struct sim_call *call);

#endif
