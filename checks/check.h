/* Checks: each says what it finds about a host's facts, and does nothing.
 *
 * A check is three files: checks/ID.c, docs/checks/ID.md and at least one case in tests/cases/ID/. The build finds the
 * .c by itself and expects one `const struct hp_check hp_check_ID` in it (the ID's dashes are underscores there).
 * scripts/new-check makes all three.
 *
 * In the common case evaluate() is a loop over subjects with one hp_expect() line per setting.
 */
#ifndef HP_CHECKS_CHECK_H
#define HP_CHECKS_CHECK_H

#include "../agent/base/fact.h"
#include "../agent/base/num.h"
#include "../agent/base/str.h"
#include "../agent/report/finding.h"
#include "../agent/tools/passthru_map.h"
#include "../agent/tools/psb.h"
#include "../agent/tools/tool.h"

/* What a policy may say under `want`. */
enum hp_want_kind {
	HP_WANT_NONE,	      /* nothing: the check has no value to compare with */
	HP_WANT_BOOL,	      /* TRUE or FALSE, of a kernel setting */
	HP_WANT_BIT,	      /* 0 or 1, of an HCA */
	HP_WANT_RESET_METHOD, /* flr d3d0 link bridge */
	HP_WANT_RELEASE	      /* "8.0.3 24280767": version and build */
};

#define HP_NEEDS_MAX 8

struct hp_judge;

struct hp_check {
	const char *id, *title;
	enum hp_severity severity;
	enum hp_want_kind want_kind;
	const char *want;		 /* the built-in one; with HP_WANT_NONE only shown, or NULL */
	bool fixable;			 /* `hostprep fix` can bring it about */
	enum hp_reboot reboot;		 /* what a change of it needs */
	const char *needs[HP_NEEDS_MAX]; /* asks (agent/tools/asks.h), ended by NULL */
	const char *tags[4];		 /* "kernel", "hca", "gpu", "host"; ended by NULL */
	void (*evaluate)(struct hp_judge *judge);
	/* For `hostprep explain`: whole sentences. */
	const char *looks_at, *why, *fixed_by, *undone_by;
};

/* Every check, by id; NULL ends it. Generated from the files of this folder. */
extern const struct hp_check *const hp_checks[];

/* ---- What is known about the devices that matter ---- */

struct hp_hca {
	const struct hp_device *device;
	const char *used_by; /* VMkernel uses it ("it carries the uplink vmnic4"): not applicable, never written */
	struct hp_evidence used_evidence;
	const struct hp_mst_device *mst; /* its row of mst status, or NULL */
	const char *unclear;		 /* more than one row could be its own, or names disagree: why */
};

struct hp_inventory {
	struct hp_value pci, mst; /* could the lists be read at all */
	const struct hp_device **gpus, **nvswitches;
	size_t gpu_count, nvswitch_count;
	struct hp_hca *hcas; /* by address; those that VMkernel uses are among them */
	size_t hca_count;
	size_t hca_used;			/* how many of them VMkernel uses */
	const struct hp_mst_device **strangers; /* rows of HCAs that the PCI list does not have */
	size_t stranger_count;
	size_t mst_hcas; /* HCAs that MFT lists: on the bus or not, used or not */
};

struct hp_judge {
	const struct hp_check *check;
	struct hp_arena *arena;
	const struct hp_facts *facts;
	const struct hp_inventory *inventory;
	const char *want; /* of this check: the policy's, else the built-in one */
	enum hp_severity severity;
	int expect_gpus, expect_nvswitches, expect_hcas; /* -1: the policy does not say */
	bool accept_default;
	const struct hp_psb_policy *psb;	  /* NULL: nothing is said */
	const struct hp_redfish_options *redfish; /* access to the BMC, and what is read of the BIOS */
	/* The engine's: use the functions below. */
	struct hp_finding **findings;
	size_t count, room;
};

/* ---- What evaluate() says ---- */

/* A new finding about a subject; unknown until its state is set. */
struct hp_finding *hp_say(struct hp_judge *j, const char *subject, enum hp_state state, const char *text);
void hp_cite(struct hp_finding *f, const struct hp_evidence *evidence); /* does nothing without a source */
/* What to do and what to type (NULL: nothing single). Counts as fixable where the check is and the finding fails or
 * regresses; a check that knows better clears remedy.fixable afterwards. */
void hp_remedy(struct hp_finding *f, const char *text, const char *command);

/* What `hostprep fix` is to set; does nothing where the finding is not fixable. */
void hp_set_hca(struct hp_finding *f, const struct hp_hca *hca, const char *parameter);
void hp_set_reset_method(struct hp_finding *f, const struct hp_device *device);

/* How a remedy's sentence ends: ", then reboot", or that none is needed because what is wanted is in force already. */
const char *hp_then_reboot(const struct hp_finding *f, bool through_firmware);

/* How now and next stand to want; an absent value is one that could not be read. */
enum hp_state hp_judge_pair(const char *want, const struct hp_value *now, const struct hp_value *next);
/* One setting: judges the fact against want and says it in words, with its evidence. `what` names the setting. */
struct hp_finding *hp_expect(struct hp_judge *j, const char *subject, const char *what, const char *want,
			     const struct hp_fact *fact);
/* An unknown finding that says why, with the value's hint as its remedy. */
struct hp_finding *hp_say_no_data(struct hp_judge *j, const char *subject, const struct hp_value *value);

/* A kernel setting (fact kernel.NAME), which fix sets where the check is fixable. An absent one is unknown;
 * absent_on_8, if not NULL, makes it not applicable with that text where the release is 8.x. */
struct hp_finding *hp_expect_kernel(struct hp_judge *j, const char *name, const char *want, const char *absent_on_8);
/* A setting of the BIOS, over Redfish: one finding for the host. Which attributes are meant on which machine, and which
 * values are right, is a table in the policy (bios); without access to the BMC it is skipped. */
void hp_expect_bios(struct hp_judge *j);
/* The major version of ESX, or 0 when it is not known. */
unsigned hp_esx_major(const struct hp_judge *j);

#endif
