/* The PCIe switch boards: their firmware in the BMC's inventory, and the subsystem ids of their bridges among its PCIe
 * functions. */
#include <string.h>

#include "../base/json.h"
#include "../base/num.h"
#include "psb.h"
#include "redfish.h"

#define MATCHES_MOST 32u
#define CHASSIS_MOST 8u
#define DEVICES_MOST 64u /* PCIe devices of one chassis that are looked into */

/* ---- the inventory ---- */

/* Words with anything that is no letter or digit between them: "PCIe Switch Board", "PCI-E_SWITCH". */
static const char *words_of(struct hp_arena *a, const char *text)
{
	struct hp_buf b = hp_buf(a);
	bool blank = true;
	hp_puts(&b, " ");
	for (const char *p = text; *p; p++) {
		char c = hp_lower(*p);
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (word)
			hp_put(&b, (struct hp_str){&c, 1});
		else if (!blank)
			hp_puts(&b, " ");
		blank = !word;
	}
	hp_puts(&b, " ");
	return hp_built_text(&b);
}

static bool has_one(const char *text, const char *const *parts)
{
	for (size_t i = 0; parts[i]; i++)
		if (strstr(text, parts[i]))
			return true;
	return false;
}

/* No public inventory of an XE9680 shows how its boards are called, so this is wide where it includes, and exact where
 * it excludes (facts of other machines: NVSwitches, the HGX board's own switch, retimers, CPLDs). */
static bool is_board(struct hp_arena *a, const char *const fields[5])
{
	static const char *const in[] = {" psb ",  " pcie switch", " pcieswitch", " pci switch", " pci e switch",
					 " pex89", " pex 89",	   " atlas ",	  " atlas2 ",	 NULL};
	static const char *const out[] = {"nvswitch", " hgx ",	   " erot ",   "inforom", "retimer",
					  " cpld ",   "backplane", "ethernet", NULL};
	bool found = false;
	for (size_t i = 0; i < 5; i++) {
		const char *words = fields[i] ? words_of(a, fields[i]) : "";
		if (has_one(words, out))
			return false;
		found = found || has_one(words, in);
	}
	return found;
}

static bool fits_pattern(struct hp_arena *a, const char *pattern, const char *const fields[5])
{
	for (size_t i = 0; i < 5; i++)
		if (fields[i] && hp_rf_glob(a, pattern, fields[i]))
			return true;
	return false;
}

/* Dell lists what was installed before and what may be installed, too: "Previous-", "Current-" (which is not what
 * runs), "Available-" (dell/iDRAC-Redfish-Scripting). */
static bool runs(const struct hp_redfish *r, const char *id, const json_t *dell)
{
	const char *status = hp_rf_text(dell, "Status");
	if (!hp_rf_glob(r->asking->arena, "*dell*", r->maker))
		return true;
	return id && strncmp(id, "Installed-", 10) == 0 && (!status || strcmp(status, "Installed") == 0);
}

void hp_rf_read_firmware(struct hp_redfish *r, const json_t *item, struct hp_str body, const char *source)
{
	struct hp_arena *a = r->asking->arena;
	const json_t *oem = json_object_get(item, "Oem");
	const json_t *dell = json_object_get(json_object_get(oem, "Dell"), "DellSoftwareInventory");
	const char *id = hp_rf_text(item, "Id"), *pattern = r->asking->options->redfish.psb_match;
	const char *const fields[5] = {hp_rf_text(item, "Name"), hp_rf_text(dell, "ElementName"),
				       hp_rf_text(item, "Description"),
				       hp_rf_text(json_object_get(oem, "Ami"), "DeviceClass"), id};
	if (!(pattern ? fits_pattern(a, pattern, fields) : is_board(a, fields)) || !runs(r, id, dell))
		return;
	if (r->matches == MATCHES_MOST) {
		r->inventory_why = "the BMC's firmware inventory has more entries of switch boards than are read";
		return;
	}
	const char *subject = hp_format(a, "psb-inventory-%u", r->matches++);
	const char *version = hp_rf_text(item, "Version");
	struct hp_fact *name = hp_fact_put(r->asking->facts, subject, "psb.name");
	struct hp_fact *f = hp_fact_put(r->asking->facts, subject, "psb.version");
	name->now = hp_present(hp_clean_text(a, hp_str(fields[0] ? fields[0] : id ? id : "?"), 100, NULL));
	struct hp_str printed = hp_str_trim(hp_str(version ? version : ""));
	f->now = printed.n
		     ? hp_present(hp_clean_text(a, printed, 100, NULL))
		     : hp_no_data(hp_format(a, "the BMC's inventory gives no version for %s", name->now.text), NULL);
	f->evidence[0] = (struct hp_evidence){.source = source,
					      .record = body,
					      .focus = version ? hp_rf_place(a, body, "Version", version)
							       : hp_rf_place(a, body, "Id", id)};
}

/* Members that stand there whole are read at once; others are asked for one by one. */
void hp_rf_read_inventory(struct hp_redfish *r, const json_t *collection, struct hp_str body, const char *source)
{
	const json_t *members = json_object_get(collection, "Members"), *m;
	const json_t *next = json_object_get(collection, "Members@odata.nextLink");
	json_int_t count = json_integer_value(json_object_get(collection, "Members@odata.count"));
	size_t i;
	r->listed += json_array_size(members);
	json_array_foreach (members, i, m) {
		if (json_object_size(m) > 1)
			hp_rf_read_firmware(r, m, body, source);
		else
			hp_rf_want(r, HP_RF_FIRMWARE, hp_rf_link(r, m, NULL), NULL);
	}
	if (next && ++r->pages >= HP_REDFISH_PAGES)
		r->inventory_why = "the BMC's firmware inventory has more pages than are read";
	else if (next)
		hp_rf_want(r, HP_RF_INVENTORY, hp_rf_link(r, next, NULL), NULL);
	else if (!r->listed || count > (json_int_t)r->listed)
		r->inventory_why = hp_format(r->asking->arena,
					     "the BMC's firmware inventory lists %u entries where it has %lld; it may "
					     "still be starting",
					     (unsigned)r->listed, (long long)count);
	r->inventory_read = true;
}

/* ---- PCIe functions ---- */

/* Some bridge is left of which the PCI bus does not tell the firmware. */
bool hp_rf_wants_boards(const struct hp_redfish *r)
{
	const struct hp_facts *f = r->asking->facts;
	for (size_t i = 0; i < f->device_count; i++) {
		const struct hp_device *d = &f->devices[i];
		const struct hp_fact *own = hp_fact_find(f, d->sbdf, "psb.ssid");
		if (!hp_psb_is_bridge(d))
			continue;
		if (!own || own->now.is != HP_PRESENT || hp_psb_generation(own->now.text) == HP_PSB_UNKNOWN)
			return true;
	}
	return false;
}

static bool number_of(const json_t *object, const char *member, uint64_t *ret)
{
	const char *text = hp_rf_text(object, member);
	if (!text)
		return false;
	if (text[0] == '0' && hp_lower(text[1]) == 'x')
		text += 2;
	return hp_number(hp_str(text), 16, 0xffff, ret);
}

static void read_function(struct hp_redfish *r, const char *subject, const json_t *object, struct hp_str body,
			  const char *source)
{
	struct hp_arena *a = r->asking->arena;
	uint64_t vendor, device, sub_vendor, sub_device;
	if (!number_of(object, "VendorId", &vendor) || !number_of(object, "DeviceId", &device) || vendor != 0x1000 ||
	    device != 0xc030 || !number_of(object, "SubsystemVendorId", &sub_vendor) ||
	    !number_of(object, "SubsystemId", &sub_device))
		return;
	struct hp_fact *f = hp_fact_put(r->asking->facts, subject, "psb.redfish-ssid");
	f->now = hp_present(hp_format(a, "%04x:%04x", (unsigned)sub_vendor, (unsigned)sub_device));
	f->evidence[0] =
	    (struct hp_evidence){.source = source, .record = body, .focus = hp_rf_place(a, body, "SubsystemId", NULL)};
}

/* Dell calls a PCIe device BUS-DEVICE, in decimal, and a function BUS-DEVICE-FUNCTION. */
static const char *bridge_of(const struct hp_redfish *r, const char *path, bool function)
{
	struct hp_arena *a = r->asking->arena;
	const struct hp_facts *f = r->asking->facts;
	const char *last = path ? strrchr(path, '/') : NULL;
	for (size_t i = 0; last && i < f->device_count; i++) {
		const struct hp_device *d = &f->devices[i];
		if (!hp_psb_is_bridge(d) || d->at.domain)
			continue;
		const char *name = hp_format(a, "%u-%u", d->at.bus, d->at.slot);
		if (function)
			name = hp_format(a, "%s-%u", name, d->at.function);
		if (strcmp(last + 1, name) == 0)
			return d->sbdf;
	}
	return NULL;
}

static void want_devices(struct hp_redfish *r, const json_t *collection)
{
	const json_t *members = json_object_get(collection, "Members"), *m;
	size_t i, wanted = 0;
	json_array_foreach (members, i, m) {
		const char *path = hp_rf_link(r, m, NULL), *bridge = bridge_of(r, path, false);
		if (bridge && wanted++ < DEVICES_MOST)
			hp_rf_want(r, HP_RF_FUNCTIONS, hp_format(r->asking->arena, "%s/PCIeFunctions", path), NULL);
	}
}

static void want_functions(struct hp_redfish *r, const json_t *collection)
{
	const json_t *members = json_object_get(collection, "Members"), *m;
	size_t i;
	json_array_foreach (members, i, m) {
		const char *path = hp_rf_link(r, m, NULL), *bridge = bridge_of(r, path, true);
		if (bridge)
			hp_rf_want(r, HP_RF_FUNCTION, path, bridge);
	}
}

static void want_chassis(struct hp_redfish *r, const json_t *collection)
{
	const json_t *members = json_object_get(collection, "Members"), *m;
	size_t i;
	json_array_foreach (members, i, m) {
		if (i < CHASSIS_MOST)
			hp_rf_want(r, HP_RF_CHASSIS, hp_rf_link(r, m, NULL), NULL);
	}
}

void hp_rf_read_pcie(struct hp_redfish *r, const struct hp_rf_request *request, const json_t *object,
		     struct hp_str body, const char *source)
{
	switch (request->what) {
	case HP_RF_CHASSIS_LIST:
		want_chassis(r, object);
		return;
	case HP_RF_CHASSIS:
		hp_rf_want(r, HP_RF_DEVICES, hp_rf_link(r, object, "PCIeDevices"), NULL);
		return;
	case HP_RF_DEVICES:
		want_devices(r, object);
		return;
	case HP_RF_FUNCTIONS:
		want_functions(r, object);
		return;
	default:
		read_function(r, request->subject, object, body, source);
		return;
	}
}

/* ---- what an earlier run has kept ---- */

static bool is_kept(const char *name)
{
	static const char *const names[] = {"psb.inventory", "psb.name", "psb.version", "psb.redfish-ssid"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void put_kept(struct hp_redfish *r, const json_t *kept, const char *read)
{
	struct hp_arena *a = r->asking->arena;
	const char *subject = hp_rf_text(kept, "subject"), *name = hp_rf_text(kept, "name");
	const char *text = hp_rf_text(kept, "text"), *why = hp_rf_text(kept, "why");
	const char *source = hp_rf_text(kept, "source"), *excerpt = hp_rf_text(kept, "excerpt");
	if (!subject || !name || !is_kept(name) || (!text && !why))
		return;
	struct hp_fact *f = hp_fact_put(r->asking->facts, hp_copy(a, hp_str(subject)), hp_copy(a, hp_str(name)));
	f->now = text ? hp_present(hp_copy(a, hp_str(text))) : hp_no_data(hp_copy(a, hp_str(why)), NULL);
	if (source && excerpt)
		f->evidence[0] = (struct hp_evidence){
		    .source = hp_format(a, "%s (kept since %s; --refresh asks anew)", source, read),
		    .record = hp_str(hp_copy(a, hp_str(excerpt)))};
}

bool hp_rf_read_cached(struct hp_redfish *r)
{
	const char *why;
	struct hp_str kept = r->asking->options->redfish.cached;
	const json_t *root = kept.p ? hp_rf_parse(r->asking->arena, kept, &why) : NULL, *m;
	const char *read = hp_rf_text(root, "read");
	size_t i;
	if (!read)
		return false;
	json_array_foreach (json_object_get(root, "facts"), i, m) {
		put_kept(r, m, hp_clean_text(r->asking->arena, hp_str(read), 40, NULL));
	}
	r->cached = hp_fact_text(r->asking->facts, HP_HOST, "psb.inventory") != NULL;
	return r->cached;
}
