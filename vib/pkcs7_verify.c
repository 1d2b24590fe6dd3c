#include "pkcs7.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <string.h>

#include "../agent/io/clock.h"
#include "cert.h"
#include "der.h"
#include "pem.h"
#include "pkcs7_form.h"

/* What every block is held against. */
struct against {
	unsigned char digest[EVP_MAX_MD_SIZE]; /* of the content */
	unsigned digest_n;
	STACK_OF(X509) * cas; /* NULL: none were given */
};

/* One block, taken apart. */
struct block {
	struct hp_signed_data data;
	struct hp_cert certs[HP_PKCS7_CERTIFICATES];
	const struct hp_cert *signers[HP_PKCS7_SIGNERS]; /* within certs */
	bool loose;					 /* it is not in DER: lengths may be told in other ways */
};

/* ---- each signer ---- */

/* NULL: err says why. */
static const struct hp_cert *find_certificate(const struct block *b, const struct hp_signer_info *info,
					      struct hp_err *err)
{
	const struct hp_cert *found = NULL;
	for (size_t i = 0; i < b->data.certificate_count; i++) {
		const struct hp_cert *cert = &b->certs[i];
		if (!hp_str_same(cert->issuer, info->issuer) || !hp_str_same(cert->serial, info->serial))
			continue;
		if (found) {
			(void)hp_fail(err, "two of its certificates have the signer's issuer and serial number");
			return NULL;
		}
		found = cert;
	}
	if (!found)
		(void)hp_fail(err, "the signer's certificate is not in it");
	return found;
}

/* What is signed: the attributes as a set (RFC 5652 5.4), not under the identifier that they have in the block. */
static struct hp_str signed_bytes(struct hp_arena *a, const struct hp_signer_info *info)
{
	struct hp_buf b = hp_buf(a);
	hp_put(&b, (struct hp_str){&(const char){HP_DER_SET}, 1});
	hp_put(&b, hp_str_sub(info->attributes, 1, info->attributes.n));
	return hp_built(&b);
}

static bool signature_right(struct hp_str bytes, struct hp_str signature, EVP_PKEY *key)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool right = c && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
		     EVP_DigestVerify(c, (const unsigned char *)signature.p, signature.n,
				      (const unsigned char *)bytes.p, bytes.n) == 1;
	EVP_MD_CTX_free(c);
	return right;
}

static int check_signer(struct hp_arena *a, const struct against *against, const struct block *b,
			const struct hp_signer_info *info, const struct hp_cert **ret, struct hp_err *err)
{
	const struct hp_cert *cert = find_certificate(b, info, err);
	if (!cert)
		return -1;
	struct hp_str bytes = signed_bytes(a, info);
	EVP_PKEY *key = X509_get0_pubkey(cert->x);
	if (!key || EVP_PKEY_get_base_id(key) != (info->key == HP_KEY_RSA ? EVP_PKEY_RSA : EVP_PKEY_EC))
		return hp_fail(err, "the key of the signer's certificate is of another kind than the signature");
	if (!signature_right(bytes, info->signature, key))
		return hp_fail(err, "the signature is wrong: it or what is signed was changed, or another key made it");
	if (against->cas && hp_cert_chain(a, cert, b->certs, b->data.certificate_count, against->cas,
					  info->has_time ? &info->time_s : NULL, err) < 0)
		return -1;
	*ret = cert;
	return 0;
}

/* Before anything that takes longer. */
static int check_digests(const struct against *against, const struct hp_signed_data *data, struct hp_err *err)
{
	struct hp_str digest = {(const char *)against->digest, against->digest_n};
	for (size_t i = 0; i < data->signer_count; i++)
		if (!hp_str_same(data->signers[i].message_digest, digest))
			return hp_fail(err,
				       "it was made over something else: its messageDigest is not that of the content");
	return 0;
}

static int read_block(struct hp_arena *a, const struct against *against, struct hp_str der, struct block *b,
		      struct hp_err *err)
{
	if (hp_pkcs7_form(der, &b->data, err) < 0 || check_digests(against, &b->data, err) < 0)
		return -1;
	for (size_t i = 0; i < b->data.certificate_count; i++)
		if (hp_cert_read(a, b->data.certificates[i], &b->certs[i], err) < 0)
			return -1;
	for (size_t i = 0; i < b->data.signer_count; i++)
		if (check_signer(a, against, b, &b->data.signers[i], &b->signers[i], err) < 0)
			return -1;
	hp_cert_cover(b->certs, b->data.certificate_count, against->cas);
	return 0;
}

/* ---- what is told about a block ---- */

/* "A, B and C" out of calls with A, B and C. */
static void put_item(struct hp_buf *b, const char *text, bool last)
{
	if (b->n)
		hp_puts(b, last ? " and " : ", ");
	hp_puts(b, text);
}

static const char *not_covered(struct hp_arena *a, const struct block *b)
{
	const char *items[HP_PKCS7_CERTIFICATES + 3];
	size_t count = 0;
	bool unsigned_attributes = false;
	for (size_t i = 0; i < b->data.certificate_count; i++)
		if (!b->certs[i].covered)
			items[count++] = hp_format(a, "the certificate of %s",
						   hp_cert_name(a, X509_get_subject_name(b->certs[i].x)));
	if (b->data.crls)
		items[count++] = "the lists of revoked certificates";
	for (size_t i = 0; i < b->data.signer_count; i++)
		unsigned_attributes = unsigned_attributes || b->data.signers[i].unsigned_attributes;
	if (unsigned_attributes)
		items[count++] = "the unsigned attributes";
	if (b->loose)
		items[count++] = "the form of its lengths (it is BER, not DER)";
	struct hp_buf text = hp_buf(a);
	for (size_t i = 0; i < count; i++)
		put_item(&text, items[i], i + 1 == count);
	return count ? hp_built_text(&text) : NULL;
}

/* When the last of them signed; NULL when one does not say. */
static const char *signed_at(struct hp_arena *a, const struct hp_signed_data *data)
{
	int64_t latest_s = data->signers[0].time_s;
	for (size_t i = 0; i < data->signer_count; i++) {
		if (!data->signers[i].has_time)
			return NULL;
		if (data->signers[i].time_s > latest_s)
			latest_s = data->signers[i].time_s;
	}
	return hp_rfc3339(a, latest_s * 1000);
}

/* Of several signers, all are named, in the order of the block. */
static void describe(struct hp_arena *a, const struct block *b, bool trusted, struct hp_signature *ret)
{
	struct hp_buf signer = hp_buf(a), issuer = hp_buf(a), serial = hp_buf(a);
	for (size_t i = 0; i < b->data.signer_count; i++) {
		const struct hp_cert *cert = b->signers[i];
		bool last = i + 1 == b->data.signer_count;
		put_item(&signer, hp_cert_name(a, X509_get_subject_name(cert->x)), last);
		put_item(&issuer, hp_cert_name(a, X509_get_issuer_name(cert->x)), last);
		put_item(&serial, hp_cert_serial(a, cert), last);
	}
	ret->signer = hp_built_text(&signer);
	ret->issuer = hp_built_text(&issuer);
	ret->serial = hp_built_text(&serial);
	ret->digest = "sha256";
	ret->signed_at = signed_at(a, &b->data);
	ret->trusted = trusted;
	ret->not_covered = not_covered(a, b);
}

/* ---- all blocks ---- */

static void free_pkcs7(void *what)
{
	PKCS7_free(*(PKCS7 **)what);
}

static void free_bytes(void *what)
{
	OPENSSL_free(*(unsigned char **)what);
}

/* Programs that sign while they read write BER: an outer length that is not told in advance (30 80). The same in DER is
 * looked at then; no other block comes this way. What is DER is never taken for it by a bit that was changed: all that
 * follows would be out of place. */
static int to_der(struct hp_arena *a, struct hp_str *der, bool *ret_loose, struct hp_err *err)
{
	*ret_loose = hp_str_starts(*der, "\x30\x80");
	if (!*ret_loose)
		return 0;
	PKCS7 **p7 = hp_alloc(a, sizeof(PKCS7 *));
	unsigned char **out = hp_alloc(a, sizeof *out);
	const unsigned char *at = (const unsigned char *)der->p;
	hp_defer(a, free_pkcs7, p7);
	hp_defer(a, free_bytes, out);
	*p7 = d2i_PKCS7(NULL, &at, (long)der->n);
	if (!*p7 || at != (const unsigned char *)der->p + der->n)
		return hp_fail(err, "it is neither DER nor BER of a PKCS#7 structure, or has something behind it");
	int n = i2d_PKCS7(*p7, out);
	if (n <= 0)
		return hp_fail(err, "its BER cannot be written as DER");
	*der = (struct hp_str){(const char *)*out, (size_t)n};
	return 0;
}

static int verify_next(struct hp_arena *a, const struct against *against, struct hp_str *rest, struct hp_signature *ret,
		       struct hp_err *err)
{
	struct hp_str der;
	struct block *b = hp_alloc(a, sizeof *b);
	if (hp_pem_next(a, rest, "PKCS7", &der, err) < 0 || to_der(a, &der, &b->loose, err) < 0 ||
	    read_block(a, against, der, b, err) < 0)
		return -1;
	describe(a, b, against->cas != NULL, ret);
	if (rest->n && rest->p[0] != '\n')
		return hp_fail(err, "something stands behind it in its last line");
	*rest = hp_str_sub(*rest, 1, rest->n);
	return 0;
}

static int verify_all(struct hp_arena *a, const struct against *against, struct hp_str sig, struct hp_signature *ret,
		      size_t *ret_count, struct hp_err *err)
{
	struct hp_err inner;
	size_t count = 0;
	while (sig.n) {
		if (count == HP_PKCS7_BLOCKS)
			return hp_fail(err, "the signature has more than %u blocks", HP_PKCS7_BLOCKS);
		if (verify_next(a, against, &sig, &ret[count++], &inner) < 0)
			return hp_fail(err, "signature block %zu: %s", count, inner.text);
	}
	*ret_count = count;
	return 0;
}

static int verify(struct hp_arena *a, struct hp_str sig, struct hp_str content, struct hp_str ca,
		  struct hp_signature *ret, size_t *ret_count, struct hp_err *err)
{
	struct against against = {.cas = NULL};
	if (!sig.n)
		return hp_fail(err, "the signature is empty: nobody signed this");
	if (sig.n > HP_PKCS7_LIMIT)
		return hp_fail(err, "the signature has %zu bytes, more than %zu", sig.n, HP_PKCS7_LIMIT);
	if (ca.p && hp_cert_pem(a, ca, "the CA file", &against.cas, err) < 0)
		return -1;
	if (EVP_Digest(content.p, content.n, against.digest, &against.digest_n, EVP_sha256(), NULL) != 1)
		return hp_fail(err, "cannot compute a SHA-256 digest: out of memory");
	return verify_all(a, &against, sig, ret, ret_count, err);
}

int hp_pkcs7_verify(struct hp_arena *a, struct hp_str sig, struct hp_str content, struct hp_str ca,
		    struct hp_signature *ret, size_t *ret_count, struct hp_err *err)
{
	struct hp_signature signatures[HP_PKCS7_BLOCKS];
	size_t count = 0;
	int code = verify(a, sig, content, ca, signatures, &count, err);
	ERR_clear_error(); /* whatever OpenSSL has noted on the way */
	if (code < 0)
		return -1;
	memcpy(ret, signatures, count * sizeof *ret);
	*ret_count = count;
	return 0;
}
