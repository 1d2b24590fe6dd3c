/* The PCI devices of the host, modelled on a Dell XE9680: eight switch groups with a GPU, an HCA and a disk each,
 * NVSwitches, network ports and the usual rest. */
#ifndef SIM_PCI_H
#define SIM_PCI_H

#include "state.h"

struct sim_pci {
	const char *address; /* 0000:1a:00.0 */
	const char *key;     /* state prefix: hca.0, gpu.3, nic.1, pci.0000:00:00.0 */
	unsigned vendor, device, subvendor, subdevice, class, revision;
	const char *vendor_name;
	const char *device_name;
	const char *vmk_name;	/* vmnic4, vmhba2 or "" */
	const char *driver;	/* module that VMkernel uses */
	const char *owner;	/* VMkernel, VM Passthru */
	const char *owner_next; /* after a reboot */
	const char *reset;	/* Function reset ... */
	const char *parent;	/* address, or "" at a root */
	unsigned spawned_bus;
	unsigned slot; /* physical; 0: none */
	const char *slot_name;
	bool capable;	  /* of passthrough */
	const char *port; /* upstream or downstream: a switch whose configuration space has capabilities; else NULL */
	int numa;
};

/* Sorted by address. */
size_t sim_pci_list(const struct sim_state *state, struct sim_pci **ret_devices);
const char *sim_pci_class_name(unsigned class);
enum { SIM_PCI_SPACE = 256 };
/* The standard configuration space: ids and class in a header of type 0 or 1, and of a switch its capabilities. The
 * subsystem ids of a bridge stand in one of these, whatever `hardware pci list` was told to show. */
void sim_pci_space(const struct sim_state *state, const struct sim_pci *device, unsigned char ret[SIM_PCI_SPACE]);
bool sim_pci_parse(const char *address, unsigned parts[4]);
/* "PCI 0:26:0:0", in decimal. */
const char *sim_pci_decimal(const char *address);

/* A network port of VMkernel: the built-in ones and HCAs that carry an uplink. */
struct sim_nic {
	const char *name;
	const char *address;
	const char *driver;
	const char *description;
	const char *mac;
	unsigned speed;
	unsigned virtual_functions;
	const char *vmk; /* vmkernel port on it or "" */
};

size_t sim_nic_list(const struct sim_state *state, struct sim_nic **ret_nics);

#endif
