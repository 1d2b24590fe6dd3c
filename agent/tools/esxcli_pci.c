/* esxcli hardware pci list: the devices, and each one's reset method in force.
 * esxcli network nic list and network sriovnic list: which functions VMkernel uses.
 */
#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"

static const char *text_of(struct hp_arena *a, const struct hp_record *r, const char *name)
{
	struct hp_str value;
	return hp_record_get(r, name, &value) ? hp_clean_text(a, value, 128, NULL) : NULL;
}

static const char *read_device(struct hp_arena *a, const struct hp_record *r, struct hp_device *d)
{
	struct hp_str address;
	struct hp_sbdf head;
	uint64_t vendor, device, class_id;
	if (!r->whole || !hp_record_get(r, "address", &address) || !hp_sbdf(address, &d->at) || !d->at.has_domain)
		return "was cut off, or lists a device without address";
	if (r->header.n && (!hp_sbdf(r->header, &head) || hp_sbdf_cmp(&head, &d->at) != 0))
		return "lists a device under another one's address";
	d->sbdf = hp_sbdf_text(a, &d->at);
	d->owner = text_of(a, r, "currentowner");
	d->vmkernel_name = text_of(a, r, "vmkernelname");
	d->name = text_of(a, r, "devicename");
	d->reset_method = text_of(a, r, "resetmethod");
	d->evidence.focus = hp_record_place(r, "resetmethod");
	if (!hp_record_number(r, "vendorid", 0xffff, &vendor) || !hp_record_number(r, "deviceid", 0xffff, &device) ||
	    !hp_record_number(r, "deviceclass", 0xffff, &class_id) || !d->owner)
		return hp_format(a, "does not say what %s is", d->sbdf);
	d->vendor = (uint16_t)vendor;
	d->device = (uint16_t)device;
	d->class_id = (uint16_t)class_id;
	d->name = d->name ? d->name : "";
	d->vmkernel_name = d->vmkernel_name ? d->vmkernel_name : "";
	if (hp_record_number(r, "subvendorid", 0xffff, &vendor) &&
	    hp_record_number(r, "subdeviceid", 0xffff, &device)) {
		d->subvendor = (uint16_t)vendor;
		d->subdevice = (uint16_t)device;
		d->subsystem_at = hp_record_place(r, "subdeviceid");
	}
	return NULL;
}

/* All or nothing: a device that cannot be read may be a GPU or an HCA. */
static const char *pci_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	struct hp_arena *a = asking->arena;
	struct hp_facts *f = asking->facts;
	if (all->count < 2)
		return "lists a single device"; /* a host has many, and a lone record cannot be told from a cut one */
	f->device_count = 0;
	for (size_t i = 0; i < all->count; i++) {
		struct hp_device d = {.evidence = hp_evidence(source, all->records[i]->bytes)};
		const char *why = read_device(a, all->records[i], &d);
		if (!why && hp_fact_find(f, d.sbdf, source))
			why = hp_format(a, "lists %s twice", d.sbdf);
		if (why) {
			f->device_count = 0;
			return why;
		}
		(void)hp_fact_put(f, d.sbdf, source);
		*hp_device_add(f) = d;
	}
	struct hp_fact *list = hp_fact_put(f, HP_HOST, "pci");
	list->now = hp_present(hp_format(a, "%zu devices", f->device_count));
	list->evidence[0] = hp_evidence(source, hp_records_bytes(all));
	return NULL;
}

static void pci_none(struct hp_asking *asking, const char *why, const char *hint)
{
	hp_fact_put(asking->facts, HP_HOST, "pci")->now = hp_no_data(why, hint);
}

static const struct hp_esxcli_topic pci_topic = {
    .words = {"hardware", "pci", "list"}, .long_list = true, .records = pci_records, .none = pci_none};
const struct hp_ask hp_ask_pci = {
    .name = "pci-devices", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &pci_topic};

/* Facts "used-by-vmkernel" of the functions that are listed: now = what uses them. Not being able to list them is no
 * trouble of its own: the PCI list's VMkernel Name and mst's NET column say the same. */
static const char *used_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	struct hp_arena *a = asking->arena;
	bool vfs = strstr(source, "sriovnic") != NULL;
	for (size_t i = 0; i < all->count; i++) {
		const struct hp_record *r = all->records[i];
		struct hp_str address, name;
		struct hp_sbdf at;
		if (!hp_record_get(r, "pcidevice", &address) || !hp_sbdf(address, &at) ||
		    !hp_record_get(r, "name", &name))
			continue;
		struct hp_fact *f = hp_fact_put(asking->facts, hp_sbdf_text(a, &at), "used-by-vmkernel");
		const char *use = hp_clean_text(a, name, 64, NULL);
		f->now = hp_present(hp_format(a, vfs ? "%s has virtual functions" : "it carries the uplink %s", use));
		f->evidence[0] = hp_evidence(source, r->bytes);
	}
	return NULL;
}

static void used_none(struct hp_asking *asking, const char *why, const char *hint)
{
	(void)asking;
	(void)why;
	(void)hint;
}

static const struct hp_esxcli_topic nic_topic = {
    .words = {"network", "nic", "list"}, .empty_ok = true, .records = used_records, .none = used_none};
const struct hp_ask hp_ask_nics = {
    .name = "uplinks", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &nic_topic};

static const struct hp_esxcli_topic sriov_topic = {
    .words = {"network", "sriovnic", "list"}, .empty_ok = true, .records = used_records, .none = used_none};
const struct hp_ask hp_ask_sriov = {
    .name = "virtual-functions", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &sriov_topic};
