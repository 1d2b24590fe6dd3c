#include "state_dir.h"

#include <string.h>

#include "../io/file.h"
#include "../io/host.h"

const char *hp_state_dir(struct hp_arena *a, const struct hp_options *o)
{
	if (!o->state_dir)
		return hp_format(a, "%s/scratch/hostprep", o->root ? o->root : "");
	if (o->state_dir[0] == '/')
		return o->state_dir;
	const char *here = hp_file_real(a, ".");
	return here ? hp_format(a, "%s/%s", here, o->state_dir) : o->state_dir;
}

const char *hp_state_dir_shown(struct hp_arena *a, const struct hp_options *o)
{
	return o->state_dir ? hp_state_dir(a, o) : "/scratch/hostprep";
}

/* Where a path of the tree leads, as seen from the tree's root; NULL when it leads out of it. */
static const char *below_root(struct hp_arena *a, const char *real, const char *root)
{
	const char *top = root ? hp_file_real(a, root) : "";
	size_t n = top ? strlen(top) : 0;
	if (top && strcmp(top, "/") == 0)
		n = 0;
	if (!top || strncmp(real, top, n) != 0 || real[n] != '/')
		return NULL;
	return real + n;
}

static bool in_ram(struct hp_arena *a, const char *real, const struct hp_options *o)
{
	static const char *const ram[] = {"/tmp/", "/var/", "/dev/", "/run/"};
	const char *path = below_root(a, real, o->root);
	if (!o->root)
		return !hp_str_starts(hp_str(real), "/vmfs/");
	for (size_t i = 0; path && i < sizeof ram / sizeof ram[0]; i++)
		if (hp_str_starts(hp_str(path), ram[i]))
			return true;
	return hp_folder_in_ram(real) && !hp_folder_in_ram(o->root);
}

const char *hp_state_dir_trouble(struct hp_arena *a, const struct hp_options *o)
{
	const char *folder = hp_state_dir(a, o), *real = hp_file_real(a, folder);
	const char *shown = hp_state_dir_shown(a, o);
	if (!real || !hp_host_root_is_there(folder))
		return hp_format(
		    a,
		    "The state dir %s is not there: what is changed could not be undone. `mkdir -p %s` on a "
		    "host with a persistent /scratch, or name a folder on a datastore with --state-dir.",
		    shown, shown);
	const char *below = below_root(a, real, o->root);
	if (in_ram(a, real, o))
		return hp_format(a,
				 "The state dir %s is in RAM and lost at boot (it leads to %s). Name a folder on a "
				 "datastore with --state-dir.",
				 shown, below ? below : real);
	int code = hp_disk_room(a, folder, HP_STATE_ROOM);
	return code ? hp_format(a, "The state dir %s takes no %zu KiB: %s.", shown, HP_STATE_ROOM >> 10, strerror(code))
		    : NULL;
}
