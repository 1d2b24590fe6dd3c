/* vibpack verify of a bundle: the zips, and the way from index.xml to each metadata.zip. */
#include <string.h>

#include "big.h"
#include "depot.h"

#define WRONG(audit, where, ...) hp_audit_add(audit, HP_AUDIT_WRONG, where, __VA_ARGS__)
#define NOTE(audit, where, ...) hp_audit_add(audit, HP_AUDIT_NOTE, where, __VA_ARGS__)

struct look {
	struct hp_audit *audit;
	const char *where;
	const struct hp_trust *trust;
	struct hp_packaged_list *named;
	struct hp_archive outer;
	uint64_t unpacked; /* bytes, of all archives */
	bool ours;	   /* index.xml has the mark: the zips must be of our form */
	const struct hp_zip_entry
	    *done[64]; /* each metadata.zip once: one vendor-index may name it for each platform */
	size_t done_count;
};

const struct hp_str *hp_archive_find(struct hp_archive *archive, const char *name)
{
	for (size_t i = 0; i < archive->zip.count; i++)
		if (strcmp(archive->zip.entries[i].name, name) == 0) {
			archive->used[i] = true;
			return archive->bytes[i].p ? &archive->bytes[i] : NULL;
		}
	return NULL;
}

bool hp_archive_is_used(const struct hp_archive *archive, const char *name)
{
	for (size_t i = 0; i < archive->zip.count; i++)
		if (strcmp(archive->zip.entries[i].name, name) == 0)
			return archive->used[i];
	return false;
}

void hp_depot_once(struct hp_audit *audit, const char *where, const char *file, const struct hp_xml *node,
		   const char *const *names)
{
	for (; *names; names++) {
		const struct hp_xml *c = hp_xml_child(node, *names);
		if (c && hp_xml_again(c))
			WRONG(audit, where, "%s: line %lu: a second <%s>", file, hp_xml_again(c)->line, *names);
	}
}

static bool open_archive(struct look *l, const char *where, struct hp_str bytes, struct hp_archive *ret)
{
	struct hp_arena *a = l->audit->arena;
	struct hp_err err;
	*ret = (struct hp_archive){.where = where};
	if (hp_zip_read(a, bytes, &ret->zip, &err) < 0) {
		WRONG(l->audit, where, "%s", err.text);
		return false;
	}
	ret->bytes = hp_alloc_array(a, ret->zip.count + 1, sizeof *ret->bytes);
	ret->used = hp_alloc_array(a, ret->zip.count + 1, sizeof *ret->used);
	for (size_t i = 0; i < ret->zip.count; i++)
		l->unpacked += ret->zip.entries[i].size;
	if (l->unpacked > HP_DEPOT_UNPACKED) {
		WRONG(l->audit, where, "unpacks to more than %zu MiB", HP_DEPOT_UNPACKED >> 20);
		return false;
	}
	for (size_t i = 0; i < ret->zip.count; i++) {
		const struct hp_zip_entry *e = &ret->zip.entries[i];
		if (!e->folder && hp_zip_unpack(a, e, HP_VIB_LIMIT, &ret->bytes[i], &err) < 0) {
			WRONG(l->audit, where, "%s: %s", e->name, err.text);
			ret->bytes[i].p = NULL;
		}
	}
	return true;
}

/* Of our own bundles each byte has to be what it would be made to be; of others some are free. */
static void look_at_form(const struct look *l, const struct hp_archive *archive)
{
	const char *unlike = archive->zip.unlike_ours;
	if (!unlike)
		return;
	if (l->ours)
		WRONG(l->audit, archive->where, "the zip is not as vibpack made it: %s", unlike);
	else
		hp_audit_add(l->audit, HP_AUDIT_FREE, archive->where,
			     "times, attributes and extra fields of the zip (it is not of vibpack's form: %s)", unlike);
}

static void look_at_unused(const struct look *l, const struct hp_archive *archive)
{
	for (size_t i = 0; i < archive->zip.count; i++)
		if (!archive->used[i] && !archive->zip.entries[i].folder)
			NOTE(l->audit, archive->where, "nothing refers to %s", archive->zip.entries[i].name);
}

/* ---- the indexes ---- */

/* `name` as it is meant in a file of that folder: beside it, or from the bundle's top. */
static const struct hp_str *beside(struct look *l, const char *file, const char *name, const char **ret_path)
{
	const char *slash = strrchr(file, '/');
	*ret_path = slash ? hp_format(l->audit->arena, "%.*s/%s", (int)(slash - file), file, name) : name;
	const struct hp_str *bytes = hp_archive_find(&l->outer, *ret_path);
	if (!bytes && slash) {
		*ret_path = name;
		bytes = hp_archive_find(&l->outer, name);
	}
	return bytes;
}

static struct hp_xml *read_xml(const struct look *l, const char *where, const char *name, struct hp_str bytes,
			       const char *top)
{
	struct hp_xml *tree = NULL;
	struct hp_err err;
	if (bytes.n > HP_XML_LIMIT) {
		WRONG(l->audit, where, "%s is larger than 8 MiB", name);
		return NULL;
	}
	if (hp_xml_tree(l->audit->arena, bytes, name, &tree, &err) < 0) {
		WRONG(l->audit, where, "%s", err.text);
		return NULL;
	}
	if (strcmp(tree->name, top) != 0) {
		WRONG(l->audit, where, "%s: its element is <%s>, not <%s>", name, tree->name, top);
		return NULL;
	}
	return tree;
}

static void look_at_metadata(struct look *l, const char *path, struct hp_str bytes)
{
	struct hp_archive *metadata = hp_alloc(l->audit->arena, sizeof *metadata);
	const struct hp_zip_entry *entry = hp_zip_find(&l->outer.zip, path);
	for (size_t i = 0; i < l->done_count; i++)
		if (l->done[i] == entry)
			return;
	if (l->done_count == sizeof l->done / sizeof l->done[0]) {
		WRONG(l->audit, l->where, "too many metadata zips");
		return;
	}
	l->done[l->done_count++] = entry;
	if (bytes.n > HP_METADATA_LIMIT) {
		WRONG(l->audit, l->where, "%s is larger than 64 MiB", path);
		return;
	}
	if (!open_archive(l, hp_format(l->audit->arena, "%s/%s", l->where, path), bytes, metadata))
		return;
	look_at_form(l, metadata);
	struct hp_depot depot = {l->audit, l->trust, &l->outer, metadata, l->named};
	hp_metadata_verify(&depot);
	look_at_unused(l, metadata);
}

static void look_at_vendor_index(struct look *l, const char *path, struct hp_str bytes)
{
	const struct hp_xml *tree = read_xml(l, l->where, path, bytes, "metaList");
	const struct hp_xml *m = tree ? hp_xml_child(tree, "metadata") : NULL;
	if (tree && !m)
		WRONG(l->audit, l->where, "%s names no metadata", path);
	for (; m; m = hp_xml_again(m)) {
		hp_depot_once(l->audit, l->where, path, m, (const char *const[]){"productId", "version", "url", NULL});
		const char *url = hp_xml_text(m, "url"), *product = hp_xml_text(m, "productId"), *zip;
		if (!product || (strcmp(product, "embeddedEsx") != 0 && strcmp(product, "esxio") != 0))
			NOTE(l->audit, l->where, "%s: line %lu: the productId is not embeddedEsx", path, m->line);
		if (!hp_xml_text(m, "version"))
			WRONG(l->audit, l->where, "%s: line %lu: metadata without a version", path, m->line);
		const struct hp_str *found = url ? beside(l, path, url, &zip) : NULL;
		if (found)
			look_at_metadata(l, zip, *found);
		else
			WRONG(l->audit, l->where, "%s: line %lu: the metadata %s are not in the bundle", path, m->line,
			      url ? url : "(no url)");
	}
}

static void look_at_vendor(struct look *l, const struct hp_xml *vendor)
{
	const char *file = hp_xml_text(vendor, "indexfile"), *folder = hp_xml_text(vendor, "relativePath");
	const char *code = hp_xml_text(vendor, "code"), *name = hp_xml_text(vendor, "name");
	hp_depot_once(l->audit, l->where, "index.xml", vendor,
		      (const char *const[]){"name", "code", "indexfile", "relativePath", NULL});
	if (!name || !*name)
		WRONG(l->audit, l->where, "index.xml: line %lu: a vendor without name", vendor->line);
	if (!code || strlen(code) != 3 || !hp_word_of(code, "", 3))
		NOTE(l->audit, l->where,
		     "index.xml: the vendor's code \"%s\" is not three letters or digits, as PowerCLI wants it",
		     code ? code : "");
	if (!hp_xml_child(vendor, "content"))
		NOTE(l->audit, l->where, "index.xml: line %lu: a vendor without content type", vendor->line);
	if (file && folder && *folder)
		file = hp_format(l->audit->arena, "%s/%s", folder, file);
	const struct hp_str *bytes = file ? hp_archive_find(&l->outer, file) : NULL;
	if (bytes)
		look_at_vendor_index(l, file, *bytes);
	else
		WRONG(l->audit, l->where, "index.xml: line %lu: the index %s is not in the bundle", vendor->line,
		      file ? file : "(no indexfile)");
}

void hp_bundle_verify(struct hp_audit *audit, const char *where, struct hp_str bytes, const struct hp_trust *trust,
		      struct hp_packaged_list *ret)
{
	struct look *l = hp_alloc(audit->arena, sizeof *l);
	struct hp_packaged_list unwanted = {.count = 0};
	*l = (struct look){.audit = audit, .where = where, .trust = trust, .named = ret ? ret : &unwanted};
	if (!open_archive(l, where, bytes, &l->outer))
		return;
	const struct hp_str *index = hp_archive_find(&l->outer, "index.xml");
	if (!index) {
		WRONG(audit, where, "is no offline bundle: there is no (readable) index.xml in it");
		return;
	}
	l->ours = hp_str_has(*index, HP_BUNDLE_MARK);
	look_at_form(l, &l->outer);
	const struct hp_xml *tree = read_xml(l, where, "index.xml", *index, "vendorList");
	const struct hp_xml *vendor = tree ? hp_xml_child(tree, "vendor") : NULL;
	if (tree && !vendor)
		WRONG(audit, where, "index.xml names no vendor");
	for (; vendor; vendor = hp_xml_again(vendor))
		look_at_vendor(l, vendor);
	look_at_unused(l, &l->outer);
}
