/* Command lines: what is accepted is within bounds and made of the words that were given; what is refused says why.
 *
 * Input: a word a line. */
#include <string.h>

#include "../../agent/cli/options.h"
#include "../../agent/engine/checks.h"
#include "fuzz.h"

#define WORDS_MAX 60

static bool given(const char *value, int argc, char **argv)
{
	for (int i = 1; i < argc && value; i++)
		if (value >= argv[i] && value <= argv[i] + strlen(argv[i]))
			return true;
	return !value;
}

static void judge_options(const struct hp_options *o, int argc, char **argv)
{
	const char *const texts[] = {o->id, o->root, o->policy, o->only, o->skip, o->tag, o->record, o->replay};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		MUST(given(texts[i], argc, argv));
	MUST((o->command && o->command->name && o->command->run) || o->help);
	MUST(o->jobs >= 1 && o->jobs <= 64 && o->timeout_s <= 86400 && o->deadline_s <= 86400);
	MUST(o->fail_on == HP_BLOCKER || o->fail_on == HP_MAJOR || o->fail_on == HP_MINOR);
	MUST(o->output_count <= HP_OUTPUTS_MAX && !(o->root && o->replay));
	for (size_t i = 0; i < o->output_count; i++)
		MUST(o->outputs[i].path && *o->outputs[i].path && given(o->outputs[i].path, argc, argv));
}

static void judge_selection(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_selection s = {.only = o->only, .skip = o->skip, .tag = o->tag};
	struct hp_err err = {""};
	size_t left = 0;
	if (hp_select(a, &s, &err) < 0) {
		MUST(fuzz_one_line(err.text));
		return;
	}
	for (size_t i = 0; hp_checks[i]; i++)
		left += s.chosen[i];
	MUST(left && s.all == (left == hp_check_count()));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	char program[] = "hostprep", *argv[WORDS_MAX + 1] = {program};
	int argc = 1;
	struct hp_options o;
	struct hp_err err = {""};
	while (input.n && argc < WORDS_MAX) {
		struct hp_str line = fuzz_line(&input);
		char *word = hp_alloc(a, line.n + 1);
		if (line.n)
			memcpy(word, line.p, line.n);
		argv[argc++] = word;
	}
	if (hp_options_parse(a, argc, argv, &o, &err) < 0) {
		MUST(fuzz_one_line(err.text));
		return;
	}
	judge_options(&o, argc, argv);
	judge_selection(a, &o);
}
