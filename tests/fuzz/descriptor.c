/* descriptor.xml: whatever stands in it, each line that is said of it is one clean line; what is read obeys the limits;
 * the tree, written and read again, is the same; and two that differ in one element are not the same.
 *
 * Input: the text. */
#include <string.h>

#include "../../vib/descriptor.h"
#include "fuzz.h"

static size_t nodes;

static void judge_tree(const struct hp_xml *node, unsigned depth)
{
	size_t n = 0;
	MUST(depth <= HP_XML_DEPTH && ++nodes <= HP_XML_NODES && *node->name && node->line);
	MUST(node->text && fuzz_utf8(hp_str(node->text)) && fuzz_utf8(hp_str(node->name)));
	MUST(hp_str_same(hp_str_trim(hp_str(node->text)), hp_str(node->text)));
	for (const struct hp_xml_attribute *a = node->attributes; a->name; a++)
		MUST(fuzz_utf8(hp_str(a->value)) && hp_xml_attribute(node, a->name) == a->value);
	for (const struct hp_xml *c = node->first; c; c = c->next, n++) {
		judge_tree(c, depth + 1);
		bool first = hp_xml_child(node, c->name) == c;
		MUST(first || hp_xml_child(node, c->name)->position < c->position);
		MUST(!hp_xml_again(c) || strcmp(hp_xml_again(c)->name, c->name) == 0);
	}
	MUST(n == node->count);
}

static void judge(const struct hp_audit *audit, const struct hp_descriptor *d)
{
	MUST(*d->type && *d->name && *d->version && *d->vendor);
	MUST(d->payload_count <= HP_PAYLOADS);
	for (size_t i = 0; i < d->payload_count; i++) {
		const char *name = d->payloads[i].name;
		MUST(*name && strlen(name) <= HP_PAYLOAD_NAME && !strchr(name, '/') && d->payloads[i].type);
		for (size_t k = 0; k < i; k++)
			MUST(strcmp(d->payloads[k].name, name) != 0);
	}
	if (audit->wrong)
		return;
	MUST(!strpbrk(d->name, "/ \n") && !strpbrk(d->version, "/ \n") && !strpbrk(d->vendor, "\n"));
	MUST(hp_str_starts(hp_str(d->id), d->vendor) && hp_str_ends(hp_str(d->id), d->version));
	for (size_t i = 0; i < d->file_count; i++)
		MUST(*d->files[i] && *d->files[i] != '/' && strlen(d->files[i]) <= 99);
}

static void read_again(struct hp_arena *a, const struct hp_xml *tree)
{
	struct hp_buf b = hp_buf(a);
	struct hp_xml *again = NULL;
	struct hp_err err = {""};
	hp_xml_write(&b, tree);
	MUST(hp_xml_tree(a, hp_built(&b), "t", &again, &err) == 0);
	MUST(hp_xml_same(tree, again) && hp_xml_same(again, tree) && hp_xml_same(tree, tree));
	/* an element more, at its end */
	struct hp_str text = hp_built(&b);
	struct hp_buf more = hp_buf(a);
	size_t tail = strlen(tree->name) + strlen("</>");
	if (hp_str_ends(text, "/>"))
		return;
	hp_put(&more, hp_str_sub(text, 0, text.n - tail));
	hp_puts(&more, "<surplus/>");
	hp_put(&more, hp_str_sub(text, text.n - tail, text.n));
	if (hp_xml_tree(a, hp_built(&more), "t", &again, &err) == 0)
		MUST(!hp_xml_same(tree, again) && !hp_xml_same(again, tree) &&
		     (hp_xml_child(tree, "surplus") ||
		      hp_xml_same_but(tree, again, (const char *const[]){"surplus", NULL})));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_audit audit;
	struct hp_xml *tree = NULL;
	struct hp_err err = {""};
	nodes = 0;
	if (hp_xml_tree(a, input, "t", &tree, &err) < 0) {
		MUST(fuzz_placed(err.text, "t", true) && fuzz_one_line(err.text));
		return;
	}
	judge_tree(tree, 1);
	read_again(a, tree);
	struct hp_descriptor *d = hp_alloc(a, sizeof *d);
	hp_audit_begin(&audit, a);
	if (hp_descriptor_read(&audit, "t", tree, d))
		judge(&audit, d);
	else
		MUST(audit.wrong);
	for (size_t i = 0; i < audit.count; i++)
		MUST(fuzz_one_line(audit.lines[i].text) && fuzz_one_line(audit.lines[i].where));
}
