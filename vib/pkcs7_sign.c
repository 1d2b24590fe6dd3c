#include "pkcs7.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "cert.h"
#include "pem.h"

/* Bytes on, no MIME; and nothing but the signer's certificate comes by itself. */
#define FLAGS (PKCS7_DETACHED | PKCS7_BINARY | PKCS7_NOSMIMECAP)

#define LAST_S ((int64_t)253402300799) /* 9999-12-31T23:59:59Z: the last that DER can say */

/* What OpenSSL makes on the way; registered as a whole, before it is filled. */
struct making {
	EVP_PKEY *key;
	BIO *content;
	ASN1_TIME *time;
	PKCS7 *p7;
	unsigned char *der;
};

static void free_making(void *what)
{
	struct making *m = what;
	EVP_PKEY_free(m->key);
	BIO_free(m->content);
	ASN1_TIME_free(m->time);
	PKCS7_free(m->p7);
	OPENSSL_free(m->der);
}

/* Instead of OpenSSL's, which asks at the terminal. */
static int no_password(char *to, int size, int writing, void *asked)
{
	(void)to;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static int read_key(struct making *m, struct hp_str pem, X509 *signer, struct hp_err *err)
{
	bool asked = false;
	BIO *bio = pem.n && pem.n <= HP_PKCS7_LIMIT ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	m->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked) : NULL;
	BIO_free(bio);
	if (asked)
		return hp_fail(err, "the key is encrypted: give it without a password");
	if (!m->key)
		return hp_fail(err, "the key is no private key in PEM (a block -----BEGIN PRIVATE KEY-----)");
	if (EVP_PKEY_get_base_id(m->key) != EVP_PKEY_RSA && EVP_PKEY_get_base_id(m->key) != EVP_PKEY_EC)
		return hp_fail(err, "the key is neither RSA nor EC");
	if (X509_check_private_key(signer, m->key) != 1)
		return hp_fail(err, "the key does not belong to the first certificate");
	return 0;
}

static bool add_signer(struct making *m, STACK_OF(X509) * certs, int64_t time_s)
{
	PKCS7_SIGNER_INFO *info = PKCS7_sign_add_signer(m->p7, sk_X509_value(certs, 0), m->key, EVP_sha256(), FLAGS);
	m->time = ASN1_TIME_set(NULL, (time_t)time_s);
	/* OpenSSL's own PKCS7_add0_attrib_signing_time calls every time a UTCTime; from 2050 on it is none. */
	if (!info || !m->time ||
	    !PKCS7_add_signed_attribute(info, NID_pkcs9_signingTime, ASN1_STRING_type(m->time), m->time))
		return false;
	m->time = NULL; /* it is the signer's now */
	for (int i = 1; i < sk_X509_num(certs); i++)
		if (!PKCS7_add_certificate(m->p7, sk_X509_value(certs, i)))
			return false;
	return true;
}

static bool make(struct making *m, struct hp_str content, STACK_OF(X509) * certs, int64_t time_s, struct hp_str *ret)
{
	m->content = BIO_new_mem_buf(content.n ? content.p : "", (int)content.n);
	m->p7 = PKCS7_sign(NULL, NULL, NULL, NULL, FLAGS | PKCS7_PARTIAL);
	if (!m->content || !m->p7 || !add_signer(m, certs, time_s) || PKCS7_final(m->p7, m->content, FLAGS) != 1)
		return false;
	int n = i2d_PKCS7(m->p7, &m->der);
	if (n <= 0)
		return false;
	*ret = (struct hp_str){(const char *)m->der, (size_t)n};
	return true;
}

/* What nobody could verify is not given away. */
static int check(struct hp_arena *a, struct hp_str sig, struct hp_str content, struct hp_err *err)
{
	struct hp_signature signatures[HP_PKCS7_BLOCKS];
	size_t count = 0;
	struct hp_err inner;
	if (hp_pkcs7_verify(a, sig, content, (struct hp_str){NULL, 0}, signatures, &count, &inner) < 0)
		return hp_fail(err, "the signature that was made does not verify: %s", inner.text);
	return 0;
}

static int sign(struct hp_arena *a, struct hp_str content, struct hp_str key, struct hp_str cert, int64_t time_s,
		struct hp_str *ret, struct hp_err *err)
{
	struct making *m = hp_alloc(a, sizeof *m);
	STACK_OF(X509) * certs;
	struct hp_str der;
	hp_defer(a, free_making, m);
	if (content.n > INT_MAX)
		return hp_fail(err, "what is to be signed has more than %d bytes", INT_MAX);
	if (time_s < 0 || time_s > LAST_S)
		return hp_fail(err, "the signing time is before 1970 or after 9999");
	if (hp_cert_pem(a, cert, "the certificate file", &certs, err) < 0)
		return -1;
	if (read_key(m, key, sk_X509_value(certs, 0), err) < 0)
		return -1;
	if (!make(m, content, certs, time_s, &der))
		return hp_fail(err, "cannot sign: OpenSSL made no signature");
	struct hp_str sig = hp_pem_text(a, der, "PKCS7");
	if (check(a, sig, content, err) < 0)
		return -1;
	*ret = sig;
	return 0;
}

int hp_pkcs7_sign(struct hp_arena *a, struct hp_str content, struct hp_str key, struct hp_str cert, int64_t time_s,
		  struct hp_str *ret, struct hp_err *err)
{
	int code = sign(a, content, key, cert, time_s, ret, err);
	ERR_clear_error(); /* whatever OpenSSL has noted on the way */
	return code;
}
