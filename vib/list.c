#include "list.h"

#include <string.h>

#include "../agent/base/gzip.h"
#include "../agent/report/wrap.h"
#include "big.h"
#include "depot.h"
#include "tar.h"

#define COLUMN 16u

struct listing {
	struct hp_arena *a;
	struct hp_buf out;
};

bool hp_is_zip(struct hp_str bytes)
{
	return hp_str_starts(bytes, "PK");
}

static const char *clean(struct listing *l, const char *text)
{
	return hp_clean_text(l->a, hp_str(text ? text : ""), 1000, NULL);
}

static void row(struct listing *l, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	hp_putf(&l->out, "%-16s", name);
	hp_wrap_from(&l->out, clean(l, text), COLUMN, COLUMN);
}

static const char *yes(bool is)
{
	return is ? "yes" : "no";
}

/* ---- a VIB ---- */

static void list_tar(struct listing *l, struct hp_str bytes)
{
	struct hp_tar tar;
	struct hp_err err;
	if (hp_tar_read(l->a, bytes, &tar, &err) < 0) {
		hp_putf(&l->out, "  (%s)\n", err.text);
		return;
	}
	for (size_t i = 0; i < tar.count; i++) {
		const struct hp_tar_entry *e = &tar.entries[i];
		if (e->type == HP_TAR_FOLDER)
			continue;
		hp_putf(&l->out, "  %04o %10zu  %s%s%s\n", e->mode, e->body.n, clean(l, e->path),
			e->type == HP_TAR_LINK ? " -> " : "", e->type == HP_TAR_LINK ? clean(l, e->target) : "");
	}
}

static void list_payload(struct listing *l, const struct hp_payload *p, struct hp_str packed)
{
	struct hp_str bytes;
	struct hp_err err;
	row(l, "payload", hp_format(l->a, "%s, %s, %llu bytes", p->name, p->type, (unsigned long long)p->size));
	if (strcmp(p->type, "tgz") != 0 && strcmp(p->type, "vgz") != 0)
		return;
	if (hp_gzip_unpack(l->a, packed, HP_PAYLOAD_LIMIT, &bytes, &err) < 0)
		hp_putf(&l->out, "  (%s)\n", err.text);
	else
		list_tar(l, bytes);
}

static void list_signature(struct listing *l, const struct hp_vib *vib)
{
	struct hp_signature *signatures = hp_alloc_array(l->a, HP_PKCS7_BLOCKS, sizeof *signatures);
	size_t n = 0;
	struct hp_err err;
	if (!vib->signature.n)
		row(l, "signature", "none");
	else if (hp_pkcs7_verify(l->a, vib->signature, vib->descriptor_text, (struct hp_str){NULL, 0}, signatures, &n,
				 &err) < 0)
		row(l, "signature", hp_format(l->a, "wrong: %s", err.text));
	for (size_t i = 0; i < n; i++)
		row(l, "signature",
		    hp_format(l->a, "%s%s%s", signatures[i].signer, signatures[i].signed_at ? ", " : "",
			      signatures[i].signed_at ? signatures[i].signed_at : ""));
}

static int list_vib(struct listing *l, const char *where, struct hp_str bytes, struct hp_err *err)
{
	struct hp_audit audit;
	struct hp_vib *vib = hp_alloc(l->a, sizeof *vib);
	hp_audit_begin(&audit, l->a);
	if (!hp_vib_open(&audit, where, bytes, vib))
		return hp_fail(err, "%s: %s", audit.lines[audit.count - 1].where, audit.lines[audit.count - 1].text);
	const struct hp_descriptor *d = &vib->d;
	row(l, "VIB", d->id);
	row(l, "summary", d->summary);
	row(l, "description", d->description);
	row(l, "released", d->release_date);
	row(l, "level", hp_level_word(d->level));
	list_signature(l, vib);
	row(l, "live", hp_format(l->a, "install %s, remove %s", yes(d->live_install), yes(d->live_remove)));
	row(l, "maintenance", yes(d->maintenance));
	for (size_t i = 0; i < d->payload_count; i++) {
		const struct hp_ar_member *m = hp_ar_find(&vib->ar, d->payloads[i].name);
		if (m)
			list_payload(l, &d->payloads[i], m->body);
	}
	return 0;
}

/* ---- a bundle ---- */

static void list_bulletin(struct listing *l, const struct hp_xml *bulletin)
{
	const struct hp_xml *name = hp_xml_child(bulletin, "componentNameSpec");
	const struct hp_xml *version = hp_xml_child(bulletin, "componentVersionSpec");
	const struct hp_xml *platforms = hp_xml_child(bulletin, "platforms"), *list = hp_xml_child(bulletin, "vibList");
	const char *word = name ? hp_xml_attribute(name, "name") : NULL;
	const char *number = version ? hp_xml_attribute(version, "version") : NULL;
	row(l, "bulletin", hp_xml_text(bulletin, "id"));
	row(l, "component", word && number ? hp_format(l->a, "%s %s", word, number) : "none: vLCM does not import it");
	row(l, "summary", hp_xml_text(bulletin, "summary"));
	row(l, "vendor", hp_xml_text(bulletin, "vendor"));
	for (const struct hp_xml *p = platforms ? platforms->first : NULL; p; p = p->next)
		row(l, "platform", hp_xml_attribute(p, "version"));
	for (const struct hp_xml *v = list ? list->first : NULL; v; v = v->next)
		row(l, "VIB", hp_xml_text(v, "vibID"));
}

/* A zip inside that has a vmware.xml is the bundle's metadata. */
static void list_metadata(struct listing *l, const struct hp_zip_entry *entry)
{
	struct hp_str bytes, text;
	struct hp_zip zip;
	struct hp_xml *tree = NULL;
	struct hp_err err;
	if (hp_zip_unpack(l->a, entry, HP_METADATA_LIMIT, &bytes, &err) < 0 || hp_zip_read(l->a, bytes, &zip, &err) < 0)
		return;
	const struct hp_zip_entry *vmware = hp_zip_find(&zip, "vmware.xml");
	if (!vmware || hp_zip_unpack(l->a, vmware, HP_XML_LIMIT, &text, &err) < 0 ||
	    hp_xml_tree(l->a, text, "vmware.xml", &tree, &err) < 0)
		return;
	for (const struct hp_xml *b = hp_xml_child(tree, "bulletin"); b; b = hp_xml_again(b))
		list_bulletin(l, b);
}

static int list_bundle(struct listing *l, const char *where, struct hp_str bytes, struct hp_err *err)
{
	struct hp_zip zip;
	struct hp_err why;
	if (hp_zip_read(l->a, bytes, &zip, &why) < 0)
		return hp_fail(err, "%s: %s", where, why.text);
	for (size_t i = 0; i < zip.count; i++)
		if (hp_str_ends(hp_str(zip.entries[i].name), ".zip"))
			list_metadata(l, &zip.entries[i]);
	hp_puts(&l->out, "files\n");
	for (size_t i = 0; i < zip.count; i++)
		if (!zip.entries[i].folder)
			hp_putf(&l->out, "  %10u  %s\n", (unsigned)zip.entries[i].size, clean(l, zip.entries[i].name));
	return 0;
}

int hp_list(struct hp_arena *a, const char *where, struct hp_str bytes, struct hp_str *ret, struct hp_err *err)
{
	struct listing l = {a, hp_buf(a)};
	if ((hp_is_zip(bytes) ? list_bundle(&l, where, bytes, err) : list_vib(&l, where, bytes, err)) < 0)
		return -1;
	*ret = hp_built(&l.out);
	return 0;
}
