#include "../../vib/pkcs7.h"

#include <openssl/err.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../faults/sweep_step.h"
#include "signing.h"

#define CONTENT "<vib version=\"5.0\"><type>bootbank</type></vib>"
#define NO_CA ((struct hp_str){NULL, 0})

/* Made once: making them takes longer than using them. */
static struct {
	EVP_PKEY *root, *middle, *signer, *ec, *ec_too, *other;
} keys;

static int make_keys(void **state)
{
	(void)state;
	keys.root = EVP_RSA_gen(2048);
	keys.middle = EVP_RSA_gen(2048);
	keys.signer = EVP_RSA_gen(2048);
	keys.ec = EVP_EC_gen("P-256");
	keys.ec_too = EVP_EC_gen("P-384");
	keys.other = EVP_RSA_gen(2048);
	return keys.root && keys.middle && keys.signer && keys.ec && keys.ec_too && keys.other ? 0 : -1;
}

static int free_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(keys.root);
	EVP_PKEY_free(keys.middle);
	EVP_PKEY_free(keys.signer);
	EVP_PKEY_free(keys.ec);
	EVP_PKEY_free(keys.ec_too);
	EVP_PKEY_free(keys.other);
	return 0;
}

/* root -> middle -> signer */
struct chain {
	struct party root, middle, signer;
};

static struct chain chain_of(struct hp_arena *a)
{
	struct chain c;
	c.root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	c.middle = party(a, keys.middle, "Middle", &c.root, AUTHORITY);
	c.signer = party(a, keys.signer, "Signer", &c.middle, NO_AUTHORITY);
	return c;
}

/* ---- signing and verifying ---- */

static struct hp_str certs_pem(struct hp_arena *a, X509 *const *certs, size_t count)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < count; i++)
		hp_put(&b, cert_pem(a, certs[i]));
	return hp_built(&b);
}

static struct hp_str sign_with(struct hp_arena *a, const struct party *signer, struct hp_str certs)
{
	struct hp_str sig = {NULL, 0};
	struct hp_err err = {""};
	if (hp_pkcs7_sign(a, hp_str(CONTENT), key_pem(a, signer->key), certs, SIGNED_S, &sig, &err) < 0)
		fail_msg("%s", err.text);
	return sig;
}

/* With the signer's certificate, and `more` unless it is NULL. */
static struct hp_str sign(struct hp_arena *a, const struct party *signer, X509 *more)
{
	X509 *certs[] = {signer->cert, more};
	return sign_with(a, signer, certs_pem(a, certs, more ? 2 : 1));
}

static struct hp_signature *accepted(struct hp_arena *a, struct hp_str sig, struct hp_str ca, size_t count)
{
	struct hp_signature *ret = hp_alloc_array(a, HP_PKCS7_BLOCKS, sizeof *ret);
	size_t got = 0;
	struct hp_err err = {""};
	if (hp_pkcs7_verify(a, sig, hp_str(CONTENT), ca, ret, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got, count);
	assert_string_equal(err.text, "");
	assert_int_equal(ERR_peek_error(), 0);
	return ret;
}

/* Nothing may have been written to the outputs. */
static void refused_over(struct hp_arena *a, struct hp_str sig, const char *content, struct hp_str ca, const char *why)
{
	struct hp_signature ret[HP_PKCS7_BLOCKS], before[HP_PKCS7_BLOCKS];
	size_t got = 4711;
	struct hp_err err = {""};
	memset(ret, 0x5a, sizeof ret);
	memset(before, 0x5a, sizeof before);
	if (hp_pkcs7_verify(a, sig, hp_str(content), ca, ret, &got, &err) == 0)
		fail_msg("accepted, but should not: %s", why);
	assert_has(err.text, why);
	assert_no(err.text, "\n");
	assert_memory_equal(ret, before, sizeof ret);
	assert_int_equal(got, 4711);
	assert_int_equal(ERR_peek_error(), 0);
}

static void refused(struct hp_arena *a, struct hp_str sig, struct hp_str ca, const char *why)
{
	refused_over(a, sig, CONTENT, ca, why);
}

static bool is_accepted(struct hp_arena *a, struct hp_str sig, struct hp_str ca, const char **ret_not_covered)
{
	struct hp_signature ret[HP_PKCS7_BLOCKS];
	size_t count;
	struct hp_err err;
	if (hp_pkcs7_verify(a, sig, hp_str(CONTENT), ca, ret, &count, &err) < 0)
		return false;
	*ret_not_covered = ret[0].not_covered;
	return true;
}

/* ---- what verifies ---- */

static void a_chain_is_told(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct hp_str sig = sign(a, &c.signer, c.middle.cert);
	const struct hp_signature *s = accepted(a, sig, NO_CA, 1);
	char serial[32];
	(void)snprintf(serial, sizeof serial, "%04lx", ASN1_INTEGER_get(X509_get0_serialNumber(c.signer.cert)));
	assert_string_equal(s->signer, "Signer");
	assert_string_equal(s->issuer, "Middle");
	assert_string_equal(s->serial, serial);
	assert_string_equal(s->digest, "sha256");
	assert_string_equal(s->signed_at, "2019-12-17T15:17:12Z");
	assert_false(s->trusted);
	assert_string_equal(s->not_covered, "the certificate of Signer and the certificate of Middle");
	s = accepted(a, sig, cert_pem(a, c.root.cert), 1);
	assert_true(s->trusted);
	assert_null(s->not_covered);
}

static void the_form_is_the_official_one(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct hp_str sig = sign(a, &c.signer, c.middle.cert), der = der_of(a, sig);
	assert_true(hp_str_starts(sig, "-----BEGIN PKCS7-----\nMII"));
	assert_true(hp_str_ends(sig, "\n-----END PKCS7-----"));
	const unsigned char *p = (const unsigned char *)der.p;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)der.n);
	assert_non_null(p7);
	PKCS7_SIGNER_INFO *info = first_signer(p7);
	assert_int_equal(sk_X509_num(p7->d.sign->cert), 2);
	assert_int_equal(X509_cmp(sk_X509_value(p7->d.sign->cert, 0), c.signer.cert), 0);
	assert_int_equal(sk_X509_ATTRIBUTE_num(info->auth_attr), 3);
	assert_non_null(PKCS7_get_signed_attribute(info, NID_pkcs9_contentType));
	assert_non_null(PKCS7_get_signed_attribute(info, NID_pkcs9_messageDigest));
	ASN1_TYPE *time = PKCS7_get_signed_attribute(info, NID_pkcs9_signingTime);
	assert_int_equal(time->type, V_ASN1_UTCTIME);
	assert_string_equal((const char *)time->value.utctime->data, "191217151712Z");
	assert_null(info->unauth_attr);
	PKCS7_free(p7);
	assert_true(hp_str_same(sig, sign(a, &c.signer, c.middle.cert))); /* RSA: the same bytes */
}

static void two_blocks_of_two_chains(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct party root2 = party(a, keys.other, "Other Root", NULL, AUTHORITY);
	struct party signer2 = party(a, keys.ec, "Second", &root2, NO_AUTHORITY);
	struct hp_str one = sign(a, &c.signer, c.middle.cert), two = sign(a, &signer2, NULL);
	struct hp_str both = join(a, one, "\n", two);
	struct hp_str cas = join(a, cert_pem(a, c.root.cert), "", cert_pem(a, root2.cert));
	const struct hp_signature *s = accepted(a, both, cas, 2);
	assert_string_equal(s[0].signer, "Signer");
	assert_string_equal(s[1].signer, "Second");
	assert_string_equal(s[1].issuer, "Other Root");
	assert_true(s[0].trusted && s[1].trusted && !s[0].not_covered && !s[1].not_covered);
	s = accepted(a, join(a, both, "\n", hp_str("")), NO_CA, 2);
	assert_string_equal(s[1].not_covered, "the certificate of Second");
	refused(a, both, cert_pem(a, c.root.cert), "signature block 2: no chain");
	refused(a, both, cert_pem(a, root2.cert), "signature block 1: no chain");
	refused_over(a, both, "else", NO_CA, "signature block 1: it was made over something else");
	refused(a, join(a, one, "", two), NO_CA, "signature block 1: something stands behind it");
	refused(a, join(a, one, "\n\n", two), NO_CA, "signature block 2: does not begin with");
	refused(a, join(a, one, "\r\n", two), NO_CA, "signature block 1: something stands behind it");
	refused(a, join(a, one, "\n# text\n", two), NO_CA, "signature block 2: does not begin with");
	refused(a, join(a, both, "\n\n", hp_str("")), NO_CA, "signature block 3: does not begin with");
	refused(a, join(a, both, " ", hp_str("")), NO_CA, "signature block 2: something stands behind it");
	refused(a, join(a, hp_str(""), "\n", both), NO_CA, "signature block 1: does not begin with");
}

static void up_to_sixteen_blocks(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.ec, "Self", NULL, NO_AUTHORITY);
	struct hp_str one = sign(a, &self, NULL), many = one;
	for (size_t n = 1; n <= HP_PKCS7_BLOCKS; n++) {
		(void)accepted(a, many, NO_CA, n);
		many = join(a, many, "\n", one);
	}
	refused(a, many, NO_CA, "more than 16 blocks");
	char *large = writable(a, (struct hp_str){hp_alloc(a, HP_PKCS7_LIMIT + 1), HP_PKCS7_LIMIT + 1});
	refused(a, (struct hp_str){large, HP_PKCS7_LIMIT + 1}, NO_CA, "more than 1048576");
	refused(a, hp_str(""), NO_CA, "nobody signed this");
}

static void a_self_signed_one_covers_itself(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.ec, "Self", NULL, NO_AUTHORITY), other;
	struct hp_str sig = sign(a, &self, NULL);
	const struct hp_signature *s = accepted(a, sig, NO_CA, 1);
	assert_null(s->not_covered);
	assert_false(s->trusted);
	assert_string_equal(s->issuer, "Self");
	s = accepted(a, sig, cert_pem(a, self.cert), 1);
	assert_true(s->trusted && !s->not_covered);
	other = party(a, keys.ec, "Self", NULL, NO_AUTHORITY);
	refused(a, sig, cert_pem(a, other.cert), "no chain to a certificate of the CA file");
}

static void a_root_in_the_block_covers_the_rest(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct party stranger = party(a, keys.other, "Stranger", &c.middle, NO_AUTHORITY);
	X509 *all[] = {c.signer.cert, c.root.cert, c.middle.cert}; /* in no order */
	assert_null(accepted(a, sign_with(a, &c.signer, certs_pem(a, all, 3)), NO_CA, 1)->not_covered);
	/* The key alone is not the issuer. */
	struct party alias = party(a, keys.root, "Alias", NULL, AUTHORITY);
	all[1] = alias.cert;
	assert_string_equal(accepted(a, sign_with(a, &c.signer, certs_pem(a, all, 3)), NO_CA, 1)->not_covered,
			    "the certificate of Signer and the certificate of Middle");
	all[1] = stranger.cert;
	assert_string_equal(accepted(a, sign_with(a, &c.signer, certs_pem(a, all, 3)), NO_CA, 1)->not_covered,
			    "the certificate of Signer, the certificate of Stranger and the certificate of Middle");
}

static void any_certificate_of_the_file_may_end_the_chain(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct party stranger = party(a, keys.other, "Middle", NULL, AUTHORITY); /* the name alone is not enough */
	struct hp_str sig = sign(a, &c.signer, c.middle.cert), alone = sign(a, &c.signer, NULL);
	struct hp_str middle = cert_pem(a, c.middle.cert), root = cert_pem(a, c.root.cert);
	assert_null(accepted(a, sig, middle, 1)->not_covered);
	assert_null(accepted(a, alone, middle, 1)->not_covered);
	assert_null(accepted(a, alone, join(a, hp_str("a text\n"), "", join(a, root, "\n\n", middle)), 1)->not_covered);
	/* The signer's own: the middle of it stays without proof. */
	assert_string_equal(accepted(a, sig, cert_pem(a, c.signer.cert), 1)->not_covered, "the certificate of Middle");
	refused(a, alone, root, "no chain to a certificate of the CA file, at the certificate of Signer");
	refused(a, sig, cert_pem(a, stranger.cert), "no chain to a certificate of the CA file");
	refused(a, sig, hp_str(""), "the CA file has no certificate in it");
	refused(a, sig, hp_str("nothing"), "the CA file has no certificate in it");
	refused(a, sig, hp_str_sub(root, 0, root.n / 2), "the CA file: certificate 1 cannot be read");
	refused(a, sig, join(a, root, "", hp_str_sub(middle, 0, 200)), "the CA file: certificate 2 cannot be read");
	refused(a, sig,
		hp_str("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
		       "00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END CERTIFICATE-----\n"),
		"the CA file: certificate 1 cannot be read"); /* and nobody is asked for a password */
}

static void only_an_authority_may_issue(void **state)
{
	struct hp_arena *a = *state;
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	struct party leaf = party(a, keys.middle, "Leaf", &root, NO_AUTHORITY);
	struct party signer = party(a, keys.signer, "Signer", &leaf, NO_AUTHORITY);
	refused(a, sign(a, &signer, leaf.cert), cert_pem(a, root.cert), "no chain to a certificate of the CA file");
}

static void the_end_of_validity_does_not_matter(void **state)
{
	struct hp_arena *a = *state;
	struct party root = {keys.root, certify(a, keys.root, "Root CA", NULL, AUTHORITY, 1, SIGNED_S - 9 * DAY_S,
						SIGNED_S - 2 * DAY_S)};
	struct party ended = {keys.signer, certify(a, keys.signer, "Ended", &root, NO_AUTHORITY, 2,
						   SIGNED_S - 9 * DAY_S, SIGNED_S - DAY_S)};
	struct party early = {keys.signer, certify(a, keys.signer, "Early", &root, NO_AUTHORITY, 3, SIGNED_S + DAY_S,
						   SIGNED_S + 9000 * DAY_S)};
	struct party just = {keys.signer,
			     certify(a, keys.signer, "Just", &root, NO_AUTHORITY, 4, SIGNED_S, SIGNED_S + 1)};
	struct hp_str ca = cert_pem(a, root.cert);
	assert_true(accepted(a, sign(a, &ended, NULL), ca, 1)->trusted);
	assert_true(accepted(a, sign(a, &just, NULL), ca, 1)->trusted);
	(void)accepted(a, sign(a, &early, NULL), NO_CA, 1);
	refused(a, sign(a, &early, NULL), ca, "at the certificate of Early: certificate is not yet valid");
}

static struct hp_str without_time(struct hp_arena *a, const struct party *signer)
{
	PKCS7 *p7 = openssl_signs(a, signer, NULL, CONTENT, EVP_sha256(), PKCS7_DETACHED);
	PKCS7_SIGNER_INFO *info = first_signer(p7);
	for (int i = 0; i < sk_X509_ATTRIBUTE_num(info->auth_attr); i++)
		if (OBJ_obj2nid(X509_ATTRIBUTE_get0_object(sk_X509_ATTRIBUTE_value(info->auth_attr, i))) ==
		    NID_pkcs9_signingTime)
			X509_ATTRIBUTE_free(sk_X509_ATTRIBUTE_delete(info->auth_attr, i));
	return pkcs7_pem(a, p7, true);
}

static void without_a_signing_time_it_is_now(void **state)
{
	struct hp_arena *a = *state;
	int64_t now_s = (int64_t)time(NULL);
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	struct party signer = party(a, keys.signer, "Signer", &root, NO_AUTHORITY);
	struct party later = {
	    keys.signer, certify(a, keys.signer, "Later", &root, NO_AUTHORITY, 3, now_s + DAY_S, now_s + 9 * DAY_S)};
	struct hp_str ca = cert_pem(a, root.cert);
	const struct hp_signature *s = accepted(a, without_time(a, &signer), ca, 1);
	assert_null(s->signed_at);
	assert_true(s->trusted);
	refused(a, without_time(a, &later), ca, "certificate is not yet valid");
}

static void names_are_for_a_terminal(void **state)
{
	struct hp_arena *a = *state;
	struct party none = party(a, keys.ec, NULL, NULL, NO_AUTHORITY);
	struct party odd = party(a, keys.ec, "a\x1b[31m\nb\tc\xc2\x9b\x7f \xc3\xa4", NULL, NO_AUTHORITY);
	struct party last = {keys.ec, certify(a, keys.ec, "Negative", NULL, NO_AUTHORITY, -1, SIGNED_S, SIGNED_S)};
	assert_string_equal(accepted(a, sign(a, &none, NULL), NO_CA, 1)->signer, "/O=Example \\xC3\\x84G");
	assert_string_equal(accepted(a, sign(a, &odd, NULL), NO_CA, 1)->signer, "a?[31m?b?c??? \xc3\xa4");
	assert_string_equal(accepted(a, sign(a, &last, NULL), NO_CA, 1)->serial, "ff");
}

static size_t size_of_signer(PKCS7 *p7, int which)
{
	const PKCS7_SIGNER_INFO *info = sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(p7), which);
	int n = ASN1_item_i2d((const ASN1_VALUE *)info, NULL, ASN1_ITEM_rptr(PKCS7_SIGNER_INFO));
	assert_true(n > 0);
	return (size_t)n;
}

/* The two signers, with which the block ends, in the other order. They stand there in DER's, by their length (RSA is
 * longer). */
static struct hp_str swapped(struct hp_arena *a, struct hp_str der, PKCS7 *p7)
{
	size_t one = size_of_signer(p7, 0), other = size_of_signer(p7, 1);
	size_t from = der.n - one - other, middle = from + (one < other ? one : other);
	struct hp_str signers = join(a, hp_str_sub(der, middle, der.n), "", hp_str_sub(der, from, middle));
	return join(a, hp_str_sub(der, 0, from), "", signers);
}

static void two_signers_in_one_block(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct party self = party(a, keys.ec, "Self", NULL, NO_AUTHORITY);
	PKCS7 *p7 = PKCS7_sign(NULL, NULL, NULL, NULL, PKCS7_DETACHED | PKCS7_PARTIAL);
	BIO *bio = BIO_new_mem_buf(CONTENT, -1);
	hp_defer(a, end_pkcs7, p7);
	assert_non_null(PKCS7_sign_add_signer(p7, c.signer.cert, c.signer.key, EVP_sha256(), PKCS7_DETACHED));
	assert_non_null(PKCS7_sign_add_signer(p7, self.cert, self.key, EVP_sha256(), PKCS7_DETACHED));
	assert_int_equal(PKCS7_add_certificate(p7, c.middle.cert), 1);
	assert_int_equal(PKCS7_final(p7, bio, PKCS7_DETACHED | PKCS7_BINARY), 1);
	BIO_free(bio);
	struct hp_str sig = pkcs7_pem(a, p7, false), root = cert_pem(a, c.root.cert);
	const struct hp_signature *s = accepted(a, sig, NO_CA, 1);
	assert_true(strcmp(s->signer, "Signer and Self") == 0 || strcmp(s->signer, "Self and Signer") == 0);
	assert_non_null(s->signed_at);
	refused(a, sig, root, "no chain to a certificate of the CA file, at the certificate of Self");
	assert_true(accepted(a, sig, join(a, root, "", cert_pem(a, self.cert)), 1)->trusted);
	struct hp_str der = der_of(a, sig);
	refused(a, pem_of(a, swapped(a, der, p7)), NO_CA, "its signers are not in the order of DER");
	/* One of the two is wrong, the first or the last. */
	for (int i = 0; i < 2; i++) {
		ASN1_OCTET_STRING *signature = sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(p7), i)->enc_digest;
		char *bytes = writable(a, der);
		bytes[offset_of(der, signature->data, (size_t)signature->length) + (size_t)signature->length - 1] ^= 1;
		refused(a, pem_of(a, (struct hp_str){bytes, der.n}), NO_CA, "the signature is wrong");
	}
}

/* ---- what does not ---- */

static void another_content(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	struct hp_str sig = sign(a, &c.signer, NULL);
	refused_over(a, sig, CONTENT "\n", NO_CA, "its messageDigest is not that of the content");
	refused_over(a, sig, "", NO_CA, "its messageDigest is not that of the content");
	/* The digest is made to fit it: now the signature does not. */
	unsigned char old[32], forged[32];
	assert_int_equal(EVP_Digest(CONTENT, strlen(CONTENT), old, NULL, EVP_sha256(), NULL), 1);
	assert_int_equal(EVP_Digest("forged", 6, forged, NULL, EVP_sha256(), NULL), 1);
	struct hp_str der = der_of(a, sig);
	char *bytes = writable(a, der);
	memcpy(bytes + offset_of(der, old, 32), forged, 32);
	sig = pem_of(a, (struct hp_str){bytes, der.n});
	refused_over(a, sig, "forged", NO_CA, "the signature is wrong");
	refused(a, sig, NO_CA, "its messageDigest is not that of the content");
}

static void another_key(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	PKCS7 *p7 = openssl_signs(a, &c.signer, NULL, CONTENT, EVP_sha256(), PKCS7_DETACHED);
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(c.signer.cert));
	X509 *twin = certify(a, keys.other, "Twin", &c.middle, NO_AUTHORITY, serial, SIGNED_S, SIGNED_S);
	X509 *of_ec = certify(a, keys.ec, "Curve", &c.middle, NO_AUTHORITY, serial, SIGNED_S, SIGNED_S);
	assert_int_equal(PKCS7_add_certificate(p7, twin), 1);
	refused(a, pkcs7_pem(a, p7, false), NO_CA, "two of its certificates have the signer's issuer and serial");
	X509_free(sk_X509_delete(p7->d.sign->cert, 0));
	refused(a, pkcs7_pem(a, p7, false), NO_CA, "the signature is wrong");
	X509_free(sk_X509_delete(p7->d.sign->cert, 0));
	assert_int_equal(PKCS7_add_certificate(p7, of_ec), 1);
	refused(a, pkcs7_pem(a, p7, false), NO_CA, "of another kind than the signature");
	X509_free(sk_X509_delete(p7->d.sign->cert, 0));
	refused(a, pkcs7_pem(a, p7, false), NO_CA, "the signer's certificate is not in it");
}

static void other_forms_of_signature(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.signer, "Self", NULL, NO_AUTHORITY);
	const EVP_MD *sha256 = EVP_sha256();
	(void)accepted(a, pkcs7_pem(a, openssl_signs(a, &self, NULL, CONTENT, sha256, PKCS7_DETACHED), false), NO_CA,
		       1);
	refused(a, pkcs7_pem(a, openssl_signs(a, &self, NULL, CONTENT, EVP_sha1(), PKCS7_DETACHED), false), NO_CA,
		"its digest is not SHA-256");
	refused(a, pkcs7_pem(a, openssl_signs(a, &self, NULL, CONTENT, EVP_sha512(), PKCS7_DETACHED), false), NO_CA,
		"its digest is not SHA-256");
	refused(a, pkcs7_pem(a, openssl_signs(a, &self, NULL, CONTENT, sha256, PKCS7_DETACHED | PKCS7_NOATTR), false),
		NO_CA, "it has no signed attributes");
	refused(a, pkcs7_pem(a, openssl_signs(a, &self, NULL, CONTENT, sha256, 0), false), NO_CA,
		"it has its content within it: it must be detached");
	refused(a, pkcs7_pem(a, openssl_signs(a, &self, NULL, CONTENT, sha256, PKCS7_DETACHED | PKCS7_NOCERTS), false),
		NO_CA, "the signer's certificate is not in it");
	refused(a, pkcs7_pem(a, openssl_signs(a, NULL, self.cert, CONTENT, sha256, PKCS7_DETACHED), false), NO_CA,
		"nobody signed it");
}

static void attributes_that_are_bent(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.signer, "Self", NULL, NO_AUTHORITY);
	PKCS7 *p7 = openssl_signs(a, &self, NULL, CONTENT, EVP_sha256(), PKCS7_DETACHED);
	PKCS7_SIGNER_INFO *info = first_signer(p7);
	/* An unsigned one is covered by nothing: that is said. */
	assert_int_equal(PKCS7_add_attribute(info, NID_pkcs9_unstructuredName, V_ASN1_IA5STRING, ASN1_IA5STRING_new()),
			 1);
	assert_string_equal(accepted(a, pkcs7_pem(a, p7, false), NO_CA, 1)->not_covered, "the unsigned attributes");
	/* One that was added to the signed ones. */
	assert_int_equal(
	    PKCS7_add_signed_attribute(info, NID_pkcs9_challengePassword, V_ASN1_UTF8STRING, ASN1_UTF8STRING_new()), 1);
	refused(a, pkcs7_pem(a, p7, false), NO_CA, "the signature is wrong");
	(void)accepted(a, pkcs7_pem(a, p7, true), NO_CA, 1);
	/* The rest is signed, and wrong all the same. */
	X509_ATTRIBUTE *twice = X509_ATTRIBUTE_create(NID_pkcs9_signingTime, V_ASN1_UTCTIME, ASN1_UTCTIME_set(NULL, 0));
	assert_true(sk_X509_ATTRIBUTE_push(info->auth_attr, twice) > 0);
	refused(a, pkcs7_pem(a, p7, true), NO_CA, "it has more than one signingTime");
	X509_ATTRIBUTE_free(sk_X509_ATTRIBUTE_delete_ptr(info->auth_attr, twice)); /* encoding sorts them */
	ASN1_TYPE *digest = PKCS7_get_signed_attribute(info, NID_pkcs9_messageDigest);
	digest->value.octet_string->length = 31;
	refused(a, pkcs7_pem(a, p7, true), NO_CA, "its messageDigest is no SHA-256 digest");
	digest->value.octet_string->length = 32;
	ASN1_TYPE *time = PKCS7_get_signed_attribute(info, NID_pkcs9_signingTime);
	assert_int_equal(ASN1_STRING_set(time->value.utctime, "190229000000Z", -1), 1);
	refused(a, pkcs7_pem(a, p7, true), NO_CA, "its signingTime is no time in UTC");
	assert_int_equal(ASN1_STRING_set(time->value.utctime, "200229000000Z", -1), 1);
	assert_string_equal(accepted(a, pkcs7_pem(a, p7, true), NO_CA, 1)->signed_at, "2020-02-29T00:00:00Z");
	ASN1_TYPE *type = PKCS7_get_signed_attribute(info, NID_pkcs9_contentType);
	type->value.object = OBJ_nid2obj(NID_pkcs7_signed);
	refused(a, pkcs7_pem(a, p7, true), NO_CA, "its contentType is not data");
}

static void lists_of_revoked_certificates_are_not_covered(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.signer, "Self", NULL, AUTHORITY);
	PKCS7 *p7 = openssl_signs(a, &self, NULL, CONTENT, EVP_sha256(), PKCS7_DETACHED);
	X509_CRL *crl = X509_CRL_new();
	assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(self.cert)), 1);
	ASN1_TIME *time = ASN1_TIME_set(NULL, SIGNED_S);
	assert_int_equal(X509_CRL_set1_lastUpdate(crl, time), 1);
	assert_true(X509_CRL_sign(crl, self.key, EVP_sha256()) > 0);
	assert_int_equal(PKCS7_add_crl(p7, crl), 1);
	ASN1_TIME_free(time);
	X509_CRL_free(crl);
	assert_string_equal(accepted(a, pkcs7_pem(a, p7, false), NO_CA, 1)->not_covered,
			    "the lists of revoked certificates");
}

/* `bytes` with `n` of them replaced; lengths around it are the caller's. */
static struct hp_str replaced(struct hp_arena *a, struct hp_str bytes, size_t at, size_t n, const char *by, size_t by_n)
{
	struct hp_buf b = hp_buf(a);
	hp_put(&b, hp_str_sub(bytes, 0, at));
	hp_put(&b, (struct hp_str){by, by_n});
	hp_put(&b, hp_str_sub(bytes, at + n, bytes.n));
	return hp_built(&b);
}

/* `by`, with a long length of two bytes before it if the tag is not 0. */
static struct hp_str wrapped(struct hp_arena *a, unsigned char tag, struct hp_str body)
{
	struct hp_buf b = hp_buf(a);
	char head[4] = {(char)tag, (char)0x82, (char)(body.n >> 8), (char)(body.n & 0xff)};
	assert_in_range(body.n, 256, 65535);
	hp_put(&b, (struct hp_str){head, 4});
	hp_put(&b, body);
	return hp_built(&b);
}

/* The same values in BER; OpenSSL takes each of them. */
static void ber_is_refused_or_named(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.signer, "Self", NULL, NO_AUTHORITY);
	struct hp_str der = der_of(a, sign(a, &self, NULL)), inner = hp_str_sub(der, 4, der.n);
	struct hp_buf b = hp_buf(a);
	assert_memory_equal(der.p, "\x30\x82", 2);
	hp_put(&b, (struct hp_str){"\x30\x80", 2});
	hp_put(&b, inner);
	hp_put(&b, (struct hp_str){"\0\0", 2});
	/* An outer length that is not told in advance is what programs write that sign while they read: named, and
	 * read. */
	assert_string_equal(accepted(a, pem_of(a, hp_built(&b)), NO_CA, 1)->not_covered,
			    "the form of its lengths (it is BER, not DER)");
	refused(a, pem_of(a, join(a, hp_built(&b), "x", hp_str(""))), NO_CA, "has something behind it");
	refused(a, pem_of(a, hp_str_sub(hp_built(&b), 0, b.n - 2)), NO_CA, "neither DER nor BER");
	refused_over(a, pem_of(a, hp_built(&b)), "another content", NO_CA, "made over something else");
	refused(a, pem_of(a, replaced(a, der, 1, 1, "\x83\x00", 2)), NO_CA, "not one value in DER");
	refused(a, pem_of(a, join(a, der, "x", hp_str(""))), NO_CA, "not one value in DER");
	refused(a, pem_of(a, join(a, der, "", der)), NO_CA, "not one value in DER");
	refused(a, pem_of(a, hp_str_sub(der, 0, der.n - 1)), NO_CA, "not one value in DER");
	/* Deep within, where nothing else looks. */
	PKCS7 *p7 = openssl_signs(a, &self, NULL, CONTENT, EVP_sha256(), PKCS7_DETACHED);
	ASN1_STRING *odd = ASN1_STRING_new();
	assert_int_equal(ASN1_STRING_set(odd, "\x30\x80\x05\0\0\0", 6), 1);
	assert_int_equal(PKCS7_add_attribute(first_signer(p7), NID_pkcs9_unstructuredName, V_ASN1_SEQUENCE, odd), 1);
	refused(a, pkcs7_pem(a, p7, false), NO_CA, "not one value in DER");
	/* A value more within the outermost one. */
	refused(a, pem_of(a, wrapped(a, 0x30, join(a, inner, "\x05", (struct hp_str){"\0", 1}))), NO_CA,
		"is no PKCS#7 signedData");
	(void)accepted(a, pem_of(a, wrapped(a, 0x30, inner)), NO_CA, 1);
}

static void the_text_has_one_form(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.signer, "Self", NULL, NO_AUTHORITY);
	struct hp_str sig = sign(a, &self, NULL), der = der_of(a, sig);
	const size_t head = strlen("-----BEGIN PKCS7-----\n");
	(void)accepted(a, sig, NO_CA, 1);
	refused(a, replaced(a, sig, head + 64, 1, "", 0), NO_CA, "line 2 is not what base64");
	refused(a, replaced(a, sig, head + 60, 0, "\n", 1), NO_CA, "must follow a short line");
	refused(a, replaced(a, sig, head + 65, 0, "\n", 1), NO_CA, "line 3 is not what base64");
	refused(a, replaced(a, sig, head + 64, 0, "\r", 1), NO_CA, "line 2 is not what base64");
	refused(a, replaced(a, sig, head - 1, 0, "\r", 1), NO_CA, "does not begin with");
	refused(a, replaced(a, sig, head, 0, "Key: x\n\n", 8), NO_CA, "line 2 is not what base64");
	refused(a, replaced(a, sig, 0, 0, "text\n", 5), NO_CA, "does not begin with");
	refused(a, replaced(a, sig, sig.n, 0, "\ntext", 5), NO_CA, "signature block 2");
	refused(a, hp_str_sub(sig, 0, sig.n - 5), NO_CA, "");
	refused(a, hp_pem_text(a, der, "CMS"), NO_CA, "does not begin with the line -----BEGIN PKCS7-----");
}

/* Base64 has bits that mean nothing when the length is no multiple of three. */
static void unused_bits_are_zero(void **state)
{
	struct hp_arena *a = *state;
	unsigned seen = 0;
	const char *cn = "Signer";
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	/* The name stands there once: each is a byte longer than the one before. */
	for (int i = 0; i < 3; i++, cn = hp_format(a, "%sx", cn)) {
		struct party signer = party(a, keys.signer, cn, &root, NO_AUTHORITY);
		struct hp_str sig = sign(a, &signer, NULL);
		size_t pad = 0, at = sig.n - strlen("\n-----END PKCS7-----");
		while (sig.p[at - 1 - pad] == '=')
			pad++;
		if (!pad)
			continue;
		char *bytes = writable(a, sig);
		char *last = &bytes[at - 1 - pad];
		*last = *last == 'A' ? 'B' : *last == 'Z' ? 'a' : *last == 'z' ? '0' : (char)(*last + 1);
		refused(a, (struct hp_str){bytes, sig.n}, NO_CA, "is not what base64");
		seen++;
	}
	assert_int_equal(seen, 2);
}

/* ---- every bit ---- */

/* Refused; or, where it may be `named`, a certificate is said not to be covered. Each in an arena of its own: there are
 * many. `bytes` is a copy of the text. */
static bool flip_is_found(struct hp_str text, char *bytes, size_t bit, struct hp_str ca, bool named)
{
	struct hp_arena inner;
	const char *not_covered = NULL;
	bool found = true;
	hp_arena_init(&inner, HP_ARENA_LIMIT, NULL);
	bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
	if (is_accepted(&inner, (struct hp_str){bytes, text.n}, ca, &not_covered))
		found = named && not_covered && strstr(not_covered, "the certificate of ");
	bytes[bit / 8] = text.p[bit / 8];
	hp_arena_free(&inner);
	return found;
}

static void every_bit_counts_with_a_ca(void **state)
{
	struct hp_arena *a = *state;
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	struct party middle = party(a, keys.ec, "Middle", &root, AUTHORITY);
	struct party signer = party(a, keys.signer, "Signer", &middle, NO_AUTHORITY);
	struct hp_str sig = sign(a, &signer, middle.cert), ca = cert_pem(a, root.cert);
	char *bytes = writable(a, sig);
	assert_null(accepted(a, sig, ca, 1)->not_covered);
	for (size_t bit = 0; bit < 8 * sig.n; bit += sweep_step())
		if (!flip_is_found(sig, bytes, bit, ca, false))
			fail_msg("bit %zu of byte %zu is free", bit % 8, bit / 8);
}

/* The characters of the text that tell of byte `at` of the DER: two of them, which may tell of its neighbours too. */
static size_t text_from(size_t at)
{
	size_t character = at * 8 / 6;
	return strlen("-----BEGIN PKCS7-----\n") + character + character / 64;
}

static size_t text_to(size_t at)
{
	size_t character = (at * 8 + 7) / 6;
	return strlen("-----BEGIN PKCS7-----\n") + character + character / 64;
}

/* By the bits of the text, and by those of the DER, where it is exact what may be free. */
static void every_other_bit_counts_without_a_ca(void **state)
{
	struct hp_arena *a = *state;
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	struct party signer = party(a, keys.ec, "Signer", &root, NO_AUTHORITY);
	struct hp_str sig = sign(a, &signer, NULL), der = der_of(a, sig);
	unsigned char *cert = NULL;
	int n = i2d_X509(signer.cert, &cert);
	size_t from = offset_of(der, cert, (size_t)n), to = from + (size_t)n, free_bits = 0;
	OPENSSL_free(cert);
	assert_string_equal(accepted(a, sig, NO_CA, 1)->not_covered, "the certificate of Signer");
	char *bytes = writable(a, sig);
	for (size_t bit = 0; bit < 8 * sig.n; bit += sweep_step()) {
		bool within = bit / 8 >= text_from(from) && bit / 8 <= text_to(to - 1);
		if (!flip_is_found(sig, bytes, bit, NO_CA, within))
			fail_msg("bit %zu of byte %zu is free", bit % 8, bit / 8);
	}
	bytes = writable(a, der);
	for (size_t bit = 0; bit < 8 * der.n; bit += sweep_step()) {
		struct hp_arena inner;
		const char *not_covered = NULL;
		hp_arena_init(&inner, HP_ARENA_LIMIT, NULL);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		if (is_accepted(&inner, pem_of(&inner, (struct hp_str){bytes, der.n}), NO_CA, &not_covered)) {
			assert_true(bit / 8 >= from && bit / 8 < to);
			assert_has(not_covered, "the certificate of ");
			free_bits++;
		}
		bytes[bit / 8] = der.p[bit / 8];
		hp_arena_free(&inner);
	}
	assert_true(free_bits > 1000 / sweep_step()); /* it is not that nothing is accepted */
}

/* The whole chain is in the block: a changed certificate does not stay covered. With the CA it is tried at every fifth
 * bit, as that takes longer. */
static void every_bit_counts_with_the_root_within(void **state)
{
	struct hp_arena *a = *state;
	struct party root = party(a, keys.ec, "Root CA", NULL, AUTHORITY);
	struct party signer = party(a, keys.ec_too, "Signer", &root, NO_AUTHORITY);
	struct hp_str sig = sign(a, &signer, root.cert), ca = cert_pem(a, root.cert);
	assert_null(accepted(a, sig, NO_CA, 1)->not_covered);
	assert_null(accepted(a, sig, ca, 1)->not_covered);
	char *bytes = writable(a, sig);
	for (size_t bit = 0; bit < 8 * sig.n; bit += sweep_step())
		if (!flip_is_found(sig, bytes, bit, bit % 5 ? NO_CA : ca, true))
			fail_msg("bit %zu of byte %zu is free", bit % 8, bit / 8);
}

/* ---- signing ---- */

static void not_signed(struct hp_arena *a, struct hp_str key, struct hp_str cert, int64_t time_s, const char *why)
{
	struct hp_str sig = {"kept", 4};
	struct hp_err err = {""};
	assert_int_equal(hp_pkcs7_sign(a, hp_str(CONTENT), key, cert, time_s, &sig, &err), -1);
	assert_has(err.text, why);
	assert_str(a, sig, "kept");
	assert_int_equal(ERR_peek_error(), 0);
}

static struct hp_str encrypted(struct hp_arena *a, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
	return bio_text(a, bio);
}

static void what_cannot_be_signed_with(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.signer, "Self", NULL, NO_AUTHORITY);
	struct hp_str cert = cert_pem(a, self.cert), key = key_pem(a, keys.signer);
	not_signed(a, hp_str(""), cert, SIGNED_S, "the key is no private key in PEM");
	not_signed(a, hp_str("junk"), cert, SIGNED_S, "the key is no private key in PEM");
	not_signed(a, cert, cert, SIGNED_S, "the key is no private key in PEM");
	not_signed(a, hp_str_sub(key, 0, key.n / 2), cert, SIGNED_S, "the key is no private key in PEM");
	not_signed(a, encrypted(a, keys.signer), cert, SIGNED_S, "the key is encrypted");
	not_signed(a, key_pem(a, keys.other), cert, SIGNED_S, "the key does not belong to the first certificate");
	not_signed(a, key_pem(a, keys.ec), cert, SIGNED_S, "the key does not belong to the first certificate");
	not_signed(a, key, hp_str(""), SIGNED_S, "the certificate file has no certificate in it");
	not_signed(a, key, key, SIGNED_S, "the certificate file has no certificate in it");
	not_signed(a, key, cert, (int64_t)1 << 50, "before 1970 or after 9999");
	not_signed(a, key, cert, 253402300800, "before 1970 or after 9999");
	not_signed(a, key, cert, -1, "before 1970 or after 9999");
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_non_null(ed);
	hp_defer(a, end_key, ed);
	struct party edwards = {ed, NULL};
	not_signed(a, key_pem(a, edwards.key), cert, SIGNED_S, "the key is neither RSA nor EC");
}

static void times_that_can_be_signed(void **state)
{
	struct hp_arena *a = *state;
	struct party self = party(a, keys.ec, "Self", NULL, NO_AUTHORITY);
	static const struct {
		int64_t s;
		const char *text;
	} times[] = {{0, "1970-01-01T00:00:00Z"},
		     {2524607999, "2049-12-31T23:59:59Z"},
		     {2524608000, "2050-01-01T00:00:00Z"},
		     {253402300799, "9999-12-31T23:59:59Z"}};
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct hp_str sig = {NULL, 0}, key = key_pem(a, keys.ec);
		struct hp_err err;
		if (hp_pkcs7_sign(a, hp_str(CONTENT), key, cert_pem(a, self.cert), times[i].s, &sig, &err) < 0)
			fail_msg("%s: %s", times[i].text, err.text);
		assert_string_equal(accepted(a, sig, NO_CA, 1)->signed_at, times[i].text);
	}
}

/* ---- memory ---- */

static jmp_buf full;

struct input {
	struct hp_str key, certs, ca;
};

static void sign_and_verify(struct hp_arena *a, const struct input *in)
{
	struct hp_signature ret[HP_PKCS7_BLOCKS];
	size_t count;
	struct hp_str sig;
	struct hp_err err;
	assert_int_equal(hp_pkcs7_sign(a, hp_str(CONTENT), in->key, in->certs, SIGNED_S, &sig, &err), 0);
	assert_int_equal(hp_pkcs7_verify(a, sig, hp_str(CONTENT), in->ca, ret, &count, &err), 0);
}

/* In an arena in which that allocation fails; false when it was reached. */
static bool goes_through(unsigned long fail_at, const struct input *in)
{
	struct hp_arena inner;
	hp_arena_init(&inner, HP_ARENA_LIMIT, &full);
	inner.fail_at = fail_at;
	bool through = !setjmp(full);
	if (through)
		sign_and_verify(&inner, in);
	hp_arena_free(&inner);
	ERR_clear_error();
	return through;
}

/* AddressSanitizer sees what is not given back. */
static void a_full_arena_leaks_nothing(void **state)
{
	struct hp_arena *a = *state;
	struct chain c = chain_of(a);
	X509 *certs[] = {c.signer.cert, c.middle.cert};
	struct input in = {key_pem(a, keys.signer), certs_pem(a, certs, 2), cert_pem(a, c.root.cert)};
	unsigned long at = 1;
	while (!goes_through(at, &in))
		at++;
	assert_true(at > 20);
}

/* ---- openssl, the program ---- */

static struct {
	char directory[200];
	const char *content, *sig, *key, *cert, *ca, *out;
} files;

static const char *write_file(struct hp_arena *a, const char *name, struct hp_str bytes)
{
	const char *path = hp_format(a, "%s/%s", files.directory, name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
	return path;
}

static struct hp_str read_file(struct hp_arena *a, const char *path)
{
	char *room = hp_alloc(a, 65536);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t n = fread(room, 1, 65536, f);
	(void)fclose(f);
	return (struct hp_str){room, n};
}

/* Its exit code; what it prints is thrown away. */
static int openssl(const char *const *arguments)
{
	extern char **environ;
	char *argv[24] = {NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = 0;
	size_t n = 0;
	for (argv[n++] = strdup("openssl"); *arguments; arguments++)
		argv[n++] = strdup(*arguments);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	for (int fd = 0; fd < 3; fd++)
		assert_int_equal(posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd ? 1 : 0, 0), 0);
	assert_int_equal(posix_spawnp(&pid, "openssl", &actions, NULL, argv, environ), 0);
	assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	while (n)
		free(argv[--n]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define OPENSSL(...) openssl((const char *const[]){__VA_ARGS__, NULL})

static void put_files(struct hp_arena *a, const struct party *signer, X509 *ca)
{
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(files.directory, sizeof files.directory, "%s/hostprep-pkcs7.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(files.directory));
	files.content = write_file(a, "content", hp_str(CONTENT));
	files.key = write_file(a, "key", key_pem(a, signer->key));
	files.cert = write_file(a, "cert", cert_pem(a, signer->cert));
	files.ca = write_file(a, "ca", cert_pem(a, ca));
	files.sig = write_file(a, "sig", hp_str(""));
	files.out = write_file(a, "out", hp_str(""));
}

static void remove_files(void)
{
	const char *const paths[] = {files.content, files.key, files.cert, files.ca, files.sig, files.out};
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		assert_int_equal(unlink(paths[i]), 0);
	assert_int_equal(rmdir(files.directory), 0);
}

static void openssl_accepts_ours(struct hp_arena *a, EVP_PKEY *key)
{
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	struct party signer = party(a, key, "Signer", &root, NO_AUTHORITY);
	put_files(a, &signer, root.cert);
	files.sig = write_file(a, "sig", sign(a, &signer, NULL));
	assert_int_equal(OPENSSL("smime", "-verify", "-noverify", "-inform", "PEM", "-in", files.sig, "-content",
				 files.content, "-binary"),
			 0);
	assert_int_equal(OPENSSL("smime", "-verify", "-CAfile", files.ca, "-purpose", "any", "-attime", "1576595832",
				 "-inform", "PEM", "-in", files.sig, "-content", files.content, "-binary"),
			 0);
	assert_int_equal(OPENSSL("cms", "-verify", "-noverify", "-inform", "PEM", "-in", files.sig, "-content",
				 files.content, "-binary"),
			 0);
	files.content = write_file(a, "content", hp_str("changed"));
	assert_int_not_equal(OPENSSL("smime", "-verify", "-noverify", "-inform", "PEM", "-in", files.sig, "-content",
				     files.content, "-binary"),
			     0);
	remove_files();
}

static void ours_for_openssl(void **state)
{
	openssl_accepts_ours(*state, keys.signer);
	openssl_accepts_ours(*state, keys.ec);
}

/* What openssl cms writes is named CMS; else it is the same. */
static struct hp_str renamed(struct hp_arena *a, struct hp_str pem)
{
	struct hp_str der;
	struct hp_err err;
	assert_int_equal(hp_pem_next(a, &pem, "CMS", &der, &err), 0);
	return pem_of(a, der);
}

static void we_accept_openssl_s(struct hp_arena *a, EVP_PKEY *key)
{
	struct party root = party(a, keys.root, "Root CA", NULL, AUTHORITY);
	struct party signer = party(a, key, "Signer", &root, NO_AUTHORITY);
	struct hp_str ca = cert_pem(a, root.cert);
	put_files(a, &signer, root.cert);
#define SIGN(program, digest, ...)                                                                                     \
	assert_int_equal(OPENSSL(program, "-sign", "-binary", "-outform", "PEM", "-md", digest, "-signer", files.cert, \
				 "-inkey", files.key, "-in", files.content, "-out", files.out, __VA_ARGS__),           \
			 0)
	SIGN("smime", "sha256", "-certfile", files.ca);
	assert_null(accepted(a, read_file(a, files.out), NO_CA, 1)->not_covered);
	const struct hp_signature *s = accepted(a, read_file(a, files.out), ca, 1);
	assert_true(s->trusted);
	assert_string_equal(s->signer, "Signer");
	assert_non_null(s->signed_at);
	SIGN("cms", "sha256", "-certfile", files.ca);
	assert_null(accepted(a, renamed(a, read_file(a, files.out)), ca, 1)->not_covered);
	SIGN("smime", "sha512", "-nosmimecap");
	refused(a, read_file(a, files.out), NO_CA, "its digest is not SHA-256");
	SIGN("smime", "sha256", "-nodetach");
	refused(a, read_file(a, files.out), NO_CA, "it must be detached");
	SIGN("smime", "sha256", "-noattr");
	refused(a, read_file(a, files.out), NO_CA, "it has no signed attributes");
	remove_files();
}

static void openssl_s_for_us(void **state)
{
	we_accept_openssl_s(*state, keys.signer);
	we_accept_openssl_s(*state, keys.ec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(a_chain_is_told),
	    UNIT_TEST(the_form_is_the_official_one),
	    UNIT_TEST(two_blocks_of_two_chains),
	    UNIT_TEST(up_to_sixteen_blocks),
	    UNIT_TEST(a_self_signed_one_covers_itself),
	    UNIT_TEST(a_root_in_the_block_covers_the_rest),
	    UNIT_TEST(any_certificate_of_the_file_may_end_the_chain),
	    UNIT_TEST(only_an_authority_may_issue),
	    UNIT_TEST(the_end_of_validity_does_not_matter),
	    UNIT_TEST(without_a_signing_time_it_is_now),
	    UNIT_TEST(names_are_for_a_terminal),
	    UNIT_TEST(two_signers_in_one_block),
	    UNIT_TEST(another_content),
	    UNIT_TEST(another_key),
	    UNIT_TEST(other_forms_of_signature),
	    UNIT_TEST(attributes_that_are_bent),
	    UNIT_TEST(lists_of_revoked_certificates_are_not_covered),
	    UNIT_TEST(ber_is_refused_or_named),
	    UNIT_TEST(the_text_has_one_form),
	    UNIT_TEST(unused_bits_are_zero),
	    UNIT_TEST(every_bit_counts_with_a_ca),
	    UNIT_TEST(every_other_bit_counts_without_a_ca),
	    UNIT_TEST(every_bit_counts_with_the_root_within),
	    UNIT_TEST(what_cannot_be_signed_with),
	    UNIT_TEST(times_that_can_be_signed),
	    UNIT_TEST(a_full_arena_leaks_nothing),
	    UNIT_TEST(ours_for_openssl),
	    UNIT_TEST(openssl_s_for_us),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
