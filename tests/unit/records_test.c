#include "../../agent/tools/records.h"
#include "unit.h"

static struct hp_records read_all(struct hp_arena *a, const char *text)
{
	struct hp_records all;
	const char *why = hp_records_read(a, hp_str(text), &all);
	if (why)
		fail_msg("%s", why);
	return all;
}

static const char *refusal(struct hp_arena *a, const char *text)
{
	struct hp_records all;
	const char *why = hp_records_read(a, hp_str(text), &all);
	assert_non_null(why);
	return why;
}

static const char *field(struct hp_arena *a, const struct hp_records *all, size_t i, const char *name)
{
	struct hp_str value;
	assert_true(i < all->count);
	return hp_record_get(all->records[i], name, &value) ? hp_copy(a, value) : NULL;
}

static void keyvalue_lists(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, "structure[0].Nic.AdminStatus.string=Up\n"
					    "structure[0].Nic.Description.string=Intel(R) a=b\n"
					    "structure[0].Nic.MTU.integer=1500\n"
					    "structure[0].Nic.PCIDevice.string=0000:18:00.0\n"
					    "structure[1].Nic.AdminStatus.string=\n"
					    "structure[1].Nic.Description.string=first\n"
					    "   second: line\n"
					    "\n"
					    "fourth\n"
					    "structure[1].Nic.MTU.integer=9000\n"
					    "structure[1].Nic.PCIDevice.string= 0000:18:00.1 \n");
	assert_int_equal(all.count, 2);
	assert_string_equal(field(a, &all, 0, "adminstatus"), "Up");
	assert_string_equal(field(a, &all, 0, "description"), "Intel(R) a=b");
	assert_string_equal(field(a, &all, 1, "adminstatus"), "");
	assert_string_equal(field(a, &all, 1, "description"), "first\n   second: line\n\nfourth");
	assert_string_equal(field(a, &all, 1, "pcidevice"), "0000:18:00.1");
	assert_null(field(a, &all, 1, "speed"));
	assert_true(all.records[0]->whole && all.records[1]->whole);
	assert_true(hp_str_starts(all.records[1]->bytes, "structure[1].Nic.AdminStatus"));
	assert_true(hp_str_ends(all.records[1]->bytes, "0000:18:00.1 \n"));
	uint64_t n;
	assert_true(hp_record_number(all.records[0], "mtu", 65535, &n));
	assert_int_equal(n, 1500); /* decimal: its tag says so */
	assert_false(hp_record_number(all.records[0], "mtu", 1000, &n));
	assert_false(hp_record_number(all.records[0], "adminstatus", 65535, &n));
}

static void keyvalue_single(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, "\nVersionGet.Build.string=Releasebuild-24755229\n"
					    "VersionGet.Version.string=9.0.0\n");
	assert_int_equal(all.count, 1);
	assert_string_equal(field(a, &all, 0, "version"), "9.0.0");
	assert_true(all.records[0]->whole);
}

static void keyvalue_lists_that_are_not_whole(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, "structure[0].S.A.string=1\nstructure[0].S.B.string=1\n"
					    "structure[1].S.A.string=2\nstructure[1].S.B.string=2\n"
					    "structure[2].S.A.string=3\n");
	assert_true(all.records[0]->whole && all.records[1]->whole);
	assert_false(all.records[2]->whole);
	assert_has(refusal(a, "structure[1].S.A.string=1\n"), "out of order");
	assert_has(refusal(a, "structure[0].S.A.string=1\nstructure[2].S.A.string=1\n"), "out of order");
	assert_has(refusal(a, "structure[0].S.A.string=1\nstructure[1].S.A.string=1\nstructure[0].S.B.string=1\n"),
		   "out of order");
}

static void a_field_that_stands_twice(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, "T.A.string=1\nT.A.string=2\nT.B.string=3\nT.B.string=3\n");
	assert_null(field(a, &all, 0, "a")); /* two values: none */
	assert_string_equal(field(a, &all, 0, "b"), "3");
}

static const char device[] = "0000:04:00.0\n"
			     "   Address: 0000:04:00.0\n"
			     "   VMkernel Name: \n"
			     "   Vendor ID: 0x10de\n"
			     "   SubVendor ID: 0x1028\n"
			     "   Device Class: 0302\n"
			     "   NUMA Node: -1\n"
			     "\n"
			     "0000:05:00.0\n"
			     "   Address: 0000:05:00.0\n"
			     "   VMkernel Name: vmnic0\n"
			     "   Vendor ID: 0x15b3\n"
			     "   SubVendor ID: 0x15b3\n"
			     "   Device Class: 0207\n"
			     "   NUMA Node: 1\n";

static void blocks(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, device);
	uint64_t n;
	assert_int_equal(all.count, 2);
	assert_str(a, all.records[0]->header, "0000:04:00.0");
	assert_string_equal(field(a, &all, 0, "vmkernelname"), "");
	assert_string_equal(field(a, &all, 0, "vendorid"), "0x10de"); /* and not SubVendor ID's */
	assert_string_equal(field(a, &all, 0, "numanode"), "-1");
	assert_true(hp_record_number(all.records[0], "vendorid", 0xffff, &n));
	assert_int_equal(n, 0x10de);
	assert_true(hp_record_number(all.records[0], "deviceclass", 0xffff, &n));
	assert_int_equal(n, 0x302); /* no 0x, and nobody said that it is decimal */
	assert_true(all.records[0]->whole && all.records[1]->whole);
	assert_true(hp_str_starts(all.records[1]->bytes, "0000:05:00.0\n"));
}

static void blocks_that_are_cut(void **state)
{
	struct hp_arena *a = *state;
	struct hp_str text = hp_str(device), rest = text, line;
	bool ended;
	size_t second = (size_t)(strstr(device, "0000:05") - device);
	while (hp_next_line(&rest, &line, &ended)) { /* at every line's end */
		struct hp_records all;
		size_t n = (size_t)(rest.p - text.p);
		const char *why = hp_records_read(a, hp_str_sub(text, 0, n), &all);
		if (n <= second || n == text.n)
			continue;
		if (n == second + strlen("0000:05:00.0\n"))
			assert_has(why, "no record below");
		else
			assert_false(all.records[1]->whole);
	}
}

static void single_blocks(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, "   Product: VMware ESXi\n   Version: 9.0.0\n");
	assert_int_equal(all.count, 1);
	assert_string_equal(field(a, &all, 0, "version"), "9.0.0");
	all = read_all(a, "Platform Information\n   UUID: 0x4c 0x4c\n   Product Name: XE9680\n   Times: 10:20\n");
	assert_int_equal(all.count, 1);
	assert_string_equal(field(a, &all, 0, "productname"), "XE9680");
	assert_string_equal(field(a, &all, 0, "times"), "10:20");
	all = read_all(a, "Result\n   Message: done\n   VIBs: a,\n      b\n   Reboot Required: true\n");
	assert_string_equal(field(a, &all, 0, "rebootrequired"), "true");
}

static void tables(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all = read_all(a, "Name        Type    Configured  Runtime  Default  Description\n"
					    "----------  ------  ----------  -------  -------  -----------\n"
					    "atsSupport  Bool    TRUE        FALSE    TRUE     Enable Support\n"
					    "                                                  for PCIe ATS.\n"
					    "deny        String                                Colon separated\n"
					    "\n"
					    "vga         Bool    FALSE       TRUE     TRUE\n");
	assert_int_equal(all.count, 3);
	assert_string_equal(field(a, &all, 0, "name"), "atsSupport");
	assert_string_equal(field(a, &all, 0, "runtime"), "FALSE");
	assert_string_equal(field(a, &all, 0, "description"), "Enable Support");
	assert_string_equal(field(a, &all, 1, "configured"), "");
	assert_string_equal(field(a, &all, 1, "type"), "String");
	assert_string_equal(field(a, &all, 2, "default"), "TRUE");
	assert_string_equal(field(a, &all, 2, "description"), "");
	/* a line that does not keep to the columns is no row */
	all = read_all(a, "Device ID     Enabled\n------------  -------\n0000:0d:00.0  false\n"
			  "0000:0d:00.0 false\nError: something else is wrong here\n");
	assert_int_equal(all.count, 1);
	assert_string_equal(field(a, &all, 0, "deviceid"), "0000:0d:00.0");
	assert_has(refusal(a, "Name  Value\n----  -----\n"), "no record");
}

static void json(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all =
	    read_all(a, "[{\"Device ID\": \"0x1021\", \"MTU\": 1500, \"Enabled\": true, \"x\": null},\n"
			" {\"DeviceID\": \"15b3\", \"MTU\": 9000, \"List\": [1]}]\n");
	uint64_t n;
	assert_int_equal(all.count, 2);
	assert_string_equal(field(a, &all, 0, "deviceid"), "0x1021");
	assert_string_equal(field(a, &all, 1, "deviceid"), "15b3");
	assert_string_equal(field(a, &all, 0, "mtu"), "1500");
	assert_string_equal(field(a, &all, 0, "enabled"), "true");
	assert_true(hp_record_number(all.records[0], "mtu", 65535, &n));
	assert_int_equal(n, 1500);
	assert_true(hp_record_number(all.records[1], "deviceid", 65535, &n));
	assert_int_equal(n, 0x15b3);
	all = read_all(a, "{\"Version\": \"9.0.0\"}\n");
	assert_string_equal(field(a, &all, 0, "version"), "9.0.0");
	assert_has(refusal(a, "[{\"a\": 1}, {\"b\"\n"), "cut off or not valid");
	assert_has(refusal(a, "{\"a\": 1, \"a\": 2}\n"), "not valid");
	assert_has(refusal(a, "[1, 2]\n"), "unknown form");
	assert_has(refusal(a, "[]\n"), "no record");
	assert_has(refusal(a, "{\"a\": 1} {\"b\": 2}\n"), "not valid");
}

static void what_is_no_record(void **state)
{
	struct hp_arena *a = *state;
	assert_has(refusal(a, "Usage: esxcli system {cmd} [cmd options]\n\nAvailable Namespaces:\n"), "Usage: esxcli");
	assert_has(refusal(a, "Connect to localhost failed: Connection failure.\n"), "Connection failure");
	assert_non_null(refusal(a, "\n\n"));
	assert_non_null(refusal(a, "garbage\n"));
	assert_has(refusal(a, "\x1b[31mred\n"), "?[31mred");
}

static void too_many_fields(void **state)
{
	struct hp_arena *a = *state;
	struct hp_buf kv = hp_buf(a), block = hp_buf(a);
	for (int i = 0; i <= HP_FIELDS_MAX; i++) {
		hp_putf(&kv, "T.F%d.string=%d\n", i, i);
		hp_putf(&block, "   F%d: %d\n", i, i);
	}
	assert_has(refusal(a, hp_built_text(&kv)), "too many fields");
	assert_has(refusal(a, hp_built_text(&block)), "too many fields");
}

static void json_records_without_fields(void **state)
{
	struct hp_arena *a = *state;
	struct hp_records all;
	const char *why = hp_records_read(a, hp_str("[{\"x\": null}, {\"a\": \"b\"}]\n"), &all);
	assert_true(why || !all.records[0]->whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(json_records_without_fields),
	    UNIT_TEST(keyvalue_lists),
	    UNIT_TEST(keyvalue_single),
	    UNIT_TEST(keyvalue_lists_that_are_not_whole),
	    UNIT_TEST(blocks),
	    UNIT_TEST(a_field_that_stands_twice),
	    UNIT_TEST(blocks_that_are_cut),
	    UNIT_TEST(single_blocks),
	    UNIT_TEST(tables),
	    UNIT_TEST(json),
	    UNIT_TEST(too_many_fields),
	    UNIT_TEST(what_is_no_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
