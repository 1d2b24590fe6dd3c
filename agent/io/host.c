#include "host.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "fd.h"
#include "file_call.h"
#include "http.h"
#include "signals.h"

#define TICK_MS 200u
#define JOBS_MAX 64u /* children side by side */

struct job {
	const struct hp_call *call;
	unsigned id;
	enum { JOB_WAITING, JOB_RUNNING, JOB_ENDED, JOB_GIVEN } state;
	struct hp_reply reply;
	struct hp_child child; /* RUN */
	uint64_t not_before_ms, started_ms;
};

struct host {
	struct hp_door door;
	struct hp_arena *arena;
	struct hp_host_options options;
	const char *root; /* absolute, without a slash at its end; "" for the machine itself */
	struct hp_web *web;
	struct job *jobs;
	size_t count, room;
	size_t given;
	uint64_t opened_ms, ticked_ms;
	bool abandoned; /* its arena goes away */
};

/* Of the process, not of a door: what is stuck in the kernel outlives the door that started it. */
static char dead_lanes[8][32];
static size_t dead_lane_count;

bool hp_host_is_esx(void)
{
	struct utsname name;
	return uname(&name) == 0 && strcmp(name.sysname, "VMkernel") == 0;
}

bool hp_host_is_root(void)
{
	return geteuid() == 0;
}

static void job_end(struct job *j, enum hp_end end, int code)
{
	j->reply.end = end;
	j->reply.code = code;
	j->reply.ms = j->started_ms ? (unsigned)(hp_now_ms() - j->started_ms) : 0;
	j->state = JOB_ENDED;
}

static bool runs(const struct job *j, enum hp_call_kind kind)
{
	return j->state == JOB_RUNNING && j->call->kind == kind;
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
	if (j->call->kind == HP_CALL_HTTP) {
		if (hp_web_start(h->web, j->call, (unsigned)(j - h->jobs), &j->reply))
			j->state = JOB_RUNNING;
		else
			job_end(j, j->reply.end, j->reply.code);
		return;
	}
	if (j->call->kind != HP_CALL_RUN) {
		hp_file_call(h->arena, h->root, j->call, &j->reply);
		job_end(j, j->reply.end, j->reply.code);
		return;
	}
	unsigned timeout_ms = j->call->timeout_ms ? j->call->timeout_ms : h->options.timeout_ms;
	int code = hp_child_start(h->arena, h->root, j->call, timeout_ms, &j->child);
	if (code)
		job_end(j, HP_END_NOT_STARTED, code);
	else
		j->state = JOB_RUNNING;
}

static void job_watch(struct host *h, struct job *j)
{
	enum hp_child_news news = hp_child_watch(&j->child, h->abandoned ? NULL : h->arena, &j->reply);
	if (news == HP_CHILD_IS_STUCK)
		bury_lane(j->call->lane); /* it is left to init */
	if (news != HP_CHILD_GOES_ON)
		job_end(j, j->reply.end, j->reply.code);
}

static void cancel_all(struct host *h)
{
	for (size_t i = 0; i < h->count; i++) {
		struct job *j = &h->jobs[i];
		if (j->state == JOB_WAITING)
			job_end(j, HP_END_CANCELLED, 0);
		else if (runs(j, HP_CALL_RUN) && !j->call->writes)
			hp_child_stop(&j->child, HP_END_CANCELLED);
		else if (runs(j, HP_CALL_HTTP) && !j->call->writes)
			hp_web_stop(h->web, (unsigned)i, HP_END_CANCELLED);
	}
}

/* What was said over HTTP since. */
static void take_answers(struct host *h)
{
	struct hp_reply reply;
	unsigned i;
	while (hp_web_ended(h->web, h->abandoned ? NULL : h->arena, &i, &reply)) {
		h->jobs[i].reply = reply;
		job_end(&h->jobs[i], reply.end, reply.code);
	}
}

static size_t count_children(const struct host *h)
{
	size_t children = 0;
	for (size_t i = 0; i < h->count; i++)
		children += runs(&h->jobs[i], HP_CALL_RUN);
	return children;
}

static bool any_runs(const struct host *h)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->jobs[i].state == JOB_RUNNING)
			return true;
	return false;
}

/* Named lanes come first: they are the long ones, and a call that waits for its lane must not wait for a slot too. */
static struct job *next_to_start(struct host *h)
{
	uint64_t now = hp_now_ms();
	struct job *any = NULL;
	bool full = count_children(h) >= h->options.jobs;
	for (size_t i = 0; i < h->count; i++) {
		struct job *j = &h->jobs[i];
		if (j->state != JOB_WAITING || now < j->not_before_ms || lane_busy(h, j->call->lane))
			continue;
		if (full && j->call->kind != HP_CALL_HTTP)
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
	struct pollfd fds[1 + 2 * JOBS_MAX];
	nfds_t n = 1;
	fds[0] = (struct pollfd){.fd = hp_signals_wake_fd(), .events = POLLIN};
	for (size_t i = 0; i < h->count && n + 2 <= sizeof fds / sizeof fds[0]; i++) {
		const struct hp_child *c = &h->jobs[i].child;
		int both[2] = {c->out.fd, c->err.fd};
		for (int k = 0; k < 2 && runs(&h->jobs[i], HP_CALL_RUN); k++)
			if (both[k] >= 0)
				fds[n++] = (struct pollfd){.fd = both[k], .events = POLLIN};
	}
	if (hp_web_busy(h->web)) {
		hp_web_poll(h->web, fds, n, (int)TICK_MS);
		take_answers(h);
	} else if (poll(fds, n, (int)TICK_MS) <= 0) {
		return;
	}
	if (fds[0].revents)
		hp_signals_drain();
	for (size_t i = 0; i < h->count; i++)
		if (runs(&h->jobs[i], HP_CALL_RUN))
			hp_child_listen(&h->jobs[i].child);
}

static bool host_wait(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret_reply)
{
	struct host *h = (struct host *)door;
	while (h->given < h->count) {
		uint64_t now = hp_now_ms();
		if (hp_signals_cancel() || now - h->opened_ms >= h->options.deadline_ms)
			cancel_all(h);
		for (struct job *j = next_to_start(h); j; j = next_to_start(h))
			job_start(h, j);
		for (size_t i = 0; i < h->count; i++) {
			struct job *j = &h->jobs[i];
			if (runs(j, HP_CALL_RUN))
				job_watch(h, j);
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
		report_progress(h, hp_now_ms());
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
	    (struct job){.call = call, .id = id, .state = JOB_WAITING, .not_before_ms = not_before_ms};
}

/* The run ended early (out of memory): no child outlives it, unless it is stuck in the kernel, and what writes is ended
 * by its own time limit here too. */
static void host_abandon(void *what)
{
	struct host *h = what;
	h->abandoned = true;
	for (size_t i = 0; i < h->count; i++)
		if (runs(&h->jobs[i], HP_CALL_RUN) && !h->jobs[i].child.pid) { /* memory ran out while it was reaped */
			hp_child_forget(&h->jobs[i].child);
			job_end(&h->jobs[i], HP_END_CANCELLED, 0);
		}
	cancel_all(h);
	while (any_runs(h)) {
		wait_a_little(h);
		for (size_t i = 0; i < h->count; i++)
			if (runs(&h->jobs[i], HP_CALL_RUN))
				job_watch(h, &h->jobs[i]);
	}
	hp_signals_end();
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
	if (h->options.jobs > JOBS_MAX)
		h->options.jobs = JOBS_MAX;
	if (options->root && strcmp(options->root, "/") != 0) {
		char here[4096];
		if (options->root[0] == '/')
			h->root = options->root;
		else if (getcwd(here, sizeof here))
			h->root = hp_format(a, "%s/%s", here, options->root);
		else
			return hp_fail(err, "--root %s: cannot tell the current directory", options->root);
	}
	if (hp_signals_watch(err) < 0)
		return -1;
	hp_fds_keep(); /* what the caller left open */
	h->opened_ms = hp_now_ms();
	h->door.submit = host_submit;
	h->door.wait = host_wait;
	h->web = hp_web_open(a, h->root); /* first: what writes is waited for, then sessions are ended */
	hp_defer(a, host_abandon, h);
	*ret = &h->door;
	return 0;
}
