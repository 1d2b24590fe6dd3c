/* What is remembered of the BMC from one run to the next, in redfish.json (mode 0600) of the state dir, or of
 * var/run/hostprep where there is no state dir.
 *
 * "refused" holds credentials that the BMC refused, as salted marks: they are never tried again, because three wrong
 * logins lock a whole host out of an iDRAC, and a check may run from cron.
 *
 * "boards" holds what the firmware inventory and the PCIe functions said, for HP_BMC_CACHE_S and for this boot: they
 * take the most requests, and a BMC is slow.
 *
 *     {"salt": HEX, "refused": [{"mark": HEX, "on": TIME}], "boards": {"origin": URL, "boot": TOKEN, "read": TIME,
 *      "at_s": N, "facts": [{"subject", "name", "text" or "why", "source", "excerpt"}]}}
 */
#ifndef HP_CLI_BMC_MEMORY_H
#define HP_CLI_BMC_MEMORY_H

#include "session.h"

#define HP_BMC_CACHE_S (4 * 3600)

/* Before a run: tells the policy's asks what is known. Nothing that cannot be read is an error. A run that is recorded
 * asks anew, so that its capture is whole. */
void hp_bmc_memory_load(struct hp_session *s);
/* A login was refused elsewhere: it is noted, and not tried again in this run. */
void hp_bmc_memory_refused(struct hp_session *s);
/* After the host was read. */
void hp_bmc_memory_save(struct hp_session *s);

#endif
