#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "file_call.h"

#define TICK_MS 200u
#define FDS_MAX 1024	 /* descriptors that a caller may have left open */
#define GIVE_UP_MS 3000u /* after KILL: a process stuck in the kernel is left behind */

enum child_state { CHILD_RUNNING, CHILD_TERMED, CHILD_KILLED };

/* Bytes that a child prints, up to a limit. */
struct stream {
	int fd;	     /* -1: ended */
	char *bytes; /* of malloc: a tool that prints too much must not fill the arena */
	size_t n, room;
	size_t cap;
	bool over;
	uint64_t heard_ms; /* when the last bytes came */
};

struct job {
	const struct hp_call *call;
	unsigned id;
	enum { JOB_WAITING, JOB_RUNNING, JOB_ENDED, JOB_GIVEN } state;
	struct hp_reply reply;
	pid_t pid;
	int status; /* of waitpid, once reaped */
	bool reaped;
	struct stream out, err;
	int exec_fd; /* brings errno when execve failed; closed by a successful one */
	enum child_state child;
	uint64_t not_before_ms;
	uint64_t started_ms, hurry_ms; /* hurry: when TERM or KILL was sent */
	unsigned timeout_ms;
	enum hp_end verdict; /* why it was told to stop */
};

struct host {
	struct hp_door door;
	struct hp_arena *arena;
	struct hp_host_options options;
	const char *root; /* absolute, without a slash at its end; "" for the machine itself */
	struct job *jobs;
	size_t count, room;
	size_t given;
	uint64_t opened_ms, ticked_ms;
	bool abandoned; /* its arena goes away */
};

static volatile sig_atomic_t interrupted;
static bool signals_held;
static int wake_fd[2] = {-1, -1};
/* Of the process, not of a door: what is stuck in the kernel outlives the door that started it. */
static char dead_lanes[8][32];
static size_t dead_lane_count;

static void on_signal(int number)
{
	int saved = errno;
	if (number != SIGCHLD)
		interrupted = number;
	if (write(wake_fd[1], "", 1) < 0)
		errno = saved; /* the pipe is full: the loop will wake anyway */
	errno = saved;
}

void hp_host_release_signals(void)
{
	if (interrupted || wake_fd[1] < 0)
		return;
	int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};
	for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
		struct sigaction now;
		if (sigaction(watched[i], NULL, &now) == 0 && now.sa_handler == on_signal)
			(void)signal(watched[i], SIG_DFL);
	}
}

int hp_host_interrupted(void)
{
	return interrupted;
}

void hp_host_hold_signals(bool hold)
{
	signals_held = hold;
}

bool hp_host_is_esx(void)
{
	struct utsname name;
	return uname(&name) == 0 && strcmp(name.sysname, "VMkernel") == 0;
}

bool hp_host_is_root(void)
{
	return geteuid() == 0;
}

static void set_flags(int fd, bool nonblocking)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (nonblocking)
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int make_pipe(int fd[2])
{
	if (pipe(fd) < 0)
		return -1;
	set_flags(fd[0], true);
	set_flags(fd[1], false);
	return 0;
}

static void job_end(struct job *j, enum hp_end end, int code)
{
	j->reply.end = end;
	j->reply.code = code;
	j->reply.ms = j->started_ms ? (unsigned)(hp_now_ms() - j->started_ms) : 0;
	j->state = JOB_ENDED;
}

/* In the child, between fork and execve: async-signal-safe calls only. */
static void become(const char *path, char *const argv[], int out, int err, int exec_fd)
{
	static char env_path[] = "PATH=/bin:/sbin", env_lang[] = "LANG=en_US.UTF-8";
	char *env[] = {env_path, env_lang, NULL};
	struct sigaction plain;
	memset(&plain, 0, sizeof plain);
	plain.sa_handler = SIG_DFL;
	int reset[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGXFSZ};
	for (size_t i = 0; i < sizeof reset / sizeof reset[0]; i++)
		(void)sigaction(reset[i], &plain, NULL);
	sigset_t none;
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
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
static void job_start_process(struct host *h, struct job *j)
{
	struct hp_arena *a = h->arena;
	const struct hp_call *call = j->call;
	size_t n = 0;
	while (call->argv[n])
		n++;
	char **argv = hp_alloc_array(a, n + 1, sizeof *argv);
	const char *path = hp_format(a, "%s/%s", h->root, call->argv[0]);
	for (size_t i = 0; i < n; i++) {
		const char *word = i ? call->argv[i] : path;
		size_t length = strlen(word);
		argv[i] = hp_alloc(a, length + 1); /* execve wants its words writable */
		memcpy(argv[i], word, length);
	}
	j->out = (struct stream){.fd = -1, .cap = call->cap};
	j->err = (struct stream){.fd = -1, .cap = HP_CAP_SMALL};
	j->exec_fd = -1;

	int out[2] = {-1, -1}, err[2] = {-1, -1}, exec_fd[2] = {-1, -1};
	pid_t pid = -1;
	if (make_pipe(out) == 0 && make_pipe(err) == 0 && make_pipe(exec_fd) == 0) {
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
	close_fd(&out[1]);
	close_fd(&err[1]);
	close_fd(&exec_fd[1]);
	if (pid < 0) {
		close_fd(&out[0]);
		close_fd(&err[0]);
		close_fd(&exec_fd[0]);
		job_end(j, HP_END_NOT_STARTED, code);
		return;
	}
	(void)setpgid(pid, pid); /* also done by the child: whoever comes first */
	j->pid = pid;
	j->out.fd = out[0];
	j->err.fd = err[0];
	j->exec_fd = exec_fd[0];
	j->child = CHILD_RUNNING;
	j->state = JOB_RUNNING;
}

static bool in_lane(const struct job *j, const char *lane)
{
	return lane && j->call->lane && strcmp(j->call->lane, lane) == 0;
}

static bool lane_busy(const struct host *h, const char *lane)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->jobs[i].state == JOB_RUNNING && in_lane(&h->jobs[i], lane))
			return true;
	return false;
}

static void bury_lane(const char *lane)
{
	if (lane && dead_lane_count < sizeof dead_lanes / sizeof dead_lanes[0])
		(void)snprintf(dead_lanes[dead_lane_count++], sizeof dead_lanes[0], "%s", lane);
}

static bool lane_dead(const char *lane)
{
	for (size_t i = 0; lane && i < dead_lane_count; i++)
		if (strcmp(dead_lanes[i], lane) == 0)
			return true;
	return false;
}

static void job_start(struct host *h, struct job *j)
{
	if (lane_dead(j->call->lane)) {
		job_end(j, HP_END_NOT_STARTED, EBUSY);
		return;
	}
	j->started_ms = hp_now_ms();
	j->timeout_ms = j->call->timeout_ms ? j->call->timeout_ms : h->options.timeout_ms;
	j->verdict = HP_END_EXIT;
	if (j->call->kind == HP_CALL_RUN) {
		job_start_process(h, j);
		return;
	}
	hp_file_call(h->arena, h->root, j->call, &j->reply);
	job_end(j, j->reply.end, j->reply.code);
}

static void tell(struct job *j, int number, enum child_state state)
{
	if (kill(-j->pid, number) < 0)
		(void)kill(j->pid, number); /* the group is not there yet */
	j->child = state;
	j->hurry_ms = hp_now_ms();
}

static void job_stop(struct job *j, enum hp_end verdict)
{
	if (j->child != CHILD_RUNNING)
		return;
	j->verdict = verdict;
	tell(j, SIGTERM, CHILD_TERMED);
}

/* Makes room for more; false when the cap is reached or there is no memory, and what comes is then thrown away. */
static bool stream_room(struct stream *s)
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
static struct hp_str stream_take(struct host *h, struct stream *s)
{
	bool wanted = !s->over && !h->abandoned;
	struct hp_str taken = {wanted ? hp_copy(h->arena, (struct hp_str){s->bytes, s->n}) : "", wanted ? s->n : 0};
	free(s->bytes);
	*s = (struct stream){.fd = s->fd, .over = s->over};
	return taken;
}

static void stream_read(struct stream *s)
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
			close_fd(&s->fd);
			return;
		}
		s->heard_ms = hp_now_ms();
		if (room)
			s->n += (size_t)n;
		else
			s->over = true;
	}
}

static int verdict_code(const struct job *j)
{
	return j->verdict == HP_END_TIMEOUT ? (int)((j->timeout_ms + 999) / 1000) : 0;
}

/* The child is ours no more; what it printed is kept. */
static void job_part(struct host *h, struct job *j)
{
	j->pid = 0;
	close_fd(&j->exec_fd);
	close_fd(&j->out.fd);
	close_fd(&j->err.fd);
	j->reply.out = stream_take(h, &j->out);
	j->reply.err = stream_take(h, &j->err);
}

/* The child has ended. Strays in its group are killed while its number is still taken, so that the signal cannot hit
 * somebody else; what they have written so far is read. */
static void job_reap(struct host *h, struct job *j)
{
	if (!j->reaped)
		(void)kill(-j->pid, SIGKILL);
	stream_read(&j->out);
	stream_read(&j->err);

	int code = 0, lost = 0;
	while (!j->reaped && !lost)
		if (waitpid(j->pid, &j->status, 0) == j->pid)
			j->reaped = true;
		else if (errno != EINTR)
			lost = errno; /* how it ended is not known */

	ssize_t n = read(j->exec_fd, &code, sizeof code);
	job_part(h, j);
	if (n == (ssize_t)sizeof code)
		job_end(j, code == ENOENT || code == ENOTDIR ? HP_END_NOT_FOUND : HP_END_NOT_STARTED, code);
	else if (j->verdict != HP_END_EXIT)
		job_end(j, j->verdict, verdict_code(j));
	else if (lost)
		job_end(j, HP_END_NOT_STARTED, lost);
	else if (j->out.over)
		job_end(j, HP_END_TOO_BIG, 0);
	else if (WIFSIGNALED(j->status))
		job_end(j, HP_END_SIGNAL, WTERMSIG(j->status));
	else
		job_end(j, HP_END_EXIT, WEXITSTATUS(j->status));
}

/* True once the child has ended. It is not reaped by asking, so that its number stays taken; where the kernel has no
 * waitid it is. */
static bool job_has_ended(struct job *j)
{
	siginfo_t info;
	memset(&info, 0, sizeof info);
	if (waitid(P_PID, (id_t)j->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return info.si_pid == j->pid;
	if (errno == EINTR)
		return false;
	j->reaped = waitpid(j->pid, &j->status, WNOHANG) == j->pid;
	return j->reaped;
}

/* The grace after TERM is over. That of a patient call begins anew with all that it prints: what is still in its pipes
 * counts, because the door's owner may have been busy with something else. */
static bool must_be_killed(struct job *j, uint64_t now)
{
	unsigned grace = j->call->grace_ms ? j->call->grace_ms : HP_GRACE_MS;
	if (!j->call->patient)
		return now - j->hurry_ms >= grace;
	stream_read(&j->out);
	stream_read(&j->err);
	now = hp_now_ms();
	uint64_t since = j->hurry_ms;
	since = j->out.heard_ms > since ? j->out.heard_ms : since;
	since = j->err.heard_ms > since ? j->err.heard_ms : since;
	return now - since >= grace || now - j->hurry_ms >= HP_PATIENCE_MS;
}

static void job_watch(struct host *h, struct job *j, uint64_t now)
{
	if (job_has_ended(j)) {
		job_reap(h, j);
	} else if (j->child == CHILD_RUNNING) {
		if (j->out.over && !j->call->patient && !j->call->writes)
			job_stop(j, HP_END_TOO_BIG);
		else if (now - j->started_ms >= j->timeout_ms)
			job_stop(j, HP_END_TIMEOUT);
	} else if (j->child == CHILD_TERMED) {
		if (must_be_killed(j, now))
			tell(j, SIGKILL, CHILD_KILLED);
	} else if (now - j->hurry_ms >= GIVE_UP_MS) {
		bury_lane(j->call->lane); /* it is left to init */
		job_part(h, j);
		job_end(j, j->verdict, verdict_code(j));
	}
}

static void cancel_all(struct host *h)
{
	for (size_t i = 0; i < h->count; i++) {
		struct job *j = &h->jobs[i];
		if (j->state == JOB_WAITING)
			job_end(j, HP_END_CANCELLED, 0);
		else if (j->state == JOB_RUNNING && !j->call->writes)
			job_stop(j, HP_END_CANCELLED);
	}
}

static size_t count_running(const struct host *h)
{
	size_t running = 0;
	for (size_t i = 0; i < h->count; i++)
		running += h->jobs[i].state == JOB_RUNNING;
	return running;
}

/* Named lanes come first: they are the long ones, and a call that waits for its lane must not wait for a slot too. */
static struct job *next_to_start(struct host *h)
{
	uint64_t now = hp_now_ms();
	struct job *any = NULL;
	if (count_running(h) >= h->options.jobs)
		return NULL;
	for (size_t i = 0; i < h->count; i++) {
		struct job *j = &h->jobs[i];
		if (j->state != JOB_WAITING || now < j->not_before_ms || lane_busy(h, j->call->lane))
			continue;
		if (j->call->lane)
			return j;
		any = any ? any : j;
	}
	return any;
}

static void report_progress(struct host *h, uint64_t now)
{
	if (!h->options.progress || now - h->ticked_ms < TICK_MS)
		return;
	h->ticked_ms = now;
	struct hp_progress p = {.all = (unsigned)h->count, .elapsed_ms = (unsigned)(now - h->opened_ms)};
	for (size_t i = 0; i < h->count; i++) {
		const struct job *j = &h->jobs[i];
		if (j->state == JOB_ENDED || j->state == JOB_GIVEN)
			p.done++;
		if (j->state == JOB_RUNNING && now - j->started_ms >= p.oldest_ms) {
			p.oldest_ms = (unsigned)(now - j->started_ms);
			p.oldest = j->call;
		}
	}
	h->options.progress(h->options.context, &p);
}

static void wait_a_little(struct host *h)
{
	struct pollfd fds[1 + 2 * 64];
	struct stream *streams[1 + 2 * 64];
	nfds_t n = 1;
	fds[0] = (struct pollfd){.fd = wake_fd[0], .events = POLLIN};
	for (size_t i = 0; i < h->count && n + 2 <= sizeof fds / sizeof fds[0]; i++) {
		struct job *j = &h->jobs[i];
		struct stream *both[2] = {&j->out, &j->err};
		for (int k = 0; k < 2 && j->state == JOB_RUNNING; k++)
			if (both[k]->fd >= 0) {
				streams[n] = both[k];
				fds[n++] = (struct pollfd){.fd = both[k]->fd, .events = POLLIN};
			}
	}
	if (poll(fds, n, (int)TICK_MS) <= 0)
		return;
	if (fds[0].revents) {
		char drain[64];
		while (read(wake_fd[0], drain, sizeof drain) > 0)
			;
	}
	for (nfds_t i = 1; i < n; i++)
		if (fds[i].revents)
			stream_read(streams[i]);
}

static bool host_wait(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret_reply)
{
	struct host *h = (struct host *)door;
	while (h->given < h->count) {
		uint64_t now = hp_now_ms();
		if ((interrupted && !signals_held) || now - h->opened_ms >= h->options.deadline_ms)
			cancel_all(h);
		for (struct job *j = next_to_start(h); j; j = next_to_start(h))
			job_start(h, j);
		now = hp_now_ms(); /* never before a job's own times: the differences are unsigned */
		for (size_t i = 0; i < h->count; i++) {
			struct job *j = &h->jobs[i];
			if (j->state == JOB_RUNNING)
				job_watch(h, j, now);
			if (j->state != JOB_ENDED)
				continue;
			j->state = JOB_GIVEN;
			h->given++;
			if (h->options.ended)
				h->options.ended(h->options.context, j->call, &j->reply);
			*ret_id = j->id;
			*ret_reply = j->reply;
			return true;
		}
		report_progress(h, now);
		wait_a_little(h);
	}
	return false;
}

static void host_submit(struct hp_door *door, const struct hp_call *call, unsigned id)
{
	struct host *h = (struct host *)door;
	if (h->count == h->room) {
		h->room = h->room ? h->room * 2 : 32;
		h->jobs = hp_grow(h->arena, h->jobs, h->count, h->room, sizeof *h->jobs);
	}
	uint64_t not_before_ms = call->delay_ms ? hp_now_ms() + call->delay_ms : 0;
	h->jobs[h->count++] =
	    (struct job){.call = call, .id = id, .state = JOB_WAITING, .exec_fd = -1, .not_before_ms = not_before_ms};
}

/* The run ended early (out of memory): no child outlives it, unless it is stuck in the kernel, and what writes is ended
 * by its own time limit here too. */
static void host_abandon(void *what)
{
	struct host *h = what;
	h->abandoned = true;
	for (size_t i = 0; i < h->count; i++)
		if (h->jobs[i].state == JOB_RUNNING && !h->jobs[i].pid) { /* memory ran out while it was reaped */
			(void)stream_take(h, &h->jobs[i].out);
			(void)stream_take(h, &h->jobs[i].err);
			job_end(&h->jobs[i], HP_END_CANCELLED, 0);
		}
	cancel_all(h);
	while (count_running(h)) {
		wait_a_little(h);
		uint64_t now = hp_now_ms();
		for (size_t i = 0; i < h->count; i++)
			if (h->jobs[i].state == JOB_RUNNING)
				job_watch(h, &h->jobs[i], now);
	}
	for (int i = 0; i < 2; i++)
		close_fd(&wake_fd[i]);
}

static int watch_signals(struct hp_err *err)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_NOCLDSTOP | SA_RESTART;
	close_fd(&wake_fd[0]);
	close_fd(&wake_fd[1]);
	if (make_pipe(wake_fd) < 0)
		return hp_fail(err, "cannot make a pipe: %s", strerror(errno));
	set_flags(wake_fd[1], true);
	int watched[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};
	for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
		struct sigaction before;
		bool nohup =
		    watched[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
		if (!nohup)
			(void)sigaction(watched[i], &action, NULL);
	}
	/* What the caller left open is not for the tools. */
	for (int fd = 3; fd < FDS_MAX; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

bool hp_host_root_is_there(const char *root)
{
	struct stat st;
	return stat(root, &st) == 0 && S_ISDIR(st.st_mode);
}

int hp_host_door(struct hp_arena *a, const struct hp_host_options *options, struct hp_door **ret, struct hp_err *err)
{
	struct host *h = hp_alloc(a, sizeof *h);
	h->arena = a;
	h->options = *options;
	h->root = "";
	if (h->options.jobs > 64)
		h->options.jobs = 64;
	if (options->root && strcmp(options->root, "/") != 0) {
		char here[4096];
		if (options->root[0] == '/')
			h->root = options->root;
		else if (getcwd(here, sizeof here))
			h->root = hp_format(a, "%s/%s", here, options->root);
		else
			return hp_fail(err, "--root %s: cannot tell the current directory", options->root);
	}
	if (watch_signals(err) < 0)
		return -1;
	h->opened_ms = hp_now_ms();
	h->door.submit = host_submit;
	h->door.wait = host_wait;
	hp_defer(a, host_abandon, h);
	*ret = &h->door;
	return 0;
}
