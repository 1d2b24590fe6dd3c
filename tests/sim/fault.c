#include "fault.h"

#include <string.h>

static const struct {
	const char *name;
	enum sim_fault_mode mode;
} modes[] = {
    {"hang", SIM_FAULT_HANG},
    {"hang-deaf", SIM_FAULT_HANG_DEAF},
    {"hang-after", SIM_FAULT_HANG_AFTER},
    {"exit", SIM_FAULT_EXIT},
    {"exit-after", SIM_FAULT_EXIT_AFTER},
    {"signal", SIM_FAULT_SIGNAL},
    {"signal-after", SIM_FAULT_SIGNAL_AFTER},
    {"empty", SIM_FAULT_EMPTY},
    {"garbage", SIM_FAULT_GARBAGE},
    {"cut", SIM_FAULT_CUT},
    {"big", SIM_FAULT_BIG},
    {"slow-drip", SIM_FAULT_DRIP},
    {"stderr-noise", SIM_FAULT_STDERR},
    {"child-keeps-pipe", SIM_FAULT_CHILD},
    {"not-found", SIM_FAULT_NOT_FOUND},
    {"not-executable", SIM_FAULT_NOT_FOUND},
    {"lie", SIM_FAULT_LIE},
    {"text", SIM_FAULT_TEXT},
};

const char sim_fault_help[] =
    "  hang               prints nothing and waits for a signal\n"
    "  hang-deaf          the same, but TERM, INT and HUP do not end it\n"
    "  hang-after         prints all, then hangs\n"
    "  exit:N             does nothing, prints nothing, exits N\n"
    "  exit-after:N       does and prints everything, exits N\n"
    "  signal:N           does nothing and dies of signal N\n"
    "  signal-after:N     does everything, prints half of it, dies of signal N\n"
    "  empty              does everything, prints nothing, exits 0\n"
    "  garbage            does everything, prints bytes that are no text, exits 0\n"
    "  cut:N              prints the first N bytes only\n"
    "  big[:N]            prints all and then filler up to N bytes (16777216)\n"
    "  slow-drip[:N]      prints 64 bytes every N ms (20)\n"
    "  stderr-noise[:N]   prints N bytes to stderr first (4096)\n"
    "  child-keeps-pipe[:N]  exits, but a child keeps stdout and stderr open for N seconds (60)\n"
    "  not-found          of a whole tool: its file is taken away; of a command: exit 127\n"
    "  not-executable     of a whole tool: a plain file without the x bits takes its place\n"
    "  lie                prints success but changes nothing\n"
    "  text:RC:TEXT       prints TEXT (\\n is a newline) and exits RC\n"
    "  MODE@N             strikes N times, then no more;  MODE#N  lets the first N calls pass\n";

bool sim_fault_parse(const char *value, struct sim_fault *ret_fault, uint64_t *ret_times, uint64_t *ret_skip)
{
	char *copy = sim_copy(value, strlen(value));
	struct sim_fault fault = {.text = ""};
	uint64_t times = 0;
	uint64_t skip = 0;

	if (!sim_starts(copy, "text:")) {
		char *mark = strchr(copy, '#');
		if (mark != NULL) {
			*mark = '\0';
			if (!sim_number(mark + 1, &skip)) {
				return false;
			}
		}
		mark = strchr(copy, '@');
		if (mark != NULL) {
			*mark = '\0';
			if (!sim_number(mark + 1, &times) || times == 0) {
				return false;
			}
		}
	}
	char *arg = strchr(copy, ':');
	if (arg != NULL) {
		*arg++ = '\0';
	}
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (sim_eq(modes[i].name, copy)) {
			fault.mode = modes[i].mode;
		}
	}
	if (fault.mode == SIM_FAULT_NONE) {
		return false;
	}
	if (arg != NULL && fault.mode == SIM_FAULT_TEXT) {
		char *text = strchr(arg, ':');

		if (text == NULL) {
			return false;
		}
		*text++ = '\0';
		fault.text = text;
	}
	if (arg != NULL) {
		fault.has_number = true;
		if (!sim_number(arg, &fault.number)) {
			return false;
		}
	} else if (fault.mode == SIM_FAULT_EXIT || fault.mode == SIM_FAULT_EXIT_AFTER ||
		   fault.mode == SIM_FAULT_SIGNAL || fault.mode == SIM_FAULT_SIGNAL_AFTER ||
		   fault.mode == SIM_FAULT_CUT || fault.mode == SIM_FAULT_TEXT) {
		return false;
	}
	*ret_fault = fault;
	*ret_times = times;
	*ret_skip = skip;
	return true;
}

/* fault.X -> faultcount.X */
static const char *counter_key(const char *key)
{
	return sim_fmt("faultcount.%s", key + strlen("fault."));
}

struct sim_fault sim_fault_take(struct sim_state *state, const char *const *keys, size_t count)
{
	const struct sim_fault none = {.mode = SIM_FAULT_NONE, .text = ""};

	for (size_t i = 0; i < count; i++) {
		const char *value = sim_get(state, keys[i], NULL);
		struct sim_fault fault;
		uint64_t times;
		uint64_t skip;

		if (value == NULL || !sim_fault_parse(value, &fault, &times, &skip)) {
			continue;
		}
		if (times == 0 && skip == 0) {
			return fault;
		}
		const char *counter = counter_key(keys[i]);
		const uint64_t seen = sim_get_num(state, counter, 0) + 1;
		sim_put(state, counter, sim_fmt("%llu", (unsigned long long)seen));
		return seen <= skip || (times > 0 && seen > skip + times) ? none : fault;
	}
	return none;
}

bool sim_fault_runs_handler(enum sim_fault_mode mode)
{
	switch (mode) {
	case SIM_FAULT_HANG:
	case SIM_FAULT_HANG_DEAF:
	case SIM_FAULT_EXIT:
	case SIM_FAULT_SIGNAL:
	case SIM_FAULT_NOT_FOUND:
	case SIM_FAULT_TEXT:
		return false;
	case SIM_FAULT_NONE:
	case SIM_FAULT_HANG_AFTER:
	case SIM_FAULT_EXIT_AFTER:
	case SIM_FAULT_SIGNAL_AFTER:
	case SIM_FAULT_EMPTY:
	case SIM_FAULT_GARBAGE:
	case SIM_FAULT_CUT:
	case SIM_FAULT_BIG:
	case SIM_FAULT_DRIP:
	case SIM_FAULT_STDERR:
	case SIM_FAULT_CHILD:
	case SIM_FAULT_LIE:
		break;
	}
	return true;
}
