#include "bmc_memory.h"

#include <string.h>

#include "../base/json.h"
#include "../io/clock.h"
#include "../io/file.h"
#include "../io/host.h"
#include "../io/http.h"
#include "run_dir.h"
#include "state_dir.h"

#define FILE_LIMIT ((size_t)256 << 10)
#define REFUSED_MOST 8u
#define EXCERPT_MOST 400u

/* Where it is, and how an admin calls it. */
struct place {
	const char *path, *shown;
};

static struct place place_of(struct hp_session *s)
{
	struct hp_arena *a = s->arena;
	const struct hp_options *o = s->options;
	const char *state = hp_state_dir(a, o), *root = o->root ? o->root : "";
	if (hp_host_root_is_there(state))
		return (struct place){hp_format(a, "%s/redfish.json", state),
				      hp_format(a, "%s/redfish.json", hp_state_dir_shown(a, o))};
	return (struct place){hp_format(a, "%s/var/run/hostprep/redfish.json", root), "/var/run/hostprep/redfish.json"};
}

static json_t *read_memory(struct hp_session *s, const char *path)
{
	struct hp_str bytes;
	json_t *root =
	    hp_file_read(s->arena, path, FILE_LIMIT, &bytes, NULL) == 0 ? hp_json_parse(s->arena, bytes, NULL) : NULL;
	return json_is_object(root) ? root : NULL;
}

static bool is_salt(const char *text)
{
	size_t n = 0;
	while (text && ((text[n] >= '0' && text[n] <= '9') || (text[n] >= 'a' && text[n] <= 'f')))
		n++;
	return n == 32 && !text[n];
}

static const char *origin_of(const struct hp_session *s)
{
	const char *origin = s->policy.ask.redfish.bmc->origin;
	return origin ? origin : "auto";
}

/* What the credentials file holds now, as it would be noted; NULL when it cannot be used, which the login will tell. */
static const char *mark_of(struct hp_session *s, const char *salt)
{
	struct hp_bmc bmc = *s->policy.ask.redfish.bmc;
	struct hp_err err;
	bmc.origin = origin_of(s); /* what the policy says, for the mark must be known before the BMC's address is */
	return hp_credentials_mark(s->arena, &bmc, s->options->root ? s->options->root : "", salt, &err);
}

static const char *refused_on(const json_t *memory, const char *mark)
{
	const json_t *list = json_object_get(memory, "refused"), *m;
	size_t i;
	json_array_foreach (list, i, m) {
		const char *noted = json_string_value(json_object_get(m, "mark"));
		const char *on = json_string_value(json_object_get(m, "on"));
		if (mark && noted && on && strcmp(noted, mark) == 0)
			return on;
	}
	return NULL;
}

/* Damage must not last: what does not say how many entries there were is asked for anew. */
static bool is_whole(const json_t *boards)
{
	const json_t *facts = json_object_get(boards, "facts"), *m;
	bool read = json_string_value(json_object_get(boards, "read")) != NULL;
	size_t i;
	json_array_foreach (facts, i, m) {
		const char *name = json_string_value(json_object_get(m, "name"));
		const char *subject = json_string_value(json_object_get(m, "subject"));
		if (read && name && subject && strcmp(name, "psb.inventory") == 0 && strcmp(subject, HP_HOST) == 0 &&
		    json_string_value(json_object_get(m, "text")))
			return true;
	}
	return false;
}

static bool is_fresh(const struct hp_session *s, const json_t *boards)
{
	const char *origin = json_string_value(json_object_get(boards, "origin"));
	const char *boot = json_string_value(json_object_get(boards, "boot"));
	const char *now = hp_boot_token(s->arena, s->options->root);
	int64_t age_s = hp_wall_ms() / 1000 - json_integer_value(json_object_get(boards, "at_s"));
	return origin && boot && now && strcmp(origin, origin_of(s)) == 0 && strcmp(boot, now) == 0 && age_s >= 0 &&
	       age_s < HP_BMC_CACHE_S;
}

void hp_bmc_memory_load(struct hp_session *s)
{
	struct hp_redfish_options *r = &s->policy.ask.redfish;
	if (!r->bmc || s->options->replay)
		return;
	struct place at = place_of(s);
	const json_t *memory = read_memory(s, at.path), *boards = json_object_get(memory, "boards");
	const char *salt = json_string_value(json_object_get(memory, "salt"));
	const char *on = is_salt(salt) ? refused_on(memory, mark_of(s, salt)) : NULL;
	if (on)
		r->refused_on =
		    hp_format(s->arena, "%s (noted in %s)", hp_clean_text(s->arena, hp_str(on), 40, NULL), at.shown);
	bool anew = s->options->refresh || s->options->record; /* a capture must hold what was asked */
	if (!anew && is_whole(boards) && is_fresh(s, boards))
		r->cached = hp_json_line(s->arena, boards);
}

/* ---- saving ---- */

static bool note_refusal(struct hp_session *s, json_t *memory)
{
	unsigned char random[16];
	const char *salt = json_string_value(json_object_get(memory, "salt"));
	if (!is_salt(salt)) {
		struct hp_buf b = hp_buf(s->arena);
		if (!hp_random(random))
			return false;
		for (size_t i = 0; i < sizeof random; i++)
			hp_putf(&b, "%02x", random[i]);
		(void)json_object_set_new(memory, "salt", json_string(hp_built_text(&b)));
		(void)json_object_set_new(memory, "refused", json_array()); /* marks of another salt say nothing */
		salt = json_string_value(json_object_get(memory, "salt"));
	}
	const char *mark = mark_of(s, salt);
	json_t *list = json_object_get(memory, "refused"), *item = json_object();
	if (!mark)
		return false;
	if (!json_is_array(list)) {
		list = json_array();
		(void)json_object_set_new(memory, "refused", list);
	}
	while (json_array_size(list) >= REFUSED_MOST)
		(void)json_array_remove(list, 0);
	(void)json_object_set_new(item, "mark", json_string(mark));
	(void)json_object_set_new(item, "on", json_string(hp_rfc3339(s->arena, hp_wall_ms())));
	(void)json_array_append_new(list, item);
	return true;
}

static bool is_of_boards(const struct hp_fact *f)
{
	return strcmp(f->name, "psb.inventory") == 0 || strcmp(f->name, "psb.name") == 0 ||
	       strcmp(f->name, "psb.version") == 0 || strcmp(f->name, "psb.redfish-ssid") == 0;
}

static json_t *fact_json(struct hp_session *s, const struct hp_fact *f)
{
	json_t *o = json_object();
	const struct hp_evidence *e = &f->evidence[0];
	struct hp_str shown = e->focus.p ? e->focus : e->record;
	(void)json_object_set_new(o, "subject", json_string(f->subject));
	(void)json_object_set_new(o, "name", json_string(f->name));
	if (f->now.is == HP_PRESENT)
		(void)json_object_set_new(o, "text", json_string(f->now.text));
	else
		(void)json_object_set_new(o, "why", json_string(f->now.why ? f->now.why : ""));
	if (e->source) {
		(void)json_object_set_new(o, "source", json_string(e->source));
		(void)json_object_set_new(o, "excerpt",
					  json_string(hp_clean_text(s->arena, shown, EXCERPT_MOST, NULL)));
	}
	return o;
}

static json_t *boards_json(struct hp_session *s)
{
	const struct hp_facts *facts = &s->gathered.facts;
	const char *boot = hp_boot_token(s->arena, s->options->root);
	json_t *o = json_object(), *list = json_array();
	for (size_t i = 0; i < facts->count; i++)
		if (is_of_boards(facts->facts[i]))
			(void)json_array_append_new(list, fact_json(s, facts->facts[i]));
	(void)json_object_set_new(o, "origin", json_string(origin_of(s)));
	(void)json_object_set_new(o, "boot", json_string(boot ? boot : ""));
	(void)json_object_set_new(o, "read", json_string(hp_rfc3339(s->arena, hp_wall_ms())));
	(void)json_object_set_new(o, "at_s", json_integer(hp_wall_ms() / 1000));
	(void)json_object_set_new(o, "facts", list);
	return o;
}

void hp_bmc_memory_save(struct hp_session *s)
{
	const struct hp_redfish_options *r = &s->policy.ask.redfish;
	const struct hp_facts *facts = &s->gathered.facts;
	if (!r->bmc || s->options->replay)
		return;
	bool refused = hp_fact_text(facts, HP_HOST, "redfish.login") != NULL;
	bool boards = hp_fact_text(facts, HP_HOST, "psb.inventory") && !r->cached.p;
	if (!refused && !boards)
		return;
	struct place at = place_of(s);
	json_t *memory = read_memory(s, at.path);
	hp_json_use(s->arena);
	memory = memory ? memory : json_object();
	bool noted = !refused || note_refusal(s, memory);
	if (boards)
		(void)json_object_set_new(memory, "boards", boards_json(s));
	bool saved = hp_file_replace_private(s->arena, at.path, hp_json_text(s->arena, memory));
	if (!refused || (noted && saved))
		return;
	hp_complain(hp_format(s->arena,
			      "the BMC refused user and password, and that cannot be noted in %s: the next run will "
			      "try them again, and the BMC may lock this host out. Mend the credentials file, or "
			      "take redfish out of the policy.",
			      at.shown));
}

void hp_bmc_memory_refused(struct hp_session *s)
{
	hp_fact_put(&s->gathered.facts, HP_HOST, "redfish.login")->now = hp_present("refused");
	hp_bmc_memory_save(s);
	s->policy.ask.redfish.refused_on = hp_rfc3339(s->arena, hp_wall_ms());
}
