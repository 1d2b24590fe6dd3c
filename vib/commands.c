/* The commands of vibpack: files in, the work, a file or text out. */
#include <string.h>

#include "../agent/io/file.h"
#include "big.h"
#include "build.h"
#include "bundle.h"
#include "list.h"
#include "options.h"
#include "version.h"
#include "built.h"

#define PEM_LIMIT ((size_t)1 << 20)

static int fail(const struct hp_err *err)
{
	(void)hp_fd_write(2, hp_str("vibpack: "));
	(void)hp_fd_write(2, hp_str(err->text));
	(void)hp_fd_write(2, hp_str("\n"));
	return HP_VIB_FAILED;
}

static int print(struct hp_str text, int code)
{
	struct hp_err err = {""};
	if (hp_fd_write(1, text))
		return code;
	(void)hp_fail(&err, "cannot write to standard output");
	return fail(&err);
}

/* Writes what was made, and says its name and size. */
static int save(struct hp_arena *a, const struct hp_vib_options *o, struct hp_str bytes)
{
	struct hp_err err = {""};
	if (hp_file_write(a, o->output, bytes, &err) < 0)
		return fail(&err);
	return o->quiet ? HP_VIB_OK : print(hp_str(hp_format(a, "%s: %zu bytes\n", o->output, bytes.n)), HP_VIB_OK);
}

int hp_vib_cmd_build(struct hp_arena *a, const struct hp_vib_options *o)
{
	struct hp_str vib;
	struct hp_err err = {""};
	if (hp_build(a, o->descriptor, o->payload, &vib, &err) < 0)
		return fail(&err);
	return save(a, o, vib);
}

int hp_vib_cmd_bundle(struct hp_arena *a, const struct hp_vib_options *o)
{
	struct hp_str bundle;
	struct hp_err err = {""};
	if (hp_bundle(a, o->vib, o->component, &bundle, &err) < 0)
		return fail(&err);
	return save(a, o, bundle);
}

int hp_vib_cmd_sign(struct hp_arena *a, const struct hp_vib_options *o)
{
	struct hp_str bytes, key, cert, signature;
	struct hp_audit audit;
	struct hp_err err = {""};
	int64_t time_s;
	struct hp_trust trust = {.signing = true};
	struct hp_vib *vib = hp_alloc(a, sizeof *vib);
	if (hp_big_read(a, o->file, HP_VIB_LIMIT, &bytes, &err) < 0 ||
	    hp_big_read(a, o->key, PEM_LIMIT, &key, &err) < 0 || hp_big_read(a, o->cert, PEM_LIMIT, &cert, &err) < 0 ||
	    hp_when_built(-1, &time_s, &err) < 0)
		return fail(&err);
	hp_audit_begin(&audit, a);
	if (hp_vib_open(&audit, o->file, bytes, vib))
		hp_payloads_verify(&audit, o->file, vib, &trust);
	if (audit.wrong) {
		(void)hp_fd_write(2, hp_audit_text(&audit, false));
		(void)hp_fail(&err, "%s: is not signed, because it is not right", o->file);
		return fail(&err);
	}
	if (hp_pkcs7_sign(a, vib->descriptor_text, key, cert, time_s, &signature, &err) < 0)
		return fail(&err);
	vib->ar.members[1].body = signature;
	return save(a, o, hp_ar_write(a, vib->ar.members, vib->ar.count));
}

int hp_vib_cmd_list(struct hp_arena *a, const struct hp_vib_options *o)
{
	struct hp_str bytes, text;
	struct hp_err err = {""};
	if (hp_big_read(a, o->file, HP_VIB_LIMIT, &bytes, &err) < 0 || hp_list(a, o->file, bytes, &text, &err) < 0)
		return fail(&err);
	return print(text, HP_VIB_OK);
}

/* ---- verify ---- */

/* Is this VIB, byte for byte, one that the bundle names? */
static void compare_packaged(struct hp_audit *audit, const char *where, const struct hp_vib *vib, const char *bundle,
			     const struct hp_packaged_list *named, struct hp_trust *trust)
{
	for (size_t i = 0; i < named->count; i++)
		if (named->vibs[i].size == vib->bytes.n && named->vibs[i].sha256 && vib->sha256 &&
		    strcmp(named->vibs[i].sha256, vib->sha256) == 0) {
			trust->packaged = true;
			hp_audit_add(audit, HP_AUDIT_GOOD, where, "is %s of %s, byte for byte", named->vibs[i].id,
				     bundle);
			return;
		}
	hp_audit_add(audit, HP_AUDIT_WRONG, where, "its sha-256 %s is not that of any VIB in %s",
		     vib->sha256 ? vib->sha256 : "", bundle);
}

static int verify_vib(struct hp_audit *audit, const struct hp_vib_options *o, struct hp_str bytes,
		      struct hp_trust *trust, struct hp_err *err)
{
	struct hp_arena *a = audit->arena;
	struct hp_vib *vib = hp_alloc(a, sizeof *vib);
	struct hp_packaged_list named = {.count = 0};
	bool opened = hp_vib_open(audit, o->file, bytes, vib);
	if (o->packaged) {
		struct hp_str bundle;
		if (hp_big_read(a, o->packaged, HP_VIB_LIMIT, &bundle, err) < 0)
			return -1;
		hp_bundle_verify(audit, o->packaged, bundle, trust, &named);
		compare_packaged(audit, o->file, vib, o->packaged, &named, trust);
	}
	if (opened)
		hp_vib_verify(audit, o->file, vib, trust);
	return 0;
}

int hp_vib_cmd_verify(struct hp_arena *a, const struct hp_vib_options *o)
{
	struct hp_str bytes;
	struct hp_audit audit;
	struct hp_trust trust = {.packaged = false};
	struct hp_err err = {""};
	hp_audit_begin(&audit, a);
	if (hp_big_read(a, o->file, HP_VIB_LIMIT, &bytes, &err) < 0 ||
	    (o->cafile && hp_big_read(a, o->cafile, PEM_LIMIT, &trust.ca, &err) < 0))
		return fail(&err);
	if (!hp_is_zip(bytes)) {
		if (verify_vib(&audit, o, bytes, &trust, &err) < 0)
			return fail(&err);
	} else if (o->packaged) {
		(void)hp_fail(&err, "--packaged is for a .vib: %s is a bundle itself", o->file);
		(void)fail(&err);
		return HP_VIB_USAGE;
	} else {
		hp_bundle_verify(&audit, o->file, bytes, &trust, NULL);
	}
	struct hp_buf b = hp_buf(a);
	if (!o->quiet || audit.wrong)
		hp_put(&b, hp_audit_text(&audit, o->verbose));
	if (audit.wrong)
		hp_putf(&b, "%s: NOT VERIFIED, %zu faults\n", o->file, audit.wrong);
	else if (!o->quiet)
		hp_putf(&b, "%s: verified\n", o->file);
	return print(hp_built(&b), audit.wrong ? HP_VIB_WRONG : HP_VIB_OK);
}

int hp_vib_cmd_version(struct hp_arena *a, const struct hp_vib_options *o)
{
	(void)o;
	return print(hp_str(hp_format(a, "vibpack %s%s%s\n", HP_VERSION, *HP_COMMIT ? " " : "", HP_COMMIT)), HP_VIB_OK);
}
