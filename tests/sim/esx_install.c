/* esxcli software vib install|update|remove, component apply|remove */
#include "component.h"
#include "softerror.h"
#include "software.h"
#include "transaction.h"

#include <string.h>

/* Lists of the result: components where components are what was asked for, else VIBs. */
struct result {
	const char *title;
	bool components;
	struct sim_buf installed;
	struct sim_buf removed;
	struct sim_buf skipped;
};

static struct result *new_result(bool components)
{
	struct result *result = sim_alloc(sizeof *result);

	result->title = "Installation Result";
	result->components = components;
	sim_buf_text(&result->installed, "");
	sim_buf_text(&result->removed, "");
	sim_buf_text(&result->skipped, "");
	return result;
}

static bool given(const struct sim_esx *esx, const char *option)
{
	return sim_esx_option(esx, option) != NULL;
}

static struct sim_transaction *transaction(const struct sim_esx *esx)
{
	struct sim_transaction *tx = sim_tx_new(esx->state);

	tx->force = given(esx, "force");
	tx->no_sig_check = given(esx, "no-sig-check");
	tx->no_live = given(esx, "no-live-install");
	tx->maintenance_pretended = given(esx, "maintenance-mode");
	return tx;
}

static int print_result(struct sim_esx *esx, const struct sim_transaction *tx, const struct result *result)
{
	static const struct sim_column vib_columns[] = {{"Message", "Message", SIM_STRING, false},
							{"VIBsInstalled", "VIBs Installed", SIM_LIST, false},
							{"VIBsRemoved", "VIBs Removed", SIM_LIST, false},
							{"VIBsSkipped", "VIBs Skipped", SIM_LIST, false},
							{"RebootRequired", "Reboot Required", SIM_BOOLEAN, false},
							{"DPUResults", "DPU Results", SIM_LIST, false}};
	static const struct sim_column component_columns[] = {
	    {"Message", "Message", SIM_STRING, false},
	    {"ComponentsInstalled", "Components Installed", SIM_LIST, false},
	    {"ComponentsRemoved", "Components Removed", SIM_LIST, false},
	    {"ComponentsSkipped", "Components Skipped", SIM_LIST, false},
	    {"RebootRequired", "Reboot Required", SIM_BOOLEAN, false},
	    {"DPUResults", "DPU Results", SIM_LIST, false}};
	struct sim_doc doc = {.type = "InstallationResult",
			      .columns = result->components ? component_columns : vib_columns,
			      .column_count = sizeof vib_columns / sizeof vib_columns[0],
			      .style = SIM_BLOCKS,
			      .single = true};
	const char **cells = sim_doc_row(&doc, result->title);
	const bool dry = given(esx, "dry-run");
	const bool nothing = sim_tx_empty(tx) && result->installed.len == 0;

	cells[0] =
	    nothing ? "Host is not changed."
	    : dry && tx->live
		? "Dryrun only, host not changed. The following installers will be applied: [LiveImageInstaller, "
		  "BootBankInstaller]"
	    : dry      ? "Dryrun only, host not changed. The following installers will be applied: [BootBankInstaller]"
	    : tx->live ? "Operation finished successfully."
		       : "The update completed successfully, but the system needs to be rebooted for the changes "
			 "to be effective.";
	cells[1] = result->components ? result->installed.data : sim_tx_added(tx);
	cells[2] = result->components ? result->removed.data : sim_tx_removed(tx);
	cells[3] = result->components ? result->skipped.data : tx->skipped.data;
	/* a change that waits already is told even if this call changed nothing */
	cells[4] = sim_tx_empty(tx) ? (tx->pending ? "true" : "false") : tx->live ? "false" : "true";
	return sim_esx_print(esx, &doc);
}

static bool commits(const struct sim_esx *esx, const struct sim_transaction *tx)
{
	return !given(esx, "dry-run") && !esx->call->dry && !sim_tx_empty(tx);
}

/* ---- VIBs ---- */

/* Components of which a VIB leaves are components no more; their names go into removed, unless it is NULL. */
static void drop_broken(struct sim_transaction *tx, bool commit, struct sim_buf *removed)
{
	struct sim_bulletin *components;
	const size_t count = sim_component_list(tx->state, tx->pending, &components);

	for (size_t c = 0; c < count; c++) {
		bool broken = false;

		for (size_t i = 0; i < tx->remove_count; i++) {
			broken = broken || sim_component_has(&components[c], sim_vib_id(&tx->remove[i]));
		}
		if (broken && removed != NULL) {
			sim_add_item(removed, sim_fmt("%s_%s", components[c].component, components[c].version));
		}
		if (broken && commit) {
			sim_component_drop(tx->state, components[c].component, tx->live);
		}
	}
}

static int install(struct sim_esx *esx, bool update)
{
	struct sim_transaction *tx = transaction(esx);
	struct sim_vibfile *vibs;
	size_t count;
	const char *problem = sim_soft_vibs(esx, &vibs, &count);

	for (size_t i = 0; i < count && problem == NULL; i++) {
		problem = sim_tx_add(tx, &vibs[i], update);
	}
	problem = problem != NULL ? problem : sim_tx_check(tx);
	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	const int rc = print_result(esx, tx, new_result(false));
	if (rc == 0 && commits(esx, tx)) {
		drop_broken(tx, true, NULL);
		sim_tx_commit(tx);
	}
	return rc;
}

int sim_vib_install(struct sim_esx *esx)
{
	return install(esx, false);
}

int sim_vib_update(struct sim_esx *esx)
{
	return install(esx, true);
}

int sim_vib_remove(struct sim_esx *esx)
{
	struct sim_transaction *tx = transaction(esx);
	struct result *result = new_result(false);
	const char *problem = sim_tx_remove(tx, sim_esx_option(esx, "vibname"));

	problem = problem != NULL ? problem : sim_tx_check(tx);
	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	drop_broken(tx, false, &result->removed);
	result->components = result->removed.len > 0;
	result->title = result->components ? "Installation Result" : "Removal Result";
	const int rc = print_result(esx, tx, result);
	if (rc == 0 && commits(esx, tx)) {
		drop_broken(tx, true, NULL);
		sim_tx_commit(tx);
	}
	return rc;
}

/* ---- components ---- */

static const char *full_name(const struct sim_bulletin *component)
{
	return sim_fmt("%s_%s", component->component, component->version);
}

/* A VIB belongs to one component, be it of the depot or of the host. */
static const char *check_alone(const struct sim_depot *depot, const struct sim_bulletin *component,
			       const struct sim_bulletin *host, size_t host_count)
{
	for (size_t i = 0; i < component->vib_count; i++) {
		const char *id = component->vib_ids[i];
		size_t owners = 1;
		bool plain = false;

		for (size_t b = 0; b < depot->bulletin_count; b++) {
			const struct sim_bulletin *other = &depot->bulletins[b];

			if (other == component || !sim_component_has(other, id)) {
				continue;
			}
			owners += other->component != NULL;
			plain = plain || other->component == NULL;
		}
		for (size_t h = 0; h < host_count; h++) {
			owners += sim_component_has(&host[h], id) && !sim_eq(host[h].component, component->component);
		}
		if (owners > 1) {
			return sim_soft_error("ValueError", "Expected 1 component, found %zu", owners);
		}
		if (plain) {
			return sim_soft_guess("ValueError", "VIB %s is in a component and in a bulletin that is none",
					      id);
		}
	}
	return NULL;
}

/* Takes the component's VIBs into the transaction, if it is newer than the host's. */
static const char *take(struct sim_transaction *tx, const struct sim_depot *depot, const struct sim_bulletin *component,
			const struct sim_bulletin *host, size_t host_count, struct result *result, bool *ret_taken)
{
	const struct sim_bulletin *old = NULL;

	for (size_t h = 0; h < host_count; h++) {
		old = sim_eq(host[h].component, component->component) ? &host[h] : old;
	}
	const int order = old == NULL ? 1 : sim_version_compare(component->version, old->version);
	*ret_taken = order > 0;
	for (size_t v = 0; v < depot->vib_count && order >= 0; v++) {
		if (sim_component_has(component, depot->vibs[v].id)) {
			const char *problem = sim_tx_add(tx, &depot->vibs[v], false);

			if (problem != NULL) {
				return problem;
			}
		}
	}
	if (order <= 0) { /* an older one too: a downgrade must be asked for, which is not simulated */
		sim_add_item(&result->skipped, full_name(component));
		return NULL;
	}
	for (size_t i = 0; old != NULL && i < old->vib_count; i++) { /* VIBs that the new one has no more */
		struct sim_vib *vibs;
		const size_t count = sim_vib_list(tx->state, tx->pending, &vibs);

		for (size_t v = 0; v < count; v++) {
			bool stays = !sim_eq(sim_vib_id(&vibs[v]), old->vib_ids[i]);

			for (size_t a = 0; a < component->vib_count && !stays; a++) {
				stays = sim_eq(component->vib_ids[a], old->vib_ids[i]);
			}
			if (!stays) {
				(void)sim_tx_remove(tx, vibs[v].name);
			}
		}
	}
	sim_add_item(&result->installed, full_name(component));
	if (old != NULL) {
		sim_add_item(&result->removed, full_name(old));
	}
	return NULL;
}

int sim_component_apply(struct sim_esx *esx)
{
	struct sim_transaction *tx = transaction(esx);
	struct result *result = new_result(true);
	const char *wanted = sim_esx_option(esx, "component");
	struct sim_bulletin *host;
	struct sim_depot depot;
	size_t found = 0;
	const size_t host_count = sim_component_list(esx->state, tx->pending, &host);
	const char *problem = sim_soft_depot(esx, &depot);
	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	bool *taken = sim_alloc((depot.bulletin_count + 1) * sizeof *taken);
	for (size_t b = 0; b < depot.bulletin_count && problem == NULL; b++) {
		const struct sim_bulletin *component = &depot.bulletins[b];

		if (component->component == NULL ||
		    (wanted != NULL && !sim_eq(wanted, component->component) &&
		     !sim_eq(wanted, sim_fmt("%s:%s", component->component, component->version)))) {
			continue;
		}
		found++;
		problem = check_alone(&depot, component, host, host_count);
		if (problem == NULL) {
			problem = take(tx, &depot, component, host, host_count, result, &taken[b]);
		}
	}
	if (problem == NULL && found == 0) {
		problem = sim_soft_guess("NoMatchError", "No component found in the depot%s%s",
					 wanted == NULL ? "" : " for ", wanted == NULL ? "" : wanted);
	}
	problem = problem != NULL ? problem : sim_tx_check(tx);
	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	bool any = false;
	for (size_t b = 0; b < depot.bulletin_count; b++) {
		any = any || taken[b];
	}
	const int rc = print_result(esx, tx, result);
	if (rc == 0 && !given(esx, "dry-run") && !esx->call->dry && any) {
		/* its VIBs may all be there already: then the component alone is new */
		const bool now = tx->live || sim_tx_empty(tx);

		drop_broken(tx, true, NULL);
		for (size_t b = 0; b < depot.bulletin_count; b++) {
			if (taken[b]) {
				sim_component_put(esx->state, &depot.bulletins[b], now && !tx->pending);
			}
		}
		sim_tx_commit(tx);
	}
	return rc;
}

int sim_component_remove(struct sim_esx *esx)
{
	struct sim_transaction *tx = transaction(esx);
	struct result *result = new_result(true);
	const char *name = sim_esx_option(esx, "component");
	struct sim_bulletin *host;
	const size_t count = sim_component_list(esx->state, tx->pending, &host);
	const char *problem = NULL;
	bool found = false;

	for (size_t i = 0; i < count && problem == NULL; i++) {
		struct sim_vib *vibs;
		const size_t vib_count = sim_vib_list(esx->state, tx->pending, &vibs);

		if (!sim_eq(host[i].component, name) && !sim_eq(full_name(&host[i]), name)) {
			continue;
		}
		found = true;
		sim_add_item(&result->removed, full_name(&host[i]));
		for (size_t v = 0; v < vib_count && problem == NULL; v++) {
			if (sim_component_has(&host[i], sim_vib_id(&vibs[v]))) {
				problem = sim_tx_remove(tx, vibs[v].name);
			}
		}
	}
	if (problem == NULL && !found) {
		problem = sim_soft_guess("NoMatchError", "No component matching '%s'.", name);
	}
	problem = problem != NULL ? problem : sim_tx_check(tx);
	if (problem != NULL) {
		return sim_esx_fail(esx, problem);
	}
	const int rc = print_result(esx, tx, result);
	if (rc == 0 && commits(esx, tx)) {
		drop_broken(tx, true, NULL);
		sim_tx_commit(tx);
	}
	return rc;
}
