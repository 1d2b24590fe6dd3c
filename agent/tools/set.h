/* The third verb of an adapter: what to run so that a setting gets a value at the next boot, and how the tool's answer
 * reads. Pure. Whether the value is there is never told by the answer: it is read back afterwards by asking again.
 *
 * A tool that never ran (not there, not started, cancelled before its start) REFUSED; one that was ended, by whatever,
 * is UNCLEAR, and so is one that says two things at once.
 *
 * Writes never fall back: esxcli is not replaced by localcli, which would leave hostd inconsistent.
 */
#ifndef HP_TOOLS_SET_H
#define HP_TOOLS_SET_H

#include "../io/call.h"

enum hp_set_end {
	HP_SET_DONE,	/* the tool says that it did it */
	HP_SET_REFUSED, /* the tool says that it did not */
	HP_SET_BUSY,	/* the same, for a reason that may pass: try again later */
	HP_SET_UNCLEAR	/* it was ended, or said what is not understood: it may have done it */
};

struct hp_set_answer {
	enum hp_set_end end;
	bool power_cycle; /* mlxconfig asks for a power cycle instead of a reboot: a warm reboot may not load it */
	bool reboot_told; /* mlxconfig asks for either */
	bool exit_zero;	  /* UNCLEAR, but it ended well by its exit status (apply.c fills it) */
	const char *why;  /* REFUSED, BUSY, UNCLEAR: what the tool said or how it ended */
	const char *hint; /* what to do about it, or NULL */
};

/* esxcli system settings kernel set -s NAME -v VALUE. Success prints nothing; esxcli prints its help with exit 0 for an
 * incomplete command, so whatever is printed with exit 0 is UNCLEAR. */
struct hp_call *hp_kernel_set(struct hp_arena *a, const char *name, const char *value);
void hp_kernel_set_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
			struct hp_set_answer *ret);

/* mlxconfig -d NAME -y set PARAMETER=VALUE, in the MFT lane, patient. DONE wants exit 0, no line with -E-, the device's
 * own name in the one device block, "Applying... Done!" and below it the -I- line that ends every good answer: without
 * it the answer was cut. Sources: mstflint mlxconfig/mlxcfg_ui.cpp 4.6 to 4.36 ("Please reboot machine", "Please power
 * cycle machine"); semaphore, busy and time-out reasons may pass, the rest of m_err2str is final. */
struct hp_call *hp_mlx_set(struct hp_arena *a, const char *name, const char *parameter, const char *value);
void hp_mlx_set_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply, const char *name,
		     struct hp_set_answer *ret);

/* /sbin/auto-backup.sh: archives what /etc keeps over a boot, and the kernel settings. In the lane of the esxcli
 * writes, so it runs after those that were submitted before it. */
struct hp_call *hp_auto_backup(struct hp_arena *a);

/* esxcli system maintenanceMode set -e true -t SECONDS: ESX itself gives up after that many; the call is ended 30 s
 * later. 0 would wait for ever: do not pass it. */
struct hp_call *hp_maintenance_enter(struct hp_arena *a, unsigned seconds);

/* /bin/logger -t hostprep TEXT, of which 900 bytes at most are logged, as one line of ASCII; 5 s. It changes nothing of
 * the host's state and is not counted as a write. */
struct hp_call *hp_audit(struct hp_arena *a, const char *text);

#endif
