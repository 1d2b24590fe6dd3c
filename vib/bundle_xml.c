/* The XML files of a bundle. */
#include "../agent/base/xml.h"
#include "bundle.h"
#include "xml_write.h"

/* One a line. */
static void element(struct hp_buf *b, const char *name, const char *text)
{
	hp_xml_element(b, name, text);
	hp_puts(b, "\n");
}

struct hp_str hp_bundle_index(const struct hp_bundled *bundled)
{
	struct hp_buf b = hp_buf(bundled->arena);
	hp_puts(&b, HP_BUNDLE_MARK "\n<vendorList>\n<vendor>\n");
	element(&b, "name", bundled->component->vendor);
	element(&b, "code", bundled->component->vendor_code);
	element(&b, "indexfile", "vendor-index.xml");
	hp_puts(&b, "<patchUrl></patchUrl>\n<relativePath></relativePath>\n<content>\n");
	element(&b, "name", "VMware ESX");
	element(&b, "type", "http://www.vmware.com/depotmanagement/esx");
	hp_puts(&b, "</content>\n</vendor>\n</vendorList>\n");
	return hp_built(&b);
}

struct hp_str hp_bundle_vendor_index(const struct hp_bundled *bundled)
{
	struct hp_buf b = hp_buf(bundled->arena);
	hp_puts(&b, "<metaList>\n");
	for (size_t i = 0; i < bundled->component->platform_count; i++) {
		hp_puts(&b, "<metadata>\n<productId>embeddedEsx</productId>\n");
		element(&b, "version", bundled->component->platforms[i]);
		hp_puts(
		    &b,
		    "<locale></locale>\n<url>metadata.zip</url>\n<channelName>default</channelName>\n</metadata>\n");
	}
	hp_puts(&b, "</metaList>\n");
	return hp_built(&b);
}

static void platforms(struct hp_buf *b, const struct hp_component *c, const char *name)
{
	for (size_t i = 0; i < c->platform_count; i++) {
		hp_putf(b, "<%s", name);
		hp_xml_put_attribute(b, "locale", "");
		hp_xml_put_attribute(b, "version", c->platforms[i]);
		hp_xml_put_attribute(b, "productLineID", "embeddedEsx");
		hp_puts(b, "/>\n");
	}
}

/* What bulletins/ID.xml and vmware.xml have in common. The bulletin of a component is called NAME_VERSION (DevKit
 * of 7.0: VIB_BULLETIN_ID). */
static void bulletin(struct hp_buf *b, const struct hp_bundled *bundled)
{
	const struct hp_component *c = bundled->component;
	hp_puts(b, "<id>");
	hp_xml_put(b, hp_str(c->name));
	hp_puts(b, "_");
	hp_xml_put(b, hp_str(c->version));
	hp_puts(b, "</id>\n");
	element(b, "vendor", c->vendor);
	element(b, "summary", c->summary);
	element(b, "severity", c->severity);
	element(b, "category", c->category);
	element(b, "urgency", c->urgency);
	element(b, "releaseType", c->release_type);
	element(b, "description", c->description);
	element(b, "kbUrl", c->kb_url);
	element(b, "contact", c->contact);
	hp_puts(b, "<componentNameSpec");
	hp_xml_put_attribute(b, "name", c->name);
	hp_xml_put_attribute(b, "uiString", c->display_name);
	hp_puts(b, "/>\n<componentVersionSpec");
	hp_xml_put_attribute(b, "uiString", c->version);
	hp_xml_put_attribute(b, "version", c->version);
	hp_puts(b, "/>\n");
	element(b, "releaseDate", bundled->vib->d.release_date);
	hp_puts(b, "<platforms>\n");
	platforms(b, c, "softwarePlatform");
	hp_puts(b, "</platforms>\n");
}

struct hp_str hp_bundle_bulletin(const struct hp_bundled *bundled)
{
	struct hp_buf b = hp_buf(bundled->arena);
	hp_puts(&b, "<bulletin>\n");
	bulletin(&b, bundled);
	hp_puts(&b, "<vibList>\n");
	element(&b, "vibID", bundled->vib->d.id);
	hp_puts(&b, "</vibList>\n</bulletin>\n");
	return hp_built(&b);
}

static void system_requires(struct hp_buf *b, const struct hp_bundled *bundled)
{
	hp_puts(b, "<systemReqs>\n");
	element(b, "maintenanceMode", bundled->vib->d.maintenance ? "true" : "false");
	platforms(b, bundled->component, "swPlatform");
	hp_puts(b, "</systemReqs>\n");
}

static void tags(struct hp_buf *b, const struct hp_xml *descriptor)
{
	const struct hp_xml *list = hp_xml_child(descriptor, "software-tags");
	const struct hp_xml *tag = list ? hp_xml_child(list, "tag") : NULL;
	hp_puts(b, "<softwareTags>");
	for (; tag; tag = hp_xml_again(tag))
		element(b, "tag", tag->text);
	hp_puts(b, "</softwareTags>\n");
}

static void vib_file(struct hp_buf *b, const struct hp_bundled *bundled)
{
	hp_puts(b, "<vibFile>\n<sourceUrl></sourceUrl>\n");
	element(b, "relativePath", bundled->path);
	hp_putf(b, "<packedSize>%zu</packedSize>\n<checksum>\n<checksumType>sha-256</checksumType>\n",
		bundled->vib->bytes.n);
	element(b, "checksum", bundled->vib->sha256);
	hp_puts(b, "</checksum>\n</vibFile>\n");
}

struct hp_str hp_bundle_vmware(const struct hp_bundled *bundled)
{
	const struct hp_descriptor *d = &bundled->vib->d;
	const struct hp_xml *relationships = hp_xml_child(d->tree, "relationships");
	struct hp_buf b = hp_buf(bundled->arena);
	hp_puts(&b, "<metadataResponse>\n<version>3.0</version>\n");
	element(&b, "timestamp", hp_copy(b.arena, hp_str_sub(hp_str(d->release_date), 0, 26))); /* without zone */
	hp_puts(&b, "<bulletin>\n");
	bulletin(&b, bundled);
	hp_puts(&b, "<vibList>\n<vib>\n<vibVersion>1.4.5</vibVersion>\n");
	element(&b, "vibID", d->id);
	element(&b, "name", d->name);
	element(&b, "version", d->version);
	element(&b, "vendor", d->vendor);
	element(&b, "vibType", d->type);
	element(&b, "summary", d->summary);
	system_requires(&b, bundled);
	if (relationships)
		hp_xml_write(&b, relationships);
	hp_puts(&b, "\n<postInstall>\n");
	element(&b, "rebootRequired", d->live_install ? "false" : "true");
	element(&b, "hostdRestart", "false");
	hp_puts(&b, "</postInstall>\n");
	tags(&b, d->tree);
	vib_file(&b, bundled);
	hp_puts(&b, "</vib>\n</vibList>\n</bulletin>\n</metadataResponse>\n");
	return hp_built(&b);
}

/* The descriptor, with three more children and the platforms among what it requires. */
struct hp_str hp_bundle_descriptor(const struct hp_bundled *bundled)
{
	struct hp_buf b = hp_buf(bundled->arena);
	bool required = false;
	hp_puts(&b, "<vib version=\"5.0\">\n");
	for (const struct hp_xml *c = bundled->vib->d.tree->first; c; c = c->next) {
		if (!hp_str_eq(hp_str(c->name), "system-requires")) {
			hp_xml_write(&b, c);
			hp_puts(&b, "\n");
			continue;
		}
		required = true;
		hp_puts(&b, "<system-requires>\n");
		for (const struct hp_xml *r = c->first; r; r = r->next)
			hp_xml_write(&b, r);
		hp_puts(&b, "\n");
		platforms(&b, bundled->component, "softwarePlatform");
		hp_puts(&b, "</system-requires>\n");
	}
	if (!required) {
		hp_puts(&b, "<system-requires>\n");
		platforms(&b, bundled->component, "softwarePlatform");
		hp_puts(&b, "</system-requires>\n");
	}
	element(&b, "relative-path", bundled->path);
	hp_putf(&b, "<packed-size>%zu</packed-size>\n<checksum checksum-type=\"sha-256\">%s</checksum>\n</vib>\n",
		bundled->vib->bytes.n, bundled->vib->sha256);
	return hp_built(&b);
}
