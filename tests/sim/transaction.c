#include "transaction.h"

#include "image.h"
#include "softerror.h"
#include "vibcheck.h"

#include <string.h>
#include <time.h>

struct sim_transaction *sim_tx_new(struct sim_state *state)
{
	struct sim_transaction *tx = sim_alloc(sizeof *tx);

	tx->state = state;
	tx->pending = sim_vib_pending(state);
	sim_buf_text(&tx->skipped, "");
	return tx;
}

void sim_add_item(struct sim_buf *list, const char *item)
{
	sim_buf_printf(list, "%s%s", list->len == 0 ? "" : ", ", item);
}

bool sim_tx_empty(const struct sim_transaction *tx)
{
	return tx->add_count == 0 && tx->remove_count == 0;
}

const char *sim_tx_added(const struct sim_transaction *tx)
{
	struct sim_buf list = {0};

	sim_buf_text(&list, "");
	for (size_t i = 0; i < tx->add_count; i++) {
		sim_add_item(&list, tx->add[i].id);
	}
	return list.data;
}

const char *sim_tx_removed(const struct sim_transaction *tx)
{
	struct sim_buf list = {0};

	sim_buf_text(&list, "");
	for (size_t i = 0; i < tx->remove_count; i++) {
		sim_add_item(&list, sim_vib_id(&tx->remove[i]));
	}
	return list.data;
}

static bool installed(const struct sim_transaction *tx, const char *name, struct sim_vib *ret_vib)
{
	struct sim_vib *vibs;
	const size_t count = sim_vib_list(tx->state, tx->pending, &vibs);

	for (size_t i = 0; i < count; i++) {
		if (sim_eq(vibs[i].name, name)) {
			*ret_vib = vibs[i];
			return true;
		}
	}
	return false;
}

static bool leaves(const struct sim_transaction *tx, const char *name)
{
	for (size_t i = 0; i < tx->remove_count; i++) {
		if (sim_eq(tx->remove[i].name, name)) {
			return true;
		}
	}
	return false;
}

static void remove_vib(struct sim_transaction *tx, const struct sim_vib *vib)
{
	if (!leaves(tx, vib->name)) {
		if (tx->remove_count == SIM_TX_MAX) {
			sim_die("too many VIBs");
		}
		tx->remove[tx->remove_count++] = *vib;
	}
}

static const char *unequal(const struct sim_vibfile *a, const struct sim_vibfile *b)
{
	const char *attribute = sim_vib_difference(a, b);

	return attribute == NULL
		   ? NULL
		   : sim_soft_error("ValueError", "VIBs %s and %s have unequal values of the '%s' attribute", a->id,
				    b->id, attribute);
}

const char *sim_tx_add(struct sim_transaction *tx, const struct sim_vibfile *vib, bool update)
{
	struct sim_vibfile stored;
	struct sim_vib old;
	const bool there = installed(tx, vib->name, &old);

	for (size_t i = 0; i < tx->add_count; i++) {
		if (sim_eq(tx->add[i].name, vib->name)) { /* of several the newest */
			if (sim_eq(tx->add[i].id, vib->id)) {
				return unequal(&tx->add[i], vib);
			}
			if (sim_version_compare(tx->add[i].version, vib->version) < 0) {
				tx->add[i] = *vib;
			}
			return NULL;
		}
	}
	if (there && sim_eq(old.version, vib->version)) {
		const char *problem =
		    sim_image_load(tx->state, old.name, old.version, &stored) ? unequal(vib, &stored) : NULL;

		if (problem == NULL) {
			sim_add_item(&tx->skipped, vib->id);
		}
		return problem;
	}
	if (update && (!there || sim_version_compare(old.version, vib->version) > 0)) {
		sim_add_item(&tx->skipped, vib->id);
		return NULL;
	}
	if (tx->add_count == SIM_TX_MAX) {
		sim_die("too many VIBs");
	}
	tx->add[tx->add_count++] = *vib;
	if (there) { /* "vib install" takes an older one too (its help: installed, upgraded, or downgraded) */
		remove_vib(tx, &old);
	}
	const struct sim_xml *replaces = sim_xml_child(sim_xml_child(vib->xml, "relationships"), "replaces");
	for (const struct sim_xml *c = replaces == NULL ? NULL : replaces->first; c != NULL; c = c->next) {
		const char *name = sim_xml_attribute(c, "name", "");

		if (!sim_eq(name, vib->name) && installed(tx, name, &old)) {
			remove_vib(tx, &old);
		}
	}
	return NULL;
}

const char *sim_tx_remove(struct sim_transaction *tx, const char *name)
{
	struct sim_vib vib;

	if (!installed(tx, name, &vib)) {
		return sim_soft_error("NoMatchError", "No VIB matching VIB search specification '%s'.", name);
	}
	if (sim_eq(vib.vendor, "VMware")) {
		return sim_soft_guess("DependencyError", "VIB %s is required by the ImageProfile.", sim_vib_id(&vib));
	}
	remove_vib(tx, &vib);
	return NULL;
}

/* ---- dependencies ---- */

static bool related(const char *have, const char *relation, const char *wanted)
{
	const int order = sim_version_compare(have, wanted);

	return *relation == '\0'				 ? true
	       : sim_eq(relation, ">=")				 ? order >= 0
	       : sim_eq(relation, "<=")				 ? order <= 0
	       : sim_eq(relation, "=")				 ? order == 0
	       : sim_eq(relation, ">") || sim_eq(relation, ">>") ? order > 0
	       : sim_eq(relation, "<") || sim_eq(relation, "<<") ? order < 0
								 : false;
}

/* True if the image that is to be has what a constraint names. */
static bool satisfied(const struct sim_transaction *tx, const struct sim_xml *constraint, const char *but)
{
	const char *name = sim_xml_attribute(constraint, "name", "");
	const char *relation = sim_xml_attribute(constraint, "relation", "");
	const char *version = sim_xml_attribute(constraint, "version", "");
	struct sim_vib vib;

	if (sim_starts(name, "vmkapi_")) { /* which ones a release has is not simulated */
		return true;
	}
	if (sim_eq(name, "esx-version")) {
		return related(sim_get(tx->state, "esx.version", "9.0.0"), relation, version);
	}
	for (size_t i = 0; i < tx->add_count; i++) {
		const struct sim_xml *provides =
		    sim_xml_child(sim_xml_child(tx->add[i].xml, "relationships"), "provides");

		if (sim_eq(tx->add[i].name, but)) {
			continue;
		}
		if (sim_eq(tx->add[i].name, name) && related(tx->add[i].version, relation, version)) {
			return true;
		}
		for (const struct sim_xml *p = provides == NULL ? NULL : provides->first; p != NULL; p = p->next) {
			if (sim_eq(sim_xml_attribute(p, "name", ""), name) &&
			    related(sim_xml_attribute(p, "version", ""), relation, version)) {
				return true;
			}
		}
	}
	return !sim_eq(name, but) && installed(tx, name, &vib) && !leaves(tx, name) &&
	       related(vib.version, relation, version);
}

static const char *check_relations(const struct sim_transaction *tx, const struct sim_vibfile *vib)
{
	const struct sim_xml *relationships = sim_xml_child(vib->xml, "relationships");
	const struct sim_xml *depends = sim_xml_child(relationships, "depends");
	const struct sim_xml *conflicts = sim_xml_child(relationships, "conflicts");

	for (const struct sim_xml *c = depends == NULL ? NULL : depends->first; c != NULL; c = c->next) {
		const char *relation = sim_xml_attribute(c, "relation", "");

		if (!satisfied(tx, c, "")) {
			return sim_soft_error(
			    "DependencyError",
			    "VIB %s requires %s%s%s%s%s, but the requirement cannot be satisfied within "
			    "the ImageProfile.",
			    vib->id, sim_xml_attribute(c, "name", ""), *relation == '\0' ? "" : " ", relation,
			    *relation == '\0' ? "" : " ", *relation == '\0' ? "" : sim_xml_attribute(c, "version", ""));
		}
	}
	for (const struct sim_xml *c = conflicts == NULL ? NULL : conflicts->first; c != NULL; c = c->next) {
		if (satisfied(tx, c, vib->name)) {
			return sim_soft_guess("DependencyError", "VIB %s conflicts with %s", vib->id,
					      sim_xml_attribute(c, "name", ""));
		}
	}
	return NULL;
}

/* Files that another VIB of the image to be holds. */
static const char *check_files(const struct sim_transaction *tx, const struct sim_vibfile *vib)
{
	struct sim_vib *vibs;
	const size_t count = sim_vib_list(tx->state, tx->pending, &vibs);

	for (size_t i = 0; i < count; i++) {
		struct sim_vibfile other;

		if (leaves(tx, vibs[i].name) || !sim_image_load(tx->state, vibs[i].name, vibs[i].version, &other)) {
			continue;
		}
		for (size_t f = 0; f < vib->file_count; f++) {
			for (size_t o = 0; o < other.file_count; o++) {
				if (sim_eq(vib->files[f], other.files[o])) {
					return sim_soft_guess("DependencyError",
							      "File path of '/%s' is claimed by multiple non-overlay "
							      "VIBs: %s, %s",
							      vib->files[f], other.id, vib->id);
				}
			}
		}
	}
	return NULL;
}

static const char *check_vib(const struct sim_transaction *tx, struct sim_vibfile *vib)
{
	const char *problem = NULL;

	if (!sim_eq(vib->type, "bootbank")) {
		return sim_soft_guess("InstallationError", "VIBs of type %s are not simulated", vib->type);
	}
	/* in which order a host finds several faults is not known */
	problem = sim_check_platform(tx->state, vib);
	/* neither --force (ghettoVCB issue 307) nor, here, --no-sig-check makes a host take a VIB below its level */
	problem = problem != NULL ? problem : sim_check_acceptance(tx->state, vib);
	problem = problem != NULL ? problem : sim_check_gunzip_sum(tx->state, vib);
	if (problem == NULL && !tx->no_sig_check) {
		problem = sim_check_signature(tx->state, vib);
		problem = problem != NULL ? problem : sim_check_extensibility(vib);
	}
	if (problem == NULL && !tx->force) {
		problem = check_relations(tx, vib);
		problem = problem != NULL ? problem : check_files(tx, vib);
	}
	problem = problem != NULL ? problem : sim_vib_unpack(vib);
	if (problem != NULL) {
		return problem;
	}
	problem = sim_image_obstacle(tx->state, vib);
	return problem == NULL ? NULL : sim_soft_guess("InstallationError", "VIB %s: %s", vib->id, problem);
}

const char *sim_tx_check(struct sim_transaction *tx)
{
	bool maintenance = false;

	tx->live = !tx->no_live && !tx->pending;
	for (size_t i = 0; i < tx->add_count; i++) {
		const char *problem = check_vib(tx, &tx->add[i]);

		if (problem != NULL) {
			return problem;
		}
		tx->live = tx->live && tx->add[i].live;
		maintenance = maintenance || tx->add[i].maintenance;
	}
	for (size_t i = 0; i < tx->remove_count; i++) {
		struct sim_vibfile old;
		const bool stored = sim_image_load(tx->state, tx->remove[i].name, tx->remove[i].version, &old);

		tx->live = tx->live && stored && sim_vib_flag(&old, "live-remove-allowed");
		maintenance = maintenance || (stored && old.maintenance);
	}
	/* what needs a reboot is staged without maintenance mode; what is live asks for it */
	if (tx->live && maintenance && !tx->maintenance_pretended && !sim_get_bool(tx->state, "maintenance", false)) {
		return sim_soft_guess("MaintenanceModeError",
				      "MaintenanceMode is required to remove: [%s]; install: [%s].", sim_tx_removed(tx),
				      sim_tx_added(tx));
	}
	return NULL;
}

/* ---- doing it ---- */

static const char *today(void)
{
	const time_t now = (time_t)(sim_now_us() / 1000000U);
	struct tm parts;
	char text[16];

	return gmtime_r(&now, &parts) != NULL && strftime(text, sizeof text, "%Y-%m-%d", &parts) > 0
		   ? sim_fmt("%s", text)
		   : "";
}

/* version of the next boot, or now */
static void put_version(struct sim_transaction *tx, const char *name, const char *version)
{
	struct sim_vib *vibs;
	const size_t count = sim_vib_list(tx->state, false, &vibs);
	const char *booted = "-";

	for (size_t i = 0; i < count; i++) {
		booted = sim_eq(vibs[i].name, name) ? vibs[i].version : booted;
	}
	if (tx->live) {
		sim_put(tx->state, sim_fmt("vib.%s.version", name), version);
	} else if (sim_eq(booted, version)) { /* back to what is there now */
		sim_drop(tx->state, sim_fmt("vib.%s.next", name));
	} else {
		sim_put(tx->state, sim_fmt("vib.%s.next", name), version);
	}
}

void sim_tx_commit(struct sim_transaction *tx)
{
	for (size_t i = 0; i < tx->remove_count; i++) {
		struct sim_vibfile old;

		if (tx->live && sim_image_load(tx->state, tx->remove[i].name, tx->remove[i].version, &old)) {
			sim_image_take(tx->state, &old);
		}
		put_version(tx, tx->remove[i].name, "-");
	}
	for (size_t i = 0; i < tx->add_count; i++) {
		if (tx->live) {
			sim_image_put(tx->state, &tx->add[i], false);
		}
		sim_image_store(tx->state, &tx->add[i]);
		put_version(tx, tx->add[i].name, tx->add[i].version);
		sim_put(tx->state, sim_fmt("vib.%s.date", tx->add[i].name), today());
	}
	sim_image_tidy(tx->state);
}
