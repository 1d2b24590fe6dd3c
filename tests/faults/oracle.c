#include "oracle.h"

#include <string.h>

static size_t line_start(struct hp_str b, size_t at)
{
	while (at > 0 && b.p[at - 1] != '\n')
		at--;
	return at;
}

/* One past the newline. */
static size_t line_end(struct hp_str b, size_t at)
{
	while (at < b.n && b.p[at] != '\n')
		at++;
	return at < b.n ? at + 1 : b.n;
}

static struct hp_str line_at(struct hp_str b, size_t at)
{
	return hp_str_sub(b, line_start(b, at), line_end(b, at));
}

/* "structure[12]." of the line, or nothing. */
static struct hp_str structure_of(struct hp_str line)
{
	for (size_t i = 0; hp_str_starts(line, "structure[") && i < line.n; i++)
		if (line.p[i] == '.')
			return hp_str_sub(line, 0, i + 1);
	return (struct hp_str){NULL, 0};
}

static bool blank_line(struct hp_str line)
{
	return hp_str_trim(line).n == 0;
}

static struct span without_blank_end(struct hp_str b, struct span s)
{
	while (s.to > s.from && blank_line(line_at(b, s.to - 1)))
		s.to = line_start(b, s.to - 1);
	return s;
}

static struct span keyvalue(struct hp_str b, size_t at)
{
	struct hp_str mine = {NULL, 0};
	size_t from = line_start(b, at);
	while (!(mine = structure_of(line_at(b, from))).n && from > 0)
		from = line_start(b, from - 1);
	if (!mine.n)
		return (struct span){0, b.n};
	struct span s = {b.n, 0};
	struct hp_str current = {NULL, 0};
	for (size_t i = 0; i < b.n; i = line_end(b, i)) {
		struct hp_str head = structure_of(line_at(b, i));
		current = head.n ? head : current; /* a line without one goes on with the value before it */
		if (!hp_str_same(current, mine))
			continue;
		s.from = i < s.from ? i : s.from;
		s.to = line_end(b, i);
	}
	return s;
}

static bool header_line(struct hp_str line)
{
	return line.n && line.p[0] != ' ' && !blank_line(line);
}

static struct span block(struct hp_str b, size_t at)
{
	struct span s = {line_start(b, at), 0};
	while (s.from > 0 && !header_line(line_at(b, s.from)))
		s.from = line_start(b, s.from - 1);
	for (s.to = line_end(b, s.from); s.to < b.n && !header_line(line_at(b, s.to));)
		s.to = line_end(b, s.to);
	return without_blank_end(b, s);
}

static struct span mlxconfig(struct hp_str b)
{
	struct span s = {0, b.n};
	for (size_t i = 0; i < b.n; i = line_end(b, i)) {
		struct hp_str line = line_at(b, i);
		if (hp_str_starts(line, "Configurations:"))
			s.from = i;
		else if (hp_str_has(line, " ATS_ENABLED "))
			s.to = line_end(b, i);
	}
	return s;
}

/* A device's bytes, with the line above them, which begins with its address. */
static struct span lspci(struct hp_str b, size_t at)
{
	struct span s = {line_start(b, at), line_end(b, at)};
	while (s.to < b.n && !(s.to + 12 < b.n && b.p[s.to + 4] == ':' && b.p[s.to + 7] == ':'))
		s.to = line_end(b, s.to);
	return s;
}

static bool is_table(struct hp_str b)
{
	size_t second = line_end(b, 0);
	return second < b.n && hp_str_starts(line_at(b, second), "--");
}

struct span oracle_record(const char *key, struct hp_str b, size_t at)
{
	struct span all = {0, b.n}, line = {line_start(b, at), line_end(b, at)};
	if (strncmp(key, "file ", 5) == 0)
		return all;
	if (strstr(key, "mlxconfig"))
		return mlxconfig(b);
	if (strstr(key, "bin/mst"))
		return line;
	if (strstr(key, "bin/lspci"))
		return lspci(b, at);
	if (hp_str_starts(b, "{") || hp_str_starts(b, "["))
		return all;
	if (is_table(b))
		return line;
	return strstr(key, "keyvalue") ? keyvalue(b, at) : block(b, at);
}

bool oracle_pci_device(const char *key, struct hp_str b, const char *sbdf, struct span *ret)
{
	for (size_t i = 0; i < b.n; i = line_end(b, i)) {
		struct hp_str line = line_at(b, i);
		bool address = hp_str_has(line, "Address.string=") || hp_str_has(line, "   Address: ") ||
			       hp_str_has(line, "\"Address\": ");
		if (!address || !hp_str_has(line, sbdf) || hp_str_has(line, "DeviceLayer"))
			continue;
		*ret = oracle_record(key, b, i);
		return true;
	}
	return false;
}

static size_t lines_in(struct hp_str b, struct span s)
{
	size_t n = 0;
	for (size_t i = s.from; i < s.to; i++)
		n += b.p[i] == '\n';
	return n;
}

bool oracle_was_cut(struct hp_str b)
{
	if (b.n && b.p[b.n - 1] != '\n')
		return true;
	if (!hp_str_starts(b, "structure["))
		return false;
	struct span last = keyvalue(b, b.n - 1);
	return last.from > 0 && lines_in(b, last) < lines_in(b, keyvalue(b, last.from - 1));
}
