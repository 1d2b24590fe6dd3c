#include "options.h"

int hp_fleet_cmd_diff(struct hp_arena *a, const struct hp_fleet_options *o)
{
	struct hp_err err;
	(void)a;
	(void)o;
	(void)hp_fail(&err, "diff is not there yet");
	return hp_fleet_failed(&err);
}
