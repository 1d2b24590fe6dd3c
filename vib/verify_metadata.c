/* What a metadata.zip says: bulletins against vmware.xml, VIBs against their descriptors, sizes and checksums. */
#include <string.h>

#include "../agent/base/num.h"
#include "big.h"
#include "depot.h"

/* A file of bulletins/ or vibs/. */
struct piece {
	const char *name, *id;
	const struct hp_xml *tree;
	bool used;
};

struct look {
	struct hp_depot *depot;
	struct hp_arena *a;
	struct piece *bulletins, *vibs;
	size_t bulletin_count, vib_count;
};

#define WRONG(l, ...) hp_audit_add((l)->depot->audit, HP_AUDIT_WRONG, (l)->depot->metadata->where, __VA_ARGS__)
#define NOTE(l, ...) hp_audit_add((l)->depot->audit, HP_AUDIT_NOTE, (l)->depot->metadata->where, __VA_ARGS__)
#define GOOD(l, ...) hp_audit_add((l)->depot->audit, HP_AUDIT_GOOD, (l)->depot->metadata->where, __VA_ARGS__)

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

static struct hp_xml *read_xml(const struct look *l, const char *name, struct hp_str bytes, const char *top)
{
	struct hp_xml *tree = NULL;
	struct hp_err err;
	if (bytes.n > HP_XML_LIMIT)
		WRONG(l, "%s is larger than 8 MiB", name);
	else if (hp_xml_tree(l->a, bytes, name, &tree, &err) < 0)
		WRONG(l, "%s", err.text);
	else if (strcmp(tree->name, top) != 0)
		WRONG(l, "%s: its element is <%s>, not <%s>", name, tree->name, top);
	else
		return tree;
	return NULL;
}

/* ---- the pieces ---- */

static const char *vib_id(struct hp_arena *a, const struct hp_xml *vib, const char *type)
{
	return hp_format(a, "%s_%s_%s_%s", or_nothing(hp_xml_text(vib, "vendor")), or_nothing(hp_xml_text(vib, type)),
			 or_nothing(hp_xml_text(vib, "name")), or_nothing(hp_xml_text(vib, "version")));
}

static struct piece *find(struct piece *pieces, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(pieces[i].id, id) == 0)
			return &pieces[i];
	return NULL;
}

static void read_pieces(struct look *l, const char *folder, const char *top, struct piece **ret, size_t *ret_count)
{
	struct hp_archive *m = l->depot->metadata;
	struct piece *pieces = hp_alloc_array(l->a, m->zip.count + 1, sizeof *pieces);
	size_t n = 0;
	for (size_t i = 0; i < m->zip.count; i++) {
		const char *name = m->zip.entries[i].name;
		if (!hp_str_starts(hp_str(name), folder) || !hp_str_ends(hp_str(name), ".xml") || !m->bytes[i].p)
			continue;
		m->used[i] = true;
		const struct hp_xml *tree = read_xml(l, name, m->bytes[i], top);
		if (!tree)
			continue;
		const char *id = top[0] == 'v' ? vib_id(l->a, tree, "type") : or_nothing(hp_xml_text(tree, "id"));
		if (find(pieces, n, id))
			WRONG(l, "%s: a second file for %s", name, id);
		else
			pieces[n++] = (struct piece){name, id, tree, false};
	}
	*ret = pieces;
	*ret_count = n;
}

/* ---- a VIB ---- */

static struct hp_packaged *add_named(struct look *l, const char *id)
{
	struct hp_packaged_list *list = l->depot->named;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->vibs[i].id, id) == 0)
			return NULL;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->vibs = hp_grow(l->a, list->vibs, list->count, list->room, sizeof *list->vibs);
	}
	list->vibs[list->count] = (struct hp_packaged){.id = id};
	return &list->vibs[list->count++];
}

/* The depot's copy is the descriptor with where, how large, which sum, and on which platforms. */
static bool same_descriptor(const struct hp_xml *descriptor, const struct hp_xml *copy)
{
	static const char *const added[] = {"relative-path", "packed-size", "checksum", "system-requires", NULL};
	static const char *const platform[] = {"softwarePlatform", NULL};
	static const struct hp_xml_attribute none = {NULL, NULL};
	static const struct hp_xml nothing = {.name = "system-requires", .attributes = &none, .text = ""};
	const struct hp_xml *one = hp_xml_child(descriptor, "system-requires");
	const struct hp_xml *other = hp_xml_child(copy, "system-requires");
	return hp_xml_same_but(descriptor, copy, added) &&
	       hp_xml_same_but(one ? one : &nothing, other ? other : &nothing, platform);
}

static void look_inside(struct look *l, const char *id, const char *path, struct hp_str bytes,
			const struct hp_packaged *named, const struct piece *copy)
{
	struct hp_audit *audit = l->depot->audit;
	struct hp_vib *vib = hp_alloc(l->a, sizeof *vib);
	struct hp_trust trust = *l->depot->trust;
	bool opened = hp_vib_open(audit, path, bytes, vib);
	bool size = bytes.n == named->size;
	bool sum = vib->sha256 && named->sha256 && strcmp(vib->sha256, named->sha256) == 0;
	if (!size)
		WRONG(l, "%s: has %zu bytes, but vmware.xml says %llu", path, bytes.n, (unsigned long long)named->size);
	if (!sum)
		WRONG(l, "%s: its sha-256 is %s, but vmware.xml says %s", path, or_nothing(vib->sha256),
		      or_nothing(named->sha256));
	if (!opened)
		return;
	trust.packaged = size && sum;
	hp_vib_verify(audit, path, vib, &trust);
	if (strcmp(vib->d.id, id) != 0)
		WRONG(l, "%s is %s, but vmware.xml calls it %s", path, vib->d.id, id);
	if (copy && !same_descriptor(vib->d.tree, copy->tree))
		WRONG(l, "%s says something else than the descriptor in %s", copy->name, path);
}

/* vibs/X.xml must say what vmware.xml says of the file. */
static void compare_copy(const struct look *l, const struct piece *copy, const char *path,
			 const struct hp_packaged *named)
{
	uint64_t size = 0;
	const char *said = hp_xml_text(copy->tree, "relative-path"), *sum = hp_xml_text(copy->tree, "checksum");
	if (!said || strcmp(said, path) != 0)
		WRONG(l, "%s: its relative-path is \"%s\", but vmware.xml says \"%s\"", copy->name, or_nothing(said),
		      path);
	if (!hp_number(hp_str(or_nothing(hp_xml_text(copy->tree, "packed-size"))), 10, UINT64_MAX, &size) ||
	    size != named->size)
		WRONG(l, "%s: its packed-size is not that of vmware.xml", copy->name);
	if (sum && (!named->sha256 || strcmp(sum, named->sha256) != 0))
		WRONG(l, "%s: its checksum is not that of vmware.xml", copy->name);
}

static const struct hp_str *find_vib(struct look *l, const char *path)
{
	return path ? hp_archive_find(l->depot->outer, path) : NULL;
}

static void look_at_twice(const struct look *l, const struct hp_xml *node, const char *const *names)
{
	hp_depot_once(l->depot->audit, l->depot->metadata->where, "vmware.xml", node, names);
}

static void look_at_vib(struct look *l, const struct hp_xml *vib)
{
	const struct hp_xml *file = hp_xml_child(vib, "vibFile");
	const struct hp_xml *checksum = file ? hp_xml_child(file, "checksum") : NULL;
	const char *id = or_nothing(hp_xml_text(vib, "vibID")), *path = file ? hp_xml_text(file, "relativePath") : NULL;
	const char *type = checksum ? hp_xml_text(checksum, "checksumType") : NULL;
	const char *size = file ? hp_xml_text(file, "packedSize") : NULL;
	look_at_twice(
	    l, vib,
	    (const char *const[]){"vibID", "name", "version", "vendor", "vibType", "systemReqs", "vibFile", NULL});
	if (file)
		look_at_twice(l, file, (const char *const[]){"relativePath", "packedSize", NULL});
	if (strcmp(id, vib_id(l->a, vib, "vibType")) != 0)
		WRONG(l, "vmware.xml: line %lu: the vibID %s is not made of vendor, type, name and version", vib->line,
		      id);
	struct hp_packaged *named = add_named(l, id);
	if (!named) {
		WRONG(l, "vmware.xml: line %lu: %s is in more than one bulletin; hosts expect one component", vib->line,
		      id);
		return;
	}
	if (!size || !hp_number(hp_str(size), 10, UINT64_MAX, &named->size))
		WRONG(l, "vmware.xml: line %lu: %s has no packedSize", vib->line, id);
	if (type && strcmp(type, "sha-256") == 0)
		named->sha256 = hp_xml_text(checksum, "checksum");
	else
		WRONG(l, "vmware.xml: line %lu: %s has no sha-256", vib->line, id);
	struct piece *copy = find(l->vibs, l->vib_count, id);
	if (copy) {
		copy->used = true;
		compare_copy(l, copy, or_nothing(path), named);
	} else {
		WRONG(l, "there is no file vibs/*.xml for %s", id);
	}
	bool twice = path && hp_archive_is_used(l->depot->outer, path);
	const struct hp_str *bytes = find_vib(l, path);
	if (twice)
		WRONG(l, "vmware.xml: line %lu: %s is %s, and something else as well", vib->line, path, id);
	else if (bytes)
		look_inside(l, id, path, *bytes, named, copy);
	else
		WRONG(l, "vmware.xml: line %lu: %s of %s is not in the bundle", vib->line,
		      path ? path : "(no relativePath)", id);
}

/* ---- a bulletin ---- */

static bool names_same_vibs(const struct hp_xml *in_vmware, const struct hp_xml *in_bulletin)
{
	const struct hp_xml *one = hp_xml_child(in_vmware, "vibList"), *other = hp_xml_child(in_bulletin, "vibList");
	const struct hp_xml *vib = one ? hp_xml_child(one, "vib") : NULL;
	const struct hp_xml *id = other ? hp_xml_child(other, "vibID") : NULL;
	while (vib && id) {
		if (strcmp(or_nothing(hp_xml_text(vib, "vibID")), id->text) != 0)
			return false;
		vib = hp_xml_again(vib);
		id = hp_xml_again(id);
	}
	return !vib && !id;
}

static void look_at_component(const struct look *l, const struct hp_xml *bulletin, const char *id)
{
	const struct hp_xml *name = hp_xml_child(bulletin, "componentNameSpec");
	const struct hp_xml *version = hp_xml_child(bulletin, "componentVersionSpec");
	const char *word = name ? hp_xml_attribute(name, "name") : NULL;
	const char *number = version ? hp_xml_attribute(version, "version") : NULL;
	if (!name && !version) {
		NOTE(l, "bulletin %s is no component: `esxcli software vib install -d` takes it, vLCM does not", id);
		return;
	}
	if (!word || !*word || !number || !*number) {
		WRONG(l,
		      "bulletin %s: half a component: a componentNameSpec needs a name, and a componentVersionSpec "
		      "a version",
		      id);
		return;
	}
	if (strcmp(id, hp_format(l->a, "%s_%s", word, number)) != 0)
		NOTE(l, "bulletin %s is not called %s_%s, as bulletins of components are", id, word, number);
	GOOD(l, "component %s %s", word, number);
}

static void look_at_bulletin(struct look *l, const struct hp_xml *bulletin)
{
	static const char *const but[] = {"vibList", NULL};
	const char *id = or_nothing(hp_xml_text(bulletin, "id"));
	const struct hp_xml *list = hp_xml_child(bulletin, "vibList");
	const struct hp_xml *vib = list ? hp_xml_child(list, "vib") : NULL;
	struct piece *piece = find(l->bulletins, l->bulletin_count, id);
	look_at_twice(
	    l, bulletin,
	    (const char *const[]){"id", "componentNameSpec", "componentVersionSpec", "platforms", "vibList", NULL});
	if (!*id)
		WRONG(l, "vmware.xml: line %lu: a bulletin without id", bulletin->line);
	if (!piece) {
		WRONG(l, "there is no file bulletins/*.xml for %s", id);
	} else {
		if (piece->used)
			WRONG(l, "vmware.xml: line %lu: a second bulletin %s", bulletin->line, id);
		piece->used = true;
		if (!hp_xml_same_but(bulletin, piece->tree, but))
			WRONG(l, "vmware.xml and %s say different things", piece->name);
		if (!names_same_vibs(bulletin, piece->tree))
			WRONG(l, "vmware.xml and %s name different VIBs", piece->name);
	}
	look_at_component(l, bulletin, id);
	if (!hp_xml_child(bulletin, "platforms") || !hp_xml_child(bulletin, "platforms")->first)
		NOTE(l, "bulletin %s names no platform", id);
	if (!vib)
		WRONG(l, "bulletin %s has no VIB", id);
	for (; vib; vib = hp_xml_again(vib))
		look_at_vib(l, vib);
}

/* ---- the whole ---- */

static void look_at_strays(const struct look *l, const struct piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!pieces[i].used)
			WRONG(l, "vmware.xml does not name %s of %s", pieces[i].id, pieces[i].name);
}

static void compare_index(const struct look *l)
{
	const struct hp_str *inner = hp_archive_find(l->depot->metadata, "vendor-index.xml");
	const struct hp_str *outer = hp_archive_find(l->depot->outer, "vendor-index.xml");
	if (!inner)
		NOTE(l, "has no vendor-index.xml of its own");
	else if (outer && !hp_str_same(*inner, *outer))
		WRONG(l, "its vendor-index.xml is not that of the bundle");
}

void hp_metadata_verify(struct hp_depot *depot)
{
	struct look l = {.depot = depot, .a = depot->audit->arena};
	const struct hp_str *bytes = hp_archive_find(depot->metadata, "vmware.xml");
	if (!bytes) {
		WRONG(&l, "there is no (readable) vmware.xml in it");
		return;
	}
	const struct hp_xml *tree = read_xml(&l, "vmware.xml", *bytes, "metadataResponse");
	const struct hp_xml *bulletin = tree ? hp_xml_child(tree, "bulletin") : NULL;
	if (tree && !bulletin)
		WRONG(&l, "vmware.xml has no bulletin");
	read_pieces(&l, "bulletins/", "bulletin", &l.bulletins, &l.bulletin_count);
	read_pieces(&l, "vibs/", "vib", &l.vibs, &l.vib_count);
	for (; bulletin; bulletin = hp_xml_again(bulletin))
		look_at_bulletin(&l, bulletin);
	look_at_strays(&l, l.bulletins, l.bulletin_count);
	look_at_strays(&l, l.vibs, l.vib_count);
	compare_index(&l);
}
