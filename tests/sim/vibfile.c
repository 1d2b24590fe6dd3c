#include "vibfile.h"

#include "ar.h"
#include "bytes.h"
#include "softerror.h"

#include <string.h>

/* Every shape error; how a host words them is not known. */
#define FORMAT(...) sim_soft_guess("VibFormatError", __VA_ARGS__)

const char *sim_vibfile_read(const char *bytes, size_t len, struct sim_vibfile *ret_vib)
{
	struct sim_member *members;
	size_t count;
	const char *problem = sim_ar_read(bytes, len, &members, &count);

	if (problem != NULL) {
		return FORMAT("Could not read the VIB archive: %s", problem);
	}
	if (count < 2 || !sim_eq(members[0].name, "descriptor.xml") || !sim_eq(members[1].name, "sig.pkcs7")) {
		return FORMAT("The members descriptor.xml and sig.pkcs7 must come first");
	}
	problem = sim_descriptor_read(members[0].data, members[0].len, false, ret_vib);
	if (problem != NULL) {
		return problem;
	}
	ret_vib->bytes = bytes;
	ret_vib->len = len;
	ret_vib->signature = members[1].data;
	ret_vib->signature_len = members[1].len;
	if (count - 2 != ret_vib->payload_count) {
		return FORMAT("VIB %s has %zu payloads and %zu members for them", ret_vib->id, ret_vib->payload_count,
			      count - 2);
	}
	for (size_t i = 0; i < ret_vib->payload_count; i++) {
		struct sim_payload *payload = &ret_vib->payloads[i];
		const struct sim_member *member = &members[i + 2];

		if (!sim_eq(payload->name, member->name)) {
			return FORMAT("VIB %s: member %s where payload %s should be", ret_vib->id, member->name,
				      payload->name);
		}
		if (payload->size != member->len) {
			return FORMAT("VIB %s: payload %s has %zu bytes, not %llu", ret_vib->id, payload->name,
				      member->len, (unsigned long long)payload->size);
		}
		payload->data = member->data;
		payload->len = member->len;
	}
	return NULL;
}

/* ---- payloads ---- */

static const char *check_sum(const struct sim_vibfile *vib, const char *kind, const char *wanted, const char *data,
			     size_t len)
{
	const char *got = wanted == NULL ? "" : sim_digest(kind, data, len);

	/* the text is of 5.5 and 6.x; its class is not known */
	return wanted == NULL || sim_eq(wanted, got)
		   ? NULL
		   : sim_soft_guess("InstallationError",
				    "Calculated digest at EOF does not match expected result: %s calculated, %s "
				    "expected\n vibs = ['%s']",
				    got, wanted, vib->id);
}

static const char *unpack(const struct sim_vibfile *vib, struct sim_payload *payload)
{
	struct sim_buf tar = {0};
	const char *problem = check_sum(vib, "sha-256", payload->sha256, payload->data, payload->len);

	if (problem != NULL) {
		return problem;
	}
	if (!sim_eq(payload->type, "tgz") && !sim_eq(payload->type, "vgz")) {
		return sim_soft_guess("InstallationError", "Payloads of type %s are not simulated", payload->type);
	}
	problem = sim_gunzip(payload->data, payload->len, &tar);
	if (problem != NULL) {
		return sim_soft_guess("InstallationError", "Payload %s of VIB %s: %s", payload->name, vib->id, problem);
	}
	problem = check_sum(vib, "sha-256", payload->sha256_gunzip, tar.data, tar.len);
	problem = problem != NULL ? problem : check_sum(vib, "sha-1", payload->sha1_gunzip, tar.data, tar.len);
	if (problem != NULL) {
		return problem;
	}
	problem =
	    sim_tar_read(tar.data, tar.len, sim_eq(payload->type, "vgz"), &payload->entries, &payload->entry_count);
	return problem == NULL
		   ? NULL
		   : sim_soft_guess("InstallationError", "Payload %s of VIB %s: %s", payload->name, vib->id, problem);
}

const char *sim_vib_unpack(struct sim_vibfile *vib)
{
	bool *seen = sim_alloc((vib->file_count + 1) * sizeof *seen);

	for (size_t p = 0; p < vib->payload_count; p++) {
		struct sim_payload *payload = &vib->payloads[p];
		const char *problem = unpack(vib, payload);

		if (problem != NULL) {
			return problem;
		}
		for (size_t e = 0; e < payload->entry_count; e++) {
			bool listed = payload->entries[e].directory;

			for (size_t f = 0; f < vib->file_count && !listed; f++) {
				if (!seen[f] && sim_eq(vib->files[f], payload->entries[e].name)) {
					seen[f] = true;
					listed = true;
				}
			}
			if (!listed) {
				return sim_soft_guess("InstallationError",
						      "VIB %s: file %s is in payload %s but not in the file list",
						      vib->id, payload->entries[e].name, payload->name);
			}
		}
	}
	for (size_t f = 0; f < vib->file_count; f++) {
		if (!seen[f]) {
			return sim_soft_guess("InstallationError", "VIB %s: file %s is listed but in no payload",
					      vib->id, vib->files[f]);
		}
	}
	return NULL;
}

const char *sim_vib_difference(const struct sim_vibfile *a, const struct sim_vibfile *b)
{
	if (!sim_xml_same(sim_xml_child(a->xml, "payloads"), sim_xml_child(b->xml, "payloads"))) {
		return "payloads";
	}
	if (!sim_xml_same(sim_xml_child(a->xml, "file-list"), sim_xml_child(b->xml, "file-list"))) {
		return "filelist";
	}
	for (const struct sim_xml *child = a->xml->first; child != NULL; child = child->next) {
		if (!sim_xml_same(child, sim_xml_child(b->xml, child->name))) {
			return child->name;
		}
	}
	for (const struct sim_xml *child = b->xml->first; child != NULL; child = child->next) {
		if (sim_xml_child(a->xml, child->name) == NULL) {
			return child->name;
		}
	}
	return NULL;
}
