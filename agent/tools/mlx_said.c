#include "mlx_said.h"

/* The first that is found counts: reasons stand before the sentences that carry them. */
static const struct hp_mlx_trouble troubles[] = {
    {"Failed to open the device", "the device could not be opened",
     "Run `/opt/mellanox/bin/mst start`; if the HCA is in passthrough, check again after the VM has been moved.",
     false},
    {"Failed to identify the device", "the device opens but its id cannot be read",
     "Reload the driver by a reboot, or try the MFT release that worked before.", false},
    {"Livefish mode", "the HCA is in recovery (livefish) mode: its firmware does not run",
     "Burn its firmware with flint; look for a flash-recovery jumper.", false},
    {"Semaphore locked", "the HCA's semaphore is taken by another tool", "Wait a minute and check again.", true},
    {"device is busy", "the HCA is busy", "Wait a minute and check again.", true},
    {"Device is busy", "the HCA is busy", "Wait a minute and check again.", true},
    {"ICMD interface busy", "the HCA's command interface is busy", "Wait a minute and check again.", true},
    {"Timed out trying to take the ICMD", "the HCA's command interface does not come free",
     "Wait a minute and check again.", true},
    {"ME_ICMD_STATUS_SEMAPHORE_TO", "the HCA's command interface does not come free", "Wait a minute and check again.",
     true},
    {"check if NV access registers are supported", "the first access to the HCA's settings failed (busy or locked)",
     "Wait a minute and check again; if it stays, power-cycle the server.", true},
    {"Cannot access NV register", "the HCA denies access to its settings",
     "It may be in a zero-trust (secure host) mode, or its firmware is too old.", false},
    {"NVQC access register is not supported", "the HCA does not answer this kind of access",
     "The mst name leads to the wrong kind of device; look at `mst status -vv`.", false},
    {"Unknown Parameter", "this MFT does not know the setting", "Install the MFT and NMST VIBs of 4.31 or later.",
     false},
    {"Failed to find Param", "this MFT does not know the setting", "Install the MFT and NMST VIBs of 4.31 or later.",
     false},
    {"doesn't support ATS_ENABLED", "the HCA's firmware does not offer ATS_ENABLED", "Update the HCA's firmware.",
     false},
    {"doesn't support any configuration", "the HCA gave none of its settings", "Wait a minute and check again.", false},
    {"querying default configurations", "the HCA did not say which values it can give",
     "Wait a minute and check again.", false},
    {"resource unavailable", "the HCA says that the setting's storage is not available", "Update the HCA's firmware.",
     false},
    {"Config Section Corrupted", "the HCA says that its stored settings are corrupt",
     "Ask NVIDIA's support; `mlxconfig reset` loses every setting.", false},
    {"Firmware internal error", "the HCA reports an internal firmware error", "Reboot the host, then check again.",
     false},
    {"CRSpace access error", "the HCA's registers cannot be read", "Reboot the host, then check again.", false},
    {"bad system status", "the HCA's driver or firmware is down", "Reboot the host, then check again.", false},
    {"Failed to get devices", "no device was given to mlxconfig", "Report this as a fault of hostprep.", false},
    {"mst might be stopped", "mst is stopped", "Run `/opt/mellanox/bin/mst start`.", false},
    {"invalid argument", "this mlxconfig does not know an option that hostprep uses",
     "Install the MFT and NMST VIBs of 4.31 or later.", false},
    {"Operation not supported", "the HCA does not support this access", "Update the HCA's firmware.", false},
    {"configuration is rejected", "the HCA rejected the access", "Update the HCA's firmware.", false},
    {"Bad Reg Access method", "the HCA does not know this way of access", "Update the HCA's firmware.", false},
    {"access bad parameter", "the HCA does not know what it was asked for", "Update the HCA's firmware.", false},
    {"erase count exceeds", "the HCA's flash can take no more changes", "Ask NVIDIA's support.", false},
    {"Unknown value", "this mlxconfig does not take the value", "Report this as a fault of hostprep.", false},
    {"Invalid Configuration argument", "this mlxconfig does not take the value", "Report this as a fault of hostprep.",
     false},
    {"Aborted by user", "the change was not confirmed", "Report this as a fault of hostprep.", false},
    {"Failed to get ", "the HCA did not give the value", "Wait a minute and check again.", false},
    {"Failed to set ", "the HCA did not take the value", "Run the command by hand.", false},
};

struct hp_str hp_mlx_error_line(struct hp_str out)
{
	struct hp_str line;
	bool ended;
	while (hp_next_line(&out, &line, &ended))
		if (hp_str_has(line, "-E-"))
			return hp_str_trim(line);
	return (struct hp_str){NULL, 0};
}

static const struct hp_mlx_trouble *find(struct hp_str said)
{
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++)
		if (hp_str_has(said, troubles[i].said))
			return &troubles[i];
	return NULL;
}

const struct hp_mlx_trouble *hp_mlx_trouble_of(const struct hp_reply *reply, struct hp_str *ret_said)
{
	struct hp_str said = hp_mlx_error_line(reply->out);
	const struct hp_mlx_trouble *found = NULL;
	if (reply->end != HP_END_EXIT)
		return NULL;
	if (said.n)
		found = find(said);
	if (!found && reply->code != 0) { /* some are said without -E- */
		said = reply->out;
		found = find(said);
	}
	if (found)
		*ret_said = said;
	return found;
}

const char *hp_mlx_trouble_text(struct hp_arena *a, const struct hp_mlx_trouble *trouble, struct hp_str said)
{
	return hp_format(a, "mlxconfig: %s (\"%s\")", trouble->why, hp_clean_text(a, said, 160, NULL));
}

static struct hp_str bare_name(struct hp_str name)
{
	if (hp_str_starts(name, "/dev/mst/"))
		return hp_str_sub(name, 9, name.n);
	return hp_str_starts(name, "/dev/") ? hp_str_sub(name, 5, name.n) : name;
}

bool hp_mlx_device_line(struct hp_str line, const char *name, bool *ret_same)
{
	bool plain = hp_str_starts(line, "Device:");
	if (!plain && !hp_str_starts(line, "PCI device:"))
		return false;
	struct hp_str said = hp_str_trim(hp_str_sub(line, plain ? 7 : 11, line.n));
	*ret_same = hp_str_same(bare_name(said), bare_name(hp_str(name)));
	return true;
}
