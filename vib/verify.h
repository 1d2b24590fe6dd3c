/* vibpack verify: is every byte right that a checksum, a signature or a fixed layout covers, and would ESX 8 and 9 take
 * it? Whatever is found goes to the audit, and the look goes on as far as it can.
 */
#ifndef HP_VIB_VERIFY_H
#define HP_VIB_VERIFY_H

#include "ar.h"
#include "descriptor.h"
#include "pkcs7.h"

/* A .vib, taken apart. */
struct hp_vib {
	struct hp_ar ar;
	struct hp_str descriptor_text, signature;
	struct hp_descriptor d;
	struct hp_str bytes;
	const char *sha256; /* of the whole file */
};

/* What stands beside the VIB: certificates, and the bundle that it came in. */
struct hp_trust {
	struct hp_str ca; /* PEM; p NULL: none was given */
	bool packaged;	  /* a checksum of the whole file was right: the bundle's */
	bool signing;	  /* it is looked at to be signed: what only a signed one may have is right */
};

/* Looks at the container and the descriptor only. False when there is no descriptor to speak of. */
bool hp_vib_open(struct hp_audit *audit, const char *where, struct hp_str bytes, struct hp_vib *ret);
/* All of it: signature, payloads, tars, file list, rules of the acceptance level, and what is not covered. */
void hp_vib_verify(struct hp_audit *audit, const char *where, const struct hp_vib *vib, const struct hp_trust *trust);
/* The part that looks at the payloads: ar members, checksums, tars, file list. */
void hp_payloads_verify(struct hp_audit *audit, const char *where, const struct hp_vib *vib,
			const struct hp_trust *trust);

#endif
