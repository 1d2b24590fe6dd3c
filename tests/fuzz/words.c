/* The small readers, each against another way to the same answer: numbers, versions, PCI addresses, patterns, UTF-8.
 *
 * Input: two lines and the rest; every reader gets all of them. */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/base/num.h"
#include "../../agent/base/pci.h"
#include "fuzz.h"

static bool matches(int which, const char *text)
{
	static const char *const texts[] = {"^[0-9]+$", "^[0-9a-fA-F]+$", "^[0-9]+([.][0-9]+){0,3}$",
					    "^([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F][.][0-7]$"};
	static regex_t compiled[4];
	static bool done;
	for (int i = 0; i < 4 && !done; i++)
		if (regcomp(&compiled[i], texts[i], REG_EXTENDED | REG_NOSUB))
			abort();
	done = true;
	return regexec(&compiled[which], text, 0, NULL, 0) == 0;
}

/* A number by the C library; false where that one cannot say either. */
static bool plain_number(const char *text, unsigned base, uint64_t max, uint64_t *ret)
{
	if (!matches(base == 16, text))
		return false;
	errno = 0;
	*ret = strtoull(text, NULL, (int)base);
	return !errno && *ret <= max;
}

static void judge_number(struct hp_str s, const char *text)
{
	static const uint64_t limits[] = {0, 7, 255, 65535, UINT32_MAX, UINT64_MAX / 10, UINT64_MAX};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		for (unsigned base = 10; base <= 16; base += 6) {
			uint64_t got = 0, want = 0;
			bool good = hp_number(s, base, limits[i], &got);
			MUST(good == plain_number(text, base, limits[i], &want) && got == (good ? want : 0));
		}
}

static void judge_version(struct hp_str s, const char *text)
{
	struct hp_version v;
	uint64_t first;
	if (!hp_version(s, &v))
		return;
	MUST(matches(2, text) && hp_version_cmp(&v, &v) == 0);
	MUST(plain_number(text[strspn(text, "0123456789")] ? "0" : text, 10, UINT32_MAX, &first));
	MUST((uint32_t)strtoull(text, NULL, 10) == v.part[0]);
}

static void judge_address(struct hp_arena *a, struct hp_str s, const char *text)
{
	struct hp_sbdf at, again;
	bool good = hp_sbdf(s, &at);
	MUST(good == matches(3, text));
	if (!good)
		return;
	MUST(at.slot <= 31 && at.function <= 7);
	MUST(hp_sbdf(hp_str(hp_sbdf_text(a, &at)), &again) && again.has_domain);
	MUST(hp_sbdf_cmp(&at, &again) == 0 && hp_sbdf_match(&at, &again));
}

static bool glob(const char *pattern, const char *text, unsigned *steps)
{
	if (++*steps > 20000)
		return false;
	if (*pattern == '*')
		return glob(pattern + 1, text, steps) || (*text && glob(pattern, text + 1, steps));
	if (!*text || !*pattern)
		return *text == *pattern;
	return (*pattern == '?' || *pattern == *text) && glob(pattern + 1, text + 1, steps);
}

static void judge_clean(struct hp_arena *a, struct hp_str s)
{
	for (size_t max = 0; max < 300; max = max * 2 + 1) {
		bool truncated = false;
		const char *text = hp_clean_text(a, s, max, &truncated);
		size_t n = strlen(text);
		MUST(n <= max && fuzz_utf8(hp_str(text)));
		MUST(truncated ? n + 4 > max : n == s.n);
		MUST(!strcmp(text, hp_clean_text(a, hp_str(text), max, &truncated)) && !truncated);
		for (size_t i = 0; i < n; i++)
			MUST(text[i] == s.p[i] || text[i] == '?');
	}
}

static void judge_lines(struct hp_str s)
{
	struct hp_str rest = s, line, word;
	size_t taken = 0;
	bool ended = true;
	while (hp_next_line(&rest, &line, &ended)) {
		MUST(fuzz_inside(line, s) && !hp_str_has_byte(line, '\n'));
		taken += line.n + ended;
		while (hp_next_word(&line, &word))
			MUST(fuzz_inside(word, s) && word.n && hp_str_same(word, hp_str_trim(word)));
	}
	MUST(taken == s.n && (ended || !hp_str_ends(s, "\n")));
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_str rest = input, parts[3];
	const char *texts[3];
	parts[0] = fuzz_line(&rest);
	parts[1] = fuzz_line(&rest);
	parts[2] = rest;
	judge_lines(input);
	for (int i = 0; i < 3; i++) {
		texts[i] = hp_copy(a, parts[i]);
		judge_clean(a, parts[i]);
		if (strlen(texts[i]) != parts[i].n)
			continue; /* a NUL inside: the other ways would stop there */
		judge_number(parts[i], texts[i]);
		judge_version(parts[i], texts[i]);
		judge_address(a, parts[i], texts[i]);
		MUST(hp_str_has(input, texts[i]));
	}
	unsigned steps = 0;
	bool want = glob(texts[0], texts[1], &steps);
	MUST(steps > 20000 || hp_glob(texts[0], texts[1]) == want);
}
