#include "build.h"

#include "../agent/base/digest.h"
#include "../agent/base/num.h"
#include "../agent/base/xml.h"
#include "ar.h"
#include "built.h"
#include "xml_write.h"

static void flag(struct hp_buf *b, const char *name, bool yes)
{
	hp_xml_element(b, name, yes ? "true" : "false");
}

static void urls(struct hp_buf *b, const struct hp_vib_recipe *r)
{
	hp_puts(b, r->url_count ? "<urls>" : "<urls/>");
	for (size_t i = 0; i < r->url_count; i++) {
		hp_puts(b, "<url");
		hp_xml_put_attribute(b, "key", r->urls[i].key);
		hp_puts(b, ">");
		hp_xml_put(b, hp_str(r->urls[i].value));
		hp_puts(b, "</url>");
	}
	hp_puts(b, r->url_count ? "</urls>" : "");
}

static void relationships(struct hp_buf *b, const struct hp_vib_recipe *r)
{
	hp_puts(b, "<relationships>");
	for (size_t which = 0; which < HP_RELATIONS; which++) {
		const char *name = hp_relation_names[which];
		if (!r->relation_count[which]) {
			hp_putf(b, "<%s/>", name);
			continue;
		}
		hp_putf(b, "<%s>", name);
		for (size_t i = 0; i < r->relation_count[which]; i++) {
			const struct hp_constraint *c = &r->relations[which][i];
			hp_puts(b, which == HP_PROVIDES ? "<provide" : "<constraint");
			hp_xml_put_attribute(b, "name", c->name);
			if (c->relation && which != HP_PROVIDES)
				hp_xml_put_attribute(b, "relation", c->relation);
			if (c->version)
				hp_xml_put_attribute(b, "version", c->version);
			hp_puts(b, "/>");
		}
		hp_putf(b, "</%s>", name);
	}
	hp_puts(b, "</relationships>");
}

static void list(struct hp_buf *b, const char *name, const char *item, const char *const *items, size_t count)
{
	hp_putf(b, count ? "<%s>" : "<%s/>", name);
	for (size_t i = 0; i < count; i++)
		hp_xml_element(b, item, items[i]);
	if (count)
		hp_putf(b, "</%s>", name);
}

static void payload(struct hp_buf *b, const struct hp_vib_recipe *r, const struct hp_packed *packed)
{
	hp_puts(b, "<payloads><payload");
	hp_xml_put_attribute(b, "name", r->payload);
	hp_putf(b, " type=\"tgz\" size=\"%zu\">", packed->gzip.n);
	for (size_t i = 0; i < HP_SUMS; i++)
		hp_putf(b, "<checksum checksum-type=\"%s\"%s>%s</checksum>", hp_checksum_kinds[i].type,
			hp_checksum_kinds[i].unpacked ? " verify-process=\"gunzip\"" : "", packed->sums.hex[i]);
	hp_puts(b, "</payload></payloads>");
}

struct hp_str hp_descriptor_write(struct hp_arena *a, const struct hp_vib_recipe *r, const struct hp_packed *packed,
				  int64_t release_date_s)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "<vib version=\"5.0\">");
	hp_xml_element(&b, "type", "bootbank");
	hp_xml_element(&b, "name", r->name);
	hp_xml_element(&b, "version", r->version);
	hp_xml_element(&b, "vendor", r->vendor);
	hp_xml_element(&b, "summary", r->summary);
	hp_xml_element(&b, "description", r->description);
	hp_xml_element(&b, "release-date", hp_when_text(a, release_date_s));
	urls(&b, r);
	relationships(&b, r);
	list(&b, "software-tags", "tag", r->tags, r->tag_count);
	hp_puts(&b, "<system-requires>");
	flag(&b, "maintenance-mode", r->maintenance);
	hp_puts(&b, "</system-requires>");
	list(&b, "file-list", "file", packed->files, packed->file_count);
	hp_xml_element(&b, "acceptance-level", hp_level_word(r->level));
	flag(&b, "live-install-allowed", r->live_install);
	flag(&b, "live-remove-allowed", r->live_remove);
	flag(&b, "cimom-restart", r->cimom_restart);
	flag(&b, "stateless-ready", r->stateless_ready);
	flag(&b, "overlay", r->overlay);
	payload(&b, r, packed);
	hp_puts(&b, "</vib>");
	return hp_built(&b);
}

/* Eight digits that never begin with 0: the length of ESX's own build numbers. */
const char *hp_fingerprinted(struct hp_arena *a, const struct hp_vib_recipe *r, struct hp_str descriptor)
{
	const char *hex = hp_sha256(a, descriptor);
	uint64_t n;
	if (!hex || !hp_number(hp_str_sub(hp_str(hex), 0, 12), 16, UINT64_MAX, &n))
		return NULL;
	struct hp_str version = hp_str(r->version);
	return hp_format(a, "%.*s%llu", (int)(version.n - 1), version.p, (unsigned long long)(10000000 + n % 90000000));
}

int hp_build(struct hp_arena *a, const char *recipe_path, const char *folder, struct hp_str *ret, struct hp_err *err)
{
	struct hp_vib_recipe recipe;
	struct hp_packed packed;
	int64_t time_s;
	if (hp_vib_recipe_read(a, recipe_path, &recipe, err) < 0 ||
	    hp_when_built(recipe.release_date_s, &time_s, err) < 0 ||
	    hp_payload_pack(a, folder, recipe.level, time_s, &packed, err) < 0)
		return -1;
	struct hp_str descriptor = hp_descriptor_write(a, &recipe, &packed, time_s);
	if (recipe.fingerprint) {
		recipe.version = hp_fingerprinted(a, &recipe, descriptor);
		if (!recipe.version)
			return hp_fail(err, "libcrypto cannot make a sha-256");
		descriptor = hp_descriptor_write(a, &recipe, &packed, time_s);
	}
	struct hp_ar_member members[] = {
	    {"descriptor.xml", descriptor, 0}, {"sig.pkcs7", hp_str(""), 0}, {recipe.payload, packed.gzip, 0}};
	*ret = hp_ar_write(a, members, sizeof members / sizeof members[0]);
	return 0;
}
