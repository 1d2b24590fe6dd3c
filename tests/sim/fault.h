/* What goes wrong with a call on purpose: fault.TOOL[.WORDS]=MODE[:ARGUMENT][@TIMES][#SKIP]. The modes are in
 * sim_fault_help. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "state.h"

enum sim_fault_mode {
	SIM_FAULT_NONE,
	SIM_FAULT_HANG,
	SIM_FAULT_HANG_DEAF,
	SIM_FAULT_HANG_AFTER,
	SIM_FAULT_EXIT,
	SIM_FAULT_EXIT_AFTER,
	SIM_FAULT_SIGNAL,
	SIM_FAULT_SIGNAL_AFTER,
	SIM_FAULT_EMPTY,
	SIM_FAULT_GARBAGE,
	SIM_FAULT_CUT,
	SIM_FAULT_BIG,
	SIM_FAULT_DRIP,
	SIM_FAULT_STDERR,
	SIM_FAULT_CHILD,
	SIM_FAULT_NOT_FOUND,
	SIM_FAULT_LIE,
	SIM_FAULT_TEXT,
};

struct sim_fault {
	enum sim_fault_mode mode;
	bool has_number;
	uint64_t number;
	const char *text;
};

extern const char sim_fault_help[];

/* False if the value is not a fault. */
bool sim_fault_parse(const char *value, struct sim_fault *ret_fault, uint64_t *ret_times, uint64_t *ret_skip);

/* The fault of a call, looked up under keys[0..count) of which the first that is there counts. Uses up @TIMES and
 * #SKIP. */
struct sim_fault sim_fault_take(struct sim_state *state, const char *const *keys, size_t count);

/* True if a handler should run at all before this fault strikes. */
bool sim_fault_runs_handler(enum sim_fault_mode mode);

#endif
