#include "policy.h"

#include <string.h>

#include "../base/digest.h"
#include "builtin_policy.h"
#include "checks.h"
#include "policy_read.h"

static int read_ids(const struct hp_place *at, const struct hp_yaml *list, struct hp_ask_options *options)
{
	size_t n = 0;
	if (hp_place_kind(at, list, HP_YAML_LIST) < 0)
		return -1;
	for (const struct hp_yaml *m = list->first; m; m = m->next)
		n++;
	if (!n)
		return hp_place_refuse(at, list, "\"%s\" lists no id: without one there is nothing to prepare",
				       list->key.p);
	uint32_t *ids = hp_alloc_array(at->arena, n, sizeof *ids);
	n = 0;
	for (const struct hp_yaml *m = list->first; m; m = m->next) {
		uint64_t vendor, device;
		if (m->kind != HP_YAML_SCALAR || m->text.n != 9 || m->text.p[4] != ':' ||
		    !hp_number(hp_str_sub(m->text, 0, 4), 16, 0xffff, &vendor) ||
		    !hp_number(hp_str_sub(m->text, 5, 9), 16, 0xffff, &device))
			return hp_place_refuse(at, m,
					       "a PCI id is four hex digits, a colon, four hex digits: \"15b3:1021\"");
		ids[n++] = (uint32_t)vendor << 16 | (uint32_t)device;
	}
	options->hca_ids = ids;
	options->hca_id_count = n;
	return 0;
}

static int read_devices(const struct hp_place *at, const struct hp_yaml *map, struct hp_policy *p)
{
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		if (!hp_str_eq(m->key, "hca"))
			return hp_place_refuse_key(at, m, "under devices", "hca");
		if (read_ids(at, m, &p->ask) < 0)
			return -1;
	}
	return 0;
}

static int read_expect(const struct hp_place *at, const struct hp_yaml *map, struct hp_policy *p)
{
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		int *count = hp_str_eq(m->key, "gpus")	       ? &p->gpus
			     : hp_str_eq(m->key, "nvswitches") ? &p->nvswitches
			     : hp_str_eq(m->key, "hcas")       ? &p->hcas
							       : NULL;
		unsigned n = 0;
		if (!count)
			return hp_place_refuse_key(at, m, "under expect", "gpus, nvswitches, hcas");
		if (hp_place_count(at, m, 0, 256, &n) < 0)
			return -1;
		*count = (int)n;
	}
	return 0;
}

/* Text of one line. */
static int read_line(const struct hp_place *at, const struct hp_yaml *node, size_t least, const char **ret)
{
	if (hp_place_kind(at, node, HP_YAML_SCALAR) < 0)
		return -1;
	if (node->text.n < least || node->text.n > 80 || hp_str_has_byte(node->text, '\n'))
		return hp_place_refuse(at, node, "\"%s\" is one line of %zu to 80 bytes", node->key.p, least);
	*ret = hp_clean_text(at->arena, node->text, 80, NULL);
	return 0;
}

static int read_psb(const struct hp_place *at, const struct hp_yaml *map, struct hp_policy *p)
{
	int order;
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		bool minimum = hp_str_eq(m->key, "minimum"), version = hp_str_eq(m->key, "version");
		if (!minimum && !version && !hp_str_eq(m->key, "match"))
			return hp_place_refuse_key(at, m, "under psb", "minimum, version, match");
		if (read_line(at, m, version ? 0 : 1,
			      minimum	? &p->psb.minimum
			      : version ? &p->psb.version
					: &p->ask.redfish.psb_match) < 0)
			return -1;
		if (minimum && !hp_version_order(m->text, m->text, &order))
			return hp_place_refuse(at, m,
					       "\"minimum\" is a version of numbers and dots here: \"4.160.3.0\"");
	}
	return 0;
}

static int read_limits(const struct hp_place *at, const struct hp_yaml *map, struct hp_policy *p)
{
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		unsigned *limit = hp_str_eq(m->key, "call_s")  ? &p->call_s
				  : hp_str_eq(m->key, "run_s") ? &p->run_s
							       : NULL;
		if (!limit)
			return hp_place_refuse_key(at, m, "under time_limits", "call_s, run_s");
		if (hp_place_count(at, m, 1, 86400, limit) < 0)
			return -1;
	}
	return 0;
}

static bool release(struct hp_str s)
{
	struct hp_str version, build, more;
	struct hp_version v;
	uint64_t n;
	return hp_next_word(&s, &version) && hp_next_word(&s, &build) && !hp_next_word(&s, &more) &&
	       hp_version(version, &v) && hp_number(build, 10, UINT32_MAX, &n);
}

static int read_want(const struct hp_place *at, const struct hp_yaml *node, enum hp_want_kind kind, const char **ret)
{
	struct hp_str s = node->text;
	if (hp_place_kind(at, node, HP_YAML_SCALAR) < 0)
		return -1;
	switch (kind) {
	case HP_WANT_NONE:
		return hp_place_refuse(at, node, "this check compares with no value: it takes no \"want\"");
	case HP_WANT_BOOL:
		if (hp_str_eq(s, "true") || hp_str_eq(s, "TRUE") || hp_str_eq(s, "True"))
			*ret = "TRUE";
		else if (hp_str_eq(s, "false") || hp_str_eq(s, "FALSE") || hp_str_eq(s, "False"))
			*ret = "FALSE";
		else
			return hp_place_refuse(at, node, "\"want\" is TRUE or FALSE here");
		return 0;
	case HP_WANT_BIT:
		if (hp_str_eq(s, "1") || hp_str_eq(s, "true"))
			*ret = "1";
		else if (hp_str_eq(s, "0") || hp_str_eq(s, "false"))
			*ret = "0";
		else
			return hp_place_refuse(at, node, "\"want\" is 0 or 1 here");
		return 0;
	case HP_WANT_RESET_METHOD:
		if (!hp_str_eq(s, "flr") && !hp_str_eq(s, "d3d0") && !hp_str_eq(s, "link") && !hp_str_eq(s, "bridge"))
			return hp_place_refuse(at, node, "\"want\" is one of flr, d3d0, link, bridge here");
		*ret = hp_copy(at->arena, s);
		return 0;
	case HP_WANT_RELEASE:
		if (!release(s))
			return hp_place_refuse(at, node, "\"want\" is a version and a build here: \"8.0.3 24280767\"");
		*ret = hp_copy(at->arena, s);
		return 0;
	}
	return 0;
}

static int read_checks(const struct hp_place *at, const struct hp_yaml *map, struct hp_policy *p)
{
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		size_t i = 0;
		while (hp_checks[i] && !hp_str_eq(m->key, hp_checks[i]->id))
			i++;
		if (!hp_checks[i])
			return hp_place_refuse_key(at, m, "under checks", "the ids that `hostprep list` prints");
		if (hp_place_kind(at, m, HP_YAML_MAP) < 0)
			return -1;
		for (const struct hp_yaml *k = m->first; k; k = k->next) {
			if (hp_str_eq(k->key, "want")) {
				if (read_want(at, k, hp_checks[i]->want_kind, &p->want[i]) < 0)
					return -1;
			} else if (!hp_str_eq(k->key, "severity")) {
				return hp_place_refuse_key(at, k, "under a check", "want, severity");
			} else if (k->kind != HP_YAML_SCALAR || !hp_severity_find(k->text, &p->severity[i])) {
				return hp_place_refuse(at, k, "\"severity\" is one of blocker, major, minor, info");
			}
		}
	}
	return 0;
}

static int read_mft_query(const struct hp_place *at, const struct hp_yaml *node, struct hp_policy *p)
{
	static const char *const words[] = {"always", "idle", "never"};
	for (int i = 0; i < 3 && node->kind == HP_YAML_SCALAR; i++)
		if (hp_str_eq(node->text, words[i])) {
			p->ask.mft_query = (enum hp_mft_query)i;
			return 0;
		}
	return hp_place_refuse(at, node, "\"mft_query\" is one of always, idle, never");
}

static int read_name(const struct hp_place *at, const struct hp_yaml *node, struct hp_policy *p)
{
	if (hp_place_kind(at, node, HP_YAML_SCALAR) < 0)
		return -1;
	if (!node->text.n || node->text.n > 80 || hp_str_has_byte(node->text, '\n'))
		return hp_place_refuse(at, node, "\"name\" is one line of 1 to 80 bytes");
	p->name = hp_clean_text(at->arena, node->text, 80, NULL);
	return 0;
}

static int read_key(const struct hp_place *at, const struct hp_yaml *m, struct hp_policy *p)
{
	if (hp_str_eq(m->key, "name"))
		return read_name(at, m, p);
	if (hp_str_eq(m->key, "devices"))
		return read_devices(at, m, p);
	if (hp_str_eq(m->key, "expect"))
		return read_expect(at, m, p);
	if (hp_str_eq(m->key, "checks"))
		return read_checks(at, m, p);
	if (hp_str_eq(m->key, "accept_default"))
		return hp_place_bool(at, m, &p->accept_default);
	if (hp_str_eq(m->key, "mft_query"))
		return read_mft_query(at, m, p);
	if (hp_str_eq(m->key, "time_limits"))
		return read_limits(at, m, p);
	if (hp_str_eq(m->key, "psb"))
		return read_psb(at, m, p);
	if (hp_str_eq(m->key, "redfish"))
		return hp_policy_redfish(at, m, &p->ask.redfish);
	if (hp_str_eq(m->key, "bios"))
		return hp_policy_bios(at, m, &p->ask.redfish);
	return hp_place_refuse_key(
	    at, m, "in a policy",
	    "name, devices, expect, checks, accept_default, mft_query, time_limits, psb, redfish, "
	    "bios");
}

int hp_policy_overlay(struct hp_arena *a, struct hp_str bytes, const char *source, struct hp_policy *policy,
		      struct hp_err *err)
{
	struct hp_place at = {a, source, err};

	struct hp_yaml *root = NULL;
	const char *named_before = policy->name;
	if (hp_yaml_parse(a, bytes, source, &root, err) < 0)
		return -1;
	if (!root)
		return hp_fail(err, "%s:1:1: the policy is empty; without --policy the built-in one is used", source);
	if (root->kind != HP_YAML_MAP)
		return hp_place_refuse(&at, root, "a policy is a map (key: value)");
	for (const struct hp_yaml *m = root->first; m; m = m->next)
		if (read_key(&at, m, policy) < 0)
			return -1;

	if (policy->name == named_before)
		policy->name = source;
	policy->source = source;

	policy->sha256 = hp_sha256(a, bytes);
	if (!policy->sha256)
		return hp_fail(err, "%s: cannot work out its SHA-256: out of memory", source);
	policy->bytes = bytes;
	return 0;
}

int hp_policy_builtin(struct hp_arena *a, struct hp_policy *ret, struct hp_err *err)
{
	struct hp_policy p = {.gpus = -1, .nvswitches = -1, .hcas = -1};
	size_t n = hp_check_count();
	p.want = hp_alloc_array(a, n + 1, sizeof *p.want);
	p.severity = hp_alloc_array(a, n + 1, sizeof *p.severity);
	for (size_t i = 0; i < n; i++) {
		p.want[i] = hp_checks[i]->want;
		p.severity[i] = hp_checks[i]->severity;
	}
	if (hp_policy_overlay(a, hp_str(hp_builtin_policy), "built-in", &p, err) < 0)
		return -1;
	*ret = p;
	return 0;
}
