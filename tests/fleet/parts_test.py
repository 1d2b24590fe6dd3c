#!/usr/bin/env python3
"""The parts of hostprep-fleet that need no host: parts_test.py"""
import json
import pathlib
import shlex
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "scripts/hostprep-fleet"))

from fleet import hosts, options, transport # pylint: disable=wrong-import-position
from fleet.classify import classify # pylint: disable=wrong-import-position
from fleet.engine import Answer # pylint: disable=wrong-import-position
from fleet.errors import Trouble # pylint: disable=wrong-import-position
from fleet.run import Run # pylint: disable=wrong-import-position


def parse(line):
    return options.parse(shlex.split(line))


def report(**more):
    return json.dumps({"schema": "hostprep.host", "schema_version": "1.0.0", "exit_code": 0, "verdict": "compliant",
                       "policy": {"sha256": "0" * 64}, "findings": [{}], "errors": [], **more}).encode()


class Classify(unittest.TestCase):
    """The words are OpenSSH's."""

    CASES = (
        (255, b"", "@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!   @\nHost key verification failed.\n", "hostkey"),
        (255, b"", "No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.",
         "hostkey"),
        (255, b"", "root@h: Permission denied (publickey).", "auth"),
        (255, b"", "Received disconnect from h port 22:2: Too many authentication failures", "auth"),
        (255, b"", "ssh: Could not resolve hostname h: Name or service not known", "dns"),
        (255, b"", "ssh: connect to host h port 22: Connection refused", "refused"),
        (255, b"", "Connection timed out during banner exchange", "timeout"),
        (255, b"", "ssh: connect to host h port 22: Connection timed out", "unreachable"),
        (255, b"", "ssh: connect to host h port 22: No route to host", "unreachable"),
        (255, b"", "kex_exchange_identification: Connection closed by remote host", "unreachable"),
        (255, b"", "Timeout, server h not responding.", "timeout"),
        (255, b"", "something new", "bad-output"),
        (127, b"", "sh: /opt/hostprep/bin/hostprep: not found", "no-agent"),
        (126, b"", "sh: hostprep: Operation not permitted", "no-agent"),
        (126, b"", "sh: hostprep: Permission denied", "no-agent"),
        (0, b"{}", "Permission denied, said a tool", "ok"),
        (2, b"{}", "Connection refused, said a tool", "ok"),
        (2, b"\n", "", "bad-output"), (0, b"", "", "bad-output"), (64, b"", "usage", "bad-output"), (9, b"{}", "", "bad-output"),
        (137, b"{}", "", "bad-output"), (1, b"", "govc: Post https://vc: dial tcp: Connection refused", "refused"),
    )

    def test_all(self):
        for rc, stdout, stderr, want in self.CASES:
            self.assertEqual(classify(rc, stdout, stderr)[0], want, (rc, stderr))
            self.assertEqual(classify(rc, stdout, stderr)[1] is None, want == "ok")
        self.assertIn("unknown option --x", classify(64, b"", "hostprep: unknown option --x\nhostprep: `hostprep --help` lists")[1])


class Hosts(unittest.TestCase):
    def file(self, data):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return hosts.from_file(file.name)

    def test_file(self):
        found = self.file(b"\xef\xbb\xbf# all\r\n[cl01]\r\na.x\r\nb.x\r\n[cl02]\nb.x\n[]\nfe80::1%eth0\na.x\n\n")
        self.assertEqual(found.groups, {"a.x": ["cl01"], "b.x": ["cl01", "cl02"], "fe80::1%eth0": []})
        self.assertEqual(found.repeated, 1)
        self.assertEqual(self.file(found.text().encode()).groups, found.groups)
        for bad in (b"ok\na b\n", b"x\n-o\n", b"ok\n\xff\n", b"ok\nesx[1-2]\n", b"ok\n@group\n", b"ok\na;b\n", b"ok\n[a b]\n"):
            with self.assertRaises(Trouble) as caught:
                self.file(bad)
            self.assertEqual(caught.exception.code, 64)
            self.assertIn("line 2", str(caught.exception))

    def test_file_of_powershell(self):
        for data in (b"\xff\xfe" + "[cl01]\r\na.x\r\n".encode("utf-16-le"), b"\xfe\xff" + "[cl01]\na.x".encode("utf-16-be")):
            self.assertEqual(self.file(data).groups, {"a.x": ["cl01"]})
        with self.assertRaises(Trouble) as caught: # cut in the middle of a character
            self.file(b"\xff\xfe" + "a.x\r\nb.x".encode("utf-16-le")[:-1])
        self.assertIn("line 2", str(caught.exception))

    def test_five_thousand_irregular_names_are_quick(self):
        names = [f"esx-r{i % 50:02}-{i}.dc{i % 7}-cl{i // 9:03}.example.com" for i in range(5000)]
        began = time.monotonic()
        found = self.file("\n".join(names).encode())
        self.assertEqual(found.names, names)
        self.assertLess(time.monotonic() - began, 5) # folding them takes 17 s

    def test_node_sets(self):
        self.assertEqual(hosts.from_nodes("esx[08-10].lab").names, ["esx08.lab", "esx09.lab", "esx10.lab"])
        for bad in ("esx[1-", "a;b", "-x"):
            with self.assertRaises(Trouble):
                hosts.from_nodes(bad)


class CommandLine(unittest.TestCase):
    def test_refused(self):
        for line, said in (("", "missing"), ("frob", "unknown command"), ("scan", "which hosts"),
                           ("scan --hosts a --nodes b", "go together"), ("scan --hosts a --fanout 0", "--fanout"),
                           ("scan --hosts a --fanout x", "--fanout"), ("scan --hosts a --timeout ''", "empty"),
                           ("scan --hosts a --hosts b", "twice"), ("scan --hosts - --policy -", "standard input"),
                           ("scan --hosts a --apply", "--apply"), ("scan --hosts a --color blue", "--color"),
                           ("scan --resume a --dir b", "--resume"), ("fix --hosts a --tree", "gateways"), ("scan --hosts a stray", "stray")):
            with self.assertRaises(Trouble) as caught:
                parse(line)
            self.assertEqual(caught.exception.code, 64, line)
            self.assertIn(said, str(caught.exception))

    def test_help_is_80_wide_and_whole(self):
        for command in (None, "scan", "fix"):
            text = options.help_text(command)
            self.assertLessEqual(max(map(len, text.splitlines())), 80)
        for name, *_ in options.OPTIONS:
            self.assertIn(f"--{name}", options.help_text())
            self.assertIn(f"Fl -{name}", options.man_page())


class Transport(unittest.TestCase):
    def make(self, line, policy=None):
        command, o = parse(line)
        return transport.of_options(command, o, policy, "/cfg")

    def test_ssh_words(self):
        words = self.make("scan --hosts h --only 'hca-*' --timeout 60", b"x").words("esx01")
        self.assertEqual(words[:3], ["ssh", "-F", "/cfg"])
        self.assertEqual(words[-2], "esx01")
        self.assertEqual(shlex.split(words[-1]), ["/opt/hostprep/bin/hostprep", "check", "--format", "json", "--deadline", "54",
                                                  "--policy", "-", "--only", "hca-*"])
        for option in ("BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ControlMaster=no",
                       "PasswordAuthentication=no"):
            self.assertIn(option, words)
        self.assertNotIn("-tt", words)

    def test_exec_words(self):
        way = self.make("scan --hosts h --transport 'exec:env -x %h \"a b\" 100%% %c'")
        words = way.words("esx;01")
        self.assertEqual(words[:5], ["env", "-x", "esx;01", "a b", "100%"])
        self.assertEqual(shlex.split(words[5])[1], "check")
        way = self.make("scan --hosts h --transport 'exec:env %h %w'")
        self.assertEqual(way.words("x")[2:4], ["/opt/hostprep/bin/hostprep", "check"])
        for bad in ("exec:", "exec:env", "exec:env %x", "exec:env %h %", "exec:env '%h", "telnet", "exec:env a%w %h", "exec:not-on-this-machine %h",
                    "exec:sh %h hostprep fix", "exec:sh %h 'hostprep undo --last'"):
            with self.assertRaises(Trouble, msg=bad) as caught:
                self.make(f"scan --hosts h --transport {shlex.quote(bad)}")
            self.assertEqual(caught.exception.code, 64)

    def test_a_fix_is_a_dry_run_unless_it_is_applied(self):
        own = "--transport 'exec:env hostprep fix --root %h'"
        self.assertIn("--dry-run", self.make(f"fix --hosts h {own}").words("x"))
        self.assertNotIn("--dry-run", self.make(f"fix --hosts h {own} --apply").words("x"))
        self.assertIn("--dry-run", self.make("fix --hosts h").words("x")[-1])
        self.assertNotIn("--dry-run", self.make("fix --hosts h --apply --bios").words("x")[-1])
        words = self.make("fix --hosts h --transport 'exec:ssh %h hostprep fix --format json'").words("x")
        self.assertEqual(words, ["ssh", "x", "hostprep", "fix", "--dry-run", "--format", "json"])
        for line in ("--transport 'exec:env %h'", "--transport 'exec:ssh -l fix %h hostprep fix'",
                     "--transport 'exec:ssh %h hostprep fix ; true'", "--transport 'exec:ssh %h hostprep fix $(id)'", "--transport 'exec:env hostprep fix --dry-run %h' --apply"):
            with self.assertRaises(Trouble):
                self.make(f"fix --hosts h {line}")


class Asked(unittest.TestCase):
    """Who is asked again, and when a fix stops."""

    class Engine:
        def __init__(self):
            self.stopping, self.again = False, []

        def schedule(self, names, _done):
            self.again += names

    class Folder:
        def __init__(self):
            self.rows, self.head, self.tried = [], {"policy_sha256": None}, {"earlier"}

        def keep(self, name, state, reason, answer, attempts):
            self.rows.append((name, state, attempts))

    class Progress:
        def step(self, good):
            pass

    def run_of(self, line):
        command, o = parse(line)
        return Run(command, o, self.Engine(), self.Folder(), self.Progress())

    def answer(self, stderr="", rc=255, stdout=b"", timed_out=False):
        answer = Answer("h")
        answer.rc, answer.timed_out = rc, timed_out
        answer.stdout += stdout
        answer.stderr += stderr.encode()
        return answer

    def test_only_what_can_change_is_asked_twice(self):
        for stderr, again in (("No route to host", 1), ("Connection refused", 0), ("Permission denied", 0),
                              ("Could not resolve hostname", 0), ("Host key verification failed", 0)):
            run = self.run_of("scan --hosts h")
            run.done(self.answer(stderr))
            self.assertEqual(len(run.engine.again), again, stderr)
            if again:
                run.done(self.answer(stderr))
                self.assertEqual((len(run.engine.again), run.folder.rows[0][2]), (1, 2))
        for stderr, again in (("ssh: connect to host h port 22: No route to host\r\n", 1),
                              ("ssh: connect to host h port 22: Connection timed out", 1),
                              ("kex_exchange_identification: Connection closed by remote host\r\n"
                               "Connection closed by 10.0.0.1 port 22\r\n", 1),
                              ("Connection to h closed by remote host.", 0), ("client_loop: send disconnect: Broken pipe", 0),
                              ("a tool: No route to host\nConnection to h closed by remote host.", 0)):
            run = self.run_of("fix --hosts h --apply")
            run.done(self.answer(stderr))
            self.assertEqual(len(run.engine.again), again, stderr)
        for line, again in (("scan --hosts h", 1), ("fix --hosts h", 1), ("fix --hosts h --apply", 0)):
            run = self.run_of(line)
            run.done(self.answer(timed_out=True))
            self.assertEqual(len(run.engine.again), again, line)

    def test_a_fix_stops(self):
        for code, apply, failed in ((0, True, 0), (4, True, 0), (2, True, 1), (3, True, 1), (1, True, 1), (2, False, 0), (1, False, 1)):
            stops = bool(failed and apply)
            run = self.run_of(f"fix --hosts h {'--apply' if apply else ''}")
            run.done(self.answer(rc=code, stdout=report(exit_code=code)))
            self.assertEqual((len(run.failed), run.engine.stopping), (failed, stops), (code, apply))
        for stdout, rc in ((b'{"exit_code": 0}', 0), (b"[]", 0), (b"null", 0), (report(exit_code=0), 2), (report()[:-3], 0),
                           (report(schema="x"), 0), (report(schema_version="2.0.0"), 0), (report(findings=[]), 0)):
            run = self.run_of("fix --hosts h --apply")
            run.done(self.answer(rc=rc, stdout=stdout))
            self.assertEqual(run.failed, ["h"], (stdout, rc))
        run = self.run_of("fix --hosts h --apply")
        run.folder.head["policy_sha256"] = "1" * 64
        run.done(self.answer(rc=0, stdout=report()))
        self.assertEqual(run.failed, ["h"])
        for name in ("new", "earlier"): # what is known of a host that was begun is not written over
            run.skip(name)
        self.assertEqual([row[0] for row in run.folder.rows[1:]], ["new"])
        run = self.run_of("fix --hosts h --canary 2 --batch 3")
        self.assertEqual([len(b) for b in run.batches(list("abcdefghi"))], [2, 3, 3, 1])


if __name__ == "__main__":
    unittest.main()
