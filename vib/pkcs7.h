/* sig.pkcs7, the signature of a VIB: one or more PEM blocks (BEGIN PKCS7), joined by a newline, each a detached PKCS#7
 * signedData over the bytes of descriptor.xml, DER, digest SHA-256, with signed attributes contentType, signingTime and
 * messageDigest (seen in a partner-signed VIB of HPE: two blocks, the last without newline at its end). Nothing else of
 * the VIB is signed; the payload follows from the checksums in the descriptor.
 */
#ifndef HP_VIB_PKCS7_H
#define HP_VIB_PKCS7_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_PKCS7_LIMIT ((size_t)1 << 20) /* bytes of a sig.pkcs7 */
#define HP_PKCS7_BLOCKS 16u

/* One block that verifies. */
struct hp_signature {
	const char *signer, *issuer; /* CN, or the whole subject where there is none; cleaned for a terminal */
	const char *serial;	     /* hex */
	const char *digest;	     /* "sha256" */
	const char *signed_at;	     /* RFC 3339 in UTC, from signingTime; NULL: none */
	bool trusted;		     /* a chain to a certificate of the CA file was verified */
	/* What of the block's bytes nothing checked covers, as a phrase ("the certificate of VMware Root CA"); NULL:
	 * nothing. A certificate is covered when its signature was verified with the key of its issuer, and the
	 * issuer's is covered or comes from the CA file; a self-signed one by itself covers its own bytes. */
	const char *not_covered;
};

/* Every block must verify over `content`: at least one signer, each signature right, messageDigest that of the content.
 * A block in BER (an outer length that is not told in advance) is read as the DER that it stands for, and not_covered
 * says so. The text must be exactly what PEM gives for exactly the DER that the structure gives (64 characters a line,
 * nothing between or around the blocks but one newline), so that no byte of it is free. ca: PEM certificates to trust,
 * or p NULL; with it, each block must chain to one of them (the purpose of the certificates does not matter, nor their
 * end of validity: a VIB outlives its signer's certificate; the time is signed_at, or now without one). -1: err says
 * which block, and what is wrong with it. */
int hp_pkcs7_verify(struct hp_arena *a, struct hp_str sig, struct hp_str content, struct hp_str ca,
		    struct hp_signature *ret /* HP_PKCS7_BLOCKS */, size_t *ret_count, struct hp_err *err);

/* One block over `content`: SHA-256, signed attributes as above, the certificates of `cert` (PEM: the signer's first,
 * then any that chain to the root). key: PEM, not encrypted, and it must belong to the first certificate. time_s:
 * signingTime, seconds since 1970. With an RSA key the same input gives the same bytes. */
int hp_pkcs7_sign(struct hp_arena *a, struct hp_str content, struct hp_str key, struct hp_str cert, int64_t time_s,
		  struct hp_str *ret, struct hp_err *err);

#endif
