#include "reboot.h"

#include "component.h"
#include "image.h"
#include "kernel.h"
#include "map.h"
#include "plugin.h"
#include "vib.h"

#include <string.h>

uint64_t sim_uptime_us(const struct sim_state *state)
{
	const uint64_t uptime = sim_get_num(state, "uptime_us", 0);
	const uint64_t set_at = sim_get_num(state, "uptime_set_at", 0);
	const uint64_t now = sim_now_us();

	return sim_get_bool(state, "uptime_frozen", false) || now < set_at ? uptime : uptime + (now - set_at);
}

void sim_uptime_set(struct sim_state *state, uint64_t uptime_us)
{
	sim_put(state, "uptime_us", sim_fmt("%llu", (unsigned long long)uptime_us));
	sim_put(state, "uptime_set_at", sim_fmt("%llu", (unsigned long long)sim_now_us()));
}

static bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text);
	const size_t end_len = strlen(end);

	return len >= end_len && sim_eq(text + len - end_len, end);
}

/* hca.N.next -> hca.N.current, hca.N.param.X.next -> hca.N.param.X.current. Firmware reads its settings when it is
 * reset: not at a Quick Boot, and some only when power was off. */
static void boot_hcas(struct sim_state *state, enum sim_boot kind)
{
	for (size_t i = 0; i < state->count; i++) {
		const char *key = state->pairs[i].key;
		uint64_t n;

		if (!sim_starts(key, "hca.") || !ends_with(key, ".next")) {
			continue;
		}
		char **parts;
		(void)sim_split(key, '.', &parts);
		if (!sim_number(parts[1], &n)) {
			continue;
		}
		if (kind == SIM_BOOT_WARM && sim_truth(sim_getf(state, "0", "hca.%s.needs_cold", parts[1]))) {
			continue;
		}
		if (sim_truth(sim_getf(state, "0", "hca.%s.stuck", parts[1]))) {
			continue;
		}
		const char *current = sim_fmt("%.*scurrent", (int)(strlen(key) - 4), key);
		const size_t before = state->count;
		sim_put(state, current, state->pairs[i].value);
		i += state->count - before; /* "current" sorts before "next" */
	}
}

static void boot_owners(struct sim_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		const char *key = state->pairs[i].key;

		if (ends_with(key, ".owner_next")) {
			const size_t before = state->count;

			sim_put(state, sim_fmt("%.*s", (int)(strlen(key) - 5), key), state->pairs[i].value);
			i += state->count - before; /* "owner" sorts before "owner_next" */
		}
	}
}

static void boot_modules(struct sim_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		const char *key = state->pairs[i].key;

		if (sim_starts(key, "module.") && ends_with(key, ".options")) {
			/* "running" sorts after "options": i keeps its meaning */
			sim_put(state, sim_fmt("%.*srunning", (int)(strlen(key) - 7), key), state->pairs[i].value);
		}
	}
}

void sim_reboot(struct sim_state *state, enum sim_boot kind, bool clean)
{
	if (clean) {
		(void)sim_map_archive(state);
	}
	sim_kernel_boot(state);
	if (kind != SIM_BOOT_QUICK) {
		boot_hcas(state, kind);
	}
	boot_owners(state);
	boot_modules(state);
	sim_vib_boot(state);
	sim_component_boot(state);
	sim_image_boot(state);
	sim_plugins_read_by_hostd(state);
	sim_map_boot(state);
	sim_rmdir_content(sim_path(state, "var/run/hostprep"));
	sim_uptime_set(state, 60000000); /* the shell answers about a minute after the kernel's start */
	sim_put(state, "quickboot", kind == SIM_BOOT_QUICK ? "1" : "0");
	sim_put(state, "vms", "0");
	sim_put(state, "hostd", "up");
	sim_put(state, "mst.state",
		sim_eq(sim_get(state, "mst.state", "ok"), "stopped") ? "ok" : sim_get(state, "mst.state", "ok"));
	sim_put(state, "boots", sim_fmt("%llu", (unsigned long long)sim_get_num(state, "boots", 0) + 1));
	sim_drop(state, "reboot_requested");
	sim_drop(state, "reboot_reason");
}
