/* What is written through esxcli, and what the shell's own tools do around it. esxcli prints nothing when it has set a
 * value, its errors on stdout with exit 1, and its help for an incomplete command with exit 0 (esxcli.py of 6.7). */
#include <limits.h>

#include "set_end.h"
#include "tool.h"

#define LANE "esxcli-writes" /* one after the other: all of them end in hostd's or the boot bank's state */
#define AUDIT_MAX 900	     /* bytes; syslog's lines hold 1024 with their head (RFC 3164) */

struct hp_call *hp_kernel_set(struct hp_arena *a, const char *name, const char *value)
{
	const char *argv[] = {"bin/esxcli", "system", "settings", "kernel", "set", "-s", name, "-v", value, NULL};
	struct hp_call *call = hp_set_call(a, argv, LANE);
	call->empty_ok = true;
	return call;
}

/* Texts of esxcli's session layer (6.7) and of a host whose hostd is down. */
static bool no_hostd(const struct hp_reply *reply)
{
	static const char *const texts[] = {"Connect to localhost failed", "Connection failed", "Connection failure"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (hp_str_has(reply->out, texts[i]) || hp_str_has(reply->err, texts[i]))
			return true;
	return false;
}

void hp_kernel_set_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
			struct hp_set_answer *ret)
{
	if (!hp_set_ended(a, call, reply, "esxcli", ret)) {
		if (reply->end == HP_END_NOT_FOUND || reply->end == HP_END_NOT_STARTED)
			ret->hint = "Look whether this is an ESX host: `ls -l /bin/esxcli`.";
		return;
	}
	if (reply->code == 0 && !reply->out.n) {
		ret->end = HP_SET_DONE;
		return;
	}
	ret->end = reply->code ? HP_SET_REFUSED : HP_SET_UNCLEAR;
	if (reply->code)
		ret->why = hp_format(a, "esxcli %s", hp_reply_trouble(a, call, reply));
	else
		ret->why = hp_format(a, "esxcli printed \"%s\", and it prints nothing when it has set a value",
				     hp_clean_text(a, hp_str_trim(reply->out), 160, NULL));
	ret->hint = no_hostd(reply) ? "Start hostd (`/etc/init.d/hostd start`; `/etc/init.d/hostd status` tells), "
				      "then try again."
				    : "Run the command by hand.";
}

struct hp_call *hp_auto_backup(struct hp_arena *a)
{
	static const char *const argv[] = {"sbin/auto-backup.sh", NULL};
	struct hp_call *call = hp_set_call(a, argv, LANE);
	call->empty_ok = true;
	return call;
}

/* ESX gives up by itself after `seconds`; only an esxcli that hangs is ended by the door. */
struct hp_call *hp_maintenance_enter(struct hp_arena *a, unsigned seconds)
{
	const char *limit = hp_format(a, "%u", seconds);
	const char *argv[] = {"bin/esxcli", "system", "maintenanceMode", "set", "-e", "true", "-t", limit, NULL};
	struct hp_call *call = hp_set_call(a, argv, LANE);
	call->timeout_ms = seconds < UINT_MAX / 1000 - 30 ? (seconds + 30) * 1000 : UINT_MAX / 1000 * 1000;
	call->empty_ok = true;
	return call;
}

/* One line of printable ASCII that logger cannot take for an option. */
static const char *audit_text(struct hp_arena *a, const char *text)
{
	struct hp_buf b = hp_buf(a);
	if (text[0] == '-')
		hp_puts(&b, " ");
	for (; *text && b.n < AUDIT_MAX; text++) {
		bool blank = *text == '\t' || *text == '\n' || *text == '\r';
		char c = blank ? ' ' : *text;
		hp_put(&b, (struct hp_str){c >= 0x20 && c <= 0x7e ? &c : "?", 1});
	}
	return hp_built_text(&b);
}

struct hp_call *hp_audit(struct hp_arena *a, const char *text)
{
	const char *argv[] = {"bin/logger", "-t", "hostprep", audit_text(a, text), NULL};
	struct hp_call *call = hp_call_run(a, argv);
	call->timeout_ms = 5000;
	call->empty_ok = true;
	return call;
}
