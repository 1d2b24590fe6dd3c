/* The plan: what the findings want changed, as the steps that change it. Pure.
 *
 * A step is one write: a kernel setting, one HCA's setting, one edit of passthru.map, one attribute of the BIOS (of
 * these, all that a run sets go out together). Several findings may want the
 * same one (eight GPUs, one line of the map); each of them has a change of its own, so that every row of the report's
 * `changes` stands beside the finding that it is for. Steps are ordered: kernel settings, passthru.map, HCAs,
 * the BIOS.
 *
 * The same plan of the same host has the same digest, whoever makes it and whenever: it covers each step's setting, its
 * value now and next, what it is to be, and the command or the edit.
 */
#ifndef HP_ENGINE_PLAN_H
#define HP_ENGINE_PLAN_H

#include "../report/report.h"
#include "../tools/bios_set.h"
#include "../tools/passthru_map.h"
#include "../tools/set.h"
#include "checks.h"
#include "judge.h"

#define HP_PLAN_DIGEST 32 /* hex digits */

struct hp_step {
	unsigned number; /* from 1: in the plan, and in the journal */
	enum hp_setter by;
	const char *target;    /* "host", or the HCA's PCI address */
	const char *setting;   /* "atsSupport", "ATS_ENABLED", "/etc/vmware/passthru.map", "SriovGlobalEnable" */
	const char *device;    /* HCA: MFT's name of it in this run */
	uint32_t product;      /* HCA: vendor << 16 | device */
	const char *now;       /* in force; NULL: not known */
	const char *from, *to; /* next boot, before and after */
	const char *command, *disturbs;
	enum hp_reboot reboot;
	/* MAP */
	struct hp_str was, becomes;
	struct hp_map_edits edits;
	const char *diff;
	/* BIOS */
	const struct hp_bios_way *way;
	const char *json; /* `to`, as it is sent */
	/* What came of it (engine/apply.h). */
	enum hp_result result;
	bool begun;   /* the write was started: it may be on the host */
	bool settled; /* its result stands, whatever is read back: it was put back */
	struct hp_set_answer answer;
	const char *not_kept; /* it is on the host, but would not outlive the boot: why */
	const char *text;
};

struct hp_plan {
	struct hp_step *steps;
	size_t count;
	struct hp_change *changes; /* by step, then as the findings stand */
	size_t *step_of;	   /* per change */
	size_t change_count;
	struct hp_trouble *refused; /* wants that exclude each other, and edits that cannot be made */
	size_t refused_count;
	const char *digest;
};

/* From the findings that are fixable and count: one of severity info, or below fail_on, changes nothing. `only`: what
 * --only was given, or NULL. */
void hp_plan_make(struct hp_arena *a, const struct hp_findings *findings, const struct hp_facts *facts,
		  const char *only, enum hp_severity fail_on, struct hp_plan *ret);
/* The steps' results, texts and reboots into their changes. */
void hp_plan_settle(struct hp_plan *plan);

/* For whoever makes plans of another kind (undo.h): adds a step, adds a change of the step added last, ends the plan.
 */
struct hp_step *hp_plan_step(struct hp_arena *a, struct hp_plan *plan, const struct hp_step *step);
void hp_plan_change(struct hp_arena *a, struct hp_plan *plan, const char *check, const char *subject);
void hp_plan_refuse(struct hp_arena *a, struct hp_plan *plan, const char *where, const char *text);
void hp_plan_finish(struct hp_arena *a, struct hp_plan *plan);
/* What a step disturbs, and the command that makes it; fills step->command and step->disturbs. Returns why it cannot be
 * made (BIOS), or NULL. */
const char *hp_plan_describe(struct hp_arena *a, const struct hp_facts *facts, struct hp_step *step);

/* What the host holds for the next boot where a step writes: PRESENT, or why it is not known. MAP: `to` where the file
 * is as the step leaves it, `from` where it is as it was, else "changed". */
struct hp_value hp_step_next(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
			     const struct hp_step *step);
/* Judges each step that was begun by what the host holds now. `done`: the result of one that took (verified, undone).
 */
void hp_plan_verify(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
		    enum hp_result done, struct hp_plan *plan);

#endif
