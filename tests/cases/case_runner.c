/* case_runner FILE.case…: runs each case from its capture to its report and plan, and compares. */
#include <stdio.h>
#include <string.h>

#include "../../agent/io/file.h"
#include "case.h"

static int run(struct hp_arena *a, const char *path)
{
	struct case_file c;
	struct case_run result;
	struct hp_str text;
	struct hp_err err;
	int code = hp_file_read(a, path, HP_CAPTURE_LIMIT, &text, NULL);
	if (code) {
		printf("%s: cannot be read: %s\n", path, strerror(code));
		return 1;
	}
	if (case_read(a, text, path, &c, &err) < 0) {
		printf("%s\n", err.text);
		return 1;
	}
	case_run(a, &c, &c.capture, &result);
	unsigned differences = case_compare(a, &c, &result);
	const char *broken = case_broken_law(a, &c, &result);
	if (broken) {
		printf("  %s\n", broken);
		differences++;
	}
	if (differences)
		printf("%s: %u differences\n\n", path, differences);
	return differences != 0;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 1; i < argc; i++) {
		struct hp_arena arena;
		hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
		failed += run(&arena, argv[i]);
		hp_arena_free(&arena);
	}
	printf("%d cases, %d fail\n", argc - 1, failed);
	return argc < 2 || failed;
}
