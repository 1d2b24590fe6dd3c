#include "inventory.h"

#include <stdlib.h>
#include <string.h>

#define MLX5_VF 0x101e /* virtual function of ConnectX-6 Dx and later (pci.ids) */

static bool listed(const struct hp_ask_options *options, uint16_t vendor, uint16_t device)
{
	for (size_t i = 0; i < options->hca_id_count; i++)
		if (options->hca_ids[i] == ((uint32_t)vendor << 16 | device))
			return true;
	return false;
}

/* VMkernel names virtual functions after their parent: "PF_0.26.0_VF_0", segment.bus.function in decimal. */
static bool is_vf(const struct hp_device *d)
{
	return strncmp(d->vmkernel_name, "PF_", 3) == 0 && strstr(d->vmkernel_name, "_VF_");
}

/* Whether a virtual function of d is on the bus: one that is named after it, or one of its vendor on its bus (a card's
 * functions share it) that calls itself one. */
static bool has_vf(struct hp_arena *a, const struct hp_facts *f, const struct hp_device *d)
{
	const char *parent = hp_format(a, "PF_%u.%u.%u_VF_", (unsigned)d->at.domain, d->at.bus,
				       (unsigned)(d->at.slot << 3 | d->at.function));
	for (size_t i = 0; i < f->device_count; i++) {
		const struct hp_device *other = &f->devices[i];
		bool near =
		    other->vendor == d->vendor && other->at.domain == d->at.domain && other->at.bus == d->at.bus;
		if (strncmp(other->vmkernel_name, parent, strlen(parent)) == 0)
			return true;
		if (near && !is_vf(other) && (other->device == MLX5_VF || strstr(other->name, "Virtual Function")))
			return true;
	}
	return false;
}

/* The rows of mst that may be this device's. One name is wanted; pci_cr is a second name of what pciconf names. */
static void find_mst(struct hp_arena *a, const struct hp_facts *f, struct hp_hca *hca)
{
	const struct hp_device *d = hca->device;
	for (size_t i = 0; i < f->mst_count; i++) {
		const struct hp_mst_device *m = &f->mst[i];
		if (!hp_sbdf_match(&m->at, &d->at))
			continue;
		if (!hca->mst || (m->config && !hca->mst->config)) {
			hca->mst = m;
			continue;
		}
		if (m->config == hca->mst->config && strcmp(m->name, hca->mst->name) != 0)
			hca->unclear =
			    hp_format(a, "mst status lists %s twice, as %s and %s", d->sbdf, hca->mst->name, m->name);
	}
	if (!hca->mst)
		return;
	/* The number in the name is the device id. MST is known to pair names and addresses wrongly (MFT 4.22, known
	 * issue 3178976). */
	if (hca->mst->device != d->device)
		hca->unclear = hp_format(a, "mst status says that %s is %s, but the PCI bus has %04x:%04x there",
					 d->sbdf, hca->mst->name, d->vendor, d->device);
	for (size_t i = 0; i < f->mst_count; i++)
		if (&f->mst[i] != hca->mst && strcmp(f->mst[i].name, hca->mst->name) == 0 &&
		    !hp_sbdf_match(&f->mst[i].at, &hca->mst->at))
			hca->unclear = hp_format(a, "mst status gives the name %s to two addresses", hca->mst->name);
	for (size_t i = 0; i < f->device_count && !hca->mst->at.has_domain; i++)
		if (&f->devices[i] != d && hp_sbdf_match(&f->devices[i].at, &hca->mst->at) &&
		    f->devices[i].device == d->device)
			hca->unclear =
			    hp_format(a, "mst status names no PCI domain, and %s and %s differ in nothing else",
				      d->sbdf, f->devices[i].sbdf);
}

static void find_use(struct hp_arena *a, const struct hp_facts *f, struct hp_hca *hca)
{
	const struct hp_device *d = hca->device;
	const struct hp_fact *used = hp_fact(f, d->sbdf, "used-by-vmkernel");
	hca->used_evidence = d->evidence;
	if (used->now.is == HP_PRESENT) {
		hca->used_by = used->now.text;
		hca->used_evidence = used->evidence[0];
	} else if (strncmp(d->vmkernel_name, "vmnic", 5) == 0) {
		hca->used_by = hp_format(a, "it carries the uplink %s", d->vmkernel_name);
	} else if (hca->mst && !hca->unclear && hca->mst->net) {
		hca->used_by = hp_format(a, "it carries the uplink %s", hca->mst->net);
		hca->used_evidence = hca->mst->evidence;
	} else if (has_vf(a, f, d)) {
		hca->used_by = "it has virtual functions";
	}
}

static int by_address(const void *a, const void *b)
{
	const struct hp_hca *x = a, *y = b;
	return hp_sbdf_cmp(&x->device->at, &y->device->at);
}

static bool on_bus(const struct hp_facts *f, const struct hp_mst_device *m)
{
	for (size_t i = 0; i < f->device_count; i++)
		if (hp_sbdf_match(&f->devices[i].at, &m->at))
			return true;
	return false;
}

void hp_inventory_make(struct hp_arena *a, const struct hp_facts *f, const struct hp_ask_options *options,
		       struct hp_inventory *ret)
{
	struct hp_inventory v = {.pci = hp_fact(f, HP_HOST, "pci")->now, .mst = hp_fact(f, HP_HOST, "mst")->now};
	v.gpus = hp_alloc_array(a, f->device_count + 1, sizeof(struct hp_device *));
	v.nvswitches = hp_alloc_array(a, f->device_count + 1, sizeof(struct hp_device *));
	v.hcas = hp_alloc_array(a, f->device_count + 1, sizeof *v.hcas);
	v.strangers = hp_alloc_array(a, f->mst_count + 1, sizeof(struct hp_mst_device *));
	for (size_t i = 0; i < f->device_count; i++) {
		const struct hp_device *d = &f->devices[i];
		if (d->vendor == 0x10de && (d->class_id == 0x0300 || d->class_id == 0x0302)) {
			v.gpus[v.gpu_count++] = d;
		} else if (d->vendor == 0x10de && d->class_id == 0x0680) {
			v.nvswitches[v.nvswitch_count++] = d;
		} else if (listed(options, d->vendor, d->device) && !is_vf(d)) {
			struct hp_hca *hca = &v.hcas[v.hca_count++];
			hca->device = d;
			find_mst(a, f, hca);
			find_use(a, f, hca);
			v.hca_used += hca->used_by != NULL;
		}
	}
	qsort(v.hcas, v.hca_count, sizeof *v.hcas, by_address);
	for (size_t i = 0; i < f->mst_count; i++) {
		const struct hp_mst_device *m = &f->mst[i];
		if (!listed(options, 0x15b3, m->device))
			continue;
		bool twin = false; /* pci_cr and pciconf rows name one device */
		for (size_t k = 0; k < i; k++)
			twin = twin || hp_sbdf_match(&f->mst[k].at, &m->at);
		v.mst_hcas += !twin;
		if (v.pci.is == HP_PRESENT && !twin && !on_bus(f, m))
			v.strangers[v.stranger_count++] = m;
	}
	*ret = v;
}
