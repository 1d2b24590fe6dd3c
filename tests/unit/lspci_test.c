/* lspci -d: when it is asked at all, the dump in its forms, and the capabilities in all their faults. */
#include "asking.h"

#define A "0000:16:00.0"
#define B "0000:38:00.0"

static struct hp_device *add(struct unit_asking *u, const char *sbdf, uint16_t device, uint16_t subvendor,
			     uint16_t subdevice)
{
	struct hp_device *d = hp_device_add(&u->facts);
	*d = (struct hp_device){.sbdf = sbdf,
				.vendor = 0x1000,
				.device = device,
				.class_id = 0x0604,
				.subvendor = subvendor,
				.subdevice = subdevice,
				.evidence = {.source = "/bin/esxcli hardware pci list", .record = hp_str("record")}};
	assert_true(hp_sbdf(hp_str(sbdf), &d->at));
	return d;
}

static void of_vendor(struct unit_asking *u, const char *vendor)
{
	hp_fact_put(&u->facts, HP_HOST, "vendor")->now = hp_present(vendor);
}

/* ---- a dump ---- */

struct space {
	unsigned char b[256];
};

/* A switch port: power management at 40, PCI Express at 68, the ids at b0. */
static struct space bridge(unsigned ssid)
{
	struct space s = {{0}};
	static const unsigned char ids[4] = {0x00, 0x10, 0x30, 0xc0};
	memcpy(s.b, ids, 4);
	s.b[0x06] = 0x10;
	s.b[0x0e] = 0x01;
	s.b[0x34] = 0x40;
	s.b[0x40] = 0x01;
	s.b[0x41] = 0x68;
	s.b[0x68] = 0x10;
	s.b[0x69] = 0xb0;
	s.b[0x6a] = 0x52;
	s.b[0xb0] = 0x0d;
	s.b[0xb4] = 0x28;
	s.b[0xb5] = 0x10;
	s.b[0xb6] = (unsigned char)(ssid & 0xff);
	s.b[0xb7] = (unsigned char)(ssid >> 8);
	return s;
}

enum form { PLAIN, UPPER, TOGETHER, INDENTED, SHORT_ROWS };

static const char *rows(struct hp_arena *a, const struct space *s, size_t n, enum form form)
{
	struct hp_buf b = hp_buf(a);
	size_t wide = form == SHORT_ROWS ? 4 : 16;
	for (size_t i = 0; i < n; i++) {
		if (i % wide == 0)
			hp_putf(&b, "%s%s%02zx:%s", form == INDENTED ? "\t" : "", form == UPPER ? "0x" : "", i,
				form == TOGETHER ? " " : "");
		hp_putf(&b, form == TOGETHER ? "%02x" : form == UPPER ? " %02X" : " %02x", s->b[i]);
		if (i % wide == wide - 1 || i + 1 == n)
			hp_puts(&b, "\n");
	}
	return hp_built_text(&b);
}

static const char *dump(struct hp_arena *a, const struct space *s)
{
	return hp_format(a,
			 "0000:00:00.0 Host bridge: Intel Corporation Ice Lake\n%s" A
			 " PCI bridge: Broadcom / LSI PEX890xx\n%s0000:17:00.0 PCI bridge: Other\n%s",
			 rows(a, &(struct space){{0}}, 256, PLAIN), rows(a, s, 256, PLAIN),
			 rows(a, &(struct space){{1}}, 256, PLAIN));
}

/* A Dell host with the one bridge, whose ids the list lacks. */
static struct unit_asking *told(struct hp_arena *a, const char *out)
{
	struct unit_asking *u = unit_ask(a, &hp_ask_pci_config);
	(void)add(u, A, 0xc030, 0, 0);
	of_vendor(u, "Dell Inc.");
	hp_ask_pci_config.put(&u->asking);
	assert_int_equal(u->count, 1);
	unit_answer(u, 0, HP_END_EXIT, 0, out);
	assert_int_equal(u->count, 1);
	return u;
}

static const char *ssid_of(struct unit_asking *u)
{
	return hp_fact_text(&u->facts, A, "psb.ssid");
}

static const char *why(struct unit_asking *u)
{
	const struct hp_fact *f = hp_fact_find(&u->facts, A, "psb.ssid");
	assert_non_null(f);
	assert_int_equal(f->now.is, HP_NO_DATA);
	return f->now.why;
}

/* ---- when it is asked ---- */

static void only_where_it_must(void **state)
{
	static const struct {
		const char *vendor; /* NULL: not known */
		uint16_t device, subvendor, subdevice;
		size_t calls;
	} cases[] = {
	    {"Dell Inc.", 0xc030, 0x1028, 0x2330, 0},
	    {"Dell Inc.", 0xc030, 0, 0, 1},
	    {"DELL", 0xc030, 0x1028, 0, 1},
	    {"Dell EMC", 0xc030, 0, 0x2330, 1},
	    {NULL, 0xc030, 0, 0, 1},
	    {"", 0xc030, 0, 0, 1},
	    {"HPE", 0xc030, 0, 0, 0},
	    {"Dell Inc.", 0xc034, 0, 0, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct unit_asking *u = unit_ask(*state, &hp_ask_pci_config);
		(void)add(u, A, cases[i].device, cases[i].subvendor, cases[i].subdevice);
		if (cases[i].vendor)
			of_vendor(u, cases[i].vendor);
		hp_ask_pci_config.put(&u->asking);
		assert_int_equal(u->count, cases[i].calls);
		if (u->count)
			assert_string_equal(hp_call_text(*state, u->calls[0]), "/bin/lspci -d");
		else if (cases[i].device == 0xc030 && cases[i].subvendor)
			assert_string_equal(ssid_of(u), "1028:2330");
		else if (cases[i].device == 0xc030)
			assert_has(why(u), "no subsystem id");
		else
			assert_int_equal(u->facts.count, 1); /* the vendor */
	}
	/* of another class: no bridge */
	struct unit_asking *u = unit_ask(*state, &hp_ask_pci_config);
	add(u, A, 0xc030, 0, 0)->class_id = 0x0107;
	hp_ask_pci_config.put(&u->asking);
	assert_int_equal(u->count, 0);
	assert_string_equal(hp_ask_pci_config.after, "pci-devices");
	assert_string_equal(hp_ask_pci_config.also_after(&u->options), "platform");
}

static void what_the_list_says_stays(void **state)
{
	struct hp_arena *a = *state;
	struct unit_asking *u = unit_ask(a, &hp_ask_pci_config);
	struct space s = bridge(0x224b);
	(void)add(u, A, 0xc030, 0x1028, 0x2330);
	(void)add(u, B, 0xc030, 0, 0);
	hp_ask_pci_config.put(&u->asking);
	assert_int_equal(u->count, 1);
	unit_answer(u, 0, HP_END_EXIT, 0, dump(a, &s));
	assert_string_equal(ssid_of(u), "1028:2330");
	assert_string_equal(hp_fact(&u->facts, A, "psb.ssid")->evidence[0].source, "/bin/esxcli hardware pci list");
	assert_string_equal(hp_fact_text(&u->facts, A, "psb.port"), "upstream");
	assert_has(hp_fact(&u->facts, B, "psb.ssid")->now.why, "does not show " B);
}

/* ---- the forms ---- */

static void the_ids_and_the_port(void **state)
{
	struct hp_arena *a = *state;
	struct space s = bridge(0x224b);
	struct unit_asking *u = told(a, dump(a, &s));
	const struct hp_fact *f = hp_fact(&u->facts, A, "psb.ssid");
	assert_string_equal(ssid_of(u), "1028:224b");
	assert_string_equal(f->evidence[0].source, "/bin/lspci -d");
	assert_true(hp_str_starts(f->evidence[0].record, A " PCI bridge"));
	assert_true(hp_str_ends(f->evidence[0].record, "f0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
	assert_str(a, f->evidence[0].focus, "b0: 0d 00 00 00 28 10 4b 22 00 00 00 00 00 00 00 00");
	assert_string_equal(hp_fact_text(&u->facts, A, "psb.port"), "upstream");
	s.b[0x6a] = 0x62;
	assert_string_equal(hp_fact_text(&told(a, dump(a, &s))->facts, A, "psb.port"), "downstream");
	s.b[0x6a] = 0x42;
	assert_string_equal(hp_fact_text(&told(a, dump(a, &s))->facts, A, "psb.port"), "other");
	s.b[0x68] = 0x05; /* no PCI Express capability */
	u = told(a, dump(a, &s));
	assert_null(hp_fact_find(&u->facts, A, "psb.port"));
	assert_string_equal(ssid_of(u), "1028:224b");
}

static void dumps_of_other_forms(void **state)
{
	struct hp_arena *a = *state;
	struct space s = bridge(0x2331);
	for (int form = PLAIN; form <= SHORT_ROWS; form++) {
		const char *body = rows(a, &s, 256, (enum form)form);
		assert_string_equal(ssid_of(told(a, hp_format(a, A " PCI bridge\n%s", body))), "1028:2331");
		assert_string_equal(ssid_of(told(a, hp_format(a, A "\n\t Class 0604: 1000:c030\n%s\n", body))),
				    "1028:2331");
	}
	/* the extended space behind it, as -e shows it */
	struct hp_buf b = hp_buf(a);
	hp_putf(&b, A " PCI bridge\n%s", rows(a, &s, 256, PLAIN));
	for (unsigned i = 0x100; i < 0x1000; i += 16)
		hp_putf(&b, "%02x: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff\n", i);
	assert_string_equal(ssid_of(told(a, hp_built_text(&b))), "1028:2331");
}

/* ---- no data ---- */

static void replies_that_are_none(void **state)
{
	struct hp_arena *a = *state;
	struct space s = bridge(0x2331);
	const char *whole = hp_format(a, A " PCI bridge\n%s", rows(a, &s, 256, PLAIN));
	for (size_t n = 0; n < strlen(whole); n++)
		assert_null(ssid_of(told(a, hp_format(a, "%.*s", (int)n, whole))));
	static const struct {
		enum hp_end end;
		int code;
		const char *why;
	} ends[] = {{HP_END_EXIT, 1, "exit 1"},
		    {HP_END_NOT_FOUND, 2, "/bin/lspci -d is not there"},
		    {HP_END_TIMEOUT, 60, "60 s"},
		    {HP_END_TOO_BIG, 0, "more than"},
		    {HP_END_NOT_RECORDED, 0, "not in the capture"}};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct unit_asking *u = unit_ask(a, &hp_ask_pci_config);
		(void)add(u, A, 0xc030, 0, 0);
		hp_ask_pci_config.put(&u->asking);
		unit_answer(u, 0, ends[i].end, ends[i].code, whole);
		assert_has(why(u), ends[i].why);
		assert_has(hp_fact(&u->facts, A, "psb.ssid")->now.hint, "/bin/lspci -d");
	}
}

static void rows_that_are_not_in_order(void **state)
{
	struct hp_arena *a = *state;
	struct space s = bridge(0x2331);
	const char *body = rows(a, &s, 256, PLAIN), *second = strchr(body, '\n') + 1;
	const char *first = hp_format(a, "%.*s", (int)(second - body), body);
	static const char head[] = A " PCI bridge\n";
	assert_has(why(told(a, hp_format(a, "%s%s", head, second))), "not known");
	assert_has(why(told(a, hp_format(a, "%s\t%s", head, second))), "not known");
	/* another device, whose header line is spoilt */
	assert_has(why(told(a, hp_format(a, "%s0000:17:00.00 PCI bridge\n%s", head, body))), "not known");
	assert_has(why(told(a, hp_format(a, "%s\t Class 0604: 1000:c030\n", head))), "no bytes");
	assert_has(why(told(a, hp_format(a, "%s%s%s", head, first, body))), "not known"); /* 00 twice */
	assert_has(why(told(a, hp_format(a, "%s%sgarbage\n%s", head, first, second))), "not known (\"garbage\")");
	assert_has(why(told(a, hp_format(a, "%s%s10: 0\n%s", head, first, second))), "not known");
	assert_has(why(told(a, hp_format(a, "%s%s10: 00 0x\n", head, first))), "not known");
	assert_has(why(told(a, hp_format(a, "%s%s10:\n", head, first))), "not known");
	assert_has(why(told(a, hp_format(a, "%s%s%s%s", head, body, head, body))), "twice");
	assert_has(why(told(a, hp_format(a, "%s", head))), "no bytes");
	assert_has(why(told(a, "Usage: lspci [-n]\n")), "does not show");
	assert_has(why(told(a, hp_format(a, "16:00.0 PCI bridge\n%s", body))), "does not show"); /* no domain */
	assert_has(why(told(a, hp_format(a, "0001:16:00.0 PCI bridge\n%s", body))), "does not show");
	assert_has(why(told(a, hp_format(a, "%s%s", head, rows(a, &s, 64, PLAIN)))), "only 64 bytes");
	assert_has(why(told(a, hp_format(a, "%s%s", head, rows(a, &s, 255, PLAIN)))), "only 255 bytes");
}

static void capabilities_that_are_none(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		unsigned char at, value, more_at, more_value; /* more_at 0: none */
		const char *why;
	} cases[] = {
	    {0x00, 0x01, 0, 0, "begins with 1001:c030, not with 1000:c030"},
	    {0x03, 0x10, 0, 0, "begins with 1000:1030"},
	    {0x0e, 0x00, 0, 0, "not that of a bridge"},
	    {0x0e, 0x02, 0, 0, "not that of a bridge"},
	    {0x06, 0x00, 0, 0, "no capabilities"},
	    {0x34, 0x3c, 0, 0, "into its header"},
	    {0xb1, 0x40, 0, 0, "does not end"},
	    {0xb1, 0xb0, 0, 0, "does not end"},
	    {0x40, 0x0d, 0, 0, "two capabilities"},
	    {0x69, 0xfc, 0xfc, 0x0d, "cut off"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct space s = bridge(0x2331);
		s.b[cases[i].at] = cases[i].value;
		if (cases[i].more_at)
			s.b[cases[i].more_at] = cases[i].more_value;
		assert_has(why(told(a, dump(a, &s))), cases[i].why);
	}
	struct space s = bridge(0x2331);
	s.b[0x0e] = 0x81; /* of several functions */
	s.b[0x34] = 0x43; /* the low two bits mean nothing */
	s.b[0x69] = 0xb2;
	assert_string_equal(ssid_of(told(a, dump(a, &s))), "1028:2331");
	memset(s.b, 0xff, sizeof s.b); /* nobody answers */
	assert_has(why(told(a, dump(a, &s))), "begins with ffff:ffff");
	s = bridge(0x2331);
	s.b[0x69] = 0;
	assert_int_equal(hp_fact(&told(a, dump(a, &s))->facts, A, "psb.ssid")->now.is, HP_ABSENT);
	s = bridge(0);
	s.b[0xb4] = s.b[0xb5] = 0;
	assert_string_equal(ssid_of(told(a, dump(a, &s))), "0000:0000");
}

/* As many capabilities as there is room for, and the last is the one. */
static void a_list_of_48(void **state)
{
	struct hp_arena *a = *state;
	struct space s = bridge(0x2331);
	memset(s.b + 0x40, 0, sizeof s.b - 0x40);
	for (unsigned at = 0x40; at < 0xf8; at += 4) {
		s.b[at] = 0x09;
		s.b[at + 1] = (unsigned char)(at + 4);
	}
	s.b[0xf8] = 0x0d;
	s.b[0xfc] = 0x28;
	s.b[0xfd] = 0x10;
	s.b[0xfe] = 0x4b;
	s.b[0xff] = 0x22;
	assert_string_equal(ssid_of(told(a, dump(a, &s))), "1028:224b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(only_where_it_must),	   UNIT_TEST(what_the_list_says_stays),
	    UNIT_TEST(the_ids_and_the_port),	   UNIT_TEST(dumps_of_other_forms),
	    UNIT_TEST(replies_that_are_none),	   UNIT_TEST(rows_that_are_not_in_order),
	    UNIT_TEST(capabilities_that_are_none), UNIT_TEST(a_list_of_48),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
