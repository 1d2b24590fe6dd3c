/* JSON of a BMC: small helpers that trust nothing. */
#include <string.h>

#include "../base/json.h"
#include "redfish.h"

/* Depth and number of values, before anything is parsed: a parser that goes into depth uses the stack, and each value
 * takes memory. */
static const char *too_much(struct hp_str body)
{
	size_t depth = 0, values = 0;
	bool quoted = false;
	for (size_t i = 0; i < body.n; i++) {
		char c = body.p[i];
		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
			continue;
		}
		quoted = c == '"';
		depth += c == '{' || c == '[';
		depth -= (c == '}' || c == ']') && depth;
		values += c == ',' || c == '{' || c == '[';
		if (depth > HP_REDFISH_DEPTH)
			return "is nested too deep for an answer of a BMC";
		if (values > HP_REDFISH_TOKENS)
			return "has too many values for an answer of a BMC";
	}
	return NULL;
}

json_t *hp_rf_parse(struct hp_arena *a, struct hp_str body, const char **ret_why)
{
	struct hp_err err;
	*ret_why = too_much(body);
	if (*ret_why)
		return NULL;
	if (!body.n) {
		*ret_why = "is empty";
		return NULL;
	}
	json_t *root = hp_json_parse(a, body, &err);
	if (!root)
		*ret_why = hp_format(a, "is no JSON: %s", hp_clean_text(a, hp_str(err.text), 120, NULL));
	else if (!json_is_object(root))
		*ret_why = "is no JSON object";
	return *ret_why ? NULL : root;
}

const char *hp_rf_text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

/* A path of this BMC, as it was given: never decoded, because a BMC may not know its own links in another form. Bytes
 * that have no place in a request line make it none. */
const char *hp_rf_path(struct hp_arena *a, const char *origin, const char *text)
{
	size_t n = text ? strlen(text) : 0, head = strlen(origin);
	if (n > head && strncmp(text, origin, head) == 0 && text[head] == '/') {
		text += head;
		n -= head;
	}
	if (!n || n > 1000 || (strncmp(text, "/redfish/", 9) != 0 && strcmp(text, "/redfish") != 0))
		return NULL;
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 0x7f)
			return NULL;
		hp_put(&b, text[i] == ' ' ? hp_str("%20") : (struct hp_str){text + i, 1});
	}
	return hp_built_text(&b);
}

const char *hp_rf_link(const struct hp_redfish *r, const json_t *object, const char *member)
{
	const json_t *value = member ? json_object_get(object, member) : object;
	const char *text = json_is_string(value) ? json_string_value(value) : hp_rf_text(value, "@odata.id");
	return hp_rf_path(r->asking->arena, r->bmc.origin, text);
}

struct hp_str hp_rf_place(struct hp_arena *a, struct hp_str body, const char *name, const char *value)
{
	struct hp_str key = hp_str(hp_format(a, "\"%s\"", name));
	const char *text = value ? hp_format(a, "\"%s\"", value) : "";
	for (size_t i = 0; i + key.n <= body.n; i++) {
		if (memcmp(body.p + i, key.p, key.n) != 0)
			continue;
		size_t end = i + key.n;
		while (end < body.n && body.p[end] != ',' && body.p[end] != '}' && body.p[end] != '\n')
			end++;
		struct hp_str member = {body.p + i, end - i};
		if (hp_str_has(member, text))
			return member;
	}
	return hp_str_sub(body, 0, 0);
}

static const char *lowered(struct hp_arena *a, const char *text)
{
	size_t n = strlen(text);
	char *low = hp_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		low[i] = hp_lower(text[i]);
	return low;
}

bool hp_rf_glob(struct hp_arena *a, const char *pattern, const char *text)
{
	return hp_glob(lowered(a, pattern), lowered(a, text));
}

static bool fits(struct hp_arena *a, const struct hp_bios_rule *rule, const char *maker, const char *model)
{
	bool by_maker = false;
	for (size_t i = 0; rule->vendors[i]; i++)
		by_maker = by_maker || hp_rf_glob(a, rule->vendors[i], maker);
	return by_maker && (!rule->model || hp_rf_glob(a, rule->model, model));
}

bool hp_rf_rule_holds(struct hp_arena *a, const struct hp_redfish_options *o, const struct hp_bios_rule *rule,
		      const char *maker, const char *model)
{
	if (!fits(a, rule, maker, model))
		return false;
	for (size_t i = 0; i < o->rule_count && !rule->site; i++)
		if (o->rules[i].site && strcmp(o->rules[i].check, rule->check) == 0 &&
		    fits(a, &o->rules[i], maker, model))
			return false;
	return true;
}

/* ---- refusals ---- */

const json_t *hp_rf_message(const json_t *root, size_t i)
{
	const json_t *info = json_object_get(json_object_get(root, "error"), "@Message.ExtendedInfo");
	return json_is_array(info) ? json_array_get(info, i) : i == 0 ? info : NULL;
}

const char *hp_rf_message_word(const json_t *message)
{
	const char *id = hp_rf_text(message, "MessageId"), *dot = id ? strrchr(id, '.') : NULL;
	return dot ? dot + 1 : id ? id : "";
}

bool hp_rf_is_busy(const char *word)
{
	static const char *const words[] = {
	    "SYS518", "SWC0700", "SYS446", "RAC0508", "ServiceTemporarilyUnavailable", "ServiceInUnknownState"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

bool hp_rf_login_is_wrong(int status, const char *word)
{
	return (status == 401 || status == 400) && strcmp(word, "RAC0218") != 0 && !hp_rf_is_busy(word);
}
