#include "inputs.h"
#include "merge.h"
#include "odd.h"
#include "options.h"

#include "../io/program.h"

#define TOLD 20u /* lines on stderr; the document has all of them */

static void say(struct hp_arena *a, const char *where, const char *text)
{
	hp_program_say("hostprep-report", hp_format(a, "%s: %s", hp_clean_text(a, hp_str(where), 200, NULL),
						    hp_clean_text(a, hp_str(text), 400, NULL)));
}

static void tell(struct hp_merge *m)
{
	for (size_t i = 0; i < m->error_count && i < TOLD; i++)
		say(m->arena, m->errors[i].where, m->errors[i].text);
	if (m->error_count > TOLD)
		say(m->arena, "merge",
		    hp_format(m->arena, "and %zu more; the document's \"errors\" has all", m->error_count - TOLD));
	if (m->repeated)
		say(m->arena, "merge",
		    hp_format(m->arena, "%zu names stand in the list of hosts more than once; each has one row",
			      m->repeated));
}

static int write_document(struct hp_merge *m, const struct hp_fleet_options *o, int *ret_exit, struct hp_err *err)
{
	struct hp_out *out;
	if (hp_out_open(m->arena, o->output, &out, err) < 0)
		return -1;
	if (hp_merge_write(m, out, o->baseline, ret_exit, err) < 0) {
		hp_out_drop(out);
		return -1;
	}
	return hp_out_close(out, err);
}

int hp_fleet_cmd_merge(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_merge m = {.arena = a, .missing = "no report of it was given", .odd = hp_odd_begin(a)};
	struct hp_hosts hosts = {0};
	struct hp_err err;
	bool usage = false;
	int code;
	if (o->hosts) {
		if (hp_hosts_read(a, o->hosts, &hosts, &usage, &err) < 0) {
			(void)hp_fleet_failed(&err);
			return usage ? HP_EXIT_USAGE : HP_EXIT_NO_VERDICT;
		}
		m.expected = &hosts;
		m.repeated = hosts.repeated;
	}
	/* One scan folder gives the document its head; of several things merged it is made of what was merged. */
	if (o->file_count == 1 && hp_scan_folder(a, o->files[0]) && hp_scan_folder_head(&m, o->files[0], &err) < 0) {
		const char *folder = hp_clean_text(a, hp_str(o->files[0]), 200, NULL);
		code = hp_fleet_failed(&err);
		hp_program_say(
		    "hostprep-report",
		    hp_format(a, "without it: hostprep-report merge --hosts %s/hosts.txt %s/reports", folder, folder));
		return code;
	}
	if (hp_spill_open(a, o->output, &m.spill, &err) < 0)
		return hp_fleet_failed(&err);
	for (size_t i = 0; i < o->file_count; i++)
		if (hp_inputs_add(&m, o->files[i], o->output, &err) < 0)
			return hp_fleet_failed(&err);
	hp_merge_settle(&m);
	tell(&m);
	return write_document(&m, o, &code, &err) < 0 ? hp_fleet_failed(&err) : code;
}
