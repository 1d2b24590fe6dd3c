/* Signals: what interrupts a run, and what wakes the loop that waits for children. Of the process, not of a door. */
#ifndef HP_IO_SIGNALS_H
#define HP_IO_SIGNALS_H

#include <stdbool.h>

#include "../base/err.h"

/* From here on SIGCHLD wakes the loop, and SIGINT, SIGTERM, SIGHUP (unless ignored by the caller: nohup), SIGQUIT,
 * SIGUSR1, SIGUSR2 and SIGALRM interrupt the run. May be called again. -1: there is no pipe. */
int hp_signals_watch(struct hp_err *err);
/* The descriptor that becomes readable with each signal; -1 when nobody watches. */
int hp_signals_wake_fd(void);
/* Reads it empty. */
void hp_signals_drain(void);
/* Closes it. */
void hp_signals_end(void);
/* A signal has come, and nobody holds them (host.h). */
bool hp_signals_cancel(void);
/* In a child, between fork and execve: everything back to what it usually does. Async-signal-safe. */
void hp_signals_reset_child(void);

/* host.h: hp_host_release_signals, hp_host_interrupted, hp_host_hold_signals are here too. */

#endif
