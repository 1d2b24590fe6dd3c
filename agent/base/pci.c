#include "pci.h"

#include "num.h"

bool hp_sbdf(struct hp_str s, struct hp_sbdf *ret)
{
	struct hp_sbdf at = {0};
	uint64_t domain = 0, bus, slot, function;
	size_t colon = s.n;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ':') {
			colon = i;
			break;
		}
	if (s.n > 7 && colon >= 4 && colon <= 8) {
		if (!hp_number(hp_str_sub(s, 0, colon), 16, UINT32_MAX, &domain))
			return false;
		at.has_domain = true;
		s = hp_str_sub(s, colon + 1, s.n);
	}
	if (s.n != 7 || s.p[2] != ':' || s.p[5] != '.')
		return false;
	if (!hp_number(hp_str_sub(s, 0, 2), 16, 0xff, &bus) || !hp_number(hp_str_sub(s, 3, 5), 16, 0x1f, &slot) ||
	    !hp_number(hp_str_sub(s, 6, 7), 16, 7, &function))
		return false;
	at.domain = (uint32_t)domain;
	at.bus = (uint8_t)bus;
	at.slot = (uint8_t)slot;
	at.function = (uint8_t)function;
	*ret = at;
	return true;
}

const char *hp_sbdf_text(struct hp_arena *a, const struct hp_sbdf *at)
{
	return hp_format(a, "%04x:%02x:%02x.%x", (unsigned)at->domain, at->bus, at->slot, at->function);
}

bool hp_sbdf_match(const struct hp_sbdf *a, const struct hp_sbdf *b)
{
	return (!a->has_domain || !b->has_domain || a->domain == b->domain) && a->bus == b->bus && a->slot == b->slot &&
	       a->function == b->function;
}

int hp_sbdf_cmp(const struct hp_sbdf *a, const struct hp_sbdf *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->bus != b->bus)
		return a->bus < b->bus ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return (a->function > b->function) - (a->function < b->function);
}
