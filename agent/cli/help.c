/* --help and the man page, from the tables in options.c. */
#include "options.h"

#include <string.h>

static const struct {
	const char *code, *text;
} exits[] = {
    {"0", "compliant, nothing pending"},
    {"1", "no verdict: the program itself failed, or this is no ESX host"},
    {"2", "a finding fails or regresses"},
    {"3", "nothing fails, but something is unknown"},
    {"4", "compliant once the host is rebooted"},
    {"64", "usage"},
    {"75", "another run holds the lock"},
    {"77", "not root (never with --root)"},
    {"78", "bad policy"},
};

static void put_words(struct hp_buf *b, const char *text, int indent)
{
	struct hp_str rest = hp_str(text), word;
	int at = indent;
	while (hp_next_word(&rest, &word)) {
		if (at > indent && at + 1 + (int)word.n > 80) {
			hp_putf(b, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			hp_puts(b, " ");
			at++;
		}
		hp_put(b, word);
		at += (int)word.n;
	}
	hp_puts(b, "\n");
}

struct hp_str hp_help_text(struct hp_arena *a, const struct hp_command *command)
{
	struct hp_buf b = hp_buf(a);
	if (command) {
		hp_putf(&b, "hostprep %s%s%s [options]\n\n  ", command->name, command->argument ? " " : "",
			command->argument ? command->argument : "");
		put_words(&b, command->summary, 2);
	} else {
		hp_puts(&b, "hostprep: is this ESX host ready for GPUDirect RDMA, and what is missing?\n\n"
			    "usage: hostprep COMMAND [options]\n\n");
		for (const struct hp_command *c = hp_commands; c->name; c++) {
			hp_putf(
			    &b, "  %-16s",
			    hp_format(a, "%s%s%s", c->name, c->argument ? " " : "", c->argument ? c->argument : ""));
			put_words(&b, c->summary, 18);
		}
	}
	hp_puts(&b, "\noptions:\n");
	for (const struct hp_option *o = hp_options_table; o->name; o++) {
		if (command && !(o->commands & command->bit))
			continue;
		hp_putf(&b, "  %-22s",
			hp_format(a, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : ""));
		put_words(&b, o->help, 24);
	}
	if (!command || command->bit == HP_FOR_CHECK) {
		hp_puts(&b, "\nexit codes:\n");
		for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
			hp_putf(&b, "  %-4s%s\n", exits[i].code, exits[i].text);
	}
	return hp_built(&b);
}

/* mdoc macros end sentences and lines by themselves; a leading dot or quote would be one. */
struct hp_str hp_man_page(struct hp_arena *a)
{
	struct hp_buf b = hp_buf(a);
	hp_puts(
	    &b,
	    ".Dd November 22, 2026\n.Dt HOSTPREP 8\n.Os\n.Sh NAME\n.Nm hostprep\n"
	    ".Nd prepare an ESX host for GPUDirect RDMA\n.Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n"
	    ".Sh DESCRIPTION\nReads what an ESX host says of its kernel settings, HCAs and GPUs, judges it against a "
	    "policy and reports.\nWhat could not be read is never passed.\n.Sh COMMANDS\n.Bl -tag -width Ds\n");
	for (const struct hp_command *c = hp_commands; c->name; c++)
		hp_putf(&b, ".It Cm %s%s%s\n%s\n", c->name, c->argument ? " Ar " : "", c->argument ? c->argument : "",
			c->summary);
	hp_puts(&b, ".El\n.Sh OPTIONS\n.Bl -tag -width Ds\n");
	for (const struct hp_option *o = hp_options_table; o->name; o++)
		hp_putf(&b, ".It Fl -%s%s%s\n%s\n", o->name, o->value ? " Ar " : "", o->value ? o->value : "", o->help);
	hp_puts(&b, ".El\n.Sh FILES\n.Bl -tag -width Ds\n.It Pa /scratch/hostprep/policy.yaml\nthe site's policy\n"
		    ".It Pa /opt/hostprep/etc/policy.yaml\nthe policy that a site's VIB carries\n"
		    ".It Pa /var/run/hostprep/\nlast report and boot token; lost at boot\n");
	hp_puts(&b, ".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
		hp_putf(&b, ".It %s\n%s\n", exits[i].code, exits[i].text);
	hp_puts(&b, ".El\n");
	return hp_built(&b);
}
