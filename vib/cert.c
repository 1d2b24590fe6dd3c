#include "cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "der.h"

#define PEM_LIMIT ((size_t)16 << 20) /* bytes; the certificates that a distribution trusts are about 250 KiB */

/* ---- what is freed with the arena: each holder is registered before OpenSSL fills it ---- */

static void free_certificate(void *what)
{
	X509_free(*(X509 **)what);
}

static void free_stack(void *what)
{
	sk_X509_pop_free(*(STACK_OF(X509) **)what, X509_free);
}

/* ---- reading ---- */

static int no_password(char *to, int size, int writing, void *data)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

/* True when each certificate could be read up to the end of the file. */
static bool read_all(struct hp_str pem, STACK_OF(X509) * to)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *x = NULL;
	ERR_clear_error();
	while (bio && (x = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
		if (sk_X509_push(to, x) <= 0) {
			X509_free(x);
			break;
		}
	}
	unsigned long last = ERR_peek_last_error();
	bool good = bio && ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
	BIO_free(bio);
	return good;
}

int hp_cert_pem(struct hp_arena *a, struct hp_str pem, const char *what, STACK_OF(X509) * *ret, struct hp_err *err)
{
	STACK_OF(X509) **held = hp_alloc(a, sizeof(STACK_OF(X509) *));
	hp_defer(a, free_stack, held);
	*held = sk_X509_new_null();
	if (!*held)
		return hp_fail(err, "%s: out of memory", what);
	if (pem.n > PEM_LIMIT)
		return hp_fail(err, "%s has more than %zu MiB", what, PEM_LIMIT >> 20);
	if (pem.n && !read_all(pem, *held))
		return hp_fail(err, "%s: certificate %d cannot be read", what, sk_X509_num(*held) + 1);
	if (!sk_X509_num(*held))
		return hp_fail(err, "%s has no certificate in it (a block -----BEGIN CERTIFICATE-----)", what);
	*ret = *held;
	return 0;
}

/* RFC 5280 4.1: Certificate { tbs { [0] version, serial, signature, issuer, … }, … } */
static bool find_parts(struct hp_cert *cert)
{
	struct hp_der outer, tbs, version, serial, algorithm, issuer;
	struct hp_str rest = cert->der;
	if (!hp_der_take(&rest, HP_DER_SEQUENCE, &outer) || !hp_der_take(&outer.body, HP_DER_SEQUENCE, &tbs))
		return false;
	(void)hp_der_take(&tbs.body, HP_DER_CONTEXT_0, &version);
	if (!hp_der_take(&tbs.body, HP_DER_INTEGER, &serial) || !hp_der_take(&tbs.body, HP_DER_SEQUENCE, &algorithm) ||
	    !hp_der_take(&tbs.body, HP_DER_SEQUENCE, &issuer))
		return false;
	cert->serial = serial.whole;
	cert->issuer = issuer.whole;
	return true;
}

/* What OpenSSL makes of it again. The part that is signed it keeps as it was read. */
static bool same_again(X509 *x, struct hp_str der)
{
	unsigned char *bytes = NULL;
	int n = i2d_X509(x, &bytes);
	bool same = n >= 0 && hp_str_same((struct hp_str){(char *)bytes, (size_t)n}, der);
	OPENSSL_free(bytes);
	return same;
}

int hp_cert_read(struct hp_arena *a, struct hp_str der, struct hp_cert *ret, struct hp_err *err)
{
	struct hp_cert cert = {.der = der};
	X509 **held = hp_alloc(a, sizeof(X509 *));
	hp_defer(a, free_certificate, held);
	const unsigned char *p = (const unsigned char *)der.p;
	if (hp_der_sound(der) && find_parts(&cert))
		*held = d2i_X509(NULL, &p, (long)der.n);
	if (!*held || !same_again(*held, der))
		return hp_fail(err, "a certificate in it is no X.509 certificate in DER");
	cert.x = *held;
	*ret = cert;
	return 0;
}

/* ---- texts ---- */

/* One line, without controls: neither ASCII's nor those of U+0080 to U+009F. */
static const char *clean_line(struct hp_arena *a, struct hp_str s)
{
	const char *text = hp_clean_text(a, s, s.n, NULL);
	size_t n = strlen(text);
	char *line = hp_alloc(a, n + 1);
	memcpy(line, text, n + 1);
	for (unsigned char *c = (unsigned char *)line; *c; c++) {
		if (*c < 0x20)
			*c = '?';
		if (*c == 0xc2 && c[1] < 0xa0)
			c[0] = c[1] = '?';
	}
	return line;
}

/* The CN in UTF-8, as much of it as there is room for; 0 when there is none. */
static size_t common_name(const X509_NAME *name, char *to, size_t room)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	const X509_NAME_ENTRY *entry = at < 0 ? NULL : X509_NAME_get_entry(name, at);
	unsigned char *utf8 = NULL;
	int n = entry ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) : -1;
	size_t used = n < 0 ? 0 : (size_t)n < room ? (size_t)n : room;
	if (used)
		memcpy(to, utf8, used);
	OPENSSL_free(utf8);
	return used;
}

const char *hp_cert_name(struct hp_arena *a, const X509_NAME *name)
{
	char text[512];
	size_t n = common_name(name, text, 255);
	if (n)
		return clean_line(a, (struct hp_str){text, n});
	if (!X509_NAME_oneline(name, text, sizeof text) || !text[0])
		return "(no name)";
	return clean_line(a, hp_str(text));
}

const char *hp_cert_serial(struct hp_arena *a, const struct hp_cert *cert)
{
	struct hp_str rest = cert->serial;
	struct hp_der serial;
	struct hp_buf b = hp_buf(a);
	if (!hp_der_take(&rest, HP_DER_INTEGER, &serial))
		return "";
	/* A zero in front only says that the number is not negative. */
	for (size_t i = serial.body.n > 1 && !serial.body.p[0]; i < serial.body.n; i++)
		hp_putf(&b, "%02x", (unsigned char)serial.body.p[i]);
	return hp_built_text(&b);
}

/* ---- trust ---- */

static bool signed_by(const struct hp_cert *cert, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	bool named = X509_NAME_cmp(X509_get_issuer_name(cert->x), X509_get_subject_name(issuer)) == 0;
	return named && key && X509_verify(cert->x, key) == 1;
}

static bool starts_covered(const struct hp_cert *cert, STACK_OF(X509) * cas)
{
	for (int i = 0; i < sk_X509_num(cas); i++)
		if (same_again(sk_X509_value(cas, i), cert->der) || signed_by(cert, sk_X509_value(cas, i)))
			return true;
	return signed_by(cert, cert->x);
}

static void cover_issued_by(const struct hp_cert *issuer, struct hp_cert *certs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!certs[i].covered && signed_by(&certs[i], issuer->x)) {
			certs[i].covered = true;
			cover_issued_by(&certs[i], certs, count);
		}
}

void hp_cert_cover(struct hp_cert *certs, size_t count, STACK_OF(X509) * cas)
{
	for (size_t i = 0; i < count; i++)
		certs[i].covered = starts_covered(&certs[i], cas);
	for (size_t i = 0; i < count; i++)
		if (certs[i].covered)
			cover_issued_by(&certs[i], certs, count);
}

static int ended_is_fine(int ok, X509_STORE_CTX *c)
{
	if (!ok && X509_STORE_CTX_get_error(c) == X509_V_ERR_CERT_HAS_EXPIRED) {
		X509_STORE_CTX_set_error(c, X509_V_OK);
		return 1;
	}
	return ok;
}

/* What OpenSSL needs for it; registered as a whole. */
struct chain {
	X509_STORE *store;
	X509_STORE_CTX *c;
	STACK_OF(X509) * others;
};

static void free_chain(void *what)
{
	struct chain *chain = what;
	X509_STORE_CTX_free(chain->c);
	X509_STORE_free(chain->store);
	sk_X509_free(chain->others);
}

static bool prepare(struct chain *chain, const struct hp_cert *cert, const struct hp_cert *certs, size_t count,
		    STACK_OF(X509) * cas)
{
	chain->store = X509_STORE_new();
	chain->c = X509_STORE_CTX_new();
	chain->others = sk_X509_new_null();
	if (!chain->store || !chain->c || !chain->others)
		return false;
	for (int i = 0; i < sk_X509_num(cas); i++)
		if (!X509_STORE_add_cert(chain->store, sk_X509_value(cas, i)))
			return false;
	for (size_t i = 0; i < count; i++)
		if (sk_X509_push(chain->others, certs[i].x) <= 0)
			return false;
	return X509_STORE_CTX_init(chain->c, chain->store, cert->x, chain->others) > 0;
}

int hp_cert_chain(struct hp_arena *a, const struct hp_cert *cert, const struct hp_cert *certs, size_t count,
		  STACK_OF(X509) * cas, const int64_t *time_s, struct hp_err *err)
{
	struct chain *chain = hp_alloc(a, sizeof *chain);
	hp_defer(a, free_chain, chain);
	if (!prepare(chain, cert, certs, count, cas))
		return hp_fail(err, "cannot look for a chain of certificates: out of memory");
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(chain->c);
	(void)X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
	(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (time_s)
		X509_VERIFY_PARAM_set_time(param, (time_t)*time_s);
	X509_STORE_CTX_set_verify_cb(chain->c, ended_is_fine);
	if (X509_verify_cert(chain->c) == 1)
		return 0;
	const X509 *where = X509_STORE_CTX_get_current_cert(chain->c);
	return hp_fail(err, "no chain to a certificate of the CA file, at the certificate of %s: %s",
		       hp_cert_name(a, X509_get_subject_name(where ? where : cert->x)),
		       X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain->c)));
}
