/* The real door: processes and files of a host tree, and exchanges with its BMC (http.h). One thread, one poll loop.
 *
 * It uses only system calls that VMkernel has or is likely to have (fork, execve, pipe, fcntl, poll, waitpid): the
 * userworld kernel is not Linux (golang/go 73350: epoll_pwait is ENOSYS on ESXi 7.0).
 *
 * A child gets: argv as given with the root put before argv[0], PATH=/bin:/sbin and LANG=en_US.UTF-8 (esxcli executes
 * itself a second time when LANG is unset), / as its directory, /dev/null as stdin, a process group of its own, no
 * other descriptor. What it leaves running in its group is killed before it is reaped. A lane whose tool could not be
 * ended (it is stuck in the kernel) takes no further call: they end as not started, EBUSY.
 *
 * While an exchange with the BMC is on its way curl_multi_poll takes poll's place; a run without one does not touch
 * curl.
 */
#ifndef HP_IO_HOST_H
#define HP_IO_HOST_H

#include "../base/err.h"
#include "door.h"

/* What a run is waiting for; `oldest` is the call that has been running longest, NULL if none runs. */
struct hp_progress {
	unsigned done, all;  /* calls */
	unsigned elapsed_ms; /* of the run */
	unsigned oldest_ms;  /* of `oldest` */
	const struct hp_call *oldest;
};

struct hp_host_options {
	const char *root;     /* NULL or "/": the machine itself */
	unsigned jobs;	      /* calls that may run side by side; an exchange with the BMC is none of them */
	unsigned timeout_ms;  /* for a call that names none */
	unsigned deadline_ms; /* for everything, from the door's opening */
	void (*progress)(void *context, const struct hp_progress *progress); /* about 5 times a second; may be NULL */
	void (*ended)(void *context, const struct hp_call *call, const struct hp_reply *reply); /* may be NULL */
	void *context;
};

/* True when root names a directory. */
bool hp_host_root_is_there(const char *root);
/* Opens the door. -1 when that cannot be done. From here on SIGINT, SIGTERM and SIGHUP end the running calls; every
 * call not yet answered then comes back as cancelled. */
int hp_host_door(struct hp_arena *a, const struct hp_host_options *options, struct hp_door **ret, struct hp_err *err);
/* Gives SIGINT, SIGTERM and SIGHUP their usual meaning back, when nothing is left to end: a reader that does not take
 * the report must not keep the program. */
void hp_host_release_signals(void);
/* The number of the signal that interrupted the run, or 0. */
int hp_host_interrupted(void);
/* While held, a signal is noted (hp_host_interrupted tells) and ends no call: whoever changes a host finishes what is
 * in hand, closes its journal and reads back what it has done. */
void hp_host_hold_signals(bool hold);

/* True when this machine's kernel is ESX's (uname says "VMkernel"). */
bool hp_host_is_esx(void);
bool hp_host_is_root(void);

#endif
