/* One child process: started, listened to, told to stop, reaped. What it is given is told in host.h. */
#ifndef HP_IO_CHILD_H
#define HP_IO_CHILD_H

#include <sys/types.h>

#include "call.h"

#define HP_GIVE_UP_MS 3000u /* after KILL: a process stuck in the kernel is left behind */

/* Bytes that a child prints, up to a limit. */
struct hp_stream {
	int fd;	     /* -1: ended */
	char *bytes; /* of malloc: a tool that prints too much must not fill the arena */
	size_t n, room;
	size_t cap;
	bool over;
	uint64_t heard_ms; /* when the last bytes came */
};

struct hp_child {
	const struct hp_call *call;
	pid_t pid;  /* 0: it is ours no more */
	int status; /* of waitpid, once reaped */
	bool reaped;
	struct hp_stream out, err;
	int exec_fd; /* brings errno when execve failed; closed by a successful one */
	enum { HP_CHILD_RUNNING, HP_CHILD_TERMED, HP_CHILD_KILLED } state;
	uint64_t started_ms, hurry_ms; /* hurry: when TERM or KILL was sent */
	unsigned timeout_ms;
	enum hp_end verdict; /* why it was told to stop; EXIT: it was not */
};

enum hp_child_news { HP_CHILD_GOES_ON, HP_CHILD_HAS_ENDED, HP_CHILD_IS_STUCK };

/* Starts call->argv below root. Returns 0, or an errno when there is no child. Memory is taken before the fork only. */
int hp_child_start(struct hp_arena *a, const char *root, const struct hp_call *call, unsigned timeout_ms,
		   struct hp_child *ret);
/* Reads what there is to read. */
void hp_child_listen(struct hp_child *c);
/* TERM, unless it has been told already; KILL follows when the grace is over. */
void hp_child_stop(struct hp_child *c, enum hp_end verdict);
/* Looks after it, and fills the reply (but its ms) when it has ended or was given up. a is NULL when nobody reads what
 * it printed: the arena goes away. */
enum hp_child_news hp_child_watch(struct hp_child *c, struct hp_arena *a, struct hp_reply *ret);
/* Frees what it printed: memory ran out while it was reaped. */
void hp_child_forget(struct hp_child *c);

#endif
