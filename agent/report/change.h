/* What a run changes, or would change, on the host for the sake of one finding. Pure. */
#ifndef HP_REPORT_CHANGE_H
#define HP_REPORT_CHANGE_H

#include "finding.h"

/* How far a change has come. Written and read back are two things: `ineffective` is a tool that said it did it, and a
 * host that says it did not; `failed` is a tool that refused, or a change that would not have outlived the boot. */
enum hp_result {
	HP_PLANNED,	/* nothing was done yet, or nothing will be: a gate stopped the run */
	HP_APPLIED,	/* written, but it could not be read back */
	HP_VERIFIED,	/* written and read back */
	HP_FAILED,	/* not written, or put back */
	HP_INEFFECTIVE, /* written, and read back different */
	HP_UNDONE,	/* undo: the prior value is back, and read back */
	HP_RESULTS
};

const char *hp_result_word(enum hp_result result); /* "verified" */
bool hp_result_find(struct hp_str word, enum hp_result *ret);

struct hp_change {
	const char *check, *subject; /* the finding that it is for */
	const char *setting;	     /* "atsSupport", "ATS_ENABLED", "/etc/vmware/passthru.map" */
	const char *now;	     /* in force; NULL: not known */
	const char *from, *to;	     /* what the next boot would have brought, and what it is to bring */
	const char *command;	     /* as an admin would type it; of an edit: what is edited */
	const char *diff;	     /* unified, of an edit; else NULL */
	const char *disturbs;	     /* what it may disturb */
	enum hp_reboot reboot;	     /* that it needs to come into force */
	enum hp_result result;
	const char *text; /* what came of it, where the result does not say it all; else NULL */
};

#endif
