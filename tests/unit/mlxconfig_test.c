/* Layouts and errors as mstflint prints them, mlxcfg_ui.cpp of v4.6.0 to v4.36.0-1. */
#include "../../agent/tools/mft.h"
#include "asking.h"

#define NAME "mt4129_pciconf7"

static struct hp_mlx_answer read_reply(struct hp_arena *a, enum hp_end end, int code, const char *out)
{
	static const char *const argv[] = {
	    "opt/mellanox/bin/mlxconfig", "-d", NAME, "-e", "query", "ATS_ENABLED", NULL};
	static const struct hp_call call = {.kind = HP_CALL_RUN, .argv = argv, .cap = HP_CAP_SMALL};
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(out), .size = strlen(out)};
	struct hp_mlx_answer answer;
	hp_mlx_read(a, &call, &reply, NAME, "ATS_ENABLED", &answer);
	return answer;
}

static struct hp_mlx_answer read_text(struct hp_arena *a, const char *out)
{
	return read_reply(a, HP_END_EXIT, 0, out);
}

static void no_value(const struct hp_mlx_answer *m, const char *why, const char *hint)
{
	assert_int_equal(m->now.is, HP_NO_DATA);
	assert_int_equal(m->next.is, HP_NO_DATA);
	assert_has(m->now.why, why);
	assert_has(m->next.why, why);
	assert_has(m->now.hint, hint);
}

/* ---- layouts ---- */

struct layout {
	const char *version, *device_key;
	int key, name, value;	  /* widths */
	bool always_blank;	  /* between values */
	const char *head[4];	  /* formats of the header's columns: N; D and N; C and N; D, C and N */
	const char *star, *plain; /* row prefixes */
	bool has_ro;
};

static const struct layout layouts[] = {
    {"4.6",
     "PCI device:",
     16,
     36,
     16,
     false,
     {"%38s", "%36s%18s", "%38s%18s", "%36s%16s%18s"},
     "*        ",
     "         ",
     false},
    {"4.17",
     "Device:",
     16,
     36,
     16,
     false,
     {"%38s", "%36s%18s", "%38s%18s", "%36s%16s%18s"},
     "*        ",
     "         ",
     false},
    {"4.22",
     "Device:",
     16,
     44,
     16,
     false,
     {"%46s", "%44s%18s", "%46s%18s", "%44s%16s%18s"},
     "*        ",
     "         ",
     false},
    {"4.25", "Device:", 16, 44, 16, false, {"%46s", "%44s%18s", "%46s%18s", "%44s%16s%18s"}, "*", " ", true},
    {"4.26", "Device:", 20, 44, 20, true, {"%41s", "%39s%23s", "%41s%18s", "%39s%21s%23s"}, "*", " ", true},
    {"4.31", "Device:", 20, 44, 20, true, {"%46s", "%44s%18s", "%46s%18s", "%44s%20s%18s"}, "*", " ", true},
    {"4.36", "Device:", 56, 48, 33, true, {"%s", "%-33s %s", "%-33s %s", "%-33s %-33s %s"}, "*", " ", true},
};

enum columns { NEXT, DEFAULT_NEXT, CURRENT_NEXT, ALL };

static const char *const trailers[] = {"reading default and current configurations", "reading current configurations",
				       "reading default configurations", NULL};

static const char *head(struct hp_arena *a, const struct layout *l, enum columns c)
{
	struct hp_buf b = hp_buf(a);
	const char *words[3];
	size_t n = 0, at = 0;
	if (c == DEFAULT_NEXT || c == ALL)
		words[n++] = "Default";
	if (c == CURRENT_NEXT || c == ALL)
		words[n++] = "Current";
	words[n++] = "Next Boot";
	hp_putf(&b, "%-*s", l->key, "Configurations:");
	for (const char *f = l->head[c]; *f && at < n;) { /* one format after the other, to keep them readable */
		int width = 0;
		bool left = f[1] == '-';
		for (f += left ? 2 : 1; *f != 's'; f++)
			width = width * 10 + (*f - '0');
		hp_putf(&b, left ? "%-*s" : "%*s", width, words[at++]);
		for (f++; *f == ' '; f++)
			hp_puts(&b, " ");
	}
	return hp_built_text(&b);
}

static const char *output(struct hp_arena *a, const struct layout *l, enum columns c, bool star, bool ro)
{
	struct hp_buf b = hp_buf(a);
	const char *values[] = {"False(0)", "False(0)", "True(1)"};
	hp_puts(&b, "\nDevice #1:\n----------\n\n");
	hp_putf(&b, "%-20s%-20s\n%-20s%-20s\n%-20s%-20s\n\n", "Device type:", "ConnectX7", "Name:", "N/A",
		l->device_key, NAME);
	hp_putf(&b, "%s\n%s", head(a, l, c), star ? l->star : l->plain);
	if (l->has_ro)
		hp_puts(&b, ro ? "RO     " : "       ");
	hp_putf(&b, "%-*s", l->name, "ATS_ENABLED");
	for (size_t i = 0; i < 3; i++)
		if (i == 2 || c == ALL || (i == 0 && c == DEFAULT_NEXT) || (i == 1 && c == CURRENT_NEXT))
			hp_putf(&b, "%-*s%s", l->value, values[i], l->always_blank ? " " : "");
	hp_puts(&b, "\n");
	if (star)
		hp_puts(&b, "The '*' shows parameters with next value different from default/current value.\n");
	if (ro)
		hp_puts(&b, "\nThe 'RO' shows parameters which are for read only and cannot be changed\n");
	if (trailers[c])
		hp_putf(&b, "Device Firmware does not support %s\n", trailers[c]);
	return hp_built_text(&b);
}

static void every_layout(void **state)
{
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		for (int c = NEXT; c <= ALL; c++)
			for (int marks = 0; marks < (layouts[i].has_ro ? 4 : 2); marks++) {
				bool star = marks & 1, ro = marks & 2;
				const char *text = output(a, &layouts[i], (enum columns)c, star, ro);
				struct hp_mlx_answer m = read_text(a, text);
				if (m.next.is != HP_PRESENT)
					fail_msg("%s: %s\n%s", layouts[i].version, m.next.why, text);
				assert_string_equal(m.next.text, "1");
				assert_int_equal(m.read_only, ro);
				if (c == CURRENT_NEXT || c == ALL) {
					assert_int_equal(m.now.is, HP_PRESENT);
					assert_string_equal(m.now.text, "0");
				} else {
					assert_int_equal(m.now.is, HP_NO_DATA);
					assert_has(m.now.why, "no Current column");
				}
				assert_true(hp_str_starts(m.record, "Configurations:"));
				assert_true(hp_str_has(m.record, "ATS_ENABLED") && hp_str_has(m.record, "True(1)"));
			}
}

static void no_cut_of_any_layout_gives_a_value(void **state)
{
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		const char *text = output(a, &layouts[i], ALL, true, false);
		size_t whole = (size_t)(strstr(text, "The '*'") - text); /* just after the row */
		for (size_t n = 0; n < whole; n++) {
			struct hp_mlx_answer m = read_text(a, hp_format(a, "%.*s", (int)n, text));
			assert_int_equal(m.now.is, HP_NO_DATA);
			assert_int_equal(m.next.is, HP_NO_DATA);
		}
		assert_int_equal(read_text(a, hp_format(a, "%.*s", (int)whole, text)).now.is, HP_PRESENT);
	}
}

#define BLOCK "\nDevice #1:\n----------\n\nDevice:             " NAME "     \n\n"
#define ROWS(head, row) BLOCK "Configurations:  " head "\n" row "\n"
#define ALL_HEAD "Default Current Next Boot"

static void odd_rows(void **state)
{
	struct hp_arena *a = *state;
	struct hp_mlx_answer m = read_text(a, ROWS(ALL_HEAD, "  ATS_ENABLED False(0) True(1)"));
	no_value(&m, "2 values under 3 columns", "by hand");
	m = read_text(a, ROWS(ALL_HEAD, "  ATS_ENABLED False(0) True(1) True(1) True(1)"));
	no_value(&m, "4 values under 3 columns", "by hand");
	m = read_text(a, ROWS(ALL_HEAD, "  ATS_ENABLED False(0) True(1)True(1)"));
	no_value(&m, "2 values under 3 columns", "by hand"); /* glued */
	m = read_text(a, ROWS("Current Next Boot", "  ATS_ENABLED False(0)True(1) x"));
	assert_int_equal(m.now.is, HP_NO_DATA);
	assert_has(m.now.why, "False(0)True(1)");
	m = read_text(a, ROWS("Default Running Next Boot", "  ATS_ENABLED False(0) True(1) True(1)"));
	no_value(&m, "a column that is not known", "by hand");
	m = read_text(a, ROWS("Current Current", "  ATS_ENABLED False(0) True(1)"));
	no_value(&m, "a column that is not known", "by hand");
	m = read_text(a, ROWS("Current Next", "  ATS_ENABLED False(0) True(1)"));
	no_value(&m, "a column that is not known", "by hand");
	m = read_text(a, ROWS("", "  ATS_ENABLED True(1)"));
	no_value(&m, "a column that is not known", "by hand");
	m = read_text(a, ROWS("Next Boot", "  ATS_ENABLED True(1)\n  ATS_ENABLED False(0)"));
	no_value(&m, "ATS_ENABLED more than once", "by hand"); /* two rows */
	m = read_text(a, ROWS("Next Boot", "  ATS_ENABLED2 True(1)"));
	no_value(&m, "no row of ATS_ENABLED", "by hand");
	m = read_text(a, ROWS("Next Boot", "  ats_enabled True(1)"));
	no_value(&m, "no row of ATS_ENABLED", "by hand");
	m = read_text(a, "  ATS_ENABLED True(1)\n" ROWS("Next Boot", "  OTHER True(1)"));
	no_value(&m, "no row of ATS_ENABLED below a header", "by hand");
	m = read_text(a, ROWS("Next Boot", "  SRIOV_EN False(0)\n  ATS_ENABLED True(1)\n  NUM_OF_VFS 0"));
	assert_string_equal(m.next.text, "1");
}

static void odd_values(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *printed, *value; /* NULL: no value */
	} cases[] = {{"True(1)", "1"}, {"False(0)", "0"},   {"True(0)", NULL},	{"False(1)", NULL},
		     {"1", "1"},       {"0", "0"},	    {"N/A", NULL},	{"True", NULL},
		     {"True(", NULL},  {"True()", NULL},    {"(1)", NULL},	{"True(1", NULL},
		     {"ENUM(3)", "3"}, {"True(x)", NULL},   {"True(1))", NULL}, {"Array[0..7]", NULL},
		     {"-1", NULL},     {"4294967296", NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct hp_mlx_answer m = read_text(
		    a, hp_format(a, BLOCK "Configurations:   Current   Next Boot\n    ATS_ENABLED   %s   True(1)\n",
				 cases[i].printed));
		assert_string_equal(m.next.text, "1");
		if ((m.now.is == HP_PRESENT) != (cases[i].value != NULL))
			fail_msg("%s", cases[i].printed);
		if (cases[i].value)
			assert_string_equal(m.now.text, cases[i].value);
	}
}

static void the_device_that_answers(void **state)
{
	struct hp_arena *a = *state;
	static const char rows[] = "Configurations: Next Boot\n ATS_ENABLED True(1)\n";
	static const char *const good[] = {"Device: /dev/mst/" NAME "\n", "Device:\t/dev/" NAME " \n",
					   "PCI device:     " NAME "\n", ""};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct hp_mlx_answer m = read_text(a, hp_format(a, "\nDevice #1:\n%s\n%s", good[i], rows));
		assert_int_equal(m.next.is, HP_PRESENT);
	}
	static const char *const bad[] = {"Device: mt4129_pciconf8\n", "Device: mt4129_pciconf7.1\n", "Device: \n",
					  "PCI device: mt4119_pciconf7\n", "Device #2:\n"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct hp_mlx_answer m = read_text(a, hp_format(a, "\nDevice #1:\n%s\n%s", bad[i], rows));
		no_value(&m, "answered for another device", "by hand");
	}
}

/* ---- errors ---- */

static void every_error_has_its_own_words(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		const char *said, *why, *hint;
	} errors[] = {
	    {"-E- Failed to open the device", "could not be opened", "mst start"},
	    {"-E- Failed to open the device\n-E- Failed to open the device", "could not be opened", "mst start"},
	    {"-E- Failed to identify the device", "id cannot be read", "reboot"},
	    {"-E- Device in Livefish mode is not supported", "recovery (livefish) mode", "flint"},
	    {"-E- Error when trying to check if NV access registers are supported", "first access", "power-cycle"},
	    {"-E- Error when trying to check if NV access registers are supported rc=(5)", "first access",
	     "power-cycle"},
	    {"-E- Cannot access NV register. Either FW does not support NV access register, or HW access is disabled.",
	     "denies access", "zero-trust"},
	    {"-E- NVQC access register is not supported. Try a different type of access to the device.",
	     "this kind of access", "mst status"},
	    {"-E- Unknown Parameter: ATS_ENABLED", "this MFT does not know", "MFT and NMST"},
	    {"-E- Failed to find Param / TLV with name 'ATS_ENABLED' port 0 module -1", "this MFT does not know",
	     "MFT and NMST"},
	    {"-E- The Device doesn't support ATS_ENABLED parameter", "does not offer ATS_ENABLED", "pdate"},
	    {"-E- Device doesn't support any configuration changes.", "none of its settings", "again"},
	    {"-E- Failed to get nv_pci_conf settings Semaphore locked", "semaphore", "again"},
	    {"-E- Failed to get nv_pci_conf settings Register access failed, device is busy", "busy", "again"},
	    {"-E- Failed to get nv_pci_conf settings Timed out trying to take the ICMD semaphore", "does not come free",
	     "again"},
	    {"-E- Failed to get nv_pci_conf settings Timed out trying to take the ICMD busy-bit", "does not come free",
	     "again"},
	    {"-E- Failed to get nv_pci_conf settings ICMD interface busy", "interface is busy", "again"},
	    {"-E- Failed to get nv_pci_conf settings Register access resource unavailable", "storage", "firmware"},
	    {"-E- Failed to get nv_pci_conf settings Config Section Corrupted", "corrupt", "support"},
	    {"-E- Failed to get nv_pci_conf settings Firmware internal error", "internal firmware error", "Reboot"},
	    {"-E- Failed to get nv_pci_conf settings CRSpace access error", "registers cannot be read", "Reboot"},
	    {"-E- Failed to get nv_pci_conf settings bad system status (driver may be down or Fw does not support this "
	     "operation)",
	     "driver or firmware is down", "Reboot"},
	    {"-E- Failed to get nv_pci_conf settings Operation not supported", "does not support this access",
	     "firmware"},
	    {"-E- Failed to get nv_pci_conf settings The configuration is rejected", "rejected the access", "firmware"},
	    {"-E- Failed to get nv_pci_conf settings Bad Reg Access method", "way of access", "firmware"},
	    {"-E- Failed to get nv_pci_conf settings Register access bad parameter", "what it was asked for",
	     "firmware"},
	    {"-E- Failed to get nv_pci_conf settings The erase count exceeds its limit", "no more changes", "support"},
	    {"-E- Error when checked if Firmware supports querying default configurations or not: Operation not "
	     "supported.",
	     "which values it can give", "again"},
	    {"-E- Error when checked if Firmware supports querying default configurations or not: Semaphore locked.",
	     "semaphore", "again"},
	    {"-E- Failed to get devices.", "no device was given", "fault of hostprep"},
	    {"No devices found, mst might be stopped. You may need to run 'mst start' to load MST modules. ",
	     "mst is stopped", "mst start"},
	    {"-E- invalid argument: -e", "does not know an option", "MFT and NMST"},
	};
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct hp_mlx_answer m = read_reply(
		    a, HP_END_EXIT, 3, hp_format(a, BLOCK "Configurations: Next Boot\n%s\n", errors[i].said));
		no_value(&m, errors[i].why, errors[i].hint);
		assert_has(m.now.why, hp_format(a, "%.20s", errors[i].said)); /* what it said stands there too */
	}
}

static void an_error_counts_whatever_the_exit_is(void **state)
{
	struct hp_arena *a = *state;
	static const char good[] = ROWS("Current Next Boot", "  ATS_ENABLED True(1) True(1)");
	struct hp_mlx_answer m = read_text(a, hp_format(a, "%s-E- Failed to open the device\n", good));
	no_value(&m, "could not be opened", "");
	m = read_text(a, hp_format(a, "%s-E- Something new\n", good));
	no_value(&m, "-E- Something new", "by hand");
	m = read_reply(a, HP_END_EXIT, 3, good);
	no_value(&m, "failed with exit 3", "by hand");
	m = read_reply(a, HP_END_EXIT, 3, hp_format(a, "%s-E- Failed to query some of the TLVs:\n  nv_x\n", good));
	no_value(&m, "", "");
	m = read_reply(a, HP_END_EXIT, 2, " Apply new Configuration? (y/n) [n] : -E- Aborted by user.\n");
	no_value(&m, "Aborted by user", "");
	m = read_reply(a, HP_END_TIMEOUT, 60, good);
	no_value(&m, "60 s", "");
	m = read_reply(a, HP_END_SIGNAL, 11, good);
	no_value(&m, "signal 11", "");
	m = read_reply(a, HP_END_TOO_BIG, 0, good);
	no_value(&m, "more than", "");
	m = read_reply(a, HP_END_NOT_FOUND, 2, "");
	no_value(&m, "is not there", "vib list");
	m = read_text(a, "");
	no_value(&m, "printed nothing", "");
}

/* ---- asking again ---- */

static struct unit_asking *two_hcas(struct hp_arena *a)
{
	struct unit_asking *u = unit_ask(a, &hp_ask_hca_ats);
	for (int i = 0; i < 2; i++) {
		struct hp_mst_device *d = hp_mst_add(&u->facts);
		d->name = hp_format(a, "mt4129_pciconf%d", i);
		d->at.bus = (uint8_t)(0x1a + i);
		d->device = 0x1021;
		d->config = true;
	}
	hp_ask_hca_ats.put(&u->asking);
	assert_int_equal(u->count, 2);
	return u;
}

static const char busy[] = "-E- Failed to get nv_pci_conf settings Semaphore locked\n";
static const char is_true[] = "Configurations: Current Next Boot\n ATS_ENABLED True(1) True(1)\n";

static void a_busy_hca_is_asked_three_times(void **state)
{
	struct hp_arena *a = *state;
	struct unit_asking *u = two_hcas(a);
	static const unsigned delays[] = {0, 1000, 3000};
	unit_answer(u, 0, HP_END_EXIT, 0, is_true);
	unit_answer(u, 1, HP_END_EXIT, 3, busy);
	assert_int_equal(u->count, 3);
	assert_null(hp_fact_find(&u->facts, "mt4129_pciconf1", "hca.ATS_ENABLED"));
	unit_answer(u, 2, HP_END_EXIT, 3, busy);
	assert_int_equal(u->count, 4);
	unit_answer(u, 3, HP_END_EXIT, 3, busy);
	assert_int_equal(u->count, 4);
	for (size_t i = 0; i < 3; i++) {
		const struct hp_call *call = u->calls[i + 1];
		assert_int_equal(call->delay_ms, delays[i]);
		assert_string_equal(call->argv[2], "mt4129_pciconf1");
		assert_string_equal(call->lane, "mft");
		assert_int_equal(call->grace_ms, HP_MFT_GRACE_MS);
		assert_false(call->writes);
	}
	const struct hp_fact *f = hp_fact(&u->facts, "mt4129_pciconf1", "hca.ATS_ENABLED");
	assert_int_equal(f->now.is, HP_NO_DATA);
	assert_has(f->now.why, "semaphore is taken");
	assert_has(f->now.why, "asked three times");
	assert_has(f->next.why, "asked three times");
	assert_has(f->now.hint, "again");
	assert_string_equal(hp_fact_text(&u->facts, "mt4129_pciconf0", "hca.ATS_ENABLED"), "1");
}

static void a_busy_hca_that_answers_at_last(void **state)
{
	struct hp_arena *a = *state;
	struct unit_asking *u = two_hcas(a);
	unit_answer(u, 1, HP_END_EXIT, 3, busy);
	unit_answer(u, 0, HP_END_EXIT, 3, "-E- Device is busy\n");
	unit_answer(u, 2, HP_END_EXIT, 3, "-E- Error when trying to check if NV access registers are supported\n");
	assert_int_equal(u->count, 5);
	unit_answer(u, 3, HP_END_EXIT, 0, is_true);
	unit_answer(u, 4, HP_END_EXIT, 0, is_true);
	assert_int_equal(u->count, 5);
	assert_string_equal(hp_fact_text(&u->facts, "mt4129_pciconf0", "hca.ATS_ENABLED"), "1");
	assert_string_equal(hp_fact_text(&u->facts, "mt4129_pciconf1", "hca.ATS_ENABLED"), "1");
}

static void what_is_final_is_not_asked_again(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		enum hp_end end;
		int code;
		const char *out;
	} finals[] = {{HP_END_EXIT, 3, "-E- Failed to open the device\n"},
		      {HP_END_EXIT, 3, "-E- The Device doesn't support ATS_ENABLED parameter\n"},
		      {HP_END_EXIT, 3, "-E- Failed to get nv_pci_conf settings Firmware internal error\n"},
		      {HP_END_EXIT, 0, "garbage\n"},
		      {HP_END_TIMEOUT, 60, busy},
		      {HP_END_CANCELLED, 0, ""},
		      {HP_END_NOT_FOUND, 2, ""}};
	for (size_t i = 0; i < sizeof finals / sizeof finals[0]; i++) {
		struct unit_asking *u = two_hcas(a);
		unit_answer(u, 0, finals[i].end, finals[i].code, finals[i].out);
		assert_int_equal(u->count, 2);
		const struct hp_fact *f = hp_fact(&u->facts, "mt4129_pciconf0", "hca.ATS_ENABLED");
		assert_int_equal(f->now.is, HP_NO_DATA);
		assert_no(f->now.why, "three times");
	}
}

/* A capture answers each time with the same. */
static void a_busy_hca_in_a_capture(void **state)
{
	struct hp_arena *a = *state;
	struct hp_capture c = {0};
	says(a, &c, "run opt/mellanox/bin/mst status -vv", "ConnectX7(rev:0) mt4129_pciconf0 1a:00.0\n");
	says_with(a, &c, "run opt/mellanox/bin/mlxconfig -d mt4129_pciconf0 -e query ATS_ENABLED", HP_END_EXIT, 3,
		  busy);
	assert_has(hp_fact(facts_of(a, &c), "mt4129_pciconf0", "hca.ATS_ENABLED")->now.why, "asked three times");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(every_layout),
	    UNIT_TEST(no_cut_of_any_layout_gives_a_value),
	    UNIT_TEST(odd_rows),
	    UNIT_TEST(odd_values),
	    UNIT_TEST(the_device_that_answers),
	    UNIT_TEST(every_error_has_its_own_words),
	    UNIT_TEST(an_error_counts_whatever_the_exit_is),
	    UNIT_TEST(a_busy_hca_is_asked_three_times),
	    UNIT_TEST(a_busy_hca_that_answers_at_last),
	    UNIT_TEST(what_is_final_is_not_asked_again),
	    UNIT_TEST(a_busy_hca_in_a_capture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
