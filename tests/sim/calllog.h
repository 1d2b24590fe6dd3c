/* DIR/.esxsim/calls: what was run and what overlapped. Two lines per call, appended in one write each:
 *   start MICROSECONDS PID TOOL ARGUMENTS...
 *   end MICROSECONDS PID TOOL rc=N us=DURATION        (or signal=N; a call that was killed has no end line) */
#ifndef SIM_CALLLOG_H
#define SIM_CALLLOG_H

#include "text.h"

/* Returns the time of the start line. */
uint64_t sim_calllog_start(const char *root, const char *tool, int argc, char **argv);
/* how is "rc" or "signal". */
void sim_calllog_end(const char *root, const char *tool, uint64_t start_us, const char *how, int number);

#endif
