#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "signals.h"

/* In the child, between fork and execve: async-signal-safe calls only. */
static void become(const char *path, char *const argv[], int out, int err, int exec_fd)
{
	static char env_path[] = "PATH=/bin:/sbin", env_lang[] = "LANG=en_US.UTF-8";
	char *env[] = {env_path, env_lang, NULL};
	hp_signals_reset_child();
	(void)setpgid(0, 0);
	int null = open("/dev/null", O_RDONLY);
	if (null >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 && chdir("/") == 0) {
		if (null > 2)
			(void)close(null);
		(void)execve(path, argv, env);
	}
	int code = errno;
	if (write(exec_fd, &code, sizeof code) < 0)
		_exit(126);
	_exit(127);
}

/* Everything that needs memory is taken before the fork, so that running out cannot happen with a child at hand. */
int hp_child_start(struct hp_arena *a, const char *root, const struct hp_call *call, unsigned timeout_ms,
		   struct hp_child *ret)
{
	size_t n = 0;
	while (call->argv[n])
		n++;
	char **argv = hp_alloc_array(a, n + 1, sizeof *argv);
	const char *path = hp_format(a, "%s/%s", root, call->argv[0]);
	for (size_t i = 0; i < n; i++) {
		const char *word = i ? call->argv[i] : path;
		size_t length = strlen(word);
		argv[i] = hp_alloc(a, length + 1); /* execve wants its words writable */
		memcpy(argv[i], word, length);
	}
	*ret = (struct hp_child){.call = call,
				 .out = {.fd = -1, .cap = call->cap},
				 .err = {.fd = -1, .cap = HP_CAP_SMALL},
				 .exec_fd = -1,
				 .timeout_ms = timeout_ms,
				 .started_ms = hp_now_ms(),
				 .verdict = HP_END_EXIT};
	int out[2] = {-1, -1}, err[2] = {-1, -1}, exec_fd[2] = {-1, -1};
	pid_t pid = -1;
	if (hp_pipe(out) == 0 && hp_pipe(err) == 0 && hp_pipe(exec_fd) == 0) {
		/* The memory group of SSH sessions on ESX is small: fork may fail for a moment. */
		for (int tries = 0; tries < 5; tries++) {
			pid = fork();
			if (pid >= 0 || (errno != EAGAIN && errno != ENOMEM))
				break;
			(void)poll(NULL, 0, 100);
		}
	}
	int code = errno;
	if (pid == 0)
		become(path, argv, out[1], err[1], exec_fd[1]);
	hp_fd_close(&out[1]);
	hp_fd_close(&err[1]);
	hp_fd_close(&exec_fd[1]);
	if (pid < 0) {
		hp_fd_close(&out[0]);
		hp_fd_close(&err[0]);
		hp_fd_close(&exec_fd[0]);
		return code ? code : EAGAIN;
	}
	(void)setpgid(pid, pid); /* also done by the child: whoever comes first */
	ret->pid = pid;
	ret->out.fd = out[0];
	ret->err.fd = err[0];
	ret->exec_fd = exec_fd[0];
	return 0;
}

static void tell(struct hp_child *c, int number, unsigned state)
{
	if (kill(-c->pid, number) < 0)
		(void)kill(c->pid, number); /* the group is not there yet */
	c->state = state;
	c->hurry_ms = hp_now_ms();
}

void hp_child_stop(struct hp_child *c, enum hp_end verdict)
{
	if (c->state != HP_CHILD_RUNNING)
		return;
	c->verdict = verdict;
	tell(c, SIGTERM, HP_CHILD_TERMED);
}

/* Makes room for more; false when the cap is reached or there is no memory, and what comes is then thrown away. */
static bool stream_room(struct hp_stream *s)
{
	if (s->n < s->room)
		return true;
	size_t room = s->room ? s->room * 2 : 4096;
	room = room < s->cap ? room : s->cap;
	char *bytes = room > s->room ? realloc(s->bytes, room) : NULL;
	if (!bytes)
		return false;
	s->bytes = bytes;
	s->room = room;
	return true;
}

/* The bytes move into the arena, but for those that nobody reads: of a stream that was too long, of a run that is given
 * up. */
static struct hp_str stream_take(struct hp_arena *a, struct hp_stream *s)
{
	bool wanted = a && !s->over;
	struct hp_str taken = {wanted ? hp_copy(a, (struct hp_str){s->bytes, s->n}) : "", wanted ? s->n : 0};
	free(s->bytes);
	*s = (struct hp_stream){.fd = s->fd, .over = s->over};
	return taken;
}

static void stream_read(struct hp_stream *s)
{
	char drain[4096];
	for (int i = 0; s->fd >= 0 && i < 64; i++) {
		bool room = stream_room(s);
		ssize_t n = room ? read(s->fd, s->bytes + s->n, s->room - s->n) : read(s->fd, drain, sizeof drain);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n <= 0) {
			hp_fd_close(&s->fd);
			return;
		}
		s->heard_ms = hp_now_ms();
		if (room)
			s->n += (size_t)n;
		else
			s->over = true;
	}
}

void hp_child_listen(struct hp_child *c)
{
	stream_read(&c->out);
	stream_read(&c->err);
}

static void say(struct hp_reply *reply, enum hp_end end, int code)
{
	reply->end = end;
	reply->code = code;
}

static void say_verdict(const struct hp_child *c, struct hp_reply *reply)
{
	say(reply, c->verdict, c->verdict == HP_END_TIMEOUT ? (int)((c->timeout_ms + 999) / 1000) : 0);
}

/* The child is ours no more; what it printed is kept. */
static void part(struct hp_child *c, struct hp_arena *a, struct hp_reply *reply)
{
	c->pid = 0;
	hp_fd_close(&c->exec_fd);
	hp_fd_close(&c->out.fd);
	hp_fd_close(&c->err.fd);
	reply->out = stream_take(a, &c->out);
	reply->err = stream_take(a, &c->err);
}

/* The child has ended. Strays in its group are killed while its number is still taken, so that the signal cannot hit
 * somebody else; what they have written so far is read. */
static void reap(struct hp_child *c, struct hp_arena *a, struct hp_reply *reply)
{
	if (!c->reaped)
		(void)kill(-c->pid, SIGKILL);
	hp_child_listen(c);

	int code = 0, lost = 0;
	while (!c->reaped && !lost)
		if (waitpid(c->pid, &c->status, 0) == c->pid)
			c->reaped = true;
		else if (errno != EINTR)
			lost = errno; /* how it ended is not known */

	ssize_t n = read(c->exec_fd, &code, sizeof code);
	part(c, a, reply);
	if (n == (ssize_t)sizeof code)
		say(reply, code == ENOENT || code == ENOTDIR ? HP_END_NOT_FOUND : HP_END_NOT_STARTED, code);
	else if (c->verdict != HP_END_EXIT)
		say_verdict(c, reply);
	else if (lost)
		say(reply, HP_END_NOT_STARTED, lost);
	else if (c->out.over)
		say(reply, HP_END_TOO_BIG, 0);
	else if (WIFSIGNALED(c->status))
		say(reply, HP_END_SIGNAL, WTERMSIG(c->status));
	else
		say(reply, HP_END_EXIT, WEXITSTATUS(c->status));
}

/* True once the child has ended. It is not reaped by asking, so that its number stays taken; where the kernel has no
 * waitid it is. */
static bool has_ended(struct hp_child *c)
{
	siginfo_t info;
	memset(&info, 0, sizeof info);
	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return info.si_pid == c->pid;
	if (errno == EINTR)
		return false;
	c->reaped = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
	return c->reaped;
}

/* The grace after TERM is over. That of a patient call begins anew with all that it prints: what is still in its pipes
 * counts, because the door's owner may have been busy with something else. */
static bool must_be_killed(struct hp_child *c)
{
	unsigned grace = c->call->grace_ms ? c->call->grace_ms : HP_GRACE_MS;
	if (!c->call->patient)
		return hp_now_ms() - c->hurry_ms >= grace;
	hp_child_listen(c);
	uint64_t now = hp_now_ms(), since = c->hurry_ms;
	since = c->out.heard_ms > since ? c->out.heard_ms : since;
	since = c->err.heard_ms > since ? c->err.heard_ms : since;
	return now - since >= grace || now - c->hurry_ms >= HP_PATIENCE_MS;
}

enum hp_child_news hp_child_watch(struct hp_child *c, struct hp_arena *a, struct hp_reply *ret)
{
	if (has_ended(c)) {
		reap(c, a, ret);
		return HP_CHILD_HAS_ENDED;
	}
	uint64_t now = hp_now_ms(); /* never before the child's own times: the differences are unsigned */
	if (c->state == HP_CHILD_RUNNING) {
		if (c->out.over && !c->call->patient && !c->call->writes)
			hp_child_stop(c, HP_END_TOO_BIG);
		else if (now - c->started_ms >= c->timeout_ms)
			hp_child_stop(c, HP_END_TIMEOUT);
	} else if (c->state == HP_CHILD_TERMED) {
		if (must_be_killed(c))
			tell(c, SIGKILL, HP_CHILD_KILLED);
	} else if (now - c->hurry_ms >= HP_GIVE_UP_MS) {
		part(c, a, ret);
		say_verdict(c, ret);
		return HP_CHILD_IS_STUCK;
	}
	return HP_CHILD_GOES_ON;
}

void hp_child_forget(struct hp_child *c)
{
	(void)stream_take(NULL, &c->out);
	(void)stream_take(NULL, &c->err);
}
