/* passthru.map against an independent reading by regular expression: a method is said only when every line that can
 * mean the device is understood, and all of them agree where it is flr.
 *
 * Input: a reply (fuzz.h) whose bytes are the file. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../agent/tools/asks.h"
#include "../../agent/tools/passthru_map.h"
#include "fuzz.h"

#define HEX "[0-9a-fA-F]{4}"
#define GAP "[ \t\r]+"

struct said {
	unsigned lines, flr, settled, other; /* lines that match; of these flr, default, another method */
	bool doubtful;			     /* a line that is not understood may match */
};

static bool matches(int which, const char *text, regmatch_t *parts)
{
	static const char *const texts[] = {
	    "^[ \t\r]*(#.*)?$",
	    "^[ \t\r]*(" HEX ")" GAP "(" HEX ")" GAP "(flr|d3d0|link|bridge|default)" GAP
	    "(true|false|default)([ \t\r]*|" GAP "#.*)$",
	    "^[ \t\r]*(" HEX ")(" GAP ".*)?$", "^[ \t\r]*(" HEX ")" GAP "(" HEX ")(" GAP ".*)?$"};
	static regex_t compiled[4];
	static bool done;
	for (int i = 0; i < 4 && !done; i++)
		if (regcomp(&compiled[i], texts[i], REG_EXTENDED))
			abort();
	done = true;
	return regexec(&compiled[which], text, 4, parts, 0) == 0;
}

static bool is_id(const char *text, const regmatch_t *part, const char *id)
{
	return strncasecmp(text + part->rm_so, id, 4) == 0 || strncasecmp(text + part->rm_so, "ffff", 4) == 0;
}

/* For the device 10de:2330. */
static void look_at(const char *line, struct said *said)
{
	regmatch_t p[4];
	if (matches(0, line, p))
		return;
	if (matches(1, line, p)) {
		if (!is_id(line, &p[1], "10de") || !is_id(line, &p[2], "2330"))
			return;
		said->lines++;
		said->flr += line[p[3].rm_so] == 'f';
		said->settled += strncmp(line + p[3].rm_so, "de", 2) == 0;
		return;
	}
	bool other_vendor = matches(2, line, p) && !is_id(line, &p[1], "10de");
	bool other_device = matches(3, line, p) && !is_id(line, &p[2], "2330");
	said->doubtful = said->doubtful || !(other_vendor || other_device);
}

static void judge_method(struct hp_arena *a, struct hp_str bytes)
{
	struct hp_map map;
	struct hp_str record, rest = bytes;
	struct said said = {0};
	unsigned lines;
	hp_map_read(a, bytes, &map);
	for (size_t i = 0; i < map.count; i++) {
		const struct hp_map_line *l = &map.lines[i];
		MUST(fuzz_inside(l->bytes, bytes) && fuzz_inside(l->method, l->bytes) && l->number > 0);
		MUST(l->bytes.p == bytes.p || l->bytes.p[-1] == '\n');
		MUST(!i || l->number > map.lines[i - 1].number);
	}
	while (rest.n)
		look_at(hp_copy(a, fuzz_line(&rest)), &said);
	struct hp_value v = hp_map_method(a, &map, 0x10de, 0x2330, "flr", &lines, &record);
	MUST(fuzz_inside(record, bytes));
	if (v.is != HP_PRESENT) {
		MUST(v.is == HP_NO_DATA && v.why && fuzz_one_line(v.why) && said.doubtful);
		return;
	}
	MUST(!said.doubtful && lines == said.lines);
	if (strcmp(v.text, "flr") == 0)
		MUST(said.lines && said.flr == said.lines);
	else if (strcmp(v.text, "default") == 0)
		MUST(said.flr + said.settled == said.lines && (!said.lines || said.settled));
	else
		MUST(said.flr + said.settled < said.lines);
	MUST(!said.lines || fuzz_says(record, v.text, 256));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_reply reply = fuzz_reply(input);
	struct fuzz_asking asking;
	fuzz_ask(a, &hp_ask_passthru_map, &asking);
	hp_ask_passthru_map.put(&asking.asking);
	MUST(asking.submitted == 1);
	hp_ask_passthru_map.read(&asking.asking, asking.calls[0], 0, &reply);
	const struct hp_fact *file = hp_fact(&asking.facts, HP_HOST, "passthru-map");
	if (file->now.is != HP_PRESENT) {
		MUST(file->now.is == HP_NO_DATA && file->now.why);
		return;
	}
	MUST(fuzz_exit_0(&reply) && reply.out.n == reply.size && hp_str_trim(reply.out).n);
	MUST(!memchr(reply.out.p, 0, reply.out.n));
	MUST(hp_str_same(file->evidence[0].record, reply.out));
	judge_method(a, reply.out);
}
