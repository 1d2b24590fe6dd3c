/* A whole VIB. What verify passes has, by another reckoning: checksums that are those of its payloads, files only where
 * the level allows them, each of them in its list, and no byte in its tars that is of nobody. All that is said is one
 * clean line each. Nothing is found wrong only when it came in a bundle.
 *
 * Input: the VIB in parts, so that its sizes and checksums can be right: a line with the form ('v' VMware's ar, 'g'
 * GNU's) and the type of the payload, a line of options (each letter: p no sha-256 of the packed bytes, u none of the
 * unpacked ones, s no sha-1, w a wrong one, z the payload comes as it is, not packed, t the tar's header sums are left
 * alone, l no file list), a line with the acceptance level, and the tar; or a line "=" and the bytes of a .vib. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/base/gzip.h"
#include "../../agent/base/xml.h"
#include "../../vib/community.h"
#include "../../vib/tar.h"
#include "../../vib/verify.h"
#include "fuzz.h"

static const char *hex_of(struct hp_arena *a, struct hp_str bytes, const EVP_MD *kind)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct hp_buf b = hp_buf(a);
	MUST(EVP_Digest(bytes.n ? bytes.p : "", bytes.n, digest, &n, kind, NULL) == 1);
	for (unsigned i = 0; i < n; i++)
		hp_putf(&b, "%02x", digest[i]);
	return hp_built_text(&b);
}

/* ---- making ---- */

static struct hp_str with_right_sums(struct hp_arena *a, struct hp_str tar)
{
	char *bytes = hp_alloc(a, tar.n + 1);
	if (tar.n)
		memcpy(bytes, tar.p, tar.n);
	for (size_t at = 0; at + 512 <= tar.n; at += 512) {
		unsigned sum = 8 * ' ';
		if (memcmp(bytes + at + 257, "ustar ", 6) != 0 && memcmp(bytes + at + 257, "visor ", 6) != 0)
			continue;
		for (size_t i = 0; i < 512; i++)
			sum += i >= 148 && i < 156 ? 0 : (unsigned char)bytes[at + i];
		memcpy(bytes + at + 148, hp_format(a, "%06o", sum), 7);
		bytes[at + 155] = ' ';
	}
	return (struct hp_str){bytes, tar.n};
}

static void put_files(struct hp_arena *a, struct hp_buf *b, struct hp_str bytes)
{
	struct hp_tar tar;
	struct hp_err err;
	if (hp_tar_read(a, bytes, &tar, &err) < 0)
		return;
	for (size_t i = 0; i < tar.count; i++) {
		if (tar.entries[i].type != HP_TAR_FILE)
			continue;
		hp_puts(b, "<file>");
		hp_xml_put(b, hp_str(tar.entries[i].path));
		hp_puts(b, "</file>");
	}
}

static struct hp_str make(struct hp_arena *a, struct hp_str first, struct hp_str input)
{
	struct hp_str options = fuzz_line(&input), level = fuzz_line(&input), packed;
	struct hp_err err = {""};
	struct hp_str tar = hp_str_has_byte(options, 't') ? input : with_right_sums(a, input);
	struct hp_buf b = hp_buf(a);
	bool wrong = hp_str_has_byte(options, 'w');
	packed = tar;
	if (!hp_str_has_byte(options, 'z'))
		MUST(hp_gzip_pack(a, tar, 1, &packed, &err) == 0);
	hp_puts(&b, "<vib version=\"5.0\"><type>bootbank</type><name>n</name><version>1-1</version><vendor>v</vendor>"
		    "<acceptance-level>");
	hp_xml_put(&b, level);
	hp_puts(&b, "</acceptance-level><file-list>");
	if (!hp_str_has_byte(options, 'l'))
		put_files(a, &b, tar);
	hp_puts(&b, "</file-list><payloads><payload name=\"p\" type=\"");
	hp_xml_put(&b, hp_str_sub(first, 1, first.n));
	hp_putf(&b, "\" size=\"%zu\">", packed.n);
	if (!hp_str_has_byte(options, 'u'))
		hp_putf(&b, "<checksum checksum-type=\"sha-256\" verify-process=\"gunzip\">%s%s</checksum>",
			hex_of(a, tar, EVP_sha256()), wrong ? "0" : "");
	if (!hp_str_has_byte(options, 'p'))
		hp_putf(&b, "<checksum checksum-type=\"sha-256\">%s</checksum>", hex_of(a, packed, EVP_sha256()));
	if (!hp_str_has_byte(options, 's'))
		hp_putf(&b, "<checksum checksum-type=\"sha-1\" verify-process=\"gunzip\">%s</checksum>",
			hex_of(a, tar, EVP_sha1()));
	hp_puts(&b, "</payload></payloads></vib>");
	struct hp_ar_member members[] = {
	    {"descriptor.xml", hp_built(&b), 0}, {"sig.pkcs7", hp_str(""), 0}, {"p", packed, 0}};
	return hp_ar_write(a, members, 3);
}

/* ---- judging ---- */

static bool lists(const struct hp_descriptor *d, const char *path)
{
	for (size_t i = 0; i < d->file_count; i++)
		if (strcmp(d->files[i], path) == 0)
			return true;
	return false;
}

static void judge_tar(struct hp_arena *a, const struct hp_descriptor *d, struct hp_str bytes)
{
	struct hp_tar tar;
	struct hp_err err = {""};
	MUST(hp_tar_read(a, bytes, &tar, &err) == 0);
	for (size_t i = 0; i < tar.count; i++) {
		const struct hp_tar_entry *e = &tar.entries[i];
		if (e->type != HP_TAR_FILE)
			continue;
		MUST(lists(d, e->path) && strlen(e->path) <= HP_TAR_PATH);
		if (d->level == HP_LEVEL_COMMUNITY)
			MUST(hp_community_path(e->path) && !(e->mode & 06000));
	}
}

static void judge_passed(struct hp_arena *a, const struct hp_vib *vib)
{
	const struct hp_descriptor *d = &vib->d;
	MUST(vib->ar.count == d->payload_count + 2);
	if (!vib->signature.n)
		MUST(d->level == HP_LEVEL_COMMUNITY && !d->overlay);
	for (size_t i = 0; i < d->payload_count; i++) {
		const struct hp_payload *p = &d->payloads[i];
		struct hp_str packed = vib->ar.members[i + 2].body, unpacked = packed;
		struct hp_err err = {""};
		bool tar = strcmp(p->type, "tgz") == 0 || strcmp(p->type, "vgz") == 0;
		MUST(strcmp(vib->ar.members[i + 2].name, p->name) == 0 && packed.n == p->size);
		if (tar || hp_str_starts(packed, "\x1f\x8b"))
			MUST(hp_gzip_unpack(a, packed, HP_ARENA_LIMIT, &unpacked, &err) == 0);
		MUST(p->sums.hex[0] || vib->signature.n);
		MUST(p->sums.hex[0] || p->sums.hex[1]);
		MUST(!p->sums.hex[0] || strcmp(p->sums.hex[0], hex_of(a, unpacked, EVP_sha256())) == 0);
		MUST(!p->sums.hex[1] || strcmp(p->sums.hex[1], hex_of(a, packed, EVP_sha256())) == 0);
		MUST(!p->sums.hex[2] || strcmp(p->sums.hex[2], hex_of(a, unpacked, EVP_sha1())) == 0);
		if (tar)
			judge_tar(a, d, unpacked);
	}
}

static void judge_lines(const struct hp_audit *audit)
{
	size_t wrong = 0;
	for (size_t i = 0; i < audit->count; i++) {
		MUST(fuzz_one_line(audit->lines[i].text) && fuzz_one_line(audit->lines[i].where));
		wrong += audit->lines[i].kind == HP_AUDIT_WRONG;
	}
	MUST(wrong == audit->wrong);
	struct hp_str text = hp_audit_text(audit, true), line;
	bool ended;
	while (hp_next_line(&text, &line, &ended))
		MUST(ended && line.n);
}

static size_t verify(struct hp_arena *a, struct hp_str bytes, bool packaged)
{
	struct hp_audit audit;
	struct hp_trust trust = {.packaged = packaged};
	struct hp_vib *vib = hp_alloc(a, sizeof *vib);
	hp_audit_begin(&audit, a);
	if (hp_vib_open(&audit, "x", bytes, vib)) {
		hp_vib_verify(&audit, "x", vib, &trust);
		if (!audit.wrong)
			judge_passed(a, vib);
	} else {
		MUST(audit.wrong);
	}
	judge_lines(&audit);
	return audit.wrong;
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_str first = fuzz_line(&input);
	struct hp_str bytes = hp_str_eq(first, "=") ? input : make(a, first, input);
	char *exact = malloc(bytes.n ? bytes.n : 1);
	MUST(exact);
	if (bytes.n)
		memcpy(exact, bytes.p, bytes.n);
	struct hp_str all = {exact, bytes.n};
	MUST(verify(a, all, false) == verify(a, all, true));
	free(exact);
}
