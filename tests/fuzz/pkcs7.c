/* Signatures: whatever comes, an error is one line, and what verifies over one content does not verify over another. A
 * CA file only asks for more.
 *
 * Input: a sig.pkcs7; or 'c', a CA file, a NUL, and a sig.pkcs7; or 'd' and the DER of one block, of which a sig.pkcs7
 * is made here. The corpus is signed over CONTENT. */
#include <openssl/err.h>
#include <string.h>

#include "../../vib/pem.h"
#include "../../vib/pkcs7.h"
#include "fuzz.h"

#define CONTENT "<vib version=\"5.0\"><type>bootbank</type></vib>"

static void judge_text(const char *text)
{
	MUST(text && fuzz_one_line(text) && fuzz_utf8(hp_str(text)));
}

static void judge(const struct hp_signature *s, bool with_ca)
{
	judge_text(s->signer);
	judge_text(s->issuer);
	judge_text(s->serial);
	MUST(strcmp(s->digest, "sha256") == 0);
	MUST(s->trusted == with_ca);
	if (s->signed_at)
		MUST(strlen(s->signed_at) == strlen("2019-12-17T15:17:12Z") && s->signed_at[10] == 'T');
	if (s->not_covered)
		judge_text(s->not_covered);
}

static bool verifies(struct hp_arena *a, struct hp_str sig, const char *content, struct hp_str ca)
{
	struct hp_signature ret[HP_PKCS7_BLOCKS];
	size_t count = 0;
	struct hp_err err = {""};
	int code = hp_pkcs7_verify(a, sig, hp_str(content), ca, ret, &count, &err);
	MUST(ERR_peek_error() == 0);
	if (code < 0) {
		MUST(count == 0 && fuzz_one_line(err.text));
		return false;
	}
	MUST(count >= 1 && count <= HP_PKCS7_BLOCKS);
	for (size_t i = 0; i < count; i++)
		judge(&ret[i], ca.p != NULL);
	return true;
}

/* The bytes of every block are their own text again, and nothing but newlines stands between them. */
static void judge_form(struct hp_arena *a, struct hp_str sig)
{
	while (sig.n) {
		struct hp_str rest = sig, der;
		struct hp_err err;
		MUST(hp_pem_next(a, &rest, "PKCS7", &der, &err) == 0);
		MUST(hp_str_same(hp_pem_text(a, der, "PKCS7"), hp_str_sub(sig, 0, sig.n - rest.n)));
		MUST(!rest.n || rest.p[0] == '\n');
		sig = hp_str_sub(rest, 1, rest.n);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	const struct hp_str none = {NULL, 0};
	struct hp_str ca = none, sig = input;
	char how = input.n ? input.p[0] : '\0';
	if (how == 'c') {
		const char *end = memchr(input.p, '\0', input.n);
		ca = hp_str_sub(input, 1, end ? (size_t)(end - input.p) : input.n);
		ca.p = ca.p ? ca.p : "";
		sig = hp_str_sub(input, 1 + ca.n + 1, input.n);
	}
	if (how == 'd' && input.n > 1)
		sig = hp_pem_text(a, hp_str_sub(input, 1, input.n), "PKCS7");
	bool good = verifies(a, sig, CONTENT, none), empty = verifies(a, sig, "", none);
	MUST(!good || !empty);
	if (good || empty)
		judge_form(a, sig);
	if (ca.p)
		MUST(!verifies(a, sig, CONTENT, ca) || good);
}
