#include "pkcs7_form.h"

#include <string.h>

#include "der.h"

#define BYTES(literal) ((struct hp_str){literal, sizeof(literal) - 1})

/* Contents of object identifiers. RFC 5652, 8017 and 5758, in this order. */
#define PKCS7_DATA BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
#define PKCS7_SIGNED_DATA BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
#define CONTENT_TYPE BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03")
#define MESSAGE_DIGEST BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04")
#define SIGNING_TIME BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05")
#define SHA256_DIGEST BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x01")
#define RSA_KEY BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")
#define RSA_SHA256 BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b")
#define ECDSA_SHA256 BYTES("\x2a\x86\x48\xce\x3d\x04\x03\x02")

static bool take_oid(struct hp_str *rest, struct hp_str wanted)
{
	struct hp_der der;
	return hp_der_take(rest, HP_DER_OID, &der) && hp_str_same(der.body, wanted);
}

static bool take_version_1(struct hp_str *rest)
{
	struct hp_der der;
	return hp_der_take(rest, HP_DER_INTEGER, &der) && hp_str_same(der.body, BYTES("\x01"));
}

/* AlgorithmIdentifier; its parameters are absent or NULL. */
static bool take_algorithm(struct hp_str *rest, struct hp_str *ret_oid)
{
	struct hp_der all, oid;
	if (!hp_der_take(rest, HP_DER_SEQUENCE, &all) || !hp_der_take(&all.body, HP_DER_OID, &oid))
		return false;
	*ret_oid = oid.body;
	return !all.body.n || hp_str_same(all.body, BYTES("\x05\x00"));
}

static int take_digest(struct hp_str *rest, struct hp_err *err)
{
	struct hp_str oid;
	if (!take_algorithm(rest, &oid))
		return hp_fail(err, "its digest algorithm is not a name alone");
	if (!hp_str_same(oid, SHA256_DIGEST))
		return hp_fail(err, "its digest is not SHA-256");
	return 0;
}

/* ---- signed attributes ---- */

/* The three that count; an attribute's only value. */
struct attributes {
	struct hp_der type, digest, time;
	unsigned types, digests, times;
};

static int only_value(struct hp_str values, struct hp_der *ret, unsigned *count, const char *name, struct hp_err *err)
{
	if (!hp_der_next(&values, ret) || values.n)
		return hp_fail(err, "its %s has not one value", name);
	if (++*count > 1)
		return hp_fail(err, "it has more than one %s", name);
	return 0;
}

static int read_attribute(struct hp_str *rest, struct attributes *all, struct hp_err *err)
{
	struct hp_der attribute, oid, values;
	if (!hp_der_take(rest, HP_DER_SEQUENCE, &attribute) || !hp_der_take(&attribute.body, HP_DER_OID, &oid) ||
	    !hp_der_take(&attribute.body, HP_DER_SET, &values) || attribute.body.n)
		return hp_fail(err, "a signed attribute is not a name and a set of values");
	if (hp_str_same(oid.body, CONTENT_TYPE))
		return only_value(values.body, &all->type, &all->types, "contentType", err);
	if (hp_str_same(oid.body, MESSAGE_DIGEST))
		return only_value(values.body, &all->digest, &all->digests, "messageDigest", err);
	if (hp_str_same(oid.body, SIGNING_TIME))
		return only_value(values.body, &all->time, &all->times, "signingTime", err);
	return 0;
}

static int read_attributes(struct hp_str rest, struct hp_signer_info *signer, struct hp_err *err)
{
	struct attributes all = {.types = 0};
	while (rest.n)
		if (read_attribute(&rest, &all, err) < 0)
			return -1;
	if (!all.types || all.type.tag != HP_DER_OID || !hp_str_same(all.type.body, PKCS7_DATA))
		return hp_fail(err, "its contentType is not data");
	if (!all.digests || all.digest.tag != HP_DER_BYTES || all.digest.body.n != 32)
		return hp_fail(err, "its messageDigest is no SHA-256 digest");
	signer->message_digest = all.digest.body;
	signer->has_time = all.times > 0;
	if (signer->has_time && !hp_der_time(&all.time, &signer->time_s))
		return hp_fail(err, "its signingTime is no time in UTC");
	return 0;
}

/* ---- signers ---- */

static int take_name(struct hp_str *rest, struct hp_signer_info *signer, struct hp_err *err)
{
	struct hp_der name, issuer, serial;
	if (!hp_der_take(rest, HP_DER_SEQUENCE, &name) || !hp_der_take(&name.body, HP_DER_SEQUENCE, &issuer) ||
	    !hp_der_take(&name.body, HP_DER_INTEGER, &serial) || name.body.n)
		return hp_fail(err, "its signer is not named by issuer and serial number");
	signer->issuer = issuer.whole;
	signer->serial = serial.whole;
	return 0;
}

static int take_signature(struct hp_str *rest, struct hp_signer_info *signer, struct hp_err *err)
{
	struct hp_str oid;
	struct hp_der signature;
	if (!take_algorithm(rest, &oid))
		return hp_fail(err, "its signature algorithm is not a name alone");
	bool rsa = hp_str_same(oid, RSA_KEY) || hp_str_same(oid, RSA_SHA256);
	if (!rsa && !hp_str_same(oid, ECDSA_SHA256))
		return hp_fail(err, "its signature is neither RSA (PKCS #1 1.5) nor ECDSA with SHA-256");
	signer->key = rsa ? HP_KEY_RSA : HP_KEY_EC;
	if (!hp_der_take(rest, HP_DER_BYTES, &signature))
		return hp_fail(err, "it has no signature");
	signer->signature = signature.body;
	return 0;
}

static int read_signer(struct hp_str rest, struct hp_signer_info *ret, struct hp_err *err)
{
	struct hp_der set;
	if (!take_version_1(&rest))
		return hp_fail(err, "its signer's version is not 1");
	if (take_name(&rest, ret, err) < 0 || take_digest(&rest, err) < 0)
		return -1;
	if (!hp_der_take(&rest, HP_DER_CONTEXT_0, &set))
		return hp_fail(err, "it has no signed attributes");
	ret->attributes = set.whole;
	if (read_attributes(set.body, ret, err) < 0 || take_signature(&rest, ret, err) < 0)
		return -1;
	ret->unsigned_attributes = hp_der_take(&rest, HP_DER_CONTEXT_1, &set);
	if (rest.n)
		return hp_fail(err, "something stands behind a signer");
	return 0;
}

/* A set's order in DER (X.690 11.6); two that are the same are in none. No encoding is the beginning of another one. */
static bool in_order(struct hp_str first, struct hp_str second)
{
	size_t n = first.n < second.n ? first.n : second.n;
	return n && memcmp(first.p, second.p, n) < 0;
}

static int read_signers(struct hp_str rest, struct hp_signed_data *ret, struct hp_err *err)
{
	struct hp_der signer, before = {.tag = 0};
	if (!rest.n)
		return hp_fail(err, "nobody signed it");
	while (rest.n) {
		if (ret->signer_count == HP_PKCS7_SIGNERS)
			return hp_fail(err, "it has more than %u signers", HP_PKCS7_SIGNERS);
		if (!hp_der_take(&rest, HP_DER_SEQUENCE, &signer))
			return hp_fail(err, "its signers are no signers");
		if (ret->signer_count && !in_order(before.whole, signer.whole))
			return hp_fail(err, "its signers are not in the order of DER");
		if (read_signer(signer.body, &ret->signers[ret->signer_count++], err) < 0)
			return -1;
		before = signer;
	}
	return 0;
}

/* ---- what is around them ---- */

static int read_certificates(struct hp_str rest, struct hp_signed_data *ret, struct hp_err *err)
{
	struct hp_der certificate;
	while (rest.n) {
		if (ret->certificate_count == HP_PKCS7_CERTIFICATES)
			return hp_fail(err, "it has more than %u certificates", HP_PKCS7_CERTIFICATES);
		if (!hp_der_take(&rest, HP_DER_SEQUENCE, &certificate))
			return hp_fail(err, "among its certificates stands what is none");
		ret->certificates[ret->certificate_count++] = certificate.whole;
	}
	return 0;
}

static int take_content(struct hp_str *rest, struct hp_err *err)
{
	struct hp_der content;
	if (!hp_der_take(rest, HP_DER_SEQUENCE, &content) || !take_oid(&content.body, PKCS7_DATA))
		return hp_fail(err, "its content is not of the type data");
	if (content.body.n)
		return hp_fail(err, "it has its content within it: it must be detached");
	return 0;
}

static int read_signed_data(struct hp_str rest, struct hp_signed_data *ret, struct hp_err *err)
{
	struct hp_der set;
	if (!take_version_1(&rest))
		return hp_fail(err, "its version is not 1");
	if (!hp_der_take(&rest, HP_DER_SET, &set))
		return hp_fail(err, "its digest algorithms are missing");
	if (!set.body.n)
		return hp_fail(err, "it names no digest algorithm: nobody signed it");
	if (take_digest(&set.body, err) < 0)
		return -1;
	if (set.body.n)
		return hp_fail(err, "it names more than one digest algorithm");
	if (take_content(&rest, err) < 0)
		return -1;
	if (hp_der_take(&rest, HP_DER_CONTEXT_0, &set) && read_certificates(set.body, ret, err) < 0)
		return -1;
	ret->crls = hp_der_take(&rest, HP_DER_CONTEXT_1, &set);
	if (!hp_der_take(&rest, HP_DER_SET, &set) || rest.n)
		return hp_fail(err, "its last part is not the set of its signers");
	return read_signers(set.body, ret, err);
}

int hp_pkcs7_form(struct hp_str der, struct hp_signed_data *ret, struct hp_err *err)
{
	struct hp_der outer, data;
	struct hp_signed_data read = {.certificate_count = 0};
	struct hp_str rest = der;
	if (!hp_der_sound(der) || !hp_der_take(&rest, HP_DER_SEQUENCE, &outer) || rest.n)
		return hp_fail(err, "is not one value in DER, with nothing behind it");
	if (!take_oid(&outer.body, PKCS7_SIGNED_DATA) || !hp_der_take(&outer.body, HP_DER_CONTEXT_0, &data) ||
	    outer.body.n || !hp_der_take(&data.body, HP_DER_SEQUENCE, &outer) || data.body.n)
		return hp_fail(err, "is no PKCS#7 signedData");
	if (read_signed_data(outer.body, &read, err) < 0)
		return -1;
	*ret = read;
	return 0;
}
