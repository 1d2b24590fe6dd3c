/* memory FILE.case…: the whole way of a case with one allocation from the arena failed, each (by sweep_step) until none
 * fails. Each time control must come back to where it belongs, with nothing leaked (run it with AddressSanitizer). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/io/file.h"
#include "../cases/case.h"
#include "sweep_step.h"

static struct hp_arena work;
static jmp_buf full;

static void whole_way(struct hp_str text, const char *path)
{
	struct hp_text_style style = {.verbose = true};
	struct case_run run;
	struct case_file c;
	struct hp_err err;
	if (case_read(&work, text, path, &c, &err) < 0) {
		printf("%s\n", err.text);
		exit(1);
	}
	case_run(&work, &c, &c.capture, &run);
	/* The plan is made of every case, and told here whatever the command is. */
	run.report.changes = run.plan.changes;
	run.report.change_count = run.plan.change_count;
	run.report.plan = run.plan.digest;
	(void)hp_report_text(&work, &run.report, &style);
	(void)hp_report_reboot_text(&work, &run.report);
	(void)hp_report_json(&work, &run.report);
	(void)hp_capture_text(&work, &c.capture);
}

/* False when an allocation failed. */
static bool attempt(struct hp_str text, const char *path, unsigned long fail_at)
{
	hp_arena_init(&work, HP_ARENA_LIMIT, &full);
	work.fail_at = fail_at;
	if (setjmp(full)) {
		hp_arena_free(&work);
		return false;
	}
	whole_way(text, path);
	hp_arena_free(&work);
	return true;
}

int main(int argc, char **argv)
{
	unsigned long all = 0;
	for (int i = 1; i < argc; i++) {
		struct hp_arena arena;
		struct hp_str text;
		unsigned long n = 1;
		hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
		if (hp_file_read(&arena, argv[i], HP_CAPTURE_LIMIT, &text, NULL)) {
			printf("%s cannot be read\n", argv[i]);
			return 1;
		}
		while (!attempt(text, argv[i], n)) {
			all++;
			n += i == 1 ? sweep_step_first() : sweep_step();
		}
		hp_arena_free(&arena);
	}
	printf("%d cases, %lu failed allocations\n", argc - 1, all);
	return argc < 2 || all == 0;
}
