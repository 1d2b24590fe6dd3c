#include "options.h"

#include <string.h>

#include "../agent/base/flags.h"
#include "../agent/report/wrap.h"

const struct hp_vib_command hp_vib_commands[] = {
    {"build", "make a .vib of a descriptor and a folder", NULL, "descriptor payload output", "quiet", hp_vib_cmd_build},
    {"bundle", "make an offline bundle, which vLCM imports, of a .vib", NULL, "vib component output", "quiet",
     hp_vib_cmd_bundle},
    {"sign", "sign a .vib (for shops with a partner's certificate)", "IN.vib", "key cert output", "quiet",
     hp_vib_cmd_sign},
    {"list", "show what is in it", "FILE.vib|FILE.zip", "", "", hp_vib_cmd_list},
    {"verify", "is it whole and right, and would ESX 8 and 9 take it", "FILE.vib|FILE.zip", "",
     "cafile packaged verbose quiet", hp_vib_cmd_verify},
    {"version", "print the version", NULL, "", "", hp_vib_cmd_version},
    {NULL, NULL, NULL, NULL, NULL, NULL}};

static const struct hp_flag options[] = {
    {"descriptor", 0, "FILE", "what the VIB is called and needs (YAML)", offsetof(struct hp_vib_options, descriptor)},
    {"payload", 0, "DIR", "the folder whose files go to the host's root", offsetof(struct hp_vib_options, payload)},
    {"vib", 0, "FILE", "the VIB that goes into the bundle", offsetof(struct hp_vib_options, vib)},
    {"component", 0, "FILE", "the component's name, vendor and platforms (YAML)",
     offsetof(struct hp_vib_options, component)},
    {"key", 0, "FILE", "private key, PEM, not encrypted", offsetof(struct hp_vib_options, key)},
    {"cert", 0, "FILE", "certificate of that key, PEM; those of its issuers may follow",
     offsetof(struct hp_vib_options, cert)},
    {"cafile", 0, "FILE", "certificates to trust, PEM: each signature must lead to one of them",
     offsetof(struct hp_vib_options, cafile)},
    {"packaged", 0, "FILE.zip", "the bundle that the .vib should have come in: its checksum covers every byte",
     offsetof(struct hp_vib_options, packaged)},
    {"output", 'o', "FILE", "what is made; written whole or not at all", offsetof(struct hp_vib_options, output)},
    {"verbose", 'v', NULL, "say what is right, too", offsetof(struct hp_vib_options, verbose)},
    {"quiet", 'q', NULL, "print only what is wrong", offsetof(struct hp_vib_options, quiet)},
    {"help", 'h', NULL, "this text", offsetof(struct hp_vib_options, help)},
};
#define OPTIONS (sizeof options / sizeof options[0])

static bool takes(const struct hp_vib_command *c, const struct hp_flag *o)
{
	return o->letter == 'h' || hp_words_have(c->needed, o->name) || hp_words_have(c->taken, o->name);
}

static int read_option(struct hp_vib_options *to, const char *arg, const char *next, bool *ret_used_next,
		       struct hp_err *err)
{
	const char *value;
	const struct hp_flag *o = hp_flag_find(options, OPTIONS, arg, &value);
	*ret_used_next = false;
	if (!o)
		return hp_fail(err, "unknown option %.100s", arg);
	if (to->command && !takes(to->command, o))
		return hp_fail(err, "vibpack %s takes no --%s", to->command->name, o->name);
	return hp_flag_set(to, o, value, next, ret_used_next, err);
}

static const struct hp_vib_command *find_command(const char *name)
{
	for (const struct hp_vib_command *c = hp_vib_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int read_word(struct hp_vib_options *o, const char *word, struct hp_err *err)
{
	if (!o->command) {
		o->command = find_command(word);
		return o->command ? 0 : hp_fail(err, "unknown command \"%.100s\"", word);
	}
	if (!o->command->file || o->file)
		return hp_fail(err, "vibpack %s: unexpected argument \"%.100s\"", o->command->name, word);
	o->file = word;
	return 0;
}

static int check_needed(const struct hp_vib_options *o, struct hp_err *err)
{
	const struct hp_flag *missing = hp_flag_missing(options, OPTIONS, o, o->command->needed);
	if (missing)
		return hp_fail(err, "vibpack %s wants --%s %s", o->command->name, missing->name, missing->value);
	if (o->command->file && !o->file)
		return hp_fail(err, "vibpack %s wants a file: %s", o->command->name, o->command->file);
	return 0;
}

int hp_vib_options_parse(struct hp_arena *a, int argc, char **argv, struct hp_vib_options *ret, struct hp_err *err)
{
	struct hp_vib_options o = {.command = NULL};
	bool words_only = false;
	(void)a;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		bool used_next = false;
		if (words_only || arg[0] != '-' || !arg[1]) {
			if (read_word(&o, arg, err) < 0)
				return -1;
		} else if (strcmp(arg, "--") == 0) {
			words_only = true;
		} else if (strcmp(arg, "--version") == 0 && !o.command) {
			o.command = find_command("version");
		} else if (!o.command && strcmp(arg, "--help") != 0 && strcmp(arg, "-h") != 0) {
			return hp_fail(err, "the command comes first: vibpack COMMAND %.100s", arg);
		} else if (read_option(&o, arg, i + 1 < argc ? argv[i + 1] : NULL, &used_next, err) < 0) {
			return -1;
		}
		i += used_next;
	}
	if (!o.command && !o.help)
		return hp_fail(err, "which command?");
	if (!o.help && check_needed(&o, err) < 0)
		return -1;
	*ret = o;
	return 0;
}

static void put_usage(struct hp_buf *b, const struct hp_vib_command *c)
{
	hp_putf(b, "vibpack %s", c->name);
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct hp_flag *o = &options[i];
		if (hp_words_have(c->needed, o->name) && o->letter == 'o')
			continue;
		if (hp_words_have(c->needed, o->name))
			hp_putf(b, " --%s %s", o->name, o->value);
	}
	if (c->file)
		hp_putf(b, " %s", c->file);
	hp_puts(b, hp_words_have(c->needed, "output") ? " -o FILE\n" : "\n");
}

struct hp_str hp_vib_help(struct hp_arena *a, const struct hp_vib_command *command)
{
	struct hp_buf b = hp_buf(a);
	if (!command)
		hp_puts(&b, "vibpack: makes and checks VIBs and offline bundles for ESX.\n\n");
	for (const struct hp_vib_command *c = hp_vib_commands; c->name; c++) {
		if (command && c != command)
			continue;
		put_usage(&b, c);
		hp_wrap(&b, c->summary, 6);
	}
	hp_puts(&b, "\noptions:\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct hp_flag *o = &options[i];
		if (command && !takes(command, o))
			continue;
		hp_putf(&b, "  %-24s", hp_flag_head(a, o));
		hp_wrap_from(&b, o->help, 26, 26);
	}
	hp_puts(&b, "\nexit codes: 0 done, or all right; 1 failed or refused; 2 verify: something is\n"
		    "wrong; 64 usage\n");
	return hp_built(&b);
}
