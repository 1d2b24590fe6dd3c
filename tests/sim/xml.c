#include "xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

struct level {
	struct sim_xml *xml;
	struct sim_xml **tail;
	struct sim_buf text;
};

struct reading {
	XML_Parser parser;
	struct level levels[MAX_DEPTH];
	size_t depth;
	struct sim_xml *root;
	const char *problem;
};

static void stop(struct reading *reading, const char *problem)
{
	if (reading->problem == NULL) {
		reading->problem = problem;
	}
	(void)XML_StopParser(reading->parser, XML_FALSE);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *reading = data;
	struct sim_xml *xml = sim_alloc(sizeof *xml);
	size_t count = 0;

	if (reading->depth == MAX_DEPTH) {
		stop(reading, "nested too deeply");
		return;
	}
	while (attributes[count] != NULL) {
		count++;
	}
	xml->attributes = sim_alloc((count + 1) * sizeof *xml->attributes);
	for (size_t i = 0; i < count; i++) {
		xml->attributes[i] = sim_copy(attributes[i], strlen(attributes[i]));
	}
	xml->name = sim_copy(name, strlen(name));
	xml->text = "";
	xml->line = (size_t)XML_GetCurrentLineNumber(reading->parser);
	if (reading->depth == 0) {
		reading->root = xml;
	} else {
		struct level *parent = &reading->levels[reading->depth - 1];

		*parent->tail = xml;
		parent->tail = &xml->next;
	}
	reading->levels[reading->depth++] = (struct level){.xml = xml, .tail = &xml->first};
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct reading *reading = data;

	(void)name;
	const struct level *level = &reading->levels[--reading->depth];
	level->xml->text = level->text.len == 0 ? "" : level->text.data;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len)
{
	struct reading *reading = data;

	if (reading->depth > 0) {
		sim_buf_bytes(&reading->levels[reading->depth - 1].text, text, (size_t)len);
	}
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
			       int internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)internal;
	stop(data, "a document type is not allowed");
}

const struct sim_xml *sim_xml_parse(const char *data, size_t len, const char **ret_problem)
{
	struct reading *reading = sim_alloc(sizeof *reading);

	reading->parser = XML_ParserCreate(NULL);
	if (reading->parser == NULL || len > INT_MAX) {
		sim_die("no XML parser");
	}
	XML_SetUserData(reading->parser, reading);
	XML_SetElementHandler(reading->parser, on_start, on_end);
	XML_SetCharacterDataHandler(reading->parser, on_text);
	XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
	const bool good = XML_Parse(reading->parser, data, (int)len, 1) == XML_STATUS_OK;
	if (!good) {
		const char *problem =
		    reading->problem != NULL ? reading->problem : XML_ErrorString(XML_GetErrorCode(reading->parser));

		*ret_problem =
		    sim_fmt("%s (line %lu)", problem, (unsigned long)XML_GetCurrentLineNumber(reading->parser));
	}
	XML_ParserFree(reading->parser);
	return good ? reading->root : NULL;
}

const struct sim_xml *sim_xml_child(const struct sim_xml *xml, const char *name)
{
	for (const struct sim_xml *child = xml == NULL ? NULL : xml->first; child != NULL; child = child->next) {
		if (sim_eq(child->name, name)) {
			return child;
		}
	}
	return NULL;
}

size_t sim_xml_count(const struct sim_xml *xml, const char *name)
{
	size_t count = 0;

	for (const struct sim_xml *child = xml == NULL ? NULL : xml->first; child != NULL; child = child->next) {
		count += sim_eq(child->name, name);
	}
	return count;
}

static const char *trim(const char *text)
{
	static const char blanks[] = " \t\r\n";

	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL) {
		len--;
	}
	return sim_copy(text, len);
}

const char *sim_xml_trimmed(const struct sim_xml *xml)
{
	return trim(xml->text);
}

const char *sim_xml_text(const struct sim_xml *xml, const char *name, const char *fallback)
{
	const struct sim_xml *child = sim_xml_child(xml, name);

	return child == NULL ? fallback : trim(child->text);
}

const char *sim_xml_attribute(const struct sim_xml *xml, const char *name, const char *fallback)
{
	for (const char **at = xml == NULL ? NULL : xml->attributes; at != NULL && *at != NULL; at += 2) {
		if (sim_eq(*at, name)) {
			return at[1];
		}
	}
	return fallback;
}

bool sim_xml_same(const struct sim_xml *a, const struct sim_xml *b)
{
	if (a == NULL || b == NULL) {
		return a == b;
	}
	if (!sim_eq(a->name, b->name) || !sim_eq(trim(a->text), trim(b->text))) {
		return false;
	}
	size_t count = 0;
	for (const char **at = a->attributes; *at != NULL; at += 2) {
		const char *other = sim_xml_attribute(b, *at, NULL);

		if (other == NULL || !sim_eq(other, at[1])) {
			return false;
		}
		count += 2;
	}
	for (const char **at = b->attributes; *at != NULL; at++) {
		if (count-- == 0) {
			return false;
		}
	}
	const struct sim_xml *left = a->first;
	const struct sim_xml *right = b->first;
	while (left != NULL && right != NULL && sim_xml_same(left, right)) {
		left = left->next;
		right = right->next;
	}
	return left == NULL && right == NULL;
}
