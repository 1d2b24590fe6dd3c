/* Edits of passthru.map, what takes them back, and their diffs. */
#include <stdio.h>

#include "../../agent/tools/passthru_map.h"
#include "unit.h"

#define HEAD "--- /etc/vmware/passthru.map\n+++ /etc/vmware/passthru.map\n"
#define COUNT(x) (sizeof(x) / sizeof(x)[0])

static const struct hp_map_device gpu[] = {{0x10de, 0x2330}};

struct edited {
	const char *why;
	struct hp_map_edits edits;
	struct hp_str text;
};

static struct edited edit_bytes(struct hp_arena *a, struct hp_str bytes, const struct hp_map_device *devices, size_t n,
				const char *want)
{
	struct edited e = {0};
	e.why = hp_map_edit(a, bytes, devices, n, want, &e.edits, &e.text);
	return e;
}

static struct edited edit(struct hp_arena *a, const char *text)
{
	return edit_bytes(a, hp_str(text), gpu, 1, "flr");
}

static struct edited restore(struct hp_arena *a, struct hp_str text, const struct hp_map_edits *edits)
{
	struct edited e = {0};
	e.why = hp_map_restore(a, text, edits, &e.edits, &e.text);
	return e;
}

static void becomes(struct hp_arena *a, const char *before, const char *after, size_t edits)
{
	struct edited e = edit(a, before);
	if (e.why)
		fail_msg("\"%s\": %s", before, e.why);
	assert_str(a, e.text, after);
	assert_int_equal(e.edits.count, edits);
	struct edited back = restore(a, e.text, &e.edits);
	assert_null(back.why);
	assert_str(a, back.text, before);
	struct edited again = restore(a, back.text, &back.edits);
	assert_null(again.why);
	assert_str(a, again.text, after);
}

/* ---- edit ---- */

static void the_paper_s_edit(void **state)
{
	struct hp_arena *a = *state;
	becomes(a, "10de ffff bridge false\n", "10de ffff flr false\n", 1);
	struct edited e = edit(a, "# c\n\n10de ffff bridge false\n");
	assert_int_equal(e.edits.items[0].line, 3);
	assert_string_equal(e.edits.items[0].before, "10de ffff bridge false");
	assert_string_equal(e.edits.items[0].after, "10de ffff flr false");
}

static void only_the_method_changes(void **state)
{
	struct hp_arena *a = *state;
	becomes(a, "10de  ffff  bridge   false\n", "10de  ffff  flr   false\n", 1);
	becomes(a, "\t10DE\tFFFF\tbridge\ttrue\t\n", "\t10DE\tFFFF\tflr\ttrue\t\n", 1);
	becomes(a, "10de ffff bridge false\r\n#\r\n", "10de ffff flr false\r\n#\r\n", 1);
	becomes(a, "10de ffff bridge false", "10de ffff flr false", 1);
	becomes(a, "10de 2330 d3d0 false # bridge d3d0\n", "10de 2330 flr false # bridge d3d0\n", 1);
	becomes(a, "10de 2330 link default #\xe2\x80\x90\xff\x01\n", "10de 2330 flr default #\xe2\x80\x90\xff\x01\n",
		1);
	becomes(a, "\n\n# \xff\n10de ffff default false\n\n\n", "\n\n# \xff\n10de ffff flr false\n\n\n", 1);
	becomes(a, "ffff ffff bridge false\n", "ffff ffff flr false\n", 1);
	becomes(a, "10de ffff bridge default\n10de 2330 flr false\n10de 2330 link true\n",
		"10de ffff flr default\n10de 2330 flr false\n10de 2330 flr true\n", 2);
}

static void lines_of_others_stay(void **state)
{
	struct hp_arena *a = *state;
	becomes(a, "10de 1eb8 bridge false\n10de 2330 bridge false\n8086 1502 d3d0 default\n",
		"10de 1eb8 bridge false\n10de 2330 flr false\n8086 1502 d3d0 default\n", 1);
	becomes(a, "8086 broken\n10de ffff bridge false\n", "8086 broken\n10de ffff flr false\n", 1);
	becomes(a, "8086 1502 warp false\n10de ffff bridge false\n", "8086 1502 warp false\n10de ffff flr false\n", 1);
}

static void nothing_to_change(void **state)
{
	struct hp_arena *a = *state;
	becomes(a, "10de ffff flr false\n", "10de ffff flr false\n", 0);
	becomes(a, "10de ffff flr false\r\n10de 2330  flr true", "10de ffff flr false\r\n10de 2330  flr true", 0);
	struct edited e = edit_bytes(a, hp_str("# only\n"), gpu, 0, "flr");
	assert_null(e.why);
	assert_int_equal(e.edits.count, 0);
	assert_str(a, e.text, "# only\n");
}

static void a_line_is_added(void **state)
{
	struct hp_arena *a = *state;
	becomes(a, "# none\n", "# none\n10de ffff flr false\n", 1);
	becomes(a, "10de 1eb8 bridge false\n", "10de 1eb8 bridge false\n10de ffff flr false\n", 1);
	becomes(a, "8086 1502 d3d0 default", "8086 1502 d3d0 default\n10de ffff flr false", 1);
	struct edited e = edit(a, "# none\n\n");
	assert_int_equal(e.edits.items[0].line, 3);
	assert_null(e.edits.items[0].before);
	assert_string_equal(e.edits.items[0].after, "10de ffff flr false");
}

static void a_line_is_added_once_per_vendor(void **state)
{
	struct hp_arena *a = *state;
	static const struct hp_map_device devices[] = {{0x10de, 0x2330}, {0x10de, 0x2335}, {0x1002, 0x74a1},
						       {0x10de, 0x22a3}, {0x1002, 0x74a1}, {0x8086, 0x1502}};
	struct edited e =
	    edit_bytes(a, hp_str("8086 1502 d3d0 default\n10de 2330 link false\n"), devices, COUNT(devices), "bridge");
	assert_null(e.why);
	assert_str(
	    a, e.text,
	    "8086 1502 bridge default\n10de 2330 bridge false\n10de ffff bridge false\n1002 ffff bridge false\n");
	assert_int_equal(e.edits.count, 4);
	assert_int_equal(e.edits.items[2].line, 3);
	assert_int_equal(e.edits.items[3].line, 4);
}

static void refused(struct hp_arena *a, const char *text, const char *why)
{
	struct hp_map_edits edits = {.count = 77};
	struct hp_str out = {"untouched", 9};
	const char *said = hp_map_edit(a, hp_str(text), gpu, 1, "flr", &edits, &out);
	if (!said)
		fail_msg("\"%s\" was edited", text);
	assert_has(said, why);
	assert_int_equal(edits.count, 77);
	assert_str(a, out, "untouched");
}

static void what_must_not_be_edited(void **state)
{
	struct hp_arena *a = *state;
	refused(a, "", "is empty");
	refused(a, " \n\t\r\n", "is empty");
	refused(a, "10de ffff bridge false\n10de 2330\n", "Line 2 of /etc/vmware/passthru.map is not understood");
	refused(a, "broken\n10de ffff bridge false\n", "Line 1 of");
	refused(a, "10de ffff warp false\n", "Line 1 of");
	refused(a, "10de ffff bridge maybe\n", "Line 1 of");
	refused(a, "10de ffff bridge false more\n", "Line 1 of");
	static const char nul[] = "10de ffff bridge false\n#\0\n";
	assert_has(edit_bytes(a, (struct hp_str){nul, sizeof nul - 1}, gpu, 1, "flr").why, "no text");
	assert_has(edit_bytes(a, hp_str("#\n"), gpu, 1, "warp").why, "no reset method");
	static const struct hp_map_device nobody[] = {{0xffff, 0x1}, {0, 0x1}};
	assert_has(edit_bytes(a, hp_str("#\n"), nobody, 1, "flr").why, "no vendor");
	assert_has(edit_bytes(a, hp_str("#\n"), nobody + 1, 1, "flr").why, "no vendor");
}

/* ---- restore ---- */

static void restored(struct hp_arena *a, const char *before, const char *now, const char *wanted)
{
	struct edited e = edit(a, before), back;
	assert_null(e.why);
	back = restore(a, hp_str(now), &e.edits);
	if (back.why)
		fail_msg("\"%s\": %s", now, back.why);
	assert_str(a, back.text, wanted);
	/* and what this was can be taken back, too */
	struct edited again = restore(a, back.text, &back.edits);
	assert_null(again.why);
	assert_str(a, again.text, now);
}

static void a_file_that_was_changed_meanwhile(void **state)
{
	struct hp_arena *a = *state;
	restored(a, "10de ffff bridge false\n", "# new\n10de ffff flr false\n", "# new\n10de ffff bridge false\n");
	restored(a, "#\n10de ffff bridge false\n", "10de ffff flr false\n8086 1 d3d0 false\n",
		 "10de ffff bridge false\n8086 1 d3d0 false\n");
	restored(a, "# none\n", "# none\n10de ffff flr false\n8086 1502 d3d0 true\n", "# none\n8086 1502 d3d0 true\n");
	restored(a, "# none\n", "8086 1502 d3d0 true\n# none\n10de ffff flr false",
		 "8086 1502 d3d0 true\n# none"); /* the last line's newline is gone */
	/* another line that reads the same: the one at its number is meant */
	restored(a, "#\n10de ffff bridge false\n", "10de ffff flr false\n10de ffff flr false\n",
		 "10de ffff flr false\n10de ffff bridge false\n");
	/* two that were changed into the same, moved: in their order */
	restored(a, "10de ffff bridge false\n10de ffff link false\n", "#\n10de ffff flr false\n10de ffff flr false\n",
		 "#\n10de ffff bridge false\n10de ffff link false\n");
}

static void not_restored(struct hp_arena *a, const char *before, const char *now, const char *why)
{
	struct edited e = edit(a, before);
	struct hp_map_edits edits = {.count = 77};
	struct hp_str out = {"untouched", 9};
	const char *said = hp_map_restore(a, hp_str(now), &e.edits, &edits, &out);
	if (!said)
		fail_msg("\"%s\" was restored", now);
	assert_has(said, why);
	assert_int_equal(edits.count, 77);
	assert_str(a, out, "untouched");
}

static void lines_that_are_no_longer_there(void **state)
{
	struct hp_arena *a = *state;
	not_restored(a, "10de ffff bridge false\n", "10de ffff link false\n",
		     "Line 1 of /etc/vmware/passthru.map no longer reads \"10de ffff flr false\"");
	not_restored(a, "10de ffff bridge false\n", "10de ffff bridge false\n", "no longer reads");
	not_restored(a, "10de ffff bridge false\n", "", "no longer reads");
	not_restored(a, "10de ffff bridge false\n", "10de ffff flr false \n", "no longer reads");
	not_restored(a, "#\n#\n10de ffff bridge false\n", "10de ffff flr false\n10de ffff flr false\n",
		     "stands in 2 lines");
	not_restored(a, "10de ffff bridge false\n10de ffff link false\n", "10de ffff flr false\n", "stands in 1 lines");
	not_restored(a, "# none\n", "10de ffff flr false\n", "Nothing else would be left");
	not_restored(a, "# none\n10de 1eb8 link true\n", "# none\n", "Line 3 of");
}

static void a_line_that_is_there_again(void **state)
{
	struct hp_arena *a = *state;
	struct edited e = edit(a, "# none\n"), back = restore(a, e.text, &e.edits);
	assert_null(back.why);
	assert_has(restore(a, hp_str("10de ffff flr false\n# none\n"), &back.edits).why, "again");
	struct edited far = restore(a, hp_str("#"), &back.edits); /* it stood in line 2, and still may */
	assert_str(a, far.text, "#\n10de ffff flr false");
	back.edits.items[0].line = 40;
	assert_str(a, restore(a, hp_str("#\n"), &back.edits).text, "#\n10de ffff flr false\n");
}

static void what_is_no_edit(void **state)
{
	struct hp_arena *a = *state;
	static const struct hp_map_edit bad[] = {{0, "a", "b"}, {1, NULL, NULL}, {1, "a", "b\nc"}, {1, "a\n", "b"}};
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct hp_map_edit item = bad[i];
		struct hp_map_edits edits = {&item, 1};
		assert_has(restore(a, hp_str("b\nc\n"), &edits).why, "no edit");
	}
	struct hp_map_edit twice[] = {{1, "a", "b"}, {1, "c", "b"}};
	struct hp_map_edits edits = {twice, 2};
	assert_has(restore(a, hp_str("b\n"), &edits).why, "twice");
	struct edited none = restore(a, hp_str("x"), &(struct hp_map_edits){0});
	assert_null(none.why);
	assert_str(a, none.text, "x");
}

/* Numbers of a text before edits are turned into numbers of the text after it, past lines taken out and added. */
static void numbers_of_mixed_edits(void **state)
{
	struct hp_arena *a = *state;
	struct hp_map_edit items[] = {
	    {2, "two", NULL}, {4, "four", "x"}, {5, "five", "x"}, {3, NULL, "new"}, {4, NULL, "newer"}};
	struct hp_map_edits edits = {items, COUNT(items)};
	struct edited back = restore(a, hp_str("one\nthree\nnew\nnewer\nx\nx\nx\n"), &edits);
	assert_null(back.why);
	assert_str(a, back.text, "one\ntwo\nthree\nfour\nfive\nx\n");
	struct edited again = restore(a, back.text, &back.edits);
	assert_null(again.why);
	assert_str(a, again.text, "one\nthree\nnew\nnewer\nx\nx\nx\n");
}

static void whom_an_edit_reaches(void **state)
{
	struct hp_arena *a = *state;
	struct edited e = edit(a, "10de 2330 link false\n10de ffff bridge false\n8086 ffff d3d0 false\n");
	assert_true(hp_map_edit_reaches(a, &e.edits, 0x10de, 0x2330));
	assert_true(hp_map_edit_reaches(a, &e.edits, 0x10de, 0x22a3)); /* an NVSwitch */
	assert_false(hp_map_edit_reaches(a, &e.edits, 0x8086, 0x1502));
	e = edit(a, "10de 2330 link false\n10de ffff flr false\n");
	assert_false(hp_map_edit_reaches(a, &e.edits, 0x10de, 0x22a3)); /* that line is untouched */
	e = edit(a, "#\n");
	assert_true(hp_map_edit_reaches(a, &e.edits, 0x10de, 0x1));
	struct edited back = restore(a, e.text, &e.edits);
	assert_true(hp_map_edit_reaches(a, &back.edits, 0x10de, 0x1)); /* taking it out reaches the same */
	assert_false(hp_map_edit_reaches(a, &back.edits, 0x15b3, 0x1021));
}

/* ---- diff ---- */

static void differs(struct hp_arena *a, const char *before, const char *after, const char *wanted)
{
	assert_string_equal(hp_map_diff(a, hp_str(before), hp_str(after)), wanted);
}

static void diffs(void **state)
{
	struct hp_arena *a = *state;
	differs(a, "a\n", "a\n", "");
	differs(a, "", "", "");
	differs(a, "10de ffff bridge false\n", "10de ffff flr false\n",
		HEAD "@@ -1 +1 @@\n-10de ffff bridge false\n+10de ffff flr false\n");
	differs(a, "1\n2\n3\n4\n5\nold\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nnew\n6\n7\n8\n9\n",
		HEAD "@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-old\n+new\n 6\n 7\n 8\n");
	differs(a, "1\n2\n", "1\n2\n3\n", HEAD "@@ -1,2 +1,3 @@\n 1\n 2\n+3\n");
	differs(a, "1\n2\n3\n4\n5\n", "1\n2\n3\n4\n", HEAD "@@ -2,4 +2,3 @@\n 2\n 3\n 4\n-5\n");
	differs(a, "", "1\n", HEAD "@@ -0,0 +1 @@\n+1\n");
	differs(a, "1\n2\n", "", HEAD "@@ -1,2 +0,0 @@\n-1\n-2\n");
	/* lines next to each other: what goes, then what comes */
	differs(a, "a\nb\nc\n", "x\ny\nc\n", HEAD "@@ -1,3 +1,3 @@\n-a\n-b\n+x\n+y\n c\n");
	differs(a, "b\nf\n", "f\nf\n", HEAD "@@ -1,2 +1,2 @@\n-b\n+f\n f\n");
}

static void hunks(void **state)
{
	struct hp_arena *a = *state;
	/* six lines between: one hunk; seven: two */
	differs(a, "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		HEAD "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	differs(a, "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\nC\n",
		HEAD "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,5 @@\n 5\n 6\n 7\n-b\n+B\n+C\n");
}

static void ends_without_newline(void **state)
{
	struct hp_arena *a = *state;
	differs(a, "1\na", "1\nb",
		HEAD "@@ -1,2 +1,2 @@\n 1\n-a\n\\ No newline at end of file\n+b\n"
		     "\\ No newline at end of file\n");
	differs(a, "a\n1", "b\n1", HEAD "@@ -1,2 +1,2 @@\n-a\n+b\n 1\n\\ No newline at end of file\n");
	differs(a, "1", "1\n2",
		HEAD "@@ -1 +1,2 @@\n-1\n\\ No newline at end of file\n+1\n+2\n"
		     "\\ No newline at end of file\n");
	differs(a, "1", "1\n", HEAD "@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n");
	differs(a, "1\xe2\x80\x90\n2\r\n\t3\n", "1\xe2\x80\x90\n4\r\n\t3\n",
		HEAD "@@ -1,3 +1,3 @@\n 1???\n-2?\n+4?\n \t3\n");
}

/* ---- laws, over random maps ---- */

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 8) * sides >> 24);
}

#define ONE_OF(list) ((list)[dice((uint32_t)COUNT(list))])

static const uint16_t vendors[] = {0x10de, 0x1002, 0x8086}, ids[] = {0x2330, 0x22a3, 0x1eb8};

static void put_entry(struct hp_buf *b)
{
	static const char *const vendor_words[] = {"10de", "10DE", "1002", "8086", "15b3", "ffff", "10de"};
	static const char *const id_words[] = {"ffff", "FFFF", "2330", "22A3", "1eb8", "ffff"};
	static const char *const methods[] = {"flr", "bridge", "link", "d3d0", "default", "bridge"};
	static const char *const shares[] = {"true", "false", "default"};
	static const char *const gaps[] = {" ", "  ", "\t", " \t "};
	static const char *const tails[] = {"", "", " # flr bridge", "\t#\xe2\x80\x90\xff", " ", " #"};
	hp_puts(b, dice(5) ? "" : " ");
	hp_puts(b, ONE_OF(vendor_words));
	hp_puts(b, ONE_OF(gaps));
	hp_puts(b, ONE_OF(id_words));
	hp_puts(b, ONE_OF(gaps));
	hp_puts(b, ONE_OF(methods));
	hp_puts(b, ONE_OF(gaps));
	hp_puts(b, ONE_OF(shares));
	hp_puts(b, ONE_OF(tails));
}

static struct hp_str random_map(struct hp_arena *a)
{
	static const char *const others[] = {"", "# a comment", "#10de ffff bridge false", "  ", "# \xe2\x80\x90\x80"};
	struct hp_buf b = hp_buf(a);
	uint32_t lines = 1 + dice(12), crlf = dice(3);
	for (uint32_t i = 0; i < lines; i++) {
		if (dice(3))
			put_entry(&b);
		else
			hp_puts(&b, ONE_OF(others));
		if (i + 1 < lines || dice(3))
			hp_puts(&b, crlf && dice(4) ? "\r\n" : "\n");
	}
	return hp_built(&b);
}

/* The text with the third word of every entry taken out, and without lines that were added. */
static struct hp_str without_methods(struct hp_arena *a, struct hp_str text, size_t lines)
{
	struct hp_buf b = hp_buf(a);
	struct hp_map map;
	struct hp_str line;
	bool ended;
	size_t at = 0;
	hp_map_read(a, text, &map);
	for (unsigned number = 1; number <= lines && hp_next_line(&text, &line, &ended); number++) {
		if (at < map.count && map.lines[at].number == number) {
			size_t from = (size_t)(map.lines[at].method.p - line.p);
			hp_put(&b, hp_str_sub(line, 0, from));
			hp_puts(&b, "*");
			hp_put(&b, hp_str_sub(line, from + map.lines[at].method.n, line.n));
			at++;
		} else {
			hp_put(&b, line);
		}
		hp_puts(&b, "\n");
	}
	return hp_built(&b);
}

static size_t line_count(struct hp_str text)
{
	struct hp_str line;
	bool ended;
	size_t n = 0;
	while (hp_next_line(&text, &line, &ended))
		n++;
	return n;
}

/* What a diff's reader sees of a line. */
static struct hp_str as_shown(struct hp_arena *a, struct hp_str text)
{
	struct hp_buf b = hp_buf(a);
	for (size_t i = 0; i < text.n; i++) {
		bool good = (text.p[i] >= 0x20 && text.p[i] < 0x7f) || text.p[i] == '\t' || text.p[i] == '\n';
		hp_put(&b, (struct hp_str){good ? text.p + i : "?", 1});
	}
	return hp_built(&b);
}

/* Applies a diff as patch does, and takes nothing on trust: the text that it makes of `before`. */
static struct hp_str patched(struct hp_arena *a, struct hp_str before, const char *diff)
{
	struct hp_buf b = hp_buf(a);
	struct hp_str rest = hp_str(diff), line, old;
	bool ended, old_ended = true;
	size_t number = 0; /* lines of before that were used up */
	char sign = ' ';
	if (!rest.n)
		return before;
	assert_true(hp_str_starts(rest, HEAD));
	rest = hp_str_sub(rest, strlen(HEAD), rest.n);
	while (hp_next_line(&rest, &line, &ended)) {
		assert_true(ended && line.n);
		if (line.p[0] == '@') {
			unsigned from = 0, count = 1;
			const char *head = hp_copy(a, line) + strlen("@@ -");
			from = (unsigned)strtoul(head, NULL, 10);
			head += strspn(head, "0123456789");
			if (*head == ',')
				count = (unsigned)strtoul(head + 1, NULL, 10);
			size_t until = count ? from - 1 : from;
			assert_true(until >= number);
			for (; number < until; number++) {
				assert_true(hp_next_line(&before, &old, &old_ended));
				hp_put(&b, old);
				hp_puts(&b, "\n");
			}
		} else if (line.p[0] == '\\') {
			if (sign == '-')
				assert_false(old_ended);
			else
				b.n--;
		} else {
			sign = line.p[0];
			line = hp_str_sub(line, 1, line.n);
			if (sign != '+') {
				assert_true(hp_next_line(&before, &old, &old_ended));
				assert_true(hp_str_same(old, line));
				number++;
			}
			if (sign != '-') {
				hp_put(&b, line);
				hp_puts(&b, "\n");
			}
		}
	}
	hp_put(&b, before);
	return hp_built(&b);
}

static void one_random_map(struct hp_arena *a)
{
	static const char *const wants[] = {"flr", "flr", "bridge", "link"};
	struct hp_map_device devices[4];
	size_t n = dice(5);
	struct hp_str before = random_map(a);
	const char *want = ONE_OF(wants);
	for (size_t i = 0; i < n; i++)
		devices[i] = (struct hp_map_device){ONE_OF(vendors), ONE_OF(ids)};
	struct edited e = edit_bytes(a, before, devices, n, want);
	if (!hp_str_trim(before).n) {
		assert_has(e.why, "empty");
		return;
	}
	assert_null(e.why);
	assert_int_equal(e.edits.count == 0, hp_str_same(e.text, before));
	struct hp_map map;
	hp_map_read(a, e.text, &map);
	for (size_t i = 0; i < n; i++) {
		unsigned lines;
		struct hp_str record;
		struct hp_value v = hp_map_method(a, &map, devices[i].vendor, devices[i].device, want, &lines, &record);
		assert_int_equal(v.is, HP_PRESENT);
		assert_string_equal(v.text, want);
		assert_true(lines > 0);
	}
	size_t lines = line_count(before);
	assert_true(hp_str_same(without_methods(a, before, lines), without_methods(a, e.text, lines)));
	assert_int_equal(hp_str_ends(before, "\n"), hp_str_ends(e.text, "\n"));
	assert_int_equal(edit_bytes(a, e.text, devices, n, want).edits.count, 0); /* nothing is left to do */
	struct edited back = restore(a, e.text, &e.edits);
	assert_null(back.why);
	assert_true(hp_str_same(back.text, before));
	struct edited again = restore(a, back.text, &back.edits);
	assert_null(again.why);
	assert_true(hp_str_same(again.text, e.text));
	struct hp_str shown = as_shown(a, before);
	assert_true(hp_str_same(patched(a, shown, hp_map_diff(a, before, e.text)), as_shown(a, e.text)));
	assert_true(hp_str_same(patched(a, as_shown(a, e.text), hp_map_diff(a, e.text, before)), shown));
}

/* Any two texts, not only an edit's. */
static void one_random_diff(struct hp_arena *a)
{
	struct hp_buf texts[2] = {hp_buf(a), hp_buf(a)};
	for (int t = 0; t < 2; t++)
		for (uint32_t i = dice(30); i > 0; i--)
			hp_putf(&texts[t], "%u%s", dice(dice(2) ? 3 : 20), i > 1 || dice(2) ? "\n" : "");
	struct hp_str before = hp_built(&texts[0]), after = hp_built(&texts[1]);
	assert_true(hp_str_same(patched(a, before, hp_map_diff(a, before, after)), after));
}

static void laws_over_random_maps(void **state)
{
	(void)state;
	seed = 20261122;
	for (int i = 0; i < 20000; i++) {
		struct hp_arena a;
		hp_arena_init(&a, HP_ARENA_LIMIT, NULL);
		one_random_map(&a);
		one_random_diff(&a);
		hp_arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_paper_s_edit),
	    UNIT_TEST(only_the_method_changes),
	    UNIT_TEST(lines_of_others_stay),
	    UNIT_TEST(nothing_to_change),
	    UNIT_TEST(a_line_is_added),
	    UNIT_TEST(a_line_is_added_once_per_vendor),
	    UNIT_TEST(what_must_not_be_edited),
	    UNIT_TEST(a_file_that_was_changed_meanwhile),
	    UNIT_TEST(lines_that_are_no_longer_there),
	    UNIT_TEST(a_line_that_is_there_again),
	    UNIT_TEST(what_is_no_edit),
	    UNIT_TEST(numbers_of_mixed_edits),
	    UNIT_TEST(whom_an_edit_reaches),
	    UNIT_TEST(diffs),
	    UNIT_TEST(hunks),
	    UNIT_TEST(ends_without_newline),
	    UNIT_TEST(laws_over_random_maps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
