/* Keys, certificates and signatures for tests, made by OpenSSL as the tests run. Whatever fails here fails the test. */
#ifndef TESTS_UNIT_SIGNING_H
#define TESTS_UNIT_SIGNING_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "../../vib/der.h"
#include "../../vib/pem.h"
#include "../../vib/pkcs7.h"
#include "unit.h"

#define DAY_S ((int64_t)86400)
#define SIGNED_S ((int64_t)1576595832) /* 2019-12-17T15:17:12Z */

/* Who signs: a key and its certificate. */
struct party {
	EVP_PKEY *key;
	X509 *cert;
};

enum certificate_kind { AUTHORITY, NO_AUTHORITY };

static inline void end_key(void *what)
{
	EVP_PKEY_free(what);
}

static inline void end_cert(void *what)
{
	X509_free(what);
}

static inline void end_pkcs7(void *what)
{
	PKCS7_free(what);
}

static inline void add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void set_name(X509_NAME *name, const char *field, const char *value)
{
	assert_int_equal(
	    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0), 1);
}

/* A certificate of `key` by `issuer` (NULL: itself), valid from from_s to to_s. cn NULL: no CN, but an organization. */
static inline X509 *certify(struct hp_arena *a, EVP_PKEY *key, const char *cn, const struct party *issuer,
			    enum certificate_kind kind, long serial, int64_t from_s, int64_t to_s)
{
	X509 *x = X509_new();
	assert_non_null(x);
	hp_defer(a, end_cert, x);
	X509_NAME *name = X509_get_subject_name(x);
	set_name(name, "O", "Example \xc3\x84G");
	if (cn)
		set_name(name, "CN", cn);
	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), serial), 1);
	assert_int_equal(X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer->cert) : name), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from_s));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to_s));
	assert_int_equal(X509_set_pubkey(x, key), 1);
	add_extension(x, NID_basic_constraints, kind == AUTHORITY ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (kind == AUTHORITY)
		add_extension(x, NID_key_usage, "critical,keyCertSign");
	assert_true(X509_sign(x, issuer ? issuer->key : key, EVP_sha256()) > 0);
	return x;
}

/* Valid for 4000 days around SIGNED_S. */
static inline struct party party(struct hp_arena *a, EVP_PKEY *key, const char *cn, const struct party *issuer,
				 enum certificate_kind kind)
{
	static long serial = 0x1000;
	return (struct party){
	    key, certify(a, key, cn, issuer, kind, ++serial, SIGNED_S - 2000 * DAY_S, SIGNED_S + 2000 * DAY_S)};
}

/* ---- texts ---- */

static inline struct hp_str bio_text(struct hp_arena *a, BIO *bio)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	struct hp_str text = {hp_copy(a, (struct hp_str){p, (size_t)n}), (size_t)n};
	BIO_free(bio);
	return text;
}

static inline struct hp_str key_pem(struct hp_arena *a, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	return bio_text(a, bio);
}

static inline struct hp_str cert_pem(struct hp_arena *a, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_X509(bio, x), 1);
	return bio_text(a, bio);
}

static inline struct hp_str join(struct hp_arena *a, struct hp_str first, const char *between, struct hp_str second)
{
	struct hp_buf b = hp_buf(a);
	hp_put(&b, first);
	hp_puts(&b, between);
	hp_put(&b, second);
	return hp_built(&b);
}

static inline struct hp_str pem_of(struct hp_arena *a, struct hp_str der)
{
	return hp_pem_text(a, der, "PKCS7");
}

static inline struct hp_str der_of(struct hp_arena *a, struct hp_str pem)
{
	struct hp_str der;
	struct hp_err err;
	assert_int_equal(hp_pem_next(a, &pem, "PKCS7", &der, &err), 0);
	return der;
}

/* A copy in which every byte of it can be changed. */
static inline char *writable(struct hp_arena *a, struct hp_str s)
{
	char *p = hp_alloc(a, s.n + 1);
	memcpy(p, s.p, s.n);
	return p;
}

/* Where `part` stands in `all`, the first time. */
static inline size_t offset_of(struct hp_str all, const void *part, size_t n)
{
	for (size_t i = 0; i + n <= all.n; i++)
		if (memcmp(all.p + i, part, n) == 0)
			return i;
	fail_msg("not found");
	return 0;
}

/* ---- OpenSSL's structure, to be bent ---- */

/* Signed with certificates of `signer` and `more` (may be NULL); flags as PKCS7_sign has them. */
static inline PKCS7 *openssl_signs(struct hp_arena *a, const struct party *signer, X509 *more, const char *content,
				   const EVP_MD *md, int flags)
{
	BIO *bio = BIO_new_mem_buf(content, -1);
	flags |= PKCS7_BINARY | PKCS7_NOSMIMECAP;
	PKCS7 *p7 = PKCS7_sign(NULL, NULL, NULL, NULL, flags | PKCS7_PARTIAL);
	assert_non_null(p7);
	hp_defer(a, end_pkcs7, p7);
	if (signer)
		assert_non_null(PKCS7_sign_add_signer(p7, signer->cert, signer->key, md, flags));
	if (more)
		assert_int_equal(PKCS7_add_certificate(p7, more), 1);
	assert_int_equal(PKCS7_final(p7, bio, flags), 1);
	BIO_free(bio);
	return p7;
}

static inline PKCS7_SIGNER_INFO *first_signer(PKCS7 *p7)
{
	return sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(p7), 0);
}

/* As it is now; signed anew when `again`. */
static inline struct hp_str pkcs7_pem(struct hp_arena *a, PKCS7 *p7, bool again)
{
	if (again)
		assert_int_equal(PKCS7_SIGNER_INFO_sign(first_signer(p7)), 1);
	unsigned char *der = NULL;
	int n = i2d_PKCS7(p7, &der);
	assert_true(n > 0);
	struct hp_str pem = pem_of(a, (struct hp_str){(char *)der, (size_t)n});
	OPENSSL_free(der);
	return pem;
}

#endif
