#include "passthru_map.h"

#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"
#include "map_line.h"

bool hp_map_known_method(struct hp_str s)
{
	static const char *const methods[] = {"flr", "d3d0", "link", "bridge", "default"};
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (hp_str_eq(s, methods[i]))
			return true;
	return false;
}

static bool hex_id(struct hp_str s, uint32_t *ret)
{
	uint64_t n;
	if (!s.n || s.n > 4 || !hp_number(s, 16, 0xffff, &n))
		return false;
	*ret = (uint32_t)n;
	return true;
}

bool hp_map_line_read(struct hp_str line, struct hp_map_line *ret)
{
	struct hp_str rest = line, words[5];
	size_t n = 0;
	while (n < 5 && hp_next_word(&rest, &words[n])) {
		if (words[n].p[0] == '#')
			break;
		n++;
	}
	if (!n)
		return false;
	*ret = (struct hp_map_line){.bytes = line, .vendor = HP_MAP_ANY, .device = HP_MAP_ANY};
	bool vendor = hex_id(words[0], &ret->vendor) && words[0].n == 4;
	bool device = n > 1 && hex_id(words[1], &ret->device) && words[1].n == 4;
	/* What cannot be read may mean any device: the ids stay wildcards then. */
	if (!vendor)
		ret->vendor = HP_MAP_ANY;
	if (!vendor || !device)
		ret->device = HP_MAP_ANY;
	if (!vendor || !device || n != 4)
		return true;
	ret->method = words[2];
	ret->understood = hp_str_eq(words[3], "true") || hp_str_eq(words[3], "false") || hp_str_eq(words[3], "default");
	return true;
}

bool hp_map_line_clear(const struct hp_map_line *line)
{
	return line->understood && hp_map_known_method(line->method);
}

void hp_map_read(struct hp_arena *a, struct hp_str bytes, struct hp_map *ret)
{
	struct hp_map map = {0};
	struct hp_str line;
	bool ended;
	for (unsigned number = 1; hp_next_line(&bytes, &line, &ended); number++) {
		struct hp_map_line found;
		if (!hp_map_line_read(line, &found))
			continue;
		found.number = number;
		if (map.count == map.room) {
			map.room = map.room ? map.room * 2 : 32;
			map.lines = hp_grow(a, map.lines, map.count, map.room, sizeof *map.lines);
		}
		map.lines[map.count++] = found;
	}
	*ret = map;
}

bool hp_map_matches(const struct hp_map_line *line, uint16_t vendor, uint16_t device)
{
	return (line->vendor == HP_MAP_ANY || line->vendor == vendor) &&
	       (line->device == HP_MAP_ANY || line->device == device);
}

struct hp_value hp_map_method(struct hp_arena *a, const struct hp_map *map, uint16_t vendor, uint16_t device,
			      const char *want, unsigned *ret_lines, struct hp_str *ret_record)
{
	const struct hp_map_line *chosen = NULL;
	*ret_lines = 0;
	*ret_record = (struct hp_str){NULL, 0};
	for (size_t i = 0; i < map->count; i++) {
		const struct hp_map_line *l = &map->lines[i];
		if (!hp_map_matches(l, vendor, device))
			continue;
		++*ret_lines;
		if (!hp_map_line_clear(l)) {
			*ret_record = l->bytes;
			const char *text = hp_clean_text(a, hp_str_trim(l->bytes), 80, NULL);
			return hp_no_data(
			    hp_format(a, "Line %u of /%s is not understood: \"%s\"", l->number, HP_MAP_PATH, text),
			    "Correct the line: vendor-id device-id method true|false|default.");
		}
		bool wanted = hp_str_eq(l->method, want), settled = hp_str_eq(l->method, "default");
		if (!chosen || (hp_str_eq(chosen->method, want) && !wanted) ||
		    (hp_str_eq(chosen->method, "default") && !settled && !wanted))
			chosen = l;
	}
	if (!chosen)
		return hp_present("default");
	*ret_record = chosen->bytes;
	return hp_present(hp_copy(a, chosen->method));
}

struct hp_value hp_reset_method(struct hp_arena *a, const struct hp_device *d)
{
	static const struct {
		const char *printed, *method;
	} methods[] = {
	    {"Function reset", "flr"}, {"Bridge reset", "bridge"}, {"Link reset", "link"}, {"D3D0 reset", "d3d0"}};
	for (size_t i = 0; d->reset_method && i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(d->reset_method, methods[i].printed) == 0)
			return hp_present(methods[i].method);
	if (!d->reset_method)
		return hp_no_data("esxcli hardware pci list prints no Reset Method for it",
				  "Look at the device with `esxcli hardware pci list` by hand.");
	return hp_no_data(hp_format(a, "esxcli hardware pci list prints the Reset Method \"%s\", which is not known",
				    d->reset_method),
			  "Look for a newer hostprep.");
}

static void map_put(struct hp_asking *asking)
{
	struct hp_call *call = hp_alloc(asking->arena, sizeof *call);
	call->kind = HP_CALL_FILE;
	call->path = HP_MAP_PATH;
	call->cap = HP_CAP_SMALL;
	asking->submit(asking, call, 0);
}

/* The fact "passthru-map" holds nothing but that the file was read whole; its bytes are the evidence. */
static void map_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_arena *a = asking->arena;
	const char *source = hp_call_text(a, call);
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, "passthru-map");
	const char *why = hp_reply_trouble(a, call, reply);
	(void)tag;
	if (!why && !hp_str_trim(reply->out).n)
		why = "is empty"; /* ESX ships it with entries: somebody or something has lost them */
	else if (!why && memchr(reply->out.p, '\0', reply->out.n))
		why = "holds bytes that are no text";
	f->evidence[0] = hp_evidence(source, reply->out);
	if (why)
		f->now = hp_no_data(hp_format(a, "%s %s", source, why),
				    "Look at the file (`ls -l /etc/vmware/passthru.map`); it belongs to the "
				    "VIB esx-base.");
	else
		f->now = hp_present("read");
}

const struct hp_ask hp_ask_passthru_map = {.name = "passthru-map", .put = map_put, .read = map_read};
