/* hostprep list, explain, version: what the program knows of itself. */
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <yaml.h>
#include <zlib.h>

#include "../base/json.h"
#include "../io/clock.h"
#include "../io/file.h"
#include "commands.h"
#include "document.h"
#include "run_dir.h"
#include "session.h"
#include "version.h"

static int print(struct hp_str bytes)
{
	return hp_print(bytes) ? HP_EXIT_OK : HP_EXIT_NO_VERDICT;
}

static const char *tags(struct hp_arena *a, const struct hp_check *c)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < sizeof c->tags / sizeof c->tags[0] && c->tags[i]; i++)
		hp_putf(&b, "%s%s", i ? "," : "", c->tags[i]);
	return hp_built_text(&b);
}

static json_t *check_json(struct hp_arena *a, const struct hp_check *c)
{
	json_t *o = json_object(), *list = json_array();
	(void)json_object_set_new(o, "id", json_string(c->id));
	(void)json_object_set_new(o, "title", json_string(c->title));
	(void)json_object_set_new(o, "severity", json_string(hp_severity_word(c->severity)));
	(void)json_object_set_new(o, "want", c->want ? json_string(c->want) : json_null());
	(void)json_object_set_new(o, "fixable", json_boolean(c->fixable));
	(void)json_object_set_new(o, "reboot", json_string(hp_reboot_word(c->reboot)));
	for (size_t i = 0; i < sizeof c->tags / sizeof c->tags[0] && c->tags[i]; i++)
		(void)json_array_append_new(list, json_string(c->tags[i]));
	(void)json_object_set_new(o, "tags", list);
	(void)json_object_set_new(o, "looks_at", json_string(c->looks_at));
	(void)json_object_set_new(o, "why", json_string(c->why));
	(void)json_object_set_new(o, "fixed_by", json_string(c->fixed_by));
	(void)json_object_set_new(o, "undone_by", json_string(c->undone_by));
	(void)a;
	return o;
}

static int print_checks(struct hp_arena *a, const struct hp_options *options, const char *id)
{
	hp_json_use(a);
	json_t *o = json_object(), *list = json_array();
	(void)json_object_set_new(o, "schema", json_string("hostprep.checks"));
	(void)json_object_set_new(o, "schema_version", json_string(HP_SCHEMA_VERSION));
	for (size_t i = 0; hp_checks[i]; i++)
		if (!id || strcmp(id, hp_checks[i]->id) == 0)
			(void)json_array_append_new(list, check_json(a, hp_checks[i]));
	(void)json_object_set_new(o, "checks", list);
	return hp_document_print(a, options, o, HP_EXIT_OK);
}

int hp_cmd_list(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_buf b = hp_buf(a);
	if (o->format != HP_FORMAT_TEXT)
		return print_checks(a, o, NULL);
	for (size_t i = 0; hp_checks[i]; i++) {
		const struct hp_check *c = hp_checks[i];
		hp_putf(&b, "%-20s %-8s %-14s %s\n", c->id, hp_severity_word(c->severity), tags(a, c), c->title);
	}
	return print(hp_built(&b));
}

static void paragraph(struct hp_buf *b, const char *head, const char *text)
{
	struct hp_str rest = hp_str(text), word;
	size_t at = 0;
	hp_putf(b, "\n%s\n ", head);
	while (hp_next_word(&rest, &word)) {
		if (at && at + 1 + word.n > 76) {
			hp_puts(b, "\n ");
			at = 0;
		}
		hp_puts(b, " ");
		hp_put(b, word);
		at += word.n + 1;
	}
	hp_puts(b, "\n");
}

static void explain(struct hp_arena *a, struct hp_buf *b, const struct hp_check *c)
{
	hp_putf(b, "%s: %s\n", c->id, c->title);
	hp_putf(b, "severity %s, wanted %s, tags %s\n", hp_severity_word(c->severity),
		c->want ? c->want : "(see below)", tags(a, c));
	paragraph(b, "What it looks at", c->looks_at);
	paragraph(b, "Why it matters", c->why);
	paragraph(b, "How it is fixed", c->fixed_by);
	paragraph(b, "How it is undone", c->undone_by);
}

int hp_cmd_explain(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_buf b = hp_buf(a);
	if (o->id && !hp_check_find(o->id)) {
		hp_complain(hp_format(a, "no check \"%s\"; `hostprep list` prints them", o->id));
		return HP_EXIT_USAGE;
	}
	if (o->format != HP_FORMAT_TEXT)
		return print_checks(a, o, o->id);
	for (size_t i = 0; hp_checks[i]; i++) {
		if (o->id && strcmp(o->id, hp_checks[i]->id) != 0)
			continue;
		if (b.n)
			hp_puts(&b, "\n");
		explain(a, &b, hp_checks[i]);
	}
	return print(hp_built(&b));
}

int hp_cmd_version(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_policy policy;
	struct hp_err err;
	struct hp_buf b = hp_buf(a);
	const char *libraries = hp_format(
	    a, "libyaml %s, zlib %s, jansson %s, libcurl %s, %s", yaml_get_version_string(), zlibVersion(),
	    jansson_version_str(), curl_version_info(CURLVERSION_NOW)->version, OpenSSL_version(OPENSSL_VERSION));
	if (hp_session_policy(a, o, NULL, &policy, &err) < 0)
		return hp_session_refuse(a, o, HP_EXIT_POLICY, "policy", hp_format(a, "%s", err.text));
	if (o->format != HP_FORMAT_TEXT) {
		hp_json_use(a);
		json_t *root = json_object();
		(void)json_object_set_new(root, "schema", json_string("hostprep.version"));
		(void)json_object_set_new(root, "schema_version", json_string(HP_SCHEMA_VERSION));
		(void)json_object_set_new(root, "version", json_string(HP_VERSION));
		(void)json_object_set_new(root, "commit", *HP_COMMIT ? json_string(HP_COMMIT) : json_null());
		(void)json_object_set_new(root, "host_schema_version", json_string(HP_SCHEMA_VERSION));
		(void)json_object_set_new(root, "libraries", json_string(libraries));
		(void)json_object_set_new(root, "policy", json_string(policy.name));
		(void)json_object_set_new(root, "policy_sha256", json_string(policy.sha256));
		return hp_document_print(a, o, root, HP_EXIT_OK);
	}
	hp_putf(&b, "hostprep %s%s%s\n", HP_VERSION, *HP_COMMIT ? " " : "", HP_COMMIT);
	hp_putf(&b, "report schema %s %s\n", HP_SCHEMA, HP_SCHEMA_VERSION);
	hp_putf(&b, "policy %s (%s) sha256 %s\n", policy.name, policy.source, policy.sha256);
	hp_putf(&b, "%s\n", libraries);
	return print(hp_built(&b));
}
