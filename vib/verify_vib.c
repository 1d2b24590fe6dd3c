#include <string.h>

#include "../agent/base/digest.h"
#include "big.h"
#include "community.h"
#include "verify.h"

struct look {
	struct hp_audit *audit;
	const char *where;
	const struct hp_vib *vib;
};

#define SAY(l, kind, ...) hp_audit_add((l)->audit, kind, (l)->where, __VA_ARGS__)
#define WRONG(l, ...) SAY(l, HP_AUDIT_WRONG, __VA_ARGS__)

/* ---- container and descriptor ---- */

static bool wrong(struct hp_audit *audit, const char *where, const struct hp_err *err)
{
	hp_audit_add(audit, HP_AUDIT_WRONG, where, "%s", err->text);
	return false;
}

bool hp_vib_open(struct hp_audit *audit, const char *where, struct hp_str bytes, struct hp_vib *ret)
{
	struct hp_arena *a = audit->arena;
	struct hp_err err;
	struct hp_xml *tree = NULL;
	ret->bytes = bytes;
	ret->sha256 = hp_sha256(a, bytes);
	if (hp_ar_read(a, bytes, &ret->ar, &err) < 0)
		return wrong(audit, where, &err);
	const struct hp_ar_member *m = ret->ar.members;
	if (ret->ar.count < 2 || strcmp(m[0].name, "descriptor.xml") != 0 || strcmp(m[1].name, "sig.pkcs7") != 0) {
		hp_audit_add(audit, HP_AUDIT_WRONG, where,
			     "the first members are not descriptor.xml and sig.pkcs7, in this order");
		return false;
	}
	ret->descriptor_text = m[0].body;
	ret->signature = m[1].body;
	if (m[0].body.n > HP_XML_LIMIT) {
		hp_audit_add(audit, HP_AUDIT_WRONG, where, "descriptor.xml is larger than 8 MiB");
		return false;
	}
	const char *name = hp_format(a, "%s/descriptor.xml", where);
	if (hp_xml_tree(a, m[0].body, "descriptor.xml", &tree, &err) < 0)
		return wrong(audit, where, &err);
	return hp_descriptor_read(audit, name, tree, &ret->d);
}

/* ---- signature ---- */

static void say_signature(const struct look *l, const struct hp_signature *s, const struct hp_trust *trust)
{
	SAY(l, HP_AUDIT_GOOD, "signed by %s (issuer %s, serial %s, %s%s%s)%s", s->signer, s->issuer, s->serial,
	    s->digest, s->signed_at ? ", " : "", s->signed_at ? s->signed_at : "", s->trusted ? ", trusted" : "");
	if (!s->trusted)
		SAY(l, HP_AUDIT_NOTE, "the signature by %s is right, but who that is was not checked: give --cafile",
		    s->signer);
	if (s->not_covered && !trust->packaged)
		SAY(l, HP_AUDIT_FREE, "in sig.pkcs7: %s", s->not_covered);
}

static void look_at_signature(const struct look *l, const struct hp_trust *trust)
{
	struct hp_arena *a = l->audit->arena;
	struct hp_signature *signatures = hp_alloc_array(a, HP_PKCS7_BLOCKS, sizeof *signatures);
	size_t n = 0;
	struct hp_err err;
	const struct hp_vib *vib = l->vib;
	if (!vib->signature.n) {
		if (vib->d.level != HP_LEVEL_COMMUNITY)
			WRONG(l, "is of acceptance level %s, but not signed; only community may be",
			      hp_level_word(vib->d.level));
		if (trust->ca.p)
			WRONG(l, "is not signed, so --cafile cannot be met");
		if (!trust->packaged)
			SAY(l, HP_AUDIT_FREE,
			    "not signed: nothing covers the text of descriptor.xml (name, version, relations, summary "
			    "...), but for sizes and checksums; a bundle does: --packaged BUNDLE");
		return;
	}
	if (hp_pkcs7_verify(a, vib->signature, vib->descriptor_text, trust->ca, signatures, &n, &err) < 0) {
		WRONG(l, "sig.pkcs7: %s", err.text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		say_signature(l, &signatures[i], trust);
}

/* ---- rules of hosts ---- */

static void look_at_rules(const struct look *l)
{
	const struct hp_descriptor *d = &l->vib->d;
	if (d->level != HP_LEVEL_COMMUNITY)
		return;
	if (d->overlay)
		WRONG(l, "level community does not allow overlay: hosts refuse it");
	for (size_t i = 0; i < d->file_count; i++) {
		if (!hp_community_path(d->files[i]))
			WRONG(l, "level community does not allow a file %s: hosts refuse it (extensibility rules)",
			      d->files[i]);
		else if (!hp_community_path_everywhere(d->files[i]))
			SAY(l, HP_AUDIT_NOTE, "%s is allowed by the rules of 6.7, not by older ones", d->files[i]);
	}
}

void hp_vib_verify(struct hp_audit *audit, const char *where, const struct hp_vib *vib, const struct hp_trust *trust)
{
	struct look l = {audit, where, vib};
	SAY(&l, HP_AUDIT_GOOD, "%s, acceptance level %s", vib->d.id, hp_level_word(vib->d.level));
	look_at_signature(&l, trust);
	hp_payloads_verify(audit, where, vib, trust);
	look_at_rules(&l);
	if (vib->ar.free_headers && !trust->packaged)
		SAY(&l, HP_AUDIT_FREE, "the times, owners and modes in the ar headers");
}
