/* Every kind of trouble that a reply can have, one after the other: other ends, garbage, and cuts of itself. */
#ifndef TESTS_FAULTS_SPOIL_H
#define TESTS_FAULTS_SPOIL_H

#include "../../agent/io/call.h"

struct spoilt {
	const char *what;
	size_t left; /* bytes of the original reply that are still there, from its beginning */
	struct hp_reply reply;
};

struct spoiler {
	void (*try)(void *context, const struct spoilt *spoilt);
	void *context;
	unsigned step; /* sweep_step(): of cuts every so manyth only */
	size_t dense;  /* bytes: every cut up to here; beyond it the line ends, a byte to each side of them, and some */
};

/* `file`: the reply is a file's, and may be empty. */
void spoil_ends(const struct spoiler *s, const struct hp_reply *original, bool file);
void spoil_cuts(const struct spoiler *s, const struct hp_reply *original);

#endif
