/* A change of the host's image: VIBs in, VIBs out, checked as a whole, then done as a whole. */
#ifndef SIM_TRANSACTION_H
#define SIM_TRANSACTION_H

#include "vib.h"
#include "vibfile.h"

enum { SIM_TX_MAX = 64 };

struct sim_transaction {
	struct sim_state *state;
	bool force;
	bool no_sig_check;
	bool no_live;
	bool maintenance_pretended;
	bool pending; /* a change waits for the reboot already: the image of the next boot is the one to change */
	struct sim_vibfile add[SIM_TX_MAX];
	size_t add_count;
	struct sim_vib remove[SIM_TX_MAX];
	size_t remove_count;
	struct sim_buf skipped; /* ids, ", " between them */
	bool live;		/* by sim_tx_check: can be done without a reboot */
};

struct sim_transaction *sim_tx_new(struct sim_state *state);
/* Both return NULL or an error text. update: only what is installed in an older version. */
const char *sim_tx_add(struct sim_transaction *tx, const struct sim_vibfile *vib, bool update);
const char *sim_tx_remove(struct sim_transaction *tx, const char *name);
const char *sim_tx_check(struct sim_transaction *tx);
void sim_tx_commit(struct sim_transaction *tx);

bool sim_tx_empty(const struct sim_transaction *tx);
void sim_add_item(struct sim_buf *list, const char *item);
const char *sim_tx_added(const struct sim_transaction *tx);
const char *sim_tx_removed(const struct sim_transaction *tx);

#endif
