/* The real door against tools that misbehave. Machines are slow at times: nothing here depends on a short time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../agent/io/clock.h"
#include "../../agent/io/file.h"
#include "../../agent/io/host.h"
#include "unit.h"

#define LONG_MS 60000u /* longer than any test may take */

long syscall(long number, ...);

/* A tool that is stuck in the kernel: no KILL ends it. */
static bool kill_does_nothing;
static pid_t spared;

int kill(pid_t pid, int number)
{
	if (kill_does_nothing && number == SIGKILL) {
		spared = pid < 0 ? -pid : pid;
		return 0;
	}
	return (int)syscall(SYS_kill, (long)pid, (long)number);
}

static char root[] = "/tmp/hostprep-door-XXXXXX";

static const char *place(struct hp_arena *a, const char *name)
{
	return hp_format(a, "%s/%s", root, name);
}

static int make_root(void **state)
{
	char path[128];
	(void)state;
	if (!mkdtemp(root))
		return -1;
	(void)snprintf(path, sizeof path, "%s/bin", root);
	if (mkdir(path, 0755) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/bin/esxcli", root);
	if (symlink(MISBEHAVE, path) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/bin/locked", root);
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	(void)snprintf(path, sizeof path, "%s/bin/no-program", root);
	int other = open(path, O_WRONLY | O_CREAT, 0755);
	return fd < 0 || other < 0 || close(fd) < 0 || close(other) < 0 ? -1 : 0;
}

static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		char name[512];
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if (unlink(name) < 0)
			remove_all(name);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(path);
}

static int remove_root(void **state)
{
	(void)state;
	remove_all(root);
	return 0;
}

static struct hp_host_options usual(void)
{
	return (struct hp_host_options){.root = root, .jobs = 8, .timeout_ms = LONG_MS, .deadline_ms = LONG_MS};
}

static struct hp_door *open_door(struct hp_arena *a, const struct hp_host_options *o)
{
	struct hp_door *door;
	struct hp_err err;
	if (hp_host_door(a, o, &door, &err) < 0)
		fail_msg("%s", err.text);
	return door;
}

static struct hp_call *tool(struct hp_arena *a, const char *what, const char *one, const char *two)
{
	const char **argv = hp_alloc_array(a, 5, sizeof *argv);
	struct hp_call *call = hp_alloc(a, sizeof *call);
	argv[0] = "bin/esxcli";
	argv[1] = what;
	argv[2] = one;
	argv[3] = one ? two : NULL;
	call->kind = HP_CALL_RUN;
	call->argv = argv;
	call->cap = HP_CAP_SMALL;
	return call;
}

static struct hp_reply run_with(struct hp_arena *a, const struct hp_host_options *o, const struct hp_call *call)
{
	struct hp_door *door = open_door(a, o);
	struct hp_reply reply;
	unsigned id;
	door->submit(door, call, 7);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 7);
	unsigned again;
	struct hp_reply more;
	assert_false(door->wait(door, &again, &more));
	return reply;
}

static struct hp_reply run(struct hp_arena *a, const struct hp_call *call)
{
	struct hp_host_options o = usual();
	return run_with(a, &o, call);
}

/* ---- how calls end ---- */

static void a_call_that_hangs_is_told_to_end(void **state)
{
	struct hp_arena *a = *state;
	struct hp_call *call = tool(a, "hang", NULL, NULL);
	call->timeout_ms = 300;
	call->grace_ms = LONG_MS; /* TERM must do */
	struct hp_reply r = run(a, call);
	assert_int_equal(r.end, HP_END_TIMEOUT);
	assert_int_equal(r.code, 1); /* seconds, rounded up */
	assert_true(r.ms >= 300 && r.ms < LONG_MS);
}

static void a_call_that_ignores_that_is_killed(void **state)
{
	struct hp_arena *a = *state;
	struct hp_call *call = tool(a, "hang-ignoring-term", NULL, NULL);
	call->timeout_ms = 500;
	call->grace_ms = 300;
	struct hp_reply r = run(a, call);
	assert_int_equal(r.end, HP_END_TIMEOUT);
	assert_true(r.ms >= 800 && r.ms < LONG_MS);
	assert_str(a, r.out, "ignoring\n"); /* what it said until then */
}

static void a_call_without_limit_has_the_door_s(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.timeout_ms = 300;
	assert_int_equal(run_with(a, &o, tool(a, "hang", NULL, NULL)).end, HP_END_TIMEOUT);
}

static void output_without_end_is_too_big(void **state)
{
	struct hp_arena *a = *state;
	struct hp_call *call = tool(a, "flood", NULL, NULL);
	struct hp_reply r = run(a, call);
	assert_int_equal(r.end, HP_END_TOO_BIG);
	assert_true(r.out.n <= HP_CAP_SMALL);
}

static void many_floods_do_not_fill_the_memory(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.jobs = 3;
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply;
	unsigned id, done = 0;
	for (unsigned i = 0; i < 12; i++) {
		struct hp_call *call = tool(a, "flood", NULL, NULL);
		call->cap = HP_CAP_LIST;
		door->submit(door, call, i);
	}
	while (door->wait(door, &id, &reply)) {
		assert_int_equal(reply.end, HP_END_TOO_BIG);
		done++;
	}
	assert_int_equal(done, 12);
}

static void the_cap_is_exact(void **state)
{
	struct hp_arena *a = *state;
	struct hp_call *call = tool(a, "print", "5000000", NULL);
	call->cap = 5000000;
	struct hp_reply r = run(a, call);
	assert_int_equal(r.end, HP_END_EXIT);
	assert_int_equal(r.out.n, 5000000);
	assert_int_equal(r.out.p[4999999], '\n');
	assert_int_equal(r.out.p[4999998], 'y');
	call = tool(a, "print", "5000001", NULL);
	call->cap = 5000000;
	r = run(a, call);
	assert_int_equal(r.end, HP_END_TOO_BIG);
	assert_true(r.out.n <= 5000000);
}

static void slow_output_is_whole(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply r = run(a, tool(a, "drip", "12", NULL));
	assert_int_equal(r.end, HP_END_EXIT);
	assert_str(a, r.out, "xxxxxxxxxxx\n");
}

static void exits_and_failures_to_start_differ(void **state)
{
	struct hp_arena *a = *state;
	static const char *const codes[] = {"0", "1", "126", "127", "255"};
	for (size_t i = 0; i < 5; i++) {
		struct hp_reply r = run(a, tool(a, "exit", codes[i], NULL));
		assert_int_equal(r.end, HP_END_EXIT);
		assert_int_equal(r.code, atoi(codes[i]));
		assert_str(a, r.out, "said\n");
	}
	static const char *const none[] = {"bin/nothing", NULL}, *const below[] = {"bin/esxcli/x", NULL};
	static const char *const locked[] = {"bin/locked", NULL}, *const no_program[] = {"bin/no-program", NULL};
	struct hp_call call = {.kind = HP_CALL_RUN, .argv = none, .cap = HP_CAP_SMALL};
	assert_int_equal(run(a, &call).end, HP_END_NOT_FOUND);
	call.argv = below;
	assert_int_equal(run(a, &call).end, HP_END_NOT_FOUND);
	call.argv = locked;
	struct hp_reply r = run(a, &call);
	assert_int_equal(r.end, HP_END_NOT_STARTED);
	assert_int_equal(r.code, EACCES);
	call.argv = no_program;
	r = run(a, &call);
	assert_int_equal(r.end, HP_END_NOT_STARTED);
	assert_int_equal(r.code, ENOEXEC);
}

static void signals_are_told(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply r = run(a, tool(a, "die", "9", NULL));
	assert_int_equal(r.end, HP_END_SIGNAL);
	assert_int_equal(r.code, 9);
	assert_str(a, r.out, "half a li");
	r = run(a, tool(a, "die", "15", NULL));
	assert_int_equal(r.end, HP_END_SIGNAL); /* nobody told it to end: no time-out */
	assert_int_equal(r.code, 15);
}

static void a_closed_stdout_is_not_the_end(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply r = run(a, tool(a, "close-stdout", NULL, NULL));
	assert_int_equal(r.end, HP_END_EXIT);
	assert_int_equal(r.code, 5);
	assert_str(a, r.out, "closing\n");
	assert_true(r.ms >= 500);
}

static void stderr_is_apart(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply r = run(a, tool(a, "stderr", NULL, NULL));
	assert_int_equal(r.end, HP_END_EXIT);
	assert_int_equal(r.out.n, 0);
	assert_str(a, r.err, "only here\n");
}

static void a_grandchild_holds_nobody_up_and_is_killed(void **state)
{
	struct hp_arena *a = *state;
	struct hp_reply r = run(a, tool(a, "grandchild", place(a, "log"), NULL));
	struct hp_str log;
	uint64_t number = 0;
	assert_int_equal(r.end, HP_END_EXIT);
	assert_str(a, r.out, "parent\n");
	assert_int_equal(hp_file_read(a, place(a, "log"), 1000, &log, NULL), 0);
	log = hp_str_trim(log);
	assert_true(hp_number(hp_str_sub(log, strlen("grandchild "), log.n), 10, 1 << 30, &number));
	bool gone = false; /* init reaps it, or it stays as a zombie of ours */
	for (int tries = 0; tries < 200 && !gone; tries++) {
		struct hp_str stat_text = {NULL, 0};
		gone = hp_file_read(a, hp_format(a, "/proc/%u/stat", (unsigned)number), 4096, &stat_text, NULL) != 0 ||
		       hp_str_has(stat_text, ") Z ");
		if (!gone)
			(void)poll(NULL, 0, 20);
	}
	assert_true(gone);
	assert_int_equal(unlink(place(a, "log")), 0);
}

/* ---- in what circumstances they run ---- */

static void a_child_gets_what_the_door_promises(void **state)
{
	struct hp_arena *a = *state;
	int inherited = open("/dev/null", O_RDONLY), high = fcntl(inherited, F_DUPFD, 40);
	assert_true(inherited >= 0 && high >= 40);
	(void)setenv("SECRET", "x", 1);
	(void)signal(SIGPIPE, SIG_IGN);
	struct hp_reply r = run(a, tool(a, "circumstances", NULL, NULL));
	assert_int_equal(r.end, HP_END_EXIT);
	assert_str(a, r.out, "env PATH=/bin:/sbin\nenv LANG=en_US.UTF-8\ncwd /\ngroup own\nstdin null\n");
	(void)close(inherited);
	(void)close(high);
}

/* ---- several at once ---- */

struct seen {
	struct hp_arena *arena;
	char kind[64], name[64]; /* 'b' or 'e', per line */
	size_t count;
};

static struct seen read_log(struct hp_arena *a)
{
	struct seen s = {.arena = a};
	struct hp_str rest, line, word;
	bool ended;
	assert_int_equal(hp_file_read(a, place(a, "log"), 100000, &rest, NULL), 0);
	while (hp_next_line(&rest, &line, &ended)) {
		assert_true(hp_next_word(&line, &word) && s.count < 64);
		s.kind[s.count] = word.p[0];
		assert_true(hp_next_word(&line, &word));
		s.name[s.count++] = word.p[0];
	}
	assert_int_equal(unlink(place(a, "log")), 0);
	return s;
}

static size_t run_notes(struct hp_arena *a, unsigned jobs, const char *lane, unsigned calls)
{
	struct hp_host_options o = usual();
	o.jobs = jobs;
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply;
	unsigned id;
	size_t done = 0;
	for (unsigned i = 0; i < calls; i++) {
		struct hp_call *call = tool(a, "note", place(a, "log"), hp_format(a, "%c", 'a' + (int)i));
		call->lane = lane;
		door->submit(door, call, i);
	}
	while (door->wait(door, &id, &reply)) {
		assert_int_equal(reply.end, HP_END_EXIT);
		if (lane)
			assert_int_equal(id, done);
		done++;
	}
	return done;
}

static void a_lane_never_overlaps_and_keeps_order(void **state)
{
	struct hp_arena *a = *state;
	assert_int_equal(run_notes(a, 8, "mft", 6), 6);
	struct seen s = read_log(a);
	assert_int_equal(s.count, 12);
	for (size_t i = 0; i < 12; i++) {
		assert_int_equal(s.kind[i], i % 2 ? 'e' : 'b');
		assert_int_equal(s.name[i], 'a' + (int)i / 2);
	}
}

static void no_more_run_than_jobs_allow(void **state)
{
	struct hp_arena *a = *state;
	assert_int_equal(run_notes(a, 3, NULL, 10), 10);
	struct seen s = read_log(a);
	int running = 0, most = 0;
	for (size_t i = 0; i < s.count; i++) {
		running += s.kind[i] == 'b' ? 1 : -1;
		most = running > most ? running : most;
	}
	assert_int_equal(running, 0);
	assert_true(most <= 3 && most >= 1);
}

static void many_calls_and_nobody_is_ended_by_mistake(void **state)
{
	struct hp_arena *a = *state;
	for (int round = 0; round < 10; round++) {
		struct hp_host_options o = usual();
		struct hp_door *door = open_door(a, &o);
		struct hp_reply reply;
		unsigned id, done = 0;
		for (unsigned i = 0; i < 24; i++)
			door->submit(door, tool(a, "quick", NULL, NULL), i);
		while (door->wait(door, &id, &reply)) {
			assert_int_equal(reply.end, HP_END_EXIT);
			assert_str(a, reply.out, "quick\n");
			if (done++ < 8) /* more are asked while others run */
				door->submit(door, tool(a, "quick", NULL, NULL), 100 + done);
		}
		assert_int_equal(done, 32);
	}
}

static void the_deadline_cancels_the_rest(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.deadline_ms = 400;
	o.jobs = 2;
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply;
	unsigned id, answered = 0;
	for (unsigned i = 0; i < 5; i++)
		door->submit(door, tool(a, "hang", NULL, NULL), i);
	while (door->wait(door, &id, &reply)) {
		assert_int_equal(reply.end, HP_END_CANCELLED);
		answered++;
	}
	assert_int_equal(answered, 5);
	door->submit(door, tool(a, "quick", NULL, NULL), 9); /* too late */
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(reply.end, HP_END_CANCELLED);
}

/* ---- interruption: in a process of its own ---- */

static unsigned ends_seen(struct hp_arena *a)
{
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply;
	unsigned id, cancelled = 0;
	for (unsigned i = 0; i < 3; i++)
		door->submit(door, tool(a, "hang", NULL, NULL), i);
	while (door->wait(door, &id, &reply))
		cancelled += reply.end == HP_END_CANCELLED;
	return cancelled;
}

static void a_signal_cancels_everything(void **state)
{
	struct hp_arena *a = *state;
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	for (size_t i = 0; i < 3; i++) {
		int status = 0;
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(ends_seen(a) == 3 && hp_host_interrupted() == signals[i] ? 0 : 1);
		(void)poll(NULL, 0, 400);
		assert_int_equal(kill(pid, signals[i]), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* In a process of its own, because a signal is noted for good. Returns what f returns. */
static int apart(int (*f)(struct hp_arena *), struct hp_arena *a)
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(f(a));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A call that writes goes on until a plain one was cancelled: its own end waits for that. */
struct scene {
	struct hp_arena *arena;
	bool sent;
};

static void send_once_begun(void *context, const struct hp_progress *p)
{
	struct scene *s = context;
	(void)p;
	if (s->sent || !hp_file_exists(place(s->arena, "begun")))
		return;
	s->sent = true;
	(void)raise(SIGTERM);
}

static void let_go(void *context, const struct hp_call *call, const struct hp_reply *reply)
{
	struct scene *s = context;
	if (!call->writes && reply->end == HP_END_CANCELLED)
		(void)hp_file_claim(place(s->arena, "go"), hp_str("x"));
}

static struct hp_call *writing(struct hp_call *call)
{
	call->writes = true;
	call->lane = "writes";
	return call;
}

static int writes_survive(struct hp_arena *a)
{
	struct scene scene = {.arena = a};
	struct hp_host_options o = usual();
	o.progress = send_once_begun;
	o.ended = let_go;
	o.context = &scene;
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply[3];
	unsigned id;
	door->submit(door, writing(tool(a, "until", place(a, "begun"), place(a, "go"))), 0);
	door->submit(door, tool(a, "hang", NULL, NULL), 1);
	door->submit(door, writing(tool(a, "quick", NULL, NULL)), 2); /* waits for its lane */
	for (int i = 0; i < 3; i++) {
		struct hp_reply r;
		if (!door->wait(door, &id, &r) || id > 2)
			return 100;
		reply[id] = r;
	}
	if (reply[0].end != HP_END_EXIT || !hp_str_eq(reply[0].out, "done\n"))
		return 1;
	if (reply[1].end != HP_END_CANCELLED)
		return 2;
	return reply[2].end == HP_END_CANCELLED && hp_host_interrupted() == SIGTERM ? 0 : 3;
}

static void a_signal_does_not_end_what_writes(void **state)
{
	struct hp_arena *a = *state;
	assert_int_equal(apart(writes_survive, a), 0);
	assert_int_equal(unlink(place(a, "begun")), 0);
	assert_int_equal(unlink(place(a, "go")), 0);
}

static void the_deadline_does_not_end_what_writes(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.deadline_ms = 1000;
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply;
	unsigned id;
	door->submit(door, writing(tool(a, "drip", "50", NULL)), 0);
	door->submit(door, tool(a, "hang", NULL, NULL), 1);
	door->submit(door, writing(tool(a, "quick", NULL, NULL)), 2);
	for (int i = 0; i < 3; i++) {
		assert_true(door->wait(door, &id, &reply));
		assert_int_equal(reply.end, id == 0 ? HP_END_EXIT : HP_END_CANCELLED);
		assert_int_equal(reply.out.n, id == 0 ? 50 : id == 1 ? strlen("hanging\n") : 0);
	}
	assert_int_equal(id, 0); /* the last one to end */
}

static void its_own_limit_ends_what_writes(void **state)
{
	struct hp_arena *a = *state;
	struct hp_call *call = writing(tool(a, "hang", NULL, NULL));
	call->timeout_ms = 300;
	assert_int_equal(run(a, call).end, HP_END_TIMEOUT);
}

static int hold(struct hp_arena *a)
{
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(a, &o);
	struct hp_call *quick = tool(a, "quick", NULL, NULL);
	struct hp_reply reply;
	unsigned id;
	hp_host_hold_signals(true);
	(void)raise(SIGINT);
	door->submit(door, quick, 0);
	if (!door->wait(door, &id, &reply) || reply.end != HP_END_EXIT || hp_host_interrupted() != SIGINT)
		return 1;
	hp_host_hold_signals(false);
	door->submit(door, quick, 1);
	if (!door->wait(door, &id, &reply) || reply.end != HP_END_CANCELLED)
		return 2;
	hp_host_hold_signals(true);
	door->submit(door, quick, 2);
	return door->wait(door, &id, &reply) && reply.end == HP_END_EXIT ? 0 : 3;
}

static void signals_that_are_held_end_nothing(void **state)
{
	assert_int_equal(apart(hold, *state), 0);
}

static void the_arena_s_end_waits_for_what_writes(void **state)
{
	struct hp_arena *a = *state;
	struct hp_arena own;
	hp_arena_init(&own, HP_ARENA_LIMIT, NULL);
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(&own, &o);
	struct hp_reply reply;
	unsigned id;
	/* More than a pipe takes: somebody must go on reading. */
	door->submit(door, writing(tool(&own, "print", "1000000", place(&own, "log"))), 0);
	door->submit(door, tool(&own, "hang", NULL, NULL), 1);
	door->submit(door, tool(&own, "quick", NULL, NULL), 2);
	assert_true(door->wait(door, &id, &reply));
	hp_arena_free(&own);
	assert_int_equal(read_log(a).count, 1);
	errno = 0;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* ---- patience, delays, tools that cannot be ended ---- */

static struct hp_call *hurried(struct hp_call *call, bool patient)
{
	call->timeout_ms = 300;
	call->grace_ms = 3000;
	call->patient = patient;
	return call;
}

static void who_prints_is_waited_for(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(a, &o);
	struct hp_reply reply;
	unsigned id, seen = 0;
	/* 100 bytes are 5 s: longer than limit and grace. */
	door->submit(door, hurried(tool(a, "drip-ignoring-term", "100", "1"), true), 0);
	door->submit(door, hurried(tool(a, "drip-ignoring-term", "100", "2"), true), 1);
	door->submit(door, hurried(tool(a, "drip-ignoring-term", "1000", "1"), false), 2);
	door->submit(door, hurried(tool(a, "hang-ignoring-term", NULL, NULL), true), 3);
	while (door->wait(door, &id, &reply)) {
		seen |= 1u << id;
		assert_int_equal(reply.end, HP_END_TIMEOUT);
		assert_int_equal(reply.code, 1);
		assert_true(reply.ms >= 3300 && reply.ms < LONG_MS);
		if (id < 2) {
			struct hp_str said = id == 0 ? reply.out : reply.err;
			assert_int_equal(said.n, 100); /* to its end */
			assert_true(hp_str_ends(said, "\n"));
			assert_true(reply.ms >= 4950);
		} else if (id == 2) {
			assert_true(reply.out.n < 1000);
		}
	}
	assert_int_equal(seen, 15);
}

static void who_writes_or_is_patient_may_print_on(void **state)
{
	struct hp_arena *a = *state;
	struct hp_call *call = tool(a, "print", "3000000", place(a, "log"));
	call->cap = 1000;
	call->patient = true;
	struct hp_reply r = run(a, call);
	assert_int_equal(r.end, HP_END_TOO_BIG);
	assert_int_equal(r.out.n, 0);
	assert_int_equal(read_log(a).count, 1); /* it came to its end */
	call = writing(tool(a, "print", "3000000", place(a, "log")));
	call->cap = 1000;
	assert_int_equal(run(a, call).end, HP_END_TOO_BIG);
	assert_int_equal(read_log(a).count, 1);
	call = hurried(tool(a, "flood", NULL, NULL), true);
	assert_int_equal(run(a, call).end, HP_END_TIMEOUT); /* TERM ends it */
}

static void a_delay_holds_up_nobody_else(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(a, &o);
	struct hp_call *late = tool(a, "quick", NULL, NULL), *soon = tool(a, "quick", NULL, NULL);
	struct hp_reply reply;
	unsigned id;
	late->delay_ms = 1500;
	late->lane = soon->lane = "mft";
	uint64_t begun = hp_now_ms();
	clock_t cpu = clock();
	door->submit(door, late, 0);
	door->submit(door, soon, 1);
	door->submit(door, tool(a, "quick", NULL, NULL), 2);
	assert_true(door->wait(door, &id, &reply));
	assert_int_not_equal(id, 0);
	assert_true(door->wait(door, &id, &reply));
	assert_int_not_equal(id, 0);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 0);
	assert_int_equal(reply.end, HP_END_EXIT);
	assert_true(hp_now_ms() - begun >= 1500);
	assert_true(reply.ms <= hp_now_ms() - begun - 1500); /* counted from its start */
	assert_true(clock() - cpu < CLOCKS_PER_SEC);
	assert_false(door->wait(door, &id, &reply));
}

static void a_lane_that_is_stuck_takes_no_more(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(a, &o);
	struct hp_call *stuck = tool(a, "hang-ignoring-term", NULL, NULL), *next = tool(a, "quick", NULL, NULL);
	struct hp_call *other = tool(a, "quick", NULL, NULL);
	struct hp_reply reply;
	unsigned id;
	stuck->timeout_ms = stuck->grace_ms = 300;
	stuck->lane = next->lane = "a lane of its own"; /* it stays dead for the whole process */
	other->lane = "other";
	kill_does_nothing = true;
	door->submit(door, stuck, 0);
	door->submit(door, next, 1);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 0);
	assert_int_equal(reply.end, HP_END_TIMEOUT);
	assert_str(a, reply.out, "ignoring\n");
	pid_t left = spared;
	door->submit(door, next, 2);
	for (unsigned i = 1; i <= 2; i++) {
		assert_true(door->wait(door, &id, &reply));
		assert_int_equal(id, i);
		assert_int_equal(reply.end, HP_END_NOT_STARTED);
		assert_int_equal(reply.code, EBUSY);
		assert_int_equal(reply.out.n, 0);
	}
	door->submit(door, other, 3);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(reply.end, HP_END_EXIT);
	door->submit(door, tool(a, "quick", NULL, NULL), 4);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(reply.end, HP_END_EXIT);
	kill_does_nothing = false;
	assert_int_equal(waitpid(left, NULL, WNOHANG), 0); /* it is still there */
	assert_int_equal(kill(left, SIGKILL), 0);
	assert_int_equal(waitpid(left, NULL, 0), left);
}

static void no_child_outlives_the_arena(void **state)
{
	struct hp_arena *a = *state;
	struct hp_arena own;
	hp_arena_init(&own, HP_ARENA_LIMIT, NULL);
	struct hp_host_options o = usual();
	struct hp_door *door = open_door(&own, &o);
	struct hp_call *hangs = tool(&own, "hang", NULL, NULL), *quick = tool(&own, "quick", NULL, NULL);
	struct hp_reply reply;
	unsigned id;
	door->submit(door, hangs, 0);
	door->submit(door, quick, 1);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 1);
	hp_arena_free(&own); /* as when memory has run out */
	errno = 0;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	(void)a;
}

/* ---- files, and the rest ---- */

static void files(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err;
	struct hp_call call = {.kind = HP_CALL_FILE, .path = "map", .cap = 10};
	assert_int_equal(hp_file_write(a, place(a, "map"), hp_str("0123456789"), &err), 0);
	struct hp_reply r = run(a, &call);
	assert_int_equal(r.end, HP_END_EXIT);
	assert_str(a, r.out, "0123456789");
	assert_int_equal(r.size, 10);
	call.cap = 9;
	assert_int_equal(run(a, &call).end, HP_END_TOO_BIG);
	call.path = "nothing";
	assert_int_equal(run(a, &call).end, HP_END_NOT_FOUND);
	call.path = "map/x";
	assert_int_equal(run(a, &call).end, HP_END_NOT_FOUND);
	call.path = "bin";
	assert_int_equal(run(a, &call).end, HP_END_NOT_STARTED);
	assert_int_equal(mkfifo(place(a, "pipe"), 0644), 0);
	call.path = "pipe"; /* no regular file, and nobody waits for it */
	assert_int_equal(run(a, &call).end, HP_END_NOT_STARTED);
	assert_int_equal(unlink(place(a, "map")), 0);
	assert_int_equal(unlink(place(a, "pipe")), 0);
}

static void paths_below_the_root_and_outside(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err;
	assert_int_equal(hp_file_write(a, place(a, "map"), hp_str("old\n"), &err), 0);
	struct hp_call look = {.kind = HP_CALL_STAT, .path = "bin"};
	assert_str(a, run(a, &look).out, "dir\n");
	look.path = "bin/esxcli";
	assert_str(a, run(a, &look).out, "link " MISBEHAVE "\n");
	look.path = "map";
	assert_true(hp_str_starts(run(a, &look).out, "file 4 "));
	look.path = place(a, "map");
	assert_int_equal(run(a, &look).end, HP_END_NOT_FOUND); /* below the root there is no such path */
	look.outside = true;
	assert_true(hp_str_starts(run(a, &look).out, "file 4 "));
	struct hp_call file = {.kind = HP_CALL_FILE, .path = place(a, "map"), .outside = true, .cap = 100};
	assert_str(a, run(a, &file).out, "old\n");
	struct hp_call edit = {
	    .kind = HP_CALL_EDIT, .path = "map", .was = hp_str("old\n"), .becomes = hp_str("newer\n"), .writes = true};
	struct hp_reply r = run(a, &edit);
	assert_int_equal(r.end, HP_END_EXIT);
	assert_int_equal(r.code, 0);
	assert_null(hp_reply_trouble(a, &edit, &r));
	assert_str(a, run(a, &file).out, "newer\n");
	assert_int_equal(run(a, &edit).end, HP_END_CHANGED);
	edit.path = place(a, "map"); /* an edit is never outside */
	edit.outside = true;
	assert_int_equal(run(a, &edit).end, HP_END_NOT_FOUND);
	assert_int_equal(unlink(place(a, "map")), 0);
}

static void files_are_written_whole_or_not_at_all(void **state)
{
	struct hp_arena *a = *state;
	struct hp_err err = {""};
	struct hp_str back;
	assert_int_equal(hp_file_write(a, place(a, "out"), hp_str("first"), &err), 0);
	assert_int_equal(hp_file_write(a, place(a, "out"), hp_str("second"), &err), 0);
	assert_int_equal(hp_file_read(a, place(a, "out"), 100, &back, NULL), 0);
	assert_str(a, back, "second");
	assert_int_equal(hp_file_write(a, place(a, "no/such/place"), hp_str("x"), &err), -1);
	assert_has(err.text, "No such file");
	assert_int_equal(hp_file_write(a, place(a, "bin"), hp_str("x"), &err), -1); /* a folder */
	DIR *d = opendir(root);
	unsigned entries = 0;
	while (readdir(d))
		entries++;
	(void)closedir(d);
	assert_int_equal(entries, 4); /* . .. bin out: nothing temporary is left */
	assert_int_equal(unlink(place(a, "out")), 0);
}

static void roots(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	assert_true(hp_host_root_is_there(root));
	assert_false(hp_host_root_is_there("/nowhere/at/all"));
	assert_false(hp_host_root_is_there(place(a, "bin/locked")));
	o.root = "/nowhere/at/all"; /* whoever names it looks first; here its tools are simply not there */
	assert_int_equal(run_with(a, &o, tool(a, "quick", NULL, NULL)).end, HP_END_NOT_FOUND);
	char here[512];
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir("/tmp"), 0);
	o.root = root + strlen("/tmp/"); /* relative: children run in / */
	assert_int_equal(run_with(a, &o, tool(a, "quick", NULL, NULL)).end, HP_END_EXIT);
	assert_int_equal(chdir(here), 0);
}

static unsigned ticks;
static const struct hp_call *slowest;

static void on_progress(void *context, const struct hp_progress *p)
{
	(void)context;
	ticks++;
	assert_true(p->done <= p->all);
	slowest = p->oldest;
}

static unsigned ended;

static void on_end(void *context, const struct hp_call *call, const struct hp_reply *reply)
{
	(void)context;
	assert_non_null(call);
	assert_int_equal(reply->end, HP_END_TIMEOUT);
	ended++;
}

static void progress_is_told(void **state)
{
	struct hp_arena *a = *state;
	struct hp_host_options o = usual();
	o.progress = on_progress;
	o.ended = on_end;
	struct hp_call *call = tool(a, "hang", NULL, NULL);
	call->timeout_ms = 700;
	(void)run_with(a, &o, call);
	assert_true(ticks >= 1);
	assert_ptr_equal(slowest, call);
	assert_int_equal(ended, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(a_call_that_hangs_is_told_to_end),
	    UNIT_TEST(a_call_that_ignores_that_is_killed),
	    UNIT_TEST(a_call_without_limit_has_the_door_s),
	    UNIT_TEST(output_without_end_is_too_big),
	    UNIT_TEST(many_floods_do_not_fill_the_memory),
	    UNIT_TEST(the_cap_is_exact),
	    UNIT_TEST(slow_output_is_whole),
	    UNIT_TEST(exits_and_failures_to_start_differ),
	    UNIT_TEST(signals_are_told),
	    UNIT_TEST(a_closed_stdout_is_not_the_end),
	    UNIT_TEST(stderr_is_apart),
	    UNIT_TEST(a_grandchild_holds_nobody_up_and_is_killed),
	    UNIT_TEST(a_child_gets_what_the_door_promises),
	    UNIT_TEST(a_lane_never_overlaps_and_keeps_order),
	    UNIT_TEST(no_more_run_than_jobs_allow),
	    UNIT_TEST(many_calls_and_nobody_is_ended_by_mistake),
	    UNIT_TEST(the_deadline_cancels_the_rest),
	    UNIT_TEST(a_signal_cancels_everything),
	    UNIT_TEST(no_child_outlives_the_arena),
	    UNIT_TEST(a_signal_does_not_end_what_writes),
	    UNIT_TEST(the_deadline_does_not_end_what_writes),
	    UNIT_TEST(its_own_limit_ends_what_writes),
	    UNIT_TEST(signals_that_are_held_end_nothing),
	    UNIT_TEST(the_arena_s_end_waits_for_what_writes),
	    UNIT_TEST(who_prints_is_waited_for),
	    UNIT_TEST(who_writes_or_is_patient_may_print_on),
	    UNIT_TEST(a_delay_holds_up_nobody_else),
	    UNIT_TEST(a_lane_that_is_stuck_takes_no_more),
	    UNIT_TEST(files),
	    UNIT_TEST(paths_below_the_root_and_outside),
	    UNIT_TEST(files_are_written_whole_or_not_at_all),
	    UNIT_TEST(roots),
	    UNIT_TEST(progress_is_told),
	};
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
