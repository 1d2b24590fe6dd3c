/* Sources: the paper, chapter 7 (8.0U3b, build 24280767, or later; 9.x); KB 409712, fixed in 8.0U3g, build 24859861. */
#include "check.h"

#define KB_409712_FIXED 24859861u

static void evaluate(struct hp_judge *j)
{
	const struct hp_fact *version_fact = hp_fact(j->facts, HP_HOST, "esx.version");
	const char *build_text = hp_fact_text(j->facts, HP_HOST, "esx.build");
	struct hp_str rest = hp_str(j->want), want_version, want_build;
	struct hp_version version, wanted;
	uint64_t build, least;
	if (version_fact->now.is != HP_PRESENT || !build_text) {
		(void)hp_say_no_data(j, HP_HOST, &version_fact->now);
		return;
	}
	(void)hp_next_word(&rest, &want_version);
	(void)hp_next_word(&rest, &want_build);
	if (!hp_version(hp_str(version_fact->now.text), &version) || !hp_version(want_version, &wanted) ||
	    !hp_number(hp_str(build_text), 10, UINT32_MAX, &build) || !hp_number(want_build, 10, UINT32_MAX, &least)) {
		(void)hp_say(j, HP_HOST, HP_UNKNOWN, "The release cannot be compared with the wanted one.");
		return;
	}
	const char *now = hp_format(j->arena, "%s %s", version_fact->now.text, build_text);
	int order = hp_version_cmp(&version, &wanted);
	bool known = version.part[0] <= 9;
	bool good = order > 0 || (order == 0 && build >= least);
	struct hp_finding *f;
	if (!good) {
		f = hp_say(j, HP_HOST, HP_FAIL, hp_format(j->arena, "ESX %s is older than %s.", now, j->want));
		hp_remedy(f, "Update the host with vLCM to the wanted release or a later one.", NULL);
	} else if (!known) {
		f = hp_say(j, HP_HOST, HP_UNKNOWN,
			   hp_format(j->arena, "ESX %s is newer than the releases that this version knows.", now));
		hp_remedy(f, "Look for a newer hostprep.", NULL);
	} else if (version.part[0] == 8 && build < KB_409712_FIXED) {
		f = hp_say(
		    j, HP_HOST, HP_PASS,
		    hp_format(j->arena,
			      "ESX %s will do. Note KB 409712: before 8.0U3g (build %u) a GPU can be lost when a VM "
			      "with passthrough devices is powered on again.",
			      now, KB_409712_FIXED));
		f->note = true;
	} else {
		f = hp_say(j, HP_HOST, HP_PASS, hp_format(j->arena, "ESX %s will do.", now));
	}
	f->now = now;
	hp_cite(f, &version_fact->evidence[0]);
}

const struct hp_check hp_check_esx_release = {
    .id = "esx-release",
    .title = "ESX version and build",
    .severity = HP_MAJOR,
    .want_kind = HP_WANT_RELEASE,
    .want = "8.0.3 24280767",
    .needs = {"esx-version"},
    .tags = {"host"},
    .evaluate = evaluate,
    .looks_at = "Version and build of `esxcli system version get`: 8.0.3 build 24280767 or later, or 9.x.",
    .why = "Earlier releases lack what GPUDirect RDMA between passthrough devices needs. Below 8.0U3g (build 24859861) "
	   "a passthrough device can be lost on a hot-plug reset (KB 409712); that is a note, not a failure.",
    .fixed_by = "Updating the host with vLCM.",
    .undone_by = "Nothing: hostprep never changes the release.",
};
