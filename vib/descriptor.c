#include "descriptor.h"

#include <string.h>

#include "../agent/base/num.h"
#include "tar.h"

#define NAME_MOST 64u

/* ---- words ---- */

static const struct {
	const char *word;
	enum hp_level level;
} levels[] = {
    {"community", HP_LEVEL_COMMUNITY}, {"partner", HP_LEVEL_PARTNER},	 {"accepted", HP_LEVEL_ACCEPTED},
    {"certified", HP_LEVEL_CERTIFIED}, {"unsigned", HP_LEVEL_COMMUNITY}, {"signed", HP_LEVEL_PARTNER}, /* before 5.0 */
};

const char *hp_level_word(enum hp_level level)
{
	return levels[level].word;
}

bool hp_level_find(const char *word, enum hp_level *ret)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (strcmp(levels[i].word, word) == 0) {
			*ret = levels[i].level;
			return true;
		}
	return false;
}

static bool alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (hp_lower(c) >= 'a' && hp_lower(c) <= 'z');
}

bool hp_word_of(const char *text, const char *others, size_t most)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++)
		if (!alphanumeric(text[i]) && !strchr(others, text[i]))
			return false;
	return n > 0 && n <= most;
}

/* Words with single dots between them. */
static bool dotted(struct hp_str s, bool numbers)
{
	bool after_dot = true;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '.' ? after_dot : numbers ? c < '0' || c > '9' : !alphanumeric(c))
			return false;
		after_dot = c == '.';
	}
	return !after_dot;
}

bool hp_vib_version(const char *text, bool need_release)
{
	struct hp_str all = hp_str(text);
	const char *dash = strchr(text, '-');
	size_t n = dash ? (size_t)(dash - text) : all.n;
	if (all.n > HP_VERSION_MOST || !dotted(hp_str_sub(all, 0, n), need_release))
		return false;
	return dash ? dotted(hp_str_sub(all, n + 1, all.n), false) : !need_release;
}

/* ---- reading ---- */

struct reading {
	struct hp_audit *audit;
	const char *where;
	struct hp_descriptor *d;
};

#define WRONG(r, ...) hp_audit_add((r)->audit, HP_AUDIT_WRONG, (r)->where, __VA_ARGS__)

/* A child of which there may not be two: readers might differ in which one they take. */
static const struct hp_xml *only(struct reading *r, const struct hp_xml *parent, const char *name)
{
	const struct hp_xml *c = hp_xml_child(parent, name);
	if (c && hp_xml_again(c))
		WRONG(r, "line %lu: a second <%s>", hp_xml_again(c)->line, name);
	return c;
}

static const char *once(struct reading *r, const char *name)
{
	const struct hp_xml *c = only(r, r->d->tree, name);
	return c ? c->text : NULL;
}

static const char *needed(struct reading *r, const char *name)
{
	const char *text = once(r, name);
	if (!text || !*text)
		WRONG(r, "has no <%s>", name);
	return text && *text ? text : NULL;
}

static bool flag(struct reading *r, const struct hp_xml *parent, const char *name, bool otherwise)
{
	const struct hp_xml *c = only(r, parent, name);
	if (!c)
		return otherwise;
	if (strcmp(c->text, "true") == 0 || strcmp(c->text, "false") == 0)
		return *c->text == 't';
	WRONG(r, "line %lu: <%s> is neither true nor false: \"%s\"", c->line, name, c->text);
	return otherwise;
}

static bool read_identity(struct reading *r)
{
	static const char *const types[] = {"bootbank", "locker", "meta"};
	struct hp_descriptor *d = r->d;
	d->type = needed(r, "type");
	d->name = needed(r, "name");
	d->version = needed(r, "version");
	d->vendor = needed(r, "vendor");
	if (!d->type || !d->name || !d->version || !d->vendor)
		return false;
	bool known = false;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		known = known || strcmp(d->type, types[i]) == 0;
	if (!known)
		WRONG(r, "the <type> is none of bootbank, locker and meta: \"%s\"", d->type);
	if (!hp_word_of(d->name, "-_.+", NAME_MOST))
		WRONG(r, "the <name> is no name of a VIB: \"%s\"", d->name);
	if (!hp_word_of(d->version, "-_.+~", HP_VERSION_MOST))
		WRONG(r, "the <version> is none: \"%s\"", d->version);
	else if (!hp_vib_version(d->version, false))
		hp_audit_add(r->audit, HP_AUDIT_NOTE, r->where, "the <version> is of an unusual form: \"%s\"",
			     d->version);
	if (!hp_word_of(d->vendor, "-_. ", NAME_MOST))
		WRONG(r, "the <vendor> is no name: \"%s\"", d->vendor);
	d->id = hp_format(r->audit->arena, "%s_%s_%s_%s", d->vendor, d->type, d->name, d->version);
	return true;
}

static void read_level(struct reading *r)
{
	const char *word = once(r, "acceptance-level");
	r->d->level = HP_LEVEL_COMMUNITY; /* what it is where nothing is said */
	if (word && !hp_level_find(word, &r->d->level))
		WRONG(r, "the <acceptance-level> is not known: \"%s\"", word);
}

static void read_files(struct reading *r)
{
	const struct hp_xml *list = only(r, r->d->tree, "file-list");
	size_t n = 0;
	if (!list)
		return;
	for (const struct hp_xml *f = list->first; f; f = f->next)
		n++;
	r->d->files = hp_alloc_array(r->audit->arena, n + 1, sizeof *r->d->files);
	for (const struct hp_xml *f = list->first; f; f = f->next) {
		if (strcmp(f->name, "file") != 0 || !*f->text || *f->text == '/')
			WRONG(r, "line %lu: the <file-list> has something else than a path without leading slash",
			      f->line);
		else if (strlen(f->text) > HP_TAR_PATH)
			WRONG(r, "line %lu: a path of more than %u characters: %s", f->line, HP_TAR_PATH, f->text);
		else
			r->d->files[r->d->file_count++] = f->text;
	}
}

static void read_checksum(struct reading *r, const struct hp_xml *node, struct hp_payload *p)
{
	const char *type = hp_xml_attribute(node, "checksum-type"), *how = hp_xml_attribute(node, "verify-process");
	bool unpacked = how && strcmp(how, "gunzip") == 0;
	for (size_t i = 0; type && i < HP_SUMS; i++) {
		const struct hp_checksum_kind *k = &hp_checksum_kinds[i];
		if (strcmp(type, k->type) != 0 || unpacked != k->unpacked || (how && *how && !unpacked))
			continue;
		if (p->sums.hex[i])
			WRONG(r, "line %lu: a second %s for %s", node->line, k->name, p->name);
		p->sums.hex[i] = node->text;
		return;
	}
	WRONG(r, "line %lu: a checksum of a kind that is not known: %s, %s", node->line, type ? type : "no type",
	      how ? how : "no process");
}

static bool known_type(const char *type)
{
	static const char *const types[] = {"vgz", "tgz", "boot", "upgrade", "bootloader", "bootisobios", "bootisoefi"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

static bool read_payload(struct reading *r, const struct hp_xml *node)
{
	struct hp_payload *p = &r->d->payloads[r->d->payload_count];
	const char *size = hp_xml_attribute(node, "size");
	p->name = hp_xml_attribute(node, "name");
	p->type = hp_xml_attribute(node, "type");
	if (!p->name || !hp_word_of(p->name, "_-.", HP_PAYLOAD_NAME)) {
		WRONG(r, "line %lu: a payload's name has 1 to %u of the characters 0-9 A-Z a-z _ - and dot, not \"%s\"",
		      node->line, HP_PAYLOAD_NAME, p->name ? p->name : "");
		return false;
	}
	for (size_t i = 0; i < r->d->payload_count; i++)
		if (strcmp(r->d->payloads[i].name, p->name) == 0) {
			WRONG(r, "line %lu: a second payload %s", node->line, p->name);
			return false;
		}
	if (!p->type || !*p->type) {
		WRONG(r, "line %lu: payload %s has no type", node->line, p->name);
		return false;
	}
	if (!known_type(p->type))
		hp_audit_add(r->audit, HP_AUDIT_NOTE, r->where,
			     "line %lu: payload %s is of a type that is not known: only its checksums are looked at: "
			     "\"%s\"",
			     node->line, p->name, p->type);
	if (!size || !hp_number(hp_str(size), 10, 9999999999u, &p->size)) {
		WRONG(r, "line %lu: payload %s has no size", node->line, p->name);
		return false;
	}
	const struct hp_xml *sum = hp_xml_child(node, "checksum");
	for (; sum; sum = hp_xml_again(sum))
		read_checksum(r, sum, p);
	r->d->payload_count++;
	return true;
}

static bool read_payloads(struct reading *r)
{
	const struct hp_xml *list = only(r, r->d->tree, "payloads");
	const struct hp_xml *p = list ? hp_xml_child(list, "payload") : NULL;
	if (!p && strcmp(r->d->type, "meta") != 0) {
		WRONG(r, "has no <payload>");
		return false;
	}
	for (; p; p = hp_xml_again(p)) {
		if (r->d->payload_count == HP_PAYLOADS) {
			WRONG(r, "line %lu: more than %u payloads", p->line, HP_PAYLOADS);
			return false;
		}
		if (!read_payload(r, p))
			return false;
	}
	return true;
}

bool hp_descriptor_read(struct hp_audit *audit, const char *where, const struct hp_xml *tree, struct hp_descriptor *ret)
{
	static const char *const lists[] = {"urls", "relationships", "software-tags"};
	struct reading r = {audit, where, ret};
	*ret = (struct hp_descriptor){.tree = tree};
	const char *version = hp_xml_attribute(tree, "version");
	if (strcmp(tree->name, "vib") != 0) {
		WRONG(&r, "is no descriptor: its element is <%s>, not <vib>", tree->name);
		return false;
	}
	if (version && strcmp(version, "5.0") != 0)
		WRONG(&r, "the descriptor is of version \"%s\"; known: 5.0", version);
	if (!read_identity(&r))
		return false;
	const struct hp_xml *requires = only(&r, tree, "system-requires");
	ret->summary = once(&r, "summary");
	ret->description = once(&r, "description");
	ret->release_date = once(&r, "release-date");
	ret->live_install = flag(&r, tree, "live-install-allowed", false);
	ret->live_remove = flag(&r, tree, "live-remove-allowed", false);
	ret->overlay = flag(&r, tree, "overlay", false);
	(void)flag(&r, tree, "cimom-restart", false);
	(void)flag(&r, tree, "stateless-ready", false);
	ret->maintenance = requires && flag(&r, requires, "maintenance-mode", false);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		(void)only(&r, tree, lists[i]);
	read_level(&r);
	read_files(&r);
	return read_payloads(&r);
}
