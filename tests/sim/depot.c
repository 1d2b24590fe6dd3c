#include "depot.h"

#include "bytes.h"
#include "softerror.h"
#include "vibcheck.h"
#include "zip.h"

#include <string.h>

/* How a host words what is wrong inside a bundle is not known. */
#define FORMAT(...) sim_soft_guess("MetadataFormatError", __VA_ARGS__)

struct reading {
	const struct sim_state *state;
	const char *url;
	struct sim_zip bundle;
	struct sim_zip metadata;
	const struct sim_xml *vmware; /* vmware.xml */
	struct sim_depot depot;
};

static const char *extract_error(const char *url, const char *member, const char *why)
{
	const char *inner = sim_fmt("zip:%s?%s", url, member);

	return sim_soft_error(
	    "MetadataDownloadError",
	    "Could not download from depot at %s, skipping (('%s', '', \"Error extracting %s from %s: "
	    "%s\"))\n        url = %s",
	    inner, inner, member, url, why, inner);
}

static const char *read_xml(const struct reading *reading, const struct sim_zip *zip, const char *member,
			    const char *root, const struct sim_xml **ret_xml)
{
	const struct sim_buf *text = sim_zip_find(zip, member);
	const char *problem = "";

	if (text == NULL) {
		return extract_error(reading->url, member,
				     sim_fmt("There is no item named '%s' in the archive", member));
	}
	*ret_xml = sim_xml_parse(text->data, text->len, &problem);
	if (*ret_xml == NULL) {
		return FORMAT("Could not parse %s: %s", member, problem);
	}
	return sim_eq((*ret_xml)->name, root) ? NULL : FORMAT("%s: element %s, not %s", member, (*ret_xml)->name, root);
}

static const char *demand(const struct sim_xml *xml, const char *where, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (sim_xml_count(xml, names[i]) != 1) {
			return FORMAT("%s: element %s is there %zu times", where, names[i],
				      sim_xml_count(xml, names[i]));
		}
	}
	return NULL;
}
#define DEMAND(xml, where, ...)                                                                                        \
	demand(xml, where, (const char *const[]){__VA_ARGS__},                                                         \
	       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* ---- bulletins ---- */

const char *sim_bulletin_read(const char *text, size_t len, struct sim_bulletin *ret_bulletin)
{
	struct sim_bulletin bulletin = {.text = text, .len = len};
	const char *problem = "";

	bulletin.xml = sim_xml_parse(text, len, &problem);
	if (bulletin.xml == NULL || !sim_eq(bulletin.xml->name, "bulletin")) {
		return FORMAT("Could not parse a bulletin: %s", problem);
	}
	problem = DEMAND(bulletin.xml, "bulletin", "id", "vendor", "summary", "severity", "category", "urgency",
			 "releaseType", "description", "kbUrl", "contact", "releaseDate", "platforms", "vibList");
	if (problem != NULL) {
		return problem;
	}
	bulletin.id = sim_xml_text(bulletin.xml, "id", "");
	const struct sim_xml *name = sim_xml_child(bulletin.xml, "componentNameSpec");
	const struct sim_xml *version = sim_xml_child(bulletin.xml, "componentVersionSpec");
	if ((name == NULL) != (version == NULL)) {
		return FORMAT("bulletin %s: componentNameSpec and componentVersionSpec go together", bulletin.id);
	}
	if (name != NULL) {
		bulletin.component = sim_xml_attribute(name, "name", "");
		bulletin.version = sim_xml_attribute(version, "version", "");
		if (*bulletin.component == '\0' || *bulletin.version == '\0' ||
		    sim_xml_attribute(name, "uiString", NULL) == NULL ||
		    sim_xml_attribute(version, "uiString", NULL) == NULL ||
		    strpbrk(bulletin.component, "./ ") != NULL || strpbrk(bulletin.version, "/ ") != NULL) {
			return FORMAT("bulletin %s: component elements need name, version and uiString", bulletin.id);
		}
	}
	const struct sim_xml *list = sim_xml_child(bulletin.xml, "vibList");
	bulletin.vib_ids = sim_alloc((sim_xml_count(list, "vibID") + 1) * sizeof *bulletin.vib_ids);
	for (const struct sim_xml *id = list->first; id != NULL; id = id->next) {
		if (!sim_eq(id->name, "vibID")) {
			return FORMAT("bulletin %s: element %s in vibList", bulletin.id, id->name);
		}
		bulletin.vib_ids[bulletin.vib_count++] = sim_xml_trimmed(id);
	}
	*ret_bulletin = bulletin;
	return bulletin.vib_count == 0 || *bulletin.id == '\0' ? FORMAT("bulletin %s without id or VIBs", bulletin.id)
							       : NULL;
}

/* The bulletin of vmware.xml must say the same, with the VIBs written out. */
static const char *compare_bulletin(const struct reading *reading, const struct sim_bulletin *bulletin)
{
	const struct sim_xml *other = NULL;

	for (const struct sim_xml *b = reading->vmware->first; b != NULL; b = b->next) {
		if (sim_eq(b->name, "bulletin") && sim_eq(sim_xml_text(b, "id", ""), bulletin->id)) {
			if (other != NULL) {
				return FORMAT("vmware.xml has bulletin %s twice", bulletin->id);
			}
			other = b;
		}
	}
	if (other == NULL) {
		return FORMAT("vmware.xml has no bulletin %s", bulletin->id);
	}
	for (const struct sim_xml *child = bulletin->xml->first; child != NULL; child = child->next) {
		if (!sim_eq(child->name, "vibList") && !sim_xml_same(child, sim_xml_child(other, child->name))) {
			return FORMAT("bulletin %s: %s in vmware.xml is another than in bulletins", bulletin->id,
				      child->name);
		}
	}
	for (const struct sim_xml *child = other->first; child != NULL; child = child->next) {
		if (sim_xml_child(bulletin->xml, child->name) == NULL) {
			return FORMAT("bulletin %s: %s is in vmware.xml only", bulletin->id, child->name);
		}
	}
	const struct sim_xml *vibs = sim_xml_child(other, "vibList");
	if (sim_xml_count(vibs, "vib") != bulletin->vib_count) {
		return FORMAT("bulletin %s: vmware.xml has other VIBs than bulletins", bulletin->id);
	}
	for (size_t i = 0; i < bulletin->vib_count; i++) {
		bool there = false;

		for (const struct sim_xml *v = vibs->first; v != NULL; v = v->next) {
			there = there || sim_eq(sim_xml_text(v, "vibID", ""), bulletin->vib_ids[i]);
		}
		if (!there) {
			return FORMAT("bulletin %s: vmware.xml has no VIB %s", bulletin->id, bulletin->vib_ids[i]);
		}
	}
	return NULL;
}

static const char *read_bulletins(struct reading *reading)
{
	struct sim_depot *depot = &reading->depot;
	const struct sim_zip *zip = &reading->metadata;

	depot->bulletins = sim_alloc((zip->count + 1) * sizeof *depot->bulletins);
	for (size_t i = 0; i < zip->count; i++) {
		struct sim_bulletin *bulletin = &depot->bulletins[depot->bulletin_count];
		const size_t len = strlen(zip->names[i]);

		if (!sim_starts(zip->names[i], "bulletins/") || zip->names[i][len - 1] == '/') {
			continue;
		}
		const char *problem = sim_bulletin_read(zip->members[i].data, zip->members[i].len, bulletin);
		problem = problem != NULL ? problem : compare_bulletin(reading, bulletin);
		if (problem != NULL) {
			return problem;
		}
		if (!sim_eq(zip->names[i], sim_fmt("bulletins/%s.xml", bulletin->id))) {
			return FORMAT("%s holds bulletin %s", zip->names[i], bulletin->id);
		}
		if (!sim_platforms_fit(reading->state, sim_xml_child(bulletin->xml, "platforms"), "softwarePlatform")) {
			return sim_soft_guess("NoMatchError",
					      "Bulletin %s is not for this host's platform, embeddedEsx %s",
					      bulletin->id, sim_get(reading->state, "esx.version", "9.0.0"));
		}
		depot->bulletin_count++;
	}
	if (sim_xml_count(reading->vmware, "bulletin") != depot->bulletin_count) {
		return FORMAT("vmware.xml has %zu bulletins, bulletins has %zu",
			      sim_xml_count(reading->vmware, "bulletin"), depot->bulletin_count);
	}
	return depot->bulletin_count == 0 ? FORMAT("no bulletin") : NULL;
}

/* ---- VIBs ---- */

/* Every mention of the VIB in vmware.xml must fit its file. */
static const char *compare_vib(const struct reading *reading, const struct sim_vibfile *copy, const char *path)
{
	const char *size = sim_xml_text(copy->xml, "packed-size", "");
	size_t seen = 0;

	for (const struct sim_xml *b = reading->vmware->first; b != NULL; b = b->next) {
		const struct sim_xml *list = sim_xml_child(b, "vibList");

		for (const struct sim_xml *v = list == NULL ? NULL : list->first; v != NULL; v = v->next) {
			if (!sim_eq(sim_xml_text(v, "vibID", ""), copy->id)) {
				continue;
			}
			const struct sim_xml *file = sim_xml_child(v, "vibFile");
			const struct sim_xml *sum = sim_xml_child(file, "checksum");
			const struct sim_buf *bytes = sim_zip_find(&reading->bundle, path);
			const struct sim_xml *after = sim_xml_child(v, "postInstall");
			seen++;
			if (!sim_eq(sim_xml_text(v, "name", ""), copy->name) ||
			    !sim_eq(sim_xml_text(v, "version", ""), copy->version) ||
			    !sim_eq(sim_xml_text(v, "vendor", ""), copy->vendor) ||
			    !sim_eq(sim_xml_text(v, "vibType", ""), copy->type)) {
				return FORMAT("vmware.xml: name, version, vendor or type of VIB %s", copy->id);
			}
			if (!sim_eq(sim_xml_text(file, "relativePath", ""), path) ||
			    !sim_eq(sim_xml_text(file, "packedSize", ""), size) ||
			    !sim_eq(sim_xml_text(sum, "checksumType", ""), "sha-256") ||
			    !sim_eq(sim_xml_text(sum, "checksum", ""),
				    sim_digest("sha-256", bytes->data, bytes->len))) {
				return FORMAT("vmware.xml: path, size or checksum of VIB %s", copy->id);
			}
			if (!sim_eq(sim_xml_text(after, "rebootRequired", ""),
				    sim_vib_flag(copy, "live-install-allowed") ? "false" : "true") ||
			    !sim_eq(sim_xml_text(sim_xml_child(v, "systemReqs"), "maintenanceMode", ""),
				    copy->maintenance ? "true" : "false")) {
				return FORMAT("vmware.xml: rebootRequired or maintenanceMode of VIB %s", copy->id);
			}
			if (!sim_platforms_fit(reading->state, sim_xml_child(v, "systemReqs"), "swPlatform")) {
				return sim_soft_guess("NoMatchError", "VIB %s is not for this host's platform",
						      copy->id);
			}
		}
	}
	return seen > 0 ? NULL : FORMAT("VIB %s is in no bulletin", copy->id);
}

/* The depot's copy of a descriptor is the descriptor with four fields more. */
static const char *compare_copy(const struct sim_vibfile *copy, const struct sim_vibfile *vib)
{
	static const char *const more[] = {"relative-path", "packed-size", "checksum", "system-requires"};

	for (const struct sim_xml *child = copy->xml->first; child != NULL; child = child->next) {
		bool depot_only = false;

		for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
			depot_only = depot_only || sim_eq(more[i], child->name);
		}
		if (!depot_only && !sim_xml_same(child, sim_xml_child(vib->xml, child->name))) {
			return FORMAT("vibs: %s of VIB %s is another than in its file", child->name, copy->id);
		}
	}
	for (const struct sim_xml *child = vib->xml->first; child != NULL; child = child->next) {
		if (sim_xml_child(copy->xml, child->name) == NULL) {
			return FORMAT("vibs: %s of VIB %s is in its file only", child->name, copy->id);
		}
	}
	return copy->maintenance == vib->maintenance ? NULL : FORMAT("vibs: maintenance-mode of VIB %s", copy->id);
}

static const char *read_vib(struct reading *reading, const char *member, const struct sim_buf *text)
{
	struct sim_vibfile *vib = &reading->depot.vibs[reading->depot.vib_count];
	struct sim_vibfile copy;
	uint64_t size;
	const char *problem = sim_descriptor_read(text->data, text->len, true, &copy);

	if (problem != NULL) {
		return problem;
	}
	const char *path = sim_xml_text(copy.xml, "relative-path", "");
	const struct sim_buf *bytes = sim_zip_find(&reading->bundle, path);
	if (bytes == NULL) {
		return sim_soft_guess("VibDownloadError",
				      "There is no item named '%s' in the archive\n        url = zip:%s?%s", path,
				      reading->url, path);
	}
	if (!sim_number(sim_xml_text(copy.xml, "packed-size", ""), &size) || size != bytes->len) {
		return FORMAT("%s: packed-size %s, but the file has %zu bytes", member,
			      sim_xml_text(copy.xml, "packed-size", ""), bytes->len);
	}
	const struct sim_xml *sum = sim_xml_child(copy.xml, "checksum");
	if (sum != NULL && (!sim_eq(sim_xml_attribute(sum, "checksum-type", ""), "sha-256") ||
			    !sim_eq(sim_xml_trimmed(sum), sim_digest("sha-256", bytes->data, bytes->len)))) {
		return FORMAT("%s: the checksum is not that of %s", member, path);
	}
	problem = sim_vibfile_read(bytes->data, bytes->len, vib);
	problem = problem != NULL ? problem : compare_copy(&copy, vib);
	problem = problem != NULL ? problem : compare_vib(reading, &copy, path);
	problem = problem != NULL ? problem : sim_check_platform(reading->state, &copy);
	if (problem == NULL) {
		reading->depot.vib_count++;
	}
	return problem;
}

static const char *read_vibs(struct reading *reading)
{
	const struct sim_zip *zip = &reading->metadata;
	struct sim_depot *depot = &reading->depot;

	depot->vibs = sim_alloc((zip->count + 1) * sizeof *depot->vibs);
	for (size_t i = 0; i < zip->count; i++) {
		if (sim_starts(zip->names[i], "vibs/") && zip->names[i][strlen(zip->names[i]) - 1] != '/') {
			const char *problem = read_vib(reading, zip->names[i], &zip->members[i]);

			if (problem != NULL) {
				return problem;
			}
		}
	}
	for (size_t b = 0; b < depot->bulletin_count; b++) {
		for (size_t i = 0; i < depot->bulletins[b].vib_count; i++) {
			bool there = false;

			for (size_t v = 0; v < depot->vib_count; v++) {
				there = there || sim_eq(depot->vibs[v].id, depot->bulletins[b].vib_ids[i]);
			}
			if (!there) {
				return FORMAT("bulletin %s: VIB %s is not in vibs", depot->bulletins[b].id,
					      depot->bulletins[b].vib_ids[i]);
			}
		}
	}
	return NULL;
}

/* ---- the chain ---- */

/* One metadata zip: of vendor-index.xml, which is member of the bundle. */
static const char *read_metadata(struct reading *reading, const char *member, const struct sim_buf *vendor_index)
{
	const struct sim_buf *bytes = sim_zip_find(&reading->bundle, member);

	if (bytes == NULL) {
		return extract_error(reading->url, member,
				     sim_fmt("There is no item named '%s' in the archive", member));
	}
	const char *problem = sim_zip_read(bytes->data, bytes->len, &reading->metadata);
	if (problem != NULL) {
		return FORMAT("%s: %s", member, problem);
	}
	const struct sim_buf *copy = sim_zip_find(&reading->metadata, "vendor-index.xml");
	if (copy == NULL || copy->len != vendor_index->len || memcmp(copy->data, vendor_index->data, copy->len) != 0) {
		return FORMAT("%s: its vendor-index.xml is another than the bundle's", member);
	}
	problem = read_xml(reading, &reading->metadata, "vmware.xml", "metadataResponse", &reading->vmware);
	problem = problem != NULL ? problem : DEMAND(reading->vmware, "vmware.xml", "version", "timestamp");
	problem = problem != NULL ? problem : read_bulletins(reading);
	return problem != NULL ? problem : read_vibs(reading);
}

static const char *read_vendor(struct reading *reading, const struct sim_xml *vendor)
{
	const struct sim_xml *list;
	const char *url = NULL;
	const char *problem = DEMAND(vendor, "index.xml", "name", "code", "indexfile", "content");

	if (problem != NULL) {
		return problem;
	}
	const char *folder = sim_xml_text(vendor, "relativePath", "");
	const char *member =
	    sim_fmt("%s%s%s", folder, *folder == '\0' ? "" : "/", sim_xml_text(vendor, "indexfile", ""));
	problem = read_xml(reading, &reading->bundle, member, "metaList", &list);
	for (const struct sim_xml *m = problem == NULL ? list->first : NULL; m != NULL; m = m->next) {
		problem = DEMAND(m, "vendor-index.xml", "productId", "version", "url");
		if (problem != NULL) {
			return problem;
		}
		const char *its = sim_xml_text(m, "url", "");
		if (sim_eq(sim_xml_text(m, "productId", ""), "embeddedEsx") &&
		    sim_platform_fits(reading->state, sim_xml_text(m, "version", ""))) {
			if (url != NULL && !sim_eq(url, its)) {
				return FORMAT("vendor-index.xml: two metadata files for this host"); /* not simulated */
			}
			url = its;
		}
	}
	if (problem == NULL && url == NULL) {
		return sim_soft_guess("NoMatchError", "The depot has nothing for this host's platform, embeddedEsx %s",
				      sim_get(reading->state, "esx.version", "9.0.0"));
	}
	return problem != NULL ? problem : read_metadata(reading, url, sim_zip_find(&reading->bundle, member));
}

const char *sim_depot_read(const struct sim_state *state, const char *path, const char *url,
			   struct sim_depot *ret_depot)
{
	struct reading reading = {.state = state, .url = url};
	const struct sim_xml *index;
	size_t len;
	const char *bytes = sim_file_read(path, &len);

	if (bytes == NULL) {
		return extract_error(url, "index.xml", sim_fmt("[Errno 2] No such file or directory: '%s'", url));
	}
	const char *problem = sim_zip_read(bytes, len, &reading.bundle);
	if (problem != NULL) {
		return extract_error(url, "index.xml", problem);
	}
	problem = read_xml(&reading, &reading.bundle, "index.xml", "vendorList", &index);
	if (problem == NULL && sim_xml_count(index, "vendor") != 1) {
		problem = FORMAT("index.xml: not one vendor"); /* more are not simulated */
	}
	problem = problem != NULL ? problem : read_vendor(&reading, sim_xml_child(index, "vendor"));
	*ret_depot = reading.depot;
	return problem;
}
