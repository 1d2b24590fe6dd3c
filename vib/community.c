#include "community.h"

#include <string.h>

static const char *const everywhere[] = {
    "etc/vmware/shutdown/shutdown.d/",
    "etc/vmware/pciid/",
    "etc/vmware/vm-support/",
    "etc/vmware/firewall/",
    "etc/vmware/service/",
    "etc/vmware/driver.map.d/",
    "etc/cim/",
    "etc/config/",
    "opt/",
    "usr/lib/cim/",
    "usr/lib/pycim/",
    "usr/lib/hostprofiles/plugins/",
    "usr/lib/hostprofiles/locale/",
    "usr/lib/vmware/",
    "usr/lib/vmware-debug/",
    "usr/libexec/jumpstart/plugins/",
    "usr/share/hwdata/driver.pciids.d/",
    "var/lib/sfcb/registration/",
};

static const char *const only_67[] = {
    "etc/vmware/fallback.map.d/",
    "etc/vmware/default.map.d/",
    "etc/vmware/ihv.map.d/",
    "etc/vmware/oem.map.d/",
    "etc/init.d/",
    "etc/shutdown.d/",
    "usr/lib64/vmware/",
    "usr/share/hwdata/fallback.pciids.d/",
    "usr/share/hwdata/default.pciids.d/",
    "usr/share/hwdata/ihv.pciids.d/",
    "usr/share/hwdata/oem.pciids.d/",
};

/* Each pattern is the folder and at least one more character. */
static bool below(const char *path, const char *const *folders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(folders[i]);
		if (strncmp(path, folders[i], n) == 0 && path[n])
			return true;
	}
	return false;
}

bool hp_community_path_everywhere(const char *path)
{
	return below(path, everywhere, sizeof everywhere / sizeof everywhere[0]);
}

bool hp_community_path(const char *path)
{
	return hp_community_path_everywhere(path) || below(path, only_67, sizeof only_67 / sizeof only_67[0]);
}
