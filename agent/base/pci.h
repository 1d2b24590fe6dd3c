/* PCI addresses: domain:bus:slot.function in hex ("SBDF"; ESX calls the domain a segment). */
#ifndef HP_BASE_PCI_H
#define HP_BASE_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

struct hp_sbdf {
	uint32_t domain;
	uint8_t bus, slot, function;
	bool has_domain; /* mst prints "1a:00.0" while every domain is 0 (mstflint mst_utils/mdevices_info.c) */
};

/* "0000:1a:00.0" or "1a:00.0", hex in either case; false for anything else. */
bool hp_sbdf(struct hp_str s, struct hp_sbdf *ret);
/* The name that reports use: lower case, with domain. */
const char *hp_sbdf_text(struct hp_arena *a, const struct hp_sbdf *at);
/* True when both name one function; an address without domain matches any domain. */
bool hp_sbdf_match(const struct hp_sbdf *a, const struct hp_sbdf *b);
int hp_sbdf_cmp(const struct hp_sbdf *a, const struct hp_sbdf *b);

#endif
