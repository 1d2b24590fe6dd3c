#include "tool.h"

#include "calllog.h"
#include "fault.h"

#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

const struct sim_tool sim_tools[] = {
    {"esxcli", "bin/esxcli", sim_esxcli, sim_esxcli_words, false},
    {"localcli", "bin/localcli", sim_localcli, sim_esxcli_words, false},
    {"vsish", "bin/vsish", sim_vsish, sim_tool_plain_words, false},
    {"vim-cmd", "bin/vim-cmd", sim_vim_cmd, sim_tool_plain_words, false},
    {"esxcfg-module", "bin/esxcfg-module", sim_esxcfg_module, sim_tool_plain_words, false},
    {"configstorecli", "bin/configstorecli", sim_configstorecli, sim_tool_plain_words, false},
    {"lspci", "bin/lspci", sim_lspci, sim_tool_plain_words, false},
    {"logger", "bin/logger", sim_logger, sim_tool_plain_words, false},
    {"mst", "opt/mellanox/bin/mst", sim_mst, sim_tool_plain_words, false},
    {"mlxconfig", "opt/mellanox/bin/mlxconfig", sim_mlxconfig, sim_mlxconfig_words, true},
    {"auto-backup", "sbin/auto-backup.sh", sim_auto_backup, sim_tool_plain_words, false},
    {"hostd", "etc/init.d/hostd", sim_hostd, sim_tool_plain_words, false},
};
const size_t sim_tool_count = sizeof sim_tools / sizeof sim_tools[0];

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

const struct sim_tool *sim_tool_find(const char *basename)
{
	for (size_t i = 0; i < sim_tool_count; i++) {
		const char *slash = strrchr(sim_tools[i].path, '/');

		if (sim_eq(basename, slash + 1)) {
			return &sim_tools[i];
		}
	}
	return NULL;
}

size_t sim_tool_plain_words(int argc, char **argv, const char **words)
{
	size_t count = 0;

	for (int i = 1; i < argc && count < SIM_MAX_WORDS; i++) {
		if (argv[i][0] != '-') {
			words[count++] = argv[i];
		}
	}
	return count;
}

/* One run of a tool: what its end needs. */
struct run {
	const struct sim_tool *tool;
	const char *root;
	uint64_t start_us;
};

static void die_of(const struct run *run, int number)
{
	sim_calllog_end(run->root, run->tool->name, run->start_us, "signal", number);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
	_exit(128 + number);
}

static void stop_if_signalled(const struct run *run)
{
	if (caught != 0) {
		die_of(run, caught);
	}
}

/* Sleeps in slices: a signal between a test and a long sleep must not be slept over. */
static void doze(const struct run *run, uint64_t ms)
{
	while (ms > 0) {
		const uint64_t slice = ms > 50 ? 50 : ms;
		const struct timespec wait = {.tv_nsec = (long)slice * 1000000L};

		stop_if_signalled(run);
		(void)nanosleep(&wait, NULL);
		ms -= slice;
	}
	stop_if_signalled(run);
}

static void hang(const struct run *run, bool deaf)
{
	for (;;) {
		const struct timespec wait = {.tv_nsec = 50000000L};

		(void)nanosleep(&wait, NULL);
		if (!deaf) {
			stop_if_signalled(run);
		}
	}
}

/* Keys from the most specific to the tool itself: PREFIX.TOOL.w1.w2SUFFIX ... PREFIX.TOOLSUFFIX. */
static size_t make_keys(const struct sim_tool *tool, int argc, char **argv, const char *prefix, const char *suffix,
			const char **keys)
{
	const char *words[SIM_MAX_WORDS];
	const size_t word_count = tool->words(argc, argv, words);
	size_t count = 0;

	for (size_t first = 0; first < (tool->any_suffix && word_count > 0 ? word_count : 1); first++) {
		for (size_t n = word_count; n > first; n--) {
			struct sim_buf key = {0};

			sim_buf_printf(&key, "%s%s", prefix, tool->name);
			for (size_t i = first; i < n; i++) {
				sim_buf_printf(&key, ".%s", words[i]);
			}
			sim_buf_text(&key, suffix);
			if (count < SIM_MAX_WORDS * 2) {
				keys[count++] = key.data;
			}
		}
	}
	keys[count++] = sim_fmt("%s%s%s", prefix, tool->name, suffix);
	return count;
}

static void print(const struct run *run, const struct sim_buf *buf, int fd)
{
	if (buf->len > 0 && !sim_write_all(fd, buf->data, buf->len)) {
		sim_calllog_end(run->root, run->tool->name, run->start_us, "rc", 1);
		_exit(1);
	}
}

static void print_slowly(const struct run *run, const struct sim_buf *out, uint64_t ms)
{
	for (size_t at = 0; at < out->len; at += 64) {
		const size_t len = out->len - at < 64 ? out->len - at : 64;

		if (!sim_write_all(STDOUT_FILENO, out->data + at, len)) {
			return;
		}
		doze(run, ms);
	}
}

static void print_filler(uint64_t total)
{
	static const char line[] = "   Filler: 0123456789abcdef0123456789abcdef0123456789abcdef0123\n";
	struct sim_buf chunk = {0};

	while (chunk.len < 60000) {
		sim_buf_text(&chunk, line);
	}
	for (uint64_t done = 0; done < total; done += chunk.len) {
		if (!sim_write_all(STDOUT_FILENO, chunk.data, chunk.len)) {
			return;
		}
	}
}

static void leave_child(uint64_t seconds)
{
	if (fork() == 0) {
		(void)signal(SIGTERM, SIG_DFL);
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGHUP, SIG_DFL);
		sim_sleep_ms(seconds * 1000);
		_exit(0);
	}
}

static void print_garbage(struct sim_buf *out)
{
	uint32_t seed = 12345;

	*out = (struct sim_buf){0};
	for (size_t i = 0; i < 3000; i++) {
		seed = seed * 1103515245U + 12345U;
		const char byte = (char)(unsigned char)(seed >> 16);
		sim_buf_bytes(out, &byte, 1);
	}
}

/* Text of text:RC:TEXT with \n made newlines. */
static void unescape(struct sim_buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			sim_buf_text(out, "\n");
			text++;
		} else {
			sim_buf_bytes(out, text, 1);
		}
	}
}

static int strike(const struct run *run, const struct sim_fault *fault, struct sim_call *call, int rc)
{
	const int number = (int)(fault->number & 0xff);

	switch (fault->mode) {
	case SIM_FAULT_HANG:
	case SIM_FAULT_HANG_DEAF:
		hang(run, fault->mode == SIM_FAULT_HANG_DEAF);
		break;
	case SIM_FAULT_EXIT:
		return number;
	case SIM_FAULT_SIGNAL:
		die_of(run, number);
		break;
	case SIM_FAULT_NOT_FOUND:
		sim_buf_printf(&call->err, "sh: %s: not found\n", run->tool->name);
		rc = 127;
		break;
	case SIM_FAULT_TEXT:
		unescape(&call->out, fault->text);
		rc = number;
		break;
	case SIM_FAULT_EXIT_AFTER:
		rc = number;
		break;
	case SIM_FAULT_SIGNAL_AFTER:
		call->out.len /= 2;
		print(run, &call->out, STDOUT_FILENO);
		die_of(run, number);
		break;
	case SIM_FAULT_EMPTY:
		return 0;
	case SIM_FAULT_GARBAGE:
		print_garbage(&call->out);
		rc = 0;
		break;
	case SIM_FAULT_CUT:
		call->out.len = fault->number < call->out.len ? (size_t)fault->number : call->out.len;
		break;
	case SIM_FAULT_STDERR:
		sim_buf_fill(&call->err, '!', fault->has_number ? (size_t)fault->number : 4096);
		sim_buf_text(&call->err, "\n");
		break;
	case SIM_FAULT_DRIP:
		print_slowly(run, &call->out, fault->has_number ? fault->number : 20);
		return rc;
	case SIM_FAULT_NONE:
	case SIM_FAULT_HANG_AFTER:
	case SIM_FAULT_BIG:
	case SIM_FAULT_CHILD:
	case SIM_FAULT_LIE:
		break;
	}
	print(run, &call->err, STDERR_FILENO);
	print(run, &call->out, STDOUT_FILENO);
	if (fault->mode == SIM_FAULT_HANG_AFTER) {
		hang(run, false);
	} else if (fault->mode == SIM_FAULT_BIG) {
		print_filler(fault->has_number ? fault->number : 16777216);
	} else if (fault->mode == SIM_FAULT_CHILD) {
		leave_child(fault->has_number ? fault->number : 60);
	}
	return rc;
}

void sim_tool_unlock(struct sim_call *call)
{
	if (call->state->dirty && !call->dry) {
		sim_state_save(call->state);
	}
	sim_unlock(call->lock);
}

void sim_tool_relock(struct sim_call *call)
{
	call->lock = sim_lock(call->state->root);
	(void)sim_state_load(call->state, call->state->root);
}

bool sim_tool_signalled(void)
{
	return caught != 0;
}

int sim_tool_run(const struct sim_tool *tool, const char *root, int argc, char **argv)
{
	const char *keys[SIM_MAX_WORDS * 2 + 1];
	struct run run = {.tool = tool, .root = root};
	struct sim_state state;
	struct sigaction action = {.sa_handler = on_signal};
	struct sim_fault fault;
	uint64_t latency_ms = 0;
	int rc = 0;

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	run.start_us = sim_calllog_start(root, tool->name, argc, argv);

	int lock = sim_lock(root);
	if (!sim_state_load(&state, root)) {
		sim_die("no state in %s", root);
	}
	fault = sim_fault_take(&state, keys, make_keys(tool, argc, argv, "fault.", "", keys));
	const size_t count = make_keys(tool, argc, argv, "", ".latency_ms", keys);
	for (size_t i = 0; i < count && latency_ms == 0; i++) {
		latency_ms = sim_get_num(&state, keys[i], 0);
	}
	if (state.dirty) {
		sim_state_save(&state);
	}

	struct sim_call call = {.state = &state, .argc = argc, .argv = argv, .dry = fault.mode == SIM_FAULT_LIE};
	if (latency_ms > 0) { /* slept without the lock, so that slow calls can overlap */
		sim_unlock(lock);
		doze(&run, latency_ms);
		lock = sim_lock(root);
		(void)sim_state_load(&state, root);
	}
	if (sim_fault_runs_handler(fault.mode)) {
		call.lock = lock;
		rc = tool->run(&call);
		lock = call.lock;
		if (state.dirty && fault.mode != SIM_FAULT_LIE) {
			sim_state_save(&state);
		}
	}
	sim_unlock(lock);
	stop_if_signalled(&run);
	rc = strike(&run, &fault, &call, rc);
	stop_if_signalled(&run);
	sim_calllog_end(root, tool->name, run.start_us, "rc", rc);
	return rc;
}
