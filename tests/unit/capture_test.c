#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "../../agent/io/file.h"
#include "unit.h"

static struct hp_capture parse(struct hp_arena *a, struct hp_str text)
{
	struct hp_capture c;
	struct hp_err err;
	if (hp_capture_parse(a, text, "x.cap", &c, &err) < 0)
		fail_msg("%s", err.text);
	return c;
}

static void refused(struct hp_arena *a, const char *text, unsigned line, const char *words)
{
	struct hp_capture c;
	struct hp_err err = {""};
	assert_int_equal(hp_capture_parse(a, hp_str(text), "x.cap", &c, &err), -1);
	assert_has(err.text, words);
	assert_has(err.text, hp_format(a, "x.cap:%u: ", line));
}

static void same_reply(const struct hp_reply *x, const struct hp_reply *y)
{
	assert_int_equal(x->end, y->end);
	assert_int_equal(x->code, y->code);
	assert_int_equal(x->ms, y->ms);
	assert_true(hp_str_same(x->out, y->out));
	assert_true(hp_str_same(x->err, y->err));
}

static void every_byte_survives(void **state)
{
	struct hp_arena *a = *state;
	char all[3 * 256 + 8];
	size_t n = 0;
	for (int i = 0; i < 256; i++) { /* in a line, alone in a line, before a line's end */
		all[n++] = (char)i;
		all[n++] = '\\';
		all[n++] = (char)(255 - i);
	}
	const struct hp_str texts[] = {{all, n},	   hp_str("a\n"),    hp_str("a"),     hp_str("\\"),
				       hp_str("\\\n"),	   hp_str("\n"),     hp_str("\n\n"),  hp_str("a\\\nb\\"),
				       hp_str("|x\n|"),	   hp_str("# no\n"), hp_str("out\n"), hp_str("\r\n"),
				       hp_str("\\x41\\r"), {"\0", 1},	     {"a\n\0\n", 4},  {all, 1}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct hp_capture c = {0};
		struct hp_reply reply = {.end = HP_END_EXIT, .out = texts[i], .err = texts[i], .ms = 7};
		hp_capture_add(a, &c, "run bin/x", &reply);
		reply.size = texts[i].n + 5;
		reply.err = (struct hp_str){NULL, 0};
		hp_capture_add(a, &c, "file etc/y", &reply);
		c.policy = texts[i];
		c.made = "then by somebody";
		struct hp_str text = hp_capture_text(a, &c);
		struct hp_capture back = parse(a, text);
		assert_int_equal(back.count, 2);
		assert_string_equal(back.calls[0].key, "file etc/y"); /* by key */
		same_reply(&back.calls[0].reply, &c.calls[1].reply);
		assert_int_equal(back.calls[0].reply.size, texts[i].n + 5);
		same_reply(&back.calls[1].reply, &c.calls[0].reply);
		assert_true(hp_str_same(back.policy, texts[i]));
		assert_string_equal(back.made, c.made);
		assert_true(hp_str_same(hp_capture_text(a, &back), text));
		for (size_t k = 0; k < text.n; k++) /* people can read it */
			assert_true(text.p[k] == '\n' || text.p[k] == '\t' || (text.p[k] >= 0x20 && text.p[k] < 0x7f));
	}
}

static void every_end_survives(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		enum hp_end end;
		int code;
	} ends[] = {{HP_END_EXIT, 0},	   {HP_END_EXIT, 255},	     {HP_END_SIGNAL, 9},
		    {HP_END_TIMEOUT, 60},  {HP_END_TIMEOUT, 0},	     {HP_END_TOO_BIG, 0},
		    {HP_END_NOT_FOUND, 0}, {HP_END_NOT_STARTED, 13}, {HP_END_CANCELLED, 0}};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct hp_capture c = {0};
		struct hp_reply reply = {.end = ends[i].end, .code = ends[i].code};
		hp_capture_add(a, &c, "run bin/x", &reply);
		struct hp_capture back = parse(a, hp_capture_text(a, &c));
		same_reply(&back.calls[0].reply, &reply);
	}
}

static void a_case_file(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c =
	    parse(a, hp_str("hostprep-capture 1\n# why\nexpect exit 2\nexpect  a b \npolicy\n|name: x\n"
			    "\nrun bin/esxcli a  b\nend exit 1\nms 12\nout\n|one\n|\n|three\\\nerr\n|e\n"
			    "run bin/other\n"));
	assert_int_equal(c.expect_count, 2);
	assert_string_equal(c.expects[0], "exit 2");
	assert_string_equal(c.expects[1], "a b");
	assert_str(a, c.policy, "name: x\n");
	assert_int_equal(c.count, 2);
	assert_str(a, c.calls[0].reply.out, "one\n\nthree");
	assert_str(a, c.calls[0].reply.err, "e\n");
	assert_int_equal(c.calls[0].reply.code, 1);
	assert_int_equal(c.calls[1].reply.end, HP_END_EXIT);
	assert_int_equal(c.calls[1].reply.out.n, 0);
}

#define HEAD "hostprep-capture 1\n"

static void errors_name_their_line(void **state)
{
	struct hp_arena *a = *state;
	refused(a, "", 1, "no capture");
	refused(a, "hostprep-capture 2\n", 1, "no capture");
	refused(a, "hostprep-capture 1", 1, "no capture");
	refused(a, "hostprep-capture 1\r\n", 1, "no capture");
	refused(a, HEAD "run a\nout\n|x", 4, "cut off");
	refused(a, HEAD "|x\n", 2, "without `out`");
	refused(a, HEAD "run a\n|x\n", 3, "without `out`");
	refused(a, HEAD "out\n", 2, "belong to a call");
	refused(a, HEAD "end exit 0\n", 2, "belongs to a call");
	refused(a, HEAD "ms 5\n", 2, "belong to a call");
	refused(a, HEAD "run a\nend exit\n", 3, "`end` wants");
	refused(a, HEAD "run a\nend exit x\n", 3, "`end` wants");
	refused(a, HEAD "run a\nend too-big 5\n", 3, "`end` wants");
	refused(a, HEAD "run a\nend gone\n", 3, "`end` wants");
	refused(a, HEAD "run a\nms x\n", 3, "whole number");
	refused(a, HEAD "file a\nsize 99999999999\n", 3, "whole number");
	refused(a, HEAD "run a\nrun a\n", 3, "twice");
	refused(a, HEAD "run a\nout\n|x\nout\n", 5, "twice");
	refused(a, HEAD "policy\npolicy\n", 3, "twice");
	refused(a, HEAD "run\n", 2, "wants a command");
	refused(a, HEAD "stat\n", 2, "`stat` a path");
	refused(a, HEAD "stat a\nfile a\nrun a\nstat a\n", 5, "twice");
	refused(a, HEAD "edit a\n", 2, "run, file, stat,");
	refused(a, HEAD "run a\nout\n|\\q\n", 4, "backslash");
	refused(a, HEAD "run a\nout\n|\\x4\n", 4, "backslash");
	refused(a, HEAD "run a\nout\n|\\xgg\n", 4, "backslash");
	refused(a, HEAD "run a\nout\n|x\\\n|y\n", 5, "marked as the last one");
	refused(a, HEAD "hello\n", 2, "none of");
}

static void replay_answers_what_was_recorded(void **state)
{
	struct hp_arena *a = *state;
	static const char *const one[] = {"bin/x", "1", NULL}, *const two[] = {"bin/x", "2", NULL};
	const struct hp_call calls[] = {{.argv = one}, {.argv = two}};
	struct hp_capture c = parse(a, hp_str(HEAD "run bin/x 2\nout\n|two\n")), recorded = {0};
	struct hp_door *door = hp_recording_door(a, hp_replay_door(a, &c), &recorded);
	struct hp_reply reply;
	unsigned id;
	assert_false(door->wait(door, &id, &reply));
	door->submit(door, &calls[0], 40);
	door->submit(door, &calls[1], 3);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 40);
	assert_int_equal(reply.end, HP_END_NOT_RECORDED);
	assert_true(door->wait(door, &id, &reply));
	assert_int_equal(id, 3);
	assert_str(a, reply.out, "two\n");
	assert_false(door->wait(door, &id, &reply));
	assert_int_equal(recorded.count, 1); /* what was not recorded is not recorded again */
}

static struct hp_reply ask(struct hp_door *door, const struct hp_call *call, unsigned id)
{
	struct hp_reply reply;
	unsigned back;
	door->submit(door, call, id);
	assert_true(door->wait(door, &back, &reply));
	assert_int_equal(back, id);
	return reply;
}

static void paths_that_were_looked_at(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = parse(a, hp_str(HEAD "stat etc/x\nout\n|dir\nstat /etc/x\nout\n|other\n"
						   "file etc/x\nout\n|text\n"));
	struct hp_door *door = hp_replay_door(a, &c);
	struct hp_call call = {.kind = HP_CALL_STAT, .path = "etc/x"};
	assert_str(a, ask(door, &call, 1).out, "dir\n");
	struct hp_call outside = {.kind = HP_CALL_STAT, .path = "/etc/x", .outside = true};
	assert_str(a, ask(door, &outside, 2).out, "other\n");
	struct hp_call file = {.kind = HP_CALL_FILE, .path = "etc/x"};
	assert_str(a, ask(door, &file, 3).out, "text\n");
	struct hp_call edit = {.kind = HP_CALL_EDIT, .path = "etc/x"}; /* a recording does not play along */
	assert_int_equal(ask(door, &edit, 4).end, HP_END_NOT_RECORDED);
	const char *text = hp_copy(a, hp_capture_text(a, &c));
	assert_has(text, "\nstat etc/x\nend exit 0\nout\n|dir\n");
	assert_has(text, "\nfile etc/x\nend exit 0\nsize 5\n");
}

/* Answers every call with what stands in `next`. */
struct parrot {
	struct hp_door door;
	struct hp_reply next;
	unsigned id;
	bool asked;
};

static void parrot_submit(struct hp_door *door, const struct hp_call *call, unsigned id)
{
	struct parrot *p = (struct parrot *)door;
	(void)call;
	p->id = id;
	p->asked = true;
}

static bool parrot_wait(struct hp_door *door, unsigned *ret_id, struct hp_reply *ret_reply)
{
	struct parrot *p = (struct parrot *)door;
	bool asked = p->asked;
	*ret_id = p->id;
	*ret_reply = p->next;
	p->asked = false;
	return asked;
}

static void the_last_answer_is_recorded(void **state)
{
	struct hp_arena *a = *state;
	struct parrot p = {.door = {parrot_submit, parrot_wait}};
	struct hp_capture recorded = {0};
	struct hp_door *door = hp_recording_door(a, &p.door, &recorded);
	static const char *const argv[] = {"bin/x", NULL};
	const struct hp_call run = {.argv = argv}, file = {.kind = HP_CALL_FILE, .path = "x"};
	const struct hp_call edit = {.kind = HP_CALL_EDIT, .path = "x"};
	p.next = (struct hp_reply){.out = hp_str("one\n")};
	(void)ask(door, &run, 0);
	(void)ask(door, &file, 1);
	assert_int_equal(ask(door, &edit, 2).end, HP_END_EXIT); /* passed on, and not kept */
	assert_int_equal(recorded.count, 2);
	p.next = (struct hp_reply){.end = HP_END_TIMEOUT, .code = 3, .out = hp_str("two\n")};
	assert_str(a, ask(door, &run, 3).out, "two\n");
	assert_int_equal(recorded.count, 2);
	assert_string_equal(recorded.calls[0].key, "run bin/x");
	assert_int_equal(recorded.calls[0].reply.end, HP_END_TIMEOUT);
	assert_str(a, recorded.calls[0].reply.out, "two\n");
	assert_str(a, recorded.calls[1].reply.out, "one\n");
	p.next = (struct hp_reply){.end = HP_END_NOT_RECORDED};
	(void)ask(door, &run, 4);
	assert_str(a, recorded.calls[0].reply.out, "two\n");
	assert_int_equal(parse(a, hp_capture_text(a, &recorded)).count, 2);
}

/* ---- files ---- */

static char folder[] = "/tmp/hostprep-capture-XXXXXX";

static const char *place(struct hp_arena *a, const char *name)
{
	return hp_format(a, "%s/%s", folder, name);
}

static void load_fails(struct hp_arena *a, const char *path, const char *words)
{
	struct hp_capture c;
	struct hp_err err = {""};
	assert_int_equal(hp_capture_load(a, path, &c, &err), -1);
	assert_has(err.text, words);
}

static void plain_and_packed_files(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = parse(a, hp_str(HEAD "run bin/x 2\nout\n|two\n")), back;
	static const char *const names[] = {"x.cap", "x.cap.gz"};
	struct hp_err err;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(hp_capture_save(a, &c, place(a, names[i]), &err), 0);
		assert_int_equal(hp_capture_load(a, place(a, names[i]), &back, &err), 0);
		assert_str(a, back.calls[0].reply.out, "two\n");
	}
	struct hp_str packed;
	uint64_t size;
	assert_int_equal(hp_file_read(a, place(a, "x.cap.gz"), 1 << 20, &packed, &size), 0);
	assert_int_equal((unsigned char)packed.p[0], 0x1f);
	for (size_t n = 0; n < packed.n; n++) { /* cut anywhere */
		assert_int_equal(hp_file_write(a, place(a, "cut.gz"), hp_str_sub(packed, 0, n), &err), 0);
		load_fails(a, place(a, "cut.gz"), "cut off");
	}
	struct hp_buf more = hp_buf(a);
	hp_put(&more, packed);
	hp_puts(&more, "more");
	assert_int_equal(hp_file_write(a, place(a, "cut.gz"), hp_built(&more), &err), 0);
	load_fails(a, place(a, "cut.gz"), "after its gzip data");
	assert_int_equal(hp_file_write(a, place(a, "cut.gz"), hp_str("plain text\n"), &err), 0);
	load_fails(a, place(a, "cut.gz"), "no gzip file");
	load_fails(a, place(a, "nothing-here.cap"), "No such file");
	load_fails(a, folder, "cannot read");
	assert_int_equal(hp_capture_save(a, &c, place(a, "no/such/folder"), &err), -1);
	static const char *const all[] = {"x.cap", "x.cap.gz", "cut.gz"};
	for (int i = 0; i < 3; i++)
		assert_int_equal(unlink(place(a, all[i])), 0);
}

static void a_bomb_is_refused(void **state)
{
	struct hp_arena *a = *state;
	const char *path = place(a, "bomb.gz");
	static char zeros[1 << 20];
	gzFile f = gzopen(path, "wb9");
	assert_non_null(f);
	for (int i = 0; i < 40; i++)
		assert_int_equal(gzwrite(f, zeros, sizeof zeros), sizeof zeros);
	assert_int_equal(gzclose(f), Z_OK);
	/* Either limit may be met first: what it may unpack to, or all memory. */
	static jmp_buf full;
	volatile bool memory = true;
	struct hp_err err = {""};
	struct hp_capture c;
	a->on_full = &full;
	if (setjmp(full) == 0) {
		memory = false;
		assert_int_equal(hp_capture_load(a, path, &c, &err), -1);
		assert_has(err.text, "unpacks to more than 32 MiB");
	}
	a->on_full = NULL;
	if (memory)
		assert_string_equal(err.text, "");
	assert_int_equal(unlink(path), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void cut_at_a_line(void **state)
{
	struct hp_arena *a = *state;
	refused(a, HEAD "made 2026-11-22T03:04:05Z hostprep 0.1.0\nrun a\nout\n|x\n", 5, "cut off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(cut_at_a_line),
	    UNIT_TEST(every_byte_survives),
	    UNIT_TEST(every_end_survives),
	    UNIT_TEST(a_case_file),
	    UNIT_TEST(errors_name_their_line),
	    UNIT_TEST(plain_and_packed_files),
	    UNIT_TEST(replay_answers_what_was_recorded),
	    UNIT_TEST(paths_that_were_looked_at),
	    UNIT_TEST(the_last_answer_is_recorded),
	    UNIT_TEST(a_bomb_is_refused),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
