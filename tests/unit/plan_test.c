/* Plans from findings that are made by hand: conflicts, shared steps, the digest, reading back. */
#include "../../agent/engine/plan.h"
#include "unit.h"

#define MAP "# a \xe2\x80\x90 comment\n8086 1502 d3d0 default\n10de ffff bridge false\n"
#define GPUS 8

struct host {
	struct hp_arena *a;
	struct hp_facts facts;
	struct hp_finding items[16];
	struct hp_findings findings;
};

static struct host *host(struct hp_arena *a)
{
	struct host *h = hp_alloc(a, sizeof *h);
	h->a = a;
	h->findings.items = h->items;
	hp_facts_init(&h->facts, a);
	return h;
}

static void map_is(struct host *h, const char *text)
{
	struct hp_fact *f = hp_fact_put(&h->facts, HP_HOST, "passthru-map");
	f->now = text ? hp_present("read") : hp_no_data("it ran away", NULL);
	f->evidence[0] = (struct hp_evidence){.source = "/etc/vmware/passthru.map", .record = hp_str(text ? text : "")};
}

static struct hp_finding *add(struct host *h, const char *check, const char *subject, enum hp_setter by)
{
	struct hp_finding *f = &h->items[h->findings.count++];
	*f = (struct hp_finding){.check = check,
				 .subject = subject,
				 .state = HP_FAIL,
				 .text = "x",
				 .remedy = {.fixable = true, .reboot = HP_REBOOT_ANY},
				 .wanted = {.by = by}};
	return f;
}

static struct hp_finding *kernel(struct host *h, const char *check, const char *name, const char *want)
{
	struct hp_finding *f = add(h, check, HP_HOST, HP_SET_KERNEL);
	f->wanted.name = name;
	f->now = f->next = strcmp(want, "TRUE") == 0 ? "FALSE" : "TRUE";
	f->want = want;
	return f;
}

static const char *gpu_address(struct hp_arena *a, int n)
{
	return hp_format(a, "0000:%02x:00.0", 0x1b + n);
}

static struct hp_finding *gpu(struct host *h, int n, const char *next, const char *want)
{
	struct hp_finding *f = add(h, "gpu-reset", gpu_address(h->a, n), HP_SET_MAP);
	struct hp_device *d = hp_device_add(&h->facts);
	*d = (struct hp_device){
	    .sbdf = f->subject, .vendor = 0x10de, .device = 0x2330, .class_id = 0x0302, .name = "GPU"};
	f->wanted.vendor = d->vendor;
	f->wanted.product = d->device;
	f->now = "bridge";
	f->next = next;
	f->want = want;
	return f;
}

static struct hp_finding *hca(struct host *h, const char *sbdf, const char *name)
{
	struct hp_finding *f = add(h, "hca-ats", sbdf, HP_SET_HCA);
	struct hp_device *d = hp_device_add(&h->facts);
	*d = (struct hp_device){.sbdf = sbdf, .vendor = 0x15b3, .device = 0x1021, .class_id = 0x0207, .name = "HCA"};
	f->wanted.name = "ATS_ENABLED";
	f->wanted.device = name;
	f->now = f->next = "0";
	f->want = "1";
	f->remedy.reboot = HP_REBOOT_FULL;
	return f;
}

static struct hp_plan make(struct host *h, const char *only)
{
	struct hp_plan plan;
	hp_plan_make(h->a, &h->findings, &h->facts, only, HP_MINOR, &plan);
	return plan;
}

static struct host *full_host(struct hp_arena *a)
{
	struct host *h = host(a);
	map_is(h, MAP);
	(void)hca(h, "0000:3c:00.0", "mt4129_pciconf1");
	(void)kernel(h, "kernel-ats-support", "atsSupport", "TRUE");
	for (int i = 0; i < GPUS; i++)
		(void)gpu(h, i, "bridge", "flr");
	(void)hca(h, "0000:1a:00.0", "mt4129_pciconf0");
	(void)kernel(h, "kernel-acs-dtp2p", "enableACSDTP2P", "TRUE");
	return h;
}

static void steps_in_their_order_and_one_for_eight_gpus(void **state)
{
	struct host *h = full_host(*state);
	struct hp_plan p = make(h, NULL);
	static const char *const settings[] = {"atsSupport", "enableACSDTP2P", "/etc/vmware/passthru.map",
					       "ATS_ENABLED", "ATS_ENABLED"};
	assert_int_equal(p.count, 5);
	assert_int_equal(p.refused_count, 0);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(p.steps[i].setting, settings[i]);
		assert_int_equal(p.steps[i].number, i + 1);
	}
	assert_int_equal(p.change_count, 2 + GPUS + 2);
	for (int i = 0; i < GPUS; i++) {
		assert_int_equal(p.step_of[2 + i], 2);
		assert_string_equal(p.changes[2 + i].subject, gpu_address(*state, i));
		assert_string_equal(p.changes[2 + i].diff, p.steps[2].diff);
	}
	assert_string_equal(p.steps[2].target, HP_HOST);
	assert_int_equal(p.steps[2].edits.count, 1);
	assert_str(*state, p.steps[2].becomes,
		   "# a \xe2\x80\x90 comment\n8086 1502 d3d0 default\n10de ffff flr false\n");
	assert_string_equal(p.steps[3].target, "0000:3c:00.0"); /* as the findings stand */
	assert_string_equal(p.steps[3].device, "mt4129_pciconf1");
	assert_int_equal(p.steps[3].product, 0x15b31021);
	assert_string_equal(p.steps[0].command, "esxcli system settings kernel set -s atsSupport -v TRUE");
	for (int i = 0; i < GPUS; i++)
		assert_has(p.steps[2].disturbs, gpu_address(*state, i));
}

static void nothing_is_planned_that_is_not_to_be_changed(void **state)
{
	struct host *h = host(*state);
	kernel(h, "a", "one", "TRUE")->remedy.fixable = false;
	kernel(h, "b", "two", "TRUE")->wanted.by = HP_SET_NOTHING;
	kernel(h, "c", "three", "TRUE")->next = NULL;
	kernel(h, "d", "four", "TRUE")->want = NULL;
	kernel(h, "e", "five", "TRUE")->wanted.by_id_only = true;
	struct hp_plan p = make(h, NULL);
	assert_int_equal(p.count, 0);
	assert_int_equal(p.change_count, 0);
	assert_int_equal(p.refused_count, 0);
}

static void what_does_not_count_is_not_set(void **state)
{
	struct hp_arena *a = *state;
	for (int severity = HP_BLOCKER; severity < HP_SEVERITIES; severity++)
		for (int fail_on = HP_BLOCKER; fail_on <= HP_MINOR; fail_on++) {
			struct hp_plan p;
			struct host *h = host(a);
			kernel(h, "a", "one", "TRUE")->severity = (enum hp_severity)severity;
			(void)kernel(h, "b", "one", "FALSE"); /* a blocker, and no conflict with what is not set */
			hp_plan_make(a, &h->findings, &h->facts, NULL, (enum hp_severity)fail_on, &p);
			bool counts = severity != HP_INFO && severity <= fail_on;
			assert_int_equal(p.count, counts ? 0 : 1);
			assert_int_equal(p.refused_count, counts ? 2 : 0);
		}
}

static void asked_by_id(void **state)
{
	static const struct {
		const char *only;
		size_t steps;
	} tries[] = {{NULL, 0}, {"", 0},  {"e", 1},  {"x,e", 1}, {" e ,x", 1}, {"x, e", 1}, {"e*", 0},
		     {"?", 0},	{"*", 0}, {"ee", 0}, {"E", 0},	 {",", 0},     {"x,,e,", 1}};
	struct host *h = host(*state);
	kernel(h, "e", "five", "TRUE")->wanted.by_id_only = true;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		if (make(h, tries[i].only).count != tries[i].steps)
			fail_msg("--only %s: %zu steps", tries[i].only, make(h, tries[i].only).count);
}

static void wants_that_exclude_each_other(void **state)
{
	struct host *h = host(*state);
	(void)kernel(h, "a", "one", "TRUE");
	(void)kernel(h, "b", "one", "FALSE");
	(void)kernel(h, "c", "two", "TRUE");
	struct hp_plan p = make(h, NULL);
	assert_int_equal(p.count, 1);
	assert_string_equal(p.steps[0].setting, "two");
	assert_int_equal(p.change_count, 1);
	assert_int_equal(p.refused_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(p.refused[i].where, "conflict");
		assert_true(p.refused[i].stop);
		assert_has(p.refused[i].text, "a host");
		assert_has(p.refused[i].text, "b host");
	}
	/* one of them is not asked for: then there is none */
	h->items[1].wanted.by_id_only = true;
	p = make(h, NULL);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.refused_count, 0);
	p = make(h, "b");
	assert_int_equal(p.count, 1);
	assert_int_equal(p.refused_count, 2);
	/* the same want twice is none either */
	h->items[1] = h->items[0];
	h->items[1].check = "b";
	h->items[1].now = "other";
	h->items[1].remedy.reboot = HP_REBOOT_COLD;
	p = make(h, NULL);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.change_count, 3);
	assert_string_equal(p.steps[0].now, "FALSE, other");
	assert_int_equal(p.steps[0].reboot, HP_REBOOT_COLD);
	assert_int_equal(p.changes[0].reboot, HP_REBOOT_COLD);
}

/* A setting of the same name elsewhere is another one. */
static void what_is_no_conflict(void **state)
{
	struct host *h = host(*state);
	(void)hca(h, "0000:1a:00.0", "mt4129_pciconf0");
	hca(h, "0000:3c:00.0", "mt4129_pciconf1")->want = "0";
	h->items[1].next = "1";
	(void)kernel(h, "c", "ATS_ENABLED", "TRUE");
	struct hp_plan p = make(h, NULL);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.refused_count, 0);
}

static void methods_that_exclude_each_other(void **state)
{
	struct host *h = host(*state);
	map_is(h, MAP);
	(void)gpu(h, 0, "bridge", "flr");
	(void)gpu(h, 1, "bridge", "d3d0");
	struct hp_plan p = make(h, NULL);
	assert_int_equal(p.count, 0);
	assert_int_equal(p.change_count, 0);
	assert_int_equal(p.refused_count, 2);
}

static void a_map_that_cannot_be_edited(void **state)
{
	static const char *const maps[] = {NULL, "", "10de ffff flr false\n", "10de 2330 oops false\n",
					   "10de ffff bridge\n"};
	struct hp_arena *a = *state;
	for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		struct host *h = host(a);
		map_is(h, maps[i]);
		(void)gpu(h, 0, "bridge", "flr");
		(void)kernel(h, "c", "two", "TRUE");
		(void)hca(h, "0000:1a:00.0", "mt4129_pciconf0");
		struct hp_plan p = make(h, NULL);
		assert_int_equal(p.count, 2); /* the rest goes on */
		assert_int_equal(p.change_count, 2);
		assert_string_equal(p.steps[0].setting, "two");
		assert_string_equal(p.steps[1].setting, "ATS_ENABLED");
		assert_int_equal(p.step_of[1], 1);
		assert_int_equal(p.refused_count, 1);
		assert_string_equal(p.refused[0].where, "passthru-map");
	}
}

/* ---- digest ---- */

static const char *digest(struct host *h)
{
	struct hp_plan p = make(h, NULL);
	assert_int_equal(strlen(p.digest), HP_PLAN_DIGEST);
	assert_int_equal(strspn(p.digest, "0123456789abcdef"), HP_PLAN_DIGEST);
	return p.digest;
}

static void the_digest_is_the_plans(void **state)
{
	struct hp_arena *a = *state;
	const char *first = digest(full_host(a));
	for (int i = 0; i < 10; i++)
		assert_string_equal(digest(full_host(a)), first);
	struct host *h = full_host(a); /* what is no part of it */
	for (size_t i = 0; i < h->findings.count; i++) {
		h->items[i].text = "another";
		h->items[i].severity = HP_MINOR;
		h->items[i].remedy.text = "another";
	}
	kernel(h, "z", "of nobody", "TRUE")->remedy.fixable = false;
	assert_string_equal(digest(h), first);
}

static void and_changes_with_everything_in_it(void **state)
{
	enum { NOW, NEXT, WANT, NAME, DEVICE, SUBJECT, GONE, MORE, LINE, OTHER_MAP, ORDER, VARIANTS };
	struct hp_arena *a = *state;
	const char *digests[VARIANTS + 1] = {digest(full_host(a))};
	for (int v = 0; v < VARIANTS; v++) {
		struct host *h = full_host(a);
		struct hp_finding *first_hca = &h->items[0], *ats = &h->items[1], swap = *ats;
		if (v == NOW)
			ats->now = "TRUE";
		if (v == NEXT)
			first_hca->next = "2";
		if (v == WANT)
			first_hca->want = "3";
		if (v == NAME)
			ats->wanted.name = "atsSupporT";
		if (v == DEVICE)
			first_hca->wanted.device = "mt4129_pciconf7";
		if (v == SUBJECT)
			first_hca->subject = "0000:4d:00.0";
		if (v == GONE)
			ats->remedy.fixable = false;
		if (v == MORE)
			(void)kernel(h, "kernel-acs-check", "disableACSCheck", "FALSE");
		if (v == LINE)
			map_is(h, "\n" MAP);
		if (v == OTHER_MAP)
			map_is(h, MAP "10de 2330 link false\n");
		if (v == ORDER) {
			*ats = h->items[h->findings.count - 1];
			h->items[h->findings.count - 1] = swap;
		}
		digests[v + 1] = digest(h);
		for (int i = 0; i <= v; i++)
			if (strcmp(digests[i], digests[v + 1]) == 0)
				fail_msg("variants %d and %d have the same digest", i - 1, v);
	}
}

/* ---- reading back ---- */

static const struct hp_ask_options options = {.hca_ids = (const uint32_t[]){0x15b31021}, .hca_id_count = 1};

static void kernel_is(struct hp_facts *f, const char *name, struct hp_value next)
{
	hp_fact_put(f, HP_HOST, hp_format(f->arena, "kernel.%s", name))->next = next;
}

static struct hp_step verified(struct host *h, struct hp_plan *p, enum hp_set_end end)
{
	p->steps[0].begun = true;
	p->steps[0].answer = (struct hp_set_answer){.end = end, .why = end == HP_SET_DONE ? NULL : "it said no"};
	hp_plan_verify(h->a, &h->facts, &options, HP_VERIFIED, p);
	assert_int_equal(p->changes[0].result, p->steps[0].result);
	return p->steps[0];
}

static void what_a_tool_says_and_what_the_host_has(void **state)
{
	static const struct {
		const char *next; /* "" is not known */
		enum hp_set_end end;
		enum hp_result result;
		const char *text; /* NULL: none */
	} tries[] = {{"TRUE", HP_SET_DONE, HP_VERIFIED, NULL},
		     {"TRUE", HP_SET_REFUSED, HP_VERIFIED, "yet the value is there"},
		     {"TRUE", HP_SET_UNCLEAR, HP_VERIFIED, "it said no"},
		     {"FALSE", HP_SET_DONE, HP_INEFFECTIVE, "still brings FALSE"},
		     {"FALSE", HP_SET_REFUSED, HP_FAILED, "it said no"},
		     {"FALSE", HP_SET_BUSY, HP_FAILED, "brings FALSE"},
		     {"", HP_SET_DONE, HP_APPLIED, "could not be read back: hostd is away"},
		     {"", HP_SET_UNCLEAR, HP_FAILED, "could not be read back"}};
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct host *h = host(*state);
		(void)kernel(h, "c", "two", "TRUE");
		struct hp_plan p = make(h, NULL);
		kernel_is(&h->facts, "two",
			  *tries[i].next ? hp_present(tries[i].next) : hp_no_data("hostd is away", NULL));
		struct hp_step s = verified(h, &p, tries[i].end);
		if (s.result != tries[i].result)
			fail_msg("%zu: %s", i, hp_result_word(s.result));
		if (tries[i].text)
			assert_has(s.text, tries[i].text);
		else
			assert_null(s.text);
	}
}

static void what_was_not_begun_or_is_settled_stays(void **state)
{
	struct host *h = host(*state);
	(void)kernel(h, "c", "two", "TRUE");
	struct hp_plan p = make(h, NULL);
	kernel_is(&h->facts, "two", hp_present("TRUE"));
	hp_plan_verify(h->a, &h->facts, &options, HP_VERIFIED, &p);
	assert_int_equal(p.steps[0].result, HP_PLANNED);
	p.steps[0].settled = true;
	p.steps[0].result = HP_FAILED;
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_FAILED);
}

static void a_map_is_read_back_byte_for_byte(void **state)
{
	struct hp_arena *a = *state;
	struct host *h = host(a);
	map_is(h, MAP);
	(void)gpu(h, 0, "bridge", "flr");
	struct hp_plan p = make(h, NULL);
	struct hp_str becomes = p.steps[0].becomes;
	for (size_t n = 0; n <= becomes.n; n++) {
		map_is(h, hp_copy(a, hp_str_sub(becomes, 0, n)));
		struct hp_step s = verified(h, &p, HP_SET_DONE);
		assert_int_equal(s.result, n == becomes.n ? HP_VERIFIED : HP_INEFFECTIVE);
	}
	map_is(h, MAP);
	assert_has(verified(h, &p, HP_SET_DONE).text, "still brings bridge");
	map_is(h, NULL);
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_APPLIED);
}

static void pci_is_read(struct host *h)
{
	hp_fact_put(&h->facts, HP_HOST, "pci")->now = hp_present("read");
	for (size_t i = 0; i < h->facts.device_count; i++) {
		h->facts.devices[i].vmkernel_name = h->facts.devices[i].owner = "";
		h->facts.devices[i].at = (struct hp_sbdf){.has_domain = true, .bus = 0x1a};
	}
}

/* An HCA is looked up anew by its address: names may have changed. */
static void an_hca_is_read_back_by_its_address(void **state)
{
	struct host *h = host(*state);
	(void)hca(h, "0000:1a:00.0", "mt4129_pciconf0");
	struct hp_plan p = make(h, NULL);
	pci_is_read(h);
	struct hp_mst_device *m = hp_mst_add(&h->facts);
	*m = (struct hp_mst_device){.name = "mt4129_pciconf5", .at = {.bus = 0x1a}, .device = 0x1021, .config = true};
	hp_fact_put(&h->facts, HP_HOST, "mst")->now = hp_present("read");
	hp_fact_put(&h->facts, "mt4129_pciconf0", "hca.ATS_ENABLED")->next = hp_present("1"); /* somebody else now */
	hp_fact_put(&h->facts, "mt4129_pciconf5", "hca.ATS_ENABLED")->next = hp_present("0");
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_INEFFECTIVE);
	hp_fact_put(&h->facts, "mt4129_pciconf5", "hca.ATS_ENABLED")->next = hp_present("1");
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_VERIFIED);
	m->device = 0x1017; /* MFT pairs names and addresses wrongly */
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_APPLIED);
	m->device = 0x1021;
	h->facts.devices[0].vmkernel_name = "vmnic3";
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_APPLIED);
	h->facts.devices[0].vmkernel_name = "";
	h->facts.mst_count = 0;
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_APPLIED);
	h->facts.device_count = 0;
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_APPLIED);
}

static void what_would_not_outlive_the_boot_has_failed(void **state)
{
	struct host *h = host(*state);
	(void)kernel(h, "c", "two", "TRUE");
	struct hp_plan p = make(h, NULL);
	p.steps[0].not_kept = "no archive";
	kernel_is(&h->facts, "two", hp_present("TRUE"));
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_FAILED);
	assert_has(p.steps[0].text, "no archive");
	kernel_is(&h->facts, "two", hp_present("FALSE"));
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_INEFFECTIVE);
}

/* ---- the BIOS ---- */

static void attribute_is(struct host *h, const char *name, const char *now, const char *next)
{
	struct hp_fact *f = hp_fact_put(&h->facts, HP_HOST, hp_format(h->a, "bios.%s", name));
	f->now = hp_present(now);
	f->next = next ? hp_present(next) : hp_no_data("it ran away", NULL);
}

static void fact_is(struct host *h, const char *name, const char *text)
{
	hp_fact_put(&h->facts, HP_HOST, name)->now = hp_present(text);
}

static void bmc_is_there(struct host *h)
{
	fact_is(h, "bios", "read");
	fact_is(h, "redfish.origin", "https://bmc");
	fact_is(h, "redfish.sessions-path", "/redfish/v1/Sessions");
	fact_is(h, "redfish.settings-path", "/redfish/v1/S/Bios/Settings");
}

/* A check of two attributes at most; `to` NULL: of one. */
static struct hp_finding *bios(struct host *h, const char *check, const char *name, const char *to, const char *name2,
			       const char *to2)
{
	struct hp_finding *f = add(h, check, HP_HOST, HP_SET_BIOS);
	struct hp_bios_want *w = hp_alloc_array(h->a, 3, sizeof *w);
	const char *names[] = {name, name2}, *wants[] = {to, to2};
	for (size_t i = 0; i < 2 && names[i]; i++) {
		const struct hp_fact *fact = hp_fact(&h->facts, HP_HOST, hp_format(h->a, "bios.%s", names[i]));
		w[i] = (struct hp_bios_want){names[i], wants[i], fact->now.text,
					     fact->next.is == HP_PRESENT ? fact->next.text : NULL};
	}
	f->wanted.attributes = w;
	f->want = f->now = f->next = "several";
	f->remedy.reboot = HP_REBOOT_FULL;
	return f;
}

static void attributes_of_the_bios_come_last(void **state)
{
	struct host *h = host(*state);
	bmc_is_there(h);
	attribute_is(h, "Virt", "Disabled", "Disabled");
	attribute_is(h, "Sriov", "Disabled", "Disabled");
	attribute_is(h, "Right", "On", "On");
	attribute_is(h, "Unread", "Off", NULL);
	attribute_is(h, "Number", "5", "6");
	fact_is(h, "bios-type.Number", "number");
	(void)bios(h, "bios-acs", "Virt", "Enabled", "Right", "On");
	(void)bios(h, "bios-sriov", "Sriov", "Enabled", "Number", "7");
	(void)bios(h, "bios-virtualization", "Virt", "Enabled", "Unread", "On");
	(void)kernel(h, "kernel-ats-support", "atsSupport", "TRUE");
	(void)hca(h, "0000:1a:00.0", "mt4129_pciconf0");
	struct hp_plan p = make(h, NULL);
	static const char *const settings[] = {"atsSupport", "ATS_ENABLED", "Virt", "Sriov", "Number"};
	static const char *const checks[] = {"kernel-ats-support",  "hca-ats",	  "bios-acs",
					     "bios-virtualization", "bios-sriov", "bios-sriov"};
	static const size_t steps[] = {0, 1, 2, 2, 3, 4};
	assert_int_equal(p.count, 5);
	assert_int_equal(p.refused_count, 0);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(p.steps[i].setting, settings[i]);
	assert_int_equal(p.change_count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(p.changes[i].check, checks[i]);
		assert_int_equal(p.step_of[i], steps[i]);
	}
	assert_string_equal(p.steps[4].from, "6");
	assert_string_equal(p.steps[4].now, "5");
	assert_string_equal(p.steps[4].target, HP_HOST);
	assert_int_equal(p.steps[4].reboot, HP_REBOOT_FULL);
	assert_string_equal(p.steps[4].command, "PATCH /redfish/v1/S/Bios/Settings {\"Attributes\": {\"Number\": 7}}");
	assert_string_equal(p.steps[2].json, "\"Enabled\"");
}

static void of_the_bios_only_with_leave(void **state)
{
	struct host *h = host(*state);
	bmc_is_there(h);
	attribute_is(h, "Virt", "Disabled", "Disabled");
	struct hp_finding *f = bios(h, "bios-acs", "Virt", "Enabled", NULL, NULL);
	f->remedy.fixable = false;
	assert_int_equal(make(h, "bios-acs").count, 0);
	f->remedy.fixable = true;
	f->wanted.by = HP_SET_NOTHING;
	assert_int_equal(make(h, "bios-acs").count, 0);
	f->wanted.by = HP_SET_BIOS;
	assert_int_equal(make(h, NULL).count, 1);
	f->severity = HP_INFO;
	assert_int_equal(make(h, NULL).count, 0);
}

static void attributes_that_cannot_be_set(void **state)
{
	static const struct {
		const char *type, *want, *why;
	} rows[] = {{"number", "many", "is a number"},	     {"number", "007", "is a number"},
		    {"number", "-0", "is a number"},	     {"number", "9223372036854775808", "is a number"},
		    {"boolean", "Enabled", "true or false"}, {"other", "x", "put back"},
		    {NULL, "Enable*", "a pattern"},	     {NULL, "Enable?", "a pattern"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct host *h = host(*state);
		bmc_is_there(h);
		attribute_is(h, "A", "old", "old");
		if (rows[i].type)
			fact_is(h, "bios-type.A", rows[i].type);
		(void)bios(h, "bios-acs", "A", rows[i].want, NULL, NULL);
		struct hp_plan p = make(h, NULL);
		assert_int_equal(p.count, 0);
		assert_int_equal(p.change_count, 0);
		assert_int_equal(p.refused_count, 1);
		assert_string_equal(p.refused[0].where, "bios");
		assert_has(p.refused[0].text, rows[i].why);
	}
	struct host *h = host(*state);
	bmc_is_there(h);
	fact_is(h, "bios-type.A", "number");
	attribute_is(h, "A", "1", "1");
	(void)bios(h, "bios-acs", "A", "-12", NULL, NULL);
	assert_string_equal(make(h, NULL).steps[0].json, "-12");
}

static void without_a_settings_object(void **state)
{
	struct host *h = host(*state);
	attribute_is(h, "A", "old", "old");
	(void)bios(h, "bios-acs", "A", "new", NULL, NULL);
	struct hp_plan p = make(h, NULL);
	assert_int_equal(p.count, 0);
	assert_has(p.refused[0].text, "A is left alone: the BMC names no settings object");
}

static void wishes_for_one_attribute(void **state)
{
	struct host *h = host(*state);
	bmc_is_there(h);
	attribute_is(h, "A", "old", "old");
	attribute_is(h, "B", "old", "old");
	(void)bios(h, "one", "A", "new", "B", "new");
	/* Another check finds it right as it is. */
	bios(h, "two", "A", "old", NULL, NULL)->remedy.fixable = false;
	struct hp_plan p = make(h, NULL);
	assert_int_equal(p.count, 1);
	assert_string_equal(p.steps[0].setting, "B");
	assert_int_equal(p.refused_count, 1);
	assert_string_equal(p.refused[0].where, "conflict");
	h->items[1].severity = HP_INFO;
	assert_int_equal(make(h, NULL).count, 2);
	/* One check names an attribute twice. */
	h = host(*state);
	bmc_is_there(h);
	attribute_is(h, "A", "old", "old");
	(void)bios(h, "one", "A", "new", "A", "new");
	p = make(h, NULL);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.change_count, 1);
	h = host(*state);
	bmc_is_there(h);
	attribute_is(h, "A", "old", "old");
	(void)bios(h, "one", "A", "new", "A", "newer");
	assert_int_equal(make(h, NULL).count, 0);
}

static void an_attribute_is_read_back(void **state)
{
	struct host *h = host(*state);
	bmc_is_there(h);
	attribute_is(h, "A", "old", "old");
	(void)bios(h, "one", "A", "new", NULL, NULL);
	struct hp_plan p = make(h, NULL);
	attribute_is(h, "A", "old", "NEW");
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_VERIFIED);
	assert_int_equal(verified(h, &p, HP_SET_UNCLEAR).result, HP_VERIFIED);
	attribute_is(h, "A", "old", "other");
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_INEFFECTIVE);
	assert_int_equal(verified(h, &p, HP_SET_UNCLEAR).result, HP_FAILED);
	attribute_is(h, "A", "old", NULL);
	assert_int_equal(verified(h, &p, HP_SET_DONE).result, HP_APPLIED);
	assert_int_equal(verified(h, &p, HP_SET_UNCLEAR).result, HP_APPLIED);
	assert_int_equal(verified(h, &p, HP_SET_REFUSED).result, HP_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(steps_in_their_order_and_one_for_eight_gpus),
	    UNIT_TEST(nothing_is_planned_that_is_not_to_be_changed),
	    UNIT_TEST(what_does_not_count_is_not_set),
	    UNIT_TEST(asked_by_id),
	    UNIT_TEST(wants_that_exclude_each_other),
	    UNIT_TEST(what_is_no_conflict),
	    UNIT_TEST(methods_that_exclude_each_other),
	    UNIT_TEST(a_map_that_cannot_be_edited),
	    UNIT_TEST(the_digest_is_the_plans),
	    UNIT_TEST(and_changes_with_everything_in_it),
	    UNIT_TEST(what_a_tool_says_and_what_the_host_has),
	    UNIT_TEST(what_was_not_begun_or_is_settled_stays),
	    UNIT_TEST(a_map_is_read_back_byte_for_byte),
	    UNIT_TEST(an_hca_is_read_back_by_its_address),
	    UNIT_TEST(what_would_not_outlive_the_boot_has_failed),
	    UNIT_TEST(attributes_of_the_bios_come_last),
	    UNIT_TEST(of_the_bios_only_with_leave),
	    UNIT_TEST(attributes_that_cannot_be_set),
	    UNIT_TEST(without_a_settings_object),
	    UNIT_TEST(wishes_for_one_attribute),
	    UNIT_TEST(an_attribute_is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
