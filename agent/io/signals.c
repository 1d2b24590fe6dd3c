#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "host.h"

static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};
#define INTERRUPTS (sizeof interrupts / sizeof interrupts[0])

static volatile sig_atomic_t interrupted;
static bool held;
static int wake_fd[2] = {-1, -1};

static void on_signal(int number)
{
	int saved = errno;
	if (number != SIGCHLD)
		interrupted = number;
	if (write(wake_fd[1], "", 1) < 0)
		errno = saved; /* the pipe is full: the loop will wake anyway */
	errno = saved;
}

int hp_signals_watch(struct hp_err *err)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_NOCLDSTOP | SA_RESTART;
	hp_signals_end();
	if (hp_pipe(wake_fd) < 0)
		return hp_fail(err, "cannot make a pipe: %s", strerror(errno));
	hp_fd_unblock(wake_fd[1]);
	(void)sigaction(SIGCHLD, &action, NULL);
	for (size_t i = 0; i < INTERRUPTS; i++) {
		struct sigaction before;
		bool nohup =
		    interrupts[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
		if (!nohup)
			(void)sigaction(interrupts[i], &action, NULL);
	}
	return 0;
}

int hp_signals_wake_fd(void)
{
	return wake_fd[0];
}

void hp_signals_drain(void)
{
	char drain[64];
	while (read(wake_fd[0], drain, sizeof drain) > 0)
		;
}

void hp_signals_end(void)
{
	for (int i = 0; i < 2; i++)
		hp_fd_close(&wake_fd[i]);
}

bool hp_signals_cancel(void)
{
	return interrupted && !held;
}

void hp_signals_reset_child(void)
{
	struct sigaction plain;
	sigset_t none;
	memset(&plain, 0, sizeof plain);
	plain.sa_handler = SIG_DFL;
	static const int others[] = {SIGCHLD, SIGPIPE, SIGXFSZ};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		(void)sigaction(others[i], &plain, NULL);
	for (size_t i = 0; i < INTERRUPTS; i++)
		(void)sigaction(interrupts[i], &plain, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void hp_host_release_signals(void)
{
	if (interrupted || wake_fd[1] < 0)
		return;
	for (size_t i = 0; i < INTERRUPTS; i++) {
		struct sigaction now;
		if (sigaction(interrupts[i], NULL, &now) == 0 && now.sa_handler == on_signal)
			(void)signal(interrupts[i], SIG_DFL);
	}
}

int hp_host_interrupted(void)
{
	return interrupted;
}

void hp_host_hold_signals(bool hold)
{
	held = hold;
}
