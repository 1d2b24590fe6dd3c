#include "mlxerror.h"

#include <string.h>

/* Reasons that the register access gives, for get-REASON, set-REASON and probe-REASON. */
static const struct {
	const char *word;
	const char *text;
	const char *before_31; /* where 4.28 is known to say something else */
} reasons[] = {
    {"semaphore", "Semaphore locked", NULL},
    {"busy", "Register access failed, device is busy", "Device is busy"},
    {"icmd-semaphore", "Timed out trying to take the ICMD semaphore", "ME_ICMD_STATUS_SEMAPHORE_TO"},
    {"icmd-busy", "ICMD interface busy", NULL},
    {"icmd-timeout", "Timed out trying to take the ICMD busy-bit", NULL},
    {"rejected", "The configuration is rejected", NULL},
    {"method", "Bad Reg Access method", "Bad method"},
    {"param", "Register access bad parameter", "Bad parameter"},
    {"corrupt", "Config Section Corrupted", NULL},
    {"erase", "The erase count exceeds its limit", NULL},
    {"internal", "Firmware internal error", NULL},
    {"crspace", "CRSpace access error", NULL},
    {"unsupported-op", "Operation not supported", NULL},
    {"status", "bad system status (driver may be down or Fw does not support this operation)", NULL},
};

static const struct {
	const char *class;
	enum sim_mlxstep step;
	const char *text;
} classes[] = {
    {"open", SIM_STEP_OPEN, "-E- Failed to open the device"},
    {"identify", SIM_STEP_OPEN, "-E- Failed to identify the device"},
    {"livefish", SIM_STEP_OPEN, "-E- Device in Livefish mode is not supported"},
    {"nvaccess", SIM_STEP_OPEN, "-E- Error when trying to check if NV access registers are supported"},
    {"nvdisabled", SIM_STEP_OPEN,
     "-E- Cannot access NV register. Either FW does not support NV access register, or HW access is disabled."},
    {"nvqc", SIM_STEP_OPEN, "-E- NVQC access register is not supported. Try a different type of access to the device."},
    {"unknown", SIM_STEP_PARAM, NULL},
    {"unsupported", SIM_STEP_PARAM, NULL},
    {"partly", SIM_STEP_PARTLY, NULL},
};

const char sim_mlxerror_help[] =
    "  open identify livefish nvaccess nvdisabled nvqc   before the device block\n"
    "  probe-REASON                                      with -e only, before the heads\n"
    "  unknown unsupported get-REASON                    after the heads\n"
    "  set-REASON                                        after Applying...\n"
    "  partly                                            a full query without the rows of nv_pci_conf, exit 3\n"
    "  REASON: semaphore busy icmd-semaphore icmd-busy icmd-timeout rejected method param corrupt\n"
    "          erase internal crspace unsupported-op status\n";

static const char *reason_of(const char *class, const char *prefix, unsigned version)
{
	if (!sim_starts(class, prefix)) {
		return NULL;
	}
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (sim_eq(reasons[i].word, class + strlen(prefix))) {
			return version < 43100 && reasons[i].before_31 != NULL ? reasons[i].before_31 : reasons[i].text;
		}
	}
	return NULL;
}

bool sim_mlxerror_known(const char *class)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (sim_eq(classes[i].class, class)) {
			return true;
		}
	}
	return reason_of(class, "probe-", 0) != NULL || reason_of(class, "get-", 0) != NULL ||
	       reason_of(class, "set-", 0) != NULL;
}

static const char *open_text(const struct sim_state *state, const char *class)
{
	const bool new = sim_mft_version(state) >= 43600;

	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (!sim_eq(classes[i].class, class) || classes[i].step != SIM_STEP_OPEN) {
			continue;
		}
		if (new &&sim_eq(class, "open")) { /* 4.36 says it twice */
			return sim_fmt("%s\n%s\n", classes[i].text, classes[i].text);
		}
		return sim_fmt("%s%s\n", classes[i].text, new &&sim_eq(class, "nvaccess") ? " rc=(5)" : "");
	}
	return NULL;
}

const char *sim_mlxerror(const struct sim_state *state, const struct sim_hca *hca, enum sim_mlxstep step,
			 const char *param, const char *tlv)
{
	const char *class = sim_hca_get(state, hca, "error", "");
	const unsigned version = sim_mft_version(state);
	const char *reason;

	if (*class == '\0' || sim_eq(sim_hca_get(state, hca, "error_times", "-"), "0")) {
		return NULL;
	}
	switch (step) {
	case SIM_STEP_OPEN:
		return open_text(state, class);
	case SIM_STEP_PROBE:
		reason = reason_of(class, "probe-", version);
		return reason == NULL ? NULL
				      : sim_fmt("-E- Error when checked if Firmware supports querying default "
						"configurations or not: %s.\n",
						reason);
	case SIM_STEP_PARAM:
		if (sim_eq(class, "unknown") && sim_eq(param, "ATS_ENABLED")) {
			return version >= 43600
				   ? sim_fmt("-E- Failed to find Param / TLV with name '%s' port 0 module -1\n", param)
				   : sim_fmt("-E- Unknown Parameter: %s\n", param);
		}
		if (sim_eq(class, "unsupported") && sim_eq(param, "ATS_ENABLED")) {
			return sim_fmt("-E- The Device doesn't support %s parameter\n", param);
		}
		return NULL;
	case SIM_STEP_GET:
		reason = reason_of(class, "get-", version);
		return reason == NULL ? NULL : sim_fmt("-E- Failed to get %s settings %s\n", tlv, reason);
	case SIM_STEP_SET:
		reason = reason_of(class, "set-", version);
		return reason == NULL ? NULL : sim_fmt("-E- Failed to set %s settings %s\n", tlv, reason);
	case SIM_STEP_PARTLY:
		return sim_eq(class, "partly") ? sim_fmt("-E- Failed to query some of the TLVs:\n"
							 "    Failed to query the next values of the following TLVs:\n"
							 "    nv_pci_conf\n")
					       : NULL;
	}
	return NULL;
}

void sim_mlxerror_count(struct sim_state *state, const struct sim_hca *hca)
{
	const char *key = sim_fmt("%s.error_times", hca->key);
	const uint64_t left = sim_get_num(state, key, 0);

	if (left > 0) {
		sim_put(state, key, sim_fmt("%llu", (unsigned long long)left - 1));
	}
}
