#include "tree.h"

#include "fault.h"
#include "tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOTBANK "vmfs/volumes/5f1e2d3c-4b5a6978-8796-a5b4c3d2e1f0"

static void link_to(const char *target, const char *path)
{
	(void)unlink(path);
	if (symlink(target, path) != 0) {
		sim_die("cannot link %s: %s", path, strerror(errno));
	}
}

void sim_tree_bootbank(const struct sim_state *state)
{
	const char *kind = sim_get(state, "bootbank", "ok");
	const char *path = sim_path(state, "bootbank");

	if (sim_eq(kind, "missing")) {
		(void)unlink(path);
	} else if (sim_eq(kind, "tmp")) { /* a host that lost its boot device */
		sim_mkdirs(sim_path(state, "tmp"));
		link_to("tmp", path);
	} else {
		link_to(BOOTBANK, path);
	}
}

static void make_tool(const struct sim_state *state, const struct sim_tool *tool, const char *self)
{
	const char *path = sim_path(state, tool->path);
	const char *fault = sim_getf(state, "", "fault.%s", tool->name);
	const bool mellanox = sim_starts(tool->path, "opt/mellanox/");

	if (sim_eq(fault, "not-found") || (mellanox && !sim_get_bool(state, "mft.installed", true))) {
		(void)unlink(path);
	} else if (sim_eq(fault, "not-executable")) {
		(void)unlink(path);
		sim_file_write(path, "#!/bin/sh\n", 10, 0644);
	} else if (access(path, X_OK) != 0) {
		sim_mkdirs(sim_copy(path, (size_t)(strrchr(path, '/') - path)));
		link_to(self, path);
	}
}

void sim_tree_sync(const struct sim_state *state)
{
	char self[PATH_MAX];
	const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len <= 0) {
		sim_die("cannot find my own file");
	}
	self[len] = '\0';
	for (size_t i = 0; i < sim_tool_count; i++) {
		make_tool(state, &sim_tools[i], self);
	}
}

void sim_tree_create(struct sim_state *state)
{
	static const char *const directories[] = {".esxsim",
						  "bin",
						  "sbin",
						  "opt/mellanox/bin",
						  "etc/vmware",
						  BOOTBANK,
						  "tmp",
						  "var/run/hostprep",
						  "var/log",
						  "scratch/hostprep",
						  "etc/init.d",
						  "etc/vmware/firewall",
						  "usr/lib/vmware/esxcli/ext"};

	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
		sim_mkdirs(sim_path(state, directories[i]));
	}
	sim_tree_sync(state);
	sim_tree_bootbank(state);
}
