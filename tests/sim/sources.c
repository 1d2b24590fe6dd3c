/* Where esxcli software takes VIBs and depots from. */
#include "softerror.h"
#include "software.h"

#include <string.h>
#include <unistd.h>

/* A path of the host is looked for below the tree first; a test may also name a file of the machine. */
static const char *locate(const struct sim_state *state, const char *path)
{
	const char *below = sim_fmt("%s%s", state->root, path);

	return access(below, F_OK) == 0 ? below : path;
}

const char *sim_soft_depot(struct sim_esx *esx, struct sim_depot *ret_depot)
{
	const char *url = sim_esx_option(esx, "depot");

	if (strstr(url, "://") != NULL && !sim_starts(url, "file:///")) {
		return sim_soft_guess("MetadataDownloadError", "Could not download from depot at %s (not simulated)",
				      url);
	}
	url += sim_starts(url, "file:///") ? strlen("file://") : 0;
	if (*url != '/') { /* a host looks for it where esximage's log is */
		return sim_depot_read(esx->state, "", sim_fmt("/var/log/vmware/%s", url), ret_depot);
	}
	return sim_depot_read(esx->state, locate(esx->state, url), url, ret_depot);
}

static const char *read_vib(struct sim_esx *esx, const char *url, struct sim_vibfile *vib)
{
	const char *path = url + (sim_starts(url, "file:///") ? strlen("file://") : 0);
	size_t len;

	if (*path != '/') {
		const bool scheme = strstr(url, "://") != NULL;

		return sim_soft_guess("VibDownloadError", "('%s', '', \"%s: '%s'\")\n        url = %s", url,
				      scheme ? "not simulated" : "unknown url type", url, url);
	}
	const char *bytes = sim_file_read(locate(esx->state, path), &len);
	if (bytes == NULL) {
		return sim_soft_guess("VibDownloadError",
				      "('%s', '', \"<urlopen error [Errno 2] No such file or directory: '%s'>\")\n"
				      "        url = %s",
				      url, path, url);
	}
	return sim_vibfile_read(bytes, len, vib);
}

/* name, name:version, vendor:name, vendor:name:version */
static bool named(const struct sim_vibfile *vib, const char *pattern)
{
	return sim_eq(pattern, vib->name) || sim_eq(pattern, sim_fmt("%s:%s", vib->name, vib->version)) ||
	       sim_eq(pattern, sim_fmt("%s:%s", vib->vendor, vib->name)) ||
	       sim_eq(pattern, sim_fmt("%s:%s:%s", vib->vendor, vib->name, vib->version));
}

const char *sim_soft_vibs(struct sim_esx *esx, struct sim_vibfile **ret_vibs, size_t *ret_count)
{
	const char *url = sim_esx_option(esx, "viburl");
	const char *name = sim_esx_option(esx, "vibname");
	struct sim_depot depot;

	*ret_count = 0;
	if ((url == NULL) == (sim_esx_option(esx, "depot") == NULL)) { /* the text is not known */
		return "Error: One of --depot and --viburl is required.\n";
	}
	if (url != NULL) {
		*ret_vibs = sim_alloc(sizeof **ret_vibs);
		*ret_count = 1;
		return read_vib(esx, url, *ret_vibs);
	}
	const char *problem = sim_soft_depot(esx, &depot);
	if (problem != NULL) {
		return problem;
	}
	for (size_t i = 0; i < depot.vib_count; i++) {
		if (name == NULL || named(&depot.vibs[i], name)) {
			depot.vibs[(*ret_count)++] = depot.vibs[i];
		}
	}
	*ret_vibs = depot.vibs;
	return *ret_count > 0 ? NULL
			      : sim_soft_error("NoMatchError", "No VIB matching VIB search specification '%s'.",
					       name == NULL ? "" : name);
}
