/* The three checksums of a payload, in the order in which official VIBs have them (recomputed for a partner-signed
 * one): sha-256 of the unpacked bytes, sha-256 of the packed ones, sha-1 of the unpacked ones. ESXi 8 and 9 refuse a
 * VIB without the first (ghettoVCB issue 275); older installers keep one value for each algorithm, the last. */
#ifndef HP_VIB_CHECKSUMS_H
#define HP_VIB_CHECKSUMS_H

#include "../agent/base/err.h"
#include "../agent/base/str.h"

enum { HP_SUM_UNPACKED, HP_SUM_PACKED, HP_SUM_SHA1, HP_SUMS };

struct hp_checksums {
	const char *hex[HP_SUMS]; /* lower case; NULL: not given */
};

/* Of each: "sha-256" or "sha-1", and whether it is over the unpacked bytes (verify-process="gunzip"). */
extern const struct hp_checksum_kind {
	const char *type;
	bool unpacked;
	const char *name; /* for messages */
	size_t digits;
} hp_checksum_kinds[HP_SUMS];

int hp_checksums_of(struct hp_arena *a, struct hp_str packed, struct hp_str unpacked, struct hp_checksums *ret,
		    struct hp_err *err);

#endif
