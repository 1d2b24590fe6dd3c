/* hostprep check, hostprep reboot-status, hostprep capture. */
#include "commands.h"
#include "run_dir.h"
#include "session.h"

int hp_cmd_check(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_session *s = hp_alloc(a, sizeof *s);
	hp_session_gather(a, o, s);
	hp_session_judge(s);
	hp_session_conclude(s);
	/* Part of a host, or somebody else's, is not what `hostprep report` should show. */
	if (s->report.complete && !s->failed && !o->replay)
		hp_last_report_save(a, o->root, hp_report_json(a, &s->report),
				    hp_report_text(a, &s->report, &(struct hp_text_style){.color = false}));
	return hp_session_print(s);
}

int hp_cmd_reboot_status(struct hp_arena *a, const struct hp_options *o)
{
	static const int codes[] = {
	    [HP_NOT_NEEDED] = HP_EXIT_OK, [HP_NEEDED] = HP_EXIT_REBOOT, [HP_CANNOT_TELL] = HP_EXIT_UNKNOWN};
	struct hp_session *s = hp_alloc(a, sizeof *s);
	hp_session_gather(a, o, s);
	hp_session_judge(s);
	hp_session_conclude(s);
	if (!s->failed)
		s->report.exit_code = codes[s->report.reboot.required];
	return hp_session_print(s);
}

int hp_cmd_capture(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_session *s = hp_alloc(a, sizeof *s);
	hp_session_gather(a, o, s);
	for (size_t i = 0; i < s->report.error_count; i++)
		hp_complain(s->report.errors[i].text);
	if (s->failed)
		return s->failed;
	if (!o->record)
		return hp_print(hp_capture_text(a, &s->recorded)) ? HP_EXIT_OK : HP_EXIT_NO_VERDICT;
	return hp_print(hp_str(hp_format(a, "%zu calls recorded in %s\n", s->recorded.count, o->record)))
		   ? HP_EXIT_OK
		   : HP_EXIT_NO_VERDICT;
}
