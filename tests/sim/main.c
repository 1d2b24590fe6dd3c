/* esxsim: a simulated ESX host as a directory tree. Called by its own name it makes and changes hosts; called by a
 * tool's name it is that tool of the host in whose tree the called file lies. */
#include "apply.h"
#include "fault.h"
#include "mlxerror.h"
#include "reboot.h"
#include "scenario.h"
#include "tool.h"
#include "tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { RC_USAGE = 64 };

static const char synopsis[] = "Usage: esxsim create DIR --scenario NAME [--force] [KEY=VALUE...]\n"
			       "       esxsim set DIR KEY=VALUE...      hca.*.next=1 means every HCA\n"
			       "       esxsim get DIR [KEY]\n"
			       "       esxsim reboot DIR [--cold|--quick] [--clean]\n"
			       "       esxsim list\n"
			       "       esxsim --help\n";

static const char *basename_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* The tree of a tool's file: the first folder above it that has a state. */
static const char *find_root(const char *path)
{
	char real[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL) {
		return NULL;
	}
	/* the folder only: the file itself is a link to this program */
	const char *folder = slash == path ? "/" : sim_copy(path, (size_t)(slash - path));
	if (realpath(folder, real) == NULL) {
		return NULL;
	}
	for (;;) {
		if (access(sim_fmt("%s/.esxsim/state", real), R_OK) == 0) {
			return sim_copy(real, strlen(real));
		}
		char *last = strrchr(real, '/');
		if (last == NULL || last == real) {
			return NULL;
		}
		*last = '\0';
	}
}

static int run_tool(const struct sim_tool *tool, int argc, char **argv)
{
	/* what execve was given; argv[0] may be a bare name that was looked up in PATH */
	const char *file = (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr)
	const char *root = find_root(argv[0]);

	if (root == NULL && file != NULL) {
		root = find_root(file);
	}
	if (root == NULL) {
		sim_die("%s is not in the tree of a simulated host", argv[0]);
	}
	return sim_tool_run(tool, root, argc, argv);
}

static void print(const struct sim_buf *out)
{
	(void)sim_write_all(STDOUT_FILENO, out->data, out->len);
}

static int usage(const char *problem)
{
	(void)fprintf(stderr, "esxsim: %s\n%s", problem, synopsis);
	return RC_USAGE;
}

static int help(void)
{
	struct sim_buf out = {0};

	sim_buf_text(&out, synopsis);
	sim_buf_text(&out, "\nScenarios:\n");
	for (size_t i = 0; i < sim_scenario_count; i++) {
		sim_buf_text(&out, "  ");
		sim_buf_left(&out, sim_scenarios[i].name, 18);
		sim_buf_printf(&out, " %s\n", sim_scenarios[i].line);
	}
	sim_buf_text(&out, "\nKeys (N a number, NAME a name, ADDR a PCI address with domain):\n");
	sim_keys_print(&out);
	sim_buf_text(&out, "\nTools:");
	for (size_t i = 0; i < sim_tool_count; i++) {
		sim_buf_printf(&out, " %s", sim_tools[i].name);
	}
	sim_buf_text(
	    &out,
	    "\nWORDS are a call's words joined by dots, the longest match counts: fault.esxcli.hardware.pci.list,\n"
	    "fault.esxcli.software.vib.list.rebooting-image, fault.mlxconfig.mt4129_pciconf3.set, fault.mlxconfig.set\n"
	    "\nModes of faults:\n");
	sim_buf_text(&out, sim_fault_help);
	sim_buf_text(&out, "\nClasses of hca.N.error:\n");
	sim_buf_text(&out, sim_mlxerror_help);
	print(&out);
	return 0;
}

static int list(void)
{
	struct sim_buf out = {0};

	for (size_t i = 0; i < sim_scenario_count; i++) {
		sim_buf_left(&out, sim_scenarios[i].name, 18);
		sim_buf_printf(&out, " %s\n", sim_scenarios[i].line);
	}
	print(&out);
	return 0;
}

static int create(const char *dir, int argc, char **argv)
{
	const struct sim_scenario *scenario = NULL;
	struct sim_state state = {.root = dir};
	bool force = false;
	int rest = 0;

	for (; rest < argc; rest++) {
		const char *name = NULL;

		if (sim_eq(argv[rest], "--scenario") && rest + 1 < argc) {
			name = argv[++rest];
		} else if (sim_starts(argv[rest], "--scenario=")) {
			name = argv[rest] + strlen("--scenario=");
		} else if (sim_eq(argv[rest], "--force")) {
			force = true;
			continue;
		} else {
			break;
		}
		scenario = sim_scenario_find(name);
		if (scenario == NULL) {
			return usage(sim_fmt("no such scenario: %s", name));
		}
	}
	if (scenario == NULL) {
		return usage("which scenario?");
	}
	if (access(sim_path(&state, ".esxsim/state"), F_OK) == 0) {
		if (!force) {
			return usage(sim_fmt("%s is a host already (--force makes it anew)", dir));
		}
		sim_rmdir_content(dir);
	}
	sim_tree_create(&state);
	const int lock = sim_lock(dir);
	sim_scenario_apply(&state, scenario);
	for (; rest < argc; rest++) {
		sim_apply(&state, argv[rest]);
	}
	sim_tree_sync(&state);
	sim_state_save(&state);
	sim_unlock(lock);
	return 0;
}

static int set(const char *dir, int argc, char **argv)
{
	struct sim_state state;

	if (argc == 0) {
		return usage("nothing to set");
	}
	const int lock = sim_lock(dir);
	(void)sim_state_load(&state, dir);
	for (int i = 0; i < argc; i++) {
		sim_apply(&state, argv[i]);
	}
	sim_tree_sync(&state);
	sim_state_save(&state);
	sim_unlock(lock);
	return 0;
}

static int get(const struct sim_state *state, const char *key)
{
	struct sim_buf out = {0};

	for (size_t i = 0; i < state->count && key == NULL; i++) {
		sim_buf_printf(&out, "%s=%s\n", state->pairs[i].key, state->pairs[i].value);
	}
	if (key != NULL) {
		const char *value = sim_get(state, key, NULL);

		if (value == NULL) {
			return 1;
		}
		sim_buf_printf(&out, "%s\n",
			       sim_eq(key, "uptime_us") ? sim_fmt("%llu", (unsigned long long)sim_uptime_us(state))
							: value);
	}
	print(&out);
	return 0;
}

static int reboot_host(const char *dir, int argc, char **argv)
{
	enum sim_boot kind = SIM_BOOT_WARM;
	struct sim_state state;
	bool clean = false;

	for (int i = 0; i < argc; i++) {
		if (sim_eq(argv[i], "--cold")) {
			kind = SIM_BOOT_COLD;
		} else if (sim_eq(argv[i], "--quick")) {
			kind = SIM_BOOT_QUICK;
		} else if (sim_eq(argv[i], "--clean")) {
			clean = true;
		} else {
			return usage(sim_fmt("unknown option: %s", argv[i]));
		}
	}
	const int lock = sim_lock(dir);
	(void)sim_state_load(&state, dir);
	sim_reboot(&state, kind, clean);
	sim_tree_sync(&state);
	sim_state_save(&state);
	sim_unlock(lock);
	return 0;
}

int main(int argc, char **argv)
{
	struct sim_state state;

	if (argc < 1) {
		return RC_USAGE;
	}
	const struct sim_tool *tool = sim_tool_find(basename_of(argv[0]));
	if (tool != NULL) {
		return run_tool(tool, argc, argv);
	}
	if (argc >= 2 && (sim_eq(argv[1], "--help") || sim_eq(argv[1], "-h"))) {
		return help();
	}
	if (argc == 2 && sim_eq(argv[1], "list")) {
		return list();
	}
	if (argc < 3) {
		return usage("what am I to do?");
	}
	const char *command = argv[1];
	if (sim_eq(command, "create")) {
		return create(argv[2], argc - 3, argv + 3);
	}
	if (!sim_state_load(&state, argv[2])) {
		return usage(sim_fmt("%s is no simulated host", argv[2]));
	}
	if (sim_eq(command, "set")) {
		return set(argv[2], argc - 3, argv + 3);
	}
	if (sim_eq(command, "get") && argc <= 4) {
		return get(&state, argc == 4 ? argv[3] : NULL);
	}
	if (sim_eq(command, "reboot")) {
		return reboot_host(argv[2], argc - 3, argv + 3);
	}
	return usage(sim_fmt("unknown command: %s", command));
}
