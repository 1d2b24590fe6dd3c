#include "../../vib/ar.h"
#include "unit.h"

/* The first header of HPE's cru 700.10.16-1OEM.700.0.0.14828939, made by VMware's build. */
#define OFFICIAL "descriptor.xml  0           0     0     0       1478      `\n"

static struct hp_str with(struct hp_arena *a, const char *header, size_t body)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "!<arch>\n");
	hp_puts(&b, header);
	for (size_t i = 0; i < body; i++)
		hp_puts(&b, "x");
	return hp_built(&b);
}

static void refused(struct hp_arena *a, struct hp_str bytes, const char *why)
{
	struct hp_ar ar = {.count = 77};
	struct hp_err err = {""};
	assert_int_equal(hp_ar_read(a, bytes, &ar, &err), -1);
	assert_int_equal(ar.count, 77);
	assert_has(err.text, why);
}

static void test_known_answer(void **state)
{
	char *body = hp_alloc(*state, 1478);
	memset(body, 'x', 1478);
	struct hp_ar_member m = {"descriptor.xml", {body, 1478}, 0};
	struct hp_str bytes = hp_ar_write(*state, &m, 1);
	assert_true(hp_str_same(bytes, with(*state, OFFICIAL, 1478)));
	/* the offsets of the other headers in that file, which is 16170 bytes long */
	char *more = hp_alloc(*state, 8512);
	struct hp_ar_member all[] = {
	    {"descriptor.xml", {body, 1478}, 0}, {"sig.pkcs7", {more, 5991}, 0}, {"cru", {more, 8512}, 0}};
	struct hp_ar got;
	struct hp_err err;
	bytes = hp_ar_write(*state, all, 3);
	assert_int_equal(bytes.n, 16170);
	assert_int_equal(hp_ar_read(*state, bytes, &got, &err), 0);
	assert_int_equal(got.members[0].at, 0x8);
	assert_int_equal(got.members[1].at, 0x60a);
	assert_int_equal(got.members[2].at, 0x1dae);
	assert_false(got.free_headers);
	assert_ptr_equal(hp_ar_find(&got, "cru"), &got.members[2]);
	assert_null(hp_ar_find(&got, "crux"));
}

static void test_forms(void **state)
{
	static const struct {
		const char *header;
		bool free_headers;
	} good[] = {{"a               0           0     0     0       0         `\n", false},
		    {"a/              0           0     0     644     0         `\n", false},
		    {"vnic-enablement/0           0     0     644     0         `\n", false},
		    {"sixteen-letters-0           0     0     0       0         `\n", false},
		    {"a               0           0     0     644     0         `\n", true},
		    {"a/              0           0     0     0       0         `\n", true},
		    {"a/              1           0     0     644     0         `\n", true}};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct hp_ar ar;
		struct hp_err err = {""};
		assert_int_equal(hp_ar_read(*state, with(*state, good[i].header, 0), &ar, &err), 0);
		assert_int_equal(ar.free_headers, good[i].free_headers);
	}
}

static void test_refused(void **state)
{
	static const char *const headers[] = {"a               0           0     0     0       01        `\n",
					      "a               0           0     0     0       1 1       `\n",
					      "a               0           0     0     8       0         `\n",
					      "a               0           0     0             0         `\n",
					      "a               0           0           0       0         `\n",
					      " a              0           0     0     0       0         `\n",
					      "                0           0     0     0       0         `\n",
					      "/               0           0     0     0       0         `\n",
					      "//              0           0     0     0       0         `\n",
					      "/12             0           0     0     0       0         `\n",
					      "#1/12           0           0     0     0       0         `\n",
					      "a b             0           0     0     0       0         `\n",
					      "a               0           0     0     0       2         `\n",
					      "a               0           0     0     0       9999999999`\n",
					      "a               0           0     0     0       0         `x",
					      "a               0           0     0     0       0         \n`"};
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		refused(*state, with(*state, headers[i], 1), "offset 8: ");
	refused(*state, hp_str(""), "is no VIB");
	refused(*state, hp_str("!<arch>"), "is no VIB");
	refused(*state, hp_str("!<arch>\r\n"), "is no VIB");
}

static void test_many(void **state)
{
	struct hp_ar_member *members = hp_alloc_array(*state, HP_AR_MEMBERS + 1, sizeof *members);
	struct hp_ar ar;
	struct hp_err err;
	for (size_t i = 0; i <= HP_AR_MEMBERS; i++)
		members[i] = (struct hp_ar_member){hp_format(*state, "m%zu", i), hp_str("odd"), 0};
	assert_int_equal(hp_ar_read(*state, hp_ar_write(*state, members, HP_AR_MEMBERS), &ar, &err), 0);
	assert_int_equal(ar.count, HP_AR_MEMBERS);
	refused(*state, hp_ar_write(*state, members, HP_AR_MEMBERS + 1), "more than 64 members");
	assert_int_equal(hp_ar_read(*state, hp_ar_write(*state, members, 0), &ar, &err), 0);
	assert_int_equal(ar.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(test_known_answer), UNIT_TEST(test_forms), UNIT_TEST(test_refused),
					   UNIT_TEST(test_many)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
