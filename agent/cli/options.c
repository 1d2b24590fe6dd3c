#include "options.h"

#include <stdio.h>
#include <string.h>

#include "../base/num.h"
#include "../engine/gates.h"
#include "commands.h"

#define PLAN_MIN 8 /* hex digits of a digest */

const struct hp_command hp_commands[] = {
    {"check", NULL, "gather, judge, report; never changes the host", HP_FOR_CHECK, hp_cmd_check},
    {"fix", NULL, "plan, apply, verify, report; --dry-run stops after the plan", HP_FOR_FIX, hp_cmd_fix},
    {"undo", "[RUN]", "put back what a fix run changed (default: the latest run that changed something)", HP_FOR_UNDO,
     hp_cmd_undo},
    {"reboot-status", NULL, "is a reboot needed, of which kind, and why", HP_FOR_REBOOT_STATUS, hp_cmd_reboot_status},
    {"explain", "[ID]", "what a check looks at, why it matters, how it is fixed and undone", HP_FOR_EXPLAIN,
     hp_cmd_explain},
    {"list", NULL, "the checks", HP_FOR_LIST, hp_cmd_list},
    {"capture", NULL, "record what the checks read, for support and for tests", HP_FOR_CAPTURE, hp_cmd_capture},
    {"report", NULL, "print the last report of this boot again, with its age", HP_FOR_REPORT, hp_cmd_report},
    {"version", NULL, "version, schema, libraries and policy", HP_FOR_VERSION, hp_cmd_version},
    {NULL, NULL, NULL, 0, NULL}};

static int set_root(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->root = value;
	return 0;
}

static int set_policy(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->policy = value;
	return 0;
}

static int set_only(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->only = value;
	return 0;
}

static int set_skip(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->skip = value;
	return 0;
}

static int set_tag(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->tag = value;
	return 0;
}

static int set_record(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->record = value;
	return 0;
}

static int set_replay(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)err;
	o->replay = value;
	return 0;
}

static int set_state_dir(struct hp_options *o, const char *value, struct hp_err *err)
{
	if (!*value)
		return hp_fail(err, "--state-dir wants a directory");
	o->state_dir = value;
	return 0;
}

static int set_dry_run(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->dry_run = true;
	return 0;
}

static int set_refresh(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->refresh = true;
	return 0;
}

static int set_enter_maintenance(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->enter_maintenance = true;
	return 0;
}

static int set_bios(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->bios = true;
	return 0;
}

static int set_localcli(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->localcli = true;
	return 0;
}

static int set_plan(struct hp_options *o, const char *value, struct hp_err *err)
{
	size_t n = 0;
	while (hp_lower(value[n]) >= 'a' ? hp_lower(value[n]) <= 'f' : value[n] >= '0' && value[n] <= '9')
		n++;
	if (value[n] || n < PLAN_MIN || n > HP_PLAN_DIGEST)
		return hp_fail(err, "--plan wants the digest that `hostprep fix --dry-run` prints, not \"%s\"", value);
	o->plan = value;
	return 0;
}

static int set_override(struct hp_options *o, const char *value, struct hp_err *err)
{
	if (hp_gates_check(value, err) < 0)
		return -1;
	o->overrides = o->overrides ? hp_format(o->arena, "%s,%s", o->overrides, value) : value;
	return 0;
}

static const struct {
	const char *word;
	enum hp_format format;
	unsigned commands;
} formats[] = {
    {"text", HP_FORMAT_TEXT, HP_FOR_ALL},
    {"json", HP_FORMAT_JSON, HP_FOR_ALL},
    {"esxcli", HP_FORMAT_ESXCLI, HP_FOR_ALL},
    {"esxcli-list", HP_FORMAT_ESXCLI_LIST, HP_FOR_ALL & ~(unsigned)(HP_FOR_EXPLAIN | HP_FOR_LIST)},
};

static int find_format(const struct hp_options *o, struct hp_str word, enum hp_format *ret, struct hp_err *err)
{
	unsigned commands = o->command ? o->command->bit : HP_FOR_ALL;
	char known[256] = ""; /* longer than all of them */
	size_t n = 0;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (!(formats[i].commands & commands))
			continue;
		if (hp_str_eq(word, formats[i].word)) {
			*ret = formats[i].format;
			return 0;
		}
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", formats[i].word);
	}
	return hp_fail(err, "unknown format \"%.*s\"; known: %s", (int)word.n, word.p, known);
}

static int set_format(struct hp_options *o, const char *value, struct hp_err *err)
{
	return find_format(o, hp_str(value), &o->format, err);
}

static int set_output(struct hp_options *o, const char *value, struct hp_err *err)
{
	const char *colon = strchr(value, ':');
	if (!colon || !colon[1])
		return hp_fail(err, "--output wants FORMAT:PATH, such as json:/tmp/report.json");
	if (o->output_count == HP_OUTPUTS_MAX)
		return hp_fail(err, "--output stands more than %d times", HP_OUTPUTS_MAX);
	struct hp_str word = {value, (size_t)(colon - value)};
	if (find_format(o, word, &o->outputs[o->output_count].format, err) < 0)
		return -1;
	o->outputs[o->output_count++].path = colon + 1;
	return 0;
}

static int read_count(const char *value, const char *option, unsigned most, unsigned *ret, struct hp_err *err)
{
	uint64_t n;
	if (!hp_number(hp_str(value), 10, most, &n) || n < 1)
		return hp_fail(err, "%s wants a whole number from 1 to %u, not \"%s\"", option, most, value);
	*ret = (unsigned)n;
	return 0;
}

static int set_timeout(struct hp_options *o, const char *value, struct hp_err *err)
{
	return read_count(value, "--timeout", 86400, &o->timeout_s, err);
}

static int set_deadline(struct hp_options *o, const char *value, struct hp_err *err)
{
	return read_count(value, "--deadline", 86400, &o->deadline_s, err);
}

static int set_jobs(struct hp_options *o, const char *value, struct hp_err *err)
{
	return read_count(value, "--jobs", 64, &o->jobs, err);
}

static int set_fail_on(struct hp_options *o, const char *value, struct hp_err *err)
{
	if (!hp_severity_find(hp_str(value), &o->fail_on) || o->fail_on == HP_INFO)
		return hp_fail(err, "--fail-on wants blocker, major or minor, not \"%s\"", value);
	return 0;
}

static int set_color(struct hp_options *o, const char *value, struct hp_err *err)
{
	if (strcmp(value, "auto") == 0)
		o->color = HP_COLOR_AUTO;
	else if (strcmp(value, "always") == 0)
		o->color = HP_COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		o->color = HP_COLOR_NEVER;
	else
		return hp_fail(err, "--color wants auto, always or never, not \"%s\"", value);
	return 0;
}

static int set_quiet(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->quiet = true;
	return 0;
}

static int set_verbose(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->verbose = true;
	return 0;
}

static int set_help(struct hp_options *o, const char *value, struct hp_err *err)
{
	(void)value;
	(void)err;
	o->help = true;
	return 0;
}

#define CHANGES (HP_FOR_FIX | HP_FOR_UNDO)
#define READS (HP_FOR_CHECK | HP_FOR_REBOOT_STATUS | HP_FOR_CAPTURE | CHANGES)
#define SELECTS (READS & ~(unsigned)HP_FOR_UNDO)
#define JUDGES (HP_FOR_CHECK | HP_FOR_REBOOT_STATUS | CHANGES)

const struct hp_option hp_options_table[] = {
    {"root", "DIR", "look for the host's tools and files under DIR instead of /",
     READS | HP_FOR_REPORT | HP_FOR_VERSION, set_root},
    {"policy", "FILE",
     "policy to judge by (-: standard input); else /scratch/hostprep/policy.yaml, else "
     "/opt/hostprep/etc/policy.yaml, else the built-in one",
     READS | HP_FOR_VERSION, set_policy},
    {"state-dir", "DIR", "ledger and backups (default /scratch/hostprep, under the root)", READS, set_state_dir},
    {"dry-run", NULL, "stop after the plan: print what would be changed, and the plan's digest", CHANGES, set_dry_run},
    {"plan", "DIGEST", "apply only if the host still gives the plan with this digest", CHANGES, set_plan},
    {"enter-maintenance", NULL, "enter maintenance mode first; refused while VMs run; never left again", CHANGES,
     set_enter_maintenance},
    {"bios", NULL, "set what is wrong in the BIOS too, over the BMC: it is staged for the next reset", HP_FOR_FIX,
     set_bios},
    {"override", "GATE,...",
     "go on although a gate is closed: esx, devices, maintenance-mode, running-vms, rebooting-image, bootbank; or "
     "persistence (leave what would not outlive the boot), repeat (set again what boots have lost)",
     CHANGES, set_override},
    {"only", "ID,...", "only these checks; * and ? match", SELECTS, set_only},
    {"skip", "ID,...", "all but these checks", SELECTS, set_skip},
    {"tag", "T,...", "only checks with one of these tags (hostprep list shows them)", SELECTS, set_tag},
    {"format", "F",
     "what goes to standard output: text (default) or json; for plug-ins of hostd esxcli (the JSON as one string) or "
     "esxcli-list (structures)",
     HP_FOR_ALL & ~(unsigned)HP_FOR_CAPTURE, set_format},
    {"output", "F:PATH", "the same report in format F to a file too; may be repeated; written whole or not at all",
     JUDGES, set_output},
    {"record", "FILE", "write what was read to a capture; a name ending in .gz is gzip", READS, set_record},
    {"replay", "FILE", "judge a capture instead of a host (fix: with --dry-run only)", SELECTS, set_replay},
    {"localcli", NULL, "ask localcli alone, never esxcli: for a plug-in of hostd, which must not ask hostd",
     READS & ~(unsigned)CHANGES, set_localcli},
    {"refresh", NULL, "ask the BMC anew for the firmware of the PCIe switch boards, which is kept for four hours",
     JUDGES, set_refresh},
    {"timeout", "S", "seconds for one call (default 60)", READS, set_timeout},
    {"deadline", "S", "seconds for the whole run (default 600)", READS, set_deadline},
    {"jobs", "N", "calls side by side (default 4)", READS, set_jobs},
    {"fail-on", "SEV", "lowest severity that counts for the exit code: blocker, major or minor (default)", JUDGES,
     set_fail_on},
    {"color", "WHEN", "auto (default), always or never; NO_COLOR is obeyed", JUDGES, set_color},
    {"quiet", NULL, "print only what is not pass", JUDGES, set_quiet},
    {"verbose", NULL, "print what passes too, and each call on standard error", READS, set_verbose},
    {"help", NULL, "this text", HP_FOR_ALL, set_help},
    {NULL, NULL, NULL, 0, NULL}};

static const struct hp_command *find_command(const char *name)
{
	for (const struct hp_command *c = hp_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static const struct hp_option *find_option(struct hp_str name)
{
	for (const struct hp_option *o = hp_options_table; o->name; o++)
		if (hp_str_eq(name, o->name))
			return o;
	return NULL;
}

/* Options that were given, to be held against the command when it is known: it may stand after them. */
struct given {
	const struct hp_option *options[64];
	const char *values[64];
	size_t count;
};

static int read_option(char **argv, int argc, int *at, struct given *given, struct hp_err *err)
{
	struct hp_str name = hp_str(argv[*at] + 2);
	const char *value = strchr(name.p, '=');
	if (value)
		name.n = (size_t)(value++ - name.p);
	const struct hp_option *option = find_option(name);
	if (!option)
		return hp_fail(err, "unknown option --%.*s", (int)name.n, name.p);
	if (!option->value && value)
		return hp_fail(err, "--%s takes no value", option->name);
	if (option->value && !value) {
		if (*at + 1 >= argc)
			return hp_fail(err, "--%s wants a value: %s", option->name, option->value);
		value = argv[++*at];
	}
	if (given->count == sizeof given->options / sizeof given->options[0])
		return hp_fail(err, "too many options");
	given->values[given->count] = value;
	given->options[given->count++] = option;
	return 0;
}

static int read_word(const char *word, struct hp_options *o, struct hp_err *err)
{
	if (!o->command) {
		o->command = find_command(word);
		return o->command ? 0 : hp_fail(err, "unknown command \"%s\"", word);
	}
	if (!o->command->argument || o->id)
		return hp_fail(err, "hostprep %s: unexpected argument \"%s\"", o->command->name, word);
	o->id = word;
	return 0;
}

/* The command, its argument and -h into o; options into given. Takes no memory. */
static int read_line(int argc, char **argv, struct hp_options *o, struct given *given, struct hp_err *err)
{
	bool words_only = false;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (words_only || arg[0] != '-' || !arg[1]) {
			if (read_word(arg, o, err) < 0)
				return -1;
		} else if (strcmp(arg, "--") == 0) {
			words_only = true;
		} else if (strcmp(arg, "-h") == 0) {
			o->help = true;
		} else if (strcmp(arg, "--version") == 0 && !o->command) {
			o->command = find_command("version");
		} else if (arg[1] != '-') {
			return hp_fail(err, "unknown option %s", arg);
		} else if (read_option(argv, argc, &i, given, err) < 0) {
			return -1;
		}
	}
	return 0;
}

void hp_options_glance(int argc, char **argv, const struct hp_command **ret_command, enum hp_format *ret_format)
{
	struct hp_options o = {.format = HP_FORMAT_TEXT};
	struct given given = {.count = 0};
	struct hp_err err;
	(void)read_line(argc, argv, &o, &given, &err);
	for (size_t i = 0; i < given.count; i++)
		if (given.options[i]->set == set_format)
			(void)set_format(&o, given.values[i], &err);
	*ret_command = o.command;
	*ret_format = o.format;
}

int hp_options_parse(struct hp_arena *a, int argc, char **argv, struct hp_options *ret, struct hp_err *err)
{
	struct hp_options o = {.arena = a, .jobs = 4, .fail_on = HP_MINOR};
	struct given given = {.count = 0};
	if (read_line(argc, argv, &o, &given, err) < 0)
		return -1;
	for (size_t i = 0; i < given.count; i++) {
		if (o.command && !(given.options[i]->commands & o.command->bit))
			return hp_fail(err, "hostprep %s takes no --%s", o.command->name, given.options[i]->name);
		if (given.options[i]->set(&o, given.values[i], err) < 0)
			return -1;
	}
	if (!o.command && !o.help)
		return hp_fail(err, "which command?");
	if (o.replay && o.command && o.command->bit == HP_FOR_FIX && !o.dry_run)
		return hp_fail(err, "hostprep fix --replay wants --dry-run: a capture cannot be changed");
	if (o.root && o.replay)
		return hp_fail(err, "--root and --replay exclude each other: a capture needs no host");
	*ret = o;
	return 0;
}
