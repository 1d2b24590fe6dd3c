#include "spoil.h"

#define NEAR 8u	    /* up to this step the bytes beside a line end are tried */
#define PLACES 300u /* cuts of a reply that is longer than `dense`, beside those at its line ends */

void spoil_ends(const struct spoiler *s, const struct hp_reply *original, bool file)
{
	static const char *const garbage[] = {
	    "\x01\xff\xfe garbage \x00\n",     "garbage\n", "\n",   "Error: nothing\n",
	    "<html><body>503</body></html>\n", "[]\n",	    "{}\n", "[{}]\n",
	    "structure[0].A.B.string=x\n"};
	static const struct {
		const char *what;
		enum hp_end end;
		int code;
	} ends[] = {{"not found", HP_END_NOT_FOUND, 2}, {"time-out", HP_END_TIMEOUT, 0},
		    {"signal", HP_END_SIGNAL, 11},	{"too big", HP_END_TOO_BIG, 0},
		    {"exit 1", HP_END_EXIT, 1},		{"not started", HP_END_NOT_STARTED, 13},
		    {"cancelled", HP_END_CANCELLED, 0}, {"not recorded", HP_END_NOT_RECORDED, 0}};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct spoilt f = {.what = ends[i].what, .reply = *original};
		f.reply.end = ends[i].end;
		f.reply.code = ends[i].code;
		s->try(s->context, &f); /* with what it printed until then */
		f.reply.out = f.reply.err = (struct hp_str){NULL, 0};
		f.reply.size = 0;
		s->try(s->context, &f);
	}
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		struct spoilt f = {.what = "garbage", .reply = *original};
		f.reply.out = i ? hp_str(garbage[i]) : (struct hp_str){garbage[i], 14};
		f.reply.size = f.reply.out.n;
		s->try(s->context, &f);
	}
	if (file) { /* an empty file that is as long as it says */
		struct spoilt f = {.what = "empty", .reply = *original};
		f.reply.out.n = f.reply.size = 0;
		s->try(s->context, &f);
	}
}

static void cut(const struct spoiler *s, const struct hp_reply *original, size_t left)
{
	struct spoilt f = {.what = "cut", .left = left, .reply = *original};
	if (left >= f.reply.out.n)
		return;
	f.reply.out.n = left; /* and `size` stays */
	s->try(s->context, &f);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

void spoil_cuts(const struct spoiler *s, const struct hp_reply *original)
{
	struct hp_str out = original->out;
	uint32_t seed = 2463534242u;
	for (size_t i = 0; i < out.n && i <= s->dense; i += s->step)
		cut(s, original, i);
	for (size_t i = 0; i < out.n; i++) {
		if (out.p[i] != '\n' || (i <= s->dense && s->step == 1))
			continue;
		cut(s, original, i + 1); /* the line end, and one byte to each side: where cuts are hardest to see */
		if (s->step <= NEAR) {
			cut(s, original, i);
			cut(s, original, i + 2);
		}
	}
	for (unsigned i = 0; i < PLACES / s->step && out.n > s->dense; i++)
		cut(s, original, next_random(&seed) % out.n);
}
