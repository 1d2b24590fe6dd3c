/* A door with a host behind it that can be changed: reads are answered from a case's capture, and what is written
 * changes that capture, so that what is read afterwards has it. Every write is kept. One phase's reply to one call can
 * be another one: what a spoilt answer leads to.
 *
 *     kernel set       Configured in the reply to `kernel list` (keyvalue)
 *     mlxconfig set    Next Boot in the reply to the query of that device; the answer is MFT 4.32's
 *     EDIT             the reply of the file, if it holds `was`
 *     auto-backup.sh   state.tgz is written anew
 *
 * What the gates ask and the case does not have is answered as on a host on which all gates are open.
 */
#ifndef TESTS_FAULTS_APPLY_DOOR_H
#define TESTS_FAULTS_APPLY_DOOR_H

#include "../cases/case.h"

#define APPLY_MAP "file etc/vmware/passthru.map"
#define APPLY_STATE "stat bootbank/state.tgz"
#define APPLY_MARKER "stat etc/vmware/.#passthru.map"
#define APPLY_MAINTENANCE "run bin/esxcli system maintenanceMode get"
#define APPLY_VMS "run bin/esxcli vm process list"
#define APPLY_IMAGE "run bin/esxcli software vib list --rebooting-image"
#define APPLY_BOOTBANK "stat bootbank"
#define APPLY_BOOTBANK_FOLDER "stat bootbank/."
#define APPLY_KERNEL "run bin/esxcli --formatter=keyvalue system settings kernel list"

enum apply_phase { APPLY_FIRST, APPLY_GATES, APPLY_WRITES, APPLY_SECOND };

struct apply_write {
	const char *text; /* the call, as an admin would type it; an edit's path */
	enum hp_call_kind kind;
	struct hp_str was, becomes;
	bool took; /* the host is another one afterwards */
};

/* What the next writes do, beside changing the host. */
struct apply_moods {
	bool deaf;		/* tools say that they did it, and did not */
	bool power_cycle;	/* mlxconfig asks for one */
	unsigned busy;		/* so many answers of mlxconfig are "busy" */
	enum hp_end backup_end; /* of auto-backup.sh */
	int backup_code;
	bool backup_idle; /* auto-backup.sh writes no archive */
	bool edit_fails;  /* as on a read-only file */
	bool late;	  /* the run's time is up: calls that write are cancelled */
};

struct apply_fault {
	enum apply_phase phase;
	const char *key; /* NULL: none */
	struct hp_reply reply;
};

struct apply_door {
	struct hp_door door; /* first */
	struct hp_arena *arena;
	struct hp_capture host;
	enum apply_phase phase;
	struct apply_fault fault;
	struct apply_moods moods;
	struct apply_write *writes;
	size_t count;
	unsigned archives; /* auto-backup.sh wrote so many */
	unsigned logged;   /* lines for the syslog */
	const struct hp_call *queue[256];
	unsigned ids[256];
	size_t submitted, given;
};

struct apply_door *apply_door(struct hp_arena *a, const struct hp_capture *c);
/* The host's reply to a call, as captures name it; NULL when it has none. */
struct hp_recorded *apply_reply(struct apply_door *d, const char *key);

#endif
