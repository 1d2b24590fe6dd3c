/* The simulated host's memory: one KEY=VALUE file, DIR/.esxsim/state, sorted by key.
 *
 * The file is replaced whole, so reading needs no lock. A change is: sim_lock, sim_state_load, sim_put ...,
 * sim_state_save, sim_unlock. A key that is not there has the fallback that its reader names. Values hold no newline.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include "text.h"

struct sim_pair {
	const char *key;
	const char *value;
};

struct sim_state {
	const char *root; /* the host tree */
	struct sim_pair *pairs;
	size_t count;
	size_t cap;
	bool dirty;
};

bool sim_state_load(struct sim_state *state, const char *root);
void sim_state_save(struct sim_state *state);

const char *sim_get(const struct sim_state *state, const char *key, const char *fallback);
/* The same with a key made by printf. */
const char *sim_getf(const struct sim_state *state, const char *fallback, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint64_t sim_get_num(const struct sim_state *state, const char *key, uint64_t fallback);
bool sim_get_bool(const struct sim_state *state, const char *key, bool fallback);
void sim_put(struct sim_state *state, const char *key, const char *value);
void sim_drop(struct sim_state *state, const char *key);

/* DIR/name. */
const char *sim_path(const struct sim_state *state, const char *name);

int sim_lock(const char *root);
void sim_unlock(int lock);

#endif
