/* Facts: what is known about a host, each with where it was seen.
 *
 * A fact belongs to a subject ("host", or a PCI address with domain) and has a name ("kernel.atsSupport",
 * "hca.ATS_ENABLED"). It has two values: `now`, in force, and `next`, what the next boot will bring:
 *
 *     setting            now                                       next
 *     kernel setting     Runtime                                   Configured
 *     HCA                Current (mlxconfig -e)                    Next Boot
 *     GPU reset method   Reset Method (esxcli hardware pci list)   /etc/vmware/passthru.map
 *
 * A thing without a next (a version, a count) has its value in `now` only.
 *
 * "Not there" and "could not look" are different answers. A value that could not be read says why; nothing may be
 * passed or changed on it. A fact that was never added is NO_DATA as well.
 */
#ifndef HP_BASE_FACT_H
#define HP_BASE_FACT_H

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"
#include "str.h"

enum hp_presence { HP_NO_DATA, HP_ABSENT, HP_PRESENT };

struct hp_value {
	enum hp_presence is;
	const char *text; /* PRESENT: normalised (TRUE, 1, flr); never NULL then */
	const char *why;  /* NO_DATA: what was looked at and what came of it. ABSENT: where it was looked for */
	const char *hint; /* NO_DATA: what to do about it, or NULL */
};

/* The bytes that a value rests on: a whole record of one reply. */
struct hp_evidence {
	const char *source;   /* the call, as an admin would type it */
	struct hp_str record; /* within the reply's bytes */
	struct hp_str focus;  /* within the record: what must be seen of it when it is long; p is NULL for its start */
};

struct hp_fact {
	const char *subject, *name;
	struct hp_value now, next;
	struct hp_evidence evidence[2]; /* source is NULL where there is none */
	bool read_only;			/* the host's tool says that it cannot be changed */
};

/* One function on the PCI bus (esxcli hardware pci list). */
struct hp_device {
	const char *sbdf; /* "0000:1a:00.0": the subject */
	struct hp_sbdf at;
	uint16_t vendor, device, class_id; /* class: base and sub class, 0x0302 */
	uint16_t subvendor, subdevice;	   /* 0 where the list does not show one, or shows 0x0000, which is no id */
	struct hp_str subsystem_at;	   /* where subdevice stands in the evidence */
	const char *name;		   /* "Device Name" */
	const char *vmkernel_name;	   /* "vmnic4", or "" */
	const char *owner;		   /* Current Owner: "VMkernel", "VM Passthru", …, or "" */
	const char *reset_method;	   /* as printed, or NULL where the list does not say */
	struct hp_evidence evidence;
};

/* One row of `mst status -vv`. */
struct hp_mst_device {
	const char *name; /* as mlxconfig -d wants it: "mt4129_pciconf0" */
	struct hp_sbdf at;
	uint16_t device; /* PCI device id: 4129 is 0x1021 */
	bool config;	 /* pciconf; else pci_cr, another way to the same device */
	bool unopened;	 /* DEVICE_TYPE is NA: MFT could not open or identify it */
	const char *net; /* the uplink behind "net-", or NULL */
	struct hp_evidence evidence;
};

struct hp_facts {
	struct hp_arena *arena;
	struct hp_fact **facts;
	size_t count, room;
	size_t *index; /* hash table of fact numbers + 1 */
	size_t slots;
	struct hp_device *devices; /* valid when the fact host/"pci" is PRESENT */
	size_t device_count, device_room;
	struct hp_mst_device *mst; /* valid when the fact host/"mst" is PRESENT */
	size_t mst_count, mst_room;
};

#define HP_HOST "host" /* the subject of everything that is not a device */

struct hp_value hp_present(const char *text);
struct hp_value hp_absent(const char *why);
struct hp_value hp_no_data(const char *why, const char *hint);

void hp_facts_init(struct hp_facts *f, struct hp_arena *a);
/* The fact of that name; a new one (NO_DATA both) is added when there is none. */
struct hp_fact *hp_fact_put(struct hp_facts *f, const char *subject, const char *name);
/* NULL when nobody added it. */
const struct hp_fact *hp_fact_find(const struct hp_facts *f, const char *subject, const char *name);
/* Never NULL: where it was not added, one without data. */
const struct hp_fact *hp_fact(const struct hp_facts *f, const char *subject, const char *name);
/* The text of `now`, or NULL when it is not PRESENT. */
const char *hp_fact_text(const struct hp_facts *f, const char *subject, const char *name);

struct hp_device *hp_device_add(struct hp_facts *f);
struct hp_mst_device *hp_mst_add(struct hp_facts *f);

#endif
