/* The door: everything that touches the host goes through it, and nothing else does.
 *
 * A door takes calls and gives their replies back in the order in which they end. Whoever reads a reply may submit
 * more calls before asking for the next, so that a call starts as soon as what it needs has been read.
 *
 * Implementations: the host itself (host.h), a recorder around any door and a replayer of what was recorded
 * (capture.h).
 */
#ifndef HP_IO_DOOR_H
#define HP_IO_DOOR_H

#include "call.h"

struct hp_door {
	/* `id` comes back with the reply; call and what it points to must live as long as the door. */
	void (*submit)(struct hp_door *door, const struct hp_call *call, unsigned id);
	/* Waits until one of the submitted calls has ended. False when none is left. Every submitted call is answered
	 * exactly once, whatever happens to it. */
	bool (*wait)(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret_reply);
};

#endif
