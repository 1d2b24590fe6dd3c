/* hostprep: picks the command and returns its exit code. */
#include <signal.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/session.h"
#include "io/file.h"

/* What stands on stdout when memory runs out: a valid document all the same. */
static const char no_memory_json[] =
    "{\"schema\": \"hostprep.host\", \"schema_version\": \"" HP_SCHEMA_VERSION
    "\", \"scan_id\": null, \"command\": null,\n"
    " \"tool\": {\"name\": \"hostprep\", \"version\": null, \"commit\": null},\n"
    " \"policy\": {\"name\": null, \"source\": null, \"sha256\": null},\n"
    " \"host\": {\"name\": null, \"uuid\": null, \"vendor\": null, \"model\": null, \"serial\": null,\n"
    "  \"esx\": {\"product\": null, \"version\": null, \"build\": null},\n"
    "  \"boot\": {\"id\": null, \"uptime_s\": null, \"quick_boot\": null}},\n"
    " \"started\": null, \"finished\": null, \"duration_ms\": 0, \"complete\": false,\n"
    " \"selection\": {\"only\": null, \"skip\": null, \"tag\": null, \"fail_on\": \"minor\"},\n"
    " \"verdict\": \"error\", \"exit_code\": 1,\n"
    " \"reboot\": {\"required\": null, \"kind\": \"none\", \"reasons\": []},\n"
    " \"summary\": {\"pass\": 0, \"fail\": 0, \"regressing\": 0, \"pending-reboot\": 0, \"unknown\": 0,\n"
    "  \"not-applicable\": 0, \"skipped\": 0, \"waived\": 0},\n"
    " \"findings\": [], \"changes\": [], \"plan\": null, \"run\": null, \"reboot_since\": null,\n"
    " \"errors\": [{\"where\": \"memory\", \"text\": \"out of memory\"}]}\n";

static int run(struct hp_arena *a, int argc, char **argv)
{
	struct hp_options options;
	struct hp_err err;
	if (hp_options_parse(a, argc, argv, &options, &err) < 0) {
		hp_complain(err.text);
		hp_complain("`hostprep --help` lists commands and options");
		return HP_EXIT_USAGE;
	}
	if (options.help)
		return hp_print(hp_help_text(a, options.command)) ? HP_EXIT_OK : HP_EXIT_NO_VERDICT;
	return options.command->run(a, &options);
}

static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--format=json") == 0 ||
		    (strcmp(argv[i], "--format") == 0 && i + 1 < argc && strcmp(argv[i + 1], "json") == 0))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static struct hp_arena arena;
	static jmp_buf full;
	/* A closed SSH channel must not end a run; writes to it fail and are looked at. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	hp_standard_fds();
	hp_arena_init(&arena, HP_ARENA_LIMIT, &full);
	if (setjmp(full)) {
		hp_complain("out of memory");
		hp_arena_free(&arena);
		if (wants_json(argc, argv))
			(void)hp_print(hp_str(no_memory_json));
		return HP_EXIT_NO_VERDICT;
	}
	int code = run(&arena, argc, argv);
	hp_arena_free(&arena);
	return code;
}
