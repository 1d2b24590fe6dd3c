/* What a tool answers to a change: done is only what was said whole, by the device that was asked, and that nothing was
 * changed is only said where the tool said so or never ran.
 *
 * Input: m (mlxconfig) or any other (esxcli), then a reply (fuzz.h). */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/tools/set.h"
#include "fuzz.h"

#define NAME "mt4129_pciconf0"

enum { DEVICE, OTHER_DEVICE, DONE, LOADS, POWER, ERROR, BUSY, PATTERNS };

static bool matches(int which, const char *line)
{
	static const char busy[] =
	    "(Semaphore locked|[dD]evice is busy|ICMD interface busy|Timed out trying to take the "
	    "ICMD|ME_ICMD_STATUS_SEMAPHORE_TO|check if NV access registers are supported)";
	static const char *const texts[PATTERNS] = {"^(PCI device|Device):[ \t\r]*(/dev/|/dev/mst/)?" NAME "[ \t\r]*$",
						    "^(PCI device|Device):",
						    "^[ \t\r]*Applying\\.\\.\\. Done![ \t\r]*$",
						    "^[ \t\r]*-I-.*(reboot|power[ -]cycle)",
						    "^[ \t\r]*-I-.*power[ -]cycle",
						    "-E-",
						    busy};
	static regex_t compiled[PATTERNS];
	static bool done;
	for (int i = 0; i < PATTERNS && !done; i++)
		if (regcomp(&compiled[i], texts[i], REG_EXTENDED | REG_NOSUB))
			abort();
	done = true;
	return regexec(&compiled[which], line, 0, NULL, 0) == 0;
}

struct said {
	unsigned lines[PATTERNS];
};

static struct said look_through(struct hp_arena *a, struct hp_str out)
{
	struct said s = {0};
	while (out.n) {
		const char *line = hp_copy(a, fuzz_line(&out));
		for (int i = 0; i < PATTERNS; i++)
			/* what loads the value counts below "Done!" */
			s.lines[i] += matches(i, line) && ((i != LOADS && i != POWER) || s.lines[DONE]);
	}
	return s;
}

static struct hp_set_answer answer_of(struct hp_arena *a, bool mlx, const struct hp_reply *reply)
{
	struct hp_set_answer answer;
	if (mlx)
		hp_mlx_set_read(a, hp_mlx_set(a, NAME, "ATS_ENABLED", "1"), reply, NAME, &answer);
	else
		hp_kernel_set_read(a, hp_kernel_set(a, "atsSupport", "TRUE"), reply, &answer);
	return answer;
}

static void judge_mlx(struct hp_arena *a, const struct hp_reply *reply, const struct hp_set_answer *got)
{
	struct said s = look_through(a, reply->out);
	bool other = s.lines[OTHER_DEVICE] != s.lines[DEVICE];
	MUST(!got->power_cycle || s.lines[POWER]);
	if (got->end == HP_SET_DONE) {
		MUST(fuzz_ended_well(reply) && !s.lines[ERROR] && s.lines[DONE] && s.lines[LOADS]);
		MUST(s.lines[DEVICE] == 1 && !other && got->reboot_told);
		MUST(got->power_cycle == (s.lines[POWER] > 0));
		return;
	}
	MUST(!got->power_cycle && !got->reboot_told);
	if (got->end == HP_SET_UNCLEAR || reply->end != HP_END_EXIT)
		return;
	MUST(reply->code != 0 && hp_str_ends(reply->out, "\n") && !s.lines[DONE] && !other);
	MUST(got->end != HP_SET_BUSY || s.lines[BUSY]);
}

/* Nothing that ends before a good answer's last newline is one. */
static void judge_cuts(struct hp_arena *a, const struct hp_reply *whole)
{
	size_t end = hp_str_trim(whole->out).n + (size_t)(hp_str_trim(whole->out).p - whole->out.p);
	struct said s = look_through(a, whole->out);
	if (s.lines[LOADS] != 1 || !s.lines[DONE])
		return; /* with two such lines the first may be the end */
	size_t from = end > 400 ? end - 400 : 0;
	for (size_t n = from; n <= end; n++) {
		struct hp_reply cut = *whole;
		cut.out.n = n;
		if (look_through(a, cut.out).lines[LOADS] == 0 || whole->out.p[n ? n - 1 : 0] != '\n')
			MUST(answer_of(a, true, &cut).end == HP_SET_UNCLEAR);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	bool mlx = fuzz_byte(&input) == 'm';
	struct hp_reply reply = fuzz_reply(input);
	struct hp_set_answer got = answer_of(a, mlx, &reply);
	bool never_ran = reply.end == HP_END_NOT_FOUND || reply.end == HP_END_NOT_STARTED ||
			 (reply.end == HP_END_CANCELLED && !reply.out.n);
	MUST((got.end == HP_SET_DONE) == !got.why);
	MUST(!got.why || (fuzz_utf8(hp_str(got.why)) && *got.why));
	if (reply.end != HP_END_EXIT)
		MUST(got.end == (never_ran ? HP_SET_REFUSED : HP_SET_UNCLEAR));
	if (mlx) {
		judge_mlx(a, &reply, &got);
		if (got.end == HP_SET_DONE)
			judge_cuts(a, &reply);
		return;
	}
	MUST(got.end != HP_SET_BUSY && !got.power_cycle && !got.reboot_told);
	MUST((got.end == HP_SET_DONE) == (fuzz_exit_0(&reply) && !reply.out.n));
	if (reply.end == HP_END_EXIT)
		MUST((got.end == HP_SET_REFUSED) == (reply.code != 0));
}
