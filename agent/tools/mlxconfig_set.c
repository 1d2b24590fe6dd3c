/* mlxconfig -d NAME -y set PARAMETER=VALUE. It prints the device block, a table with the column New, the prompt with
 * its answer, "Applying... Done!" and what loads the value:
 *
 *     -I- Please reboot machine to load new configurations.
 *     -I- Please power cycle machine to load new configurations.     the value is stored as well
 *
 * The last line ends every good answer (mlxconfig/mlxcfg_ui.cpp of mstflint 4.6 to 4.36), so an answer without it was
 * cut. Setting what is set already reads the same.
 */
#include "mft.h"
#include "mlx_said.h"
#include "set_end.h"

struct hp_call *hp_mlx_set(struct hp_arena *a, const char *name, const char *parameter, const char *value)
{
	const char *setting = hp_format(a, "%s=%s", parameter, value);
	const char *argv[] = {"opt/mellanox/bin/mlxconfig", "-d", name, "-y", "set", setting, NULL};
	struct hp_call *call = hp_set_call(a, argv, "mft");
	call->grace_ms = HP_MFT_GRACE_MS;
	call->patient = true;
	return call;
}

/* What stands in the output. */
struct said {
	unsigned blocks, devices; /* "Device #1:", "Device: NAME" */
	bool other_device, applying, done, failed, reboot, power_cycle;
};

static struct said look_through(struct hp_str text, const char *name)
{
	struct said s = {0};
	struct hp_str line;
	bool ended, same;
	while (hp_next_line(&text, &line, &ended)) {
		struct hp_str bare = hp_str_trim(line);
		bool info = s.done && hp_str_starts(bare, "-I-");
		s.blocks += hp_str_starts(line, "Device #");
		if (hp_mlx_device_line(line, name, &same)) {
			s.devices++;
			s.other_device = s.other_device || !same;
		}
		s.applying = s.applying || hp_str_has(line, "Applying");
		s.done = s.done || hp_str_eq(bare, "Applying... Done!");
		s.failed = s.failed || hp_str_has(line, "Failed!");
		s.power_cycle =
		    s.power_cycle || (info && (hp_str_has(line, "power cycle") || hp_str_has(line, "power-cycle")));
		s.reboot = s.reboot || (info && hp_str_has(line, "reboot"));
	}
	return s;
}

static void say(struct hp_set_answer *ret, enum hp_set_end end, const char *why, const char *hint)
{
	ret->end = end;
	ret->why = why;
	ret->hint = hint;
}

/* It exited with another status than 0. Nothing was changed when it says so, and has not said before that it did. */
static void read_failure(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
			 const struct said *s, struct hp_set_answer *ret)
{
	struct hp_str words = hp_mlx_error_line(reply->out);
	bool whole = hp_str_ends(reply->out, "\n") && !hp_str_has_byte(reply->out, '\0');
	/* "Applying" without an error line: it was in the midst of it. */
	bool told = whole && !s->done && (words.n || !s->applying);
	const struct hp_mlx_trouble *trouble = hp_mlx_trouble_of(reply, &words);
	if (told && trouble)
		say(ret, trouble->busy ? HP_SET_BUSY : HP_SET_REFUSED, hp_mlx_trouble_text(a, trouble, words),
		    trouble->hint);
	else if (told && words.n)
		say(ret, HP_SET_REFUSED, hp_format(a, "mlxconfig: %s", hp_clean_text(a, words, 160, NULL)),
		    "Run the command by hand.");
	else
		say(ret, HP_SET_UNCLEAR, hp_format(a, "mlxconfig %s", hp_reply_trouble(a, call, reply)),
		    "Query the HCA before anything else is done.");
}

/* Exit 0: why it does not count as done, or NULL. */
static const char *doubt(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
			 const struct said *s, const char *name)
{
	struct hp_str error = hp_mlx_error_line(reply->out);
	const char *why = hp_reply_trouble(a, call, reply);
	if (why)
		return why;
	if (error.n)
		return hp_format(a, "reports \"%s\" and exit 0", hp_clean_text(a, error, 160, NULL));
	if (!s->done || s->failed)
		return "did not say that it was applied";
	if (!s->reboot && !s->power_cycle)
		return "did not say what loads the value";
	return s->devices ? NULL : hp_format(a, "did not say that it was %s that was set", name);
}

void hp_mlx_set_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply, const char *name,
		     struct hp_set_answer *ret)
{
	if (!hp_set_ended(a, call, reply, "mlxconfig", ret)) {
		if (reply->end == HP_END_NOT_FOUND || reply->end == HP_END_NOT_STARTED)
			ret->hint = "Look whether the VIBs mft and nmst are installed: `esxcli software vib list`.";
		return;
	}
	struct said s = look_through(reply->out, name);
	if (s.other_device || s.devices > 1 || s.blocks > 1) {
		say(ret, HP_SET_UNCLEAR, hp_format(a, "mlxconfig answered for another device than %s", name),
		    "Query every HCA before anything else is done.");
		return;
	}
	if (reply->code != 0) {
		read_failure(a, call, reply, &s, ret);
		return;
	}
	const char *why = doubt(a, call, reply, &s, name);
	if (why) {
		say(ret, HP_SET_UNCLEAR, hp_format(a, "mlxconfig %s", why),
		    "Query the HCA before anything else is done.");
		return;
	}
	ret->end = HP_SET_DONE;
	ret->power_cycle = s.power_cycle;
	ret->reboot_told = s.power_cycle || s.reboot;
}
