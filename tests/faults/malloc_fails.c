/* malloc_fails FILE.case…: the same with malloc itself failing, in the program and in the libraries that it uses
 * (libyaml, zlib and libcrypto have memory of their own), with a packed capture and a policy. Whatever fails, there is
 * an answer, an error that names memory, or "out of memory"; and never another answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../agent/io/file.h"
#include "../cases/case.h"
#include "failing_malloc.h"

static struct hp_arena work;
static jmp_buf full;
static const char policy[] = "name: a\ndevices:\n  hca: [\"15b3:1021\", \"15b3:1023\"]\nchecks:\n"
			     "  kernel-ats-support: {want: true, severity: major}\naccept_default: true\n";

enum outcome { ANSWERED, REFUSED, FULL };

/* ret_json: in the arena, when ANSWERED. */
static enum outcome whole_way(const char *packed, struct hp_str *ret_json, struct hp_err *err)
{
	struct case_file c;
	struct case_run run;
	if (setjmp(full))
		return FULL;
	memset(&c, 0, sizeof c);
	if (hp_capture_load(&work, packed, &c.capture, err) < 0 || hp_policy_builtin(&work, &c.policy, err) < 0 ||
	    hp_policy_overlay(&work, hp_str(policy), "policy", &c.policy, err) < 0 ||
	    hp_select(&work, &c.selection, err) < 0)
		return REFUSED;
	c.options.command = &hp_commands[0];
	c.options.fail_on = HP_MINOR;
	case_run(&work, &c, &c.capture, &run);
	run.report.policy.sha256 = c.policy.sha256;
	if (hp_capture_save(&work, &c.capture, packed, err) < 0)
		return REFUSED;
	*ret_json = hp_report_json(&work, &run.report);
	return ANSWERED;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/hostprep-malloc-XXXXXX", packed[64];
	int bad = 0;
	unsigned long all = 0;
	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(packed, sizeof packed, "%s/case.gz", folder);
	for (int i = 1; i < argc; i++) {
		struct hp_arena arena;
		struct hp_capture capture;
		struct hp_err err;
		struct hp_str right = {NULL, 0}, json;
		hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
		if (hp_capture_load(&arena, argv[i], &capture, &err) < 0 ||
		    hp_capture_save(&arena, &capture, packed, &err) < 0) {
			printf("%s\n", err.text);
			return 1;
		}
		for (unsigned long n = 0;; n++) {
			hp_arena_init(&work, HP_ARENA_LIMIT, &full);
			malloc_fails_at(n);
			enum outcome outcome = whole_way(packed, &json, &err);
			bool hit = malloc_has_failed();
			malloc_fails_at(0);
			if (n == 0 && outcome == ANSWERED) {
				right = (struct hp_str){hp_copy(&arena, json), json.n};
			} else if (outcome == ANSWERED && !hp_str_same(json, right)) {
				printf("%s: allocation %lu failed, and the answer is another one\n", argv[i], n);
				bad++;
			} else if (outcome == REFUSED && !hp_str_has(hp_str(err.text), "memory") &&
				   !hp_str_has(hp_str(err.text), "packing")) {
				printf("%s: allocation %lu failed, and the error is: %s\n", argv[i], n, err.text);
				bad++;
			}
			hp_arena_free(&work);
			all += hit;
			if (n && !hit)
				break;
		}
		hp_arena_free(&arena);
	}
	(void)unlink(packed);
	(void)rmdir(folder);
	printf("%d cases, %lu failed allocations, %d wrong\n", argc - 1, all, bad);
	return argc < 2 || bad;
}
