/* A setting of the BIOS: the rules that fit this machine, each of them judged, and one finding for all. */
#include <string.h>

#include "../report/report.h"
#include "../tools/redfish.h"
#include "judge.h"

static const char *maker_of(const struct hp_judge *j)
{
	const char *maker = hp_fact_text(j->facts, HP_HOST, "bios.maker");
	return maker ? maker : "";
}

static bool holds(const struct hp_judge *j, const struct hp_bios_rule *rule)
{
	const char *model = hp_fact_text(j->facts, HP_HOST, "bios.model");
	return hp_rf_rule_holds(j->arena, j->redfish, rule, maker_of(j), model ? model : "");
}

static bool applies(const struct hp_judge *j, const struct hp_bios_rule *rule)
{
	return strcmp(rule->check, j->check->id) == 0 && holds(j, rule);
}

/* The first of the names that the BIOS has. */
static const struct hp_fact *attribute_of(const struct hp_judge *j, const struct hp_bios_rule *rule)
{
	for (size_t k = 0; rule->attributes[k]; k++)
		for (size_t i = 0; i < j->facts->count; i++) {
			const struct hp_fact *f = j->facts->facts[i];
			if (strcmp(f->subject, HP_HOST) == 0 && strncmp(f->name, "bios.", 5) == 0 &&
			    f->name[5] >= 'A' && hp_rf_glob(j->arena, rule->attributes[k], f->name + 5) &&
			    strcmp(f->name, "bios.maker") != 0 && strcmp(f->name, "bios.model") != 0)
				return f;
		}
	return NULL;
}

/* A value that is right is shown as it is, and compared as the first of those that are. */
static struct hp_value judged(const struct hp_judge *j, const struct hp_bios_rule *rule, const struct hp_value *value)
{
	if (value->is != HP_PRESENT)
		return *value;
	for (size_t i = 0; rule->want[i]; i++)
		if (hp_rf_glob(j->arena, rule->want[i], value->text))
			return hp_present(rule->want[0]);
	return *value;
}

/* What is known of all rules together. */
struct sum {
	struct hp_buf want, now, next;	   /* a lone value stands by itself, of several each with its name */
	struct hp_buf now_said, next_said; /* "NAME is VALUE, ..." */
	struct hp_buf wrong;		   /* "NAME=VALUE, ..." */
	bool lone;
	enum hp_state state;
	const char *why; /* of the first that is unknown */
	const char *hint;
	size_t judged, reported;
	struct hp_bios_want *wants; /* of all that are judged; ended by a NULL name */
	size_t want_count;
	struct hp_buf staged; /* "NAME VALUE, ...": pending without a job */
	struct hp_evidence evidence[HP_EVIDENCE_MAX];
	size_t evidence_count;
};

static void add(struct hp_buf *b, const char *name, const char *between, const char *value)
{
	hp_putf(b, "%s%s%s%s", b->n ? ", " : "", name, between, value);
}

static void add_value(const struct sum *s, struct hp_buf *b, const char *name, const char *value)
{
	add(b, s->lone ? "" : name, s->lone ? "" : " ", value);
}

static int rank(enum hp_state state)
{
	static const enum hp_state order[] = {HP_PASS, HP_PENDING_REBOOT, HP_UNKNOWN, HP_REGRESSING, HP_FAIL};
	for (int i = 0; i < 5; i++)
		if (order[i] == state)
			return i;
	return 0;
}

static void add_want(struct hp_judge *j, struct sum *s, const char *name, const struct hp_bios_rule *rule,
		     const struct hp_value *now, const struct hp_value *next)
{
	const char *staged = hp_fact_text(j->facts, HP_HOST, hp_format(j->arena, "bios-staged.%s", name));
	s->wants = hp_grow(j->arena, s->wants, s->want_count, s->want_count + 2, sizeof *s->wants);
	s->wants[s->want_count++] = (struct hp_bios_want){.name = name,
							  .to = rule->want[0],
							  .now = now->is == HP_PRESENT ? now->text : NULL,
							  .next = next->is == HP_PRESENT ? next->text : NULL};
	s->wants[s->want_count] = (struct hp_bios_want){.name = NULL};
	if (staged)
		add(&s->staged, name, " ", staged);
}

static void not_known(struct sum *s, const struct hp_value *v)
{
	if (s->why)
		return;
	s->why = v->why;
	s->hint = v->hint ? v->hint : "Try again; if it stays so, look into the BIOS setup.";
}

static void judge_attribute(struct hp_judge *j, const struct hp_bios_rule *rule, const struct hp_fact *f, struct sum *s)
{
	const char *name = f->name + 5;
	if (f->now.is == HP_PRESENT) {
		add_value(s, &s->now, name, f->now.text);
		add(&s->now_said, name, " is ", f->now.text);
	}
	if (f->next.is == HP_PRESENT) {
		add_value(s, &s->next, name, f->next.text);
		add(&s->next_said, name, " ", f->next.text);
	}
	if (s->evidence_count < HP_EVIDENCE_MAX && f->evidence[0].source)
		s->evidence[s->evidence_count++] = f->evidence[0];
	if (!rule->want) {
		s->reported++;
		if (f->now.is != HP_PRESENT)
			not_known(s, &f->now);
		return;
	}
	struct hp_value now = judged(j, rule, &f->now), next = judged(j, rule, &f->next);
	enum hp_state state = hp_judge_pair(rule->want[0], &now, &next);
	s->judged++;
	add_value(s, &s->want, name, rule->want[0]);
	add_want(j, s, name, rule, &now, &next);
	if (state == HP_UNKNOWN)
		not_known(s, f->now.is != HP_PRESENT ? &f->now : &f->next);
	if (state == HP_FAIL || state == HP_REGRESSING)
		add(&s->wrong, name, "=", rule->want[0]);
	if (rank(state) > rank(s->state))
		s->state = state;
}

static void lacks_attribute(struct hp_judge *j, const struct hp_bios_rule *rule, struct sum *s)
{
	if (rule->optional)
		return;
	s->judged++;
	if (!s->why) {
		s->why = hp_format(j->arena, "The BIOS has no attribute %s", rule->attributes[0]);
		s->hint = "Look into the BIOS setup. Where the attribute has another name, the policy can say which "
			  "(bios).";
	}
	if (rank(HP_UNKNOWN) > rank(s->state))
		s->state = HP_UNKNOWN;
}

/* What a BMC says has a full stop already. */
static const char *sentence(struct hp_arena *a, const char *text)
{
	return hp_format(a, "%s%s", text, hp_str_ends(hp_str(text), ".") ? "" : ".");
}

static const char *text_of(struct hp_judge *j, struct sum *s)
{
	const char *now = hp_built_text(&s->now_said), *next = hp_built_text(&s->next_said);
	switch (s->state) {
	case HP_PASS:
		return hp_format(j->arena, "%s now and after the next boot.", now);
	case HP_PENDING_REBOOT:
		return hp_format(j->arena, "%s now; the BMC applies %s at the next reset through firmware.", now, next);
	case HP_REGRESSING:
		return hp_format(j->arena, "%s now, but the next boot brings %s.", now, next);
	case HP_UNKNOWN:
		return sentence(j->arena, s->why ? s->why : "It could not be read");
	default:
		return hp_format(j->arena, "%s.", now);
	}
}

static void say(struct hp_judge *j, struct sum *s)
{
	bool insecure = hp_fact_text(j->facts, HP_HOST, "redfish.insecure") != NULL;
	const char *aside = insecure ? " The BMC's certificate was not checked." : "";
	if (s->staged.n)
		aside = hp_format(j->arena, " Pending in the BMC without a job that applies it: %s.%s",
				  hp_built_text(&s->staged), aside);
	struct hp_finding *f;
	if (!s->judged && !s->now.n) {
		f = hp_say(j, HP_HOST, HP_UNKNOWN, hp_format(j->arena, "%s%s", sentence(j->arena, s->why), aside));
		f->want = NULL;
	} else if (!s->judged) {
		f = hp_say(j, HP_HOST, HP_PASS,
			   hp_format(j->arena, "%s; this is reported only.%s", hp_built_text(&s->now_said), aside));
		f->want = "any";
		f->note = j->severity != HP_INFO;
	} else {
		f = hp_say(j, HP_HOST, s->state, hp_format(j->arena, "%s%s", text_of(j, s), aside));
		f->want = hp_built_text(&s->want);
	}
	f->now = s->now.n ? hp_built_text(&s->now) : NULL;
	f->next = s->next.n ? hp_built_text(&s->next) : NULL;
	for (size_t i = 0; i < s->evidence_count; i++)
		hp_cite(f, &s->evidence[i]);
	f->wanted.attributes = s->wants;
	if (f->state == HP_FAIL || f->state == HP_REGRESSING)
		hp_remedy(
		    f,
		    hp_format(j->arena,
			      "Set %s in the BIOS setup or over the BMC%s. `hostprep fix --bios` stages it for the "
			      "next reset.",
			      hp_built_text(&s->wrong), hp_then_reboot(f, true)),
		    "hostprep fix --bios");
	else if (f->state == HP_PENDING_REBOOT)
		hp_remedy(
		    f, "Enter maintenance mode and reboot through firmware (Quick Boot off): the BMC applies it then.",
		    hp_reboot_command(HP_REBOOT_FULL));
	else if (f->state == HP_UNKNOWN)
		hp_remedy(f, s->hint, NULL);
	bool wrong = f->state == HP_FAIL || f->state == HP_REGRESSING;
	if (wrong && j->redfish->set_bios) {
		f->remedy.fixable = true;
		f->wanted.by = HP_SET_BIOS;
	}
}

/* No rule fits: of a maker that other rules know nothing is missing; another one is not known here. */
static void say_no_rule(struct hp_judge *j)
{
	const char *maker = maker_of(j);
	struct hp_finding *f;
	bool known = false;
	for (size_t i = 0; i < j->redfish->rule_count; i++)
		known = known || holds(j, &j->redfish->rules[i]);
	if (known) {
		f = hp_say(j, HP_HOST, HP_NOT_APPLICABLE,
			   hp_format(j->arena, "The BIOS of %s has no such setting that is known.", maker));
	} else {
		f = hp_say(
		    j, HP_HOST, HP_UNKNOWN,
		    hp_format(j->arena, "It is not known which attribute this is in the BIOS of \"%s\".", maker));
		hp_remedy(f, "Say it in the policy: bios.", NULL);
	}
	f->want = NULL;
}

void hp_expect_bios(struct hp_judge *j)
{
	const struct hp_fact *read = hp_fact(j->facts, HP_HOST, "bios");
	struct hp_finding *f;
	if (!j->redfish->bmc) {
		f = hp_say(j, HP_HOST, HP_SKIPPED, "The policy gives no access to the BMC (redfish).");
		f->has_next = false; /* nobody asked for it, so nothing is open */
		return;
	}
	if (read->now.is != HP_PRESENT) {
		(void)hp_say_no_data(j, HP_HOST, &read->now);
		return;
	}
	struct sum s = {.want = hp_buf(j->arena),
			.now = hp_buf(j->arena),
			.next = hp_buf(j->arena),
			.now_said = hp_buf(j->arena),
			.next_said = hp_buf(j->arena),
			.wrong = hp_buf(j->arena),
			.staged = hp_buf(j->arena),
			.state = HP_PASS};
	size_t fits = 0;
	for (size_t i = 0; i < j->redfish->rule_count; i++)
		fits += applies(j, &j->redfish->rules[i]);
	s.lone = fits == 1;
	for (size_t i = 0; i < j->redfish->rule_count; i++) {
		const struct hp_bios_rule *rule = &j->redfish->rules[i];
		const struct hp_fact *fact = applies(j, rule) ? attribute_of(j, rule) : NULL;
		if (fact)
			judge_attribute(j, rule, fact, &s);
		else if (applies(j, rule))
			lacks_attribute(j, rule, &s);
	}
	if (s.judged || s.reported)
		say(j, &s);
	else if (fits)
		(void)hp_say(j, HP_HOST, HP_NOT_APPLICABLE, "This BIOS has no such attribute.");
	else
		say_no_rule(j);
}
