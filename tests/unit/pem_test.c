#include "../../vib/pem.h"

#include <openssl/pem.h>

#include "unit.h"

static int read_one(struct hp_arena *a, const char *text, struct hp_str *ret, struct hp_str *ret_rest)
{
	struct hp_err err = {""};
	*ret_rest = hp_str(text);
	int code = hp_pem_next(a, ret_rest, "X", ret, &err);
	assert_int_equal(code < 0, err.text[0] != '\0');
	if (code < 0)
		assert_true(ret_rest->p == text && ret_rest->n == strlen(text)); /* nothing was taken */
	return code;
}

/* OpenSSL's text for these bytes. */
static const char *openssl_text(struct hp_arena *a, struct hp_str bytes)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	assert_true(PEM_write_bio(bio, "X", "", (const unsigned char *)bytes.p, (long)bytes.n) > 0);
	long n = BIO_get_mem_data(bio, &p);
	const char *text = hp_copy(a, (struct hp_str){p, (size_t)n});
	BIO_free(bio);
	return text;
}

/* Every length up to some lines: what we write is what OpenSSL writes, and reads back. */
static void it_is_openssl_s(void **state)
{
	struct hp_arena *a = *state;
	char bytes[200];
	for (size_t n = 1; n < sizeof bytes; n++) {
		struct hp_str in = {bytes, n}, out, rest;
		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)(unsigned char)(i * 37 + n * 101 + (i * n >> 3));
		const char *text = openssl_text(a, in);
		assert_string_equal(hp_format(a, "%s\n", hp_copy(a, hp_pem_text(a, in, "X"))), text);
		assert_int_equal(read_one(a, text, &out, &rest), 0);
		assert_true(hp_str_same(in, out));
		assert_str(a, rest, "\n");
	}
}

#define B "-----BEGIN X-----\n"
#define E "-----END X-----"
#define L64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define L60 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void one_text_for_the_bytes(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str out, rest;
	static const char *const good[] = {B "AAAA\n" E, B "AA==\n" E, B L64 "\n" E, B L64 "\nAAA=\n" E,
					   B L60 "AA==\n" E};
	static const char *const bad[] = {
	    "",
	    B,
	    B E,
	    B "AAAA",
	    B "AAAA\n",
	    B "AAAA" E,
	    B "AAAA\n-----END Y-----",
	    B "AAAA\n-----END X----",
	    "\n" B "AAAA\n" E,
	    " " B "AAAA\n" E,
	    "text\n" B "AAAA\n" E,
	    "-----BEGIN X-----\r\nAAAA\r\n" E,
	    B "AAAA\r\n" E,
	    "-----BEGIN X----- \nAAAA\n" E,
	    "-----BEGIN Y-----\nAAAA\n" E,
	    B "\nAAAA\n" E,	      /* a blank line */
	    B "AAAA\n\n" E,	      /* another */
	    B "K: v\n\nAAAA\n" E,     /* headers */
	    B "AAAA\nAAAA\n" E,	      /* short lines */
	    B L60 "\n" L60 "\n" E,    /* */
	    B L64 "AAAA\n" E,	      /* a long line */
	    B L64 "\nAA==\nAAAA\n" E, /* behind padding */
	    B L60 "AA==\nAAAA\n" E,   /* behind padding at the end of a full line */
	    B "AA==AAAA\n" E,	      /* within a line */
	    B "A===\n" E,	      /* */
	    B "====\n" E,	      /* */
	    B "AA=A\n" E,	      /* */
	    B "AAA\n" E,	      /* */
	    B "AAAA=\n" E,	      /* */
	    B "AB==\n" E,	      /* unused bits */
	    B "AAB=\n" E,	      /* */
	    B "AA-_\n" E,	      /* another alphabet */
	    B "AA A\n" E,	      /* */
	    B " AAAA\n" E,	      /* */
	    B "AAAA \n" E,	      /* */
	};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_int_equal(read_one(a, good[i], &out, &rest), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (read_one(a, bad[i], &out, &rest) == 0)
			fail_msg("accepted: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(it_is_openssl_s), UNIT_TEST(one_text_for_the_bytes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
