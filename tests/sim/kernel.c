#include "kernel.h"

#include <stdlib.h>
#include <string.h>

enum { SINCE_8 = 8, SINCE_9 = 9 };

/* Settings that are known with their text: names, defaults and descriptions as ESX 8.0.3 and 9.0.1 list them
 * (lamw/esxi-advanced-and-kernel-settings). A false_before of 9 means that the default was FALSE on 8. */
static const struct {
	const char *name;
	const char *type;
	const char *initial;
	const char *description;
	int since;
	int false_before;
} known[] = {
    {"atsDisallowPCIeVidDid", "String", "",
     "Colon separated <vendorID>:<deviceID> in hex of the devicefor which enabling ATS is disallowed", SINCE_9, 0},
    {"atsSupport", "Bool", "TRUE", "Enable Support for PCIe ATS.", SINCE_8, 0},
    {"disableACSCheck", "Bool", "FALSE", "Bypass ACS capability checks on all PCIE devices", SINCE_8, 0},
    {"enableACSCheckForRP", "Bool", "FALSE", "Enable ACS capability checks for Root Port", SINCE_8, 0},
    {"enableACSDTP2P", "Bool", "TRUE", "Enable ACS Direct Translated P2P.", SINCE_9, 0},
    {"enablePCIEErrRecov", "uint32", "0x1",
     "Enable PCIe Error Containment and Recovery drivers (bitmap): Set bit[0]=Enables DPC", SINCE_8, 0},
    {"enablePCIEHotplug", "Bool", "TRUE", "Enable PCI-E Native Hotplug support", SINCE_8, 0},
    {"execInstalledOnly", "Bool", "TRUE",
     "Execute only those files that have been installed via a vib package and have not been modified.", SINCE_8,
     SINCE_9},
    {"iommuMapReservedMem", "uint8", "3",
     "Map reserved memory in the IOMMU.\nValues: 3 = Auto, ESXi kernel makes the decision.", SINCE_8, 0},
    {"iovDisableIR", "Bool", "FALSE", "Disable Interrupt Remapping in the IOMMU.", SINCE_8, 0},
    {"noIOMMU", "Bool", "FALSE", "Disable IOMMU (and IOV) support forcibly", SINCE_8, 0},
    {"pcipDisablePciErrReporting", "Bool", "TRUE", "Disable error reporting for PCI passthru devices.", SINCE_8, 0},
    {"vga", "Bool", "TRUE", "Enable/Disable VGA support.", SINCE_8, 0},
};

/* Names of the hundreds of settings that nobody here asks for, so that the list has its real length. */
static const char *const subjects[] = {"cpu", "mem",   "net",  "scsi", "numa",	 "timer", "heap",  "page",
				       "log", "trace", "acpi", "usb",  "nvdimm", "intr",  "sched", "coredump"};
static const char *const aspects[] = {
    "BalancePeriod", "CacheLines",  "DebugLevel",      "DeferredInit", "EarlyProbe",	"FastPath",
    "GuardPages",    "HotAddLimit", "IdleThreshold",   "JournalSlots", "KeepAliveSecs", "LargeBuffers",
    "MaxQueues",     "NodeMask",    "OptionString",    "PollInterval", "QuietMode",	"RetryCount",
    "SampleRate",    "TableSize",   "UseFirmwareHint", "VerifyOnBoot", "WorkerThreads", "ZeroOnFree"};

struct filler_type {
	const char *type;
	const char *initial;
};
static const struct filler_type filler_types[] = {{"Bool", "FALSE"}, {"uint32", "64"},	{"uint8", "2"},
						  {"String", ""},    {"Bool", "TRUE"},	{"uint16", "1024"},
						  {"int32", "-1"},   {"String", "auto"}};

static int by_name(const void *a, const void *b)
{
	const struct sim_kernel *left = a;
	const struct sim_kernel *right = b;

	return strcmp(left->name, right->name);
}

static void add(const struct sim_state *state, struct sim_kernel *settings, size_t *count, struct sim_kernel setting)
{
	if (sim_truth(sim_getf(state, "0", "kernel.%s.absent", setting.name))) {
		return;
	}
	setting.initial = sim_getf(state, setting.initial, "kernel.%s.default", setting.name);
	setting.type = sim_getf(state, setting.type, "kernel.%s.type", setting.name);
	setting.runtime = sim_getf(state, setting.initial, "kernel.%s.runtime", setting.name);
	setting.configured = sim_getf(state, setting.initial, "kernel.%s.configured", setting.name);
	settings[(*count)++] = setting;
}

/* Settings that only the state names: kernel.NAME.type or .runtime or .configured of an unknown NAME. */
static void add_own(const struct sim_state *state, struct sim_kernel *settings, size_t *count)
{
	const size_t before = *count;

	for (size_t i = 0; i < state->count; i++) {
		const char *key = state->pairs[i].key;
		const char *dot = sim_starts(key, "kernel.") ? strchr(key + 7, '.') : NULL;
		bool have = false;

		if (dot == NULL) {
			continue;
		}
		const char *name = sim_copy(key + 7, (size_t)(dot - key - 7));
		for (size_t n = 0; n < *count && !have; n++) {
			have = sim_eq(settings[n].name, name);
		}
		if (!have && *count - before < 64) {
			add(state, settings, count,
			    (struct sim_kernel){name, "String", "", "A setting of this host.", "", ""});
		}
	}
}

size_t sim_kernel_list(const struct sim_state *state, struct sim_kernel **ret_settings)
{
	const char *version = sim_get(state, "esx.version", "9.0.0");
	const int release = sim_starts(version, "8.") ? 8 : 9;
	/* 318 in 8.0U3, 332 in 9.0.0, 333 in 9.0.1 */
	const size_t total = release == 8 ? 318 : sim_eq(version, "9.0.0") ? 332 : 333;
	const size_t known_count = sizeof known / sizeof known[0];
	const size_t aspect_count = sizeof aspects / sizeof aspects[0];
	struct sim_kernel *settings = sim_alloc((total + known_count + 64) * sizeof *settings);
	size_t count = 0;
	size_t present = 0;

	for (size_t i = 0; i < known_count; i++) {
		if (known[i].since <= release) {
			present++;
			add(state, settings, &count,
			    (struct sim_kernel){.name = known[i].name,
						.type = known[i].type,
						.initial = known[i].false_before > release ? "FALSE" : known[i].initial,
						.description = known[i].description});
		}
	}
	for (size_t i = 0; present + i < total; i++) {
		const struct filler_type *kind = &filler_types[i % (sizeof filler_types / sizeof filler_types[0])];
		const char *subject = subjects[i / aspect_count];
		const char *aspect = aspects[i % aspect_count];

		add(state, settings, &count,
		    (struct sim_kernel){.name = sim_fmt("%s%s", subject, aspect),
					.type = kind->type,
					.initial = kind->initial,
					.description = sim_fmt(
					    "%s of the %s code, for tests of tools that list every setting.%s", aspect,
					    subject, i % 40 == 7 ? "\n\tSecond line of the same description." : "")});
	}
	add_own(state, settings, &count);
	qsort(settings, count, sizeof *settings, by_name);
	*ret_settings = settings;
	return count;
}

const struct sim_kernel *sim_kernel_find(const struct sim_kernel *settings, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (sim_eq(settings[i].name, name)) {
			return &settings[i];
		}
	}
	return NULL;
}

bool sim_kernel_configure(struct sim_state *state, const struct sim_kernel *setting, const char *value)
{
	uint64_t number;

	if (sim_eq(setting->type, "Bool")) {
		if (!sim_eq_nocase(value, "true") && !sim_eq_nocase(value, "false")) {
			return false;
		}
		value = sim_eq_nocase(value, "true") ? "TRUE" : "FALSE";
	} else if (!sim_eq(setting->type, "String") && !sim_number(value[0] == '-' ? value + 1 : value, &number)) {
		return false;
	}
	sim_put(state, sim_fmt("kernel.%s.configured", setting->name), value);
	return true;
}

void sim_kernel_boot(struct sim_state *state)
{
	struct sim_kernel *settings;
	const size_t count = sim_kernel_list(state, &settings);

	for (size_t i = 0; i < count; i++) {
		if (!sim_eq(settings[i].runtime, settings[i].configured)) {
			sim_put(state, sim_fmt("kernel.%s.runtime", settings[i].name), settings[i].configured);
		}
	}
}
