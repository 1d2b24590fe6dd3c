/* Certificates, by OpenSSL. What OpenSSL takes from its own heap is freed with the arena; what it notes in its queue
 * of errors stays there: who asks clears it. */
#ifndef HP_VIB_CERT_H
#define HP_VIB_CERT_H

#include <stdint.h>
#include <openssl/x509.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

struct hp_cert {
	X509 *x;
	struct hp_str der;	      /* what it was read from */
	struct hp_str issuer, serial; /* within der, with identifier and length */
	bool covered;		      /* by hp_cert_cover */
};

/* Every certificate of a PEM file, in its order; text between the blocks and blocks of another kind do not matter. At
 * least one. `what` names the file in err ("the CA file"). */
int hp_cert_pem(struct hp_arena *a, struct hp_str pem, const char *what, STACK_OF(X509) * *ret, struct hp_err *err);
/* One certificate, which must be DER throughout. der: must outlive it. */
int hp_cert_read(struct hp_arena *a, struct hp_str der, struct hp_cert *ret, struct hp_err *err);

/* CN, or the whole subject where there is none, in one line for a terminal; at most 255 bytes of a CN. */
const char *hp_cert_name(struct hp_arena *a, const X509_NAME *name);
/* In hex, lower case, two digits for each byte; without the zero that only says that it is not negative. */
const char *hp_cert_serial(struct hp_arena *a, const struct hp_cert *cert);

/* Marks those whose every byte is vouched for: it is one of `cas` (NULL: there are none); or its signature was verified
 * with the key of its issuer, and that is one of `cas`, the certificate itself, or another one that is marked. Neither
 * times nor what a key may be used for are looked at. */
void hp_cert_cover(struct hp_cert *certs, size_t count, STACK_OF(X509) * cas);
/* A chain from `cert` over any of `certs` to one of `cas`, by the rules of RFC 5280, at time_s (NULL: now); but the end
 * of validity does not matter, nor what a key may be used for other than to sign certificates. */
int hp_cert_chain(struct hp_arena *a, const struct hp_cert *cert, const struct hp_cert *certs, size_t count,
		  STACK_OF(X509) * cas, const int64_t *time_s, struct hp_err *err);

#endif
