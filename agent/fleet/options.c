#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/flags.h"
#include "../io/file.h"
#include "../io/program.h"
#include "../report/report.h"
#include "../report/wrap.h"
#include "version.h"

const struct hp_fleet_command hp_fleet_commands[] = {
    {"merge", "FILE|DIR...", "make one fleet document of hosts' reports: files, folders, NDJSON, gzip, of any engine",
     1, SIZE_MAX, "", "hosts baseline output quiet", hp_fleet_cmd_merge},
    {"html", "FLEET.json", "make one page of it, which needs no server", 1, 1, "output", "quiet", hp_fleet_cmd_html},
    {"diff", "OLD NEW", "newly failing, fixed, still failing; hosts added and gone; changes of the policy", 2, 2, "",
     "format output color verbose", hp_fleet_cmd_diff},
    {"summary", "FLEET.json", "what fails on which hosts and what mends it; hosts not scanned; reboots", 1, 1, "",
     "output color verbose", hp_fleet_cmd_summary},
    {"csv", "FLEET.json", "a line for each host, check and subject", 1, 1, "", "output", hp_fleet_cmd_csv},
    {"junit", "FLEET.json", "JUnit XML: a suite for each host", 1, 1, "", "output", hp_fleet_cmd_junit},
    {"prometheus", "FLEET.json", "metrics for node_exporter's textfile collector", 1, 1, "", "output",
     hp_fleet_cmd_prometheus},
    {"version", NULL, "print the version", 0, 0, "", "", hp_fleet_cmd_version},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, NULL}};

static const struct hp_flag options[] = {
    {"hosts", 0, "FILE", "the hosts that are expected, one in a line; each of them gets a row",
     offsetof(struct hp_fleet_options, hosts)},
    {"baseline", 0, "FLEET.json", "an earlier fleet document: what has changed since is added",
     offsetof(struct hp_fleet_options, baseline)},
    {"output", 'o', "FILE", "where it goes (default: standard output); written whole or not at all",
     offsetof(struct hp_fleet_options, output)},
    {"format", 0, "text|json", "diff: text (default) or json", offsetof(struct hp_fleet_options, format)},
    {"color", 0, "WHEN", "auto (default), always or never; NO_COLOR is never", offsetof(struct hp_fleet_options, when)},
    {"verbose", 'v', NULL, "every host, and all that is still failing", offsetof(struct hp_fleet_options, verbose)},
    {"quiet", 'q', NULL, "no progress on stderr", offsetof(struct hp_fleet_options, quiet)},
    {"help", 'h', NULL, "this text", offsetof(struct hp_fleet_options, help)},
};
#define OPTIONS (sizeof options / sizeof options[0])

static const struct {
	const char *code, *text;
} exits[] = {
    {"0", "all hosts are compliant"},
    {"1", "hostprep-report itself failed"},
    {"2", "some host fails"},
    {"3", "none fails, but some host was not scanned or is unknown"},
    {"4", "compliant once some hosts are rebooted"},
    {"64", "usage"},
};

static bool takes(const struct hp_fleet_command *c, const struct hp_flag *o)
{
	return o->letter == 'h' || hp_words_have(c->needed, o->name) || hp_words_have(c->taken, o->name);
}

static int read_option(struct hp_fleet_options *to, const char *arg, const char *next, bool *ret_used_next,
		       struct hp_err *err)
{
	const char *value;
	const struct hp_flag *o = hp_flag_find(options, OPTIONS, arg, &value);
	*ret_used_next = false;
	if (!o)
		return hp_fail(err, "unknown option %.100s", arg);
	if (to->command && !takes(to->command, o))
		return hp_fail(err, "%s does not take --%s", to->command->name, o->name);
	return hp_flag_set(to, o, value, next, ret_used_next, err);
}

static int find_command(struct hp_fleet_options *to, const char *word, struct hp_err *err)
{
	for (const struct hp_fleet_command *c = hp_fleet_commands; c->name; c++) {
		if (strcmp(word, c->name) == 0) {
			to->command = c;
			return 0;
		}
	}
	return hp_fail(err, "unknown command \"%s\"", word);
}

static int check_needs(const struct hp_fleet_options *o, struct hp_err *err)
{
	if (o->help)
		return 0;
	if (!o->command)
		return hp_fail(err, "a command is missing");
	if (o->file_count < o->command->files_least || o->file_count > o->command->files_most)
		return hp_fail(err, "%s wants %s", o->command->name,
			       o->command->argument ? o->command->argument : "nothing after it");
	const struct hp_flag *missing = hp_flag_missing(options, OPTIONS, o, o->command->needed);
	if (missing)
		return hp_fail(err, "%s wants --%s %s", o->command->name, missing->name, missing->value);
	if (o->format && strcmp(o->format, "text") != 0 && strcmp(o->format, "json") != 0)
		return hp_fail(err, "--format is text or json, not \"%s\"", o->format);
	if (o->when && strcmp(o->when, "auto") != 0 && strcmp(o->when, "always") != 0 && strcmp(o->when, "never") != 0)
		return hp_fail(err, "--color is auto, always or never, not \"%s\"", o->when);
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* What is read is not written over: a baseline may be, since it has been read by then. */
static int check_output(const struct hp_fleet_options *o, struct hp_err *err)
{
	for (size_t i = 0; o->output && i <= o->file_count; i++) {
		const char *given = i < o->file_count ? o->files[i] : o->hosts;
		if (given && same_file(o->output, given))
			return hp_fail(err, "--output is %s, which is to be read", given);
	}
	return 0;
}

static bool colored(const char *when)
{
	const char *no_color = getenv("NO_COLOR");
	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return !(no_color && *no_color) && hp_is_terminal(1);
}

int hp_fleet_options_parse(struct hp_arena *a, int argc, char **argv, struct hp_fleet_options *ret, struct hp_err *err)
{
	const char **files = hp_alloc_array(a, (size_t)argc + 1, sizeof *files);
	struct hp_fleet_options o = {.files = files};
	bool words_only = false;
	/* The command decides which options there are, so it is looked for first. */
	if (argc > 1 && argv[1][0] != '-' && find_command(&o, argv[1], err) < 0)
		return -1;
	for (int i = o.command ? 2 : 1; i < argc; i++) {
		bool used_next = false;
		if (!words_only && strcmp(argv[i], "--") == 0) {
			words_only = true;
		} else if (words_only || argv[i][0] != '-' || !argv[i][1]) {
			if (!o.command)
				return hp_fail(err, "the command comes first, before options");
			files[o.file_count++] = argv[i];
		} else {
			if (read_option(&o, argv[i], argv[i + 1], &used_next, err) < 0)
				return -1;
			i += used_next;
		}
	}
	if (check_needs(&o, err) < 0)
		return -1;
	if (check_output(&o, err) < 0)
		return -1;
	o.color = colored(o.when);
	*ret = o;
	return 0;
}

static void put_option(struct hp_arena *a, struct hp_buf *b, const struct hp_flag *o)
{
	hp_putf(b, "%-26s", hp_format(a, "  %s", hp_flag_head(a, o)));
	hp_wrap_from(b, o->help, 26, 26);
}

struct hp_str hp_fleet_help(struct hp_arena *a, const struct hp_fleet_command *command)
{
	struct hp_buf b = hp_buf(a);
	if (command) {
		hp_putf(&b, "hostprep-report %s%s%s [options]\n\n", command->name, command->argument ? " " : "",
			command->argument ? command->argument : "");
		hp_wrap(&b, command->summary, 2);
	} else {
		hp_puts(&b, "hostprep-report: what the reports of many hosts say together\n\n"
			    "usage: hostprep-report COMMAND [options]\n\n");
		for (const struct hp_fleet_command *c = hp_fleet_commands; c->name; c++) {
			hp_putf(&b, "  %-24s", hp_format(a, "%s %s", c->name, c->argument ? c->argument : ""));
			hp_wrap_from(&b, c->summary, 26, 26);
		}
	}
	hp_puts(&b, "\noptions:\n");
	for (size_t i = 0; i < OPTIONS; i++)
		if (!command || takes(command, &options[i]))
			put_option(a, &b, &options[i]);
	hp_puts(&b, "\nexit codes:\n");
	for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
		hp_putf(&b, "  %-4s%s\n", exits[i].code, exits[i].text);
	return hp_built(&b);
}

struct hp_str hp_fleet_man_page(struct hp_arena *a)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(&b,
		".Dd November 26, 2026\n.Dt HOSTPREP-REPORT 1\n.Os\n.Sh NAME\n.Nm hostprep-report\n"
		".Nd what the reports of many hosts say together\n.Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n"
		".Sh DESCRIPTION\nMerges reports of hostprep into one fleet document, in which each host has one row,\n"
		"and prints what is in it.\nA host that could not be read is never passed.\n"
		".Sh COMMANDS\n.Bl -tag -width Ds\n");
	for (const struct hp_fleet_command *c = hp_fleet_commands; c->name; c++)
		hp_putf(&b, ".It Cm %s%s%s\n%s\n", c->name, c->argument ? " Ar " : "", c->argument ? c->argument : "",
			c->summary);
	hp_puts(&b, ".El\n.Sh OPTIONS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < OPTIONS; i++)
		hp_putf(&b, ".It %s%sFl -%s%s%s\n%s\n",
			options[i].letter ? hp_format(a, "Fl %c , ", options[i].letter) : "", "", options[i].name,
			options[i].value ? " Ar " : "", options[i].value ? options[i].value : "", options[i].help);
	hp_puts(&b, ".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
		hp_putf(&b, ".It %s\n%s\n", exits[i].code, exits[i].text);
	hp_puts(&b, ".El\n.Sh SEE ALSO\n.Xr hostprep 8 ,\n.Xr hostprep-fleet 1\n");
	return hp_built(&b);
}

int hp_fleet_failed(const struct hp_err *err)
{
	hp_program_say("hostprep-report", err->text);
	return HP_EXIT_NO_VERDICT;
}

int hp_fleet_cmd_version(struct hp_arena *a, const struct hp_fleet_options *o)
{
	(void)o;
	return hp_fd_write(1, hp_str(hp_format(a, "hostprep-report %s\n", HP_VERSION))) ? HP_EXIT_OK
											: HP_EXIT_NO_VERDICT;
}
