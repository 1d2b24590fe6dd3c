/* What a check says about one subject. */
#ifndef HP_REPORT_FINDING_H
#define HP_REPORT_FINDING_H

#include "../base/fact.h"

/* `next` is what the next boot brings:
 *     now = next = want                  pass
 *     next = want, now differs           pending-reboot
 *     next differs, now = want           regressing: right today, wrong after the next boot
 *     else                               fail
 *     one of them could not be read      unknown */
enum hp_state {
	HP_PASS,
	HP_FAIL,
	HP_REGRESSING,
	HP_PENDING_REBOOT,
	HP_UNKNOWN,
	HP_NOT_APPLICABLE,
	HP_SKIPPED,
	HP_STATES
};

enum hp_severity { HP_BLOCKER, HP_MAJOR, HP_MINOR, HP_INFO, HP_SEVERITIES };

/* The weakest reboot that suffices. */
enum hp_reboot {
	HP_REBOOT_NONE,
	HP_REBOOT_ANY,	/* Quick Boot will do: kernel settings, passthru.map, VIBs */
	HP_REBOOT_FULL, /* through firmware: HCA and BIOS settings */
	HP_REBOOT_COLD, /* power cycle: mlxconfig asked for one */
	HP_REBOOTS
};

const char *hp_state_word(enum hp_state state);		 /* "pending-reboot" */
const char *hp_severity_word(enum hp_severity severity); /* "blocker" */
const char *hp_reboot_word(enum hp_reboot reboot);	 /* "full" */
bool hp_severity_find(struct hp_str word, enum hp_severity *ret);

struct hp_remedy {
	const char *text;      /* what to do */
	const char *command;   /* what to type, or NULL */
	bool fixable;	       /* `hostprep fix` does it; of the BIOS: in a run with --bios */
	enum hp_reboot reboot; /* that it needs afterwards */
};

/* What `hostprep fix` would set to bring a finding about: a check says it, the plan makes the step of it. */
enum hp_setter { HP_SET_NOTHING, HP_SET_KERNEL, HP_SET_HCA, HP_SET_MAP, HP_SET_BIOS, HP_SETTERS };

/* An attribute of the BIOS that a check judges. A value that is right stands as `to`, however the BIOS says it. */
struct hp_bios_want {
	const char *name, *to;
	const char *now, *next; /* NULL: not known */
};

struct hp_wanted {
	enum hp_setter by;
	const char *name;	  /* KERNEL: the setting. HCA: the parameter */
	const char *device;	  /* HCA: MFT's name of it in this run */
	uint16_t vendor, product; /* MAP: the device whose lines are meant */
	bool by_id_only;	  /* written only when --only names the check itself */
	/* BIOS: ended by a NULL name; there whatever the finding's state is, also where `by` is NOTHING because the run
	 * has no --bios. What is not right is to be set. */
	const struct hp_bios_want *attributes;
};

const char *hp_setter_word(enum hp_setter by); /* "kernel", "hca", "passthru-map", "bios" */
bool hp_setter_find(struct hp_str word, enum hp_setter *ret);
bool hp_reboot_find(struct hp_str word, enum hp_reboot *ret);

#define HP_EVIDENCE_MAX 3

struct hp_finding {
	const char *check, *subject;
	enum hp_state state;
	enum hp_severity severity;
	const char *title;
	const char *want, *now, *next; /* NULL: not known, or there is none */
	const char *text;	       /* one or two sentences */
	struct hp_evidence evidence[HP_EVIDENCE_MAX];
	size_t evidence_count;
	struct hp_remedy remedy; /* text is NULL: nothing to do */
	bool note;		 /* a pass whose text the admin should see */
	bool has_next;		 /* its check judges a setting that a reboot can change */
	/* It fails although what is wanted is set: an earlier reboot has not brought it, and the stronger one that the
	 * remedy names may. */
	bool awaits_boot;
	struct hp_wanted wanted; /* fails or regresses, and is fixable */
	bool waived;		 /* out of a document: a waiver covers it, so that it does not count */
};

#endif
