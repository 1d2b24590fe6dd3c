/* One detached PKCS#7 signedData (RFC 2315, RFC 5652), taken apart. Every byte of it is the only one that may stand
 * there, or lies in one of the parts below, which are for the caller to check. Nothing is verified here.
 */
#ifndef HP_VIB_PKCS7_FORM_H
#define HP_VIB_PKCS7_FORM_H

#include <stdint.h>

#include "../agent/base/err.h"
#include "../agent/base/str.h"

#define HP_PKCS7_CERTIFICATES 16u
#define HP_PKCS7_SIGNERS 4u

enum hp_signature_key { HP_KEY_RSA, HP_KEY_EC };

struct hp_signer_info {
	struct hp_str issuer, serial; /* of the signer's certificate; DER with identifier and length */
	enum hp_signature_key key;
	struct hp_str attributes;     /* the signed ones, with identifier ([0]) and length */
	struct hp_str message_digest; /* 32 bytes */
	bool has_time;		      /* signingTime stands there */
	int64_t time_s;		      /* since 1970 */
	struct hp_str signature;
	bool unsigned_attributes;
};

struct hp_signed_data {
	struct hp_str certificates[HP_PKCS7_CERTIFICATES]; /* in the order in which they stand there */
	size_t certificate_count;			   /* may be 0 */
	struct hp_signer_info signers[HP_PKCS7_SIGNERS];
	size_t signer_count; /* at least 1 */
	bool crls;	     /* lists of revoked certificates stand there */
};

/* DER and nothing behind it; version 1, SHA-256, type data without content, signers that are named by issuer and serial
 * number, with signed attributes: contentType (data) and messageDigest once, signingTime once or not at all, others as
 * may be. Sets that the signature does not cover are in DER's order, but for the certificates (OpenSSL keeps theirs).
 */
int hp_pkcs7_form(struct hp_str der, struct hp_signed_data *ret, struct hp_err *err);

#endif
