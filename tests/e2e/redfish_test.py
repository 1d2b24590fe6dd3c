#!/usr/bin/env python3
"""redfish_test.py HOSTPREP ESXSIM: what is read over Redfish, from simulated hosts and a mock BMC that has troubles."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import hosts
import redfish_hosts
from hosts import finding, run
from redfish_hosts import BIOS, GOOD, ONLY, PASSWORD, RedfishCase

LOGIN = "POST:*/Sessions"
SYSTEMS, SYSTEM, BIOS_PATH = "*/v1/Systems", "*/Systems/System.Embedded.1", "*/Bios"
SETTINGS, INVENTORY = "*/Bios/Settings", "*/FirmwareInventory"


def setUpModule():  # noqa: N802  pylint: disable=invalid-name
    if not os.environ.get("HP_OTHER_HALF"):
        Drip.begin()


def tearDownModule():  # noqa: N802  pylint: disable=invalid-name
    if Drip.process:
        Drip.end()
    redfish_hosts.stop_all()


class Drip:
    """A body of 700 bytes/s, slower than is waited for: it takes half a minute, so it runs beside all other tests."""

    bmc = host = process = None

    @classmethod
    def begin(cls):
        cls.bmc = redfish_hosts.start("dell-xe9680", *GOOD)
        case = RedfishCase()
        RedfishCase.bmc = cls.bmc
        hosts.TestCase.setUp(case)
        cls.case = case
        cls.bmc.set(f"fault.{BIOS_PATH}=drip:700", "fault.*/FirmwareInventory=drip:4096", "inventory.extra=20",
                    "json./redfish/v1/Systems/System.Embedded.1/Bios#/Oem=" + "x" * 40000)
        cls.host = case.host("ready-9.0", "psb.*.subdevice=0000")
        cls.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [hosts.HOSTPREP, "check", "--root", cls.host.root, "--policy", case.policy(limits=", request_s: 120"), *ONLY,
             "--format", "json"], stdout=subprocess.PIPE)

    @classmethod
    def report(cls):
        out, _ = cls.process.communicate(timeout=120)
        return json.loads(out)

    @classmethod
    def end(cls):
        cls.process.kill()
        cls.process.wait()
        cls.case.doCleanups()
        cls.bmc.stop()


class Reads(RedfishCase):
    def test_all_right(self):
        self.all_right(self.check())
        self.assertEqual(len(self.requests("POST")), 1)
        self.assertEqual(self.events("request")[-1]["method"], "DELETE")
        self.assertEqual(self.events("request")[0]["sent"], [])
        self.assertFalse([r for r in self.requests() if "//" in r.split(" ")[1]])

    def test_fails(self):
        self.bmc.set("bios.SriovGlobalEnable=Disabled")
        report = self.check()
        found = finding(report, "bios-sriov", "host")
        self.assertEqual((found["state"], found["now"], found["next"], found["want"]),
                         ("fail", "Disabled", "Disabled", "Enabled"))
        self.assertIn("SriovGlobalEnable=Enabled", found["remedy"]["text"])
        self.assertIn("SriovGlobalEnable", found["evidence"][0]["excerpt"])
        self.assertEqual(report["exit_code"], 2)

    def test_nobody_is_asked_without_access(self):
        path = f"{self.folder}/none.yaml"
        pathlib.Path(path).write_text("name: none\n", encoding="utf-8")
        report = self.check(policy=path)
        self.assertEqual(set(self.bios(report).values()), {"skipped"})
        self.assertIn("no access", finding(report, "bios-acs", "host")["text"])
        self.assertEqual(self.boards(report), {"unknown"})
        self.check(only=("--only", "kernel*,hca*,gpu*"))
        self.assertEqual(self.events("connected"), [])

    def test_ask_of_boards_only_where_the_bus_does_not_tell(self):
        self.machine.set("psb.*.subdevice=2330")
        report = self.check()
        self.assertEqual(self.boards(report), {"pass"})
        self.assertFalse([r for r in self.requests() if "UpdateService" in r or "Chassis" in r])
        self.machine.set("psb.*.subdevice=224b")
        self.assertEqual(self.boards(self.check()), {"fail"})
        self.assertFalse([r for r in self.requests() if "UpdateService" in r or "Chassis" in r])

    def test_expand_in_every_form(self):
        self.bmc.set("inventory.psb=4.160.3.0", "pcie.switches=0")
        for settings, query in ((("expand.nolinks=off",), "*($levels=1)"), (("expand.levels=off",), "*"),
                                (("expand.nolinks=on",), "."), (("expand=off",), None),
                                (("expand=on", "expand.lies=on"), None), (("expand.lies=on", "expand.refusal=501"), None)):
            self.bmc.set(*settings)
            before = len(self.requests())
            self.assertEqual(self.boards(self.check("--refresh")), {"pass"}, settings)
            asked = [r for r in self.requests()[before:] if "FirmwareInventory" in r]
            self.assertEqual(asked[-1].endswith(f"FirmwareInventory?$expand={query}"), query is not None, settings)

    def test_pages(self):
        self.bmc.set("page=5", "inventory.psb=4.160.3.0,4.160.3.0,4.160.4.0,4.170", "pcie.switches=0")
        self.assertEqual(self.boards(self.check()), {"pass"})
        self.bmc.set("inventory.psb=4.160.3.0,4.160.3.0,4.160.4.0,4.150.0.0")
        self.assertEqual(self.boards(self.check("--refresh")), {"fail"})
        self.bmc.set("page=1", "inventory.extra=40")  # more pages than are read
        self.assertEqual(self.boards(self.check("--refresh")), {"unknown"})

    def test_more_entries_than_are_asked_for(self):
        self.bmc.set("expand=off", "inventory.extra=400", "inventory.psb=4.160.3.0", "pcie.switches=0")
        report = self.check()
        self.assertEqual(self.boards(report), {"unknown"})
        self.assertEqual(set(self.bios(report).values()), {"pass"})
        self.assertLessEqual(len(self.requests()), 300)

    def test_chunked_and_gzip(self):
        for settings in (("transfer=chunked",), ("encoding=gzip",), ("keepalive=0",), ("keepalive.max=2",), ("slash=exact",)):
            self.bmc.set(*settings)
            self.all_right(self.check("--refresh"))

    def test_a_slash_more(self):
        """As HPE's: the root has a slash at its end, and a redirect leads there."""
        self.bmc.set("slash=redirect", "json./redfish/v1#/@odata.id=/redfish/v1/")
        self.all_right(self.check("--refresh"))
        self.assertEqual(self.requests()[:2], ["GET /redfish/v1", "GET /redfish/v1/"])
        self.bmc.set("slash=any")
        for fault in ("redirect-slash", "redirect-absolute"):
            for glob in ("/redfish/v1", SYSTEM):
                self.fault(glob, fault)
                self.all_right(self.check("--refresh"))
            self.bmc.control("clear-faults")

    def test_localcli(self):
        self.all_right(self.check("--localcli"))
        self.assertNotIn(" esxcli ", self.machine.calls())

    def test_capture_and_replay(self):
        self.bmc.set("bios.SriovGlobalEnable=Disabled", "pending.SriovGlobalEnable=Enabled", "bios.SysProfile=Custom")
        self.files = [f"{self.folder}/{name}" for name in ("a.cap", "r.json", "r.txt", "b.cap.gz", "list")]
        live = self.check("--record", self.files[0], "--output", f"json:{self.files[1]}", "--output", f"text:{self.files[2]}")
        policy = self.policy()
        before = len(self.events("connected"))  # (of the connection before, "closed" may still be to come)
        done = run("check", *ONLY, "--format", "json", "--replay", self.files[0], "--policy", policy)
        self.assertEqual(json.loads(done.stdout)["findings"], live["findings"])
        self.assertEqual(len(self.events("connected")), before)
        done = self.machine.run("capture", "--policy", policy, "--record", self.files[3])
        self.assertEqual(done.returncode, 0)
        done = run("check", *ONLY, "--format", "json", "--replay", self.files[3], "--policy", policy)
        self.assertEqual([f["state"] for f in json.loads(done.stdout)["findings"]], [f["state"] for f in live["findings"]])

    def test_replay_without_the_bmc(self):
        """A capture made without access has no answers: unknown, not passed."""
        capture = f"{self.folder}/none.cap"
        self.machine.run("capture", "--record", capture)
        done = run("check", *ONLY, "--format", "json", "--replay", capture, "--policy", self.policy())
        self.nothing_was_read(json.loads(done.stdout), "not in the capture")
        self.assertEqual(self.events("connected"), [])

    def test_one_request_at_a_time(self):
        self.bmc.set("latency_ms=20")
        self.check("--jobs", "8")
        times = [(one["time"] - one["seconds"], one["time"]) for one in self.events("request")]
        self.assertFalse([pair for pair in zip(times, times[1:]) if pair[1][0] < pair[0][1] - 0.015])

    def test_other_formats_and_the_last_report(self):
        self.files = [f"{self.folder}/{name}" for name in ("esxcli", "esxcli-list", "text")]
        words = [word for path in self.files for word in ("--output", f"{os.path.basename(path)}:{path}")]
        self.check(*words, only=())
        self.texts.append(self.machine.run("report", "--format", "json").stdout)
        self.assertIn(b"bios-sriov", self.texts[-1])

    def test_nothing_secret_in_processes(self):
        self.bmc.set("latency_ms=40")
        policy = self.policy()
        with subprocess.Popen([hosts.HOSTPREP, "check", "--root", self.machine.root, "--policy", policy, *ONLY],
                              stdout=subprocess.DEVNULL) as child:
            seen = 0
            while child.poll() is None:
                for process in pathlib.Path("/proc").glob("[0-9]*"):
                    try:
                        text = b"".join((process / name).read_bytes() for name in ("cmdline", "environ"))
                    except OSError:
                        continue
                    if hosts.HOSTPREP.encode() in text or self.machine.root.encode() in text:
                        seen += 1
                        self.texts.append(text)
                time.sleep(0.02)
        self.assertGreater(seen, 3)


class Login(RedfishCase):
    def test_refused_once_and_never_again(self):
        self.bmc.set("lockout.count=3")
        wrong = self.credentials(password="Wrong-1!", name="wrong")
        found = self.nothing_was_read(self.check(policy=self.policy(credentials=wrong)), "HTTP 401")
        self.assertIn("not tried again", found["remedy"]["text"])
        for _ in range(3):
            found = self.nothing_was_read(self.check("--refresh", policy=self.policy(credentials=wrong)), "were not tried again")
            self.assertIn("scratch/hostprep/redfish.json", found["text"])
        self.assertEqual(len(self.requests("POST")), 1)
        self.assertEqual(self.events("blocked"), [])
        memory = self.machine.path("scratch/hostprep/redfish.json")
        self.assertNotIn("Wrong-1!", memory.read_text(encoding="utf-8"))
        self.all_right(self.check())  # another file
        self.nothing_was_read(self.check(policy=self.policy(credentials=wrong)), "not tried again")
        self.credentials(password=PASSWORD, name="wrong")  # mended
        self.all_right(self.check("--refresh", policy=self.policy(credentials=wrong)))
        self.credentials(password="Wrong-1!", name="wrong")
        self.nothing_was_read(self.check(policy=self.policy(credentials=wrong)), "not tried again")
        self.assertEqual(len(self.events("login-failed")), 1)
        memory.unlink()
        self.nothing_was_read(self.check(policy=self.policy(credentials=wrong)), "HTTP 401")
        self.assertEqual(len(self.events("login-failed")), 2)
        self.texts = [text for text in self.texts if b"Wrong-1!" in text] or self.texts
        self.assertFalse([text for text in self.texts if b"Wrong-1!" in text])

    def test_state_dir(self):
        state = f"{self.folder}/state"
        os.mkdir(state, 0o700)
        wrong = self.policy(credentials=self.credentials(password="Wrong-2!", name="wrong"))
        for words in ("HTTP 401", "not tried again", "not tried again"):
            self.nothing_was_read(self.check("--state-dir", state, policy=wrong), words)
        self.assertTrue(os.path.exists(f"{state}/redfish.json"))
        self.assertFalse(self.machine.path("scratch/hostprep/redfish.json").exists())
        self.assertEqual(len(self.requests("POST")), 1)

    def test_without_state_dir(self):
        shutil.rmtree(self.machine.path("scratch"))
        wrong = self.policy(credentials=self.credentials(password="Wrong-3!", name="wrong"))
        for words in ("HTTP 401", "not tried again"):
            self.nothing_was_read(self.check(policy=wrong), words)
        self.assertTrue(self.machine.path("var/run/hostprep/redfish.json").exists())
        self.assertEqual(len(self.requests("POST")), 1)

    def test_refusal_that_cannot_be_noted(self):
        self.machine.path("scratch/hostprep/redfish.json/in-the-way").mkdir(parents=True)
        wrong = self.policy(credentials=self.credentials(password="Wrong-3!", name="wrong"))
        self.nothing_was_read(self.check(policy=wrong), "HTTP 401")
        told = " ".join(self.texts[-1].decode().split())
        self.assertIn("cannot be noted in /scratch/hostprep/redfish.json: the next run will try them again", told)

    def test_400_and_403_of_a_wrong_password(self):
        for status, posts in (("400", 1), ("403", 2)):
            self.bmc.set(f"login.failed={status}")
            wrong = self.policy(credentials=self.credentials(password=f"Wrong-{status}!", name="wrong"))
            before = len(self.requests("POST"))
            for _ in range(2):
                self.nothing_was_read(self.check(policy=wrong))
            self.assertEqual(len(self.requests("POST")) - before, posts)

    def test_busy_or_odd_answers_are_no_refusal(self):
        """What says nothing of user and password must not be noted as a refusal; none is tried twice in a run."""
        for fault, words in (("503-RAC0218", "maximum number of user sessions"), ("503-SYS518:1", "unable to display"),
                             ("400-SWC0700", "not ready"), ("403-html", "HTTP 403"), ("500-html", "HTTP 500"),
                             ("403-password-change", "HTTP 403"), ("429:1", "HTTP 429"), ("503-empty", "HTTP 503"), ("404", "HTTP 404"),
                             ("redirect-host", "HTTP 302"), ("redirect-scheme", "HTTP 302"), ("redirect-slash", "HTTP 308"),
                             ("reset", ""), ("hang", "longer than"), ("405", "HTTP 405")):
            self.fault(LOGIN, fault)
            before = len(self.requests("POST"))
            found = self.nothing_was_read(self.check(policy=self.policy(limits=", request_s: 1")), words)
            self.assertEqual(len(self.requests("POST")) - before, 1, fault)
            if fault != "hang":
                self.assertNotIn("User or password are wrong", found["remedy"]["text"], fault)
        self.assertFalse(self.machine.path("scratch/hostprep/redfish.json").exists())
        self.bmc.control("clear-faults")
        self.all_right(self.check())
        self.left_open = 2  # of reset and hang: opened, and nobody was told

    def test_session_cap(self):
        self.bmc.set("session.max=0")
        self.nothing_was_read(self.check(), "maximum number of user sessions")

    def test_where_the_session_is(self):
        for fault in ("location-absolute", "location-other", "location-missing", "slow:0.2", "close", "silent-close"):
            self.fault(LOGIN, fault)
            self.all_right(self.check("--refresh"))
        self.bmc.control("clear-faults")
        for key in ("session.created=204", "session.created=200", "session.deleted=204"):
            self.bmc.set(key)
            self.all_right(self.check("--refresh"))

    def test_session_that_nobody_can_find(self):
        """Neither Location nor @odata.id of this BMC: it cannot be ended, and nothing is asked with it."""
        self.fault(LOGIN, "location-other")
        self.bmc.set("session.created=204")
        self.nothing_was_read(self.check(), "did not say where it is")
        self.fault(LOGIN, "token-missing")
        self.bmc.set("session.created=201")
        self.nothing_was_read(self.check())
        self.assertEqual(self.requests("GET /redfish/v1/"), [])
        self.left_open = 2

    def test_damaged_answer_to_the_login(self):
        """The session is there, and is ended all the same."""
        for fault in ("bad-json", "truncate", "bad-chunk", "trailing", "two-documents", "invalid-utf8", "array-body", "null-body"):
            self.fault(LOGIN, fault)
            self.nothing_was_read(self.check())
        self.assertEqual(self.requests("GET /redfish/v1/"), [])

    def test_credentials_file(self):
        os.symlink(self.credentials(), f"{self.folder}/link")
        for path, words in ((f"{self.folder}/none", "none"), (self.credentials(name="a", mode=0o644), "may read"),
                            (f"{self.folder}/link", ""), (self.folder, ""), ("/dev/null", ""),
                            (self.credentials(name="b", text=""), ""), (self.credentials(name="c", text="x" * 5000), ""),
                            (self.credentials(name="d", text="user: a\n"), "")):
            self.nothing_was_read(self.check(policy=self.policy(credentials=path)))
            del words
        self.assertEqual(self.requests("POST"), [])
        self.all_right(self.check(policy=self.policy(credentials=self.credentials(
            name="e", text=f"{redfish_hosts.USER}:{PASSWORD}\n"))))

    def test_a_token_that_expires_in_the_middle(self):
        self.fault(SYSTEMS, "slow:0.6")
        watch = threading.Thread(target=self.drop_at, args=("/redfish/v1/Systems",))
        watch.start()
        self.all_right(self.check())
        watch.join()
        self.assertEqual(len(self.requests("POST")), 2)
        self.assertEqual(self.requests().count("GET /redfish/v1/Systems/System.Embedded.1"), 2)

    def drop_at(self, path):
        """As a reset of the BMC: when a request is on its way, no session is known any more."""
        until = time.monotonic() + 20
        while time.monotonic() < until and not self.events("session-created"):
            time.sleep(0.01)
        time.sleep(0.3)
        self.bmc.control("drop-sessions")
        del path

    def test_tokens_that_are_never_taken(self):
        for glob in (SYSTEMS, SYSTEM, BIOS_PATH, SETTINGS):
            before = len(self.requests("POST"))
            self.fault(glob, "401")
            self.nothing_was_read(self.check(), "HTTP 401")
            self.assertEqual(len(self.requests("POST")) - before, 2)
            self.bmc.control("clear-faults")
        self.assertFalse(self.machine.path("scratch/hostprep/redfish.json").exists())
        self.all_right(self.check())


class Answers(RedfishCase):
    """One resource that is ill: what rests on it is unknown."""

    def test_bios(self):
        for fault, words in (
                ("404", "HTTP 404"), ("404-empty", "HTTP 404"), ("403-html", "HTTP 403"), ("html", "no JSON"),
                ("redirect-host", "HTTP 302"), ("redirect-scheme", "HTTP 302"), ("redirect-self", "HTTP 308"),
                ("extended-info-object", "Unacceptable header"),
                ("echo", "***"), ("bad-json", "no JSON"), ("two-documents", "no JSON"), ("trailing", "no JSON"),
                ("empty-body", "is empty"), ("null-body", "no JSON"), ("array-body", "no JSON object"), ("big:60", "more than"),
                ("gzip-bomb", ""), ("deep", "too deep"), ("deep-object", "too deep"), ("duplicate-keys", "no JSON"),
                ("invalid-utf8", "no JSON"), ("nul-raw", "no JSON"), ("bom", "no JSON"), ("huge-numbers", "no JSON"),
                ("truncate", ""), ("bad-chunk", ""), ("cut-chunk", ""), ("reset-after-headers", ""), ("reset", ""), ("empty", ""),
                ("garbage", ""), ("length-long", ""), ("no-close-notify", ""), ("headers-many", ""), ("header-long", ""),
                ("hang", "longer than"), ("slow:30", "longer than")):
            with self.subTest(fault):
                self.fault(BIOS_PATH, fault)
                report = self.check(policy=self.policy(limits=", request_s: 1"), within=30)
                self.assertEqual(set(self.bios(report).values()), {"unknown"})
                self.assertIn(words, finding(report, "bios-acs", "host")["text"])
                self.assertEqual(report["exit_code"], 3)

    def test_bios_that_is_whole_all_the_same(self):
        for fault in ("content-type:text/html", "content-type:application/xml", "echo-200", "control-characters", "close", "silent-close",
                      "slow:0.3", "drip:40000", "id-missing"):
            with self.subTest(fault):
                self.fault(BIOS_PATH, fault)
                self.assertEqual(set(self.bios(self.check()).values()), {"pass"})

    def test_settings(self):
        """What is in force is known; what comes after the reset is not, so nothing is passed."""
        for fault in ("404", "500-RAC0508:1", "503:1", "bad-json", "truncate", "empty-body", "two-documents", "duplicate-keys", "big:60", "deep",
                      "redirect-host", "html", "hang", "reset", "403-html", "403-password-change"):
            with self.subTest(fault):
                self.bmc.set("bios.SriovGlobalEnable=Disabled")
                self.fault(SETTINGS, fault)
                states = self.bios(self.check(policy=self.policy(limits=", request_s: 1"), within=30))
                judged = {state for check, state in states.items() if check != "bios-snc"}
                self.assertEqual(judged, {"unknown"})
        self.bmc.control("clear-faults")
        path = "json./redfish/v1/Systems/System.Embedded.1/Bios/Settings#/"
        for setting in ("Attributes=[]", 'Attributes=3', 'error={"code":"x"}', "Attributes/SriovGlobalEnable=null",
                        'Attributes/SriovGlobalEnable=["Enabled"]', "Attributes/SriovGlobalEnable=1.5"):
            self.bmc.set(path + setting, "bios.SriovGlobalEnable=Enabled")
            self.assertEqual(self.bios(self.check())["bios-sriov"], "unknown", setting)
            self.bmc.control("restore")
            self.bmc.set(*GOOD)

    def test_settings_object(self):
        path = "json./redfish/v1/Systems/System.Embedded.1/Bios#/@Redfish.Settings"
        for setting, state in (("=absent", "pass"), ("/SettingsObject=absent", "pass"), ("/SettingsObject/@odata.id=7", "unknown"),
                               ("/SettingsObject/@odata.id=https://192.0.2.1/redfish/v1/x", "unknown"),
                               ("/SettingsObject/@odata.id=../Settings", "unknown")):
            self.bmc.set(path + setting)
            self.assertEqual(self.bios(self.check())["bios-sriov"], state, setting)
            self.bmc.control("restore")
            self.bmc.set(*GOOD)

    def test_root_systems_and_system(self):
        for glob in ("/redfish/v1", SYSTEMS, SYSTEM):
            for fault in ("404", "html", "bad-json", "empty-body", "redirect-self", "redirect-host", "deep", "403-html", "truncate"):
                with self.subTest(f"{glob} {fault}"):
                    self.fault(glob, fault)
                    self.nothing_was_read(self.check())
            self.bmc.control("clear-faults")
        for fault in ("members-empty", "members-other"):
            self.fault(SYSTEMS, fault)
            self.assertEqual(set(self.bios(self.check()).values()), {"unknown"})
        self.bmc.control("clear-faults")
        for setting in ("json./redfish/v1/Systems/System.Embedded.1#/Bios=absent", "json./redfish/v1#/Links=absent",
                        "json./redfish/v1#/Systems=absent", "json./redfish/v1/Systems/System.Embedded.1#/Manufacturer=Acme"):
            self.bmc.set(setting)
            self.assertEqual(set(self.bios(self.check()).values()), {"unknown"})
            self.bmc.control("restore")
            self.bmc.set(*GOOD)

    def test_inventory(self):
        """A good entry among what was read says nothing when not all was read."""
        self.bmc.set("inventory.psb=4.160.3.0,4.160.3.0", "pcie.switches=0")
        self.assertEqual(self.boards(self.check()), {"pass"})
        for fault in ("404", "bad-json", "two-documents", "truncate", "members-empty", "count-lies", "next-other", "next-scheme", "next-self",
                      "members-other", "duplicate-keys", "big:60", "deep", "redirect-host", "403-html", "503:1", "empty", "hang"):
            with self.subTest(fault):
                self.fault(INVENTORY, fault)
                report = self.check("--refresh", policy=self.policy(limits=", request_s: 1"), within=40)
                self.assertEqual(self.boards(report), {"unknown"})
                self.assertEqual(set(self.bios(report).values()), {"pass"})
        self.bmc.control("clear-faults")
        self.fault("*/UpdateService", "404")
        self.assertEqual(self.boards(self.check("--refresh")), {"unknown"})

    def test_one_entry_that_is_ill(self):
        self.bmc.set("inventory.psb=4.160.3.0", "pcie.switches=0", "expand=off")
        self.assertEqual(self.boards(self.check()), {"pass"})
        for fault in ("404", "bad-json", "empty-body", "reset", "html"):
            self.fault("*/Installed-27763*", fault)
            self.assertEqual(self.boards(self.check("--refresh")), {"unknown"})

    def test_large_bodies_of_small_values(self):
        """They end as the BMC's trouble, not as the program's."""
        path = "json./redfish/v1/Systems/System.Embedded.1/Bios#/Oem="
        for value, states in ((json.dumps([0] * 100001), {"unknown"}), (json.dumps([0] * 90000), {"pass"}),
                              (json.dumps({f"k{n}": "v" for n in range(99000)}), {"unknown", "pass"}),
                              (json.dumps({f"k{n}" + "x" * 20: "y" * 8 for n in range(95000)}), {"unknown", "pass"}),
                              (json.dumps([[[]]] * 33000), {"unknown", "pass"}), (json.dumps("x" * 4100000), {"unknown", "pass"})):
            self.bmc.set(path + value)
            report = self.check()
            self.assertLessEqual(set(self.bios(report).values()), states)
            self.assertEqual(len(set(self.bios(report).values())), 1)
            self.assertIn(report["exit_code"], (0, 3))

    def test_slow_and_slower(self):
        """4 KiB/s is waited for, 700 bytes/s for 30 s is given up (the run beside all others)."""
        report = Drip.report()
        self.assertIn("longer than", finding(report, "bios-acs", "host")["text"])
        self.assertEqual(set(self.bios(report).values()), {"unknown"})
        self.assertEqual(self.boards(report), {"pass"})
        ended = Drip.bmc.log("session-deleted")
        self.assertEqual(len(ended), len(Drip.bmc.log("session-created")))


class Busy(RedfishCase):
    def asked(self, start):
        """When these were asked."""
        return [one["time"] - one["seconds"] for one in self.events("request") if f"{one['method']} {one['path']}" == start]

    def test_waits_as_told(self):
        for fault in ("503-SYS518:2@1", "503:1@1", "429:1@1", "503-SYS518:date@1"):
            with self.subTest(fault):
                self.bmc.set("fault.*/Systems=off")
                self.fault(SYSTEMS, fault)
                before = len(self.asked("GET /redfish/v1/Systems"))
                self.all_right(self.check("--refresh"))
                asked = self.asked("GET /redfish/v1/Systems")[before:]
                self.assertEqual(len(asked), 2)
                self.assertGreater(asked[1] - asked[0], 1.9 if ":2" in fault else 0.9)

    def test_twice_and_no_more(self):
        self.fault(BIOS_PATH, "503-SYS518:1")
        report = self.check()
        self.assertEqual(set(self.bios(report).values()), {"unknown"})
        self.assertIn("unable to display any information", finding(report, "bios-acs", "host")["text"])
        self.assertEqual(len([r for r in self.requests() if r.endswith("/Bios")]), 3)

    def test_not_as_long_as_it_wants(self):
        for fault in ("503:600", "503:99999999999", "503-RAC0218", "429:31"):
            self.fault(BIOS_PATH, fault)
            self.assertEqual(set(self.bios(self.check(within=10)).values()), {"unknown"})

    def test_other_words_of_busy(self):
        """5 s where it does not say how long."""
        self.fault(BIOS_PATH, "400-SWC0700@1")
        began = time.monotonic()
        self.all_right(self.check())
        self.assertGreater(time.monotonic() - began, 4.9)


class Trust(RedfishCase):
    def test_certificates(self):
        ca, pin, insecure = f"cafile: {self.bmc.ready['ca']}", "pin: '{}'", "insecure: true"
        old = self.bmc.ready["pin"]
        for name, trust, good in (("good", ca, True), ("good", pin, True), ("self-signed", ca, False), ("self-signed", pin, True),
                                  ("expired", ca, False), ("expired", pin, True), ("wrong-name", ca, False), ("wrong-name", pin, True),
                                  ("renewed", ca, True), ("renewed", f"pin: '{old}'", False), ("good", f"{ca}, {pin}", True),
                                  ("renewed", f"{ca}, pin: '{old}'", False), ("self-signed", insecure, True),
                                  ("expired", insecure, True), ("wrong-name", insecure, True)):
            with self.subTest(f"{name}: {trust}"):
                self.bmc.set(f"certificate={name}")
                before = len(self.requests())
                report = self.check("--refresh", policy=self.policy(trust=trust.format(self.bmc.ready["pin"])))
                if good:
                    self.all_right(report)
                else:
                    self.nothing_was_read(report)
                    self.assertEqual(len(self.requests()), before)
                for check in BIOS:
                    said = "certificate was not checked" in finding(report, check, "host")["text"]
                    self.assertEqual(said, trust == insecure)
                excerpts = json.dumps([f["evidence"] for f in report["findings"]])
                self.assertEqual("certificate not checked" in excerpts, trust == insecure)

    def test_old_tls(self):
        for version, good in (("1.0", False), ("1.1", False), ("1.2", True), ("1.3", True)):
            self.bmc.set(f"tls={version}")
            (self.all_right if good else self.nothing_was_read)(self.check("--refresh"))

    def test_nobody_there(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            url = f"https://127.0.0.1:{nobody.getsockname()[1]}"
            self.nothing_was_read(self.check(policy=self.policy(url=url)))
        self.nothing_was_read(self.check(policy=self.policy(url=self.bmc.ready["plain"].replace("http:", "https:"))))

    def test_policies_that_are_refused(self):
        for text in ("redfish: {url: 'http://127.0.0.1', credentials_file: /x, insecure: true}",
                     "redfish: {url: 'https://u:p@127.0.0.1', credentials_file: /x, insecure: true}",
                     "redfish: {url: 'https://127.0.0.1/redfish', credentials_file: /x, insecure: true}",
                     "redfish: {url: 'https://127.0.0.1', credentials_file: x, insecure: true}",
                     "redfish: {url: 'https://127.0.0.1', credentials_file: /x}",
                     "redfish: {url: 'https://127.0.0.1', credentials_file: /x, cafile: /y, insecure: true}",
                     "redfish: {url: 'https://127.0.0.1', credentials_file: /x, password: y, insecure: true}",
                     "bios: {bios-nothing: []}", "bios: {hca-ats: []}", "bios: {bios-sriov: [{vendor: x}]}"):
            path = f"{self.folder}/bad.yaml"
            pathlib.Path(path).write_text(text + "\n", encoding="utf-8")
            self.assertEqual(self.machine.run("check", "--policy", path).returncode, 78, text)


class Ends(RedfishCase):
    """However a run ends, its session is ended."""

    settings = (*GOOD, "latency_ms=150")

    def start(self, *arguments):
        return subprocess.Popen([hosts.HOSTPREP, "check", "--root", self.machine.root, "--policy", self.policy(), *ONLY,
                                 "--format", "json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def until(self, holds):
        limit = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.01)

    def finish(self, child):
        out, err = child.communicate(timeout=30)
        self.texts += [out, err]
        return child.returncode, json.loads(out)

    def test_signals(self):
        places = (lambda: self.requests("GET"), lambda: self.events("session-created"),
                  lambda: len(self.requests()) > 3, lambda: len(self.requests()) > 8)
        for number, chosen in ((signal.SIGINT, places), (signal.SIGTERM, places[1:3])):
            for place in chosen:
                self.mark = len(self.bmc.log())
                child = self.start()
                self.until(place)
                child.send_signal(number)
                code, report = self.finish(child)
                self.assertEqual((code, report["verdict"]), (1, "error"))
                self.assertEqual(self.boards(report), {"unknown"})
                self.look_at_sessions()

    def test_signal_while_the_login_is_answered(self):
        self.fault(LOGIN, "slow:1")
        for number in (signal.SIGINT, signal.SIGTERM):
            before = len(self.events("session-created"))
            child = self.start()
            self.until(lambda: len(self.events("session-created")) > before)  # pylint: disable=cell-var-from-loop
            child.send_signal(number)
            code, _ = self.finish(child)
            self.assertEqual(code, 1)
            self.look_at_sessions()

    def test_deadline(self):
        self.bmc.set("latency_ms=400")
        for seconds, state in (("1", "unknown"), ("4", "pass")):
            report = self.check("--deadline", seconds, within=15)
            self.assertEqual((report["exit_code"], report["complete"]), (3, False))
            self.assertEqual(set(self.bios(report).values()), {state})
            self.assertEqual(self.boards(report), {"unknown"})
            self.look_at_sessions()

    def test_kill_leaves_a_session(self):
        child = self.start()
        self.until(lambda: len(self.requests()) > 4)
        child.kill()
        child.communicate()
        self.left_open = 1

    def test_bmc_goes_away(self):
        """Its process is ended in the middle."""
        bmc = redfish_hosts.start("dell-xe9680", *GOOD, "latency_ms=150")
        try:
            child = subprocess.Popen(  # pylint: disable=consider-using-with
                [hosts.HOSTPREP, "check", "--root", self.machine.root, *ONLY, "--format", "json", "--policy",
                 self.policy(url=bmc.ready["url"], trust=f"cafile: {bmc.ready['ca']}")], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            self.until(lambda: len(bmc.requests()) > 3)
            bmc.process.kill()
            code, report = self.finish(child)
            self.assertEqual(code, 3)
            self.nothing_was_read(report)
            for one in bmc.log("session-created"):
                self.assertNotIn(one["token"], json.dumps(report))
        finally:
            bmc.process.wait()
            bmc.home.cleanup()

    def test_full_disk_for_the_report(self):
        self.bmc.set("latency_ms=0")
        with open("/dev/full", "wb") as full:
            done = self.machine.run("check", *ONLY, "--policy", self.policy(), stdout=full)
        self.assertEqual(done.returncode, 1)


class Auto(RedfishCase):
    """url: auto: the host tells the BMC's address; a BMC is on port 443."""

    number = 0

    def setUp(self):
        super().setUp()
        Auto.number += 1
        self.address = f"127.{77 + Auto.number}.{os.getpid() >> 8 & 255}.{os.getpid() & 254 | 1}"
        self.listener = socket.socket()
        self.addCleanup(self.listener.close)
        self.addCleanup(self.listener.shutdown, socket.SHUT_RDWR)
        try:
            self.listener.bind((self.address, 443))
        except PermissionError as problem:
            raise unittest.SkipTest("port 443 is root's") from problem
        self.listener.listen(16)
        threading.Thread(target=self.forward, daemon=True).start()
        self.machine.set(f"bmc.address={self.address}")

    def forward(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", int(self.bmc.ready["port"])))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()
                self.addCleanup(one.close)

    @staticmethod
    def pump(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        try:
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def test_auto(self):
        policy = self.policy(url="auto", trust=f"pin: '{self.bmc.ready['pin']}'")
        capture = f"{self.folder}/auto.cap"
        live = self.check("--record", capture, policy=policy)
        self.all_right(live)
        self.assertIn(f"https://{self.address}/redfish/v1", pathlib.Path(capture).read_text(encoding="utf-8"))
        done = run("check", *ONLY, "--format", "json", "--replay", capture, "--policy", policy)
        self.assertEqual(json.loads(done.stdout)["findings"], live["findings"])
        self.all_right(self.check("--localcli", policy=policy))
        self.machine.set("fault.esxcli.hardware.ipmi.bmc.get=exit:1")
        self.all_right(self.check(policy=policy))  # localcli tells it

    def test_no_address(self):
        policy = self.policy(url="auto", trust=f"pin: '{self.bmc.ready['pin']}'")
        for address in ("", "0.0.0.0", "N/A", "fe80::1", "127.0.0.1/x", "127.1"):
            self.machine.set(f"bmc.address={address}")
            found = self.nothing_was_read(self.check(policy=policy))
            self.assertIn("redfish, url", found["remedy"]["text"])
        self.machine.set(f"bmc.address={self.address}", "fault.esxcli.hardware.ipmi=hang", "fault.localcli.hardware.ipmi=hang")
        self.nothing_was_read(self.check("--timeout", "1", policy=policy), "longer than")
        self.assertEqual(self.events("connected"), [])


class Kept(RedfishCase):
    """What is known of the boards is kept for a while, of this boot and this BMC alone."""

    settings = (*GOOD, "inventory.psb=4.160.3.0", "pcie.switches=0")

    def setUp(self):
        super().setUp()
        self.memory = self.machine.path("scratch/hostprep/redfish.json")

    def asked(self, *arguments, **more):
        """Whether the inventory was asked for."""
        before = len(self.requests())
        self.report = self.check(*arguments, **more)
        self.assertEqual(set(self.bios(self.report).values()), {"pass"})
        return any("FirmwareInventory" in r for r in self.requests()[before:])

    def change(self, **boards):
        document = json.loads(self.memory.read_text(encoding="utf-8"))
        document["boards"].update(boards)
        self.memory.write_text(json.dumps(document), encoding="utf-8")

    def test_kept(self):
        self.assertTrue(self.asked())
        self.bmc.set("inventory.psb=4.150.0.0")
        self.assertFalse(self.asked())
        found = finding(self.report, "psb-firmware", "0000:16:00.0")
        self.assertEqual(found["state"], "pass")
        self.assertIn("kept since", json.dumps(found["evidence"]))
        self.assertIn("--refresh", json.dumps(found["evidence"]))
        self.assertTrue(self.asked("--refresh"))
        self.assertEqual(self.boards(self.report), {"fail"})
        self.assertFalse(self.asked())
        self.assertEqual(self.boards(self.report), {"fail"})

    def test_not_for_ever(self):
        self.assertTrue(self.asked())
        now = int(time.time())
        for change in ({"at_s": now - 4 * 3600 - 5}, {"at_s": now + 3600}, {"at_s": "x"}, {"origin": "https://192.0.2.1"}, {"origin": 7},
                       {"boot": "0"}, {"facts": 3}, {"facts": []}, {"read": 0}):
            self.change(**change)
            self.assertTrue(self.asked(), change)
            self.assertFalse(self.asked(), change)
        self.change(at_s=now - 4 * 3600 + 60)
        self.assertFalse(self.asked())

    def test_not_of_another_boot(self):
        self.assertTrue(self.asked())
        self.machine.reboot()
        self.assertTrue(self.asked())
        self.assertFalse(self.asked())

    def test_damaged(self):
        self.assertTrue(self.asked())
        good = self.memory.read_bytes()
        for text in (b"", b"{", b"[]", b"null", good[:-20], good * 2, b"\xff" * 100, b"x" * 300000, b'{"boards": 7}',
                     b'{"refused": 3, "salt": "x", "boards": {"facts": {}}}'):
            self.memory.write_bytes(text)
            self.assertTrue(self.asked(), text[:40])
            self.assertEqual(self.boards(self.report), {"pass"})

    def test_nothing_is_kept_of_a_failure(self):
        self.fault(INVENTORY, "members-empty")
        self.assertTrue(self.asked())
        self.assertFalse(self.memory.exists())

    def test_where_nothing_can_be_written(self):
        self.memory.mkdir()
        self.assertTrue(self.asked())
        self.assertTrue(self.asked())
        shutil.rmtree(self.machine.path("scratch/hostprep"))
        shutil.rmtree(self.machine.path("var/run/hostprep"))
        self.machine.path("var/run/hostprep").write_text("in the way", encoding="utf-8")
        self.assertTrue(self.asked())

    def test_a_secret_of_the_file_is_no_way_in(self):
        """A planted link is not followed, and what is planted decides nothing of the BIOS."""
        victim = pathlib.Path(f"{self.folder}/victim")
        victim.write_text("mine", encoding="utf-8")
        os.symlink(victim, self.memory)
        self.assertTrue(self.asked())
        self.assertEqual(victim.read_text(encoding="utf-8"), "mine")
        self.memory.unlink()
        self.assertTrue(self.asked())
        self.change(facts=[{"subject": "host", "name": "bios", "text": "read"}, {"subject": "host", "name": "bios.SriovGlobalEnable",
                           "text": "Disabled"}, {"subject": "host", "name": "psb.inventory", "text": "0"}])
        self.assertFalse(self.asked())
        self.assertEqual(self.boards(self.report), {"unknown"})


# ---- the rules of the built-in policy, by vendor ----

# check: its attributes on that BIOS, each with a value that is right and one that is wrong
RULES = {
    "dell-xe9680": {
        "bios-acs": [("ProcVirtualization", "Enabled", "Disabled")],
        "bios-virtualization": [("ProcVirtualization", "Enabled", "Disabled")],
        "bios-sriov": [("SriovGlobalEnable", "Enabled", "Disabled")],
        "bios-above-4g": [("MmioAbove4Gb", "Enabled", "Disabled")],
        "bios-power-profile": [("SysProfile", "PerfPerWattOptimizedOs", "PerfOptimized")],
        "bios-snoop-holdoff": [("SnoopHldOff", "Roll2KCycles", "Roll256Cycles")]},
    "hpe-dl380a": {
        "bios-acs": [("AccessControlService", "Enabled", "Disabled")],
        "bios-virtualization": [("ProcVirtualization", "Enabled", "Disabled"), ("IntelProcVtd", "Enabled", "Disabled")],
        "bios-sriov": [("Sriov", "Enabled", "Disabled")],
        "bios-power-profile": [("PowerRegulator", "OsControl", "StaticHighPerf")]},
    "supermicro-821ge": {
        "bios-acs": [("PCIeACSCTL_1E3C", "Enable", "Disable")],
        "bios-virtualization": [("IntelVirtualizationTechnology_3C6F", "Enable", "Disable"),
                                ("IntelVTforDirectedI_O_VT_d__1E32", "Enable", "Disable")],
        "bios-sriov": [("SR_IOVSupport_0047", "Enabled", "Disabled")],
        "bios-above-4g": [("Above4GDecoding_0041", "Enabled", "Disabled")],
        "bios-power-profile": [("PowerPerformanceTuning_3CE0", "OS Controls EPB", "BIOS Controls EPB")]},
    "lenovo-sr670": {
        "bios-acs": [("Processors_PCIeACSCTL", "Enabled", "Disabled")],
        "bios-virtualization": [("Processors_IntelVirtualizationTechnology", "Enabled", "Disabled"),
                                ("DevicesandIOPorts_IntelVTforDirectedIOVTd", "Enabled", "Disabled")],
        "bios-sriov": [("DevicesandIOPorts_SRIOV", "Enabled", "Disabled")]},
}
# reported only, and what such a BIOS has nothing of
REPORTED = {"dell-xe9680": {"bios-snc": "SubNumaCluster"}, "hpe-dl380a": {"bios-snc": "SubNumaClustering", "bios-snoop-holdoff":
            "SnoopResponseHoldOff"}, "supermicro-821ge": {"bios-snc": "SNC_F300"},
            "lenovo-sr670": {"bios-snc": "Processors_SNC", "bios-power-profile": "OperatingModes_ChooseOperatingMode"}}
OPTIONAL = {"dell-xe9680": {"bios-snoop-holdoff"}, "hpe-dl380a": {"bios-snc", "bios-snoop-holdoff"}, "supermicro-821ge": {"bios-snc"},
            "lenovo-sr670": {"bios-snc"}}
NAMES = {"dell-xe9680": "Dell Inc.", "hpe-dl380a": "HPE", "supermicro-821ge": "Supermicro", "lenovo-sr670": "Lenovo"}


class Rules(RedfishCase):
    settings = ()
    host_settings = ()

    def each(self):
        for tree, rules in RULES.items():
            with self.subTest(tree):
                self.bmc = redfish_hosts.mock(tree)
                self.mark = len(self.bmc.log())
                yield tree, rules
                self.look_at_sessions()

    def put(self, rules, prefix, which, only=None):
        """All attributes: 1 the right value, 2 the wrong one; or a text for each."""
        words = {f"{prefix}.{row[0]}={row[which] if isinstance(which, int) else which}" for rows in rules.values() for row in rows}
        self.bmc.set(*sorted(word for word in words if only is None or only in word))

    def all_are(self, tree, rules, state):
        states = self.bios(self.check())
        for check in BIOS:
            wanted = state if check in rules else "pass" if check in REPORTED[tree] else "not-applicable"
            self.assertEqual(states[check], wanted, (tree, check))

    def test_states(self):
        for tree, rules in self.each():
            self.put(rules, "bios", 1)
            self.all_are(tree, rules, "pass")
            self.put(rules, "pending", 2)
            self.all_are(tree, rules, "regressing")
            self.put(rules, "bios", 2)
            self.all_are(tree, rules, "fail")
            self.put(rules, "pending", 1)
            self.all_are(tree, rules, "pending-reboot")

    def test_absent_and_null(self):
        for tree, rules in self.each():
            for value, which in (("absent", 0), ("null", 1)):
                self.bmc.control("restore")
                self.put(rules, "bios", value)
                self.bmc.set(*(f"bios.{name}={value}" for name in REPORTED[tree].values()))
                report = self.check()
                states = self.bios(report)
                for check in rules:
                    wanted = "not-applicable" if check in OPTIONAL[tree] and not which else "unknown"
                    self.assertEqual(states[check], wanted, (tree, check, value))
                for check in REPORTED[tree]:
                    wanted = "not-applicable" if check in OPTIONAL[tree] and not which else "unknown"
                    self.assertEqual(states[check], wanted, (tree, check, value))
                self.assertIn(report["exit_code"], (2, 3))

    def test_one_of_two(self):
        """Of two attributes in one check both are wanted; the finding names both."""
        for tree, rules in self.each():
            rows = rules["bios-virtualization"]
            if len(rows) < 2:
                continue
            self.put(rules, "bios", 1)
            self.bmc.set(f"bios.{rows[1][0]}={rows[1][2]}")
            found = finding(self.check(), "bios-virtualization", "host")
            self.assertEqual(found["state"], "fail")
            for name, right, _ in rows:
                self.assertIn(f"{name} {right}", found["want"])
                self.assertIn(name, found["now"])
            self.assertIn(f"{rows[1][0]}={rows[1][1]}", found["remedy"]["text"])
            self.assertNotIn(f"{rows[0][0]}=", found["remedy"]["text"])
            self.bmc.set(f"bios.{rows[1][0]}=absent")
            self.assertEqual(finding(self.check(), "bios-virtualization", "host")["state"], "unknown")
            self.bmc.set(f"bios.{rows[0][0]}={rows[0][2]}")
            self.assertEqual(finding(self.check(), "bios-virtualization", "host")["state"], "fail")

    def test_other_words_of_right(self):
        self.bmc = redfish_hosts.mock("supermicro-821ge", "bios.PCIeACSCTL_1E3C=Enabled", "bios.SR_IOVSupport_0047=Enable")
        self.mark = len(self.bmc.log())
        states = self.bios(self.check())
        self.assertEqual((states["bios-acs"], states["bios-sriov"]), ("pass", "pass"))
        self.bmc = redfish_hosts.mock("supermicro-821ge", "bios.PCIeACSCTL_1E3C=absent", "bios.PCIeACSCTL_ABCD=Enable",
                                      "bios.SR_IOVSupport_0047=absent", "bios.SR_IOVSupport_ABCDE=Enabled")
        self.mark = len(self.bmc.log())
        states = self.bios(self.check())
        self.assertEqual((states["bios-acs"], states["bios-sriov"]), ("pass", "unknown"))
        self.bmc = redfish_hosts.mock("hpe-dl380a", "bios.IntelProcVtd=absent", "bios.ProcAmdIoVt=Enabled")
        self.mark = len(self.bmc.log())
        self.assertEqual(self.bios(self.check())["bios-virtualization"], "pass")

    def test_integers_and_booleans(self):
        self.bmc = redfish_hosts.mock("dell-xe9680", *GOOD)
        self.mark = len(self.bmc.log())
        path = "json./redfish/v1/Systems/System.Embedded.1/Bios#/Attributes/SriovGlobalEnable="
        for value, want, state in (("1", "'1'", "pass"), ("true", "'true'", "pass"), ("false", "'true'", "fail"), ("-7", "'-7'", "pass"),
                                   ("1.5", "'1.5'", "unknown"), ("[]", "'x'", "unknown"), ("{}", "'x'", "unknown"),
                                   ('""', "'x'", "fail"), ('"a\\u0007b"', "'x'", "fail"), ("9999999999999999999", "'x'", "unknown")):
            self.bmc.set(path + value)
            extra = f"bios: {{bios-sriov: [{{vendor: '*', attribute: SriovGlobalEnable, want: {want}}}]}}\n"
            self.assertEqual(self.bios(self.check(policy=self.policy(extra)))["bios-sriov"], state, value)

    def test_site_rules(self):
        self.bmc = redfish_hosts.mock("dell-xe9680", *GOOD)
        self.mark = len(self.bmc.log())

        def sriov(rules):
            return finding(self.check(policy=self.policy(f"bios: {{bios-sriov: {rules}}}\n")), "bios-sriov", "host")

        found = sriov("[{vendor: '*dell*', attribute: ProcX2Apic, want: Disabled}]")  # takes the place of the built-in one
        self.assertEqual((found["state"], found["now"], found["want"]), ("fail", "Enabled", "Disabled"))
        self.assertEqual(sriov("[{vendor: 'hpe*', attribute: ProcX2Apic, want: Disabled}]")["state"], "pass")
        self.assertEqual(sriov("[{vendor: '*dell*', model: '*R750', attribute: ProcX2Apic, want: Disabled}]")["want"], "Enabled")
        self.assertEqual(sriov("[{vendor: '*dell*', model: '*xe9680', attribute: ProcX2Apic, want: Disabled}]")["state"], "fail")
        self.assertEqual(sriov("[{vendor: '*dell*', attribute: [Nothing, ProcX2Apic], want: [Off, enabled]}]")["state"], "pass")
        found = sriov("[{vendor: '*dell*', attribute: ProcX2Apic}]")
        self.assertEqual((found["state"], found["want"]), ("pass", "any"))
        self.assertIn("reported only", found["text"])
        self.assertEqual(sriov("[{vendor: '*dell*', attribute: Nothing, want: x}]")["state"], "unknown")
        self.assertEqual(sriov("[{vendor: '*dell*', attribute: Nothing, want: x, optional: true}]")["state"], "not-applicable")
        found = sriov("[{vendor: '*dell*', attribute: SriovGlobalEnable, want: Enabled}, "
                      "{vendor: '*', attribute: ProcX2Apic, want: Disabled}]")
        self.assertEqual(found["state"], "fail")
        self.assertEqual(found["now"], "SriovGlobalEnable Enabled, ProcX2Apic Enabled")

    def test_snc(self):
        """For information, until the policy says what is wanted and how severe it is."""
        self.bmc = redfish_hosts.mock("dell-xe9680", *GOOD)
        self.mark = len(self.bmc.log())
        found = finding(self.check(), "bios-snc", "host")
        self.assertEqual((found["state"], found["severity"], found["now"], found["want"]), ("pass", "info", "Disabled", "any"))
        rules = "bios: {bios-snc: [{vendor: '*dell*', attribute: SubNumaCluster, want: 2-Way}]}\n"
        report = self.check(policy=self.policy(rules))
        self.assertEqual((finding(report, "bios-snc", "host")["state"], report["exit_code"]), ("fail", 0))
        report = self.check(policy=self.policy(rules + "checks: {bios-snc: {severity: major}}\n"))
        self.assertEqual((finding(report, "bios-snc", "host")["severity"], report["exit_code"]), ("major", 2))

    def test_other_vendor(self):
        self.bmc = redfish_hosts.mock("ami-dgx")
        self.mark = len(self.bmc.log())
        report = self.check()
        self.assertEqual(set(self.bios(report).values()), {"unknown"})
        found = finding(report, "bios-sriov", "host")
        self.assertIn('"NVIDIA"', found["text"])
        self.assertIn("policy", found["remedy"]["text"])
        rules = "bios: {bios-sriov: [{vendor: nvidia, model: DGX*, attribute: SRIOVEnable, want: Enable}]}\n"
        states = self.bios(self.check(policy=self.policy(rules)))
        self.assertEqual(states.pop("bios-sriov"), "pass")
        self.assertEqual(set(states.values()), {"not-applicable"})

    def test_the_first_system_with_a_bios(self):
        """Of two, the host's is the first one that has a BIOS; the other's maker does not count."""
        self.bmc = redfish_hosts.mock("ami-dgx")
        self.mark = len(self.bmc.log())
        other = "json./redfish/v1/Systems/HGX_Baseboard_0#/"
        self.bmc.set(other + 'Bios={"@odata.id":"/redfish/v1/Systems/HGX_Baseboard_0/Bios"}', other + "Manufacturer=Dell Inc.")
        self.assertIn('"NVIDIA"', finding(self.check(), "bios-sriov", "host")["text"])

    def test_explain_names_them(self):
        for check in BIOS:
            self.assertEqual(run("explain", check).returncode, 0)


class Boards(RedfishCase):
    def psb(self, *settings, host=(), extra="", vendor=None):
        self.bmc.control("restore")
        self.bmc.set(*self.settings, *settings)
        if vendor:
            self.machine.set(f"host.vendor={vendor}")
        if host:
            self.machine.set(*host)
        report = self.check("--refresh", policy=self.policy(extra))
        return finding(report, "psb-firmware", "0000:16:00.0"), hosts.states(report, "psb-firmware")

    def test_functions(self):
        found, states = self.psb()
        self.assertEqual((found["state"], set(states.values())), ("pass", {"pass"}))
        self.assertIn("PCIe functions", found["text"])
        self.assertEqual(len(states), 8)
        _, states = self.psb("pcie.subsystem=224b,2330")
        self.assertEqual(sorted(states.values()), ["fail"] * 4 + ["pass"] * 4)
        for ids in ("pcie.subsystem=0000", "pcie.subsystem=22f7", "pcie.subsystem_vendor=15d9"):
            found, states = self.psb(ids)
            self.assertEqual(set(states.values()), {"unknown"}, ids)
        _, states = self.psb("pcie.switches=3")
        self.assertEqual(sorted(states.values()), ["pass"] * 3 + ["unknown"] * 5)
        _, states = self.psb("pcie.downstream=2")
        self.assertEqual(set(states.values()), {"pass"})
        path = "json./redfish/v1/Chassis/System.Embedded.1/PCIeDevices/22-0/PCIeFunctions/22-0-0#/"
        for change in ("DeviceId=0x2330", "VendorId=0x10de", "SubsystemId=absent", "SubsystemId=zzzz", "SubsystemId=8752"):
            found, states = self.psb(path + change)
            self.assertEqual((found["state"], sorted(states.values()).count("pass")), ("unknown", 7), change)

    def test_functions_of_another_number(self):
        """Function 1 of the same device is no word on function 0."""
        place = "json./redfish/v1/Chassis/System.Embedded.1/PCIeDevices/22-0/PCIeFunctions#/Members"
        other = "/redfish/v1/Chassis/System.Embedded.1/PCIeDevices/56-0/PCIeFunctions/56-0-0"
        found, states = self.psb(f'{place}=[{{"@odata.id":"{other}"}}]')
        self.assertEqual((found["state"], sorted(states.values()).count("pass")), ("unknown", 7))

    def test_inventory(self):
        for versions, state in (("4.160.3.0,4.160.3.0", "pass"), ("4.160.3.0,4.160.2.9", "fail"), ("4.160.3", "pass"), ("4.161", "pass"),
                                ("4.160.10.0", "pass"), ("4.99.99.99", "fail"), ("blank", "unknown"), ("4.160.3.0,blank", "unknown"),
                                ("blank,4.150", "fail"), ("1.7.5F", "unknown"), ("4.160.3.0-rc1", "unknown"), ("4,4.160.3.0", "fail")):
            found, _ = self.psb(f"inventory.psb={versions}", "pcie.switches=0")
            self.assertEqual(found["state"], state, versions)
            self.assertIn("firmware inventory", found["text"])
        found, _ = self.psb("pcie.switches=0")
        self.assertEqual(found["state"], "unknown")
        self.assertIn("has no entry", found["text"])

    def test_only_what_is_installed(self):
        """Previous-, Current- and Available- are not what runs."""
        for also in ("Previous", "Available", "Current", "Previous,Current,Available"):
            found, _ = self.psb("inventory.psb=4.160.3.0", f"inventory.psb.also={also}", "pcie.switches=0")
            self.assertEqual(found["state"], "pass", also)
            found, _ = self.psb("inventory.psb=4.150.0.0", f"inventory.psb.also={also}", "pcie.switches=0")
            self.assertEqual(found["state"], "fail", also)

    def test_names(self):
        for name, found_there in (("PSB", True), ("PSB_1", True), ("PCI-e Switch Board", True), ("PEX89144", True), ("Atlas 2", True),
                                  ("BROADCOM PCIE SWITCH", True), ("Fryer", False), ("NVSwitch PSB", False), ("PCIe Switch CPLD", False),
                                  ("HGX PCIe Switch", False), ("PCIe Retimer", False), ("Ethernet Switch", False), ("Backplane PSB", False)):
            # the name of the slot would be found too, so that it is only the name that counts
            path = "json./redfish/v1/UpdateService/FirmwareInventory/Installed-0-4.160.3.0__PCIeSwitch.Slot.1#/"
            oem = path + "Oem/Dell/DellSoftwareInventory/ElementName"
            found, _ = self.psb("inventory.psb=4.160.3.0", "pcie.switches=0", f"{path}Name={name}", f"{oem}={name}",
                                f"{path}Id=Installed-0-4.160.3.0__Slot.1")
            self.assertEqual(found["state"], "pass" if found_there else "unknown", name)

    def test_pattern_of_the_policy(self):
        found, _ = self.psb("pcie.switches=0", extra="psb: {match: '*System CPLD*'}\n")
        self.assertEqual((found["state"], found["now"]), ("fail", "1.5.0"))
        found, _ = self.psb("pcie.switches=0", "inventory.psb=4.160.3.0", extra="psb: {match: '*nothing*'}\n")
        self.assertEqual(found["state"], "unknown")

    def test_sources_that_differ(self):
        found, _ = self.psb("pcie.subsystem=224b", "inventory.psb=4.160.3.0")
        self.assertEqual(found["state"], "fail")
        self.assertIn("Otherwise: ", found["text"])
        found, _ = self.psb("pcie.switches=0", extra="psb: {version: '4.160.3.0'}\n")
        self.assertEqual((found["state"], found["now"]), ("pass", "4.160.3.0 (stated)"))
        found, _ = self.psb("pcie.switches=0", "inventory.psb=4.150", extra="psb: {version: '4.160.3.0'}\n")
        self.assertEqual(found["state"], "fail")
        self.assertIn("Stated by the operator", found["text"])

    def other(self, tree, vendor, minimum, *settings):
        self.bmc = redfish_hosts.mock(tree, *settings)
        self.mark = len(self.bmc.log())
        self.machine.set(f"host.vendor={vendor}")
        extra = f"psb: {{minimum: '{minimum}'}}\n" if minimum else ""
        report = self.check("--refresh", policy=self.policy(extra))
        self.look_at_sessions()
        return finding(report, "psb-firmware", "0000:16:00.0")

    def test_other_vendors(self):
        """Their versions are compared with a minimum that the policy gives, and with no other."""
        for tree, vendor, minimum, settings, state in (
                ("ami-dgx", "NVIDIA", None, (), "not-applicable"), ("supermicro-821ge", "Supermicro", None, (), "not-applicable"),
                ("ami-dgx", "NVIDIA", "0.0.7", (), "pass"), ("ami-dgx", "NVIDIA", "0.1", (), "fail"),  # 0.0.7 and 1.0.7: both count
                ("supermicro-821ge", "Supermicro", "1.0", (), "unknown"),  # HGX_FW_PCIeSwitch_0 1.7.5F and the CPLD are no boards
                ("supermicro-821ge", "Supermicro", "1.0", ("inventory.psb=1.2",), "pass"),
                ("supermicro-821ge", "Supermicro", "1.3", ("inventory.psb=1.2",), "fail"),
                ("lenovo-sr670", "Lenovo", "1.0", (), "unknown"),  # "Switched 4x x16 PCIe Gen4" is no name that is known
                ("hpe-dl380a", "HPE", "2.0", ("inventory.psb=2.0.1", "inventory.psb.name=PCIe Switch"), "pass")):
            with self.subTest(f"{tree} {minimum} {settings}"):
                self.assertEqual(self.other(tree, vendor, minimum, *settings)["state"], state)


def main():
    """Without names of tests: half of them in a process of its own, because most of the time is waiting."""
    half = ("Busy", "Ends", "Trust", "Kept", "Auto", "Rules")
    if len(sys.argv) != 3:
        hosts.main(__doc__)
    with subprocess.Popen([sys.executable, *sys.argv, *half], env={**os.environ, "HP_OTHER_HALF": "1"}) as other:
        done = subprocess.run([sys.executable, *sys.argv, "Reads", "Login", "Answers", "Boards"], check=False).returncode
        sys.exit(other.wait() or done)


if __name__ == "__main__":
    main()
