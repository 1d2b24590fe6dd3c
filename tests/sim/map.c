#include "map.h"

#include "tgz.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP "etc/vmware/passthru.map"
#define SHADOW "etc/vmware/.#passthru.map"
/* rw-r--r-T: the sticky bit marks a file whose edits ESX keeps */
enum { MAP_MODE = S_ISVTX | 0644 };

/* Entries as in ESXi 6.7, of which 8.x and 9.x are known to have the last (the paper, section 8.4). The comment is not
 * VMware's; theirs too has a byte sequence that is not ASCII. */
static const char head[] =
    "# Simulated host: reset methods of PCI devices that virtual machines may own.\n"
    "#\n"
    "# vendor  device  method  shareable     (ffff stands for any id\xe2\x80\x94method: flr d3d0 link bridge default)\n"
    "\n"
    "# Intel network ports\n"
    "8086 1502 d3d0 default\n"
    "8086\t10b6\td3d0\tdefault\n"
    "8086\t10c6\td3d0\tdefault\n"
    "8086\t10c7\td3d0\tdefault\n"
    "8086\t10c8\td3d0\tdefault\n"
    "8086\t10dd\td3d0\tdefault\n"
    "\n"
    "# Broadcom network ports\n"
    "14e4 164e default false\n"
    "14e4 164f default false\n"
    "14e4 1650 default false\n"
    "14e4 1662 link false\n"
    "\n"
    "# storage controllers\n"
    "1077 2532 default false\n"
    "1000 0056 d3d0 default\n"
    "1000 0058 d3d0 default\n"
    "\n"
    "# NVIDIA\n";

static const char *stock(const char *method)
{
	if (sim_eq(method, "none")) {
		return sim_fmt("%s\n", head);
	}
	return sim_fmt("%s10de ffff %s false\n\n", head, method);
}

/* False if there is no boot bank. One that lies in RAM takes the archive and loses it at the boot. */
static bool archive_text(struct sim_state *state, const char *text, size_t len)
{
	const char *bootbank = sim_get(state, "bootbank", "ok");

	if (sim_eq(bootbank, "missing")) {
		return false;
	}
	if (sim_eq(bootbank, "ok")) {
		sim_file_replace(sim_path(state, ".esxsim/archived.map"), text, len);
	}
	sim_tgz_write(sim_path(state, "bootbank/state.tgz"), MAP, text, len);
	return true;
}

/* The inode of a path; a copied tree has others, so the number counts only beside that of .esxsim itself. */
static const char *inode_of(const struct sim_state *state, const char *name)
{
	struct stat st;

	return stat(sim_path(state, name), &st) == 0 ? sim_fmt("%llu", (unsigned long long)st.st_ino) : "0";
}

static void learn_inode(struct sim_state *state)
{
	sim_put(state, "passthru.inode", inode_of(state, MAP));
	sim_put(state, "passthru.inode_of_tree", inode_of(state, ".esxsim"));
}

void sim_map_write(struct sim_state *state, const char *method)
{
	const char *text = stock(method);

	sim_file_write(sim_path(state, MAP), text, strlen(text), MAP_MODE);
	(void)archive_text(state, text, strlen(text));
	learn_inode(state);
}

void sim_map_shadow(const struct sim_state *state, bool present)
{
	const char *path = sim_path(state, SHADOW);

	if (!present) {
		(void)unlink(path);
	} else if (access(path, F_OK) != 0) {
		sim_file_write(path, "", 0, MAP_MODE);
	}
}

bool sim_map_archive(struct sim_state *state)
{
	struct stat st;
	size_t len;
	const char *text = sim_file_read(sim_path(state, MAP), &len);

	if (text == NULL || stat(sim_path(state, MAP), &st) != 0) {
		return true;
	}
	const bool same_tree = sim_eq(sim_get(state, "passthru.inode_of_tree", "0"), inode_of(state, ".esxsim"));
	const bool same_inode = !same_tree || sim_eq(sim_get(state, "passthru.inode", "0"), inode_of(state, MAP));
	if (access(sim_path(state, SHADOW), F_OK) == 0 && (st.st_mode & S_ISVTX) != 0 && same_inode) {
		return archive_text(state, text, len);
	}
	return !sim_eq(sim_get(state, "bootbank", "ok"), "missing");
}

const char *sim_map_method(const char *text, unsigned vendor, unsigned device, const char *precedence)
{
	const char *found = "default";
	bool found_exact = false;
	bool have = false;
	char **lines;
	const size_t count = sim_split(text, '\n', &lines);

	for (size_t i = 0; i < count; i++) {
		char word[4][32];
		uint64_t id[2];

		if (lines[i][strspn(lines[i], " \t")] == '#') {
			continue;
		}
		const char *p = lines[i];
		size_t words = 0;
		while (words < 4) {
			p += strspn(p, " \t\r");
			const size_t len = strcspn(p, " \t\r");
			if (len == 0 || len >= sizeof word[0]) {
				break;
			}
			memcpy(word[words], p, len);
			word[words][len] = '\0';
			words++;
			p += len;
		}
		if (words < 3 || !sim_number(sim_fmt("0x%s", word[0]), &id[0]) ||
		    !sim_number(sim_fmt("0x%s", word[1]), &id[1])) {
			continue;
		}
		const bool exact = id[0] == vendor && id[1] == device;
		if ((id[0] != vendor && id[0] != 0xffff) || (id[1] != device && id[1] != 0xffff)) {
			continue;
		}
		if (have &&
		    (sim_eq(precedence, "first") || (sim_eq(precedence, "specific") && found_exact && !exact))) {
			continue;
		}
		found = sim_copy(word[2], strlen(word[2]));
		found_exact = exact;
		have = true;
	}
	return found;
}

static const char *reset_name(const char *method)
{
	return sim_eq(method, "bridge") ? "Bridge reset"
	       : sim_eq(method, "link") ? "Link reset"
	       : sim_eq(method, "d3d0") ? "D3D0 reset"
					: "Function reset"; /* flr, and what VMkernel prefers by itself */
}

void sim_map_boot(struct sim_state *state)
{
	size_t len;
	const char *text = sim_file_read(sim_path(state, ".esxsim/archived.map"), &len);

	if (text == NULL) {
		text = stock("bridge");
		len = strlen(text);
	}
	sim_file_write(sim_path(state, MAP), text, len, MAP_MODE);
	sim_map_shadow(state, sim_get_bool(state, "passthru.shadow", true));
	learn_inode(state);

	const char *precedence = sim_get(state, "passthru.precedence", "last");
	static const struct {
		const char *kind;
		unsigned count;
		unsigned device;
	} kinds[] = {{"gpu", 8, 0x2330}, {"nvswitch", 4, 0x22a3}};
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		const uint64_t count = sim_get_num(state, sim_fmt("%s.count", kinds[k].kind), kinds[k].count);

		for (unsigned n = 0; n < count; n++) {
			uint64_t device = kinds[k].device;

			(void)sim_number(sim_fmt("0x%s", sim_getf(state, "-", "%s.%u.device", kinds[k].kind, n)),
					 &device);
			const char *method = sim_map_method(text, 0x10de, (unsigned)device, precedence);
			sim_put(state, sim_fmt("%s.%u.reset", kinds[k].kind, n), reset_name(method));
		}
	}
}
