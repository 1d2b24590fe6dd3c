"""Simulated hosts beside a mock BMC (tests/redfish), for the end-to-end tests of what is read over Redfish."""
import json
import os
import pathlib
import sys
import threading
import time

import hosts

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "redfish"))
import harness  # noqa: E402  pylint: disable=wrong-import-position

USER, PASSWORD = "reader-7Qx", "Zq8-Made-Up!w"
BIOS = ("bios-above-4g", "bios-acs", "bios-power-profile", "bios-snc", "bios-snoop-holdoff", "bios-sriov",
        "bios-virtualization")
ONLY = ("--only", "bios-*,psb*")
# As the paper has it, on the Dell of the mock.
GOOD = ("bios.SriovGlobalEnable=Enabled", "bios.SysProfile=PerfPerWattOptimizedOs", "bios.SnoopHldOff=Roll2KCycles")
REQUESTS_MOST = 300  # HP_REDFISH_REQUESTS

_running = {}


def mock(tree, *settings):
    """The running service of a tree, as it was at its start."""
    if tree not in _running:
        _running[tree] = start(tree)
    bmc = _running[tree]
    bmc.control("restore")
    if settings:
        bmc.set(*settings)
    return bmc


class Mock(harness.Running):
    """A running service whose log is read as it grows."""

    def __init__(self, *words):
        self.lines, self.at, self.lock = [], 0, threading.Lock()
        super().__init__(*words)

    def log(self, event=None):
        with self.lock, open(self.folder / "log", "rb") as file:
            file.seek(self.at)
            new = file.read()
            new = new[:new.rfind(b"\n") + 1]
            self.at += len(new)
            self.lines += [json.loads(line) for line in new.splitlines()]
        return [line for line in self.lines if event in (None, line["event"])]


def start(tree, *settings):
    return Mock(tree, f"user={USER}", f"password={PASSWORD}", *settings)


def stop_all():
    while _running:
        _running.popitem()[1].stop()


class RedfishCase(hosts.TestCase):
    """Whatever a run is about: it ends each session that it opened, sends nothing to any other place, asks within its
    limits, and nothing that it leaves holds a password or a token."""

    tree = "dell-xe9680"
    settings = GOOD
    host_settings = ("psb.*.subdevice=0000",)

    def setUp(self):
        super().setUp()
        self.bmc = mock(self.tree, *self.settings)
        self.mark = len(self.bmc.log())
        self.left_open = 0  # sessions that nothing could have ended
        self.texts = []
        self.files = []
        self.machine = self.host("ready-9.0", *self.host_settings)
        self.addCleanup(self.look_for_secrets)
        self.addCleanup(self.look_at_sessions)

    # The BMC's side

    def events(self, event=None):
        self.bmc.log()
        return [one for one in self.bmc.lines[self.mark:] if event in (None, one["event"])]

    def requests(self, start=""):
        """"GET /redfish/v1" and so on."""
        lines = [f"{one['method']} {one['path']}" for one in self.events("request")]
        return [line for line in lines if line.startswith(start)]

    def look_at_sessions(self):
        created, ended = ({one["id"] for one in self.events(name)} for name in ("session-created", "session-deleted"))
        ended |= {one["id"] for one in self.events("session-dropped")}
        self.assertEqual(len(created - ended), self.left_open, sorted(created - ended))
        self.assertEqual([one for one in self.events("request") if one["door"] not in ("main", "main6")], [])
        self.assertEqual([one for one in self.events("request") if "authorization" in one["sent"]], [])
        self.assertEqual([one for one in self.events("request") if one["method"] not in ("GET", "POST", "DELETE")], [])

    def secrets(self):
        return [PASSWORD, *(one["token"] for one in self.events("session-created"))]

    def look_for_secrets(self):
        """In what was printed, in the tree, and in files that were asked for."""
        places = {f"output {number}": text for number, text in enumerate(self.texts)}
        paths = [path for path in pathlib.Path(self.machine.root).rglob("*") if path.is_file() and not path.is_symlink()]
        for path in [*paths, *(pathlib.Path(file) for file in self.files)]:
            places[str(path)] = path.read_bytes() if path.exists() else b""
        secrets = [secret.encode() for secret in self.secrets()]
        for place, content in places.items():
            for secret in secrets:
                self.assertFalse(secret in content, f"{secret} in {place}")

    # The host's side

    def credentials(self, password=PASSWORD, user=USER, name="credentials", mode=0o600, text=None):
        path = f"{self.folder}/{name}"
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        os.write(descriptor, (text if text is not None else f"user: {user}\npassword: {password}\n").encode())
        os.fchmod(descriptor, mode)
        os.close(descriptor)
        return path

    def policy(self, extra="", trust=None, url=None, credentials=None, limits=""):
        trust = trust or f"cafile: {self.bmc.ready['ca']}"
        path = f"{self.folder}/policy.yaml"
        pathlib.Path(path).write_text(
            f"redfish: {{url: '{url or self.bmc.ready['url']}', credentials_file: '{credentials or self.credentials()}', "
            f"{trust}{limits}}}\n{extra}", encoding="utf-8")
        return path

    def check(self, *arguments, policy=None, only=ONLY, within=60):
        """The JSON report; its exit code and the process's agree."""
        began = time.monotonic()
        before = len(self.bmc.log())
        done = self.machine.run("check", "--format", "json", *only, *arguments, "--policy", policy or self.policy())
        took = time.monotonic() - began
        self.texts += [done.stdout, done.stderr]
        self.assertLess(took, within)
        report = json.loads(done.stdout)
        self.assertEqual(report["exit_code"], done.returncode)
        asked = [one for one in self.bmc.log()[before:] if one["event"] == "request"]
        self.assertLessEqual(len(asked), REQUESTS_MOST)
        self.assertEqual([one for one in report["findings"] if one["state"] == "fail" and not one["evidence"]], [])
        return report

    def bios(self, report):
        """State by check."""
        return {one["check"]: one["state"] for one in report["findings"] if one["check"] in BIOS}

    def boards(self, report):
        return set(hosts.states(report, "psb-firmware").values())

    def nothing_was_read(self, report, words=""):
        self.assertEqual(set(self.bios(report).values()), {"unknown"})
        self.assertEqual(self.boards(report), {"unknown"})
        for check in BIOS:
            self.assertIn(words, hosts.finding(report, check, "host")["text"])
        return hosts.finding(report, "bios-sriov", "host")

    def all_right(self, report):
        self.assertEqual(set(self.bios(report).values()), {"pass"})
        self.assertEqual(self.boards(report), {"pass"})
        self.assertEqual(report["exit_code"], 0)

    def fault(self, glob, text):
        self.bmc.set(f"fault.{glob}={text}")
