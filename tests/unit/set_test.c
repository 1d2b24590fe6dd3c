/* What is written, and how the answers read. mlxconfig's layouts are those of mlxcfg_ui.cpp, v4.6.0 to v4.36.0-1. */
#include "../../agent/tools/set.h"
#include "../../agent/tools/mft.h"
#include "unit.h"

#define NAME "mt4129_pciconf7"
#define COUNT(x) (sizeof(x) / sizeof(x)[0])

/* ---- kernel settings ---- */

static struct hp_set_answer kernel(struct hp_arena *a, enum hp_end end, int code, const char *out)
{
	const struct hp_call *call = hp_kernel_set(a, "atsSupport", "TRUE");
	struct hp_reply reply = {.end = end, .code = code, .out = hp_str(out), .size = strlen(out)};
	struct hp_set_answer answer;
	hp_kernel_set_read(a, call, &reply, &answer);
	return answer;
}

static void is(const struct hp_set_answer *answer, enum hp_set_end end, const char *why)
{
	if (answer->end != end)
		fail_msg("%d, not %d: %s", answer->end, end, answer->why ? answer->why : "no reason");
	if (end == HP_SET_DONE)
		assert_null(answer->why);
	else
		assert_has(answer->why, why);
	if (end != HP_SET_DONE)
		assert_false(answer->power_cycle || answer->reboot_told);
}

static void the_kernel_call(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_call *call = hp_kernel_set(a, "atsSupport", "TRUE");
	assert_string_equal(hp_call_text(a, call), "/bin/esxcli system settings kernel set -s atsSupport -v TRUE");
	assert_true(call->writes && call->empty_ok && !call->patient);
	assert_string_equal(call->lane, "esxcli-writes");
	assert_int_equal(call->kind, HP_CALL_RUN);
	assert_true(call->cap > 0);
}

static void kernel_answers(void **state)
{
	struct hp_arena *a = *state;
	struct hp_set_answer r = kernel(a, HP_END_EXIT, 0, "");
	is(&r, HP_SET_DONE, "");
	r = kernel(a, HP_END_EXIT, 0, "Usage: esxcli system settings kernel {cmd} [cmd options]\n");
	is(&r, HP_SET_UNCLEAR, "Usage: esxcli");
	r = kernel(a, HP_END_EXIT, 0, "\n");
	is(&r, HP_SET_UNCLEAR, "prints nothing");
	r = kernel(a, HP_END_EXIT, 1, "Error: Invalid option -s\n");
	is(&r, HP_SET_REFUSED, "exit 1: Error: Invalid option -s");
	assert_has(r.hint, "by hand");
	r = kernel(a, HP_END_EXIT, 1, "");
	is(&r, HP_SET_REFUSED, "exit 1 and printed nothing");
	r = kernel(a, HP_END_EXIT, 1, "Connect to localhost failed: Connection failure.\n");
	is(&r, HP_SET_REFUSED, "Connect to localhost failed");
	assert_has(r.hint, "/etc/init.d/hostd status");
	r = kernel(a, HP_END_EXIT, 0, "Connection failed\n");
	is(&r, HP_SET_UNCLEAR, "Connection failed");
	assert_has(r.hint, "/etc/init.d/hostd status");
}

static void a_tool_that_did_not_end_by_itself(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		enum hp_end end;
		int code;
		const char *out;
		enum hp_set_end is;
		const char *why;
	} cases[] = {{HP_END_NOT_FOUND, 2, "", HP_SET_REFUSED, "is not there"},
		     {HP_END_NOT_STARTED, 13, "", HP_SET_REFUSED, "could not be started"},
		     {HP_END_CANCELLED, 0, "", HP_SET_REFUSED, "was not asked"},
		     {HP_END_CANCELLED, 0, "x", HP_SET_UNCLEAR, ""},
		     {HP_END_TIMEOUT, 60, "", HP_SET_UNCLEAR, "60 s"},
		     {HP_END_SIGNAL, 9, "", HP_SET_UNCLEAR, "signal 9"},
		     {HP_END_TOO_BIG, 0, "x", HP_SET_UNCLEAR, "more than"},
		     {HP_END_NOT_RECORDED, 0, "", HP_SET_UNCLEAR, "capture"}};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hp_set_answer r = kernel(a, cases[i].end, cases[i].code, cases[i].out);
		is(&r, cases[i].is, cases[i].why);
		struct hp_reply reply = {
		    .end = cases[i].end, .code = cases[i].code, .out = hp_str(cases[i].out), .size = 1};
		hp_mlx_set_read(a, hp_mlx_set(a, NAME, "ATS_ENABLED", "1"), &reply, NAME, &r);
		is(&r, cases[i].is, cases[i].why);
		assert_has(r.why, "mlxconfig ");
		assert_true(r.end == HP_SET_UNCLEAR ? r.hint != NULL : true);
	}
}

/* ---- mlxconfig ---- */

static struct hp_set_answer mlx(struct hp_arena *a, int code, struct hp_str out)
{
	struct hp_reply reply = {.end = HP_END_EXIT, .code = code, .out = out, .size = out.n};
	struct hp_set_answer answer;
	hp_mlx_set_read(a, hp_mlx_set(a, NAME, "ATS_ENABLED", "1"), &reply, NAME, &answer);
	return answer;
}

static void the_mlxconfig_call(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_call *call = hp_mlx_set(a, NAME, "ATS_ENABLED", "1");
	assert_string_equal(hp_call_text(a, call), "/opt/mellanox/bin/mlxconfig -d " NAME " -y set ATS_ENABLED=1");
	assert_string_equal(call->argv[5], "ATS_ENABLED=1");
	assert_true(call->writes && call->patient && !call->empty_ok);
	assert_string_equal(call->lane, "mft");
	assert_int_equal(call->grace_ms, HP_MFT_GRACE_MS);
}

#define BLOCK                                                                                                          \
	"\nDevice #1:\n----------\n\nDevice type:        ConnectX7           \nName:               N/A\n"              \
	"Device:             " NAME "     \n\n"
#define TABLE                                                                                                          \
	"Configurations:                                          Next Boot       New\n"                               \
	"        ATS_ENABLED                                 False(0)             True(1)             \n\n"
#define PROMPT " Apply new Configuration? (y/n) [n] : y\n"
#define REBOOT "-I- Please reboot machine to load new configurations.\n"
#define POWER "-I- Please power cycle machine to load new configurations.\n"
#define GOOD BLOCK TABLE PROMPT "Applying... Done!\n" REBOOT

static const char *const good[] = {
    GOOD, BLOCK TABLE PROMPT "Applying... Done!\n" POWER,
    /* 4.6: other keys and widths */
    "\nDevice #1:\n----------\n\nDevice type:    ConnectX4       \nPCI device:     /dev/mst/" NAME
    "\n\nConfigurations:                              Next Boot       New\n         ATS_ENABLED                        "
    " False(0)        True(1)         \n\n Apply new Configuration? ? (y/n) [n] : y\nApplying... Done!\n" REBOOT,
    /* 4.36: wider */
    BLOCK "Configurations:                                         Next Boot                         New\n"
	  "        ATS_ENABLED                                     True(1)                           True(1)           "
	  "               \n\n" PROMPT "Applying... Done!\n" REBOOT,
    /* with -e, and a star */
    BLOCK
    "Configurations:   Default   Current   Next Boot       New\n*       ATS_ENABLED  False(0)  False(0)  True(1)  "
    "True(1)\nThe '*' shows parameters with next value different from default/current value.\n\n" PROMPT
    "Applying... Done!\n" REBOOT};

static void good_answers(void **state)
{
	struct hp_arena *a = *state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct hp_set_answer r = mlx(a, 0, hp_str(good[i]));
		is(&r, HP_SET_DONE, "");
		assert_true(r.reboot_told);
		assert_int_equal(r.power_cycle, strstr(good[i], "power cycle") != NULL);
	}
}

static void no_cut_of_a_good_answer_is_done(void **state)
{
	struct hp_arena *a = *state;
	for (size_t i = 0; i < COUNT(good); i++)
		for (size_t n = 0; n < strlen(good[i]); n++) {
			struct hp_set_answer r = mlx(a, 0, (struct hp_str){good[i], n});
			if (r.end != HP_SET_UNCLEAR)
				fail_msg("%d: %.*s", r.end, (int)n, good[i]);
			assert_non_null(r.why);
			/* nor is it known that nothing was done, when it says that it failed without saying why */
			for (int code = 1; code < 4; code++)
				assert_int_equal(mlx(a, code, (struct hp_str){good[i], n}).end, HP_SET_UNCLEAR);
		}
}

static void no_byte_may_be_missing_where_it_counts(void **state)
{
	struct hp_arena *a = *state;
	static const char *const needed[] = {"Device:", NAME, "Applying... Done!", "-I-", "reboot"};
	for (size_t i = 0; i < COUNT(needed); i++) {
		static const char whole[] = GOOD;
		const char *at = strstr(whole, needed[i]);
		for (size_t k = 0; k < strlen(needed[i]); k++) {
			size_t from = (size_t)(at - whole) + k;
			const char *text = hp_format(a, "%.*s%s", (int)from, whole, whole + from + 1);
			if (mlx(a, 0, hp_str(text)).end != HP_SET_UNCLEAR)
				fail_msg("%s", text);
		}
	}
}

static void answers_that_are_not_clear(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		int code;
		const char *out, *why;
	} cases[] = {
	    {0, "", "printed nothing"},
	    {0, "\n", "did not say that it was applied"},
	    {0, TABLE PROMPT "Applying... Done!\n" REBOOT, "did not say that it was " NAME},
	    {0, BLOCK TABLE PROMPT "Applying... Done!\n", "what loads the value"},
	    {0, BLOCK TABLE PROMPT REBOOT "Applying... Done!\n", "what loads the value"},
	    {0, BLOCK TABLE PROMPT "Applying... Failed!\n" REBOOT, "did not say that it was applied"},
	    {0, BLOCK TABLE PROMPT "Applying... Done!\nFailed!\n" REBOOT, "did not say that it was applied"},
	    {0, GOOD "-E- Something\n", "-E- Something"},
	    {0, BLOCK "-E- Failed to open the device\n", "-E- Failed to open the device"},
	    {0, "\nDevice #1:\nDevice: mt4129_pciconf8\n" TABLE PROMPT "Applying... Done!\n" REBOOT, "another device"},
	    {0, "\nDevice #1:\nDevice: " NAME ".1\n" TABLE PROMPT "Applying... Done!\n" REBOOT, "another device"},
	    {0, BLOCK GOOD, "another device"},
	    {0, "\nDevice #2:\n" GOOD, "another device"},
	    {3, "\nDevice: mt4129_pciconf8\n-E- Unknown value 2\n", "another device"},
	    {3, GOOD "-E- Failed to set nv_pci_conf settings Semaphore locked\n", "exit 3"}, /* it may be stored */
	    {3, BLOCK TABLE PROMPT "Applying... ", "exit 3"},
	    {3, BLOCK TABLE PROMPT "Applying... Failed!\n", "exit 3"},
	    {3, BLOCK TABLE PROMPT "Applying... Failed!\nFirmware internal error\n", "exit 3"}, /* no -E- */
	    {3, BLOCK TABLE PROMPT "Applying... Failed!\n-E- Failed to set nv_pci_conf settings Sema", "exit 3"},
	    {1, "", "exit 1 and printed nothing"},
	    {139, "what is this\n", "exit 139: what is this"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hp_set_answer r = mlx(a, cases[i].code, hp_str(cases[i].out));
		is(&r, HP_SET_UNCLEAR, cases[i].why);
		assert_non_null(r.hint);
	}
	static const char nul[] = GOOD "\0\n";
	struct hp_set_answer r = mlx(a, 0, (struct hp_str){nul, sizeof nul - 1});
	is(&r, HP_SET_UNCLEAR, "no text");
}

static void answers_that_refuse(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		int code;
		const char *said, *why;
		bool busy;
	} cases[] = {
	    {3, "Semaphore locked", "semaphore is taken", true},
	    {3, "Register access failed, device is busy", "the HCA is busy", true},
	    {3, "Device is busy", "the HCA is busy", true},
	    {3, "ICMD interface busy", "interface is busy", true},
	    {3, "Timed out trying to take the ICMD semaphore", "does not come free", true},
	    {3, "Timed out trying to take the ICMD busy-bit", "does not come free", true},
	    {3, "ME_ICMD_STATUS_SEMAPHORE_TO", "does not come free", true},
	    {3, "The configuration is rejected", "rejected", false},
	    {3, "Register access bad parameter", "what it was asked for", false},
	    {3, "Bad Reg Access method", "way of access", false},
	    {3, "Firmware internal error", "internal firmware error", false},
	    {3, "The erase count exceeds its limit", "no more changes", false},
	    {3, "Config Section Corrupted", "corrupt", false},
	    {3, "something new", "did not take the value", false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hp_set_answer r =
		    mlx(a, cases[i].code,
			hp_str(hp_format(
			    a, BLOCK TABLE PROMPT "Applying... Failed!\n-E- Failed to set nv_pci_conf settings %s\n",
			    cases[i].said)));
		is(&r, cases[i].busy ? HP_SET_BUSY : HP_SET_REFUSED, cases[i].why);
		assert_has(r.why, cases[i].said);
		assert_non_null(r.hint);
	}
}

static void answers_before_anything_is_applied(void **state)
{
	struct hp_arena *a = *state;
	static const struct {
		int code;
		const char *out, *why;
		bool busy;
	} cases[] = {
	    {3, "-E- Failed to open the device\n", "could not be opened", false},
	    {3, "-E- Failed to open the device\n-E- Failed to open the device\n", "could not be opened", false},
	    {3, "-E- Error when trying to check if NV access registers are supported\n", "first access", true},
	    {3, "-E- Error when trying to check if NV access registers are supported rc=(5)\n", "first access", true},
	    {3, BLOCK "-E- Failed to get nv_pci_conf settings Semaphore locked\n", "semaphore is taken", true},
	    {3, BLOCK "-E- The Device doesn't support ATS_ENABLED parameter\n", "does not offer", false},
	    {3, BLOCK "-E- Unknown value 2\n", "does not take the value", false},
	    {3, "-E- Invalid Configuration argument ATS_ENABLED\n    NAME:\n", "does not take the value", false},
	    {3, "-E- Unknown Parameter: ATS\n", "does not know the setting", false},
	    {3, "No devices found, mst might be stopped. You may need to run 'mst start' to load MST modules. \n",
	     "mst is stopped", false},
	    {3, BLOCK "-E- Nobody has seen this\n", "mlxconfig: -E- Nobody has seen this", false},
	    {2, BLOCK TABLE " Apply new Configuration? (y/n) [n] : -E- Aborted by user.\n", "not confirmed", false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hp_set_answer r = mlx(a, cases[i].code, hp_str(cases[i].out));
		is(&r, cases[i].busy ? HP_SET_BUSY : HP_SET_REFUSED, cases[i].why);
		/* what was cut in its last line is not clear */
		r = mlx(a, cases[i].code, hp_str_sub(hp_str(cases[i].out), 0, strlen(cases[i].out) - 1));
		is(&r, HP_SET_UNCLEAR, "exit");
	}
}

/* ---- the rest ---- */

static void the_other_calls(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_call *call = hp_auto_backup(a);
	assert_string_equal(hp_call_text(a, call), "/sbin/auto-backup.sh");
	assert_true(call->writes && call->empty_ok);
	assert_string_equal(call->lane, "esxcli-writes");
	call = hp_maintenance_enter(a, 600);
	assert_string_equal(hp_call_text(a, call), "/bin/esxcli system maintenanceMode set -e true -t 600");
	assert_true(call->writes && call->empty_ok);
	assert_int_equal(call->timeout_ms, 630000);
	assert_true(hp_maintenance_enter(a, UINT32_MAX)->timeout_ms > 4000000000u);
}

static void the_audit_line(void **state)
{
	struct hp_arena *a = *state;
	const struct hp_call *call = hp_audit(a, "set kernel.atsSupport TRUE");
	assert_string_equal(hp_call_text(a, call), "/bin/logger -t hostprep set kernel.atsSupport TRUE");
	assert_string_equal(call->argv[3], "set kernel.atsSupport TRUE");
	assert_null(call->argv[4]);
	assert_true(call->empty_ok);
	assert_int_equal(call->timeout_ms, 5000);
	assert_string_equal(hp_audit(a, "--help")->argv[3], " --help");
	assert_string_equal(hp_audit(a, "a\nb\tc\r\x1b[2J\x7f\xe2\x80\x90")->argv[3], "a b c ?[2J????");
	assert_string_equal(hp_audit(a, "")->argv[3], "");
	char text[2000];
	memset(text, '-', sizeof text);
	text[sizeof text - 1] = '\0';
	assert_int_equal(strlen(hp_audit(a, text)->argv[3]), 900);
	assert_int_equal(hp_audit(a, text)->argv[3][0], ' ');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNIT_TEST(the_kernel_call),
	    UNIT_TEST(kernel_answers),
	    UNIT_TEST(a_tool_that_did_not_end_by_itself),
	    UNIT_TEST(the_mlxconfig_call),
	    UNIT_TEST(good_answers),
	    UNIT_TEST(no_cut_of_a_good_answer_is_done),
	    UNIT_TEST(no_byte_may_be_missing_where_it_counts),
	    UNIT_TEST(answers_that_are_not_clear),
	    UNIT_TEST(answers_that_refuse),
	    UNIT_TEST(answers_before_anything_is_applied),
	    UNIT_TEST(the_other_calls),
	    UNIT_TEST(the_audit_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
