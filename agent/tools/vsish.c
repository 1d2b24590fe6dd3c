/* vsish -e get /system/loadESX/isBootLoadESX: was the last boot a Quick Boot (1) or one through firmware (0)? HCA and
 * BIOS settings load only in the latter. Source: scripts of ESXi 6.7; the path is not verified on 8 and 9, so not
 * knowing is no finding of its own. */
#include "asks.h"
#include "esxcli.h"

static void quick_boot_put(struct hp_asking *asking)
{
	static const char *const argv[] = {"bin/vsish", "-e", "get", "/system/loadESX/isBootLoadESX", NULL};
	asking->submit(asking, hp_call_run(asking->arena, argv), 0);
}

static void quick_boot_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	const char *why = hp_reply_trouble(asking->arena, call, reply);
	struct hp_str value = hp_str_trim(reply->out);
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, "quick-boot");
	(void)tag;
	f->evidence[0] = hp_evidence(hp_call_text(asking->arena, call), reply->out);
	if (!why && (hp_str_eq(value, "1") || hp_str_eq(value, "0x1")))
		f->now = hp_present("1");
	else if (!why && (hp_str_eq(value, "0") || hp_str_eq(value, "0x0")))
		f->now = hp_present("0");
	else
		f->now = hp_no_data(why ? why : "printed neither 0 nor 1", NULL);
}

const struct hp_ask hp_ask_quick_boot = {.name = "quick-boot", .put = quick_boot_put, .read = quick_boot_read};
