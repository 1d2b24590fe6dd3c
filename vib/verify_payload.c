/* The payloads of a VIB: checksums, gzip, tar, and the file list of the descriptor. */
#include <stdlib.h>
#include <string.h>

#include "../agent/base/gzip.h"
#include "big.h"
#include "tar.h"
#include "verify.h"

struct look {
	struct hp_audit *audit;
	const char *where;
	const struct hp_descriptor *d;
	const struct hp_trust *trust;
	const char **in_tars; /* the paths of regular files */
	size_t count, room;
	bool is_signed; /* a VIB of before 7.0 may be signed and lack the first checksum: it is whole all the same */
	bool unread;	/* a payload could not be taken apart, so that the list cannot be compared */
};

#define WRONG(l, ...) hp_audit_add((l)->audit, HP_AUDIT_WRONG, (l)->where, __VA_ARGS__)
#define NOTE(l, ...) hp_audit_add((l)->audit, HP_AUDIT_NOTE, (l)->where, __VA_ARGS__)

/* ---- ar members ---- */

/* False when they are not what the descriptor says. */
static bool look_at_members(const struct look *l, const struct hp_vib *vib)
{
	size_t count = vib->ar.count - 2, before = l->audit->wrong;
	const struct hp_ar_member *members = vib->ar.members + 2;
	for (size_t i = l->d->payload_count; i < count; i++)
		WRONG(l, "the ar member %s is no payload of the descriptor", members[i].name);
	for (size_t i = 0; i < l->d->payload_count; i++) {
		const struct hp_payload *p = &l->d->payloads[i];
		if (i >= count)
			WRONG(l, "there is no ar member for the payload %s", p->name);
		else if (strcmp(members[i].name, p->name) != 0)
			WRONG(l, "the ar member %s stands where the payload %s should", members[i].name, p->name);
		else if (members[i].body.n != p->size)
			WRONG(l, "payload %s has %zu bytes, but the descriptor says %llu", p->name, members[i].body.n,
			      (unsigned long long)p->size);
	}
	return l->audit->wrong == before;
}

/* ---- checksums ---- */

/* A checksum that the descriptor does not have. The first one has been wanted since ESXi 7 or 8; a signed VIB of before
 * may lack it and be whole all the same. Without the second, how it is packed and what gzip's header says are free. */
static void look_at_missing(const struct look *l, const struct hp_payload *p, size_t which, bool gzip)
{
	const char *const *sums = p->sums.hex;
	const char *name = hp_checksum_kinds[which].name;
	bool fatal = !l->is_signed || (!sums[HP_SUM_UNPACKED] && !sums[HP_SUM_PACKED]);
	if (which == HP_SUM_UNPACKED)
		hp_audit_add(l->audit, fatal ? HP_AUDIT_WRONG : HP_AUDIT_NOTE, l->where,
			     "payload %s: the descriptor has no %s; ESX 8 and 9 refuse such a VIB", p->name, name);
	else
		NOTE(l, "payload %s: the descriptor has no %s", p->name, name);
	if (which == HP_SUM_PACKED && gzip && !l->trust->packaged)
		hp_audit_add(l->audit, HP_AUDIT_FREE, l->where,
			     "payload %s: time and name in the gzip header, and how it is packed", p->name);
}

static void compare_sums(const struct look *l, const struct hp_payload *p, const struct hp_checksums *are, bool gzip)
{
	for (size_t i = 0; i < HP_SUMS; i++) {
		const char *said = p->sums.hex[i], *name = hp_checksum_kinds[i].name;
		if (!said)
			look_at_missing(l, p, i, gzip);
		else if (strcmp(said, are->hex[i]) != 0)
			WRONG(l, "payload %s: the %s is %s, but the descriptor says %s", p->name, name, are->hex[i],
			      said);
	}
}

/* ---- tars ---- */

static void add_file(struct look *l, const char *path)
{
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->in_tars = hp_grow(l->audit->arena, l->in_tars, l->count, l->room, sizeof *l->in_tars);
	}
	l->in_tars[l->count++] = path;
}

static void look_at_entry(struct look *l, const struct hp_payload *p, const struct hp_tar_entry *e)
{
	bool community = l->d->level == HP_LEVEL_COMMUNITY;
	if (e->type == HP_TAR_FILE)
		add_file(l, e->path);
	if (e->type == HP_TAR_LINK)
		NOTE(l, "payload %s: %s is a symbolic link to %s; no file list or rule covers it", p->name, e->path,
		     e->target);
	if (e->mode & 06000 && e->type != HP_TAR_FOLDER && community)
		WRONG(l, "payload %s: %s has the set-user-ID or set-group-ID bit", p->name, e->path);
	if (e->mode & 01000 && e->type == HP_TAR_FILE)
		NOTE(l, "payload %s: %s has the sticky bit: the host keeps changes of it across boots", p->name,
		     e->path);
	if ((e->uid || e->gid) && e->type == HP_TAR_FILE)
		NOTE(l, "payload %s: %s belongs to user %llu, group %llu, not to root", p->name, e->path,
		     (unsigned long long)e->uid, (unsigned long long)e->gid);
	if (e->mode & 0002 && e->type == HP_TAR_FILE)
		NOTE(l, "payload %s: anybody may write to %s", p->name, e->path);
}

static void look_at_tar(struct look *l, const struct hp_payload *p, struct hp_str bytes)
{
	struct hp_tar tar;
	struct hp_err err;
	if (hp_tar_read(l->audit->arena, bytes, &tar, &err) < 0) {
		WRONG(l, "payload %s: %s", p->name, err.text);
		l->unread = true;
		return;
	}
	if (tar.visor && strcmp(p->type, "vgz") != 0)
		WRONG(l, "payload %s: is a visor tar, but its type is %s", p->name, p->type);
	if (!tar.visor && strcmp(p->type, "vgz") == 0)
		NOTE(l, "payload %s: its type is vgz, but it is an ordinary tar", p->name);
	for (size_t i = 0; i < tar.count; i++)
		look_at_entry(l, p, &tar.entries[i]);
}

static bool is_tar(const struct hp_payload *p)
{
	return strcmp(p->type, "vgz") == 0 || strcmp(p->type, "tgz") == 0;
}

static void look_at_unpacked(struct look *l, const struct hp_payload *p, struct hp_str packed, struct hp_str unpacked,
			     bool gzip)
{
	struct hp_checksums are;
	struct hp_err err;
	if (hp_checksums_of(l->audit->arena, packed, unpacked, &are, &err) < 0) {
		WRONG(l, "payload %s: %s", p->name, err.text);
		return;
	}
	compare_sums(l, p, &are, gzip);
	if (is_tar(p)) {
		look_at_tar(l, p, unpacked);
		return;
	}
	l->unread = true;
	if (!l->is_signed)
		WRONG(l, "payload %s: is of type %s, whose files cannot be looked at: only a signed VIB may have one",
		      p->name, p->type);
}

/* Payloads of other types (boot ...) are one file: packed or not, and no tar. Only their checksums are looked at. What
 * one unpacks to is given back before the next one, of which there may be many. */
static void look_at_payload(struct look *l, const struct hp_payload *p, struct hp_str packed)
{
	struct hp_arena *a = l->audit->arena, *scratch = hp_scratch_begin(a, a->limit);
	struct hp_str unpacked = packed;
	struct hp_err err;
	bool gzip = hp_str_starts(packed, "\x1f\x8b");
	if ((gzip || is_tar(p)) && hp_gzip_unpack(scratch, packed, HP_PAYLOAD_LIMIT, &unpacked, &err) < 0) {
		WRONG(l, "payload %s: %s", p->name, err.text);
		l->unread = true;
	} else {
		look_at_unpacked(l, p, packed, unpacked, gzip);
	}
	hp_scratch_end(scratch);
}

/* ---- the file list ---- */

static int by_path(const void *one, const void *other)
{
	const char *const *a = one, *const *b = other;
	return strcmp(*a, *b);
}

/* Both lists sorted: what stands in one alone, or twice. */
static void compare_files(const struct look *l)
{
	size_t i = 0, j = 0;
	const char **said = hp_alloc_array(l->audit->arena, l->d->file_count + 1, sizeof *said);
	for (size_t k = 0; k < l->d->file_count; k++)
		said[k] = l->d->files[k];
	if (l->d->file_count)
		qsort(said, l->d->file_count, sizeof *said, by_path);
	if (l->count)
		qsort(l->in_tars, l->count, sizeof *l->in_tars, by_path);
	while (i < l->d->file_count || j < l->count) {
		int order = i == l->d->file_count ? 1 : j == l->count ? -1 : strcmp(said[i], l->in_tars[j]);
		if (order < 0)
			WRONG(l, "the file list has %s, the payload does not", said[i]);
		if (order > 0)
			WRONG(l, "the payload has %s, the file list does not", l->in_tars[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

void hp_payloads_verify(struct hp_audit *audit, const char *where, const struct hp_vib *vib,
			const struct hp_trust *trust)
{
	struct look l = {.audit = audit,
			 .where = where,
			 .d = &vib->d,
			 .trust = trust,
			 .is_signed = vib->signature.n > 0 || trust->signing};
	if (!look_at_members(&l, vib))
		return;
	for (size_t i = 0; i < vib->d.payload_count; i++)
		look_at_payload(&l, &vib->d.payloads[i], vib->ar.members[i + 2].body);
	if (l.unread)
		return;
	compare_files(&l);
	hp_audit_add(audit, HP_AUDIT_GOOD, where, "%zu payload%s, %zu file%s", vib->d.payload_count,
		     vib->d.payload_count == 1 ? "" : "s", l.count, l.count == 1 ? "" : "s");
}
