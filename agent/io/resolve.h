/* A name's addresses, looked up by a child process: musl's resolver cannot be interrupted, a child can be ended. */
#ifndef HP_IO_RESOLVE_H
#define HP_IO_RESOLVE_H

#include <sys/types.h>

#include "../base/str.h"

#define HP_RESOLVE_ADDRESSES 8 /* more are left out */

struct hp_resolve {
	pid_t pid; /* 0: there is none */
	int fd;	   /* becomes readable when it has an answer; -1: closed */
	size_t n;
	char text[HP_RESOLVE_ADDRESSES * 64]; /* "192.0.2.7,[2001:db8::7]" */
};

enum hp_resolve_news { HP_RESOLVE_GOES_ON, HP_RESOLVE_HAS_IT, HP_RESOLVE_HAS_NONE };

/* Returns 0 or an errno. */
int hp_resolve_start(struct hp_resolve *r, const char *name);
/* Never blocks. Once it is something else than GOES_ON the child is gone, and `text` holds the addresses, or none. */
enum hp_resolve_news hp_resolve_watch(struct hp_resolve *r);
/* Ends the child, if there is one. */
void hp_resolve_stop(struct hp_resolve *r);

#endif
