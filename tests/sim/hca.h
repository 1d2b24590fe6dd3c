/* The HCAs as the firmware tools see them. */
#ifndef SIM_HCA_H
#define SIM_HCA_H

#include "state.h"

struct sim_hca {
	unsigned index;
	const char *key;     /* hca.3 */
	const char *address; /* 0000:5e:00.0 */
	const char *mst;     /* mt4129_pciconf3 */
	const char *model;   /* ConnectX7 */
	const char *uplink;  /* vmnic4 or "" */
	unsigned functions;  /* ports that are PCI functions of their own */
};

/* Those that MFT lists; none if its driver is missing or stopped. */
size_t sim_hca_list(const struct sim_state *state, struct sim_hca **ret_hcas);
/* A field of the state: hca.N.NAME. */
const char *sim_hca_get(const struct sim_state *state, const struct sim_hca *hca, const char *name,
			const char *fallback);
/* By mst name with or without /dev/ or /dev/mst/ and .1, or by PCI address; NULL if there is none. */
const struct sim_hca *sim_hca_find(const struct sim_hca *hcas, size_t count, const char *name);
/* The address of function f. */
const char *sim_hca_address(const struct sim_hca *hca, unsigned function);

/* major * 10000 + minor * 100 + patch of mft.version */
unsigned sim_mft_version(const struct sim_state *state);
/* 4.31.0-149 */
const char *sim_mft_version_text(const struct sim_state *state);

#endif
