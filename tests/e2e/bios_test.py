#!/usr/bin/env python3
"""bios_test.py HOSTPREP ESXSIM: fix --bios and undo, on simulated hosts beside a mock BMC that refuses, is slow, or loses
what it was told."""
import json
import pathlib
import signal
import subprocess
import time

import hosts
import redfish_hosts
from hosts import finding, states
from redfish_hosts import GOOD, RedfishCase

SRIOV, SRIOV_OFF = "SriovGlobalEnable", "bios.SriovGlobalEnable=Disabled"
SETTINGS, JOBS, SESSIONS = "*/Bios/Settings", "*/Dell/Jobs", "*/Sessions"
BIOS_ONLY = ("--only", "bios-*")


def tearDownModule():  # noqa: N802  pylint: disable=invalid-name
    redfish_hosts.stop_all()


def stops(document):
    return [e["where"] for e in document["errors"]]


class BiosCase(RedfishCase):
    """Besides what RedfishCase holds: never a reset, and a PATCH only where it is said to be."""

    settings = (*GOOD, SRIOV_OFF)
    host_settings = ("maintenance=1",)

    def setUp(self):
        super().setUp()
        self.patches = 0  # that the BMC should have heard
        self.good_policy = self.policy()

    def look_at_sessions(self):
        created, ended = ({one["id"] for one in self.events(name)} for name in ("session-created", "session-deleted"))
        self.assertEqual(len(created - ended), self.left_open, sorted(created - ended))
        methods = [one["method"] for one in self.events("request")]
        self.assertEqual(methods.count("PATCH"), self.patches)
        self.assertEqual([r for r in self.requests() if "Reset" in r], [])
        self.assertEqual([one for one in self.events("host-reset") if one["by"] != "control"], [])
        self.assertEqual([r for r in self.requests("POST") if not r.endswith(("/Sessions", "/Jobs"))], [])
        self.assertEqual([one for one in self.events("request") if "authorization" in one["sent"]], [])

    def act(self, command, *arguments, code=None, policy=None):
        done = self.machine.run(command, *arguments, "--format", "json", "--policy", policy or self.good_policy)
        self.texts += [done.stdout, done.stderr]
        document = json.loads(done.stdout)
        self.assertEqual(document["exit_code"], done.returncode)
        if code is not None:
            self.assertEqual(document["exit_code"], code, (document["errors"], document["changes"]))
        return document

    def fix(self, *arguments, **options):
        return self.act("fix", "--bios", *BIOS_ONLY, *arguments, **options)

    def undo(self, *arguments, **options):
        return self.act("undo", *arguments, **options)

    def look(self, *arguments, **options):
        return self.act("check", *BIOS_ONLY, *arguments, **options)

    def reset(self):
        self.bmc.control("reset")
        self.machine.reboot()
        self.machine.set("maintenance=1")

    def sent(self):
        """Bodies of the PATCHes."""
        return [one["body"] if isinstance(one["body"], dict) else json.loads(one["body"]) for one in self.events("request")
                if one["method"] == "PATCH"]

    def rows(self, document):
        return [(c["check"], c["setting"], c["from"], c["to"], c["result"]) for c in document["changes"]]

    def failed(self, words, hint="", code=2, result="failed"):
        """A fix that does not succeed: its one change says why."""
        document = self.fix(code=code)
        self.assertEqual([c["result"] for c in document["changes"]], [result], document["changes"])
        self.assertIn(words, document["changes"][0]["text"])
        self.assertIn(hint, document["changes"][0]["text"])
        return document


class WholeWay(BiosCase):
    def test_plan_fix_reset(self):
        plan = self.fix("--dry-run", code=2)
        self.assertEqual(self.rows(plan), [("bios-sriov", SRIOV, "Disabled", "Enabled", "planned")])
        change = plan["changes"][0]
        self.assertEqual(change["command"], "PATCH /redfish/v1/Systems/System.Embedded.1/Bios/Settings "
                                            '{"Attributes": {"SriovGlobalEnable": "Enabled"}}')
        self.assertEqual((change["now"], change["reboot"]), ("Disabled", "full"))
        self.assertEqual(self.requests("PATCH"), [])
        self.assertTrue(finding(plan, "bios-sriov", "host")["remedy"]["fixable"])
        self.patches = 1
        fixed = self.fix("--plan", plan["plan"], code=4)
        self.assertEqual(self.rows(fixed), [("bios-sriov", SRIOV, "Disabled", "Enabled", "verified")])
        self.assertIsNone(fixed["changes"][0]["text"])
        self.assertEqual(self.sent(), [{"@Redfish.SettingsApplyTime": {"ApplyTime": "OnReset"},
                                        "Attributes": {SRIOV: "Enabled"}}])
        asked = [r.partition(" ")[0] for r in self.requests()]
        self.assertEqual(asked[asked.index("PATCH") + 1], "DELETE")  # its session is not kept for reading back
        self.assertEqual((fixed["reboot"]["required"], fixed["reboot"]["kind"]), (True, "full"))
        self.assertIn("the BMC applies SriovGlobalEnable Enabled at the next reset through firmware",
                      fixed["reboot"]["reasons"][0]["text"])
        self.assertEqual(len(self.events("job-created")), 1)
        report = self.look(code=4)
        self.assertEqual(states(report, "bios-sriov"), {"host": "pending-reboot"})
        again = self.fix(code=4)
        self.assertEqual((again["changes"], again["run"]), ([], None))
        self.assertIn("BIOS SriovGlobalEnable: Disabled -> Enabled", self.machine.path("var/log/syslog.log").read_text())
        self.reset()
        self.assertEqual(states(self.look(code=0), "bios-sriov"), {"host": "pass"})
        self.fix(code=0)

    def test_without_bios_nothing_is_written(self):
        for arguments in ((), ("--only", "bios-sriov"), ("--tag", "bios"), ("--dry-run",)):
            document = self.act("fix", *arguments, code=2)
            self.assertEqual((document["changes"], document["plan"]), ([], None), arguments)
            found = finding(document, "bios-sriov", "host")
            self.assertFalse(found["remedy"]["fixable"])
            self.assertIn("`hostprep fix --bios` stages it for the next reset", found["remedy"]["text"])
        text = self.machine.run("fix", *BIOS_ONLY, "--policy", self.good_policy).stdout.decode()
        self.assertIn("Nothing to change without --bios", text)
        for command in ("check", "undo", "reboot-status"):
            self.assertEqual(self.machine.run(command, "--bios").returncode, 64)

    def test_with_everything_else(self):
        self.machine = self.host("stock-9.0", "maintenance=1", name="all")
        self.patches = 1
        fixed = self.act("fix", "--bios", code=4)
        self.assertEqual(len(fixed["changes"]), 17)
        self.assertEqual({c["result"] for c in fixed["changes"]}, {"verified"})
        self.assertEqual(fixed["changes"][-1]["check"], "bios-sriov")
        lines = [json.loads(line) for line in self.machine.path("scratch/hostprep/ledger").read_text().splitlines()]
        kept = [one["setting"] for one in lines if one["event"] == "set"]
        self.assertEqual(kept[-1], SRIOV)
        self.assertEqual([(one["by"], one["target"]) for one in lines if one.get("setting") == SRIOV], [("bios", "host")])
        self.reset()
        self.act("check", code=0)

    def test_severity_and_selection(self):
        policy = self.policy("checks:\n  bios-sriov: {severity: info}\n")
        self.assertEqual(self.fix(policy=policy)["changes"], [])
        self.assertEqual(self.fix("--fail-on", "major")["changes"], [])
        self.assertEqual(self.act("fix", "--bios", "--only", "bios-acs", code=0)["changes"], [])

    def test_gates(self):
        self.machine.set("maintenance=0")
        document = self.fix(code=2)
        self.assertEqual(stops(document), ["maintenance-mode"])
        self.assertEqual([c["result"] for c in document["changes"]], ["planned"])
        other = self.fix("--plan", "0123456789", code=2)
        self.assertEqual(stops(other), ["plan"])
        self.patches = 1
        self.fix("--enter-maintenance", code=4)


class Attributes(BiosCase):
    def test_several_in_one_request(self):
        self.bmc.set("bios.ProcVirtualization=Disabled", "bios.SysProfile=Custom")
        self.patches = 1
        document = self.fix(code=4)
        self.assertEqual(self.rows(document), [
            ("bios-acs", "ProcVirtualization", "Disabled", "Enabled", "verified"),
            ("bios-virtualization", "ProcVirtualization", "Disabled", "Enabled", "verified"),
            ("bios-power-profile", "SysProfile", "Custom", "PerfPerWattOptimizedOs", "verified"),
            ("bios-sriov", SRIOV, "Disabled", "Enabled", "verified")])
        self.assertEqual(self.sent()[0]["Attributes"], {"ProcVirtualization": "Enabled", SRIOV: "Enabled",
                                                        "SysProfile": "PerfPerWattOptimizedOs"})
        self.reset()
        self.look(code=0)
        self.patches = 2
        document = self.undo(code=4)
        self.assertEqual({c["result"] for c in document["changes"]}, {"undone"})
        self.assertEqual(self.sent()[1]["Attributes"], {"ProcVirtualization": "Disabled", SRIOV: "Disabled",
                                                        "SysProfile": "Custom"})

    def test_types(self):
        rules = ("bios:\n  bios-snc:\n    - {vendor: '*dell*', attribute: AcPwrRcvryUserDelay, want: 60}\n"
                 "  bios-snoop-holdoff:\n    - {vendor: '*dell*', attribute: %s, want: '%s'}\n"
                 "checks:\n  bios-snc: {severity: minor}\n")
        self.bmc.set("bios.Flag=false", "bios.Text=7 \"\\\\")
        self.patches = 1
        document = self.fix(policy=self.policy(rules % ("Flag", "true")))
        self.assertEqual({c["result"] for c in document["changes"]}, {"verified"})
        self.assertEqual(self.sent()[0]["Attributes"], {SRIOV: "Enabled", "AcPwrRcvryUserDelay": 60, "Flag": True})
        for name, want, why in (("Flag", "maybe", "true or false"), ("HttpDev1VlanId", "x", "is a number"),
                                ("HttpDev1VlanId", "01", "is a number"), ("Text", "Roll*", "a pattern")):
            document = self.fix("--skip", "bios-snc,bios-sriov", policy=self.policy(rules % (name, want)), code=2)
            self.assertEqual((document["changes"], stops(document)), ([], ["bios"]), name)
            self.assertIn(why, document["errors"][0]["text"])

    def test_conflict(self):
        rules = ("bios:\n  bios-virtualization:\n    - {vendor: '*dell*', attribute: SriovGlobalEnable, want: Disabled}\n")
        document = self.fix(policy=self.policy(rules), code=2)
        self.assertEqual((document["changes"], stops(document)), ([], ["conflict"]))
        self.assertIn("bios-virtualization host wants it to be Disabled", document["errors"][0]["text"])

    def test_what_cannot_be_read_is_not_written(self):
        for settings in (("fault.GET:*/Bios/Settings=500",), ("fault.GET:*/Bios/Settings=bad-json",),
                         ("bios.SriovGlobalEnable=null",), ("fault.*/Bios=hang",)):
            self.bmc.control("restore")
            self.bmc.set(*self.settings)
            self.bmc.set(*settings)
            document = self.fix("--only", "bios-sriov", policy=self.policy(limits=", request_s: 2"))
            self.assertEqual((document["exit_code"], document["changes"]), (3, []), settings)

    def test_no_settings_object(self):
        self.bmc.set("json./redfish/v1/Systems/System.Embedded.1/Bios#/@Redfish.Settings/SettingsObject=absent")
        document = self.fix(code=2)
        self.assertEqual((document["changes"], stops(document)), ([], ["bios"]))
        self.assertIn("names no settings object", document["errors"][0]["text"])


class Refusals(BiosCase):
    def setUp(self):
        super().setUp()
        self.patches = 1

    def test_lockdown(self):
        self.bmc.set("lockdown=on")
        self.failed("is a read only property", "System Lockdown")

    def test_one_read_only_attribute_spoils_all(self):
        self.bmc.set("bios.SysProfile=Custom", "patch.readonly=SysProfile")
        document = self.fix(code=2)
        self.assertEqual([c["result"] for c in document["changes"]], ["failed", "failed"])
        self.assertIn("The property SysProfile is a read only property", document["changes"][0]["text"])
        self.patches = 2
        self.assertEqual(self.rows(self.fix("--skip", "bios-power-profile", code=4)),
                         [("bios-sriov", SRIOV, "Disabled", "Enabled", "verified")])

    def test_job_pending(self):
        self.bmc.set("job.pending=on")
        document = self.failed("already committed", "delete the job")
        self.assertNotIn("takes it back", str(document))
        self.assertEqual(self.undo(code=0)["changes"], [])

    def test_value_unknown_to_the_bios(self):
        rules = "bios:\n  bios-sriov:\n    - {vendor: '*dell*', attribute: SriovGlobalEnable, want: 'On'}\n"
        document = self.fix(policy=self.policy(rules), code=2)
        self.assertIn("not in the list of acceptable values", document["changes"][0]["text"].replace("of  ", "of "))

    def test_if_match(self):
        self.bmc.set("patch.if_match=on")
        self.failed("HTTP 428", "ETag")

    def test_not_allowed(self):
        for status, hint in (("403", "privilege"), ("401", "privilege"), ("404", "BIOS setup"), ("redirect-host", "")):
            self.bmc.control("restore")
            self.bmc.set(*self.settings, f"fault.PATCH:{SETTINGS}={status}")
            self.failed("answered HTTP", hint)
        self.patches = 4

    def test_object_of_messages(self):
        self.bmc.set(f"fault.PATCH:{SETTINGS}=extended-info-object")
        self.failed("Unacceptable header")

    def test_secrets_are_not_repeated(self):
        self.bmc.set(f"fault.PATCH:{SETTINGS}=echo")
        self.failed("Bad request")

    def test_busy(self):
        for fault in ("503", "503-SYS518", "500-html", "503-empty"):
            self.bmc.control("restore")
            self.bmc.set(*self.settings, f"fault.PATCH:{SETTINGS}={fault}@1")
            self.failed("answered HTTP 50", "the next boot brings Disabled")
        self.patches = 5
        self.fix(code=4)

    def test_bmc_says_yes_and_forgets(self):
        self.bmc.set(f"fault.PATCH:{SETTINGS}=200")
        document = self.failed("Written, but the next boot still brings Disabled", result="ineffective")
        self.assertEqual(finding(document, "bios-sriov", "host")["state"], "fail")


class Unclear(BiosCase):
    """What came of a PATCH without an answer is read."""

    def setUp(self):
        super().setUp()
        self.patches = 1
        self.good_policy = self.policy(limits=", request_s: 2")

    def test_taken_but_not_said(self):
        for fault in ("hang", "reset", "empty", "garbage", "truncate"):
            self.bmc.control("restore")
            self.bmc.set(*self.settings, f"fault.PATCH:{SETTINGS}={fault}")
            document = self.fix(code=4)
            self.assertEqual([c["result"] for c in document["changes"]], ["verified"], fault)
            self.assertIn("yet the value is there", document["changes"][0]["text"])
        self.patches = 5

    def test_not_read_back(self):
        self.bmc.set(f"fault.GET:{SETTINGS}=500@9+1")
        document = self.fix(code=3)
        self.assertEqual([c["result"] for c in document["changes"]], ["applied"])
        self.assertIn("could not be read back", document["changes"][0]["text"])
        self.bmc.control("clear-faults")
        self.look(code=4)
        self.reset()
        self.patches = 2
        self.undo(code=4)

    def test_neither_answered_nor_read_back(self):
        self.bmc.set(f"fault.PATCH:{SETTINGS}=hang", f"fault.GET:{SETTINGS}=500@9+1")
        document = self.fix(code=3)
        self.assertEqual([c["result"] for c in document["changes"]], ["applied"])
        self.bmc.control("clear-faults")
        self.look(code=4)
        self.reset()
        self.patches = 2
        self.assertEqual([c["result"] for c in self.undo(code=4)["changes"]], ["undone"])

    def test_nobody_there_any_more(self):
        self.bmc.set(f"fault.POST:{SESSIONS}=hang@1+1")
        self.patches = 0
        self.left_open = 1  # the login that hung: the door's try to end it comes too early to know its name
        document = self.fix()
        self.assertEqual([c["result"] for c in document["changes"]], ["failed"])
        self.assertEqual(len(self.requests("POST")), 3)


class Logins(BiosCase):
    def test_wrong_before(self):
        self.good_policy = self.policy(credentials=self.credentials(password="wrong", name="bad"))
        document = self.fix(code=3)
        self.assertEqual(document["changes"], [])
        self.fix(code=3)
        self.undo(code=0)
        self.assertEqual(len(self.requests("POST")), 1)  # never tried twice

    def test_refused_at_the_write(self):
        for fault, tries in (("401", 2), ("503-RAC0218", 3)):
            self.bmc.control("restore")
            self.bmc.set(*self.settings, f"fault.POST:{SESSIONS}={fault}@1+1")
            self.machine = self.host("ready-9.0", "maintenance=1", name=f"login-{fault}")
            before = len(self.requests("POST"))
            document = self.fix()
            self.assertEqual([c["result"] for c in document["changes"]], ["failed"], fault)
            self.assertIn("answered HTTP", document["changes"][0]["text"])
            self.assertEqual(len(self.requests("POST")) - before, tries)  # after a 401 reading back does not try either
            if fault == "401":
                self.fix(code=3)
                self.assertEqual(len(self.requests("POST")) - before, tries)

    def test_session_without_a_place(self):
        self.bmc.set(f"fault.POST:{SESSIONS}=location-missing")
        self.patches = 1
        self.fix(code=4)


class Jobs(BiosCase):
    """iDRACs whose PATCH makes no job."""

    def setUp(self):
        super().setUp()
        self.bmc.set("patch.job_by=post", "patch.status=200")
        self.patches = 1

    def jobs(self):
        return self.requests("POST /redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs")

    def test_made_by_post(self):
        self.fix(code=4)
        self.assertEqual((len(self.jobs()), len(self.events("job-created"))), (1, 1))
        self.reset()
        self.look(code=0)

    def test_made_by_patch_without_saying_so(self):
        self.bmc.set("patch.job_by=patch", f"fault.PATCH:{SETTINGS}=location-missing")
        self.assertEqual([c["result"] for c in self.fix(code=4)["changes"]], ["verified"])
        self.assertEqual((len(self.jobs()), len(self.events("job-created"))), (1, 1))

    def test_job_refused(self):
        for fault in ("500", "403", "404"):
            self.bmc.control("restore")
            self.bmc.set(*self.settings, "patch.job_by=post", f"fault.POST:{JOBS}={fault}@1")
            document = self.failed(f"answered HTTP {fault}", "without a job")
            found = finding(document, "bios-sriov", "host")
            self.assertEqual((found["state"], found["next"]), ("fail", "Disabled"))
            self.assertIn("Pending in the BMC without a job that applies it: SriovGlobalEnable Enabled", found["text"])
        self.patches = 4
        self.fix(code=4)
        self.reset()
        self.look(code=0)

    def test_a_job_that_is_done_brings_nothing(self):
        self.fix(code=4)
        self.reset()
        self.bmc.set(SRIOV_OFF, f"fault.POST:{JOBS}=403@1")
        self.patches = 2
        document = self.failed("answered HTTP 403", "without a job")
        self.assertEqual(finding(document, "bios-sriov", "host")["next"], "Disabled")

    def test_jobs_that_cannot_be_read(self):
        self.bmc.set(f"fault.GET:{JOBS}=404")
        self.assertEqual([c["result"] for c in self.fix(code=4)["changes"]], ["verified"])

    def test_jobs_one_by_one(self):
        self.bmc.set("expand=off")
        self.fix(code=4)
        self.assertTrue(self.requests("GET /redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs/JID_"))
        self.look(code=4)
        self.reset()
        self.look(code=0)


class Undo(BiosCase):
    def test_before_the_reset(self):
        self.patches = 2
        run = self.fix(code=4)["run"]
        document = self.undo(code=2)
        self.assertEqual([c["result"] for c in document["changes"]], ["failed"])
        self.assertIn("already committed", document["changes"][0]["text"])
        self.assertIn("delete the job", document["changes"][0]["text"])
        self.look(code=4)
        self.delete_jobs()
        self.assertEqual(self.undo(run, code=0)["changes"], [])  # with the job its value is gone
        self.look(code=2)

    def delete_jobs(self):
        """As somebody does it in iDRAC."""
        self.bmc.control("reset")
        self.bmc.set(SRIOV_OFF)

    def test_after_the_reset(self):
        self.patches = 2
        self.fix(code=4)
        self.reset()
        document = self.undo(code=4)
        self.assertEqual(self.rows(document), [("bios-sriov", SRIOV, "Enabled", "Disabled", "undone")])
        self.assertEqual((document["reboot"]["required"], document["reboot"]["kind"]), (True, "full"))
        report = self.look(code=2)
        self.assertEqual(states(report, "bios-sriov"), {"host": "regressing"})
        self.assertIn("has set it back; a reboot brings that", finding(report, "bios-sriov", "host")["text"])
        self.reset()
        self.look(code=2)
        self.patches = 3
        self.undo(code=4)  # a redo
        self.reset()
        self.look(code=0)

    def test_changed_since(self):
        self.patches = 1
        self.fix(code=4)
        self.reset()
        self.bmc.set(SRIOV_OFF)
        self.assertEqual(self.undo(code=0)["changes"], [])
        self.bmc.set("bios.SriovGlobalEnable=Other")
        document = self.undo(code=2)
        self.assertEqual((document["changes"], stops(document)), ([], ["conflict"]))
        self.assertIn("it was changed since", document["errors"][0]["text"])

    def test_without_access(self):
        self.patches = 1
        self.fix(code=4)
        none = f"{self.folder}/none.yaml"
        pathlib.Path(none).write_text("name: none\n", encoding="utf-8")
        document = self.undo(policy=none, code=2)
        self.assertIn("no access to the BMC", document["errors"][0]["text"])

    def test_another_host(self):
        self.patches = 1
        self.fix(code=4)
        self.bmc.control("reset")
        ledger = self.machine.path("scratch/hostprep/ledger").read_bytes()
        self.machine = self.host("ready-9.0", "maintenance=1", "host.uuid=11111111-2222-3333-4444-555555555555", name="other")
        self.machine.path("scratch/hostprep/ledger").write_bytes(ledger)
        self.assertEqual(self.undo(code=0)["changes"], [])
        self.bmc.set(SRIOV_OFF)
        self.assertEqual(stops(self.fix(code=2)), ["state-dir"])


class AfterTheReset(BiosCase):
    def test_not_effective(self):
        """The reset came, and the BMC has applied nothing; the job still waits."""
        self.patches = 1
        self.fix(code=4)
        self.machine.reboot("--quick")
        found = finding(self.look(code=2), "bios-sriov", "host")
        self.assertIn("so that the BMC does not apply BIOS settings", found["text"])
        self.assertEqual(found["remedy"]["reboot"], "full")
        self.machine.reboot()
        found = finding(self.look(code=2), "bios-sriov", "host")
        self.assertIn("not effective after reboot", found["text"])
        self.assertIn("Job Queue", found["remedy"]["text"])
        self.assertEqual(found["remedy"]["reboot"], "cold")
        self.machine.set("maintenance=1")
        self.assertEqual(self.fix(code=2)["changes"], [])  # notes the advice, writes nothing
        self.machine.reboot("--cold")
        found = finding(self.look(code=2), "bios-sriov", "host")
        self.assertIn("another reboot will not help: set it in the BIOS setup", found["remedy"]["text"])
        self.bmc.control("reset")
        self.look(code=0)

    def test_set_back_twice(self):
        self.patches = 3
        for words in ("SriovGlobalEnable is Disabled.", "was not effective after reboot, or was changed since"):
            self.assertIn(words, finding(self.look(code=2), "bios-sriov", "host")["text"])
            self.fix(code=4)
            self.reset()
            self.bmc.set(SRIOV_OFF)
        document = self.fix(code=2)
        self.assertEqual(document["changes"], [])
        self.assertIn("2 times", finding(document, "bios-sriov", "host")["text"])
        self.fix("--override", "repeat", code=4)


class Killed(BiosCase):
    def start(self, fault, until):
        """fix --bios, killed once the BMC has seen `until` and keeps it waiting."""
        self.bmc.set(fault)
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            [hosts.HOSTPREP, "fix", "--bios", *BIOS_ONLY, "--root", self.machine.root, "--policy", self.good_policy],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 30
        while not until() and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.02)
        self.assertIsNone(process.poll())
        return process

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.bmc.control("clear-faults")
        limit = time.monotonic() + 10  # the log has a request once it was answered
        while not [one for one in self.events("request") if one.get("fault")] and time.monotonic() < limit:
            time.sleep(0.05)

    def logins(self):
        return len(self.events("session-created"))

    def test_between_login_and_patch(self):
        self.kill(self.start(f"fault.POST:{SESSIONS}=slow:3@1+1", lambda: self.logins() == 2))
        self.left_open, self.patches = 1, 1
        self.look(code=2)
        self.assertEqual([c["result"] for c in self.fix(code=4)["changes"]], ["verified"])
        ledger = [json.loads(line) for line in self.machine.path("scratch/hostprep/ledger").read_text().splitlines()]
        self.assertEqual([one["complete"] for one in ledger if one["event"] == "end"], [False, True])
        self.reset()
        self.look(code=0)
        self.patches = 2
        self.assertEqual(len(self.undo(code=4)["changes"]), 1)

    def test_after_the_patch(self):
        self.kill(self.start(f"fault.PATCH:{SETTINGS}=slow:3", lambda: self.events("patched")))
        self.left_open, self.patches = 1, 1
        self.look(code=4)
        self.assertEqual(self.fix(code=4)["changes"], [])
        self.reset()
        self.look(code=0)
        self.patches = 2
        document = self.undo(code=4)
        self.assertEqual(self.rows(document), [("bios-sriov", SRIOV, "Enabled", "Disabled", "undone")])

    def test_between_patch_and_job(self):
        self.bmc.set("patch.job_by=post")
        self.kill(self.start(f"fault.PATCH:{SETTINGS}=slow:3", lambda: self.events("patched")))
        self.left_open, self.patches = 1, 2
        report = self.look(code=2)  # without its job no reset brings it
        self.assertIn("without a job", finding(report, "bios-sriov", "host")["text"])
        self.assertEqual([c["result"] for c in self.fix(code=4)["changes"]], ["verified"])
        self.reset()
        self.look(code=0)

    def test_terminated(self):
        """TERM is no KILL: the request in hand is finished, and the session ended."""
        process = self.start(f"fault.PATCH:{SETTINGS}=slow:2", lambda: self.events("patched"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 4)  # there was no other change to begin
        self.patches = 1
        self.bmc.control("clear-faults")
        self.look(code=4)


class Hpe(BiosCase):
    tree = "hpe-dl380a"
    settings = ("bios.PowerRegulator=OsControl",)

    def test_two_attributes_of_one_check(self):
        self.bmc.set("bios.ProcVirtualization=Disabled", "bios.IntelProcVtd=Disabled")
        self.patches = 1
        document = self.fix(code=4)
        self.assertEqual(self.rows(document), [
            ("bios-virtualization", "ProcVirtualization", "Disabled", "Enabled", "verified"),
            ("bios-virtualization", "IntelProcVtd", "Disabled", "Enabled", "verified")])
        self.assertEqual(self.sent(), [{"Attributes": {"ProcVirtualization": "Enabled", "IntelProcVtd": "Enabled"}}])
        self.look(code=4)
        self.bmc.set("bios.IntelProcVtd=Disabled")
        self.patches = 2
        document = self.undo(code=0)  # no job keeps it from being taken back
        self.assertEqual([c["result"] for c in document["changes"]], ["undone", "undone"])
        self.assertFalse(document["reboot"]["required"])
        self.look(code=2)

    def test_one_of_two_does_not_come(self):
        self.bmc.set("bios.ProcVirtualization=Disabled", "bios.IntelProcVtd=Disabled")
        self.patches = 2
        self.fix(code=4)
        self.reset()
        self.bmc.set("bios.ProcVirtualization=Disabled", "pending.ProcVirtualization=Enabled")
        found = finding(self.look(code=2), "bios-virtualization", "host")
        self.assertIn("ProcVirtualization is set to Enabled since run", found["text"])
        self.bmc.set("bios.ProcVirtualization=Enabled", "pending.ProcVirtualization=absent", "bios.IntelProcVtd=Disabled")
        document = self.fix(code=4)
        self.assertEqual(self.rows(document), [("bios-virtualization", "IntelProcVtd", "Disabled", "Enabled", "verified")])


class Supermicro(BiosCase):
    tree = "supermicro-821ge"
    settings = ("bios.PCIeACSCTL_1E3C=Disable",)

    def test_whole_way(self):
        self.patches = 2
        document = self.fix(code=4)
        self.assertEqual(self.rows(document), [("bios-acs", "PCIeACSCTL_1E3C", "Disable", "Enable", "verified")])
        self.assertEqual(self.sent(), [{"Attributes": {"PCIeACSCTL_1E3C": "Enable"}}])
        self.reset()
        self.look(code=0)
        self.undo(code=4)
        self.reset()
        self.assertEqual(states(self.look(code=2), "bios-acs"), {"host": "fail"})


class Lenovo(BiosCase):
    tree = "lenovo-sr670"
    settings = ()

    def test_whole_way(self):
        self.patches = 2
        document = self.fix(code=4)
        self.assertEqual(self.rows(document), [("bios-acs", "Processors_PCIeACSCTL", "Disabled", "Enabled", "verified")])
        self.assertEqual(self.requests("PATCH"), ["PATCH /redfish/v1/Systems/1/Bios/Pending"])
        self.assertIn("@Redfish.SettingsApplyTime", self.sent()[0])
        self.assertEqual([c["result"] for c in self.undo(code=0)["changes"]], ["undone"])
        self.reset()
        self.look(code=2)


if __name__ == "__main__":
    hosts.main(__doc__)
