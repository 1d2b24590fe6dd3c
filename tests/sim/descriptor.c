/* The descriptor of a VIB: its schema, levels and versions. */
#include "softerror.h"
#include "vibfile.h"

#include <string.h>

static const char alnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static const struct {
	const char *level;
	const char *name;
} levels[] = {{"community", "CommunitySupported"},
	      {"partner", "PartnerSupported"},
	      {"accepted", "VMwareAccepted"},
	      {"certified", "VMwareCertified"}};

const char *sim_level_long(const char *level)
{
	const int rank = sim_level_rank(level);

	return rank < 0 ? NULL : levels[rank].name;
}

const char *sim_level_short(const char *name)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (sim_eq(levels[i].name, name)) {
			return levels[i].level;
		}
	}
	return NULL;
}

int sim_level_rank(const char *level)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (sim_eq(levels[i].level, level)) {
			return (int)i;
		}
	}
	return -1;
}

/* Runs of digits by number, runs of anything else by their bytes. */
int sim_version_compare(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	while (*a != '\0' && *b != '\0') {
		const size_t left = strspn(a, digits);
		const size_t right = strspn(b, digits);

		if (left > 0 && right > 0) {
			uint64_t x = 0;
			uint64_t y = 0;

			(void)sim_number(sim_copy(a, left), &x);
			(void)sim_number(sim_copy(b, right), &y);
			if (x != y) {
				return x < y ? -1 : 1;
			}
			a += left;
			b += right;
		} else if (*a != *b) {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return *a == *b ? 0 : *a == '\0' ? -1 : 1;
}

/* ---- the descriptor ---- */

/* Every shape error of a descriptor; how a host words them is not known. */
#define FORMAT(...) sim_soft_guess("VibFormatError", __VA_ARGS__)

static bool made_of(const char *text, const char *more)
{
	const char *set = sim_fmt("%s%s", alnum, more);

	return *text != '\0' && strspn(text, set) == strlen(text);
}

static bool is_bool(const char *text)
{
	return sim_eq(text, "true") || sim_eq(text, "false");
}

/* 2019-12-17T15:17:12.395670+00:00; fraction and zone may be missing */
static bool is_date(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00";
	size_t at = 0;

	for (; form[at] != '\0'; at++) {
		const bool digit = text[at] >= '0' && text[at] <= '9';

		if (text[at] == '\0' || (form[at] == '0' ? !digit : text[at] != form[at])) {
			return false;
		}
	}
	text += at;
	if (*text == '.') {
		const size_t len = strspn(text + 1, "0123456789");

		if (len == 0) {
			return false;
		}
		text += 1 + len;
	}
	return *text == '\0' || sim_eq(text, "Z") ||
	       ((*text == '+' || *text == '-') && strlen(text) == 6 && text[3] == ':');
}

static const char *check_children(const struct sim_xml *xml, bool depot)
{
	static const struct {
		const char *name;
		bool required;
		bool depot_only;
	} known[] = {
	    {"type", true, false},
	    {"name", true, false},
	    {"version", true, false},
	    {"vendor", true, false},
	    {"summary", true, false},
	    {"description", true, false},
	    {"release-date", true, false},
	    {"urls", false, false},
	    {"relationships", true, false},
	    {"software-tags", true, false},
	    {"system-requires", true, false},
	    {"file-list", true, false},
	    {"acceptance-level", false, false},
	    {"live-install-allowed", true, false},
	    {"live-remove-allowed", true, false},
	    {"cimom-restart", true, false},
	    {"stateless-ready", true, false},
	    {"overlay", true, false},
	    {"payloads", true, false},
	    {"relative-path", true, true},
	    {"packed-size", true, true},
	    {"checksum", false, true},
	};
	const size_t count = sizeof known / sizeof known[0];

	for (size_t i = 0; i < count; i++) {
		const size_t there = sim_xml_count(xml, known[i].name);

		if (there > 1) {
			return FORMAT("Element %s is there %zu times", known[i].name, there);
		}
		if (there == 0 && known[i].required && (depot || !known[i].depot_only)) {
			return FORMAT("Element %s is missing", known[i].name);
		}
	}
	for (const struct sim_xml *child = xml->first; child != NULL; child = child->next) {
		bool good = false;

		for (size_t i = 0; i < count && !good; i++) {
			good = sim_eq(known[i].name, child->name) && (depot || !known[i].depot_only);
		}
		if (!good) {
			return FORMAT("(line %zu) Unexpected element %s", child->line, child->name);
		}
	}
	return NULL;
}

static const char *check_values(const struct sim_xml *xml)
{
	static const char *const flags[] = {"live-install-allowed", "live-remove-allowed", "cimom-restart",
					    "stateless-ready", "overlay"};
	const char *type = sim_xml_text(xml, "type", "");
	const char *version = sim_xml_text(xml, "version", "");
	const char *dash = strchr(version, '-');

	if (!sim_eq(type, "bootbank") && !sim_eq(type, "locker") && !sim_eq(type, "meta")) {
		return FORMAT("VIB type '%s'", type);
	}
	if (!made_of(sim_xml_text(xml, "name", ""), "-_.")) {
		return FORMAT("VIB name '%s'", sim_xml_text(xml, "name", ""));
	}
	if (!made_of(version, "-_.") ||
	    (dash != NULL && (dash == version || dash[1] == '\0' || strchr(dash + 1, '-')))) {
		return FORMAT("VIB version '%s'", version);
	}
	if (!made_of(sim_xml_text(xml, "vendor", ""), "-.")) { /* an underscore would make the id ambiguous */
		return FORMAT("VIB vendor '%s'", sim_xml_text(xml, "vendor", ""));
	}
	if (*sim_xml_text(xml, "summary", "") == '\0' || strchr(sim_xml_text(xml, "summary", ""), '\n') != NULL) {
		return FORMAT("the summary is not one line");
	}
	if (!is_date(sim_xml_text(xml, "release-date", ""))) {
		return FORMAT("release-date '%s'", sim_xml_text(xml, "release-date", ""));
	}
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (!is_bool(sim_xml_text(xml, flags[i], ""))) {
			return FORMAT("%s '%s'", flags[i], sim_xml_text(xml, flags[i], ""));
		}
	}
	const struct sim_xml *requires = sim_xml_child(xml, "system-requires");
	if (!is_bool(sim_xml_text(requires, "maintenance-mode", ""))) {
		/* DevKits of 6.5 and later have attributes for install and remove; not simulated */
		return FORMAT("maintenance-mode '%s'", sim_xml_text(requires, "maintenance-mode", ""));
	}
	return NULL;
}

static const char *check_relationships(const struct sim_xml *xml)
{
	static const char *const kinds[] = {"depends", "conflicts", "replaces", "provides", "compatibleWith"};
	const struct sim_xml *relationships = sim_xml_child(xml, "relationships");

	for (const struct sim_xml *kind = relationships->first; kind != NULL; kind = kind->next) {
		bool known = false;

		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
			known = known || sim_eq(kinds[i], kind->name);
		}
		if (!known) {
			return FORMAT("(line %zu) Unexpected element %s", kind->line, kind->name);
		}
		const char *child_name = sim_eq(kind->name, "provides") ? "provide" : "constraint";
		for (const struct sim_xml *child = kind->first; child != NULL; child = child->next) {
			if (!sim_eq(child->name, child_name) || sim_xml_attribute(child, "name", NULL) == NULL) {
				return FORMAT("(line %zu) Unexpected element %s", child->line, child->name);
			}
		}
	}
	return NULL;
}

static const char *read_files(struct sim_vibfile *vib)
{
	const struct sim_xml *list = sim_xml_child(vib->xml, "file-list");

	vib->files = sim_alloc((sim_xml_count(list, "file") + 1) * sizeof *vib->files);
	for (const struct sim_xml *file = list->first; file != NULL; file = file->next) {
		const char *path = sim_xml_trimmed(file);
		const size_t len = strlen(path);

		if (!sim_eq(file->name, "file")) {
			return FORMAT("(line %zu) Unexpected element %s", file->line, file->name);
		}
		if (len == 0 || len > 99 || path[0] == '/' || path[len - 1] == '/') {
			return FORMAT("file '%s': 1 to 99 characters, no slash at either end", path);
		}
		for (size_t i = 0; i < vib->file_count; i++) {
			if (sim_eq(vib->files[i], path)) {
				return FORMAT("file '%s' is listed twice", path);
			}
		}
		vib->files[vib->file_count++] = path;
	}
	return NULL;
}

static const char *read_checksum(const struct sim_xml *xml, struct sim_payload *payload)
{
	const char *kind = sim_xml_attribute(xml, "checksum-type", "");
	const char *process = sim_xml_attribute(xml, "verify-process", "");
	const char *value = sim_xml_trimmed(xml);
	const size_t len = sim_eq(kind, "sha-256") ? 64 : sim_eq(kind, "sha-1") ? 40 : 0;
	const char **place = sim_eq(kind, "sha-1")	 ? &payload->sha1_gunzip
			     : sim_eq(process, "gunzip") ? &payload->sha256_gunzip
							 : &payload->sha256;

	if (!sim_eq(xml->name, "checksum") || len == 0 ||
	    !(sim_eq(process, "gunzip") || (*process == '\0' && len == 64)) || strlen(value) != len ||
	    strspn(value, "0123456789abcdef") != len || *place != NULL) {
		return FORMAT("payload %s: (line %zu) bad checksum element", payload->name, xml->line);
	}
	*place = value;
	return NULL;
}

static const char *read_payloads(struct sim_vibfile *vib)
{
	static const char *const types[] = {"vgz", "tgz", "boot", "upgrade", "bootloader", "bootisobios", "bootisoefi"};
	const struct sim_xml *list = sim_xml_child(vib->xml, "payloads");

	vib->payloads = sim_alloc((sim_xml_count(list, "payload") + 1) * sizeof *vib->payloads);
	for (const struct sim_xml *xml = list->first; xml != NULL; xml = xml->next) {
		struct sim_payload *payload = &vib->payloads[vib->payload_count];
		bool known = false;

		payload->name = sim_xml_attribute(xml, "name", "");
		payload->type = sim_xml_attribute(xml, "type", "");
		for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
			known = known || sim_eq(types[i], payload->type);
		}
		if (!sim_eq(xml->name, "payload") || !made_of(payload->name, "_-.") || strlen(payload->name) > 15) {
			return FORMAT("payload name '%s': 1 to 15 of 0-9 A-Z a-z _ - .", payload->name);
		}
		if (!known || !sim_number(sim_xml_attribute(xml, "size", ""), &payload->size)) {
			return FORMAT("payload %s: type '%s', size '%s'", payload->name, payload->type,
				      sim_xml_attribute(xml, "size", ""));
		}
		for (size_t i = 0; i < vib->payload_count; i++) {
			if (sim_eq(vib->payloads[i].name, payload->name)) {
				return FORMAT("payload %s is there twice", payload->name);
			}
		}
		for (const struct sim_xml *sum = xml->first; sum != NULL; sum = sum->next) {
			const char *problem = read_checksum(sum, payload);

			if (problem != NULL) {
				return problem;
			}
		}
		vib->payload_count++;
	}
	return vib->payload_count == 0 ? FORMAT("no payload") : NULL;
}

bool sim_vib_flag(const struct sim_vibfile *vib, const char *name)
{
	return sim_eq(sim_xml_text(vib->xml, name, "false"), "true");
}

const char *sim_descriptor_read(const char *text, size_t len, bool depot, struct sim_vibfile *ret_vib)
{
	struct sim_vibfile vib = {.descriptor_text = text, .descriptor_len = len};
	const char *problem = NULL;

	vib.xml = sim_xml_parse(text, len, &problem);
	if (vib.xml == NULL) {
		return FORMAT("Could not parse the VIB descriptor: %s", problem);
	}
	const char *schema = sim_xml_attribute(vib.xml, "version", "5.0");
	if (!sim_eq(vib.xml->name, "vib") || !sim_eq(schema, "5.0")) {
		return FORMAT("Element %s of version %s", vib.xml->name, schema);
	}
	problem = check_children(vib.xml, depot);
	problem = problem != NULL ? problem : check_values(vib.xml);
	problem = problem != NULL ? problem : check_relationships(vib.xml);
	problem = problem != NULL ? problem : read_files(&vib);
	problem = problem != NULL ? problem : read_payloads(&vib);
	if (problem != NULL) {
		return problem;
	}
	vib.type = sim_xml_text(vib.xml, "type", "");
	vib.name = sim_xml_text(vib.xml, "name", "");
	vib.version = sim_xml_text(vib.xml, "version", "");
	vib.vendor = sim_xml_text(vib.xml, "vendor", "");
	vib.level = sim_xml_text(vib.xml, "acceptance-level", "community");
	vib.level = sim_eq(vib.level, "unsigned") ? "community" : sim_eq(vib.level, "signed") ? "partner" : vib.level;
	if (sim_level_rank(vib.level) < 0) {
		return FORMAT("acceptance-level '%s'", vib.level);
	}
	vib.id = sim_fmt("%s_%s_%s_%s", vib.vendor, vib.type, vib.name, vib.version);
	vib.maintenance =
	    sim_eq(sim_xml_text(sim_xml_child(vib.xml, "system-requires"), "maintenance-mode", ""), "true");
	vib.live = sim_vib_flag(&vib, "live-install-allowed") && sim_vib_flag(&vib, "live-remove-allowed");
	*ret_vib = vib;
	return NULL;
}
