#include "psb.h"

#include "../base/num.h"

bool hp_psb_is_bridge(const struct hp_device *d)
{
	return d->vendor == 0x1000 && d->device == 0xc030 && d->class_id == 0x0604;
}

/* Dell's script "FRYER - PSB Check", 1.6.0: the ids of the boards of the XE9680 (U.2 and E3) and of two sister chassis,
 * before and as of 4.160.3.0. The paper's appendix I shows 2330 to 2333, twice each. */
enum hp_psb_generation hp_psb_generation(const char *ssid)
{
	struct hp_str s = hp_str(ssid);
	uint64_t vendor, id;
	if (s.n != 9 || s.p[4] != ':' || !hp_number(hp_str_sub(s, 0, 4), 16, 0xffff, &vendor) ||
	    !hp_number(hp_str_sub(s, 5, 9), 16, 0xffff, &id) || vendor != 0x1028)
		return HP_PSB_UNKNOWN;
	if (id >= 0x224a && id <= 0x224c)
		return HP_PSB_OLD;
	if ((id >= 0x2330 && id <= 0x2333) || (id >= 0x236b && id <= 0x2374))
		return HP_PSB_NEW;
	return HP_PSB_UNKNOWN;
}
