/* mlxconfig's answer against an independent reading of it, whole and cut at every byte of the row. */
#include <string.h>

#include "../../agent/tools/mft.h"
#include "fuzz.h"

static struct hp_mlx_answer answer(struct hp_arena *a, const struct hp_reply *reply)
{
	static const char *const argv[] = {
	    "opt/mellanox/bin/mlxconfig", "-d", "mt4129_pciconf0", "-e", "query", "ATS_ENABLED", NULL};
	static const struct hp_call call = {.kind = HP_CALL_RUN, .argv = argv, .lane = "mft", .cap = HP_CAP_SMALL};
	struct hp_mlx_answer ret;
	hp_mlx_read(a, &call, reply, "mt4129_pciconf0", "ATS_ENABLED", &ret);
	return ret;
}

static void judge_value(const struct hp_value *v, const char *said)
{
	if (v->is == HP_PRESENT)
		MUST(*said && strcmp(v->text, said) == 0);
	else
		MUST(v->is == HP_NO_DATA && v->why && *v->why);
}

/* Nothing that ends before the row's newline may say what the whole said. */
static void judge_cuts(struct hp_arena *a, const struct hp_reply *whole, const struct fuzz_row *row)
{
	size_t from = row->to > 600 ? row->to - 600 : 0;
	for (size_t n = from; n < row->to; n++) {
		struct hp_reply cut = *whole;
		cut.out.n = n;
		struct hp_mlx_answer got = answer(a, &cut);
		MUST(got.now.is == HP_NO_DATA && got.next.is == HP_NO_DATA);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_reply reply = fuzz_reply(input);
	struct hp_mlx_answer got = answer(a, &reply);
	struct fuzz_row row;
	bool read = fuzz_mlx_row(reply.out, "mt4129_pciconf0", &row);
	MUST(fuzz_inside(got.record, reply.out));
	judge_value(&got.now, row.now);
	judge_value(&got.next, row.next);
	if (got.now.is != HP_PRESENT && got.next.is != HP_PRESENT)
		return;
	MUST(read && fuzz_ended_well(&reply));
	MUST(got.read_only == row.read_only);
	MUST((size_t)(got.record.p - reply.out.p) + got.record.n + 1 == row.to);
	judge_cuts(a, &reply, &row);
}
