/* Redfish: what the host's BMC says of the BIOS and of the PCIe switch boards. Pure: it makes HTTP calls and reads
 * their answers; the door has the credentials.
 *
 * Facts, of subject "host":
 *     redfish            now = "asked" when a session was had; else no data, and why. Not there: the policy gives no
 * access redfish.insecure   now = "true" when the policy says that whoever answers is taken for the BMC redfish.login
 * now = "refused" when the BMC refused the credential in this run bios               now = "read", or no data, and why
 *     redfish.origin, redfish.sessions-path, redfish.settings-path, redfish.jobs-path (Dell), redfish.apply-time
 * ("OnReset", where it is taken)   what a change of the BIOS needs (bios_set.h)
 *     bios-type.NAME     of an attribute that is no plain text: "number", "boolean", or "other", which cannot be put
 * back bios-staged.NAME   (Dell) a value that is pending without a job, so that the next reset does not bring it
 *     bios.NAME          an attribute that a rule names: now = in force (Bios), next = after the next reset: the
 * pending value of the settings object, or the same where nothing is pending bios.maker, bios.model    of the system:
 * what rules are chosen by psb.inventory      now = how many entries of the firmware inventory match, or no data, and
 * why of subjects "psb-inventory-0" and on: psb.name, psb.version; of a bridge's address: psb.redfish-ssid (now =
 * "1028:2330").
 *
 * The way: the service root without login; one login; systems, BIOS, settings object; where the PCI bus has not told
 * which firmware the switch boards have: the inventory, then the PCIe functions; the session's end. One request at a
 * time.
 *
 * Source of the resources: DMTF DSP0266 and the schemas; what BMCs make of them: real trees of Dell iDRAC9, HPE iLO 5
 * and 6, Supermicro, Lenovo XCC and AMI (see docs/tools/redfish.md).
 */
#ifndef HP_TOOLS_REDFISH_H
#define HP_TOOLS_REDFISH_H

#include <jansson.h>

#include "tool.h"

#define HP_REDFISH_BODY ((size_t)4 << 20) /* bytes; an expanded inventory of an 8-GPU server is 100 to 400 KiB */
#define HP_REDFISH_DEPTH 64u		  /* of JSON; real bodies stay below 15 */
#define HP_REDFISH_TOKENS 100000u	  /* values of one body */
#define HP_REDFISH_REQUESTS 300u	  /* of one run, the session's end among them */
#define HP_REDFISH_PAGES 20u
#define HP_REDFISH_RETRIES 2u /* of one run, when the BMC is busy */

/* What is asked for; an answer is read by what it was asked as. */
enum hp_redfish_what {
	HP_RF_ROOT,
	HP_RF_LOGIN,
	HP_RF_SYSTEMS,
	HP_RF_SYSTEM,
	HP_RF_BIOS,
	HP_RF_SETTINGS,
	HP_RF_JOBS,
	HP_RF_JOB,
	HP_RF_UPDATE,
	HP_RF_INVENTORY,
	HP_RF_FIRMWARE,
	HP_RF_CHASSIS_LIST,
	HP_RF_CHASSIS,
	HP_RF_DEVICES,
	HP_RF_FUNCTIONS,
	HP_RF_FUNCTION,
	HP_RF_LOGOUT
};

struct hp_rf_request {
	enum hp_redfish_what what;
	const char *path;
	const char *subject; /* FUNCTION: the bridge's address */
	bool moved;	     /* the BMC wanted its path with a slash more or less */
};

/* A run with a BMC. */
struct hp_redfish {
	struct hp_asking *asking;
	struct hp_bmc bmc;
	struct hp_rf_request *queue; /* asked in this order */
	size_t next, count, room;
	struct hp_rf_request now; /* the one on its way */
	unsigned requests, retries, pages;
	struct hp_arena *scratch; /* of the answer that is being read */
	bool open;		  /* there is a session */
	bool again;		  /* a second login was made, because the first session had expired */
	bool boards_done;	  /* the boards were thought of */
	bool cached;		  /* and are known from an earlier run */
	const char *session, *sessions, *systems, *update, *chassis; /* paths */
	const char *settings, *jobs;				     /* of the BIOS; jobs on Dell only */
	bool on_reset;						     /* its settings object takes ApplyTime OnReset */
	bool jobs_listed, job_waits;	  /* the list of all jobs was read; one of the BIOS is not done */
	size_t jobs_left;		  /* of the list, not yet read */
	const char *expand;		  /* behind a collection's path, or "" */
	const char *maker, *model;	  /* of the system, else of the root; "" */
	const char *why, *hint;		  /* why nothing more is asked; NULL: it is */
	const char *bios_why, *bios_hint; /* why the BIOS was not read */
	const char *inventory_why; /* not all of the inventory was read: then nothing is known of what is in it */
	bool bios_asked, bios_read, inventory_read;
	size_t listed; /* entries of the inventory, on all its pages */
	unsigned matches;
};

/* Puts a request behind those that wait. Paths are taken as the BMC gave them; what is none of this BMC, or is too much
 * for one run, is passed over (of the inventory that is noted). */
void hp_rf_want(struct hp_redfish *r, enum hp_redfish_what what, const char *path, const char *subject);
/* The path of a member {"@odata.id": PATH} of an object; NULL when there is none, or it is not below /redfish. */
const char *hp_rf_link(const struct hp_redfish *r, const json_t *object, const char *member);
/* The same of a text, of whatever BMC. */
const char *hp_rf_path(struct hp_arena *a, const char *origin, const char *text);
/* The text of a member, or NULL. */
const char *hp_rf_text(const json_t *object, const char *member);
/* One document, nothing behind it, not too deep and not too large; NULL and why. Its memory is the arena's. */
json_t *hp_rf_parse(struct hp_arena *a, struct hp_str body, const char **ret_why);
/* The value of a header line of a reply, or NULL. */
const char *hp_rf_header(struct hp_arena *a, const struct hp_reply *reply, const char *name);
/* What a refusal's messages say: ExtendedInfo is a list, or (iDRAC) an object; and the last part of an id ("RAC0218").
 */
const json_t *hp_rf_message(const json_t *root, size_t i); /* NULL: there are no more */
const char *hp_rf_message_word(const json_t *message);
bool hp_rf_is_busy(const char *word); /* or still starting */
/* User or password are wrong, so they must not be sent again: not where the BMC says that it is busy. */
bool hp_rf_login_is_wrong(int status, const char *word);
/* Where `"name": "value"` stands in a body, with any value if that is NULL: an excerpt to be shown. */
struct hp_str hp_rf_place(struct hp_arena *a, struct hp_str body, const char *name, const char *value);
/* Compares as text, letters in either case. */
bool hp_rf_glob(struct hp_arena *a, const char *pattern, const char *text);
/* Does a rule hold for this machine: its maker and model, and no rule of the site's policy goes before it. */
bool hp_rf_rule_holds(struct hp_arena *a, const struct hp_redfish_options *o, const struct hp_bios_rule *rule,
		      const char *maker, const char *model);

/* What the answers say. source: the call, for evidence. */
void hp_rf_read_bios(struct hp_redfish *r, const json_t *bios, struct hp_str body, const char *source);
/* settings NULL: the BIOS has no settings object, or it could not be read, and why. */
void hp_rf_read_settings(struct hp_redfish *r, const json_t *settings, const char *why);
/* Dell applies a pending value at a reset only if a job says so. Where values are pending the jobs are asked for; when
 * all were seen and none of them is for the BIOS, the next reset brings what is in force. The path is NULL on others.
 */
const char *hp_rf_jobs_path(struct hp_redfish *r, const json_t *system);
bool hp_rf_is_pending(const struct hp_redfish *r);
void hp_rf_read_jobs(struct hp_redfish *r, const json_t *collection);
void hp_rf_read_job(struct hp_redfish *r, const json_t *job);
void hp_rf_conclude_jobs(struct hp_redfish *r);
void hp_rf_read_inventory(struct hp_redfish *r, const json_t *collection, struct hp_str body, const char *source);
void hp_rf_read_firmware(struct hp_redfish *r, const json_t *item, struct hp_str body, const char *source);
/* What an earlier run has kept of the boards (options, cached). False when there is nothing that can be read. */
bool hp_rf_read_cached(struct hp_redfish *r);
/* Are the switch boards' firmware versions still to be asked for? */
bool hp_rf_wants_boards(const struct hp_redfish *r);
void hp_rf_read_pcie(struct hp_redfish *r, const struct hp_rf_request *request, const json_t *object,
		     struct hp_str body, const char *source);

#endif
