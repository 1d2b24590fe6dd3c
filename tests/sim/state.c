#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	const struct sim_pair *left = a;
	const struct sim_pair *right = b;

	return strcmp(left->key, right->key);
}

bool sim_state_load(struct sim_state *state, const char *root)
{
	size_t len;
	char *text = sim_file_read(sim_fmt("%s/.esxsim/state", root), &len);

	*state = (struct sim_state){.root = root};
	if (text == NULL) {
		return false;
	}
	for (const char *p = text; *p != '\0'; p++) {
		state->cap += *p == '\n';
	}
	state->cap += 64;
	state->pairs = sim_alloc(state->cap * sizeof *state->pairs);
	bool sorted = true;
	for (char *line = text; *line != '\0';) {
		char *end = strchr(line, '\n');
		char *next = end == NULL ? line + strlen(line) : end + 1;
		char *equal = strchr(line, '=');

		if (end != NULL) {
			*end = '\0';
		}
		if (equal != NULL && *line != '#') {
			*equal = '\0';
			state->pairs[state->count] = (struct sim_pair){line, equal + 1};
			if (state->count > 0 && strcmp(state->pairs[state->count - 1].key, line) >= 0) {
				sorted = false;
			}
			state->count++;
		}
		line = next;
	}
	if (!sorted) { /* somebody edited the file by hand */
		qsort(state->pairs, state->count, sizeof *state->pairs, compare);
	}
	return true;
}

void sim_state_save(struct sim_state *state)
{
	struct sim_buf buf = {0};

	for (size_t i = 0; i < state->count; i++) {
		sim_buf_printf(&buf, "%s=%s\n", state->pairs[i].key, state->pairs[i].value);
	}
	sim_buf_text(&buf, "");
	sim_file_replace(sim_path(state, ".esxsim/state"), buf.data, buf.len);
	state->dirty = false;
}

static struct sim_pair *find(const struct sim_state *state, const char *key)
{
	const struct sim_pair wanted = {key, NULL};

	if (state->count == 0) {
		return NULL;
	}
	return bsearch(&wanted, state->pairs, state->count, sizeof *state->pairs, compare);
}

const char *sim_get(const struct sim_state *state, const char *key, const char *fallback)
{
	const struct sim_pair *pair = find(state, key);

	return pair == NULL ? fallback : pair->value;
}

const char *sim_getf(const struct sim_state *state, const char *fallback, const char *format, ...)
{
	char key[256];
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(key, sizeof key, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof key) {
		return fallback;
	}
	return sim_get(state, key, fallback);
}

uint64_t sim_get_num(const struct sim_state *state, const char *key, uint64_t fallback)
{
	uint64_t value;

	return sim_number(sim_get(state, key, "-"), &value) ? value : fallback;
}

bool sim_get_bool(const struct sim_state *state, const char *key, bool fallback)
{
	return sim_truth(sim_get(state, key, fallback ? "1" : "0"));
}

void sim_put(struct sim_state *state, const char *key, const char *value)
{
	struct sim_pair *pair = find(state, key);

	if (pair != NULL) {
		if (!sim_eq(pair->value, value)) {
			pair->value = sim_copy(value, strlen(value));
			state->dirty = true;
		}
		return;
	}
	if (state->count == state->cap) {
		const size_t cap = state->cap == 0 ? 256 : state->cap * 2;
		struct sim_pair *grown = sim_alloc(cap * sizeof *grown);

		if (state->count > 0) {
			memcpy(grown, state->pairs, state->count * sizeof *grown);
		}
		state->pairs = grown;
		state->cap = cap;
	}
	size_t at = state->count;
	while (at > 0 && strcmp(state->pairs[at - 1].key, key) > 0) {
		state->pairs[at] = state->pairs[at - 1];
		at--;
	}
	state->pairs[at] = (struct sim_pair){sim_copy(key, strlen(key)), sim_copy(value, strlen(value))};
	state->count++;
	state->dirty = true;
}

void sim_drop(struct sim_state *state, const char *key)
{
	struct sim_pair *pair = find(state, key);

	if (pair == NULL) {
		return;
	}
	const size_t at = (size_t)(pair - state->pairs);
	memmove(pair, pair + 1, (state->count - at - 1) * sizeof *pair);
	state->count--;
	state->dirty = true;
}

const char *sim_path(const struct sim_state *state, const char *name)
{
	return sim_fmt("%s/%s", state->root, name);
}

int sim_lock(const char *root)
{
	const int fd = open(sim_fmt("%s/.esxsim/lock", root), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fd < 0) {
		sim_die("cannot open the lock of %s: %s", root, strerror(errno));
	}
	while (fcntl(fd, F_SETLKW, &whole) != 0) {
		if (errno != EINTR) {
			sim_die("cannot lock %s: %s", root, strerror(errno));
		}
	}
	return fd;
}

void sim_unlock(int lock)
{
	(void)close(lock);
}
