/* etc/init.d/hostd */
#include "plugin.h"

int sim_hostd(struct sim_call *call)
{
	const char *command = call->argc == 2 ? call->argv[1] : "";
	const bool up = sim_eq(sim_get(call->state, "hostd", "up"), "up");
	const bool starts = sim_eq(command, "restart") || (sim_eq(command, "start") && !up);

	if (sim_eq(command, "status")) { /* text and code of a stopped one are not known */
		sim_buf_text(&call->out, up ? "hostd is running.\n" : "hostd is not running.\n");
		return up ? 0 : 3;
	}
	if (!starts && !sim_eq(command, "stop") && !sim_eq(command, "start")) {
		sim_buf_text(&call->out, "Usage: hostd {start|stop|restart|status}\n");
		return 1;
	}
	if (up && !sim_eq(command, "start")) {
		sim_buf_text(&call->out, "hostd stopped.\n");
	}
	if (starts) {
		sim_buf_text(&call->out, "hostd started.\n");
	} else if (sim_eq(command, "start")) {
		sim_buf_text(&call->out, "hostd is already running.\n");
	}
	if (!call->dry) {
		if (starts) {
			sim_plugins_read_by_hostd(call->state);
		}
		sim_put(call->state, "hostd", sim_eq(command, "stop") ? "down" : "up");
	}
	return 0;
}
