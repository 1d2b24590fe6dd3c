/* What vibpack reads, with its 1st, 2nd, 3rd ... allocation from the arena failed, until none fails: control comes back
 * each time, nothing leaks (run it with AddressSanitizer), and without a failure the answer is the right one. */
#include "../../agent/base/gzip.h"
#include "../../vib/build.h"
#include "../../vib/bundle.h"
#include "../../vib/list.h"
#include "../../vib/tar.h"
#include "../../vib/zip.h"
#include "unit.h"

static struct hp_arena made;
static struct hp_str ar, tar, visor, xml, vib, zip;

/* ---- making ---- */

static struct hp_vib_recipe recipe(void)
{
	return (struct hp_vib_recipe){.name = "n",
				      .version = "1-1",
				      .vendor = "v",
				      .summary = "s",
				      .description = "d",
				      .payload = "p",
				      .live_install = true,
				      .live_remove = true};
}

static void make_vib(void)
{
	struct hp_tar_entry entries[] = {{.path = "opt", .type = HP_TAR_FOLDER, .mode = 0755},
					 {.path = "opt/a", .type = HP_TAR_FILE, .mode = 0644, .body = {"hello", 5}}};
	const char *files[] = {"opt/a"};
	struct hp_vib_recipe r = recipe();
	struct hp_packed packed = {.files = files, .file_count = 1};
	struct hp_err err;
	char *bodies[2];
	assert_int_equal(hp_tar_frame(&made, entries, 2, 0, &packed.tar, bodies, &err), 0);
	memcpy(bodies[1], "hello", 5);
	assert_int_equal(hp_gzip_pack(&made, packed.tar, 9, &packed.gzip, &err), 0);
	assert_int_equal(hp_checksums_of(&made, packed.gzip, packed.tar, &packed.sums, &err), 0);
	xml = hp_descriptor_write(&made, &r, &packed, 0);
	struct hp_ar_member members[] = {
	    {"descriptor.xml", xml, 0}, {"sig.pkcs7", hp_str(""), 0}, {"p", packed.gzip, 0}};
	tar = packed.tar;
	ar = vib = hp_ar_write(&made, members, 3);
}

static void make_bundle(void)
{
	static const char *platforms[] = {"8.*"};
	struct hp_component c = {.name = "n",
				 .display_name = "N",
				 .version = "1-1",
				 .vendor = "v",
				 .vendor_code = "ABC",
				 .summary = "s",
				 .description = "d",
				 .severity = "general",
				 .category = "Enhancement",
				 .urgency = "Important",
				 .release_type = "extension",
				 .kb_url = "k",
				 .contact = "c",
				 .platforms = platforms,
				 .platform_count = 1};
	struct hp_vib *opened = hp_alloc(&made, sizeof *opened);
	struct hp_audit audit;
	struct hp_str metadata;
	struct hp_err err;
	hp_audit_begin(&audit, &made);
	assert_true(hp_vib_open(&audit, "v", vib, opened));
	struct hp_bundled b = {&made, &c, opened, "a.vib"};
	struct hp_str index = hp_bundle_vendor_index(&b);
	struct hp_zip_file inner[] = {{"vmware.xml", hp_bundle_vmware(&b)},
				      {"vendor-index.xml", index},
				      {"bulletins/b.xml", hp_bundle_bulletin(&b)},
				      {"vibs/v.xml", hp_bundle_descriptor(&b)}};
	assert_int_equal(hp_zip_write(&made, inner, 4, 0, &metadata, &err), 0);
	struct hp_zip_file outer[] = {{"index.xml", hp_bundle_index(&b)},
				      {"vendor-index.xml", index},
				      {"metadata.zip", metadata},
				      {"a.vib", vib}};
	assert_int_equal(hp_zip_write(&made, outer, 4, 0, &zip, &err), 0);
}

/* One block of a visor tar whose data lie behind the zeros. */
static void make_visor(void)
{
	char *bytes = hp_alloc(&made, 1024 + 5);
	unsigned sum = 0;
	memcpy(bytes, tar.p + 512, 512); /* opt/a */
	memcpy(bytes + 257, "visor  ", 8);
	memcpy(bytes + 496, "\0\4\0", 4);
	memset(bytes + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)bytes[i];
	memcpy(bytes + 148, hp_format(&made, "%06o", sum), 7);
	memcpy(bytes + 1024, "hello", 5);
	visor = (struct hp_str){bytes, 1024 + 5};
}

static int make_all(void **state)
{
	(void)state;
	hp_arena_init(&made, HP_ARENA_LIMIT, NULL);
	make_vib();
	make_bundle();
	make_visor();
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	hp_arena_free(&made);
	return 0;
}

/* ---- what is done with them ---- */

static void read_ar(struct hp_arena *a)
{
	struct hp_ar got;
	struct hp_err err;
	assert_int_equal(hp_ar_read(a, ar, &got, &err), 0);
	assert_true(hp_str_same(hp_ar_write(a, got.members, got.count), ar));
}

static void read_one_tar(struct hp_arena *a, struct hp_str bytes, size_t count)
{
	struct hp_tar got;
	struct hp_err err;
	assert_int_equal(hp_tar_read(a, bytes, &got, &err), 0);
	assert_int_equal(got.count, count);
	assert_string_equal(got.entries[count - 1].path, "opt/a");
	assert_str(a, got.entries[count - 1].body, "hello");
}

static void read_tars(struct hp_arena *a)
{
	read_one_tar(a, tar, 2);
	read_one_tar(a, visor, 1);
}

static void write_tar(struct hp_arena *a)
{
	struct hp_tar_entry e = {.path = "opt/a", .type = HP_TAR_FILE};
	struct hp_str bytes;
	struct hp_err err;
	char *body;
	assert_int_equal(hp_tar_frame(a, &e, 1, 0, &bytes, &body, &err), 0);
	assert_int_equal(bytes.n, 10240);
}

static void read_xml(struct hp_arena *a)
{
	struct hp_xml *tree, *again;
	struct hp_err err;
	struct hp_buf b = hp_buf(a);
	assert_int_equal(hp_xml_tree(a, xml, "x", &tree, &err), 0);
	hp_xml_write(&b, tree);
	assert_true(hp_str_same(hp_built(&b), xml));
	assert_int_equal(hp_xml_tree(a, hp_built(&b), "x", &again, &err), 0);
	assert_true(hp_xml_same(tree, again));
}

static void read_broken_xml(struct hp_arena *a)
{
	struct hp_xml *tree;
	struct hp_err err;
	assert_int_equal(hp_xml_tree(a, hp_str("<a><b>text</b><c x='1'>"), "x", &tree, &err), -1);
	assert_int_equal(hp_xml_tree(a, hp_str("<!DOCTYPE a><a/>"), "x", &tree, &err), -1);
}

static void verify_vib(struct hp_arena *a)
{
	struct hp_vib *got = hp_alloc(a, sizeof *got);
	struct hp_trust trust = {.packaged = false};
	struct hp_audit audit;
	hp_audit_begin(&audit, a);
	assert_true(hp_vib_open(&audit, "v", vib, got));
	hp_vib_verify(&audit, "v", got, &trust);
	assert_int_equal(audit.wrong, 0);
	assert_has(hp_copy(a, hp_audit_text(&audit, true)), "1 payload, 1 file");
}

static void verify_bundle(struct hp_arena *a)
{
	struct hp_packaged_list named = {.count = 0};
	struct hp_trust trust = {.packaged = false};
	struct hp_audit audit;
	hp_audit_begin(&audit, a);
	hp_bundle_verify(&audit, "z", zip, &trust, &named);
	assert_int_equal(audit.wrong, 0);
	assert_int_equal(named.count, 1);
	assert_string_equal(named.vibs[0].id, "v_bootbank_n_1-1");
}

static void list_both(struct hp_arena *a)
{
	struct hp_str text;
	struct hp_err err;
	assert_int_equal(hp_list(a, "v", vib, &text, &err), 0);
	assert_has(hp_copy(a, text), "opt/a");
	assert_int_equal(hp_list(a, "z", zip, &text, &err), 0);
	assert_has(hp_copy(a, text), "a.vib");
}

/* ---- failing ---- */

static jmp_buf full;

/* False when an allocation failed. */
static bool attempt(void (*what)(struct hp_arena *a), unsigned long fail_at)
{
	static struct hp_arena work;
	hp_arena_init(&work, HP_ARENA_LIMIT, &full);
	work.fail_at = fail_at;
	if (setjmp(full)) {
		hp_arena_free(&work);
		return false;
	}
	what(&work);
	hp_arena_free(&work);
	return true;
}

static void each_fails(void (*what)(struct hp_arena *a))
{
	unsigned long n = 1;
	while (!attempt(what, n))
		n++;
	assert_true(n > 1);
	assert_true(attempt(what, 0));
}

#define EACH_FAILS(f)                                                                                                  \
	static void test_##f(void **state)                                                                             \
	{                                                                                                              \
		(void)state;                                                                                           \
		each_fails(f);                                                                                         \
	}

EACH_FAILS(read_ar)
EACH_FAILS(read_tars)
EACH_FAILS(write_tar)
EACH_FAILS(read_xml)
EACH_FAILS(read_broken_xml)
EACH_FAILS(verify_vib)
EACH_FAILS(verify_bundle)
EACH_FAILS(list_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read_ar),	    cmocka_unit_test(test_read_tars),
	    cmocka_unit_test(test_write_tar),	    cmocka_unit_test(test_read_xml),
	    cmocka_unit_test(test_read_broken_xml), cmocka_unit_test(test_verify_vib),
	    cmocka_unit_test(test_verify_bundle),   cmocka_unit_test(test_list_both),
	};
	return cmocka_run_group_tests(tests, make_all, end_all);
}
