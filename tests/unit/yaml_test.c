#include "../../agent/base/yaml.h"
#include "unit.h"

static struct hp_yaml *parse(struct hp_arena *a, const char *text)
{
	struct hp_yaml *root = NULL;
	struct hp_err err = {""};
	if (hp_yaml_parse(a, hp_str(text), "p.yaml", &root, &err) < 0)
		fail_msg("%s", err.text);
	return root;
}

static void refused(struct hp_arena *a, const char *text, const char *place, const char *words)
{
	struct hp_yaml *root = (struct hp_yaml *)0x1;
	struct hp_err err = {""};
	assert_int_equal(hp_yaml_parse(a, hp_str(text), "p.yaml", &root, &err), -1);
	assert_ptr_equal(root, (struct hp_yaml *)0x1); /* untouched */
	assert_has(err.text, words);
	if (strncmp(err.text, place, strlen(place)) != 0)
		fail_msg("%s: not at %s", err.text, place);
}

static void a_tree_with_places(void **state)
{
	struct hp_arena *a = *state;
	struct hp_yaml *root = parse(a, "# policy\nname: site\nlist: [a, 'b']\n\nmap:\n  key: \"v\"\n");
	assert_int_equal(root->kind, HP_YAML_MAP);
	struct hp_yaml *name = root->first, *list = name->next, *map = list->next;
	assert_str(a, name->key, "name");
	assert_str(a, name->text, "site");
	assert_int_equal(name->key_line, 2);
	assert_int_equal(name->key_column, 1);
	assert_int_equal(name->column, 7);
	assert_false(name->quoted);
	assert_int_equal(list->kind, HP_YAML_LIST);
	assert_str(a, list->first->text, "a");
	assert_true(list->first->next->quoted);
	assert_null(list->first->next->next);
	assert_int_equal(map->kind, HP_YAML_MAP);
	assert_int_equal(map->first->key_line, 6);
	assert_int_equal(map->first->key_column, 3);
	assert_int_equal(map->first->line, 6);
	assert_true(map->first->quoted);
	assert_null(map->next);
}

static void nothing_is_no_document(void **state)
{
	struct hp_arena *a = *state;
	struct hp_yaml *root;
	struct hp_err err;
	assert_null(parse(a, ""));
	assert_null(parse(a, "# only a comment\n"));
	root = (struct hp_yaml *)0x1;
	assert_int_equal(hp_yaml_parse(a, (struct hp_str){NULL, 0}, "p", &root, &err), 0);
	assert_null(root);
}

static void what_is_refused(void **state)
{
	struct hp_arena *a = *state;
	refused(a, "a: 1\nb: 2\n  a: 3\n", "p.yaml:3:", "");
	refused(a, "a: 1\nb: 2\na: 3\n", "p.yaml:3:1:", "\"a\" stands here twice (first in line 1)");
	refused(a, "m: {x: 1, x: 2}\n", "p.yaml:1:11:", "twice");
	refused(a, "a: &x 1\nb: *x\n", "p.yaml:1:4:", "anchors");
	refused(a, "b: *x\n", "p.yaml:1:4:", "aliases");
	refused(a, "a: !!str 1\n", "p.yaml:1:4:", "tags");
	refused(a, "a: !x {b: 1}\n", "p.yaml:1:4:", "tags");
	refused(a, "a: &y [1]\n", "p.yaml:1:4:", "anchors");
	refused(a, "? [a]\n: 1\n", "p.yaml:1:3:", "plain text");
	refused(a, "a: 1\n---\nb: 2\n", "p.yaml:2:1:", "second document");
	refused(a, "a: [1, 2\n", "p.yaml:2:1:", "");
	refused(a, "a: \"x\n", "p.yaml:2:1:", "");
	refused(a, "\tx: 1\n", "p.yaml:1:1:", "");
	refused(a, "a: \x01\n", "p.yaml:1:", "");
	refused(a, "a: \xff\n", "p.yaml:1:", "");
}

static void depth_and_size(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf deep = hp_buf(a), wide = hp_buf(a), bomb = hp_buf(a);
	for (int i = 0; i <= HP_YAML_DEPTH; i++)
		hp_puts(&deep, "[");
	for (int i = 0; i <= HP_YAML_DEPTH; i++)
		hp_puts(&deep, "]");
	assert_non_null(parse(a, hp_built_text(&deep)));
	refused(a, hp_format(a, "[%s]", hp_built_text(&deep)), "p.yaml:1:", "too deep");
	for (int i = 0; i < 10000; i++)
		hp_puts(&bomb, "[");
	refused(a, hp_built_text(&bomb), "p.yaml:1:", "");
	for (int i = 0; i < HP_YAML_NODES; i++)
		hp_puts(&wide, "- x\n");
	refused(a, hp_built_text(&wide), "p.yaml:20000:", "too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(a_tree_with_places), UNIT_TEST(nothing_is_no_document),
					   UNIT_TEST(what_is_refused), UNIT_TEST(depth_and_size)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
