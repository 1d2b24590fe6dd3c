/* No byte of what vibpack makes can change without being seen: VIBs and bundles are made as the program makes them,
 * then every byte is flipped in some bits, every length is cut off, bytes are appended, and hp_vib_verify and
 * hp_bundle_verify must find it. What they do not find must be what the report of the right file names as not covered.
 */
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../agent/io/file.h"
#include "../../vib/build.h"
#include "../../vib/bundle.h"
#include "../faults/sweep_step.h"
#include "../unit/unit.h"

#define LIMIT ((size_t)64 << 20)

static const char recipe[] = "name: flip\nversion: 1.0.0-1\nvendor: test\nsummary: A & B\ndescription: One <line>\n"
			     "release-date: 2026-11-26\npayload: flip\n";
static const char component[] = "name: flip\ndisplay-name: Flip\nvendor-code: ABC\nkb-url: https://a.example/\n"
				"contact: a@a.example\nplatforms: ['8.*', '9.*']\n";

/* What is made once, and lives until the end. */
static struct hp_arena made;
static struct hp_str plain, signed_leaf, signed_chain, bundle, large, large_bundle, ca;

static uint64_t seed = 1;

static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

/* ---- making ---- */

static void put(const char *folder, const char *name, struct hp_str bytes)
{
	struct hp_err err;
	if (hp_file_write(&made, hp_format(&made, "%s/%s", folder, name), bytes, &err) < 0)
		fail_msg("%s", err.text);
}

static X509 *certify(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *x = X509_new();
	assert_non_null(x);
	assert_int_equal(X509_set_version(x, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), -86400));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), (long)86400 * 365));
	assert_int_equal(X509_set_pubkey(x, key), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
						    (const unsigned char *)name, -1, -1, 0),
			 1);
	assert_int_equal(X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x)), 1);
	X509_EXTENSION *e =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
	assert_true(X509_sign(x, issuer_key, EVP_sha256()) > 0);
	return x;
}

static struct hp_str pem_of(EVP_PKEY *key, X509 *one, X509 *other)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	assert_non_null(bio);
	if (key)
		assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	if (one)
		assert_int_equal(PEM_write_bio_X509(bio, one), 1);
	if (other)
		assert_int_equal(PEM_write_bio_X509(bio, other), 1);
	size_t n = (size_t)BIO_get_mem_data(bio, &bytes);
	struct hp_str pem = {hp_copy(&made, (struct hp_str){bytes, n}), n};
	BIO_free(bio);
	return pem;
}

static struct hp_str sign(struct hp_str vib, struct hp_str key, struct hp_str certs)
{
	struct hp_ar ar;
	struct hp_err err;
	assert_int_equal(hp_ar_read(&made, vib, &ar, &err), 0);
	if (hp_pkcs7_sign(&made, ar.members[0].body, key, certs, 1795651200, &ar.members[1].body, &err) < 0)
		fail_msg("%s", err.text);
	return hp_ar_write(&made, ar.members, ar.count);
}

static void make_signed(void)
{
	EVP_PKEY *root_key = EVP_RSA_gen(2048), *key = EVP_RSA_gen(2048);
	assert_true(root_key && key);
	X509 *root = certify(root_key, "Root", NULL, root_key), *leaf = certify(key, "Leaf", root, root_key);
	struct hp_str key_pem = pem_of(key, NULL, NULL);
	ca = pem_of(NULL, root, NULL);
	signed_leaf = sign(plain, key_pem, pem_of(NULL, leaf, NULL));
	signed_chain = sign(plain, key_pem, pem_of(NULL, leaf, root));
	X509_free(root);
	X509_free(leaf);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(key);
}

static void make(const char *folder, struct hp_str content, struct hp_str *ret_vib, struct hp_str *ret_bundle)
{
	struct hp_err err;
	put(folder, "in/opt/flip/a", content);
	if (hp_build(&made, hp_format(&made, "%s/recipe", folder), hp_format(&made, "%s/in", folder), ret_vib, &err) <
	    0)
		fail_msg("%s", err.text);
	put(folder, "vib", *ret_vib);
	if (hp_bundle(&made, hp_format(&made, "%s/vib", folder), hp_format(&made, "%s/component", folder), ret_bundle,
		      &err) < 0)
		fail_msg("%s", err.text);
}

static int make_all(void **state)
{
	char folder[] = "/tmp/vibpack-flip-XXXXXX";
	static const char *const names[] = {"in/opt/flip/a", "in/opt/flip", "in/opt", "in",
					    "recipe",	     "component",   "vib"};
	size_t n = (size_t)200 << 10;
	(void)state;
	hp_arena_init(&made, LIMIT, NULL);
	assert_non_null(mkdtemp(folder));
	for (size_t i = 4; i-- > 1;)
		assert_int_equal(mkdir(hp_format(&made, "%s/%s", folder, names[i]), 0755), 0);
	put(folder, "recipe", hp_str(recipe));
	put(folder, "component", hp_str(component));
	make(folder, hp_str("hello\n"), &plain, &bundle);
	char *noise = hp_alloc(&made, n);
	for (size_t i = 0; i < n; i++)
		noise[i] = (char)dice(256);
	make(folder, (struct hp_str){noise, n}, &large, &large_bundle);
	make_signed();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)remove(hp_format(&made, "%s/%s", folder, names[i]));
	(void)rmdir(folder);
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	hp_arena_free(&made);
	return 0;
}

/* ---- judging ---- */

struct verdict {
	size_t wrong;
	bool descriptor_free; /* "not covered" names descriptor.xml */
	bool signature_free;  /* "not covered" names sig.pkcs7 */
	size_t free;	      /* how many lines */
	char sha256[65];
};

static struct verdict judge(struct hp_str bytes, struct hp_str trusted)
{
	static jmp_buf full;
	struct hp_arena a;
	struct hp_audit audit;
	struct hp_trust trust = {.ca = trusted};
	struct verdict v = {.wrong = 0};
	hp_arena_init(&a, LIMIT, &full);
	if (setjmp(full))
		fail_msg("more memory than %zu MiB", LIMIT >> 20);
	hp_audit_begin(&audit, &a);
	if (hp_str_starts(bytes, "PK")) {
		hp_bundle_verify(&audit, "b.zip", bytes, &trust, NULL);
	} else {
		struct hp_vib *vib = hp_alloc(&a, sizeof *vib);
		if (hp_vib_open(&audit, "a.vib", bytes, vib))
			hp_vib_verify(&audit, "a.vib", vib, &trust);
		(void)snprintf(v.sha256, sizeof v.sha256, "%s", vib->sha256);
	}
	v.wrong = audit.wrong;
	for (size_t i = 0; i < audit.count; i++) {
		if (audit.lines[i].kind != HP_AUDIT_FREE)
			continue;
		v.free++;
		v.descriptor_free = v.descriptor_free || strstr(audit.lines[i].text, "descriptor.xml");
		v.signature_free = v.signature_free || strstr(audit.lines[i].text, "in sig.pkcs7");
	}
	hp_arena_free(&a);
	return v;
}

/* One to three bits of one byte. */
static char flipped(char byte)
{
	unsigned bits = 0;
	for (unsigned n = 1 + dice(3); n > 0; n--)
		bits |= 1u << dice(8);
	return (char)((unsigned char)byte ^ bits);
}

/* Calls look(bytes, at) for each way to change that many bytes of it: every `step`th byte, and by sweep_step fewer, in
 * `times` ways. */
static void each_flip(struct hp_str right, size_t step, unsigned times, void (*look)(struct hp_str bytes, size_t at))
{
	char *bytes = malloc(right.n);
	assert_non_null(bytes);
	memcpy(bytes, right.p, right.n);
	for (size_t at = 0; at < right.n; at += step * sweep_step()) {
		for (unsigned i = 0; i < times; i++) {
			char one_bit = (char)((unsigned char)right.p[at] ^ 1u << i % 8);
			bytes[at] = one_bit;
			if (times < 8)
				bytes[at] = flipped(right.p[at]);
			look((struct hp_str){bytes, right.n}, at);
		}
		bytes[at] = right.p[at];
	}
	free(bytes);
}

static struct hp_str part_of(struct hp_str vib, const char *from, const char *to)
{
	struct hp_ar ar;
	struct hp_err err;
	assert_int_equal(hp_ar_read(&made, vib, &ar, &err), 0);
	const char *text = hp_copy(&made, ar.members[0].body), *begin = strstr(text, from);
	const char *end = begin ? strstr(begin, to) : NULL;
	assert_non_null(end);
	return (struct hp_str){ar.members[0].body.p + (begin - text), (size_t)(end - begin)};
}

static bool inside(struct hp_str vib, struct hp_str part, size_t at)
{
	return vib.p + at >= part.p && vib.p + at < part.p + part.n;
}

/* ---- tests ---- */

static struct hp_str descriptor, payloads, files, kind;
static char right_sha256[65];
static size_t unseen;

static void may_be_free_text(struct hp_str bytes, size_t at)
{
	struct verdict v = judge(bytes, (struct hp_str){NULL, 0});
	if (strcmp(v.sha256, right_sha256) == 0)
		fail_msg("byte %zu: the bundle's checksum does not see it", at);
	if (v.wrong)
		return;
	unseen++;
	if (!inside(plain, descriptor, at))
		fail_msg("byte %zu, 0x%02x: not found, and not in descriptor.xml", at, (unsigned char)bytes.p[at]);
	/* "tgz" and "vgz" are one bit apart, and both are taken with a note */
	if ((inside(plain, payloads, at) && !inside(plain, kind, at)) || inside(plain, files, at))
		fail_msg("byte %zu, 0x%02x: not found, but of a checksum, a size or a path", at,
			 (unsigned char)bytes.p[at]);
}

static void test_unsigned(void **state)
{
	struct verdict right = judge(plain, (struct hp_str){NULL, 0});
	(void)state;
	assert_int_equal(right.wrong, 0);
	assert_true(right.descriptor_free);
	assert_int_equal(right.free, 1);
	memcpy(right_sha256, right.sha256, sizeof right_sha256);
	descriptor = part_of(plain, "<vib", "</vib>");
	descriptor.n += strlen("</vib>");
	payloads = part_of(plain, "<payloads>", "</payloads>");
	files = part_of(plain, "<file-list>", "</file-list>");
	kind = part_of(plain, "\"tgz\" size", " size");
	unseen = 0;
	each_flip(plain, 1, 8, may_be_free_text);
	each_flip(plain, 1, 4, may_be_free_text);
	print_message("unsigned: %zu of %zu flips are in free text\n", unseen, 12 * plain.n);
	assert_true(unseen > 0 && unseen < 12 * descriptor.n);
}

static void must_be_found(struct hp_str bytes, size_t at)
{
	if (!judge(bytes, (struct hp_str){NULL, 0}).wrong)
		fail_msg("byte %zu, 0x%02x: not found", at, (unsigned char)bytes.p[at]);
}

static void test_bundle(void **state)
{
	struct verdict right = judge(bundle, (struct hp_str){NULL, 0});
	(void)state;
	assert_int_equal(right.wrong, 0);
	assert_int_equal(right.free, 0);
	each_flip(bundle, 1, 3, must_be_found);
}

static void test_large(void **state)
{
	(void)state;
	assert_int_equal(judge(large, (struct hp_str){NULL, 0}).wrong, 0);
	assert_int_equal(judge(large_bundle, (struct hp_str){NULL, 0}).wrong, 0);
	each_flip(large_bundle, 211, 1, must_be_found);
	/* behind the descriptor everything is covered without a bundle */
	struct hp_str tail = large;
	size_t at = (size_t)(part_of(large, "</vib>", ">").p - large.p);
	char *bytes = malloc(tail.n);
	assert_non_null(bytes);
	memcpy(bytes, tail.p, tail.n);
	for (at += strlen("</vib>"); at < tail.n; at += at + 4096 < tail.n && dice(8) ? 409 : 61) {
		bytes[at] = flipped(tail.p[at]);
		must_be_found((struct hp_str){bytes, tail.n}, at);
		bytes[at] = tail.p[at];
	}
	free(bytes);
}

static void trusted_must_be_found(struct hp_str bytes, size_t at)
{
	if (!judge(bytes, ca).wrong)
		fail_msg("byte %zu, 0x%02x: not found", at, (unsigned char)bytes.p[at]);
}

static void test_signed(void **state)
{
	struct verdict right = judge(signed_leaf, ca);
	(void)state;
	assert_int_equal(right.wrong, 0);
	assert_int_equal(right.free, 0);
	each_flip(signed_leaf, 1, 3, trusted_must_be_found);
}

/* A certificate more than the chain needs may be any; where it is not what it was, the report names it. */
static void trusted_must_be_found_or_named(struct hp_str bytes, size_t at)
{
	struct verdict v = judge(bytes, ca);
	if (!v.wrong && !v.signature_free)
		fail_msg("byte %zu, 0x%02x: neither found nor named", at, (unsigned char)bytes.p[at]);
}

static void test_signed_with_root(void **state)
{
	struct verdict right = judge(signed_chain, ca);
	(void)state;
	assert_int_equal(right.wrong, 0);
	assert_int_equal(right.free, 0);
	each_flip(signed_chain, 1, 2, trusted_must_be_found_or_named);
}

/* Without certificates to trust: what is not found is in the signer's certificate, and the right file says so. */
static bool right_names_it;
static void must_be_found_or_named(struct hp_str bytes, size_t at)
{
	struct verdict v = judge(bytes, (struct hp_str){NULL, 0});
	if (!v.wrong && !(right_names_it || v.signature_free))
		fail_msg("byte %zu, 0x%02x: neither found nor named", at, (unsigned char)bytes.p[at]);
}

static void test_signed_by_whomever(void **state)
{
	(void)state;
	right_names_it = judge(signed_leaf, (struct hp_str){NULL, 0}).signature_free;
	assert_int_equal(judge(signed_leaf, (struct hp_str){NULL, 0}).wrong, 0);
	each_flip(signed_leaf, 1, 1, must_be_found_or_named);
}

static void test_cut_off(void **state)
{
	const struct hp_str all[] = {plain, bundle, signed_leaf};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		for (size_t n = 0; n < all[i].n; n++) {
			/* as long as it is and no longer, so that a read beyond its end is seen */
			char *bytes = malloc(n + 1);
			assert_non_null(bytes);
			memcpy(bytes, all[i].p, n);
			char *exact = realloc(bytes, n ? n : 1);
			assert_non_null(exact);
			if (!judge((struct hp_str){exact, n}, (struct hp_str){NULL, 0}).wrong)
				fail_msg("cut off at %zu of %zu: not found", n, all[i].n);
			free(exact);
		}
}

static void test_something_more(void **state)
{
	const struct hp_str all[] = {plain, bundle, signed_leaf};
	static const char more[] = "\0\n\1!<arch>\nPK\5\6";
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		for (size_t n = 1; n < sizeof more; n++)
			for (unsigned front = 0; front < 2; front++) {
				struct hp_buf b = hp_buf(&made);
				if (front)
					hp_put(&b, (struct hp_str){more, n});
				hp_put(&b, all[i]);
				if (!front)
					hp_put(&b, (struct hp_str){more, n});
				if (!judge(hp_built(&b), (struct hp_str){NULL, 0}).wrong)
					fail_msg("%zu bytes %s: not found", n, front ? "before" : "behind");
			}
}

/* A run of bytes that is missing, stands twice, or is zero. */
static void test_runs(void **state)
{
	const struct hp_str all[] = {bundle, signed_leaf};
	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct hp_str right = all[i % 2];
		size_t at = dice((unsigned)right.n - 1), n = 1 + dice(i % 3 ? 8 : 600), kept = right.n - at;
		n = n < kept ? n : kept;
		char *bytes = malloc(right.n + n);
		assert_non_null(bytes);
		size_t size = right.n;
		memcpy(bytes, right.p, right.n);
		if (i % 5 < 2) {
			memmove(bytes + at, bytes + at + n, kept - n);
			size -= n;
		} else if (i % 5 < 4) {
			memmove(bytes + at + n, bytes + at, kept);
			size += n;
		} else {
			memset(bytes + at, 0, n);
		}
		bool same = size == right.n && memcmp(bytes, right.p, size) == 0;
		if (!same &&
		    !judge((struct hp_str){bytes, size}, right.p == signed_leaf.p ? ca : (struct hp_str){NULL, 0})
			 .wrong)
			fail_msg("%zu bytes from %zu on: not found", n, at);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unsigned),
	    cmocka_unit_test(test_bundle),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_signed),
	    cmocka_unit_test(test_signed_with_root),
	    cmocka_unit_test(test_signed_by_whomever),
	    cmocka_unit_test(test_cut_off),
	    cmocka_unit_test(test_something_more),
	    cmocka_unit_test(test_runs),
	};
	return cmocka_run_group_tests(tests, make_all, end_all);
}
