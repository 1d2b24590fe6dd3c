#include "gates.h"

#include <string.h>

const char *const hp_gate_asks[] = {"esx-version", "maintenance-mode", "running-vms", "rebooting-image",
				    "bootbank",	   "archive",	       NULL};

struct trial {
	struct hp_arena *arena;
	const struct hp_facts *facts;
	const struct hp_plan *plan;
	const char *state_dir;
};

static const char *unread(const struct trial *t, const char *what, const struct hp_value *v)
{
	return hp_format(t->arena, "%s is not known: %s.", what, v->why ? v->why : "it was not read");
}

static const char *esx(const struct trial *t)
{
	const struct hp_fact *f = hp_fact(t->facts, HP_HOST, "esx.version");
	struct hp_version v;
	if (f->now.is != HP_PRESENT || !hp_version(hp_str(f->now.text), &v))
		return unread(t, "The release of ESX", &f->now);
	if (v.part[0] == 8 || v.part[0] == 9)
		return NULL;
	return hp_format(t->arena, "ESX %s is not supported; known are 8.x and 9.x.", f->now.text);
}

/* ConnectX-5, -5 Ex, -6 Dx, -7, -8 and BlueField-3. */
static bool ats_seen(uint32_t product)
{
	static const uint32_t products[] = {0x15b31017, 0x15b31019, 0x15b3101d, 0x15b31021, 0x15b31023, 0x15b3a2dc};
	for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
		if (product == products[i])
			return true;
	return false;
}

static const char *devices(const struct trial *t)
{
	for (size_t i = 0; i < t->plan->count; i++) {
		const struct hp_step *s = &t->plan->steps[i];
		if (s->by == HP_SET_HCA && !ats_seen(s->product))
			return hp_format(t->arena, "HCA %s is %04x:%04x, and hostprep has not been tried on that kind.",
					 s->target, (unsigned)s->product >> 16, (unsigned)s->product & 0xffff);
	}
	return NULL;
}

static bool in_maintenance(const struct trial *t)
{
	const char *mode = hp_fact_text(t->facts, HP_HOST, "maintenance");
	return mode && strcmp(mode, "Enabled") == 0;
}

static const char *maintenance(const struct trial *t)
{
	const struct hp_fact *f = hp_fact(t->facts, HP_HOST, "maintenance");
	if (in_maintenance(t))
		return NULL;
	if (f->now.is != HP_PRESENT)
		return unread(t, "Maintenance mode", &f->now);
	return "The host is not in maintenance mode. Move its VMs, then `esxcli system maintenanceMode set -e true`, "
	       "or "
	       "give --enter-maintenance.";
}

static const char *running_vms(const struct trial *t)
{
	const struct hp_fact *f = hp_fact(t->facts, HP_HOST, "running-vms");
	const char *names = hp_fact_text(t->facts, HP_HOST, "running-vm-names");
	bool hca = false;
	for (size_t i = 0; i < t->plan->count; i++)
		hca = hca || t->plan->steps[i].by == HP_SET_HCA;
	if (!hca)
		return NULL;
	if (f->now.is != HP_PRESENT)
		return unread(t, "Whether a VM runs", &f->now);
	if (strcmp(f->now.text, "0") != 0)
		return hp_format(t->arena,
				 "HCAs are set only while no VM runs; %s run%s here%s%s. VMs with fixed passthrough "
				 "devices cannot be moved: shut them down.",
				 f->now.text, strcmp(f->now.text, "1") == 0 ? "s" : "", names ? ": " : "",
				 names ? names : "");
	/* That none is listed counts only in maintenance mode, since one may start at any moment. Outside of it the
	 * gate maintenance-mode is closed, or the admin has taken that on himself. */
	return NULL;
}

static const char *rebooting_image(const struct trial *t)
{
	const struct hp_fact *f = hp_fact(t->facts, HP_HOST, "rebooting-image");
	if (f->now.is != HP_PRESENT)
		return unread(t, "Whether a VIB change waits for a reboot", &f->now);
	if (strcmp(f->now.text, "none") == 0)
		return NULL;
	return "A VIB change waits for a reboot. Reboot first, then run hostprep again: one boot, one step.";
}

/* "/vmfs/volumes/UUID", or relative in a tree: "vmfs/volumes/…". */
static bool on_volumes(const char *target)
{
	struct hp_str s = hp_str(target);
	while (hp_str_starts(s, "/") || hp_str_starts(s, "../") || hp_str_starts(s, "./"))
		s = hp_str_sub(s, s.p[0] == '/' ? 1 : s.p[1] == '/' ? 2 : 3, s.n);
	return hp_str_starts(s, "vmfs/volumes/") && s.n > strlen("vmfs/volumes/") && !hp_str_has(s, "/../");
}

static const char *bootbank(const struct trial *t)
{
	const struct hp_fact *f = hp_fact(t->facts, HP_HOST, "bootbank");
	const struct hp_fact *folder = hp_fact(t->facts, HP_HOST, "bootbank-folder");
	if (f->now.is == HP_PRESENT && on_volumes(f->now.text) && folder->now.is == HP_ABSENT)
		return hp_format(t->arena,
				 "/bootbank leads to %s, and there is no such folder: the host has lost its boot "
				 "device.",
				 f->now.text);
	if (f->now.is == HP_PRESENT && folder->now.is == HP_NO_DATA)
		return unread(t, "Where /bootbank leads", &folder->now);
	if (f->now.is == HP_NO_DATA)
		return unread(t, "Where /bootbank leads", &f->now);
	if (f->now.is == HP_PRESENT && on_volumes(f->now.text))
		return NULL;
	return hp_format(t->arena,
			 "/bootbank %s%s%s, so that nothing written would outlive the boot: the host has probably lost "
			 "its boot device (KB 373820).",
			 f->now.is == HP_PRESENT ? "leads to " : "is no link into /vmfs/volumes",
			 f->now.is == HP_PRESENT ? f->now.text : "",
			 f->now.is == HP_PRESENT ? ", not into /vmfs/volumes" : "");
}

static const char *state_dir(const struct trial *t)
{
	return t->state_dir;
}

static const struct {
	const char *name;
	bool can_override;
	const char *(*closed)(const struct trial *t);
} gates[] = {{"esx", true, esx},
	     {"devices", true, devices},
	     {"maintenance-mode", true, maintenance},
	     {"running-vms", true, running_vms},
	     {"rebooting-image", true, rebooting_image},
	     {"bootbank", true, bootbank},
	     {"state-dir", false, state_dir},
	     {"persistence", true, NULL},
	     {"repeat", true, NULL}};
#define GATES (sizeof gates / sizeof gates[0])

static bool next_name(struct hp_str *rest, struct hp_str *ret)
{
	size_t n = 0;
	if (!rest->n)
		return false;
	while (n < rest->n && rest->p[n] != ',')
		n++;
	*ret = hp_str_trim(hp_str_sub(*rest, 0, n));
	*rest = hp_str_sub(*rest, n + 1, rest->n);
	return true;
}

int hp_gates_check(const char *overrides, struct hp_err *err)
{
	struct hp_str rest = hp_str(overrides), name;
	size_t names = 0;
	while (next_name(&rest, &name)) {
		size_t i = 0;
		while (i < GATES && !hp_str_eq(name, gates[i].name))
			i++;
		if (i == GATES)
			return hp_fail(
			    err,
			    "--override: there is no gate \"%.*s\"; there are esx, devices, maintenance-mode, "
			    "running-vms, rebooting-image, bootbank, persistence, repeat",
			    (int)name.n, name.p);
		if (!gates[i].can_override)
			return hp_fail(err, "--override: the gate %s cannot be overridden", gates[i].name);
		names++;
	}
	return names ? 0 : hp_fail(err, "--override wants the name of a gate");
}

bool hp_overridden(const char *overrides, const char *gate)
{
	struct hp_str rest = hp_str(overrides ? overrides : ""), name;
	while (next_name(&rest, &name))
		if (hp_str_eq(name, gate))
			return true;
	return false;
}

size_t hp_gates_try(struct hp_arena *a, const struct hp_facts *facts, const struct hp_plan *plan, const char *overrides,
		    const char *state, struct hp_trouble **ret)
{
	struct trial t = {a, facts, plan, state};
	size_t closed = 0;
	*ret = hp_alloc_array(a, GATES, sizeof **ret);
	for (size_t i = 0; i < GATES; i++) {
		const char *why = gates[i].closed ? gates[i].closed(&t) : NULL;
		if (!why || (gates[i].can_override && hp_overridden(overrides, gates[i].name)))
			continue;
		if (gates[i].can_override)
			why = hp_format(a, "%s (gate %s; --override %s goes on all the same)", why, gates[i].name,
					gates[i].name);
		(*ret)[closed++] = (struct hp_trouble){gates[i].name, why, true};
	}
	return closed;
}
