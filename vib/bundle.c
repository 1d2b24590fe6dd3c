#include "bundle.h"

#include "../agent/base/num.h"
#include "big.h"
#include "built.h"
#include "zip.h"

/* The component with the VIB's own words where it has none. */
static struct hp_component completed(const struct hp_component *c, const struct hp_descriptor *d)
{
	struct hp_component all = *c;
	all.version = all.version ? all.version : d->version;
	all.vendor = all.vendor ? all.vendor : d->vendor;
	all.summary = all.summary ? all.summary : d->summary;
	all.description = all.description ? all.description : d->description;
	return all;
}

static int open_vib(struct hp_arena *a, const char *path, struct hp_vib *ret, struct hp_err *err)
{
	struct hp_str bytes;
	struct hp_audit audit;
	struct hp_trust trust = {.packaged = true};
	if (hp_big_read(a, path, HP_VIB_LIMIT, &bytes, err) < 0)
		return -1;
	hp_audit_begin(&audit, a);
	if (hp_vib_open(&audit, path, bytes, ret))
		hp_vib_verify(&audit, path, ret, &trust);
	for (size_t i = 0; i < audit.count; i++)
		if (audit.lines[i].kind == HP_AUDIT_WRONG)
			return hp_fail(err, "%s: %s (`vibpack verify %s` tells all)", audit.lines[i].where,
				       audit.lines[i].text, path);
	if (!ret->sha256 || !ret->d.release_date || !ret->d.summary || !ret->d.description)
		return hp_fail(err, "%s: its descriptor lacks a release-date, summary or description", path);
	return 0;
}

int hp_bundle(struct hp_arena *a, const char *vib_path, const char *component_path, struct hp_str *ret,
	      struct hp_err *err)
{
	struct hp_component component;
	struct hp_vib *vib = hp_alloc(a, sizeof *vib);
	int64_t time_s;
	uint64_t number = 0;
	struct hp_str metadata;
	if (hp_component_read(a, component_path, &component, err) < 0 || open_vib(a, vib_path, vib, err) < 0)
		return -1;
	component = completed(&component, &vib->d);
	int64_t released_s = 0;
	(void)hp_when_parse(hp_str(vib->d.release_date), &released_s); /* the zip's times; any will do */
	if (hp_when_built(released_s, &time_s, err) < 0)
		return -1;
	(void)hp_number(hp_str_sub(hp_str(vib->sha256), 0, 15), 16, UINT64_MAX, &number);
	struct hp_bundled b = {a, &component, vib, hp_format(a, "vib20/%s/%s.vib", vib->d.name, vib->d.id)};
	struct hp_str vendor_index = hp_bundle_vendor_index(&b);
	struct hp_zip_file inner[] = {
	    {"vmware.xml", hp_bundle_vmware(&b)},
	    {"vendor-index.xml", vendor_index},
	    {hp_format(a, "bulletins/%s_%s.xml", component.name, component.version), hp_bundle_bulletin(&b)},
	    {hp_format(a, "vibs/%s-%llu.xml", vib->d.name, (unsigned long long)number), hp_bundle_descriptor(&b)}};
	if (hp_zip_write(a, inner, sizeof inner / sizeof inner[0], time_s, &metadata, err) < 0)
		return -1;
	struct hp_zip_file outer[] = {{"index.xml", hp_bundle_index(&b)},
				      {"vendor-index.xml", vendor_index},
				      {"metadata.zip", metadata},
				      {b.path, vib->bytes}};
	return hp_zip_write(a, outer, sizeof outer / sizeof outer[0], time_s, ret, err);
}
