#include "../../vib/xml_tree.h"
#include "unit.h"

static struct hp_xml *tree_of(struct hp_arena *a, const char *text)
{
	struct hp_xml *tree = NULL;
	struct hp_err err;
	if (hp_xml_tree(a, hp_str(text), "x", &tree, &err) < 0)
		fail_msg("%s", err.text);
	return tree;
}

static void refused(struct hp_arena *a, const char *text, const char *why)
{
	struct hp_xml *tree = (struct hp_xml *)a;
	struct hp_err err = {""};
	assert_int_equal(hp_xml_tree(a, hp_str(text), "x", &tree, &err), -1);
	assert_ptr_equal(tree, a);
	assert_has(err.text, why);
	assert_has(err.text, "x:");
}

static void test_reading(void **state)
{
	struct hp_xml *t =
	    tree_of(*state, "<?xml version='1.0'?>\n<a p='1' q='&lt;&#10;'> t <!-- c --><b/>u\n<?i?><c>v</c>"
			    "<b> w<![CDATA[<&>]]> </b>\n</a>");
	assert_string_equal(t->name, "a");
	assert_string_equal(t->text, "t u");
	assert_string_equal(hp_xml_attribute(t, "p"), "1");
	assert_string_equal(hp_xml_attribute(t, "q"), "<\n");
	assert_null(hp_xml_attribute(t, "r"));
	assert_int_equal(t->line, 2);
	assert_int_equal(t->count, 3);
	const struct hp_xml *b = hp_xml_child(t, "b");
	assert_string_equal(b->text, "");
	assert_string_equal(hp_xml_again(b)->text, "w<&>");
	assert_null(hp_xml_again(hp_xml_again(b)));
	assert_string_equal(hp_xml_text(t, "c"), "v");
	assert_null(hp_xml_text(t, "d"));
	assert_int_equal(hp_xml_again(b)->line, 3);
}

static void test_refused(void **state)
{
	refused(*state, "", "x:1:1: is no well-formed XML");
	refused(*state, "<a>\n <b></a>", "x:2:");
	refused(*state, "<a/><b/>", "junk after document element");
	refused(*state, "<a b='1' b='2'/>", "duplicate attribute");
	refused(*state, "<a>&b;</a>", "undefined entity");
	refused(*state, "<!DOCTYPE a><a/>", "has a document type declaration");
	refused(*state, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "has a document type declaration");
	refused(*state, "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "has a document type declaration");
	refused(*state, "<a>\xff</a>", "not well-formed");
	struct hp_xml *tree;
	struct hp_err err;
	assert_int_equal(hp_xml_tree(*state, (struct hp_str){"<a>\0</a>", 8}, "x", &tree, &err), -1);
}

static void nested(struct hp_buf *b, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		hp_puts(b, "<a>");
	for (unsigned i = 0; i < depth; i++)
		hp_puts(b, "</a>");
}

static void test_limits(void **state)
{
	struct hp_buf b = hp_buf(*state), c = hp_buf(*state), d = hp_buf(*state);
	nested(&b, HP_XML_DEPTH);
	(void)tree_of(*state, hp_built_text(&b));
	nested(&c, HP_XML_DEPTH + 1);
	refused(*state, hp_built_text(&c), "is nested too deep");
	hp_puts(&d, "<a>");
	for (unsigned i = 1; i < HP_XML_NODES; i++)
		hp_puts(&d, "<b/>");
	struct hp_buf e = hp_buf(*state);
	hp_put(&e, hp_built(&d));
	hp_puts(&d, "</a>");
	(void)tree_of(*state, hp_built_text(&d));
	hp_puts(&e, "<b/></a>");
	refused(*state, hp_built_text(&e), "has too many elements");
}

static void test_same(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} pairs[] = {{"<a/>", "<a></a>", true},
		     {"<a/>", "<a> \n</a>", true},
		     {"<a>x</a>", "<a> x </a>", true},
		     {"<a p='1' q='2'/>", "<a q='2' p='1'/>", true},
		     {"<a><b/><c/></a>", "<a><c/><b/></a>", true},
		     {"<a><b>1</b><c/><b>2</b></a>", "<a><c/><b>1</b><b>2</b></a>", true},
		     {"<a/>", "<b/>", false},
		     {"<a/>", "<a>x</a>", false},
		     {"<a p='1'/>", "<a/>", false},
		     {"<a p='1'/>", "<a p='2'/>", false},
		     {"<a p='1'/>", "<a q='1'/>", false},
		     {"<a p='1'/>", "<a p='1' q=''/>", false},
		     {"<a><b/></a>", "<a/>", false},
		     {"<a><b/></a>", "<a><b/><b/></a>", false},
		     {"<a><b/><b/><c/></a>", "<a><b/><c/><c/></a>", false},
		     {"<a><b>1</b><b>2</b></a>", "<a><b>2</b><b>1</b></a>", false},
		     {"<a><b><c>1</c></b></a>", "<a><b><c>2</c></b></a>", false},
		     {"<a><b><c/></b></a>", "<a><b/><c/></a>", false}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct hp_xml *one = tree_of(*state, pairs[i].one), *other = tree_of(*state, pairs[i].other);
		if (hp_xml_same(one, other) != pairs[i].same || hp_xml_same(other, one) != pairs[i].same)
			fail_msg("%s and %s", pairs[i].one, pairs[i].other);
	}
}

static void test_same_but(void **state)
{
	static const char *const but[] = {"x", "y", NULL};
	struct hp_xml *one = tree_of(*state, "<a><x>1</x><b><x>1</x></b></a>");
	assert_true(hp_xml_same_but(one, tree_of(*state, "<a><b><x>1</x></b></a>"), but));
	assert_true(hp_xml_same_but(one, tree_of(*state, "<a><b><x>1</x></b><y/><x>2</x><x/></a>"), but));
	assert_false(hp_xml_same_but(one, tree_of(*state, "<a><b><x>2</x></b></a>"), but));
	assert_false(hp_xml_same_but(one, tree_of(*state, "<a><b/></a>"), but));
	assert_false(hp_xml_same_but(one, tree_of(*state, "<a><z/><b><x>1</x></b></a>"), but));
	assert_false(hp_xml_same_but(one, tree_of(*state, "<a>t<b><x>1</x></b></a>"), but));
}

static void test_writing(void **state)
{
	struct hp_buf b = hp_buf(*state);
	hp_xml_write(&b, tree_of(*state, "<a p='\"&lt;&#10;'>&amp;<b/>]]&gt;<c>d</c></a>"));
	assert_string_equal(hp_built_text(&b), "<a p=\"&quot;&lt;&#10;\">&amp;]]&gt;<b/><c>d</c></a>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(test_reading), UNIT_TEST(test_refused),  UNIT_TEST(test_limits),
					   UNIT_TEST(test_same),    UNIT_TEST(test_same_but), UNIT_TEST(test_writing)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
