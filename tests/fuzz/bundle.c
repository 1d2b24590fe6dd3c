/* A whole bundle. What verify passes has, by another way through it: an index that leads to metadata, whose every VIB
 * is in the bundle once, of the size and with the sha-256 that are said, and verifies by itself; and those are the VIBs
 * that
 * --packaged trusts. All that is said is one clean line each.
 *
 * Input: the files of the bundle, each as a line "+NAME" (of the bundle) or "-NAME" (of metadata.zip) and its text up
 * to the next such line. A line "*NAME" stands for the VIB that is made here, and in every text @SIZE@, @SHA256@ and
 * @DESCRIPTOR@ for what is right of it. Or a line "=" and the bytes of a .zip. */
#include <stdlib.h>
#include <string.h>

#include "../../agent/base/digest.h"
#include "../../agent/base/gzip.h"
#include "../../vib/depot.h"
#include "../../vib/tar.h"
#include "fuzz.h"

#define FILES 24u

/* ---- making ---- */

static struct hp_str descriptor_of(struct hp_arena *a, const struct hp_checksums *sums, size_t size)
{
	return hp_str(hp_format(
	    a,
	    "<vib version=\"5.0\"><type>bootbank</type><name>n</name><version>1-1</version><vendor>v</vendor>"
	    "<system-requires><maintenance-mode>false</maintenance-mode></system-requires><file-list><file>opt/a</file>"
	    "</file-list><payloads><payload name=\"p\" type=\"tgz\" size=\"%zu\"><checksum checksum-type=\"sha-256\" "
	    "verify-process=\"gunzip\">%s</checksum><checksum "
	    "checksum-type=\"sha-256\">%s</checksum></payload></payloads>"
	    "</vib>",
	    size, sums->hex[0], sums->hex[1]));
}

static struct hp_str make_vib(struct hp_arena *a, struct hp_str *ret_descriptor)
{
	struct hp_tar_entry entry = {.path = "opt/a", .type = HP_TAR_FILE, .mode = 0644};
	struct hp_str tar, packed;
	struct hp_checksums sums;
	struct hp_err err = {""};
	char *body;
	MUST(hp_tar_frame(a, &entry, 1, 0, &tar, &body, &err) == 0 && hp_gzip_pack(a, tar, 1, &packed, &err) == 0 &&
	     hp_checksums_of(a, packed, tar, &sums, &err) == 0);
	*ret_descriptor = descriptor_of(a, &sums, packed.n);
	struct hp_ar_member members[] = {
	    {"descriptor.xml", *ret_descriptor, 0}, {"sig.pkcs7", hp_str(""), 0}, {"p", packed, 0}};
	return hp_ar_write(a, members, 3);
}

struct making {
	struct hp_arena *a;
	struct hp_str vib, descriptor;
	struct hp_zip_file outer[FILES + 1], inner[FILES];
	size_t outer_count, inner_count;
};

static void put_text(const struct making *m, struct hp_buf *b, struct hp_str text)
{
	struct hp_str inside =
	    hp_str_sub(m->descriptor, strlen("<vib version=\"5.0\">"), m->descriptor.n - strlen("</vib>"));
	const struct {
		const char *word;
		struct hp_str value;
	} words[] = {{"@SIZE@", hp_str(hp_format(m->a, "%zu", m->vib.n))},
		     {"@SHA256@", hp_str(hp_sha256(m->a, m->vib))},
		     {"@DESCRIPTOR@", inside}};
	while (text.n) {
		size_t n = 1;
		struct hp_str value = {text.p, 1};
		for (size_t i = 0; i < 3; i++)
			if (hp_str_starts(text, words[i].word)) {
				n = strlen(words[i].word);
				value = words[i].value;
			}
		hp_put(b, value);
		text = hp_str_sub(text, n, text.n);
	}
}

/* A name may be wrong: then it is left out, as there is no such archive to read. */
static void add_file(struct making *m, struct hp_str head, struct hp_str text)
{
	bool inner = head.p[0] == '-';
	size_t *count = inner ? &m->inner_count : &m->outer_count;
	struct hp_zip_file *file = (inner ? m->inner : m->outer) + *count;
	struct hp_buf b = hp_buf(m->a);
	if (*count == FILES)
		return;
	put_text(m, &b, text);
	*file =
	    (struct hp_zip_file){hp_copy(m->a, hp_str_sub(head, 1, head.n)), head.p[0] == '*' ? m->vib : hp_built(&b)};
	++*count;
}

static struct hp_str make(struct hp_arena *a, struct hp_str input)
{
	struct making *m = hp_alloc(a, sizeof *m);
	struct hp_str zip = {"", 0}, metadata;
	struct hp_err err;
	m->a = a;
	m->vib = make_vib(a, &m->descriptor);
	while (input.n) {
		struct hp_str head = fuzz_line(&input), text = {input.p, 0};
		while (input.n && !strchr("+-*", input.p[0])) {
			(void)fuzz_line(&input);
			text.n = (size_t)(input.p - text.p);
		}
		if (head.n > 1 && strchr("+-*", head.p[0]))
			add_file(m, head, text);
	}
	if (m->inner_count && hp_zip_write(a, m->inner, m->inner_count, 0, &metadata, &err) == 0)
		m->outer[m->outer_count++] = (struct hp_zip_file){"metadata.zip", metadata};
	(void)hp_zip_write(a, m->outer, m->outer_count, 0, &zip, &err);
	return zip;
}

/* ---- judging ---- */

static struct hp_str text_of(struct hp_arena *a, const struct hp_zip *zip, const char *name)
{
	struct hp_str bytes;
	struct hp_err err = {""};
	const struct hp_zip_entry *e = name ? hp_zip_find(zip, name) : NULL;
	MUST(e && hp_zip_unpack(a, e, HP_ARENA_LIMIT, &bytes, &err) == 0);
	return bytes;
}

static const struct hp_xml *tree_of(struct hp_arena *a, struct hp_str text)
{
	struct hp_xml *tree = NULL;
	struct hp_err err = {""};
	MUST(hp_xml_tree(a, text, "t", &tree, &err) == 0);
	return tree;
}

static bool is_named(const struct hp_packaged_list *named, const char *id, struct hp_str vib, const char *sha256)
{
	for (size_t i = 0; i < named->count; i++)
		if (strcmp(named->vibs[i].id, id) == 0)
			return named->vibs[i].size == vib.n && strcmp(named->vibs[i].sha256, sha256) == 0;
	return false;
}

static size_t judge_vibs(struct hp_arena *a, const struct hp_zip *zip, const struct hp_xml *bulletin,
			 const struct hp_packaged_list *named)
{
	const struct hp_xml *list = hp_xml_child(bulletin, "vibList");
	const struct hp_xml *v = list ? hp_xml_child(list, "vib") : NULL;
	size_t n = 0;
	MUST(v);
	for (; v; v = hp_xml_again(v), n++) {
		struct hp_audit audit;
		struct hp_trust trust = {.packaged = false};
		struct hp_vib *vib = hp_alloc(a, sizeof *vib);
		struct hp_str bytes = text_of(a, zip, hp_xml_text(hp_xml_child(v, "vibFile"), "relativePath"));
		hp_audit_begin(&audit, a);
		MUST(hp_vib_open(&audit, "x", bytes, vib));
		hp_vib_verify(&audit, "x", vib, &trust);
		MUST(!audit.wrong && strcmp(vib->d.id, hp_xml_text(v, "vibID")) == 0);
		MUST(is_named(named, vib->d.id, bytes, hp_sha256(a, bytes)));
	}
	return n;
}

static void judge_passed(struct hp_arena *a, struct hp_str bytes, const struct hp_packaged_list *named)
{
	struct hp_zip zip, inner;
	struct hp_err err = {""};
	size_t n = 0;
	MUST(hp_zip_read(a, bytes, &zip, &err) == 0);
	const struct hp_xml *vendor = hp_xml_child(tree_of(a, text_of(a, &zip, "index.xml")), "vendor");
	MUST(vendor);
	const char *folder = hp_xml_text(vendor, "relativePath"), *file = hp_xml_text(vendor, "indexfile");
	if (hp_xml_again(vendor) || strchr(file, '/') || (folder && *folder))
		return;
	const struct hp_xml *m = hp_xml_child(tree_of(a, text_of(a, &zip, file)), "metadata");
	MUST(m);
	if (hp_xml_again(m))
		return;
	MUST(hp_zip_read(a, text_of(a, &zip, hp_xml_text(m, "url")), &inner, &err) == 0);
	const struct hp_xml *b = hp_xml_child(tree_of(a, text_of(a, &inner, "vmware.xml")), "bulletin");
	MUST(b);
	for (; b; b = hp_xml_again(b))
		n += judge_vibs(a, &zip, b, named);
	MUST(n == named->count);
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_audit audit;
	struct hp_trust trust = {.packaged = false};
	struct hp_packaged_list named = {.count = 0};
	struct hp_str rest = input, bytes;
	bytes = hp_str_eq(fuzz_line(&rest), "=") ? rest : make(a, input);
	char *exact = malloc(bytes.n ? bytes.n : 1);
	MUST(exact);
	if (bytes.n)
		memcpy(exact, bytes.p, bytes.n);
	hp_audit_begin(&audit, a);
	hp_bundle_verify(&audit, "x", (struct hp_str){exact, bytes.n}, &trust, &named);
	if (!audit.wrong)
		judge_passed(a, (struct hp_str){exact, bytes.n}, &named);
	for (size_t i = 0; i < audit.count; i++)
		MUST(fuzz_one_line(audit.lines[i].text) && fuzz_one_line(audit.lines[i].where));
	free(exact);
}
