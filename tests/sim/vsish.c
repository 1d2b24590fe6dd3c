/* vsish: one node of VMkernel's information tree, the one that tells a Quick Boot. */
#include "tool.h"

int sim_vsish(struct sim_call *call)
{
	const char *path = call->argc > 1 ? call->argv[call->argc - 1] : "";

	if (call->argc == 4 && sim_eq(call->argv[1], "-e") && sim_eq(call->argv[2], "get") &&
	    sim_eq(path, "/system/loadESX/isBootLoadESX") && !sim_get_bool(call->state, "vsish.path_absent", false)) {
		sim_buf_printf(&call->out, "%d\n", sim_get_bool(call->state, "quickboot", false) ? 1 : 0);
		return 0;
	}
	/* the real text is not known */
	sim_buf_printf(&call->out, "Unable to get %s: not found\n", path);
	return 255;
}
