#include "../../vib/community.h"
#include "../../vib/descriptor.h"
#include "unit.h"

static void test_paths(void **state)
{
	static const char *const everywhere[] = {"opt/a",
						 "opt/hostprep/bin/hostprep",
						 "usr/lib/vmware/esxcli/ext/esxcli-hostprep.xml",
						 "etc/vmware/firewall/a.xml",
						 "etc/vmware/service/a.xml",
						 "etc/vmware/shutdown/shutdown.d/a",
						 "etc/vmware/pciid/a",
						 "etc/vmware/vm-support/a",
						 "etc/vmware/driver.map.d/a",
						 "etc/cim/a",
						 "etc/config/a",
						 "usr/lib/cim/a",
						 "usr/lib/pycim/a",
						 "usr/lib/hostprofiles/plugins/a",
						 "usr/lib/hostprofiles/locale/a",
						 "usr/lib/vmware-debug/a",
						 "usr/libexec/jumpstart/plugins/a",
						 "usr/share/hwdata/driver.pciids.d/a",
						 "var/lib/sfcb/registration/a"};
	static const char *const only_67[] = {"etc/init.d/a",
					      "etc/shutdown.d/a",
					      "etc/vmware/fallback.map.d/a",
					      "etc/vmware/default.map.d/a",
					      "etc/vmware/ihv.map.d/a",
					      "etc/vmware/oem.map.d/a",
					      "usr/lib64/vmware/a",
					      "usr/lib64/vmware/plugin/a",
					      "usr/share/hwdata/fallback.pciids.d/a",
					      "usr/share/hwdata/default.pciids.d/a",
					      "usr/share/hwdata/ihv.pciids.d/a",
					      "usr/share/hwdata/oem.pciids.d/a"};
	static const char *const nowhere[] = {"",
					      "opt",
					      "opt/",
					      "/opt/a",
					      "OPT/a",
					      "opta",
					      "bin/sh",
					      "etc/passwd",
					      "etc/vmware/a",
					      "etc/vmware/firewall/",
					      "etc/vmware/firewall",
					      "etc/vmware/daemon/config/a.json",
					      "etc/rc.local.d/a",
					      "usr/lib/a",
					      "usr/lib/vmwarea",
					      "usr/lib64/a",
					      "usr/bin/a",
					      "tmp/a"};
	(void)state;
	for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++)
		if (!hp_community_path(everywhere[i]) || !hp_community_path_everywhere(everywhere[i]))
			fail_msg("%s", everywhere[i]);
	for (size_t i = 0; i < sizeof only_67 / sizeof only_67[0]; i++)
		if (!hp_community_path(only_67[i]) || hp_community_path_everywhere(only_67[i]))
			fail_msg("%s", only_67[i]);
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++)
		if (hp_community_path(nowhere[i]) || hp_community_path_everywhere(nowhere[i]))
			fail_msg("%s", nowhere[i]);
}

static void test_versions(void **state)
{
	static const char *const whole[] = {"1-1", "1.0.0-1", "0.1.0-1.12345678", "700.10.16-1OEM.700.0.0.14828939"};
	static const char *const short_ones[] = {"1", "1.2.3", "0.1"};
	static const char *const wrong[] = {"",	    "-",    "1-",   "-1",     "1..2-1", ".1-1",
					    "1.-1", "1-.1", "1-1.", "1-1..1", "1-1-1",	"1 -1"};
	(void)state;
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		assert_true(hp_vib_version(whole[i], true) && hp_vib_version(whole[i], false));
	for (size_t i = 0; i < sizeof short_ones / sizeof short_ones[0]; i++)
		assert_true(!hp_vib_version(short_ones[i], true) && hp_vib_version(short_ones[i], false));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (hp_vib_version(wrong[i], true) || hp_vib_version(wrong[i], false))
			fail_msg("\"%s\"", wrong[i]);
	assert_false(hp_vib_version("a-1", true));
}

static void test_levels(void **state)
{
	enum hp_level level = HP_LEVEL_CERTIFIED;
	(void)state;
	assert_true(hp_level_find("unsigned", &level) && level == HP_LEVEL_COMMUNITY);
	assert_true(hp_level_find("signed", &level) && level == HP_LEVEL_PARTNER);
	for (unsigned i = HP_LEVEL_COMMUNITY; i <= HP_LEVEL_CERTIFIED; i++)
		assert_true(hp_level_find(hp_level_word((enum hp_level)i), &level) && level == i);
	assert_false(hp_level_find("Community", &level));
	assert_false(hp_level_find("", &level));
	assert_int_equal(level, HP_LEVEL_CERTIFIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_TEST(test_paths), UNIT_TEST(test_versions), UNIT_TEST(test_levels)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
