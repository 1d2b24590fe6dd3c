/* The documents of one file, whichever engine wrote it. */
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "../../agent/fleet/documents.h"
#include "../../agent/io/file.h"
#include "unit.h"

#define DOCUMENT "{\"schema\": \"hostprep.host\", \"n\": 1}"
#define OTHER "{\"schema\": \"hostprep.host\", \"n\": 2}"
#define CUT "{\"schema\": \"hostprep.host\", \"n\": [1,"

static const char *put(struct hp_arena *a, struct hp_str bytes)
{
	char *path = hp_alloc(a, 64);
	(void)snprintf(path, 64, "/tmp/documents_test.XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(hp_fd_write(fd, bytes));
	assert_int_equal(close(fd), 0);
	return path;
}

/* "NAME@LINE:BYTES" of each document, one per line; "!" and the reason where it is none. */
static const char *told(struct hp_arena *a, struct hp_str bytes)
{
	struct hp_buf b = hp_buf(a);
	const char *path = put(a, bytes);
	struct hp_documents *d;
	struct hp_document document;
	struct hp_err err;
	assert_int_equal(hp_documents_open(a, path, &d, &err), 0);
	while (hp_documents_next(d, &document)) {
		hp_putf(&b, "%s@%zu%s:", document.name ? document.name : "", document.line, document.only ? "*" : "");
		if (document.bad)
			hp_putf(&b, "!%s", document.bad);
		else
			hp_put(&b, hp_str_trim(document.bytes));
		hp_puts(&b, "\n");
	}
	hp_documents_close(d);
	assert_int_equal(unlink(path), 0);
	return hp_copy(a, hp_built(&b));
}

static void every_layout_is_told_apart(void **state)
{
	static const struct {
		const char *bytes, *means;
	} cases[] = {
	    {DOCUMENT, "@1*:" DOCUMENT "\n"},
	    {"\n\n" DOCUMENT "\n", "@3*:" DOCUMENT "\n"},
	    {DOCUMENT "\n" OTHER "\n", "@1:" DOCUMENT "\n@2:" OTHER "\n"},
	    {"[" DOCUMENT ",\n" OTHER "]\n", "@1:" DOCUMENT "\n@2:" OTHER "\n"},
	    {CUT "\n" OTHER "\n", "@1:" CUT "\n@2:" OTHER "\n"},
	    {"esx01: " DOCUMENT "\nesx02: " OTHER "\n", "esx01@1:" DOCUMENT "\nesx02@1:" OTHER "\n"},
	    {"esx01\t" DOCUMENT "\n", "esx01@1:" DOCUMENT "\n"},
	    {"esx01: {\"schema\":\nesx02: {\"schema\":\nesx01:  1}\nesx02:  2}\n",
	     "esx01@1:{\"schema\":\n 1}\nesx02@1:{\"schema\":\n 2}\n"},
	    {"", "@1*:!it is empty\n"},
	    {"\n \n", "@3*:!it is empty\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(told(*state, hp_str(cases[i].bytes)), cases[i].means);
}

static void noise_is_said_and_what_follows_it_is_found(void **state)
{
	const char *text = told(*state, hp_str("Welcome to esx01\n" DOCUMENT "\n"));
	assert_has(text, "!it is no JSON: it begins with \"Welcome to esx01");
	assert_has(text, ":" DOCUMENT "\n");
	text = told(*state, hp_str("esx01: " DOCUMENT "\nno name here\n"));
	assert_has(text, "esx01@1:" DOCUMENT "\n");
	assert_has(text, "!lines without a host's name");
}

static struct hp_str packed(struct hp_arena *a, struct hp_str bytes)
{
	size_t room = bytes.n + 1024;
	unsigned char *to = hp_alloc(a, room), *from = hp_alloc(a, bytes.n + 1);
	z_stream z = {.avail_in = (unsigned)bytes.n, .next_out = to, .avail_out = (unsigned)room};
	memcpy(from, bytes.p, bytes.n);
	z.next_in = from;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	return (struct hp_str){(char *)to, room - z.avail_out};
}

static void what_is_packed_is_whole_or_said_to_be_cut(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str gz = packed(a, hp_str(DOCUMENT "\n"));
	assert_string_equal(told(a, gz), "@1*:" DOCUMENT "\n");
	for (size_t n = 2; n < gz.n; n++) {
		const char *text = told(a, hp_str_sub(gz, 0, n));
		if (!strstr(text, ":!"))
			fail_msg("cut at %zu of %zu: %s", n, gz.n, text);
	}
	for (size_t i = 10; i < gz.n; i++) { /* behind the head: data, sum, length */
		char *spoilt = hp_alloc(a, gz.n);
		memcpy(spoilt, gz.p, gz.n);
		spoilt[i] = (char)(spoilt[i] ^ 0x20);
		const char *text = told(a, (struct hp_str){spoilt, gz.n});
		if (!strstr(text, ":!"))
			fail_msg("byte %zu: %s", i, text);
	}
}

static void utf16_is_read(void **state)
{
	struct hp_arena *a = *state;
	static const char text[] = DOCUMENT;
	for (int big = 0; big <= 1; big++) {
		char *wide = hp_alloc(a, 2 * sizeof text);
		memcpy(wide, big ? "\xfe\xff" : "\xff\xfe", 2);
		for (size_t i = 0; i < sizeof text - 1; i++)
			wide[2 + 2 * i + (size_t)big] = text[i];
		assert_string_equal(told(a, (struct hp_str){wide, 2 * sizeof text}), "@1*:" DOCUMENT "\n");
		assert_has(told(a, (struct hp_str){wide, 2 * sizeof text - 1}), ":!"); /* half a letter */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(every_layout_is_told_apart),
	    UNIT_TEST(noise_is_said_and_what_follows_it_is_found),
	    UNIT_TEST(what_is_packed_is_whole_or_said_to_be_cut),
	    UNIT_TEST(utf16_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
