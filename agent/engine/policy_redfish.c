/* What a policy says of the BMC, and of the BIOS that is read through it. */
#include <string.h>

#include "../base/num.h"
#include "../io/call.h"
#include "checks.h"
#include "policy_read.h"

#define CONNECT_MS 10000u
#define REQUEST_MS 60000u
#define WORDS_MOST 32u

/* One line of printable ASCII. */
static int read_word(const struct hp_place *at, const struct hp_yaml *node, const char **ret)
{
	if (hp_place_kind(at, node, HP_YAML_SCALAR) < 0)
		return -1;
	bool good = node->text.n > 0 && node->text.n <= 500;
	for (size_t i = 0; i < node->text.n; i++)
		good = good && node->text.p[i] >= ' ' && node->text.p[i] < 0x7f;
	if (!good)
		return hp_place_refuse(at, node, "\"%s\" wants one line of ASCII", node->key.p ? node->key.p : "this");
	*ret = hp_copy(at->arena, node->text);
	return 0;
}

static int read_path(const struct hp_place *at, const struct hp_yaml *node, const char **ret)
{
	if (read_word(at, node, ret) < 0)
		return -1;
	return **ret == '/' ? 0 : hp_place_refuse(at, node, "\"%s\" wants a whole path, from /", node->key.p);
}

/* ---- redfish ---- */

/* "https://HOST" or with port: nothing else in it, so that no credential stands in a policy. */
static bool is_origin(const char *url)
{
	struct hp_str rest = hp_str(url + 8), port = {NULL, 0};
	uint64_t n;
	size_t end = 0;
	if (strncmp(url, "https://", 8) != 0 || !rest.n)
		return false;
	if (rest.p[0] == '[') {
		const char *close = strchr(rest.p, ']');
		end = close ? (size_t)(close - rest.p) + 1 : 0;
		for (size_t i = 1; i + 1 < end; i++)
			if (!strchr("0123456789abcdefABCDEF:.", rest.p[i]))
				return false;
	} else {
		while (end < rest.n && (strchr("-._", rest.p[end]) || (rest.p[end] >= '0' && rest.p[end] <= '9') ||
					(hp_lower(rest.p[end]) >= 'a' && hp_lower(rest.p[end]) <= 'z')))
			end++;
	}
	if (!end || rest.p[0] == '-')
		return false;
	if (end < rest.n && rest.p[end] == ':')
		port = hp_str_sub(rest, end + 1, rest.n);
	else if (end < rest.n)
		return false;
	return !port.p || (hp_number(port, 10, 65535, &n) && n > 0);
}

static int read_url(const struct hp_place *at, const struct hp_yaml *node, struct hp_bmc *bmc)
{
	const char *url;
	if (read_word(at, node, &url) < 0)
		return -1;
	if (strcmp(url, "auto") == 0) {
		bmc->origin = NULL;
		return 0;
	}
	if (hp_str_ends(hp_str(url), "/"))
		url = hp_copy(at->arena, hp_str_sub(hp_str(url), 0, strlen(url) - 1));
	if (!is_origin(url))
		return hp_place_refuse(
		    at, node,
		    "\"url\" wants https:// and the BMC's name or address, with a port if need be, and "
		    "nothing more; or auto, to ask the host");
	bmc->origin = url;
	return 0;
}

static int read_pin(const struct hp_place *at, const struct hp_yaml *node, const char **ret)
{
	if (read_word(at, node, ret) < 0)
		return -1;
	size_t n = strlen(*ret);
	bool good = n == 8 + 44 && strncmp(*ret, "sha256//", 8) == 0 && (*ret)[n - 1] == '=';
	return good ? 0
		    : hp_place_refuse(at, node,
				      "\"pin\" wants sha256// and the SHA-256 of the BMC's public key in base64 (44 "
				      "characters)");
}

static int read_seconds(const struct hp_place *at, const struct hp_yaml *node, unsigned *ret_ms)
{
	unsigned s = 0;
	if (hp_place_count(at, node, 1, 600, &s) < 0)
		return -1;
	*ret_ms = s * 1000;
	return 0;
}

static int read_access(const struct hp_place *at, const struct hp_yaml *m, struct hp_bmc *bmc, bool *has_url)
{
	if (hp_str_eq(m->key, "url")) {
		*has_url = true;
		return read_url(at, m, bmc);
	}
	if (hp_str_eq(m->key, "credentials_file"))
		return read_path(at, m, &bmc->credentials_file);
	if (hp_str_eq(m->key, "cafile"))
		return read_path(at, m, &bmc->cafile);
	if (hp_str_eq(m->key, "pin"))
		return read_pin(at, m, &bmc->pin);
	if (hp_str_eq(m->key, "insecure"))
		return hp_place_bool(at, m, &bmc->insecure);
	if (hp_str_eq(m->key, "connect_s"))
		return read_seconds(at, m, &bmc->connect_ms);
	if (hp_str_eq(m->key, "request_s"))
		return read_seconds(at, m, &bmc->request_ms);
	return hp_place_refuse_key(at, m, "under redfish",
				   "url, credentials_file, cafile, pin, insecure, connect_s, request_s");
}

int hp_policy_redfish(const struct hp_place *at, const struct hp_yaml *map, struct hp_redfish_options *ret)
{
	struct hp_bmc *bmc = hp_alloc(at->arena, sizeof *bmc);
	bool has_url = false;
	*bmc = (struct hp_bmc){.connect_ms = CONNECT_MS, .request_ms = REQUEST_MS};
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next)
		if (read_access(at, m, bmc, &has_url) < 0)
			return -1;
	if (!has_url || !bmc->credentials_file)
		return hp_place_refuse(at, map, "\"redfish\" wants a url and a credentials_file");
	if (!bmc->cafile && !bmc->pin && !bmc->insecure)
		return hp_place_refuse(at, map,
				       "\"redfish\" wants to know whom to trust: a cafile, a pin, or insecure: true");
	if (bmc->insecure && (bmc->cafile || bmc->pin))
		return hp_place_refuse(at, map,
				       "\"redfish\": insecure says that nothing is verified, but a cafile or a pin is "
				       "given too");
	ret->bmc = bmc;
	return 0;
}

/* ---- bios ---- */

/* A word, or a list of words; ended by NULL. */
static int read_words(const struct hp_place *at, const struct hp_yaml *node, const char ***ret)
{
	size_t n = 0;
	bool one = node->kind == HP_YAML_SCALAR;
	if (!one && hp_place_kind(at, node, HP_YAML_LIST) < 0)
		return -1;
	for (const struct hp_yaml *m = node->first; m; m = m->next)
		n++;
	if (n > WORDS_MOST)
		return hp_place_refuse(at, node, "more than %u values", WORDS_MOST);
	const char **words = hp_alloc_array(at->arena, (one ? 1 : n) + 1, sizeof *words);
	if (one) {
		*ret = words;
		return read_word(at, node, &words[0]);
	}
	n = 0;
	for (const struct hp_yaml *m = node->first; m; m = m->next)
		if (read_word(at, m, &words[n++]) < 0)
			return -1;
	if (!n)
		return hp_place_refuse(at, node, "\"%s\" lists nothing", node->key.p);
	*ret = words;
	return 0;
}

static int read_rule(const struct hp_place *at, const struct hp_yaml *map, struct hp_bios_rule *rule)
{
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		int code;
		if (hp_str_eq(m->key, "vendor"))
			code = read_words(at, m, &rule->vendors);
		else if (hp_str_eq(m->key, "model"))
			code = read_word(at, m, &rule->model);
		else if (hp_str_eq(m->key, "attribute"))
			code = read_words(at, m, &rule->attributes);
		else if (hp_str_eq(m->key, "want"))
			code = read_words(at, m, &rule->want);
		else if (hp_str_eq(m->key, "optional"))
			code = hp_place_bool(at, m, &rule->optional);
		else
			code =
			    hp_place_refuse_key(at, m, "in a rule of bios", "vendor, model, attribute, want, optional");
		if (code < 0)
			return -1;
	}
	if (!rule->vendors || !rule->attributes)
		return hp_place_refuse(at, map, "a rule of \"bios\" wants a vendor and an attribute");
	return 0;
}

static bool is_bios_check(struct hp_str id)
{
	for (size_t i = 0; hp_checks[i]; i++)
		if (hp_str_eq(id, hp_checks[i]->id))
			return hp_str_starts(id, "bios-");
	return false;
}

int hp_policy_bios(const struct hp_place *at, const struct hp_yaml *map, struct hp_redfish_options *ret)
{
	size_t n = ret->rule_count;
	if (hp_place_kind(at, map, HP_YAML_MAP) < 0)
		return -1;
	for (const struct hp_yaml *m = map->first; m; m = m->next) {
		if (!is_bios_check(m->key))
			return hp_place_refuse_key(at, m, "under bios", "the ids of checks that begin with bios-");
		if (hp_place_kind(at, m, HP_YAML_LIST) < 0)
			return -1;
		for (const struct hp_yaml *k = m->first; k; k = k->next)
			n++;
	}
	struct hp_bios_rule *rules = hp_grow(at->arena, ret->rules, ret->rule_count, n + 1, sizeof *rules);
	n = ret->rule_count;
	for (const struct hp_yaml *m = map->first; m; m = m->next)
		for (const struct hp_yaml *k = m->first; k; k = k->next) {
			rules[n].check = hp_copy(at->arena, m->key);
			rules[n].site = strcmp(at->source, "built-in") != 0;
			if (read_rule(at, k, &rules[n++]) < 0)
				return -1;
		}
	ret->rules = rules;
	ret->rule_count = n;
	return 0;
}
