/* JSON: what is read, written and read again is the same; what is refused is refused with its place. */
#include <string.h>

#include "../../agent/base/json.h"
#include "fuzz.h"

/* A key that stands twice: whichever value were taken, the other one would be lost. */
static void judge_twice(struct hp_arena *a, json_t *root)
{
	const char *key = json_object_iter_key(json_object_iter(root));
	json_t *one = json_object();
	if (!key || json_object_set_new(one, key, json_integer(1)))
		return;
	struct hp_str text = hp_str_trim(hp_json_text(a, one));
	struct hp_str inner = hp_str_sub(text, 1, text.n - 1);
	struct hp_buf b = hp_buf(a);
	hp_puts(&b, "{");
	hp_put(&b, inner);
	hp_puts(&b, ",");
	hp_put(&b, inner);
	hp_puts(&b, "}");
	MUST(hp_json_parse(a, text, NULL) && !hp_json_parse(a, hp_built(&b), NULL));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_err err = {""};
	json_t *root = hp_json_parse(a, input, &err);
	if (!root) {
		MUST(strncmp(err.text, "line ", 5) == 0 && fuzz_one_line(err.text));
		return;
	}
	struct hp_str text = hp_json_text(a, root);
	MUST(text.n > 1 && text.p[text.n - 1] == '\n' && fuzz_utf8(text));
	json_t *again = hp_json_parse(a, text, &err);
	MUST(again && json_equal(root, again));
	MUST(hp_str_same(text, hp_json_text(a, again)));
	judge_twice(a, root);
	/* A document that was cut is none. */
	for (size_t n = text.n - 2, tried = 0; n && tried < 64; n--, tried++)
		MUST(!hp_json_parse(a, hp_str_sub(text, 0, n), NULL));
}
